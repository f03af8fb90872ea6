"""What can be wrong with a search: its axes, its conditions, its budget, its files."""

from __future__ import annotations

from typing import ClassVar

from archspec.diagnostics import Problem
from archspec.diagnostics.suggest import suggestion
from archspec.report.text import duration, grouped


class BadOptions(Problem):
    """Values to vary over that cannot be read."""

    code: ClassVar[str] = "E0720"
    name: str
    text: str
    why: str

    def message(self) -> str:
        return f"`{self.text}` for `{self.name}`: {self.why}"

    def help(self) -> str | None:
        return "give values with commas between them, or a range such as 32..128:16 (both ends counted)"


class TooManyVariants(Problem):
    """A space that nobody waits for."""

    code: ClassVar[str] = "E0730"
    count: int
    most: int

    def message(self) -> str:
        return f"a sweep takes up to {self.most:,} variants, and these are {grouped(self.count)}"

    def help(self) -> str | None:
        return "draw some of them with --sample 1000000 (or sample=), or give fewer values"


class ManyVariants(Problem):
    """A space of more variants than are gone through without being asked for."""

    code: ClassVar[str] = "E0760"
    count: int
    most: int

    def message(self) -> str:
        return f"these are {self.count:,} variants, and more than {self.most:,} are not gone through unasked"

    def notes(self) -> tuple[str, ...]:
        return (f"at a million a second they would take {duration(self.count / 1e6)}",)

    def help(self) -> str | None:
        return "draw some of them with --sample 1000000 (or sample=), or go through all with --yes (or most=None)"


class UnknownColumn(Problem):
    """A condition that names something that is neither a figure nor varied."""

    code: ClassVar[str] = "E0721"
    name: str
    known: tuple[str, ...]

    def message(self) -> str:
        return f"`{self.name}` is no figure, and nothing that varies"

    def help(self) -> str | None:
        return suggestion(self.name, self.known, "there are")


class BadCondition(Problem):
    """A condition made of more than comparisons and arithmetic, or of a number that is compared with nothing."""

    code: ClassVar[str] = "E0722"
    number: bool = False

    def message(self) -> str:
        if self.number:
            return "this is a number, and neither true nor false"
        return "a condition is made of figures, numbers, arithmetic, comparisons, `and`, `or` and `not`"

    def help(self) -> str | None:
        return 'such as "macs < 4G and params < 25M"'


class TruthNotNumber(Problem):
    """A truth where a number is needed."""

    code: ClassVar[str] = "E0731"

    def message(self) -> str:
        return "this is true or false, and no number"

    def help(self) -> str | None:
        return "join comparisons with `and`: 1G < macs and macs < 4G"


class BadGoal(Problem):
    """A goal of a front that is no figure with a direction."""

    code: ClassVar[str] = "E0723"
    text: str
    known: tuple[str, ...]

    def message(self) -> str:
        return f"`{self.text}` is no goal"

    def help(self) -> str | None:
        return f"write min:FIGURE or max:FIGURE, with FIGURE one of {', '.join(self.known)}"


class NeedsPackage(Problem):
    """Something that an optional package does."""

    code: ClassVar[str] = "E0724"
    what: str
    package: str

    def message(self) -> str:
        return f"{self.what} needs the package `{self.package}`, which is not installed"

    def help(self) -> str | None:
        return "pip install 'archspec-nn[explore]' brings all that searches can use"


class OffBudget(Problem):
    """A budget that nothing in the space comes near."""

    code: ClassVar[str] = "E0725"
    why: str

    def message(self) -> str:
        return self.why

    def help(self) -> str | None:
        return "give wider ranges: --free dims=16..1024:16"


class NotResumable(Problem):
    """Parts of another sweep in the way."""

    code: ClassVar[str] = "E0726"
    folder: str

    def message(self) -> str:
        return f"`{self.folder}` holds the parts of another sweep, or of another version of this one"

    def help(self) -> str | None:
        return "remove it, or write to another file"


class BadExecutor(Problem):
    """A place to run in that is none."""

    code: ClassVar[str] = "E0727"
    text: str
    why: str = "it is neither threads, processes nor an address"

    def message(self) -> str:
        return f"`{self.text}` is no executor: {self.why}"

    def help(self) -> str | None:
        return "write threads, processes, processes:8, or a Dask scheduler's address such as tcp://host:8786"


class WorkerLost(Problem):
    """A process that a sweep ran in, and that ended before its work did."""

    code: ClassVar[str] = "E0732"
    parts: str | None

    def message(self) -> str:
        return "a worker of the sweep ended before its work was done: killed from outside, or for want of memory"

    def help(self) -> str | None:
        if self.parts is not None:
            return f"the same call goes on from `{self.parts}`; fewer workers take less memory"
        return "run it with fewer workers; with a file to write to (-o, out=) it goes on where it was stopped"


class Disagreement(Problem):
    """A figure of a closed form that a full report does not have: a defect of archspec."""

    code: ClassVar[str] = "E0728"
    what: str

    def message(self) -> str:
        return f"the closed form and the report differ: {self.what}"

    def help(self) -> str | None:
        return "this is a defect of archspec, and the results are not to be trusted: please report it with the spec"


class NoBudget(Problem):
    """A fit to nothing, or to a figure that does not exist."""

    code: ClassVar[str] = "E0729"
    known: tuple[str, ...]

    def message(self) -> str:
        return "a fit needs a budget: at least one figure"

    def help(self) -> str | None:
        return f"such as --macs 4G --params 25M; there are {', '.join(self.known)}"
