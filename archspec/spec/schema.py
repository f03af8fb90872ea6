"""The resolved spec as a pydantic schema, to JSON and back."""

from __future__ import annotations

import re
from typing import Literal  # noqa: F401  pydantic before 2.10 looks here for what inherited annotations mention

from pydantic import BaseModel, ConfigDict, model_validator

from archspec.spec.names import every_name
from archspec.spec.resolved import Given, Resolved  # noqa: F401
from archspec.syntax import tree  # noqa: F401

NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")


class Spec(BaseModel, Resolved, frozen=True):
    """A resolved spec that JSON can hold; see :class:`~archspec.spec.resolved.Resolved` for its fields."""

    model_config = ConfigDict(extra="forbid", defer_build=True, protected_namespaces=())

    @classmethod
    def of(cls, resolved: Resolved) -> Spec:
        """The schema of what was resolved, which needs no second check."""
        return cls.model_construct(**resolved.fields())

    @model_validator(mode="after")
    def _names_are_names(self) -> Spec:
        """What is read from JSON must hold no name that a text could not: names become code."""
        for name in (self.name, *self.scopes, *every_name((self.model, self.inputs or (), *self.definitions.values()))):
            if name in self.scopes:
                continue
            if not NAME.fullmatch(name):
                raise ValueError(f"{name!r} is not a name")
        return self
