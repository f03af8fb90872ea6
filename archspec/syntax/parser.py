"""Text to syntax tree.

Assumes any text at all. Guarantees a :class:`~archspec.syntax.tree.File` whose nodes carry their places, or a
:class:`~archspec.diagnostics.SpecError` with a caret.
"""

from __future__ import annotations

import re
from contextlib import suppress
from functools import lru_cache
from itertools import islice
from typing import TYPE_CHECKING, Any, cast

from archspec.diagnostics import Problem, SpecError
from archspec.limits import now
from archspec.source import Source, Span
from archspec.syntax import parse_tree, problems, tree
from archspec.syntax.build import Nested, TreeBuilder, UnusableNumber

if TYPE_CHECKING:
    from lark.exceptions import UnexpectedInput

_WORD = re.compile(r"\w+|\S")
_PART = re.compile(r'#[^\n]*|"""(?:.|\n)*?"""|"[^"\n]*"|\w+|\S')


@lru_cache(maxsize=256)
def words_of(text: str, most: int) -> int:
    """How many words, numbers and signs a text has, those of strings too; counted no further than about ``most``."""
    count = 0
    for found in _PART.finditer(text):
        part = found[0]
        if part[0] == "#" or part[:3] == '"""':
            continue
        count += sum(1 for _ in islice(_WORD.finditer(part), most)) if part[0] == '"' else 1
        if count > most:
            break
    return count


def check_text(source: Source) -> None:
    """Hold the characters of a text against the limit, and see that each is a whole one.

    Raises:
        SpecError: there are more, or half of a character that is written as two (a lone surrogate).
    """
    most = now().text
    if len(source.text) > most:
        raise _error(source, problems.TextTooLong(Span(source.name, 0, 1), "text", most))
    half = None if source.text.isascii() else re.search("[\ud800-\udfff]", source.text)
    if half is not None:
        raise _error(source, problems.UnexpectedCharacter(Span(source.name, *half.span()), half.group()))


def check_words(source: Source, count: int) -> None:
    """Hold a number of words against the limit.

    Raises:
        SpecError: there are more.
    """
    if count > now().words:
        raise _error(source, problems.TooManyWords(Span(source.name, 0, 1), "words", now().words))


@lru_cache(maxsize=256)
def parse(source: Source) -> tree.File:
    """Parse a whole file.

    Raises:
        SpecError: the text is not in the language.
    """
    builder = TreeBuilder(source.name, source.text)
    if source.is_file and (known := parse_tree.kept(source.text)) is not None:
        with suppress(Exception):  # what is no parse tree, or leads to no tree, says nothing: the text decides
            return cast("tree.File", builder.build(known))
    found, made = _parse(source, "start", builder)
    if source.is_file:
        parse_tree.keep(source.text, found)
    return cast("tree.File", made)


@lru_cache(maxsize=1024)
def parse_expression(source: Source, offset: int = 0, origin: str | None = None) -> tree.Expr:
    """Parse one expression; ``origin`` and ``offset`` say where it stands when it is a part of another text.

    Raises:
        SpecError: the text is not an expression.
    """
    return cast("tree.Expr", _parse(source, "expr", TreeBuilder(origin or source.name, source.text, offset))[1])


def _parse(source: Source, start: str, builder: TreeBuilder) -> tuple[Any, Any]:
    """The parse tree of a text, and what it builds."""
    from lark.exceptions import UnexpectedInput

    text = source.text
    check_text(source)
    check_words(source, words_of(text, now().words))
    try:
        found = parse_tree.parse(text, start)
        return found, builder.build(found)
    except UnexpectedInput as error:
        raise _error(source, _problem(source, error)) from None
    except UnusableNumber as error:
        raise _error(source, problems.BadNumber(error.span)) from None
    except Nested as error:
        raise _error(source, problems.TooDeep(error.span, "nesting", now().nesting)) from None
    except RecursionError:
        raise _error(source, problems.TooDeep(Span(source.name, 0, 1), "nesting", now().nesting)) from None


def _error(source: Source, problem: Problem) -> SpecError:
    return SpecError.of(problem, {source.name: source})


def _problem(source: Source, error: UnexpectedInput) -> Problem:
    from lark.exceptions import UnexpectedCharacters, UnexpectedEOF, UnexpectedToken

    end = len(source.text.rstrip())
    if isinstance(error, UnexpectedCharacters):
        at = error.pos_in_stream or 0
        return problems.UnexpectedCharacter(Span(source.name, at, at + 1), source.text[at])
    if isinstance(error, UnexpectedToken) and error.token.type != "$END":
        token = error.token
        at = token.start_pos or 0
        found = f"`{token}`" if len(token) < 40 and "\n" not in token else token.type.lower()
        words = source.text[max(0, at - 40) : at].split()
        before = words[-1] if words else ""
        return problems.UnexpectedToken(Span(source.name, at, at + len(token)), found, _expected(error), before)
    assert isinstance(error, (UnexpectedEOF, UnexpectedToken))
    return problems.UnexpectedToken(Span(source.name, max(0, end - 1), end), "end of the text", _expected(error))


def _expected(error: UnexpectedInput) -> str:
    accepts: Any = getattr(error, "accepts", None) or getattr(error, "expected", None) or ()
    return problems.describe(set(accepts))
