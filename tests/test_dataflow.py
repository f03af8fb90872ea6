"""Bodies that are easy to get wrong on the way to source: each compiled model against the same equations in torch."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
import torch
import torch.nn.functional as F
from torch import Tensor

import archspec
from archspec.opdef.op import Op
from archspec.opdef.registry import find_op, op_names
from archspec.sym import expr
from archspec.sym.expr import LARGEST_EXPR, SymExpr, combine
from archspec.sym.number import expr_of
from tests.conftest import ROOT

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


SHARED = {
    "tables of one content and two shapes": """
        module t(a, b) on x: [n, c] {
            const k: [a, b] = [[i * 6 / a + j for j in range(b)] for i in range(a)]
            return reshape(x, [c, a, b]) * k
        }
        model m on x: [6, 4] { t1 = t(2, 3) t2 = t(3, 2) return t1(x), t2(x) }
    """,
    "layers that are called in two ways": """
        module f(m = linear(4)) on x: [n, c] { return m(x) }
        model m on x: [3, 4] { a = f b = f(lstm(4)) return b(x), a(x) }
    """,
    "a module and a list of one result": """
        module one on x: [n, c] { return [x * 2] }
        module f(m = linear(4)) on x: [n, c] { y = m(x) return if len([k for k in [1]]) > 0 then y else x }
        model m on x: [3, 4] { a = f b = f(one) return b(x)[0], a(x) }
    """,
    "a recipe, a list, a list of lists, none": """
        module f(p) on x: [n, c] { return if p == none then x else p(x) }
        model m on x: [3, 4] {
            a = f([linear(4), linear(4)]) b = f(linear(4)) c = f([[linear(4)], relu]) d = f(none)
            return a(x), b(x), c(x), d(x)
        }
    """,
    "lists of two lengths, whole and by entry": """
        module f(k) on x: [n, c] { ls = [linear(c)] * k  x = ls(x) x = ls[0](x) x = ls[1](x) return x }
        model m on x: [3, 4] { a = f(2) b = f(3) return a(x) + b(x) }
    """,
    "a loop beside a variable of the entry's name": """
        module f on x: [n, c] {
            blocks = [linear(c), linear(c)]
            block = x * 2
            for b in blocks { x = b(x) }
            return x * block + block
        }
        model m on x: [3, 4] { a = f return a(x) }
    """,
    "lists called like builtins": """
        module f on x: [n, c] {
            lens = [linear(c), linear(c)] selfs = [linear(c), linear(c)] iss = [linear(c), linear(c)]
            for b in lens { x = b(x) } for b in selfs { x = b(x) } for b in iss { x = b(x) }
            return x
        }
        model m on x: [3, 4] { a = f return a(x) }
    """,
    "a parameter called like a class": """
        module foo(k) on x: [n, c] { return x * k }
        module bar(Foo = 2) on x: [n, c] { Bar = c * Foo a = foo(Foo) b = foo(Bar) d = linear(Bar) return d(a(x) + b(x)) }
        model m on x: [3, 4] { a = bar(3) b = bar(4) return a(x), b(x[:, 1:3]) }
    """,
    "names that differ in underscores": """
        module f(int = 2, int_ = 3, _k = 4, __k = 5, _ = 6, v_ = 7) on x: [n, c] {
            return x * int + int_ - _k * __k + _ / v_
        }
        model m on x: [3, 4] { a = f b = f(1, 1, 1, 1, 1, 1) return a(x), b(x) }
    """,
    "layers called like what every module has": """
        module g(k) on x: [n, c] { return x * k + c }
        module f(float = 2, k = 3) on x: [n, c] { type = g(k) type_ = g(float) return type(x) * float + type_(x) * k }
        model m on x: [3, 4] { a = f b = f(4, 5) return a(x), b(x) }
    """,
    "a layer without weights over two ranks": """
        module drop_path(rate = 0.1) on x { return dropout(x, rate, per = "sample") }
        module f(drop = drop_path(0.2)) on x: [c, h, w] {
            fc = conv(c, kernel = 1)
            y = rearrange(drop(fc(x)), "c h w -> (h w) c")
            return drop(y)
        }
        model m on x: [4, 4, 4] { a = f return a(x) }
    """,
    "a list without weights at two sizes": """
        module g on x: [c, h, w] { const k: [h, w] = [[i * w + j for j in range(w)] for i in range(h)] return x * k }
        model m on x: [4, 4, 4] { ls = [g, relu] return ls(x), ls(avg_pool(x, 2)), ls(avg_pool(x, 2) * 2) }
    """,
    "a layer with weights that decides by the size of its input": """
        module f on x: [c, h, w] {
            k = conv(c, kernel = 3, pad = 1)
            y = k(x)
            if h > 10 { return relu(y) }
            return y * 100
        }
        model m on x: [4, 16, 16] { s = f return s(x), s(max_pool(x, 2)) }
    """,
    "weights inside weights at three sizes": """
        module inner on x: [c, h, w] {
            fc = conv(c, kernel = 1)
            const k: [h, w] = [[(i * w + j) % 3 for j in range(w)] for i in range(h)]
            return fc(x) * k
        }
        module f(drop = dropout(0.2, per = "sample")) on x: [c, h, w] {
            param g: [c, 1, 1] = 0.5
            a = inner
            b = inner
            ls = [inner, conv(c, kernel = 1), relu, batch_norm, [inner, relu]]
            return ls(drop(b(a(x)))) * g + a(x)
        }
        model m on x: [4, 4, 4] {
            b = f
            y = avg_pool(x, 2)
            return b(x), b(y), b(avg_pool(x, 4)), b(y * 2)
        }
    """,
    "a layer at two sizes inside one that is at two sizes": """
        module inner on x: [c, h, w] { fc = conv(c, kernel = 1) if h > 3 { return fc(relu(x)) } return fc(x) + c * h }
        module f on x: [c, h, w] { a = inner return mean(a(x), axis = [1, 2]) + mean(a(avg_pool(x, 2)), axis = [1, 2]) }
        model m on x: [4, 8, 8] { b = f return b(x), b(avg_pool(x, 2)), b(avg_pool(x, 4)) }
    """,
    "surviving layers inside a list": """
        module f on x: [n, c] { ls = [survive([linear(c), linear(c)], 0.5), linear(c)] return ls[1](ls[0](x)) }
        module g on x: [n, c] { ls = [relu, [survive([linear(c), relu], 0.5)], linear(c)] return ls(x) }
        model m on x: [3, 4] { a = f b = g return a(x), b(x) }
    """,
}


@pytest.mark.parametrize("text", SHARED.values(), ids=SHARED.keys())
def test_what_classes_share_computes_what_the_graph_says(text: str) -> None:
    verdict = archspec.verify(text)
    assert verdict.equal, [item.message for item in verdict.found]


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


STAGED = """
use std.blocks: metaformer, patch_embed
use std.mixers: pooling
model staged on image: [8, 32, 32] {
    block = metaformer(mixer = pooling(3))
    half  = patch_embed(kernel = 2, stride = 2)
    %s
}
"""


@pytest.mark.parametrize(
    "stages",
    [
        "down = half  stages { dim = [8, 16, 24], depth = 1 }",
        "stages { dim = [8, 16, 24], depth = 1, down = half }",
        "stages { dim = [8, 16, 24], depth = 1, down = [half, half] }",
        "stages { dim = [8, 16, 24], depth = 1, down = [none, half, half] }",
    ],
)
def test_down_goes_between_the_stages_however_it_is_given(stages: str) -> None:
    rows = archspec.stats(STAGED % stages).stages
    assert [row.output_shape for row in rows] == [[1, 8, 32, 32], [1, 16, 16, 16], [1, 24, 8, 8]]


def test_a_stage_by_itself_says_what_is_in_front_of_it() -> None:
    stages = "stage s1 { dim = 16, depth = 1, down = half } stage s2 { dim = 16, depth = 1, down = none }"
    text = STAGED % f"down = half  {stages}"
    assert [row.output_shape for row in archspec.stats(text).stages] == [[1, 16, 16, 16]] * 2
    behind = "stage s1 { depth = 1 } stages { dim = [16, 24], depth = 1, down = [half, half] }"
    assert archspec.stats(STAGED % behind).stages[-1].output_shape == [1, 24, 8, 8]


def test_whole_numbers_are_followed_exactly() -> None:
    path = ROOT / "tests" / "specs" / "whole_numbers.arch"
    types = archspec.stats(path).root.outputs
    results = archspec.compile_spec(path)(torch.randn(2, 4, 8))
    assert [type.entries is not None for type in types] == [type.dtype == "int" for type in types]
    for type, result in zip(types, results, strict=True):
        if type.entries is not None:
            assert torch.equal(torch.tensor(type.entries.values).reshape(result.shape), result)


def test_every_op_on_whole_numbers_says_how_it_moves_them() -> None:
    takes = {name for name in op_names() if "int" in find_op(name).dtypes}
    assert {name for name in takes if find_op(name).moved is Op.moved} == {"embedding"}


def test_each_stage_is_applied_once_in_the_order_of_the_text() -> None:
    text = STAGED % "stages { depth = [1, 2] } stage s1 { depth = 3 }"
    assert [row.name for row in archspec.stats(text).stages] == ["stages.0", "stages.1", "s1"]
    text = "model m on x: [4] { block = relu  stage head { depth = 2 } }"
    assert archspec.stats(text + "\n").flops == 8


def test_expressions_are_kept_up_to_their_longest() -> None:

    made: SymExpr | None = expr.name("c")
    for _ in range((LARGEST_EXPR - 1) // 2):
        made = combine("+", made, expr_of(1))
    for _ in range((LARGEST_EXPR - 1) % 2):
        made = combine("int", made)
    assert made is not None
    assert made.size == LARGEST_EXPR
    assert combine("int", made) is None
