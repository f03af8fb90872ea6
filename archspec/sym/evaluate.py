"""Formulas as functions: written as Python once, run on whole numbers or on columns of them.

The text holds names made here, operators and numbers, nothing of a spec's. Numbers go through the very operations that
the language would have done, in its order, so results are equal bit for bit.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from functools import reduce
from typing import Any

from archspec.sym.algebra import Condition, FormulaNode, Term
from archspec.sym.operators import ARITHMETIC
from archspec.sym.poly import Monomial, Poly

MOST_PARTS = 64
"""So many parts of a sum stand in one line."""


class FormulaCompiler:
    """Writes formulas as lines of Python, each node once, and none so long or deep that it cannot be compiled."""

    def __init__(self, symbols: Sequence[FormulaNode]) -> None:
        self.names = {node: f"s{i}" for i, node in enumerate(symbols)}
        self.lines: list[str] = []

    def term(self, term: Term) -> str:
        """The expression of a term."""
        self._write([term])
        return self._text(term)

    def _write(self, terms: Sequence[Term]) -> None:
        """Lines for all nodes that terms are made of, those inside others first."""
        stack = [node for term in terms for node in _nodes(term)]
        while stack:
            node = stack[-1]
            waiting = [inner for arg in node.args for inner in _nodes(arg) if inner not in self.names]
            if node in self.names or not waiting:
                stack.pop()
                if node not in self.names:
                    self.names[node] = self._line(self._node(node))
            stack += waiting

    def _node(self, node: FormulaNode) -> str:
        parts = [self._text(arg) for arg in node.args]
        if node.op in ARITHMETIC:
            return f"({parts[0]}) {node.op} ({parts[1]})"
        return f"{node.op}_({', '.join(parts)})"

    def _text(self, term: Term) -> str:
        if isinstance(term, Poly):
            return self._sum(dict(term.terms))
        return self.names[term] if isinstance(term, FormulaNode) else repr(term)

    def _line(self, text: str) -> str:
        """A name for an expression."""
        name = f"v{len(self.lines)}"
        self.lines.append(f"    {name} = {text}")
        return name

    def together(self, operator: str, parts: Sequence[str]) -> str:
        """Parts joined by an operator, a line for every so many."""
        text = ""
        for start in range(0, len(parts), MOST_PARTS):
            before = [self._line(text)] if text else []
            text = f" {operator} ".join([*before, *parts[start : start + MOST_PARTS]])
        return text

    def _sum(self, terms: dict[Monomial, int]) -> str:
        """A polynomial, what its terms share taken out as often as it goes."""
        parts = []
        while True:
            shared = Counter(node for monomial in terms for node, _ in monomial)
            node, count = max(shared.items(), key=lambda item: (item[1], -item[0].order), default=(None, 0))
            if node is None or count < 2:
                break
            inside: dict[Monomial, int] = {}
            outside: dict[Monomial, int] = {}
            for monomial, c in terms.items():
                powers = dict(monomial)
                if node in powers:
                    powers[node] -= 1
                    inside[tuple((n, e) for n, e in powers.items() if e)] = c
                else:
                    outside[monomial] = c
            parts.append(f"{self.names[node]}*({self._sum(inside)})")
            terms = outside
        return self.together("+", [*parts, *(self._product(*term) for term in terms.items())]) or "0"

    def _product(self, monomial: Monomial, count: int) -> str:
        names = [self.names[node] for node, exponent in monomial for _ in range(exponent)]
        if not names:
            return f"({count})" if count < 0 else str(count)
        return "*".join(names if count == 1 else [f"({count})" if count < 0 else str(count), *names])


def _nodes(term: Term) -> Iterable[FormulaNode]:
    """The nodes that stand in a term, what they are made of left out."""
    return term.nodes() if isinstance(term, Poly) else [term] if isinstance(term, FormulaNode) else []


def function(
    symbols: Sequence[FormulaNode], outputs: Sequence[Poly], conditions: Sequence[Condition], namespace: dict[str, Any]
) -> Callable[..., tuple[Any, tuple[Any, ...]]]:
    """A function of the symbols that gives whether all conditions hold, and the outputs."""
    writer = FormulaCompiler(symbols)
    tests = [f"(({writer.term(c.left)}) {c.relation} ({writer.term(c.right)}))" for c in conditions]
    results = [writer.term(poly) for poly in outputs]
    holds = writer.together("&", tests) or "True"
    head = f"def formulas({', '.join(writer.names[node] for node in symbols)}):"
    last = f"    return {holds}, ({''.join(text + ', ' for text in results)})"
    text = "\n".join([head, *writer.lines, last])
    names = {"inf": math.inf, **namespace}
    exec(compile(text, "<formulas>", "exec"), names)
    made: Callable[..., tuple[Any, tuple[Any, ...]]] = names["formulas"]
    return made


NUMBERS: dict[str, Callable[..., Any]] = {
    "int_": int, "float_": float, "round_": round, "floor_": math.floor, "ceil_": math.ceil, "sqrt_": math.sqrt,
    "exp_": math.exp, "log_": math.log, "sin_": math.sin, "cos_": math.cos, "max_": max, "min_": min,
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
        **{f"{of.__name__}_": _alone(of) for of in (math.exp, math.log, math.sin, math.cos)},
        "max_": _fold(np.maximum),
        "min_": _fold(np.minimum),
    }


def _alone(of: Callable[[float], float]) -> Callable[[Any], Any]:
    """A function number by number, to the last digit as it is on one; NaN where it has no value."""
    import numpy as np

    def value(x: Any) -> float:
        try:
            return of(x)
        except (ValueError, OverflowError):
            return math.nan

    return lambda x: np.asarray(np.frompyfunc(value, 1, 1)(x), dtype=np.float64)


def objects() -> dict[str, Any]:
    """What formulas call, on columns of Python's own numbers, for figures beyond 64 bits."""
    import numpy as np

    def each(of: Callable[..., Any]) -> Callable[..., Any]:
        return lambda *sides: np.frompyfunc(of, len(sides), 1)(*sides)

    return {name: each(of) for name, of in NUMBERS.items()}


def _fold(of: Callable[[Any, Any], Any]) -> Callable[..., Any]:
    """A function of two as one of several."""
    return lambda *parts: reduce(of, parts)
