"""Every op's examples: shapes, what torch makes of them, fvcore's count, gradients, clean source."""

from __future__ import annotations

import re

import pytest
import torch

import archspec
from archspec.api import load_spec
from archspec.opdef.registry import find_op, op_names
from archspec.pipeline import report_of
from archspec.verification import verify_report

EXAMPLES = [(name, text) for name in sorted(op_names()) for text in find_op(name).examples]
IDS = [f"{name}-{index}" for index, (name, _) in enumerate(EXAMPLES)]
LETTERS = "abcdefgh"


def spec_of(text: str) -> str:
    """A model that does what an example says: ``op(args): inputs -> outputs``, or an expression over x, y, a, b."""
    use, _, types = text.rpartition(": ") if "->" in text.rpartition(": ")[2] else text.partition(": ")
    use, types = re.fullmatch(r"(.*?): ((?:int )?\[[^:]*)", text).groups()  # type: ignore[union-attr]
    given, _, made = types.partition(" -> ")
    inputs = re.findall(r"(?:int )?\[[^\]]*\]", given)
    if re.match(r"(x|a)\b *(\[|[-+*/@])", use):
        names = ["a", "b"] if use.startswith("a") else ["x", "y"]
        body = f"return {use}"
    else:
        names = list(LETTERS[: len(inputs)])
        body = f"layer = {use} return layer({', '.join(names)})"
    declared = ", ".join(f"{name}: {shape}" for name, shape in zip(names, inputs))
    return f"model example on {declared} -> {made} {{ {body} }}"


def test_every_op_has_examples() -> None:
    assert [name for name in op_names() if not find_op(name).examples] == []


@pytest.mark.parametrize(("name", "text"), EXAMPLES, ids=IDS)
def test_example(name: str, text: str) -> None:
    spec = load_spec(spec_of(text))
    report = report_of(spec)
    torch.manual_seed(0)
    model = archspec.compile_spec(spec, dtype=torch.float64).eval()
    inputs = [
        torch.randint(0, 3, (2, *given.shape)) if given.dtype == "int" else torch.rand(2, *given.shape).double() + 0.1
        for given in report.root.inputs
    ]
    result = model(*inputs)
    outputs = list(result) if isinstance(result, (list, tuple)) else [result]
    assert [tuple(out.shape[1:]) for out in outputs] == [tuple(out.shape) for out in report.root.outputs]
    assert sum(p.numel() for p in model.parameters()) == report.params
    verdict = verify_report(spec, report)
    assert verdict.equal, "\n".join(verdict.lines())
    assert report.flops >= 2 * report.macs


@pytest.mark.parametrize(("name", "text"), EXAMPLES, ids=IDS)
def test_gradient(name: str, text: str) -> None:
    model = archspec.compile_spec(spec_of(text), dtype=torch.float64).eval()
    torch.manual_seed(0)
    root = report_of(load_spec(spec_of(text))).root
    inputs = tuple(
        torch.randint(0, 3, (1, *given.shape))
        if given.dtype == "int"
        else (torch.randperm(given.numel).reshape(1, *given.shape).double() / given.numel + 0.15).requires_grad_()
        for given in root.inputs
    )
    if any(given.requires_grad for given in inputs):
        assert torch.autograd.gradcheck(model, inputs, atol=1e-4, fast_mode=True)
    else:
        model(*inputs).sum().backward()
        assert all(p.grad is not None and bool(p.grad.any()) for p in model.parameters())
