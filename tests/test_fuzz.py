"""Generated programs: every op is generated, what was found before stays mended, and a short run finds nothing new."""

from __future__ import annotations

from pathlib import Path
from random import Random

import pytest

from archspec.opdef.registry import op_names
from archspec.opdef.types import TensorType
from tests.conftest import ROOT
from tests.fuzz.agree import agree, kept, opened
from tests.fuzz.bodies import Body
from tests.fuzz.campaign import Tally, held
from tests.fuzz.interpret import Frame
from tests.fuzz.ops import OPS
from tests.fuzz.programs import write
from tests.fuzz.steps import op_step

CASES = sorted((ROOT / "tests" / "cases" / "agree").glob("*.arch"))


def test_there_is_a_way_to_use_every_op() -> None:
    assert OPS.keys() == op_names()


@pytest.mark.parametrize("op", sorted(OPS))
def test_every_op_is_generated(op: str) -> None:
    rng = Random(op)
    for _ in range(40):
        names = {"x": TensorType((6, 8)), "image": TensorType((4, 6, 6)), "ids": TensorType((3,), "int")}
        body = Body(rng, [Frame(dict(names), {})], (), list(names))
        body.unread = list(names)
        if op_step(body, op):
            return
    pytest.fail(f"no use of {op} came about")


def test_the_same_seed_writes_the_same_programs() -> None:
    assert [write(f"7/{i}").text for i in range(5)] == [write(f"7/{i}").text for i in range(5)]


@pytest.mark.parametrize("path", CASES, ids=lambda path: path.stem)
def test_what_was_found_agrees_now(path: Path) -> None:
    text = path.read_text()
    model, params, shape = kept(text)
    assert agree(text, params, shape, model=model) is None
    assert opened(text, params, shape, model) is None


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_a_short_run(seed: int) -> None:
    tally: Tally = held(seed, range(50), every=5)
    assert tally.different == 0, [f"{f.kind}\n{f.words}\n{f.text}" for f in tally.findings.values()]
    assert sum(tally.refused.values()) <= 3, tally.findings
