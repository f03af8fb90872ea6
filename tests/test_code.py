"""The printer of expressions: what it writes reads back as the same tree, on one line or wrapped at any width."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
from pathlib import Path
from random import Random
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from archspec.emit import layout
from archspec.emit.code import (
    Atom,
    Attribute,
    BinOp,
    Call,
    Code,
    Comprehension,
    Display,
    IfExp,
    Slice,
    Star,
    Subscript,
    UnaryOp,
    flat,
    literal,
)
from archspec.sym.operators import RANKS

NAMES = ("a", "k", "torch", "long_name_of_a_table", "another_name_of_some_length")
LITERALS = (0, 7, -3, 123456, 0.5, -1e-9, 2.5e30, -0.0, float("inf"), float("-inf"), "", 'say "x"\\', True, None)


def tree(random: Random, depth: int) -> Code:
    """Any expression of at most so many levels."""

    def part() -> Code:
        return tree(random, depth - 1)

    def parts(least: int = 0) -> tuple[Code, ...]:
        return tuple(part() for _ in range(random.randint(least, 3)))

    def entries() -> tuple[Code, ...]:
        return tuple(Star(entry) if random.random() < 0.1 else entry for entry in parts())

    def maybe() -> Code | None:
        return random.choice((None, part()))

    name, brackets = random.choice(NAMES), random.choice(("()", "[]"))
    match random.randrange(12) if depth else random.randrange(2):
        case 0:
            return Atom(name)
        case 1:
            return literal(random.choice(LITERALS))
        case 2 | 3 | 4:
            return BinOp(random.choice([op for op in RANKS if op != "not "]), part(), part())
        case 5:
            return UnaryOp(random.choice(("-", "not ")), part())
        case 6:
            return IfExp(part(), part(), part())
        case 7:
            targets = tuple(random.sample(NAMES, random.randint(1, 2)))
            return Comprehension(part(), targets, part(), maybe(), brackets)
        case 8:
            return Display(entries(), brackets)
        case 9:
            function = part() if random.random() < 0.2 else Atom(name)
            return Call(function, entries(), (("dtype", part()),) if random.random() < 0.3 else ())
        case 10:
            return Attribute(part(), name)
    return Subscript(part(), (*parts(1), Slice(maybe(), maybe())) if random.random() < 0.5 else parts(1))


TREES = st.builds(lambda seed: tree(Random(seed), 5), st.integers(0, 2**40))


def parsed(text: str) -> Any:
    """The tree that Python reads, operands of ``and`` and ``or`` one by one."""
    return plain(ast.parse(f"({text})", mode="eval").body)


def plain(node: Any) -> Any:
    if isinstance(node, ast.BoolOp):
        values: list[Any] = []
        for value in map(plain, node.values):
            own = isinstance(value, tuple) and value[0] == type(node.op).__name__
            values += value[1] if own else [value]
        return (type(node.op).__name__, values)
    if isinstance(node, ast.AST):
        fields = [plain(value) for name, value in ast.iter_fields(node) if name not in ("ctx", "kind")]
        return (type(node).__name__, *fields)
    return [plain(item) for item in node] if isinstance(node, list) else repr(node)


def spelled(code: Code) -> str:
    """The expression with every part in brackets, wherever a bracket may stand."""
    match code:
        case Atom():
            return f"({code.text})"
        case Call():
            args = [*map(spelled, code.args), *(f"{name}={spelled(value)}" for name, value in code.kwargs)]
            return f"({spelled(code.function)}({', '.join(args)}))"
        case Attribute():
            return f"({spelled(code.value)}.{code.name})"
        case Subscript():
            return f"({spelled(code.value)}[{', '.join(map(spelled, code.items))}])"
        case BinOp():
            return f"({spelled(code.left)} {code.op} {spelled(code.right)})"
        case UnaryOp():
            return f"({code.op}{spelled(code.value)})"
        case IfExp():
            return f"({spelled(code.yes)} if {spelled(code.condition)} else {spelled(code.no)})"
        case Display():
            comma = "," if code.items and code.brackets == "()" else ""
            return f"{code.brackets[0]}{', '.join(map(spelled, code.items))}{comma}{code.brackets[1]}"
        case Comprehension():
            condition = f" if {spelled(code.condition)}" if code.condition is not None else ""
            loop = f"for {', '.join(code.targets)} in {spelled(code.iterable)}"
            return f"{code.brackets[0]}{spelled(code.item)} {loop}{condition}{code.brackets[1]}"
        case Star():
            return f"*{spelled(code.value)}"
        case Slice():
            return ":".join("" if end is None else spelled(end) for end in (code.start, code.stop))


@settings(max_examples=400, deadline=None)
@given(TREES, st.integers(1, 100))
@pytest.mark.filterwarnings("ignore::SyntaxWarning")
def test_text_reads_back_as_the_tree(code: Code, width: int) -> None:
    wanted = parsed(spelled(code))
    assert parsed(flat(code)) == wanted
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(layout, "WIDTH", width)
        lines = layout.statement("value = ", code, "        ", "")
    (statement,) = ast.parse("if True:\n" + "\n".join(lines)).body[0].body  # type: ignore[attr-defined]
    assert plain(statement.value) == wanted


@settings(max_examples=300, deadline=None)
@given(TREES)
@pytest.mark.filterwarnings("ignore::SyntaxWarning")
def test_no_bracket_could_be_left_out(code: Code) -> None:
    text = flat(code)
    opened: list[int] = []
    for at, letter in enumerate(text):
        if letter == "(":
            opened.append(at)
        elif letter == ")":
            start = opened.pop()
            shorter = f"{text[:start]} {text[start + 1 : at]} {text[at + 1 :]}"
            around = text[start - 1 : start] + text[at + 1 : at + 2]
            needed = (
                start == 0 or at == start + 1 or "," in text[start:at] or "." in around or "*" in around
            )  # (), (1).real, *(a)
            assert needed or reads(shorter) != parsed(text), (text, shorter)


def reads(text: str) -> Any:
    try:
        return parsed(text)
    except SyntaxError:
        return None


@pytest.mark.filterwarnings("ignore::SyntaxWarning")
def test_lines_are_broken_where_ruff_breaks_them(tmp_path: Path) -> None:
    """Statements of many trees as arguments, those aside that hold what is never broken: subscripts, calls of calls.

    Behind a second ``not`` or minus, and before a bracket, ruff likes brackets that mean nothing.
    """
    found: list[str] = []
    for seed in range(600):
        code = tree(Random(seed), 5)
        lines = layout.statement("value = ", Call(Atom("torch.tensor"), (code, Atom("x"))), "")
        if len(lines) > 1 and all(
            len(line) <= layout.WIDTH and not re.search(r"(not |-)(\(|not |-)", line) for line in lines
        ):
            found.append("\n".join(lines))
    assert len(found) > 50
    (tmp_path / "all.py").write_text("\n".join(found) + "\n")
    command = [sys.executable, "-m", "ruff", "format", "--isolated", "--diff", str(tmp_path)]
    done = subprocess.run(command, capture_output=True, text=True)
    assert done.stdout == ""


@pytest.mark.parametrize("op", ["-", "not "])
def test_brackets_behind_a_sign_are_opened(op: str) -> None:
    long = Atom("a_name_that_is_longer_than_half_of_what_goes_into_one_line")
    code = UnaryOp(op, BinOp("+" if op == "-" else "and", long, long))
    lines = layout.statement("x = ", code, "    ")
    assert all(len(line) <= layout.WIDTH for line in lines)
    assert parsed("\n".join(lines).partition("=")[2]) == parsed(flat(code))
