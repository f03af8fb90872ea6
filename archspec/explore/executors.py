"""Executors by name: threads, processes, or a Dask scheduler's address."""

from __future__ import annotations

import re
from collections.abc import Iterator
from concurrent.futures import Executor, ProcessPoolExecutor, ThreadPoolExecutor
from contextlib import contextmanager

from archspec.diagnostics import SpecError
from archspec.explore.problems import BadExecutor, NeedsPackage
from archspec.source import NOWHERE

MOST_WORKERS = 1024
POOLS: dict[str, type[Executor]] = {"threads": ThreadPoolExecutor, "processes": ProcessPoolExecutor}


@contextmanager
def executor_of(text: str | None) -> Iterator[Executor | None]:
    """The executor that ``threads:4``, ``processes`` or ``tcp://host:8786`` names, closed at the end; None for none.

    Raises:
        SpecError: nothing of the kind, no Dask, or no scheduler at the address.
    """
    if text is None:
        yield None
        return
    kind, colon, count = text.partition(":")
    if "://" in text:
        with _dask(text) as executor:
            yield executor
        return
    if kind not in POOLS:
        raise SpecError.of(BadExecutor(NOWHERE, text))
    if colon and not (re.fullmatch("[0-9]{1,4}", count) and 0 < int(count) <= MOST_WORKERS):
        raise SpecError.of(BadExecutor(NOWHERE, text, f"`{count}` is not a number of workers from 1 to {MOST_WORKERS}"))
    own = {"initializer": _ignore_interrupts} if kind == "processes" else {}
    pool = POOLS[kind](max_workers=int(count) if count else None, **own)  # type: ignore[call-arg]
    try:
        yield pool
    finally:
        pool.shutdown(wait=True, cancel_futures=True)


def _ignore_interrupts() -> None:
    """Leave an interrupt from the keyboard, which goes to all processes, to the one that sweeps."""
    import signal

    signal.signal(signal.SIGINT, signal.SIG_IGN)


@contextmanager
def _dask(address: str) -> Iterator[Executor]:
    try:
        from distributed import Client
    except ImportError:
        raise SpecError.of(NeedsPackage(NOWHERE, "a Dask scheduler", "distributed")) from None
    try:
        client = Client(address, timeout="10s")
    except (OSError, ValueError):
        raise SpecError.of(BadExecutor(NOWHERE, address, "no scheduler answers there")) from None
    with client:
        yield client.get_executor()
