"""Models fill themselves: on the meta device and then for real, module by module, in any order, as often as asked."""

from __future__ import annotations

import copy
import io
from collections.abc import Callable
from typing import Any

import pytest
import torch
from torch import Tensor, nn

import archspec

EVERYTHING = """
module gained(start = 0.5) on x: [n, c] -> [n, c] {
    param weight: [c] = start
    param shift: [c] = normal(start / 4, mean = start)
    buffer offset: [c] = ones
    return x * weight + shift + offset
}

module mixed on x: [n, c] -> [n, c] {
    param table: [2 * n - 1, 1] = trunc_normal(0.02)
    buffer mix: [n, n] = softmax_rows
    const index: int [n, n] = [[i - j + n - 1 for j in range(n)] for i in range(n)]
    const decay: [n, n] = [[0.5 ** abs(i - j) for j in range(n)] for i in range(n)]
    return (mix + decay + rearrange(take(table, index), "n m o -> n (m o)")) @ x
}

module masked on x: [n, c] -> [n, c] {
    const mask: [n, n] = [[if j > i then -inf else 0 for j in range(n)] for i in range(n)]
    return attend(x, x, x, mask)
}

module block(start) on x: [n, c] -> [n, c] {
    norm  = layer_norm
    mix   = mixed
    mask  = masked
    fc1   = linear(2 * c)
    fc2   = linear(c, bias = false)
    gain  = gained(start = start)
    init fc2 { weight = normal(0.1 * start) }
    return x + gain(fc2(gelu(fc1(mask(mix(norm(x)))))))
}

model everything(starts = [1.0, 0.5, 0.25]) on image: [3, 6, 6] {
    init linear { weight = uniform(-0.1, 0.3), bias = 0.25 }
    init conv { weight = kaiming_normal_fan_out }
    init batch_norm { weight = zeros }
    init lstm { weight_hh_l0 = xavier_uniform }
    stem   = conv(8, kernel = 3, stride = 2, pad = 1)
    norm   = batch_norm
    blocks = [block(start) for start in starts]
    memory = lstm(8)
    act    = prelu
    head   = linear(5)
    init head { weight = zeros }
    x = rearrange(act(norm(stem(image))), "c h w -> (h w) c")
    for b in blocks { x = b(x) }
    return head(memory(x))
}
"""
NAMES = [
    "poolformer_s12",
    "gmlp_vision",
    "randformer_s12",
    "mixer_s16_224",
    "convnext_tiny",
    "vit_small_patch16_224",
    EVERYTHING,
]


def named(name: str) -> str:
    return name if "\n" not in name else "everything"


def parents_first(model: nn.Module) -> None:
    """As FSDP2's users do."""
    module: Any
    for module in model.modules():
        if hasattr(module, "reset_parameters"):
            module.reset_parameters()


def children_first(model: nn.Module) -> None:

    def reset(module: Any) -> None:
        if hasattr(module, "reset_parameters"):
            module.reset_parameters()

    model.apply(reset)


def twice(model: nn.Module) -> None:
    parents_first(model)
    children_first(model)


def held(model: nn.Module) -> dict[str, Tensor]:
    """All parameters, buffers and tables."""
    return {**dict(model.named_parameters()), **dict(model.named_buffers())}


def poisoned(model: nn.Module) -> nn.Module:
    """Memory as it may be found: nothing that was left unfilled goes unseen."""
    model.to_empty(device="cpu")
    for value in held(model).values():
        value.data.fill_(77)
    return model


def alike(ours: Tensor, fresh: Tensor) -> bool:
    """Whether two tensors come from one distribution; what never varies is equal."""
    a, b = ours.detach().double().flatten(), fresh.detach().double().flatten()
    if bool((b == b[0]).all()) or not bool(b.isfinite().all()):
        return torch.equal(a, b)
    close, spread = 8 / len(a) ** 0.5, float(b.std())
    apart: float = abs(float(a.mean()) - float(b.mean()))
    return bool(apart < close * spread and abs(float(a.std()) / spread - 1) < close)


@pytest.mark.parametrize("reset", [parents_first, children_first, twice])
@pytest.mark.parametrize("name", NAMES, ids=named)
def test_a_model_made_on_meta_fills_itself(name: str, reset: Callable[[nn.Module], None]) -> None:
    torch.manual_seed(0)
    fresh, made = archspec.compile_spec(name), archspec.compile_spec(name, device="meta")
    reset(poisoned(made))
    tables = {key for module in fresh.modules() for key in module._non_persistent_buffers_set}
    assert held(made).keys() == held(fresh).keys()
    for key, value in held(fresh).items():
        if key.rsplit(".", 1)[-1] in tables:
            assert torch.equal(held(made)[key], value), key
        else:
            assert alike(held(made)[key], value), key


@pytest.mark.parametrize("name", NAMES, ids=named)
def test_a_state_put_in_place_makes_a_whole_model(name: str) -> None:
    fresh, made = archspec.compile_spec(name).eval(), archspec.compile_spec(name, device="meta").eval()
    done = made.load_state_dict(fresh.state_dict(), assign=True)
    assert not done.missing_keys
    for key, value in held(fresh).items():
        assert torch.equal(held(made)[key], value), key
    x = torch.randn(2, *archspec.stats(name).input[1:])
    with torch.no_grad():
        assert torch.equal(made(x), fresh(x))


@pytest.mark.parametrize("dtype", [torch.float64, torch.bfloat16])
def test_tables_are_exact_in_the_dtype_of_the_model(dtype: torch.dtype) -> None:
    fresh, made = (archspec.compile_spec(EVERYTHING, dtype=dtype, device=device) for device in ("cpu", "meta"))
    parents_first(poisoned(made))
    for key, value in fresh.named_buffers():
        assert made.get_buffer(key).dtype == value.dtype
        if "mix.mix" not in key:
            assert torch.equal(made.get_buffer(key), value), key
    exact = torch.tensor([[0.5 ** abs(i - j) for j in range(9)] for i in range(9)], dtype=dtype)
    assert torch.equal(fresh.get_buffer("blocks.0.mix.decay"), exact)


def test_copies_fill_themselves_too() -> None:
    model = archspec.compile_spec(EVERYTHING)
    buffer = io.BytesIO()
    torch.save(model, buffer)
    buffer.seek(0)
    for other in (copy.deepcopy(model), torch.load(buffer, weights_only=False)):
        for key, value in held(other).items():
            assert torch.equal(value, held(model)[key])
        parents_first(poisoned(other))
        for key, value in held(other).items():
            assert alike(value, held(model)[key]), key


def test_every_class_of_its_own_values_resets_them() -> None:
    model = archspec.compile_spec(EVERYTHING)
    for module in model.modules():
        if module._parameters or module._buffers:
            assert hasattr(module, "reset_parameters"), type(module).__name__


def test_it_exports_and_compiles() -> None:
    text = EVERYTHING.replace("head(memory(x))", "head(x)").replace("    memory = lstm(8)\n", "")  # no LSTM compiles
    model = archspec.compile_spec(text).eval()
    x = torch.randn(2, 3, 6, 6)
    with torch.no_grad():
        exported: Any = torch.export.export(model, (x,)).module()
        torch.testing.assert_close(exported(x), model(x))
        torch.testing.assert_close(torch.compile(model, fullgraph=True, backend="eager")(x), model(x))


def test_a_layers_rule_is_a_class_of_the_file() -> None:
    source = archspec.generate_source(EVERYTHING)
    for line in (
        "class Linear(nn.Linear):",
        "class LinearNormal(nn.Linear):",
        "def __init__(self, *args: Any, weight_std: float, **kwargs: Any) -> None:",
        "class LinearZeros(nn.Linear):",
        "class Conv2d(nn.Conv2d):",
        "class BatchNorm2d(nn.BatchNorm2d):",
        "class LSTM(nn.LSTM):",
        "nn.init.normal_(self.weight, std=self.weight_std)",
    ):
        assert line in source, source
    assert ".get_submodule" not in source
    assert "isinstance" not in source
