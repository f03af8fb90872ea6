"""What is more than a spec may take."""

from __future__ import annotations

from typing import ClassVar

from archspec.diagnostics import PastLimit


class TooLarge(PastLimit):
    """A value or a model beyond what any spec needs."""

    code: ClassVar[str] = "E0340"
    what: str

    def message(self) -> str:
        return self.what.format(f"{self.most:,}")


class TooDeeplyUsed(PastLimit):
    """Modules that use one another without end."""

    code: ClassVar[str] = "E0325"
    module: str

    def message(self) -> str:
        return f"`{self.module}` is used inside itself, or modules are nested more than {self.most} deep"


class TooMuchWork(PastLimit):
    """A spec that would take forever."""

    code: ClassVar[str] = "E0326"

    def message(self) -> str:
        return f"this spec takes more than {self.most:,} units of work to compile"

    def notes(self) -> tuple[str, ...]:
        return ("a unit is about a microsecond; loops and lists are unrolled",)
