"""One file for a family: the class called with other parameters is what a spec with these parameters compiles to."""

from __future__ import annotations

from random import Random
from typing import Any

import pytest
import torch

import archspec
from archspec.backends.torch import load_module
from archspec.targets.torch.target import TORCH
from tests.fuzz.family import Refusal, arguments_of, difference

FAMILIES = [
    "amlp_vision", "caformer_s18", "convformer_s18", "convnext_tiny", "gdfn_block", "gmlp", "gmlp_block", "gmlp_lm",
    "gmlp_vision", "identityformer_s12", "linear_block", "linear_tiny", "metaformer_id_s12", "metaformer_ppaa_s12_224",
    "mixer", "poolformer_block", "poolformer_m36", "poolformer_s12_feat", "poolformerv2_s12", "randformer_s12",
    "resmlp", "resnet50", "restormer", "vit",
]  # fmt: skip
"""A model of each family that is shipped."""
SETS = 5
LARGEST = 8_000_000
"""Parameters of a variant that is compiled."""
USUAL: dict[str, list[Any]] = {
    "dim": [16, 24, 48], "dims": [8, 32, 40, 64], "widths": [8, 16, 24, 40], "depth": [1, 2, 3], "depths": [1, 2, 3],
    "refinement": [1, 3], "num_classes": [1, 10], "tokens_dim": [8, 20], "channels_dim": [8, 36], "patch": [16, 32],
    "heads": [1, 2], "drop_rate": [0.0, 0.2], "drop_path_rate": [0.0, 0.3], "in_chans": [1, 3], "out": [1, 3],
}  # fmt: skip
KEPT = {"restormer": {"depths", "heads", "in_chans", "out"}}
"""What hangs together so closely that it is drawn right too seldom."""


def drawn(name: str, value: Any, random: Random) -> Any:
    if isinstance(value, tuple):
        return tuple(drawn(name, item, random) for item in value)
    if name in USUAL:
        return random.choice(USUAL[name])
    return random.choice([value, value + 1, 2 * value] if isinstance(value, int) else [value, 0.5 * value, 2.0])


@pytest.mark.parametrize("name", FAMILIES)
def test_a_file_serves_its_family(name: str) -> None:
    model = archspec.compile_spec(name, device="meta")
    defaults, random, served = arguments_of(model), Random(name), 0
    assert defaults
    spec: Any = model.archspec
    names = {TORCH.variable(parameter.name): parameter.name for parameter in spec.model.parameters}
    for _ in range(300):
        some = [
            key
            for key in sorted(defaults.keys() - KEPT.get(name, set()))
            if random.random() < (0.6 if key in USUAL else 0.3)
        ]
        args = {key: drawn(key, defaults[key], random) for key in some}
        given = {names[key]: list(value) if isinstance(value, tuple) else value for key, value in args.items()}
        try:
            if archspec.stats(name, params=given).params > LARGEST:
                continue
        except archspec.ArchspecError:
            with pytest.raises((ValueError, RuntimeError, ZeroDivisionError)), torch.device("meta"):
                type(model)(**args)
            continue
        try:
            assert difference(model, name, name, {}, args) is None
        except Refusal:
            continue
        served += 1
        if served == SETS:
            return
    pytest.fail(f"{name} served {served} of {SETS}")


def test_the_defaults_are_the_specs() -> None:
    source = archspec.generate_source("poolformer_m36", params={"dims": [32, 64, 96, 128], "drop_path_rate": 0.1})
    model: Any = getattr(load_module(source, "poolformer_m36"), TORCH.class_name("poolformer_m36"))()
    assert arguments_of(model)["dims"] == (32, 64, 96, 128)
    assert [block.drop.drop_prob for block in model.stages[3].blocks][-1] == 0.1
    assert model.stages[0].blocks[0].drop.drop_prob == 0


@pytest.mark.parametrize(
    ("args", "words"),
    [
        ({"depths": (2, 2)}, "4 depths from 1 on"),
        ({"dims": (64, 128, 0, 512)}, "4 dims from 2 on"),
        ({"pool_size": 4}, "pool_size % 2 == 1"),
        ({"drop_path_rate": 1.5}, "drop_path_rate from 0.0 to 1.0"),
    ],
)
def test_arguments_that_the_file_was_not_written_for_are_refused(args: dict[str, Any], words: str) -> None:
    made = type(archspec.compile_spec("poolformer_m36", device="meta"))
    with pytest.raises(ValueError, match=f"written for {words}; for others, archspec build --set"):
        made(**args)


def test_what_decides_structure_is_no_argument() -> None:
    model = archspec.compile_spec("poolformer", device="meta")
    assert not {"mixers", "norm", "act", "features"} & arguments_of(model).keys()
