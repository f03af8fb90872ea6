"""Closed forms where whole numbers leak: beside fractions, below zero, where something has no value, at the limits."""

from __future__ import annotations

import random
from collections.abc import Mapping, Sequence
from typing import Any

import pytest

from archspec import SpecError, stats
from archspec.limits import held
from archspec.pipeline import resolve_spec
from archspec.report.closed import ClosedForm
from archspec.report.metrics import CLOSED, Metrics

CASES = 24

# a body of `model m(parameters) on x: input`, and the values that are drawn for what is open
FAMILIES: dict[str, tuple[str, str, str, Mapping[str, Sequence[Any]]]] = {
    "a fraction on the left": (
        "c = 30",
        "[4, 8, 8]",
        "f = conv(1 + int(0.5 * c), kernel = 1)  return f(x)",
        {"c": range(1, 60)},
    ),
    "a fraction compared": (
        "c = 3, d = 3.0",
        "[4, 8, 8]",
        """f = conv(if 2.5 < c then 3 else if 2.0 == c then 4 else 5, kernel = 1)
        g = conv(if [3.0, 4] == [c, d] then 9 else if c in [1.0, 4] then 7 else if [c, d] < [2.0, 4] then 6 else 5,
                 kernel = 1)
        return g(f(x))""",
        {"c": range(1, 6), "d": [3.0, 4.0, 3, 4]},
    ),
    "fractions in sums and ramps": (
        "c = 3, d = 4",
        "[4, 8, 8]",
        "f = conv(1 + int(sum([2.5, c, d]) + sum(ramp(0.5, c, 3))), kernel = 1)  return f(x)",
        {"c": range(6), "d": range(5)},
    ),
    "the larger of two kinds": (
        "c = 3, r = 2.5",
        "[4, 8, 8]",
        "f = conv(max(c, r), kernel = 1)  g = conv(int(min(c, 2.5, r)) + 5, kernel = 1)  return g(f(x))",
        {"c": range(-2, 6), "r": [0.5, 1.0, 2.5, 3.0, 2]},
    ),
    "below zero": (
        "a = 3, b = 4",
        "[8, 12, 10]",
        "y = x[a:b, -b:, a]  f = linear(max(1, min(a, b, 9), a - b) + 9)  return f(y)",
        {"a": range(-9, 10), "b": range(-12, 13)},
    ),
    "no square root": (
        "c = 30, r = 2.0",
        "[4, 8, 8]",
        "f = conv(1 + int(sqrt(c - r)), kernel = 1)  return f(x)",
        {"c": range(-20, 60), "r": [0.5, 10.0, 10]},
    ),
    "no quotient": (
        "a = 3, b = 2",
        "[4, 8, 8]",
        "f = conv(1 + abs(a // b) + abs(a % b) + int(abs(a / b)), kernel = 1)  return f(x)",
        {"a": range(-9, 10), "b": range(-3, 4)},
    ),
    "powers": (
        "a = 3, f = 4.0, b = 2",
        "[4, 8, 8]",
        "f = conv(int(1 + abs(a ** b) + b ** 2 + abs(f ** 0.5) + 1.1 ** b), kernel = 1)  return f(x)",
        {"a": range(-4, 5), "f": [-4.0, 0.0, 4.0, 9.5], "b": [*range(-3, 5), 65]},
    ),
    "too large a fraction": (
        "c = 30.0",
        "[4, 8, 8]",
        "f = conv(1 + int(c * c / 1e250), kernel = 1)  return f(x)",
        {"c": [1e10, 1e299, 1e125, 2e125, 5.0]},
    ),
    "beyond what a fraction holds": (
        "a = 4, b = 4.0",
        "[4, 8, 8]",
        "f = conv(if a == b then 1 else if a < b then 3 else 2, kernel = 1)  return f(x)",
        {"a": [2**53, 2**53 + 1, 2**53 - 1, 5], "b": [2.0**53, 2.0**53 + 2, 2.0, 5.0]},
    ),
    "bounds without end": (
        "p = 0.1, e = 1e-5",
        "[8, 6, 6]",
        "n = layer_norm(eps = e)  y = dropout(n(x), p)  f = conv(3, kernel = 1)  return f(clamp(y, -p, p) * p)",
        {"p": [0, 0.0, 0.1, 1, 1.0, -0.1, 2], "e": [1e-5, 0, 1, -1.0]},
    ),
    "long lists": (
        "n = 3",
        "[4, 2, 2]",
        "a = [conv(4, kernel = 1), relu] * n  b = [gelu for i in range(n)]  return b(a(x))",
        {"n": [-1, 0, 1, 2, 3, 1000, 1001, 10_001, 2**40]},
    ),
    "lists in lists": (
        "n = 3, k = 2",
        "[4, 9, 9]",
        """a = [conv(4, kernel = 3, pad = 1), gelu] * n
        l = [a, a] * k
        s = [conv(4, kernel = 3, stride = 2, pad = 1)] * k
        return l(l(s(x)))""",
        {"n": range(-1, 5), "k": range(-1, 4)},
    ),
    "what does nothing": (
        "n = 3, c = 6",
        "[c, h = 5, w = 7]",
        "a = [relu, dropout(0.0), dropout(0.1)] * n  y = x + a(x)  f = conv(c, kernel = 1)  return f(y)",
        {"n": range(7), "c": range(1, 8)},
    ),
    "layers of a recurrence": (
        "n = 2, d = 8",
        "[10, 8]",
        "l = lstm(d, layers = n, both_ways = true)  return l(x)",
        {"n": range(1, 5), "d": range(1, 9)},
    ),
}


def full(spec: str, params: dict[str, Any], shape: tuple[Any, ...] | None = None, batch: int = 1) -> Any:
    """The figures of a full report, or that there is none."""
    try:
        report = stats(spec, params=params, input_shape=shape, batch=batch)
    except SpecError:
        return "refused"
    return Metrics({name: report.metrics[name] for name in CLOSED})


def closed(form: ClosedForm, case: dict[str, Any]) -> Any:
    """The figures of a closed form, or that there are none."""
    try:
        return form.metrics(case)
    except SpecError:
        return "refused"


@pytest.mark.parametrize("name", FAMILIES)
def test_a_closed_form_says_of_every_case_what_a_report_says(name: str) -> None:
    parameters, given, body, values = FAMILIES[name]
    spec = f"model m({parameters}) on x: {given} {{ {body} }}"
    drawn = random.Random(name)
    cases = [{key: drawn.choice(list(options)) for key, options in values.items()} for _ in range(CASES)]
    with held({"work": 10**8}):  # formulas of many layers cost no more than of one, so they know no limit of work
        form = ClosedForm(resolve_spec(spec), values)
        assert [closed(form, case) for case in cases] == [full(spec, case) for case in cases]


def test_the_sizes_of_an_input_are_held_to_what_a_report_takes() -> None:
    spec = "model m on x: [8, h = 9, w = 4] { f = conv(3, kernel = 1)  return f(x) }"
    form = ClosedForm(resolve_spec(spec), ("h", "w", "batch"))
    for h in (1, 9, 0, -1, 2.0, True, 2**31 - 1, 2**31, 2**40):
        for batch in (1, 3, 0, 2**40):
            assert closed(form, {"h": h, "batch": batch}) == full(spec, {}, (8, h, 4), batch), (h, batch)


@pytest.mark.parametrize("value", [float("nan"), 1e300])
def test_what_no_spec_can_hold_is_refused(value: float) -> None:
    spec = "model m(p = 1.0) on x: [8, 6, 6] { f = conv(3, kernel = 1)  return f(x * p) }"
    assert closed(ClosedForm(resolve_spec(spec), ["p"]), {"p": value}) == full(spec, {"p": value}) == "refused"


def test_a_parameter_and_a_size_of_one_name_are_two() -> None:
    spec = "model m(h = 4, batch = 5) on x: [3, 8, 8] { f = conv(h * batch, kernel = 1)  return f(x) }"
    form = ClosedForm(resolve_spec(spec), ("h", "batch", "x.h"))
    assert closed(form, {"h": 6}) == full(spec, {"h": 6})
    assert closed(form, {"batch": 2}) == full(spec, {"batch": 2})
    assert closed(form, {"h": 6, "x.h": 5}) == full(spec, {"h": 6}, (3, 5, 8))


def test_pieces_met_first_say_nothing_of_others() -> None:
    spec = "model m(c = 30) on x: [4, 8, 8] { f = conv(1 + int(sqrt(c - 10)), kernel = 1)  return f(x) }"
    form = ClosedForm(resolve_spec(spec), ["c"])
    for c in (3, 30, 5, 14):
        assert closed(form, {"c": c}) == full(spec, {"c": c})


def test_a_model_fixed_to_its_input_is_so_whatever_input_the_caller_gave_first() -> None:
    spec = "model m(c = 8) on x: [8, n = 9] { f = linear(c)  return f(x) }"
    for first in (None, (8, 9), (8, 10)):
        form = ClosedForm(resolve_spec(spec, input_shape=first), ("n", "c"))
        for n in (9, 10):
            assert closed(form, {"n": n, "c": 3}) == full(spec, {"c": 3}, (8, n))


def test_a_report_of_a_size_is_none_of_what_equals_it() -> None:
    spec = "model m on x: [8, h = 9, w = 4] { f = conv(3, kernel = 1)  return f(x) }"
    assert full(spec, {}, (8, 1, 4)) != "refused"
    assert full(spec, {}, (8, True, 4)) == full(spec, {}, (8, 1.0, 4)) == "refused"
