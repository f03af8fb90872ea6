"""From a path, a name or a text to parsed files with all they import.

A spec reads nothing but .arch files under its import roots: the folder of the spec it was opened as, and the shipped
specs. The names in ``use`` are plain words, so no path can climb out, and links that lead out are not followed.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import BinaryIO, NoReturn

from archspec.diagnostics import Problem, SpecError
from archspec.limits import now
from archspec.resources import resource
from archspec.source import NOWHERE, Source, Span
from archspec.spec import problems
from archspec.spec.asked import is_text
from archspec.syntax import tree
from archspec.syntax.parser import check_text, check_words, parse, words_of

UTF8 = 4
"""The most bytes of one character."""
PIECE = 1 << 16
"""So many bytes are read at once: room is made for what a text has, not for what it may have."""


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
    _Loader(loaded, folder).add(source, (), folder is not None and _is_shipped(folder))
    return loaded


def open_spec(spec: str | Path) -> tuple[Source, Path | None]:
    """The text of a spec and the folder its imports start from (None for a text)."""
    if isinstance(spec, str) and is_text(spec):
        source = Source("<text>", spec)
        check_text(source)
        return source, None
    if isinstance(spec, str) and is_shipped_name(spec):
        found = find_shipped(spec)
        if found is None:
            raise SpecError.of(problems.FileNotReadable(NOWHERE, spec, "no such file or model", shipped_names()))
        return _read(found), found.parent
    path = Path(spec)
    return _read(path), path.parent


def is_shipped_name(spec: str) -> bool:
    """Whether a spec is asked for by name: a plain word that is no file here."""
    return re.fullmatch(r"[A-Za-z_]\w{0,199}", spec) is not None and not os.path.isfile(spec)


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
    return _std_modules().get(name)


@lru_cache(maxsize=1)
def _std_modules() -> dict[str, str]:
    """The files of the standard library by the modules that they define."""
    made: dict[str, str] = {}
    for path in sorted(resource("specs", "std").glob("*.arch")):
        for name in re.findall(r"^module\s+(\w+)", path.read_text(encoding="utf-8"), re.M):
            made.setdefault(name, f"std.{path.stem}")
    return made


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
            return _decoded(_display_name(path), str(path), file)
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
        return _decoded("-", "-", stream).text
    except OSError as error:
        _unreadable("-", (error.strerror or "it cannot be read").lower())


def _decoded(name: str, path: str, file: BinaryIO) -> Source:
    """What is in a file, read no further than a text goes."""
    most = UTF8 * now().text
    data = bytearray()
    while len(data) <= most and (piece := file.read(min(PIECE, most + 1 - len(data)))):
        data += piece
    try:
        text = data.decode("utf-8-sig", "ignore" if len(data) > most else "strict")
    except UnicodeDecodeError:
        _unreadable(path, "it is not UTF-8 text")
    source = Source(name, text.replace("\r\n", "\n").replace("\r", "\n"))
    check_text(source)
    return source


def _unreadable(name: str, why: str) -> NoReturn:
    raise SpecError.of(problems.FileNotReadable(NOWHERE, name, why))


def _is_shipped(path: Path) -> bool:
    """Whether a file or folder lies among the shipped specs."""
    return path.is_absolute() and path.is_relative_to(resource("specs"))


def _display_name(path: Path) -> str:
    """Shipped files are named from the specs folder on, wherever that lies; no other file is called like one."""
    if _is_shipped(path):
        return Path("specs", path.relative_to(resource("specs"))).as_posix()
    name = path.as_posix()
    namesake = resource("specs", *path.parts[1:]) if path.parts[:1] == ("specs",) else None
    if namesake is None or not namesake.is_file() or (path.exists() and path.samefile(namesake)):
        return name
    return f"./{name}"


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
        self.words = 0

    def add(self, source: Source, trail: tuple[str, ...], shipped: bool) -> None:
        loaded = self.loaded
        loaded.sources[source.name] = source
        try:
            if not shipped:
                self.words += words_of(source.text, now().words)
                check_words(source, self.words)
            file = parse(source)
        except SpecError as error:
            raise SpecError(error.diagnostics, loaded.sources) from None
        loaded.files[source.name] = file
        trail = (*trail, source.name)
        for use in uses_of(file):
            span = use.names[0][2]._replace(start=use.span.start)
            path = self._find(use, span)
            name = _display_name(path)
            loaded.imports[source.name, use.path] = name
            if name in trail:
                ring = (*trail[trail.index(name) :], name)
                self._fail(problems.ImportCycle(span, ring))
            if name not in loaded.files:
                if len(loaded.files) >= now().files:
                    self._fail(problems.TooManyFiles(span, "files", now().files))
                self.add(_read(path), trail, _is_shipped(path))

    def _find(self, use: tree.Use, span: Span) -> Path:
        shipped = resource("specs")
        relative = Path(*use.path).with_suffix(".arch")
        roots = [shipped] if use.path[0] == "std" or self.folder is None else [self.folder, shipped]
        for root in roots:
            path = root / relative
            if _is_inside(path, root):
                return path
        tried = tuple(dict.fromkeys(_display_name(root / relative) for root in roots))
        near = set()
        with suppress(OSError):
            for root in roots:
                beside = (root / Path(*use.path)).parent.glob("*.arch")
                near |= {".".join(path.relative_to(root).with_suffix("").parts) for path in beside}
        self._fail(problems.ImportNotFound(span, ".".join(use.path), tried, tuple(sorted(near))))
        raise AssertionError

    def _fail(self, problem: Problem) -> None:
        raise SpecError.of(problem, self.loaded.sources)
