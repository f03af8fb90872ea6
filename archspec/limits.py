"""What a spec may take of the machine that compiles it: set by the caller, never by a spec.

The defaults are far above what any published model needs, and keep whatever text is given within about two seconds
and 500 MB. Costs are counted where they arise, by what they cost; what passes a limit is refused, and the diagnostic
names the limit. The limits in force are a context's: :func:`held` sets them for a ``with`` statement, :func:`now` says
what they are.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import fields

from archspec.frozen import Frozen


class Limits(Frozen):
    """The most of each thing that one spec may have."""

    text: int = 1_000_000
    """Characters of one file, and of standard input."""
    words: int = 30_000
    """Words, numbers and signs of all files of a spec together, shipped ones left out."""
    files: int = 200
    """Files that a spec imports."""
    nesting: int = 100
    """Levels of brackets, blocks and operators inside one another, and of lists in a value."""
    work: int = 1_500_000
    """Units of work, each about a microsecond: 2 an expression, 1 an entry of a list, 350 a use of an op, and so on."""
    entries: int = 10_000
    """Entries of one list, and blocks of one stage."""
    parts: int = 400_000
    """Parts of one value: entries of lists in lists, arguments of recipes."""
    numbers: int = 10_000_000
    """Numbers of one table."""
    string: int = 10_000
    """Characters of one string that is put together."""
    layers: int = 20_000
    """Layers of a model, each counted as often as it is there."""
    uses: int = 40
    """Modules used inside one another."""
    axes: int = 24
    """Axes of one tensor, and names on one side of a pattern."""
    results: int = 1_024
    """Tensors that one op gives."""
    problems: int = 20
    """Problems found before the search for more is given up."""

    @classmethod
    def names(cls) -> tuple[str, ...]:
        """The limits by name."""
        return tuple(field.name for field in fields(cls))


def way_out(limit: str, most: int) -> str:
    """What a caller does whose spec is right and passes a limit of ``most``."""
    more = 2 * most
    return f'if it is right, raise the limit `{limit}`: --limit {limit}={more}, or limits={{"{limit}": {more}}}'


_DEFAULT = Limits()
_NOW: ContextVar[Limits] = ContextVar("limits", default=_DEFAULT)


def now() -> Limits:
    """The limits in force."""
    return _NOW.get()


@contextmanager
def held(limits: Limits | Mapping[str, int] | None) -> Iterator[Limits]:
    """Limits in force for a ``with`` statement; those that a mapping does not name, and None, are as they are.

    Raises:
        TypeError: there is no limit of such a name, or it is no whole number of 1 or more.
    """
    if limits is None:
        yield now()
        return
    if not isinstance(limits, Limits):
        limits = Limits(**{**now().__dict__, **limits})
    for name, value in limits.__dict__.items():
        if isinstance(value, bool) or not isinstance(value, int) or value < 1:
            raise TypeError(f"the limit `{name}` is a whole number of 1 or more, not {value!r}")
    token = _NOW.set(limits)
    try:
        yield limits
    finally:
        _NOW.reset(token)
