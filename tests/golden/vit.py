"""The Vision Transformer with a class token and learned positions; fixed to
its image size.

An image is worth 16x16 words: transformers for image recognition at scale
(arXiv:2010.11929).

Written by archspec from vit.arch (model vit).
Input 3x224x224; 22,050,664 parameters; 4.599G multiply-accumulates.
Checksum 4af177649d0d of the text as it was written.
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


class MultiHead(nn.Module):
    """Multi-head self-attention over tokens (arXiv:1706.03762)."""

    def __init__(self, c: int, heads: int) -> None:
        super().__init__()
        self.qkv = Linear(c, 3 * c)
        self.proj = Linear(c, c)
        self.heads = heads

    def forward(self, x: Tensor) -> Tensor:
        """[b, n, c] -> [b, n, c]"""
        y: Tensor = self.qkv(x).unflatten(2, (3, self.heads, -1)).permute(0, 2, 3, 1, 4)
        q, k, v = y.unbind(1)
        y = F.scaled_dot_product_attention(q, k, v)
        out: Tensor = self.proj(y.transpose(1, 2).flatten(2, 3))
        return out


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


class Mlp(nn.Module):
    """Two linear maps of the last axis with an activation between them; `hidden`,
    where given, beats `ratio`.
    """

    def __init__(self, c: int, ratio: int) -> None:
        super().__init__()
        width = int(c * ratio)
        self.fc1 = Linear(c, width)
        self.fc2 = Linear(width, c)

    def forward(self, x: Tensor) -> Tensor:
        """[b, _, c] -> [b, _, c]"""
        x = F.gelu(self.fc1(x))
        out: Tensor = self.fc2(x)
        return out


class EncoderBlock(nn.Module):
    """Attention and a feed-forward network, each normed before and residual
    (arXiv:2010.11929, figure 1).
    """

    def __init__(self, c: int, drop_path_rate: float, heads: int, ratio: int) -> None:
        super().__init__()
        self.norm1 = nn.LayerNorm(c, eps=1e-06)
        self.attn = MultiHead(c, heads=heads)
        self.drop = DropPath(drop_prob=drop_path_rate)
        self.norm2 = nn.LayerNorm(c, eps=1e-06)
        self.ffn = Mlp(c, ratio=ratio)

    def forward(self, x: Tensor) -> Tensor:
        """[b, n, c] -> [b, n, c]"""
        x = x + self.drop(self.attn(self.norm1(x)))
        out: Tensor = x + self.drop(self.ffn(self.norm2(x)))
        return out


class Vit(nn.Module):
    """The Vision Transformer with a class token and learned positions; fixed to
    its image size.
    """

    def __init__(
        self,
        patch: int = 16,
        dim: int = 384,
        depth: int = 12,
        heads: int = 6,
        mlp_ratio: int = 4,
        drop_path_rate: float = 0.0,
        drop_rate: float = 0.0,
        num_classes: int = 1000,
    ) -> None:
        super().__init__()
        require(patch >= 1 and patch <= 224, "patch from 1 to 224")
        require(dim >= 2, "dim from 2 on")
        require(depth >= 1, "depth from 1 on")
        require(heads >= 1, "heads from 1 on")
        require(mlp_ratio >= 1, "mlp_ratio from 1 on")
        require(
            drop_path_rate >= 0.0 and drop_path_rate <= 1.0,
            "drop_path_rate from 0.0 to 1.0",
        )
        require(drop_rate >= 0.0 and drop_rate <= 1.0, "drop_rate from 0.0 to 1.0")
        require(num_classes >= 1, "num_classes from 1 on")
        require(dim % heads == 0, "dim % heads == 0")
        drop_path_rates = tuple(
            drop_path_rate * i / max(depth - 1, 1) for i in range(depth)
        )
        self.cls_token = nn.Parameter(torch.empty(1, 1, dim))
        self.pos_embed = nn.Parameter(torch.empty(1, (224 // patch) ** 2 + 1, dim))
        self.patch_embed = nn.Conv2d(3, dim, patch, stride=patch)
        self.blocks = nn.Sequential(
            *(
                EncoderBlock(
                    dim, drop_path_rate=drop_path_rate, heads=heads, ratio=mlp_ratio
                )
                for drop_path_rate in drop_path_rates
            )
        )
        self.norm = nn.LayerNorm(dim, eps=1e-06)
        self.head = Linear(dim, num_classes)
        self.drop_rate = drop_rate
        self.reset_parameters()

    def reset_parameters(self) -> None:
        nn.init.normal_(self.cls_token, std=1e-06)
        nn.init.trunc_normal_(self.pos_embed, std=0.02)

    def forward(self, image: Tensor) -> Tensor:
        """[b, 3, 224, 224] -> [b, num_classes]"""
        _, _, h, w = image.shape
        if (h, w) != (224, 224):
            raise ValueError(
                f"Vit is built for inputs of 3x224x224, not 3x{h}x{w}; build its spec "
                "with that --input"
            )
        grid: Tensor = self.patch_embed(image)
        y = grid.permute(0, 2, 3, 1).flatten(1, 2)
        tokens = torch.cat((self.cls_token[0].expand(y.shape[0], -1, -1), y), dim=1)
        tokens = tokens + self.pos_embed[0]
        tokens = self.norm(
            self.blocks(F.dropout(tokens, self.drop_rate, self.training))
        )
        out: Tensor = self.head(tokens[:, 0])
        return out
