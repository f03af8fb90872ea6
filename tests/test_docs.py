"""The examples of the documents run, and the reference of the ops is what the ops say of themselves."""

from __future__ import annotations

import inspect
import re
import shlex
from pathlib import Path

import pytest

import archspec
from archspec.cli import main
from archspec.graph.functions import CONSTANTS, LISTS
from archspec.opdef.args import REQUIRED, show
from archspec.opdef.init import INITIALISERS
from archspec.opdef.op import arguments
from archspec.opdef.registry import find_op, op_names
from archspec.pipeline import link
from archspec.spec import files
from archspec.spec.resolve import model_names
from archspec.sym.operators import FUNCTIONS
from archspec.syntax.problems import KEYWORDS
from tests.conftest import ROOT


def blocks(document: str, language: str) -> list[str]:
    text = (ROOT / document).read_text()
    return re.findall(rf"```{language}\n(.*?)```", text, re.S)


GUIDE = blocks("docs/language.md", "arch")


@pytest.mark.parametrize("text", GUIDE, ids=range(len(GUIDE)))
def test_examples_of_the_guide(text: str) -> None:
    loaded = files.load(text)
    link(loaded)
    for model in model_names(loaded):
        archspec.check(text, model=model)
        compiled = archspec.compile_spec(text, model=model, device="meta")
        assert sum(p.numel() for p in compiled.parameters()) == archspec.stats(text, model=model).params


def test_the_guide_names_every_word_of_the_language() -> None:
    text = (ROOT / "docs" / "language.md").read_text()
    words = {*KEYWORDS, *LISTS, *FUNCTIONS, *INITIALISERS, *CONSTANTS}
    assert [word for word in sorted(words) if not re.search(rf"\b{word}\b", text)] == []


def reference() -> str:
    lines = ["# Primitive ops", "", "Written from the ops' own docstrings by `pytest tests/test_docs.py --update`.", ""]
    for name in sorted(op_names()):
        op = find_op(name)
        given = [
            key if spec.default is REQUIRED else f"{key} = {show(spec.default)}" for key, spec in arguments(op).items()
        ]
        lines += [f"## {name}", "", f"`{name}({', '.join(given)})`", "", inspect.cleandoc(op.__doc__ or ""), ""]
        lines += [f"    {example}" for example in op.examples] + [""]
    return "\n".join(lines)


def test_the_reference_of_the_ops(update: bool) -> None:
    path = ROOT / "docs" / "ops.md"
    if update:
        path.write_text(reference())
    assert path.read_text() == reference()


def test_the_readmes_own_mixer(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (text,) = blocks("README.md", "arch")
    (tmp_path / "mine.arch").write_text(text)
    monkeypatch.chdir(tmp_path)
    commands = [
        line for block in blocks("README.md", "sh") for line in block.splitlines() if line.startswith("archspec")
    ]
    assert len(commands) >= 8
    for command in commands:
        assert main(shlex.split(command)[1:]) == 0, command
    assert (tmp_path / "mine.py").is_file()
    assert main(["stats", "mine.arch", "--format", "json"]) == 0


def test_the_readmes_python(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(ROOT)
    for block in blocks("README.md", "python"):
        exec(compile(block, "README.md", "exec"), {})
    said = capsys.readouterr().out
    assert "56172520 8758788096 8801876736" in said
    assert "\n512 437 {" in said
    assert "False Total(tensors=82, numbers=11900840)\ndepths: [2, 2, 6, 2] -> [6, 6, 18, 6]\n" in said


def test_the_readmes_difference_is_a_real_one(capsys: pytest.CaptureFixture[str]) -> None:
    (shown,) = blocks("README.md", "diff")
    assert main(["diff", "poolformer_s12", "metaformer_ppaa_s12_224"]) == 0
    assert shown in capsys.readouterr().out


def test_new_writes_a_spec_that_builds(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "mynet.arch"
    assert main(["new", "mynet", "-o", str(path)]) == 0
    assert main(["check", str(path)]) == 0
    assert main(["build", str(path), "-o", str(tmp_path)]) == 0
    assert main(["new", "mynet", "-o", str(path)]) == 1
    assert "it exists already" in capsys.readouterr().err


def test_the_readmes_diagnostic_is_a_real_one() -> None:
    (shown,) = blocks("README.md", "text")
    real = (ROOT / "tests" / "cases" / "errors" / "heads_do_not_divide.err").read_text()
    assert real.replace("heads_do_not_divide.arch", "net.arch").startswith(shown)
