"""The shape of the code: stages import only to the left, the op folder is the registry, documents name real paths."""

from __future__ import annotations

import ast
import re
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from archspec.diagnostics import Problem
from archspec.opdef.faults import Fault
from archspec.opdef.op import Op
from archspec.opdef.registry import find_op, op_names
from tests.conftest import ROOT

ORDER = [
    "resources", "cache", "checksum", "frozen", "limits", "sym", "source", "diagnostics", "output", "syntax", "spec",
    "opdef", "ops", "graph", "report", "emit", "targets", "checkpoints", "backends", "pipeline", "api", "verification",
    "comparison", "search", "cli", "__main__",
]  # fmt: skip
APART = [("comparison", "search")]
"""Stages of which neither imports the other."""
MODULES = sorted((ROOT / "archspec").rglob("*.py"))
TESTS = sorted(path for folder in ("tests", "benchmarks") for path in (ROOT / folder).rglob("*.py"))


def stage(path: Path) -> str:
    return path.relative_to(ROOT / "archspec").with_suffix("").parts[0]


def imports(path: Path) -> set[str]:
    found = set()
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.ImportFrom) and node.module:
            found.add(node.module)
            found |= {f"{node.module}.{alias.name}" for alias in node.names}
        elif isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
    return found


@pytest.mark.parametrize("path", MODULES, ids=lambda path: str(path.relative_to(ROOT)))
def test_stages_import_only_to_the_left(path: Path) -> None:
    if stage(path) == "__init__":
        return
    rank = ORDER.index(stage(path))
    used = {name.split(".")[1] for name in imports(path) if name.startswith("archspec.")}
    assert {name for name in used if name in ORDER and ORDER.index(name) > rank} == set()
    assert not any({stage(path), name} == set(pair) for name in used for pair in APART)


@pytest.mark.parametrize("path", [*MODULES, *TESTS], ids=lambda path: str(path.relative_to(ROOT)))
def test_what_another_module_uses_is_public(path: Path) -> None:
    ours = ("archspec", "tests", "benchmarks")
    taken = [node for node in ast.walk(ast.parse(path.read_text())) if isinstance(node, ast.ImportFrom)]
    names = [alias.name for node in taken if (node.module or "").split(".")[0] in ours for alias in node.names]
    assert [name for name in names if re.match("_[^_]", name)] == []


@pytest.mark.parametrize("path", MODULES, ids=lambda path: str(path.relative_to(ROOT)))
def test_torch_stays_where_modules_are_made(path: Path) -> None:
    tree = ast.parse(path.read_text())
    top = [node for node in tree.body if isinstance(node, (ast.Import, ast.ImportFrom))]
    names = {alias.name for node in top if isinstance(node, ast.Import) for alias in node.names}
    names |= {node.module or "" for node in top if isinstance(node, ast.ImportFrom)}
    assert not {name.split(".")[0] for name in names} & {"torch", "numpy", "fvcore", "safetensors"}


TWO_TREES = {"Call", "Comprehension", "Slice"}
"""Nodes of both syntax trees, the language's (`syntax/tree.py`) and Python's (`emit/code.py`)."""


def types_in(tree: ast.Module) -> list[str]:
    """The names of a module's classes, and of what it makes types of: `Path = tuple[str, ...]`."""
    classes = [node.name for node in ast.walk(tree) if isinstance(node, ast.ClassDef)]
    made = [n.targets[0] for n in tree.body if isinstance(n, ast.Assign)]
    made += [n.target for n in tree.body if isinstance(n, ast.AnnAssign)]
    names = [target.id for target in made if isinstance(target, ast.Name)]
    return [name.lstrip("_") for name in (*classes, *(n for n in names if re.match("_?[A-Z].*[a-z]", n)))]


def test_no_two_types_have_one_name() -> None:
    names = Counter(name for path in MODULES for name in types_in(ast.parse(path.read_text())))
    assert {name for name, count in names.items() if count > 1} == TWO_TREES


def test_the_op_folder_holds_one_op_a_file() -> None:
    for name in op_names():
        op = find_op(name)
        assert issubclass(op, Op)
        assert op.name() == name
        assert op.__doc__
        assert "rithmetic" in op.__doc__ + (op.__mro__[1].__doc__ or ""), f"{name} does not say what it costs"


def problems(base: Any) -> list[Any]:
    return [item for child in base.__subclasses__() for item in (child, *problems(child))]


def test_every_code_is_said_in_one_place_and_rejected_by_a_case() -> None:
    for path in MODULES:
        if re.search(r"^    code\b.*[A-Z]\d{4}", path.read_text(), re.M):
            __import__(".".join(path.relative_to(ROOT).with_suffix("").parts))
    codes = [item.code for base in (Problem, Fault) for item in problems(base) if "code" in vars(item)]
    shared = {code for code in codes if codes.count(code) > 1}
    assert shared <= {"E0310"}, "two problems with one code"
    tested = "".join(path.read_text() for path in (ROOT / "tests").rglob("*") if path.suffix in (".err", ".py"))
    assert [code for code in sorted(set(codes)) if code not in tested] == []


@pytest.mark.parametrize("name", ["ARCHITECTURE.md", "README.md"])
def test_documents_name_paths_that_exist(name: str) -> None:
    text = (ROOT / name).read_text()
    named = set(re.findall(r"`((?:archspec|grammars|specs|templates|tests|benchmarks|docs|\.ci)/[\w./*-]*)`", text))
    assert named
    assert [path for path in sorted(named) if not list(ROOT.glob(path.rstrip("/")))] == []


def test_architecture_fits_on_a_few_pages() -> None:
    assert len((ROOT / "ARCHITECTURE.md").read_text().splitlines()) < 150
