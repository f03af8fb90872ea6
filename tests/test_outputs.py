"""Where commands write: whole files, folders, standard output, and never over somebody's work unless told to."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
import torch
from safetensors.torch import load_file

import archspec
from archspec.checksum import untouched
from archspec.cli import main
from archspec.diagnostics import ArchspecError
from archspec.output import write_whole

SPEC = """
model small(size = 4) on x: [size] {
    '''Checksum 000000000000 and Checksum 0123456789ab are no checksums.'''
    fc = linear(6)
    return fc(x)
}
""".replace("'''", '"""')


@pytest.fixture(autouse=True)
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    Path("net.arch").write_text(SPEC)
    return tmp_path


def refused(args: list[str], capsys: pytest.CaptureFixture[str]) -> str:
    """What is said of a call that is refused, after which nothing is changed."""
    before = {path: path.read_bytes() for path in Path().rglob("*") if path.is_file()}
    capsys.readouterr()
    assert main(args) == 1
    said = capsys.readouterr()
    assert said.out == ""
    assert {path: path.read_bytes() for path in Path().rglob("*") if path.is_file()} == before
    return said.err


def test_a_built_file_is_built_again(capsys: pytest.CaptureFixture[str]) -> None:
    for size in (4, 5, 5):
        assert main(["build", "net.arch", "--set", f"size={size}"]) == 0
        text = Path("small.py").read_text()
        assert f"Input {size};" in text
        assert untouched(text.encode())
        assert untouched(text.replace("\n", "\r\n").encode())
    assert text == archspec.generate_source("net.arch", params={"size": "5"})
    compile(text, "small.py", "exec")


@pytest.mark.parametrize(
    "change",
    [
        lambda text: text + "\n",
        lambda text: text.replace("nn.Linear", "nn.LazyLinear"),
        lambda text: text.replace("# imports", ""),
        lambda text: text.replace("Checksum", "checksum"),
        lambda text: "x = 1\n",
        lambda text: text[:-9],
    ],
)
def test_a_file_that_somebody_changed_is_kept(change: object, capsys: pytest.CaptureFixture[str]) -> None:
    assert callable(change)
    assert main(["build", "net.arch"]) == 0
    own = Path("small.py").read_text()
    text = change(own)
    Path("small.py").write_text(text)
    if text == own:
        return
    said = refused(["build", "net.arch"], capsys)
    assert "E0516" in said
    assert "--force" in said
    os.chmod("small.py", 0o750)
    assert main(["build", "net.arch", "--force"]) == 0
    assert Path("small.py").read_text() == own
    assert os.stat("small.py").st_mode & 0o777 == 0o750


def test_an_empty_file_holds_nothing_to_lose() -> None:
    Path("small.py").touch()
    assert main(["build", "net.arch"]) == 0


def test_folders(capsys: pytest.CaptureFixture[str]) -> None:
    Path("there").mkdir()
    for output, path in (("there", "there/small.py"), ("new/deep/", "new/deep/small.py"), ("x.txt", "x.txt")):
        assert main(["build", "net.arch", "-o", output]) == 0
        assert f"wrote {path} " in capsys.readouterr().out
        assert Path(path).is_file()
    assert "E0508" in refused(["build", "net.arch", "-o", "x.txt/"], capsys)
    assert "E0508" in refused(["build", "net.arch", "-o", "none/x.py"], capsys)
    assert main(["build", "net.arch", "--set", "size=-1", "-o", "never/"]) == 1
    assert not Path("never").exists()


def test_standard_output(capsysbinary: pytest.CaptureFixture[bytes]) -> None:
    assert main(["build", "net.arch", "-o", "-"]) == 0
    said = capsysbinary.readouterr()
    assert said.out == archspec.generate_source("net.arch").encode()
    assert b"wrote standard output" in said.err
    assert main(["new", "mine", "-o", "-"]) == 0
    assert archspec.check(capsysbinary.readouterr().out.decode()).model == "mine"
    assert not Path("-").exists()
    for args in (["stats", "net.arch", "--html", "-"], ["sweep", "net.arch", "--vary", "size=1,2", "-o", "-"]):
        assert main(args) == 1
        assert b"standard output is taken" in capsysbinary.readouterr().err


@pytest.mark.parametrize(
    ("args", "path", "again"),
    [
        (["new", "mine"], "mine.arch", 1),
        (["new", "mine", "-o", "other.arch"], "other.arch", 1),
        (["new", "mine", "-o", "in/"], "in/mine.arch", 1),
        (["stats", "net.arch", "--html", "page.html"], "page.html", 0),
        (["stats", "net.arch", "--html", "pages/"], "pages/small.html", 0),
        (["sweep", "net.arch", "--vary", "size=1..3", "-o", "table.csv"], "table.csv", 1),
        (["sweep", "net.arch", "--vary", "size=1..3", "--plot", "plot.svg"], "plot.svg", 0),
    ],
)
def test_other_outputs(args: list[str], path: str, again: int, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(args) == 0
    first = Path(path).read_bytes()
    assert main(args) == again
    Path(path).write_text("my own words")
    assert "E0516" in refused(args, capsys)
    assert main([*args, "--force"]) == 0
    assert Path(path).read_bytes() == first


def test_what_cannot_be_written_to(capsys: pytest.CaptureFixture[str]) -> None:
    Path("loop.py").symlink_to("loop.py")
    os.mkfifo("pipe")
    Path("dangling.py").symlink_to("target.py")
    for output in ("loop.py", "pipe", "pipe/", "a" * 300, "nul\0", "/dev/full", "loop.py/x.py", "/proc/x.py"):
        assert "E0508" in refused(["build", "net.arch", "-o", output], capsys)
        assert "E0508" in refused(["new", "mine", "-o", output], capsys)
        if output != "/proc/x.py":  # that a folder takes no file shows when one is written
            assert "E0508" in refused(["stats", "net.arch", "--html", output], capsys)
    assert main(["build", "net.arch", "-o", "dangling.py"]) == 0
    assert Path("dangling.py").is_symlink()
    assert Path("target.py").is_file()
    with pytest.raises(SystemExit) as stop:
        main(["build", "net.arch", "-o", ""])
    assert stop.value.code == 2


def test_nothing_is_left_behind(here: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A full disk, or an interrupt from the keyboard, at the worst moment."""

    def broken(error: BaseException) -> object:
        def replace(*_: object) -> None:
            raise error

        return replace

    Path("x.py").write_text("before")
    for error, kind in (
        (OSError(28, "No space left on device"), ArchspecError),
        (KeyboardInterrupt(), KeyboardInterrupt),
    ):
        monkeypatch.setattr(os, "replace", broken(error))
        with pytest.raises(kind):
            write_whole(Path("x.py"), b"after")
    assert sorted(os.listdir(here)) == ["net.arch", "x.py"]
    assert Path("x.py").read_text() == "before"


def test_weights(capsys: pytest.CaptureFixture[str]) -> None:
    state = archspec.compile_spec("net.arch").state_dict()
    torch.save(state, "plain.pth")
    torch.save({key: value.to(torch.complex128) for key, value in state.items()}, "complex.pth")
    args = ["weights", "net.arch", "plain.pth", "--layout", "archspec", "-o", "kept/"]
    assert main(args) == 0
    assert load_file("kept/small.safetensors").keys() == state.keys()
    assert "E0516" in refused(args, capsys)
    assert main([*args, "--force"]) == 0
    said = refused(["weights", "net.arch", "complex.pth", "--layout", "archspec", "-o", "x.safetensors"], capsys)
    assert "cannot hold all of complex128" in said
