"""The resolved spec as a pydantic schema, to JSON and back."""

from __future__ import annotations

from typing import Literal  # noqa: F401  pydantic before 2.10 looks here for what inherited annotations mention

from pydantic import BaseModel, ConfigDict, model_validator

from archspec.spec import structure
from archspec.spec.resolved import Given, Resolved  # noqa: F401
from archspec.syntax import tree  # noqa: F401


class Spec(BaseModel, Resolved, frozen=True):
    """A resolved spec that JSON can hold; see :class:`~archspec.spec.resolved.Resolved` for its fields."""

    model_config = ConfigDict(extra="forbid", defer_build=True, protected_namespaces=())

    @classmethod
    def of(cls, resolved: Resolved) -> Spec:
        """The schema of what was resolved, which needs no second check."""
        return cls.model_construct(**resolved.fields())

    @model_validator(mode="after")
    def _could_come_from_a_text(self) -> Spec:
        """What is read from JSON must hold nothing that a text could not: the stages behind rely on it."""
        structure.hold(self)
        return self
