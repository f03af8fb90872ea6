"""A module of a user's own, for the tests of ``extern``."""

from __future__ import annotations

import torch
from torch import Tensor, nn


class Gate(nn.Module):
    """Gates an image by its own channels."""

    def __init__(self, dim: int, heads: int) -> None:
        super().__init__()
        self.weight = nn.Parameter(torch.ones(dim, heads))

    def forward(self, x: Tensor) -> Tensor:
        """[b, c, h, w] -> [b, c, h, w]"""
        return x * self.weight.mean(1).reshape(-1, 1, 1)


class Mixed(nn.Module):
    """A convolution and a linear map over channels, with a number read off the data: it has no meta form."""

    def __init__(self, dim: int) -> None:
        super().__init__()
        self.conv = nn.Conv2d(dim, dim, 3, padding=1, bias=False)
        self.map = nn.Linear(dim, dim, bias=False)

    def forward(self, x: Tensor) -> Tensor:
        """[b, c, h, w] -> [b, c, h, w]"""
        y: Tensor = self.map(self.conv(x).movedim(1, -1)).movedim(-1, 1)
        return y * float(x.sum())


class Halves(nn.Module):
    """An image twice, scaled up and down."""

    def __init__(self, scale: float) -> None:
        super().__init__()
        self.scale = scale

    def forward(self, x: Tensor) -> tuple[Tensor, Tensor]:
        """[b, c, h, w] -> [b, c, h, w], [b, c, h, w]"""
        return x * self.scale, x / self.scale
