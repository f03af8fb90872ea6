"""Sum over axes."""

from __future__ import annotations

from archspec.opdef.reduction import Reduction


class Sum(Reduction):
    """The sum of the axes ``axis``."""

    saved_for_backward = ()
    examples = ("sum(axis = 0): [4, 3] -> [3]",)
