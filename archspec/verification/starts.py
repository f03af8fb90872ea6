"""How parameters start: the numbers that an initialiser fixes, and mean and deviation of those that it draws."""

from __future__ import annotations

from math import erf, exp, pi, prod, sqrt
from typing import TYPE_CHECKING

from archspec.opdef.init import Initialiser
from archspec.opdef.op import Weight

if TYPE_CHECKING:
    from torch import Tensor

FEWEST = 256
"""So many numbers at least are drawn before their mean and deviation are judged."""
WIDEST = 8.0
"""Standard errors by which they may be off."""


def fixed_start(weight: Weight) -> float | None:
    """The number that every element starts as; None where it is drawn."""
    if weight.init.kind == "constant":
        return float(weight.init.values[0])
    return {"zeros": 0.0, "ones": 1.0}.get(weight.init.kind)


def off_start(weight: Weight, given: Tensor) -> str | None:
    """What is wrong with drawn numbers, if anything is."""
    expected = moments(weight.init, tuple(map(int, weight.shape)))
    count = given.numel()
    if expected is None or count < FEWEST:
        return None
    mean, std = expected
    found_mean, found_std = float(given.mean()), float(given.std(correction=0))
    off_mean = abs(found_mean - mean) > WIDEST * std / sqrt(count) + 1e-12
    off_std = abs(found_std**2 - std**2) > WIDEST * std**2 * sqrt(2 / count) + 1e-12
    if off_mean or off_std:
        return f"mean {found_mean:.3g} and deviation {found_std:.3g}, declared are {mean:.3g} and {std:.3g}"
    return None


def moments(init: Initialiser, shape: tuple[int, ...]) -> tuple[float, float] | None:
    """Mean and standard deviation of what an initialiser draws, by torch's definitions; None where elements differ."""
    values = tuple(float(value) for value in init.values)
    fan_in = prod(shape[1:]) if len(shape) > 1 else 0
    fan_out = shape[0] * prod(shape[2:]) if len(shape) > 1 else 0
    match init.kind:
        case "normal":
            return values[1], values[0]
        case "trunc_normal":
            return _truncated(*values)
        case "uniform":
            return (values[0] + values[1]) / 2, (values[1] - values[0]) / sqrt(12)
        case "fan_in_uniform":
            return 0.0, 1 / sqrt(3 * values[0])
        case "kaiming_uniform" if fan_in:
            return 0.0, sqrt(2 / ((1 + values[0] ** 2) * fan_in))
        case "kaiming_normal" | "kaiming_normal_fan_out" if fan_in:
            return 0.0, sqrt(2 / (fan_in if init.kind == "kaiming_normal" else fan_out))
        case "xavier_uniform" | "xavier_normal" if fan_in:
            return 0.0, values[0] * sqrt(2 / (fan_in + fan_out))
    return None


def _truncated(std: float, mean: float, low: float, high: float) -> tuple[float, float]:
    """The moments of a normal distribution cut off at two places."""
    a, b = (low - mean) / std, (high - mean) / std
    inside = (erf(b / sqrt(2)) - erf(a / sqrt(2))) / 2
    if inside < 1e-6:
        return (low + high) / 2, (high - low) / sqrt(12)
    at_a, at_b = (exp(-min(x * x, 1400.0) / 2) / sqrt(2 * pi) for x in (a, b))
    shift = (at_a - at_b) / inside
    spread = 1 + (a * at_a - b * at_b) / inside - shift**2
    return mean + std * shift, std * sqrt(max(spread, 0.0))
