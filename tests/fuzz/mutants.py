"""Mutants of shipped, wrong and written specs: whatever is given, ``ArchspecError`` alone comes out, in time and space.

``run(minutes, seed)`` mutates texts, compiles what comes of them, and reports anything else than an
:class:`~archspec.ArchspecError`, more than two seconds of CPU, more than 500 MB. A mutant follows from its seed and
number alone. Each worker is a process of its own; one that dies is replaced, and its mutant is a finding.
"""

from __future__ import annotations

import json
import os
import re
import resource
import signal
import sys
import traceback
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from functools import lru_cache
from multiprocessing import get_context
from multiprocessing.connection import Connection, wait
from pathlib import Path
from random import Random
from time import monotonic, process_time
from types import FrameType
from typing import Any

from tests.fuzz.mutate import mutant
from tests.fuzz.tamper import compiled, json_of, tampered

ROOT = Path(__file__).resolve().parents[2]
SECONDS = 2.0
MEGABYTES = 500
HARD = 30
"""Seconds of CPU after which a worker that does not listen is ended."""
CHUNK = 250
OPENED, TAMPERED, SHOWN, BUILT = 16, 16, 8, 2
"""Every so many mutants: figures by formula, JSON that was tampered with, the whole report, and the family's source."""


class OverTime(BaseException):
    """More CPU than any spec may take; no ``except Exception`` holds it."""


@dataclass(frozen=True)
class Finding:
    """A mutant that broke its promise, and how."""

    index: int
    kind: str
    text: str
    words: str


@lru_cache(maxsize=1)
def shipped() -> tuple[str, ...]:
    """The texts that mutants come from, besides those that are written for each."""
    paths = [*(ROOT / "specs").rglob("*.arch"), *(ROOT / "tests" / "cases").rglob("*.arch")]
    return tuple(path.read_text(encoding="utf-8") for path in sorted(paths))


def text_of(seed: int, index: int) -> str:
    """The mutant of a seed and a number."""
    random = Random(f"{seed}/{index}")
    return mutant(random, _source(random, seed), _source(random, seed))


def _source(random: Random, seed: int) -> str:
    """A text to mutate: half of them are written, and of long ones a part is taken."""
    from tests.fuzz.programs import write

    if random.random() < 0.5:
        with suppress(Exception):  # what keeps a program from being written is for those who hold programs
            return write(f"{seed}/{random.randrange(2000)}").text
    text = random.choice(shipped())
    pieces = re.split(r"\n(?=(?:module|model|use|extern) )", text)
    if len(text) > 3000 and random.random() < 0.8:
        keep = {random.randrange(len(pieces)) for _ in range(4)}
        pieces = [piece for at, piece in enumerate(pieces) if at in keep or piece.startswith("use ")]
    return "\n".join(pieces)


def hold(text: str, index: int) -> None:
    """Compile a mutant in the ways that are its turn; what is wrong with it is an ArchspecError.

    Raises:
        BaseException: anything else, which is a finding.
    """
    import archspec
    from archspec.spec import files
    from archspec.spec.resolve import model_names

    random = Random(index)
    loaded = files.load(text + "\n")
    for model in model_names(loaded)[:2]:
        _anew()
        report = archspec.check(text + "\n", model=model)
        if index % SHOWN == 0:
            json.dumps(report.to_dict())
        if index % BUILT == 0:
            _refused(lambda model=model: archspec.generate_source(text + "\n", model=model))
        if index % OPENED == 1:
            _open(report, random)
    if index % TAMPERED == 2 and model_names(loaded):
        data = json.loads(archspec.load_spec(text + "\n", model=model_names(loaded)[0]).model_dump_json())
        _anew()
        compiled(tampered(random, data), index)


def _open(report: Any, random: Random) -> None:
    """Figures of other sizes by formula."""
    names = [name for name, value in report.root.args.items() if isinstance(value, (int, float, tuple))]
    names += ["h", "w", "n", "batch"]
    for name in random.sample(names, min(2, len(names))):
        given = report.root.args.get(name, 7)
        with_other = (
            [random.choice((1, 2, 5, 64)) for _ in given] if isinstance(given, tuple) else random.choice((1, 3, 40))
        )
        _refused(lambda name=name, value=with_other: report.at(**{name: value}))


def _anew() -> None:
    """Each call of the compiler has its own seconds."""
    signal.setitimer(signal.ITIMER_PROF, SECONDS)


def _refused(what: Any) -> None:
    from archspec import ArchspecError

    _anew()
    try:
        what()
    except ArchspecError as error:
        str(error)


def kind_of(text: str, index: int) -> tuple[str, str]:
    """What a mutant does: "" and the codes of its problems where all is well, else what broke, and words on it."""
    from archspec import ArchspecError

    def codes() -> str:
        try:
            hold(text, index)
        except ArchspecError as error:
            str(error)
            return " ".join(sorted({item.code for item in error.diagnostics}))
        return "ok"

    return _outcome(codes)


def kind_of_json(seed: int, index: int) -> tuple[str, str]:
    """The same for the JSON of a seed and a number."""
    random = Random(f"{seed}/{index}/json")
    data = tampered(random, json.loads(json_of(random, seed)))
    return _outcome(lambda: compiled(data, index))


def _outcome(what: Callable[[], str]) -> tuple[str, str]:
    kind, words = "", ""
    try:
        with _held():
            words = what()
    except OverTime:
        kind, words = "over time", f"more than {SECONDS:.0f} s"
    except MemoryError:
        kind, words = "over memory", f"more than {MEGABYTES} MB"
    except Exception as error:
        frames = traceback.extract_tb(error.__traceback__)
        own = [f"{Path(frame.filename).name}:{frame.name}" for frame in frames if "archspec" in frame.filename]
        kind = f"{type(error).__name__} in {own[-1] if own else 'nothing of ours'}"
        words = traceback.format_exc()[-1500:]
    from archspec.pipeline import forget

    forget()
    return kind, words


@contextmanager
def _held() -> Iterator[None]:
    """At most so much CPU and memory more than there was."""

    def ring(number: int, frame: FrameType | None) -> None:
        raise OverTime

    with open("/proc/self/statm") as file:
        size = int(file.read().split()[0]) * resource.getpagesize()
    before = resource.getrlimit(resource.RLIMIT_AS)
    old = signal.signal(signal.SIGPROF, ring)
    resource.setrlimit(resource.RLIMIT_AS, (size + (MEGABYTES << 20), before[1]))
    signal.setitimer(signal.ITIMER_PROF, SECONDS)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_PROF, 0)
        resource.setrlimit(resource.RLIMIT_AS, before)
        signal.signal(signal.SIGPROF, old)


def _work(seed: int, link: Connection) -> None:
    """A worker: takes ranges of numbers, says which it is at, and gives back findings and codes."""
    os.environ["ARCHSPEC_CACHE_DIR"] = os.environ.get("ARCHSPEC_CACHE_DIR", "off")
    from archspec.syntax.parse_tree import parser

    parser()
    kind_of(shipped()[0], 2)
    while (chunk := link.recv()) is not None:
        codes: Counter[str] = Counter()
        for index in chunk:
            spent = int(process_time()) + HARD
            resource.setrlimit(resource.RLIMIT_CPU, (spent, resource.RLIM_INFINITY))
            link.send(index)
            text = text_of(seed, index)
            kind, words = kind_of(text, index)
            codes[kind or words] += 1
            if kind:
                link.send(Finding(index, kind, text, words))
        link.send(codes)


@dataclass
class Campaign:
    """What came of the mutants so far."""

    seed: int
    count: int = 0
    seconds: float = 0.0
    codes: Counter[str] = field(default_factory=Counter)
    findings: list[Finding] = field(default_factory=list)

    def found(self, finding: Finding) -> None:
        """Keep a finding, and say it at once, so that a long campaign can be watched."""
        self.findings.append(finding)
        words = f"mutant {finding.index} ({self.count} done): {finding.kind}\n{finding.words}\n{finding.text[:1500]}"
        print(words, file=sys.stderr, flush=True)


def campaign(seed: int, count: int, minutes: float, jobs: int) -> Campaign:
    """So many mutants of a seed, or as many as there is time for."""
    context = get_context("spawn")
    made = Campaign(seed)
    start = monotonic()
    chunks = (range(at, min(at + CHUNK, count)) for at in range(0, count, CHUNK))
    workers: dict[Any, tuple[Any, range, int]] = {}

    def engage(chunk: range) -> None:
        mine, theirs = context.Pipe()
        process = context.Process(target=_work, args=(seed, theirs), daemon=True)
        process.start()
        theirs.close()
        mine.send(chunk)
        workers[mine] = (process, chunk, chunk.start)

    for _ in range(jobs):
        if (chunk := next(chunks, None)) is not None:
            engage(chunk)
    while workers:
        ready: list[Any] = wait(list(workers))
        for link in ready:
            process, chunk, at = workers[link]
            try:
                said = link.recv()
            except EOFError:
                process.join()
                made.found(Finding(at, f"died with {process.exitcode}", text_of(seed, at), ""))
                del workers[link]
                made.count += at + 1 - chunk.start
                if at + 1 < chunk.stop:
                    engage(range(at + 1, chunk.stop))
                continue
            if isinstance(said, int):
                workers[link] = (process, chunk, said)
            elif isinstance(said, Finding):
                made.found(said)
            else:
                made.codes.update(said)
                made.count += len(chunk)
                made.seconds = monotonic() - start
                following = next(chunks, None) if made.seconds < 60 * minutes else None
                if following is None:
                    link.send(None)
                    process.join()
                    del workers[link]
                else:
                    link.send(following)
                    workers[link] = (process, following, following.start)
    made.seconds = monotonic() - start
    return made


def smallest(finding: Finding, seconds: float = 20.0) -> str:
    """The text of a finding made smaller, line by line and then in brackets, while it breaks in the same way."""
    if finding.kind.startswith("died"):
        return finding.text
    until, lines = monotonic() + seconds, finding.text.split("\n")
    size = len(lines)
    while size and monotonic() < until:
        at = 0
        while at < len(lines) and monotonic() < until:
            fewer = lines[:at] + lines[at + size :]
            if kind_of("\n".join(fewer), finding.index)[0] == finding.kind:
                lines = fewer
            else:
                at += size
        size //= 2
    return "\n".join(lines)


def run(minutes: float = 45.0, seed: int = 0, jobs: int = 2, count: int = 10**9) -> int:
    """Mutate for so long, print what broke, made small, and give the number of findings."""
    made = campaign(seed, count, minutes, jobs)
    common = ", ".join(f"{words} {times}" for words, times in made.codes.most_common(12))
    kinds: dict[str, Finding] = {}
    for finding in sorted(made.findings, key=lambda item: len(item.text)):
        kinds.setdefault(finding.kind, finding)
    for kind, finding in kinds.items():
        times = sum(other.kind == kind for other in made.findings)
        print(f"\n{kind} ({times} times; mutant {finding.index} of seed {seed})\n{finding.words}")
        print(smallest(finding)[:3000], flush=True)
    print(f"seed {seed}: {made.count} mutants in {made.seconds:.0f} s, {len(made.findings)} findings")
    print(f"most often: {common}")
    return len(made.findings)
