"""What can be wrong with the arguments of an op or module, and with what it is used for."""

from __future__ import annotations

from typing import ClassVar

from archspec.diagnostics import Label, Problem
from archspec.diagnostics.suggest import suggestion
from archspec.opdef.faults import Fault
from archspec.source import NOWHERE, Span


class UnknownArgument(Problem):
    """An argument that the op or module does not take."""

    code: ClassVar[str] = "E0304"
    of: str
    name: str
    known: tuple[str, ...]

    def message(self) -> str:
        return f"`{self.of}` takes no argument `{self.name}`"

    def help(self) -> str | None:
        return suggestion(self.name, self.known, "it takes") if self.known else f"`{self.of}` takes no arguments"


class TooManyArguments(Problem):
    """More arguments by position than are left to give."""

    code: ClassVar[str] = "E0305"
    of: str
    known: tuple[str, ...]

    def message(self) -> str:
        return f"too many arguments for `{self.of}`"

    def help(self) -> str | None:
        return f"it takes {', '.join(self.known)}" if self.known else "it takes none"


class MissingArgument(Problem):
    """A recipe applied before it has all its arguments."""

    code: ClassVar[str] = "E0306"
    of: str
    missing: tuple[str, ...]
    made: Span

    def message(self) -> str:
        names = " and ".join(f"`{name}`" for name in self.missing)
        return f"`{self.of}` still needs {names}"

    def label(self) -> str:
        return "applied here"

    def secondary(self) -> tuple[Label, ...]:
        return (Label(self.made, f"this `{self.of}`"),) if self.made != NOWHERE else ()

    def help(self) -> str | None:
        return f"give it: {self.of}({self.missing[0]} = ...)"


class ByName(Problem):
    """A number by position where people differ on the order."""

    code: ClassVar[str] = "E0342"
    of: str
    name: str
    first: tuple[str, ...]
    others: tuple[str, ...]
    known: str = ""
    way: str = ""

    def message(self) -> str:
        return f"`{self.of}` takes `{self.name}` by name alone"

    def label(self) -> str:
        return f"this would be `{self.name}`"

    def notes(self) -> tuple[str, ...]:
        if not self.first:
            return (f"all arguments of `{self.of}` are given by name",)
        own = " and ".join(f"`{name}`" for name in self.first)
        return (f"by position `{self.of}` takes {own}; by name {', '.join(f'`{name}`' for name in self.others)}",)

    def help(self) -> str | None:
        if self.way and self.known:
            return f"if the first is {self.known}: archspec knows that, so write `{self.way}`"
        front = "..., " if self.first else ""
        return f"write `{self.way}`" if self.way else f"say which it is: `{self.of}({front}{self.name} = ...)`"


class OpFault(Problem):
    """What an op found wrong; its code is the fault's."""

    code: ClassVar[str] = "E0310"
    fault: Fault
    labels: tuple[Label, ...] = ()

    def message(self) -> str:
        return self.fault.message()

    def secondary(self) -> tuple[Label, ...]:
        return self.labels

    def help(self) -> str | None:
        return self.fault.help()


class ExternRefused(Problem):
    """Python of the user's own that the caller has not allowed."""

    code: ClassVar[str] = "E0337"
    name: str
    target: str

    def message(self) -> str:
        return f"`{self.name}` is Python from outside (`{self.target}`), which was not allowed"

    def help(self) -> str | None:
        return "if you trust this spec, allow it: --allow-extern, or allow_extern=True"


class BadExtern(Problem):
    """An extern that names no class, or costs that are not known."""

    code: ClassVar[str] = "E0338"
    why: str

    def message(self) -> str:
        return self.why
