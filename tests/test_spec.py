"""The resolved spec: JSON in and out, parameters, shapes, and what a caller can give as a spec."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch

import archspec
from archspec import ArchspecError
from archspec.spec import files
from archspec.spec.schema import Spec
from tests.conftest import ROOT


@pytest.mark.parametrize("name", files.shipped_names())
def test_json_round_trip(name: str) -> None:
    spec = archspec.load_spec(name)
    text = spec.model_dump_json()
    again = Spec.model_validate_json(text)
    assert again == spec
    assert again.model_dump_json() == text
    assert archspec.generate_source(again) == archspec.generate_source(name)


def test_a_spec_is_a_path_a_name_a_text_or_a_schema() -> None:
    path = ROOT / "specs" / "poolformer_m36.arch"
    counts = {archspec.stats(spec).params for spec in (path, str(path), "poolformer_m36", archspec.load_spec(path))}
    assert counts == {56172520}
    assert archspec.stats("model tiny on x: [3] { fc = linear(4) return fc(x) }").params == 16


def test_one_of_several_models_in_a_file() -> None:
    path = "specs/poolformer.arch" if Path("specs/poolformer.arch").exists() else ROOT / "specs" / "poolformer.arch"
    model = archspec.compile_spec(
        path,
        model="poolformer_s12",
        params={"num_classes": 10, "drop_path_rate": 0.2},
        input_shape=(3, 256, 256),
        device="meta",
        dtype=torch.bfloat16,
    )
    assert model(torch.empty(1, 3, 256, 256, device="meta", dtype=torch.bfloat16)).shape == (1, 10)


@pytest.mark.parametrize(
    ("params", "code"),
    [
        ({"depth": 3}, "E0208"),
        ({"num_classes": object()}, "E0211"),
        ({"act": "gellu"}, "E0205"),
        ({"act": "gelu("}, "E0101"),
        ({"dims": [64, 128]}, "E0322"),
    ],
)
def test_wrong_parameters(params: dict[str, object], code: str) -> None:
    with pytest.raises(ArchspecError) as caught:
        archspec.stats("poolformer_s12", params=params)
    assert code in {item.code for item in caught.value.diagnostics}


def test_ablations_are_one_parameter_away() -> None:
    base = archspec.stats("poolformer_s12").params
    for size in (3, 5, 7, 9):
        assert archspec.stats("poolformer_s12", params={"pool_size": size}).params == base
    bare = archspec.stats("poolformer_s12", params={"layer_scale": None}).params
    assert base - bare == 2 * sum(d * n for d, n in zip((64, 128, 320, 512), (2, 2, 6, 2)))
    for norm in ("batch_norm", "channel_layer_norm"):
        assert archspec.stats("poolformer_s12", params={"norm": norm}).params == base
    for act in ("relu", "silu"):
        assert archspec.stats("poolformer_s12", params={"act": act}).macs == archspec.stats("poolformer_s12").macs
    assert archspec.stats("poolformer_s12", input_shape=(1, 64, 64), params={"in_chans": 1}).input == [1, 1, 64, 64]


def test_expectations_say_something_of_the_model_as_it_stands_alone() -> None:
    text = "model m(n = 3) on x: [3] { fc = linear(n) expect params == 12 return fc(x) }"
    assert archspec.stats(text).unmet == ()
    assert archspec.stats(text, params={"n": 4}).unmet == ()
    with pytest.raises(ArchspecError, match="E0401"):
        archspec.check(text.replace("== 12", "== 13"))


def test_a_file_may_be_called_as_anything(tmp_path: Path) -> None:
    """The names of files and those of ops have nothing to do with each other."""
    text = (
        "module relu on x: [c] -> [c] {\n    return x * 3\n}\nmodel m on x: [4] {\n    a = relu\n    return a(x)\n}\n"
    )
    sources = set()
    for name in ("op", "conv", "std", "relu", "m", "<text>", "<parameters>", "-"):
        (tmp_path / name).write_text(text, encoding="utf-8")
        sources.add(archspec.generate_source(str(tmp_path / name)).partition("import")[2])
    assert len(sources) == 1
    assert "x * 3" in sources.pop()


def test_a_file_called_like_a_shipped_one_is_another(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "specs" / "std").mkdir(parents=True)
    own = "module pooling(k = 3) on x: [c, h, w] -> [c, h, w] { return x * k }\n"
    (tmp_path / "specs" / "std" / "mixers.arch").write_text(own, encoding="utf-8")
    (tmp_path / "main.arch").write_text(
        "use std.mixers: pooling\nuse specs.std.mixers: pooling as mine\n"
        "model m on x: [4, 8, 8] {\n    a = pooling\n    b = mine\n    return b(a(x))\n}\n",
        encoding="utf-8",
    )
    monkeypatch.chdir(tmp_path)
    source = archspec.generate_source("main.arch")
    assert "avg_pool2d" in source
    assert "x * 3" in source
