"""Maximum over axes."""

from __future__ import annotations

from archspec.opdef.reduction import Reduction


class Max(Reduction):
    """The largest element along the axes ``axis``."""

    saved_for_backward = ("input", "output")
    examples = ("max(axis = [1, 2]): [4, 3, 5] -> [4]",)
