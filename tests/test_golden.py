"""Sources that are read as a reviewer reads. ``pytest --update`` writes them again; the difference is read as prose."""

from __future__ import annotations

from pathlib import Path

import pytest

from archspec import generate_source
from tests.conftest import ROOT

GOLDEN = ROOT / "tests" / "golden"
SPECS = {path.stem: path for path in (ROOT / "tests" / "specs").glob("*.arch")}
NAMES = (
    "amlp_vision", "caformer_s18", "convnext_tiny", "edgenext", "efficientnet", "gmlp_lm", "linear_large",
    "metaformer_ppaa_s12_224", "poolformer_m36", "resnet50", "restormer", "vit",
)  # fmt: skip
"""Shipped models, and specs of the tests."""


@pytest.mark.parametrize("name", NAMES)
def test_the_source_is_the_one_that_was_read(name: str, update: bool) -> None:
    path: Path = GOLDEN / f"{name}.py"
    source = generate_source(SPECS.get(name, name))
    if update:
        path.write_text(source)
    assert path.read_text() == source


def test_no_other_source_lies_there() -> None:
    assert {path.stem for path in GOLDEN.glob("*.py")} == set(NAMES)
