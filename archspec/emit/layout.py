"""Statements with line breaks where ruff's formatter puts them, so that the text needs no formatter to be stable."""

from __future__ import annotations

from archspec.opdef.code import Code, Generator, Infix, Invoke, Member, Prefix, Raw, Sequence_, Subscript, flat

WIDTH = 88
STEP = "    "


def statement(prefix: str, code: Code, indent: str, suffix: str = "") -> list[str]:
    """``prefix code suffix`` as lines; brackets are opened from the outside in until every line fits."""
    line = f"{indent}{prefix}{flat(code)}{suffix}"
    if len(line) <= WIDTH:
        return [line]
    match code:
        case Invoke() if isinstance(code.function, Raw):
            parts = [(a, "") for a in code.args] + [(value, f"{name}=") for name, value in code.kwargs]
            return _open(f"{prefix}{flat(code.function)}(", parts, f"){suffix}", indent)
        case Sequence_():
            parts = [(item, "") for item in code.items]
            return _open(f"{prefix}{code.brackets[:1]}", parts, f"{code.brackets[1:]}{suffix}", indent, literal=True)
        case Infix() if not prefix and not suffix and code.op in ("+", "-", "*", "/"):
            right = flat(Infix(code.op, Raw(""), code.right, code.rank)).strip()
            return [*statement("", code.left, indent), f"{indent}{right}"]
        case Generator() if code.star or code.brackets:
            head = f"{prefix}{'*' if code.star else ''}{code.brackets[:1]}"
            inner = indent + STEP
            return [
                indent + head,
                *statement("", code.item, inner),
                *statement(f"for {code.target} in ", code.iterable, inner),
                f"{indent}{code.brackets[1:]}{suffix}",
            ]
    return [line]


def _open(head: str, parts: list[tuple[Code, str]], tail: str, indent: str, literal: bool = False) -> list[str]:
    """A bracket with its contents on one indented line, or each on a line of its own with a comma behind.

    The entries of a ``literal`` list or tuple always get lines of their own.
    """
    inner = indent + STEP
    one = inner + ", ".join(name + flat(code) for code, name in parts)
    if len(one) <= WIDTH and not literal and not (len(parts) == 1 and isinstance(parts[0][0], Generator)):
        return [indent + head, one, indent + tail]
    alone = (
        not literal and len(parts) == 1 and not parts[0][1] and isinstance(parts[0][0], (Generator, Invoke, Sequence_))
    )
    comma = "" if alone else ","
    lines = [indent + head]
    for code, name in parts:
        lines += statement(name, code, inner, comma)
    return [*lines, indent + tail]


def fits(prefix: str, code: Code, indent: str) -> bool:
    """Whether a statement can be laid out without a line that is too long."""
    return all(len(line) <= WIDTH for line in statement(prefix, code, indent))


def mentions(code: Code) -> set[str]:
    """The plain names that an expression reads."""
    match code:
        case Raw():
            return {code.text}
        case Invoke():
            return mentions(code.function).union(*map(mentions, code.args), *(mentions(v) for _, v in code.kwargs))
        case Member():
            return mentions(code.value)
        case Subscript():
            return mentions(code.value).union(*map(mentions, code.items))
        case Prefix():
            return mentions(code.value)
        case Infix():
            return mentions(code.left) | mentions(code.right)
        case Sequence_():
            return set().union(*map(mentions, code.items))
        case Generator():
            return mentions(code.item) | mentions(code.iterable)
