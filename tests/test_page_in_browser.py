"""The page as a person meets it, in a headless Chromium."""

from __future__ import annotations

import struct
import zlib
from collections.abc import Iterator
from pathlib import Path

import pytest

import archspec
from archspec.report.html import page
from tests.browser import CHROMIUM, DRIVER, Browser, browser
from tests.test_reports import hostile

pytestmark = pytest.mark.skipif(
    not (CHROMIUM and DRIVER), reason="needs chromium and chromedriver, which are not installed"
)
MODELS = ["poolformer_m36", "restormer", "vit_small_patch16_224", "gmlp_lm"]
OVERFLOW = "return document.documentElement.scrollWidth - document.documentElement.clientWidth"
ROWS = "return Array.from(document.querySelectorAll('#layers tbody tr'), tr => tr.cells[0].title)"


@pytest.fixture(scope="module")
def chromium(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Browser]:
    with browser(tmp_path_factory.mktemp("chromium")) as made:
        yield made


def written(model: str, folder: Path) -> Path:
    path = folder / f"{model}.html"
    path.write_text(page(archspec.stats(model)), encoding="utf-8")
    return path


def column(chromium: Browser, at: int) -> list[int]:
    script = (
        "return Array.from(document.querySelectorAll('#layers tbody tr'), tr => tr.cells[arguments[0]].textContent)"
    )
    return [int(text.replace(",", "")) for text in chromium.run(script, at)]


@pytest.mark.parametrize("model", MODELS)
@pytest.mark.parametrize("width", [1280, 768, 390])
def test_nothing_runs_over_the_edge(chromium: Browser, tmp_path: Path, model: str, width: int) -> None:
    chromium.show(written(model, tmp_path), width)
    assert chromium.run("return innerWidth") == width
    chromium.run("document.querySelectorAll('details').forEach(item => { item.open = true; })")
    assert chromium.run(OVERFLOW) == 0
    cut = """
    return Array.from(document.querySelectorAll('svg text'), text => {
        const own = text.getBoundingClientRect(), whole = text.ownerSVGElement.getBoundingClientRect();
        const out = own.left < whole.left - 1 || own.right > whole.right + 1 || own.bottom > whole.bottom + 1;
        return out ? text.textContent : '';
    }).filter(Boolean)
    """
    assert chromium.run(cut) == []
    assert chromium.said() == []


def test_texts_of_a_drawing_stay_in_their_boxes(chromium: Browser, tmp_path: Path) -> None:
    chromium.show(written("restormer", tmp_path))
    chromium.run("document.querySelectorAll('details').forEach(item => { item.open = true; })")
    over = """
    return Array.from(document.querySelectorAll('.flow .layer, .flow .small'), group => {
        const box = group.querySelector('.box').getBoundingClientRect();
        return Array.from(group.querySelectorAll('text'), text => {
            const own = text.getBoundingClientRect();
            return own.left < box.left || own.right > box.right || own.bottom > box.bottom + 1 ? text.textContent : '';
        });
    }).flat().filter(Boolean)
    """
    assert chromium.run("return document.querySelectorAll('.flow .layer').length") > 25
    assert chromium.run(over) == []


def test_heads_sort_the_layers(chromium: Browser, tmp_path: Path) -> None:
    report = archspec.stats("poolformer_m36")
    chromium.show(written("poolformer_m36", tmp_path))
    before = chromium.run(ROWS)
    assert before[:3] == ["stem", "stem.proj", "stages.0"]
    chromium.click("#layers th:nth-child(6) button")
    macs = column(chromium, 5)
    assert macs == sorted(macs, reverse=True)
    assert macs[0] == max(row.macs for row in report.layers)
    assert chromium.run("return document.querySelector('[aria-sort]').textContent") == "macs"
    chromium.click("#layers th:nth-child(6) button")
    macs = column(chromium, 5)
    assert macs == sorted(macs)
    chromium.click("#layers th:nth-child(2) button")
    types = chromium.run(
        "return Array.from(document.querySelectorAll('#layers tbody tr'), tr => tr.cells[1].textContent)"
    )
    assert types == sorted(types)
    chromium.click("#layers th:nth-child(1) button")
    assert chromium.run(ROWS) == before
    assert chromium.said() == []


def test_layers_fold_open_and_are_found(chromium: Browser, tmp_path: Path) -> None:
    report = archspec.stats("poolformer_m36")
    chromium.show(written("poolformer_m36", tmp_path))
    block = sum(
        row.macs for row in report.layers if row.path.startswith("stages.0.blocks.") and row.path.count(".") == 3
    )
    shown = dict(zip(chromium.run(ROWS), column(chromium, 5)))
    assert shown["stages.0.blocks.0-5"] == block
    assert "stages.0.blocks.0-5.mlp" not in shown
    chromium.click("[aria-label='inside stages.0.blocks.0-5']")
    assert "stages.0.blocks.0-5.mlp" in chromium.run(ROWS)
    assert chromium.run("return document.activeElement.getAttribute('aria-expanded')") == "true"
    chromium.click("[aria-label='inside stages.0']")
    assert not [path for path in chromium.run(ROWS) if path.startswith("stages.0.")]
    chromium.run("const s = document.getElementById('depth'); s.value = s.lastElementChild.value; "
                 "s.dispatchEvent(new Event('change'))")  # fmt: skip
    chromium.click("#fold")
    assert chromium.run(ROWS) == [row.path for row in report.layers]
    assert column(chromium, 4) == [row.params for row in report.layers]
    chromium.type("#filter", "group_norm")
    assert chromium.run(ROWS) == [row.path for row in report.layers if row.type == "group_norm"]
    assert chromium.run("return document.getElementById('count').textContent") == "73 of 339 layers"
    assert chromium.said() == []


def test_the_page_is_worked_by_keys(chromium: Browser, tmp_path: Path) -> None:
    chromium.show(written("vit_small_patch16_224", tmp_path))
    chromium.run("document.querySelector('#layers th:nth-child(5) button').focus()")
    outline = "return getComputedStyle(document.activeElement).outlineStyle"
    chromium.post("/actions", actions=[{"type": "key", "id": "keys", "actions": [
        {"type": "keyDown", "value": "\ue007"}, {"type": "keyUp", "value": "\ue007"}]}])  # fmt: skip
    assert chromium.run(outline) == "solid"
    params = column(chromium, 4)
    assert params == sorted(params, reverse=True)


def test_themes_are_seen_and_kept(chromium: Browser, tmp_path: Path) -> None:
    path = written("poolformer_m36", tmp_path)
    for scheme in ("light", "dark"):
        chromium.tell("Emulation.setEmulatedMedia", features=[{"name": "prefers-color-scheme", "value": scheme}])
        chromium.show(path, 480, 400)
        assert brightness(chromium.picture(), scheme) == scheme
        other = "dark" if scheme == "light" else "light"
        chromium.click("#theme")
        assert chromium.run("return document.getElementById('theme').textContent") == f"Theme: {other}"
        assert brightness(chromium.picture(), other) == other
        chromium.show(path, 480, 400)
        assert brightness(chromium.picture(), "kept") == other
        chromium.click("#theme")
        chromium.click("#theme")
        assert chromium.run("return document.getElementById('theme').textContent") == "Theme: system"
    chromium.tell("Emulation.setEmulatedMedia", features=[])
    assert chromium.said() == []


def test_paper_is_white(chromium: Browser, tmp_path: Path) -> None:
    dark = [{"name": "prefers-color-scheme", "value": "dark"}]
    chromium.tell("Emulation.setEmulatedMedia", media="print", features=dark)
    chromium.show(written("gmlp_lm", tmp_path), 760, 400)
    chromium.run("document.documentElement.dataset.theme = 'dark'")
    assert chromium.run("return getComputedStyle(document.body).backgroundColor") == "rgb(255, 255, 255)"
    assert chromium.run("return getComputedStyle(document.querySelector('h1')).color") == "rgb(0, 0, 0)"
    assert chromium.run("return getComputedStyle(document.getElementById('tools')).display") == "none"
    assert chromium.run(OVERFLOW) == 0
    chromium.tell("Emulation.setEmulatedMedia", media="", features=[])


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_texts_stand_out(chromium: Browser, tmp_path: Path, scheme: str) -> None:
    chromium.tell("Emulation.setEmulatedMedia", features=[{"name": "prefers-color-scheme", "value": scheme}])
    chromium.show(written("poolformer_m36", tmp_path))
    ratios = """
    const light = text => {
        const linear = v => v <= .03928 ? v / 12.92 : ((v + .055) / 1.055) ** 2.4;
        const [r, g, b] = text.match(/[\\d.]+/g).map(v => linear(v / 255));
        return .2126 * r + .7152 * g + .0722 * b;
    };
    const ground = from => {
        for (let at = from; at; at = at.parentElement) {
            const own = getComputedStyle(at).backgroundColor;
            if (own !== 'rgba(0, 0, 0, 0)') return own;
        }
    };
    const kinds = 'h1, h2, p, dt, dd, td, th, button, label, summary, output, footer, small, svg text';
    return Array.from(document.querySelectorAll(kinds), item => {
        const style = getComputedStyle(item);
        const ink = item.ownerSVGElement ? style.fill : style.color;
        const pair = [light(ink), light(ground(item))].sort((a, b) => b - a);
        return [(pair[0] + .05) / (pair[1] + .05), item.textContent.slice(0, 40)];
    }).filter(pair => pair[0] < 4.5)
    """
    assert chromium.run(ratios) == []
    chromium.tell("Emulation.setEmulatedMedia", features=[])


def test_a_hostile_spec_runs_nothing(chromium: Browser, tmp_path: Path) -> None:
    path = tmp_path / "hostile.html"
    path.write_text(page(archspec.stats(hostile(tmp_path))), encoding="utf-8")
    chromium.show(path)
    assert chromium.run("return document.scripts.length") == 1
    assert chromium.run("return document.images.length") == 0
    assert chromium.run(ROWS)[0] == "inner"
    assert chromium.said() == []


def test_the_policy_stops_what_would_slip_through(chromium: Browser, tmp_path: Path) -> None:
    path = tmp_path / "slipped.html"
    text = page(archspec.stats("gmlp_lm")).replace("<main>", "<main><script>window.slipped = 1</script>")
    path.write_text(text, encoding="utf-8")
    chromium.show(path)
    assert chromium.run("return window.slipped") is None
    assert any("Content Security Policy" in message for message in chromium.said())


def test_the_page_is_read_without_its_script(chromium: Browser, tmp_path: Path) -> None:
    report = archspec.stats("poolformer_m36")
    path = tmp_path / "still.html"
    text = page(report)
    path.write_text(text[: text.index("<script>")] + text[text.index("</script>") + 9 :], encoding="utf-8")
    chromium.show(path, 390)
    assert column(chromium, 5) == [row.macs for row in report.layers]
    assert chromium.run("return getComputedStyle(document.getElementById('tools')).display") == "none"
    assert chromium.run(OVERFLOW) == 0


def brightness(png: bytes, what: str) -> str:
    """Whether a picture is light or dark; it shows something, and is mostly its ground."""
    pixels = decoded(png)
    colours: dict[bytes, int] = {}
    for row in pixels:
        for at in range(0, len(row), 3):
            colours[row[at : at + 3]] = colours.get(row[at : at + 3], 0) + 1
    assert len(colours) > 50, f"{what}: a blank page"
    ground, count = max(colours.items(), key=lambda item: item[1])
    assert count < 0.97 * sum(colours.values()), f"{what}: hardly anything on the page"
    return "light" if sum(ground) > 3 * 200 else "dark" if sum(ground) < 3 * 60 else "neither"


def decoded(png: bytes) -> list[bytes]:
    """The rows of a PNG of 8 bits a channel as RGB."""
    assert png[:8] == b"\x89PNG\r\n\x1a\n"
    at, packed, width, channels = 8, b"", 0, 0
    while at < len(png):
        (length,), kind = struct.unpack(">I", png[at : at + 4]), png[at + 4 : at + 8]
        data = png[at + 8 : at + 8 + length]
        if kind == b"IHDR":
            width, _, depth, colour, _, _, interlaced = struct.unpack(">IIBBBBB", data)
            assert (depth, interlaced) == (8, 0)
            channels = {2: 3, 6: 4}[colour]
        packed += data if kind == b"IDAT" else b""
        at += length + 12
    raw, stride = zlib.decompress(packed), width * channels
    rows, before = [], bytes(stride)
    for start in range(0, len(raw), stride + 1):
        before = _unfiltered(raw[start], raw[start + 1 : start + 1 + stride], before, channels)
        rows.append(b"".join(before[i : i + 3] for i in range(0, stride, channels)))
    return rows


def _unfiltered(kind: int, line: bytes, above: bytes, step: int) -> bytes:
    made = bytearray(line)
    for i in range(len(made)):
        left, corner = (made[i - step], above[i - step]) if i >= step else (0, 0)
        up = above[i]
        if kind == 4:
            guess = left + up - corner
            near = min((abs(guess - left), 0, left), (abs(guess - up), 1, up), (abs(guess - corner), 2, corner))[2]
        else:
            near = (0, left, up, (left + up) // 2)[kind]
        made[i] = (made[i] + near) % 256
    return bytes(made)
