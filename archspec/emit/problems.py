"""Problems of writing a graph for a target."""

from __future__ import annotations

from typing import ClassVar

from archspec.diagnostics import Problem


class NotWritten(Problem):
    """An op that a target does not know how to write."""

    code: ClassVar[str] = "E0690"
    name: str
    target: str
    place: str

    def message(self) -> str:
        return f"the target {self.target} has no `{self.name}`"

    def notes(self) -> tuple[str, ...]:
        return (f"`layer` and `apply` of {self.place} would say how it is written",)

    def help(self) -> str | None:
        return "build it for another target, or say it with other ops"
