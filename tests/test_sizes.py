"""A module built for one size and run at others: what the module built for that size gives, or a refusal that says so.

A case is an .arch in tests/cases/sizes whose first line names other sizes; what each comes to stands beside it.
"""

from __future__ import annotations

import traceback
from pathlib import Path
from typing import Any

import pytest
import torch
from torch import nn

from archspec import compile_spec, load_spec
from archspec.diagnostics import SpecError
from archspec.graph.elaborate import declared_shape
from archspec.pipeline import build_graph
from archspec.spec import files
from archspec.spec.resolve import model_names

SIZES = Path(__file__).parent / "cases" / "sizes"
CASES = sorted(SIZES.glob("*.arch"))


def samples(spec: Any, types: Any, size: tuple[int, ...]) -> list[torch.Tensor]:
    """A batch of two for every input, the first of another size."""
    torch.manual_seed(0)
    made = []
    for at, item in enumerate(spec.model.inputs):
        shape = size if at == 0 else tuple(int(n) for n in types[at].shape)
        ints = item.dtype == "int"
        made.append(torch.randint(0, 8, (2, *shape)) if ints else torch.randn(2, *shape, dtype=torch.float64))
    return made


def flat(value: Any) -> list[torch.Tensor]:
    return [value] if isinstance(value, torch.Tensor) else [item for part in value for item in flat(part)]


def refusal(error: ValueError) -> str:
    """The message, which a guard of the generated source raised and nothing below it."""
    last = traceback.extract_tb(error.__traceback__)[-1]
    assert last.filename.startswith("<archspec "), f"{last.filename}: {error}"
    return str(error)


def outcome(model: nn.Module, path: str, name: str, size: tuple[int, ...]) -> str:
    """What comes of running a model at a size: ``equal``, or the refusal.

    Raises:
        AssertionError: other numbers than the module built for the size gives, or an error from deep inside.
    """
    spec = load_spec(path, name)
    try:
        other: nn.Module | None = compile_spec(path, model=name, input_shape=size, dtype=torch.float64).eval()
    except SpecError as error:
        other, why = None, error.diagnostics[0].message
    types = build_graph(spec).inputs
    inputs = samples(spec, types, size)
    try:
        got = flat(model(*inputs))
    except ValueError as error:
        return f"refused: {refusal(error)}" + ("" if other is not None else "\n    as is the spec: " + why)
    except (RuntimeError, IndexError):
        assert other is None, "an error from deep inside"
        return f"fails in torch\n    as is the spec: {why}"
    assert other is not None, f"a number where the spec is refused: {why}"
    other.load_state_dict(model.state_dict())
    wanted = flat(other(*inputs))
    assert len(got) == len(wanted)
    for a, b in zip(got, wanted):
        assert torch.equal(a, b), "another number"
    return "equal"


@pytest.mark.parametrize("path", CASES, ids=lambda path: path.stem)
def test_other_sizes_are_served_or_refused(path: Path, update: bool) -> None:
    text = path.read_text(encoding="utf-8")
    (name,) = model_names(files.load(path))
    torch.manual_seed(0)
    model = compile_spec(path, model=name, dtype=torch.float64).eval()
    own = declared_shape(load_spec(path))
    assert own is not None
    assert outcome(model, str(path), name, own) == "equal"
    said = ""
    for size in text.split("\n")[0].removeprefix("# sizes: ").split():
        said += f"{size}: {outcome(model, str(path), name, tuple(map(int, size.split('x'))))}\n"
    expected = path.with_suffix(".sizes")
    if update:
        expected.write_text(said, encoding="utf-8")
    assert said == expected.read_text(encoding="utf-8")
