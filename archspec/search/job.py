"""What a search evaluates, what comes of it, and who is told how far it is."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from archspec.search.columns import Watcher, quietly
from archspec.search.space import Space
from archspec.search.where import Filter
from archspec.spec.resolved import Resolved

Progress = Callable[[int, int], None]
"""Is told how many variants are worked out, and of how many."""


def telling(progress: Progress | None, total: int) -> Watcher:
    """Tells somebody who knows neither rows nor parts."""
    return quietly if progress is None else lambda rows: progress(rows, total)


@dataclass(frozen=True, eq=False)
class Job:
    """What a sweep evaluates. It can be sent to another process; equal digests mean equal results.

    ``specs`` holds the model for each combination of those options that are no numbers.
    """

    specs: Mapping[tuple[str, ...], Resolved]
    space: Space
    metrics: tuple[str, ...]
    where: Filter
    batch: int = 1
    dtype: str = "float32"
    allow_extern: bool = False

    @cached_property
    def digest(self) -> str:
        """A hash of everything that results hang on."""
        from archspec import __version__

        texts = [
            __version__,
            self.space.digest,
            repr(self.metrics),
            self.where.text,
            f"{self.batch} {self.dtype} {self.allow_extern}",
        ]
        for key, spec in self.specs.items():
            texts += [repr(key), spec.name, repr((spec.file, spec.input_shape, spec.given))]
            texts.append(repr(sorted(spec.sources.items())))
        return hashlib.sha256("\0".join(texts).encode()).hexdigest()

    def __hash__(self) -> int:
        return hash(self.digest)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Job) and self.digest == other.digest


@dataclass
class JobPart:
    """Rows of a job: those kept with their figures, how many were evaluated, and what was wrong with how many.

    For ``undefined`` of them the job's condition has no value; they are not kept.
    """

    rows: Any
    figures: dict[str, Any]
    counted: int
    refused: Counter[str] = field(default_factory=Counter)
    undefined: int = 0
