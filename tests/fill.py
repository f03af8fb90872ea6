"""Tensors filled by a rule of closed form ("splitmix64-v1"), the same wherever it is computed.

Element j of tensor KEY is a splitmix64 draw seeded with crc32(KEY) * 2**32 + j, as a uniform number of mean m and
standard deviation s: m = 0 and s = 1/sqrt(fan in) for matrices; s = 0.1 for vectors, m = 0 for biases and means and
m = 1 for the rest. An input has key "input", m = 0, s = 1.
"""

from __future__ import annotations

import zlib
from collections.abc import Sequence
from math import prod, sqrt
from typing import Any

import numpy as np
import torch
from torch import Tensor

GOLDEN, FIRST, SECOND = (np.uint64(n) for n in (0x9E3779B97F4A7C15, 0xBF58476D1CE4E5B9, 0x94D049BB133111EB))


def uniform(key: str, count: int) -> np.ndarray:
    """``count`` draws in [0, 1)."""
    index = np.arange(count, dtype=np.uint64)
    bits = np.uint64(zlib.crc32(key.encode()) << 32) + index + (index + np.uint64(1)) * GOLDEN
    bits = (bits ^ (bits >> np.uint64(30))) * FIRST
    bits = (bits ^ (bits >> np.uint64(27))) * SECOND
    draws: np.ndarray = ((bits ^ (bits >> np.uint64(31))) >> np.uint64(11)).astype(np.float64) * 2.0**-53
    return draws


def inputs(facts: dict[str, Any]) -> Tensor:
    """The input of a fixture: numbers, or whole numbers below its vocabulary."""
    shape = facts["input"]["shape"]
    if facts["input"]["kind"] != "tokens":
        return filled("input", shape)
    return torch.from_numpy(np.floor(uniform("input", prod(shape)) * facts["input"]["high"])).long().reshape(shape)


def filled(key: str, shape: Sequence[int]) -> Tensor:
    """The float64 tensor of a key."""
    if key == "input":
        mean, std = 0.0, 1.0
    elif len(shape) >= 2:
        mean, std = 0.0, 1 / sqrt(prod(shape[1:]))
    else:
        mean, std = (0.0 if key.endswith(("bias", "mean")) else 1.0), 0.1
    values = mean + std * sqrt(12.0) * (uniform(key, prod(shape)) - 0.5)
    return torch.from_numpy(values.reshape(tuple(shape)))
