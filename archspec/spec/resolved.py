"""What a spec resolves to: one model with everything it can reach.

Assumes parsed texts; guarantees that every import was found, that every name means something, and that every given
parameter exists. What the values are is decided by the graph. :class:`~archspec.spec.schema.Spec` is the same as a
pydantic schema, to JSON and back; this is all that the stages behind need, and pydantic takes its time to import.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

from archspec.frozen import Frozen
from archspec.source import Source
from archspec.syntax import tree

CALLER = "<parameters>"
"""The name of the text that holds the parameters given by a caller (``--set``, ``params=``)."""


class Given(Frozen):
    """A parameter's value, given by a variant or by the caller; its names are looked up in the scope of ``file``."""

    name: str
    value: tree.Expr
    file: str


@dataclass(frozen=True, kw_only=True)
class Resolved:
    """One model, ready to be compiled.

    ``model`` is the definition with the body; ``given`` overrides its parameters in order (the last one counts);
    ``input_shape`` replaces the declared input size. ``definitions`` holds every module within reach under
    ``"file:name"``, ``scopes`` says for each file what its names mean, ``sources`` keeps the texts for diagnostics.
    """

    format: Literal["archspec.spec/1"] = "archspec.spec/1"
    name: str
    doc: str | None
    file: str
    model: tree.Model
    model_file: str
    given: tuple[Given, ...] = ()
    inputs: tuple[tree.Input, ...] | None = None
    input_shape: tuple[int, ...] | None = None
    expectations: tuple[tree.Expect, ...] = ()
    checkpoints: tuple[tree.Checkpoint, ...] = ()
    definitions: dict[str, tree.Module | tree.Model | tree.Extern | tree.Bind]
    scopes: dict[str, dict[str, str]]
    sources: dict[str, str]

    @property
    def customised(self) -> bool:
        """Whether a caller changed a parameter or the input: the model's own expectations then say nothing."""
        return self.input_shape is not None or any(item.file == CALLER for item in self.given)

    def texts(self) -> dict[str, Source]:
        """The sources by name, as the renderer of diagnostics takes them."""
        return {name: Source(name, text) for name, text in self.sources.items()}

    def fields(self) -> dict[str, Any]:
        """The fields by name."""
        return {name: getattr(self, name) for name in Resolved.__dataclass_fields__}

    def at(self, input_shape: tuple[int, ...] | None) -> Resolved:
        """The same for another input size, without the batch; None for the declared one."""
        return Resolved(**{**self.fields(), "input_shape": input_shape})
