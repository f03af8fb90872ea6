"""How far two tensors lie apart."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from torch import Tensor

TOLERANCE = 1e-9
"""Numbers agree where they differ by no more than this share of the largest of them."""


SLIGHT = 1e-4
"""A gradient this much smaller than the largest of a model may be the rounding of one that is 0."""


def distance(ours: Tensor, theirs: Tensor, least: float = 0.0) -> float:
    """The largest difference as a share of the largest number, or of ``least`` where that is more.

    Infinite where shapes or what is no number differ.
    """
    a, b = ours.detach().double(), theirs.detach().double()
    if a.shape != b.shape:
        return float("inf")
    if a.numel() == 0:
        return 0.0
    finite = a.isfinite()
    if not bool((finite == b.isfinite()).all()) or not bool((a.isnan() == b.isnan()).all()):
        return float("inf")
    if not bool((a[~finite].nan_to_num() == b[~finite].nan_to_num()).all()):
        return float("inf")
    a, b = a[finite], b[finite]
    if a.numel() == 0:
        return 0.0
    return float((a - b).abs().max()) / (max(float(a.abs().max()), least) or 1.0)


def slight(tensors: Iterable[Tensor]) -> float:
    """What is slight beside the largest number of some tensors."""
    finite = [t.detach().double()[t.isfinite()].abs() for t in tensors]
    return SLIGHT * max((float(t.max()) for t in finite if t.numel()), default=0.0)
