"""Properties of many variants: whatever is asked for, report, source and module are one and the same model."""

from __future__ import annotations

from math import prod
from typing import Any

import torch
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import archspec
from archspec.graph.walk import weights_of
from archspec.pipeline import build_graph

MIXERS = ["pooling(3)", "pooling(5)", "identity", "attention(head_dim = 8)", "spatial_fc", "attention(16, true)"]


@st.composite
def variants(draw: st.DrawFn) -> dict[str, Any]:
    count = draw(st.integers(1, 4))
    mixers = [draw(st.sampled_from(MIXERS)) for _ in range(count)]
    positions = [draw(st.sampled_from(["none", "learned_position"])) for _ in range(count)]
    return {
        "depths": [draw(st.integers(1, 3)) for _ in range(count)],
        "dims": [16 * draw(st.integers(1, 4)) for _ in range(count)],
        "mixers": f"[{', '.join(mixers)}]",
        "positions": f"[{', '.join(positions)}]",
        "norm": draw(
            st.sampled_from(["group_norm(1)", "batch_norm", "channel_layer_norm", "channel_layer_norm(1e-6)"])
        ),
        "act": draw(st.sampled_from(["gelu", "relu", "silu", "leaky_relu(0.2)"])),
        "mlp_ratio": draw(st.sampled_from([1, 2.5, 4])),
        "layer_scale": draw(st.sampled_from([None, 1e-5])),
        "drop_path_rate": draw(st.sampled_from([0, 0.2])),
        "num_classes": draw(st.sampled_from([0, 7])),
        "features": draw(st.booleans()),
    }


@settings(max_examples=40, deadline=None, suppress_health_check=list(HealthCheck))
@given(variants())
def test_report_source_and_module_agree(params: dict[str, Any]) -> None:
    spec = archspec.load_spec("poolformer", params=params)
    report, root = archspec.stats(spec), build_graph(spec)
    model = archspec.compile_spec(spec).eval()
    assert sum(p.numel() for p in model.parameters()) == report.params
    shapes = {key: weight.shape for key, weight in weights_of(root)}
    assert {key: tuple(value.shape) for key, value in model.state_dict().items()} == shapes
    assert sum(prod(weight.shape) for _, weight in weights_of(root) if weight.trained) == report.params
    with torch.no_grad():
        result = model(torch.zeros(1, *report.input[1:]))
    outputs = list(result) if isinstance(result, (list, tuple)) else [result]
    assert [tuple(out.shape[1:]) for out in outputs] == [tuple(out.shape) for out in root.outputs]
