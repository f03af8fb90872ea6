"""Executors by name: threads, processes, or a Dask scheduler's address."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import Executor, ProcessPoolExecutor, ThreadPoolExecutor
from contextlib import contextmanager

from archspec.diagnostics import SpecError
from archspec.explore.problems import BadExecutor, NeedsPackage
from archspec.source import NOWHERE

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
    kind, _, count = text.partition(":")
    if "://" in text:
        with _dask(text) as executor:
            yield executor
        return
    if kind not in POOLS or (count and not (count.isdecimal() and int(count) > 0)):
        raise SpecError.of(BadExecutor(NOWHERE, text))
    with POOLS[kind](max_workers=int(count) if count else None) as pool:  # type: ignore[call-arg]
        yield pool


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
