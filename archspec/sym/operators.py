"""The operators and functions of compile-time numbers: how each is worked out, and how tightly it binds."""

from __future__ import annotations

import math
import operator
from collections.abc import Callable
from typing import Any

CONDITIONAL, OR, AND, NOT, COMPARISON, BIT_OR, BIT_AND, SUM, PRODUCT, SIGN, POWER, POSTFIX, ATOM = range(13)
"""How tightly forms bind, from the loosest up, as in Python's grammar."""
RANKS = {
    "or": OR,
    "and": AND,
    "not ": NOT,
    **dict.fromkeys(("in", "not in", "is", "is not", "==", "!=", "<", "<=", ">", ">="), COMPARISON),
    "|": BIT_OR,
    "&": BIT_AND,
    **dict.fromkeys(("+", "-"), SUM),
    **dict.fromkeys(("*", "/", "//", "%", "@"), PRODUCT),
    "**": POWER,
}
"""How tightly each operator binds; the sign in front of a number, ``SIGN``, is no entry, since minus has one."""
ARITHMETIC: dict[str, Callable[[Any, Any], Any]] = {
    "+": operator.add,
    "-": operator.sub,
    "*": operator.mul,
    "/": operator.truediv,
    "//": operator.floordiv,
    "%": operator.mod,
    "**": operator.pow,
}
COMPARISONS: dict[str, Callable[[Any, Any], bool]] = {
    "==": operator.eq,
    "!=": operator.ne,
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
}
CONDITIONS: dict[str, Callable[..., bool]] = {
    **COMPARISONS,
    "and": lambda a, b: a and b,
    "or": lambda a, b: a or b,
    "not": operator.not_,
}
OPPOSITE = {"==": "!=", "!=": "==", "<": ">=", ">=": "<", ">": "<=", "<=": ">"}
"""The comparison that holds where one does not."""
MIRRORED = {"==": "==", "!=": "!=", "<": ">", "<=": ">=", ">": "<", ">=": "<="}
"""The comparison that says the same with its sides changed."""
FUNCTIONS: dict[str, Callable[..., Any]] = {
    "int": int,
    "float": float,
    "round": round,
    "min": min,
    "max": max,
    "abs": abs,
    **{name: getattr(math, name) for name in ("sqrt", "exp", "log", "sin", "cos", "floor", "ceil")},
}
IN_MATH = tuple(name for name, function in FUNCTIONS.items() if function.__module__ == "math")
"""Functions that Python keeps in ``math``."""
