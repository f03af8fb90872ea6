"""Reference execution: equal to every compiled model; unequal, with the place, to a module that is not its graph's."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import torch

import archspec
from archspec.api import load_spec
from archspec.cli import main
from archspec.graph.nodes import Instance
from archspec.pipeline import build_graph
from archspec.spec import files
from archspec.spec.resolve import model_names
from archspec.verification import hold as holding
from archspec.verification.hold import hold
from archspec.verification.inputs import place_counts
from archspec.verification.values import Holder

NET = """
module part(rate = 0.1, k = 3) on x: [c, h, w] -> [c, h, w] {{
    const grid: [h, w] = [[{table} for j in range(w)] for i in range(h)]
    param scale: [c, 1, 1] = {start}
    conv1 = conv(c, kernel = k, pad = k // 2{conv})
    drop  = dropout(rate, per = "sample")
    return x + drop(conv1(x) * scale + grid){after}
}}

model net on image: [3, 8, 8], ids: int [4] {{
    stem   = conv(4, kernel = 3, pad = 1)
    blocks = [part(0.1), part(0.3), part({rate}, k = 5)]
    embed  = embedding({entries}, 4)
    head   = linear(5)
    param prompt: [16, 16] = {drawn}
    x = blocks(stem(image))
    return head({joined}) + mean(prompt, axis = [0, 1]), x
}}
"""
DEFAULTS = {
    "table": "i * 8.0 + j", "start": "0.5", "conv": "", "after": "", "rate": "0.3", "entries": "7",
    "drawn": "normal(0.02)",
    "joined": "mean(x, axis = [1, 2]) + mean(embed(ids), axis = 0)",
}  # fmt: skip


def net(**changes: str) -> str:
    return NET.format(**{**DEFAULTS, **changes})


def root_of(text: str) -> Instance:
    return build_graph(load_spec(text))


def found(graph: str, module: str) -> list[str]:
    """What is found where the module of one spec is held against the graph of another: code, path and why."""
    model = archspec.compile_spec(module, dtype=torch.float64)
    holder = Holder(root_of(graph), model)
    holder.run()
    return [f"{item.code} {item.message}; {'; '.join(item.notes)}" for item in holder.found]


@pytest.mark.parametrize(
    "text",
    [
        "model m on x: [3] { const t: [3] = [1, 2, 4] f = linear(3) return f(x), t, t * 2 }",
        "model m on x: [3] { const t: int [3] = [1, 2, 4] f = linear(3) return f(x), t }",
        "model m on x: [3] { const t: [3] = [1, 2, 4] n = layer_norm return x + n(t) }",
        "model m on x: [1, 2, 3, 4, 5, 6] { n = layer_norm g = group_norm(1, affine = false) return g(n(x)) }",
    ],
    ids=["table", "table of whole numbers", "norm of one axis", "norm of seven axes"],
)
def test_what_fvcore_finds_hard_is_counted_all_the_same(text: str) -> None:
    verdict = archspec.verify(text)
    assert verdict.equal, "\n".join(verdict.lines())


def test_a_model_is_equal_to_its_own_graph() -> None:
    assert found(net(), net()) == []
    verdict = archspec.verify(net())
    assert verdict.equal, "\n".join(verdict.lines())
    kinds = {agreement.what: agreement.numbers for agreement in verdict.agreements}
    assert kinds.keys() == {
        *("starting values", "drawn starting values", "tables"),
        *("outputs in inference", "outputs in training", "gradients"),
    }
    assert kinds["tables"] == 3 * 64


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"table": "i * 8.0 - j"}, "tables from `blocks.0.grid`"),
        ({"start": "0.25"}, "starting values from `blocks.0.scale`"),
        ({"conv": ', pad_mode = "replicate"'}, "outputs in inference from `blocks.0.conv1`"),
        ({"after": " * 2"}, "outputs in inference from `blocks.0`"),
        ({"rate": "0.4"}, "outputs in training from `blocks.2`"),
        ({"joined": "mean(x, axis = [1, 2]) - mean(embed(ids), axis = 0)"}, "outputs in inference from `head`"),
        ({"conv": ", bias = false"}, "the keys of the state"),
        ({"drawn": "normal(0.03)"}, "the distribution of starting values from `prompt`"),
        ({"drawn": "uniform(low = 0, high = 0.04)"}, "the distribution of starting values from `prompt`"),
    ],
    ids=lambda value: next(iter(value)) if isinstance(value, dict) else "",
)
def test_another_number_is_found_with_its_place(change: dict[str, str], words: str) -> None:
    first = found(net(), net(**change))[0]
    assert first.startswith("E0801")
    assert words in first


def test_a_gradient_that_is_cut_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    model = archspec.compile_spec(net(), dtype=torch.float64)
    kind = type(model.get_submodule("blocks.1"))
    forward = kind.forward
    monkeypatch.setattr(kind, "forward", lambda self, x: forward(self, x) + x.detach() - x)
    holder = Holder(root_of(net()), model)
    holder.run()
    assert "differ in gradients from" in holder.found[0].message


def test_the_command_says_where_and_exits_with_1(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    other = archspec.compile_spec(net(after=" * 2"), dtype=torch.float64)
    monkeypatch.setattr("archspec.api.compile_spec", lambda *args, **kwargs: other)
    assert main(["stats", net(), "--verify"]) == 1
    printed = capsys.readouterr()
    assert "NOT equal to reference execution" in printed.out
    assert "error[E0801]" in printed.err
    assert "blocks(stem(image))" in printed.err


def test_what_torch_cannot_run_is_said_with_its_place(monkeypatch: pytest.MonkeyPatch) -> None:
    from archspec.targets.torch.target import TORCH

    model = archspec.compile_spec("model m on x: [2, 4] { s = linear(4) return softmax(s(x)) }", dtype=torch.float64)
    apply = type(TORCH).apply

    def wrong(target: Any, op: Any, slot: Any, *inputs: Any) -> Any:
        return slot("nothing") if op.name() == "softmax" else apply(target, op, slot, *inputs)

    monkeypatch.setattr(type(TORCH), "apply", wrong)
    holder = Holder(root_of("model m on x: [2, 4] { s = linear(4) return softmax(s(x)) }"), model)
    holder.run()
    assert [item.code for item in holder.found] == ["E0802"]


def test_whole_numbers_stay_below_what_they_are_places_of() -> None:
    text = """
    module lookup on ids: int [n] { e = embedding(5, 2) return e(ids) }
    model m on a: int [6], b: int [6], c: int [3] {
        wide = embedding(9, 2)
        deep = lookup
        param t: [4, 2] = normal(1)
        return wide(a) + deep(concat([a[:3], b[3:]], axis = 0)) + concat([take(t, c), take(t, c)], axis = 0)
    }
    """
    assert place_counts(root_of(text)) == [5, 5, 4]


def smallest(path: str) -> str:
    """The model of a file that takes least work."""
    return min(model_names(files.load(path)), key=lambda name: archspec.stats(path, model=name).macs)


@pytest.mark.parametrize("op", ["linear(64)", "conv(64, kernel = 1)"])
@pytest.mark.parametrize(
    "rule",
    [
        *("normal(2, mean = 1)", "trunc_normal(1)", "trunc_normal(0.5, mean = 1, low = 0.8, high = 2)"),
        *("uniform(low = -1, high = 3)", "kaiming_uniform", "kaiming_uniform(2)", "kaiming_normal"),
        *("kaiming_normal_fan_out", "xavier_uniform(2)", "xavier_normal"),
    ],
)
def test_drawn_numbers_have_the_declared_moments(op: str, rule: str) -> None:
    shape = "[32]" if op.startswith("linear") else "[32, 4, 4]"
    text = f"model m on x: {shape} {{ layer = {op} init layer {{ weight = {rule} }} return layer(x) }}"
    assert found(text, text) == []
    assert found(text.replace(f"weight = {rule}", "weight = normal(0.01)"), text)[0].startswith("E0801")


@pytest.mark.parametrize("path", [str(path) for path in files.shipped_files()], ids=lambda path: Path(path).stem)
def test_shipped_models(path: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Values of a model of every shipped file; those that take other sizes are held at a small one."""
    monkeypatch.setattr(holding, "MOST_MACS", 60_000_000)
    spec = load_spec(path, smallest(path))
    held = hold(spec, archspec.stats(spec))
    assert held.found == ()
    assert all(agreement.agrees for agreement in held.agreements)
    assert {"outputs in inference", "outputs in training", "gradients"} <= {a.what for a in held.agreements}


def test_a_source_that_is_no_python_is_a_finding(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("archspec.api.source_of", lambda *args: "def (")
    verdict = archspec.verify("model m on x: [4] { a = linear(4) return a(x) }")
    assert [item.code for item in verdict.found] == ["E0802"]
    assert "SyntaxError" in verdict.found[0].notes[0]
