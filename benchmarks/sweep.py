"""A million variants of PoolFormer: through the closed form, by a report each, and by the usual route.

Run it with ``python -m benchmarks.sweep``. All run on one core, in turns; the usual route makes each variant with timm
and runs fvcore on it, which takes seconds a variant, so only some are made. The rates and their ratios are what counts.
"""

from __future__ import annotations

import random
import statistics
import sys
import time
from collections.abc import Callable
from importlib import import_module
from typing import Any

import archspec
from archspec.search.origin import VariantSource

VARY = {"dims[0]": "32..128:32", "dims[1]": "64..256:64", "dims[2]": "160..640:160", "dims[3]": "256..1024:256",
        "depths": "1..4", "mlp_ratio": "1..16"}  # fmt: skip
METRICS = ("params", "macs", "flops", "fvcore", "activations")
ROUNDS = 3
REPORTS = 60


def closed() -> int:
    """All of the space, through the closed form; the file-free part, checks left out."""
    return archspec.sweep("poolformer_s12", VARY, metrics=METRICS, checks=0).counted


def written() -> int:
    """The same with every figure that there is, into a Parquet file, twenty variants checked."""
    import tempfile
    from pathlib import Path

    with tempfile.TemporaryDirectory() as folder:
        return archspec.sweep("poolformer_s12", VARY, out=Path(folder) / "table.parquet").counted


def reports() -> int:
    """Some variants of the space, a full report each."""
    source = VariantSource("poolformer_s12", None, None, None, False)
    space = archspec.sweep("poolformer_s12", VARY, metrics=METRICS, sample=1, checks=0).space
    from dataclasses import replace

    whole = replace(space, sample=None)
    for row in random.Random(time.time_ns()).sample(range(len(whole)), REPORTS):
        source.report(whole.variant(row), 1, "float32")
    return REPORTS


def usual() -> int:
    """One variant, made with timm and run by fvcore."""
    import logging

    import torch
    from fvcore.nn import FlopCountAnalysis

    from tests.timm_models import import_timm

    logging.getLogger("fvcore").setLevel(logging.ERROR)
    rng = random.Random(time.time_ns())
    dims = tuple(32 * rng.randint(1, 16) for _ in range(4))
    layers = tuple(rng.randint(1, 4) for _ in range(4))
    if import_timm() is None:
        raise ImportError("timm is not installed")
    metaformer: Any = import_module("timm.models.metaformer")
    model = metaformer.MetaFormer(
        depths=layers, dims=dims, token_mixers=metaformer.Pooling, norm_layers=metaformer.GroupNorm1,
        mlp_act=torch.nn.GELU, mlp_bias=True, downsample_norm=None, layer_scale_init_values=1e-5,
        res_scale_init_values=None, use_mlp_head=False,
    )  # fmt: skip
    with torch.no_grad():
        FlopCountAnalysis(model.eval(), torch.zeros(1, 3, 224, 224)).total()
    return 1


def main() -> None:
    """Time all ways in turn and print rates and ratios."""
    ways: dict[str, Callable[[], int]] = {
        "closed form": closed,
        "closed form, to Parquet": written,
        "stats() of each": reports,
        "timm and fvcore": usual,
    }
    rates: dict[str, list[float]] = {name: [] for name in ways}
    try:
        import torch

        torch.set_num_threads(1)
        usual()
    except ImportError as error:
        print(f"no usual route to compare with: {error}")
        del ways["timm and fvcore"]
    for made in range(ROUNDS):
        for name, way in ways.items():
            if sys.stderr.isatty():
                print(f"\r\033[K{name} {made + 1}/{ROUNDS}", end="", file=sys.stderr)
            start = time.perf_counter()
            count = way()
            rates[name].append(count / (time.perf_counter() - start))
    if sys.stderr.isatty():
        print("\r\033[K", end="", file=sys.stderr)
    middle: dict[str, Any] = {name: statistics.median(found) for name, found in rates.items() if found}
    print(f"{'':26}{'variants a second':>20}{'a million takes':>20}{'closed form is':>20}")
    for name, rate in middle.items():
        seconds = 1e6 / rate
        takes = f"{seconds:.1f} s" if seconds < 600 else f"{seconds / 3600:.1f} h"
        print(f"{name:26}{rate:>20,.1f}{takes:>20}{middle['closed form'] / rate:>18,.0f} x")


if __name__ == "__main__":
    main()
