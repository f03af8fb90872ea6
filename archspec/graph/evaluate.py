"""Expressions to values: names, literals, lists and choices; what takes more is beside it, a class for each."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from archspec.graph import functions
from archspec.graph.calls import Calls
from archspec.graph.conditions import Conditions
from archspec.graph.environment import Environment
from archspec.graph.ledger import Ledger
from archspec.graph.naming import entries_of, whole
from archspec.graph.operators import Operators
from archspec.graph.problems.values import BadArithmetic, WrongCount, WrongKind
from archspec.graph.ramps import Ramp
from archspec.graph.repetition import along, repeated
from archspec.graph.strings import Strings
from archspec.graph.values import POISON, Apply, Bound, Poison, Recipe, RepeatedList, Tensor, Value, describe, is_recipe
from archspec.opdef.registry import op_names
from archspec.source import Span
from archspec.sym.number import exceeds, is_number
from archspec.sym.open import Open
from archspec.syntax import tree

if TYPE_CHECKING:
    from archspec.graph.definitions import Definitions

OPEN_ITERABLES = {("range", 1), ("range", 2), ("ramp", 3)}
"""What gives as many entries as were left open: functions, with how many arguments."""
EXPRESSION = 2
"""Units of work of one expression."""


class ExpressionEvaluator:
    """Gives expressions their values in an environment: names of a body, its file, and the language.

    Args:
        ledger: counts the work, takes the problems.
        definitions: what the names of files stand for.
        environment: the names of the body.
        apply: applies recipes to tensors, which bodies can and files cannot.
    """

    def __init__(
        self, ledger: Ledger, definitions: Definitions, environment: Environment, apply: Apply | None = None
    ) -> None:
        self.ledger = ledger
        self.definitions = definitions
        self.environment = environment
        self.apply = apply or self._refuse
        self.conditions = Conditions(self)
        self.operators = Operators(self)
        self.strings = Strings(self)
        self.calls = Calls(self)
        self.kinds: dict[type, Callable[[Any], Value]] = {
            tree.Number: self._literal,
            tree.Constant: self._literal,
            tree.String: self.strings.interpolate,
            tree.Name: self._name,
            tree.List: self._list,
            tree.Comprehension: self._comprehension,
            tree.Unary: self.operators.unary,
            tree.Binary: self.operators.binary,
            tree.Conditional: self._conditional,
            tree.Call: self.calls.call,
            tree.Index: self._index,
        }

    def _refuse(self, callee: Value, tensors: list[Value], span: Span) -> Value:
        self.ledger.fail(WrongKind(span, "a compile-time value", "an op applied to a tensor"))

    def eval(self, node: tree.Expr) -> Value:
        """The value of an expression."""
        self.ledger.spend(node.span, EXPRESSION)
        return self.kinds[type(node)](node)

    def number(self, node: tree.Expr) -> int | float | Poison:
        """The value of an expression that must be a number."""
        value = self.eval(node)
        if isinstance(value, bool) or not isinstance(value, (int, float, Poison)):
            self.ledger.fail(WrongKind(node.span, "a number", describe(value)))
        return value

    def items(self, node: tree.Expr) -> tuple[Value, ...]:
        """The entries of an expression that must be a list."""
        value = self.eval(node)
        entries = entries_of(value)
        if entries is None:
            self.ledger.fail(WrongKind(node.span, "a list", describe(whole(value))))
        return entries

    def sizes(self, declared: tree.Shape) -> tuple[int, ...]:
        """The sizes of a declared shape."""
        shape: list[int] = []
        for axis in declared.axes:
            size: Value = self.environment.names.get(axis.name) if axis.rest and axis.name else None
            if axis.size is not None:
                size = self.number(axis.size)
            for item in size if isinstance(size, tuple) else (size,):
                if isinstance(item, bool) or not isinstance(item, int) or item < 1:
                    self.ledger.fail(WrongKind(axis.span, "a size of at least 1", describe(item)))
                shape.append(item)
        return tuple(shape)

    def assign(self, names: tuple[str, ...], value: Value, span: Span) -> None:
        """Loop variables: one name takes the entry, several take it apart."""
        known = self.environment.names
        if len(names) == 1:
            known[names[0]] = value
            return
        if isinstance(value, Bound) and isinstance(value.value, tuple):
            value = value.value
        if not isinstance(value, tuple) or len(value) != len(names):
            got = len(value) if isinstance(value, tuple) else 1
            self.ledger.fail(WrongCount(span, "names to take an entry apart", len(names), got))
        known.update(zip(names, value))

    def _literal(self, node: tree.Number | tree.Constant) -> Value:
        return node.value

    def _name(self, node: tree.Name) -> Value:
        environment = self.environment
        if node.id in environment.names:
            environment.unread.pop(node.id, None)
            return environment.names[node.id]
        found = self.definitions.lookup(environment.file, node)
        if found is not None:
            return found
        if node.id in op_names():
            return Recipe(node.id, (), node.span)
        if node.id in functions.CONSTANTS:
            return functions.CONSTANTS[node.id]
        if node.id in functions.NAMES:
            self.ledger.fail(WrongKind(node.span, "a value", f"the function `{node.id}`"))
        known = (*environment.names, *self.definitions.names(environment.file))
        from archspec.spec.problems import UnknownName

        self.ledger.fail(UnknownName(node.span, node.id, known))

    def _list(self, node: tree.List) -> Value:
        made = tuple(self.eval(item) for item in node.items)
        self.ledger.charge(made, node.span)
        return made

    def _comprehension(self, node: tree.Comprehension) -> Value:
        made: list[Value] = []
        with self.environment.shadowed(node.targets):
            if (found := self._open_entries(node)) is not None:
                return found
            items = self.items(node.iterable)
            for item in items:
                self.assign(node.targets, item, node.iterable.span)
                if node.condition is None or self.conditions.truth(node.condition):
                    made += self.items(node.item) if node.joined else (self.eval(node.item),)
        self.ledger.charge(tuple(made), node.span)
        return tuple(made)

    def _open_entries(self, node: tree.Comprehension) -> RepeatedList | None:
        """``[item for i in range(n)]`` and ``[item for rate in ramp(a, b, n)]`` where n was left open."""
        call = node.iterable
        if node.condition is not None or node.joined or not isinstance(call, tree.Call):
            return None
        name = call.function.id if isinstance(call.function, tree.Name) else ""
        if name in self.environment.names or (name, len(call.arguments)) not in OPEN_ITERABLES:
            return None
        given = [value for argument in call.arguments if is_number(value := self.eval(argument.value))]
        if len(given) < len(call.arguments):
            return None
        first, last = given[0], given[-1]
        count = last - first if (name, len(given)) == ("range", 2) else last
        if not isinstance(count, Open) or not isinstance(count, int):
            return None
        if count < 1 or exceeds(count, self.ledger.limits.entries):
            return None

        def entry(value: Value) -> Value:
            self.assign(node.targets, value, node.iterable.span)
            return self.eval(node.item)

        if name == "ramp":
            ramp = Ramp(first, given[1])
            return along(lambda at: entry(at(ramp)), count, 0, count, False) if is_recipe(entry(first)) else None
        return repeated(entry if len(given) == 1 else lambda place: entry(first + place), count)

    def _conditional(self, node: tree.Conditional) -> Value:
        self.environment.choices[node.condition.span] = node.condition
        return self.eval(node.yes if self.conditions.truth(node.condition) else node.no)

    def _index(self, node: tree.Index) -> Value:
        value = self.eval(node.value)
        if isinstance(value, Poison):
            return POISON
        items = tuple(self._subscript(item) for item in node.items)
        if isinstance(value, Tensor):
            return self.apply(Recipe("index", (("items", items),), node.span), [value], node.span)
        entries = entries_of(value)
        if entries is None or len(items) != 1:
            self.ledger.fail(WrongKind(node.value.span, "a list or a tensor", describe(value)))
        (item,) = items
        self.environment.pin(item)
        if isinstance(item, tuple):
            part = entries[slice(*(None if bound is None else int(bound) for bound in item))]
            self.ledger.spend(node.span, len(part))
            return part
        if not -len(entries) <= item < len(entries):
            self.ledger.fail(BadArithmetic(node.span, f"there is no entry {int(item)} in a list of {len(entries)}"))
        return entries[int(item)]

    def _subscript(self, item: tree.Expr | tree.Slice) -> int | tuple[int | None, ...]:
        if isinstance(item, tree.Slice):
            return tuple(None if bound is None else self._whole(bound) for bound in (item.start, item.stop))
        return self._whole(item)

    def _whole(self, node: tree.Expr) -> int:
        value = self.eval(node)
        if isinstance(value, bool) or not isinstance(value, int):
            self.ledger.fail(WrongKind(node.span, "a whole number", describe(value)))
        return value
