"""Names close to one that was not found."""

from __future__ import annotations

from collections.abc import Iterable


def did_you_mean(name: str, candidates: Iterable[str]) -> str | None:
    """The candidate nearest to ``name``, or None where none is near enough to be a slip of the hand."""
    from difflib import get_close_matches

    pool = {candidate.lower(): candidate for candidate in candidates if candidate != name}
    if name.lower() in pool:
        return pool[name.lower()]
    near = get_close_matches(name.lower(), pool, n=1, cutoff=0.6)
    return pool[near[0]] if near else None


def suggestion(name: str, candidates: Iterable[str], listing: str = "known names") -> str | None:
    """A help line: the near miss where there is one, else the candidates where they are few."""
    known = sorted(set(candidates))
    near = did_you_mean(name, known)
    if near is not None:
        return f"did you mean `{near}`?"
    if known and len(known) <= 24:
        return f"{listing}: {', '.join(known)}"
    return None
