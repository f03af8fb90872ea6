"""The recipe for a way of counting: one class in one file, and every command counts by it, says why, and admits it."""

from __future__ import annotations

import csv
import io
import json
import os
import re
import shutil
import subprocess
import sys
from fnmatch import fnmatchcase

import pytest

from archspec import stats
from archspec.report.conventions import CONVENTIONS, COUNTED
from archspec.report.metrics import BY_LAYER, COUNTS, METRICS, SIZES
from archspec.verification.measure import TOOLS
from archspec.verification.verdict import together
from tests.conftest import ROOT

COSTS = ROOT / "docs" / "costs.md"
RECIPE = '''class Toy(Convention):
    """Somebody's own."""

    name = "toy"
    meaning = "what a toy counts: 3 a multiply-accumulate, and 1 a use of anything"
    by_layer = by_stage = True

    def count(self, op: Op, batch: int) -> int:
        return op.samples(batch) * (3 * op.macs() + 1)

    def rule(self, op: Op) -> str:
        return "3 a multiply-accumulate, and 1" if op.macs() else "used, so 1"


'''
SPEC = """
model net(dims = [4, 6]) on x: [3, 8, 8] {
    expect toy == 61448
    blocks = [[conv(dims[i], kernel = 3, pad = 1), gelu] for i in range(2)]
    return blocks(x)
}
"""
DRIVER = """
import contextlib, io, json, sys
from archspec import stats
from archspec.cli import main
said = []
for arguments in json.loads(sys.argv[1]):
    out, err = io.StringIO(), io.StringIO()
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
        status = main(arguments)
    said.append([status, out.getvalue(), err.getvalue()])
report = stats("net.arch")
said.append([report.toy, report.at(dims=[8, 6]).toy])
print(json.dumps(said))
"""
CALLS = {
    "stats": ["stats", "net.arch"],
    "json": ["stats", "net.arch", "--format", "json"],
    "layers": ["stats", "net.arch", "--format", "csv"],
    "markdown": ["stats", "net.arch", "--format", "markdown"],
    "reasons": ["stats", "net.arch", "--conventions"],
    "reasons of each": ["stats", "net.arch", "--conventions", "--format", "json"],
    "formulas": ["stats", "net.arch", "--symbolic", "dims", "--format", "json"],
    "page": ["stats", "net.arch", "--html", "net.html"],
    "verify": ["stats", "net.arch", "--verify"],
    "check": ["check", "net.arch"],
    "sweep": ["sweep", "net.arch", "--vary", "dims[0]=4,8", "--where", "toy > 61448", "--pareto", "max:toy",
              "--format", "csv"],
    "fit": ["fit", "net.arch", "--free", "dims[0]=4..8", "--toy", "61448", "--format", "csv"],
    "compare": ["compare", "net.arch", "net.arch#net[dims=[8, 6]]", "--format", "csv"],
}  # fmt: skip
WORK = 64 * 9 * (3 * 4 + 4 * 6)
TOY, OF_EIGHT = 3 * WORK + 4, 3 * 64 * 9 * (3 * 8 + 8 * 6) + 4


@pytest.fixture(scope="module")
def said(tmp_path_factory: pytest.TempPathFactory) -> dict[str, list[str]]:
    """What a copy of the package with one class more says."""
    folder = tmp_path_factory.mktemp("recipe")
    shutil.copytree(ROOT / "archspec", folder / "archspec")
    for name in ("grammars", "specs", "templates"):
        (folder / name).symlink_to(ROOT / name)
    file = folder / "archspec" / "report" / "conventions.py"
    before, mark, after = file.read_text().partition("class Activations")
    file.write_text(before + RECIPE + mark + after)
    (folder / "net.arch").write_text(SPEC.replace("61448", str(TOY)))
    calls = [[word.replace("61448", str(TOY)) for word in call] for call in CALLS.values()]
    environment = os.environ | {"PYTHONPATH": str(folder)}
    done = subprocess.run(
        [sys.executable, "-c", DRIVER, json.dumps(calls)], cwd=folder, env=environment, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr
    *of_commands, of_python = json.loads(done.stdout)
    assert of_python == [TOY, OF_EIGHT]
    assert [(status, err) for status, _, err in of_commands] == [(0, "")] * len(CALLS)
    return {name: out for name, (_, out, _) in zip(CALLS, of_commands)} | {"html": (folder / "net.html").read_text()}


def test_reports_count_by_it(said: dict[str, str]) -> None:
    meaning = "what a toy counts: 3 a multiply-accumulate, and 1 a use of anything"
    found = json.loads(said["json"])
    assert found["toy"] == TOY
    assert sum(row["toy"] for row in found["layers"]) == TOY
    words = [" ".join(line.split()) for line in said["stats"].splitlines()]
    assert f"toy {TOY:,} {TOY / 1000:.2f}K {meaning}" in words
    assert f"layer type output {' '.join(BY_LAYER)} toy share of macs" in words
    assert said["layers"].splitlines()[0].endswith(f"output_shape,{','.join(BY_LAYER)},toy,level")
    assert f"| toy | {TOY:,} |" in said["markdown"]
    assert f"| input | output | {' | '.join(BY_LAYER)} | toy | share of macs |" in said["markdown"]
    assert f"{TOY:,}" in said["html"]
    assert meaning in said["html"]


def test_it_says_why(said: dict[str, str]) -> None:
    assert "  conv: 3 a multiply-accumulate, and 1\n  gelu: used, so 1" in said["reasons"]
    found = json.loads(said["reasons of each"])["conventions"]
    assert found["total"]["toy"] == TOY
    assert found["operators"][0]["why"]["toy"] == "3 a multiply-accumulate, and 1"


def test_searches_and_comparisons_know_it(said: dict[str, str]) -> None:
    assert [row["toy"] for row in csv.DictReader(io.StringIO(said["sweep"]))] == [str(OF_EIGHT)]
    assert next(csv.DictReader(io.StringIO(said["fit"])))["toy"] == str(TOY)
    assert f"total,toy,{TOY},{OF_EIGHT}" in said["compare"]
    dims = {"dims": [4, 6]}
    assert eval(json.loads(said["formulas"])["formulas"]["toy"], dims) == TOY


def test_nothing_measures_it(said: dict[str, str]) -> None:
    left = [convention.name for convention in CONVENTIONS if convention.name not in TOOLS]
    assert f"no tool counted {together([*left, 'toy'])}: the graph alone says it" in said["verify"]
    assert "equal to reference execution, fvcore and torch" in said["verify"]


def test_the_table_of_metrics_is_whole() -> None:
    report = stats("gmlp_block")
    assert [*report.counts] == [metric.name for metric in COUNTS] == ["params", *(count.name for count in COUNTED)]
    assert [*report.memory.to_dict()] == [metric.name for metric in SIZES]
    assert [*report.metrics] == [*METRICS]
    documented = re.findall(r"`(\w[\w*]*)`", "".join(re.findall(r"^\|(.*?)\|", COSTS.read_text(), re.MULTILINE)))
    assert [name for name in METRICS if not any(fnmatchcase(name, pattern) for pattern in documented)] == []
