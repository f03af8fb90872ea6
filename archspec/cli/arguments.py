"""The command line's grammar."""

from __future__ import annotations

import argparse
import os
import sys
from typing import Any

from archspec import __version__

SPEC = "the path of an .arch file, the name of a shipped model, or - for standard input"


def parser() -> argparse.ArgumentParser:
    """The parser of the whole command."""
    top = _Parser(
        prog="archspec", description="Compile neural architectures from .arch specs: check, count, write, build."
    )
    top.add_argument("--version", action="version", version=f"archspec {__version__}")
    commands = top.add_subparsers(dest="command", required=True, metavar="COMMAND")

    build = commands.add_parser("build", help="write a model as one file of Python that needs only torch")
    _model(build)
    build.add_argument("-o", "--output", metavar="PATH", help="a file, or a folder for NAME.py (default: this folder)")

    stats = commands.add_parser("stats", help="count parameters, work and memory without running anything")
    _model(stats)
    stats.add_argument("--depth", type=_depth, default=2, metavar="N", help="levels of layers to show (default: 2)")
    stats.add_argument("--format", choices=("table", "json", "csv", "markdown"), default="table")
    stats.add_argument("--verify", action="store_true", help="run fvcore beside it; exit 1 if any figure differs")

    check = commands.add_parser("check", help="check every model of some specs, and what they expect of themselves")
    check.add_argument("specs", nargs="+", metavar="SPEC", help=SPEC)
    _extern(check)

    listing = commands.add_parser("list", help="list the shipped models, or those of a spec")
    listing.add_argument("spec", nargs="?", metavar="SPEC", help=SPEC)
    listing.add_argument("--format", choices=("table", "json"), default="table")

    weights = commands.add_parser("weights", help="convert a published checkpoint to a model's own keys")
    _model(weights)
    weights.add_argument("checkpoint", metavar="CHECKPOINT", help="a .safetensors file, or one of torch.save")
    weights.add_argument("-o", "--output", required=True, metavar="OUT", help="the .safetensors file to write")
    weights.add_argument("--layout", default="official", help="the spec's checkpoint map to read the keys by")

    new = commands.add_parser("new", help="write a commented spec to start from, which builds as it is")
    new.add_argument("name", metavar="NAME", type=_name, help="of the model; the file is NAME.arch")
    new.add_argument("-o", "--output", metavar="PATH", help="another file (default: NAME.arch in this folder)")
    return top


class _Parser(argparse.ArgumentParser):
    def __init__(self, **options: Any) -> None:
        super().__init__(formatter_class=_Help, **options)


class _Help(argparse.HelpFormatter):
    """Help as wide as the terminal; left to itself argparse imports every archive format to find the width."""

    def __init__(self, prog: str) -> None:
        try:
            columns = int(os.environ.get("COLUMNS") or os.get_terminal_size(sys.stdout.fileno()).columns)
        except (AttributeError, OSError, ValueError):
            columns = 80
        super().__init__(prog, width=max(columns, 20) - 2)


def _model(command: argparse.ArgumentParser) -> None:
    command.add_argument("spec", metavar="SPEC", help=SPEC)
    command.add_argument("--model", metavar="NAME", help="which model of the spec")
    command.add_argument(
        "--set", dest="params", action="append", type=_setting, default=[], metavar="KEY=VALUE",
        help="a parameter of the model; the value is an expression of the language",
    )  # fmt: skip
    _extern(command)
    command.add_argument("--input", dest="input_shape", type=_shape, metavar="CxHxW", help="another input size")


def _extern(command: argparse.ArgumentParser) -> None:
    command.add_argument("--allow-extern", action="store_true", help="let the spec name Python classes from outside")


def _setting(text: str) -> tuple[str, Any]:
    key, equals, value = text.partition("=")
    if not equals or not key.strip().isidentifier() or not value.strip():
        raise argparse.ArgumentTypeError(f"`{text}` is not KEY=VALUE")
    return key.strip(), value.strip()


def _shape(text: str) -> tuple[int, ...]:
    parts = text.lower().replace(",", "x").split("x")
    if not all(part.strip().isdigit() for part in parts):
        raise argparse.ArgumentTypeError(f"`{text}` is not a size like 3x224x224")
    return tuple(int(part) for part in parts)


def _name(text: str) -> str:
    if not text.isidentifier() or text.startswith("_"):
        raise argparse.ArgumentTypeError(f"`{text}` cannot be the name of a model")
    return text


def _depth(text: str) -> int:
    if not text.isdigit():
        raise argparse.ArgumentTypeError(f"`{text}` is not a number of levels")
    return int(text)
