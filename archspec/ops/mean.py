"""Mean over axes."""

from __future__ import annotations

from archspec.opdef.reduction import Reduction


class Mean(Reduction):
    """The mean of the axes ``axis``; ``mean(axis = [1, 2])`` is global average pooling of an image."""

    saved_for_backward = ()
    examples = ("mean(axis = [1, 2]): [4, 3, 5] -> [4]", "mean(axis = -1, keep = true): [4, 3] -> [4, 1]")
