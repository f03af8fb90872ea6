"""Converts a published checkpoint."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from archspec.cli.common import resolved


def run(options: Any) -> int:
    """The command ``weights``."""
    from archspec.checkpoints.load import convert_state
    from archspec.checkpoints.read import read_state
    from archspec.cli.files import write_whole
    from archspec.pipeline import build_graph

    spec = resolved(options)
    root = build_graph(spec, options.allow_extern)
    state = convert_state(spec, root, read_state(options.checkpoint), options.layout)
    from safetensors.torch import save

    metadata = {"format": "pt", "model": spec.name}
    write_whole(Path(options.output), save({k: v.contiguous().clone() for k, v in state.items()}, metadata))
    print(f"wrote {options.output} ({len(state)} tensors, keys of {spec.name})")
    return 0
