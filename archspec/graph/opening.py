"""Which numbers of a model are left open, and the case at hand."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Set
from typing import Any

from archspec.sym.algebra import Algebra
from archspec.sym.number import FREE, is_number, number
from archspec.sym.open import Open, formula, opened
from archspec.sym.printer import symbols


class Opening:
    """Which numbers of a model are left open, and the case at hand.

    Args:
        values: the case: parameters, entries of them (``dims[2]``) and input sizes that are not the spec's own.
        names: the parameters, entries of parameters, input sizes and ``batch`` that are left open; None for all
            parameters but those ``closed``, which is what source of a family is written from.
        closed: what of it has the very value of the case at hand, as a condition on it says.
    """

    def __init__(self, values: Mapping[str, Any], names: Iterable[str] | None, closed: Set[str] = frozenset()) -> None:
        self.values = values
        self.family = names is None
        self.closed = closed
        self.names = frozenset(names or ())
        self.algebra = Algebra(self.family)
        self.symbols: dict[str, Any] = {}
        """What is open, by name."""
        self.cases: dict[str, Any] = {}
        """The values of the same in the case at hand."""
        self.sizes: list[str] = []
        """The sizes of the input that the model leaves to the caller, open or not."""
        self.declared: list[tuple[Any, int]] = []
        """Every size of the input, each with the one that the spec declares."""
        self.known: dict[str, Any] = {}
        """Every parameter, entry and size by name, with its value in the case at hand."""

    def parameter(self, name: str, value: Any) -> Any:
        """A parameter's value with its numbers left open where they are to be."""
        return self._parameter(name, value, False)

    def size(self, name: str, value: int) -> Any:
        """A size of the input that nothing else gives; one that is not open is a plain number here."""
        self.sizes.append(name)
        given = self.values.get(name, int(value))
        return self._open(name, given, FREE) if self._wanted(name, given) else given

    def resized(self, followed: Set[str]) -> bool:
        """Whether the input has another size than the spec's; of sizes that are open those of these names count."""
        return any(
            own != declared
            for own, declared in self.declared
            if not isinstance(own, Open) or symbols(formula(own)) & followed
        )

    def batch(self, value: int) -> Any:
        """The number of samples."""
        if "batch" in self.known:
            return value
        value = self.values.get("batch", value)
        return self._open("batch", value) if self._wanted("batch", value) else value

    def _parameter(self, name: str, value: Any, inside: bool) -> Any:
        value = self.known[name] = self.values.get(name, value)
        if isinstance(value, tuple) and self.family and not all(map(is_number, value)):
            return value
        if isinstance(value, tuple):
            inside = inside or name in self.names
            return tuple(self._parameter(f"{name}[{i}]", item, inside) for i, item in enumerate(value))
        if isinstance(value, bool) or not isinstance(value, (int, float)):
            return value
        return self._open(name, value) if self._wanted(name, value) or inside else value

    def _wanted(self, name: str, value: Any) -> bool:
        self.known[name] = value
        return (self.family and name not in self.closed) or name in self.names

    def _open(self, name: str, value: Any, mark: int = 0) -> Any:
        self.cases[name] = value
        made = self.symbols[name] = opened(value, name, self.algebra, mark)
        if name in self.closed:
            made.pin()
            return number(value, mark)
        return made
