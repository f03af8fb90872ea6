"""The layers of a report as lines of a tree, equal neighbours of a list folded into one."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import Any

from archspec.frozen import Frozen
from archspec.report.rows import LayerRow


class Line(Frozen):
    """A layer in the tree.

    ``path`` names all layers that the line stands for (``blocks.0-5``), ``times`` says how many they are, those of the
    lines above included. ``level`` is 1 for a layer that no other holds; entries of lists are no level of their own.
    A ``repeat`` is a layer that another line stands for.
    """

    row: LayerRow
    path: str
    times: int
    level: int
    repeat: bool

    @property
    def total(self) -> LayerRow:
        """The row of all layers that the line stands for, counts summed."""
        counts = {name: count * self.times for name, count in self.row.counts.items()}
        return replace(self.row, path=self.path, counts=counts)


class _Branch:
    """A layer and the layers inside it."""

    def __init__(self, row: LayerRow) -> None:
        self.row = row
        self.inside: list[_Branch] = []
        self.kind = -1

    def close(self, kinds: dict[Any, int]) -> None:
        """Number its kind: equal for two that differ in nothing but their place. Those inside have theirs."""
        row, cut = self.row, len(self.row.path)
        facts = (row.type, *row.input_shape, None, *row.output_shape, *row.counts.values())
        inside = tuple((branch.row.path[cut:], branch.kind) for branch in self.inside)
        self.kind = kinds.setdefault((facts, inside), len(kinds))


def tree_of(rows: Sequence[LayerRow]) -> list[Line]:
    """A line for every layer, parents before children; :func:`folded` leaves the repeats out."""
    top: list[_Branch] = []
    above: list[_Branch] = []
    kinds: dict[Any, int] = {}
    for row in rows:
        while above and not row.path.startswith(above[-1].row.path + "."):
            above.pop().close(kinds)
        branch = _Branch(row)
        (above[-1].inside if above else top).append(branch)
        above.append(branch)
    while above:
        above.pop().close(kinds)
    return _lines(top, "", "", 1, 1, False)


def _lines(branches: list[_Branch], base: str, shown: str, times: int, level: int, repeat: bool) -> list[Line]:
    """The lines of layers under one path; ``shown`` is that path as the lines show it."""
    made: list[Line] = []
    for group in _groups(branches):
        for index, branch in enumerate(group):
            again = repeat or index > 0
            count = 1 if again else times * len(group)
            own = branch.row.path[len(base) :]
            if len(group) > 1 and index == 0:
                own += "-" + group[-1].row.path.rpartition(".")[2]
            path = branch.row.path if again else shown + own
            made.append(Line(branch.row, path, count, level, again))
            made += _lines(branch.inside, branch.row.path, path, count, level + 1, again)
    return made


def _groups(branches: list[_Branch]) -> list[list[_Branch]]:
    """Equal neighbours of a list together."""
    made: list[list[_Branch]] = []
    for branch in branches:
        if made and made[-1][-1].kind == branch.kind and _next(made[-1][-1].row.path, branch.row.path):
            made[-1].append(branch)
        else:
            made.append([branch])
    return made


def _next(one: str, other: str) -> bool:
    base, _, index = one.rpartition(".")
    after, _, following = other.rpartition(".")
    return base == after and index.isdecimal() and following.isdecimal() and int(following) == int(index) + 1


def folded(lines: Iterable[Line], depth: int) -> list[Line]:
    """The lines down to a depth, with one line for equal neighbours of a list."""
    return [line for line in lines if not line.repeat and line.level <= depth]
