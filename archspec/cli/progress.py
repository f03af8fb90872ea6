"""Progress of long work on a terminal, and nothing where there is none."""

from __future__ import annotations

import time
from types import TracebackType
from typing import TextIO

WIDTH = 12
EVERY = 0.1
"""Seconds between two drawings."""


class Bar:
    """A bar that is drawn anew in its line, with a rate and the time left, and is gone when the work is done."""

    def __init__(self, what: str, stream: TextIO) -> None:
        self.what = what
        self.stream = stream
        self.started = self.drawn = time.monotonic()

    def __enter__(self) -> Bar:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        if self.stream.isatty():
            self.stream.write("\r\033[K")
            self.stream.flush()

    def show(self, done: int, total: int) -> None:
        """Say how far the work is."""
        now = time.monotonic()
        if not self.stream.isatty() or now - self.drawn < EVERY:
            return
        self.drawn = now
        filled = WIDTH * done // max(1, total)
        rate = done / max(1e-9, now - self.started)
        left = (total - done) / rate if rate else 0.0
        bar = "#" * filled + "-" * (WIDTH - filled)
        self.stream.write(f"\r\033[K[{bar}] {done:,} of {total:,} {self.what}, {rate:,.0f}/s, {left:.0f} s left")
        self.stream.flush()
