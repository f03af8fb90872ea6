"""Figures held to what 64-bit counters hold, and what a report is asked for held to what it can be."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, ClassVar

from archspec.diagnostics import Problem, SpecError
from archspec.diagnostics.suggest import suggestion
from archspec.graph.nodes import Instance, OpNode
from archspec.report.conventions import COUNTED
from archspec.report.count import uses
from archspec.report.dtypes import DTYPES
from archspec.report.state import own_state
from archspec.source import NOWHERE
from archspec.spec.asked import format_argument, is_whole

LARGEST = 2**63 - 1


class MetricTooLarge(Problem):
    """A figure that does not fit into 64 bits."""

    code: ClassVar[str] = "E0410"
    model: str
    figure: str
    got: int
    why: str
    also: tuple[str, ...] = ()

    def message(self) -> str:
        return f"`{self.figure}` of `{self.model}` is {power_of_ten(self.got)}, which is more than 2**63 - 1"

    def label(self) -> str:
        return self.why if self.span != NOWHERE else ""

    def notes(self) -> tuple[str, ...]:
        why = (self.why,) if self.span == NOWHERE else ()
        verb = "is" if len(self.also) == 1 else "are"
        return (*why, f"{', '.join(self.also)} {verb} too large too") if self.also else why

    def help(self) -> str | None:
        return "counters of tools and tensors have 64 bits: use a smaller input or batch"


class BadBatch(Problem):
    """A batch that is none."""

    code: ClassVar[str] = "E0411"
    got: str

    def message(self) -> str:
        return f"a batch has 1 to 2**63 - 1 samples, and this is {self.got}"


class BadDtype(Problem):
    """A kind of number that reports do not know."""

    code: ClassVar[str] = "E0412"
    got: str

    def message(self) -> str:
        return f"reports know no dtype `{self.got}`"

    def help(self) -> str | None:
        return suggestion(self.got, DTYPES, "they know")


def asked_wrong(batch: Any, dtype: Any) -> Problem | None:
    """What is wrong with the batch or dtype that a report is asked for."""
    if isinstance(batch, bool) or not isinstance(batch, int):
        return BadBatch(NOWHERE, f"`{format_argument(batch)}`")
    if not 1 <= batch <= LARGEST:
        return BadBatch(NOWHERE, str(batch) if batch < 1 else f"2**{batch.bit_length() - 1} or more")
    return BadDtype(NOWHERE, str(dtype)) if dtype not in DTYPES else None


def plain(batch: Any, dtype: Any) -> tuple[int, str]:
    """A batch and a dtype as reports take them: a whole number, of numpy's too, and a name, of a dtype of torch's too.

    Raises:
        SpecError: they are neither.
    """
    batch = int(batch) if is_whole(batch) else batch
    name = str(dtype).removeprefix("torch.")
    wrong = asked_wrong(batch, name)
    if wrong is not None:
        raise SpecError.of(wrong)
    return batch, name


def too_large(root: Instance, batch: int, figures: Mapping[str, int]) -> Problem | None:
    """The first figure that does not fit into 64 bits, with the op that takes most of it."""
    size = f"the input is {', '.join(str(type) for type in root.inputs)}, for a batch of {batch}"
    given = sum(type.numel for type in root.inputs) * batch
    beyond = {name: got for name, got in figures.items() if got > LARGEST}
    if given > LARGEST:
        return MetricTooLarge(NOWHERE, root.name, "input", given, size, tuple(beyond))
    for name, got in beyond.items():
        rest = tuple(other for other in beyond if other != name)
        node, own, times = _largest(root, name, batch)
        if node is None:
            return MetricTooLarge(NOWHERE, root.name, name, got, size, rest)
        shapes = f"{', '.join(map(str, node.op.inputs))} -> {', '.join(map(str, node.outputs))}"
        done = f", done {times} times" if times > 1 else ""
        why = f"{power_of_ten(own)} of it here: {shapes}{done}, for a batch of {batch}"
        return MetricTooLarge(node.span, root.name, name, got, why, rest)
    return None


def _share(figure: str, batch: int) -> Callable[[OpNode, int], int]:
    """How much of a figure one op is that is done so many times."""
    for count in COUNTED:
        if count.name == figure:
            return lambda node, times: count.count(node.op, batch) * times
    return lambda node, times: own_state(node).params if figure == "params" else 0


def _largest(root: Instance, figure: str, batch: int) -> tuple[OpNode | None, int, int]:
    """The op that takes most of a figure, how much, and how often it is done; no op where that is not known."""
    share = _share(figure, batch)
    largest: tuple[OpNode | None, int, int] = (None, 0, 0)
    for node, times in uses(root).items():
        own = share(node, times)
        if own > largest[1]:
            largest = (node, own, times)
    return largest


def power_of_ten(value: int) -> str:
    """A number as a power of ten: 12,300,000 is ``1.23e7``."""
    digits = str(value)
    return f"{digits[0]}.{digits[1:3]}e{len(digits) - 1}"
