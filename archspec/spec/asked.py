"""What a caller asks for, held to what can be asked: which spec and model, sizes, and values from Python.

Guarantees plain values to the stages behind: strings, whole numbers, and text of the language.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from numbers import Integral, Real
from typing import Any, NoReturn

from archspec.diagnostics import SpecError
from archspec.frozen import Frozen
from archspec.limits import now
from archspec.source import NOWHERE
from archspec.spec import problems
from archspec.spec.commas import split


class ModelReference(Frozen):
    """A spec, which of its models, and the parameters it alone is given; ``text`` is what was written."""

    text: str
    spec: str
    model: str | None = None
    params: tuple[tuple[str, str], ...] = ()


def model_reference(text: str) -> ModelReference:
    """Read ``SPEC#MODEL[KEY=VALUE, ...]``; the model and the brackets may be left out. A file of that name goes first.

    The text of a spec, which has lines or braces, is a spec and nothing else.

    Raises:
        SpecError: the brackets hold no settings, or are not closed, or what is behind ``#`` is no name.
    """
    if is_text(text) or not set("#[") & set(text) or _exists(text):
        return ModelReference(text, text)
    front, bracket, inside = text.partition("[")
    spec, mark, model = (part.strip() for part in front.partition("#"))
    if not spec or (mark and not is_name(model)) or (bracket and not inside.rstrip().endswith("]")):
        raise SpecError.of(problems.BadModelReference(NOWHERE, text))
    inside = inside.rstrip()[:-1].strip()
    return ModelReference(text, spec, model or None, tuple(map(setting, split(inside))) if inside else ())


def setting(text: str) -> tuple[str, str]:
    """Read ``KEY=VALUE``.

    Raises:
        SpecError: it is something else.
    """
    key, equals, value = (part.strip() for part in text.partition("="))
    if not (equals and value and is_name(key)):
        raise SpecError.of(problems.BadSetting(NOWHERE, text.strip()))
    return key, value


def is_name(text: str) -> bool:
    """Whether a text is a name of the language."""
    return text.isascii() and text.isidentifier()


def is_text(spec: str) -> bool:
    """Whether a spec is given as its text, rather than as a path or a name."""
    return "\n" in spec or "{" in spec


def one_model(written: str | None, given: str | None) -> str | None:
    """The model that ``#MODEL`` names, or that is given beside it.

    Raises:
        SpecError: both are there, and differ.
    """
    if written and given and written != given:
        raise SpecError.of(problems.TwoModels(NOWHERE, written, given))
    return written or given


def _exists(path: str) -> bool:
    try:
        return os.path.exists(path)
    except ValueError:
        return False


def check_spec(spec: Any) -> None:
    """Check that a spec is given as a path, a name or a text; a resolved one is no concern of this.

    Raises:
        SpecError: it is something else.
    """
    if not isinstance(spec, (str, os.PathLike)) or not isinstance(os.fspath(spec), str) or spec == "":
        refuse("spec", spec, "a path, the name of a shipped model, the text of a spec, or what load_spec gives")


def check_model(model: Any) -> None:
    """Check that a model is named, or left to be found.

    Raises:
        SpecError: what is given is no name.
    """
    if not isinstance(model, (str, type(None))):
        refuse("model", model, "the name of one of the spec's models")


def plain_params(params: Any) -> dict[str, Any]:
    """Parameters by name, none for None.

    Raises:
        SpecError: it is no mapping from names to values.
    """
    if params is None:
        return {}
    if not isinstance(params, Mapping) or not all(isinstance(name, str) for name in params):
        refuse("params", params, 'values by name, such as {"num_classes": 10}')
    return dict(params)


def plain_shape(shape: Any) -> tuple[int, ...] | None:
    """A size as a tuple of whole numbers: of a list, of numbers of numpy, of a single number.

    Raises:
        SpecError: it is something else.
    """
    if shape is None:
        return None
    sizes = (shape,) if is_whole(shape) else shape
    if not isinstance(sizes, (list, tuple)) or not sizes or not all(map(is_whole, sizes)):
        refuse("input_shape", shape, "whole numbers, such as (3, 224, 224)")
    return tuple(int(size) for size in sizes)


def plain_number(value: Any) -> Any:
    """A number of numpy as one of Python; anything else as it is."""
    if isinstance(value, (bool, int, float)) or not isinstance(value, Real):
        return value
    return int(value) if isinstance(value, Integral) else float(value)


def is_whole(value: Any) -> bool:
    """Whether a value is a whole number, Python's or numpy's; a truth is none."""
    return isinstance(value, Integral) and not isinstance(value, bool)


def refuse(name: str, value: Any, wanted: str) -> NoReturn:
    """Say that an argument is not what it can be.

    Raises:
        SpecError: always.
    """
    raise SpecError.of(problems.WrongArgument(NOWHERE, name, format_argument(value), wanted))


def format_argument(value: Any) -> str:
    """A value as Python writes it, or its type where that is long or cannot be written."""
    try:
        text = repr(value)
    except Exception:
        text = ""
    return text if 0 < len(text) <= 60 else f"of type {type(value).__name__}"


def written(value: Any, quoted: bool = False, inside: int = 0) -> str:
    """A Python value as text of the language. A string is an expression, or where ``quoted`` a string.

    ``inside`` is how many lists the value stands in.

    Raises:
        ValueError: the language has no such value; its message says why.
    """
    if value is None:
        return "none"
    if type(value).__module__ == "numpy" and type(value).__name__ in ("bool", "bool_"):
        value = bool(value)
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, Real):
        return _number(value)
    if isinstance(value, str):
        return _string(value) if quoted else str(value)
    if isinstance(value, (list, tuple)):
        if inside == now().nesting:
            raise ValueError(f"it has lists inside one another, more than {inside} of them")
        return f"[{', '.join(written(item, quoted, inside + 1) for item in value)}]"
    raise ValueError(f"it is of type {type(value).__name__}")


def _number(value: Real) -> str:
    number = int(value) if isinstance(value, Integral) else float(value)
    if number != number:
        raise ValueError("it is not a number")
    if number in (float("inf"), float("-inf")):
        return repr(number)
    if abs(number) >= 1e300:
        raise ValueError("it is too large a number")
    return repr(number)


def _string(value: str) -> str:
    """A string as the language writes it; one in quotes is written so already."""
    inside = value.strip()[1:-1] if is_quoted(value) else value
    if '"' in inside or "\n" in inside:
        raise ValueError("a string holds no quotes and no line breaks")
    if "}" in inside.partition("{")[2] and not is_quoted(value):
        raise ValueError("braces in a string would be read as an expression")
    return f'"{inside}"'


def is_quoted(text: str) -> bool:
    """Whether a text is a string as the language writes it."""
    text = text.strip()
    return len(text) > 1 and text[0] == text[-1] == '"' and '"' not in text[1:-1] and "\n" not in text
