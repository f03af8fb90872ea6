"""Negation."""

from __future__ import annotations

from archspec.opdef.elementwise import Activation


class Neg(Activation):
    """-x. Arithmetic: 1 an element."""

    saved_for_backward = ()
    examples = ("neg: [3, 4] -> [3, 4]",)
