"""From a path, a name or a text to parsed files with all they import.

A spec reads nothing but .arch files under its import roots: the folder of the spec it was opened as, and the shipped
specs. The names in ``use`` are plain words, so no path can climb out, and links that lead out are not followed.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import BinaryIO, NoReturn

from archspec.diagnostics import Problem, SpecError
from archspec.resources import resource
from archspec.source import NOWHERE, Source, Span
from archspec.spec import problems
from archspec.spec.asked import is_text
from archspec.syntax import tree
from archspec.syntax.parser import parse

MAX_FILES = 200
LARGEST = 4_000_000
"""Bytes of the largest file that is read."""


@dataclass
class Loaded:
    """The files of one spec, in the order they were opened; ``main`` is the first."""

    main: str
    files: dict[str, tree.File] = field(default_factory=dict)
    sources: dict[str, Source] = field(default_factory=dict)
    imports: dict[tuple[str, tuple[str, ...]], str] = field(default_factory=dict)


def load(spec: str | Path) -> Loaded:
    """Open a spec given by path, by shipped name, or as text.

    Raises:
        SpecError: a file cannot be read or parsed, or an import is missing or cyclic.
    """
    source, folder = open_spec(spec)
    loaded = Loaded(source.name)
    _Loader(loaded, folder).add(source, ())
    return loaded


def open_spec(spec: str | Path) -> tuple[Source, Path | None]:
    """The text of a spec and the folder its imports start from (None for a text)."""
    if isinstance(spec, str) and is_text(spec):
        return Source("<text>", spec), None
    if isinstance(spec, str) and is_shipped_name(spec):
        found = find_shipped(spec)
        if found is None:
            raise SpecError.of(problems.FileNotReadable(NOWHERE, spec, "no such file or model", shipped_names()))
        return _read(found), found.parent
    path = Path(spec)
    return _read(path), path.parent


def is_shipped_name(spec: str) -> bool:
    """Whether a spec is asked for by name: a plain word that is no file here."""
    return re.fullmatch(r"[A-Za-z_]\w{0,199}", spec) is not None and not Path(spec).is_file()


def shipped_files() -> list[Path]:
    """The shipped specs, without the standard library."""
    return sorted(resource("specs").glob("*.arch"))


def shipped_names() -> tuple[str, ...]:
    """The names of all shipped models, read off the texts without parsing them."""
    names = (re.findall(r"^model\s+(\w+)", path.read_text(encoding="utf-8"), re.M) for path in shipped_files())
    return tuple(sorted(name for group in names for name in group))


def find_shipped(name: str) -> Path | None:
    """The shipped file that defines the model ``name``."""
    own = resource("specs", f"{name}.arch")
    pattern = re.compile(rf"^model\s+{re.escape(name)}\b", re.M)
    for path in [own, *shipped_files()]:
        if path.is_file() and pattern.search(path.read_text(encoding="utf-8")):
            return path
    return None


def find_in_std(name: str) -> str | None:
    """The file of the standard library that defines the module ``name``, as ``use`` writes it."""
    pattern = re.compile(rf"^module\s+{re.escape(name)}\b", re.M)
    for path in sorted(resource("specs", "std").glob("*.arch")):
        if pattern.search(path.read_text(encoding="utf-8")):
            return f"std.{path.stem}"
    return None


def uses_of(file: tree.File) -> tuple[tree.Use, ...]:
    """The imports of a file; one that has stages also imports the module they are made of."""
    for item in file.definitions:
        for statement in _statements(item.body) if isinstance(item, tree.Model) else ():
            if isinstance(statement, (tree.Stage, tree.Stages)):
                return (*file.uses, tree.Use(("std", "stage"), (("stage", "stage", statement.span),), statement.span))
    return file.uses


def _statements(body: tuple[tree.Statement, ...]) -> Iterator[tree.Statement]:
    """The statements of a body, those inside ``if`` and ``for`` too."""
    for statement in body:
        yield statement
        if isinstance(statement, tree.If):
            yield from _statements(statement.then + statement.otherwise)
        elif isinstance(statement, tree.For):
            yield from _statements(statement.body)


def _read(path: Path) -> Source:
    try:
        if path.exists() and not path.is_file() and not path.is_dir():
            _unreadable(str(path), "it is not a file")
        with path.open("rb") as file:
            return Source(_shown(path), _decoded(str(path), file))
    except IsADirectoryError:
        why = "it is a folder"
    except ValueError:
        why = "that is not a path"
    except OSError as error:
        why = (error.strerror or "it cannot be opened").lower()
    raise SpecError.of(problems.FileNotReadable(NOWHERE, str(path), why, shipped_names()))


def read_stream(stream: BinaryIO | None) -> str:
    """The text of standard input, None where that is closed.

    Raises:
        SpecError: it is closed, too long, or no text.
    """
    if stream is None:
        _unreadable("-", "standard input is closed")
    try:
        return _decoded("-", stream)
    except OSError as error:
        _unreadable("-", (error.strerror or "it cannot be read").lower())


def _decoded(name: str, file: BinaryIO) -> str:
    """What is in a file, read no further than a spec goes."""
    data = file.read(LARGEST + 1)
    if len(data) > LARGEST:
        _unreadable(name, f"it is larger than {LARGEST // 1_000_000} MB")
    try:
        return data.decode("utf-8-sig").replace("\r\n", "\n").replace("\r", "\n")
    except UnicodeDecodeError:
        _unreadable(name, "it is not UTF-8 text")


def _unreadable(name: str, why: str) -> NoReturn:
    raise SpecError.of(problems.FileNotReadable(NOWHERE, name, why))


def _shown(path: Path) -> str:
    """Shipped files are named from the specs folder on, wherever that lies."""
    specs = resource("specs")
    if path.is_absolute() and path.is_relative_to(specs):
        return Path("specs", path.relative_to(specs)).as_posix()
    return path.as_posix()


def _is_inside(path: Path, root: Path) -> bool:
    """Whether there is a file that lies below a folder, links followed."""
    try:
        return path.is_file() and path.resolve().is_relative_to(root.resolve())
    except (OSError, RuntimeError):  # a folder that may not be opened; a circle of links
        return False


class _Loader:
    def __init__(self, loaded: Loaded, folder: Path | None) -> None:
        self.loaded = loaded
        self.folder = folder

    def add(self, source: Source, trail: tuple[str, ...]) -> None:
        loaded = self.loaded
        loaded.sources[source.name] = source
        try:
            file = parse(source)
        except SpecError as error:
            raise SpecError(error.diagnostics, loaded.sources) from None
        loaded.files[source.name] = file
        trail = (*trail, source.name)
        for use in uses_of(file):
            span = use.names[0][2]._replace(start=use.span.start)
            path = self._find(use, span)
            name = _shown(path)
            loaded.imports[source.name, use.path] = name
            if name in trail:
                ring = (*trail[trail.index(name) :], name)
                self._fail(problems.ImportCycle(span, ring))
            if name not in loaded.files:
                if len(loaded.files) >= MAX_FILES:
                    self._fail(problems.TooManyFiles(span, MAX_FILES))
                self.add(_read(path), trail)

    def _find(self, use: tree.Use, span: Span) -> Path:
        shipped = resource("specs")
        relative = Path(*use.path).with_suffix(".arch")
        roots = [shipped] if use.path[0] == "std" or self.folder is None else [self.folder, shipped]
        for root in roots:
            path = root / relative
            if max(map(len, use.path)) < 200 and _is_inside(path, root):
                return path
        tried = tuple(dict.fromkeys(_shown(root / relative) for root in roots))
        near = {
            ".".join(path.relative_to(root).with_suffix("").parts)
            for root in roots
            for path in (root / Path(*use.path)).parent.glob("*.arch")
        }
        self._fail(problems.ImportNotFound(span, ".".join(use.path), tried, tuple(sorted(near))))
        raise AssertionError

    def _fail(self, problem: Problem) -> None:
        raise SpecError.of(problem, self.loaded.sources)
