"""Text to parse tree: how the grammar divides a text, and nothing of what it says.

A parse tree is ``[rule, start, end, parts]``, a token ``[start, end]``, and what may be left out and was, None: lists,
words and offsets, so that JSON holds it. It follows from the grammar and the text alone, so :mod:`archspec.cache` keeps
it, and lark's table beside it; the text is read off the text itself whatever the cache says.
"""

from __future__ import annotations

import sys
from contextlib import suppress
from functools import lru_cache
from importlib.machinery import PathFinder
from pathlib import Path
from typing import TYPE_CHECKING, Any

from archspec import __version__, cache
from archspec.resources import resource
from archspec.syntax.lalr import Automaton, NotParsed

if TYPE_CHECKING:
    from lark import Lark

START = ("start", "expr")


def parse(text: str, start: str) -> Any:
    """The parse tree of a text, by the grammar.

    Raises:
        lark.exceptions.UnexpectedInput: the text is not in the language.
    """
    with suppress(NotParsed):
        if (automaton := _automaton()) is not None:
            return automaton.parse(text, start)
    return plain(parser().parse(text, start=start))


@lru_cache(maxsize=1)
def _automaton() -> Automaton | None:
    """The quick way to parse trees; None where lark's tables are not as they are known here."""
    with suppress(Exception):
        made = Automaton(parser())
        made.parse("", START[0])
        return made
    return None


def kept(text: str) -> Any:
    """The parse tree of a file's text that an earlier run kept, or None."""
    return cache.load(_key("parse tree", text))


def keep(text: str, tree: Any) -> None:
    """Keep the parse tree of a file's text for later runs."""
    cache.store(_key("parse tree", text), tree)


def plain(node: Any) -> Any:
    """A tree of lark's as lists: rule, offsets, children."""
    from lark import Tree

    if node is None:
        return None
    if not isinstance(node, Tree):
        return [node.start_pos, node.end_pos]
    meta = node.meta
    start, end = (0, 0) if meta.empty else (meta.start_pos, meta.end_pos)
    return [str(node.data), start, end, [plain(child) for child in node.children]]


@lru_cache(maxsize=1)
def parser() -> Lark:
    """Lark's parser of the language: from the table that an earlier run kept, or built from the grammar."""
    from lark import Lark
    from lark.grammar import Rule
    from lark.lexer import TerminalDef

    key = _key("table")
    with suppress(Exception):  # a table that this lark cannot use is no table
        if (table := cache.load(key)) is not None:
            return Lark.load(_with_numbers(table))
    made = Lark(_grammar(), parser="lalr", start=list(START), propagate_positions=True, maybe_placeholders=True)
    with suppress(Exception):  # and one that cannot be written down is not kept
        data, memo = made.memo_serialize([TerminalDef, Rule])
        cache.store(key, {"data": data, "memo": memo})
    return made


def _with_numbers(value: Any) -> Any:
    """Lark's table as it was before it was JSON, which has no numbers for keys."""
    if isinstance(value, dict):
        return {int(key) if key.isdigit() else key: _with_numbers(item) for key, item in value.items()}
    return [_with_numbers(item) for item in value] if isinstance(value, list) else value


@lru_cache(maxsize=1)
def _grammar() -> str:
    return resource("grammars", "archspec.lark").read_text(encoding="utf-8")


@lru_cache(maxsize=1)
def _makers() -> str:
    """What makes tables and parse trees: this module, and lark, which is not imported for the sake of its version."""
    found: Any = PathFinder.find_spec("lark")
    lark: bytes = found.loader.get_data(found.origin) if found else b""
    return cache.key_of(__version__, sys.version, lark, Path(__file__).read_bytes(), _grammar())


def _key(*parts: str) -> str:
    return cache.key_of(_makers(), *parts)
