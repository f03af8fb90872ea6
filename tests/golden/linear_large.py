"""The large size, with patches of 32 pixels.

Do you even need attention? A stack of feed-forward layers does surprisingly
well on ImageNet (arXiv:2105.02723).

Written by archspec from feedforward.arch (model linear_large).
Input 3x224x224; 206,363,576 parameters; 10.71G multiply-accumulates.
Checksum 8dde9684bfe5 of the text as it was written.
"""

import torch
import torch.nn.functional as F
from torch import Tensor, nn


def require(holds: bool, what: str) -> None:
    """Refuses arguments for which this file was not written."""
    if not holds:
        raise ValueError(f"written for {what}; for others, archspec build --set ...")


class Linear(nn.Linear):
    """nn.Linear that starts with weight = trunc_normal(0.02), bias = zeros."""

    def reset_parameters(self) -> None:
        nn.init.trunc_normal_(self.weight, std=0.02)
        nn.init.zeros_(self.bias)


class GridPositions(nn.Module):
    """A learned grid of positions, resized to that of the tokens, behind an entry
    for the class token.
    """

    def __init__(self, c: int, height: int, width: int) -> None:
        super().__init__()
        self.pos_embed = nn.Parameter(torch.empty(1, c, height, width))
        self.cls_pos_embed = nn.Parameter(torch.empty(1, 1, c))
        self.reset_parameters()

    def reset_parameters(self) -> None:
        nn.init.trunc_normal_(self.pos_embed, std=0.02)
        nn.init.trunc_normal_(self.cls_pos_embed, std=0.02)

    def forward(self, x: Tensor) -> Tensor:
        """[b, c, h, w] -> [_, c]"""
        _, _, h, w = x.shape
        grid = F.interpolate(
            self.pos_embed[0].unsqueeze(0),
            size=(h, w),
            mode="bilinear",
            align_corners=False,
        )
        grid = grid.squeeze(0)
        return torch.cat(
            (self.cls_pos_embed[0], grid.permute(1, 2, 0).flatten(0, 1)), dim=0
        )


class Mlp(nn.Module):
    """Two linear maps of the last axis with an activation between them; `hidden`,
    where given, beats `ratio`.
    """

    def __init__(self, c: int, ratio: int, dropout: float) -> None:
        super().__init__()
        width = int(c * ratio)
        self.fc1 = Linear(c, width)
        self.fc2 = Linear(width, c)
        self.dropout = dropout

    def forward(self, x: Tensor) -> Tensor:
        """[b, _, c] -> [b, _, c]"""
        x = F.dropout(F.gelu(self.fc1(x)), self.dropout, self.training)
        return F.dropout(self.fc2(x), self.dropout, self.training)


class DropPath(nn.Module):
    """Stochastic depth: in training, drops whole samples of a residual branch
    (arXiv:1603.09382).
    """

    def __init__(self, drop_prob: float) -> None:
        super().__init__()
        self.drop_prob = drop_prob

    def forward(self, x: Tensor) -> Tensor:
        """[b, _, _] -> [b, _, _]"""
        if self.training and self.drop_prob > 0:
            return x * F.dropout(x.new_ones(x.shape[0], 1, 1), self.drop_prob)
        return x


class LinearBlock(nn.Module):
    """Feed-forward over features, then over tokens, in place of attention
    (arXiv:2105.02723).
    """

    def __init__(
        self, n: int, c: int, mlp_ratio: int, dropout: float, drop_path_rate: float
    ) -> None:
        super().__init__()
        self.norm1 = nn.LayerNorm(c, eps=1e-06)
        self.mlp1 = Mlp(c, ratio=mlp_ratio, dropout=dropout)
        self.drop = DropPath(drop_prob=drop_path_rate)
        self.norm2 = nn.LayerNorm(n, eps=1e-06)
        self.mlp2 = Mlp(n, ratio=mlp_ratio, dropout=dropout)

    def forward(self, x: Tensor) -> Tensor:
        """[b, n, c] -> [b, n, c]"""
        x = x + self.drop(self.mlp1(self.norm1(x)))
        t = x.transpose(1, 2)
        t = t + self.drop(self.mlp2(self.norm2(t)))
        out: Tensor = t.transpose(1, 2)
        return out


class LinearLarge(nn.Module):
    """The large size, with patches of 32 pixels."""

    def __init__(
        self,
        patch: int = 32,
        dim: int = 1024,
        depth: int = 24,
        mlp_ratio: int = 4,
        drop_path_rate: float = 0.0,
        drop_rate: float = 0.0,
        num_classes: int = 1000,
        grid: int = 14,
    ) -> None:
        super().__init__()
        require(patch >= 1 and patch <= 224, "patch from 1 to 224")
        require(dim >= 2, "dim from 2 on")
        require(depth >= 1, "depth from 1 on")
        require(mlp_ratio >= 1, "mlp_ratio from 1 on")
        require(
            drop_path_rate >= 0.0 and drop_path_rate <= 1.0,
            "drop_path_rate from 0.0 to 1.0",
        )
        require(drop_rate >= 0.0 and drop_rate <= 1.0, "drop_rate from 0.0 to 1.0")
        require(num_classes >= 1, "num_classes from 1 on")
        require(grid >= 1, "grid from 1 on")
        require(224 // patch != grid, "224 // patch != grid")
        drop_path_rates = tuple(
            drop_path_rate * i / max(depth - 1, 1) for i in range(depth)
        )
        self.cls_token = nn.Parameter(torch.empty(1, 1, dim))
        self.patch_embed = nn.Conv2d(3, dim, patch, stride=patch)
        self.pos_encoding = GridPositions(dim, height=grid, width=grid)
        self.blocks = nn.Sequential(
            *(
                LinearBlock(
                    (224 // patch) ** 2 + 1,
                    dim,
                    mlp_ratio=mlp_ratio,
                    dropout=drop_rate,
                    drop_path_rate=drop_path_rate,
                )
                for drop_path_rate in drop_path_rates
            )
        )
        self.norm = nn.LayerNorm(dim, eps=1e-06)
        self.head = Linear(dim, num_classes)
        self.drop_rate = drop_rate
        self.reset_parameters()

    def reset_parameters(self) -> None:
        nn.init.trunc_normal_(self.cls_token, std=0.02)

    def forward(self, image: Tensor) -> Tensor:
        """[b, 3, 224, 224] -> [b, num_classes]"""
        _, _, h, w = image.shape
        if (h, w) != (224, 224):
            raise ValueError(
                f"LinearLarge is built for inputs of 3x224x224, not 3x{h}x{w}; build "
                "its spec with that --input"
            )
        grid_of_tokens: Tensor = self.patch_embed(image)
        tokens = grid_of_tokens.permute(0, 2, 3, 1).flatten(1, 2)
        tokens = torch.cat(
            (self.cls_token[0].expand(tokens.shape[0], -1, -1), tokens), dim=1
        )
        tokens = tokens + self.pos_encoding(grid_of_tokens)
        tokens = self.norm(
            self.blocks(F.dropout(tokens, self.drop_rate, self.training))
        )
        out: Tensor = self.head(tokens[:, 0])
        return out
