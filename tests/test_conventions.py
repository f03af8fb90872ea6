"""One count by several conventions: every figure equal to the tool's own, for every shipped model and every op."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path

import pytest

import archspec
from archspec import ArchspecError
from archspec.api import load_spec
from archspec.cli import main
from archspec.pipeline import report_of
from archspec.report.conventions import CONVENTIONS
from archspec.report.model import Report
from archspec.report.reconcile import NAMES, reconcile, render_conventions
from archspec.spec import files
from archspec.spec.resolve import model_names
from archspec.spec.resolved import Resolved
from archspec.verification import Check, Verdict
from archspec.verification.counts import count_checks
from archspec.verification.measure import by_torch, parameter_count
from tests.test_ops import EXAMPLES, IDS, spec_of

SHIPPED = [name for path in files.shipped_files() for name in model_names(files.load(str(path)))]
CASES = Path(__file__).parent / "cases" / "conventions"


def differing(checks: tuple[Check, ...]) -> list[str]:
    """The figures that are not equal, fvcore's einsum apart, which it reads from a text of four digits."""
    return [
        f"{check.tool} {check.figure}: {check.ours} and {check.theirs}"
        for check in checks
        if check.ours != check.theirs
        and not (check.agrees and check.tool == "fvcore" and check.figure in ("einsum", "total"))
    ]


def counted(spec: Resolved, report: Report, allow_extern: bool = False) -> Verdict:
    """The counts of a report held against the compiled module's."""
    return Verdict(*count_checks(spec, report, allow_extern))


def larger(report: Report) -> tuple[int, ...]:
    """The input of a report with every axis but the channels one and a half times as long."""
    own = report.input[1:]
    return tuple(size if len(own) > 1 and at == 0 else size * 3 // 2 for at, size in enumerate(own))


@pytest.mark.parametrize("batch", [1, 4])
@pytest.mark.parametrize("name", SHIPPED)
def test_shipped_models_at_their_own_size(name: str, batch: int) -> None:
    spec = load_spec(name)
    verdict = counted(spec, report_of(spec, batch=batch))
    assert differing(verdict.checks) == []
    assert {check.tool for check in verdict.checks} == {"module", "fvcore", "torch"}


@pytest.mark.parametrize("name", SHIPPED)
def test_shipped_models_at_a_larger_size(name: str) -> None:
    own = archspec.stats(name)
    if own.fixed:
        with pytest.raises(ArchspecError, match=r"E0331|E0333"):
            archspec.stats(name, larger(own))
        return
    spec = load_spec(name, input_shape=larger(own))
    report = report_of(spec)
    assert differing(counted(spec, report).checks) == []
    assert report.macs > own.macs
    four = report_of(spec, batch=4)
    assert by_torch(spec, four, {}, False).by_operator == four.torch_by_operator
    assert parameter_count(spec, False) == four.params == own.params


@pytest.mark.parametrize(("name", "text"), EXAMPLES, ids=IDS)
def test_examples_of_ops(name: str, text: str) -> None:
    spec = load_spec(spec_of(text))
    assert differing(counted(spec, report_of(spec, batch=3)).checks) == []


ODD = {
    "a parameter on the left": "x: [5, 6] { param p: [4, 5] = ones return p @ x }",
    "a parameter on the right": "x: [4, 5] { param p: [5, 6] = ones return x @ p }",
    "a stack on the right": "x: [2, 4, 5] { param p: [2, 5, 6] = ones return x @ p }",
    "one matrix before a stack": "x: [2, 5, 4] { param p: [3, 5] = ones return p @ x }",
    "parameters on both sides": "x: [4, 6] { param p: [4, 5] = ones param q: [5, 6] = ones return x + p @ q }",
    "axes that broadcast": "x: [1, 4, 5], y: [3, 5, 2] { return x @ y }",
    "an einsum of parameters": "x: [4, 6] { param p: [4, 6] = ones return x + einsum(p, p, 'a b, c b -> a c') @ x }",
    "an outer product": "x: [3], y: [5] { return einsum(x, y, 'a, b -> b a') }",
    "an einsum that transposes": "x: [3, 5] { return einsum(x, 'a b -> b a') }",
    "an einsum that sums": "x: [3, 5] { return einsum(x, 'a b -> a') }",
    "an axis that one side has alone": "x: [3, 5], y: [5, 7] { return einsum(x, y, 'a b, b c -> a') }",
    "axes that both sides have alone": "x: [3, 5], y: [4, 7] { return einsum(x, y, 'a b, c d -> a c') }",
    "an axis of one": "x: [3, 1], y: [4, 1] { return einsum(x, y, 'a i, c i -> a c') }",
    "an einsum with a parameter": "x: [3, 4] { param p: [4, 5] = ones return einsum(p, x, 'b c, a b -> a c') }",
    "a linear map of a parameter": "x: [5] { param p: [4] = ones l = linear(5) return x + l(p) }",
    "a convolution of a parameter": "x: [8, 7] { param p: [4, 9] = ones l = conv(8, kernel = 3) return x + l(p) }",
    "a norm of a parameter": "x: [3, 8] { param p: [3, 8] = ones l = layer_norm return x + l(p) }",
    "a pooled parameter": "x: [8, 2, 2] { param p: [8, 4, 4] = ones return x + adaptive_avg_pool(p, 2) }",
    "a resized parameter": "x: [8, 6, 6] { param p: [8, 4, 4] = ones return x + interpolate(p, 6) }",
    "resized along one axis": "x: [8, 6] { return interpolate(x, 9) }",
    "keys that are parameters": "x: [2, 5, 4] { param k: [2, 6, 4] = ones return attend(x, k, k) }",
    "queries that are parameters": "x: [2, 6, 4] { param q: [2, 5, 4] = ones return attend(q, x, x) }",
    "attention of parameters": "x: [2, 5, 4] { param q: [2, 5, 4] = ones return x + attend(q, q, q) }",
    "attention with a bias": "x: [2, 5, 4] { param b: [2, 5, 5] = ones return attend(x, x, x, b) }",
    "attention on more axes": "x: [2, 3, 5, 4] { return attend(x, x, x, causal = true) }",
    "a recurrence without biases": "x: [5, 4] { l = lstm(6, layers = 2, bias = false) return l(x) }",
    "a depthwise transposed convolution": "x: [8, 9] { l = conv_transpose(8, kernel = 3, groups = 8) return l(x) }",
    "a layer used twice": "x: [6] { l = linear(6) return l(l(x)) }",
}


@pytest.mark.parametrize("body", ODD.values(), ids=ODD.keys())
@pytest.mark.parametrize("batch", [1, 3])
def test_ops_on_parameters_and_odd_shapes(body: str, batch: int) -> None:
    spec = load_spec("model m on " + body.replace("'", '"'))
    assert differing(counted(spec, report_of(spec, batch=batch)).checks) == []


def test_work_on_parameters_alone_does_not_grow_with_the_batch() -> None:
    text = "model m on x: [4, 6] { param p: [4, 5] = ones param q: [5, 6] = ones return x + p @ q }"
    one, many = archspec.stats(text), archspec.stats(text, batch=8)
    assert (one.macs, many.macs) == (120, 120)
    assert (one.flops, many.flops) == (240 + 24, 240 + 8 * 24)


def test_layers_and_stages_are_of_the_batch() -> None:
    one, four = archspec.stats("poolformer_s12"), archspec.stats("poolformer_s12", batch=4, dtype="bfloat16")
    assert four.input == [4, 3, 224, 224]
    assert (four.batch, four.dtype) == (4, "bfloat16")
    for mine, theirs in ((one.layers, four.layers), (one.stages, four.stages)):
        assert [4 * row.macs for row in mine] == [row.macs for row in theirs]
        assert [row.params for row in mine] == [row.params for row in theirs]
        assert [[4, *row.output_shape[1:]] for row in mine] == [row.output_shape for row in theirs]
    assert four.unmet == ()


OUTSIDE = """
extern mixed(dim) on x: [c, h, w] -> [c, h, w] = "tests.outside:Mixed" {{
    params = 10 * dim * dim
    macs = {macs}
}}
model m on x: [6, 8, 8] {{
    a = conv(6, kernel = 3)
    b = mixed(6)
    return b(b(a(x)))
}}
"""


@pytest.mark.parametrize(("macs", "equal"), [("10 * c * c * h * w", True), ("9 * c * c * h * w", False)])
def test_what_an_extern_declares_is_verified(macs: str, equal: bool) -> None:
    spec = load_spec(OUTSIDE.format(macs=macs))
    verdict = counted(spec, report_of(spec, True, batch=2), True)
    wrong = {(check.tool, check.figure) for check in verdict.checks if not check.agrees}
    assert verdict.equal == equal
    assert wrong == (set() if equal else {(t, f) for t in ("fvcore", "torch") for f in ("mixed", "total")})


def test_a_tool_that_fails_is_said_to(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(self: object) -> None:
        raise RuntimeError("no trace\nof it")

    monkeypatch.setattr("fvcore.nn.jit_analysis.JitModelAnalysis.by_module_and_operator", fail)
    spec = load_spec("model m on x: [3] { norm = layer_norm return norm(x) }")
    verdict = counted(spec, report_of(spec))
    assert not verdict.equal
    assert "NOT COUNTED" in "\n".join(verdict.lines())
    assert "fvcore failed: RuntimeError: no trace" in verdict.lines()
    assert verdict.summary() == "NOT equal to fvcore"


@pytest.mark.parametrize("name", ["gmlp_lm", "metaformer_ppaa_s12_224", "restormer"])
def test_columns_sum_to_the_report(name: str) -> None:
    report = archspec.stats(name, batch=2)
    rows = reconcile(report)
    for convention in CONVENTIONS:
        assert sum(row.counts[convention.name] for row in rows) == getattr(report, convention.name)
        assert all(row.why(convention.name) for row in rows)


@pytest.mark.parametrize(("name", "text"), EXAMPLES, ids=IDS)
def test_every_op_has_words_for_every_convention(name: str, text: str) -> None:
    for row in reconcile(archspec.stats(spec_of(text))):
        for convention in NAMES:
            word = row.why(convention)
            assert word
            if row.counts[convention] == 0 and convention != "flops":
                assert "0" in word or "left out" in word, (row.operator, convention, word)


@pytest.mark.parametrize("suffix", ["table", "markdown", "csv"])
def test_the_table_of_conventions(suffix: str, update: bool) -> None:
    path = CASES / f"gmlp_lm.{suffix}"
    said = render_conventions(archspec.stats("gmlp_lm", batch=4), suffix) + "\n"
    if update:
        path.write_text(said, encoding="utf-8")
    assert said == path.read_text(encoding="utf-8")


def test_conventions_as_data(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["stats", "poolformer_s12", "--conventions", "--format", "json"]) == 0
    data = json.loads(capsys.readouterr().out)
    found = data["conventions"]
    assert found["total"] == {name: data[name] for name in NAMES}
    pool = next(row for row in found["operators"] if row["operator"] == "avg_pool")
    assert (pool["macs"], pool["fvcore"], pool["torch"]) == (0, 0, 0)
    assert pool["flops"] > 0
    assert pool["why"]["torch"] == "no rule, so 0"
    assert main(["stats", "poolformer_s12", "--conventions", "--format", "csv"]) == 0
    rows = list(csv.DictReader(io.StringIO(capsys.readouterr().out)))
    assert sum(int(row["torch"]) for row in rows) == data["torch"]


def test_the_command_takes_a_batch_and_a_dtype(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["stats", "poolformer_s12", "--batch", "4", "--dtype", "bfloat16", "--format", "json", "--verify"]) == 0
    said = capsys.readouterr()
    data = json.loads(said.out)
    assert (data["batch"], data["dtype"], data["input"]) == (4, "bfloat16", [4, 3, 224, 224])
    assert data["torch"] == 2 * data["macs"] == sum(data["torch_by_operator"].values())
    assert "equal to reference execution, fvcore and torch" in said.err


@pytest.mark.parametrize(
    "call",
    [
        ["--batch", "1.5"], ["--batch", "many"], ["--dtype", "int8"], ["--input", "3xx224"], ["--input", "big"],
    ],
)  # fmt: skip
def test_malformed_calls_exit_2(call: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as stop:
        main(["stats", "poolformer_s12", *call])
    assert stop.value.code == 2
    said = capsys.readouterr().err
    assert f"argument {call[0]}: " in said
    assert call[1] in said


@pytest.mark.parametrize(
    ("call", "code", "words"),
    [
        (["--input", "3x2x2"], "E0313", "7x7 window of `conv`"),
        (["--input", "3x0x224"], "E0331", "a size of an input is from 1 to 2**31 - 1, and one of [3, 0, 224] is 0"),
        (["--input", "3x-1x224"], "E0331", "one of [3, -1, 224] is -1"),
        (["--input", "-3x224x224"], "E0331", "one of [-3, 224, 224] is -3"),
        (["--batch", "0"], "E0411", "a batch has 1 to"),
        (["--batch", "-1"], "E0411", "this is -1"),
        (["--batch", "10000000000"], "E0410", "`macs` of `poolformer_s12` is 1.81e19"),
        (["--batch", "100000000000000000"], "E0410", "`input` of `poolformer_s12` is 1.50e22"),
        (["--batch", "1" + "0" * 30], "E0411", "2**99 or more"),
        (["--set", "num_classes=1000000000000000"], "E0310", "num_classes"),
    ],
)
def test_what_a_spec_cannot_take_exits_1(
    call: list[str], code: str, words: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["stats", "poolformer_s12", *call]) == 1
    said = capsys.readouterr()
    assert said.out == ""
    assert f"error[{code}]" in said.err
    assert words in said.err


def test_a_figure_too_large_says_where() -> None:
    text = "model m on x: [4] { wide = linear(1000000000000) next = linear(1000000000000) return next(wide(x)) }"
    with pytest.raises(ArchspecError) as caught:
        archspec.stats(text)
    (found,) = caught.value.diagnostics
    assert found.code == "E0410"
    assert text[found.span.start : found.span.end].startswith("next(")
    assert "1.00e24 of it here: [1000000000000] -> [1000000000000]" in found.label
    assert "macs" in found.notes[0]


@pytest.mark.parametrize(
    ("given", "code"), [({"batch": 0}, "E0411"), ({"batch": True}, "E0411"), ({"dtype": "int8"}, "E0412")]
)
def test_wrong_arguments_of_stats(given: dict[str, object], code: str) -> None:
    with pytest.raises(ArchspecError) as caught:
        archspec.stats("poolformer_s12", **given)  # type: ignore[arg-type]
    assert caught.value.diagnostics[0].code == code
