"""What a verification can find: the module computes something else than the graph says."""

from __future__ import annotations

from typing import ClassVar

from archspec.diagnostics import Problem


class ValuesDiffer(Problem):
    """A module that gives other numbers than reference execution of the same graph."""

    code: ClassVar[str] = "E0801"
    what: str
    path: str
    kind: str
    why: str

    def message(self) -> str:
        where = f" from `{self.path}` on" if self.path else ""
        return f"the compiled module and reference execution differ in {self.what}{where}"

    def label(self) -> str:
        return f"this `{self.kind}`" if self.kind else ""

    def notes(self) -> tuple[str, ...]:
        return (self.why,)

    def help(self) -> str | None:
        return "this is a fault of archspec, not of the spec: please report it with the spec"


class NotRun(Problem):
    """A graph that was accepted and cannot be run."""

    code: ClassVar[str] = "E0802"
    path: str
    kind: str
    why: str

    def message(self) -> str:
        return f"`{self.path or self.kind}` was accepted, and torch cannot run it"

    def label(self) -> str:
        return f"this `{self.kind}`" if self.kind else ""

    def notes(self) -> tuple[str, ...]:
        return (self.why,)
