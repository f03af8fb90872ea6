"""Cases as files: an .arch and what is expected of it beside it. ``pytest --update`` rewrites what is expected."""

from __future__ import annotations

from pathlib import Path

import pytest

from archspec.diagnostics import ArchspecError
from archspec.diagnostics.render import render
from archspec.pipeline import check, link
from archspec.spec import files
from archspec.spec.resolve import model_names

ERRORS = Path(__file__).parent / "cases" / "errors"
CASES = sorted([*ERRORS.glob("*.arch"), *ERRORS.glob("*/main.arch")])


def diagnose(path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """Everything said about a file, as a person sees it who stands beside it."""
    monkeypatch.chdir(path.parent)
    said: dict[str, None] = {}
    try:
        loaded = files.load(Path(path.name))
        for model in model_names(loaded):
            try:
                check(Path(path.name), model=model)
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
