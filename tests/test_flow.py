"""The drawing of a body: whatever one item reads of another is an edge, and nothing else is."""

from __future__ import annotations

from collections import Counter
from random import Random

import pytest

from archspec.api import load_spec
from archspec.graph.nodes import Instance, Step
from archspec.graph.walk import does_nothing
from archspec.pipeline import build_graph
from archspec.report.blocks import modules_of
from archspec.report.count import Tally
from archspec.report.drawing import draw
from archspec.report.flow import Flow, flow_of
from tests.draw import chain
from tests.test_memory import SHIPPED

BODIES = [
    "on x: [8, 4] { a, b = chunk(x, 2, axis = 0) return gelu(a) * b }",
    "on x: [8, 4] { a, b = chunk(x, 2, axis = 0) return a * sigmoid(a) * b }",
    "on x: [8, 4] { layers = [linear(4)] * 5 y = x for l in layers { y = l(y) } return y }",
    "on x: [8, 4] { layers = [linear(4)] * 5 y = [x] for l in layers { y = y + [l(y[-1])] } return y[2], y[4] }",
    "on x: [8, 4] { layers = [linear(4)] * 3 y = layers(x) return y + layers(y) }",
    "on x: [8, 4] { y = relu(x) z = exp(dropout(y, 0.0)) return y + z, dropout(z, 0.0) }",
    "on x: [8, 4], z: [8, 4] { param g: [4] = ones s = exp(g) * 2 return relu(x) * s + relu(z) * s }",
    "on x: [8, 4] { y = relu(x) return y, y }",
]  # fmt: skip


def holds(root: Instance, tally: Tally) -> Flow:
    """Compare the edges of a body's drawing with what its steps read."""
    flow = flow_of(root, tally)
    steps = {at: step for at, step in enumerate(root.body) if isinstance(step, Step)}
    base = {step.outputs[0]: step.inputs[0] for step in steps.values() if does_nothing(step.node)}
    maker = {at: at for at in range(len(root.inputs))}
    by = {tensor: step for step in steps.values() for tensor in step.outputs}

    def origin(tensor: int) -> int:
        return origin(base[tensor]) if tensor in base else tensor

    reads = Counter(origin(t) for t in root.results)
    for step in steps.values():
        reads.update(origin(t) for t in step.inputs if not does_nothing(step.node))
    expected: set[tuple[int, int]] = set()
    for at, (first, last) in sorted(flow.places.items()):
        expected |= {(i, i + 1) for i in range(first, last)}
        for tensor in map(origin, steps[at].inputs):
            if tensor in maker and maker[tensor] != first:
                expected.add((maker[tensor], first))
            elif tensor in maker:  # drawn as one: nothing else may read what is between them
                assert sum(reads[t] for t in by[tensor].outputs) == 1, (flow.items[first], root.name)
        maker.update(dict.fromkeys(steps[at].outputs, last))
    if root.results and not flow.left_out:
        expected |= {(maker[t], len(flow.items) - 1) for t in map(origin, root.results) if t in maker}
    assert set(flow.edges) == expected
    assert len(flow.edges) == len(expected)
    return flow


@pytest.mark.parametrize("text", BODIES)
def test_edges_of_a_body(text: str) -> None:
    root = build_graph(load_spec(f"model m {text}"))
    flow = holds(root, Tally())
    assert draw(flow, "", 1, 1, {}).count('"head"') == len(flow.edges)


@pytest.mark.parametrize("name", SHIPPED)
def test_edges_of_a_shipped_model(name: str) -> None:
    root, tally = build_graph(load_spec(name)), Tally()
    for body in (root, *(node for _, node in modules_of(root, "", set()))):
        holds(body, tally)


def test_edges_of_random_bodies() -> None:
    for seed in range(300):
        random = Random(f"flow {seed}")
        root = build_graph(load_spec(chain(random, random.randint(2, 12)).text))
        holds(root, Tally())
        root.results = root.results[-2:]  # what is made is then read by few, and drawn together
        holds(root, Tally())
