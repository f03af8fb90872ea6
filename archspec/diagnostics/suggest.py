"""Names close to one that was not found."""

from __future__ import annotations

from collections.abc import Iterable
from heapq import nlargest

RENAMED = {
    "classes": "num_classes",
    "channels": "in_chans",
    "drop_path": "drop_path_rate",
    "drop_rate": "drop_path_rate",
    "dropout": "drop_rate",
}
"""What parameters of shipped models and modules were called before, with the names that they have now."""
LONGEST = 60
"""Names of more characters are near to none."""
CLOSEST = 100
"""So many names, those with most letters in common, are compared letter by letter."""


def did_you_mean(name: str, candidates: Iterable[str]) -> str | None:
    """The candidate nearest to ``name``, or None where none is near enough to be a slip of the hand."""
    from difflib import get_close_matches

    pool = {candidate.lower(): candidate for candidate in candidates if candidate != name}
    own = name.lower()
    if own in pool:
        return pool[own]
    if len(own) > LONGEST:
        return None
    letters = set(own)
    alike = nlargest(CLOSEST, (other for other in pool if len(other) <= LONGEST), lambda other: _shared(letters, other))
    near = get_close_matches(own, alike, n=1, cutoff=0.6)
    return pool[near[0]] if near else None


def _shared(letters: set[str], name: str) -> float:
    """How many of some letters a name has, for its length."""
    return len(letters.intersection(name)) / (len(letters) + len(name))


def suggestion(name: str, candidates: Iterable[str], listing: str = "known names") -> str | None:
    """A help line: the near miss where there is one, else the candidates where they are few."""
    known = sorted(set(candidates))
    if RENAMED.get(name) in known:
        return f"it is called `{RENAMED[name]}`"
    near = did_you_mean(name, known)
    if near is not None:
        return f"did you mean `{near}`?"
    if known and len(known) <= 24:
        return f"{listing}: {', '.join(known)}"
    return None
