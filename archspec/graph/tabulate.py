"""Tables at the speed of Python's own code: rules of plain numbers over loops, translated once instead of walked.

A rule becomes Python's syntax tree, never text, so that the elaborator's numbers and those of the emitted source have
no writer of expressions in common. What hangs on no loop variable is left to the evaluator. Only what means the same in
both languages is translated: every part is a number, a truth value or a list of known kind. Anything else, and whatever
goes wrong, is :class:`Unfit`; the evaluator then finds the same numbers, or says what is wrong and where.
"""

from __future__ import annotations

import ast
from collections.abc import Callable, Sequence
from typing import Any, TypeAlias

from archspec.graph import functions
from archspec.graph.program import ENTRY, Program, Unfit, steps_of
from archspec.sym.number import hint, plain, unmarked
from archspec.sym.open import Open
from archspec.sym.operators import FUNCTIONS, IN_MATH
from archspec.syntax import tree

_NUMBER, _TRUTH = "number", "truth"
_NUMBERS = ("list", _NUMBER)
_OF_ONE = ("int", "float", "round", "abs", *IN_MATH, "range")
_OF_SEVERAL = ("min", "max", "range", "round")
_STEPS = {"len": 0, "sum": 2, "min": 2, "max": 2, "zip": 6, "enumerate": 6}
"""What an entry of a list costs a function, where that is not one step."""
ValueKind: TypeAlias = "str | tuple[Any, ...]"
"""``number``, ``truth``, ``("list", kind of the entries)`` or ``("row", kinds of the parts)``."""
KindScope: TypeAlias = "dict[str, tuple[str, ValueKind]]"
"""The loop variables in reach, each by its Python name and kind."""
_OPERATORS: dict[str, Any] = {
    "+": ast.Add,
    "-": ast.Sub,
    "*": ast.Mult,
    "/": ast.Div,
    "//": ast.FloorDiv,
    "%": ast.Mod,
}
_COMPARISONS: dict[str, Any] = {
    "==": ast.Eq,
    "!=": ast.NotEq,
    "<": ast.Lt,
    "<=": ast.LtE,
    ">": ast.Gt,
    ">=": ast.GtE,
}


def compiled(node: tree.Expr, value: Callable[[tree.Expr], Any], is_function: Callable[[str], bool]) -> Program:
    """The program of a table's rule; for the arguments see :class:`RuleCompiler`.

    Raises:
        Unfit: the rule cannot be translated.
    """
    rule = RuleCompiler(value, is_function)
    code, _ = rule.translate(node, {})
    return Program(code, {name: _plain(value) for name, value in rule.known.items()}, tuple(rule.known.values()))


class RuleCompiler:
    """One rule in translation.

    Args:
        value: gives what an expression without loop variables comes to, or is Unfit.
        is_function: whether a name means the function of the language here.
    """

    def __init__(self, value: Callable[[tree.Expr], Any], is_function: Callable[[str], bool]) -> None:
        self.value = value
        self.is_function = is_function
        self.known: dict[str, Any] = {}
        self.variables = 0

    def translate(self, node: tree.Expr, scope: KindScope) -> tuple[ast.expr, ValueKind]:
        """An expression and its kind.

        Raises:
            Unfit: it is nothing that both languages mean alike.
        """
        if isinstance(node, tree.Name) and node.id in scope:
            name, kind = scope[node.id]
            return _name(name), kind
        if isinstance(node, tree.Name) or _is_shape(node) or self._is_settled(node, scope):
            value = self.value(node)
            name = f"c{len(self.known)}"
            self.known[name] = value
            return _name(name), _kind(value)
        method = getattr(self, f"_{node.kind}", None)
        if method is None:
            raise Unfit
        made: tuple[ast.expr, ValueKind] = method(node, scope)
        return made

    def _is_settled(self, node: tree.Expr, scope: KindScope) -> bool:
        """Whether no loop changes an expression, nor does it go through a list that could be long."""
        match node:
            case tree.Number() | tree.Constant() | tree.String():
                return True
            case tree.Name():
                return node.id not in scope and not isinstance(self.value(node), tuple)
            case tree.Unary():
                return self._is_settled(node.operand, scope)
            case tree.Binary():
                return node.op != "in" and self._is_settled(node.left, scope) and self._is_settled(node.right, scope)
            case tree.Conditional():
                return all(self._is_settled(part, scope) for part in (node.condition, node.yes, node.no))
            case tree.Call(function=tree.Name() as function) if function.id in FUNCTIONS:
                return self.is_function(function.id) and all(self._is_settled(a.value, scope) for a in node.arguments)
            case tree.Index() if isinstance(node.value, tree.Name) or _is_shape(node.value):
                named = isinstance(node.value, tree.Name) and node.value.id in scope
                return not named and not any(
                    isinstance(i, tree.Slice) or not self._is_settled(i, scope) for i in node.items
                )
        return False

    def _of(self, kind: ValueKind, node: tree.Expr, scope: KindScope) -> ast.expr:
        made, found = self.translate(node, scope)
        if found != kind:
            raise Unfit
        return made

    def _list(self, node: tree.List, scope: KindScope) -> tuple[ast.expr, ValueKind]:
        items = [self.translate(item, scope) for item in node.items]
        if len({kind for _, kind in items}) != 1:
            raise Unfit
        return ast.List([item for item, _ in items], ast.Load()), ("list", items[0][1])

    def _comprehension(self, node: tree.Comprehension, scope: KindScope) -> tuple[ast.expr, ValueKind]:
        iterable, kind = self.translate(node.iterable, scope)
        inner = dict(scope)
        targets: list[ast.expr] = []
        for target, own in zip(node.targets, _parts(_entry(kind), len(node.targets))):
            self.variables += 1
            inner[target] = f"v{self.variables}", own
            targets.append(ast.Name(inner[target][0], ast.Store()))
        conditions = [] if node.condition is None else [self._of(_TRUTH, node.condition, inner)]
        item, own = self.translate(node.item, inner)
        taken = targets[0] if len(targets) == 1 else ast.Tuple(targets, ast.Store())
        steps = ENTRY + sum(map(steps_of, (item, *conditions)))
        loop = ast.comprehension(taken, _over(iterable, steps), conditions, 0)
        if node.joined:
            assert isinstance(item, ast.ListComp)
            return ast.ListComp(item.elt, [loop, *item.generators]), own
        return ast.ListComp(item, [loop]), ("list", own)

    def _unary(self, node: tree.Unary, scope: KindScope) -> tuple[ast.expr, ValueKind]:
        if node.op == "not":
            return ast.UnaryOp(ast.Not(), self._of(_TRUTH, node.operand, scope)), _TRUTH
        return ast.UnaryOp(ast.USub(), self._of(_NUMBER, node.operand, scope)), _NUMBER

    def _binary(self, node: tree.Binary, scope: KindScope) -> tuple[ast.expr, ValueKind]:
        if node.op in ("and", "or"):
            truths = [self._of(_TRUTH, part, scope) for part in (node.left, node.right)]
            return ast.BoolOp(ast.And() if node.op == "and" else ast.Or(), truths), _TRUTH
        left, kind = self.translate(node.left, scope)
        if kind[0] == "list" and node.op in ("*", "+"):
            other = _NUMBER if node.op == "*" else kind
            return _called("times" if node.op == "*" else "joined", left, self._of(other, node.right, scope)), kind
        if node.op in ("==", "!=") and kind == _TRUTH:
            right = self._of(_TRUTH, node.right, scope)
        elif kind == _NUMBER:
            right = self._of(_NUMBERS if node.op == "in" else _NUMBER, node.right, scope)
        else:
            raise Unfit
        if node.op == "in":
            return ast.Compare(left, [ast.In()], [_over(right)]), _TRUTH
        if node.op in _COMPARISONS:
            return ast.Compare(left, [_COMPARISONS[node.op]()], [right]), _TRUTH
        if node.op == "**":
            return _called("power", left, right), _NUMBER
        if node.op not in _OPERATORS:
            raise Unfit
        return ast.BinOp(left, _OPERATORS[node.op](), right), _NUMBER

    def _conditional(self, node: tree.Conditional, scope: KindScope) -> tuple[ast.expr, ValueKind]:
        yes, kind = self.translate(node.yes, scope)
        return ast.IfExp(self._of(_TRUTH, node.condition, scope), yes, self._of(kind, node.no, scope)), kind

    def _index(self, node: tree.Index, scope: KindScope) -> tuple[ast.expr, ValueKind]:
        value, kind = self.translate(node.value, scope)
        if len(node.items) != 1:
            raise Unfit
        (item,) = node.items
        if not isinstance(item, tree.Slice):
            return ast.Subscript(value, self._of(_NUMBER, item, scope), ast.Load()), _entry(kind)
        ends = [None if end is None else self._of(_NUMBER, end, scope) for end in (item.start, item.stop)]
        return _over(ast.Subscript(value, ast.Slice(*ends), ast.Load())), ("list", _entry(kind))

    def _call(self, node: tree.Call, scope: KindScope) -> tuple[ast.expr, ValueKind]:
        name = node.function.id if isinstance(node.function, tree.Name) else ""
        low, high = functions.COUNTS.get(name, (1, 0))
        named = any(argument.name is not None for argument in node.arguments)
        if not self.is_function(name) or named or not low <= len(node.arguments) <= high:
            raise Unfit
        parts, kinds = zip(*(self.translate(argument.value, scope) for argument in node.arguments))
        if set(kinds) == {_NUMBER} and (
            (name in _OF_ONE and len(parts) == 1) or (name in _OF_SEVERAL and len(parts) > 1)
        ):
            return _called(name, *parts), _NUMBERS if name == "range" else _NUMBER
        lists = [_over(part, _STEPS.get(name, 1)) for part in parts]
        if name in ("min", "max", "sum") and kinds == (_NUMBERS,):
            return _called(name, *lists), _NUMBER
        entries = tuple(map(_entry, kinds))
        if name == "len":
            return _called(name, *lists), _NUMBER
        if name == "reversed":
            return ast.Subscript(lists[0], ast.Slice(None, None, ast.Constant(-1)), ast.Load()), kinds[0]
        if name == "zip" or (name == "enumerate" and len(parts) == 1):
            row = ("row", entries if name == "zip" else (_NUMBER, *entries))
            return _called("list", _called(name, *lists)), ("list", row)
        raise Unfit


def _is_shape(node: tree.Expr) -> bool:
    return isinstance(node, tree.Call) and isinstance(node.function, tree.Name) and node.function.id == "shape"


def _plain(value: Any) -> Any:
    """A number, truth value or list of such without traces, marks and formulas; fractions left open are Unfit."""
    if isinstance(value, tuple):
        return tuple(map(_plain, value))
    if isinstance(value, Open) and isinstance(value, float):
        raise Unfit
    return unmarked(plain(hint(value)))


def _kind(value: Any) -> ValueKind:
    """The kind of a value; one that is no number, truth value or list of such is Unfit."""
    if isinstance(value, bool):
        return _TRUTH
    if isinstance(value, (int, float)):
        return _NUMBER
    if not isinstance(value, tuple):
        raise Unfit
    kinds = tuple(map(_kind, value))
    return ("list", kinds[0]) if len(set(kinds)) == 1 else ("row", kinds)


def _entry(kind: ValueKind) -> ValueKind:
    """The kind of a list's entries."""
    entries = {"list": kind[1:], "row": kind[1]}.get(str(kind[0]), ())
    if len(set(entries)) != 1:
        raise Unfit
    entry: ValueKind = entries[0]
    return entry


def _parts(kind: ValueKind, count: int) -> Sequence[ValueKind]:
    """The kinds of what an entry gives to so many names."""
    if count == 1:
        return (kind,)
    kinds: Sequence[ValueKind] = kind[1] if kind[0] == "row" else (_entry(kind),) * count
    if len(kinds) != count:
        raise Unfit
    return kinds


def _name(name: str) -> ast.expr:
    return ast.Name(name, ast.Load())


def _called(function: str, *arguments: ast.expr) -> ast.expr:
    return ast.Call(_name(function), list(arguments), [])


def _over(items: ast.expr, steps: int = 1) -> ast.expr:
    """A list that is gone through, each entry so many steps."""
    return _called("over", items, ast.Constant(steps))
