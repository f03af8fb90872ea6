"""Minimum over axes."""

from __future__ import annotations

from archspec.opdef.reduction import Reduction


class Min(Reduction):
    """The smallest element along the axes ``axis``."""

    saved_for_backward = ("input", "output")
    examples = ("min(axis = [1, 2]): [4, 3, 5] -> [4]",)
