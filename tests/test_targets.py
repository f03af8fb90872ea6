"""Targets: torch writes every op as the op says of itself; another target is a folder, and the emission the same."""

from __future__ import annotations

import ast
import re
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

import archspec
from archspec.api import load_spec
from archspec.backends.torch import load_module
from archspec.emit.code import Atom, flat
from archspec.emit.file import write_file
from archspec.emit.literals import Literals
from archspec.graph.nodes import OpNode, Step
from archspec.opdef.op import Op
from archspec.opdef.registry import op_names
from archspec.pipeline import build_graph, report_of
from archspec.targets.torch.target import TORCH
from tests.conftest import ROOT
from tests.test_ops import EXAMPLES, IDS, spec_of
from tests.toy.target import TOY

FOLDER = ROOT / "archspec" / "targets" / "torch" / "ops"


def op_of(text: str) -> Op:
    """The op that an example uses."""
    root = report_of(load_spec(spec_of(text))).root
    nodes = [item.node for item in root.body if isinstance(item, Step)]
    (op,) = [node.op for node in nodes if isinstance(node, OpNode)]
    return op


def test_every_op_is_written() -> None:
    written = {path.stem for path in FOLDER.glob("*.py")} - {"__init__", "extern"}
    assert written == op_names()


@pytest.mark.parametrize(("name", "text"), EXAMPLES, ids=IDS)
def test_an_op_is_written_as_it_says_of_itself(name: str, text: str) -> None:
    op = op_of(text)
    assert (TORCH.made(op) is not None) == op.is_layer
    names = [f"x{at}" for at in range(len(op.inputs))]
    code = flat(TORCH.apply(op, Literals(op), *map(Atom, ["layer", *names] if op.stateful else names)))
    assert tuple(at for at, own in enumerate(names) if len(re.findall(rf"\b{own}\b", code)) > 1) == op.reads_twice()


FREE = [path for part in ("opdef", "ops", "graph", "emit") for path in (ROOT / "archspec" / part).rglob("*.py")]
WORDS = re.compile(r"(nn|F|torch)\.\w|self\.training|(import|from) torch")


@pytest.mark.parametrize("path", FREE, ids=lambda path: f"{path.parent.name}-{path.stem}")
def test_nothing_but_a_target_writes_words_of_a_framework(path: Path) -> None:
    """Docstrings and messages may tell of one."""
    constants = [node.value for node in ast.walk(ast.parse(path.read_text())) if isinstance(node, ast.Constant)]
    assert [text for text in map(str, constants) if WORDS.match(text)] == []


# another target


SPEC = ROOT / "tests" / "toy" / "net.arch"


def written(spec: str | Path) -> str:
    """The file of a spec for the toy target."""
    found = archspec.load_spec(spec)
    return write_file(found, build_graph(found), TOY)


def test_another_target_is_written_by_the_same_emission(update: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(SPEC.parent)
    expected = SPEC.with_suffix(".txt")
    source = written(SPEC.name)
    if update:
        expected.write_text(source)
    assert source == expected.read_text()


@pytest.mark.parametrize("given", [{}, {"depth": 1, "hidden": 5}, {"depth": 4, "classes": 3}])
def test_another_target_computes_the_same(given: dict[str, int]) -> None:
    """One file serves a family in every target; weights go from one to the other by their keys."""
    toy: Any = load_module(written(SPEC), "toy").Net(**given, rng=np.random.default_rng(0))
    model = archspec.compile_spec(SPEC, params=given, dtype=torch.float64)
    drawn = dict(toy.named_parameters())
    assert 0.01 < drawn["stem.0.weight"].std() < 0.03 < 0.05 < drawn["blocks.0.shift"].std() < 0.2
    toy.load({key: value.numpy() for key, value in model.state_dict().items()})
    x = torch.randn(5, 20, dtype=torch.float64)
    np.testing.assert_allclose(toy(x.numpy()), model(x).detach().numpy(), rtol=1e-12)
    with pytest.raises(ValueError, match="written for depth from 1 on"):
        type(toy)(depth=0, rng=np.random.default_rng(0))


def test_what_a_target_cannot_write_is_said_where_it_stands() -> None:
    text = "model m on x: [3, 4] { l = lstm(4)  y = tanh(l(x))  return tanh(y) + exp(x) }"
    with pytest.raises(archspec.ArchspecError) as caught:
        written(text)
    assert [item.code for item in caught.value.diagnostics] == ["E0690"] * 3
    assert {text[item.span.start : item.span.end] for item in caught.value.diagnostics} == {
        "l(x)",
        "tanh(l(x))",
        "exp(x)",
    }
    assert "the target toy has no `lstm`" in str(caught.value)
    assert "`layer` and `apply` of tests.toy.ops.lstm would say how it is written" in str(caught.value)
