"""A class as text: its pieces, and how they are laid out."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, NamedTuple

from archspec.emit.layout import WIDTH

if TYPE_CHECKING:
    from archspec.emit.class_templates import ClassTemplate

BODY = " " * 8


class Method(NamedTuple):
    """A method: its name, arguments, type and statements, these with their indentation."""

    name: str
    arguments: list[str]
    returns: str
    lines: list[str]

    def laid_out(self) -> list[str]:
        """Its lines."""
        line = f"    def {self.name}({', '.join(self.arguments)}) -> {self.returns}:"
        if len(line) <= WIDTH:
            return [line, *self.lines]
        inner = BODY + ", ".join(self.arguments)
        each = [inner] if len(inner) <= WIDTH else [f"{BODY}{argument}," for argument in self.arguments]
        return [f"    def {self.name}(", *each, f"    ) -> {self.returns}:", *self.lines]


@dataclass
class ClassText:
    """A class of a module, its statements with their indentation.

    ``arguments`` and ``init`` are its constructor's, ``inputs`` and ``forward`` those of what it computes; ``reset``
    fills its parameters again and ``tables`` its tables; ``buffers`` are the names of what is not trained.
    """

    name: str
    doc: list[str]
    arguments: list[str]
    init: list[str]
    inputs: list[str]
    returns: str
    forward_doc: str
    forward: list[str]
    source: ClassTemplate = field(repr=False)
    buffers: list[str]
    reset: list[str]
    tables: list[str]

    def applied(self) -> list[str]:
        """The statements of what it computes, the shapes in front where they fit a line."""
        shapes = f'{BODY}"""{self.forward_doc}"""'
        return [shapes if len(shapes) <= WIDTH else f'{BODY}"""Applies the module."""', *self.forward]

    def content(self) -> tuple[object, ...]:
        """All but the name and the shapes that the documentation shows: classes in which it is equal are one."""
        left_out = ("name", "forward_doc", "source")
        values = (getattr(self, name) for name in self.__dataclass_fields__ if name not in left_out)
        return tuple(tuple(value) if isinstance(value, list) else value for value in values)
