"""The generated source: formatted, clean, strictly typed, deterministic, and the very module that runs."""

from __future__ import annotations

import ast
import copy
import io
import subprocess
import sys
from pathlib import Path
from random import Random
from typing import Any

import pytest
import torch
from torch import Tensor, nn

import archspec
from archspec.spec import files
from archspec.spec.resolve import model_names
from tests.conftest import ROOT
from tests.draw import OPS, single
from tests.fuzz.programs import write
from tests.test_docs import GUIDE
from tests.test_ops import EXAMPLES, spec_of

SETTINGS: list[tuple[str, dict[str, Any]]] = [
    ("poolformer_s12", {"drop_path_rate": 0.1, "drop_rate": 0.1, "num_classes": 10}),
    ("poolformer_s12", {"norm": "batch_norm", "act": "relu", "layer_scale": None}),
    ("poolformer_s12", {"norm": "channel_layer_norm", "act": "silu", "pool_size": 7, "num_classes": 0}),
    ("poolformer_s12", {"mixers": "[pooling(5), identity, attention, spatial_fc]", "drop_path_rate": 0.2}),
    ("poolformer_s12", {"dims": [32, 64, 128, 160, 192], "depths": [1, 1, 1, 1, 1], "in_chans": 1}),
    ("poolformer_block", {"pool_size": 5, "drop_path_rate": 0.3}),
]
CASES: list[tuple[str, dict[str, Any]]] = [(name, {}) for name in files.shipped_names()] + SETTINGS
IDS = [name + "".join(f" {key}={value}" for key, value in params.items()) for name, params in CASES]


@pytest.fixture(scope="module")
def written(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("written")
    for index, (name, params) in enumerate(CASES):
        (folder / f"m{index}_{name}.py").write_text(archspec.generate_source(name, params=params))
    for path in (ROOT / "tests" / "specs").glob("*.arch"):
        (folder / f"{path.stem}.py").write_text(archspec.generate_source(path))
    for index, (name, text) in enumerate(EXAMPLES):
        (folder / f"example{index}_{name}.py").write_text(archspec.generate_source(spec_of(text)))
    for name in OPS:
        (folder / f"drawn_{name}.py").write_text(archspec.generate_source(single(name, Random(name), tries=100).text))
    for index, text in enumerate(GUIDE):
        for name in model_names(files.load(text)):
            (folder / f"guide{index}_{name}.py").write_text(archspec.generate_source(text, model=name))
    for index in range(40):
        text = write(f"source/{index}").text
        (folder / f"program{index}.py").write_text(archspec.generate_source(text, model="net"))
    return folder


def run(*command: str) -> str:
    done = subprocess.run([sys.executable, "-m", *command], capture_output=True, text=True)
    return "" if done.returncode == 0 else done.stdout + done.stderr


def test_source_is_formatted_and_clean(written: Path) -> None:
    assert run("ruff", "format", "--check", "--isolated", str(written)) == ""
    assert (
        run(
            "ruff",
            "check",
            "--isolated",
            "--select",
            "E4,E7,E9,F,I,B,C4,UP,SIM,RET,PIE",
            str(written),
        )
        == ""
    )


def test_every_class_does_something_of_its_own(written: Path) -> None:
    for path in written.glob("*.py"):
        said: dict[str, str] = {}
        classes = [node for node in ast.parse(path.read_text()).body if isinstance(node, ast.ClassDef)]
        for node in classes:
            bases = [ast.unparse(base) for base in node.bases]
            body = "\n".join([*bases, *(ast.unparse(item) for item in _undocumented(node.body))])
            assert body not in said, (path.name, node.name, said[body])
            said[body] = node.name
            forward = [_last(item) for item in node.body if getattr(item, "name", "") == "forward"]
            assert forward != ["x"] or node is classes[-1], (path.name, node.name)  # a model may well do nothing


def _undocumented(body: list[ast.stmt]) -> list[ast.stmt]:
    """A class without its docstrings."""
    for item in body:
        if isinstance(item, ast.FunctionDef):
            item.body = _undocumented(item.body) or item.body
    return [item for item in body if not (isinstance(item, ast.Expr) and isinstance(item.value, ast.Constant))]


def _last(function: ast.stmt) -> str:
    """``x`` for a forward that gives back what it is given, and its first statement for another."""
    assert isinstance(function, ast.FunctionDef)
    first = ast.unparse(function.body[0])
    return "x" if first == f"return {function.args.args[1].arg}" else first


def test_source_is_strictly_typed(written: Path, tmp_path: Path) -> None:
    assert run("mypy", "--strict", "--cache-dir", str(tmp_path), str(written)) == ""


@pytest.mark.parametrize(("name", "params"), CASES, ids=IDS)
def test_source_needs_nothing_but_torch(name: str, params: dict[str, Any]) -> None:
    source = archspec.generate_source(name, params=params)
    assert source == archspec.generate_source(name, params=params)
    imported = set()
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            imported |= {alias.name.split(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            imported.add((node.module or "").split(".")[0])
    assert imported <= {"torch", "math", "collections"}


def outputs(result: Any) -> list[Tensor]:
    return list(result) if isinstance(result, (list, tuple)) else [result]


@pytest.mark.parametrize(("name", "params"), [*CASES[-6:], ("poolformer_m36", {})], ids=[*IDS[-6:], "m36"])
def test_written_file_is_the_compiled_module(name: str, params: dict[str, Any], tmp_path: Path) -> None:
    model = archspec.compile_spec(name, params=params).eval()
    namespace: dict[str, Any] = {"__name__": "vendored"}
    exec(compile(archspec.generate_source(name, params=params), "vendored.py", "exec"), namespace)
    vendored = namespace[type(model).__name__]().eval()
    vendored.load_state_dict(model.state_dict())
    x = torch.randn(2, *archspec.stats(name, params=params).input[1:])
    with torch.no_grad():
        for ours, theirs in zip(outputs(model(x)), outputs(vendored(x))):
            assert torch.equal(ours, theirs)


@pytest.mark.parametrize(
    "name",
    ["poolformer_m36", "poolformer_s12_feat", "metaformer_ppaa_s12_224", "metaformer_ppff_s12_224", "gmlp_vision"],
)
def test_export_and_compile(name: str) -> None:
    model = archspec.compile_spec(name).eval()
    x = torch.randn(*archspec.stats(name).input)
    with torch.no_grad():
        expected = outputs(model(x))
        exported = outputs(torch.export.export(model, (x,)).module()(x))
        compiled = outputs(torch.compile(model, fullgraph=True, backend="eager")(x))
    for ours, theirs, third in zip(expected, exported, compiled):
        torch.testing.assert_close(theirs, ours)
        torch.testing.assert_close(third, ours)


def test_poolformer_serves_other_sizes() -> None:
    model = archspec.compile_spec(
        "metaformer_id_s12", params={"mixers": "[pooling(3), pooling(3), attention, attention]"}
    ).eval()
    with torch.no_grad():
        assert model(torch.randn(1, 3, 96, 160)).shape == (1, 1000)


def test_m36_reads_like_a_page() -> None:
    source = archspec.generate_source("poolformer_m36")
    assert 100 < source.count("\n") < 270
    assert "2111.11418" in source.split('"""')[1]
    assert "depths: Sequence[int] = (6, 6, 18, 6)," in source
    assert "dims: Sequence[int] = (96, 192, 384, 768)," in source


def test_models_copy_and_pickle() -> None:
    model = archspec.compile_spec("poolformer_block")
    clone = copy.deepcopy(model)
    buffer = io.BytesIO()
    torch.save(model, buffer)
    buffer.seek(0)
    loaded: nn.Module = torch.load(buffer, weights_only=False)
    for other in (clone, loaded):
        assert type(other).__name__ == type(model).__name__
        for key, value in model.state_dict().items():
            assert torch.equal(other.state_dict()[key], value)


def test_a_saved_model_loads_in_another_process(tmp_path: Path) -> None:
    model = archspec.compile_spec("poolformer_block")
    torch.save(model, tmp_path / "model.pt")
    code = f"import torch; m = torch.load({str(tmp_path / 'model.pt')!r}, weights_only=False); print(type(m).__name__)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert done.stdout.strip() == "PoolformerBlock", done.stderr


def test_a_debugger_finds_the_lines() -> None:
    import inspect

    model = archspec.compile_spec("poolformer_block")
    assert "def forward" in inspect.getsource(type(model))


def test_meta_device_and_dtype() -> None:
    model = archspec.compile_spec("poolformer_m36", device="meta", dtype=torch.bfloat16)
    parameter = next(model.parameters())
    assert (parameter.device.type, parameter.dtype) == ("meta", torch.bfloat16)
    assert model.training


def test_a_layer_shared_over_sizes_is_one_class() -> None:
    block = "module block(dim) on x: [c, h, w] -> [dim, h, w] { project = conv(dim, kernel = 1) return project(x) }"
    body = "a = block(8) b = block(16) return a(x), a(avg_pool(x, 2)), b(x)"
    source = archspec.generate_source(f"{block}\nmodel m on x: [4, 8, 8] {{ {body} }}")
    assert [node.name for node in ast.parse(source).body if isinstance(node, ast.ClassDef)] == ["Block", "M"]
