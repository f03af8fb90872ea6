"""Uses of layers that a module does not hold itself."""

from __future__ import annotations

from dataclasses import dataclass

from archspec.frozen import immutable
from archspec.graph.nodes import Instance, Node, Step

LENDER = "shared"
"""The argument of forward under which a borrower is given the layer whose weights it uses."""


@immutable
class Lent(Step):
    """A use of a layer that another module holds, or of a borrower.

    ``owner`` is the variable that holds the layer ``layer``; ``origin`` is the node that it holds there, where that is
    not this module. ``lender`` is the owner and path of the layer that a borrower is given.
    """

    owner: str = "self"
    origin: Node | None = None
    lender: tuple[str, tuple[str, ...]] | None = None


@dataclass(eq=False)
class Borrower(Instance):
    """A module without weights: it computes with those of a layer that it is given."""


def holders(step: Step) -> tuple[object, object]:
    """Who holds the layer of a step, and the layer that is lent to it."""
    return (step.owner, step.lender) if isinstance(step, Lent) else ("self", None)
