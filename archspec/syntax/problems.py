"""What can be wrong with a text before any name has a meaning."""

from __future__ import annotations

from typing import ClassVar

from archspec.diagnostics import PastLimit, Problem

KEYWORDS = frozenset(
    (
        *("use", "as", "module", "model", "extern", "on", "return", "if", "then", "else", "for", "in", "require"),
        *("param", "buffer", "const", "stage", "stages", "init", "expect", "checkpoint"),
        *("or", "and", "not", "true", "false", "none"),
    )
)

_SYMBOLS = {
    "LBRACE": "`{`",
    "RBRACE": "`}`",
    "LPAR": "`(`",
    "RPAR": "`)`",
    "LSQB": "`[`",
    "RSQB": "`]`",
    "EQUAL": "`=`",
    "COMMA": "`,`",
    "COLON": "`:`",
    "__ANON_0": "`->`",
    "NAME": "a name",
    "NUMBER": "a number",
    "STRING": "a string",
    "DOC": "a docstring",
    "$END": "the end of the file",
    "DOT": "`.`",
}


def describe(terminals: set[str]) -> str:
    """What would have been accepted, in words: punctuation first; operators and the starts of values are summed up."""
    if {"NAME", "NUMBER", "STRING"} <= terminals:
        named = ["a value"] + [_SYMBOLS[t] for t in sorted(terminals) if t in ("RPAR", "RSQB", "LBRACE")]
    else:
        closing = [t for t in ("RBRACE", "RPAR", "RSQB") if t in terminals]
        rest = sorted(terminals - set(closing) - {"STRING"} if len(terminals) > 1 else terminals - set(closing))
        named = [_SYMBOLS[t] for t in (*closing, *rest) if t in _SYMBOLS]
        named += [f"`{t.lower()}`" for t in sorted(terminals) if t.lower() in KEYWORDS and len(named) < 4]
    return " or ".join(named[:5])


class UnexpectedToken(Problem):
    """The grammar takes something else here."""

    code: ClassVar[str] = "E0101"
    found: str
    expected: str
    before: str = ""

    def message(self) -> str:
        return f"unexpected {self.found}"

    def label(self) -> str:
        return f"expected {self.expected}" if self.expected else "not possible here"

    def help(self) -> str | None:
        for word in (self.found.strip("`"), self.before):
            if word in KEYWORDS - {"true", "false", "none", "return"}:
                return f"`{word}` is a word of the language; choose another name if it is meant as one"
        return None


class UnexpectedCharacter(Problem):
    """No token starts with this character."""

    code: ClassVar[str] = "E0102"
    character: str

    def message(self) -> str:
        return f"unexpected character {self.character!r}"

    def help(self) -> str | None:
        if self.character == '"':
            return 'a string ends on the line it starts on, with a second `"`'
        if self.character in "'`":
            return 'strings are written in double quotes: "like this"'
        if self.character == ";":
            return "statements need nothing between them"
        return None


class TooDeep(PastLimit):
    """Nesting beyond what any person writes."""

    code: ClassVar[str] = "E0103"

    def message(self) -> str:
        return f"this is nested more than {self.most:,} levels deep"

    def notes(self) -> tuple[str, ...]:
        return ("brackets, blocks and operators count; a part that is given a name starts anew",)


class TextTooLong(PastLimit):
    """A file beyond what any person writes."""

    code: ClassVar[str] = "E0104"

    def message(self) -> str:
        return f"this text has more than {self.most:,} characters"


class TooManyWords(PastLimit):
    """Files that together are beyond what any person writes."""

    code: ClassVar[str] = "E0106"

    def message(self) -> str:
        return f"this spec has more than {self.most:,} words, numbers and signs"

    def notes(self) -> tuple[str, ...]:
        return ("those of all of its files count, but not comments, docstrings and the shipped files",)


class BadNumber(Problem):
    """A number beyond what anything here can be."""

    code: ClassVar[str] = "E0105"

    def message(self) -> str:
        return "this number is too long or too large, or has an underscore that does not stand between digits"
