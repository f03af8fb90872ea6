"""Memory in the report against memory measured: exactly what autograd keeps, the peak of inference, optimisers."""

from __future__ import annotations

import re
from itertools import product
from typing import Any

import pytest
import torch
from hypothesis import HealthCheck, given, settings
from torch import Tensor, nn

import archspec
from archspec import pipeline
from archspec.api import load_spec
from archspec.opdef.allocator import FloatType
from archspec.pipeline import build_graph
from archspec.report.memory import inference_peak, saved_for_backward
from archspec.report.model import make_report
from archspec.report.simulate import MemorySimulation
from archspec.spec import files
from archspec.spec.resolve import model_names
from archspec.spec.schema import Spec
from tests.layouts import BODIES
from tests.measure import fake_tensor, nbytes, packed, peak, random_inputs, turned
from tests.test_families import variants
from tests.test_ops import EXAMPLES, spec_of

DTYPES: tuple[FloatType, ...] = ("float32", "bfloat16", "float16", "float64")
NOT_RUN = re.compile("not implemented for|more than 1 (value per channel|spatial element)")
SHIPPED = sorted({name for path in files.shipped_files() for name in model_names(files.load(str(path)))})
USES = [spec_of(text) for _, text in EXAMPLES] + [f"model example {body}" for body in BODIES]


def small(name: str) -> Spec:
    """A shipped model with one block a stage, on a small image where it takes one."""
    spec = load_spec(name)
    declared = {parameter.name for parameter in spec.model.parameters}
    depths = {"depths": "[1, 1, 1, 1]", "depth": 1, "refinement": 1}
    spec = load_spec(name, params={key: value for key, value in depths.items() if key in declared})
    return resized(spec, 64)


def resized(spec: Spec, size: int) -> Spec:
    """The spec on a smaller image, where it takes an image of any size."""
    report = make_report(build_graph(spec))
    channels, *places = report.input[1:]
    return spec if report.fixed or len(places) != 2 else load_spec(spec, input_shape=(channels, size, size))


def live(spec: Spec, dtype: FloatType = "float32") -> nn.Module:
    """The module of a spec, its parameters as they happen to be."""
    model = archspec.compile_spec(spec, device="meta").to_empty(device="cpu").to(getattr(torch, dtype))
    for buffer in model.buffers():
        buffer.zero_()
    return model


@pytest.mark.parametrize("text", USES)
def test_what_autograd_keeps_of_an_op_is_exact(text: str) -> None:
    spec = load_spec(text)
    root = build_graph(spec)
    models = {dtype: archspec.compile_spec(spec).to(getattr(torch, dtype)) for dtype in DTYPES}
    for (dtype, model), batch, other_way, tracked in product(models.items(), (1, 3), (False, True), (False, True)):
        inputs = random_inputs(root, batch, getattr(torch, dtype))
        inputs = [turned(x) if other_way else x for x in inputs]
        inputs = [x.requires_grad_(tracked and x.is_floating_point()) for x in inputs]
        try:
            kept = packed(model, inputs)
        except (RuntimeError, ValueError) as error:
            if NOT_RUN.search(str(error)):
                continue
            raise
        effect = MemorySimulation(batch, dtype).effect(root, [fake_tensor(x) for x in inputs])
        own = effect.inside + sum(effect.state.values()) + sum(storage.size for storage in effect.saved)
        assert own == nbytes(kept), (dtype, batch, other_way, tracked, [(x.shape, x.stride()) for x in kept])


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("use", ["lstm(64)", "lstm(48, layers = 2, both_ways = true)", "lstm(32, bias = false)"])
def test_an_lstm_is_exact_but_for_the_workspace_of_its_kernel(use: str, dtype: FloatType) -> None:
    spec = load_spec(f"model m on x: [20, 40] {{ r = {use} return r(x) }}")
    root, model = build_graph(spec), archspec.compile_spec(spec).to(getattr(torch, dtype))
    own, kept = saved_for_backward(root, 3, dtype).total, packed(model, random_inputs(root, 3, getattr(torch, dtype)))
    if any(x.dtype == torch.uint8 for x in kept):
        assert own == pytest.approx(nbytes(kept), rel=0.12)
    else:
        assert own == nbytes(kept)


@pytest.mark.parametrize("name", SHIPPED)
def test_what_autograd_keeps_of_a_shipped_model_is_exact(name: str) -> None:
    spec = small(name)
    root, model = build_graph(spec), live(spec)
    kept = packed(model, random_inputs(root, 2))
    memory = make_report(root, batch=2).memory
    assert memory.train_saved_bytes == nbytes(kept)
    state = {x.untyped_storage().data_ptr() for x in (*model.parameters(), *model.buffers())}
    outside = [x for x in kept if x.untyped_storage().data_ptr() not in state]
    assert memory.train_saved_activation_bytes == nbytes(outside)


@pytest.mark.parametrize("name", ["poolformer_s12", "gmlp_lm", "vit_tiny_patch16_224", "caformer_s18"])
def test_whole_models_as_they_are_shipped(name: str) -> None:
    root = build_graph(load_spec(name))
    kept = packed(live(load_spec(name)), random_inputs(root, 1))
    assert archspec.stats(name).memory.train_saved_bytes == nbytes(kept)


@pytest.mark.parametrize("dtype", DTYPES[1:])
@pytest.mark.parametrize("name", ["vit_tiny_patch16_224", "convnext_tiny", "amlp_vision", "resnet50", "randformer_s12"])
def test_other_dtypes(name: str, dtype: FloatType) -> None:
    spec = small(name)
    root, model = build_graph(spec), live(spec, dtype)
    kept = packed(model, random_inputs(root, 2, getattr(torch, dtype)))
    memory = make_report(root, batch=2, dtype=dtype).memory
    assert memory.train_saved_bytes == nbytes(kept)
    assert memory.buffers_bytes == nbytes(list(model.buffers()))
    assert memory.params_bytes == nbytes([*model.parameters(), *model.buffers()])


@settings(max_examples=10, deadline=None, suppress_health_check=list(HealthCheck))
@given(variants())
def test_what_autograd_keeps_of_any_variant_is_exact(params: dict[str, Any]) -> None:
    spec = resized(archspec.load_spec("poolformer", params=params), 96)
    root, model = build_graph(spec), live(spec)
    own, measured = saved_for_backward(root, 2).total, nbytes(packed(model, random_inputs(root, 2)))
    if params["drop_path_rate"]:  # the first rate is 0, and its class, shared with the others, draws all the same
        assert own == pytest.approx(measured, rel=1e-4)
    else:
        assert own == measured


@pytest.mark.parametrize("name", SHIPPED)
def test_the_peak_of_inference(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    spec = small(name)
    root = build_graph(spec)
    own, inputs = inference_peak(root, 2), random_inputs(root, 2)
    assert 0.85 * peak(live(spec), inputs) <= own <= peak(live(spec), inputs)
    for module in ("layout", "flow"):  # lines as long as they like: nothing is kept to have shorter ones
        monkeypatch.setattr(f"archspec.emit.{module}.WIDTH", 10_000)
    pipeline._source.cache_clear()
    measured = peak(live(spec), inputs)
    pipeline._source.cache_clear()
    assert own == measured


def test_a_batch_does_not_multiply_what_is_the_same_for_all_samples() -> None:
    spec = load_spec("model m on x: [4] { param w: [4] = ones param v: [4] = ones return x * (w * v) }")
    one, four = (saved_for_backward(build_graph(spec), batch) for batch in (1, 4))
    assert one.state == four.state == 2 * 16
    assert one.activations == 16  # x; the product has a gradient and x has none, so that w * v is not kept
    assert four.activations == 4 * 16


def test_a_layer_used_twice_keeps_its_weights_once() -> None:
    spec = load_spec("model m on x: [4] { fc = linear(4) return fc(fc(x)) }")
    assert saved_for_backward(build_graph(spec)).state == 4 * 4 * 4


@pytest.mark.parametrize("body", ["pair(y, y) + pair(z, w)", "pair(z, w) + pair(y, y)", "pair(z, y) + pair(y, w)"])
def test_a_module_on_one_tensor_twice_is_none_on_two(body: str) -> None:
    module = "module pair on a: [c], b: [c] -> [c] { return a * b }"
    layers = "p = linear(8) q = linear(8) r = linear(8) y = p(x) z = q(x) w = r(x)"
    spec = load_spec(f"{module}\nmodel m on x: [4] {{ {layers} return {body} }}")
    root = build_graph(spec)
    kept = packed(archspec.compile_spec(spec), random_inputs(root, 2))
    assert saved_for_backward(root, 2).total == nbytes(kept)


def test_nothing_is_kept_for_what_is_not_trained() -> None:
    spec = load_spec("model m on x: [3, 4] { buffer w: [4, 4] = ones return gelu(x @ w) }")
    assert saved_for_backward(build_graph(spec)).total == 0


def test_many_uses_of_one_module_are_simulated_once() -> None:
    modules = "module m0 on x: [4] -> [4] { fc = linear(4) return gelu(fc(x)) }\n"
    modules += "".join(f"module m{i} on x: [4] -> [4] {{ f = m{i - 1} return f(f(x)) }}\n" for i in range(1, 31))
    root = build_graph(load_spec(modules + "model m on x: [4] { f = m30 return f(x) }"))
    saved = saved_for_backward(root)
    assert saved.state == 4 * 4 * 4
    assert saved.activations == 2**30 * 2 * 16  # of every use, the input of fc and that of gelu


def steps_of(optimiser: torch.optim.Optimizer, model: torch.nn.Module) -> int:
    """Bytes of an optimiser's state after a step."""
    for parameter in model.parameters():
        parameter.grad = torch.ones_like(parameter)
    optimiser.step()
    return nbytes([x for state in optimiser.state.values() for x in state.values() if isinstance(x, Tensor)])


@pytest.mark.parametrize("dtype", ["float32", "bfloat16"])
@pytest.mark.parametrize("name", ["poolformer_block", "resnet50", "gmlp_block"])
def test_state_of_optimisers(name: str, dtype: FloatType) -> None:
    spec = small(name)
    model, memory = live(spec, dtype), make_report(build_graph(spec), dtype=dtype).memory
    parameters = list(model.parameters())
    assert memory.gradients_bytes == nbytes(parameters)
    assert steps_of(torch.optim.SGD(parameters, 0.1), model) == 0
    assert memory.sgd_momentum_bytes == steps_of(torch.optim.SGD(parameters, 0.1, momentum=0.9), model)
    for optimiser in (torch.optim.Adam, torch.optim.AdamW):
        assert memory.adamw_bytes == steps_of(optimiser(parameters, 0.1), model)
    whole = memory.params_bytes + memory.gradients_bytes + memory.train_saved_activation_bytes
    assert memory.train_adamw_bytes == whole + memory.adamw_bytes
    assert memory.to_dict()["train_sgd_bytes"] == whole
