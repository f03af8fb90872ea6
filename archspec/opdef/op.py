"""The base of all primitive ops.

An op is one class in one file of ``archspec/ops``: arguments, shape rule, parameters with their initialisers, costs
and examples; how it is written is for each target to say (``archspec/targets``). An instance is that op with its
arguments, applied to inputs of known types; making one checks both. Shape rules and costs use arithmetic alone. All
sizes and counts are those of one sample.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import replace
from functools import cache
from types import MappingProxyType
from typing import Any, ClassVar, Literal

from archspec.frozen import immutable
from archspec.opdef import args as arg
from archspec.opdef.allocator import Allocator
from archspec.opdef.axes import check_axes
from archspec.opdef.entries import MOST, Entries, KnownEntries
from archspec.opdef.fake_tensor import FakeTensor
from archspec.opdef.faults import BadArgument, Fault, WrongInputs, WrongRank
from archspec.opdef.init import Initialiser
from archspec.opdef.types import Dtype, TensorType


@immutable
class Weight:
    """A parameter (``trained``) or buffer of a layer."""

    name: str
    shape: tuple[int, ...]
    init: Initialiser
    trained: bool = True
    dtype: Dtype = "float"


class Op:
    """Base class. Subclasses declare arguments as class attributes (``out: int = arg.size()``)."""

    arity: ClassVar[int | None] = 1
    """How many tensors it takes; None for a list of them."""
    positional: ClassVar[int] = 1
    """How many arguments it takes by position: one, or those that are one thing and have one order everywhere."""
    knows: ClassVar[str] = ""
    """What other libraries want as a first number, and an op knows of its input."""
    dtypes: ClassVar[tuple[Dtype, ...]] = ("float",)
    """The kinds of numbers it takes."""
    rule: ClassVar[str] = "*s -> *s"
    """The shape rule: names bind the sizes of the input, and stand for them and for arguments in the output."""
    fvcore_name: str | None = None
    """What fvcore calls it, for ops that fvcore counts."""
    torch_kind: str = "matmul"
    """What torch's flop counter sees in it, where it counts it: "convolution", or "matmul" for products of matrices."""
    remarks: Mapping[str, str] = MappingProxyType({})
    """What a convention (``macs``, ``fvcore``, ``torch``) makes of it, where its general rule does not say it."""
    counts_activation: ClassVar[bool] = False
    """Whether fvcore's activation count includes its output."""
    saved_for_backward: ClassVar[tuple[Literal["input", "output"], ...]] = ("input",)
    """What autograd keeps for backward; an op of which that is not the whole truth has a ``run`` of its own."""
    made_for: ClassVar[tuple[str, ...]] = ()
    """What its layer takes from the input beside its arguments: the names of sizes and of numbers of axes."""
    listed: ClassVar[bool] = False
    """Whether it can stand in a list of layers though it has no weights: activations, pools, dropout."""
    mutable_args: ClassVar[tuple[str, ...]] = ()
    """Arguments that people change on a built model: a module keeps them as attributes even where they never vary."""
    variadic_outputs: ClassVar[bool] = False
    """Whether it gives a list of tensors, even where the list has one entry."""
    inline_args: ClassVar[bool] = False
    """Whether its arguments are always written out as numbers, so that uses with others are different source."""
    needs_batch: ClassVar[bool] = False
    """Whether it makes no sense of a parameter, which has no batch."""
    extra: ClassVar[arg.Arg | None] = None
    """What further keyword arguments may be, for ops that take sizes of named axes."""
    _arguments: ClassVar[dict[str, arg.Arg]]
    examples: ClassVar[tuple[str, ...]] = ()
    """Uses with their shapes, run by the tests: ``"linear(5): [2, 3] -> [2, 5]"``."""

    def __init__(self, values: Mapping[str, Any], inputs: tuple[TensorType, ...]) -> None:
        self.values: dict[str, Any] = {}
        for name, spec in arguments(type(self)).items():
            value = values.get(name, spec.default)
            if value is not spec.default:
                checked = spec.check(value)
                if checked is None and value is not None:
                    raise BadArgument(self.name(), name, spec.expected, arg.show(value))
                if checked is None:
                    raise BadArgument(self.name(), name, spec.expected, "none")
                value = checked
            self.values[name] = value
            setattr(self, name, value)
        self.extras = {name: value for name, value in values.items() if name not in self.values}
        for name, value in self.extras.items():
            if self.extra is None or self.extra.check(value) is None:
                expected = self.extra.expected if self.extra else "left out; there is no such argument"
                raise BadArgument(self.name(), name, expected, arg.show(value))
        self.inputs = inputs
        self._check_inputs()
        self.outputs: tuple[TensorType, ...] = self._followed(self.infer())
        for output in self.outputs:
            check_axes(self.name(), output.rank)

    @classmethod
    def name(cls) -> str:
        """The op's name in the language: that of its file."""
        return cls.__module__.rsplit(".", 1)[-1]

    def _check_inputs(self) -> None:
        if self.arity is not None and len(self.inputs) != self.arity:
            some = {1: "one tensor", 2: "two tensors", 3: "three tensors"}.get(self.arity, f"{self.arity} tensors")
            raise WrongInputs(self.name(), some, str(len(self.inputs)))
        for given in self.inputs:
            if self.needs_batch and not given.batched:
                raise WrongInputs(self.name(), "a tensor with a batch", f"a parameter {given}")
            if given.dtype not in self.dtypes:
                wanted = "whole numbers (a table index)" if self.dtypes == ("int",) else "numbers with a fraction"
                raise WrongInputs(self.name(), f"tensors of {wanted}", str(given))

    def moved(self, *given: Entries) -> tuple[Entries, ...]:
        """The entries of whole-number outputs, each one of the inputs'; an op that does not say has no such method."""
        raise AssertionError(f"{self.name()} does not say where entries go")

    def _followed(self, outputs: tuple[TensorType, ...]) -> tuple[TensorType, ...]:
        """Outputs of whole numbers with what these are, where that is known of all inputs."""
        if all(type.dtype != "int" for type in outputs):
            return outputs
        known = [type.entries for type in self.inputs if type.entries is not None]
        small = len(known) == len(self.inputs) and sum(type.numel for type in outputs) <= MOST
        if not small or type(self).moved is Op.moved:
            return tuple(replace(type, entries=None) for type in outputs)
        low, high = min(given.low for given in known), max(given.high for given in known)

        @cache
        def moved() -> tuple[Entries, ...]:
            return self.moved(*(given.values for given in known))

        def entries(at: int) -> KnownEntries:
            return KnownEntries(low, high, lambda: moved()[at])

        return tuple(replace(type, entries=entries(at)) for at, type in enumerate(outputs))

    # shapes

    @property
    def x(self) -> TensorType:
        """The first input."""
        return self.inputs[0]

    @property
    def y(self) -> TensorType:
        """The first output."""
        return self.outputs[0]

    def infer(self) -> tuple[TensorType, ...]:
        """The types of the outputs.

        Raises:
            Fault: the inputs do not fit.
        """
        left, right = (side.split() for side in self.rule.split("->"))
        fixed = [name for name in left if not name.startswith("*")]
        spare = self.x.rank - len(fixed)
        if spare < 0 or (spare and len(fixed) == len(left)):
            raise WrongRank(self.name(), f"[{', '.join(left)}]", self.x)
        bound: dict[str, tuple[int, ...]] = {}
        at = 0
        for name in left:
            width = spare if name.startswith("*") else 1
            bound[name] = self.x.shape[at : at + width]
            at += width
            if width == 1 and not name.startswith("*"):
                setattr(self, name, bound[name][0])
        shape = [size for name in right for size in (bound[name] if name in bound else (getattr(self, name),))]
        return (self.x.with_shape(*shape),)

    def places(self) -> tuple[int | None, ...]:
        """For each input that holds places of something, how many places there are; None for the others."""
        return (None,) * len(self.inputs)

    @property
    def depth(self) -> int:
        """How many layers of weights it has one on the other."""
        return 1

    def counted(self) -> tuple[int, ...]:
        """The sizes of its inputs that say how many outputs it has."""
        return ()

    def asks(self) -> tuple[tuple[int, str, int], ...]:
        """What it wants of sizes and the framework does not ask: ``(left, relation, right)``, ``%`` for divides."""
        return ()

    # state and costs, a sample

    def weights(self) -> tuple[Weight, ...]:
        """Parameters and buffers, in the order of their keys."""
        return ()

    def weight_ranks(self) -> dict[str, int]:
        """The axes of each weight by name, those among them that it lacks because a flag is false."""
        flags = [name for name, value in self.values.items() if value is False]
        weights = self.weights()
        if flags:
            with suppress(Fault):
                full = type(self)(self.values | self.extras | dict.fromkeys(flags, True), self.inputs)
                weights = (*full.weights(), *weights)
        return {weight.name: len(weight.shape) for weight in weights}

    def macs(self) -> int:
        """Multiply-accumulates of conv, linear, matmul and einsum; 0 for everything else."""
        return 0

    def flops(self) -> int:
        """All arithmetic: 2 for each multiply-accumulate, and what the op's docstring says of itself."""
        return 2 * self.macs()

    def fvcore(self) -> int:
        """What fvcore counts under ``fvcore_name``."""
        return self.macs()

    def torch_flops(self) -> int:
        """What torch's FlopCounterMode counts: 2 for each multiply-accumulate, and nothing of all else."""
        return 2 * self.macs()

    # costs, a batch

    def samples(self, batch: int) -> int:
        """How many samples there is work for in a batch: one where all inputs are parameters."""
        return batch if any(given.batched for given in self.inputs) else 1

    def fvcore_of(self, batch: int) -> int:
        """What fvcore counts for a batch."""
        return self.samples(batch) * self.fvcore()

    def run(self, allocator: Allocator, *inputs: FakeTensor) -> tuple[FakeTensor, ...]:
        """The op on fake tensors: what it makes, what is a view, what autograd keeps for backward.

        Unless an op says otherwise: outputs are new and contiguous, and ``saved_for_backward`` is kept where any input
        or weight has a gradient.
        """
        sources = (*inputs, *allocator.weights.values())
        return self.kept(allocator, sources, inputs, tuple(allocator.make(type, *sources) for type in self.outputs))

    def kept(
        self,
        allocator: Allocator,
        sources: Sequence[FakeTensor],
        inputs: Sequence[FakeTensor],
        made: tuple[FakeTensor, ...],
    ) -> tuple[FakeTensor, ...]:
        """``made``, with what ``saved_for_backward`` names kept where any of ``sources`` has a gradient."""
        for what, tensors in (("input", inputs), ("output", made)):
            if what in self.saved_for_backward:
                allocator.save_for(sources, *tensors)
        return made

    def is_identity(self) -> bool:
        """Whether it does nothing in training and inference alike, so that it need not be emitted."""
        return False

    # what a target is told

    @property
    def stateful(self) -> bool:
        """Whether it is a layer, with a name and keys in the state."""
        return bool(self.weights())

    @property
    def is_layer(self) -> bool:
        """Whether a list of layers holds this use as one of them, and not as something to be applied in between."""
        return self.stateful or self.listed

    def numbers(self) -> tuple[Any, ...]:
        """What this use is written with: its arguments, and what its layer is made for."""
        return (*self.values.values(), *(getattr(self, name) for name in self.made_for))

    def reads_twice(self) -> tuple[int, ...]:
        """The inputs of which it reads the sizes as well as the elements when it runs, so that they need a name."""
        return ()


def arguments(op: type[Op]) -> dict[str, arg.Arg]:
    """The declared arguments of an op, in order: those that must be given first, a base's before its own."""
    known: dict[str, arg.Arg] | None = op.__dict__.get("_arguments")
    if known is not None:
        return known
    found: dict[str, arg.Arg] = {}
    for base in reversed(op.__mro__):
        found |= {name: value for name, value in vars(base).items() if isinstance(value, arg.Arg) and name != "extra"}
    found = dict(sorted(found.items(), key=lambda item: item[1].default is not arg.REQUIRED))
    op._arguments = found
    return found
