"""Building PoolFormer-M36: through compile_spec, and the same network written by hand with the same initialisers.

Run it with ``python -m benchmarks.build``. Both are timed in turn, either one first every other time; the ratio is what
counts.
"""

from __future__ import annotations

import statistics
import sys
import time
from collections.abc import Callable

import torch
import torch.nn.functional as F
from torch import Tensor, nn

import archspec

ROUNDS = 9


class Pool(nn.Module):
    def forward(self, x: Tensor) -> Tensor:
        return F.avg_pool2d(x, 3, 1, 1, count_include_pad=False) - x


class Mlp(nn.Module):
    def __init__(self, dim: int) -> None:
        super().__init__()
        self.fc1 = nn.Conv2d(dim, 4 * dim, 1)
        self.fc2 = nn.Conv2d(4 * dim, dim, 1)
        for layer in (self.fc1, self.fc2):
            nn.init.trunc_normal_(layer.weight, std=0.02)
            if layer.bias is not None:
                nn.init.zeros_(layer.bias)

    def forward(self, x: Tensor) -> Tensor:
        x = self.fc2(F.gelu(self.fc1(x)))
        return x


class Block(nn.Module):
    def __init__(self, dim: int) -> None:
        super().__init__()
        self.norm1, self.norm2 = nn.GroupNorm(1, dim), nn.GroupNorm(1, dim)
        self.pool, self.mlp = Pool(), Mlp(dim)
        self.scale1 = nn.Parameter(torch.full((dim, 1, 1), 1e-6))
        self.scale2 = nn.Parameter(torch.full((dim, 1, 1), 1e-6))

    def forward(self, x: Tensor) -> Tensor:
        x = x + self.scale1 * self.pool(self.norm1(x))
        x = x + self.scale2 * self.mlp(self.norm2(x))
        return x


class ByHand(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        dims, depths = (96, 192, 384, 768), (6, 6, 18, 6)
        layers: list[nn.Module] = [nn.Conv2d(3, 96, 7, 4, 2)]
        for i, (dim, depth) in enumerate(zip(dims, depths)):
            if i:
                layers.append(nn.Conv2d(dims[i - 1], dim, 3, 2, 1))
            layers += [Block(dim) for _ in range(depth)]
        self.body = nn.Sequential(*layers)
        self.norm, self.head = nn.GroupNorm(1, 768), nn.Linear(768, 1000)
        nn.init.trunc_normal_(self.head.weight, std=0.02)
        nn.init.zeros_(self.head.bias)

    def forward(self, x: Tensor) -> Tensor:
        x = self.head(self.norm(self.body(x)).mean((-2, -1)))
        return x


def seconds(make: Callable[[], object]) -> float:
    start = time.perf_counter()
    make()
    return time.perf_counter() - start


def on_meta() -> object:
    with torch.device("meta"):
        return ByHand()


def main() -> None:
    """Time both ways in turn and print medians and ratios."""
    ways: dict[str, tuple[Callable[[], object], Callable[[], object]]] = {
        "cpu": (lambda: archspec.compile_spec("poolformer_m36"), ByHand),
        "meta": (lambda: archspec.compile_spec("poolformer_m36", device="meta"), on_meta),
    }
    first = seconds(ways["meta"][0])
    print(f"first compile_spec of the process, on meta: {1000 * first:.0f} ms (parser and spec included)")
    print(f"{'device':8}{'compile_spec':>14}{'by hand':>12}{'ratio':>8}")
    for device, (ours, theirs) in ways.items():
        pairs = []
        for index in range(ROUNDS):
            if sys.stderr.isatty():
                print(f"\r{device} {index + 1}/{ROUNDS}", end="", file=sys.stderr)
            order = (ours, theirs) if index % 2 else (theirs, ours)
            times = {make: seconds(make) for make in order}
            pairs.append((times[ours], times[theirs]))
        own, other = (statistics.median(column) for column in zip(*pairs))
        ratio = statistics.median(a / b for a, b in pairs)
        print(f"{device:8}{1000 * own:>11.0f} ms{1000 * other:>9.0f} ms{ratio:>8.2f}")


if __name__ == "__main__":
    main()
