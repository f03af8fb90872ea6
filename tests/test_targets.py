"""How targets write ops: each has a file for every op, and says of it what the op says of itself."""

from __future__ import annotations

import ast
import re

import pytest

from archspec.api import load_spec
from archspec.emit.code import Atom, flat
from archspec.emit.literals import Literals
from archspec.graph.nodes import OpNode, Step
from archspec.opdef.op import Op
from archspec.opdef.registry import find_op, op_names
from archspec.pipeline import report_of
from archspec.targets.torch.target import TORCH
from tests.conftest import ROOT
from tests.test_ops import EXAMPLES, IDS, spec_of

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


@pytest.mark.parametrize("name", sorted(op_names()))
def test_an_op_says_nothing_of_a_target(name: str) -> None:
    """No name of a framework stands in what an op computes with; its words may tell of one."""
    for op in [item for item in find_op(name).__mro__ if item.__module__.startswith("archspec.")]:
        tree = ast.parse((ROOT / (op.__module__.replace(".", "/") + ".py")).read_text())
        texts = [
            node.value for node in ast.walk(tree) if isinstance(node, ast.Constant) and isinstance(node.value, str)
        ]
        assert [text for text in texts if re.match(r"(nn|F|torch|self)\.\w+$", text)] == []
