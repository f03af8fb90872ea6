"""What can be wrong with how parameters start."""

from __future__ import annotations

from typing import ClassVar

from archspec.diagnostics import Problem
from archspec.diagnostics.suggest import suggestion


class InitMatches(Problem):
    """An ``init`` that no layer would follow."""

    code: ClassVar[str] = "E0334"
    selector: str
    field: str | None = None
    module: bool = False
    late: bool = False
    names: tuple[str, ...] = ()

    def message(self) -> str:
        if self.field is not None:
            return f"`{self.selector}` has no `{self.field}` to initialise"
        if self.module:
            return f"`{self.selector}` is a module; its parameters are initialised inside it"
        if self.late:
            return f"`{self.selector}` is used before this `init`, and would not follow it"
        return f"`init {self.selector}` names neither an op nor a layer bound before it"

    def help(self) -> str | None:
        if self.field is not None:
            if not self.names:
                return f"`{self.selector}` has no weights"
            return f"there are {', '.join(self.names)}"
        if self.late:
            return "put it before the first use"
        return None if self.module else suggestion(self.selector, self.names, "there are")


class InitShape(Problem):
    """An initialiser on a weight that has not the axes it looks at."""

    code: ClassVar[str] = "E0345"
    kind: str
    name: str
    wanted: int
    rank: int

    def message(self) -> str:
        axes = {0: "none", 1: "one"}.get(self.rank, str(self.rank))
        return f"`{self.kind}` needs {'two axes' if self.wanted == 2 else 'an axis'}, and `{self.name}` has {axes}"

    def help(self) -> str | None:
        return "a number, zeros, ones, normal and uniform go with any shape"


class InitUnused(Problem):
    """An ``init`` for an op that nothing behind it uses."""

    code: ClassVar[str] = "W0303"
    op: str

    def message(self) -> str:
        return f"no `{self.op}` comes behind this `init`, so it starts nothing"

    def help(self) -> str | None:
        return "leave it out, or put it in front of what it is for"
