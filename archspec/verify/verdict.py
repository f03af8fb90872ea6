"""What a verification found, as a table with a verdict."""

from __future__ import annotations

from dataclasses import dataclass

from archspec.report.text import table


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
    """All checks of a model, and what there is to say of how the tools were run."""

    checks: tuple[Check, ...]
    notes: tuple[str, ...] = ()

    @property
    def equal(self) -> bool:
        """Whether all figures agree."""
        return all(check.agrees for check in self.checks)

    def lines(self) -> list[str]:
        """The comparison as a table with a verdict."""
        rows = [
            [c.figure, c.tool, f"{c.ours:,}", "-" if c.theirs is None else f"{c.theirs:,}", c.word] for c in self.checks
        ]
        lines = ["", *table(["verify", "tool", "archspec", "measured", ""], rows, frozenset({2, 3})), *self.notes]
        if not self.equal:
            return [*lines, "NOT equal to fvcore and torch"]
        rounded = any(check.ours != check.theirs for check in self.checks)
        return [*lines, "equal to fvcore and torch" + (", but for what fvcore itself rounds" if rounded else "")]
