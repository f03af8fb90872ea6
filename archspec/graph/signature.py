"""The typed edge of a body: inputs bound to axis names on the way in, outputs held against the promise."""

from __future__ import annotations

from collections.abc import Collection
from typing import TYPE_CHECKING, Any

from archspec.graph.decisions import compared
from archspec.graph.problems.signature import BadInputShape, InputMismatch, OutputMismatch
from archspec.graph.problems.values import WrongCount, WrongKind
from archspec.graph.values import Tensor, describe
from archspec.opdef.types import TensorType
from archspec.source import Span
from archspec.spec.names import names_in
from archspec.spec.resolved import Resolved
from archspec.sym import expr
from archspec.sym.number import (
    FREE,
    LEADING,
    follows,
    hint,
    is_family,
    is_free,
    is_open,
    marked,
    number,
    plain,
    traced,
    unmarked,
)
from archspec.syntax import tree

if TYPE_CHECKING:
    from archspec.graph.dataflow import Dataflow

LARGEST = 2**31
"""Sizes of inputs are below this."""


def written(shape: tree.Shape, body: Dataflow) -> str:
    """A declared shape as the author wrote it."""
    return body.text(shape.span) or "[...]"


def bind_inputs(body: Dataflow, types: tuple[TensorType, ...], span: Span, checked: bool = True) -> None:
    """Bind inputs and the axes they name; where ``checked``, a size that is given already must be that size."""
    declared = body.definition.inputs
    for item in declared[len(types) :]:
        if item.optional:
            body.env[item.name] = None
    declared = tuple(item for at, item in enumerate(declared) if at < len(types) or not item.optional)
    if len(declared) != len(types):
        body.fail(WrongCount(span, f"inputs of `{body.definition.name}`", len(declared), len(types)))
    body.instance.input_names = tuple(item.name for item in declared)
    seen: list[TensorType] = []
    axes: list[tuple[str | None, ...] | None] = []
    for item, given in zip(declared, types):
        shape, names = _match(body, item, given, span, checked)
        seen.append(given.with_shape(*shape))
        axes.append(names)
    body.instance.inputs = tuple(seen)
    body.instance.input_axes = tuple(axes)
    for item, own in zip(declared, seen):
        tensor = body.tensor(own, item.span)
        body.env[item.name] = tensor


def _match(
    body: Dataflow, item: tree.Input, given: TensorType, span: Span, checked: bool
) -> tuple[tuple[int, ...], tuple[str | None, ...] | None]:
    if item.shape is None:
        own = tuple(f"{item.name}.{i}" for i in range(given.rank))
        return tuple(traced(n, expr.name(name)) for n, name in zip(given.shape, own)), own
    pattern = item.shape.axes
    rest = [i for i, axis in enumerate(pattern) if axis.rest]
    spare = given.rank - (len(pattern) - len(rest))
    dtype = item.dtype or "float"
    if spare < 0 or (spare and not rest) or len(rest) > 1 or dtype != given.dtype:
        _mismatch(body, item, given, span)
    shape: list[int] = []
    names: list[str | None] = []
    at = 0
    for axis in pattern:
        if axis.rest:
            sizes = [traced(n, expr.name(f"{item.name}.{i}")) for i, n in enumerate(given.shape[at : at + spare], at)]
            bound = body.env.setdefault(axis.name or "", tuple(sizes))
            if checked and tuple(sizes) != bound:
                _mismatch(body, item, given, span)
            if checked and sizes and sizes[0] is not bound[0]:
                _decide(body, tuple(sizes), bound)
            shape += sizes
            names += [f"{item.name}.{i}" for i in range(at, at + spare)]
            at += spare
            continue
        size = given.shape[at]
        at += 1
        wanted = _wanted(body, axis, size)
        if checked and wanted != size:
            if axis.name is not None:
                body.instance.axes[axis.name] = wanted
            _mismatch(body, item, given, span)
        if checked and wanted is not size:
            _decide(body, traced(size, expr.name(f"{item.name}.{at - 1}")), wanted)
        known = body.env[axis.name] if axis.name is not None else wanted
        place = expr.name(f"{item.name}.{at - 1}") if follows(size) else None
        shape.append(traced(size, getattr(known, "expr", place)))
        names.append(axis.name)
    return tuple(shape), tuple(names)


def _decide(body: Dataflow, size: Any, wanted: Any) -> None:
    """Note that a size of an input has to be another one."""
    decision = compared("==", size, wanted)
    if decision is not None:
        body.decisions[decision] = None


def _wanted(body: Dataflow, axis: tree.Axis, size: int) -> Any:
    """The size that an axis must have. A name that has none yet, not even as a constant of the file, takes ``size``."""
    name, wanted = axis.name, size
    named = isinstance(axis.size, tree.Name) and axis.size.id == name
    if name is not None and name in body.env:
        wanted = body.env[name]
    elif axis.size is not None and (not named or body.is_constant(axis.size)):
        wanted = body.number(axis.size)
    if name is not None:
        body.env.setdefault(name, traced(size, expr.name(name)))
        if name not in body.instance.axes and isinstance(body.env[name], int):
            body.instance.axes[name] = size
    return wanted


def _mismatch(body: Dataflow, item: tree.Input, given: TensorType, span: Span) -> None:
    assert item.shape is not None
    known = tuple((name, size) for name, size in body.instance.axes.items() if isinstance(size, int))
    wanted = f"{item.dtype + ' ' if item.dtype else ''}{written(item.shape, body)}"
    body.fail(InputMismatch(span, body.definition.name, item.span, wanted, str(given), known))


def model_inputs(body: Dataflow, spec: Resolved) -> tuple[TensorType, ...]:
    """The input types of a model: the declared sizes, or the caller's in their place."""
    declared = spec.inputs or spec.model.inputs
    types = []
    for item in declared:
        if item.shape is None or any(axis.rest for axis in item.shape.axes):
            body.fail(WrongKind(item.span, "an input with a size, such as [3, 224, 224]", "none"))
        sizes: list[Any] = []
        for axis in item.shape.axes:
            size: Any = body.number(axis.size) if axis.size is not None else None
            if not _is_size(size):
                body.fail(WrongKind(axis.span, "a size of at least 1", describe(size)))
            first = axis is item.shape.axes[0] is not item.shape.axes[-1]
            sizes.append(size if tied(body, axis) or is_open(size) else number(hint(size), LEADING if first else FREE))
        types.append(TensorType(tuple(sizes), "int" if item.dtype == "int" else "float"))
    as_declared = list(types)
    if spec.input_shape is not None:
        types[0] = _override(body, spec, declared[0], types[0])
    types = [_opened(body, *each, len(declared) > 1) for each in zip(declared, as_declared, types)]
    for item, own in zip(declared, types):
        _name_axes(body, item, own)
    body.instance.tied = frozenset(
        (at, place)
        for at, item in enumerate(declared)
        for place, axis in enumerate(item.shape.axes if item.shape else ())
        if tied(body, axis) and (place or types[at].rank < 3)
    )
    return tuple(types)


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


def _opened(body: Dataflow, item: tree.Input, declared: TensorType, own: TensorType, several: bool) -> TensorType:
    """The sizes that follow the caller's left open, where they are to be.

    Raises:
        Failed: one of them is no size.
    """
    opening = body.elaborator.opening
    if opening is None or opening.family:
        return own
    taken = [parameter.name for parameter in body.definition.parameters]
    names = size_names(item, own.rank, ["batch", *taken])
    if several:
        names = tuple(f"{item.name}.{name.removeprefix(f'{item.name}.')}" for name in names)
    sizes = [opening.size(name, size) if is_free(size) else unmarked(size) for name, size in zip(names, own.shape)]
    opening.declared += zip(sizes, declared.shape)
    if not all(map(_is_size, sizes)):
        assert item.shape is not None
        wanted = written(item.shape, body)
        got, known = (tuple(map(hint, shape)) for shape in (sizes, declared.shape))
        body.fail(BadInputShape(item.span, body.instance.name, wanted, got, known))
    return own.with_shape(*sizes)


def _is_size(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and 1 <= value < LARGEST


def _override(body: Dataflow, spec: Resolved, item: tree.Input, declared: TensorType) -> TensorType:
    """The caller's size: as many axes as declared, and an axis given by a parameter must agree with it."""
    given = _completed(spec.input_shape or (), declared)
    assert item.shape is not None
    wanted = written(item.shape, body)
    good = len(given) == declared.rank and all(
        type(n) is not bool and isinstance(n, int) and 1 <= n < LARGEST for n in given
    )
    if good:
        for axis, own, new in zip(item.shape.axes, declared.shape, given):
            good = good and ((hint(own) if is_family(own) else own) == new or not tied(body, axis))
    if not good:
        body.fail(BadInputShape(item.span, spec.name, wanted, given, tuple(map(int, declared.shape))))
    sizes = zip(declared.shape, given)
    return declared.with_shape(
        *(own if is_family(own) and hint(own) == new else marked(new, own) for own, new in sizes)
    )


def _completed(given: tuple[int, ...], declared: TensorType) -> tuple[int, ...]:
    """The caller's size without a batch of one, and one number for a square image as its height and width.

    Two numbers are left as they are: they could lack the channels, or the width.
    """
    if len(given) == declared.rank + 1 and given[0] == 1:
        return given[1:]
    if len(given) == 1 and declared.rank == 3 and declared.dtype == "float" and len(set(declared.shape[1:])) == 1:
        return (int(declared.shape[0]), *given * 2)
    return given


def tied(body: Dataflow, axis: tree.Axis) -> bool:
    """Whether a parameter gives the size of a model's input axis."""
    return axis.size is not None and any(name.id in body.instance.args for name in names_in(axis.size))


def _name_axes(body: Dataflow, item: tree.Input, own: TensorType) -> None:
    """``[3, h = 224, w = 224]`` names sizes in a model's body."""
    assert item.shape is not None
    for axis, size in zip(item.shape.axes, own.shape):
        if axis.name is not None and not isinstance(axis.size, tree.Name):
            body.env[axis.name] = traced(size, expr.name(axis.name))
            body.instance.axes[axis.name] = size


def check_outputs(body: Dataflow) -> None:
    """Hold what the body returns against the shapes it declares."""
    declared = body.definition.outputs
    if declared is None:
        return
    results = [value for value in body.result or [] if isinstance(value, Tensor)]
    if len(results) != len(declared):
        body.fail(WrongCount(body.result_span, f"results of `{body.definition.name}`", len(declared), len(results)))
    for shape, value in zip(declared, results):
        sizes: list[int] = []
        for axis in shape.axes:
            if axis.rest:
                rest = body.env.get(axis.name or "", ())
                if not isinstance(rest, tuple):
                    body.fail(WrongKind(axis.span, "the sizes of `*` axes", describe(rest)))
                sizes += rest
            else:
                assert axis.size is not None
                sizes.append(body.number(axis.size))
        if tuple(sizes) != value.type.shape:
            bound = tuple(body.instance.axes.items())
            body.fail(
                OutputMismatch(
                    body.result_span, body.definition.name, shape.span, written(shape, body), str(value.type), bound
                )
            )
        values = tuple(
            traced(plain(got), getattr(want, "expr", None) or getattr(got, "expr", None))
            for want, got in zip(sizes, value.type.shape)
        )
        body.instance.types[value.id] = value.type.with_shape(*values)
