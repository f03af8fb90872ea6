"""Constant tables: the rule that the source says gives the numbers of the elaboration, to the last digit."""

from __future__ import annotations

import ast
from contextlib import suppress
from random import Random
from typing import Any

import pytest
import torch
from torch import nn

import archspec
from archspec.graph.arrays import array_of
from archspec.graph.elaborate import Elaborator
from archspec.graph.nodes import Instance, LayerList
from archspec.graph.program import Unfit
from archspec.graph.tabulate import compiled
from archspec.pipeline import build_graph
from archspec.sym.array import SymArray
from archspec.sym.fill import worked_out
from tests.conftest import ROOT

VARIABLES = (
    *("i", "j", "int", "lambda", "lambda_", "max", "range", "self", "torch", "len", "math", "None_", "w", "n", "float"),
    *("list", "__debug__", "__x", "long", "sqrt", "pi", "abs", "zip", "match"),
)
HEAD = """module tables(n = 6, w = [3, 1, 2], mode = "wide", causal = true) on x: [8, 9] -> [8, 9] {
    side = n * 2 + 1
    long = [i * side for i in range(20)]
    half = [a / 2 for a in long]
    grid = [[a * b - 3 for a in range(3)] for b in [2, -1, 0, 5]]
    offset = 0.5
"""
TAIL = """    const ones: [9] = [1] * 9
    return x * ones
}
model m on x: [8, 9] { layer = tables
    return layer(x) }
"""


def spec(*tables: str) -> str:
    """A model with tables of 8 x 9, each given by its expression, with ``int`` in front where it is one."""
    lines = []
    for at, table in enumerate(tables):
        kind, _, rule = table.rpartition("int: ")
        lines.append(f"    const t{at}: {'int ' if kind or table.startswith('int: ') else ''}[8, 9] = {rule}\n")
    return HEAD + "".join(lines) + TAIL


def held(text: str, **options: Any) -> nn.Module:
    """The model of a spec, every table of it held against the elaboration's numbers."""
    spec = archspec.load_spec(text)
    model = archspec.compile_spec(spec, **options)
    tables = [table for instance in instances(build_graph(spec)) for table in instance.tables]
    assert tables
    dtype = options.get("dtype") or torch.get_default_dtype()
    for table in tables:
        live = model.get_buffer(f"layer.{table.name}")
        wanted = torch.tensor(table.values, dtype=torch.long if table.dtype == "int" else dtype).reshape(table.shape)
        assert live.dtype == wanted.dtype
        assert torch.equal(live, wanted), table.name
        assert torch.equal(live.signbit(), wanted.signbit()), "-0.0 is not 0.0"
    return model


def instances(node: Any) -> list[Instance]:
    if isinstance(node, Instance):
        return [node, *(found for child in node.layers.values() for found in instances(child))]
    return [found for item in node.items for found in instances(item)] if isinstance(node, LayerList) else []


def literals(text: str) -> int:
    """How many numbers a source holds."""
    return sum(isinstance(node, ast.Constant) and not isinstance(node.value, str) for node in ast.walk(ast.parse(text)))


SAID = [
    "[[if (k < 4) != (j < 9) then 1.0 else 0.0 for k in range(9)] for j in range(8)]",
    "[[(if k < 4 then (if j < 3 then 1 else 2) else 3) + 0 for k in range(9)] for j in range(8)]",
    "[[(if k < 4 then k * 1.5 else j) + k + j + k * j - long[k] - long[1] + 12 for k in range(9)] for j in range(8)]",
    "int: [[int(int / 2) + lambda * 2 + max for int in range(9)] for lambda, max in enumerate(range(8))]",
    "[[cos(j * exp(-log(10000) * (2 * (k // 2)) / 9)) + sin(j) for k in range(9)] for j in range(8)]",
    "[[long[k + j] + w[k % 3] + sqrt(k) * pi + half[j] for k in range(9)] for j in range(8)]",
    "[[a * b for a, b in zip(long[0:9], ramp(0, 1, 9)) if not (a == 1 and b == 3)] for self in reversed(range(8))]",
    "[range(9)] + [[0] * 9] * 7",
    "[[shape(x)[0] + lambda + lambda_ for lambda in range(9)] for lambda_ in range(8)]",
    "[[i for i in range(len(long)) if i < 9] for i in range(8)]",
    "[[a * b for a in range(3) if causal for b in w if b > 0] for j in range(8)]",
    "int: [[long[p + q] for p in range(3) for q in [p, p + n, 2]] for j in range(4) for i in [3, j]]",
    "[[if causal and k > j then -inf else 0 for k in range(9)] for j in range(8)]",
    '[[if mode == "wide" or k in w then round(k / 4, 1) else floor(j / 3) for k in range(9)] for j in range(8)]',
    "[[i + side + offset for side in [i]][0] * side for i in range(9)] for j in range(8)]".replace("[[i", "[[[i", 1),
    "int: [[sum([range for range in range(j) if range % 2 == k % 2]) for k in range(9)] for j in range(8)]",
    "[[if -k // 2 % 3 == 0 then (-k) ** 2 else -(k ** 2) - 2 ** -j for k in range(9)] for j in range(8)]",
]


@pytest.mark.parametrize("rule", SAID)
def test_rules_are_said(rule: str) -> None:
    source = archspec.generate_source(spec(rule))
    assert literals(source) < 60, source
    held(spec(rule))


def test_rules_side_by_side() -> None:
    held(spec(*SAID))


class Rules:
    """Random rules of tables; every name can be a loop variable, and hide what it likes."""

    def __init__(self, seed: int) -> None:
        self.random = Random(seed)

    def table(self) -> str:
        """An expression of 8 x 9 numbers."""
        rows, columns = self.random.sample(VARIABLES, 2)
        item = self.number((rows, columns), 4)
        rows_in = self.random.choice(("range(8)", "reversed(range(8))", "[0, 1, 2, 3, 4, 5, 6, 7]", "range(10)[1:9]"))
        row = f"[{item} for {columns} in range(9)]"
        if self.random.random() < 0.3:
            row = f"[{item} for {columns} in range(30) if {columns} % 3 == 1][0:9]"
        return f"[{row} for {rows} in {rows_in}]"

    def several(self, count: int) -> list[str]:
        """Expressions that the elaborator takes."""
        found: list[str] = []
        while len(found) < count:
            table = self.table()
            with suppress(archspec.ArchspecError):
                archspec.stats(spec(table))
                found.append(table)
        return found

    def number(self, names: tuple[str, ...], depth: int) -> str:
        pick = self.random.randrange(10) if depth else self.random.randrange(2)
        a, b = (self.number(names, depth - 1) if depth and pick > 1 else "" for _ in range(2))
        match pick:
            case 0:
                return self.random.choice(names)
            case 1:
                return self.random.choice(("0", "1", "7", "2.5", "n", "side", "offset", "pi", "len(w)", "w[1]"))
            case 2 | 3:
                op = self.random.choice(("+", "-", "*"))
                return self.random.choice((f"{a} {op} {b}", f"({a}) {op} ({b})", f"-{a} {op} ({b})"))
            case 4:
                return f"({a}) {self.random.choice(('%', '//', '/'))} (abs({b}) + 1)"
            case 5:
                return f"(if {self.truth(names, depth)} then {a} else {b})"
            case 6:
                return f"if {self.truth(names, depth)} then {a} else {b}"
            case 7:
                function = self.random.choice(("int", "float", "round", "abs", "floor", "ceil"))
                return f"{function}({a})" if self.random.random() < 0.7 else f"max({a}, min({b}, 5))"
            case 8:
                inner = self.random.choice(VARIABLES)
                return f"sum([{self.number((*names, inner), depth - 1)} for {inner} in range(3)])"
        one, two = self.random.sample(VARIABLES, 2)
        item = self.number((*names, one, two), depth - 1)
        return f"[{item} for {one}, {two} in zip(long, enumerate(w)[0])][{self.random.randrange(2)}]"

    def truth(self, names: tuple[str, ...], depth: int) -> str:
        a, b = (self.number(names, depth - 1) for _ in range(2))
        one = f"({a}) {self.random.choice(('==', '!=', '<', '<=', '>', '>='))} ({b})"
        if self.random.random() < 0.5:
            return one
        two = self.truth(names, depth - 1) if depth > 1 else "causal"
        return self.random.choice(
            (f"({one}) != ({two})", f"not {one} and {two}", f"{one} or not ({two})", f"not ({two})")
        )


class ArrayRules(Rules):
    """Random rules of what arrays are made of: choices that keep errors out, entries of lists, functions, loops."""

    def table(self) -> str:
        if self.random.random() < 0.8:
            return super().table()
        one, two, three = self.random.sample(VARIABLES, 3)
        item = self.number((one, two, three), 3)
        rows = self.random.choice((f"for {three} in range(1, 17, 2)", f"for {three}, _v in enumerate(long[:8])"))
        return f"[[{item} for {one} in range(3) for {two} in w] {rows}]"

    def number(self, names: tuple[str, ...], depth: int) -> str:
        pick = self.random.randrange(16) if depth else 0
        if pick < 6:
            return super().number(names, depth)
        a, b = (self.number(names, depth - 1) for _ in range(2))
        match pick:
            case 6:
                return f"(if ({b}) != 0 then ({a}) {self.random.choice(('/', '//', '%'))} ({b}) else {a})"
            case 7:
                return f"(if ({b}) == 0 or ({a}) / ({b}) > 1 then {a} else {b})"
            case 8:
                return f"{self.random.choice(('long', 'half'))}[int(abs({a})) % 20]"
            case 9:
                return f"grid[int(abs({a})) % 4][-1 - int(abs({b})) % 3]"
            case 10:
                return f"{self.random.choice(('sin', 'cos'))}({a})"
            case 11:
                return f"{self.random.choice(('sqrt', 'log'))}(1 + abs({a}))"
            case 12:
                return f"exp(-abs({a}) / 9)"
            case 13:
                return f"({a}) ** {self.random.choice(('2', '3', '0.5', '-1', '(0 - 2)', 'w[1]'))}"
            case 14:
                return f"(if {self.random.choice(names)} in w then {a} else {b})"
        return f"round({a}, {self.random.choice(('0', '1', '2', '-1'))})"


def numbers(text: str) -> list[Any]:
    """Every table of a spec by the exact numbers of the elaboration."""
    root = Elaborator(archspec.load_spec(text)).run()
    return [(table.name, table.shape, table.dtype, table.exact) for i in instances(root) for table in i.tables]


def unfit(*_: Any) -> None:
    raise Unfit


RULES = [[*SAID], *(rules(seed).several(20) for rules in (Rules, ArrayRules) for seed in range(100, 104))]


@pytest.mark.parametrize("rules", RULES, ids=lambda rules: f"{len(rules)} like {rules[0][:40]}")
def test_arrays_and_compiled_rules_give_what_the_evaluator_gives(
    rules: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    made: dict[str, list[Any]] = {"array_of": [], "compiled": []}
    roads = {}
    for road, known in (("array_of", array_of), ("compiled", compiled)):

        def told(*args: Any, road: str = road, known: Any = known) -> Any:
            made[road].append(known(*args))
            return made[road][-1]

        monkeypatch.setattr(f"archspec.graph.table_values.{road}", told)
        roads[road] = numbers(spec(*rules))
        monkeypatch.setattr(f"archspec.graph.table_values.{road}", unfit)
    plain = numbers(spec(*rules))
    assert roads["array_of"] == plain
    assert roads["compiled"] == plain
    assert len(made["array_of"]) > len(rules) // 3
    assert len(made["compiled"]) >= len(rules), "all but one of those by hand, and the ones beside them"


POSITIONS = """model m(n = 7) on x: [n * n, 4] { layer = positions(n)
    return layer(x) }
module positions(n) on x: [t, c] -> [t, c] {
    const index: int [n * n, n * n] = [
        [(i // n - j // n + n - 1) * (2 * n - 1) + i % n - j % n + n - 1 for j in range(n * n)] for i in range(n * n)
    ]
    param table: [(2 * n - 1) ** 2 - short] = normal(0.02)
    return take(table, index) @ x
}"""


@pytest.mark.parametrize("n", [14, 24, 28])
def test_published_tables_pass_the_limits(n: int) -> None:
    """Relative positions of a whole image of 14 x 14 patches (BEiT), and of the largest windows that are published."""
    spec = archspec.load_spec(POSITIONS.replace(" - short", ""), params={"n": n})
    assert archspec.stats(spec).params == (2 * n - 1) ** 2
    places = torch.stack(torch.meshgrid(torch.arange(n), torch.arange(n), indexing="ij")).flatten(1)
    across = places[:, :, None] - places[:, None] + n - 1
    index = archspec.compile_spec(spec).get_buffer("layer.index")
    assert torch.equal(index, across[0] * (2 * n - 1) + across[1])


@pytest.mark.parametrize(("size", "window"), [(96, 12), (192, 24), (384, 12)])
def test_shifted_windows_of_large_images(size: int, window: int) -> None:
    """Swin's masks: regions of a map, which follow its size, looked up for each pair of places in each window."""
    text = (ROOT / "tests" / "specs" / "windows.arch").read_text(encoding="utf-8")
    text = text.replace("[3, 56, 56]", f"[3, {size}, {size}]").replace("(7, 3, s)", f"({window}, 2, s)")
    text = text.replace("[0, 3]", f"[0, {window // 2}]")
    assert len(archspec.generate_source(text).splitlines()) < 300
    if size < 384:
        assert archspec.verify(text).equal
    with pytest.raises(archspec.ArchspecError, match="E0326"):
        archspec.stats(text, limits={"work": 20_000})


SWIN = ROOT / "tests" / "specs" / "swin.arch"
SMALL = {"dim": 16, "depths": (2, 2, 2, 2), "heads": (1, 2, 4, 8)}


def published_mask(side: int, window: int) -> torch.Tensor:
    """The mask of shifted windows as Swin's own code makes it: regions of the map, compared inside each window."""
    regions = torch.zeros(side, side)
    parts = (slice(0, -window), slice(-window, -(window // 2)), slice(-(window // 2), None))
    for at, (rows, columns) in enumerate((rows, columns) for rows in parts for columns in parts):
        regions[rows, columns] = at
    cut = regions.view(side // window, window, side // window, window).transpose(1, 2).reshape(-1, window**2)
    return torch.where(cut[:, None] == cut[:, :, None], 0.0, -100.0)


@pytest.mark.parametrize(("size", "window"), [(224, 7), (224, 14), (384, 12), (384, 24), (224, 28)])
def test_swin_of_any_window(size: int, window: int) -> None:
    """5.3 million numbers for windows of 24 of an image of 384, by the same few lines as for windows of 7."""
    spec = archspec.load_spec(SWIN, model="swin", params={**SMALL, "size": size, "window": window})
    assert archspec.generate_source(spec).count("torch.arange") == 10
    model = archspec.compile_spec(spec)
    made = 0
    for module in model.modules():
        for name, table in module.named_buffers(recurse=False):
            if name == "mask":
                own = round(table.shape[1] ** 0.5)
                assert torch.equal(table, published_mask(round(table.shape[0] ** 0.5) * own, own))
                made += table.numel()
    assert made >= (size // 4) ** 2 * window**2


@pytest.mark.parametrize("model", ["swin_tiny", "swin_base_384", "swin_base_384_24"])
def test_published_swins_are_short(model: str) -> None:
    assert len(archspec.generate_source(f"{SWIN}#{model}").splitlines()) < (365 if model.endswith("24") else 350)


@pytest.mark.parametrize(
    ("file", "params"),
    [
        ("swin.arch", {**SMALL, "size": 64, "window": 4, "dim": 8}),
        ("rotary.arch", {"length": 48, "dim": 32}),
        ("positions.arch", {"side": 5, "dim": 16}),
    ],
)
def test_models_of_many_tables_agree_with_reference_execution(file: str, params: dict[str, Any]) -> None:
    model = "swin" if file == "swin.arch" else None
    assert archspec.verify(archspec.load_spec(ROOT / "tests" / "specs" / file, model=model, params=params)).equal


def test_tables_of_a_published_size_are_those_of_single_numbers() -> None:
    """4096 rotary angles, and places of 28 x 28 patches behind a class token, against the rule at some places."""
    for file, count in (("rotary", 4096 * 32), ("positions", 785 * 785)):
        root = build_graph(archspec.load_spec(ROOT / "tests" / "specs" / f"{file}.arch"))
        for table in {id(t): t for instance in instances(root) for t in instance.tables}.values():
            assert table.array is not None
            assert table.array.numel == count
            random = Random(file)
            for _ in range(200):
                place = tuple(random.randrange(size) for size in table.shape)
                assert repr(table.array.values[place].item()) == repr(table.array.at(place))


LAZY = [
    "[[1 / (i + 1) for j in range(9)] for i in range(8)]",
    "[[if i > 0 then j / i else 0 for j in range(9)] for i in range(8)]",
    "[[if j > i then -inf else 0 for j in range(9)] for i in range(8)]",
    "[[if j > i and causal then 0 else 1 for j in range(9)] for i in range(8)]",
    "[[long[i + j] * 0.5 for j in range(9)] for i in range(8)]",
    "int: [[(i // n - j // n + 3) % 5 for j in range(9)] for i in range(8)]",
]
EAGER = [
    "[[1 / (2 * i - 2 * j + 1) for j in range(9)] for i in range(8)]",
    "[[if (i + j) % 2 == 1 then 1 / (i + j - 4) else 0 for j in range(9)] for i in range(8)]",
    "int: [[long[(i + j) * (15 - i - j) // 3] for j in range(9)] for i in range(8)]",
]


@pytest.mark.parametrize("rule", [*LAZY, *EAGER])
def test_values_are_worked_out_where_bounds_do_not_tell(rule: str, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[SymArray] = []

    def told(array: SymArray) -> Any:
        asked.append(array)
        return worked_out(array)

    monkeypatch.setattr("archspec.sym.fill.worked_out", told)
    archspec.stats(spec(rule))
    assert bool(asked) == (rule in EAGER)


@pytest.mark.parametrize(
    ("rule", "words"),
    [
        ("[[1 / (i - j) for j in range(9)] for i in range(8)]", "division by zero"),
        ("[[long[i + 3 * j] for j in range(9)] for i in range(8)]", "there is no entry 21"),
        ("[[sqrt(3 - i) for j in range(9)] for i in range(8)]", "math domain error"),
        ("int: [[i / 2 for j in range(9)] for i in range(8)]", "a table of whole numbers"),
        ("[[10 ** (i * j) for j in range(9)] for i in range(8)]", "too large"),
    ],
)
def test_a_rule_without_a_value_somewhere_is_said_as_ever(rule: str, words: str) -> None:
    with pytest.raises(archspec.ArchspecError, match=words):
        archspec.stats(spec(rule))


def test_equal_tables_are_one() -> None:
    root = build_graph(archspec.load_spec(ROOT / "tests" / "specs" / "windows.arch"))
    tables = [table for instance in instances(root) for table in instance.tables if table.name == "index"]
    assert len(tables) == 2
    assert tables[0].array is not None
    assert tables[1].array is not None
    assert tables[0].array.values is tables[1].array.values


def test_a_large_table_is_followed_into_its_uses() -> None:
    with pytest.raises(archspec.ArchspecError, match="0 to 2208"):
        archspec.stats(POSITIONS.replace("short", "1"), params={"n": 24})


@pytest.mark.parametrize("seed", range(12))
@pytest.mark.parametrize("rules", [Rules, ArrayRules])
def test_random_rules(rules: type[Rules], seed: int) -> None:
    held(spec(*rules(seed).several(8)), dtype=torch.float64)


@pytest.mark.parametrize("dtype", [torch.float32, torch.float64, torch.bfloat16])
def test_a_table_is_of_the_models_dtype_unless_it_is_whole(dtype: torch.dtype) -> None:
    text = """model m on x: [4, 6] { layer = inside
        return layer(x) }
    module inside on x: [4, 6] -> [4, 6] {
        const mix: [6, 6] = [[if i == j then 1 else 0 for i in range(6)] for j in range(6)]
        const mask: [4, 4] = [[if i > j then -inf else 0 for i in range(4)] for j in range(4)]
        const places: int [4] = [3, 1, 2, 0]
        const few: [2] = [1, 2]
        x = attend(x, x @ mix, x, mask) + einsum(x, mix, "n c, c d -> n d") * mean(few, axis = 0)
        return take(x, places)
    }"""
    held(text, dtype=dtype).eval()(torch.randn(2, 4, 6, dtype=dtype))


def test_a_formula_does_not_hold_for_other_entries_of_a_table() -> None:
    text = """module t(sizes) on x: [n] -> [n] {
        const index: int [2] = [sizes[i] for i in range(2)]
        param table: [5, n] = normal(0.5)
        return x + mean(take(table, index), axis = 0)
    }
    model m(sizes = [3, 4]) on x: [8] { a = t(sizes) return a(x) }"""
    report = archspec.stats(text)
    assert report.at(sizes=[4, 0]).params == 40
    with pytest.raises(archspec.ArchspecError, match="E0346"):
        report.at(sizes=[3, 9])


@pytest.mark.parametrize(
    ("item", "loop"),
    [
        ("if b then a * i + j else -j", "a, b in zip([1, 2], [true, false])"),
        ("a[0] * i + j + b", "b, a in enumerate([[1, 5], [2, 6]])"),
    ],
)
def test_rows_of_parts_of_several_kinds_are_compiled(item: str, loop: str) -> None:
    """Worked out one by one, tables of many numbers would be too much work."""
    rule = f"[[[{item} for j in range(100)] for i in range(100)] for {loop}]"
    text = f"model m on x: [100] {{ const t: [2, 100, 100] = {rule} return x * t[0, 0] + t[1, 1] }}"
    assert archspec.stats(text, limits={"work": 50_000}).flops == 200


@pytest.mark.parametrize("kind", ["", "int "])
@pytest.mark.parametrize("entries", ['["a", "b"]', "[true, false]", "[none, 1]", "[relu, 1]", "[1, [2]]", "[0.5, 1]"])
def test_what_is_no_table(entries: str, kind: str) -> None:
    text = f"model m on x: [2] {{ const t: {kind}[2] = {entries} return x * t }}"
    if entries == "[0.5, 1]" and not kind:
        assert archspec.compile_spec(text).get_buffer("t").tolist() == [0.5, 1.0]
        return
    with pytest.raises(archspec.ArchspecError, match="E0301"):
        archspec.compile_spec(text)
