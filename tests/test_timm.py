"""Shipped models against timm's: parameter counts, and outputs with timm's weights carried over by the spec's map."""

from __future__ import annotations

import warnings
from typing import Any

import pytest
import torch

import archspec
from tests.timm_models import import_timm

with warnings.catch_warnings():
    warnings.simplefilter("ignore")
    timm: Any = import_timm()

pytestmark = pytest.mark.skipif(timm is None, reason="timm is not installed (pip install --no-deps timm)")

NAMES = [
    "vit_small_patch16_224",
    "vit_tiny_patch16_224",
    "deit_small_patch16_224",
    "mixer_s16_224",
    "mixer_b16_224",
    "resmlp_12_224",
    "convnext_tiny",
    "resnet50",
]


@pytest.mark.parametrize("name", NAMES)
def test_outputs_equal_timms(name: str) -> None:
    torch.manual_seed(0)
    theirs = timm.create_model(name, pretrained=False).double().eval()
    for tensor in theirs.state_dict().values():
        if tensor.is_floating_point():
            tensor.add_(0.05 * torch.rand_like(tensor))
    ours = archspec.compile_spec(name, dtype=torch.float64).eval()
    archspec.load_checkpoint(ours, theirs.state_dict(), layout="timm")
    assert archspec.stats(name).params == sum(p.numel() for p in theirs.parameters())
    x = torch.randn(1, 3, 224, 224, dtype=torch.float64)
    with torch.no_grad():
        wanted, got = theirs(x), ours(x)
    assert float((got - wanted).abs().max()) <= 1e-9 * float(wanted.std())


@pytest.mark.parametrize(
    "name", ["convformer_s18", "caformer_s18", "poolformerv2_s12", "caformer_m36", "convformer_b36", "poolformer_m36"]
)
def test_sizes_equal_timms(name: str) -> None:
    with torch.device("meta"):
        theirs = timm.create_model(name, pretrained=False)
    assert archspec.stats(name).params == sum(p.numel() for p in theirs.parameters())
