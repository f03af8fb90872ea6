"""Which weights of one model another can take: by key and shape, or under another name where that is certain."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from math import prod

from archspec.checkpoints.load import extern_paths
from archspec.comparison.align import HeldWeight, held_by, signature, unique_pairs
from archspec.comparison.renames import checkpoint_block
from archspec.graph.nodes import Instance


@dataclass(frozen=True)
class StateTensor:
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
class WeightTransfer:
    """A's parameters and buffers seen from B.

    Every key of B is ``carried`` (A has it in the same shape), ``misshapen`` or ``new``; the keys of A that B has not
    are ``left``. ``renamed`` are those of ``new`` and ``left`` that are the same part of the model under another name,
    where nothing else could be meant; ``map`` is a ``checkpoint`` block for B that reads them. ``outside`` are
    beginnings of keys that only a class of Python from outside knows.
    """

    carried: tuple[StateTensor, ...]
    misshapen: tuple[Misshapen, ...]
    new: tuple[StateTensor, ...]
    left: tuple[StateTensor, ...]
    renamed: tuple[Renamed, ...]
    map: tuple[str, ...]
    outside: tuple[str, ...] = ()


def weight_transfer(a: Instance, b: Instance, moves: Iterable[tuple[str, str]], layout: str) -> WeightTransfer:
    """What of A's state B can take.

    Args:
        moves: paths of layers in A and in B that are known to be the same layer under another name.
        layout: what to call the ``checkpoint`` block.
    """
    mine, theirs = dict(held_by(a)), dict(held_by(b))
    shapes = {key: tuple(map(int, held[0].shape)) for key, held in mine.items()}
    wanted = {key: tuple(map(int, held[0].shape)) for key, held in theirs.items()}
    left = {key: held for key, held in mine.items() if key not in theirs}
    new = {key: held for key, held in theirs.items() if key not in mine}
    pairs, used = _moved({path: old for old, path in moves}, left, new)
    for key, old in pairs.items():
        del left[old], new[key]
    for path, old in _anywhere(left, new, mine, theirs).items():
        used[path] = old
        pairs |= {key: old + key[len(path) :] for key in new if key.startswith(f"{path}.")}
    carried = tuple(StateTensor(key, shape) for key, shape in wanted.items() if shapes.get(key) == shape)
    kept = {tensor.key: tensor.key for tensor in carried} | pairs
    return WeightTransfer(
        carried=carried,
        misshapen=tuple(
            Misshapen(key, shapes[key], shape) for key, shape in wanted.items() if shapes.get(key, shape) != shape
        ),
        new=tuple(StateTensor(key, shape) for key, shape in wanted.items() if key not in shapes),
        left=tuple(StateTensor(key, shape) for key, shape in shapes.items() if key not in wanted),
        renamed=tuple(Renamed(key, pairs[key], wanted[key]) for key in wanted if key in pairs),
        map=checkpoint_block(used, kept, wanted, layout),
        outside=extern_paths(b),
    )


def _moved(
    moves: Mapping[str, str], left: Mapping[str, HeldWeight], new: Mapping[str, HeldWeight]
) -> tuple[dict[str, str], dict[str, str]]:
    """New keys of B with those of A that they were before the innermost move around them, and the moves made use of."""
    pairs: dict[str, str] = {}
    used: dict[str, str] = {}
    for key, held in new.items():
        parts = key.split(".")
        paths = (".".join(parts[:at]) for at in range(len(parts) - 1, 0, -1))
        path = next((path for path in paths if path in moves), None)
        if path is None:
            continue
        old = moves[path] + key[len(path) :]
        if old in left and signature([("", held)]) == signature([("", left[old])]):
            pairs[key] = old
            used[path] = moves[path]
    return pairs, used


def _anywhere(
    left: Mapping[str, HeldWeight],
    new: Mapping[str, HeldWeight],
    mine: Mapping[str, HeldWeight],
    theirs: Mapping[str, HeldWeight],
) -> dict[str, str]:
    """Parts of B with the parts of A that hold the same tensors, each the only one of its kind; the outermost."""
    ours, other = _parts(left, mine), _parts(new, theirs)
    pairs = {into: old for old, into in unique_pairs(ours, other, signature).items()}
    return {
        into: old
        for into, old in pairs.items()
        if not any(into.startswith(f"{path}.") and old.startswith(f"{pairs[path]}.") for path in pairs)
    }


def _parts(free: Mapping[str, HeldWeight], all_keys: Mapping[str, HeldWeight]) -> dict[str, dict[str, HeldWeight]]:
    """The parts of a model whose keys are all free, each with what is below it."""
    found: dict[str, dict[str, HeldWeight]] = {}
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
