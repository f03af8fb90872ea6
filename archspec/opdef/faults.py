"""What an op can find wrong with its arguments and inputs. Data; the graph adds the place and the chain of uses."""

from __future__ import annotations

from typing import ClassVar

from archspec.frozen import Frozen
from archspec.limits import way_out
from archspec.opdef.entries import KnownEntries
from archspec.opdef.types import TensorType


class Fault(Frozen, Exception):
    """Base of all faults."""

    code: ClassVar[str]

    def message(self) -> str:
        raise AssertionError

    def help(self) -> str | None:
        return None


class BadArgument(Fault):
    """An argument of the wrong type or outside its range."""

    code: ClassVar[str] = "E0310"
    op: str
    argument: str
    expected: str
    got: str

    def message(self) -> str:
        return f"`{self.argument}` of `{self.op}` must be {self.expected}, not {self.got}"

    def help(self) -> str | None:
        ramp = "a ramp is a number in the blocks of stages alone; `ramp(a, b, n)` is a list of n numbers"
        return ramp if self.got.startswith("ramp(") else None


class OverLimit(Fault):
    """More of something than a limit has it; the caller may raise it."""

    code: ClassVar[str] = "E0350"
    op: str
    what: str
    limit: str
    most: int

    def message(self) -> str:
        return f"`{self.op}` has {self.what.format(f'{self.most:,}')} here"

    def help(self) -> str | None:
        return way_out(self.limit, self.most)


class WrongRank(Fault):
    """An input with another number of axes than the op takes."""

    code: ClassVar[str] = "E0311"
    op: str
    expected: str
    got: TensorType

    def message(self) -> str:
        return f"`{self.op}` takes {self.expected}, and this is {self.got}"

    def help(self) -> str | None:
        return "axes are counted without the batch"


class NotDivisible(Fault):
    """A size that does not divide."""

    code: ClassVar[str] = "E0312"
    op: str
    what: str
    size: int
    by_what: str
    by: int

    def message(self) -> str:
        return f"{self.what} ({int(self.size)}) of `{self.op}` is not divisible by {self.by_what} ({int(self.by)})"

    def help(self) -> str | None:
        near = [d for d in range(1, int(self.size) + 1) if self.size % d == 0] if self.size < 100_000 else []
        return f"{int(self.size)} can be divided by {', '.join(map(str, near))}" if 0 < len(near) <= 16 else None


class TooSmall(Fault):
    """A window that does not fit its input."""

    code: ClassVar[str] = "E0313"
    op: str
    got: TensorType
    kernel: tuple[int, ...]

    def message(self) -> str:
        window = "x".join(str(int(k)) for k in self.kernel)
        return f"the {window} window of `{self.op}` does not fit into {self.got}"

    def help(self) -> str | None:
        return "use a larger input, a smaller window or stride, or padding"


class Mismatch(Fault):
    """Shapes that do not go together."""

    code: ClassVar[str] = "E0314"
    op: str
    why: str
    left: TensorType
    right: TensorType

    def message(self) -> str:
        return f"shapes {self.left} and {self.right} do not {self.why}"


class BadPattern(Fault):
    """An axis pattern that is malformed or does not match its input."""

    code: ClassVar[str] = "E0315"
    op: str
    pattern: str
    why: str

    def message(self) -> str:
        return f'pattern "{self.pattern}" of `{self.op}`: {self.why}'


class OutOfRange(Fault):
    """Places that a table has not."""

    code: ClassVar[str] = "E0346"
    op: str
    bounds: tuple[int, int]
    entries: int

    def message(self) -> str:
        low, high = map(int, self.bounds)
        places = f"the places are {low} to {high}" if low < high else f"the place is {low}"
        last = int(self.entries) - 1
        return f"{places}, and what `{self.op}` takes from has {'0 alone' if last == 0 else f'0 to {last}'}"


def within(op: str, places: KnownEntries | None, entries: int) -> None:
    """Hold the places that are known against how many entries there are.

    Raises:
        OutOfRange: there are not so many, or a place is below 0.
    """
    if places is None or (places.low >= 0 and places.high < entries):
        return
    ends = (min(places.values), max(places.values))
    if ends[0] < 0 or entries <= ends[1]:
        raise OutOfRange(op, ends, entries)


class WrongInputs(Fault):
    """Another number of tensors than the op takes, or tensors of another kind."""

    code: ClassVar[str] = "E0316"
    op: str
    expected: str
    got: str

    def message(self) -> str:
        return f"`{self.op}` takes {self.expected}, and was given {self.got}"


class OneValue(Fault):
    """A normalisation of single values, of which nothing is left."""

    code: ClassVar[str] = "E0317"
    op: str
    over: str
    got: TensorType

    def message(self) -> str:
        return f"`{self.op}` normalises over {self.over}, and that is one value in {self.got}"

    def help(self) -> str | None:
        return "a value less its own mean is 0; torch refuses it too"


class NotInTorch(Fault):
    """What could be computed, and torch has no way to."""

    code: ClassVar[str] = "E0318"
    op: str
    why: str
    got: TensorType
    instead: str

    def message(self) -> str:
        return f"torch cannot do this `{self.op}` on {self.got}: {self.why}"

    def help(self) -> str | None:
        return self.instead
