"""Converts a published checkpoint."""

from __future__ import annotations

from typing import Any

from archspec.cli.common import resolved, say


def run(options: Any) -> int:
    """The command ``weights``."""
    from archspec.checkpoints.load import convert_state
    from archspec.checkpoints.read import read_state
    from archspec.cli.files import check_free, place, written
    from archspec.pipeline import build_graph

    spec = resolved(options)
    name = f"{spec.name}.safetensors"
    if options.output != "-":
        check_free(place(options.output, name), options.force)
    root = build_graph(spec, options.allow_extern)
    state = convert_state(spec, root, read_state(options.checkpoint), options.layout)
    from safetensors.torch import save

    metadata = {"format": "pt", "model": spec.name}
    content = save({k: v.contiguous().clone() for k, v in state.items()}, metadata)
    target, stream = written(options.output, name, content, options.force)
    say(f"wrote {target} ({len(state)} tensors, keys of {spec.name})", stream)
    return 0
