"""Parse tree to syntax tree: one method a rule."""

from __future__ import annotations

import re
from typing import Any, cast

from archspec.limits import now
from archspec.source import Span
from archspec.syntax import tree

_SCALE = {"K": 10**3, "M": 10**6, "G": 10**9, "T": 10**12}


LONGEST_NUMBER = 40


class UnusableNumber(Exception):
    """Digits without a usable value."""

    def __init__(self, span: Span) -> None:
        super().__init__(span)
        self.span = span


class Nested(Exception):
    """More levels inside one another than the limit has it."""

    def __init__(self, span: Span) -> None:
        super().__init__(span)
        self.span = span


class Token(str):
    """A word of the text, and where it starts."""

    start_pos: int


class TreeBuilder:
    """Builds the nodes of one text, from the parse trees that :mod:`archspec.syntax.parse_tree` describes.

    ``source`` and ``offset`` name the text of the places, and shift them where ``text`` is a part of another.
    """

    def __init__(self, source: str, text: str, offset: int = 0) -> None:
        self.source = source
        self.text = text
        self.offset = offset
        self.deepest = now().nesting

    def build(self, node: Any, depth: int = 0) -> Any:
        """The syntax node, token or placeholder that a parse tree stands for; ``depth`` levels are around it.

        Raises:
            UnusableNumber: a number in the text has no usable value.
            Nested: there are too many levels.
            ValueError, TypeError: it is no parse tree.
        """
        if node is None:
            return None
        if len(node) == 2:
            start, end = node
            token = Token(self.text[start:end])
            token.start_pos = start
            return token
        rule, start, end, parts = node
        if rule not in RULES:
            raise ValueError(rule)
        span = Span(self.source, self.offset + start, self.offset + end)
        if depth > self.deepest:
            raise Nested(span)
        levels = len(parts) - 1 if rule == "comprehension" else 1
        return getattr(self, rule)(span, [self.build(part, depth + levels) for part in parts])

    def span(self, token: Token) -> Span:
        start = self.offset + token.start_pos
        return Span(self.source, start, start + len(token))

    # files and definitions

    def start(self, span: Span, parts: list[Any]) -> tree.File:
        doc, *items = parts
        uses = tuple(item for item in items if isinstance(item, tree.Use))
        return tree.File(_doc(doc), uses, tuple(item for item in items if not isinstance(item, tree.Use)))

    def use(self, span: Span, parts: list[Any]) -> tree.Use:
        path, *names = parts
        return tree.Use(path, tuple(names), span)

    def dotted(self, span: Span, parts: list[Token]) -> tuple[str, ...]:
        return tuple(str(part) for part in parts)

    def imported(self, span: Span, parts: list[Any]) -> tuple[str, str, Span]:
        theirs, ours = parts
        return str(theirs), str(ours or theirs), self.span(theirs)

    def module(self, span: Span, parts: list[Any]) -> tree.Module:
        name, parameters, inputs, outputs, (doc, body) = parts
        return tree.Module(str(name), doc, parameters or (), inputs, outputs, body, self._header(span, name))

    def model(self, span: Span, parts: list[Any]) -> tree.Model:
        name, parameters, inputs, outputs, (doc, body) = parts
        return tree.Model(str(name), doc, parameters or (), inputs, outputs, body, self._header(span, name))

    def _header(self, span: Span, name: Token) -> Span:
        return Span(span.source, span.start, self.span(name).end)

    def extern(self, span: Span, parts: list[Any]) -> tree.Extern:
        name, parameters, inputs, outputs, target, costs = parts
        place = tree.String(str(target)[1:-1], self.span(target))
        header = self._header(span, name)
        return tree.Extern(str(name), None, parameters or (), inputs, outputs, place, costs or (), header)

    def variant(self, span: Span, parts: list[Any]) -> tree.Variant:
        name, base, inputs, block = parts
        doc, body = block or (None, ())
        return tree.Variant(str(name), doc, base, inputs, body, self._header(span, name))

    def params(self, span: Span, parts: list[Any]) -> tuple[tree.Parameter, ...]:
        return tuple(part for part in parts if part is not None)

    def parameter(self, span: Span, parts: list[Any]) -> tree.Parameter:
        return tree.Parameter(str(parts[0]), parts[1], span)

    def inputs(self, span: Span, parts: list[Any]) -> tuple[tree.Input, ...]:
        return tuple(parts)

    def input(self, span: Span, parts: list[Any]) -> tree.Input:
        name, dtype, shape, optional = parts
        return tree.Input(str(name), str(dtype) if dtype else None, shape, optional is not None, span)

    def outputs(self, span: Span, parts: list[Any]) -> tuple[tree.Shape, ...]:
        return tuple(parts)

    def shape(self, span: Span, parts: list[Any]) -> tree.Shape:
        return tree.Shape(tuple(part for part in parts if part is not None), span)

    def rest_axis(self, span: Span, parts: list[Any]) -> tree.Axis:
        return tree.Axis(str(parts[-1]), None, True, span)

    def axis(self, span: Span, parts: list[Any]) -> tree.Axis:
        (size,) = parts
        return tree.Axis(size.id if isinstance(size, tree.Name) else None, size, False, span)

    def sized_axis(self, span: Span, parts: list[Any]) -> tree.Axis:
        return tree.Axis(str(parts[0]), parts[1], False, span)

    # statements

    def block(self, span: Span, parts: list[Any]) -> tuple[str | None, tuple[tree.Statement, ...]]:
        doc, *statements = parts
        return _doc(doc), tuple(statements)

    def binding(self, span: Span, parts: list[Any]) -> tree.Bind:
        return tree.Bind(tuple(tree.Name(str(t), self.span(t)) for t in parts[0]), parts[1], span)

    def targets(self, span: Span, parts: list[Any]) -> tuple[Token, ...]:
        return tuple(parts)

    def return_stmt(self, span: Span, parts: list[Any]) -> tree.Return:
        return tree.Return(tuple(parts), span)

    def if_stmt(self, span: Span, parts: list[Any]) -> tree.If:
        condition, (_, then), otherwise = parts
        if otherwise is None:
            rest: tuple[tree.Statement, ...] = ()
        else:
            rest = (otherwise,) if isinstance(otherwise, tree.If) else otherwise[1]
        return tree.If(condition, then, rest, span)

    def for_stmt(self, span: Span, parts: list[Any]) -> tree.For:
        targets, iterable, (_, body) = parts
        return tree.For(tuple(str(t) for t in targets), iterable, body, span)

    def require_stmt(self, span: Span, parts: list[Any]) -> tree.Require:
        return tree.Require(parts[0], parts[1], span)

    def param_stmt(self, span: Span, parts: list[Any]) -> tree.State:
        return tree.State(str(parts[0]), parts[1], parts[2], True, span)

    def buffer_stmt(self, span: Span, parts: list[Any]) -> tree.State:
        return tree.State(str(parts[0]), parts[1], parts[2], False, span)

    def const_stmt(self, span: Span, parts: list[Any]) -> tree.Const:
        name, dtype, shape, value = parts
        return tree.Const(str(name), str(dtype) if dtype else None, shape, value, span)

    def stage_stmt(self, span: Span, parts: list[Any]) -> tree.Stage:
        return tree.Stage(str(parts[0]), parts[1], self._header(span, parts[0]))

    def stages_stmt(self, span: Span, parts: list[Any]) -> tree.Stages:
        return tree.Stages(parts[0], Span(span.source, span.start, span.start + len("stages")))

    def init_stmt(self, span: Span, parts: list[Any]) -> tree.Init:
        return tree.Init(str(parts[0]), parts[1], self._header(span, parts[0]))

    def expect_stmt(self, span: Span, parts: list[Any]) -> tree.Expect:
        return tree.Expect(str(parts[0]), str(parts[1]), parts[2], span)

    def checkpoint_stmt(self, span: Span, parts: list[Any]) -> tree.Checkpoint:
        return tree.Checkpoint(str(parts[0]), parts[1][1], self._header(span, parts[0]))

    def rename_stmt(self, span: Span, parts: list[Any]) -> tree.Rename:
        theirs, ours = (tree.String(str(part)[1:-1], self.span(part)) for part in parts)
        return tree.Rename(theirs, ours, span)

    def fields(self, span: Span, parts: list[Any]) -> tuple[tree.Field, ...]:
        return tuple(part for part in parts if part is not None)

    def field(self, span: Span, parts: list[Any]) -> tree.Field:
        return tree.Field(str(parts[0]), parts[1], self.span(parts[0]))

    # expressions

    def conditional(self, span: Span, parts: list[Any]) -> tree.Conditional:
        condition, yes, no = parts
        return tree.Conditional(condition, yes, no, span)

    def binary(self, span: Span, parts: list[Any]) -> tree.Binary:
        left, op, right = parts
        return tree.Binary(str(op), left, right, span)

    def unary(self, span: Span, parts: list[Any]) -> tree.Unary:
        return tree.Unary(str(parts[0]), parts[1], span)

    def call(self, span: Span, parts: list[Any]) -> tree.Call:
        function, *arguments = parts
        return tree.Call(function, tuple(a for a in arguments if a is not None), span)

    def positional(self, span: Span, parts: list[Any]) -> tree.Argument:
        return tree.Argument(None, parts[0], span)

    def keyword(self, span: Span, parts: list[Any]) -> tree.Argument:
        return tree.Argument(str(parts[0]), parts[1], self.span(parts[0]))

    def index(self, span: Span, parts: list[Any]) -> tree.Index:
        value, *items = parts
        return tree.Index(value, tuple(items), span)

    def item(self, span: Span, parts: list[Any]) -> tree.Expr:
        expr: tree.Expr = parts[0]
        return expr

    def slice(self, span: Span, parts: list[Any]) -> tree.Slice:
        return tree.Slice(parts[0], parts[1], span)

    def name(self, span: Span, parts: list[Any]) -> tree.Name:
        return tree.Name(str(parts[0]), span)

    def number(self, span: Span, parts: list[Any]) -> tree.Number:
        try:
            return tree.Number(number_value(str(parts[0])), str(parts[0]), span)
        except ValueError:
            raise UnusableNumber(span) from None

    def string(self, span: Span, parts: list[Any]) -> tree.String:
        return tree.String(str(parts[0])[1:-1], span)

    def true(self, span: Span, parts: list[Any]) -> tree.Constant:
        return tree.Constant(True, span)

    def false(self, span: Span, parts: list[Any]) -> tree.Constant:
        return tree.Constant(False, span)

    def none(self, span: Span, parts: list[Any]) -> tree.Constant:
        return tree.Constant(None, span)

    def list_(self, span: Span, parts: list[Any]) -> tree.List:
        return tree.List(tuple(part for part in parts if part is not None), span)

    def comprehension(self, span: Span, parts: list[Any]) -> tree.Comprehension:
        item, *loops = parts
        for at, (targets, iterable, condition) in reversed(list(enumerate(loops))):
            item = tree.Comprehension(item, targets, iterable, condition, span, joined=at < len(loops) - 1)
        return cast(tree.Comprehension, item)

    def loop(self, span: Span, parts: list[Any]) -> tuple[tuple[str, ...], tree.Expr, tree.Expr | None]:
        targets, iterable, condition = parts
        return tuple(str(target) for target in targets), iterable, condition

    def group(self, span: Span, parts: list[Any]) -> tree.Expr:
        expr: tree.Expr = parts[0]
        return expr


RULES = frozenset(name for name in vars(TreeBuilder) if not name.startswith("_")) - {"build", "span"}
"""The rules of the grammar by the names that the grammar gives them."""


def number_value(text: str) -> int | float:
    """The value of a number as written: ``56M`` is 56,000,000.

    Raises:
        ValueError: it is too long or too large, or its underscores do not stand between digits.
    """
    from decimal import Decimal, DecimalException

    if len(text) > LONGEST_NUMBER or text.endswith("_") or "__" in text or "_." in text:
        raise ValueError(text)
    digits, scale = (text[:-1], _SCALE[text[-1]]) if text[-1] in _SCALE else (text, 1)
    if digits.replace("_", "").isdigit():
        return int(digits) * scale
    try:
        value = Decimal(digits) * scale
        if abs(value) > Decimal("1e300"):
            raise ValueError(text)
        return int(value) if scale > 1 and value == value.to_integral_value() else float(value)
    except DecimalException:
        raise ValueError(text) from None


def read_number(text: str) -> int | float | None:
    """The value of a text that is one number of the language; None for any other text."""
    if re.fullmatch(r"[0-9][0-9_]*(\.[0-9]+)?([eE][+-]?[0-9]+)?[KMGT]?", text) is None:
        return None
    try:
        return number_value(text)
    except ValueError:
        return None


def _doc(token: Token | None) -> str | None:
    """A docstring's text with the indentation of its lines taken off."""
    if token is None:
        return None
    from inspect import cleandoc

    return cleandoc(str(token)[3:-3])
