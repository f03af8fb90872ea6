"""Many paths in few words: ``stages.2.blocks.0-17.{norm1,norm2}`` stands for 36."""

from __future__ import annotations

import re
from collections.abc import Hashable, Iterable, Sequence
from typing import TypeVar

V = TypeVar("V", bound=Hashable)
PathParts = tuple[tuple[str, ...], ...]
FLOAT = re.compile(r"(?<![\w.])\d+(?:\.\d+(?:e-?\d+)?|e-?\d+)(?![\w.])")


def fold(items: Iterable[tuple[str, V]]) -> list[tuple[str, V, int]]:
    """Paths with equal values as one, with how many it stands for; in the order of the first of each.

    What is folded is exactly the product of what its parts say: no path is covered that was not there.
    """
    rows: list[tuple[PathParts, V]] = [(tuple((part,) for part in path.split(".")), value) for path, value in items]
    while True:
        before = len(rows)
        for back in range(1, max((len(parts) for parts, _ in rows), default=0) + 1):
            rows = _merged(rows, back)
        if len(rows) == before:
            return [(_written(parts), value, _count(parts)) for parts, value in rows]


def fold_texts(items: Iterable[tuple[str, str]]) -> list[tuple[str, str, int]]:
    """The same for texts, where texts that differ in fractions alone are one over neighbouring places of a list."""
    exact = fold(items)
    made: list[tuple[str, str, int]] = []
    numbers: list[list[list[str]]] = []
    for path, text, count in exact:
        plain, found = FLOAT.sub("#", text), FLOAT.findall(text)
        last = made[-1] if made else None
        joined = _joined(last[0], path) if last and FLOAT.sub("#", last[1]) == plain else None
        if last is not None and joined is not None:
            made[-1] = joined, last[1], last[2] + count
            numbers[-1] = [[*old, new] for old, new in zip(numbers[-1], found)]
        else:
            made.append((path, text, count))
            numbers.append([[number] for number in found])
    return [(path, _spread(text, found), count) for (path, text, count), found in zip(made, numbers)]


def _joined(path: str, other: str) -> str | None:
    """Two paths as one where they differ in one part, a place and the next one."""
    one, two = path.split("."), other.split(".")
    apart = [at for at, (x, y) in enumerate(zip(one, two)) if x != y]
    if len(one) != len(two) or len(apart) != 1:
        return None
    (first, _, last), after = one[apart[0]].partition("-"), two[apart[0]]
    if not (first.isdigit() and after.isdigit() and int(last or first) + 1 == int(after)):
        return None
    one[apart[0]] = f"{first}-{after}"
    return ".".join(one)


def _spread(text: str, found: Sequence[Sequence[str]]) -> str:
    short = [[f"{float(number):.4g}" for number in own] for own in found]
    shown = iter([own[0] if len(set(own)) == 1 else f"{own[0]}..{own[-1]}" for own in short])
    return FLOAT.sub(lambda _: next(shown), text)


def _merged(rows: list[tuple[PathParts, V]], back: int) -> list[tuple[PathParts, V]]:
    """The rows with those joined that differ at the part ``back`` from the end alone, names with names."""
    table: dict[Hashable, tuple[PathParts, V]] = {}
    for parts, value in rows:
        at = len(parts) - back
        if at < 0:
            table[object()] = parts, value
            continue
        key = (value, parts[:at], parts[at + 1 :], parts[at][0].isdigit())
        if key in table:
            joined = tuple(dict.fromkeys((*table[key][0][at], *parts[at])))
            parts = (*parts[:at], joined, *parts[at + 1 :])
        table[key] = parts, value
    return list(table.values())


def _written(parts: PathParts) -> str:
    return ".".join(part[0] if len(part) == 1 else _alternatives(part) for part in parts)


def _alternatives(part: tuple[str, ...]) -> str:
    if part[0].isdigit():
        return ",".join(
            f"{run[0]}" if len(run) == 1 else f"{run[0]}-{run[-1]}" for run in _runs(sorted(map(int, part)))
        )
    stems: dict[str, list[str]] = {}
    for name in part:
        stems.setdefault(name.rstrip("0123456789"), []).append(name)
    shown = []
    for stem, names in stems.items():
        numbers = sorted(int(name[len(stem) :]) for name in names if name != stem)
        if len(numbers) < 3 or {f"{stem}{number}" for number in numbers} != set(names):
            shown += names
            continue
        for run in _runs(numbers):
            ends = dict.fromkeys((run[0], run[-1]))
            shown.append(("," if len(run) < 3 else "..").join(f"{stem}{number}" for number in ends))
    return f"{{{','.join(shown)}}}"


def _runs(numbers: Sequence[int]) -> list[list[int]]:
    """Numbers in order, parted where one is left out."""
    runs: list[list[int]] = []
    for number in numbers:
        if runs and number == runs[-1][-1] + 1:
            runs[-1].append(number)
        else:
            runs.append([number])
    return runs


def _count(parts: PathParts) -> int:
    total = 1
    for part in parts:
        total *= len(part)
    return total
