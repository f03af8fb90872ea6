"""Checkpoints that do not fit: everything is listed, nothing is loaded."""

from __future__ import annotations

import json
import os
import pickle
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import torch
from torch import Tensor, nn

import archspec
from archspec import ArchspecError
from archspec.checkpoints.fit import changed
from archspec.checkpoints.keys import key_map
from archspec.pipeline import build_graph


def official(model: nn.Module) -> dict[str, Tensor]:
    spec = archspec.load_spec("poolformer_block")
    names = key_map(spec, build_graph(spec), "official")
    return {names[key]: torch.full_like(value, 7) for key, value in model.state_dict().items()}


def test_all_problems_are_listed_and_nothing_is_loaded() -> None:
    model = archspec.compile_spec("poolformer_block")
    before = {key: value.clone() for key, value in model.state_dict().items()}
    state = official(model)
    state["mlp.fc1.wieght"] = state.pop("mlp.fc1.weight")
    state["norm1.bias"] = torch.zeros(3)
    state["extra"] = torch.zeros(1)
    with pytest.raises(ArchspecError) as caught:
        archspec.load_checkpoint(model, state)
    codes = sorted(item.code for item in caught.value.diagnostics)
    assert codes == ["E0502", "E0503", "E0503", "E0504"]
    assert "did you mean `mlp.fc1.wieght`" in str(caught.value)
    for key, value in model.state_dict().items():
        assert torch.equal(value, before[key])


def test_unknown_layouts_are_named() -> None:
    model = archspec.compile_spec("poolformer_block")
    with pytest.raises(ArchspecError, match="E0501"):
        archspec.load_checkpoint(model, {}, layout="offical")


def test_modules_of_others_are_refused() -> None:
    with pytest.raises(ArchspecError, match="E0506"):
        archspec.load_checkpoint(nn.Linear(2, 2), {})


class Boom:
    def __reduce__(self) -> tuple[object, tuple[str]]:
        return (exec, ("raise SystemExit('code ran')",))


@pytest.mark.parametrize("content", [b"", b"not a checkpoint", pickle.dumps({"weight": Boom()}), pickle.dumps([1, 2])])
@pytest.mark.parametrize("name", ["state.pth", "state.safetensors"])
def test_files_that_are_no_checkpoints(content: bytes, name: str, tmp_path: Path) -> None:
    model = archspec.compile_spec("poolformer_block")
    (tmp_path / name).write_bytes(content)
    with pytest.raises(ArchspecError, match="E0505"):
        archspec.load_checkpoint(model, tmp_path / name)


def test_a_long_list_is_cut() -> None:
    model = archspec.compile_spec("poolformer_s12", device="meta")
    with pytest.raises(ArchspecError) as caught:
        archspec.load_checkpoint(model, {})
    assert caught.value.diagnostics[-1].code == "E0507"
    assert len(caught.value.diagnostics) == 51


# what else can be wrong


@pytest.mark.parametrize("given", [None, 3, b"state.pth", [], 1.5, object(), torch.ones(1), nn.Linear(1, 1)])
def test_what_is_no_checkpoint(given: Any) -> None:
    model = archspec.compile_spec("poolformer_block")
    assert codes(model, given) == ["E0505"]


def test_tensors_without_plain_numbers() -> None:
    ones = torch.ones(6, 4)
    nested: Any = torch.nested.nested_tensor([torch.ones(2)], layout=torch.jagged)
    for made in (ones.to_sparse(), ones.to("meta"), nested):
        model, state = small()
        assert codes(model, {**state, "fc.weight": made}) == ["E0505"]


@pytest.mark.parametrize("layout", [None, 3, b"official", ["official"]])
def test_what_is_no_layout(layout: Any) -> None:
    assert codes(archspec.compile_spec("poolformer_block"), {}, layout) == ["E0420"]


@pytest.mark.parametrize("model", [None, 3, "poolformer_block", nn.Module])
def test_what_is_no_model(model: Any) -> None:
    assert codes(model, {}) == ["E0506"]


def test_places_that_are_no_files(tmp_path: Path) -> None:
    model = archspec.compile_spec("poolformer_block")
    os.mkfifo(tmp_path / "pipe.pth")
    (tmp_path / "loop.pth").symlink_to(tmp_path / "loop.pth")
    (tmp_path / "folder.safetensors").mkdir()
    for place in ("pipe.pth", "loop.pth", "folder.safetensors", "none/x.pth", "a" * 300, "nul\0"):
        assert codes(model, tmp_path / place) == ["E0505"]
    assert codes(model, "/dev/zero") == ["E0505"]


SPEC = """
model small on x: [4] {
    fc   = linear(6)
    norm = batch_norm
    head = linear(3)
    return head(norm(fc(x)))
}
"""


def small() -> tuple[nn.Module, dict[str, Tensor]]:
    model = archspec.compile_spec(SPEC)
    return model, {key: torch.full_like(value, 2) for key, value in model.state_dict().items()}


def codes(model: Any, given: Any, layout: Any = "archspec") -> list[str]:
    """The codes of what is wrong with a load, after which the model is as it was."""
    before = {k: v.clone() for k, v in model.state_dict().items()} if isinstance(model, nn.Module) else {}
    with pytest.raises(ArchspecError) as caught:
        archspec.load_checkpoint(model, given, layout)
    assert str(caught.value)
    for key, value in before.items():
        assert value.is_meta or torch.equal(model.state_dict()[key], value)
    return [item.code for item in caught.value.diagnostics]


EDITS: list[tuple[Callable[[Any], Any], int]] = [
    (lambda m: setattr(m, "head", nn.Linear(8, 3)), 1),
    (lambda m: setattr(m, "head", nn.Linear(6, 5)), 2),
    (lambda m: setattr(m, "head", nn.Identity()), 2),
    (lambda m: setattr(m, "head", nn.Linear(6, 3, bias=False)), 1),
    (lambda m: setattr(m, "head", nn.Sequential(nn.Linear(6, 3))), 4),
    (lambda m: setattr(m, "extra", nn.Linear(1, 1)), 2),
    (lambda m: m.norm.register_buffer("more", torch.ones(2)), 1),
    (lambda m: delattr(m, "norm"), 5),
    (lambda m: torch.nn.utils.parametrizations.weight_norm(m.fc), 3),
]


@pytest.mark.parametrize(("edit", "count"), EDITS)
def test_an_edited_model_is_left_alone(edit: Callable[[Any], Any], count: int) -> None:
    model, state = small()
    edit(model)
    assert codes(model, state) == ["E0513"] * count


def test_what_is_no_edit() -> None:
    model, state = small()
    model.half().eval().requires_grad_(False)
    model.head.bias = nn.Parameter(torch.zeros(3))  # type: ignore[union-attr]
    archspec.load_checkpoint(model, state, "archspec")
    assert all(bool((value == 2).all()) for value in model.state_dict().values())


def test_parts_without_memory() -> None:
    model, state = small()
    model.norm.to("meta")
    assert codes(model, state) == ["E0510"]


def test_one_tensor_cannot_be_two() -> None:
    model, state = small()
    model.norm.bias = model.norm.weight  # type: ignore[union-attr]
    archspec.load_checkpoint(model, state, "archspec")
    state["norm.bias"] = state["norm.bias"] + 1
    assert codes(model, state) == ["E0514"]


def test_a_model_made_in_inference_mode() -> None:
    with torch.inference_mode():
        model, state = small()
    assert set(codes(model, state)) == {"E0515"}


VALUES: list[tuple[torch.dtype, torch.dtype, list[Any], bool]] = [
    (torch.float64, torch.float32, [1 / 3, 1e-300, 3e38], True),
    (torch.float64, torch.float32, [1.0, 1e39], False),
    (torch.float64, torch.float32, [float("inf"), float("nan")], True),
    (torch.float32, torch.bfloat16, [1 / 3, 1e38], True),
    (torch.float32, torch.bfloat16, [3.4e38], False),
    (torch.float32, torch.float16, [1 / 3, 65504.0], True),
    (torch.float32, torch.float16, [65536.0], False),
    (torch.bfloat16, torch.float64, [1.5], True),
    (torch.float8_e4m3fn, torch.float32, [1.5], True),
    (torch.complex64, torch.float32, [1.0], False),
    (torch.float32, torch.complex64, [1.0], True),
    (torch.complex128, torch.complex64, [1 / 3 + 2j], True),
    (torch.complex128, torch.complex64, [1e300j], False),
    (torch.int64, torch.float32, [2**24, -5], True),
    (torch.int64, torch.float32, [2**24 + 1], False),
    (torch.int64, torch.float64, [2**53 + 1], False),
    (torch.int64, torch.float32, [2**63 - 1], False),
    (torch.int64, torch.float16, [2**17], False),
    (torch.int64, torch.int32, [2**31 - 1], True),
    (torch.int64, torch.int32, [2**31], False),
    (torch.int64, torch.int32, [-1, 2**32], False),
    (torch.uint8, torch.int8, [200], False),
    (torch.int8, torch.uint8, [-1], False),
    (torch.int64, torch.bool, [0, 1], True),
    (torch.int64, torch.bool, [2], False),
    (torch.bool, torch.float32, [True, False], True),
    (torch.float32, torch.int64, [3.0], True),
    (torch.float32, torch.int64, [2.5], False),
    (torch.float32, torch.int64, [1e30], False),
    (torch.float32, torch.int64, [float("nan")], False),
    (torch.float64, torch.int64, [2.0**63], False),
    (torch.int64, torch.int64, [2**63 - 1], True),
]


@pytest.mark.parametrize(("theirs", "ours", "values", "good"), VALUES)
def test_values_that_a_dtype_cannot_hold(theirs: torch.dtype, ours: torch.dtype, values: list[Any], good: bool) -> None:
    assert (changed(torch.tensor(values, dtype=theirs), torch.zeros(len(values), dtype=ours)) is None) == good


def test_changed_values_are_named() -> None:
    model, state = small()
    state["fc.weight"] = state["fc.weight"].to(torch.complex64)
    state["head.bias"] = torch.tensor([1.0, 2.0, 1e300], dtype=torch.float64)
    state["norm.num_batches_tracked"] = torch.tensor(1.5)
    assert codes(model, state) == ["E0512"] * 3


def test_a_key_twice_in_a_file(tmp_path: Path) -> None:
    model, _ = small()
    path = tmp_path / "twice.safetensors"
    entry = {"dtype": "F32", "shape": [1], "data_offsets": [0, 4]}
    header = f'{{"a": {json.dumps(entry)}, "a": {json.dumps(entry)}}}'.encode()
    path.write_bytes(len(header).to_bytes(8, "little") + header + bytes(4))
    assert codes(model, path) == ["E0511"]
    assert codes(model, {1: torch.ones(1), "1": torch.ones(1)}) == ["E0511"]
    for data in (b"", b"\xff" * 8, (10**12).to_bytes(8, "little"), (4).to_bytes(8, "little") + b"[[[["):
        path.write_bytes(data)
        assert codes(model, path) == ["E0505"]
