"""What a fit may vary: what is given, and ranges around the model's own numbers where nothing is."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from archspec.diagnostics import SpecError
from archspec.opdef.args import show
from archspec.report.problems import UnknownNumber
from archspec.search.axes import axes_of
from archspec.search.origin import VariantSource
from archspec.search.problems import BadOptions
from archspec.search.space import SearchAxis, leaves
from archspec.source import NOWHERE
from archspec.spec.commas import split

STEPWISE = 32
"""Whole numbers up to this go in steps of 1."""


def free_axes(source: VariantSource, free: str | Mapping[str, Any]) -> tuple[SearchAxis, ...]:
    """The axes of what is free; those without values get a range around the model's own.

    Raises:
        SpecError: there is no such number, or no range around it.
    """
    vary: dict[str, Any] = {}
    for name, values in (_named(source, free) if isinstance(free, str) else free).items():
        if values is not None:
            vary[name] = values
            continue
        if name not in source.known:
            raise SpecError.of(UnknownNumber(NOWHERE, source.spec.name, name, tuple(source.known)))
        for leaf, value in leaves(name, source.known[name]):
            vary[leaf] = _around(source, leaf, value)
    return axes_of(vary, source.known)


def _named(source: VariantSource, free: str) -> dict[str, str | None]:
    """``dims,depths=1,2`` by name: a part that is no name of the model is another value of the name before it."""
    parts: list[str] = []
    for part in split(free):
        if not part:
            raise SpecError.of(BadOptions(NOWHERE, "free", free, "there is nothing between two commas"))
        if "=" in part or not parts or part.partition("[")[0] in source.parameters or part in source.known:
            parts.append(part)
        else:
            parts[-1] += f",{part}"
    return {name.strip(): values.strip() or None for name, _, values in (part.partition("=") for part in parts)}


def _around(source: VariantSource, name: str, value: Any) -> str:
    """Values from half to twice a number's own."""
    if not isinstance(value, bool) and isinstance(value, (int, float)) and value <= 0:
        why = f"there is no range around it; give one, as in {name}=0..0.3:0.1"
        raise SpecError.of(BadOptions(NOWHERE, name, show(value), why))
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        numbers = tuple(n for n, v in source.known.items() if isinstance(v, (int, float)) and not isinstance(v, bool))
        raise SpecError.of(UnknownNumber(NOWHERE, source.spec.name, name, numbers))
    if isinstance(value, float):
        return f"{value / 2}..{2 * value}:{value / 8}"
    if value <= STEPWISE:
        return f"{max(1, value // 2)}..{2 * value}"
    step = 1 << ((value // 8).bit_length() - 1)
    while step > 1 and value % step:
        step //= 2
    return f"{(value // 2) // step * step or step}..{2 * value}:{step}"
