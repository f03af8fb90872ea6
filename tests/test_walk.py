"""Walks and liveness held against the plain way of each: every path gone through, every reader looked for."""

from __future__ import annotations

from collections import Counter

import pytest

import archspec
from archspec.graph.liveness import Liveness, needed_uses
from archspec.graph.nodes import Instance, Node, OpNode
from archspec.graph.walk import (
    Totals,
    all_in,
    distinct,
    does_nothing,
    innermost_first,
    layers_in,
    multiplicities,
    uses_in,
    walk,
    weights_of,
)
from archspec.pipeline import build_graph
from archspec.report.count import Tally, uses
from archspec.report.state import StateSize, own_state
from tests.fuzz.programs import write

MODELS = ["poolformer_s12", "resnet50", "restormer", "gmlp_lm", "vit_tiny_patch16_224"]
PROGRAMS = [write(f"walk:{seed}") for seed in range(25)]
PARTIAL = """
module both on x: [4] { a = linear(4) b = linear(4) return a(x), b(x) }
module one on x: [4], y: [4] { return tanh(x) }
model net on x: [4] { m = both a, _ = m(x) f = one return f(a, exp(x)) }
"""


@pytest.fixture(scope="module", params=[*MODELS, *PROGRAMS], ids=[*MODELS, *map(str, range(len(PROGRAMS)))])
def root(request: pytest.FixtureRequest) -> Instance:
    if isinstance(request.param, str):
        return build_graph(archspec.load_spec(request.param))
    case = request.param.cases[0]
    return build_graph(archspec.load_spec(request.param.text, case.model, case.params, case.input_shape))


def applied(node: Node) -> Counter[Node]:
    """A node, and all that one use of it uses, each as often as it does."""
    found: Counter[Node] = Counter([node])
    for inner, times in uses_in(node):
        found.update({op: count * times for op, count in applied(inner).items()})
    return found


def test_what_is_counted_once_is_as_often_there_as_its_paths_are(root: Instance) -> None:
    whole: Node = root
    every = [node for _, node in walk(root)]
    assert multiplicities(whole, layers_in) == Counter(every)
    assert list(distinct(root)) == list(dict.fromkeys(every))
    total = StateSize()
    for node in every:
        total.add(own_state(node))
    assert Totals(layers_in, own_state).of(root) == total
    assert Tally().parameters(root) == total.params
    keys = [key for key, _ in weights_of(root)]
    assert len(set(keys)) == len(keys)


def test_uses_are_those_of_each_step_in_turn(root: Instance) -> None:
    whole: Node = root
    assert multiplicities(whole, uses_in) == applied(root)
    assert uses(root) == {node: times for node, times in applied(root).items() if isinstance(node, OpNode)}
    order = innermost_first(whole, all_in)
    assert all(order.index(inner) < order.index(node) for node in order for inner, _ in all_in(node))


def test_the_last_reader_is_the_last_that_reads(root: Instance) -> None:
    for body in [node for node in distinct(root, all_in) if isinstance(node, Instance)]:
        live = Liveness(body.body, body.results, lambda _, step: does_nothing(step.node))
        last: dict[int, int] = {}
        for at, step in enumerate(body.steps):
            if not live.is_alias(step):
                last.update(dict.fromkeys(map(live.root, step.inputs), at))
        kept = set(map(live.root, body.results))
        for at, step in enumerate(body.steps):
            if not live.is_alias(step):
                ended = live.read(step)
                assert set(ended) == {tensor for tensor, end in last.items() if end == at and tensor not in kept}
        assert {tensor for tensor, count in live.reads.items() if count} == kept


def test_no_more_is_needed_than_is_done(root: Instance) -> None:
    every = uses(root)
    assert all(times <= every[op] for op, times in needed_uses(root).items())


def test_what_a_module_gives_or_takes_for_nothing_is_not_needed() -> None:
    net = build_graph(archspec.load_spec(PARTIAL))
    assert [(op.name, times) for op, times in uses(net).items()] == [
        ("linear", 1),
        ("linear", 1),
        ("exp", 1),
        ("tanh", 1),
    ]
    assert [(op.name, times) for op, times in needed_uses(net).items()] == [("linear", 1), ("tanh", 1)]
