"""What a body declares: parameters, buffers, tables, and how parameters start."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

from archspec.graph.dataflow import Dataflow, InitRule
from archspec.graph.decisions import following
from archspec.graph.functions import NAMES
from archspec.graph.nodes import Binding, Node, OpNode, Table, weight_ranks
from archspec.graph.problems.layers import NamedTwice, NameTaken
from archspec.graph.problems.limits import TooLarge
from archspec.graph.problems.starts import InitMatches, InitShape, InitUnused
from archspec.graph.problems.values import Failed, WrongKind
from archspec.graph.program import RATE, Meter, Oversized, Unfit, flattened, nested
from archspec.graph.tabulate import compiled
from archspec.graph.values import (
    Bound,
    InitFunction,
    Recipe,
    Tensor,
    describe,
    detached,
    unbind,
    whole,
)
from archspec.opdef.args import show
from archspec.opdef.init import Initialiser
from archspec.opdef.op import Op, Weight
from archspec.opdef.registry import find_op, op_names
from archspec.opdef.reserved import attribute_taken
from archspec.opdef.types import Dtype, TensorType
from archspec.source import Span
from archspec.spec.names import loop_names, names_in
from archspec.sym.number import hint, marked, plain
from archspec.sym.open import Open, as_float, pin
from archspec.syntax import tree

COPY = 3
"""Units of work of each part of a value that is kept for the source."""
MANY = 256
"""So many numbers in lists inside a list are worked out by compiled code, and are not traced."""
INIT = 100
"""Units of work of one ``init``."""
COPIES = 20
"""So many entries of a list are copied in a unit of work."""
STATE = 200
"""Units of work of one parameter, buffer or table; the stages behind are counted in."""


@dataclass(frozen=True)
class InitDeclaration:
    """An ``init``, for a layer of this body (``own``) or for an op, and the layers that were there before it."""

    statement: tree.Init
    inits: tuple[Initialiser, ...]
    own: bool
    before: Mapping[tuple[str, ...], Node]

    def weights(
        self, layers: Mapping[tuple[str, ...], Node], left_out: Collection[tuple[str, ...]] = ()
    ) -> dict[str, int]:
        """The weights that it may name among some layers, each with the fewest axes it has anywhere."""
        found: dict[str, int] = {}
        selector = self.statement.selector
        for path, node in layers.items():
            if path not in left_out and (not self.own or path[0] == selector):
                for op, ranks in weight_ranks(node).items():
                    if self.own or op == selector:
                        found.update({name: min(rank, found.get(name, rank)) for name, rank in ranks.items()})
        return found


class Declarations(Dataflow):
    """The statements `param`, `buffer`, `const` and `init`."""

    def __init__(self, *args: Any) -> None:
        super().__init__(*args)
        self.starts: list[InitDeclaration] = []

    def _do_state(self, statement: tree.State) -> None:
        self._free_name(statement)
        self.elaborator.spend(statement.span, STATE)
        shape = self._sizes(statement.shape)
        init = self.eval(statement.init)
        init = self._as_initialiser(init, statement.init.span)
        self._fits(init, statement.name, len(shape), statement.init.span)
        self.instance.state.append(Weight(statement.name, shape, init, statement.trained))
        tensor = self.tensor(TensorType(shape, "float", batched=False), statement.span)
        self.instance.body.append(Binding((f"self.{statement.name}",), (tensor.id,)))
        self.env[statement.name] = tensor

    def _do_const(self, statement: tree.Const) -> None:
        self._free_name(statement)
        self.elaborator.spend(statement.span, STATE)
        shape = self._sizes(statement.shape)
        integral = statement.dtype == "int"
        found, flat, shown = self._tabulated(statement.value, integral)
        if found != shape or not all(_is_number(kind, integral) for kind in set(map(type, flat))):
            kind = "whole numbers" if integral else "numbers"
            wanted = f"a table of {kind} of shape {show(shape)}"
            got = f"one of shape {show(found)}" if found is not None else shown
            self.fail(WrongKind(statement.value.span, wanted, got))
        dtype: Dtype = "int" if integral else "float"
        table = Table(statement.name, plain(shape), dtype, flat, statement.value, self.reached(statement.value))
        self.instance.tables.append(table)
        entries = flat if integral else None
        tensor = self.tensor(TensorType(shape, dtype, batched=False, entries=entries), statement.span)
        self.instance.body.append(Binding((f"self.{statement.name}",), (tensor.id,)))
        self.env[statement.name] = tensor

    def _tabulated(self, node: tree.Expr, integral: bool) -> tuple[tuple[int, ...] | None, tuple[Any, ...], str]:
        """The shape of a table, its numbers row by row, and words for it; no shape where it has none."""
        with suppress(Unfit):
            shape, flat, _ = self._compiled(node)
            return shape, flat, ""
        value = unbind(self.eval(node))
        self.charge(value, node.span, 2)
        self.pin(value)
        found_shape, found = flattened(plain(value))
        if integral:
            pin({n.term: n for n in found if isinstance(n, Open)}.values())
            found = list(map(hint, found))
        return found_shape, tuple(found), describe(value)

    def grid(self, node: tree.Expr) -> Any:
        """The value of an expression; lists of many numbers inside a list by compiled code, as tables are."""
        if isinstance(node, tree.Comprehension) and isinstance(node.item, tree.Comprehension) and not node.joined:
            with suppress(Unfit):
                shape, flat, sources = self._compiled(node, MANY)
                follow = tuple({n.mark: n for n in following(sources)}.values())
                return nested([marked(n, *follow) for n in flat] if follow else flat, shape)
        return self.eval(node)

    def _compiled(self, node: tree.Expr, least: int = 0) -> tuple[tuple[int, ...], tuple[Any, ...], tuple[Any, ...]]:
        """The shape and numbers of a table by compiled code, worked out once for all uses that go by equal numbers.

        What these are comes third, and they are held to their values.

        Raises:
            Unfit: the evaluator has to see to it, or there are fewer numbers than ``least``.
        """
        limits = self.elaborator.limits
        what, most = ("parts", limits.parts) if least else ("numbers", limits.numbers)
        decisions = dict(self.decisions)
        try:
            program = compiled(node, self._plain_value, self._is_named_function)
        except Unfit:
            self.decisions = decisions
            raise
        key = (node.span, program.key)
        if key not in self.elaborator.tables:
            steps = (limits.work - self.elaborator.work) * RATE
            meter = Meter(steps)
            try:
                self.elaborator.tables[key] = program.run(meter, limits.entries, most)
            except Oversized:
                self.fail(TooLarge(node.span, what, most, f"this list has more than {{}} {what}"))
            finally:
                self.elaborator.spend(node.span, -(-(steps - meter.left) // RATE))
        shape, flat = self.elaborator.tables[key]
        if len(flat) < least:
            raise Unfit
        pin(program.sources)
        self.pin(program.sources)
        return shape, flat, program.sources

    def _plain_value(self, node: tree.Expr) -> Any:
        """The value of a part of a table that no loop changes.

        Raises:
            Unfit: it has none by itself.
        """
        known = len(self.elaborator.problems)
        try:
            return unbind(whole(self.eval(node)))
        except Failed:
            del self.elaborator.problems[known:]
            raise Unfit from None

    def _is_named_function(self, name: str) -> bool:
        """Whether a name is a function of the language here, and nothing of the body or the file."""
        return name in NAMES and not self._callable(name) and name not in self.elaborator.names(self.file)

    def _free_name(self, statement: tree.State | tree.Const) -> None:
        """A name for a parameter, buffer or table that nothing else has."""
        if statement.name in self.all_names():
            self.fail(NamedTwice(statement.span, statement.name))
        if attribute_taken(statement.name):
            self.fail(NameTaken(statement.span, statement.name, self.definition.name))

    def reached(self, expr: tree.Expr) -> tuple[tuple[str, Any], ...]:
        """The values that the names of an expression have here; of a tensor its sizes."""
        found: dict[str, Any] = {}
        own = loop_names(expr)
        for name in names_in(expr):
            if name.id in self.env:
                value = self.env[name.id]
            elif name.id in own or (value := self.elaborator.lookup(self.file, name)) is None:
                continue
            self.elaborator.measure(value, name.span, COPY)
            found[name.id] = plain(value.type.shape) if isinstance(value, Tensor) else detached(value)
        return tuple(found.items())

    def _sizes(self, declared: tree.Shape) -> tuple[int, ...]:
        """The sizes of a declared shape."""
        shape: list[int] = []
        for axis in declared.axes:
            size = self.env.get(axis.name) if axis.rest and axis.name else None
            if axis.size is not None:
                size = self.number(axis.size)
            for item in size if isinstance(size, tuple) else (size,):
                if isinstance(item, bool) or not isinstance(item, int) or item < 1:
                    self.fail(WrongKind(axis.span, "a size of at least 1", describe(item)))
                shape.append(item)
        return tuple(shape)

    def _as_initialiser(self, value: Any, span: Span) -> Initialiser:
        """A number is a constant start; an initialiser whose numbers all have defaults needs no brackets."""
        if isinstance(value, (int, float)) and not isinstance(value, bool):
            return Initialiser("constant", (as_float(value),))
        if isinstance(value, InitFunction):
            value = self._initialiser(value, [], span)
        if not isinstance(value, Initialiser):
            self.fail(WrongKind(span, "an initialiser, such as zeros or normal(0.02)", describe(value)))
        return value

    def _do_init(self, statement: tree.Init) -> None:
        self.elaborator.spend(statement.span, INIT + (len(self.rules) + len(self.layers.nodes)) // COPIES)
        fields = []
        for field in statement.fields:
            value = self.eval(field.value)
            value = self._as_initialiser(value, field.span)
            fields.append((field.name, value))
        selected = self.env.get(statement.selector)
        ops = _leaf_ops(selected) if isinstance(selected, Bound) else {statement.selector} & op_names()
        if statement.fields and ops and all(find_op(name).weights is Op.weights for name in ops):
            field = statement.fields[0]
            self.fail(InitMatches(field.span, statement.selector, field=field.name))
        if isinstance(selected, Bound):
            if not ops:
                self.fail(InitMatches(statement.span, statement.selector, module=True))
            if any(path[0] == statement.selector for path in self.layers.nodes):
                self.fail(InitMatches(statement.span, statement.selector, late=True))
            self.own_rules.append((statement.selector, tuple(fields)))
        elif statement.selector not in op_names():
            self.fail(InitMatches(statement.span, statement.selector, names=tuple(self._recipes())))
        else:
            if any(isinstance(n, OpNode) and n.name == statement.selector for n in self.layers.nodes.values()):
                self.fail(InitMatches(statement.span, statement.selector, late=True))
            rule = InitRule(statement.selector, tuple((n, detached(v)) for n, v in fields))
            self.rules = (*self.rules, rule)
        own, before = isinstance(selected, Bound), dict(self.layers.nodes)
        self.starts.append(InitDeclaration(statement, tuple(value for _, value in fields), own, before))

    def finish_rules(self) -> None:
        """Hold every ``init`` of this body against what it was for, once all that it could start is there."""
        for start in self.starts:
            statement = start.statement
            found = start.weights(self.layers.nodes, start.before)
            misplaced = not found and start.weights(start.before)
            if not found and not start.own and (misplaced or not self.elaborator.mentions(statement.selector)):
                self.elaborator.warn(InitUnused(statement.span, statement.selector))
            for field, init in zip(statement.fields, start.inits) if found else ():
                with suppress(Failed):
                    if field.name not in found:
                        names = tuple(found)
                        self.fail(InitMatches(field.span, statement.selector, field=field.name, names=names))
                    self._fits(init, field.name, found[field.name], field.span)

    def _fits(self, init: Initialiser, name: str, rank: int, span: Span) -> None:
        """An initialiser that looks at rows and columns needs both."""
        if rank < init.axes:
            self.fail(InitShape(span, init.kind, name, init.axes, rank))

    def _recipes(self) -> list[str]:
        """The names that stand for layers-to-be here, and the ops with weights."""
        return [name for name, value in self.env.items() if isinstance(value, Bound)] + ["conv", "linear"]


def _leaf_ops(bound: Bound) -> set[str]:
    """The primitive ops that a layer-to-be or a list of them is; none where there is a module among them."""
    if isinstance(bound.value, tuple):
        inside = [_leaf_ops(item) if isinstance(item, Bound) else set() for item in bound.value]
        return set().union(*inside) if all(inside) else set()
    return {bound.value.name} if isinstance(bound.value, Recipe) and bound.value.is_op else set()


def _is_number(kind: type, whole: bool) -> bool:
    return issubclass(kind, int if whole else (int, float)) and kind is not bool
