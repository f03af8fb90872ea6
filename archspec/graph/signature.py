"""The typed edge of a body: inputs bound to axis names on the way in, outputs held against the promise."""

from __future__ import annotations

from typing import Any, NoReturn, TypeAlias

from archspec.graph.decisions import compared
from archspec.graph.draft import ModuleDraft
from archspec.graph.evaluate import ExpressionEvaluator
from archspec.graph.problems.signature import InputMismatch, OutputMismatch
from archspec.graph.problems.values import WrongCount, WrongKind
from archspec.graph.values import Tensor, Value, describe
from archspec.opdef.types import TensorType
from archspec.source import Span
from archspec.sym import expr
from archspec.sym.number import follows, plain, traced
from archspec.syntax import tree

AxisNames: TypeAlias = "tuple[str | None, ...]"
"""The names of an input's axes."""


class Signature:
    """What the body of a module takes and gives."""

    def __init__(self, evaluator: ExpressionEvaluator, draft: ModuleDraft) -> None:
        self.evaluator = evaluator
        self.ledger = evaluator.ledger
        self.names = evaluator.environment.names
        self.draft = draft
        self.definition = draft.definition

    def written(self, shape: tree.Shape) -> str:
        """A declared shape as the author wrote it."""
        return self.evaluator.definitions.text(shape.span) or "[...]"

    def bind_inputs(self, types: tuple[TensorType, ...], span: Span, checked: bool = True) -> None:
        """Bind inputs and the axes they name; where ``checked``, a size that is given already must be that size."""
        declared = self.definition.inputs
        for item in declared[len(types) :]:
            if item.optional:
                self.names[item.name] = None
        declared = tuple(item for at, item in enumerate(declared) if at < len(types) or not item.optional)
        if len(declared) != len(types):
            self.ledger.fail(WrongCount(span, f"inputs of `{self.definition.name}`", len(declared), len(types)))
        instance = self.draft.instance
        instance.input_names = tuple(item.name for item in declared)
        seen: list[TensorType] = []
        axes: list[AxisNames | None] = []
        for item, given in zip(declared, types):
            shape, names = self._match(item, given, span, checked)
            seen.append(given.with_shape(*shape))
            axes.append(names)
        instance.inputs = tuple(seen)
        instance.input_axes = tuple(axes)
        for item, own in zip(declared, seen):
            self.names[item.name] = self.draft.tensor(own, item.span)

    def _match(
        self, item: tree.Input, given: TensorType, span: Span, checked: bool
    ) -> tuple[tuple[int, ...], AxisNames | None]:
        """The sizes of an input in the names of the body, and the names of its axes."""
        if item.shape is None:
            own = tuple(f"{item.name}.{i}" for i in range(given.rank))
            return tuple(traced(n, expr.name(name)) for n, name in zip(given.shape, own)), own
        pattern = item.shape.axes
        rest = sum(axis.rest for axis in pattern)
        spare = given.rank - (len(pattern) - rest)
        dtype = item.dtype or "float"
        if spare < 0 or (spare and not rest) or rest > 1 or dtype != given.dtype:
            self._mismatch(item, given, span)
        shape: list[int] = []
        names: list[str | None] = []
        for axis in pattern:
            if axis.rest:
                sizes = self._match_rest(item, axis, given, len(shape), spare, span, checked)
                names += [f"{item.name}.{i}" for i in range(len(shape), len(shape) + spare)]
                shape += sizes
            else:
                shape.append(self._match_axis(item, axis, given, len(shape), span, checked))
                names.append(axis.name)
        return tuple(shape), tuple(names)

    def _match_rest(
        self, item: tree.Input, axis: tree.Axis, given: TensorType, at: int, spare: int, span: Span, checked: bool
    ) -> tuple[int, ...]:
        """The sizes of ``*s``, which are a list under that name."""
        sizes = tuple(traced(n, expr.name(f"{item.name}.{i}")) for i, n in enumerate(given.shape[at : at + spare], at))
        bound = self.names.setdefault(axis.name or "", sizes)
        if checked and sizes != bound:
            self._mismatch(item, given, span)
        if checked and sizes and isinstance(bound, tuple) and sizes[0] is not bound[0]:
            self.evaluator.environment.decide(compared("==", sizes, bound))
        return sizes

    def _match_axis(
        self, item: tree.Input, axis: tree.Axis, given: TensorType, at: int, span: Span, checked: bool
    ) -> int:
        """The size of an axis in the names of the body."""
        size = given.shape[at]
        wanted = self._wanted(axis, size)
        if checked and wanted != size:
            if axis.name is not None:
                self.draft.instance.axes[axis.name] = wanted
            self._mismatch(item, given, span)
        place = expr.name(f"{item.name}.{at}")
        if checked and wanted is not size:
            self.evaluator.environment.decide(compared("==", traced(size, place), wanted))
        known = self.names[axis.name] if axis.name is not None else wanted
        own: int = traced(size, getattr(known, "expr", place if follows(size) else None))
        return own

    def _wanted(self, axis: tree.Axis, size: int) -> Any:
        """The size that an axis must have. A name that has none yet, not even as a file's constant, takes ``size``."""
        name = axis.name
        wanted: Any = size
        named = isinstance(axis.size, tree.Name) and axis.size.id == name
        if name is not None and name in self.names:
            wanted = self.names[name]
        elif axis.size is not None and (not named or self._is_constant(axis.size)):
            wanted = self.evaluator.number(axis.size)
        if name is not None:
            known = self.names.setdefault(name, traced(size, expr.name(name)))
            if name not in self.draft.instance.axes and isinstance(known, int):
                self.draft.instance.axes[name] = size
        return wanted

    def _is_constant(self, name: tree.Expr) -> bool:
        """Whether an axis is called like a constant of the file, and like no parameter."""
        if not isinstance(name, tree.Name):
            return False
        constant = self.evaluator.definitions.constant(self.draft.instance.file, name.id)
        return constant is not None and constant not in [item.name for item in self.definition.parameters]

    def _mismatch(self, item: tree.Input, given: TensorType, span: Span) -> NoReturn:
        assert item.shape is not None
        known = tuple((name, size) for name, size in self.draft.instance.axes.items() if isinstance(size, int))
        wanted = f"{item.dtype + ' ' if item.dtype else ''}{self.written(item.shape)}"
        self.ledger.fail(InputMismatch(span, self.definition.name, item.span, wanted, str(given), known))

    def check_outputs(self) -> None:
        """Hold what the body returns against the shapes it declares."""
        declared = self.definition.outputs
        if declared is None:
            return
        span, name = self.draft.result_span, self.definition.name
        results = [value for value in self.draft.result or [] if isinstance(value, Tensor)]
        if len(results) != len(declared):
            self.ledger.fail(WrongCount(span, f"results of `{name}`", len(declared), len(results)))
        instance = self.draft.instance
        for shape, value in zip(declared, results):
            sizes = self._promised(shape)
            if sizes != value.type.shape:
                bound = tuple(instance.axes.items())
                self.ledger.fail(OutputMismatch(span, name, shape.span, self.written(shape), str(value.type), bound))
            values = tuple(
                traced(plain(got), getattr(want, "expr", None) or getattr(got, "expr", None))
                for want, got in zip(sizes, value.type.shape)
            )
            instance.types[value.id] = value.type.with_shape(*values)

    def _promised(self, shape: tree.Shape) -> tuple[Value, ...]:
        """The sizes that a declared output has."""
        sizes: list[Value] = []
        for axis in shape.axes:
            if axis.rest:
                rest = self.names.get(axis.name or "", ())
                if not isinstance(rest, tuple):
                    self.ledger.fail(WrongKind(axis.span, "the sizes of `*` axes", describe(rest)))
                sizes += rest
            else:
                assert axis.size is not None
                sizes.append(self.evaluator.number(axis.size))
        return tuple(sizes)
