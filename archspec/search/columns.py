"""Closed forms on columns: the metrics of many variants at once, each equal to what a report of it says."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from archspec.report.closed import ClosedForm, Piece
from archspec.sym.bounds import Bounds, Range
from archspec.sym.evaluate import columns, function, objects

Watcher = Callable[[int], None]
"""Is told how many rows are worked out."""
WIDEST = 2**63
"""Whole numbers below this fit a column of int64."""
EXACT = 2**53
"""Whole numbers up to this are exact as float64."""


def quietly(rows: int) -> None:
    """Tell nobody."""


def after(before: int, settled: Watcher) -> Watcher:
    """What is told of rows that come after others."""
    return settled if settled is quietly else lambda rows: settled(before + rows)


class Columns:
    """A closed form over numbers that lie between bounds, on columns of them.

    Where every metric fits, columns are int64; where one might not, they hold Python's own numbers.
    """

    def __init__(self, form: ClosedForm, bounds: Mapping[str, Bounds], metrics: tuple[str, ...]) -> None:
        self.form = form
        self.bounds = bounds
        self.metrics = metrics
        self.functions: dict[Piece, Any] = {}

    def evaluate(
        self, values: Mapping[str, Any], rows: int, settled: Watcher = quietly
    ) -> tuple[dict[str, Any], dict[int, str]]:
        """The metrics of ``rows`` variants, and by row what is wrong with those that are no models.

        Args:
            values: the open numbers by name, a column each.
            settled: is told how many are worked out, as long as some are left.
        """
        import numpy as np

        left = np.arange(rows)
        found = {metric: np.zeros(rows, dtype=np.int64) for metric in self.metrics}
        wrong: dict[int, str] = {}
        number = 0
        while len(left):
            if number == len(self.form.pieces):
                first = left[0]
                self.form.work_out({name: column[first : first + 1].tolist()[0] for name, column in values.items()})
            piece = self.form.pieces[number]
            number += 1
            if not piece.fits({name: column[:1].tolist()[0] for name, column in values.items()}):
                continue
            given = {name: column[left] for name, column in values.items()}
            with np.errstate(all="ignore"):
                holds, figures = self._function(piece)(*(given[name] for name in piece.symbols))
            holds = np.broadcast_to(np.asarray(holds, dtype=bool), left.shape)
            rows_held = left[holds]
            if piece.error is not None:
                words = piece.error.diagnostics[0].message
                wrong.update(dict.fromkeys(rows_held.tolist(), words))
            for metric, figure in zip(self.metrics, figures):
                figure = np.broadcast_to(np.asarray(figure), left.shape)
                if figure.dtype == object and found[metric].dtype != object:
                    found[metric] = found[metric].astype(object)
                found[metric][rows_held] = figure[holds]
            left = left[~holds]
            if len(left) and len(rows_held):
                settled(rows - len(left))
        return found, wrong

    def _function(self, piece: Piece) -> Any:
        if piece not in self.functions:
            symbols = {node: self.bounds[name] for name, node in piece.symbols.items()}
            known = Range(symbols)
            open_ = tuple(condition for condition in piece.conditions if not known.holds(condition))
            outputs = tuple(piece.formulas[metric] for metric in self.metrics) if piece.error is None else ()
            span = Range(symbols)
            for term in outputs:
                span.of(term)
            for condition in open_:
                span.compare(condition)
            given = max((abs(end) for bounds in symbols.values() for end in bounds), default=0)
            narrow = max(span.largest, given) < WIDEST and span.converted <= EXACT
            make = columns if narrow else objects
            made = function(tuple(piece.symbols.values()), outputs, open_, make())
            self.functions[piece] = made if narrow else _on_objects(made, len(outputs))
        return self.functions[piece]


def column(numbers: Sequence[Any]) -> Any:
    """Numbers as a column; whole ones that do not fit int64 as Python's own."""
    import numpy as np

    beyond = any(isinstance(number, int) and not -WIDEST < number < WIDEST for number in numbers)
    return np.array(numbers, dtype=object if beyond else None)


def _on_objects(of: Any, outputs: int) -> Any:
    """A function of columns, run on columns of Python's own numbers; what has no value meets no condition."""
    import numpy as np

    def run(*given: Any) -> tuple[Any, tuple[Any, ...]]:
        return tried(*(column.astype(object) for column in given))

    def tried(*given: Any) -> tuple[Any, tuple[Any, ...]]:
        rows = len(given[0]) if given else 1
        try:
            holds, figures = of(*given)
        except (ArithmeticError, ValueError):
            if rows > 1:
                one, two = (tried(*half) for half in zip(*(np.array_split(column, 2) for column in given)))
                return np.concatenate([one[0], two[0]]), tuple(map(np.concatenate, zip(one[1], two[1])))
            holds, figures = False, (0,) * outputs
        wide = tuple(np.broadcast_to(np.asarray(figure, dtype=object), rows) for figure in figures)
        return np.broadcast_to(np.asarray(holds, dtype=bool), rows), wide

    return run
