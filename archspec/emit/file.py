"""The file of a spec: that of its family where that is worth the work, else that of the one member."""

from __future__ import annotations

from archspec.checksum import signed
from archspec.diagnostics import SpecError
from archspec.emit.header import facts
from archspec.emit.problems import NotWritten
from archspec.emit.source import write_source
from archspec.emit.target import Target
from archspec.graph.elaborate import Elaborator
from archspec.graph.nodes import Instance, OpNode
from archspec.graph.opening import Opening
from archspec.graph.walk import all_in, distinct
from archspec.limits import held
from archspec.spec.resolved import Resolved
from archspec.sym.open import Specialise

FAMILY_WORK = 500_000
"""Units of work of a spec up to which its source is that of the family, and of one member beyond."""


def write_file(spec: Resolved, root: Instance, target: Target) -> str:
    """The source of a spec whose graph is ``root``, with its checksum.

    A parameter that the writing wants as one value is closed, and the family is worked out anew with the others open.

    Raises:
        SpecError: the target cannot write some of its ops.
    """
    check_written(spec, root, target)
    left = FAMILY_WORK - root.work
    closed: frozenset[str] = frozenset()
    while left > 0:
        opening = Opening({}, None, closed)
        try:
            with held({"work": left}):
                elaborator = Elaborator(spec, True, opening)
                family = elaborator.run()
            return signed(write_source(family, facts(spec, root), target, opening.algebra))
        except Specialise as wanted:
            if wanted.names <= closed:  # what is closed is no number left open, and wants nothing
                raise
            closed |= wanted.names
            left -= elaborator.work
        except SpecError:  # more work than a family is worth
            break
    return write_member(spec, root, target)


def write_member(spec: Resolved, root: Instance, target: Target) -> str:
    """The source of one member, with its checksum: what cannot be written of it cannot be written of its family."""
    return signed(write_source(root, facts(spec, root), target))


def check_written(spec: Resolved, root: Instance, target: Target) -> None:
    """Hold the ops of a graph against those that a target writes.

    Raises:
        SpecError: it has none of some names; each is told where it is first used.
    """
    found: dict[str, NotWritten] = {}
    for node in distinct(root, all_in):
        if isinstance(node, OpNode) and node.name not in found and not target.writes(node.op):
            found[node.name] = NotWritten(node.span, node.name, target.name, target.place(node.op))
    if found:
        raise SpecError([problem.diagnostic() for problem in found.values()], spec.texts())
