"""Classes from outside: refused unless allowed, with declared shapes and costs, imported by the source."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
import torch

import archspec
from archspec import ArchspecError
from tests.conftest import ROOT

TEXT = """
use std.blocks: metaformer, patch_embed, classifier

extern gate(dim, heads = 4) on x: [c, h, w] -> [c, h, w] = "tests.outside:Gate" {
    params = dim * heads
    macs = c * h * w
}
module gated on x: [c, h, w] {
    inner = gate(c)
    return inner(x)
}
model m on image: [3, 32, 32] {
    stem  = patch_embed(8, kernel = 4, stride = 4)
    block = metaformer(mixer = gated)
    down  = patch_embed(kernel = 2, stride = 2)
    stage s1 { dim = 8, depth = 2 }
    stage s2 { dim = 16, depth = 2 }
    head  = classifier(5)
}
"""


def test_it_is_refused_unless_allowed() -> None:
    for use in (archspec.stats, archspec.generate_source, archspec.compile_spec, archspec.check):
        with pytest.raises(ArchspecError, match="E0337"):
            use(TEXT)


def test_it_is_built_with_its_arguments() -> None:
    model = archspec.compile_spec(TEXT, allow_extern=True)
    report = archspec.stats(TEXT, allow_extern=True)
    assert report.params == sum(p.numel() for p in model.parameters())
    assert model.state_dict()["s2.blocks.1.token_mixer.inner.weight"].shape == (16, 4)
    assert model(torch.randn(2, 3, 32, 32)).shape == (2, 5)
    source = archspec.generate_source(TEXT, allow_extern=True)
    assert "from tests.outside import Gate" in source
    assert "Gate(dim=c, heads=4)" in source
    state = {key: torch.full_like(value, 2) for key, value in model.state_dict().items()}
    archspec.load_checkpoint(model, state, layout="archspec")
    assert all(value.eq(2).all() for value in model.state_dict().values())


@pytest.mark.parametrize(
    ("wrong", "right"),
    [
        ("tests.outside:Gate", "tests.outside; import os"),
        ("tests.outside:Gate", "tests.class:Gate"),
        ("params =", "prams ="),
        ("gate(c)", "gate(relu)"),
    ],
)
def test_wrong_ones_are_diagnosed(wrong: str, right: str) -> None:
    with pytest.raises(ArchspecError, match="E0338"):
        archspec.stats(TEXT.replace(wrong, right), allow_extern=True)


def test_the_command_allows_it_too() -> None:
    call = [sys.executable, "-m", "archspec", "stats", "-"]
    refused = subprocess.run(call, input=TEXT, capture_output=True, text=True, cwd=ROOT)
    allowed = subprocess.run([*call, "--allow-extern"], input=TEXT, capture_output=True, text=True, cwd=ROOT)
    assert refused.returncode == 1
    assert "--allow-extern" in refused.stderr
    assert allowed.returncode == 0, allowed.stderr


def test_it_may_give_several_tensors_and_have_the_name_of_a_module() -> None:
    text = """
    extern scales(scale) on x: [c, h, w] -> [c, h, w], [c, h, w] = "tests.outside:Halves" { params = 0 }
    module halves on x { return x * 5 }
    model m on x: [4, 4, 4] { both = scales(3) own = halves  large, small = both(x) return own(large), small }
    """
    model = archspec.compile_spec(text, allow_extern=True)
    x = torch.rand(2, 4, 4, 4)
    large, small = model(x)
    torch.testing.assert_close(large, x * 15)
    torch.testing.assert_close(small, x / 3)


CLASS = """
import torch
class {name}(torch.nn.Module):
    def forward(self, x):
        return x * {factor}
"""


def test_classes_of_one_name_are_told_apart(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.syspath_prepend(str(tmp_path))
    classes = [("one", "Scale"), ("two", "Scale"), ("three", "M"), ("four", "nn"), ("five", "Any"), ("six", "b")]
    text, expected = "", 1
    for at, (module, name) in enumerate(classes, 2):
        (tmp_path / f"{module}_.py").write_text(CLASS.format(name=name, factor=at))
        text += f'extern e{at} on x: [c] -> [c] = "{module}_:{name}" {{ params = 0 }}\n'
        expected *= at
    uses = " ".join(f"l{at} = e{at}  x = l{at}(x)" for at in range(2, 2 + len(classes)))
    text += f"module inner(b) on x: [c] {{ {uses} return x * b }} model m on x: [4] {{ f = inner(3) return f(x) }}"
    source = archspec.generate_source(text, allow_extern=True)
    assert source.count("from one_ import Scale\n") == 1
    assert "from two_ import Scale as Scale" in source
    x = torch.rand(2, 4)
    torch.testing.assert_close(archspec.compile_spec(text, allow_extern=True)(x), x * expected * 3)
    assert archspec.verify(text, allow_extern=True).equal
