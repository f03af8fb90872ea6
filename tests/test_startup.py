"""What a cold command imports, and the cache that lets it: the same results whatever state the cache is in."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from archspec import ArchspecError, cache, stats
from archspec.graph.nodes import Binding, LayerList, Node, OpNode
from archspec.opdef.registry import op_names
from archspec.source import Source
from archspec.syntax import parse_tree, tree
from archspec.syntax.parser import parse, parse_expression
from tests.conftest import ROOT

SPEC = ROOT / "specs" / "poolformer_m36.arch"
SHIPPED = sorted((ROOT / "specs").rglob("*.arch"))
WRONG = sorted((ROOT / "tests" / "cases" / "errors").rglob("*.arch"))
PROBE = """
import json, sys
from archspec.cli import main
status = main(sys.argv[1:])
print(json.dumps(sorted(sys.modules)), file=sys.stderr)
raise SystemExit(status)
"""
SEEN = ("torch", "numpy", "fvcore", "safetensors", "pydantic", "jinja2", "lark", "shutil", "tempfile", "difflib", "csv")


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty cache, in force here and in child processes."""
    path = tmp_path / "cache"
    monkeypatch.setenv("ARCHSPEC_CACHE_DIR", str(path))
    return path


def command(*arguments: str | Path) -> subprocess.CompletedProcess[str]:
    given = [sys.executable, "-c", PROBE, *map(str, arguments)]
    return subprocess.run(given, cwd=ROOT, capture_output=True, text=True)


def imported(done: subprocess.CompletedProcess[str]) -> set[str]:
    assert done.returncode == 0, done.stderr
    return set(json.loads(done.stderr.splitlines()[-1]))


def stages(modules: set[str]) -> set[str]:
    return {name.split(".")[1] for name in modules if name.startswith("archspec.")}


def fresh(text: str, name: str = "some.arch") -> tree.File:
    """A text parsed as in a process that has parsed nothing yet."""
    return parse.__wrapped__(Source(name, text))


def without_lark(monkeypatch: pytest.MonkeyPatch) -> None:
    def unwanted(text: str, start: str) -> None:
        raise AssertionError("the grammar was used")

    monkeypatch.setattr(parse_tree, "parse", unwanted)


def used(node: Node) -> set[str]:
    """The ops below a node."""
    if isinstance(node, OpNode):
        return {node.op.name()}
    inner = node.items if isinstance(node, LayerList) else [s.node for s in node.body if not isinstance(s, Binding)]
    return set().union(*map(used, inner))


# what is imported


def test_a_cold_stats_imports_what_it_uses(folder: Path) -> None:
    first, second = (command("stats", SPEC) for _ in range(2))
    assert first.stdout == second.stdout
    assert "lark" in imported(first)
    assert "pydantic" not in imported(first)
    modules = imported(second)
    assert {name for name in SEEN if name in modules} == set()
    ops = {name.rpartition(".")[2] for name in modules if name.startswith("archspec.ops.")}
    assert ops == used(stats(SPEC).root)
    assert ops < op_names()
    assert stages(modules) & LEFT_OUT["stats"] == set()


LEFT_OUT: dict[str, set[str]] = {
    "stats": {"output", "emit", "targets", "backends", "checkpoints", "verification", "comparison", "search"},
    "list": {"output", "emit", "targets", "backends", "checkpoints", "verification", "comparison", "search"},
    "check": {"output", "backends", "checkpoints", "verification", "comparison", "search"},
    "build": {"backends", "checkpoints", "verification", "comparison", "search"},
    "compare": {"output", "emit", "targets", "backends", "checkpoints", "verification", "search"},
    "diff": {"output", "emit", "targets", "backends", "verification", "search"},
    "sweep": {"emit", "targets", "backends", "checkpoints", "verification", "comparison"},
    "fit": {"emit", "targets", "backends", "checkpoints", "verification", "comparison"},
}
"""The stages that a command does without."""
GIVEN: dict[str, list[str]] = {
    "build": ["-o", "-"],
    "compare": ["poolformer_m36#poolformer_m36[depths=[1, 1, 1, 1]]"],
    "diff": ["poolformer_m36#poolformer_m36[depths=[1, 1, 1, 1]]"],
    "sweep": ["--vary", "depths=1,2"],
    "fit": ["--macs", "1G", "--free", "depths[0]=1,2"],
}


@pytest.mark.parametrize("name", LEFT_OUT)
def test_a_command_imports_no_stage_that_it_does_without(name: str) -> None:
    modules = imported(command(name, SPEC, *GIVEN.get(name, ())))
    assert stages(modules) & LEFT_OUT[name] == set()
    assert "torch" not in modules
    assert name in ("sweep", "fit") or "numpy" not in modules


def test_a_cold_build_imports_the_ops_that_it_writes(folder: Path) -> None:
    modules = imported(command("build", SPEC, "-o", "-"))
    assert {name.rpartition(".")[2] for name in modules if ".torch.ops." in name} == used(stats(SPEC).root)


@pytest.mark.parametrize("spec", ["swin.arch#swin_base_384_24", "rotary.arch", "positions.arch"])
def test_tables_are_checked_without_their_values(spec: str) -> None:
    for arguments in (("check",), ("build", "-o", "-")):
        modules = imported(command(*arguments, ROOT / "tests" / "specs" / spec))
        assert {"torch", "numpy"} & modules == set()


def test_a_changed_spec_is_read_anew(folder: Path, tmp_path: Path) -> None:
    path = tmp_path / "mine.arch"
    for dim, params in ((4, 16), (5, 20)):
        path.write_text(f"model mine on x: [3] {{ fc = linear({dim}) return fc(x) }}")
        for _ in range(2):
            assert json.loads(command("stats", path, "--format", "json").stdout)["params"] == params


# what is kept


@pytest.mark.parametrize("path", SHIPPED, ids=lambda path: path.stem)
def test_a_kept_outline_gives_the_same_tree(path: Path, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    text = path.read_text()
    built = fresh(text)
    without_lark(monkeypatch)
    assert fresh(text) == built
    with pytest.raises(AssertionError, match="the grammar was used"):
        fresh(text + "\n")


def outcome(read: Callable[[Source], object], text: str) -> object:
    try:
        return read(Source("<text>", text))
    except ArchspecError as error:
        return error.diagnostics


def test_a_kept_table_reads_and_refuses_like_one_that_is_built(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    whole = SPEC.read_text()
    texts = [path.read_text() for path in (*SHIPPED, *WRONG)]
    texts += [whole[:end] for end in range(0, len(whole), 11)] + [whole[start:] for start in range(0, len(whole), 23)]
    expressions = ["", "1 +", "a b", "[1, 2", "f(x", "if a then b", "1__0", "not", "x[1:]", "$", '"', "a.b", "use"]

    def outcomes() -> list[object]:
        found = [outcome(parse.__wrapped__, text) for text in texts]
        return found + [outcome(parse_expression.__wrapped__, text) for text in expressions]

    monkeypatch.setenv("ARCHSPEC_CACHE_DIR", "off")
    built = parse_tree.parser.__wrapped__()
    monkeypatch.setattr(parse_tree, "parser", lambda: built)
    expected = outcomes()
    monkeypatch.undo()
    monkeypatch.setenv("ARCHSPEC_CACHE_DIR", str(folder))
    parse_tree.parser.__wrapped__()
    kept = parse_tree.parser.__wrapped__()
    assert kept.source_path == "<deserialized>" != built.source_path
    monkeypatch.setattr(parse_tree, "parser", lambda: kept)
    assert outcomes() == expected
    assert sum(isinstance(item, tuple) for item in expected) > 50


def test_nothing_that_a_text_says_is_kept(folder: Path) -> None:
    fresh('model unmistakable on x: [3] { """My secret.""" return relu(x) }')
    assert not [
        path for path in folder.iterdir() if b"unmistakable" in path.read_bytes() or b"secret" in path.read_bytes()
    ]


def test_texts_that_are_no_files_are_not_kept(folder: Path) -> None:
    """A caller may try a million of them, and a file may hold as many expressions inside strings."""
    fresh("model m on x: [3] { return relu(x) }")
    kept = len(list(folder.iterdir()))
    fresh("model m on x: [4] { return relu(x) }", "<text>")
    parse_expression.__wrapped__(Source("some.arch", "2 * dim + 1"), 40, "some.arch")
    assert len(list(folder.iterdir())) == kept


# a cache in any state


def garble(change: Callable[[bytes], bytes]) -> Callable[[Path], None]:
    def spoil(folder: Path) -> None:
        for path in folder.iterdir():
            path.write_bytes(change(path.read_bytes()))

    return spoil


def exchange(folder: Path) -> None:
    paths = sorted(folder.iterdir())
    contents = [path.read_bytes() for path in paths]
    for path, content in zip(paths, contents[1:] + contents[:1]):
        path.write_bytes(content)


def link(folder: Path) -> None:
    for path in list(folder.iterdir()):
        elsewhere = folder.parent / path.name
        path.rename(elsewhere)
        path.symlink_to(elsewhere)


def link_folder(folder: Path) -> None:
    folder.symlink_to(folder.rename(folder.parent / "elsewhere"))


def pipes(folder: Path) -> None:
    for path in list(folder.iterdir()):
        path.unlink()
        os.mkfifo(path)


def folders(folder: Path) -> None:
    for path in list(folder.iterdir()):
        path.unlink()
        path.mkdir()


def writable(folder: Path) -> None:
    for path in folder.iterdir():
        path.chmod(0o666)


def no_folder(folder: Path) -> None:
    folder.rename(folder.parent / "elsewhere")
    folder.write_text("in the way")


def refill(value: object) -> Callable[[Path], None]:
    def store(folder: Path) -> None:
        for path in folder.iterdir():
            cache.store(path.name.removesuffix(cache.SUFFIX), value)

    return store


STATES: dict[str, Callable[[Path], None]] = {
    "empty files": garble(lambda data: b""),
    "cut short": garble(lambda data: data[: len(data) // 2]),
    "one bit wrong": garble(lambda data: data[:-9] + bytes([data[-9] ^ 1]) + data[-8:]),
    "not text": garble(lambda data: bytes(range(256)) * 9),
    "another's content": exchange,
    "links": link,
    "a linked folder": link_folder,
    "pipes": pipes,
    "folders": folders,
    "anybody's files": writable,
    "anybody's folder": lambda folder: folder.chmod(0o777),
    "no folder": no_folder,
    "a number": refill(7),
    "no rule": refill(["no_such_rule", 0, 0, []]),
    "not a rule": refill(["__init__", 0, 0, []]),
    "parts missing": refill(["start", 0, 0, []]),
    "other kinds of parts": refill(["start", "a", None, [{}, True]]),
    "too deep": refill(json.loads("[" * 900 + "]" * 900)),
}


@pytest.mark.parametrize("state", STATES)
def test_a_cache_in_any_state_changes_nothing(state: str, folder: Path, tmp_path: Path) -> None:
    path = tmp_path / "mine.arch"
    path.write_text("use std.mixers: pooling\nmodel mine on x: [3, 8, 8] { p = pooling(3) return p(x) }")
    expected = command("stats", path)
    assert len(list(folder.iterdir())) >= 3
    STATES[state](folder)
    again = command("stats", path)
    assert (again.returncode, again.stdout) == (0, expected.stdout)
    assert "lark" in imported(again)


def test_every_entry_has_its_own_checksum(folder: Path) -> None:
    one, two = cache.key_of("one"), cache.key_of("two")
    cache.store(one, [1, 2, 3])
    cache.store(two, [4, 5, 6])
    assert (cache.load(one), cache.load(two)) == ([1, 2, 3], [4, 5, 6])
    exchange(folder)
    assert (cache.load(one), cache.load(two)) == (None, None)
    exchange(folder)
    garble(lambda data: data[:-2] + b"0]")(folder)
    assert (cache.load(one), cache.load(two)) == (None, None)


def test_what_another_user_could_have_written_is_not_trusted(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    key = cache.key_of("something")
    cache.store(key, [1])
    assert cache.load(key) == [1]
    monkeypatch.setattr(os, "geteuid", lambda: os.getuid() + 1)
    assert cache.load(key) is None
    cache.store(cache.key_of("else"), [2])
    assert len(list(folder.iterdir())) == 1


def test_off_keeps_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ARCHSPEC_CACHE_DIR", "off")
    monkeypatch.chdir(tmp_path)
    cache.store(cache.key_of("something"), [1])
    assert cache.load(cache.key_of("something")) is None
    assert list(tmp_path.iterdir()) == []


@pytest.mark.skipif(sys.platform != "linux", reason="where the folder is depends on the system")
def test_the_folder_is_where_the_system_has_such_folders(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("ARCHSPEC_CACHE_DIR")
    monkeypatch.setenv("HOME", str(tmp_path))
    for base, place in ((tmp_path / "xdg", "xdg"), ("not/absolute", ".cache"), ("", ".cache")):
        monkeypatch.setenv("XDG_CACHE_HOME", str(base))
        key = cache.key_of(str(base))
        cache.store(key, [1])
        assert cache.load(key) == [1]
        assert (tmp_path / place / "archspec" / (key + cache.SUFFIX)).is_file()
        assert (tmp_path / place / "archspec").stat().st_mode & 0o777 == 0o700
    monkeypatch.setattr(os, "geteuid", lambda: os.getuid() + 1)
    monkeypatch.setenv("HOME", str(tmp_path.parent))
    cache.store(cache.key_of("as another user"), [1])
    assert not (tmp_path.parent / ".cache").exists()


def test_many_at_once(folder: Path) -> None:
    given = [sys.executable, "-m", "archspec", "stats", str(SPEC)]
    running = [subprocess.Popen(given, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE) for _ in range(6)]
    assert len({(*done.communicate(), done.returncode) for done in running}) == 1
    assert not [path for path in folder.iterdir() if path.name.startswith(".")]
    assert "lark" not in imported(command("stats", SPEC))


def test_the_cache_stays_small_and_is_alone_in_its_folder(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cache, "MOST", 20)
    folder.mkdir()
    (folder / "mine.json").write_text("{}")
    keys = [cache.key_of(str(index)) for index in range(60)]
    for index, key in enumerate(keys):
        cache.store(key, index)
        os.utime(folder / (key + cache.SUFFIX), (index, index))
    assert len(list(folder.iterdir())) <= 22
    assert (folder / "mine.json").read_text() == "{}"
    assert cache.load(keys[-2]) == 58
    assert cache.load(keys[0]) is None


def test_the_names_of_entries_tell_their_parts_apart() -> None:
    assert len({cache.key_of(*parts) for parts in (["ab", "c"], ["a", "bc"], ["abc"], ["abc", ""], ["c", "ab"])}) == 5
