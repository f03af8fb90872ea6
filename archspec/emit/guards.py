"""What a forward asks of the sizes of its inputs before it goes on, where it could not serve every size."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import TYPE_CHECKING, TypeAlias

from archspec.emit.code import Atom, BinOp, Code, display, flat
from archspec.emit.layout import STEP, WIDTH, fits, statement
from archspec.emit.truths import operation
from archspec.graph.decisions import Decision, Relation
from archspec.graph.nodes import Instance
from archspec.graph.sizes import Place, asked_at_run_time, depends, held
from archspec.sym.expr import SymExpr
from archspec.sym.operators import COMPARISONS

if TYPE_CHECKING:
    from archspec.emit.writer import ClassWriter

BODY = " " * 8
MOST = 4
"""Decisions beyond so many are not asked for one by one."""
MessageParts: TypeAlias = "list[str | Code]"


def guards(writer: ClassWriter) -> list[str]:
    """The statements that refuse the sizes for which the class was not made; none where it serves every size.

    Where instances differ in the sizes they were made for, these are constructor arguments.
    """
    root = writer.first is writer.templates.root
    if writer.templates.settled and not root:
        return []
    places, asked = _wanted(writer, writer.template.instances)
    if root:
        places |= writer.templates.fixed
    lines = []
    for decision in asked:
        assert decision.condition is not None
        condition = _code(writer, decision.condition.opposite())
        if depends(writer.first, decision.numbers) <= places:
            continue
        if not fits("if ", condition, BODY):
            places |= depends(writer.first, decision.numbers)
            continue
        lines += [*statement("if ", condition, BODY, ":"), *raising(_refused(writer, decision))]
    return lines + (_exactly(writer, sorted(places), root) if places else [])


def _wanted(writer: ClassWriter, instances: list[Instance]) -> tuple[frozenset[Place], list[Decision]]:
    """The axes that must be of the very sizes, and the decisions that can be asked for in every instance."""
    places = writer.baked.union(*map(held, instances))
    own = [dict.fromkeys(d for d in instance.decisions if asked_at_run_time(instance, d)) for instance in instances]
    asked = [decision for decision in own[0] if all(decision in others for others in own)]
    asked = [decision for decision in asked if not _implied(decision, asked)]
    unworded = [decision for decision in asked if decision.words is None]
    if len(unworded) > MOST:
        asked = [decision for decision in asked if decision.words is not None]
    for instance, decisions in zip(instances, own):
        for decision in decisions:
            if decision not in asked and not _implied(decision, [*asked, decision]):
                places |= depends(instance, decision.numbers)
    return places, asked


def _implied(decision: Decision, others: list[Decision]) -> bool:
    """Whether ``n > 4`` goes without saying: beside ``n > 8``, and ``n > n // 2`` always."""
    condition = decision.condition
    if condition is None or condition.op != ">" or decision.words is not None:
        return False
    left, right = condition.parts
    if right.op == "//" and right.parts[0] == left and right.parts[1].op == "literal":
        return bool(right.parts[1].parts[0] > 1)
    return any(
        other.condition is not None
        and (other.condition.op, other.condition.parts[0]) == (">", left)
        and {right.op, other.condition.parts[1].op} == {"literal"}
        and other.condition.parts[1].parts[0] > right.parts[0]
        for other in others
    )


def _code(writer: ClassWriter, condition: Relation) -> Code:
    """A condition over sizes that forward reads."""
    if condition.op in COMPARISONS:
        left, right = (_number(writer, part) for part in condition.parts)
        return operation(condition.op, left, right)
    left, right = (_code(writer, part) for part in condition.parts)
    return BinOp(condition.op, left, right)


def _number(writer: ClassWriter, own: SymExpr) -> Code:
    expanded = writer.first.expand(own)
    return writer.lifting.code(expanded or own, writer.spell)


def _refused(writer: ClassWriter, decision: Decision) -> MessageParts:
    """The author's words, or the condition itself."""
    assert decision.condition is not None
    if decision.words is not None:
        return [part if isinstance(part, str) else _format_number(_number(writer, part)) for part in decision.words]
    relation = flat(_relation_code(decision.condition, writer))
    own: MessageParts = []
    for number in dict.fromkeys(decision.condition.numbers()):
        if depends(writer.first, (number,)):
            own += [", " if own else "", f"{flat(_spelled(number, writer))} = ", _number(writer, number)]
    return [f"{writer.template.name} is built for {relation}, not ", *own, "; build its spec with that --input"]


def _format_number(number: Code) -> str | Code:
    """A number as a part of a message: a text where it is always the same."""
    text = flat(number)
    return text if text.lstrip("-").replace(".", "", 1).isdigit() else number


def _relation_code(condition: Relation, writer: ClassWriter) -> Code:
    if condition.op in COMPARISONS:
        left, right = (_spelled(part, writer) for part in condition.parts)
        return BinOp(condition.op, left, right)
    left, right = (_relation_code(part, writer) for part in condition.parts)
    return BinOp(condition.op, left, right)


def _exactly(writer: ClassWriter, places: list[Place], root: bool) -> list[str]:
    """The sizes that must be the very ones."""
    instances = writer.template.instances
    got = [Atom(writer.read(place)) for place in places]
    wanted = []
    for (at, axis), name in zip(places, got):
        values = [instance.inputs[at].shape[axis] for instance in instances]
        wanted.append(writer.lifting.value(values, [None] * len(values), name.text, _kept(writer)))
    one = len(places) == 1
    left, right = (got[0], wanted[0]) if one else (display(got), display(wanted))
    lines = statement("if ", BinOp("!=", left, right), BODY, ":")
    return [*lines, *raising(_sizes(writer, places, got, wanted, root))]


def _kept(writer: ClassWriter) -> Callable[[str], Code]:
    return lambda name: Atom(f"self.{writer.keep(name)}")


def _spelled(own: SymExpr, writer: ClassWriter) -> Code:
    """A number in the author's words."""

    def name(identifier: str) -> Code:
        owner, _, axis = identifier.rpartition(".")
        return Atom(f"shape({owner})[{axis}]" if owner else identifier)

    return writer.lifting.code(own, name)


def _sizes(writer: ClassWriter, places: list[Place], got: list[Atom], wanted: list[Code], root: bool) -> MessageParts:
    """Which sizes the class is built for, and which came."""
    name = writer.template.name
    if root and len(writer.first.inputs) == 1:
        own = dict(zip(places, got))
        sizes = writer.first.inputs[0].shape
        parts: MessageParts = []
        for axis, size in enumerate(sizes):
            parts += ["x" if axis else "", own.get((0, axis), str(int(size)))]
        fixed = "x".join(str(int(size)) for size in sizes)
        return [f"{name} is built for inputs of {fixed}, not ", *parts, "; build its spec with that --input"]
    first: MessageParts = []
    second: MessageParts = []
    for place, value in zip(got, wanted):
        first += [f"{', ' if first else ''}{place.text} = ", _format_number(value)]
        second += [f"{', ' if second else ''}{place.text} = ", place]
    return [f"{name} is built for ", *first, ", not ", *second, "; build its spec with the --input that gives it"]


def raising(parts: MessageParts) -> list[str]:
    """``raise ValueError(...)`` with a message that fits the lines."""
    pieces = [_escaped(part) if isinstance(part, str) else part for part in parts]
    formatted = any(not isinstance(piece, str) for piece in pieces)
    tokens: list[str] = []
    for piece in pieces:
        if not isinstance(piece, str):
            tokens.append(f"{{{flat(piece)}}}")
        elif piece:
            text = piece.replace("{", "{{").replace("}", "}}") if formatted else piece
            tokens += re.findall(r"\S+\s*|\s+", text)
    indent = BODY + STEP
    whole = f'{indent}raise ValueError({"f" if formatted else ""}"{"".join(tokens)}")'
    if len(whole) <= WIDTH:
        return [whole]
    lines, line = [], ""
    for token in tokens:
        if line and len(indent) + len(STEP) + len(line) + len(token) + 3 > WIDTH:
            lines.append(line)
            line = ""
        line += token
    lines.append(line)
    return [f"{indent}raise ValueError(", *(f"{indent}{STEP}{_quoted(line)}" for line in lines), f"{indent})"]


def _quoted(text: str) -> str:
    """A piece of a message, formatted only where it has something to format."""
    bare = text.replace("{{", "").replace("}}", "")
    return f'f"{text}"' if "{" in bare else f'"{text.replace("{{", "{").replace("}}", "}")}"'


def _escaped(text: str) -> str:
    """A text safe between double quotes."""
    text = text.replace("\\", "\\\\").replace('"', '\\"')
    return "".join(c if c.isprintable() else c.encode("unicode_escape").decode() for c in text)
