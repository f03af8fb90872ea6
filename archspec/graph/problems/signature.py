"""What can be wrong with what a module takes and gives."""

from __future__ import annotations

from typing import Any, ClassVar

from archspec.diagnostics import Label, Problem
from archspec.source import Span


class InputMismatch(Problem):
    """A tensor that does not fit a module's input."""

    code: ClassVar[str] = "E0320"
    module: str
    declared: Span
    wanted: str
    got: str
    bound: tuple[tuple[str, int], ...] = ()

    def message(self) -> str:
        return f"`{self.module}` takes {self.wanted}, and is given {self.got}"

    def label(self) -> str:
        return f"this is {self.got}"

    def secondary(self) -> tuple[Label, ...]:
        return (Label(self.declared, "declared here"),)

    def notes(self) -> tuple[str, ...]:
        return (f"sizes so far: {', '.join(f'{n} = {int(v)}' for n, v in self.bound)}",) if self.bound else ()


class OutputMismatch(Problem):
    """A module that returns another shape than it says."""

    code: ClassVar[str] = "E0321"
    module: str
    declared: Span
    wanted: str
    got: str
    bound: tuple[tuple[str, int], ...]

    def message(self) -> str:
        return f"`{self.module}` says it returns {self.wanted}, and returns {self.got}"

    def label(self) -> str:
        return f"this is {self.got}"

    def secondary(self) -> tuple[Label, ...]:
        return (Label(self.declared, "declared here"),)

    def notes(self) -> tuple[str, ...]:
        return (f"here {', '.join(f'{n} = {int(v)}' for n, v in self.bound)}",) if self.bound else ()


class NothingReturned(Problem):
    """A body that ends without a result."""

    code: ClassVar[str] = "E0323"
    module: str
    model: bool

    def message(self) -> str:
        return f"`{self.module}` returns nothing"

    def help(self) -> str | None:
        if self.model:
            return "give it a `stem`, stages or a `head`, or end it with `return`"
        return "end its body with `return`"


class RequireFailed(Problem):
    """A ``require`` that does not hold."""

    code: ClassVar[str] = "E0324"
    words: str
    bound: tuple[tuple[str, str], ...]

    def message(self) -> str:
        return self.words

    def label(self) -> str:
        return "required here"

    def notes(self) -> tuple[str, ...]:
        return (f"here {', '.join(f'{n} = {v}' for n, v in self.bound)}",) if self.bound else ()


class BadInputShape(Problem):
    """An input size from the caller that does not fit the model."""

    code: ClassVar[str] = "E0331"
    model: str
    wanted: str
    got: tuple[Any, ...]
    declared: tuple[int, ...] = ()

    def message(self) -> str:
        shown = f"[{', '.join(map(str, self.got))}]"
        if self._impossible is not None:
            return f"a size of an input is from 1 to 2**31 - 1, and one of {shown} is {self._impossible}"
        return f"`{self.model}` takes {self.wanted}, not {shown}"

    def help(self) -> str | None:
        if self._impossible is not None:
            return None
        if len(self.got) == len(self.declared) + 1:
            return f"the batch is given by itself: --batch {self.got[0]}, batch={self.got[0]}"
        if len(self.got) != len(self.declared):
            return f"a size has {len(self.declared)} numbers, such as {'x'.join(map(str, self.declared))}"
        return "sizes that parameters give follow them: set the parameters instead (--set, params=)"

    @property
    def _impossible(self) -> int | None:
        """The first size that no input has."""
        return next((size for size in self.got if isinstance(size, int) and not 1 <= size < 2**31), None)


class FixedSize(Problem):
    """Another input size for a model whose weights hang on it."""

    code: ClassVar[str] = "E0333"
    model: str
    size: str
    key: str

    def message(self) -> str:
        return f"`{self.model}` is fixed to its input size, {self.size}"

    def notes(self) -> tuple[str, ...]:
        return (f"the shape of `{self.key}` follows the size of the input",)

    def help(self) -> str | None:
        return f"for another size write a variant: `model other = {self.model}() on image: [3, 384, 384]`"
