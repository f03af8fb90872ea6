"""What a search is asked for, held to what searches take."""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping
from typing import Any

from archspec.report.metrics import CLOSED
from archspec.spec.asked import is_whole, refuse

MOST = 10**18


def whole(name: str, value: Any, least: int) -> int:
    """A whole number from ``least`` on.

    Raises:
        SpecError: it is something else.
    """
    if not is_whole(value) or not least <= value < MOST:
        refuse(name, value, f"a whole number, {least} or more")
    return int(value)


def text(name: str, value: Any, wanted: str) -> str:
    """A text.

    Raises:
        SpecError: it is something else.
    """
    if not isinstance(value, str):
        refuse(name, value, wanted)
    return value


def mapping(name: str, value: Any, wanted: str) -> Mapping[str, Any]:
    """Values by name.

    Raises:
        SpecError: it is something else.
    """
    if not isinstance(value, Mapping) or not all(isinstance(key, str) for key in value):
        refuse(name, value, wanted)
    return value


def metrics(value: Any) -> tuple[str, ...]:
    """Names of metrics.

    Raises:
        SpecError: there is none, or one that does not exist.
    """
    named = tuple(value) if isinstance(value, Iterable) and not isinstance(value, (str, Mapping)) else ()
    if not named or any(not isinstance(name, str) or name not in CLOSED for name in named):
        refuse("metrics", value, f"a list of figures, of {', '.join(CLOSED)}")
    return named


def budget(value: Any) -> dict[str, int]:
    """Wanted figures by name, each rounded to a whole number; what they are called is for the fit to say.

    Raises:
        SpecError: one is no number, or none that a figure could be.
    """
    made = {}
    for name, wanted in mapping("budget", value, 'wanted figures by name, such as {"macs": 4e9}').items():
        number = wanted if is_whole(wanted) or isinstance(wanted, float) else 0
        if not 1 <= number < 2**63:
            refuse(name, wanted, "a wanted figure, 1 or more")
        made[name] = round(number)
    return made


def path(value: Any) -> str | None:
    """The path of a file to write, None for none.

    Raises:
        SpecError: it is something else.
    """
    if value is None:
        return None
    if not isinstance(value, (str, os.PathLike)) or not isinstance(os.fspath(value), str):
        refuse("out", value, "the path of a .parquet or .csv file")
    return os.fspath(value)
