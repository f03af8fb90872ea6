"""The one table type: in every form a cell means itself, whatever a stranger wrote into it."""

from __future__ import annotations

import ast
import csv
import io
import json
import random
import re

import pytest

from archspec import stats
from archspec.cli import main
from archspec.report.table import BYTES, COUNT, EXACT, FORMATS, NUMBER, SHAPE, TEXT, DataColumn, DataTable
from archspec.report.text import scaled
from tests.conftest import ROOT

SIGNS = "ab 1.,;\"'|\\`*_[]<>#&=+-@\n\r\t\x1b\u202e\u2028ü神"
FORMS = (TEXT, NUMBER, COUNT, BYTES, EXACT, SHAPE)


def text(rng: random.Random) -> str:
    return "".join(rng.choice(SIGNS) for _ in range(rng.randrange(12)))


def some_table(rng: random.Random) -> DataTable:
    rows = rng.randrange(4)
    columns = []
    for at in range(rng.randrange(1, 5)):
        format = rng.choice(FORMS)
        values: list[object] = []
        for _ in range(rows):
            value = text(rng) if format in (TEXT, NUMBER) else rng.randrange(10**9)
            values.append(None if rng.random() < 0.1 else [1, 2, 3] if format is SHAPE else value)
        columns.append(DataColumn(f"{at}{text(rng)}", values, format))
    return DataTable(tuple(columns))


@pytest.mark.parametrize("seed", range(200))
def test_every_form_has_every_cell_on_its_row(seed: int) -> None:
    table = some_table(random.Random(seed))
    width, rows = len(table.columns), len(table.columns[0].values)
    read = list(csv.reader(io.StringIO(table.csv(), newline=""), strict=True))
    read = [row or [""] for row in read]  # a line of one empty cell
    assert len(read) in (rows + 1, rows + (not table.csv().endswith("\n")))
    assert {len(row) for row in read} == {width}
    assert not any(re.match(r"[=@]|[+-](?![\d.]|$)", cell) for row in read for cell in row)
    marked = table.markdown()
    assert len(marked) == rows + 2
    for line in marked:
        assert len(re.findall(r"(?<!\\)(?:\\\\)*\|", line)) == width + 1
        assert line.isprintable()
    lines = table.plain()
    assert len(lines) == rows + 1
    assert all(line.isprintable() for line in lines)
    assert [len(record) for record in table.records()] == [width] * rows


def test_forms_say_what_is_there() -> None:
    table = DataTable(
        (
            DataColumn("name", ["a|b", "=1", None]),
            DataColumn("macs", [1234567, 12, None], COUNT, key="macs_of_it"),
            DataColumn("shape", [[1, 3, 8, 8], [1], None], SHAPE),
        )
    )
    assert table.plain() == ["name    macs  shape", "a|b   1.235M  3x8x8", "=1        12  1", "-          -  -"]
    assert table.markdown() == [
        "| name | macs | shape |",
        "| --- | ---: | --- |",
        r"| a\|b | 1,234,567 | 3x8x8 |",
        "| =1 | 12 | 1 |",
        "| - | - | - |",
    ]
    assert table.csv() == "name,macs_of_it,shape\na|b,1234567,1x3x8x8\n'=1,12,1\n,,"
    assert json.dumps(table.records()[0]) == '{"name": "a|b", "macs_of_it": 1234567, "shape": [1, 3, 8, 8]}'


@pytest.mark.parametrize("format", FORMATS)
def test_models_are_listed_in_every_form(format: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["list", str(ROOT / "specs" / "gmlp.arch"), "--format", format]) == 0
    said = capsys.readouterr().out
    found = stats("gmlp_lm")
    assert "gmlp_lm" in said
    assert {"table": scaled(found.params), "markdown": f"{found.params:,}"}.get(format, str(found.params)) in said


def test_coloured_cells_stay_in_their_columns() -> None:
    table = DataTable((DataColumn("a", ["long", "x"]), DataColumn("b", [1, 10], NUMBER)))
    painted = table.plain(True, [["", "32"], ["2", ""]])
    assert [re.sub("\033\\[[0-9;]*m", "", line) for line in painted] == table.plain()
    assert painted[1] == "long   \033[32m1\033[0m"


def test_no_other_module_writes_tables() -> None:
    for path in sorted((ROOT / "archspec").rglob("*.py")):
        if path.name == "table.py" and path.parent.name == "report":
            continue
        tree = ast.parse(path.read_text())
        names = {alias.name for node in ast.walk(tree) if isinstance(node, ast.Import) for alias in node.names}
        strings = [node.value for node in ast.walk(tree) if isinstance(node, ast.Constant)]
        assert "csv" not in names, path
        assert not any(isinstance(value, str) and "---" in value and "|" in value for value in strings), path
