"""The model that a search varies: how it is loaded, what of it can vary, and the full report of one variant."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from itertools import product
from typing import Any

from archspec.diagnostics import SpecError
from archspec.pipeline import allowed, report_of, resolve_spec
from archspec.report.closed import ClosedForm
from archspec.report.problems import UnknownNumber
from archspec.search.problems import BadOptions
from archspec.search.space import Option, SearchAxis, settings
from archspec.source import NOWHERE
from archspec.spec.asked import plain_params
from archspec.spec.resolved import Resolved

MOST_STRUCTURES = 4096
"""So many combinations of options that are no numbers at most."""


class VariantSource:
    """The model that a search varies: how it is loaded, and what of it can vary."""

    def __init__(
        self,
        spec: str | os.PathLike[str] | Resolved,
        model: str | None,
        params: Mapping[str, Any] | None,
        input_shape: Sequence[int] | int | None,
        allow_extern: bool,
    ) -> None:
        self.args = (spec, model, plain_params(params), input_shape)
        self.allow_extern = allowed(allow_extern)
        self.spec = self.load({})
        form = ClosedForm(self.spec, (), allow_extern=allow_extern)
        if form.pieces[0].error is not None:
            raise form.pieces[0].error
        self.known = form.known
        """Every parameter, entry of one and open size, with the model's own value."""

    def load(self, params: Mapping[str, str]) -> Resolved:
        """The model with some parameters given."""
        spec, model, own, shape = self.args
        if isinstance(spec, Resolved) and not params:
            return resolve_spec(spec, input_shape=shape)
        return resolve_spec(spec, model, {**own, **params}, shape)

    @property
    def parameters(self) -> frozenset[str]:
        """The names of the model's parameters."""
        return frozenset(parameter.name for parameter in self.spec.model.parameters)

    def report(self, variant: Mapping[str, Option], batch: int, dtype: str) -> Any:
        """The full report of one variant."""
        sizes = {name: option.value for name, option in variant.items() if name not in self._named(variant)}
        spec = self.load(settings({n: o for n, o in variant.items() if n not in sizes}, self.known))
        batch = sizes.pop("batch", batch)
        if sizes:
            spec = resolve_spec(spec, input_shape=tuple((self._sizes_of(spec) | sizes).values()))
        return report_of(spec, self.allow_extern, batch, dtype)

    @property
    def sizes(self) -> dict[str, int]:
        """The sizes of the model's input by name."""
        return self._sizes_of(self.spec)

    def _sizes_of(self, spec: Resolved) -> dict[str, int]:
        from archspec.graph.model_inputs import size_names

        (item, *_) = spec.inputs or spec.model.inputs
        own = report_of(spec, self.allow_extern).input[1:]
        names = size_names(item, len(own), ["batch", *self.parameters])
        return dict(zip((name if name in self.known else name.rpartition(".")[2] for name in names), own))

    def _named(self, variant: Mapping[str, Option]) -> set[str]:
        return {name for name in variant if name.partition("[")[0] in self.parameters}

    def check(self, axes: tuple[SearchAxis, ...]) -> None:
        """Check that the model has what is to vary.

        Raises:
            SpecError: it has not.
        """
        for axis in axes:
            if axis.name not in self.known and axis.name != "batch":
                raise SpecError.of(UnknownNumber(NOWHERE, self.spec.name, axis.name, (*self.known, "batch")))
            if axis.name.partition("[")[0] not in self.parameters:
                for option in axis.options:
                    if not isinstance(option.value, int) or option.value < 1:
                        why = "a size is a whole number, 1 or more"
                        raise SpecError.of(BadOptions(NOWHERE, axis.name, option.text, why))

    def specs(self, axes: tuple[SearchAxis, ...]) -> dict[tuple[str, ...], Resolved]:
        """The model for each combination of options that are no numbers.

        Raises:
            SpecError: one is no value of the language, or there are too many.
        """
        made: dict[tuple[str, ...], Resolved] = {}
        kinds = [[kind if isinstance(kind, str) and not _is_kind(axis, kind) else None for kind in axis.structures]
                 for axis in axes]  # fmt: skip
        for choice in product(*(dict.fromkeys(kind) for kind in kinds)):
            named = {axis.name: Option(text) for axis, text in zip(axes, choice) if text is not None}
            made[tuple(text for text in choice if text is not None)] = self.load(settings(named, self.known))
            if len(made) > MOST_STRUCTURES:
                why = f"more than {MOST_STRUCTURES:,} combinations of structures"
                raise SpecError.of(BadOptions(NOWHERE, axes[0].name, "...", why))
        return made


def _is_kind(axis: SearchAxis, kind: str) -> bool:
    """Whether a structure is that of numbers, rather than the text of a choice."""
    return any(option.numeric and option.structure == kind for option in axis.options)


def columns_of(axis: SearchAxis) -> list[str]:
    """The columns of numbers that an axis has."""
    from archspec.search.space import leaves

    whole = all(option.numeric for option in axis.options) and len(axis.structures) == 1
    return [name for name, _ in leaves(axis.name, axis.options[0].value)] if whole else []
