"""Which weights of one model another can take: by key and shape, or under another name where that is certain."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from math import prod

from archspec.checkpoints.load import extern_paths
from archspec.explore.align import Held, held_by, signature, unique_pairs
from archspec.graph.nodes import Instance


@dataclass(frozen=True)
class Tensor:
    """A parameter or buffer of a model."""

    key: str
    shape: tuple[int, ...]

    @property
    def numel(self) -> int:
        """Its numbers."""
        return prod(self.shape)


@dataclass(frozen=True)
class Misshapen:
    """A key of both models with other shapes; ``before`` is A's."""

    key: str
    before: tuple[int, ...]
    after: tuple[int, ...]


@dataclass(frozen=True)
class Renamed:
    """A tensor of B that A has under another key, ``old_key``."""

    key: str
    old_key: str
    shape: tuple[int, ...]


@dataclass(frozen=True)
class Weights:
    """A's parameters and buffers seen from B.

    Every key of B is ``carried`` (A has it in the same shape), ``misshapen`` or ``new``; the keys of A that B has not
    are ``left``. ``renamed`` are those of ``new`` and ``left`` that are the same part of the model under another name,
    where nothing else could be meant; ``map`` is a ``checkpoint`` block for B that reads them. ``outside`` are
    beginnings of keys that only a class of Python from outside knows.
    """

    carried: tuple[Tensor, ...]
    misshapen: tuple[Misshapen, ...]
    new: tuple[Tensor, ...]
    left: tuple[Tensor, ...]
    renamed: tuple[Renamed, ...]
    map: tuple[str, ...]
    outside: tuple[str, ...] = ()


def weights_between(a: Instance, b: Instance, moves: Iterable[tuple[str, str]], layout: str) -> Weights:
    """What of A's state B can take.

    Args:
        moves: paths of layers in A and in B that are known to be the same layer under another name.
        layout: what to call the ``checkpoint`` block.
    """
    mine, theirs = dict(held_by(a)), dict(held_by(b))
    shapes = {key: tuple(map(int, held[0].shape)) for key, held in mine.items()}
    wanted = {key: tuple(map(int, held[0].shape)) for key, held in theirs.items()}
    prefixes = _local(moves, mine, theirs)
    taken = {ours for ours, _ in _keys(prefixes, mine)}
    given = {other for _, other in _keys(prefixes, mine)}
    left = {key: held for key, held in mine.items() if key not in theirs and key not in taken}
    new = {key: held for key, held in theirs.items() if key not in mine and key not in given}
    prefixes |= _anywhere(left, new, mine, theirs)
    pairs = _keys(prefixes, mine)
    return Weights(
        carried=tuple(Tensor(key, shape) for key, shape in wanted.items() if shapes.get(key) == shape),
        misshapen=tuple(
            Misshapen(key, shapes[key], shape) for key, shape in wanted.items() if shapes.get(key, shape) != shape
        ),
        new=tuple(Tensor(key, shape) for key, shape in wanted.items() if key not in shapes),
        left=tuple(Tensor(key, shape) for key, shape in shapes.items() if key not in wanted),
        renamed=tuple(sorted((Renamed(new, old, wanted[new]) for old, new in pairs), key=lambda r: r.key)),
        map=_block(prefixes, {new: old for old, new in pairs}, wanted, layout),
        outside=extern_paths(b),
    )


def _keys(prefixes: Mapping[str, str], mine: Iterable[str]) -> list[tuple[str, str]]:
    """Keys of A and of B that lie under paths of A and of B."""
    return [
        (key, theirs + key[len(ours) :])
        for ours, theirs in prefixes.items()
        for key in mine
        if key.startswith(f"{ours}.")
    ]


def _local(moves: Iterable[tuple[str, str]], mine: Mapping[str, Held], theirs: Mapping[str, Held]) -> dict[str, str]:
    """The moves that can be carried whole: all keys below are left in A, new in B, and fit."""
    found: dict[str, str] = {}
    for old, new in moves:
        ours, other = _below(old, mine), _below(new, theirs)
        free = not any(f"{old}.{key}" in theirs for key in ours) and not any(f"{new}.{key}" in mine for key in other)
        inside = any(old.startswith(f"{path}.") for path in found)
        if ours and free and not inside and signature(ours) == signature(other):
            found[old] = new
    return found


def _anywhere(
    left: Mapping[str, Held], new: Mapping[str, Held], mine: Mapping[str, Held], theirs: Mapping[str, Held]
) -> dict[str, str]:
    """Parts of A and of B with the same tensors inside, each the only one of its kind; the outermost of each."""
    ours, other = _parts(left, mine), _parts(new, theirs)
    pairs = unique_pairs(ours, other, signature)
    return {
        old: into
        for old, into in pairs.items()
        if not any(old.startswith(f"{path}.") and into.startswith(f"{pairs[path]}.") for path in pairs)
    }


def _parts(free: Mapping[str, Held], all_keys: Mapping[str, Held]) -> dict[str, dict[str, Held]]:
    """The parts of a model whose keys are all free, each with what is below it."""
    found: dict[str, dict[str, Held]] = {}
    spoilt: set[str] = set()
    for key, held in all_keys.items():
        parts = key.split(".")
        for at in range(1, len(parts)):
            path = ".".join(parts[:at])
            if key in free:
                found.setdefault(path, {})[".".join(parts[at:])] = held
            else:
                spoilt.add(path)
    return {path: held for path, held in found.items() if path not in spoilt}


def _below(path: str, keys: Mapping[str, Held]) -> dict[str, Held]:
    return {key[len(path) + 1 :]: held for key, held in keys.items() if key.startswith(f"{path}.")}


def _block(prefixes: Mapping[str, str], old: Mapping[str, str], wanted: Iterable[str], layout: str) -> tuple[str, ...]:
    """The ``checkpoint`` block: a line for each move, one for many where they differ in places of lists alone."""
    groups: dict[tuple[str, str], list[tuple[str, str]]] = {}
    for ours, theirs in prefixes.items():
        groups.setdefault(_pattern(ours, theirs), []).append((ours, theirs))
    lines = []
    for (ours, theirs), moves in groups.items():
        whole = all(_read(key, ours, theirs) in (None, old.get(key)) for key in wanted)
        lines += [(ours, theirs)] if whole else moves
    if not lines:
        return ()
    return (f"checkpoint {layout} {{", *(f'    "{ours}" -> "{theirs}"' for ours, theirs in lines), "}")


def _pattern(ours: str, theirs: str) -> tuple[str, str]:
    one, two = ours.split("."), theirs.split(".")
    if [part for part in one if part.isdigit()] != [part for part in two if part.isdigit()]:
        return ours, theirs
    starred = (".".join("*" if part.isdigit() else part for part in parts) for parts in (one, two))
    return next(starred), next(starred)


def _read(key: str, ours: str, theirs: str) -> str | None:
    """The key of A that a line gives for a key of B, or None where the line does not fit it."""
    parts, pattern = key.split("."), theirs.split(".")
    if len(parts) <= len(pattern) or any(p not in ("*", q) for p, q in zip(pattern, parts)):
        return None
    stars = iter([q for p, q in zip(pattern, parts) if p == "*"])
    return ".".join([next(stars) if part == "*" else part for part in ours.split(".")] + parts[len(pattern) :])
