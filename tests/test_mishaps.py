"""Mishaps around the command: interrupts, lost workers, streams that are closed or full, files that are no files."""

from __future__ import annotations

import builtins
import io
import os
import signal
import subprocess
import sys
import time
from concurrent.futures import BrokenExecutor, Executor, Future
from pathlib import Path
from typing import Any

import pytest

import archspec
from archspec import ArchspecError
from archspec.cli import STOPPED, entry, main
from archspec.search.executors import executor_of
from tests.conftest import ROOT

MODEL = "poolformer_block"
TEXT = "model m on x: [4] { return relu(x) }"


def test_an_interrupt_in_the_first_moments(monkeypatch: pytest.MonkeyPatch) -> None:
    load = builtins.__import__

    def stop(name: str, *args: Any, **given: Any) -> Any:
        if name.startswith("archspec.cli.entry"):
            raise KeyboardInterrupt
        return load(name, *args, **given)

    with monkeypatch.context() as patch:
        patch.setattr(builtins, "__import__", stop)
        assert main(["stats", MODEL]) == STOPPED
    monkeypatch.setattr(entry, "parser", lambda: stop("archspec.cli.entry"))
    assert main(["stats", MODEL]) == STOPPED


@pytest.mark.parametrize("moment", [0.1, 0.3])
def test_an_interrupt_while_all_is_imported(moment: float) -> None:
    """Before the package is there, Python itself says what it was doing; after that nothing is said."""
    code = "import archspec.cli, sys; print('here', flush=True); sys.exit(archspec.cli.main(sys.argv[1:]))"
    args = [sys.executable, "-c", code, "sweep", MODEL, "--vary", "batch=1..90000", "--executor", "processes:2"]
    run = subprocess.Popen(
        args, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, start_new_session=True
    )
    assert run.stdout is not None
    assert run.stdout.readline() == "here\n"
    time.sleep(moment)
    os.killpg(run.pid, signal.SIGINT)
    _, err = run.communicate(timeout=60)
    assert run.returncode in (STOPPED, -signal.SIGINT)
    assert err == ""


class Lost(Executor):
    """An executor whose workers are killed."""

    def __init__(self, at_once: bool) -> None:
        self.at_once = at_once

    def submit(self, fn: Any, /, *args: Any, **kwargs: Any) -> Future[Any]:
        made: Future[Any] = Future()
        if self.at_once:
            raise BrokenExecutor("a process in the process pool was terminated abruptly")
        made.set_exception(BrokenExecutor())
        return made


@pytest.mark.parametrize("at_once", [False, True])
def test_a_lost_worker(at_once: bool, tmp_path: Path) -> None:
    vary, out = {"batch": "1..90000"}, tmp_path / "all.csv"
    with pytest.raises(ArchspecError, match="E0732"):
        archspec.sweep(MODEL, vary, executor=Lost(at_once))
    with pytest.raises(ArchspecError, match="goes on from"):
        archspec.sweep(MODEL, vary, executor=Lost(at_once), out=out)
    assert archspec.sweep(MODEL, vary, out=out).counted == 90_000
    assert os.listdir(tmp_path) == ["all.csv"]


def test_a_process_that_is_killed() -> None:
    with executor_of("processes:1") as pool:
        assert pool is not None
        with pytest.raises(BrokenExecutor):
            pool.submit(os.kill, pool.submit(os.getpid).result(), signal.SIGKILL).result()
        with pytest.raises(ArchspecError, match="E0732"):
            archspec.sweep(MODEL, {"batch": "1,2"}, executor=pool)


class Full(io.StringIO):
    """A stream on a full disk."""

    def write(self, text: str) -> int:
        raise OSError(28, "No space left on device")


@pytest.mark.parametrize("args", [["stats", MODEL], ["stats", "missing.arch"], ["check", "missing.arch", MODEL]])
def test_streams_that_take_nothing(args: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("stdout", "stderr"):
        monkeypatch.setattr(sys, name, Full())
    assert main(args) == 1


def test_standard_input_that_is_none(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    for stream, words in (
        (None, "standard input is closed"),
        (io.TextIOWrapper(io.BytesIO(b"\xff")), "not UTF-8"),
        (io.TextIOWrapper(io.BytesIO(b"x" * 4_000_001)), "more than 1,000,000"),
        (io.TextIOWrapper(io.BytesIO(TEXT.encode())), None),
    ):
        monkeypatch.setattr(sys, "stdin", stream)
        assert main(["stats", "-"]) == (0 if words is None else 1)
        assert (words or "") in capsys.readouterr().err


def test_specs_that_are_no_files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    Path("loop.arch").symlink_to("loop.arch")
    Path("nowhere.arch").symlink_to("missing")
    Path("folder.arch").mkdir()
    os.mkfifo("pipe.arch")
    Path("uses.arch").write_text("use loop: a\nuse pipe: b\n" + TEXT)
    for place in (
        "loop.arch",
        "nowhere.arch",
        "folder.arch",
        "pipe.arch",
        "/dev/zero",
        "/dev/null",
        "a" * 300,
        "x\0",
        ".",
    ):
        with pytest.raises(ArchspecError, match="E0201"):
            archspec.stats(place)
        with pytest.raises(ArchspecError, match="E0201"):
            archspec.stats(Path(place))
        assert main(["check", place]) == 1
    with pytest.raises(ArchspecError, match="E0202"):
        archspec.stats("uses.arch")
    with pytest.raises(ArchspecError, match="E0420"):
        archspec.stats("")


def test_folders_that_may_not_be_opened(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """As where one is another user's: nothing in them can be asked for."""

    monkeypatch.chdir(tmp_path)
    Path("net.arch").write_text("use other: a\n" + TEXT)
    for name in ("stat", "open", "resolve"):
        there = getattr(Path, name)

        def closed(path: Path, *args: Any, there: Any = there, **given: Any) -> Any:
            if not path.is_relative_to(ROOT):
                raise PermissionError(13, "Permission denied")
            return there(path, *args, **given)

        with monkeypatch.context() as patch:
            patch.setattr(Path, name, closed)
            for spec in ("net.arch", "net", Path("net.arch")):
                with pytest.raises(ArchspecError):
                    archspec.stats(spec)


@pytest.mark.parametrize("columns", ["-5", "0", "x", "\uff18\uff10", "9" * 30, "1_0", "1", "80"])
def test_widths_of_terminals(columns: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setenv("COLUMNS", columns)
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.delenv("NO_COLOR", raising=False)
    monkeypatch.setattr("archspec.cli.stats.drawn", lambda stream: True)
    assert main(["stats", MODEL]) == 0
    assert MODEL[:8] in capsys.readouterr().out or columns == "1"
    with pytest.raises(SystemExit):
        main(["stats", "--help"])
