"""What an elaboration has found and spent: problems, each with the chain of uses that led to it, and units of work."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import NoReturn

from archspec.diagnostics import Diagnostic, Label, Problem, SpecError
from archspec.graph.problems.limits import TooLarge, TooMuchWork
from archspec.graph.problems.values import Failed
from archspec.graph.traversal import size_of
from archspec.graph.values import Value
from archspec.limits import now
from archspec.source import Span
from archspec.spec.resolved import Resolved
from archspec.sym.algebra import Algebra
from archspec.sym.number import hint

FAILURE = 300
"""Units of work of a problem that is found."""
CHARACTERS = 32
"""So many characters of a string are a unit of work."""


class Ledger:
    """The account of one elaboration; ``algebra`` is told where numbers that were left open are used."""

    def __init__(self, spec: Resolved, algebra: Algebra | None = None) -> None:
        self.spec = spec
        self.algebra = algebra
        self.limits = now()
        self.problems: list[Diagnostic] = []
        self.warnings: dict[tuple[str, str, Span], Diagnostic] = {}
        self.uses: list[tuple[Label, ...]] = []
        self.work = 0

    def fail(self, problem: Problem, code: str | None = None) -> NoReturn:
        """Record a problem with the chain of uses that led to it, and give up the statement that is being worked on."""
        self.spend(problem.span, FAILURE)
        item = self._placed(problem)
        if code is not None:
            item = Diagnostic(**{**item.__dict__, "code": code})
        if item not in self.problems:
            self.problems.append(item)
        if len(self.problems) >= self.limits.problems:
            raise SpecError(self.problems, self.spec.texts())
        raise Failed

    def report(self, problem: Problem) -> None:
        """Record a problem, and go on."""
        with suppress(Failed):
            self.fail(problem)

    def warn(self, problem: Problem) -> None:
        """Record what is probably not meant, once for each place, and no more than problems are."""
        self.spend(problem.span, FAILURE)
        item = self._placed(problem)
        if len(self.warnings) < self.limits.problems:
            self.warnings.setdefault((item.code, item.message, item.span), item)

    def _placed(self, problem: Problem) -> Diagnostic:
        uses = [label for step in reversed(self.uses[-6:]) for label in step]
        return problem.diagnostic(list(dict.fromkeys(uses)))

    @contextmanager
    def attempt(self) -> Iterator[None]:
        """What fails inside is forgotten, and :class:`Failed` goes on to the caller, who knows another way."""
        known = len(self.problems)
        try:
            yield
        except Failed:
            del self.problems[known:]
            raise

    def spend(self, span: Span, units: int) -> None:
        """Count units of work.

        Raises:
            SpecError: there are more than the limit has it.
        """
        self.work += units if type(units) is int else hint(units)
        if self.algebra is not None:
            self.algebra.place = span
        if self.work > self.limits.work:
            self.problems.append(TooMuchWork(span, "work", self.limits.work).diagnostic())
            raise SpecError(self.problems, self.spec.texts())

    def measure(self, value: Value, span: Span, units: int = 1) -> None:
        """Count each part of a value as so many units of work."""
        self.spend(span, units * size_of(value, max(0, self.limits.work - self.work))[0])

    def charge(self, value: Value, span: Span, units: int = 1) -> int:
        """Count each part of a value, however nested, as so many units of work; one too large to be held is refused.

        Returns how many parts it has.
        """
        limits = self.limits
        parts, depth = size_of(value, limits.parts)
        self.spend(span, min(parts, limits.parts) * units)
        if parts > limits.parts:
            self.fail(TooLarge(span, "parts", limits.parts, "this value has more than {} parts"))
        if depth > limits.nesting:
            self.fail(TooLarge(span, "nesting", limits.nesting, "this value has more than {} levels"))
        return parts

    def string(self, value: str, span: Span) -> str:
        """A string that was put together, its characters counted as work; one too long to be held is refused."""
        most = self.limits.string
        if len(value) > most:
            self.fail(TooLarge(span, "string", most, "this string has more than {} characters"))
        self.spend(span, len(value) // CHARACTERS)
        return value

    def entries(self, count: int, span: Span) -> None:
        """Count the entries of a list as work; one that is too long is refused."""
        if count > self.limits.entries:
            self.too_long(span)
        self.spend(span, max(0, count))

    def too_long(self, span: Span) -> NoReturn:
        """Report a list with more entries than the limit has it."""
        self.fail(TooLarge(span, "entries", self.limits.entries, "this list has more than {} entries"))
