"""Executors by name: threads, processes, or a Dask scheduler's address."""

from __future__ import annotations

import re
import signal
from collections.abc import Callable, Iterator
from concurrent.futures import Executor, Future, ProcessPoolExecutor, ThreadPoolExecutor
from contextlib import contextmanager
from typing import Any, TypeVar

from archspec.diagnostics import SpecError
from archspec.search.problems import BadExecutor, NeedsPackage
from archspec.source import NOWHERE

T = TypeVar("T")
MOST_WORKERS = 1024


class Processes(ProcessPoolExecutor):
    """Processes that leave an interrupt from the keyboard, which goes to all of them, to the one that sweeps.

    What a submission starts is born with interrupts held back, so that there is no moment in which one would count.
    """

    def submit(self, fn: Callable[..., T], /, *args: Any, **kwargs: Any) -> Future[T]:
        """Have a function run in one of the processes."""
        if not hasattr(signal, "pthread_sigmask"):
            return super().submit(fn, *args, **kwargs)
        before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
        try:
            return super().submit(fn, *args, **kwargs)
        finally:
            signal.pthread_sigmask(signal.SIG_SETMASK, before)


POOLS: dict[str, type[Executor]] = {"threads": ThreadPoolExecutor, "processes": Processes}


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
    pool = POOLS[kind](max_workers=int(count) if count else None)  # type: ignore[call-arg]
    try:
        yield pool
    finally:
        pool.shutdown(wait=True, cancel_futures=True)


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
