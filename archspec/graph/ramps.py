"""Numbers that go evenly over all blocks of a model's stages, as rates of stochastic depth do."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from archspec.sym.number import hint, is_family, is_open
from archspec.sym.open import OpenFloat, Specialise, as_float, compute, noting, term_of
from archspec.sym.operators import COMPARISONS
from archspec.sym.printer import symbols


@dataclass(frozen=True)
class Ramp:
    """A number that goes evenly from ``start`` to ``stop`` over all blocks of all stages."""

    start: float
    stop: float

    def __str__(self) -> str:
        from archspec.opdef.args import show

        return f"ramp({show(self.start)}, {show(self.stop)})"

    def is_level(self) -> bool:
        """Whether all of its numbers are known to be one."""
        return not is_open(self.start) and not is_open(self.stop) and self.start == self.stop

    def at(self, index: int, total: int) -> Any:
        """Its value at block ``index`` of ``total``."""
        family = is_family(self.start) or is_family(self.stop)
        if total == 1 or (not family and self.start == self.stop):
            return float(self.start) if isinstance(self.start, int) and not is_open(self.start) else self.start
        if index == 0 and is_open(total) and not family:
            return as_float(self.start)
        value = self._between(index, total - 1)
        if is_open(value) and not family:
            return value
        made: Any = OnRamp(hint(value)) if is_open(value) else Ramped(value)
        made.place = self, index, total - 1
        if is_open(value):
            made.algebra, made.term, made.mark = value.algebra, value.term, value.mark
        return made

    def _between(self, index: Any, last: Any) -> Any:
        """Its value ``index`` of ``last`` steps from the start on: never beyond an end, however numbers are rounded."""
        if not is_open(self.start) and self.start == 0:
            return self.stop * index / last
        return self.start * (1 - index / last) + self.stop * index / last

    def over(self, first: Any, total: Any, several: bool) -> Any:
        """Its values from block ``first`` on, in as many blocks as were left open; ``several``: there are 2 or more."""
        if self.is_level():
            return float(self.start)
        last = total - 1 if several else compute("max", max, (total - 1, 1))
        made: Any = OpenRamp(hint(self._between(hint(first), hint(last))))
        made.algebra, made.place = total.algebra, (self, first, last)
        terms = tuple(map(term_of, (self.start, self.stop, first, last)))
        made.term = made.algebra.node("ramp", terms, hint(made))
        return made


class Ramped(float):
    """A number that knows its place on a ramp (ramp, index, last index), so that source can say the rule instead."""

    place: tuple[Ramp, int, int]


class OnRamp(OpenFloat):
    """A number of a ramp whose ends are open: what holds at both ends holds for it."""

    place: tuple[Ramp, Any, Any]

    def renamed(self, expr: Any) -> Any:
        made = type(self)(hint(self))
        made.algebra, made.place, made.term = self.algebra, self.place, self.term
        made.mark, made.expr = self.mark, expr
        return made

    def compare(self, relation: str, other: Any) -> Any:
        return super().compare(relation, other) if (found := self._at_both_ends(relation, other)) is None else found

    def _at_both_ends(self, relation: str, other: Any) -> bool | None:
        """How a comparison comes out at both ends of the ramp; None where that says nothing of what is in between."""
        if isinstance(other, OnRamp) and other.term is self.term:
            return COMPARISONS[relation](0, 0)
        if relation in ("==", "!=") or not isinstance(other, (int, float)):
            return None
        ramp, *_ = self.place
        one, two = (COMPARISONS[relation](hint(end), hint(other)) for end in (ramp.start, ramp.stop))
        if one is not two:
            return None
        for end in (ramp.start, ramp.stop):  # notes what was decided
            COMPARISONS[relation](end, other)
        return one


class OpenRamp(OnRamp):
    """The numbers of a ramp from one block on, in as many blocks as were left open: one of each, not one for all.

    Whatever is asked beyond how they compare with another number wants the blocks one by one.
    """

    def operand(self) -> Any:
        raise Specialise(self.depths())

    def settled(self) -> Any:
        return self

    def pin(self) -> None:
        raise Specialise(self.depths())

    def depths(self) -> frozenset[str]:
        """The depths that say how many there are."""
        _, first, last = self.place
        return frozenset(symbols(term_of(first)) | symbols(term_of(last)))

    def compare(self, relation: str, other: Any) -> Any:
        found = self._at_both_ends(relation, other)
        if found is None and not self.algebra.family and isinstance(other, (int, float)):
            found = self._past_start(relation, other)
        if found is None:
            self.pin()
        return found

    def _past_start(self, relation: str, other: Any) -> bool | None:
        """How a comparison comes out behind the start of the ramp, to its end; None where that says nothing of all."""
        ramp, first, _ = self.place
        if not is_open(first) and first < 1:
            return None
        start, stop = (noting(end, self.algebra) for end in (ramp.start, ramp.stop))
        if start == stop:
            return COMPARISONS[relation](start, other)
        up = bool(start < stop)
        if start >= other if up else start <= other:
            return COMPARISONS[relation](1, 0) if up else COMPARISONS[relation](0, 1)
        if stop < other if up else stop > other:
            return COMPARISONS[relation](0, 1) if up else COMPARISONS[relation](1, 0)
        return None
