"""What callers may ask for: specs with their model, sizes, values from Python; all else is refused with words."""

from __future__ import annotations

import io
from collections.abc import Callable
from decimal import Decimal
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

import archspec
from archspec import ArchspecError
from archspec.cli import main
from archspec.graph.elaborate import Elaborator

SPEC = """
kind = "zeros"
module edge(mode) on x: [c, h, w] -> [c, h, w] {
    pool = conv(c, kernel = 3, pad = 1, pad_mode = mode)
    return pool(x)
}
model family(mode = "zeros", other = none, same = kind, pair = ["zeros", "reflect"], wide = 4, sizes = [4, 8],
             rate = 0.5, flag = false) on image: [3, 8, 8] {
    a = edge(mode)
    b = edge(same)
    c = if other == none then relu else if other == "mean" then gelu else edge("zeros")
    d = edge(pair[1])
    e = conv(wide + sizes[0] + sizes[1], kernel = 1, bias = flag)
    return dropout(e(d(c(b(a(image))))), rate)
}
model reflecting = family(mode = "reflect", other = "mean")
model strip(size = 6) on image: [3, size, 2 * size] { return relu(image) }
model rows on x: [16, 10] { return relu(x) }
"""


@pytest.fixture
def path(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    (tmp_path / "nets.arch").write_text(SPEC)
    (tmp_path / "odd#name[1].arch").write_text("model odd on x: [4] { return relu(x) }")
    monkeypatch.chdir(tmp_path)
    return "nets.arch"


def value(name: str, given: Any, model: str = "family") -> Any:
    """What a parameter of a model is, given something."""
    root = Elaborator(archspec.load_spec(SPEC, model, {name: given})).run()
    return root.args[name]


def codes(call: Callable[[], object]) -> set[str]:
    with pytest.raises(ArchspecError) as caught:
        call()
    assert str(caught.value)
    return {item.code for item in caught.value.diagnostics}


# strings


@pytest.mark.parametrize(
    ("name", "given", "expected"),
    [
        ("mode", "circular", "circular"),
        ("mode", '"circular"', "circular"),
        ("mode", "mean", "mean"),  # an op's name, too
        ("mode", "reflect it", "reflect it"),
        ("mode", "", ""),
        ("same", "circular", "circular"),
        ("pair", ["reflect", '"circular"'], ("reflect", "circular")),
        ("pair", '["reflect", "circular"]', ("reflect", "circular")),
        ("other", '"mean"', "mean"),
        ("wide", "2 * 3", 6),
        ("sizes", "[w for w in range(2)]", (0, 1)),
        ("sizes", ["1 + 1", 3], (2, 3)),
        ("mode", None, None),
    ],
)
def test_a_string_is_a_string_where_the_model_has_one(name: str, given: Any, expected: Any) -> None:
    if (name, given) == ("mode", None):
        assert archspec.load_spec(SPEC, "family", {name: given}).given[0].value.kind == "constant"
        return
    if name == "mode" and expected != "circular":
        assert codes(lambda: value(name, given)) == {"E0310"}  # no such mode, which says it back
        return
    assert value(name, given) == expected


def test_a_variant_decides_what_its_parameters_are() -> None:
    assert value("other", "mean", "reflecting") == "mean"
    assert codes(lambda: value("other", "circulr")) == {"E0205"}
    with pytest.raises(ArchspecError, match='a string stands in quotes: "circulr"'):
        value("other", "circulr")


@pytest.mark.parametrize("given", ['a "b" c', "a\nb", "{wide}"])
def test_strings_that_the_language_cannot_write(given: str) -> None:
    assert codes(lambda: value("mode", given)) == {"E0211"}


def test_strings_on_the_command_line(path: str, capsys: pytest.CaptureFixture[str]) -> None:
    for text in ("circular", '"circular"'):
        assert main(["build", f"{path}#family", "--set", f"mode={text}", "-o", "out.py"]) == 0
        assert 'padding_mode="circular"' in Path("out.py").read_text()
        Path("out.py").unlink()


# numbers of numpy


@pytest.mark.parametrize(
    ("name", "given", "expected"),
    [
        ("wide", np.int64(5), 5),
        ("wide", np.uint8(5), 5),
        ("rate", np.float64(0.25), 0.25),
        ("rate", np.float32(0.25), 0.25),
        ("flag", np.bool_(True), True),
        ("flag", np.False_, False),
        ("sizes", [np.int32(2), np.int16(3)], (2, 3)),
        ("sizes", (np.int32(2), 3), (2, 3)),
        ("sizes", torch.Size([2, 3]), (2, 3)),
    ],
)
def test_numbers_of_numpy(name: str, given: Any, expected: Any) -> None:
    made = value(name, given)
    assert made == expected
    assert isinstance(made, type(expected))


DEEP: list[Any] = []
DEEP.append(DEEP)


@pytest.mark.parametrize(
    "given",
    [DEEP, b"x", 1j, object(), {"a": 1}, {1, 2}, np.arange(2), torch.ones(2), torch.nn.ReLU(), Decimal("1.5"),
     float("nan"), np.float64("nan"), 10**400, [1, b"x"], [[object()]], range(3), len, int],
)  # fmt: skip
def test_other_values_are_refused(given: Any) -> None:
    assert codes(lambda: archspec.stats(SPEC, model="family", params={"wide": given})) == {"E0211"}


# sizes


@pytest.mark.parametrize(
    ("model", "given", "expected"),
    [
        ("family", (3, 16, 24), [3, 16, 24]),
        ("family", [3, 16, 24], [3, 16, 24]),
        ("family", (1, 3, 16, 24), [3, 16, 24]),
        ("family", 16, [3, 16, 16]),
        ("family", (16,), [3, 16, 16]),
        ("family", np.int64(16), [3, 16, 16]),
        ("family", tuple(np.array([3, 16, 24])), [3, 16, 24]),
        ("strip", (1, 3, 6, 12), [3, 6, 12]),
        ("rows", (16, 4), [16, 4]),
        ("rows", (1, 16, 4), [16, 4]),
    ],
)
def test_sizes_in_the_ways_people_give_them(model: str, given: Any, expected: list[int]) -> None:
    assert archspec.stats(SPEC, given, model=model).input == [1, *expected]


@pytest.mark.parametrize(
    ("model", "given", "code", "words"),
    [
        ("family", (16, 16), "E0331", "takes [3, 8, 8], not [16, 16]"),
        ("family", (2, 3, 16, 16), "E0331", "--batch 2"),
        ("family", (1, 1, 3, 16, 16), "E0331", "a size has 3 numbers, such as 3x8x8"),
        ("strip", 12, "E0331", "takes [3, size, 2 * size], not [12]"),
        ("strip", (1, 3, 12, 24), "E0331", "set the parameters instead"),
        ("rows", 16, "E0331", "takes [16, 10], not [16]"),
        ("family", (3, 0, 8), "E0331", "a size of an input is from 1"),
        ("family", "abc", "E0420", "`input_shape` is whole numbers, such as (3, 224, 224), and this is 'abc'"),
        ("family", "3x8x8", "E0420", "whole numbers"),
        ("family", 2.5, "E0420", "this is 2.5"),
        ("family", (3, 8.0, 8), "E0420", "this is (3, 8.0, 8)"),
        ("family", (3, None, 8), "E0420", "this is (3, None, 8)"),
        ("family", (3, True, 8), "E0420", "this is (3, True, 8)"),
        ("family", (), "E0420", "this is ()"),
        ("family", {}, "E0420", "this is {}"),
        ("family", object, "E0420", "whole numbers"),
    ],
)
def test_other_sizes_are_refused(model: str, given: Any, code: str, words: str) -> None:
    for call in (archspec.stats, archspec.check, archspec.compile_spec, archspec.load_spec, archspec.generate_source):
        if call is archspec.load_spec and code == "E0331":
            continue  # the size is held against the model when that is made
        with pytest.raises(ArchspecError) as caught:
            call(SPEC, model=model, input_shape=given)
        assert {item.code for item in caught.value.diagnostics} == {code}
        assert words in str(caught.value)


@pytest.mark.parametrize(
    ("text", "status"), [("1x3x16x16", 0), ("16", 0), ("3,16,16", 0), ("16x16", 1), ("2x3x16x16", 1)]
)
def test_sizes_on_the_command_line(text: str, status: int, path: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["stats", f"{path}#family", "--input", text]) == status
    said = capsys.readouterr()
    assert ("3x16x16" in said.out) == (status == 0)


# SPEC#MODEL


PICKED = "nets.arch#strip[size=9]"


@pytest.mark.parametrize(
    "args",
    [["stats", PICKED], ["check", PICKED, "nets.arch#rows"], ["list", PICKED], ["build", PICKED, "-o", "made.py"],
     ["compare", PICKED, PICKED], ["diff", PICKED, PICKED], ["sweep", PICKED, "--vary", "batch=1,2"],
     ["stats", PICKED, "--model", "strip"], ["stats", PICKED, "--symbolic", "batch"],
     ["stats", PICKED, "--conventions"]],
    ids=lambda args: " ".join(args),
)  # fmt: skip
def test_a_model_of_a_spec_everywhere(args: list[str], path: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(args) == 0
    said = capsys.readouterr().out
    assert "strip" in said or args[0] == "sweep"
    if args[0] == "build":
        assert "Input 3x9x18" in Path("made.py").read_text()


def test_a_model_of_a_spec_in_python(path: str) -> None:
    for report in (archspec.stats(PICKED), archspec.check(PICKED), archspec.compare(PICKED, PICKED).reports[1]):
        assert (report.model, report.input) == ("strip", [1, 3, 9, 18])
    assert archspec.load_spec(PICKED).name == "strip"
    assert archspec.load_spec("nets.arch#strip", params={"size": 4}).given
    assert archspec.stats("nets.arch#strip[size=5]", params={"size": 4}).input == [1, 3, 5, 10]
    assert archspec.diff("nets.arch#family", "nets.arch#reflecting").b == "reflecting"
    assert archspec.load_spec("odd#name[1].arch").name == "odd"
    assert archspec.stats("poolformer_s12#poolformer_s24[num_classes=10]").model == "poolformer_s24"


def test_standard_input_has_models_too(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(SPEC.encode())))
    assert main(["diff", "-#family[wide=5]", "-#reflecting"]) == 0
    assert "family[wide=5]" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("spec", "code"),
    [("nets.arch#", "E0421"), ("nets.arch#a b", "E0421"), ("#strip", "E0421"), ("nets.arch#strip[size=9", "E0421"),
     ("nets.arch#strip[size]", "E0422"), ("nets.arch#strip[size=]", "E0422"), ("nets.arch#strip[size=1,]", "E0422"),
     ("nets.arch#stripe", "E0207"), ("nets.arch#strip[sise=1]", "E0208"), ("none.arch#strip", "E0201")],
)  # fmt: skip
def test_picks_that_pick_nothing(spec: str, code: str, path: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert codes(lambda: archspec.stats(spec)) == {code}
    if code in ("E0421", "E0422"):
        for args in (["stats", spec], ["check", spec], ["compare", spec, "poolformer_s12"]):
            with pytest.raises(SystemExit) as stop:
                main(args)
            assert stop.value.code == 2
    else:
        assert main(["stats", spec]) == 1
    assert "Traceback" not in capsys.readouterr().err


def test_one_model_at_a_time(path: str) -> None:
    assert codes(lambda: archspec.stats("nets.arch#strip", model="rows")) == {"E0423"}
    assert main(["stats", "nets.arch#strip", "--model", "rows"]) == 1


# all else


SPECS = [None, 3, b"poolformer_s12", ["poolformer_s12"], {}, object(), int, torch.ones(1)]


@pytest.mark.parametrize("spec", SPECS)
def test_what_is_no_spec(spec: Any) -> None:
    for call in (*CALLS, archspec.load_spec):
        assert codes(partial(call, spec)) == {"E0420"}
    assert codes(lambda: archspec.compare(spec, "poolformer_s12")) == {"E0420"}
    assert codes(lambda: archspec.diff("poolformer_s12", spec)) == {"E0420"}
    assert codes(lambda: archspec.sweep(spec, {"batch": "1"})) == {"E0420"}
    assert codes(lambda: archspec.fit(spec, {"macs": 1}, "batch")) == {"E0420"}


CALLS: tuple[Callable[..., object], ...] = (
    archspec.stats, archspec.check, archspec.compile_spec, archspec.generate_source,
)  # fmt: skip
ONE = "model one(size = 2) on x: [size] { return relu(x) }"
WRONG: list[tuple[str, dict[str, Any]]] = [
    ("E0420", {"model": 3}),
    ("E0420", {"model": b"strip"}),
    ("E0420", {"params": [1]}),
    ("E0420", {"params": "size=1"}),
    ("E0420", {"params": {1: 2}}),
    ("E0420", {"allow_extern": "no"}),
    ("E0420", {"allow_extern": None}),
    ("E0420", {"allow_extern": []}),
]


@pytest.mark.parametrize(("code", "given"), WRONG, ids=[str(given) for _, given in WRONG])
def test_what_no_function_takes(code: str, given: dict[str, Any]) -> None:
    for call in CALLS:
        assert codes(partial(call, SPEC, **{"model": "strip", **given})) == {code}
    if "allow_extern" not in given:
        assert codes(lambda: archspec.load_spec(SPEC, **given)) == {code}
    if "model" not in given:
        assert codes(lambda: archspec.compare(ONE, ONE, **given)) == {code}
        assert codes(lambda: archspec.diff(ONE, ONE, **given)) == {code}
    assert codes(lambda: archspec.sweep(SPEC, {"batch": "1,2"}, **{"model": "strip", **given})) == {code}
    assert codes(lambda: archspec.fit(SPEC, {"macs": 1}, "batch=1..2", **{"model": "strip", **given})) == {code}


BATCHES: list[Any] = [0, -1, 1.5, "2", None, True, [], 2**63]
DTYPES: list[Any] = [None, 3, "int8", "float", [], torch.int8, float]


@pytest.mark.parametrize(
    ("given", "code"),
    [*(({"batch": batch}, "E0411") for batch in BATCHES), *(({"dtype": dtype}, "E0412") for dtype in DTYPES)],
)
def test_batches_and_dtypes_that_are_none(given: dict[str, Any], code: str) -> None:
    assert codes(lambda: archspec.stats(SPEC, model="strip", **given)) == {code}
    assert codes(lambda: archspec.sweep(SPEC, {"size": "6,7"}, model="strip", **given)) == {code}
    assert codes(lambda: archspec.fit(SPEC, {"macs": 1}, "size=1..2", model="strip", **given)) == {code}


def test_batches_and_dtypes_by_other_names() -> None:
    report = archspec.stats(SPEC, model="strip", batch=np.int64(4), dtype=torch.bfloat16)
    assert (report.batch, type(report.batch), report.dtype) == (4, int, "bfloat16")
    assert report == archspec.stats(SPEC, model="strip", batch=4, dtype="bfloat16")
    made = archspec.compile_spec(SPEC, model="family", dtype="float64", device=torch.device("cpu"))
    assert {p.dtype for p in made.parameters()} == {torch.float64}


NO_DEVICES: list[Any] = ["nope", "", 3.5, [], "cuda:99", "cpu:x", -1]
NO_DTYPES: list[Any] = ["float31", torch.int64, torch.complex64, "torch", 32, float, torch.bool]


@pytest.mark.parametrize(
    "given", [*({"device": device} for device in NO_DEVICES), *({"dtype": dtype} for dtype in NO_DTYPES)], ids=str
)
def test_places_that_torch_does_not_have(given: dict[str, Any]) -> None:
    assert codes(lambda: archspec.compile_spec(SPEC, model="family", **given)) == {"E0420"}


def test_cases_of_a_closed_form() -> None:
    report = archspec.stats(SPEC, model="family")
    assert report.at(h=np.int64(16), w=np.int32(16)) == report.at(h=16, w=16)
    assert report.at(rate=np.float32(0.25)) == report.at(rate=0.25)
    wrong: list[Any] = [None, "16", b"16", [16], True, float("nan"), object(), 1j]
    for value in wrong:
        assert codes(partial(report.at, h=value)) == {"E0702"}
    assert codes(partial(report.at, hh=3)) == {"E0701"}


def test_a_resolved_spec_is_settled() -> None:
    spec = archspec.load_spec(SPEC, "strip")
    assert archspec.stats(spec, model="strip").model == "strip"
    assert codes(lambda: archspec.stats(spec, params={"size": 3})) == {"E0424"}
    assert codes(lambda: archspec.stats(spec, model="rows")) == {"E0207"}


def test_calls_that_lack_or_have_too_much_are_type_errors() -> None:
    calls: list[Any] = [archspec.stats, archspec.load_spec, archspec.sweep, archspec.load_checkpoint]
    for call in calls:
        with pytest.raises(TypeError):
            call()
        with pytest.raises(TypeError):
            call(SPEC, modle="strip")


@pytest.mark.parametrize(
    ("given", "code"),
    [
        ({"vary": 3}, "E0420"),
        ({"vary": {1: "2"}}, "E0420"),
        ({"vary": {}}, None),
        ({"vary": {"size": 4}}, "E0720"),
        ({"vary": {"size": b"4"}}, "E0720"),
        ({"vary": {"size": []}}, "E0720"),
        ({"vary": {"size": [object()]}}, "E0720"),
        ({"vary": {"size": "4,,5"}}, "E0720"),
        ({"vary": {"size": np.array([4, 5])}}, None),
        ({"vary": {"size": range(4, 6)}}, None),
        ({"where": 3}, "E0420"),
        ({"where": None}, "E0420"),
        ({"sample": 0}, "E0420"),
        ({"sample": 2.0}, "E0420"),
        ({"sample": np.int64(2)}, None),
        ({"seed": -1}, "E0420"),
        ({"seed": None}, "E0420"),
        ({"metrics": ()}, "E0420"),
        ({"metrics": ("macs", "speed")}, "E0420"),
        ({"metrics": "macs"}, "E0420"),
        ({"goals": None}, "E0420"),
        ({"goals": ""}, "E0723"),
        ({"goals": "min:macs,"}, "E0723"),
        ({"out": 3}, "E0420"),
        ({"out": b"x.csv"}, "E0420"),
        ({"out": "x.txt"}, "E0508"),
        ({"executor": 4}, "E0420"),
        ({"executor": "threads"}, "E0420"),
        ({"checks": -1}, "E0420"),
    ],
)
def test_sweeps_of_nothing_that_there_is(given: dict[str, Any], code: str | None) -> None:
    def call() -> object:
        return archspec.sweep(SPEC, **{"vary": {"size": "4,5"}, "model": "strip", **given})

    if code is None:
        call()
    else:
        assert codes(call) == {code}


@pytest.mark.parametrize(
    ("given", "code"),
    [
        ({"budget": None}, "E0420"),
        ({"budget": 4e9}, "E0420"),
        ({"budget": {}}, "E0729"),
        ({"budget": {"speed": 1}}, "E0729"),
        ({"budget": {"flops": "1G"}}, "E0420"),
        ({"budget": {"flops": float("nan")}}, "E0420"),
        ({"budget": {"flops": float("inf")}}, "E0420"),
        ({"budget": {"flops": 0}}, "E0420"),
        ({"budget": {"flops": np.float64(100)}}, None),
        ({"free": None}, "E0420"),
        ({"free": ["size"]}, "E0420"),
        ({"free": "size,,batch"}, "E0720"),
        ({"free": {"size": None}}, None),
        ({"top": 0}, "E0420"),
        ({"top": None}, "E0420"),
        ({"trials": 0.5}, "E0420"),
        ({"seed": "x"}, "E0420"),
        ({"where": 1}, "E0420"),
    ],
)
def test_fits_of_nothing_that_there_is(given: dict[str, Any], code: str | None) -> None:
    def call() -> object:
        return archspec.fit(SPEC, **{"budget": {"flops": 500}, "free": "size=1..9", "model": "strip", **given})

    if code is None:
        call()
    else:
        assert codes(call) == {code}
