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
