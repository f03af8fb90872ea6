"use strict";
(function () {
  const root = document.documentElement;
  const theme = document.getElementById("theme");
  const themes = ["system", "light", "dark"];

  function stored() {
    try { return localStorage.getItem("archspec-theme"); } catch (error) { return null; }
  }
  function dress(name) {
    if (name === "system") { delete root.dataset.theme; } else { root.dataset.theme = name; }
    theme.textContent = "Theme: " + name;
    try { localStorage.setItem("archspec-theme", name); } catch (error) { /* a file may have no storage */ }
  }
  let worn = themes.includes(stored()) ? stored() : "system";
  theme.hidden = false;
  theme.addEventListener("click", function () {
    const dark = matchMedia("(prefers-color-scheme: dark)").matches;
    const order = dark ? ["system", "light", "dark"] : ["system", "dark", "light"];
    worn = order[(order.indexOf(worn) + 1) % order.length];
    dress(worn);
  });
  dress(worn);

  const table = document.getElementById("layers");
  const body = table.tBodies[0];
  const total = Number(table.dataset.macs);
  const heads = Array.from(table.tHead.rows[0].cells);
  const tools = document.getElementById("tools");
  const filter = document.getElementById("filter");
  const depth = document.getElementById("depth");
  const fold = document.getElementById("fold");
  const count = document.getElementById("count");
  const macsAt = heads.findIndex((head) => head.textContent === "macs");
  const numbers = heads.map((head, at) => (head.classList.contains("n") && at < heads.length - 1 ? at : -1)).filter((at) => at >= 0);
  const plain = new Intl.NumberFormat("en-US");

  const above = [];
  const rows = Array.from(body.rows, function (tr, place) {
    const level = Number(tr.dataset.l);
    above.length = level - 1;
    const row = {
      tr, place, level, parent: above[level - 2] || null, inside: false, open: false,
      repeat: "r" in tr.dataset, times: Number(tr.dataset.x || 1),
      path: tr.cells[0].textContent, folded: tr.dataset.p || tr.cells[0].textContent,
      type: tr.cells[1].textContent,
      values: numbers.map((at) => Number(tr.cells[at].textContent.replace(/,/g, ""))),
    };
    if (row.parent) { row.parent.inside = true; }
    above.push(row);
    return row;
  });
  let sorted = 0;
  let down = false;

  function value(row, at) {
    const times = fold.checked ? row.times : 1;
    if (at === heads.length - 1) { at = macsAt; }
    const number = numbers.indexOf(at);
    return number < 0 ? row.tr.cells[at].textContent : row.values[number] * times;
  }
  function visible(row, words) {
    if (fold.checked && row.repeat) { return false; }
    if (words) { return (row.path + " " + row.folded + " " + row.type).toLowerCase().includes(words); }
    for (let up = row.parent; up; up = up.parent) { if (!up.open) { return false; } }
    return true;
  }
  function element(tag, name, text) {
    const made = document.createElement(tag);
    made.className = name;
    made.textContent = text;
    return made;
  }
  function name(row, flat) {
    const cell = row.tr.cells[0];
    const path = fold.checked ? row.folded : row.path;
    const over = row.parent ? (fold.checked ? row.parent.folded : row.parent.path) : "";
    cell.style.setProperty("--in", flat ? 0 : row.level - 1);
    cell.title = path;
    cell.textContent = "";
    if (!flat && row.inside) {
      const turn = element("button", "turn", row.open ? "▾" : "▸");
      turn.type = "button";
      turn.setAttribute("aria-expanded", String(row.open));
      turn.setAttribute("aria-label", "inside " + path);
      turn.addEventListener("click", function () {
        row.open = !row.open;
        update();
        row.tr.cells[0].querySelector("button").focus();
      });
      cell.append(turn);
    } else if (!flat) {
      cell.append(element("span", "flat", ""));
    }
    cell.append(flat || !over ? path : path.slice(over.length + 1));
    if (fold.checked && row.times > 1) { cell.append(element("span", "times", "×" + row.times)); }
  }
  function update() {
    const words = filter.value.trim().toLowerCase();
    const flat = sorted > 0 || words !== "";
    const shown = rows.filter((row) => visible(row, words));
    const sign = down ? -1 : 1;
    if (sorted === 0) {
      shown.sort((a, b) => sign * (a.place - b.place));
    } else {
      shown.sort(function (a, b) {
        const one = value(a, sorted), other = value(b, sorted);
        return (one < other ? -sign : one > other ? sign : 0) || a.place - b.place;
      });
    }
    for (const row of shown) {
      const times = fold.checked ? row.times : 1;
      name(row, flat || down);
      numbers.forEach((at, index) => { row.tr.cells[at].textContent = plain.format(row.values[index] * times); });
      const part = total ? (100 * value(row, macsAt)) / total : 0;
      const share = row.tr.cells[heads.length - 1];
      share.querySelector("i").style.width = part.toFixed(2) + "%";
      share.lastChild.textContent = part.toFixed(1).padStart(6) + "%";
    }
    body.replaceChildren(...shown.map((row) => row.tr));
    heads.forEach(function (head, at) {
      if (at === sorted) { head.setAttribute("aria-sort", down ? "descending" : "ascending"); } else { head.removeAttribute("aria-sort"); }
    });
    const layers = fold.checked ? shown.reduce((sum, row) => sum + row.times, 0) : shown.length;
    count.textContent = layers + " of " + rows.length + " layers" + (layers > shown.length ? " in " + shown.length + " rows" : "");
  }
  function level() {
    for (const row of rows) { row.open = row.level < Number(depth.value); }
    update();
  }
  heads.forEach(function (head, at) {
    const button = element("button", "", head.textContent);
    button.type = "button";
    head.textContent = "";
    head.append(button);
    button.addEventListener("click", function () {
      down = at === sorted ? !down : numbers.includes(at) || at === heads.length - 1;
      sorted = at;
      update();
    });
  });
  tools.addEventListener("submit", (event) => event.preventDefault());
  filter.addEventListener("input", update);
  fold.addEventListener("change", update);
  depth.addEventListener("change", level);
  tools.hidden = false;
  level();
})();
