"""Reports for people and for tools: what each form says is what the report says."""

from __future__ import annotations

import csv
import io
import json
import os
import pty
import re
import subprocess
import sys
import time
from dataclasses import fields
from pathlib import Path
from typing import Any

import pytest

import archspec
from archspec.cli import main
from archspec.report.html import page
from archspec.report.lines import folded, tree_of
from archspec.report.memory import Memory
from archspec.report.metrics import BY_LAYER, COUNTS
from archspec.report.model import Report
from archspec.report.parts import MOST, parts_of
from archspec.report.render import render_report
from archspec.report.terminal import branches
from archspec.report.text import scaled
from tests.conftest import ROOT
from tests.page import Page

CASES = sorted((ROOT / "tests" / "cases" / "reports").glob("*.arch"))
MODELS = ["poolformer_m36", "restormer", "vit_small_patch16_224", "gmlp_lm", "resnet50", "poolformer_s12_feat"]
FORMS: dict[str, dict[str, Any]] = {
    ".txt": {},
    ".deep.txt": {"depth": 9},
    ".md": {"format": "markdown"},
    ".csv": {"format": "csv"},
    ".80.term": {"colour": True, "width": 80},
    ".200.term": {"colour": True, "width": 200, "depth": 9},
}
ESCAPE = re.compile(r"\x1b\[[0-9;]*m")


@pytest.fixture(params=MODELS, scope="module")
def report(request: pytest.FixtureRequest) -> Report:
    return archspec.stats(request.param)


@pytest.mark.parametrize("suffix", FORMS)
@pytest.mark.parametrize("path", CASES, ids=lambda path: path.stem)
def test_cases(path: Path, suffix: str, update: bool) -> None:
    said = ESCAPE.sub("", render_report(archspec.stats(path), **FORMS[suffix])) + "\n"
    said = "".join(line.rstrip() + "\n" for line in said.splitlines())
    expected = path.with_suffix(suffix)
    if update:
        expected.write_text(said, encoding="utf-8")
    assert said == expected.read_text(encoding="utf-8")


def test_folded_lines_stand_for_every_layer(report: Report) -> None:
    lines = tree_of(report.layers)
    assert [line.row for line in lines] == report.layers
    for level in range(1, 9):
        all_rows = [line.row for line in lines if line.level == level]
        shown = [line for line in folded(lines, 99) if line.level == level]
        assert sum(line.times for line in shown) == len(all_rows)
        for name in BY_LAYER:
            assert sum(getattr(line.total, name) for line in shown) == sum(getattr(row, name) for row in all_rows)


def test_layers_that_are_not_run_say_what_they_take() -> None:
    text = """
    module pair on x: [c] { a = linear(2) b = linear(3) return b(a(x)) }
    model m on x: [4] { s = [linear(8), [linear(6), pair]] t = [pair] * 2 y = s(x) z = t[0](t[1](x[:3])) return x }
    """
    shapes = {row.path: (row.input_shape, row.output_shape) for row in archspec.stats(text).layers}
    assert shapes["s.0"] == ([1, 4], [1, 8])
    assert shapes["s.1.0"] == ([1, 8], [1, 6])
    assert shapes["s.1.1"] == ([1, 6], [1, 3])
    assert shapes["t.0.a"] == ([1, 3], [1, 2])


def test_parts_add_up(report: Report) -> None:
    parts = parts_of(report, tree_of(report.layers))
    assert len(parts) <= MOST + 1
    for name in BY_LAYER:
        assert sum(part.counts[name] for part in parts) == getattr(report, name)
    assert len({part.hue for part in parts}) == len(parts)


def test_csv_is_the_layers(report: Report) -> None:
    rows = list(csv.DictReader(io.StringIO(render_report(report, "csv"))))
    names = [*report.layers[0].to_dict()]
    assert [*rows[0]] == [*names, "level"]
    for row, layer in zip(rows, report.layers, strict=True):
        for name in names:
            value = getattr(layer, name)
            assert row[name] == ("x".join(map(str, value)) if isinstance(value, list) else str(value))
    outermost = [row for row in rows if row["level"] == "1"]
    assert {row["path"] for row in outermost} == {
        r.path for r in report.layers if not any(r.path.startswith(o.path + ".") for o in report.layers)
    }


def tables(document: str) -> dict[str, list[dict[str, str]]]:
    """The tables of a Markdown document by the heading before them."""
    made: dict[str, list[dict[str, str]]] = {}
    for part in document.split("\n## ")[1:]:
        title, _, rest = part.partition("\n")
        rows = [re.split(r"(?<!\\) \| ", line[2:-2]) for line in rest.splitlines() if line.startswith("| ")]
        assert {len(row) for row in rows} == {len(rows[0])}
        assert all(set(cell) <= set("-:") for cell in rows[1])
        made[title] = [dict(zip(rows[0], row)) for row in rows[2:]]
    return made


def number(text: str) -> int:
    return int(text.replace(",", ""))


def test_markdown_is_the_report(report: Report) -> None:
    made = tables(render_report(report, "markdown", depth=99))
    assert {row["figure"]: number(row["value"]) for row in made["Figures"]} == report.counts
    sizes = {row["memory"].replace(" ", "_") + "_bytes": number(row["bytes"]) for row in made["Memory"]}
    assert sizes == {name: getattr(report.memory, name) for name in sizes}
    assert {field.name for field in fields(Memory) if field.name.endswith("_bytes")} <= sizes.keys()
    assert {row["operator"]: number(row["fvcore"]) for row in made["Operators"]} == report.by_operator
    stages = [(row["stage"], number(row["params"]), number(row["macs"])) for row in made.get("Stages", [])]
    assert stages == [(stage.name, stage.params, stage.macs) for stage in report.stages]
    shown = [line.total for line in folded(tree_of(report.layers), 99)]
    rows = [(row["layer"], *(number(row[name]) for name in BY_LAYER)) for row in made["Layers"]]
    assert rows == [(row.path, *row.counts.values()) for row in shown]


def test_plain_text_is_ascii(report: Report) -> None:
    assert render_report(report, depth=9).isascii()


@pytest.mark.parametrize("width", [80, 120, 200])
def test_a_terminal_is_not_overrun(report: Report, width: int) -> None:
    said = render_report(report, depth=2, colour=True, width=width)
    assert "\x1b[" in said
    assert max(len(ESCAPE.sub("", line)) for line in said.splitlines()) <= width
    assert f"{report.params:,}" in said


def in_terminal(*arguments: str, **environment: str) -> str:
    """What a command writes to a terminal of 100 columns."""
    ours, theirs = pty.openpty()
    env = {**os.environ, "TERM": "xterm-256color", "COLUMNS": "100", "PYTHONIOENCODING": "utf-8", **environment}
    if "NO_COLOR" not in environment:
        env.pop("NO_COLOR", None)
    command = [sys.executable, "-m", "archspec", *arguments]
    with subprocess.Popen(command, stdout=theirs, stderr=subprocess.PIPE, env=env, cwd=ROOT):
        os.close(theirs)
        said = b""
        while True:
            try:
                piece = os.read(ours, 65536)
            except OSError:
                break
            if not piece:
                break
            said += piece
    os.close(ours)
    return said.decode().replace("\r\n", "\n")


def test_a_terminal_is_drawn_on_and_a_pipe_is_not() -> None:
    piped = subprocess.run(
        [sys.executable, "-m", "archspec", "stats", "poolformer_s12"], capture_output=True, text=True, cwd=ROOT
    ).stdout
    assert "\x1b" not in piped
    drawn = in_terminal("stats", "poolformer_s12")
    assert "\x1b[" in drawn
    assert "├─ " in drawn
    assert in_terminal("stats", "poolformer_s12", NO_COLOR="1") == piped
    assert in_terminal("stats", "poolformer_s12", TERM="dumb") == piped
    assert in_terminal("stats", "poolformer_s12", PYTHONIOENCODING="ascii") == piped


def test_what_is_not_drawn_is_not_imported() -> None:
    code = (
        "import sys; from archspec.cli import main\n"
        "for form in ('table', 'json', 'csv', 'markdown'):\n"
        "    assert main(['stats', 'poolformer_m36', '--format', form]) == 0\n"
        "assert not {'rich', 'jinja2', 'xml', 'torch', 'numpy', 'fvcore'} & sys.modules.keys(), 'imported'\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, cwd=ROOT)
    assert done.returncode == 0, done.stderr


def test_pages_are_the_report(report: Report) -> None:
    text = page(report)
    assert text == page(archspec.stats(report.model)), "not the same every time"
    assert len(text.encode()) < 300_000
    read = Page(text)
    head, *rows = read.body
    assert head == ["layer", "type", "input", "output", *BY_LAYER, "share"]
    assert [row[0] for row in rows] == [row.path for row in report.layers]
    assert [row[1] for row in rows] == [row.type for row in report.layers]
    for at, name in enumerate(BY_LAYER, 4):
        assert [number(row[at]) for row in rows] == [getattr(row, name) for row in report.layers]
    words = " ".join(read.words)
    for metric in COUNTS:
        assert f"{report.counts[metric.name]:,}" in words
        assert metric.meaning in words
    for stage in report.stages:
        assert stage.name in words
        assert stage.mixer is None or stage.mixer in words
    assert all(name in read.texts["th"] and f"{count:,}" in words for name, count in report.by_operator.items())


def test_pages_need_nothing_from_outside(report: Report) -> None:
    text = page(report)
    read = Page(text)
    links = [(name, value) for tags in read.tags.values() for tag in tags for name, value in tag.items()]
    assert {value for name, value in links if name in ("src", "href", "xlink:href", "action", "data", "srcset")} == {
        "data:,"
    }
    assert set(re.findall(r"https?://[^\s\"'<]*", text)) <= {"http://www.w3.org/2000/svg"}
    assert "@import" not in text
    assert "url(" not in text
    assert len(read.tags["script"]) == 1
    ids = [value for name, value in links if name == "id"]
    assert len(ids) == len(set(ids))
    named = [value for name, value in links if name in ("aria-labelledby", "for")]
    assert set(named) <= set(ids)
    assert all(svg.get("role") == "img" and svg.get("aria-label") for svg in read.tags["svg"])


HOSTILE = (
    "</title></style></script><script>alert(1)</script><img src=x onerror=alert(2)>"
    "'\"&amp;]]><!-- {{ 7 * 7 }} {% raw %}"
)


def hostile(tmp_path: Path) -> Path:
    path = tmp_path / "a<b>&'c.arch"
    path.write_text(
        f'module odd on x: [c] {{ """{HOSTILE}""" first = linear(4) second = linear(4) y = relu(first(x)) '
        f"return tanh(second(y)) + x }}\n"
        f'model bad on x: [4] {{ """{HOSTILE}""" inner = odd() expect params == 1 return inner(x) }}',
        encoding="utf-8",
    )
    return path


def test_a_spec_cannot_write_into_the_page(tmp_path: Path) -> None:
    text = page(archspec.stats(hostile(tmp_path)))
    read = Page(text)
    assert len(read.tags["script"]) == 1
    assert "img" not in read.tags
    assert "{{ 7 * 7 }}" in text
    assert not any(name.startswith("on") for tags in read.tags.values() for tag in tags for name in tag)
    assert read.texts["p"][0] == " ".join(HOSTILE.split())
    assert [row[0] for row in read.body[1:]] == ["inner", "inner.first", "inner.second"]
    assert any("expects params == 1" in words for words in read.words)


def test_a_spec_cannot_write_into_other_forms() -> None:
    report = archspec.stats('model m on x: [4] { """a\x1b[31m | <b> `c` *d* # e""" return relu(x) }')
    assert "\x1b" in (report.root.doc or "")
    said = render_report(report, "markdown")
    assert "\x1b" not in said
    assert r"\| \<b\> \`c\` \*d\* \# e" in said
    assert "\x1b" not in page(report)
    for colour in (False, True):
        assert "\x1b[31m" not in render_report(report, colour=colour)


def test_a_page_is_written_whole_or_not_at_all(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    target = tmp_path / "report.html"
    assert main(["stats", "poolformer_s12", "--html", str(target)]) == 0
    said = capsys.readouterr().out
    assert f"wrote {target} (" in said
    assert target.read_text(encoding="utf-8") == page(archspec.stats("poolformer_s12"))
    assert os.listdir(tmp_path) == ["report.html"]
    assert main(["stats", "poolformer_s12", "--set", "num_classes=-1", "--html", str(target)]) == 1
    assert target.read_text(encoding="utf-8") == page(archspec.stats("poolformer_s12"))
    assert main(["stats", "poolformer_s12", "--html", str(tmp_path / "no" / "x.html")]) == 1
    assert "E0508" in capsys.readouterr().err


def test_a_page_beside_json_leaves_json_alone(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["stats", "poolformer_s12", "--format", "json", "--html", str(tmp_path / "x.html")]) == 0
    said = capsys.readouterr()
    assert json.loads(said.out)["model"] == "poolformer_s12"
    assert "wrote" in said.err


@pytest.mark.parametrize(
    "text",
    [
        "model m on x: [4] { return x }",
        "model m on x: [4] { return relu(x) }",
        "model m on a: [4], b: [4] { return a + b, a * b }",
        "model m on x: [4] { l = [relu, tanh] return l(x) }",
    ],
)
def test_models_of_next_to_nothing(text: str) -> None:
    report = archspec.stats(text)
    for form in FORMS.values():
        assert report.model in render_report(report, **form) or form.get("format") == "csv"
    assert Page(page(report)).texts["h1"] == ["m"]


def test_long_models_are_drawn_in_part() -> None:
    body = " ".join(f"l{i} = linear(4) x = l{i}(x) + x" for i in range(200))
    text = page(archspec.stats(f"model m on x: [4] {{ {body} return x }}"))
    read = Page(text)
    assert len(read.body) == 201
    assert re.search(r"\d+ steps more", text)
    assert "189 others" in text
    dense = " ".join(
        f"l{i} = linear(4) x{i + 1} = l{i}({' + '.join(f'x{j}' for j in range(i + 1))})" for i in range(60)
    )
    start = time.monotonic()
    text = page(archspec.stats(f"model m on x0: [4] {{ {dense} return x60 }}"))
    assert time.monotonic() - start < 5
    assert re.search(r"\d+ arcs more", text)
    many = " ".join("x = relu(x)" for _ in range(3000))
    assert len(page(archspec.stats(f"model m on x: [4] {{ {many} return x }}"))) < 60_000


def test_names_of_the_first_level_stand_out() -> None:
    lines = folded(tree_of(archspec.stats("poolformer_s12").layers), 2)
    bold = [text.plain for text in branches(lines) if any(span.style == "bold" for span in text.spans)]
    assert bold == [text.plain for line, text in zip(lines, branches(lines)) if line.level == 1]


@pytest.mark.parametrize(("value", "text"), [(12_300_000, "1.23e7"), (10**19, "1.00e19"), (2**64, "1.84e19")])
def test_figures_too_large_are_shown_as_powers_of_ten(value: int, text: str) -> None:
    from archspec.report.limits import power_of_ten

    assert power_of_ten(value) == text


@pytest.mark.parametrize(
    ("count", "digits", "text"),
    [(999, 4, "999"), (1000, 4, "1K"), (999_600, 4, "999.6K"), (999_600, 3, "1000K"), (8_801_876_736, 4, "8.802G"),
     (999_500, 4, "999.5K"), (-1_250_000, 2, "-1.2M"), (10**16, 4, "10000T")],
)  # fmt: skip
def test_counts_for_people(count: int, digits: int, text: str) -> None:
    assert scaled(count, digits) == text
