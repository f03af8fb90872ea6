"""The inputs of a model: the sizes that the spec declares, or the caller's in their place."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any, NoReturn

from archspec.graph.draft import ModuleDraft
from archspec.graph.evaluate import ExpressionEvaluator
from archspec.graph.opening import Opening
from archspec.graph.problems.signature import BadInputShape
from archspec.graph.problems.values import WrongKind
from archspec.graph.values import Value, describe
from archspec.opdef.types import TensorType
from archspec.spec.names import names_in
from archspec.spec.resolved import Resolved
from archspec.sym import expr
from archspec.sym.number import FREE, LEADING, hint, is_family, is_free, is_open, marked, number, traced, unmarked
from archspec.syntax import tree

LARGEST = 2**31
"""Sizes of inputs are below this."""


def usual_names(rank: int) -> tuple[str, ...]:
    """What people call the axes of a tensor: of an image, a sequence, a volume."""
    usual = {1: ("n",), 2: ("c", "n"), 3: ("c", "h", "w"), 4: ("c", "d", "h", "w")}
    return usual.get(rank) or tuple(f"n{i}" for i in range(rank))


def size_names(item: tree.Input, rank: int, taken: Collection[str] = ()) -> tuple[str, ...]:
    """What the sizes of an input are called: as the author calls them, else h and w for images, n for a sequence.

    A name that is ``taken`` by a parameter, or by an axis that the author calls so, has the input's name in front.
    """
    axes = item.shape.axes if item.shape is not None else ()
    plain = usual_names(rank)
    own = {axis.name for axis in axes}
    front = f"{item.name}."
    return tuple(
        f"{front}{name}" if name in taken else name
        for axis, other in zip(axes, plain)
        for name in [axis.name or (f"{front}{other}" if other in own else other)]
    )


class ModelInputs:
    """Gives a model's inputs their sizes."""

    def __init__(
        self, evaluator: ExpressionEvaluator, draft: ModuleDraft, spec: Resolved, opening: Opening | None
    ) -> None:
        self.evaluator = evaluator
        self.ledger = evaluator.ledger
        self.names = evaluator.environment.names
        self.instance = draft.instance
        self.parameters = tuple(parameter.name for parameter in draft.definition.parameters)
        self.spec = spec
        self.opening = opening

    def types(self) -> tuple[TensorType, ...]:
        """The types of the inputs; their axes are named in the model's body."""
        declared = self.spec.inputs or self.spec.model.inputs
        types = [self._declared(item) for item in declared]
        as_declared = list(types)
        if self.spec.input_shape is not None:
            types[0] = self._override(declared[0], types[0], self.spec.input_shape)
        types = [self._opened(*each, len(declared) > 1) for each in zip(declared, as_declared, types)]
        for item, own in zip(declared, types):
            self._name_axes(item, own)
        self.instance.tied = frozenset(
            (at, place)
            for at, item in enumerate(declared)
            for place, axis in enumerate(item.shape.axes if item.shape else ())
            if self._tied(axis) and (place or types[at].rank < 3)
        )
        return tuple(types)

    def _declared(self, item: tree.Input) -> TensorType:
        """The type of an input as the spec has it."""
        if item.shape is None or any(axis.rest for axis in item.shape.axes):
            self.ledger.fail(WrongKind(item.span, "an input with a size, such as [3, 224, 224]", "none"))
        sizes: list[Any] = []
        for axis in item.shape.axes:
            size: Value = self.evaluator.number(axis.size) if axis.size is not None else None
            if not _is_size(size):
                self.ledger.fail(WrongKind(axis.span, "a size of at least 1", describe(size)))
            if not self._tied(axis) and not is_open(size):
                first = axis is item.shape.axes[0] is not item.shape.axes[-1]
                size = number(hint(size), LEADING if first else FREE)
            sizes.append(size)
        return TensorType(tuple(sizes), "int" if item.dtype == "int" else "float")

    def _opened(self, item: tree.Input, declared: TensorType, own: TensorType, several: bool) -> TensorType:
        """The sizes that follow the caller's left open, where they are to be.

        Raises:
            Failed: one of them is no size.
        """
        opening = self.opening
        if opening is None or opening.family:
            return own
        names = size_names(item, own.rank, ["batch", *self.parameters])
        if several:
            names = tuple(f"{item.name}.{name.removeprefix(f'{item.name}.')}" for name in names)
        sizes = [opening.size(name, size) if is_free(size) else unmarked(size) for name, size in zip(names, own.shape)]
        opening.declared += zip(sizes, declared.shape)
        if not all(map(_is_size, sizes)):
            self._refuse(item, self.instance.name, tuple(map(hint, sizes)), tuple(map(hint, declared.shape)))
        return own.with_shape(*sizes)

    def _override(self, item: tree.Input, declared: TensorType, wanted: tuple[int, ...]) -> TensorType:
        """The caller's size: as many axes as declared, and an axis given by a parameter must agree with it."""
        given = _completed(wanted, declared)
        assert item.shape is not None
        good = len(given) == declared.rank and all(type(n) is not bool and _is_size(n) for n in given)
        for axis, own, new in zip(item.shape.axes, declared.shape, given) if good else ():
            good = good and ((hint(own) if is_family(own) else own) == new or not self._tied(axis))
        if not good:
            self._refuse(item, self.spec.name, given, tuple(map(int, declared.shape)))
        sizes = zip(declared.shape, given)
        return declared.with_shape(
            *(own if is_family(own) and hint(own) == new else marked(new, own) for own, new in sizes)
        )

    def _refuse(self, item: tree.Input, model: str, got: tuple[int, ...], declared: tuple[int, ...]) -> NoReturn:
        assert item.shape is not None
        words = self.evaluator.definitions.text(item.shape.span) or "[...]"
        self.ledger.fail(BadInputShape(item.span, model, words, got, declared))

    def _tied(self, axis: tree.Axis) -> bool:
        """Whether a parameter gives the size of a model's input axis."""
        return axis.size is not None and any(name.id in self.instance.args for name in names_in(axis.size))

    def _name_axes(self, item: tree.Input, own: TensorType) -> None:
        """``[3, h = 224, w = 224]`` names sizes in a model's body."""
        assert item.shape is not None
        for axis, size in zip(item.shape.axes, own.shape):
            if axis.name is not None and not isinstance(axis.size, tree.Name):
                self.names[axis.name] = traced(size, expr.name(axis.name))
                self.instance.axes[axis.name] = size


def _is_size(value: Value) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and 1 <= value < LARGEST


def _completed(given: tuple[int, ...], declared: TensorType) -> tuple[int, ...]:
    """The caller's size without a batch of one, and one number for a square image as its height and width.

    Two numbers are left as they are: they could lack the channels, or the width.
    """
    if len(given) == declared.rank + 1 and given[0] == 1:
        return given[1:]
    if len(given) == 1 and declared.rank == 3 and declared.dtype == "float" and len(set(declared.shape[1:])) == 1:
        return (int(declared.shape[0]), *given * 2)
    return given
