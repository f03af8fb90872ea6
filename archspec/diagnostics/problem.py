"""The shape of a problem, and the error that carries them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import ClassVar, Literal, TypeVar

from archspec.diagnostics.printable import on_one_line
from archspec.frozen import Frozen
from archspec.limits import way_out
from archspec.source import NOWHERE, Source, Span

E = TypeVar("E", bound="ArchspecError")


class Label(Frozen):
    """A place and what to say of it there."""

    span: Span
    text: str = ""


class Diagnostic(Frozen):
    """One problem as a caller sees it: a stable ``code``, words, places, and a way out.

    A code that begins with E is that of an error; with W, that of a warning: the spec is as good as it says, and
    probably not what was meant.
    """

    code: str
    message: str
    span: Span
    label: str = ""
    secondary: tuple[Label, ...] = ()
    notes: tuple[str, ...] = ()
    help: str | None = None

    @property
    def severity(self) -> Literal["error", "warning"]:
        """How bad it is."""
        return "warning" if self.code.startswith("W") else "error"


class Problem(Frozen):
    """Base of every problem. Subclasses add fields, set ``code``, and say their words in the four methods."""

    code: ClassVar[str]
    span: Span

    def message(self) -> str:
        """One line, no full stop: what is wrong, in the author's own names."""
        raise AssertionError(f"{type(self).__name__} has no message")

    def label(self) -> str:
        """What to write beside the caret."""
        return ""

    def secondary(self) -> Iterable[Label]:
        """Other places that take part."""
        return ()

    def notes(self) -> Iterable[str]:
        """Why it is wrong."""
        return ()

    def help(self) -> str | None:
        """What to do."""
        return None

    def diagnostic(self, uses: Sequence[Label] = ()) -> Diagnostic:
        """The finished diagnostic; ``uses`` is the chain of module uses that led here, innermost first."""
        return Diagnostic(
            code=self.code,
            message=self.message(),
            span=self.span,
            label=self.label(),
            secondary=(*self.secondary(), *uses),
            notes=tuple(self.notes()),
            help=self.help(),
        )


class PastLimit(Problem):
    """Base of what passes one of :class:`~archspec.limits.Limits`, which the caller may raise."""

    limit: str
    most: int

    def help(self) -> str | None:
        return way_out(self.limit, self.most)


class ArchspecError(Exception):
    """Base of everything archspec raises on purpose. ``diagnostics`` lists what is wrong, first thing first."""

    def __init__(self, diagnostics: Sequence[Diagnostic], sources: dict[str, Source] | None = None) -> None:
        self.diagnostics = tuple(diagnostics)
        self.sources = sources or {}
        super().__init__("; ".join(f"{item.code}: {on_one_line(item.message)}" for item in self.diagnostics))

    def __str__(self) -> str:
        from archspec.diagnostics.render import render

        return "\n".join(render(item, self.sources) for item in self.diagnostics)

    @classmethod
    def of(cls: type[E], problem: Problem, sources: dict[str, Source] | None = None) -> E:
        """The error for one problem."""
        return cls([problem.diagnostic()], sources)


class SpecError(ArchspecError):
    """The spec, or what was asked of it, is wrong."""


def nowhere(diagnostic: Diagnostic) -> bool:
    """Whether a diagnostic has no place in a text (a checkpoint's keys, a missing file)."""
    return diagnostic.span == NOWHERE
