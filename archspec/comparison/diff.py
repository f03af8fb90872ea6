"""The difference of two models in meaning: layers, sizes, and which weights of the one the other can take."""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from math import prod
from typing import Any

from archspec.comparison.changes import Change, changes_of
from archspec.comparison.weight_transfer import WeightTransfer, weight_transfer
from archspec.pipeline import build_graph, resolve_spec
from archspec.spec.resolved import Resolved

GROUPS = ("carried", "misshapen", "new", "left", "renamed")


@dataclass(frozen=True)
class Total:
    """Tensors, and the numbers in them."""

    tensors: int
    numbers: int


@dataclass(frozen=True)
class Diff:
    """What has to be done to the model ``a`` to get ``b``, and what of A's state B can take.

    Comments, docstrings, expectations, names of models and of local variables, and the order of definitions are no
    difference. Shapes are without the batch.
    """

    a: str
    b: str
    changes: tuple[Change, ...]
    weights: WeightTransfer

    @property
    def equal(self) -> bool:
        """Whether both compute the same, with the same keys, from the same start."""
        return not self.changes

    def total(self, group: str) -> Total:
        """How much there is of a group (``misshapen`` in B's shapes); ``a`` and ``b`` are all of a model's."""
        parts: dict[str, tuple[str, ...]] = {"a": ("left",), "b": ("carried", "misshapen", "new")}
        shapes = [_shape(item) for name in parts.get(group, (group,)) for item in getattr(self.weights, name)]
        if group == "a":
            shapes += [item.shape for item in self.weights.carried] + [item.before for item in self.weights.misshapen]
        return Total(len(shapes), sum(map(prod, shapes)))

    def to_dict(self) -> dict[str, Any]:
        """The difference as JSON has it (schema ``archspec.diff/1``)."""
        held = asdict(self.weights)
        totals = {name: asdict(self.total(name)) for name in ("a", "b", *GROUPS)}
        return {
            "schema": "archspec.diff/1",
            "a": self.a,
            "b": self.b,
            "equal": self.equal,
            "changes": [asdict(change) for change in self.changes],
            "weights": {"totals": totals, **held},
        }


def _shape(item: Any) -> tuple[int, ...]:
    shape: tuple[int, ...] = item.after if hasattr(item, "after") else item.shape
    return shape


def diff(
    a: str | os.PathLike[str] | Resolved,
    b: str | os.PathLike[str] | Resolved,
    *,
    params: Mapping[str, Any] | None = None,
    input_shape: Sequence[int] | int | None = None,
    allow_extern: bool = False,
) -> Diff:
    """What differs between two models in meaning; nothing is run.

    Args:
        a: a spec as :func:`archspec.load_spec` takes it.
        b: another.
        params: parameters given to both.
        input_shape: another input size for both, without the batch.
        allow_extern: let the specs name Python classes from outside.

    Raises:
        SpecError: one of the specs is wrong.
    """
    one, two = (resolve_spec(spec, None, params, input_shape) for spec in (a, b))
    before, after = (build_graph(spec, allow_extern) for spec in (one, two))
    changes = changes_of(before, after, one, two)
    moves: Iterable[tuple[str, str]] = ((c.old_path, c.path) for c in changes if c.kind == "renamed")
    return Diff(one.name, two.name, changes, weight_transfer(before, after, moves, one.name))
