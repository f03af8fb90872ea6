"""Whatever text is given, ArchspecError alone comes out, in two seconds of CPU and 500 MB: mutants, bombs by hand."""

from __future__ import annotations

import time
from typing import Any

import pytest
from lark.exceptions import UnexpectedInput

import archspec
from archspec.syntax import parse_tree
from archspec.syntax.lalr import Automaton, NotParsed
from tests.fuzz.mutants import campaign, kind_of, kind_of_json, shipped, smallest, text_of

B = "model m on x: [4, 8] {{ {} return x }}"
PAIR = "module f{0}(k) on x: [c, n] {{ a = f{1}(k)(x) return f{1}({2})(a) }} "


def doubled(leaf: str, argument: str) -> str:
    """Forty modules, each of which uses the one below it twice."""
    return "".join(PAIR.format(i, i - 1, argument) for i in range(39, 0, -1)) + leaf + B.format("x = f38(0)(x)")


BOMBS = {
    "names that mean nothing": B.format("a = [" + ", ".join(f"unknown{i}" for i in range(14_000)) + "]"),
    "more of them": B.format("a = [" + ", ".join(f"unknown{i}" for i in range(30_000)) + "]"),
    "definitions": " ".join(f"a{i} = 1" for i in range(9000)) + B.format(""),
    "names that are not there": "use std.blocks: " + ", ".join(f"a{i}" for i in range(14_000)) + "\n" + B.format(""),
    "a long path": "use " + ".".join(["a"] * 14_000) + ": b\n" + B.format(""),
    "layers by the thousand": "model m on x: [3, 9, 9] { t = [[conv(4, kernel = 1)] * 600] * 600 return x }",
    "the same largest": B.format("a = range(9999) b = [max(a) for i in range(9999)]"),
    "the same sum": B.format("a = range(9999) b = [sum(a) for i in range(9999)]"),
    "ramps": B.format("b = [ramp(0, 1, 9999) for i in range(9999)]"),
    "expectations": "model m on x: [4] { return x " + " ".join(f"expect params == {i + 1}" for i in range(4000)) + " }",
    "lengths": B.format("a = range(9999) b = [len(a) for i in range(9999)]"),
    "copies": B.format("a = range(9999) b = [a[0:9998] for i in range(9999)]"),
    "lists under names": B.format("a = [relu] * 9999 for i in range(9999) { b = a }"),
    "loops": B.format("for i in range(9999) { for j in range(9999) { } }"),
    "bindings": B.format(" ".join(f"a{i} = {i}" for i in range(60_000))),
    "numbers": B.format("a = [" + ", ".join(map(str, range(200_000))) + "]"),
    "steps": B.format("for i in range(10_000) { x = relu(x) }"),
    "tensors in a list": B.format("y = [relu(x) for i in range(3500)] x = concat(y, axis = 0)"),
    "results": "model m on x: [1024, 8] { for i in range(999) { x = reshape(concat(unbind(x), axis = 0), [1024, 8]) } "
    "return x }",
    "recurrences": "model m on x: [4, 8] { l = lstm(5, layers = 1000000000000) return l(x) }",
    "some recurrences": "model m on x: [4, 8] { l = lstm(5, layers = 3000) return l(x) }",
    "parameters": "model m on x: [8] { "
    + "".join(f"param p{i}: [8] = zeros x = x * p{i} " for i in range(1900))
    + "return x }",
    "axes": "model m on x: [1] { return reshape(x, [1] * 10_000) }",
    "ones": 'model m on x: [1] { return rearrange(x, "a -> a ' + "1 " * 200 + '") }',
    "nesting": B.format("a = " + "[" * 3000 + "1" + "]" * 3000),
    "branches": B.format(" else ".join(["if false { a = 1 }"] * 3000)),
    "values in values": B.format("a = 1 for i in range(9999) { a = [a] }"),
    "layers that are too many, again": B.format("c = relu for i in range(9999) { c = [c] * 99 }"),
    "parameters that nothing reads": "model m on x: [8] { "
    + "".join(f"param p{i}: [8] = zeros " for i in range(3000))
    + "return x * p0 }",
    "recipes in recipes": "module f(g) on x: [c, n] { return g(x) } "
    + B.format("a = relu for i in range(9999) { a = f(a) }"),
    "modules twice": doubled("module f0(k) on x: [c, n] { return relu(x) * k } ", "k + 1"),
    "modules twice that do nothing": doubled("module f0(k) on x: [c, n] { return dropout(x, 0.0) } ", "k"),
    "strings": B.format('a = "' + "x" * 9000 + '" for j in range(9999) { b = [a + "{i}" for i in range(9999)] }'),
    "strings of names": B.format(
        "a = 1 for j in range(999) { " + "".join(f'y = "{{a + {i}}}" ' for i in range(1200)) + "}"
    ),
    "rules": "model m on x: [8] { "
    + "".join(f"init linear {{ weight = normal({i}.0) }} " for i in range(2000))
    + "a = [linear(8) for i in range(2000)] return a(x) }",
    "wrong again and again": B.format("for i in range(9999) { y = [1][i + 1] }"),
    "sums": B.format("a = 9000000000000000000 for i in range(9999) { a = sum([a] * 9999) }"),
    "a table longer than an index": B.format("const t: int [7, 9] = [range(2) for k in range(9223372036854775808)]"),
    "a long name": B.format("y" * 900_000 + " = 1"),
    "a long comment": "#" * 2_000_000 + "\n" + B.format(""),
}


@pytest.mark.parametrize("text", BOMBS.values(), ids=BOMBS.keys())
def test_bombs(text: str) -> None:
    assert kind_of(text, 3)[0] == ""


def test_mutants() -> None:
    made = campaign(seed=0, count=300, minutes=0.2, jobs=1)
    assert made.count
    assert [(item.kind, item.words, smallest(item)) for item in made.findings] == []


def test_tampered_json() -> None:
    made = [kind_of_json(0, index) for index in range(200)]
    assert [(index, kind, words) for index, (kind, words) in enumerate(made) if kind] == []
    assert 0 < sum(words == "not read" for _, words in made) < 190


LONG: dict[str, tuple[str, str, str, dict[str, Any]]] = {
    "pools": ("x: [4, h=64, w=64]", "", "for i in range(1000) { x = avg_pool(2, stride = 1, pad = 1)(x) }", {"h": 32}),
    "decisions": ("x: [4, 8]", "a = [7] * 3000", "t = 1 for d in a { if d > 2 { t = t + 1 } } x = x * t", {}),
    "products": ("x: [4, 8]", "a = [1] * 25", "t = 1 for d in a { t = t * (d + 1) % 97 + d } x = x * t", {}),
    "sums": ("x: [4, 8]", "a = [3] * 1500", "t = 0 for d in a { t = t + d * d } l = linear(t) x = l(x)", {}),
    "long decisions": (
        "x: [4, 8]",
        "a = [8] * 800",
        "t = 0 for d in a { if d > 3 { t = t + d } } l = linear(t) x = l(x)",
        {},
    ),
    "powers": ("x: [4, 8]", "a = [1, 2]", "t = a[0] for i in range(50) { t = t * t } x = x * (t + a[1])", {}),
}


@pytest.mark.parametrize("name", LONG)
def test_formulas_of_any_length(name: str) -> None:
    inputs, parameters, body, given = LONG[name]
    report = archspec.stats(f"model m({parameters}) on {inputs} {{ {body} return x }}")
    declared: Any = report.root.args.get("a")
    values: dict[str, Any] = given or {"a": [1, *declared[1:]]}
    size: dict[str, Any] = {"input_shape": (4, 32, 64)} if given else {"params": values}
    expected = archspec.stats(f"model m({parameters}) on {inputs} {{ {body} return x }}", **size)
    start = time.process_time()
    assert report.at(**values).flops == expected.flops
    assert time.process_time() - start < 4


def test_mutants_follow_from_their_seed() -> None:
    assert [text_of(4, i) for i in range(20)] == [text_of(4, i) for i in range(20)]


def test_outlines_are_those_of_lark() -> None:
    quick, lark = Automaton(parse_tree.parser()), parse_tree.parser()
    for text in [*shipped(), *(text_of(7, i) for i in range(150)), "", "#", '"""a"""', "iffy = not x in y"]:
        for start in parse_tree.START:
            try:
                known = lark.parse(text, start=start)
            except UnexpectedInput:
                with pytest.raises(NotParsed):
                    quick.parse(text, start)
                continue
            try:
                expected = parse_tree.plain(known)
            except RecursionError:
                continue
            assert quick.parse(text, start) == expected
