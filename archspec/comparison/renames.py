"""A ``checkpoint`` block, in the language, that reads layers under the names they had before."""

from __future__ import annotations

from collections.abc import Iterable, Mapping


def checkpoint_block(
    used: Mapping[str, str], kept: Mapping[str, str], wanted: Iterable[str], layout: str
) -> tuple[str, ...]:
    """The ``checkpoint`` block: a line for each move, one for many where they differ in places of lists alone.

    Args:
        used: the paths of B that have another one in A.
        kept: the keys of B that are taken from A, with A's.
        wanted: all keys of B.
    """
    groups: dict[tuple[str, str], list[tuple[str, str]]] = {}
    for theirs, ours in used.items():
        groups.setdefault(_pattern(ours, theirs), []).append((ours, theirs))
    lines: list[tuple[str, str]] = []
    for (ours, theirs), moves in groups.items():
        covered = (_covered(key, ours, theirs) for key in wanted if key in kept)
        lines += [(ours, theirs)] if all(move is None or move in moves for move in covered) else moves
    if not lines:
        return ()
    return (f"checkpoint {layout} {{", *(f'    "{ours}" -> "{theirs}"' for ours, theirs in lines), "}")


def _pattern(ours: str, theirs: str) -> tuple[str, str]:
    one, two = ours.split("."), theirs.split(".")
    if [part for part in one if part.isdigit()] != [part for part in two if part.isdigit()]:
        return ours, theirs
    starred = (".".join("*" if part.isdigit() else part for part in parts) for parts in (one, two))
    return next(starred), next(starred)


def _covered(key: str, ours: str, theirs: str) -> tuple[str, str] | None:
    """The move that a line is for a key of B, or None where the line does not fit it."""
    parts, pattern = key.split("."), theirs.split(".")
    if len(parts) <= len(pattern) or any(p not in ("*", q) for p, q in zip(pattern, parts)):
        return None
    stars = iter([q for p, q in zip(pattern, parts) if p == "*"])
    there = ".".join(next(stars) if part == "*" else part for part in ours.split("."))
    return there, ".".join(parts[: len(pattern)])
