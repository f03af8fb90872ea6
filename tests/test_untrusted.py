"""What a stranger could send: code in names and texts, values without end, files that are no files."""

from __future__ import annotations

import ast
import json
import os
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import torch
from pydantic import ValidationError

import archspec
from archspec import ArchspecError
from archspec.cli import main
from archspec.spec.schema import Spec

M = "model m on x: [4, 8, 8] {{ {} return x }}"
BODY = [
    ("a = 1_", "E0105"),
    ("a = " + "9" * 5000, "E0105"),
    ("a = 1e999999999", "E0105"),
    ('a = "aaaaaaaaaaaaaaaa" for i in range(60) { a = a + a }', "E0340"),
    ('a = "aaaaaaaaaaaaaaaa" for i in range(60) { a = "{a}{a}" }', "E0340"),
    ("a = [1] for i in range(60) { a = [a, a] }", "E0326"),
    ("a = relu for i in range(60) { a = conv(a, kernel = a) }", "E0326"),
    ("a = [range(9999) for i in range(9999)]", "E0326"),
    ("a = round(5, -99999999999)", "E0303"),
    ("a = ramp(0, none)", "E0303"),
    ("a = ramp()", "E0322"),
    ("a = range(relu)", "E0303"),
    ("a = conv(4, 3, kernel = 5)", "E0339"),
    ("a = conv(out = 4, out = 5)", "E0339"),
    ("a = normal(-1)", "E0303"),
    ("a = unbind(reshape(x, [256]))  b = unbind(repeat(reshape(x, [256]), 10))", "E0350"),
    ("l = [relu]  y = l(x, x)", "E0322"),
    ('a = "{1 +}"', "E0303"),
    ("stage a { depth = 99999999999 block = relu }", "E0340"),
    ('c = conv(4, kernel = 3, pad = 9, pad_mode = "reflect")  y = c(x)', "E0310"),
    ("y = index(x) z = y[5:2]", "E0310"),
    ("y = mean(x, axis = [0, -3])", "E0310"),
]


@pytest.mark.parametrize(("body", "code"), BODY, ids=range(len(BODY)))
def test_values_without_end(body: str, code: str) -> None:
    start = time.monotonic()
    with pytest.raises(ArchspecError) as caught:
        archspec.stats(M.format(body))
    assert code in {item.code for item in caught.value.diagnostics}
    assert time.monotonic() - start < 20
    assert len(str(caught.value)) < 20_000


def test_recursion_that_grows_without_end() -> None:
    text = """
    module f(n) on x: [c] {
        if n == 0 { fc = linear(c) return fc(x) }
        a = f(n - 1)  b = f(n - 1)
        return a(x) + b(x)
    }
    model m on x: [4] { g = f(30) return g(x) }
    """
    with pytest.raises(ArchspecError, match="E0340"):
        archspec.stats(text)


@pytest.mark.parametrize("name", ['a""";import os;b', "a\\xq", "a\nb", "a'b\u2028c"])
def test_file_names_stay_out_of_the_code(name: str, tmp_path: Path) -> None:
    path = tmp_path / f"{name}.arch"
    path.write_text('model m(s = "x") on x: [4] { return relu(x) }')
    source = (
        archspec.generate_source(path, params={"s": "\0\x1b\\"}) if '"' not in name else archspec.generate_source(path)
    )
    tree = ast.parse(source)
    kinds = [type(node) for node in tree.body]
    assert set(kinds) <= {ast.Expr, ast.Import, ast.ImportFrom, ast.ClassDef}
    assert not any(isinstance(n, ast.Import) and n.names[0].name == "os" for n in tree.body)


def edited(change: Any) -> str:
    data = json.loads(
        archspec.load_spec("model m on x: [4] { param w: [4] = ones f = linear(4) return f(x) * w }").model_dump_json()
    )
    change(data)
    return json.dumps(data)


@pytest.mark.parametrize(
    "change",
    [
        lambda data: data.update(name="m(nn.Module): pass\nx = 1\nclass X"),
        lambda data: data["model"]["body"][0].update(name="w = 1; self.v"),
        lambda data: data["model"]["body"][1]["targets"][0].update(id="f = open('x'); self.g"),
        lambda data: data["model"]["inputs"][0].update(name="x: Tensor = 1, y"),
    ],
)
def test_json_cannot_smuggle_code_in_names(change: Any) -> None:
    with pytest.raises(ValidationError, match="is not a name"):
        Spec.model_validate_json(edited(change))


STAGED = """
use std.blocks: metaformer, scale
use std.mixers: pooling
width = 4
model m(k = 2) on x: [4, h = 8, 8] -> [4, h, 8] {
    block = metaformer(mixer = pooling(3))
    stage s { dim = width, depth = k }
    t = [-i for i in range(k) if i > 0]
    y, z = [x, s(x)[:, 0:h]]
    return z
    expect params == 344
}
"""


def _span(data: Any, *place: int) -> None:
    data["model"]["body"][0]["span"][1:] = place


def _point_at(data: Any, name: str, key: str) -> None:
    data["scopes"]["<text>"][name] = key


CHANGES: dict[str, Callable[[Any], Any]] = {
    "operator": lambda data: data["model"]["body"][2]["value"]["item"].update(op="~"),
    "other operator": lambda data: data["model"]["body"][2]["value"]["condition"].update(op="<>"),
    "relation": lambda data: data["expectations"][0].update(relation="=>"),
    "joined to no loop": lambda data: data["model"]["body"][2]["value"].update(joined=True),
    "no targets": lambda data: data["model"]["body"][3].update(targets=[]),
    "no loop variables": lambda data: data["model"]["body"][2]["value"].update(targets=[]),
    "nothing returned": lambda data: data["model"]["body"][4].update(values=[]),
    "no inputs": lambda data: data["model"].update(inputs=[]),
    "no other inputs": lambda data: data.update(inputs=[]),
    "no outputs": lambda data: data["model"].update(outputs=[]),
    "no size": lambda data: data["model"]["outputs"][0]["axes"][0].update(size=None),
    "no name of the rest": lambda data: data["model"]["outputs"][0]["axes"][0].update(rest=True, size=None),
    "a size and the rest": lambda data: data["model"]["outputs"][0]["axes"][1].update(rest=True),
    "a negative number": lambda data: data["definitions"]["<text>:width"]["value"].update(value=-4),
    "another number": lambda data: data["definitions"]["<text>:width"]["value"].update(value=40),
    "a number of spaces": lambda data: data["definitions"]["<text>:width"]["value"].update(text=" 4"),
    "the text of no number": lambda data: data["definitions"]["<text>:width"]["value"].update(text="nan"),
    "places below zero": lambda data: _span(data, -5, 3),
    "places past the end": lambda data: _span(data, 5, 10**15),
    "places backwards": lambda data: _span(data, 9, 5),
    "a text that is not there": lambda data: data["sources"].pop("<text>"),
    "a long text": lambda data: data["sources"].update({"<text>": " " * 2_000_000}),
    "a file that is not there": lambda data: data.update(model_file="other"),
    "a main file that is not there": lambda data: data.update(file="other"),
    "a name that stands for nothing": lambda data: _point_at(data, "width", "<text>:w"),
    "a name that stands for an op": lambda data: _point_at(data, "width", "conv"),
    "no name": lambda data: _point_at(data, "a b", "<text>:width"),
    "no stage": lambda data: data["scopes"]["<text>"].pop("stage"),
    "a definition under another name": lambda data: data["definitions"].update(
        {"<text>:width": data["definitions"]["specs/std/mixers.arch:pooling"]}
    ),
    "a parameter that there is not": lambda data: data.update(
        given=[{"name": "j", "value": data["definitions"]["<text>:width"]["value"], "file": "<text>"}]
    ),
    "a stage in a module": lambda data: data["definitions"]["specs/std/mixers.arch:pooling"]["body"].insert(
        0, data["model"]["body"][1]
    ),
    "the same input twice": lambda data: data["model"].update(inputs=data["model"]["inputs"] * 2),
    "kinds of numbers": lambda data: data["model"]["inputs"][0].update(dtype="complex"),
    "nodes without end": lambda data: data["model"].update(body=data["model"]["body"][2:3] * 20_000),
}


@pytest.mark.parametrize("name", CHANGES)
def test_json_says_what_a_text_could_say(name: str) -> None:
    data = json.loads(archspec.load_spec(STAGED).model_dump_json())
    assert archspec.stats(Spec.model_validate_json(json.dumps(data))).params == 344
    CHANGES[name](data)
    with pytest.raises(ValidationError):
        Spec.model_validate_json(json.dumps(data))


def test_json_of_definitions_in_a_circle_and_of_none_is_refused() -> None:
    data = json.loads(archspec.load_spec(STAGED).model_dump_json())
    value = data["definitions"]["<text>:width"].pop("value")
    data["definitions"]["<text>:width"]["value"] = {"kind": "name", "id": "width", "span": ["", 0, 0]}
    with pytest.raises(ArchspecError):
        archspec.stats(Spec.model_validate_json(json.dumps(data)))
    data["definitions"]["<text>:width"]["value"] = value
    del data["definitions"]["specs/std/blocks.arch:metaformer"]  # as that of a variant is
    with pytest.raises(ArchspecError):
        archspec.stats(Spec.model_validate_json(json.dumps(data)))


def test_deep_json_is_read_in_time() -> None:
    text = "model m on x: [4] { a = " + "[" * 40 + "1" + "]" * 40 + " return relu(x) }"
    start = time.monotonic()
    Spec.model_validate_json(archspec.load_spec(text).model_dump_json())
    assert time.monotonic() - start < 5


def test_a_build_follows_links_and_leaves_devices_alone(tmp_path: Path) -> None:
    (tmp_path / "real.py").write_text("")
    (tmp_path / "link.py").symlink_to(tmp_path / "real.py")
    assert main(["build", "poolformer_block", "-o", str(tmp_path / "link.py")]) == 0
    assert (tmp_path / "link.py").is_symlink()
    assert "class PoolformerBlock" in (tmp_path / "real.py").read_text()
    os.mkfifo(tmp_path / "pipe")
    assert main(["build", "poolformer_block", "-o", str(tmp_path / "pipe")]) == 1
    assert main(["stats", str(tmp_path / "pipe")]) == 1
    assert main(["build", "poolformer_block", "-o", str(tmp_path / ("x" * 300))]) == 1


@pytest.mark.parametrize(
    "text",
    [
        "model m(a = 1, a = 2) on x: [4] { return x + a }",
        "model m on x: [4], x: [4] { return x }",
        "use std.blocks: scale module scale on x: [c] { return x } model m on x: [4] { return scale(x) }",
    ],
)
def test_names_given_twice(text: str) -> None:
    with pytest.raises(ArchspecError, match="E0206"):
        archspec.stats(text + "\n")


def test_stages_anywhere_but_used() -> None:
    text = "model m on x: [4] { block = relu if true { stage a { depth = 1 } } stem = gelu }"
    assert archspec.stats(text).params == 0
    with pytest.raises(ArchspecError, match="E0336"):
        archspec.stats("model m on x: [4] { block = relu stage a { depth = 1 } return x }")


def test_checkpoints_that_would_fill_two_places_or_none() -> None:
    text = (
        'model m on x: [4] { f = linear(4) g = linear(4) return f(g(x)) checkpoint official { "a" -> "f" "a" -> "g" } }'
    )
    model = archspec.compile_spec(text)
    with pytest.raises(ArchspecError, match="E0509"):
        archspec.load_checkpoint(model, {"a.weight": torch.ones(4, 4), "a.bias": torch.ones(4)})
    bare = archspec.compile_spec(text, device="meta")
    with pytest.raises(ArchspecError, match="E0510"):
        archspec.load_checkpoint(
            bare, {k: torch.ones(v.shape) for k, v in bare.state_dict().items()}, layout="archspec"
        )
    with pytest.raises(ArchspecError, match="E0505"):
        archspec.load_checkpoint(model, {"f.weight": torch.ones(4, 4).to_sparse()}, layout="archspec")


@pytest.mark.parametrize(
    "text", ["# a\ud800b\nmodel m on x: [3] { return x }", 'model m on x: [3] { a = "\udc00" return x }']
)
def test_half_a_character_is_no_text(text: str) -> None:
    with pytest.raises(archspec.ArchspecError, match="unexpected character"):
        archspec.stats(text)


def test_a_stage_given_arguments_as_if_it_were_an_op() -> None:
    text = "model m on x: [3, 8] {\n    block = relu\n    stage s1 { depth = 2 }\n    return s1(48, kernel = 4)\n}\n"
    with pytest.raises(archspec.ArchspecError):
        archspec.stats(text)
