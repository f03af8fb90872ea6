"""How far a search is: what it tells its caller, and what a person sees of it on a terminal and in a log."""

from __future__ import annotations

import io
import os
import re
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

import archspec
from archspec import SpecError, fit, sweep
from archspec.cli import progress
from archspec.cli.progress import CLEAR, Bar
from archspec.search import schedule
from tests.conftest import ROOT

PIECES = """
model m(depth = 1, width = 4) on x: [8, 32, 32] {
    first = conv(width, kernel = 1)
    y = first(x)
    for i in range(depth) { y = gelu(y) * (i + 2) }
    return y
}
"""
"""Every depth is a piece of its own."""
VARY = {"depth": "1..12", "width": "1..25"}


class Terminal(io.StringIO):
    """A terminal of 80 columns."""

    def isatty(self) -> bool:
        return True


def test_a_caller_is_told_while_a_part_is_worked_out() -> None:
    told: list[tuple[int, int]] = []
    sweep(PIECES, VARY, checks=0, progress=lambda done, total: told.append((done, total)))
    done = [count for count, _ in told]
    assert {total for _, total in told} == {300}
    assert done == sorted(set(done))
    assert len(done) >= 12
    assert done[-1] == 300


@pytest.mark.parametrize("executor", [None, 2])
def test_a_caller_is_told_of_every_part(executor: int | None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(schedule, "STEP", 70)
    done: list[int] = []
    if executor is None:
        sweep(PIECES, VARY, checks=0, progress=lambda count, total: done.append(count))
    else:
        with ThreadPoolExecutor(executor) as pool:
            sweep(PIECES, VARY, checks=0, executor=pool, progress=lambda count, total: done.append(count))
    assert done == sorted(set(done))
    assert {70, 140, 210, 280, 300} <= set(done)


def test_a_fit_tells_its_caller_too(monkeypatch: pytest.MonkeyPatch) -> None:
    told: list[tuple[int, int]] = []
    fit(PIECES, {"macs": 100_000}, "depth=1..12,width=1..25", progress=lambda done, total: told.append((done, total)))
    assert told[-1] == (300, 300)
    assert len(told) >= 12
    pytest.importorskip("optuna", reason="optuna is not installed")
    monkeypatch.setattr("archspec.search.fit.EXHAUSTIVE", 100)
    monkeypatch.setattr("archspec.search.fit.DRAWN", 200)
    told.clear()
    fit(PIECES, {"macs": 100_000}, "depth=1..12,width=1..25", trials=7,
        progress=lambda done, total: told.append((done, total)))  # fmt: skip
    assert told[-8:] == [(count, 207) for count in range(200, 208)]


def seen(stream: io.StringIO, monkeypatch: pytest.MonkeyPatch, steps: list[tuple[int, int] | None]) -> str:
    """What a stream gets, each step shown for a while."""
    monkeypatch.setattr(progress, "DRAWN_EVERY", 0.01)
    monkeypatch.setattr(progress, "SAID_EVERY", 0.01)
    with Bar("variants", stream) as bar:
        for step in steps:
            if step is not None:
                bar.show(*step)
            before = len(stream.getvalue())
            until = time.monotonic() + 10
            while len(stream.getvalue()) == before and time.monotonic() < until:
                time.sleep(0.01)
    return stream.getvalue()


STEPS = [None, (0, 4_000_000), (1_000_000, 4_000_000), (4_000_000, 4_000_000)]


def test_a_terminal_shows_what_is_left_and_how_fast_it_goes(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.delenv("COLUMNS", raising=False)
    text = seen(Terminal(), monkeypatch, STEPS)
    lines = text.split(CLEAR)
    assert lines[0] == lines[-1] == ""
    assert "preparing, 0 s" in lines[1]
    assert any("0 of 4,000,000 variants, 4,000,000 left, formulas are worked out" in line for line in lines)
    assert any(re.search(r"\[###-{9}\] 1,000,000 of 4,000,000 variants, 3,000,000 left at [\d,]+/s", x) for x in lines)
    assert any("0 left, finishing" in line for line in lines)
    assert max(map(len, lines)) < 80


@pytest.mark.parametrize("stream", [io.StringIO, Terminal])
def test_where_lines_cannot_be_drawn_anew_there_are_plain_ones(
    stream: type[io.StringIO], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TERM", "dumb")
    text = seen(stream(), monkeypatch, STEPS)
    assert text.isprintable() is False
    assert set(re.findall(r"[^ -~]", text)) == {"\n"}
    assert re.search(r"^1,000,000 of 4,000,000 variants, 3,000,000 left at [\d,]+/s, \d+ s to go$", text, re.M)


@pytest.mark.skipif(sys.platform == "win32", reason="there are no pseudo-terminals")
@pytest.mark.parametrize("call", [
    ["sweep", "poolformer_s12", "--vary", "depths[2]=1..9", "--vary", "norm=group_norm(1),batch_norm"],
    ["fit", "poolformer_s12", "--free", "depths[2]=1..9", "--macs", "2G"],
])  # fmt: skip
def test_a_command_says_something_from_the_first_second_on(call: list[str]) -> None:
    import pty

    shown = bytearray()
    child, end = pty.fork()
    if not child:
        os.environ.update({"PYTHONPATH": str(ROOT), "TERM": "xterm"})
        os.execv(sys.executable, [sys.executable, "-m", "archspec", *call])
    while True:
        try:
            piece = os.read(end, 4096)
        except OSError:  # the other side is gone
            break
        if not piece:
            break
        shown += piece
    os.close(end)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0
    drawn, _, said = shown.decode().rpartition(CLEAR)
    assert "preparing, 0 s" in drawn.split(CLEAR)[1]
    assert "poolformer_s12" in said or "9 variants" in said or "18 variants" in said


# how much is gone through


@pytest.mark.parametrize("given", [{}, {"most": 299}])
def test_a_large_space_is_not_gone_through_unasked(given: dict[str, Any]) -> None:
    vary = VARY if given else {"batch": "1..20000", "width": "1..20000"}
    with pytest.raises(SpecError, match="E0760") as caught:
        sweep(PIECES, vary, **given)
    (found,) = caught.value.diagnostics
    assert "--sample" in (found.help or "")
    assert "--yes" in (found.help or "")
    assert f"{given.get('most', 100_000_000):,}" in found.message
    assert sweep(PIECES, vary, sample=10, **given).counted == 10


def test_who_asks_for_all_gets_all(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    assert sweep(PIECES, VARY, most=300).counted == sweep(PIECES, VARY, most=None).counted == 300
    monkeypatch.setattr("archspec.search.sweep.MOST", 299)
    call = ["sweep", "-", "--vary", "depth=1..12", "--vary", "width=1..25"]
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(PIECES.encode())))
    assert archspec.cli.main(call) == 1
    assert "E0760" in capsys.readouterr().err
    assert archspec.cli.main([*call, "--yes"]) == 0
    assert "300 variants in" in capsys.readouterr().out
    assert archspec.cli.main([*call, "--sample", "9", "--seed", "3"]) == 0
    assert "drawn evenly at random from 300 with seed 3" in capsys.readouterr().out


def test_a_sample_is_even_and_follows_its_seed() -> None:
    drawn = sweep(PIECES, VARY, sample=30_000, seed=5, checks=0)
    again = sweep(PIECES, VARY, sample=30_000, seed=5, checks=0)
    other = sweep(PIECES, VARY, sample=30_000, seed=6, checks=0)
    assert drawn.table is not None
    assert again.table is not None
    assert other.table is not None
    assert (drawn.table["macs"] == again.table["macs"]).all()
    assert not (drawn.table["macs"] == other.table["macs"]).all()
    counts: dict[str, int] = {}
    for row in range(3000):
        key = " ".join(drawn.settings(row).values())
        counts[key] = counts.get(key, 0) + 1
    assert len(counts) == 300
    assert max(counts.values()) < 30
