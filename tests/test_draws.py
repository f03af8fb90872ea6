"""Random uses of every op, alone and in chains: what is accepted runs, with the shapes and bytes of the report."""

from __future__ import annotations

from collections.abc import Iterator
from random import Random

import pytest
import torch

import archspec
from archspec.api import load_spec
from archspec.opdef.op import arguments
from archspec.opdef.registry import find_op
from archspec.pipeline import report_of
from archspec.verification import verify_report
from tests.draw import OPS, Program, chain, single
from tests.measure import LAYOUTS, differences

DRAWS, CHAINS = 10, 400
"""Uses of an op without arguments, and as many more for each argument; chains in all."""


@pytest.fixture(autouse=True)
def _several_threads() -> Iterator[None]:
    """torch takes other kernels where it has one thread."""
    count = torch.get_num_threads()
    torch.set_num_threads(2)
    yield
    torch.set_num_threads(count)


def wrong(program: Program, random: Random) -> list[str]:
    """What torch does otherwise with a program, on a batch and in a layout that are drawn too."""
    batch, layout, tracked = random.choice((1, 2, 3)), random.randrange(len(LAYOUTS)), random.random() < 0.5
    try:
        return [f"batch {batch}: {line}" for line in differences(program.text, batch, layout, tracked)]
    except ValueError as error:
        if batch == 1 and "batch_norm" in program.text and "more than 1 value per channel" in str(error):
            return []  # the docstring of batch_norm says it
        raise


@pytest.mark.parametrize("name", OPS)
def test_what_an_op_accepts_runs_as_the_report_has_it(name: str) -> None:
    drawn, draws = 0, DRAWS * (1 + len(arguments(find_op(name))))
    for seed in range(draws):
        random = Random(f"{name} {seed}")
        program = single(name, random, tries=100)
        drawn += len(program.ops)
        assert not program.ops or wrong(program, random) == [], program.text
    assert drawn > draws // 2


@pytest.mark.parametrize("name", OPS)
def test_what_an_op_accepts_counts_as_the_tools_count(name: str) -> None:
    program = single(name, Random(name), tries=100)
    spec = load_spec(program.text)
    verdict = verify_report(spec, report_of(spec))
    assert verdict.equal, "\n".join([program.text, *verdict.lines()])


@pytest.mark.parametrize("first", range(0, CHAINS, 50))
def test_chains_of_ops_run_as_the_report_has_them(first: int) -> None:
    for seed in range(first, first + 50):
        random = Random(f"chain {seed}")
        program = chain(random, random.randint(2, 8))
        try:
            assert wrong(program, random) == [], program.text
        except archspec.ArchspecError as error:
            raise AssertionError(program.text) from error
