"""Lark's table run to parse trees: what :mod:`lark` does with a text, without its tokens, trees and places in lines.

It takes the tables and patterns that lark made of the grammar, and gives lark's tree as
:mod:`archspec.syntax.parse_tree` has it, in a fraction of the time. A text that is not in the language is lark's to
explain.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    from lark import Lark

END = "$END"


class NotParsed(Exception):
    """The text is not in the language."""


class _Rule(NamedTuple):
    """How a rule makes a value of those of its symbols.

    ``include``: of each symbol that is kept its place, whether its own symbols stand for it, and the placeholders in
    front of it; ``behind``: the placeholders behind all. ``single``: one symbol stands for itself. ``same``:
    nothing but that.
    """

    size: int
    origin: str
    name: str
    include: tuple[tuple[int, bool, int], ...]
    behind: int
    single: bool
    inlined: bool
    same: bool


class _Scan(NamedTuple):
    """What can stand in one state: its patterns, those that are left out, and words that are names but for here."""

    patterns: list[Any]
    ignored: frozenset[str]
    words: dict[str, Any]


class Automaton:
    """One grammar's table, each state taken up when it is first reached."""

    def __init__(self, lark: Lark) -> None:
        frontend: Any = lark.parser
        self._table: Any = frontend.parser._parse_table
        self._lexers: Any = frontend.lexer.lexers
        self._actions: dict[Any, dict[str, Any]] = {}
        self._scans: dict[Any, _Scan] = {}
        self._rules: dict[Any, _Rule] = {}

    def parse(self, text: str, start: str) -> Any:
        """The parse tree of a text.

        Raises:
            NotParsed: it is not in the language.
        """
        last = self._table.end_states[start]
        states: list[Any] = [self._table.start_states[start]]
        values: list[tuple[Any, int, int]] = []
        at = 0
        while True:
            kind, at, end = self._next(text, at, states[-1])
            while True:
                actions = self._actions.get(states[-1]) or self._taken_up(states[-1])
                action = actions.get(kind)
                if action is None:
                    raise NotParsed
                if type(action) is not _Rule:
                    break
                if not action.same:
                    self._reduce(action, values)
                if action.size:
                    del states[-action.size :]
                states.append((self._actions.get(states[-1]) or self._taken_up(states[-1]))[action.origin])
                if kind == END and states[-1] == last:
                    return values[-1][0]
            states.append(action)
            values.append(([at, end], at, end))
            at = end

    def _next(self, text: str, at: int, state: Any) -> tuple[str, int, int]:
        """The next token: its kind, where it starts and where it ends."""
        scan = self._scans.get(state) or self._scan(state)
        while at < len(text):
            for pattern in scan.patterns:
                found = pattern.match(text, at)
                if found is not None:
                    break
            else:
                raise NotParsed
            kind = found.lastgroup
            if kind not in scan.ignored:
                if kind in scan.words:
                    kind = scan.words[kind].scanner.fullmatch(found[0]) or kind
                return kind, at, found.end()
            at = found.end()
        return END, at, at

    @staticmethod
    def _reduce(rule: _Rule, values: list[tuple[Any, int, int]]) -> None:
        """The values of a rule's symbols become one."""
        given = values[len(values) - rule.size :]
        del values[len(values) - rule.size :]
        parts: list[Any] = []
        for place, inlined, placeholders in rule.include:
            if placeholders:
                parts += [None] * placeholders
            if inlined:
                parts += given[place][0]
            else:
                parts.append(given[place][0])
        if rule.behind:
            parts += [None] * rule.behind
        start = next((start for _, start, _ in given if start >= 0), -1)
        end = next((end for _, _, end in reversed(given) if end >= 0), -1)
        if rule.inlined:
            values.append((parts, start, end))
        elif rule.single and len(parts) == 1:
            values.append((parts[0], start, end))
        else:
            values.append(([rule.name, max(start, 0), max(end, 0), parts], start, end))

    def _taken_up(self, state: Any) -> dict[str, Any]:
        """What to do in a state at each symbol: a rule to apply, or the state to go to."""
        from lark.parsers.lalr_analysis import Shift

        made = {
            symbol: target if action is Shift else self._rule(target)
            for symbol, (action, target) in self._table.states[state].items()
        }
        self._actions[state] = made
        return made

    def _scan(self, state: Any) -> _Scan:
        lexer = self._lexers[state]
        made = self._scans[state] = _Scan(lexer.scanner._mres, lexer.ignore_types, lexer.callback)
        return made

    def _rule(self, rule: Any) -> _Rule:
        if rule not in self._rules:
            self._rules[rule] = _compiled(rule)
        return self._rules[rule]


def _compiled(rule: Any) -> _Rule:
    """A rule as lark's tree builder reads it."""
    options, symbols = rule.options, rule.expansion
    gaps = [0] * (len(symbols) + 1)
    if options.empty_indices:
        text = "".join(str(int(empty)) for empty in options.empty_indices)
        gaps = [len(ones) for ones in text.split("0")]
    include: list[tuple[int, bool, int]] = []
    placeholders = 0
    for place, symbol in enumerate(symbols):
        placeholders += gaps[place]
        if options.keep_all_tokens or not (symbol.is_term and symbol.filter_out):
            include.append((place, not symbol.is_term and symbol.name.startswith("_"), placeholders))
            placeholders = 0
    placeholders += gaps[-1]
    origin = rule.origin.name
    single = bool(options.expand1 and not rule.alias)
    inlined = origin.startswith("_") and not rule.alias
    plain = len(symbols) == 1 and include == [(0, False, 0)] and not placeholders
    name = str(rule.alias or origin)
    return _Rule(len(symbols), origin, name, tuple(include), placeholders, single, inlined, plain and single)
