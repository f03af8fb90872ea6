"""What only shows when source is written."""

from __future__ import annotations

from typing import ClassVar

from archspec.diagnostics import Problem


class SharedDiffers(Problem):
    """One layer used in two places where it would have to compute differently."""

    code: ClassVar[str] = "E0602"
    name: str

    def message(self) -> str:
        return f"`{self.name}` is shared between uses where it computes differently"

    def notes(self) -> tuple[str, ...]:
        return ("a decision or a number inside it follows the size of its input, and one layer has one code",)

    def help(self) -> str | None:
        return "bind the recipe under a second name for a layer of its own, or make the decision outside of it"
