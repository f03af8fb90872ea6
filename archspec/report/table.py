"""A table and its forms: plain text, Markdown, CSV, records for JSON. ``terminal.py`` draws the same with rich.

What stands in a table may be a stranger's text: in each form a cell means itself, on one line.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from typing import Any

from archspec.diagnostics.printable import on_one_line, paint
from archspec.frozen import Frozen
from archspec.report.text import bytes_of, scaled, shape, whole_shape

FORMATS = ("table", "json", "csv", "markdown")
"""The forms that commands give their tables in."""
NONE = "-"
"""Stands for people where there is no value; in CSV there is nothing."""
_NUMBER = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?")


class CellFormat(Frozen):
    """How a column's values are written: ``short`` in text, ``exact`` in Markdown, as they are in CSV unless told."""

    short: Callable[[Any], str]
    exact: Callable[[Any], str]
    right: bool = True
    data: Callable[[Any], Any] = lambda value: value


TEXT = CellFormat(str, str, False)
NUMBER = CellFormat(str, str)
EXACT = CellFormat("{:,}".format, "{:,}".format)
COUNT = CellFormat(scaled, "{:,}".format)
BYTES = CellFormat(bytes_of, "{:,}".format)
SHORT = CellFormat(scaled, scaled)
SHORT_BYTES = CellFormat(bytes_of, bytes_of)
SHAPE = CellFormat(shape, shape, False, whole_shape)


class DataColumn(Frozen):
    """A column: its title, its values, None where there is none, and how they are written.

    ``heading`` is the title in Markdown where that is longer, ``key`` the name in data; ``style`` is rich's.
    """

    title: str
    values: Sequence[Any]
    format: CellFormat = TEXT
    heading: str = ""
    key: str = ""
    style: str = ""

    def cells(self) -> list[str]:
        """The values in text."""
        return [NONE if value is None else on_one_line(self.format.short(value)) for value in self.values]


class DataTable(Frozen):
    """Columns of equal length."""

    columns: tuple[DataColumn, ...]

    def without(self, *titles: str) -> DataTable:
        """The table without some columns."""
        return DataTable(tuple(column for column in self.columns if column.title not in titles))

    def put(self, title: str, values: Sequence[Any], format: CellFormat = TEXT) -> DataTable:
        """The table with other values in a column."""
        given: dict[str, Any] = {"values": values, "format": format}
        return DataTable(tuple(replace(own, **given) if own.title == title else own for own in self.columns))

    def beside(self, *columns: DataColumn) -> DataTable:
        """The table with further columns."""
        return DataTable((*self.columns, *columns))

    def write(self, format: str, colour: bool = False) -> str:
        """The table as ``table``, ``markdown`` or ``csv``."""
        if format == "csv":
            return self.csv()
        return "\n".join(self.markdown() if format == "markdown" else self.plain(colour))

    def plain(self, bold: bool = False, codes: Sequence[Sequence[str]] = ()) -> list[str]:
        """Lines of text with the columns aligned, the head first.

        Args:
            bold: whether the titles are; without colours in ``codes``, the only colour there is.
            codes: for each row the colours of its cells (``32``), empty for none.
        """
        columns = [[on_one_line(column.title), *column.cells()] for column in self.columns]
        widths = [max(map(len, cells)) for cells in columns]
        painted = [["1" if bold else ""] * len(columns), *(codes or [[""] * len(columns)] * (len(columns[0]) - 1))]
        lines = []
        for row, colours in zip(zip(*columns), painted):
            made = []
            for column, cell, width, code in zip(self.columns, row, widths, colours):
                shown, room = paint(cell, code, bool(code)), " " * (width - len(cell))
                made.append(room + shown if column.format.right else shown + room)
            lines.append("  ".join(made).rstrip())
        return lines

    def markdown(self) -> list[str]:
        """Lines of Markdown."""
        columns = [
            [
                escaped(column.heading or column.title),
                "---:" if column.format.right else "---",
                *(NONE if value is None else escaped(column.format.exact(value).strip()) for value in column.values),
            ]
            for column in self.columns
        ]
        return [f"| {' | '.join(row)} |" for row in zip(*columns)]

    def csv(self) -> str:
        """CSV under the columns' keys, without a line end at the end."""
        columns = [["" if v is None else column.format.data(v) for v in column.values] for column in self.columns]
        return "\n".join([csv_line(self._keys()), *map(csv_line, zip(*columns))])

    def records(self) -> list[dict[str, Any]]:
        """A dictionary for each row, of values as they are."""
        return [dict(zip(self._keys(), row)) for row in zip(*(column.values for column in self.columns))]

    def _keys(self) -> list[str]:
        return [column.key or column.title for column in self.columns]


def csv_line(values: Iterable[Any]) -> str:
    """A line of CSV; a text that a spreadsheet could take as a formula is marked as a text."""
    return ",".join(csv_cell(value) if isinstance(value, str) else str(value) for value in values)


def csv_cell(text: str) -> str:
    """A text as a cell of CSV."""
    shown = on_one_line(text)
    if shown[:1] in ("=", "@") or (shown[:1] in ("+", "-") and shown != NONE and not _NUMBER.fullmatch(shown)):
        shown = f"'{shown}"
    return '"' + shown.replace('"', '""') + '"' if set(shown) & set(',"') else shown


def escaped(text: str) -> str:
    """Text in Markdown that means itself: nothing in it is markup, and it stays on its line."""
    return re.sub(r"([\\`*\[\]<>|#&]|(?<!\w)_|_(?!\w))", r"\\\1", on_one_line(text))
