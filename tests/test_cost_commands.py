"""``stats``, ``sweep`` and ``fit`` as people call them, rightly and wrongly."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

import archspec
from archspec import ArchspecError
from archspec.cli import main
from archspec.search.sweep import sweep
from tests.conftest import ROOT

MODEL = "poolformer_s12"
TWO = ["sweep", MODEL, "--vary", "dims[0]=32,65"]


def command(*args: str, **more: str) -> list[str]:
    return [sys.executable, "-m", "archspec", *args]


def surroundings(**more: str) -> dict[str, str]:
    return {**os.environ, "PYTHONPATH": str(ROOT), **more}


@pytest.mark.parametrize(
    ("args", "code", "words"),
    [
        (["--vary", "dims=99999999999999999999"], "E0720", "2**63 - 1"),
        (["--vary", "dims=10..1"], "E0720", "a range goes up"),
        (["--vary", "dims=1..1e12"], "E0720", "needs a step"),
        (["--vary", "dims=1..1e400:1"], "E0720", "too large"),
        (["--vary", "dims=1..100000"], "E0730", "--sample"),
        (["--vary", "dims=1,2", "--sample", "9999999999999"], "E0730", "9,999,999,999,999"),
        (["--vary", "dims=1..200"], "E0760", "--sample 1000000 (or sample=), or go through all with --yes"),
        (["--vary", "dims=1..1000"], "E0760", "would take 12 days"),
        (["--vary", "dims=1..100000", "--yes"], "E0730", "--sample"),
        (["--vary", "dims=1,2", "-o", "table.txt"], "E0508", ".parquet or a .csv"),
        (["--vary", "dims=1,2", "--plot", "plot.png"], "E0508", ".svg"),
        (["--vary", "dims=1,2", "--plot", "nowhere/plot.svg"], "E0508", "no such file"),
        (["--vary", "dims=1,2", "--executor", "threads:99999"], "E0727", "1 to 1024"),
        (["--vary", "dims=1,2", "--where", "macs", "--where", "macs) or (macs"], "E0101", "1 | macs) or (macs"),
        (["--vary", "dims=1,2", "--where", "macs <"], "E0101", "1 | macs <"),
    ],
)
def test_a_wrong_sweep_says_why(args: list[str], code: str, words: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["sweep", MODEL, *args]) == 1
    out, err = capsys.readouterr()
    assert out == ""
    assert code in err
    assert words in err


@pytest.mark.parametrize(
    "args",
    [
        ["sweep", MODEL, "--vary", "h=1", "--seed", "-1"],
        ["sweep", MODEL, "--vary", "h=1", "--sample", "99999999999999999999"],
        ["sweep", MODEL, "--vary", "h=1", "--where", " "],
        ["sweep", MODEL, "--vary", "h=1", "-o", ""],
        ["fit", MODEL, "--free", "", "--macs", "1G"],
        ["stats", MODEL, "--depth", "²"],
        ["stats", MODEL, "--symbolic", "h", "--verify"],
    ],
)
def test_a_wrong_call_is_refused(args: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as stop:
        main(args)
    assert stop.value.code == 2
    last = capsys.readouterr().err.splitlines()[-1]
    assert last.startswith(f"archspec {args[0]}: error: argument")
    assert "invalid" not in last


@pytest.mark.parametrize(
    "condition", ["macs", "not macs", "params % 2", "-params", "macs > 1 and params % 2", "macs < 1 or 2", "1"]
)
def test_numbers_are_no_truths_as_elsewhere(condition: str) -> None:
    with pytest.raises(ArchspecError, match="E0722"):
        sweep(MODEL, {"num_classes": "1,2"}, where=condition)


@pytest.mark.parametrize(
    ("vary", "hint"),
    [
        (["h=224,256"], "--input 3x224x224"),
        (["in_chans=1,3", "w=192"], "--set in_chans=1 --input 1x224x192"),
        (["batch=2", "mlp_ratio=2"], "--set mlp_ratio=2 --batch 2"),
    ],
)
def test_a_variant_is_named_by_options_that_make_it(
    vary: list[str], hint: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["sweep", MODEL, *(word for text in vary for word in ("--vary", text))]) == 0
    said = capsys.readouterr().out.splitlines()
    assert said[-1] == f"the first of them: {hint}"
    (head,) = (place for place, line in enumerate(said) if "  macs  " in line)
    row = dict(zip(said[head].split(), said[head + 1].split()))
    assert main(["stats", MODEL, *hint.split(), "--format", "json"]) == 0
    figures = json.loads(capsys.readouterr().out)
    assert row["macs"] == archspec.report.text.scaled(figures["macs"])


def test_a_missing_optuna_is_said_at_once(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setitem(sys.modules, "optuna", None)
    monkeypatch.setattr("archspec.search.nearest.Nearest.take", lambda *args: pytest.fail("variants were worked out"))
    assert main(["fit", MODEL, "--free", "dims,depths,mlp_ratio,h", "--macs", "2G"]) == 1
    assert "E0724" in capsys.readouterr().err


def test_what_a_range_cannot_be_made_around(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["fit", MODEL, "--free", "drop_path_rate", "--macs", "1G"]) == 1
    assert "drop_path_rate=0..0.3:0.1" in capsys.readouterr().err


def test_formulas_for_programs_are_expressions(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["stats", MODEL, "--symbolic", "h,w,dims", "--format", "json"]) == 0
    data = json.loads(capsys.readouterr().out)
    known = {"h": 192, "w": 256, "dims": [48, 96, 240, 384], "max": max}
    waiting = dict(data["names"])
    while waiting:
        for name, text in list(waiting.items()):
            try:
                known[name] = eval(text, {}, known)
            except NameError:
                continue
            del waiting[name]
    report = archspec.stats(MODEL, params={"dims": known["dims"]}, input_shape=(3, 192, 256))
    for figure in ("params", "macs", "flops", "fvcore", "torch", "activations"):
        assert eval(data["formulas"][figure], {}, known) == getattr(report, figure)


def test_a_terminal_of_ascii_reads_formulas() -> None:
    for format in ("table", "markdown", "csv", "json"):
        made = subprocess.run(
            command("stats", MODEL, "--symbolic", "h", "--format", format),
            capture_output=True,
            env=surroundings(PYTHONIOENCODING="ascii"),
        )
        assert made.returncode == 0
        assert b"4" in made.stdout
        assert b"?" not in made.stdout


@pytest.mark.parametrize("args", [["stats", MODEL], TWO, ["compare", MODEL, MODEL], ["diff", MODEL, MODEL]])
@pytest.mark.parametrize(("into", "status"), [("> /dev/full", 1), (">&-", 0), (">&- 2>&-", 0), ("| head -n 1", 0)])
def test_output_that_goes_nowhere(args: list[str], into: str, status: int) -> None:
    line = " ".join(f"'{word}'" for word in command(*args))
    made = subprocess.run(["bash", "-c", f"{line} {into}"], capture_output=True, text=True, env=surroundings())
    assert made.returncode == status
    assert "Traceback" not in made.stderr
    assert len(made.stderr.splitlines()) <= status


@pytest.mark.parametrize("suffix", [".csv", ".svg"])
def test_a_folder_is_no_file(suffix: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    place = tmp_path / f"there{suffix}"
    place.mkdir()
    assert main([*TWO, "-o" if suffix == ".csv" else "--plot", str(place)]) == 1
    assert "it is not a file" in capsys.readouterr().err
    assert list(tmp_path.iterdir()) == [place]


@pytest.mark.parametrize("executor", [[], ["--executor", "threads:2"], ["--executor", "processes:2"]])
def test_a_sweep_that_is_stopped_goes_on(executor: list[str], tmp_path: Path) -> None:
    table = tmp_path / "all.csv"
    args = ["sweep", MODEL, "--vary", "dims=16..848:8", "--yes", *executor, "-o", str(table)]
    run = subprocess.Popen(
        command(*args), stderr=subprocess.PIPE, stdout=subprocess.PIPE, text=True, env=surroundings(),
        start_new_session=True,
    )  # fmt: skip
    parts = tmp_path / "all.csv.parts"
    try:
        until = time.monotonic() + 60
        while len(list(parts.glob("*.npz"))) < 2 and time.monotonic() < until:
            time.sleep(0.05)
        os.killpg(run.pid, signal.SIGINT)
        _, err = run.communicate(timeout=30)
    finally:
        if run.poll() is None:
            os.killpg(run.pid, signal.SIGKILL)
    assert run.returncode == 130
    assert err == f"stopped: the same command goes on from {parts}\n"
    assert sorted(path.name for path in tmp_path.iterdir()) == ["all.csv.parts"]


def test_only_the_front_is_held_where_no_one_asks_for_more() -> None:
    vary = {"dims[0]": "32..64:16"}
    assert sweep(MODEL, vary, keep=False).table is None
    kept = sweep(MODEL, vary).table
    assert kept is not None
    assert len(kept["macs"]) == 3


def test_counts_in_words(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["sweep", MODEL, "--vary", "h=1,224"]) == 0
    said = capsys.readouterr().out
    assert "1 kept, 1 refused as models, 0 outside the conditions" in said
    assert "front (min:macs, max:params): 1 variant\n" in said


def test_the_points_of_a_plot_are_from_all_over_the_space() -> None:
    result = sweep(MODEL, {"dims": "16..256:16"}, metrics=("params", "macs"))
    assert result.table is not None
    points, table = result.points["params"], result.table["params"]
    assert 3000 < len(points) <= 4000
    assert points.max() > 0.9 * table.max()
    assert abs(points.mean() / table.mean() - 1) < 0.03


def test_entries_of_a_list_are_one_column(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["sweep", MODEL, "--vary", "dims=32,64", "--vary", "depths[2]=2,4", "--format", "table"]) == 0
    lines = capsys.readouterr().out.splitlines()
    (head,) = (line for line in lines if "  macs  " in line)
    assert head.split()[:2] == ["dims", "depths[2]"]
    assert max(map(len, lines)) <= 80


@pytest.mark.parametrize(
    ("condition", "kept", "undefined"),
    [
        ("1 / (params - params) > 1", 0, 3),
        ("not (1 / (params - params) > 1)", 0, 3),
        ("params % (batch - 2) >= 0", 2, 1),
        ("params // (batch - 2) > 0", 1, 1),
        ("1 / (batch - 2) > 0 or macs > 0", 3, 0),
        ("1 / (batch - 2) > 0 and macs < 0", 0, 0),
        ("batch == 2 or 1 / (batch - 2) > 0", 2, 0),
        ("0 * (1 / (batch - 2)) == 0", 2, 1),
        ("1 / 0 > 1", 0, 3),
        ("1e300 * 1e300 > 1", 0, 3),
        ("macs * macs * macs > 0", 3, 0),
        ("macs * macs * macs * macs == (macs * macs) * (macs * macs)", 3, 0),
        ("macs * macs * macs * 1e300 > 0", 0, 3),
        ("macs - macs * macs * macs < 0", 3, 0),
        ("-macs * macs * macs % 7 >= 0", 3, 0),
        ("100000000000000000000 > macs", 3, 0),
        ("macs + 9223372036854775807 > 0", 3, 0),
        ("2 > 1", 3, 0),
    ],
)
def test_conditions_without_a_value(condition: str, kept: int, undefined: int) -> None:
    """A row that a condition says nothing of is not kept, and is counted as such."""
    result = sweep(MODEL, {"batch": "1,2,3"}, where=condition, checks=0)
    assert (result.kept, result.undefined) == (kept, undefined)


@pytest.mark.parametrize(
    "condition", ["(macs > 1) + 1 > 0", "-(macs > 1) == 1", "(1 < macs) < 3", "(not macs > 1) * 2 > 0"]
)
def test_truths_are_no_numbers(condition: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["sweep", MODEL, "--vary", "batch=1,2", "--where", condition]) == 1
    assert "E0731" in capsys.readouterr().err


def test_what_has_no_value_is_said(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    args = ["sweep", MODEL, "--vary", "batch=1,2,3", "--where", "1 / (batch - 2) > 0"]
    assert main(args) == 0
    assert "1 left out where the conditions have no value" in capsys.readouterr().out
    assert main([*args, "--format", "json", "-o", str(tmp_path / "x.csv")]) == 0
    assert json.loads(capsys.readouterr().out)["undefined"] == 1


NUMBERS = ["\uff13", "\u0663", "+5", " 5", "5 ", "0x5", "inf", "nan", "5.0", "--5", "\u00b2", "five", ""]


@pytest.mark.parametrize("text", NUMBERS)
@pytest.mark.parametrize(
    "args",
    [["stats", "--batch"], ["stats", "--input"], ["stats", "--depth"], ["sweep", "--vary", "h=1", "--sample"],
     ["sweep", "--vary", "h=1", "--seed"], ["sweep", "--vary", "h=1", "--top"],
     ["fit", "--free", "dims", "--macs", "1G", "--trials"]],
    ids=" ".join,
)  # fmt: skip
def test_numbers_on_the_command_line_are_plain_digits(
    args: list[str], text: str, capsys: pytest.CaptureFixture[str]
) -> None:
    if args[-1] == "--input" and text.strip() in ("5", "0x5"):
        return  # blanks around a size are no part of it
    for form in (text, "1_000", "1e3") if text == "five" else (text,):
        with pytest.raises(SystemExit) as stop:
            main([args[0], MODEL, *args[1:-1], f"{args[-1]}={form}"])
        assert stop.value.code == 2
        assert "is not" in capsys.readouterr().err


@pytest.mark.parametrize(
    "text", ["\uff13G", "1__0M", "_1", "1_", "+5", " 5G", "5 G", "inf", "nan", "1e400", "0", "-5G", "G", ""]
)
def test_figures_of_a_budget(text: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as stop:
        main(["fit", MODEL, "--free", "dims", f"--macs={text}"])
    assert stop.value.code == 2
    assert "is not a figure" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("value", "code"),
    [("\uff13", "E0102"), ("\uff11..\uff13", "E01"), ("1..\uff13", "E01"), ("1_..3", "E0720"), ("1..3:", "E01"),
     ("1...3", "E01"), ("1..nan", "E0"), ("1..3:0", "E0720"), ("1,,2", "E0720"), (",", "E0720"), ("1..3,", "E0720")],
)  # fmt: skip
def test_values_to_vary_over(value: str, code: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["sweep", MODEL, "--vary", f"num_classes={value}"]) == 1
    assert f"error[{code}" in capsys.readouterr().err


@pytest.mark.parametrize("text", [",,", ",", "h,,w", "h,", " ", ""])
def test_names_to_leave_open(text: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as stop:
        main(["stats", MODEL, f"--symbolic={text}"])
    assert stop.value.code == 2
    assert "is not a list of names" in capsys.readouterr().err


@pytest.mark.parametrize("text", ["threads:", "threads:\uff13", "processes:+2", "threads:0", "threads:1_0", "thread"])
def test_numbers_of_workers(text: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["sweep", MODEL, "--vary", "batch=1,2", "--executor", text]) == 1
    assert "E0727" in capsys.readouterr().err
