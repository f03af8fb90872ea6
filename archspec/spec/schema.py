"""The resolved spec as a pydantic schema, to JSON and back.

A :class:`Spec` is one model with everything it can reach. Assumes parsed texts; guarantees that every import was found,
that every name means something, and that every given parameter exists. What the values are is decided by the graph.
"""

from __future__ import annotations

import re
from typing import Literal

from pydantic import BaseModel, ConfigDict, model_validator

from archspec.source import Source
from archspec.syntax import tree

NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")


class Given(BaseModel):
    """A parameter's value, given by a variant or by the caller; its names are looked up in the scope of ``file``."""

    model_config = ConfigDict(frozen=True, extra="forbid", defer_build=True)

    name: str
    value: tree.Expr
    file: str


class Spec(BaseModel):
    """One model, ready to be compiled.

    ``model`` is the definition with the body; ``given`` overrides its parameters in order (the last one counts);
    ``input_shape`` replaces the declared input size. ``definitions`` holds every module within reach under
    ``"file:name"``, ``scopes`` says for each file what its names mean, ``sources`` keeps the texts for diagnostics.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", defer_build=True)

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

    @model_validator(mode="after")
    def _names_are_names(self) -> Spec:
        """What is read from JSON must hold no name that a text could not: names become code."""
        from archspec.spec.names import every_name

        for name in (self.name, *self.scopes, *every_name((self.model, self.inputs or (), *self.definitions.values()))):
            if name in self.scopes:
                continue
            if not NAME.fullmatch(name):
                raise ValueError(f"{name!r} is not a name")
        return self

    @property
    def customised(self) -> bool:
        """Whether a caller changed a parameter or the input: the model's own expectations then say nothing."""
        return self.input_shape is not None or any(item.file == CALLER for item in self.given)

    def texts(self) -> dict[str, Source]:
        """The sources by name, as the renderer of diagnostics takes them."""
        return {name: Source(name, text) for name, text in self.sources.items()}


CALLER = "<parameters>"
"""The name of the text that holds the parameters given by a caller (``--set``, ``params=``)."""
