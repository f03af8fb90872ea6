"""Sweeps and fits: every row is what a full report says of that variant, whatever the way it was worked out."""

from __future__ import annotations

import csv
import json
from concurrent.futures import Executor, ProcessPoolExecutor, ThreadPoolExecutor
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import archspec
from archspec.cli import main
from archspec.diagnostics import SpecError
from archspec.report.metrics import CLOSED
from archspec.search import evaluator, schedule, spot_check
from archspec.search.axes import axis_of
from archspec.search.fit import fit
from archspec.search.front import Goal, front, undominated
from archspec.search.origin import VariantSource
from archspec.search.result import Sweep
from archspec.search.space import Option, SearchAxis, Space
from archspec.search.sweep import sweep
from tests.conftest import ROOT

WIDE = {"dims": "64..128:32", "depths": "1..4", "mlp_ratio": "2,2.5,4", "layer_scale": "none,1e-5"}


def figure(report: Any, name: str) -> int:
    memory = report.memory.to_dict()
    return int(memory[name] if name in memory else getattr(report, name))


def held(result: Sweep, source: VariantSource, places: list[int], batch: int = 1) -> None:
    """Rows of a sweep are what full reports say."""
    assert result.table is not None
    for place in places:
        row = int(result.table["row"][place])
        report = source.report(result.variant(row), batch, "float32")
        assert {m: int(result.table[m][place]) for m in CLOSED} == {m: report.metrics[m] for m in CLOSED}


def test_a_thousand_of_a_million_variants_are_what_reports_say() -> None:
    vary = {
        "dims[0]": "32..128:32",
        "dims[2]": "160..640:32",
        "dims[3]": "256..1024:64",
        "depths": "1..5",
        "mlp_ratio": "2..4",
    }
    result = sweep("poolformer_s12", vary, checks=0, metrics=CLOSED)
    assert result.counted == result.kept == 4 * 16 * 13 * 5**4 * 3 > 1_000_000
    source = VariantSource("poolformer_s12", None, None, None, False)
    held(result, source, np.random.default_rng(7).integers(0, result.kept, 1000).tolist())


@pytest.mark.parametrize(("name", "vary"), [
    ("poolformer_s12", {"norm": "group_norm(1),batch_norm", "mixers[3]": "pooling(3),attention", "dims[3]": "512,500"}),
    ("poolformer_s12", {"h": "31..260:29", "w": "224,225,7", "batch": "1,2"}),
    ("poolformer_s12", {"drop_path_rate": "0,0.1", "depths[2]": "1..5"}),
    ("poolformer_s12", {"dims": "[64,128,320,512],[32,64,160,256]", "depths": [[2, 2, 6, 2], [1, 1, 1, 1]]}),
    ("poolformer_s12", {"mlp_ratio": "1,2,2.5,0.01,3", "num_classes": "0,1,1000", "features": "true,false"}),
    ("restormer", {"h": "60..70", "w": "64"}),
    ("vit", {"dim": "96..200:8", "depth": "1..3", "heads": "1..4"}),
    ("gmlp", {"dim": "64,96", "depth": "1..3", "causal": "true,false", "circulant": "true,false"}),
    (str(ROOT / "tests/cases/closed/sizes.arch"), {"h": "1..20", "stride": "1..3", "groups": "1..4", "scale": "0.5,1"}),
    (str(ROOT / "tests/cases/closed/repeats.arch"), {"depth": "0..4", "more": "0..3", "times": "0..2", "step": "0,2"}),
])  # fmt: skip
def test_every_row_is_what_a_report_says(name: str, vary: dict[str, Any]) -> None:
    result = sweep(name, vary, checks=0, metrics=CLOSED)
    source = VariantSource(name, None, None, None, False)
    assert result.table is not None
    held(result, source, list(range(0, result.kept, max(1, result.kept // 150))))
    kept = set(result.table["row"].tolist())
    refused = [row for row in range(result.counted) if row not in kept]
    assert len(refused) == sum(result.refused.values())
    for row in refused[:: max(1, len(refused) // 40)]:
        with pytest.raises(SpecError):
            source.report(result.variant(row), 1, "float32")


def test_conditions_keep_what_they_say() -> None:
    where = "macs < 1.2G and not (params > 9M or dims[0] + 0 == 96) and depths[1] <= depths[2]"
    everything, some = (
        sweep("poolformer_s12", WIDE, where=text, sample=5000, seed=3, checks=0) for text in ("", where)
    )
    assert everything.table is not None
    assert some.table is not None
    wanted = []
    for row, macs, params in zip(*(everything.table[name].tolist() for name in ("row", "macs", "params"))):
        variant = {name: option.value for name, option in everything.variant(row).items()}
        low = macs < 1_200_000_000 and not (params > 9_000_000 or variant["dims[0]"] == 96)
        if low and variant["depths[1]"] <= variant["depths[2]"]:
            wanted.append(row)
    assert some.table["row"].tolist() == wanted
    assert 0 < len(wanted) < 5000


@pytest.mark.parametrize("suffix", [".csv", ".parquet"])
@pytest.mark.parametrize("pool", [None, ThreadPoolExecutor, ProcessPoolExecutor])
def test_files_hold_the_table(tmp_path: Path, suffix: str, pool: type[Executor] | None, monkeypatch: Any) -> None:
    pytest.importorskip("pyarrow", reason="pyarrow is not installed")
    monkeypatch.setattr(schedule, "STEP", 500)
    path = tmp_path / f"table{suffix}"
    plain = sweep("poolformer_s12", WIDE, sample=1700, checks=0)
    if pool is None:
        written = sweep("poolformer_s12", WIDE, sample=1700, checks=0, out=path)
    else:
        with pool(2) as executor:  # type: ignore[call-arg]
            written = sweep("poolformer_s12", WIDE, sample=1700, checks=0, out=path, executor=executor)
    assert written.table is None
    assert list(tmp_path.iterdir()) == [path]
    columns = read(path)
    assert plain.table is not None
    for metric in plain.metrics:
        assert list(map(int, columns[metric])) == plain.table[metric].tolist()
    variants = [plain.variant(row) for row in plain.table["row"].tolist()]
    assert list(map(float, columns["mlp_ratio"])) == [variant["mlp_ratio"].value for variant in variants]
    assert columns["layer_scale"] == [variant["layer_scale"].text for variant in variants]
    assert [written.rows.tolist(), written.kept] == [plain.rows.tolist(), plain.kept]


def read(path: Path) -> dict[str, list[Any]]:
    if path.suffix == ".csv":
        with path.open(newline="") as file:
            rows = list(csv.reader(file))
        return {name: [row[place] for row in rows[1:]] for place, name in enumerate(rows[0])}
    from pyarrow import parquet

    found: dict[str, list[Any]] = parquet.read_table(path).to_pydict()
    return found


def test_a_stopped_sweep_goes_on(tmp_path: Path, monkeypatch: Any) -> None:
    monkeypatch.setattr(schedule, "STEP", 400)
    path = tmp_path / "table.csv"

    def stop(done: int, total: int) -> None:
        if done >= 800:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        sweep("poolformer_s12", WIDE, sample=2000, checks=0, out=path, progress=stop)
    parts = tmp_path / "table.csv.parts"
    assert sorted(item.name for item in tmp_path.iterdir()) == ["table.csv.parts"]
    assert len(list(parts.glob("*.npz"))) == 2
    (parts / "0-400.npz").write_bytes(b"damaged")
    result = sweep("poolformer_s12", WIDE, sample=2000, checks=0, out=path)
    assert result.resumed == 400
    assert sorted(item.name for item in tmp_path.iterdir()) == ["table.csv"]
    again = tmp_path / "again.csv"
    sweep("poolformer_s12", WIDE, sample=2000, checks=0, out=again)
    assert again.read_text() == path.read_text()


def test_parts_of_another_sweep_are_not_taken(tmp_path: Path) -> None:
    (tmp_path / "table.csv.parts").mkdir()
    (tmp_path / "table.csv.parts" / "job.json").write_text("{}")
    with pytest.raises(SpecError) as caught:
        sweep("poolformer_s12", WIDE, sample=10, out=tmp_path / "table.csv")
    assert caught.value.diagnostics[0].code == "E0726"


def test_figures_beyond_64_bits_are_refused_as_in_reports() -> None:
    result = sweep("poolformer_s12", {"batch": "1,1000000000000,100000", "h": "224,2000000"}, checks=6, metrics=CLOSED)
    assert result.counted == 6
    assert sum(result.refused.values()) > 0
    assert result.kept + sum(result.refused.values()) == 6


# the parts by themselves

NUMBERS = st.lists(st.tuples(st.integers(0, 9), st.integers(0, 9), st.integers(0, 9)), min_size=1, max_size=30)


@settings(deadline=None)
@given(NUMBERS, st.lists(st.booleans(), min_size=1, max_size=3))
def test_a_front_is_what_nothing_beats(points: list[tuple[int, int, int]], largest: list[bool]) -> None:
    figures = {name: np.array(column) for name, column in zip("abc", zip(*points))}
    goals = tuple(Goal(name, big) for name, big in zip("abc", largest))
    costs = [tuple(-p[i] if big else p[i] for i, big in enumerate(largest)) for p in points]
    found = [costs[place] for place in front(figures, goals).tolist()]
    wanted = {a for a in costs if not any(b != a and all(x <= y for x, y in zip(b, a)) for b in costs)}
    assert sorted(found) == sorted(wanted)
    best = {name: column[front(figures, goals)] for name, column in figures.items()}
    assert {costs[place] for place in undominated(figures, best, goals).tolist()} <= set(costs) - wanted


@given(st.integers(-50, 50), st.integers(0, 60), st.integers(1, 9))
def test_ranges_count_both_ends(low: int, more: int, step: int) -> None:
    (axis,) = axis_of("x", f"{low}..{low + more}:{step}", 1)
    assert [option.value for option in axis.options] == list(range(low, low + more + 1, step))


def test_rows_of_a_sample_do_not_hang_on_how_it_is_cut() -> None:
    space = Space(
        (SearchAxis("a", tuple(Option(str(n), n) for n in range(9))), SearchAxis("b", (Option("x"), Option("y")))),
        200_000,
        5,
    )
    whole = space.choices(0, 200_000)
    for start, stop in [(0, 1), (65_530, 65_545), (131_072, 199_999), (199_999, 200_000)]:
        assert all((a[start:stop] == b).all() for a, b in zip(whole, space.choices(start, stop)))


# fits


def test_a_fit_is_the_nearest_of_its_space() -> None:
    found = fit("poolformer_s12", {"macs": 2_000_000_000, "params": 14_000_000}, "depths=1..6,mlp_ratio=3..5")
    everything = sweep("poolformer_s12", {"depths": "1..6", "mlp_ratio": "3..5"}, checks=0)
    assert everything.table is not None
    errors = np.maximum(abs(everything.table["macs"] / 2e9 - 1), abs(everything.table["params"] / 14e6 - 1))
    assert found.method == "exhaustive"
    assert found.evaluated == everything.counted
    assert found.found[0].error < errors.min() + 0.005
    for item in found.found[:5]:
        report = archspec.stats("poolformer_s12", params=item.settings)
        assert item.figures == {name: report.metrics[name] for name in CLOSED}


def test_a_large_space_is_searched(monkeypatch: Any) -> None:
    pytest.importorskip("optuna", reason="optuna is not installed")
    monkeypatch.setattr("archspec.search.fit.EXHAUSTIVE", 1000)
    monkeypatch.setattr("archspec.search.fit.DRAWN", 20_000)
    found = fit("poolformer_s12", {"macs": 2_000_000_000}, "dims,depths", trials=20)
    assert (found.method, found.evaluated) == ("optuna", 20_020)
    assert found.found[0].error < 0.01


# what is wrong


@pytest.mark.parametrize(("code", "call"), [
    ("E0701", ["sweep", "poolformer_s12", "--vary", "dimms=1,2"]),
    ("E0720", ["sweep", "poolformer_s12", "--vary", "depths[0]=4..1"]),
    ("E0720", ["sweep", "poolformer_s12", "--vary", "depths[0]=1..1_000_000_000"]),
    ("E0720", ["sweep", "poolformer_s12", "--vary", "mlp_ratio=1.0..2.0"]),
    ("E0720", ["sweep", "poolformer_s12", "--vary", "h=0..3"]),
    ("E0721", ["sweep", "poolformer_s12", "--vary", "depths[0]=1,2", "--where", "mac < 4G"]),
    ("E0722", ["sweep", "poolformer_s12", "--vary", "depths[0]=1,2", "--where", "max(macs)"]),
    ("E0723", ["sweep", "poolformer_s12", "--vary", "depths[0]=1,2", "--pareto", "best:macs"]),
    ("E0725", ["fit", "poolformer_s12", "--macs", "1G", "--free", "depths[0]=1,2", "--where", "macs < 1"]),
    ("E0727", ["sweep", "poolformer_s12", "--vary", "depths[0]=1,2", "--executor", "cloud"]),
    ("E0729", ["fit", "poolformer_s12", "--free", "depths"]),
    ("E0701", ["fit", "poolformer_s12", "--macs", "1G", "--free", "norm"]),
])  # fmt: skip
def test_wrong_searches(code: str, call: list[str], capsys: Any) -> None:
    assert main(call) == 1
    said = capsys.readouterr()
    assert code in said.err
    assert said.out == ""


def test_missing_packages_are_named(tmp_path: Path, monkeypatch: Any, capsys: Any) -> None:
    monkeypatch.setitem(__import__("sys").modules, "pyarrow", None)
    assert main(["sweep", "poolformer_s12", "--vary", "depths[0]=1,2", "-o", str(tmp_path / "x.parquet")]) == 1
    assert "E0724" in capsys.readouterr().err
    assert list(tmp_path.iterdir()) == []


def test_a_closed_form_that_is_wrong_is_not_believed(monkeypatch: Any, capsys: Any) -> None:
    def wrong(*args: Any) -> Any:
        part = honest(*args)
        part.figures["macs"] = part.figures["macs"] + 1
        return part

    honest = evaluator.run
    monkeypatch.setattr(spot_check, "run", wrong)
    assert main(["sweep", "poolformer_s12", "--vary", "depths[0]=1,2"]) == 1
    assert "E0728" in capsys.readouterr().err


def test_the_command_says_what_it_found(tmp_path: Path, capsys: Any) -> None:
    plot = tmp_path / "plot.svg"
    call = [
        "sweep",
        "poolformer_s12",
        "--vary",
        "depths=1,2",
        "--vary",
        "norm=group_norm(1),batch_norm",
        "--plot",
        str(plot),
    ]
    assert main([*call, "--plot", str(plot), "--format", "json"]) == 0
    made = json.loads(capsys.readouterr().out)
    assert made["variants"] == made["kept"] == 32
    for item in made["front"]:
        report = archspec.stats("poolformer_s12", params=item["set"])
        assert {metric: item[metric] for metric in CLOSED} == {metric: report.metrics[metric] for metric in CLOSED}
    assert plot.read_text().count("<circle") == 32 + len(made["front"])
    assert main(call) == 0
    assert "32 variants" in capsys.readouterr().out
    assert main(["fit", "poolformer_s12", "--macs", "1.8G", "--free", "depths", "--format", "csv"]) == 0
    assert "[2, 2, 6, 2]" in capsys.readouterr().out
