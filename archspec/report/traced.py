"""What fvcore sees: a trace from which torch has dropped all that no result of the model needs.

A layer whose output goes nowhere has no step in the graph. What is left to find is inside modules: results that one
use of a module does not need, and inputs that a module does not read.
"""

from __future__ import annotations

from archspec.graph.liveness import may_drop, needed_uses
from archspec.graph.nodes import Instance
from archspec.report.conventions import COUNTED
from archspec.report.count import Tally, Work


def traced(root: Instance, tally: Tally) -> Work:
    """The work of a model, with what counts in a trace taken of what that keeps."""
    work = tally.work(root)
    if not may_drop(root):
        return work
    kept, made = Work(), Work()
    for node, times in needed_uses(root).items():
        kept.add(tally.work(node), times)
    for count in COUNTED:
        source = kept if count.traced else work
        made.counts[count.name] = source.counts[count.name]
        made.operators |= {name: parts for name, parts in source.operators.items() if name == count.name}
    return made
