"""Texts of specs changed at random: bytes, words, lines, brackets, numbers, and parts of other specs."""

from __future__ import annotations

import re
from collections.abc import Callable
from random import Random

WORD = re.compile(r'"""(?:.|\n)*?"""|"[^"\n]*"|#[^\n]*|\d[\w.]*|\w+|\s+|->|\*\*|//|[=!<>]=|\S')
PAIRS = {"(": ")", "[": "]", "{": "}"}
NUMBERS = (
    "0", "1", "-1", "2", "3", "7", "24", "25", "64", "1000", "9999", "10000", "10001", "2147483647", "2147483648",
    "1099511627776", "9223372036854775807", "9223372036854775808", "1e300", "1e308", "-1e300", "1e-300", "0.5", "1.5",
    "0.0", "-0.0", "inf", "56M", "8.8G", "1_0", "none", "true", "false", "pi", '""', "[]", "[1, 2]",
    "99999999999999999999",
)  # fmt: skip
WORDS = (
    "if", "else", "then", "for", "in", "and", "or", "not", "return", "model", "module", "on", "use", "param",
    "buffer", "const", "stage", "stages", "init", "expect", "checkpoint", "require", "as", "extern", "int", "->", "=",
    "==", "*", "**", "//", "%", "/", "-", "+", "@", ",", ":", "(", ")", "[", "]", "{", "}", ".", "#", '"', '"""', "~",
    "<", "x", "c", "range", "len", "zip", "enumerate", "reversed", "sum", "min", "max", "abs", "round", "floor",
    "ceil", "sqrt", "ramp", "shape", "survive", "relu", "conv", "linear", "rearrange", "reshape", "einsum", "concat",
    "chunk", "split", "unbind", "take", "attend", "dropout", "lstm", "layer_norm", "batch_norm", "avg_pool",
    "interpolate", "repeat", "roll", "pad", "zeros", "normal", "stem", "head", "block", "depth", "dim", "down",
    "exp", "log",
    "params", "macs", "true", "none", "pi", "inf",
)  # fmt: skip
ODD = ("\0", "\x1b[31m", "\u202e", "\ufeff", "é", "ｘ", "𝟙", "٣", "\\", "'", "`", ";", "\r", "\t", "$", "\ud800")
Change = Callable[[Random, str, str], str]


def mutant(random: Random, text: str, other: str) -> str:
    """A text with one to four changes; parts of ``other`` may come into it."""
    for _ in range(random.choice((1, 1, 1, 2, 2, 3, 4))):
        text = random.choice(CHANGES)(random, text, other)[:LONGEST]
    return text


LONGEST = 60_000


def words(text: str) -> list[str]:
    """A text in words, spaces and signs, none left out."""
    return WORD.findall(text)


def letters(random: Random, text: str, other: str) -> str:
    """Some characters gone, doubled or put in."""
    at = random.randrange(len(text) + 1)
    end = min(len(text), at + random.choice((0, 0, 1, 1, 2, 5, 40)))
    put = random.choice((*ODD, "", "", text[at:end] * 2, random.choice(WORDS), random.choice(NUMBERS), text[:3]))
    return text[:at] + put + text[end:]


def _solid(parts: list[str]) -> list[int]:
    return [at for at, part in enumerate(parts) if not part.isspace() and part[0] != "#"] or [0]


def word(random: Random, text: str, other: str) -> str:
    """A word gone, doubled, or in another's place."""
    parts = words(text) or ["x"]
    at = random.choice(_solid(parts))
    choice = random.randrange(5)
    if choice == 0:
        parts[at] = ""
    elif choice == 1:
        parts[at] *= 2
    elif choice == 2:
        second = random.choice(_solid(parts))
        parts[at], parts[second] = parts[second], parts[at]
    else:
        parts[at] = random.choice(WORDS if choice == 3 else NUMBERS)
    return "".join(parts)


def name(random: Random, text: str, other: str) -> str:
    """A name where another stood."""
    parts = words(text)
    found = [at for at, part in enumerate(parts) if part.isidentifier()]
    if not found:
        return text
    parts[random.choice(found)] = parts[random.choice(found)]
    return "".join(parts)


def number(random: Random, text: str, other: str) -> str:
    """Numbers at their ends."""
    parts = words(text)
    found = [at for at, part in enumerate(parts) if part[0].isdigit()]
    for at in random.sample(found, min(len(found), random.choice((1, 1, 2, 6)))):
        parts[at] = random.choice(NUMBERS)
    return "".join(parts)


def line(random: Random, text: str, other: str) -> str:
    """A line gone, doubled, or in another's place."""
    lines = text.split("\n")
    at, second = random.randrange(len(lines)), random.randrange(len(lines))
    match random.randrange(4):
        case 0:
            del lines[at]
        case 1:
            lines[at:at] = [lines[second]]
        case 2:
            lines[at], lines[second] = lines[second], lines[at]
        case _:
            lines[at:at] = [random.choice(other.split("\n"))]
    return "\n".join(lines)


def groups(text: str) -> list[tuple[int, int]]:
    """Where brackets open and behind where they close."""
    open_at: list[tuple[str, int]] = []
    found: list[tuple[int, int]] = []
    for match in re.finditer(r"[\[\](){}]", text):
        sign = match[0]
        if sign in PAIRS:
            open_at.append((sign, match.start()))
        elif open_at and PAIRS[open_at[-1][0]] == sign:
            found.append((open_at.pop()[1], match.end()))
    return found


def group(random: Random, text: str, other: str) -> str:
    """What stands in brackets exchanged with another such, of this text or of another."""
    own = groups(text)
    if not own:
        return text
    start, end = random.choice(own)
    source = random.choice((text, text, other))
    alike = [(a, b) for a, b in groups(source) if source[a] == text[start] or random.random() < 0.05]
    if not alike:
        return text
    a, b = random.choice(alike)
    return text[:start] + source[a:b] + text[end:]


def nest(random: Random, text: str, other: str) -> str:
    """What stands in brackets put into itself, or into more brackets, some times over."""
    own = groups(text)
    if not own:
        return text
    start, end = random.choice(own)
    inner = text[start:end]
    times = random.choice((1, 2, 5, 30, 60, 120, 3000))
    front, back = random.choice(
        (
            ("(", ")"), ("[", "]"), ("relu(", ")"), ("-", ""), ("not ", ""), ("if true then ", " else 1"), ("1 + ", ""),
            ("if true {", "}"), ("for i in range(3) {", "}"), ("[", " for i in range(9)]"), ("[", "] * 30"),
        )
    )  # fmt: skip
    times = min(times, 20_000 // max(1, len(front + back)))
    return text[:start] + front * times + inner + back * times + text[end:]


def often(random: Random, text: str, other: str) -> str:
    """A line or what stands in brackets many times over."""
    times = random.choice((2, 3, 10, 100, 1000, 4000))
    own = groups(text)
    if own and random.random() < 0.5:
        start, end = random.choice(own)
        return (
            text[:end]
            + (random.choice(("", ", ", " ")) + text[start:end]) * min(times, 30_000 // (end - start))
            + text[end:]
        )
    lines = text.split("\n")
    at = random.randrange(len(lines))
    return "\n".join(lines[:at] + [lines[at]] * min(times, 30_000 // (1 + len(lines[at]))) + lines[at:])


def loop(random: Random, text: str, other: str) -> str:
    """A line inside a loop, a wide list in place of a number, or a name that doubles."""
    lines = text.split("\n")
    at = random.randrange(len(lines))
    count = random.choice((2, 30, 300, 9999))
    match random.randrange(3):
        case 0:
            lines[at] = f"for i in range({count}) {{ {lines[at]} }}"
        case 1:
            used = re.findall(r"\b[a-z_]\w*", lines[at]) or ["x"]
            again = random.choice(used)
            put = random.choice(
                ("{0} = [{0}, {0}]", "{0} = {0} + {0}", "{0} = {0}({0})", "{0} = [{0}] * 99", '{0} = "{{{0}}}{{{0}}}"')
            )
            lines.insert(at + 1, f"for i in range({count}) {{ {put.format(again)} }}")
        case _:
            digits = [m.span() for m in re.finditer(r"\b\d+\b", lines[at])]
            if digits:
                a, b = random.choice(digits)
                wide = random.choice(
                    (f"range({count})", f"[{lines[at][a:b]}] * {count}", f"[i for i in range({count})]")
                )
                lines[at] = lines[at][:a] + wide + lines[at][b:]
    return "\n".join(lines)


def splice(random: Random, text: str, other: str) -> str:
    """The front of one text and the back of another, cut at lines or between words."""
    if random.random() < 0.5:
        a, b = text.split("\n"), other.split("\n")
        return "\n".join(a[: random.randrange(len(a) + 1)] + b[random.randrange(len(b) + 1) :])
    first, second = words(text), words(other)
    return "".join(first[: random.randrange(len(first) + 1)] + second[random.randrange(len(second) + 1) :])


CHANGES: tuple[Change, ...] = (
    letters, word, word, name, name, number, number, line, group, group, nest, often, loop, splice,
)  # fmt: skip
