"""``python -m tests.fuzz --minutes N [--seed S] [--count N] [--jobs 2]``: random specs, held against each other."""

from __future__ import annotations

import argparse
import re
import sys
import tempfile
from importlib import import_module
from pathlib import Path

from tests.fuzz.campaign import Finding, Tally, campaign
from tests.fuzz.smaller import smaller


def main(argv: list[str] | None = None) -> int:
    """Run, say what came of it, and give 1 where anything differs."""
    parser = argparse.ArgumentParser(prog="python -m tests.fuzz", description=__doc__)
    parser.add_argument("--minutes", type=float, default=1.0, help="stop after so long (default 1)")
    parser.add_argument("--seed", type=int, default=0, help="where the programs come from (default 0)")
    parser.add_argument("--count", type=int, default=10**9, help="stop after so many programs")
    parser.add_argument("--jobs", type=int, default=2, help="processes (default 2)")
    parser.add_argument("--every", type=int, default=4, help="count with fvcore and torch, and ask at(), every so many")
    parser.add_argument("--out", type=Path, help="folder for findings (default: a fresh one)")
    parser.add_argument("--mutants", action="store_true", help="mutate texts of specs instead, and look for tracebacks")
    given = parser.parse_args(argv)
    if given.mutants:
        return int(import_module("tests.fuzz.mutants").run(given.minutes, given.seed, given.jobs, given.count) > 0)
    out = given.out or Path(tempfile.mkdtemp(prefix="archspec-fuzz-"))
    out.mkdir(parents=True, exist_ok=True)
    seen: set[str] = set()

    def progress(tally: Tally) -> None:
        """A finding as soon as it is there, and a line that is written over."""
        for kind in tally.findings.keys() - seen:
            seen.add(kind)
            finding = tally.findings[kind]
            print(f"\n{kind}: program {finding.index}\n{finding.text}\n{finding.words}", flush=True)
        line = f"\r{tally.programs} programs, {tally.different} different, {tally.seconds:.0f} s"
        print(line, end="", file=sys.stderr, flush=True)

    tally = campaign(given.seed, given.count, given.minutes, given.jobs, given.every, progress)
    print(file=sys.stderr)
    print("\n".join(tally.lines()))
    for finding in tally.findings.values():
        print(f"\n{finding.kind} ({finding.times} times; program {finding.index} of seed {given.seed})", flush=True)
        path = write(finding, out)
        print(f"{path}\n{path.read_text()}")
    return 1 if tally.different else 0


def write(finding: Finding, folder: Path) -> Path:
    """A finding, made small, as a file that can be kept as a case."""
    slug = re.sub(r"[^a-z0-9]+", "_", finding.kind.lower()).strip("_")[:60]
    path = folder / f"{slug}.arch"
    path.write_text(smaller(finding))
    return path


if __name__ == "__main__":
    sys.exit(main())
