"""The command line's grammar."""

from __future__ import annotations

import argparse
import sys
from typing import Any, NoReturn

from archspec import __version__
from archspec.cli import values
from archspec.cli.common import columns
from archspec.limits import Limits
from archspec.report.dtypes import DTYPES
from archspec.report.metrics import COUNTS
from archspec.report.table import FORMATS

SPEC = (
    "the path of an .arch file, the name of a shipped model, or - for standard input; "
    "#MODEL behind it picks one of several, [KEY=VALUE, ...] gives it parameters"
)


def parser() -> argparse.ArgumentParser:
    """The parser of the whole command."""
    top = _Parser(
        prog="archspec", description="Compile neural architectures from .arch specs: check, count, write, build."
    )
    top.add_argument("--version", action="version", version=f"archspec {__version__}")
    commands = top.add_subparsers(dest="command", required=True, metavar="COMMAND")

    build = commands.add_parser("build", help="write a model as one file of Python that needs only torch")
    _model(build)
    _output(build, "PATH", "a file, a folder for NAME.py (default: this one), or -")

    stats = commands.add_parser("stats", help="count parameters, work and memory without running anything")
    _model(stats)
    stats.add_argument(
        "--depth", type=values.whole, metavar="N", help="levels of layers to show (default: 2; all in CSV)"
    )
    _format(stats)
    _basis(stats)
    stats.add_argument(
        "--conventions", action="store_true", help="show what each counter makes of each op, and why they differ"
    )
    stats.add_argument(
        "--verify",
        action="store_true",
        help="hold the module against reference execution, fvcore and torch; exit 1 if a number differs",
    )
    stats.add_argument(
        "--symbolic",
        nargs="?",
        type=values.names,
        const=(),
        metavar="NAMES",
        help="show formulas over the sizes of the input, or over these: h,w,batch,dims,depths[2],...",
    )
    stats.add_argument(
        "--html", type=values.text, metavar="FILE", help="write the report as one page for a browser, too"
    )
    _force(stats)
    stats.set_defaults(refuse=stats.error)

    check = commands.add_parser("check", help="check every model of some specs, and what they expect of themselves")
    check.add_argument("specs", nargs="+", metavar="SPEC", type=values.model_reference, help=SPEC)
    _allowed(check)

    listing = commands.add_parser("list", help="list the shipped models, or those of a spec")
    listing.add_argument("spec", nargs="?", metavar="SPEC", type=values.model_reference, help=SPEC)
    _format(listing)
    _limits(listing)

    compare = commands.add_parser("compare", help="hold two or more models side by side: cost, stages, structure")
    compare.add_argument("first", metavar="A", type=values.model_reference, help=SPEC)
    compare.add_argument(
        "others", metavar="B", type=values.model_reference, nargs="+", help="what to hold against it, in the same form"
    )
    _given(compare)
    _format(compare)

    diff = commands.add_parser("diff", help="say what differs between two models, and which weights carry over")
    diff.add_argument("a", metavar="A", type=values.model_reference, help=SPEC)
    diff.add_argument("b", metavar="B", type=values.model_reference, help="the other, in the same form")
    _given(diff)
    diff.add_argument("--format", choices=("text", "json"), default="text")
    diff.add_argument("--exit-code", action="store_true", help="exit with 1 where the models differ")

    sweep = commands.add_parser("sweep", help="work out every variant of a space: parameters, sizes, structure")
    _search(sweep)
    sweep.add_argument(
        "--vary", action="append", type=values.varied, required=True, metavar="NAME=VALUES",
        help="values with commas between them, ranges such as 32..128:16 among them; NAME may be one entry, dims[2]",
    )  # fmt: skip
    sweep.add_argument("--sample", type=values.count, metavar="N", help="draw N variants at random instead of all")
    sweep.add_argument("--yes", action="store_true", help="go through all of a space of more than 100,000,000 variants")
    sweep.add_argument("--seed", type=values.whole, default=0, metavar="N", help="of the drawing (default: 0)")
    sweep.add_argument(
        "--pareto", default="min:macs,max:params", metavar="GOALS", help="of the front (default: min:macs,max:params)"
    )
    _output(sweep, "FILE", "a .parquet or .csv file for all that are kept")
    sweep.add_argument(
        "--plot", type=values.text, metavar="FILE", help="draw the variants and their front as a .svg file"
    )
    sweep.add_argument(
        "--executor",
        type=values.text,
        metavar="WHERE",
        help="threads[:N], processes[:N], or a Dask scheduler's address",
    )

    fit = commands.add_parser("fit", help="find variants on a budget")
    _search(fit)
    fit.add_argument(
        "--free",
        type=values.text,
        required=True,
        metavar="NAMES",
        help="what may vary, ranges if any: dims,depths=1..12",
    )
    for metric in COUNTS:
        fit.add_argument(
            f"--{metric.name}",
            dest=f"wanted_{metric.name}",
            type=values.budget,
            metavar="N",
            help=f"the wanted {metric.name}, such as 25M",
        )
    fit.add_argument(
        "--trials", type=values.count, default=500, metavar="N", help="of Optuna in large spaces (default: 500)"
    )

    weights = commands.add_parser("weights", help="convert a published checkpoint to a model's own keys")
    _model(weights)
    weights.add_argument("checkpoint", metavar="CHECKPOINT", help="a .safetensors file, or one of torch.save")
    _output(weights, "OUT", "the .safetensors file to write, a folder, or -", required=True)
    weights.add_argument("--layout", default="official", help="the spec's checkpoint map to read the keys by")

    new = commands.add_parser("new", help="write a commented spec to start from, which builds as it is")
    new.add_argument("name", metavar="NAME", type=values.name, help="of the model; the file is NAME.arch")
    _output(new, "PATH", "another file, a folder, or - (default: this folder)")
    return top


_NUMBERS = ("--input", "--batch", "--depth", "--seed", "--sample", "--top", "--trials")


class _Parser(argparse.ArgumentParser):
    """A parser for which what follows ``--input``, or another option of numbers, is its value, minus sign and all."""

    def __init__(self, **options: Any) -> None:
        super().__init__(formatter_class=_Help, **options)

    def parse_known_args(self, args: Any = None, namespace: Any = None) -> Any:
        made: list[str] = []
        for item in sys.argv[1:] if args is None else args:
            if made and made[-1] in _NUMBERS and item[:1] == "-" and item[1:2].isdigit():
                made[-1] += f"={item}"
            else:
                made.append(item)
        return super().parse_known_args(made, namespace)

    def error(self, message: str) -> NoReturn:
        """Say how the command is called and what is wrong with this call, and end with 2."""
        from archspec.diagnostics.printable import printable

        super().error(printable(message))

    def _parse_optional(self, arg_string: str) -> Any:
        """Tell options from the rest: ``-#MODEL`` is a model of the spec on standard input."""
        return None if arg_string[:2] in ("-#", "-[") else super()._parse_optional(arg_string)


def _search(command: argparse.ArgumentParser) -> None:
    _model(command)
    command.add_argument(
        "--where",
        action="append",
        type=values.text,
        default=[],
        metavar="CONDITION",
        help="keep these alone: 'macs < 4G and params < 25M'",
    )
    _basis(command)
    _format(command)
    command.add_argument("--top", type=values.count, default=20, metavar="N", help="variants to show (default: 20)")


class _Help(argparse.HelpFormatter):
    """Help as wide as the terminal."""

    def __init__(self, prog: str) -> None:
        super().__init__(prog, width=max(columns(), 20) - 2)


def _model(command: argparse.ArgumentParser) -> None:
    command.add_argument("spec", metavar="SPEC", type=values.model_reference, help=SPEC)
    command.add_argument("--model", metavar="NAME", help="which model of the spec")
    _given(command)


def _given(command: argparse.ArgumentParser) -> None:
    command.add_argument(
        "--set", dest="params", action="append", type=values.set_to, default=[], metavar="KEY=VALUE",
        help="a parameter of the model; the value is an expression of the language",
    )  # fmt: skip
    _allowed(command)
    command.add_argument("--input", dest="input_shape", type=values.shape, metavar="CxHxW", help="another input size")


def _format(command: argparse.ArgumentParser) -> None:
    command.add_argument("--format", choices=FORMATS, default="table")


def _basis(command: argparse.ArgumentParser) -> None:
    command.add_argument("--batch", type=values.batch, default=1, metavar="N", help="samples to count for (default: 1)")
    command.add_argument("--dtype", choices=DTYPES, default="float32", help="of parameters and activations, for memory")


def _output(command: argparse.ArgumentParser, metavar: str, words: str, required: bool = False) -> None:
    command.add_argument("-o", "--output", type=values.text, required=required, metavar=metavar, help=words)
    _force(command)


def _force(command: argparse.ArgumentParser) -> None:
    command.add_argument("--force", action="store_true", help="write over a file that holds something else")


def _allowed(command: argparse.ArgumentParser) -> None:
    command.add_argument("--allow-extern", action="store_true", help="let the spec name Python classes from outside")
    _limits(command)


def _limits(command: argparse.ArgumentParser) -> None:
    command.add_argument(
        "--limit", dest="limits", action="append", type=values.limit, default=[], metavar="NAME=N",
        help=f"what a spec may take of the machine: {', '.join(Limits.names())} (docs/language.md)",
    )  # fmt: skip
