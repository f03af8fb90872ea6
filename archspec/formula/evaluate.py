"""Formulas as functions: written as Python once, run on whole numbers or on columns of them.

The text holds names made here, operators and numbers, nothing of a spec's. Numbers go through the very operations that
the language would have done, in its order, so results are equal bit for bit.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Callable, Sequence
from functools import reduce
from typing import Any

from archspec.formula.algebra import Condition, Node, Term
from archspec.formula.poly import Monomial, Poly

INFIX = ("+", "-", "*", "/", "//", "%", "**")


class Writer:
    """Writes formulas as lines of Python, each node once."""

    def __init__(self, symbols: Sequence[Node]) -> None:
        self.names = {node: f"s{i}" for i, node in enumerate(symbols)}
        self.lines: list[str] = []

    def term(self, term: Term) -> str:
        """The expression of a term."""
        if isinstance(term, Poly):
            return self.poly(term)
        return self.node(term) if isinstance(term, Node) else repr(term)

    def node(self, node: Node) -> str:
        """The name of a node, whose line is written at its first use."""
        if node not in self.names:
            parts = [self.term(arg) for arg in node.args]
            if node.op in INFIX:
                text = f"({parts[0]}) {node.op} ({parts[1]})"
            else:
                text = f"{node.op}_({', '.join(parts)})"
            self.names[node] = f"v{len(self.names)}"
            self.lines.append(f"    {self.names[node]} = {text}")
        return self.names[node]

    def poly(self, poly: Poly) -> str:
        """A polynomial, what its terms share taken out as often as it goes."""
        for node in poly.nodes():
            self.node(node)
        return self._factored(dict(poly.terms))

    def _factored(self, terms: dict[Monomial, int]) -> str:
        shared = Counter(node for monomial in terms for node, _ in monomial)
        node, count = max(shared.items(), key=lambda item: (item[1], -item[0].order), default=(None, 0))
        if node is None or count < 2:
            return " + ".join(self._product(monomial, c) for monomial, c in terms.items()) or "0"
        inside: dict[Monomial, int] = {}
        outside: dict[Monomial, int] = {}
        for monomial, c in terms.items():
            powers = dict(monomial)
            if node in powers:
                powers[node] -= 1
                inside[tuple((n, e) for n, e in powers.items() if e)] = c
            else:
                outside[monomial] = c
        text = f"{self.names[node]}*({self._factored(inside)})"
        return f"{text} + {self._factored(outside)}" if outside else text

    def _product(self, monomial: Monomial, count: int) -> str:
        names = [self.names[node] for node, exponent in monomial for _ in range(exponent)]
        if not names:
            return f"({count})" if count < 0 else str(count)
        return "*".join(names if count == 1 else [f"({count})" if count < 0 else str(count), *names])


def function(
    symbols: Sequence[Node], outputs: Sequence[Poly], conditions: Sequence[Condition], namespace: dict[str, Any]
) -> Callable[..., tuple[Any, tuple[Any, ...]]]:
    """A function of the symbols that gives whether all conditions hold, and the outputs."""
    writer = Writer(symbols)
    tests = [f"(({writer.term(c.left)}) {c.relation} ({writer.term(c.right)}))" for c in conditions]
    results = [writer.poly(poly) for poly in outputs]
    head = f"def formulas({', '.join(writer.names[node] for node in symbols)}):"
    last = f"    return {' & '.join(tests) or 'True'}, ({''.join(text + ', ' for text in results)})"
    text = "\n".join([head, *writer.lines, last])
    names = {"inf": math.inf, **namespace}
    exec(compile(text, "<formulas>", "exec"), names)
    made: Callable[..., tuple[Any, tuple[Any, ...]]] = names["formulas"]
    return made


NUMBERS: dict[str, Callable[..., Any]] = {
    "int_": int, "float_": float, "round_": round, "floor_": math.floor, "ceil_": math.ceil, "sqrt_": math.sqrt,
    "max_": max, "min_": min,
}  # fmt: skip
"""What formulas call, on single numbers."""


def columns() -> dict[str, Any]:
    """What formulas call, on columns of int64 and float64."""
    import numpy as np

    def whole(of: Callable[[Any], Any]) -> Callable[[Any], Any]:
        return lambda x: of(x).astype(np.int64)

    def rounded(x: Any, digits: Any = None) -> Any:
        if digits is None:
            return np.rint(x).astype(np.int64)
        sides = np.broadcast_arrays(x, digits)
        pairs = list(zip(*(side.ravel().tolist() for side in sides)))
        made = {pair: round(*pair) for pair in set(pairs)}
        return np.array([made[pair] for pair in pairs]).reshape(sides[0].shape)

    return {
        "int_": whole(np.trunc),
        "float_": lambda x: np.asarray(x, dtype=np.float64),
        "round_": rounded,
        "floor_": whole(np.floor),
        "ceil_": whole(np.ceil),
        "sqrt_": np.sqrt,
        "max_": _fold(np.maximum),
        "min_": _fold(np.minimum),
    }


def objects() -> dict[str, Any]:
    """What formulas call, on columns of Python's own numbers, for figures beyond 64 bits."""
    import numpy as np

    def each(of: Callable[..., Any]) -> Callable[..., Any]:
        return lambda *sides: np.frompyfunc(of, len(sides), 1)(*sides)

    return {name: each(of) for name, of in NUMBERS.items()}


def _fold(of: Callable[[Any, Any], Any]) -> Callable[..., Any]:
    """A function of two as one of several."""
    return lambda *parts: reduce(of, parts)
