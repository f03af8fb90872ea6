"""Untrusted specs: what is too long, too deep, outside its roots, or not a file at all is refused with a diagnostic."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

import archspec
from archspec import ArchspecError
from archspec.cli import main
from archspec.limits import Limits, held, now
from tests.conftest import ROOT


def codes(spec: str | Path, **options: object) -> set[str]:
    with pytest.raises(ArchspecError) as caught:
        archspec.generate_source(spec, **{"model": "m" if isinstance(spec, str) and "{" in spec else None, **options})  # type: ignore[arg-type]
    return {item.code for item in caught.value.diagnostics}


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("model m on x: [3] { y = " + "1 + " * 5000 + "1 return x }", "E0103"),
        ("model m on x: [3] { y = " + "(" * 3000 + "1" + ")" * 3000 + " return x }", "E0103"),
        ("model m on x: [3] {\n" + "# long\n" * 200_000 + "return x }", "E0104"),
        ("model m on x: [3] { a = [" + "1, " * 20_000 + "] return x }", "E0106"),
        ('model m on x: [3] { a = "' + "{1}" * 20_000 + '" return x }', "E0106"),
        ("model m(a) on x: [3] { return x }", "E0306"),
        ("model m = n() model n = m() {}", "E0209"),
        ("model m on x: [3, 8] { return matmul(x, x) }", "E0314"),
    ],
)
def test_texts(text: str, code: str) -> None:
    assert code in codes(text)


def test_an_input_of_the_wrong_size() -> None:
    assert codes("poolformer_s12", input_shape=(3, 224)) == {"E0331"}
    assert codes("poolformer_s12", input_shape=(1, 224, 224)) == {"E0331"}
    assert codes("poolformer_s12", input_shape=(3, -1, 224)) == {"E0331"}


def test_models_that_are_fixed_to_a_size_say_so() -> None:
    assert codes("metaformer_ppff_s12_224", input_shape=(3, 256, 256)) == {"E0333"}
    assert codes("gmlp_vision", input_shape=(3, 128, 128)) == {"E0331"}
    assert archspec.stats("metaformer_ppff_s12_224", input_shape=(3, 224, 224)).fixed
    assert not archspec.stats("poolformer_s12", input_shape=(3, 256, 256)).fixed


def test_files_that_are_no_specs(tmp_path: Path) -> None:
    (tmp_path / "binary.arch").write_bytes(bytes(range(256)))
    assert codes(tmp_path / "binary.arch") == {"E0201"}
    assert codes(tmp_path) == {"E0201"}
    assert codes(tmp_path / "nothing.arch") == {"E0201"}


def test_links_do_not_lead_out(tmp_path: Path) -> None:
    (tmp_path / "secret").mkdir()
    (tmp_path / "secret" / "other.arch").write_text("module f on x: [c] { return x }")
    (tmp_path / "open").mkdir()
    (tmp_path / "open" / "other.arch").symlink_to(tmp_path / "secret" / "other.arch")
    (tmp_path / "open" / "m.arch").write_text("use other: f\nmodel m on x: [3] { return f(x) }")
    assert codes(tmp_path / "open" / "m.arch") == {"E0202"}


def test_imports_are_limited(tmp_path: Path) -> None:
    for index in range(220):
        (tmp_path / f"f{index}.arch").write_text(f"module f{index} on x: [c] {{ return x }}")
    uses = "\n".join(f"use f{index}: f{index}" for index in range(220))
    (tmp_path / "m.arch").write_text(uses + "\nmodel m on x: [3] { return f0(x) }")
    assert codes(tmp_path / "m.arch") == {"E0212"}


def test_every_limit_is_in_the_guide_with_its_default() -> None:
    section = (ROOT / "docs" / "language.md").read_text().split("## Limits")[1]
    rows = dict(re.findall(r"^\| `(\w+)` \| ([\d,]+) \|", section, re.M))
    assert {name: int(value.replace(",", "")) for name, value in rows.items()} == Limits().__dict__


LONG = "model m on x: [3] { for i in range(600) { for j in range(600) { y = i * j } } return relu(x) }"


def test_the_caller_sets_limits() -> None:
    assert codes(LONG) == {"E0326"}
    assert archspec.stats(LONG, limits={"work": 10_000_000}).params == 0
    assert archspec.generate_source(LONG, limits=Limits(work=10_000_000))
    assert codes(LONG) == {"E0326"}, "what was worked out under other limits says nothing"
    assert codes("poolformer_s12", limits={"layers": 50}) == {"E0340"}
    assert codes("model m on x: [3, 4] { return reshape(x, [12, 1, 1]) }", limits={"axes": 2}) == {"E0350"}
    with held({"problems": 3}), pytest.raises(ArchspecError) as caught:
        archspec.load_spec("model m on x: [3] { return " + " + ".join(f"unknown{i}" for i in range(9)) + " }")
    assert len(caught.value.diagnostics) == 3
    assert now() == Limits()
    for wrong in ({"time": 5}, {"work": 0}, {"work": 1.5}):
        with pytest.raises(TypeError):
            archspec.stats(LONG, limits=wrong)  # type: ignore[arg-type]


def test_rules_count_for_each_layer_that_they_go_for() -> None:
    from archspec.graph.elaborate import Elaborator

    def work(rules: int, layers: int, layer: str) -> int:
        text = "module f(k) on x: [n] { fc = linear(n) return fc(x) * k } model m on x: [8] {"
        text += "init linear { weight = zeros } " * rules
        text += " ".join(f"l{i} = {layer.format(i)} x = l{i}(x)" for i in range(layers)) + " return x }"
        elaborator = Elaborator(archspec.load_spec(text))
        elaborator.run()
        return elaborator.work

    for layer, units in (("linear(8)", 2), ("f({})", 6)):  # a module, and the two ops that it holds
        assert work(5, 9, layer) - work(5, 1, layer) - work(1, 9, layer) + work(1, 1, layer) == units * 4 * 8


def test_limits_on_the_command_line(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "m.arch").write_text(LONG)
    assert main(["check", str(tmp_path / "m.arch")]) == 1
    assert "--limit work=3000000" in capsys.readouterr().err
    assert main(["check", str(tmp_path / "m.arch"), "--limit", "work=10000000"]) == 0
    for wrong in ("work", "work=-1", "time=5"):
        with pytest.raises(SystemExit):
            main(["check", str(tmp_path / "m.arch"), "--limit", wrong])
