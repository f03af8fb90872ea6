"""What a stranger wrote neither commands a terminal nor hides in it, wherever it is shown."""

from __future__ import annotations

import csv
import io
import os
import re
import sys
from contextlib import suppress
from pathlib import Path

import pytest

import archspec
from archspec.cli import main
from archspec.diagnostics.printable import HIDDEN, on_one_line, paint, presentable, printable
from archspec.report.table import csv_cell

NASTY = "\x1b]0;title\x07\x1b[8m\x9b2J\u202e\u2066\u200b\x00\x7f\u2028\ufeff"
OUT = "out\x1b[31m\u202e\n::error::x"
SPEC = f"""
model odd(kind = "{NASTY}", other = none) on x: [4] {{
    \"\"\"A doc with {NASTY}\r in it.\"\"\"
    require kind != "wrong{NASTY}", "no {{kind}} {NASTY}"
    fc = linear(4)
    return fc(x)
}}
"""
COLOUR = re.compile(r"\033\[[0-9;]*m")


@pytest.fixture
def path(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    monkeypatch.chdir(tmp_path)
    name = "odd\x1b[31m\u202e.arch"
    Path(name).write_text(SPEC)
    Path("odd.arch").write_text(SPEC)
    return name


def clean(text: str, colour: bool = False) -> bool:
    """Whether a text has nothing in it that cannot be seen, but for our own colours."""
    return (COLOUR.sub("", text) if colour else text).replace("\n", "").isprintable()


CALLS = [
    ["check", "odd.arch"],
    ["check", "PATH"],
    ["list", "odd.arch"],
    ["list", "PATH"],
    ["stats", "odd.arch"],
    ["stats", "PATH#odd"],
    ["stats", "odd.arch", "--format", "markdown"],
    ["stats", "odd.arch", "--format", "csv"],
    ["stats", "odd.arch", "--format", "json"],
    ["stats", "odd.arch", "--conventions"],
    ["stats", "odd.arch", "--html", "OUT.html"],
    ["stats", "odd.arch", "--set", f"kind=wrong{NASTY}"],
    ["stats", "odd.arch", "--set", f"other={NASTY}"],
    ["stats", f"missing{NASTY}.arch"],
    ["stats", "odd.arch", "--model", NASTY],
    ["stats", "odd.arch", "--symbolic", NASTY],
    ["stats", f"odd.arch#{NASTY}"],
    ["stats", "odd.arch", "--input", NASTY],
    ["compare", "odd.arch", f"odd.arch[kind={NASTY.replace(']', '')}]"],
    ["compare", "odd.arch", f"odd.arch[kind={NASTY.replace(']', '')}]", "--format", "csv"],
    ["compare", "odd.arch", f"odd.arch[kind={NASTY.replace(']', '')}]", "--format", "markdown"],
    ["diff", "odd.arch", f"odd.arch[kind={NASTY.replace(']', '')}]"],
    ["build", "odd.arch", "-o", "OUT.py"],
    ["build", "odd.arch", "-o", f"{NASTY}/x.py"],
    ["weights", "odd.arch", "PATH", "-o", "x.safetensors"],
    ["new", "mine", "-o", "OUT.new"],
    ["sweep", "odd.arch", "--vary", f'kind="a{NASTY}","b"'],
    ["sweep", "odd.arch", "--vary", f'kind="a{NASTY}","wrong{NASTY}"', "--format", "markdown"],
    ["sweep", "odd.arch", "--vary", "batch=1,2", "-o", "OUT.csv"],
    ["sweep", "odd.arch", "--vary", "batch=1,2", "--executor", NASTY],
    ["sweep", "odd.arch", "--vary", "batch=1,2", "--where", NASTY],
    ["sweep", "odd.arch", "--vary", "batch=1,2", "--pareto", NASTY],
    ["fly" + NASTY],
]


@pytest.mark.parametrize("colour", [False, True])
@pytest.mark.parametrize("args", CALLS, ids=range(len(CALLS)))
def test_what_is_shown(
    args: list[str], colour: bool, path: str, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    if colour:
        monkeypatch.delenv("NO_COLOR", raising=False)
        monkeypatch.setenv("TERM", "xterm")
        monkeypatch.setattr(sys.stdout, "isatty", lambda: True)
        monkeypatch.setattr(sys.stderr, "isatty", lambda: True)
    with suppress(SystemExit):
        main([arg.replace("PATH", path).replace("OUT", OUT) for arg in args])
    said = capsys.readouterr()
    shown = said.out + (said.err.rpartition("\r\033[K")[2] if colour else said.err)
    assert shown
    assert clean(shown, colour)
    assert "\033[8m" not in shown
    assert "\033[31m\ufffd" not in shown
    assert not any(line.startswith("::error") for line in shown.splitlines())


def test_files_that_are_written(path: str) -> None:
    assert main(["build", path, "-o", "odd.py"]) == 0
    assert main(["stats", path, "--html", "odd.html"]) == 0
    for name in ("odd.py", "odd.html"):
        assert clean(Path(name).read_text())
    compile(Path("odd.py").read_text(), "odd.py", "exec")


def test_errors_in_python(path: str) -> None:
    with pytest.raises(archspec.ArchspecError) as caught:
        archspec.stats(path, params={"kind": f"wrong{NASTY}"})
    assert clean(str(caught.value))
    assert clean(repr(caught.value))
    assert clean(caught.value.args[0])


def test_signs_for_what_cannot_be_seen() -> None:
    assert printable("grün · 神经 — ✓ 🙂\nnext") == "grün · 神经 — ✓ 🙂\nnext"
    assert printable("a\tb\u00a0c\x1b[0m") == f"a b c{HIDDEN}[0m"
    assert all(clean(printable(chr(code))) for code in range(0x3000))
    assert printable("\ud800") == HIDDEN
    assert on_one_line("a\nb") == "a b"
    assert presentable("\033[1mours\033[0m\x1b]0;\x07", True) == f"\033[1mours\033[0m{HIDDEN}]0;{HIDDEN}"
    assert presentable("\033[1m", False) == f"{HIDDEN}[1m"
    assert paint("\033[8m", "32") == f"\033[32m{HIDDEN}[8m\033[0m"


@pytest.mark.parametrize("text", ["=1+1", "@SUM(A1)", "+cmd|' /C calc'!A0", "-2+3", "\t=1", "-x"])
def test_cells_are_no_formulas(text: str) -> None:
    assert csv_cell(text).lstrip()[0] == "'" or text[0] == "\t"
    assert csv_cell("-1.5e-3") == "-1.5e-3"
    assert csv_cell("relu") == "relu"


def test_a_label_is_no_formula(path: str, capsys: pytest.CaptureFixture[str]) -> None:
    os.rename("odd.arch", "=HYPERLINK(1).arch")
    assert main(["compare", "=HYPERLINK(1).arch", "=HYPERLINK(1).arch[kind=x]", "--format", "csv"]) == 0
    for row in csv.reader(io.StringIO(capsys.readouterr().out)):
        assert not any(field.startswith(("=", "@", "+")) for field in row)
