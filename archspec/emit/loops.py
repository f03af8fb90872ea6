"""Statements that repeat over the entries of lists of layers, as loops.

A block of lines that stands n times in a row, each time with the next entry of the same lists, and n is the length of
each of them, is one loop. The lines are compared as text, so a loop says exactly what the lines said.
"""

from __future__ import annotations

import re

from archspec.emit.target import Target

BODY = " " * 8
LONGEST = 6
_ENTRY = re.compile(r"self\.(\w+)\[(\d+)\]")


def rolled(lines: list[str], lengths: dict[str, int], variables: set[str], target: Target) -> list[str]:
    """The statements with repetitions rolled up.

    ``lengths`` gives the number of entries of each list, ``variables`` are the names that the statements use.
    """
    made: list[str] = []
    at = 0
    while at < len(lines):
        loop, width = _loop_at(lines, at, lengths, variables, target)
        made += loop or [lines[at]]
        at += width or 1
    return made


def _loop_at(
    lines: list[str], at: int, lengths: dict[str, int], variables: set[str], target: Target
) -> tuple[list[str], int]:
    """The loop that starts at a line and how many lines it stands for; nothing where there is none."""
    if lines[at][len(BODY)] in " )]}":  # inside of a statement
        return [], 0
    for width in range(1, LONGEST + 1):
        block = lines[at : at + width]
        lists = list(dict.fromkeys(name for line in block for name, _ in _ENTRY.findall(line)))
        counts = {lengths.get(name, 0) for name in lists}
        if len(counts) != 1:
            continue
        (count,) = counts
        if count < 2 or count * width <= width + 1 or _numbered(block, 0) != block:
            continue
        wanted = [line for i in range(count) for line in _numbered(block, i)]
        if lines[at : at + count * width] == wanted:
            return _written(block, lists, variables, target), count * width
    return [], 0


def _numbered(block: list[str], index: int) -> list[str]:
    """A block with every entry of a list replaced by entry ``index``."""
    return [_ENTRY.sub(lambda match: f"self.{match[1]}[{index}]", line) for line in block]


def _written(block: list[str], lists: list[str], variables: set[str], target: Target) -> list[str]:
    """The loop; what it calls the entries is the name of nothing that the statements around it read."""
    used = variables | set(re.findall(r"\w+", "\n".join(block)))
    entries: dict[str, str] = {}
    for name in lists:
        single = name[:-1] if name.endswith("s") and len(name) > 2 else "layer"
        single = single if single == "layer" else target.variable(single)
        while single in used or single in entries.values():
            single += "_"
        entries[name] = single
    targets, sources = ", ".join(entries.values()), ", ".join(f"self.{name}" for name in lists)
    head = f"{BODY}for {targets} in {sources if len(lists) == 1 else f'zip({sources})'}:"
    return [head, *(f"    {_ENTRY.sub(lambda match: entries[match[1]], line)}" for line in block)]
