"""Closed forms against full reports: the same figures for every case, and the same refusals."""

from __future__ import annotations

import operator
import pickle
import random
import re
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import archspec
from archspec.diagnostics import SpecError
from archspec.report.closed import ClosedForm
from archspec.report.formula_text import render_formulas
from archspec.report.metrics import CLOSED, Metrics
from archspec.report.symbolic import formulas
from archspec.search.origin import VariantSource
from archspec.search.space import Option
from archspec.sym.algebra import Algebra, Condition
from archspec.sym.bounds import Range
from archspec.sym.evaluate import NUMBERS, columns, function
from archspec.sym.number import hint, largest
from archspec.sym.open import OpenInt, opened
from archspec.sym.operators import COMPARISONS
from archspec.sym.poly import Poly
from tests.conftest import ROOT

CASES = sorted((ROOT / "tests" / "cases" / "closed").glob("*.arch"))
FAMILIES = [
    "poolformer", "metaformer_id_s12", "metaformer_baseline", "restormer", "vit", "mixer", "resmlp", "convnext",
    "resnet50", "gmlp", "gmlp_vision", "amlp_vision", "linear_tiny", "poolformer_s12_feat", "caformer_s18",
    "metaformer_ppaa_s12_224",
]  # fmt: skip


def metrics_of(report: Any) -> Metrics:
    return Metrics({name: report.metrics[name] for name in CLOSED})


def another(value: Any, rng: random.Random) -> Any:
    """A number near one of a spec's, or at an edge."""
    if isinstance(value, float):
        return rng.choice([value, 2 * value, value / 2, 0.0, 0.5])
    near = [value, value // 2, 2 * value, value + 1, max(0, value - 1), value + 32, rng.randint(0, 2 * value + 2)]
    return rng.choice(near)


def hold(source: VariantSource, form: ClosedForm, case: dict[str, Any]) -> None:
    """The closed form and a full report say the same of a case."""
    options = {name: Option(repr(number), number) for name, number in case.items()}
    assert said(lambda: form.metrics(case)) == said(lambda: metrics_of(source.report(options, 1, "float32")))


def said(of: Callable[[], Metrics]) -> Metrics | None:
    """Figures, or None where there are none."""
    try:
        return of()
    except SpecError:
        return None


@pytest.mark.parametrize("name", [*FAMILIES, *map(str, CASES)], ids=lambda name: name.rsplit("/", 1)[-1])
def test_any_case_of_any_open_numbers(name: str) -> None:
    source = VariantSource(name, None, None, None, False)
    numbers = {n: v for n, v in source.known.items() if isinstance(v, (int, float)) and not isinstance(v, bool)}
    numbers["batch"] = 1
    rng = random.Random(name)
    for _ in range(4):
        names = rng.sample(sorted(numbers), min(len(numbers), rng.randint(1, 4)))
        form = ClosedForm(source.spec, names)
        for _ in range(3):
            hold(source, form, {name: another(numbers[name], rng) for name in names})


@pytest.mark.parametrize(
    ("name", "params", "depths", "pieces"),
    [
        ("resnet50", {}, "depths", 8),
        ("poolformer_s12", {"drop_path_rate": 0.1}, "depths", 8),
        ("convnext_tiny", {"drop_path_rate": 0.1}, "depths", 8),
        ("vit", {"drop_path_rate": 0.1}, "depth", 2),
        (str(CASES[0].with_name("runs.arch")), {}, "m", 4),
    ],
    ids=lambda value: str(value).rsplit("/", 1)[-1],
)
def test_a_depth_stays_open_where_blocks_repeat(name: str, params: dict[str, Any], depths: str, pieces: int) -> None:
    source = VariantSource(name, None, params, None, False)
    form = ClosedForm(source.spec, [depths])
    names, rng = sorted(form.cases), random.Random(name)
    for _ in range(4):
        hold(source, form, {name: rng.randint(1, 4) for name in names})
    for _ in range(200):
        form.metrics({name: rng.randint(2, 40) for name in names})
    assert len(form.pieces) <= pieces


@pytest.mark.parametrize(
    ("name", "depths"),
    [("poolformer_s12", "depths"), ("vit", "depth"), (str(CASES[0].with_name("repeats.arch")), "depth")],
)
def test_few_rounds_are_of_one_piece_with_many(name: str, depths: str) -> None:
    form = ClosedForm(archspec.load_spec(name), [depths])
    for count in (1, 2, 3, 4, 12):
        form.metrics(dict.fromkeys(form.cases, count))
        assert len(form.pieces) <= 2


def test_a_multiple_is_divided_by_what_it_is_made_of() -> None:
    algebra = Algebra()
    a, b = (Poly.of(algebra.symbol(name, 3)) for name in "ab")
    assert algebra.quotient(Poly.constant(6) * (a + b), a + b) == Poly.constant(6)
    assert algebra.remainder(Poly.constant(6) * (a + b), a + b) == Poly({})
    assert algebra.quotient(a + b + b, a + b).nodes() != ()


@pytest.mark.parametrize("relation", ["<", "<=", ">", ">=", "==", "!="])
def test_bounds_of_one_number_tell_what_holds_between_them(relation: str) -> None:
    node = Algebra().symbol("x", 3)
    span, compare = Range({node: (1, 5)}), COMPARISONS[relation]
    for other in range(-1, 8):
        found = span.holds(Condition(relation, Poly.of(node) - Poly.constant(other), Poly({})))
        assert found == all(compare(x, other) for x in range(1, 6)), other


@pytest.mark.parametrize("name", ["poolformer_s12", "resnet50", "convnext_tiny", "restormer"])
def test_random_sizes_floor_divisions_included(name: str) -> None:
    report = archspec.stats(name)
    rng = random.Random(name)
    for _ in range(10):
        h, w = rng.randint(1, 300), rng.randint(1, 300)
        if rng.random() < 0.5:
            h, w = 8 * h // 8, 8 * (w // 8) + 8
        try:
            wanted = metrics_of(archspec.stats(name, (3, h, w)))
        except SpecError:
            with pytest.raises(SpecError):
                report.at(h=h, w=w)
            continue
        assert report.at(h=h, w=w) == wanted


def test_lists_by_name_and_a_batch() -> None:
    report = archspec.stats("poolformer_s12")
    wanted = archspec.stats("poolformer_s12", params={"depths": [1, 2, 3, 4]}, batch=3)
    assert report.at(depths=[1, 2, 3, 4], batch=3) == metrics_of(wanted)


@pytest.mark.parametrize(
    ("case", "code"),
    [({"dimms": 3}, "E0701"), ({"depths": [1, 2]}, "E0702"), ({"h": "big"}, "E0702"), ({"h": -3}, "E0331")],
)
def test_cases_that_are_none(case: dict[str, Any], code: str) -> None:
    with pytest.raises(SpecError) as caught:
        archspec.stats("poolformer_s12").at(**case)
    assert caught.value.diagnostics[0].code == code


def test_a_report_is_data_and_answers_wherever_it_is_taken() -> None:
    report = archspec.stats("poolformer_s12", batch=2)
    assert pickle.loads(pickle.dumps(report)).at(h=160, w=96, dims=[32, 64, 160, 256]) == report.at(
        h=160, w=96, dims=[32, 64, 160, 256]
    )


@pytest.mark.parametrize(
    ("name", "names", "code"),
    [
        ("vit", (), "E0704"),
        ("gmlp", (), "E0704"),
        ("poolformer_s12", ("dim",), "E0701"),
        ("poolformer_s12", ("norm",), "E0701"),
    ],
)
def test_nothing_to_leave_open(name: str, names: tuple[str, ...], code: str) -> None:
    with pytest.raises(SpecError) as caught:
        formulas(archspec.load_spec(name), names)
    assert caught.value.diagnostics[0].code == code


def test_a_number_that_the_structure_hangs_on_has_no_closed_form() -> None:
    spec = archspec.load_spec(ROOT / "tests" / "cases" / "closed" / "unrolled.arch")
    with pytest.raises(SpecError) as caught:
        formulas(spec, ("depth",))
    (found,) = caught.value.diagnostics
    assert found.code == "E0703"
    text = spec.sources[found.span.source]
    assert "range(depth)" in text[found.span.start - 20 : found.span.end + 20]


@pytest.mark.parametrize(("name", "names"), [("poolformer_s12", ()), ("poolformer_s12", ("dims", "batch"))])
def test_formulas_in_words(name: str, names: tuple[str, ...], update: bool) -> None:
    said = render_formulas(formulas(archspec.load_spec(name), names)) + "\n"
    expected = ROOT / "tests" / "cases" / "closed" / f"{'-'.join((name, *names))}.txt"
    if update:
        expected.write_text(said, encoding="utf-8")
    assert said == expected.read_text(encoding="utf-8")


def test_formulas_in_words_are_the_formulas() -> None:
    made = formulas(archspec.load_spec("poolformer_s12"))
    names: dict[str, Any] = {"h": 231, "w": 300, "max": max}
    for name, text in made.names.items():
        names[name] = eval(python(text), {}, names)
    report = archspec.stats("poolformer_s12", (3, 231, 300))
    assert {name: eval(python(text), {}, names) for name, text in made.formulas.items()} == metrics_of(report)


def python(text: str) -> str:
    """A formula in words as Python: ``1,024·h^2`` is ``1024*h**2``."""
    return re.sub(r"(?<=\d),(?=\d)", "", text).replace("·", "*").replace("^", "**")


# the algebra by itself

WHOLE = st.integers(-50, 400)
OPERATORS: dict[str, Callable[[Any, Any], Any]] = {
    "+": operator.add, "-": operator.sub, "*": operator.mul, "//": operator.floordiv, "%": operator.mod, "max": largest,
}  # fmt: skip
STEP = st.tuples(st.sampled_from(sorted(OPERATORS)), st.integers(0, 9), st.integers(0, 9))
STEPS = st.lists(STEP, min_size=1, max_size=9)


def worked(numbers: list[Any], steps: list[tuple[str, int, int]]) -> list[Any]:
    """Numbers and what steps make of them; steps that divide by zero are left out."""
    made = list(numbers)
    for op, i, j in steps:
        a, b = made[i % len(made)], made[j % len(made)]
        if op not in ("//", "%") or b != 0:
            made.append(OPERATORS[op](a, b))
    return made


@settings(max_examples=300, deadline=None)
@given(st.tuples(WHOLE, WHOLE), st.lists(st.tuples(WHOLE, WHOLE), min_size=1, max_size=5), STEPS)
def test_formulas_are_arithmetic(case: tuple[int, int], others: list[tuple[int, int]], steps: list[Any]) -> None:
    """What was worked out for one case gives, where its conditions hold, what Python gives for any other."""
    import numpy as np

    algebra = Algebra()
    x, y = opened(case[0], "x", algebra), opened(case[1], "y", algebra)
    made = [value for value in worked([x, y, 3, 0, 7], steps) if isinstance(value, OpenInt)]
    symbols = [next(iter(n.term.nodes())) for n in (x, y)]
    outputs = [value.term for value in made]
    scalar = function(symbols, outputs, list(algebra.conditions), NUMBERS)
    column = function(symbols, outputs, list(algebra.conditions), columns())
    for one in (case, *others):
        try:
            holds, values = scalar(*one)
        except ZeroDivisionError:
            continue
        if one == case:
            assert holds
        if not holds:
            continue
        plain = worked([*one, 3, 0, 7], steps)
        wanted = [v for v, o in zip(plain, worked([x, y, 3, 0, 7], steps)) if isinstance(o, OpenInt)]
        assert list(values) == wanted
        span = Range({node: (number, number) for node, number in zip(symbols, one)})
        if all(abs(v) < 2**62 for v in wanted) and span.largest < 2**63:
            with np.errstate(all="ignore"):
                _, arrays = column(*(np.array([number, number]) for number in one))
            assert [int(np.broadcast_to(a, (2,))[1]) for a in arrays] == wanted


@settings(max_examples=200, deadline=None)
@given(st.tuples(WHOLE, WHOLE, WHOLE, WHOLE), STEPS, st.data())
def test_values_lie_within_their_bounds(ends: tuple[int, ...], steps: list[Any], data: Any) -> None:
    low, high = sorted(ends[:2]), sorted(ends[2:])
    case = data.draw(st.tuples(st.integers(*low), st.integers(*high)))
    algebra = Algebra()
    x, y = opened(case[0], "x", algebra), opened(case[1], "y", algebra)
    symbols = [next(iter(n.term.nodes())) for n in (x, y)]
    span = Range({symbols[0]: (low[0], low[1]), symbols[1]: (high[0], high[1])})
    for value in worked([x, y, 3, 0, 7], steps):
        if isinstance(value, OpenInt):
            least, most = span.of(value.term)
            assert least <= hint(value) <= most


def test_equal_formulas_are_one() -> None:
    algebra = Algebra()
    h = opened(224, "h", algebra)
    assert (4 * h) // 4 == h
    assert not algebra.conditions, "a comparison that is so for all values leaves none"
    assert ((h + 4 - 7) // 4 + 1).term == ((h + 1) // 4).term
    assert (h * h - h * h) == 0
    assert isinstance(h - h, int)
    assert not isinstance(h - h, OpenInt)
    assert Poly.constant(0).value == 0
