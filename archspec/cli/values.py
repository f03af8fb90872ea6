"""Arguments of the command line from text. What is no such value ends the call with words, exit status 2."""

from __future__ import annotations

import re
from argparse import ArgumentTypeError
from typing import TYPE_CHECKING

from archspec.limits import Limits

if TYPE_CHECKING:
    from archspec.spec.asked import ModelReference

MOST_DIGITS = 400
"""More than any figure has; Python takes its time with more than some thousands."""


def model_reference(text: str) -> ModelReference:
    """``SPEC#MODEL[KEY=VALUE, ...]``."""
    from archspec.diagnostics import SpecError
    from archspec.spec.asked import model_reference

    try:
        return model_reference(text)
    except SpecError as error:
        raise ArgumentTypeError(error.diagnostics[0].message) from None


def set_to(text: str) -> tuple[str, str]:
    """``KEY=VALUE``."""
    from archspec.diagnostics import SpecError
    from archspec.spec.asked import setting

    try:
        return setting(text)
    except SpecError as error:
        raise ArgumentTypeError(error.diagnostics[0].message) from None


def varied(text: str) -> tuple[str, str]:
    """``NAME=VALUES``, where the name may be an entry of a list."""
    name, equals, values = (part.strip() for part in text.partition("="))
    if not equals or not name.partition("[")[0].strip().replace(".", "_").isidentifier() or not values:
        raise ArgumentTypeError(f"`{text}` is not NAME=VALUES")
    return name, values


def names(text: str) -> tuple[str, ...]:
    """Names with commas between them."""
    made = tuple(part.strip() for part in text.split(","))
    if not all(made):
        raise ArgumentTypeError(f"`{text}` is not a list of names such as h,w,batch")
    return made


def shape(text: str) -> tuple[int, ...]:
    """Sizes with ``x`` between them; what is no size of the model is for the model to say."""
    sizes = [_whole(part.strip()) for part in text.lower().replace(",", "x").split("x")]
    if None in sizes:
        raise ArgumentTypeError(f"`{text}` is not a size like 3x224x224")
    return tuple(size for size in sizes if size is not None)


def batch(text: str) -> int:
    """A number of samples; what no batch has is for the report to say."""
    return _from(text, None, "a number of samples")


def count(text: str) -> int:
    """A whole number from 1 on."""
    return _from(text, 1, "a whole number, 1 or more")


def whole(text: str) -> int:
    """A whole number from 0 on."""
    return _from(text, 0, "a whole number, 0 or more")


def budget(text: str) -> int:
    """A figure as the language writes numbers, ``25M``; small letters do as well."""
    from archspec.syntax.build import read_number

    value = read_number(text[:-1] + text[-1:].upper())
    if value is None or not 1 <= value < 2**63:
        raise ArgumentTypeError(f"`{text}` is not a figure such as 4G or 25M")
    return round(value)


def limit(text: str) -> tuple[str, int]:
    """``NAME=N`` of a limit."""
    name, _, value = text.partition("=")
    if name not in Limits.names():
        raise ArgumentTypeError(f"`{text}` is not NAME=N with one of {', '.join(Limits.names())}")
    return name, count(value)


def text(text: str) -> str:
    """Anything but nothing."""
    if not text.strip():
        raise ArgumentTypeError("it is empty")
    return text


def name(text: str) -> str:
    """The name of a new model."""
    from archspec.spec.asked import is_name
    from archspec.syntax.problems import KEYWORDS

    if not is_name(text) or text.startswith("_") or text in KEYWORDS:
        raise ArgumentTypeError(f"`{text}` cannot be the name of a model")
    return text


def _from(text: str, least: int | None, what: str) -> int:
    """A whole number that is not less than that, and not beyond all reason where something is the least."""
    value = _whole(text)
    if value is None or (least is not None and not least <= value < 10**18):
        raise ArgumentTypeError(f"`{text}` is not {what}")
    return value


def _whole(text: str) -> int | None:
    """A whole number in plain digits, which may have a minus sign; None for anything else."""
    return int(text) if re.fullmatch(r"-?[0-9]+", text) and len(text) < MOST_DIGITS else None
