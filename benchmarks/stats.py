"""The cost of PoolFormer-M36 from a shell: ``archspec stats``, and the usual route through timm and fvcore.

Run it with ``python -m benchmarks.stats``. Each row is a process of its own, from its start to its end, and they take
turns, so that what else the machine does falls on all alike; the ratio is what counts. Below them, what a call of
``archspec.stats`` takes in a process that has made one before.
"""

from __future__ import annotations

import importlib.util
import os
import statistics
import subprocess
import sys
import time
from pathlib import Path

import archspec

ROOT = Path(__file__).resolve().parent.parent
SPEC = "specs/poolformer_m36.arch"
ROUNDS = 5
CALLS = 200

USUAL = """
import torch
from tests.timm_models import import_timm
timm = import_timm()
from fvcore.nn import FlopCountAnalysis
model = timm.create_model("poolformer_m36").eval()
print(sum(p.numel() for p in model.parameters()), FlopCountAnalysis(model, torch.zeros(1, 3, 224, 224)).total())
"""

OURS, BARE, THEIRS = "archspec stats", "archspec stats, nothing cached", "timm and fvcore"
WAYS: dict[str, tuple[list[str], dict[str, str]]] = {
    OURS: (["-m", "archspec", "stats", SPEC], {}),
    BARE: (["-m", "archspec", "stats", SPEC], {"ARCHSPEC_CACHE_DIR": "off"}),
    THEIRS: (["-c", USUAL], {}),
    "import lark, pydantic": (["-c", "import lark, pydantic"], {}),
    "python, doing nothing": (["-c", ""], {}),
}


def run(way: str) -> tuple[float, float]:
    """Seconds of a whole process: on the clock, and of the processor."""
    arguments, variables = WAYS[way]
    before, start = os.times(), time.perf_counter()
    done = subprocess.run(
        [sys.executable, *arguments], cwd=ROOT, env={**os.environ, **variables}, capture_output=True, text=True
    )
    wall, after = time.perf_counter() - start, os.times()
    if done.returncode:
        sys.exit(f"{way} failed:\n{done.stderr}")
    used = after.children_user - before.children_user + after.children_system - before.children_system
    return wall, used


def warm() -> float:
    """Seconds of a call in a process that is warm."""
    times = []
    archspec.stats(ROOT / SPEC)
    for _ in range(CALLS):
        start = time.perf_counter()
        archspec.stats(ROOT / SPEC)
        times.append(time.perf_counter() - start)
    return statistics.median(times)


def main() -> None:
    """Time all ways in turn, and print medians and the ratio."""
    ways = list(WAYS)
    missing = [name for name in ("timm", "fvcore") if importlib.util.find_spec(name) is None]
    if missing:
        print(f"not installed, so there is nothing to compare with: {', '.join(missing)}")
        ways.remove(THEIRS)
    run(OURS)  # fills the cache, as the first use of a spec does
    times: dict[str, list[tuple[float, float]]] = {way: [] for way in ways}
    for index in range(ROUNDS):
        for way in ways if index % 2 else reversed(ways):
            if sys.stderr.isatty():
                print(f"\r\033[Kround {index + 1}/{ROUNDS}: {way}", end="", file=sys.stderr, flush=True)
            times[way].append(run(way))
    if sys.stderr.isatty():
        print("\r\033[K", end="", file=sys.stderr, flush=True)
    print(f"{'a whole process':32}{'wall':>10}{'processor':>12}")
    for way in ways:
        wall, used = (statistics.median(column) for column in zip(*times[way]))
        print(f"{way:32}{1000 * wall:>7.0f} ms{1000 * used:>9.0f} ms")
    if THEIRS in times:
        for way in (OURS, BARE):
            ratio = statistics.median(theirs / ours for (theirs, _), (ours, _) in zip(times[THEIRS], times[way]))
            print(f"{THEIRS} takes {ratio:.1f} times as long as {way}")
    print(f"a call of archspec.stats in a warm process: {1000 * warm():.1f} ms")


if __name__ == "__main__":
    main()
