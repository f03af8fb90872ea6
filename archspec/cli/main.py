"""Runs a command and reports what went wrong."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, TextIO

from archspec.cli.arguments import parser


def main(argv: Sequence[str] | None = None) -> int:
    """Run ``archspec`` with these arguments and give back its exit status."""
    from archspec.diagnostics import ArchspecError

    options = parser().parse_args(argv)
    try:
        return _COMMANDS[options.command](options)
    except ArchspecError as error:
        return report_error(error)
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 1
    except KeyboardInterrupt:
        return 130


def report_error(error: Any) -> int:
    """Draw an error's diagnostics on stderr; exit status 1."""
    from archspec.diagnostics.render import render

    colour = coloured(sys.stderr)
    for diagnostic in error.diagnostics:
        print(render(diagnostic, error.sources, colour=colour), file=sys.stderr)
    count = len(error.diagnostics)
    if count > 1:
        print(f"\n{count} problems", file=sys.stderr)
    return 1


def coloured(stream: TextIO) -> bool:
    """Whether a stream is a terminal that wants colours."""
    return stream.isatty() and "NO_COLOR" not in os.environ and os.environ.get("TERM") != "dumb"


def given(spec: str) -> str:
    """The spec as the pipeline takes it: ``-`` is the text of standard input."""
    if spec != "-":
        return spec
    try:
        return sys.stdin.read() + "\n"
    except UnicodeDecodeError:
        from archspec.diagnostics import SpecError
        from archspec.source import NOWHERE
        from archspec.spec.problems import FileNotReadable

        raise SpecError.of(FileNotReadable(NOWHERE, "-", "it is not UTF-8 text")) from None


def _resolved(options: Any) -> Any:
    from archspec.pipeline import load_spec

    return load_spec(given(options.spec), options.model, dict(options.params), options.input_shape)


def _build(options: Any) -> int:
    from archspec.cli.files import write_whole
    from archspec.pipeline import build_graph, source_of
    from archspec.report.count import Tally, parameters
    from archspec.report.text import scaled

    spec = _resolved(options)
    root = build_graph(spec, options.allow_extern)
    source = source_of(spec, root)
    target = Path(options.output or ".")
    if options.output is None or os.path.isdir(options.output):
        target = target / f"{spec.name}.py"
    write_whole(target, source.encode())
    lines, size = source.count("\n"), len(source.encode()) / 1000
    print(f"wrote {target} ({lines} lines, {size:.1f} kB)")
    print(f"{spec.name}: {parameters(root):,} parameters, {scaled(Tally().work(root).macs)} multiply-accumulates")
    return 0


def _stats(options: Any) -> int:
    from archspec.diagnostics import SpecError
    from archspec.pipeline import report_of
    from archspec.report.render import render_report

    spec = _resolved(options)
    report = report_of(spec, options.allow_extern)
    print(render_report(report, options.format, options.depth, coloured(sys.stdout)))
    status = report_error(SpecError(report.unmet, spec.texts())) if report.unmet else 0
    if options.verify:
        from archspec.verify import verify

        verdict = verify(spec, report, options.allow_extern)
        print("\n".join(verdict.lines()), file=sys.stderr if options.format == "json" else sys.stdout)
        status = status or (0 if verdict.equal else 1)
    return status


def _check(options: Any) -> int:
    from archspec.diagnostics import ArchspecError
    from archspec.pipeline import check
    from archspec.report.text import scaled
    from archspec.spec import files
    from archspec.spec.resolve import model_names

    status = 0
    for name in options.specs:
        spec = given(name)
        try:
            loaded = files.load(spec)
            models = model_names(loaded) if not files.is_shipped_name(spec) else (spec,)
            if not models:
                from archspec.pipeline import link

                link(loaded)
                print(f"ok  {loaded.main}  (no model)")
        except ArchspecError as error:
            status = report_error(error)
            continue
        seen: set[Any] = set()
        for model in models:
            try:
                report = check(spec, model=model, allow_extern=options.allow_extern)
            except ArchspecError as error:
                fresh = [item for item in error.diagnostics if item not in seen]
                seen.update(fresh)
                status = report_error(type(error)(fresh, error.sources)) if fresh else 1
                continue
            print(f"ok  {loaded.main}  {model}  {scaled(report.params)} parameters, {scaled(report.fvcore)} fvcore")
    return status


def _list(options: Any) -> int:
    from archspec.cli.listing import listing

    print(listing(given(options.spec) if options.spec else None, options.format, coloured(sys.stdout)))
    return 0


def _weights(options: Any) -> int:
    from archspec.checkpoints.load import convert_state, read_state
    from archspec.cli.files import write_whole
    from archspec.pipeline import build_graph

    spec = _resolved(options)
    root = build_graph(spec, options.allow_extern)
    state = convert_state(spec, root, read_state(options.checkpoint), options.layout)
    from safetensors.torch import save

    metadata = {"format": "pt", "model": spec.name}
    write_whole(Path(options.output), save({k: v.contiguous().clone() for k, v in state.items()}, metadata))
    print(f"wrote {options.output} ({len(state)} tensors, keys of {spec.name})")
    return 0


def _new(options: Any) -> int:
    from archspec.checkpoints.load import fail
    from archspec.checkpoints.problems import NotWritable
    from archspec.cli.files import write_whole
    from archspec.pipeline import check
    from archspec.resources import resource
    from archspec.source import NOWHERE

    target = Path(options.output or f"{options.name}.arch")
    if target.exists():
        raise fail(NotWritable(NOWHERE, str(target), "it exists already"))
    text = resource("templates", "spec", "new.arch").read_text(encoding="utf-8").replace("NAME", options.name)
    check(text, model=options.name)
    write_whole(target, text.encode())
    print(f"wrote {target}\nnext: archspec check {target}; archspec stats {target}; archspec build {target}")
    return 0


_COMMANDS: dict[str, Callable[[Any], int]] = {
    "build": _build,
    "stats": _stats,
    "check": _check,
    "list": _list,
    "weights": _weights,
    "new": _new,
}
