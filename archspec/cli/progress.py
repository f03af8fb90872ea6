"""Progress of long work on standard error: a line drawn anew on a terminal, now and then a line elsewhere.

The line is drawn by a thread of its own, so that it moves from the first moment on, while formulas are worked out too.
"""

from __future__ import annotations

import os
import threading
import time
from contextlib import suppress
from types import TracebackType
from typing import TextIO

from archspec.cli.common import columns
from archspec.report.text import duration

WIDTH = 12
DRAWN_EVERY = 0.2
SAID_EVERY = 30.0
"""Seconds between two drawings, and between two lines where there is no terminal."""
CLEAR = "\r\033[K"
_DRAWING = threading.Lock()
"""Held while something is drawn; no process is started then, which would take a locked stream with it."""
if hasattr(os, "register_at_fork"):
    os.register_at_fork(
        before=_DRAWING.acquire, after_in_parent=_DRAWING.release, after_in_child=_DRAWING.release
    )  # fmt: skip


class Bar:
    """How much is done and left, at what speed and for how long; gone from a terminal when the work is over."""

    def __init__(self, what: str, stream: TextIO) -> None:
        self.what = what
        self.stream = stream
        self.terminal = stream.isatty() and os.environ.get("TERM") != "dumb"
        self.started = time.monotonic()
        self.done: tuple[int, int] | None = None
        """How many of how many."""
        self.over = threading.Event()
        self.thread = threading.Thread(target=self._draw_on, daemon=True)

    def __enter__(self) -> Bar:
        self.thread.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.over.set()
        self.thread.join()
        if self.terminal:
            self._write(CLEAR)

    def show(self, done: int, total: int) -> None:
        """Say how far the work is."""
        self.done = done, total

    def line(self) -> str:
        """How far it is in words."""
        seconds = time.monotonic() - self.started
        if self.done is None:
            return f"[{'-' * WIDTH}] preparing, {duration(seconds)}"
        done, total = self.done
        filled = WIDTH * done // max(1, total)
        made = f"[{'#' * filled}{'-' * (WIDTH - filled)}] {done:,} of {total:,} {self.what}, {total - done:,} left"
        if not done:
            return f"{made}, formulas are worked out, {duration(seconds)}"
        if done == total:
            return f"{made}, finishing, {duration(seconds)}"
        rate = done / max(1e-9, seconds)
        return f"{made} at {rate:,.0f}/s, {duration((total - done) / rate)} to go"

    def _draw_on(self) -> None:
        while not self.over.wait(DRAWN_EVERY if self.terminal else SAID_EVERY):
            if self.terminal:
                self._write(CLEAR + self.line()[: columns(self.stream) - 1])
            else:
                self._write(self.line().partition("] ")[2] + "\n")

    def _write(self, text: str) -> None:
        with _DRAWING, suppress(OSError, ValueError):
            self.stream.write(text)
            self.stream.flush()
