"""Cases as files: an .arch and what is expected of it beside it. ``pytest --update`` rewrites what is expected."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from archspec import compile_spec, stats, verify
from archspec.api import check
from archspec.cli import main
from archspec.diagnostics import ArchspecError
from archspec.diagnostics.render import render
from archspec.pipeline import link
from archspec.spec import files
from archspec.spec.resolve import model_names
from tests.conftest import ROOT

ERRORS = Path(__file__).parent / "cases" / "errors"
WARNINGS = sorted((ERRORS.parent / "warnings").glob("*.arch"))
CASES = sorted([*ERRORS.glob("*.arch"), *ERRORS.glob("*/main.arch")])


def diagnose(path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """Everything said about a file, as a person sees it who stands beside it."""
    monkeypatch.chdir(path.parent)
    said: dict[str, None] = {}
    try:
        loaded = files.load(Path(path.name))
        for model in model_names(loaded):
            try:
                report = check(Path(path.name), model=model)
                said.update(dict.fromkeys(render(item, loaded.sources) for item in report.warnings))
            except ArchspecError as error:
                said.update(dict.fromkeys(render(item, error.sources) for item in error.diagnostics))
        if not model_names(loaded):
            link(loaded)
    except ArchspecError as error:
        said.update(dict.fromkeys(render(item, error.sources) for item in error.diagnostics))
    return "".join(text + "\n" for text in said)


@pytest.mark.parametrize("path", CASES, ids=[str(path.relative_to(ERRORS).with_suffix("")) for path in CASES])
def test_wrong_specs_are_diagnosed(path: Path, update: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    expected = path.with_suffix(".err")
    said = diagnose(path, monkeypatch)
    assert said.startswith("error["), "this spec is not wrong"
    if update:
        expected.write_text(said, encoding="utf-8")
    assert said == expected.read_text(encoding="utf-8")


@pytest.mark.parametrize("path", WARNINGS, ids=[path.stem for path in WARNINGS])
def test_what_is_probably_not_meant_is_said(path: Path, update: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    expected = path.with_suffix(".err")
    said = diagnose(path, monkeypatch)
    assert said.startswith("warning["), "there is nothing to warn of"
    assert "error[" not in said
    if update:
        expected.write_text(said, encoding="utf-8")
    assert said == expected.read_text(encoding="utf-8")


@pytest.mark.parametrize("path", WARNINGS, ids=[path.stem for path in WARNINGS])
def test_warnings_stand_on_stderr_and_change_no_status(path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["check", str(path)]) == 0
    shown = capsys.readouterr()
    assert shown.out.startswith("ok ")
    codes = re.findall(r"^warning\[(W\d+)\]", shown.err, re.M)
    assert codes == re.findall(r"^warning\[(W\d+)\]", path.with_suffix(".err").read_text(), re.M)
    for model in model_names(files.load(path)):
        assert main(["stats", str(path), "--model", model, "--format", "json"]) == 0
        shown = capsys.readouterr()
        assert json.loads(shown.out)["model"] == model
        assert shown.err.startswith("warning[") or not check(path, model=model).warnings


@pytest.mark.parametrize("path", WARNINGS, ids=[path.stem for path in WARNINGS])
def test_a_spec_that_is_warned_of_is_what_it_says_on_every_road(path: Path) -> None:
    for model in model_names(files.load(path)):
        assert verify(path, model=model).equal, model


def test_shipped_specs_are_warned_of_nothing() -> None:
    for path in sorted((ROOT / "specs").glob("*.arch")):
        for model in model_names(files.load(path)):
            assert [item.message for item in stats(path, model=model).warnings] == [], model


def test_layers_that_nothing_reads_stay_with_their_keys() -> None:
    """As in the published WaveNet: the last residual goes nowhere, and its weights are in the checkpoint."""
    path = WARNINGS[0].with_name("never_read.arch")
    compiled = compile_spec(path, model="wavenet")
    assert {"residual.2.weight", "residual.2.bias"} <= compiled.state_dict().keys()
    report = stats(path, model="wavenet")
    rows = {row.path: row for row in report.layers}
    assert report.params == sum(parameter.numel() for parameter in compiled.parameters())
    assert (rows["residual.2"].params, rows["residual.2"].macs) == (72, 0)
    assert rows["residual.1"].macs > 0
    assert report.macs == stats(path, model="shorter").macs
