"""What is wrong, where, why, and what to do about it.

A :class:`Problem` is a frozen dataclass that lives beside the stage that raises it: the raising site supplies data, the
class holds the words. ``Problem.diagnostic()`` gives the plain :class:`Diagnostic` that callers see and
:mod:`archspec.diagnostics.render` draws.
"""

from archspec.diagnostics.problem import ArchspecError, Diagnostic, Label, PastLimit, Problem, SpecError
from archspec.diagnostics.suggest import did_you_mean

__all__ = ["ArchspecError", "Diagnostic", "Label", "PastLimit", "Problem", "SpecError", "did_you_mean"]
