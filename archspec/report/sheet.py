"""The layers of a report as CSV, for a spreadsheet or a data frame."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from typing import Any

from archspec.report.lines import Line
from archspec.report.metrics import BY_LAYER
from archspec.report.text import cell


def sheet(lines: Sequence[Line]) -> str:
    """A row for each layer, counts exact, shapes as ``1x96x56x56``.

    A layer's counts are those of all inside it. So that sums count nothing twice, ``level`` says how deep it lies: the
    rows of level 1 are disjoint.
    """
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(["path", "type", "input_shape", "output_shape", *BY_LAYER, "level"])
    for line in lines:
        writer.writerow([*map(_cell, line.row.to_dict().values()), line.level])
    return out.getvalue().rstrip("\n")


def _cell(value: Any) -> Any:
    if isinstance(value, str):
        return cell(value)
    return "x".join(map(str, value)) if isinstance(value, (list, tuple)) else value
