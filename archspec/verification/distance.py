"""How far two tensors lie apart."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from torch import Tensor

TOLERANCE = 1e-9
"""Numbers agree where they differ by no more than this share of the largest of them."""


def distance(ours: Tensor, theirs: Tensor) -> float:
    """The largest difference as a share of the largest number; infinite where shapes or what is no number differ."""
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
    return float((a - b).abs().max()) / (float(a.abs().max()) or 1.0)
