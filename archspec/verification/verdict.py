"""What a verification found, as tables with a verdict."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from archspec.diagnostics import Diagnostic
from archspec.report.table import EXACT, NUMBER, DataColumn, DataTable
from archspec.verification.values import Agreement

REFERENCE = "reference execution"


@dataclass(frozen=True)
class Check:
    """One figure, ours and a tool's; ``theirs`` is None where the tool could not count.

    ``rounding`` is the most by which the two may differ where the tool itself rounds.
    """

    figure: str
    tool: str
    ours: int
    theirs: int | None
    rounding: int = 0

    @property
    def agrees(self) -> bool:
        """Whether the two are equal, or differ by no more than the tool's own rounding."""
        return self.theirs is not None and abs(self.ours - self.theirs) <= self.rounding

    @property
    def word(self) -> str:
        """The verdict on it."""
        if self.theirs is None:
            return "NOT COUNTED"
        if self.ours == self.theirs:
            return "equal"
        return f"{self.tool} rounds to four digits" if self.agrees else "DIFFERS"


@dataclass(frozen=True)
class Verdict:
    """All checks of a model, and what there is to say of how the tools were run.

    ``agreements`` are the comparisons by value with reference execution; ``found`` are the diagnostics where one fails.
    """

    checks: tuple[Check, ...]
    notes: tuple[str, ...] = ()
    agreements: tuple[Agreement, ...] = ()
    found: tuple[Diagnostic, ...] = ()

    @property
    def equal(self) -> bool:
        """Whether all figures and all values agree."""
        return not self.found and all(c.agrees for c in self.checks) and all(a.agrees for a in self.agreements)

    def lines(self) -> list[str]:
        """The comparison as tables with a verdict."""
        lines = ["", *_counted(self.checks).plain()]
        if self.agreements:
            lines += ["", *_computed(self.agreements).plain()]
        return [*lines, "", *self.notes, self.summary()]

    def summary(self) -> str:
        """The verdict in a line, with whatever it differs from."""
        differing = [check.tool for check in self.checks if not check.agrees]
        if self.found or not all(agreement.agrees for agreement in self.agreements):
            differing.insert(0, REFERENCE)
        if differing:
            return f"NOT equal to {together([*dict.fromkeys(differing)])}"
        tools = [check.tool for check in self.checks if check.tool != "module"]
        held = together([*([REFERENCE] if self.agreements else []), *dict.fromkeys(tools)])
        rounded = any(check.ours != check.theirs for check in self.checks)
        return f"equal to {held}" + (", but for what fvcore itself rounds" if rounded else "")


def _counted(checks: Sequence[Check]) -> DataTable:
    return DataTable(
        (
            DataColumn("verify", [check.figure for check in checks]),
            DataColumn("tool", [check.tool for check in checks]),
            DataColumn("archspec", [check.ours for check in checks], EXACT),
            DataColumn("measured", [check.theirs for check in checks], EXACT),
            DataColumn("", [check.word for check in checks]),
        )
    )


def _computed(agreements: Sequence[Agreement]) -> DataTable:
    differences = [f"{found.difference:.1e}" if found.difference else "0" for found in agreements]
    return DataTable(
        (
            DataColumn(f"module against {REFERENCE}", [found.what for found in agreements]),
            DataColumn("numbers", [found.numbers for found in agreements], EXACT),
            DataColumn("off by", differences, NUMBER),
            DataColumn("", [found.word for found in agreements]),
        )
    )


def together(words: Sequence[str]) -> str:
    """Some words as a sentence lists them."""
    return " and ".join([", ".join(words[:-1])] * (len(words) > 1) + list(words[-1:]))
