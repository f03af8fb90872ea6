"""A module built for one size and run at others: what the module built for that size gives, or a refusal that says so.

A case is an .arch in tests/cases/sizes whose first line names other sizes; what each comes to stands beside it.
"""

from __future__ import annotations

import traceback
from pathlib import Path
from typing import Any

import pytest
import torch
from torch import nn

from archspec import compile_spec, generate_source, load_spec, stats
from archspec.diagnostics import SpecError
from archspec.graph.elaborate import declared_shape
from archspec.pipeline import build_graph
from archspec.spec import files
from archspec.spec.resolve import model_names

SIZES = Path(__file__).parent / "cases" / "sizes"
CASES = sorted(SIZES.glob("*.arch"))


def samples(spec: Any, types: Any, size: tuple[int, ...]) -> list[torch.Tensor]:
    """A batch of two for every input, the first of another size."""
    torch.manual_seed(0)
    made = []
    for at, item in enumerate(spec.model.inputs):
        shape = size if at == 0 else tuple(int(n) for n in types[at].shape)
        ints = item.dtype == "int"
        made.append(torch.randint(0, 8, (2, *shape)) if ints else torch.randn(2, *shape, dtype=torch.float64))
    return made


def flat(value: Any) -> list[torch.Tensor]:
    return [value] if isinstance(value, torch.Tensor) else [item for part in value for item in flat(part)]


def refusal(error: ValueError) -> str:
    """The message, which a guard of the generated source raised and nothing below it."""
    last = traceback.extract_tb(error.__traceback__)[-1]
    assert last.filename.startswith("<archspec "), f"{last.filename}: {error}"
    return str(error)


def outcome(model: nn.Module, path: str, name: str, size: tuple[int, ...]) -> str:
    """What comes of running a model at a size: ``equal``, or the refusal.

    Raises:
        AssertionError: other numbers than the module built for the size gives, or an error from deep inside.
    """
    spec = load_spec(path, name)
    try:
        other: nn.Module | None = compile_spec(path, model=name, input_shape=size, dtype=torch.float64).eval()
    except SpecError as error:
        other, why = None, error.diagnostics[0].message
    types = build_graph(spec).inputs
    inputs = samples(spec, types, size)
    try:
        got = flat(model(*inputs))
    except ValueError as error:
        return f"refused: {refusal(error)}" + ("" if other is not None else "\n    as is the spec: " + why)
    except (RuntimeError, IndexError):
        assert other is None, "an error from deep inside"
        return f"fails in torch\n    as is the spec: {why}"
    assert other is not None, f"a number where the spec is refused: {why}"
    other.load_state_dict(model.state_dict())
    wanted = flat(other(*inputs))
    assert len(got) == len(wanted)
    for a, b in zip(got, wanted):
        assert torch.equal(a, b), "another number"
    return "equal"


@pytest.mark.parametrize("path", CASES, ids=lambda path: path.stem)
def test_other_sizes_are_served_or_refused(path: Path, update: bool) -> None:
    text = path.read_text(encoding="utf-8")
    (name,) = model_names(files.load(path))
    torch.manual_seed(0)
    model = compile_spec(path, model=name, dtype=torch.float64).eval()
    own = declared_shape(load_spec(path))
    assert own is not None
    assert outcome(model, str(path), name, own) == "equal"
    said = "one size\n" if stats(path).fixed else "several sizes\n"
    for size in text.split("\n")[0].removeprefix("# sizes: ").split():
        said += f"{size}: {outcome(model, str(path), name, tuple(map(int, size.split('x'))))}\n"
    expected = path.with_suffix(".sizes")
    if update:
        expected.write_text(said, encoding="utf-8")
    assert said == expected.read_text(encoding="utf-8")


def body(source: str) -> list[str]:
    """A source without what it says of itself."""
    return [line for line in source.split('"""', 2)[2].splitlines() if '"""' not in line]


SHIPPED = [name for path in files.shipped_files() for name in model_names(files.load(str(path)))[-1:]]


@pytest.mark.parametrize("name", SHIPPED)
def test_shipped_models_serve_or_refuse_other_sizes(name: str) -> None:
    """A size is refused, or the source for it is the very same."""
    types = build_graph(load_spec(name)).inputs
    model = compile_spec(name, device="meta").eval()
    for grown in (32, 33, 96):
        size = tuple(n + grown * (at > 0 or types[0].rank == 1) for at, n in enumerate(map(int, types[0].shape)))
        dtype = torch.long if types[0].dtype == "int" else torch.float32
        try:
            model(torch.zeros(1, *size, dtype=dtype, device="meta"))
        except ValueError as error:
            refusal(error)
            continue
        assert body(generate_source(name, input_shape=size)) == body(generate_source(name))


def test_sizes_are_asked_where_torch_traces() -> None:
    """Guards stand in what torch exports and compiles, and on tensors without numbers."""
    path = SIZES / "shuffle.arch"
    model = compile_spec(path).eval()
    x, y = torch.randn(1, 3, 32, 32), torch.randn(1, 3, 48, 32)
    half = torch.export.Dim("half", min=2, max=128)
    exported = torch.export.export(model, (x,), dynamic_shapes=({2: 2 * half},)).module()
    compiled = torch.compile(model, fullgraph=True, backend="eager", dynamic=True)
    for made in (exported, compiled):
        assert torch.allclose(made(y), model(y))
    with pytest.raises(ValueError, match="an image of 33x32 cannot be halved"):
        compile_spec(path, device="meta")(torch.empty(1, 3, 33, 32, device="meta"))


@pytest.mark.parametrize("rule", ["min(c, width)", "max(c, 2, height)", "min([c, width])", "max(2, c, width - 7)"])
def test_the_smallest_of_several_sizes_follows_all_of_them(rule: str) -> None:
    text = f"""model m on x: [c = 3, height = 8, width = 8] {{
        fc = linear({rule})
        return fc(mean(x, axis = [1, 2]))
    }}"""
    report = stats(text)
    assert report.fixed
    for refused in (lambda: stats(text, input_shape=(3, 9, 9)), lambda: report.at(height=9, width=9)):
        with pytest.raises(SpecError, match="E0333"):
            refused()


MADE_OF_SIZES = [
    "group_norm(h // 4)",
    "group_norm(2, eps = w / 1000)",
    "layer_norm(eps = 1 / h)",
    "batch_norm(eps = 1 / h)",
    "batch_norm(momentum = 1 / h)",
    "conv(8, kernel = 3, stride = [1, w // 4])",
    "conv(8, kernel = 3, pad = h // 4)",
    "conv(8, kernel = 3, dilation = h // 8)",
    "conv(8, kernel = 1, groups = h // 4)",
    "conv_transpose(8, kernel = 2, stride = 3, extra_pad = h // 8)",
    "linear(h)",
]


@pytest.mark.parametrize("where", ["model", "list", "module", "argument"])
@pytest.mark.parametrize("layer", MADE_OF_SIZES)
def test_layers_made_of_a_size_hold_to_it(layer: str, where: str) -> None:
    """Whether or not the shapes of their weights follow a size too."""
    text = {
        "model": f"model m on x: [8, h = 8, w = 8] {{ f = {layer} return f(x) }}",
        "list": f"model m on x: [8, h = 8, w = 8] {{ f = [{layer}, relu] return f[0](x) }}",
        "module": f"module g on x: [c, h, w] {{ f = {layer} return f(x) }} "
        "model m on x: [8, 8, 8] { g = g return g(x) }",
        "argument": "module g(f) on x: [c, *s] { return f(x) } "
        f"model m on x: [8, h = 8, w = 8] {{ g = g({layer}) return g(x) }}",
    }[where]
    model = compile_spec(text, dtype=torch.float64).eval()
    assert outcome(model, text, "m", (8, 8, 8)) == "equal"
    assert outcome(model, text, "m", (8, 16, 16)).startswith("refused: ")


@pytest.mark.parametrize(
    "use",
    [
        "split(x, [2, h - 2], axis = 1)[1]",
        "adaptive_avg_pool(x, [h // 4, 1])",
        "x[:, : h - 4]",
        "concat([x, x[:, : h // 4]], axis = 1)",
    ],
)
def test_nothing_is_made_of_no_size(use: str) -> None:
    """torch makes tensors of no elements; no spec has one, at whatever size its module is run."""
    text = f"model m on x: [3, h = 8, w = 8] {{ return {use} }}"
    model = compile_spec(text, dtype=torch.float64).eval()
    assert outcome(model, text, "m", (3, 8, 8)) == outcome(model, text, "m", (3, 12, 8)) == "equal"
    assert outcome(model, text, "m", (3, 2, 8)).startswith("refused: ")
