"""``expect`` statements held against a report."""

from __future__ import annotations

from decimal import Decimal
from typing import ClassVar

from archspec.diagnostics import Diagnostic, Problem
from archspec.diagnostics.suggest import suggestion
from archspec.limits import now
from archspec.report.metrics import COUNTS
from archspec.report.model import Report
from archspec.report.text import scaled
from archspec.sym.operators import COMPARISONS
from archspec.syntax import tree

_SCALE = {"K": 10**3, "M": 10**6, "G": 10**9, "T": 10**12}


class Unmet(Problem):
    """A model that is not what it says of itself."""

    code: ClassVar[str] = "E0401"
    model: str
    metric: str
    relation: str
    wanted: str
    got: int

    def message(self) -> str:
        return f"`{self.model}` expects {self.metric} {self.relation} {self.wanted}, and has {self.got:,}"

    def label(self) -> str:
        return f"it is {self.got:,}" + (f" ({scaled(self.got)})" if self.got >= 1000 else "")

    def notes(self) -> tuple[str, ...]:
        return ("`~` holds where the figure rounds to the digits given",) if self.relation == "~" else ()


class UnknownMetric(Problem):
    """An expectation of something that is not counted, or not a number."""

    code: ClassVar[str] = "E0402"
    metric: str

    def message(self) -> str:
        return f"`expect` knows no `{self.metric}`, or is not given a number"

    def help(self) -> str | None:
        return suggestion(self.metric, [metric.name for metric in COUNTS], "it knows")


def unmet(report: Report, expectations: tuple[tree.Expect, ...]) -> tuple[Diagnostic, ...]:
    """The expectations that do not hold, as many as are shown at once."""
    found: list[Problem] = []
    for item in expectations:
        if len(found) == now().problems:
            break
        if item.metric not in report.counts or not isinstance(item.value, tree.Number):
            found.append(UnknownMetric(item.span, item.metric))
            continue
        got = report.counts[item.metric]
        if not holds(got, item.relation, item.value):
            found.append(Unmet(item.span, report.model, item.metric, item.relation, item.value.text, got))
    return tuple(problem.diagnostic() for problem in found)


def holds(got: int, relation: str, wanted: tree.Number) -> bool:
    """Whether a figure is as expected; ``~``: it lies within half a unit of the last digit written."""
    if relation != "~":
        return COMPARISONS[relation](got, wanted.value)
    text = wanted.text.replace("_", "")
    scale = _SCALE.get(text[-1], 1)
    digits = Decimal(text[:-1] if scale > 1 else text)
    exponent = digits.as_tuple().exponent
    unit = Decimal(scale) * Decimal(10) ** (exponent if isinstance(exponent, int) else 0)
    return abs(Decimal(got) - digits * scale) <= unit / 2
