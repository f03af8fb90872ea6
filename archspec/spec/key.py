"""Specs as keys of what is remembered of them."""

from __future__ import annotations

from archspec.limits import now
from archspec.spec.resolved import Resolved


class SpecKey:
    """A spec as a key: equal where everything that the graph and the source are made from is equal, limits too."""

    def __init__(self, spec: Resolved) -> None:
        self.spec = spec
        scopes = tuple((file, tuple(names.items())) for file, names in spec.scopes.items())
        of_model = (spec.name, spec.doc, spec.file, spec.model, spec.model_file, spec.given, spec.inputs)
        kinds = tuple(type(size) for size in spec.input_shape or ())  # 1, 1.0 and True are equal, and not the same
        self.parts = (
            now(),
            *of_model,
            spec.input_shape,
            kinds,
            tuple(spec.definitions.items()),
            scopes,
            tuple(spec.sources.items()),
        )
        self.hash = hash(self.parts)

    def __hash__(self) -> int:
        return self.hash

    def __eq__(self, other: object) -> bool:
        return isinstance(other, SpecKey) and self.parts == other.parts
