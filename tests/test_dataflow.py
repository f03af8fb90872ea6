"""Bodies that are easy to get wrong on the way to source: each compiled model against the same equations in torch."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
import torch
import torch.nn.functional as F
from torch import Tensor

import archspec

CASES: list[tuple[str, Callable[..., Any]]] = [
    (
        "model m on x: [4, 8], z: [4, 8] { k = z k, a = chunk(x, 2) return z, k, a }",
        lambda x, z: (z, *x.chunk(2, 1)),
    ),
    (
        "model m on x: [4, 8] { y = x x = x * 2 x, y = [y, x] return x - y }",
        lambda x: x - 2 * x,
    ),
    ("model m on x: [4] { return (abs(x) ** 3) ** 0.5 }", lambda x: (x.abs() ** 3) ** 0.5),
    ("model m on x: [4] { return -(x ** 2) ** -1 - -x }", lambda x: -((x**2) ** -1) + x),
    ("model m on x: [4] { return 1 - (2 - x) / (x * 2 + 3) }", lambda x: 1 - (2 - x) / (x * 2 + 3)),
    (
        "model m on x: [4, 8] { outs = [] for i in range(3) { x = x + 1 outs = outs + [x * i] } return concat(outs, axis = 0) }",
        lambda x: torch.cat([(x + i + 1) * i for i in range(3)], 1),
    ),
    (
        "module f on x: [c, n] { y = [x] x = x * 3 return concat(y + [x], axis = 0) } model m on x: [2, 5] { return f(f(x)) }",
        lambda x: torch.cat([torch.cat([x, 3 * x], 1), 3 * torch.cat([x, 3 * x], 1)], 1),
    ),
    (
        "module twice on x: [c] { return [x, x * 2] } model m on x: [4] { t = twice(x) return t[1] - t[0] }",
        lambda x: x,
    ),
    (
        "module one on x: [c] { return [x * 2] } model m on x: [4] { return one(x)[0] + x }",
        lambda x: 3 * x,
    ),
    (
        "model m on x: [6, 4] { max = relu(x) h = max[1:3] return reshape(h + 1, [4, 2]), max[-1, :2] }",
        lambda x: ((F.relu(x)[:, 1:3] + 1).reshape(-1, 4, 2), F.relu(x)[:, -1, :2]),
    ),
    (
        "module f(k = 2) on x: [n, c] { d = c * k  e = d + k  g = e // 2 return x * g + e }"
        " model m on x: [3, 4] { return f(x) + f(3)(x) }",
        lambda x: x * 5 + 10 + x * 7 + 15,
    ),
    (
        "module f(self = 1, nn = 2, lambda = 3) on F: [c] { return F * self + nn - lambda }"
        " model m on x: [4] { return f(x) - f(4, 5, 6)(x) }",
        lambda x: x - 1 - (4 * x - 1),
    ),
    (
        "model m on x: [4, 4] { const t: [4, 4] = [[if i > j then 1 else 0.5 * j for j in range(4)] for i in range(4)] return x * t }",
        lambda x: x * torch.tensor([[1 if i > j else 0.5 * j for j in range(4)] for i in range(4)]),
    ),
    (
        "model m on x: [6, 6] { rows = [[if i > j then -1 else j - i for j in range(6)] for i in range(6)]"
        " const t: [6, 6] = [[if rows[i][j] == rows[j][i] then 0.0 else -100.0 for j in range(6)] for i in range(6)] return x * t }",
        lambda x: x * -100.0 * (1 - torch.eye(6)),
    ),
    (
        "model m on x: [5, 3] { const t: int [2, 2] = [[0, 4], [1, 1]] return take(x, t) }",
        lambda x: x[:, torch.tensor([[0, 4], [1, 1]])],
    ),
    (
        "module half on x: [n, c] { return x[: n // 2] } model m on x: [6, 2] { return half(x) }",
        lambda x: x[:, :3],
    ),
    ("model m on x: [2, 3] { layers = [] return layers(x) }", lambda x: x),
    (
        "module f(depth) on x: [c] { return if depth == 0 then x else x * 2 + f(depth - 1)(x) } model m on x: [3] { return f(3)(x) }",
        lambda x: 7 * x,
    ),
]


@pytest.mark.parametrize(("text", "expected"), CASES, ids=range(len(CASES)))
def test_source_says_what_the_spec_says(text: str, expected: Callable[..., Any]) -> None:
    report = archspec.stats(text)
    model = archspec.compile_spec(text, dtype=torch.float64).eval()
    torch.manual_seed(0)
    inputs = [torch.rand(2, *given.shape).double() + 0.5 for given in report.root.inputs]
    got, wanted = model(*inputs), expected(*inputs)
    for ours, theirs in zip(*([r] if isinstance(r, Tensor) else list(r) for r in (got, wanted))):
        torch.testing.assert_close(ours, theirs.double(), rtol=1e-6, atol=1e-6)


def test_equal_layers_passed_in_from_outside_stay_layers_of_their_own() -> None:
    text = """
    use std.blocks: metaformer, patch_embed
    use std.mixers: attention, pooling
    model m on image: [3, 32, 32] {
        stem  = patch_embed(32, kernel = 4, stride = 4)
        block = metaformer
        stage s1 { depth = 2, mixer = pooling(3) }
        stage s2 { depth = 2, mixer = attention }
    }
    """
    model = archspec.compile_spec(text)
    assert sum(p.numel() for p in model.parameters()) == archspec.stats(text).params
    state = model.state_dict()
    assert state["s2.blocks.0.token_mixer.qkv.weight"].ne(state["s2.blocks.1.token_mixer.qkv.weight"]).any()


def test_lists_of_layers_start_as_their_module_says() -> None:
    text = """
    module b(s) on x: [c] { init linear { weight = normal(s), bias = ones }  h = [layer_norm, linear(c), linear(c, bias = false), relu]  return h(x) }
    model m on x: [64] {
        first = b(0.1)
        second = b(5)
        mixed = [[linear(64), b(2)], linear(64)]
        return mixed(second(first(x)))
    }
    """
    torch.manual_seed(0)
    state = archspec.compile_spec(text).state_dict()
    for key, std in (
        ("first.h.1", 0.1),
        ("first.h.2", 0.1),
        ("second.h.1", 5.0),
        ("second.h.2", 5.0),
        ("mixed.0.1.h.1", 2.0),
    ):
        assert float(state[f"{key}.weight"].std()) == pytest.approx(std, rel=0.1)
    assert state["first.h.0.weight"].eq(1).all()
    assert state["first.h.1.bias"].eq(1).all()


def test_a_list_of_ops_starts_as_its_own_init_says() -> None:
    text = "model m on x: [8] { h = [linear(8), relu, linear(8, bias = false)] init h { weight = 3, bias = zeros } return h(x) }"
    state = archspec.compile_spec(text).state_dict()
    assert list(state) == ["h.0.weight", "h.0.bias", "h.2.weight"]
    assert all(value.eq(3 if key.endswith("weight") else 0).all() for key, value in state.items())
