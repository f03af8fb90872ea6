"""Expressions of a body to values. All that is static is decided here; uses of ops and modules are passed on."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any, NoReturn

from archspec.diagnostics import Problem, SpecError
from archspec.graph import functions
from archspec.graph.decisions import Decision, beside, compared, following, origin
from archspec.graph.problems.limits import TooLarge
from archspec.graph.problems.values import BadArithmetic, BadOperands, Failed, NotACondition, WrongCount, WrongKind
from archspec.graph.values import (
    POISON,
    Bound,
    Poison,
    Recipe,
    RepeatedList,
    Tensor,
    alike,
    contains_tensor,
    describe,
    is_recipe,
    size_of,
    unbind,
    whole,
)
from archspec.limits import now
from archspec.opdef.registry import op_names
from archspec.source import Source, Span
from archspec.spec.names import names_in
from archspec.sym.expr import SymExpr, combine
from archspec.sym.number import exceeds, expr_of, is_family, marked, plain, traced
from archspec.sym.open import Open, compute, pin
from archspec.sym.operators import ARITHMETIC, COMPARISONS
from archspec.syntax import tree

if TYPE_CHECKING:
    from archspec.graph.elaborate import Elaborator

LARGEST = 2**63
EXPRESSION = 2
"""Units of work of one expression."""
TRACED = 12
"""Units of work of an operation on numbers that know where they came from."""
OPEN = 20
"""Units of work of an operation on a number that was left open."""
HOLE = 12
"""Units of work of each part of a value that is written into a string."""
CHARACTERS = 32
"""So many characters of a string are a unit of work."""
_OPS = {"+": "add", "-": "sub", "*": "mul", "/": "div", "**": "pow", "@": "matmul"}


class Expressions:
    """Evaluates expressions over the names of one body (``env``), its file, and the language; calls are beside it."""

    def __init__(self, elaborator: Elaborator, file: str) -> None:
        self.elaborator = elaborator
        self.file = file
        self.env: dict[str, Any] = {}
        self.unread: dict[str, Span] = {}
        """Layers-to-be that nothing has read yet, and where they were bound."""
        self.decisions: dict[Decision, None] = {}

    def fail(self, problem: Problem) -> NoReturn:
        """Report a problem and give up the statement that is being worked on."""
        self.elaborator.fail(problem)

    def apply(self, callee: Any, tensors: list[Any], span: Span) -> Any:
        """Apply a recipe to tensors; bodies can, files cannot."""
        self.fail(WrongKind(span, "a compile-time value", "an op applied to a tensor"))

    def eval(self, node: tree.Expr) -> Any:
        """The value of an expression."""
        self.elaborator.spend(node.span, EXPRESSION)
        return getattr(self, f"_{node.kind}")(node)

    def charge(self, value: Any, span: Span, units: int = 1) -> int:
        """Count each part of a value, however nested, as so many units of work; one too large to be held is refused.

        Returns how many parts it has.
        """
        limits = self.elaborator.limits
        parts, depth = size_of(value, limits.parts)
        self.elaborator.spend(span, min(parts, limits.parts) * units)
        if parts > limits.parts:
            self.fail(TooLarge(span, "parts", limits.parts, "this value has more than {} parts"))
        if depth > limits.nesting:
            self.fail(TooLarge(span, "nesting", limits.nesting, "this value has more than {} levels"))
        return parts

    def string(self, value: str, span: Span) -> str:
        """A string that was put together, its characters counted as work; one too long to be held is refused."""
        most = self.elaborator.limits.string
        if len(value) > most:
            self.fail(TooLarge(span, "string", most, "this string has more than {} characters"))
        self.elaborator.spend(span, len(value) // CHARACTERS)
        return value

    def number(self, node: tree.Expr) -> Any:
        """The value of an expression that must be a number."""
        value = self.eval(node)
        if isinstance(value, bool) or not isinstance(value, (int, float, Poison)):
            self.fail(WrongKind(node.span, "a number", describe(value)))
        return value

    def items(self, node: tree.Expr) -> tuple[Any, ...]:
        """The entries of an expression that must be a list."""
        value = whole(self.eval(node))
        if isinstance(value, Bound) and isinstance(value.value, tuple):
            return value.value
        if not isinstance(value, tuple):
            self.fail(WrongKind(node.span, "a list", describe(value)))
        return value

    def pin(self, *values: Any) -> None:
        """Note that the very values of numbers were used, of those that follow the input."""
        found = following(values)
        if found:
            self.decisions[Decision(tuple(dict.fromkeys(map(origin, found))))] = None

    def ask(self, left: Any, relation: str, right: Any) -> None:
        """Note what an op wants of sizes, as far as there are words for it."""
        if relation == "%":
            rest = combine("%", expr_of(left), expr_of(right))
            left, relation, right = traced(left % right, rest), "==", 0
        decision = compared(relation, left, right)
        if decision is not None and decision.condition is not None:
            self.decisions[decision] = None

    def truth(self, node: tree.Expr) -> bool:
        """The value of a condition; where it hangs on the size of the input, that is noted.

        Raises:
            Failed: it hangs on a tensor.
        """
        holds, decision = self.decided(node)
        if decision is not None:
            self.decisions[decision if holds else decision.opposite()] = None
        return holds

    def decided(self, node: tree.Expr) -> tuple[bool, Decision | None]:
        """The value of a condition, and what of it hangs on the size of the input; nothing is noted."""
        if isinstance(node, tree.Unary) and node.op == "not":
            holds, decision = self.decided(node.operand)
            return not holds, decision and decision.opposite()
        if isinstance(node, tree.Binary) and node.op in ("and", "or"):
            holds, decision = self.decided(node.left)
            if holds == (node.op == "or"):
                return holds, decision
            right, other = self.decided(node.right)
            if other is None and right == (node.op == "or"):
                return right, None  # so it comes out whatever the left side is
            return right, beside(node.op, decision, other)
        if isinstance(node, tree.Binary) and (node.op == "in" or node.op in COMPARISONS):
            return self._comparison(node)
        return self._condition(node), None

    def _condition(self, node: tree.Expr) -> bool:
        """The value of what stands as a condition and is no comparison."""
        value = unbind(whole(self.eval(node)))
        if value is POISON:
            raise Failed
        if contains_tensor(value):
            self.fail(WrongKind(node.span, "a condition that is known when the spec is compiled", describe(value)))
        if not isinstance(value, bool):
            self.fail(NotACondition(node.span, describe(value), _asked(value, self.text(node.span))))
        return value

    def text(self, span: Span) -> str:
        """The words of a place in the spec."""
        return self.elaborator.spec.sources.get(span.source, "")[span.start : span.end]

    # names and literals

    def _number(self, node: tree.Number) -> Any:
        return node.value

    def _constant(self, node: tree.Constant) -> Any:
        return node.value

    def _string(self, node: tree.String) -> str:
        return self.interpolate(node)

    def interpolate(self, node: tree.String) -> str:
        """A string with each ``{expression}`` replaced by its value."""
        made = ""
        for piece in self._pieces(node):
            if not isinstance(piece, str):
                value = whole(self.eval(piece))
                self.charge(value, node.span, HOLE)
                value = unbind(value)
                self.pin(value)
                if isinstance(value, Open):
                    value.pin()
                piece = str(plain(value)) if not isinstance(value, bool) else str(value).lower()
            made = self.string(made + piece, node.span)
        return made

    def _pieces(self, node: tree.String) -> Iterator[str | tree.Expr]:
        """The texts of a string, and the expressions in between."""
        text, at = node.value, 0
        while (start := text.find("{", at)) >= 0 and (end := text.find("}", start)) >= 0:
            inner = text[start + 1 : end]
            place = node.span.start + 1 + start + 1
            yield text[at:start]
            try:
                yield self.elaborator.parsed(Source(node.span.source, inner), place)
            except SpecError:
                self.fail(BadArithmetic(node.span, f"`{{{inner}}}` in this string holds no expression"))
            at = end + 1
        yield text[at:]

    def template(self, node: tree.Expr) -> tuple[str | SymExpr, ...] | None:
        """A string with the numbers in it as traces; None where one of them has none, or it has no value at all."""
        known, decisions = len(self.elaborator.problems), dict(self.decisions)
        words: list[str | SymExpr] = []
        try:
            for piece in self._pieces(node) if isinstance(node, tree.String) else ():
                value = piece if isinstance(piece, str) else self.eval(piece)
                own = expr_of(value)
                if own is None and not isinstance(value, str):
                    return None
                words.append(value if own is None else own)
        except Failed:
            del self.elaborator.problems[known:]
            return None
        finally:
            self.decisions = decisions
        return tuple(words) or None

    def _name(self, node: tree.Name) -> Any:
        if node.id in self.env:
            self.unread.pop(node.id, None)
            return self.env[node.id]
        found = self.elaborator.lookup(self.file, node)
        if found is not None:
            return found
        if node.id in op_names():
            return Recipe(node.id, (), node.span)
        if node.id in functions.CONSTANTS:
            return functions.CONSTANTS[node.id]
        if node.id in functions.NAMES:
            self.fail(WrongKind(node.span, "a value", f"the function `{node.id}`"))
        known = (*self.env, *self.elaborator.names(self.file))
        from archspec.spec.problems import UnknownName

        self.fail(UnknownName(node.span, node.id, known))

    def _list(self, node: tree.List) -> Any:
        made = tuple(self.eval(item) for item in node.items)
        self.charge(made, node.span)
        return made

    def _comprehension(self, node: tree.Comprehension) -> Any:
        if (count := self._open_count(node)) is not None and count >= 1 and not exceeds(count, now().entries):
            entry = self.eval(node.item)
            if is_recipe(entry):
                return RepeatedList.of((entry,), count)
        items = self.items(node.iterable)
        outside = {name: self.env[name] for name in node.targets if name in self.env}
        made: list[Any] = []
        try:
            for item in items:
                self.assign(node.targets, item, node.iterable.span)
                if node.condition is None or self.truth(node.condition):
                    made += self.items(node.item) if node.joined else (self.eval(node.item),)
        finally:
            for name in node.targets:
                self.env.pop(name, None)
            self.env.update(outside)
        self.charge(tuple(made), node.span)
        return tuple(made)

    def _open_count(self, node: tree.Comprehension) -> Any:
        """How many equal entries ``[item for i in range(n)]`` gives, where n was left open and the item has no i."""
        call = node.iterable
        if node.condition is not None or node.joined or not isinstance(call, tree.Call) or len(call.arguments) != 1:
            return None
        plain = isinstance(call.function, tree.Name) and call.function.id == "range" and "range" not in self.env
        if not plain or {name.id for name in names_in(node.item)} & set(node.targets):
            return None
        count = self.eval(call.arguments[0].value)
        return count if isinstance(count, Open) and isinstance(count, int) else None

    def assign(self, names: tuple[str, ...], value: Any, span: Span) -> None:
        """Loop variables: one name takes the entry, several take it apart."""
        if isinstance(value, Bound) and isinstance(value.value, tuple) and len(names) > 1:
            value = value.value
        if len(names) == 1:
            self.env[names[0]] = value
            return
        if not isinstance(value, tuple) or len(value) != len(names):
            got = len(value) if isinstance(value, tuple) else 1
            self.fail(WrongCount(span, "names to take an entry apart", len(names), got))
        self.env.update(zip(names, value))

    # operators

    def _conditional(self, node: tree.Conditional) -> Any:
        return self.eval(node.yes if self.truth(node.condition) else node.no)

    def _unary(self, node: tree.Unary) -> Any:
        if node.op == "not":
            return self.truth(node)
        value = self.eval(node.operand)
        if isinstance(value, (Tensor, Poison)):
            return POISON if value is POISON else self.apply(Recipe("neg", (), node.span), [value], node.span)
        if isinstance(value, bool) or not isinstance(value, (int, float)):
            self.fail(WrongKind(node.operand.span, "a number or a tensor", describe(value)))
        zero = SymExpr("literal", (0,))
        own = getattr(value, "expr", None)
        self.elaborator.spend(node.span, TRACED if own else 0)
        return traced(-value, own and combine("-", zero, own)) if own else -value

    def _binary(self, node: tree.Binary) -> Any:
        if node.op in ("and", "or", "in") or node.op in COMPARISONS:
            return self.truth(node)
        left, right = self.eval(node.left), self.eval(node.right)
        if left is POISON or right is POISON:
            return POISON
        left, right = whole(left), whole(right)
        if isinstance(left, (tuple, Bound, Recipe)) or isinstance(right, (tuple, Bound, Recipe)):
            self.charge((left, right), node.span, 2)
        if isinstance(left, Tensor) or isinstance(right, Tensor):
            return self.arithmetic(node.op, left, right, node)
        return self._static(node, left, right)

    def _comparison(self, node: tree.Binary) -> tuple[bool, Decision | None]:
        left, right = self.eval(node.left), self.eval(node.right)
        if left is POISON or right is POISON:
            raise Failed
        left, right = whole(left), whole(right)
        if isinstance(left, (tuple, Bound, Recipe)) or isinstance(right, (tuple, Bound, Recipe)):
            self.charge((left, right), node.span)
        left, right = unbind(left), unbind(right)
        if node.op == "in":
            if not isinstance(right, tuple):
                self.fail(WrongKind(node.right.span, "a list", describe(right)))
            if any(_mixed(left, other) for other in right):
                self.fail(BadOperands(node.span, node.op, describe(left), describe(right)))
            return alike(left, right) in alike(right, left), compared("in", left, right)
        if None in (left, right) and node.op in ("==", "!="):
            return (left is right) == (node.op == "=="), None
        if contains_tensor(left) or contains_tensor(right) or _mixed(left, right):
            self.fail(BadOperands(node.span, node.op, describe(left), describe(right)))
        try:
            holds = bool(COMPARISONS[node.op](alike(left, right), alike(right, left)))
        except TypeError:
            self.fail(BadOperands(node.span, node.op, describe(left), describe(right)))
        decision = compared(node.op, left, right)
        self.elaborator.spend(node.span, 0 if decision is None else 2 * TRACED)
        return holds, decision

    def _static(self, node: tree.Binary, left: Any, right: Any) -> Any:
        lists = [unbind(side) for side in (left, right)]
        if node.op == "+" and all(isinstance(side, tuple) for side in lists):
            return self._bounded(node, len(lists[0]) + len(lists[1])) and _entries(left) + _entries(right)
        if node.op == "*" and isinstance(lists[0], tuple) and isinstance(right, int) and not isinstance(right, bool):
            repeated = isinstance(right, Open) and lists[0] and all(map(is_recipe, lists[0]))
            repeated = repeated and (len(lists[0]) == 1 or not is_family(right))
            if repeated and right >= 1 and not exceeds(len(lists[0]) * right, now().entries):
                return RepeatedList.of(lists[0], right)
            self.pin(right)
            if right < 0:
                self.fail(BadArithmetic(node.span, f"a list cannot come {int(right)} times"))
            return self._bounded(node, len(lists[0]) * int(right)) and lists[0] * int(right)
        if node.op == "+" and isinstance(left, str) and isinstance(right, str):
            return self.string(left + right, node.span)
        numeric = all(isinstance(side, (int, float)) and not isinstance(side, bool) for side in (left, right))
        if node.op not in ARITHMETIC or not numeric:
            self.fail(BadOperands(node.span, node.op, describe(left), describe(right)))
        if node.op == "**" and abs(left) > 1 and abs(right) > 64:
            self.fail(BadArithmetic(node.span, "the power is too large"))
        return self.compute(node.span, node.op, ARITHMETIC[node.op], (left, right))

    def _bounded(self, node: tree.Binary, length: int) -> bool:
        if length > now().entries:
            self.too_long(node.span)
        self.elaborator.spend(node.span, max(0, length))
        return True

    def too_long(self, span: Span) -> NoReturn:
        """Report a list with more entries than the limit has it."""
        self.fail(TooLarge(span, "entries", now().entries, "this list has more than {} entries"))

    def compute(self, span: Span, op: str, function: Callable[..., Any], operands: tuple[Any, ...]) -> Any:
        """Apply an operator or function to numbers, with the trace of the result."""
        if any(isinstance(part, Open) for part in operands):
            return self._compute_open(span, op, function, operands)
        try:
            value = function(*operands)
        except (ArithmeticError, ValueError, TypeError) as error:
            words: dict[type[Exception], str] = {
                ZeroDivisionError: "division by zero",
                OverflowError: "the number is too large",
            }
            self.fail(BadArithmetic(span, words.get(type(error), str(error))))
        if isinstance(value, complex) or (isinstance(value, (int, float)) and not abs(value) < LARGEST):
            self.fail(BadArithmetic(span, "the number is too large, or not a real number"))
        value = marked(value, *operands)
        if all(getattr(part, "expr", None) is None for part in operands):
            return plain(value)
        self.elaborator.spend(span, TRACED)
        return traced(value, combine(op, *(expr_of(part) for part in operands)))

    def _compute_open(self, span: Span, op: str, function: Callable[..., Any], operands: tuple[Any, ...]) -> Any:
        self.elaborator.spend(span, OPEN)
        try:
            value = compute(op, function, operands)
        except (ArithmeticError, ValueError, TypeError) as error:
            self.fail(BadArithmetic(span, str(error)))
        if isinstance(value, complex) or not -LARGEST < value < LARGEST:
            pin(operands)
            self.fail(BadArithmetic(span, "the number is too large, or not a real number"))
        return traced(value, combine(op, *map(expr_of, operands))) if is_family(value) else value

    def arithmetic(self, op: str, left: Any, right: Any, node: tree.Expr) -> Any:
        """An operator with a tensor on at least one side."""
        if left is POISON or right is POISON:
            return POISON
        numbers = [side for side in (left, right) if not isinstance(side, Tensor)]
        if op not in _OPS or any(isinstance(n, bool) or not isinstance(n, (int, float)) for n in numbers):
            self.fail(BadOperands(node.span, op, describe(left), describe(right)))
        if numbers and op == "@":
            self.fail(BadOperands(node.span, op, describe(left), describe(right)))
        args: tuple[tuple[str, Any], ...] = ()
        if numbers:
            args = (("number", numbers[0]), ("flipped", isinstance(right, Tensor)))
        tensors = [side for side in (left, right) if isinstance(side, Tensor)]
        return self.apply(Recipe(_OPS[op], args, node.span), tensors, node.span)

    def _index(self, node: tree.Index) -> Any:
        value = self.eval(node.value)
        if value is POISON:
            return POISON
        items = tuple(self._subscript(item) for item in node.items)
        if isinstance(value, Tensor):
            return self.apply(Recipe("index", (("items", items),), node.span), [value], node.span)
        entries = _entries(value)
        if entries is None or len(items) != 1:
            self.fail(WrongKind(node.value.span, "a list or a tensor", describe(value)))
        (item,) = items
        self.pin(item)
        if isinstance(item, tuple):
            part = entries[slice(*(None if bound is None else int(bound) for bound in item))]
            self.elaborator.spend(node.span, len(part))
            return part
        if not -len(entries) <= item < len(entries):
            self.fail(BadArithmetic(node.span, f"there is no entry {int(item)} in a list of {len(entries)}"))
        return entries[int(item)]

    def _subscript(self, item: tree.Expr | tree.Slice) -> Any:
        if isinstance(item, tree.Slice):
            return tuple(None if bound is None else self._whole(bound) for bound in (item.start, item.stop))
        return self._whole(item)

    def _whole(self, node: tree.Expr) -> int:
        value = self.eval(node)
        if isinstance(value, bool) or not isinstance(value, int):
            self.fail(WrongKind(node.span, "a whole number", describe(value)))
        return value


def _mixed(left: Any, right: Any) -> bool:
    """Whether a comparison would hold true or false against a number, which Python's own takes for 1 and 0."""
    if isinstance(left, tuple) and isinstance(right, tuple):
        return any(map(_mixed, left, right))
    truths = [isinstance(side, bool) for side in (left, right)]
    return any(truths) and all(isinstance(side, (int, float)) for side in (left, right)) and not all(truths)


def _asked(value: Any, text: str) -> str | None:
    """What would be a condition on a value, for those that some languages take as one."""
    ways = {type(None): "{} != none", str: '{} != ""', tuple: "len({}) > 0"}
    way = "{} != 0" if isinstance(value, (int, float)) else ways.get(type(value))
    return way.format(text if text.isidentifier() else "...") if way is not None else None


def _entries(value: Any) -> Any:
    """The entries of a list, as layers-to-be where it has a name."""
    value = whole(value)
    if isinstance(value, Bound):
        value = value.value
    return value if isinstance(value, tuple) else None
