"""Checkpoints that do not fit: everything is listed, nothing is loaded."""

from __future__ import annotations

import pickle
from pathlib import Path

import pytest
import torch
from torch import Tensor, nn

import archspec
from archspec import ArchspecError
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
