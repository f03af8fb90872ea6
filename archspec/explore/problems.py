"""What can be wrong with a search: its axes, its conditions, its budget, its files."""

from __future__ import annotations

from typing import ClassVar

from archspec.diagnostics import Problem
from archspec.diagnostics.suggest import suggestion


class UnknownAxis(Problem):
    """Something to vary that the model does not have."""

    code: ClassVar[str] = "E0701"
    model: str
    name: str
    known: tuple[str, ...]

    def message(self) -> str:
        return f"`{self.model}` has no parameter, input size or entry `{self.name}` that could vary"

    def help(self) -> str | None:
        return suggestion(self.name, self.known, "it has")


class BadOptions(Problem):
    """Values to vary over that cannot be read."""

    code: ClassVar[str] = "E0702"
    name: str
    text: str
    why: str

    def message(self) -> str:
        return f"`{self.text}` for `{self.name}`: {self.why}"

    def help(self) -> str | None:
        return "give values with commas between them, or a range such as 32..128:16 (both ends counted)"


class UnknownColumn(Problem):
    """A condition that names something that is neither a figure nor varied."""

    code: ClassVar[str] = "E0703"
    name: str
    known: tuple[str, ...]

    def message(self) -> str:
        return f"`{self.name}` is no figure, and nothing that varies"

    def help(self) -> str | None:
        return suggestion(self.name, self.known, "there are")


class BadCondition(Problem):
    """A condition made of more than comparisons and arithmetic."""

    code: ClassVar[str] = "E0704"

    def message(self) -> str:
        return "a condition is made of figures, numbers, arithmetic, comparisons, `and`, `or` and `not`"

    def help(self) -> str | None:
        return 'such as "macs < 4G and params < 25M"'


class BadGoal(Problem):
    """A goal of a front that is no figure with a direction."""

    code: ClassVar[str] = "E0705"
    text: str
    known: tuple[str, ...]

    def message(self) -> str:
        return f"`{self.text}` is no goal"

    def help(self) -> str | None:
        return f"write min:FIGURE or max:FIGURE, with FIGURE one of {', '.join(self.known)}"


class NeedsPackage(Problem):
    """Something that an optional package does."""

    code: ClassVar[str] = "E0706"
    what: str
    package: str

    def message(self) -> str:
        return f"{self.what} needs the package `{self.package}`, which is not installed"

    def help(self) -> str | None:
        return "pip install 'archspec-nn[explore]' brings all that searches can use"


class NoClosedForm(Problem):
    """A number that no formula can leave open, since the model's structure hangs on it."""

    code: ClassVar[str] = "E0707"
    name: str

    def message(self) -> str:
        return f"there is no closed form over `{self.name}`: the structure of the model hangs on its value"

    def label(self) -> str:
        return f"here `{self.name}` is used as a plain number"

    def help(self) -> str | None:
        return "leave it out; `archspec sweep` works such numbers out value by value"


class NothingOpen(Problem):
    """A closed form over nothing."""

    code: ClassVar[str] = "E0708"
    model: str
    known: tuple[str, ...]

    def message(self) -> str:
        return f"`{self.model}` is fixed to its input, so no size is open"

    def help(self) -> str | None:
        return f"name what to leave open: {', '.join(self.known)}"


class OffBudget(Problem):
    """A budget that nothing in the space comes near."""

    code: ClassVar[str] = "E0709"
    why: str

    def message(self) -> str:
        return self.why

    def help(self) -> str | None:
        return "give wider ranges: --free dims=16..1024:16"


class NotResumable(Problem):
    """Parts of another sweep in the way."""

    code: ClassVar[str] = "E0710"
    folder: str

    def message(self) -> str:
        return f"`{self.folder}` holds the parts of another sweep, or of another version of this one"

    def help(self) -> str | None:
        return "remove it, or write to another file"
