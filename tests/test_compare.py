"""Models side by side and told apart: cases as files, properties over models, agreement with torch about weights."""

from __future__ import annotations

import csv
import io
import itertools
import json
import subprocess
import sys
from collections import OrderedDict
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

import archspec
from archspec.cli import main
from archspec.comparison.changes import Change
from archspec.comparison.compare_text import render_comparison
from archspec.comparison.diff import Diff
from archspec.comparison.diff_text import render_diff
from archspec.comparison.ranges import fold
from archspec.spec import files
from archspec.spec.schema import Spec
from tests.conftest import ROOT
from tests.fill import filled

CASES = sorted((Path(__file__).parent / "cases" / "diff").iterdir())
NAMES = files.shipped_names()
PAIRS = [
    ("poolformer_s12", "poolformer_s24"),
    ("poolformer_s12", "poolformer_m36"),
    ("poolformer_s12", "poolformer_s12_feat"),
    ("poolformer_s12", "metaformer_ppaa_s12_224"),
    ("metaformer_pppa_s12_224", "metaformer_ppff_s12_224"),
    ("poolformer_s12", "poolformerv2_s12"),
    ("caformer_s18", "convformer_s18"),
    ("identityformer_s12", "randformer_s12"),
    ("resnet50", "resnet101"),
    ("resmlp_12_224", "resmlp_24_224"),
    ("gmlp_vision", "amlp_vision"),
    ("restormer", "gdfn_block"),
    ("vit_tiny_patch16_224", "deit_small_patch16_224"),
    ("poolformer_s12", "vit_tiny_patch16_224"),
]


def moved(name: str) -> Spec:
    """A shipped model read from a text with every place in it moved."""
    path = files.find_shipped(name)
    assert path is not None
    return archspec.load_spec("# moved\n\n" + path.read_text(), name)


def load(path: Path) -> Spec:
    return archspec.load_spec(path)


# diff


@pytest.mark.parametrize("case", CASES, ids=[case.name for case in CASES])
def test_cases(case: Path, update: bool) -> None:
    said = render_diff(archspec.diff(case / "a.arch", case / "b.arch")) + "\n"
    expected = case / "diff.txt"
    if update:
        expected.write_text(said, encoding="utf-8")
    assert said == expected.read_text(encoding="utf-8")


@pytest.mark.parametrize("name", NAMES)
def test_a_model_does_not_differ_from_itself(name: str) -> None:
    found = archspec.diff(name, moved(name))
    assert found.equal
    assert found.changes == ()
    held = found.weights
    assert (held.misshapen, held.new, held.left, held.renamed, held.map) == ((), (), (), (), ())
    assert found.total("carried") == found.total("a") == found.total("b")


def told(change: Change, mirrored: bool = False) -> tuple[Any, ...]:
    details = sorted((d.name, *((d.after, d.before) if mirrored else (d.before, d.after))) for d in change.details)
    if not mirrored:
        return change.kind, change.path, change.old_path, change.before, change.after, tuple(details)
    kind = {"added": "removed", "removed": "added"}.get(change.kind, change.kind)
    return kind, change.old_path, change.path, change.after, change.before, tuple(details)


def check_mirrored(one: Diff, two: Diff) -> None:
    assert sorted(map(repr, map(told, one.changes))) == sorted(repr(told(c, mirrored=True)) for c in two.changes)
    a, b = one.weights, two.weights
    assert set(a.carried) == set(b.carried)
    assert set(a.new) == set(b.left)
    assert set(a.left) == set(b.new)
    assert {(m.key, m.before, m.after) for m in a.misshapen} == {(m.key, m.after, m.before) for m in b.misshapen}
    assert {(r.key, r.old_key) for r in a.renamed} == {(r.old_key, r.key) for r in b.renamed}
    assert one.total("a") == two.total("b")


def load_into(model: torch.nn.Module, state: dict[str, torch.Tensor]) -> Any:
    """Load without the leave that torch gives to states of old, whose batch norms do not count their batches."""
    held = OrderedDict(state)
    held._metadata = model.state_dict()._metadata  # type: ignore[attr-defined]
    return model.load_state_dict(held, strict=False)


def check_torch(a: Any, b: Any, found: Diff) -> None:
    """Hold what a difference says of weights against what torch does with them."""
    state = {k: v.to("meta") for k, v in archspec.compile_spec(a, device="meta").state_dict().items()}
    model = archspec.compile_spec(b, device="meta").to("meta")
    held = found.weights
    carried = {item.key for item in held.carried}
    missing, unexpected = load_into(model, {k: v for k, v in state.items() if k in carried})
    lacking = {item.key for item in held.new} | {item.key for item in held.misshapen}
    assert unexpected == []
    assert missing == [key for key in model.state_dict() if key in lacking]
    wrong = {item.key for item in held.misshapen}
    _, unexpected = load_into(model, {k: v for k, v in state.items() if k not in wrong})
    assert sorted(unexpected) == sorted(item.key for item in held.left)
    for key in wrong:
        with pytest.raises(RuntimeError, match="size mismatch"):
            load_into(model, {key: state[key]})
    assert {r.key: r.shape for r in held.renamed} == {r.key: tuple(state[r.old_key].shape) for r in held.renamed}
    assert found.total("b").tensors == len(model.state_dict())
    assert found.total("b").numbers == sum(v.numel() for v in model.state_dict().values())
    assert found.total("a").numbers == sum(v.numel() for v in state.values())


@pytest.mark.parametrize(("a", "b"), PAIRS)
def test_pairs_of_shipped_models(a: str, b: str) -> None:
    found = archspec.diff(a, b)
    assert not found.equal
    check_mirrored(found, archspec.diff(b, a))
    check_torch(a, b, found)
    check_torch(b, a, archspec.diff(b, a))


@pytest.mark.parametrize("case", CASES, ids=[case.name for case in CASES])
def test_cases_agree_with_torch_and_mirror(case: Path) -> None:
    a, b = load(case / "a.arch"), load(case / "b.arch")
    found = archspec.diff(a, b)
    check_mirrored(found, archspec.diff(b, a))
    check_torch(a, b, found)


def test_the_map_is_one_that_load_checkpoint_reads(tmp_path: Path) -> None:
    case = Path(__file__).parent / "cases" / "diff" / "renamed"
    found = archspec.diff(case / "a.arch", case / "b.arch")
    assert found.total("renamed") == found.total("new")
    text = (case / "b.arch").read_text().rstrip().removesuffix("}") + "\n".join(found.weights.map) + "\n}\n"
    old, new = archspec.compile_spec(case / "a.arch"), archspec.compile_spec(text, model="plain")
    state = {key: filled(key, value.shape).float() for key, value in old.state_dict().items()}
    old.load_state_dict(state)
    archspec.load_checkpoint(new, state, layout=found.a)
    x = torch.randn(2, 4, 6)
    torch.testing.assert_close(new(x), old(x))


def test_equal_models_compute_the_same() -> None:
    case = Path(__file__).parent / "cases" / "diff" / "only_words"
    one, two = archspec.compile_spec(case / "a.arch"), archspec.compile_spec(case / "b.arch")
    two.load_state_dict(one.state_dict())
    x = torch.randn(2, 3, 8, 8)
    torch.testing.assert_close(one(x), two(x))


FAMILY = """
use std.mixers: pooling, attention
module part({size}) on x: [c, h, w] -> [c, h, w] {{
    {fc} = conv(c, kernel = size, pad = size // 2, bias = {bias})
    norm = {norm}
    return x {sign} {act}(norm({fc}(x)))
}}
model net on x: [{channels}, 8, 8] {{
    {first} = [part({given})] * {depth}
    mix = {mixer}
    return mix({first}(x))
}}
"""
CHOICES = {
    "size": ("size = 3", "size = 1"),
    "fc": ("fc", "proj"),
    "bias": ("true", "false"),
    "norm": ("batch_norm", "group_norm(1)"),
    "sign": ("+", "*"),
    "act": ("relu", "gelu", "leaky_relu"),
    "channels": (8, 16),
    "first": ("blocks", "layers"),
    "given": ("", "3", "5"),
    "depth": (1, 3),
    "mixer": ("pooling(3)", "pooling(5)", "attention(head_dim = 4)", "attention(head_dim = 8)"),
}
drawn = st.fixed_dictionaries({name: st.sampled_from(values) for name, values in CHOICES.items()})


@settings(max_examples=40, deadline=None)
@given(drawn, drawn)
def test_drawn_models(mine: dict[str, Any], theirs: dict[str, Any]) -> None:
    a, b = (archspec.load_spec(FAMILY.format(**choice)) for choice in (mine, theirs))
    found = archspec.diff(a, b)
    check_mirrored(found, archspec.diff(b, a))
    check_torch(a, b, found)
    said = [{**c, "size": c["given"] or c["size"][-1], "given": ""} for c in (mine, theirs)]
    assert found.equal == (said[0] == said[1])
    assert (found.equal and not found.weights.new) or render_diff(found).startswith("---")


@pytest.mark.parametrize(
    "setting",
    ["pool_size=7", "layer_scale=none", "layer_scale=1e-6", "norm=batch_norm", "act=silu", "mlp_ratio=3",
     "num_classes=10", "drop_path_rate=0.1", "drop_rate=0.1", "dims=[64, 128, 256, 512]", "depths=[2, 2, 6, 3]",
     "in_chans=1", "num_classes=0"],
)  # fmt: skip
def test_a_setting_that_changes_the_source_is_a_difference(setting: str) -> None:
    key, _, value = setting.partition("=")
    changed = archspec.load_spec("poolformer_s12", params={key: value})
    assert archspec.generate_source(changed) != archspec.generate_source("poolformer_s12")
    found = archspec.diff("poolformer_s12", changed)
    assert not found.equal
    check_torch("poolformer_s12", changed, found)


def test_a_setting_that_changes_nothing_is_none() -> None:
    same = archspec.load_spec(
        "poolformer_s12", params={"pool_size": 3, "depths": [2, 2, 6, 2], "norm": "group_norm(1)"}
    )
    assert archspec.diff("poolformer_s12", same).equal


def test_folded_paths_are_exactly_those_there_are() -> None:
    paths = [f"s.{i}.b.{j}.{n}" for i, j in ((0, 2), (1, 2), (2, 6)) for j in range(j) for n in ("x", "y")] + ["s.1.b"]
    folded = fold((path, 0) for path in paths)
    unfolded = []
    for path, _, count in folded:
        parts = []
        for part in path.split("."):
            if part.startswith("{"):
                parts.append(part[1:-1].split(","))
            elif part[0].isdigit():
                ends = [
                    tuple(map(int, run.partition("-")[::2])) if "-" in run else (int(run),) * 2
                    for run in part.split(",")
                ]
                parts.append([str(n) for first, last in ends for n in range(first, last + 1)])
            else:
                parts.append([part])
        made = [".".join(own) for own in itertools.product(*parts)]
        assert len(made) == count
        unfolded += made
    assert sorted(unfolded) == sorted(paths)
    assert [path for path, _, _ in folded] == ["s.0-1.b.0-1.{x,y}", "s.2.b.0-5.{x,y}", "s.1.b"]


def test_numbered_names_fold_to_their_ends() -> None:
    names = ["fc10", "fc2", "fc3", "fc4", "norm1", "norm2", "fc08", "x"]
    ((path, _, count),) = fold((f"a.{name}.w", 0) for name in names if name != "fc08")
    assert (path, count) == ("a.{fc2..fc4,fc10,norm1,norm2,x}.w", 7)
    ((path, _, count),) = fold((f"a.{name}.w", 0) for name in names)
    assert (path, count) == ("a.{fc10,fc2,fc3,fc4,fc08,norm1,norm2,x}.w", 8)


# compare


def test_a_comparison_holds_the_reports_of_stats() -> None:
    names = ("poolformer_s12", "metaformer_ppaa_s12_224", "poolformer_m36")
    found = archspec.compare(*names, input_shape=(3, 224, 224))
    reports = [archspec.stats(name, input_shape=(3, 224, 224)) for name in names]
    assert found.labels == names
    for report, own in zip(reports, found.reports):
        assert own.to_dict() == report.to_dict()
    for row in (*found.figures, *found.memory):
        whole = [{**r.to_dict(), **r.to_dict()["memory"]}[row.name] for r in reports]
        assert list(row.values) == whole
        assert row.ratios == tuple(value / whole[0] for value in whole)
    for row in found.operators:
        assert row.values == tuple(r.by_operator.get(row.name) for r in reports)
    assert [row.stages for row in found.stages] == list(zip(*(r.stages for r in reports)))


def test_what_differs_is_said_in_words() -> None:
    found = archspec.compare("poolformer_s12", "metaformer_ppaa_s12_224")
    said = list(map(str, found.differences))
    assert "stage 3: mixer pooling -> attention" in said
    assert "stage 4: mixer pooling -> attention" in said
    assert "norm: group_norm(groups = 1) -> channel_layer_norm" in said
    assert not any(text.startswith(("depths", "dims", "stage 1", "act")) for text in said)
    said = list(map(str, archspec.compare("poolformer_s12", "poolformer_s36").differences))
    assert said == ["depths: [2, 2, 6, 2] -> [6, 6, 18, 6]", "layer_scale: 1e-05 -> 1e-06"]


def test_differences_are_found_without_parameters_of_one_name() -> None:
    case = Path(__file__).parent / "cases" / "diff" / "stage_mixer"
    said = list(map(str, archspec.compare(case / "a.arch", case / "b.arch").differences))
    assert "stage 2: mixer pooling -> attention" in said
    said = list(map(str, archspec.compare("caformer_s18", "poolformer_s12").differences))
    assert "mlp: star_mlp -> conv_mlp" in said
    assert "head: pooled_head -> classifier" in said


def test_equal_models_side_by_side() -> None:
    found = archspec.compare("poolformer_s12", moved("poolformer_s12"))
    assert found.same
    assert found.differences == ()
    assert found.labels == ("poolformer_s12 (1)", "poolformer_s12 (2)")
    assert render_comparison(found).endswith("equal in structure")


def test_stages_of_models_without_common_names_stand_by_place() -> None:
    case = Path(__file__).parent / "cases" / "diff" / "stage_mixer"
    found = archspec.compare("poolformer_s12", case / "a.arch", case / "b.arch")
    assert [(row.name, [s and s.name for s in row.stages]) for row in found.stages] == [
        ("1", ["stages.0", "s1", "s1"]), ("2", ["stages.1", "s2", "s2"]),
        ("3", ["stages.2", None, None]), ("4", ["stages.3", None, None]),
    ]  # fmt: skip
    rows = {row.name: row for row in archspec.compare(case / "a.arch", case / "b.arch").stages}
    assert list(rows) == ["s1", "s2"]


def test_colour_marks_the_least_and_changes_no_letter() -> None:
    found = archspec.compare("poolformer_s12", "poolformer_s24")
    plain, painted = render_comparison(found), render_comparison(found, colour=True)
    assert "\033" not in plain
    assert "\033[32m" in painted
    for code in ("1", "2", "32", "0"):
        painted = painted.replace(f"\033[{code}m", "")
    assert [line.rstrip() for line in painted.splitlines()] == [line.rstrip() for line in plain.splitlines()]


def test_too_few_models() -> None:
    with pytest.raises(ValueError, match="two models at least"):
        archspec.compare("poolformer_s12")


# the commands


def run(*call: str, capsys: pytest.CaptureFixture[str]) -> tuple[int, str, str]:
    status = main(list(call))
    said = capsys.readouterr()
    return status, said.out, said.err


def test_compare_as_json(capsys: pytest.CaptureFixture[str]) -> None:
    status, out, _ = run(
        "compare", "poolformer_s12", "specs/poolformer.arch#poolformer_s24[pool_size=5, drop_path_rate=0.1]",
        "--set", "num_classes=10", "--input", "3x192x256", "--format", "json", capsys=capsys,
    )  # fmt: skip
    data = json.loads(out)
    assert status == 0
    assert data["schema"] == "archspec.compare/1"
    assert [m["label"] for m in data["models"]] == ["poolformer_s12", "poolformer_s24[pool_size=5, drop_path_rate=0.1]"]
    assert all(m["input"] == [1, 3, 192, 256] for m in data["models"])
    shape, own = (3, 192, 256), {"pool_size": 5, "drop_path_rate": 0.1}
    reports = [
        archspec.stats("poolformer_s12", shape, params={"num_classes": 10}),
        archspec.stats("poolformer_s24", shape, params={"num_classes": 10, **own}),
    ]
    assert data["figures"]["flops"]["values"] == [r.flops for r in reports]
    assert data["memory"]["train_saved_bytes"]["values"] == [r.memory.train_saved_bytes for r in reports]
    assert {"what": "pool_size", "values": ["3", "5"]} in data["differences"]


def test_compare_as_csv_and_markdown(capsys: pytest.CaptureFixture[str]) -> None:
    _, out, _ = run("compare", "poolformer_s12", "caformer_s18", "--format", "csv", capsys=capsys)
    rows = {(row[0], row[1]): row[2:] for row in csv.reader(io.StringIO(out))}
    params = [archspec.stats(name).params for name in ("poolformer_s12", "caformer_s18")]
    assert rows["section", "name"] == ["poolformer_s12", "caformer_s18"]
    assert rows["total", "params"] == list(map(str, params))
    assert rows["operator", "group_norm"][1] == ""
    _, out, _ = run("compare", "poolformer_s12", "caformer_s18", "--format", "markdown", capsys=capsys)
    tables = [line for line in out.splitlines() if line.startswith("|")]
    assert {line.count("|") for line in tables} == {4}


def test_diff_exits_with_0_unless_asked(capsys: pytest.CaptureFixture[str]) -> None:
    assert run("diff", "poolformer_s12", "poolformer_s24", capsys=capsys)[0] == 0
    assert run("diff", "poolformer_s12", "poolformer_s24", "--exit-code", capsys=capsys)[0] == 1
    assert run("diff", "poolformer_s12", "poolformer_s12[pool_size=3]", "--exit-code", capsys=capsys)[0] == 0


def test_diff_as_json_is_the_whole_of_it(capsys: pytest.CaptureFixture[str]) -> None:
    _, out, _ = run("diff", "poolformer_s12", "poolformer_m36", "--format", "json", capsys=capsys)
    data, found = json.loads(out), archspec.diff("poolformer_s12", "poolformer_m36")
    assert data["schema"] == "archspec.diff/1"
    assert data == json.loads(json.dumps(found.to_dict()))
    assert len(data["changes"]) == len(found.changes)
    assert data["weights"]["totals"]["new"]["tensors"] == len(data["weights"]["new"]) == len(found.weights.new)


def test_long_lists_of_keys_are_cut_and_say_so() -> None:
    found = archspec.diff("resnet50", "poolformer_m36")
    shown = render_diff(found)
    assert "more keys; --format json has them all" in shown
    assert "\033[31m" in render_diff(replace(found), colour=True)


@pytest.mark.parametrize("command", ["compare", "diff"])
def test_every_wrong_spec_is_diagnosed(command: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    broken = tmp_path / "broken.arch"
    broken.write_text("model net on x: [4] { return nothing(x) }")
    status, out, err = run(command, str(broken), "poolformer_s12[clases=3]", capsys=capsys)
    assert (status, out) == (1, "")
    assert "`nothing`" in err
    assert "did you mean `num_classes`" in err
    status, out, err = run(command, "specs/poolformer.arch#poolformer_s11", "poolfrmer_s12", capsys=capsys)
    assert (status, out) == (1, "")
    assert err.count("did you mean `poolformer_s12`") == 2


@pytest.mark.parametrize(
    "call",
    [
        ["compare"], ["compare", "poolformer_s12"], ["diff", "poolformer_s12"], ["diff", "a", "b", "c"],
        ["compare", "poolformer_s12#", "b"], ["compare", "a", "b[c]"], ["diff", "a", "b[c=1"], ["diff", "[c=1]", "b"],
        ["diff", "a", "b", "--format", "csv"],
    ],
)  # fmt: skip
def test_wrong_calls_exit_2(call: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as stop:
        main(call)
    assert stop.value.code == 2
    assert capsys.readouterr().out == ""


def test_brackets_take_any_value_of_the_language(capsys: pytest.CaptureFixture[str]) -> None:
    given = (
        "poolformer_s12[mixers=[pooling(3), pooling(3), attention(head_dim = 32), attention], norm=channel_layer_norm]"
    )
    status, out, _ = run("diff", "poolformer_s12", given, capsys=capsys)
    assert status == 0
    assert "stages.2.blocks.0-5.token_mixer" in out
    assert "pooling(size = 3) -> attention(head_dim = 32)" in out


def test_torch_is_never_imported() -> None:
    code = (
        "import sys, archspec; from archspec.cli import main\n"
        "for call in (['compare', 'poolformer_s12', 'vit_tiny_patch16_224'], ['diff', 'poolformer_s12', 'resnet50']):\n"
        "    assert main(call) == 0\n"
        "archspec.diff('poolformer_s12', 'poolformer_s24'), archspec.compare('poolformer_s12', 'poolformer_s24')\n"
        "assert not {'torch', 'numpy', 'fvcore'} & sys.modules.keys(), 'imported'\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, cwd=ROOT)
    assert done.returncode == 0, done.stderr


def test_both_models_from_standard_input() -> None:
    text = "model one on x: [4] { fc = linear(4) return fc(x) }\nmodel two = one\n"
    call = [sys.executable, "-m", "archspec", "diff", "--exit-code", "--", "-#one", "-#two"]
    done = subprocess.run(call, input=text, capture_output=True, text=True, cwd=ROOT)
    assert done.returncode == 0, done.stderr
    assert "equal in structure" in done.stdout
