"""The command as a person calls it."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
import torch
from safetensors.torch import load_file

import archspec
from archspec.cli import main
from tests.conftest import ROOT
from tests.fill import filled

MIXER = """
use std.blocks: metaformer, patch_embed, classifier
use std.mixers: pooling

module shift_mixer on x: [c, h, w] -> [c, h, w] {
    a, b = chunk(x, 2, axis = 0)
    return concat([roll(a, 1, axis = 1), roll(b, 1, axis = 2)], axis = 0) - x
}

model mine on image: [3, 64, 64] {
    stem  = patch_embed(32, kernel = 4, stride = 4)
    block = metaformer(mixer = pooling(3))
    down  = patch_embed(kernel = 2, stride = 2)
    stage s1 { dim = 32, depth = 2 }
    stage s2 { dim = 64, depth = 2, mixer = shift_mixer }
    head  = classifier(10)
}
"""


def test_build_writes_a_file_and_says_so(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["build", str(ROOT / "specs" / "poolformer_m36.arch"), "-o", str(tmp_path)]) == 0
    said = capsys.readouterr().out
    assert "poolformer_m36.py" in said
    assert "56,172,520 parameters" in said
    assert (tmp_path / "poolformer_m36.py").read_text() == archspec.generate_source("poolformer_m36")
    assert [path.name for path in tmp_path.iterdir()] == ["poolformer_m36.py"]


def test_stats_json_has_the_promised_shape(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["stats", "poolformer_s12", "--format", "json", "--input", "3x192x256"]) == 0
    data = json.loads(capsys.readouterr().out)
    assert data["schema"] == "archspec.stats/1"
    assert data["input"] == [1, 3, 192, 256]
    assert sum(data["by_operator"].values()) == data["fvcore"]
    assert set(data["memory"]) >= {"params_bytes", "train_saved_bytes", "inference_peak_bytes"}
    assert [row["output_shape"] for row in data["stages"]][-1] == [1, 512, 6, 8]
    assert {"name", "dim", "depth", "mixer", "output_shape", "params", "macs"} == set(data["stages"][0])
    top = [row for row in data["layers"] if row["path"] in ("stem", "head") or row["path"].count(".") == 1]
    assert sum(r["macs"] for r in top if r["path"] in ("stem", "head") or r["type"] == "stage") == data["macs"]


@pytest.mark.parametrize("format", ["table", "csv", "markdown"])
def test_other_formats(format: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["stats", "poolformer_m36", "--format", format, "--depth", "1"]) == 0
    said = capsys.readouterr().out
    assert "stages.3" in said
    assert "\033" not in said
    assert "stages.3.downsample" not in said


def test_verify_runs_fvcore(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["stats", "metaformer_ppaa_s12_224", "--verify"]) == 0
    assert "equal to reference execution, fvcore and torch" in capsys.readouterr().out


def test_list_names_every_shipped_model(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["list", "--format", "json"]) == 0
    rows = {row["name"]: row for row in json.loads(capsys.readouterr().out)["models"]}
    assert set(rows["poolformer_m36"]) == {"name", "spec", "input", "params", "fvcore", "doc"}
    assert rows["poolformer_m36"]["params"] == 56172520
    sizes = ("s12", "s24", "s36", "m36", "m48")
    wanted = {f"poolformer_{size}{form}" for size in sizes for form in ("", "_feat")}
    wanted |= {
        f"metaformer_{name}" for name in ("id_s12", "pppa_s12_224", "ppaa_s12_224", "pppf_s12_224", "ppff_s12_224")
    }
    assert wanted <= rows.keys()


def test_check_passes_every_shipped_spec(capsys: pytest.CaptureFixture[str]) -> None:
    specs = [str(path) for path in sorted((ROOT / "specs").rglob("*.arch"))]
    assert main(["check", *specs]) == 0
    assert capsys.readouterr().err == ""


def test_a_spec_from_standard_input() -> None:
    done = subprocess.run([sys.executable, "-m", "archspec", "stats", "-"], input=MIXER, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    assert "shift_mixer" in done.stdout


def test_stats_build_check_and_list_never_import_torch(tmp_path: Path) -> None:
    code = (
        "import sys; from archspec.cli import main\n"
        f"for call in (['stats', 'poolformer_m36'], ['build', 'poolformer_m36', '-o', {str(tmp_path)!r}],"
        " ['check', 'poolformer_s12'], ['list']):\n"
        "    assert main(call) == 0\n"
        "assert not {'torch', 'numpy', 'fvcore'} & sys.modules.keys(), 'imported'\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (["stats", "missing.arch"], "no such file"),
        (["stats", "poolfrmer_s12"], "did you mean `poolformer_s12`"),
        (["stats", "poolformer_s12", "--set", "num_clases=10"], "did you mean `num_classes`"),
        (["stats", "poolformer_s12", "--set", "classes=10"], "it is called `num_classes`"),
        (["stats", "poolformer_s12", "--set", "dropout=0.1"], "it is called `drop_rate`"),
        (["stats", "poolformer_s12", "--set", "num_classes=-1"], "cannot have -1 classes"),
        (["stats", "poolformer_s12", "--set", "norm=group_nrm(1)"], "did you mean `group_norm`"),
        (["stats", "poolformer_s12", "--set", "norm=group_norm("], "unexpected end"),
        (["stats", "poolformer_s12", "--input", "224x224"], "takes [in_chans, 224, 224]"),
        (["stats", "poolformer_s12", "--input", "3x2x2"], "does not fit"),
        (["stats", "poolformer_s12", "--model", "poolformer_s13"], "no model `poolformer_s13`"),
        (["stats", "specs/poolformer.arch", "--model", "poolformer_s11"], "did you mean `poolformer_s12`"),
        (["build", "poolformer_s12", "-o", "no/such/folder/x.py"], "cannot write"),
        (["weights", "poolformer_s12", "nothing.pth", "-o", "x.safetensors"], "no such file"),
    ],
)
def test_wrong_specs_exit_1(
    call: list[str], words: str, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(ROOT)
    assert main(call) == 1
    said = capsys.readouterr()
    assert said.out == ""
    assert "error[E" in said.err
    assert words in said.err


def test_codes_of_choices_and_outputs(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    assert main(["stats", str(ROOT / "specs" / "metaformer.arch")]) == 1
    assert "E0207" in capsys.readouterr().err
    assert main(["build", "poolformer_s12", "-o", str(tmp_path / "none" / "x.py")]) == 1
    assert "E0508" in capsys.readouterr().err


@pytest.mark.parametrize(
    "call",
    [[], ["stats"], ["stats", "poolformer_s12", "--input", "big"], ["stats", "x", "--set", "num_classes"], ["fly"]],
)
def test_wrong_calls_exit_2(call: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as stop:
        main(call)
    assert stop.value.code == 2
    assert capsys.readouterr().out == ""


def test_nothing_is_half_written(tmp_path: Path) -> None:
    target = tmp_path / "poolformer_s12.py"
    target.write_text("before")
    assert main(["build", "poolformer_s12", "--set", "num_classes=-3", "-o", str(target)]) == 1
    assert target.read_text() == "before"
    assert os.listdir(tmp_path) == ["poolformer_s12.py"]


def test_weights_are_converted(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    spec = archspec.load_spec("poolformer_block")
    model = archspec.compile_spec(spec)
    from archspec.checkpoints.keys import key_map
    from archspec.pipeline import build_graph

    names = key_map(spec, build_graph(spec), "official")
    official = {theirs: filled(theirs, model.state_dict()[ours].shape).float() for ours, theirs in names.items()}
    torch.save({"state_dict": official}, tmp_path / "official.pth")
    out = tmp_path / "own.safetensors"
    assert main(["weights", "poolformer_block", str(tmp_path / "official.pth"), "-o", str(out)]) == 0
    state = load_file(out)
    assert list(state) == sorted(model.state_dict())
    archspec.load_checkpoint(model, out, layout="archspec")
    for ours, theirs in names.items():
        assert torch.equal(model.state_dict()[ours], official[theirs])
