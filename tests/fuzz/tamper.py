"""JSON of resolved specs changed at random: values, subtrees, names, places, what names stand for."""

from __future__ import annotations

import json
from collections.abc import Iterator
from functools import lru_cache
from random import Random
from typing import Any

from tests.fuzz.mutate import NUMBERS

ENDS = (-1, 0, 1, 7, 10**6, -(10**12), 2**63, 2**70, 0.5, 1e308, -0.0)
ODD: tuple[Any, ...] = (
    None,
    True,
    False,
    "",
    "x",
    [],
    {},
    "a b",
    "\0",
    [[]],
    "9" * 50,
    "{",
    "}",
    '"',
    "\n",
    "class",
    "x.y",
    "é",
)
WORDS = (
    "conv", "relu", "std.blocks", "<text>", "<parameters>", "stage", "stages", "int", "float", "none", "-", "not",
    "and", "+", "@", "~", "**", "==", "in", "params", "official", "shape", "range", "survive", "relu", "conv", "x", "a",
    "{c}", "{x +}", "{stage}", "module", "model", "bind", "extern", "variant", "name", "if", "for", "slice", "rename",
)  # fmt: skip


@lru_cache(maxsize=64)
def shipped_json(name: str) -> str:
    """The JSON of a shipped model."""
    import archspec

    return archspec.load_spec(name).model_dump_json()


@lru_cache(maxsize=256)
def written_json(seed: str) -> str:
    """The JSON of the last case of a program that is written."""
    import archspec
    from tests.fuzz.programs import write

    program = write(seed)
    case = program.cases[-1]
    return archspec.load_spec(program.text, case.model, case.params, case.input_shape).model_dump_json()


def json_of(random: Random, seed: int) -> str:
    """The JSON of a spec to change: shipped, or written for it."""
    from archspec.spec import files

    if random.random() < 0.75:
        return written_json(f"{seed}/{random.randrange(200)}")
    return shipped_json(random.choice(files.shipped_names()))


def tampered(random: Random, data: Any) -> Any:
    """The same with one to four changes."""
    for _ in range(random.choice((1, 1, 1, 2, 2, 4))):
        _change(random, data)
    return data


def _change(random: Random, data: Any) -> None:
    places = list(_places(data, spans=random.random() < 0.1))
    holder, key = random.choice(places)
    value = holder[key]
    alike = [(h, k) for h, k in places if type(h[k]) is type(value) and _kind(h[k]) == _kind(value)]
    fits = [(h, k) for h, k in places if isinstance(h[k], dict) and "span" in h[k]]
    match random.randrange(10):
        case 0:
            _swap(holder, key, *random.choice(alike))
        case 1:
            other, at = random.choice(alike)
            holder[key] = _copy(other[at])
        case 2:
            other, at = random.choice(places)
            holder[key] = _copy(other[at])
        case 3 | 4 if len(fits) > 1:
            (holder, key), (other, at) = random.sample(fits, 2)
            holder[key] = _copy(other[at])
        case 5:
            del holder[key]
        case 6 if isinstance(holder, list):
            holder.insert(random.randrange(len(holder) + 1), _copy(value))
        case 7 if isinstance(value, list):
            holder[key] = value * random.choice((0, 2, 50))
        case 8:
            holder[key] = random.choice((*ENDS, *ODD))
        case _ if isinstance(value, int):
            holder[key] = random.choice(ENDS)
        case _ if isinstance(value, str):
            texts = [h[k] for h, k in places if isinstance(h[k], str)]
            holder[key] = random.choice((random.choice(texts), random.choice(WORDS), random.choice(NUMBERS)))
        case _:
            holder[key] = random.choice(WORDS)


def _kind(value: Any) -> Any:
    """What a subtree says it is, for those that say so."""
    return value.get("kind") if isinstance(value, dict) else None


def _copy(value: Any) -> Any:
    return json.loads(json.dumps(value))


def _swap(holder: Any, key: Any, other: Any, at: Any) -> None:
    """Two values in each other's place, copied so that none comes to lie inside itself."""
    holder[key], other[at] = _copy(other[at]), _copy(holder[key])


def _places(data: Any, spans: bool) -> Iterator[tuple[Any, Any]]:
    """Every entry of nested lists and dicts, as what holds it and the key; the texts of the sources left out."""
    stack = [data]
    while stack:
        item = stack.pop()
        for key, value in item.items() if isinstance(item, dict) else enumerate(item):
            if key != "sources" and (spans or key not in ("span", "kind", "format")):
                yield item, key
                if isinstance(value, (dict, list)):
                    stack.append(value)


def compiled(data: Any, index: int) -> str:
    """What becomes of JSON: refused when it is read, refused as a spec, or compiled on all roads that run nothing.

    Raises:
        BaseException: anything else, which is a finding.
    """
    from pydantic import ValidationError

    import archspec
    from archspec import ArchspecError
    from archspec.checkpoints.load import convert_state
    from archspec.pipeline import build_graph
    from archspec.spec.schema import Spec

    try:
        made = Spec.model_validate_json(json.dumps(data))
    except ValidationError:
        return "not read"
    try:
        report = archspec.check(made, allow_extern=True)
        json.dumps(report.to_dict())
        if index % 4 == 0:
            archspec.stats(made, input_shape=(3, 8, 8))
        if made.checkpoints or index % 16 == 1:
            convert_state(made, build_graph(made, True), {}, "official")
        if index % 8 == 2 and report.root.args:
            report.at(**{next(iter(report.root.args)): 2})
    except ArchspecError as error:
        str(error)
        return " ".join(sorted({item.code for item in error.diagnostics}))
    return "compiled"
