"""What can be wrong with a value and what is done with it."""

from __future__ import annotations

from typing import ClassVar

from archspec.diagnostics import Problem


class Failed(Exception):
    """A problem was reported; the statement at hand has no value."""


class WrongKind(Problem):
    """A value that cannot be used so."""

    code: ClassVar[str] = "E0301"
    wanted: str
    got: str

    def message(self) -> str:
        return f"expected {self.wanted}, found {self.got}"


class WrongCount(Problem):
    """Another number of things than there are places for."""

    code: ClassVar[str] = "E0322"
    what: str
    wanted: int
    got: int

    def message(self) -> str:
        return f"{self.what}: {self.wanted} wanted, {self.got} given"


class BadOperands(Problem):
    """An operator on values that it does not take."""

    code: ClassVar[str] = "E0302"
    op: str
    left: str
    right: str

    def message(self) -> str:
        return f"`{self.op}` does not go with {self.left} and {self.right}"

    def help(self) -> str | None:
        truths = {self.left, self.right} & {"true", "false"}
        return "true and false are no numbers: `if ... then 1 else 0` is one" if truths else None


class BadArithmetic(Problem):
    """A computation without a usable result."""

    code: ClassVar[str] = "E0303"
    why: str

    def message(self) -> str:
        return f"this cannot be computed: {self.why}"


class NotACondition(Problem):
    """Something that is neither true nor false where it must be one of them."""

    code: ClassVar[str] = "E0341"
    got: str
    way: str | None

    def message(self) -> str:
        return f"a condition is true or false, and this is {self.got}"

    def help(self) -> str | None:
        return f"say what is asked of it: `{self.way}`" if self.way is not None else None
