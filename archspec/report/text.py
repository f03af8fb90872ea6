"""Numbers and tables for people."""

from __future__ import annotations

import re
from collections.abc import Sequence

from archspec.diagnostics.printable import on_one_line, paint

_NUMBER = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?")


def scaled(value: int, digits: int = 4) -> str:
    """A count with K, M, G or T: 8801876736 is ``8.802G``."""
    for unit, size in (("T", 10**12), ("G", 10**9), ("M", 10**6), ("K", 10**3)):
        if abs(value) >= size:
            return f"{value / size:.{digits}g}{unit}" if abs(value) < 999.5 * size else f"{value / size:.0f}{unit}"
    return str(value)


def bytes_of(value: int) -> str:
    """Bytes with KiB, MiB or GiB."""
    for unit, size in (("GiB", 2**30), ("MiB", 2**20), ("KiB", 2**10)):
        if value >= size:
            return f"{value / size:.1f} {unit}"
    return f"{value} B"


def shape(sizes: Sequence[int]) -> str:
    """A shape without the batch: ``96x56x56``."""
    return "x".join(str(size) for size in sizes[1:]) or "1"


def table(head: Sequence[str], rows: Sequence[Sequence[str]], right: frozenset[int], bold: bool = False) -> list[str]:
    """Columns aligned under a head, the columns in ``right`` to the right."""
    head, rows = [on_one_line(cell) for cell in head], [[on_one_line(cell) for cell in row] for row in rows]
    widths = [max(len(row[i]) for row in (head, *rows)) for i in range(len(head))]

    def line(row: Sequence[str]) -> str:
        cells = [
            cell.rjust(width) if i in right else cell.ljust(width) for i, (cell, width) in enumerate(zip(row, widths))
        ]
        return "  ".join(cells).rstrip()

    top = line(head)
    return [paint(top, "1", bold), *map(line, rows)]


def cell(text: str) -> str:
    """A cell of CSV that a spreadsheet takes as a text, where it could be taken as a formula."""
    shown = on_one_line(text)
    formula = shown[:1] in ("=", "@") or (shown[:1] in ("+", "-") and not _NUMBER.fullmatch(shown))
    return f"'{shown}" if formula else shown
