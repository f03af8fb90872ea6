"""Text to syntax tree.

Assumes any text at all. Guarantees a :class:`~archspec.syntax.tree.File` whose nodes carry their places, or a
:class:`~archspec.diagnostics.SpecError` with a caret.
"""

from __future__ import annotations

from functools import lru_cache
from typing import Any

from lark import Lark
from lark.exceptions import UnexpectedCharacters, UnexpectedEOF, UnexpectedInput
from lark.exceptions import UnexpectedToken as LarkToken

from archspec.diagnostics import Problem, SpecError
from archspec.resources import resource
from archspec.source import Source, Span
from archspec.syntax import problems, tree
from archspec.syntax.build import NotANumber, TreeBuilder

MAX_CHARACTERS = 1_000_000


@lru_cache(maxsize=1)
def _lark() -> Lark:
    grammar = resource("grammars", "archspec.lark").read_text(encoding="utf-8")
    return Lark(grammar, parser="lalr", start=["start", "expr"], propagate_positions=True, maybe_placeholders=True)


@lru_cache(maxsize=256)
def parse(source: Source) -> tree.File:
    """Parse a whole file.

    Raises:
        SpecError: the text is not in the language.
    """
    file: tree.File = _parse(source, "start", TreeBuilder(source.name))
    return file


@lru_cache(maxsize=1024)
def parse_expression(source: Source, offset: int = 0, origin: str | None = None) -> tree.Expr:
    """Parse one expression; ``origin`` and ``offset`` say where it stands when it is a part of another text.

    Raises:
        SpecError: the text is not an expression.
    """
    expr: tree.Expr = _parse(source, "expr", TreeBuilder(origin or source.name, offset))
    return expr


def _parse(source: Source, start: str, builder: TreeBuilder) -> Any:
    text = source.text
    if len(text) > MAX_CHARACTERS:
        raise _error(source, problems.TextTooLong(Span(source.name, 0, 1), len(text), MAX_CHARACTERS))
    try:
        return builder.build(_lark().parse(text, start=start))
    except UnexpectedInput as error:
        raise _error(source, _problem(source, error)) from None
    except NotANumber as error:
        raise _error(source, problems.BadNumber(error.span)) from None
    except RecursionError:
        raise _error(source, problems.TooDeep(Span(source.name, 0, 1))) from None


def _error(source: Source, problem: Problem) -> SpecError:
    return SpecError.of(problem, {source.name: source})


def _problem(source: Source, error: UnexpectedInput) -> Problem:
    end = len(source.text.rstrip())
    if isinstance(error, UnexpectedCharacters):
        at = error.pos_in_stream or 0
        return problems.UnexpectedCharacter(Span(source.name, at, at + 1), source.text[at])
    if isinstance(error, LarkToken) and error.token.type != "$END":
        token = error.token
        at = token.start_pos or 0
        found = f"`{token}`" if len(token) < 40 and "\n" not in token else token.type.lower()
        words = source.text[max(0, at - 40) : at].split()
        before = words[-1] if words else ""
        return problems.UnexpectedToken(Span(source.name, at, at + len(token)), found, _expected(error), before)
    assert isinstance(error, (UnexpectedEOF, LarkToken))
    return problems.UnexpectedToken(Span(source.name, max(0, end - 1), end), "end of the text", _expected(error))


def _expected(error: UnexpectedInput) -> str:
    accepts: Any = getattr(error, "accepts", None) or getattr(error, "expected", None) or ()
    return problems.describe(set(accepts))
