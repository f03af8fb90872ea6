"""Numbers for people."""

from __future__ import annotations

from collections.abc import Sequence


def scaled(value: int, digits: int = 4) -> str:
    """A count with K, M, G or T: 8801876736 is ``8.802G``."""
    for unit, size in (("T", 10**12), ("G", 10**9), ("M", 10**6), ("K", 10**3)):
        if abs(value) >= size:
            text = f"{value / size:.{digits}g}"
            return f"{value / size:.0f}{unit}" if "e" in text else f"{text}{unit}"
    return str(value)


def grouped(count: int) -> str:
    """A count to the last digit, ``1,600,000``, as long as that can be read."""
    return f"{count:,}" if count < 10**30 else "10**30 or more"


def bytes_of(value: int) -> str:
    """Bytes with KiB, MiB or GiB."""
    for unit, size in (("GiB", 2**30), ("MiB", 2**20), ("KiB", 2**10)):
        if value >= size:
            return f"{value / size:.1f} {unit}"
    return f"{value} B"


def whole_shape(sizes: Sequence[int]) -> str:
    """A shape with the batch: ``1x96x56x56``."""
    return "x".join(map(str, sizes))


def duration(seconds: float) -> str:
    """A time to wait: ``48 s``, ``12 min``, ``5 h``, ``30 days``."""
    for unit, size in (("days", 86400), ("h", 3600), ("min", 60)):
        if seconds >= 2 * size:
            return f"{seconds / size:,.0f} {unit}"
    return f"{seconds:.0f} s"


def shape(sizes: Sequence[int]) -> str:
    """A shape without the batch: ``96x56x56``."""
    return whole_shape(sizes[1:]) or "1"
