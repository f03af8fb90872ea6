"""Many programs in several processes, and what came of them."""

from __future__ import annotations

import linecache
import os
import signal
import sys
import warnings
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait
from contextlib import contextmanager
from dataclasses import dataclass, field
from multiprocessing import get_context
from time import monotonic
from typing import Any

from archspec.opdef.registry import op_names
from tests.fuzz.agree import Difference, Refused, Roads, agree, opened
from tests.fuzz.programs import Program, write

AT_ONCE = 10
SLOW = 60
FIXED = "E0333"
"""What a model says whose weights follow the size of its input, when it is given another."""


@dataclass
class Finding:
    """A program on which something differs, or that is refused."""

    kind: str
    index: int
    text: str
    params: dict[str, Any]
    input_shape: tuple[int, ...] | None
    words: str
    model: str | None = None
    times: int = 1


@dataclass
class Tally:
    """What came of the programs so far."""

    seed: int
    programs: int = 0
    seconds: float = 0.0
    roads: Counter[str] = field(default_factory=Counter)
    refused: Counter[str] = field(default_factory=Counter)
    different: int = 0
    ops: Counter[str] = field(default_factory=Counter)
    findings: dict[str, Finding] = field(default_factory=dict)

    def take(self, other: Tally) -> None:
        """Add what another process found."""
        self.programs += other.programs
        self.different += other.different
        self.roads.update(other.roads)
        self.refused.update(other.refused)
        self.ops.update(other.ops)
        for finding in other.findings.values():
            self.note(finding)
        self.findings = dict(sorted(self.findings.items()))

    def note(self, finding: Finding) -> None:
        """Keep the shortest text of each kind."""
        known = self.findings.get(finding.kind)
        if known is None:
            self.findings[finding.kind] = finding
            return
        times = known.times + finding.times
        if (len(finding.text), finding.index) < (len(known.text), known.index):
            self.findings[finding.kind] = known = finding
        known.times = times

    def lines(self) -> list[str]:
        """The summary."""
        refused = sum(self.refused.values())
        share = 100 * refused / max(1, self.programs)
        codes = ", ".join(f"{code}: {count}" for code, count in self.refused.most_common()) or "none"
        never = sorted(op_names() - set(self.ops))
        return [
            f"seed {self.seed}: {self.programs} programs in {self.seconds:.0f} s",
            f"refused: {refused} ({share:.1f}%; {codes})",
            "compared on: " + ", ".join(f"{road} {count}" for road, count in self.roads.most_common()),
            f"ops never used: {', '.join(never) or 'none'}",
            f"different: {self.different}",
        ]


class TooSlow(Exception):
    """A program took longer than any may."""


def campaign(
    seed: int, count: int, minutes: float, jobs: int, every: int, progress: Callable[[Tally], None] = lambda tally: None
) -> Tally:
    """Write ``count`` programs from a seed, or as many as there is time for, and hold each against itself."""
    started, tally = monotonic(), Tally(seed)
    with ProcessPoolExecutor(jobs, mp_context=get_context("spawn"), initializer=_alone) as pool:
        chunks = (range(at, min(at + AT_ONCE, count)) for at in range(0, count, AT_ONCE))
        running: set[Future[Tally]] = set()
        while True:
            while len(running) < 2 * jobs and monotonic() - started < 60 * minutes:
                chunk = next(chunks, None)
                if chunk is None:
                    break
                running.add(pool.submit(held, seed, chunk, every))
            if not running:
                break
            done, running = wait(running, return_when=FIRST_COMPLETED)
            for future in done:
                tally.take(future.result())
            tally.seconds = monotonic() - started
            progress(tally)
    return tally


def held(seed: int, indices: range, every: int) -> Tally:
    """Programs held one after the other."""
    tally = Tally(seed)
    for index in indices:
        program = write(f"{seed}/{index}")
        with time_limit(SLOW):
            hold(tally, index, program, index % every == 0)
        tally.programs += 1
        _forget()
    return tally


def hold(tally: Tally, index: int, program: Program, costly: bool) -> None:
    """One program with its cases on all roads; the first finding ends it."""
    for at, case in enumerate(program.cases):
        roads = Roads(built=not at, counts=costly, json=not at, count=tally.roads, ops=tally.ops)
        try:
            found = agree(program.text, case.params, case.input_shape, case.made, roads, case.model)
            if found is None and at and costly and case.model == program.cases[0].model:
                tally.roads["at()"] += 1
                found = opened(program.text, case.params, case.input_shape, case.model)
        except TooSlow:
            found = Difference("slow", f"over {SLOW} s")
        if isinstance(found, Refused) and at and found.code == FIXED and case.input_shape is not None:
            tally.roads["fixed to its size"] += 1
            continue
        if found is None:
            continue
        if isinstance(found, Refused):
            kind = f"refused: {found.code}"
            tally.refused[found.code] += 1
        else:
            kind = found.kind
            tally.different += 1
        tally.note(Finding(kind, index, program.text, case.params, case.input_shape, found.words, case.model))
        return


@contextmanager
def time_limit(seconds: int) -> Iterator[None]:
    """An exception where it takes longer."""

    def ring(number: int, frame: Any) -> None:
        raise TooSlow

    before = signal.signal(signal.SIGALRM, ring)
    signal.alarm(seconds)
    try:
        yield
    finally:
        signal.alarm(0)
        signal.signal(signal.SIGALRM, before)


def _alone() -> None:
    """A process of its own: one thread, and no warnings."""
    import torch

    os.environ["OMP_NUM_THREADS"] = "1"
    torch.set_num_threads(1)
    warnings.simplefilter("ignore")


def _forget() -> None:
    """Let go of the modules that were compiled, so that many programs do not fill the memory."""
    for name in [name for name in sys.modules if name.startswith("archspec.generated.")]:
        del sys.modules[name]
    linecache.clearcache()
