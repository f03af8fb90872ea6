"""Converts a published checkpoint."""

from __future__ import annotations

from typing import Any

from archspec.cli.common import resolved, say


def run(options: Any) -> int:
    """The command ``weights``."""
    from archspec.checkpoints.load import convert_state
    from archspec.checkpoints.read import read_state
    from archspec.cli.files import place, written
    from archspec.output import check_free, not_writable
    from archspec.pipeline import build_graph

    spec = resolved(options)
    name = f"{spec.name}.safetensors"
    if options.output != "-":
        check_free(place(options.output, name), options.force)
    root = build_graph(spec, options.allow_extern)
    state = convert_state(spec, root, read_state(options.checkpoint), options.layout)
    from safetensors.torch import save

    metadata = {"format": "pt", "model": spec.name}
    try:
        content = save({k: v.contiguous().clone() for k, v in state.items()}, metadata)
    except (KeyError, TypeError, ValueError, RuntimeError):
        kinds = ", ".join(sorted({str(v.dtype).removeprefix("torch.") for v in state.values()}))
        raise not_writable(options.output, f"a .safetensors file cannot hold all of {kinds}") from None
    target, stream = written(options.output, name, content, options.force)
    say(f"wrote {target} ({len(state)} tensors, keys of {spec.name})", stream)
    return 0
