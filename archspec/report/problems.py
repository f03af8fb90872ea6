"""What can be wrong with what is asked of a closed form."""

from __future__ import annotations

from typing import ClassVar

from archspec.diagnostics import Problem
from archspec.diagnostics.suggest import suggestion


class UnknownNumber(Problem):
    """Something to leave open, or to vary, that the model does not have."""

    code: ClassVar[str] = "E0701"
    model: str
    name: str
    known: tuple[str, ...]

    def message(self) -> str:
        return f"`{self.model}` has no number `{self.name}` that could be left open"

    def help(self) -> str | None:
        whole = {name.partition("[")[0] for name in self.known}
        return suggestion(self.name, self.known if "[" in self.name else whole, "it has")


class NotANumber(Problem):
    """A case that is not of numbers."""

    code: ClassVar[str] = "E0702"
    name: str
    got: str

    def message(self) -> str:
        return f"`{self.name}` is a number, or a list with as many as the model's, and this is {self.got}"


class NoClosedForm(Problem):
    """A number that no formula can leave open, since the model's structure hangs on it."""

    code: ClassVar[str] = "E0703"
    model: str
    name: str
    value: str

    def message(self) -> str:
        return f"`{self.model}` has no closed form over `{self.name}`: its structure hangs on the number"

    def label(self) -> str:
        return f"what is here holds for `{self.name}` = {self.value} alone"

    def help(self) -> str | None:
        return f"leave `{self.name}` out; `archspec sweep` works such a number out value by value"


class NothingOpen(Problem):
    """A closed form over nothing."""

    code: ClassVar[str] = "E0704"
    model: str
    known: tuple[str, ...]

    def message(self) -> str:
        return f"`{self.model}` is fixed to the size of its input, so there is no size to leave open"

    def help(self) -> str | None:
        return f"name what to leave open: --symbolic {','.join(self.known[:3])}" if self.known else None
