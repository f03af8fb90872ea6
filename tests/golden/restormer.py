"""Restormer: a U-Net of transformer blocks whose attention is over channels.

Restormer: efficient transformer for high-resolution image restoration
(arXiv:2111.09881).

Written by archspec from restormer.arch (model restormer).
Input 3x128x128; 26,126,644 parameters; 38.72G multiply-accumulates.
Checksum fbeb7dc136d9 of the text as it was written.
"""

from collections.abc import Sequence

import torch
import torch.nn.functional as F
from torch import Tensor, nn


def require(holds: bool, what: str) -> None:
    """Refuses arguments for which this file was not written."""
    if not holds:
        raise ValueError(f"written for {what}; for others, archspec build --set ...")


class Shrink(nn.Module):
    """Half the size and twice the channels, by pixel unshuffle."""

    def __init__(self, c: int) -> None:
        super().__init__()
        self.proj = nn.Conv2d(c, c // 2, 3, padding=1, bias=False)

    def forward(self, x: Tensor) -> Tensor:
        """[b, c, h, w] -> [b, 2 * c, h // 2, w // 2]"""
        _, _, h, w = x.shape
        if h % 2 != 0:
            raise ValueError(f"an image of {h}x{w} cannot be halved")
        if w % 2 != 0:
            raise ValueError(f"an image of {h}x{w} cannot be halved")
        return F.pixel_unshuffle(self.proj(x), 2)


class Grow(nn.Module):
    """Twice the size and half the channels, by pixel shuffle."""

    def __init__(self, c: int) -> None:
        super().__init__()
        self.proj = nn.Conv2d(c, 2 * c, 3, padding=1, bias=False)

    def forward(self, x: Tensor) -> Tensor:
        """[b, c, h, w] -> [b, c // 2, 2 * h, 2 * w]"""
        return F.pixel_shuffle(self.proj(x), 2)


class PlainLayerNorm(nn.Module):
    """Layer norm over channels with a gain and a bias, the eps inside the root."""

    def __init__(self, c: int) -> None:
        super().__init__()
        self.weight = nn.Parameter(torch.empty(c))
        self.bias = nn.Parameter(torch.empty(c))
        self.reset_parameters()

    def reset_parameters(self) -> None:
        nn.init.ones_(self.weight)
        nn.init.zeros_(self.bias)

    def forward(self, x: Tensor) -> Tensor:
        """[b, c, h, w] -> [b, c, h, w]"""
        _, _, h, w = x.shape
        t = x.permute(0, 2, 3, 1).flatten(1, 2)
        d = t - t.mean(2, keepdim=True)
        v = (d * d).mean(2, keepdim=True)
        out = torch.unflatten(
            d / torch.sqrt(v + 1e-05) * self.weight + self.bias, 1, (h, w)
        )
        return out.permute(0, 3, 1, 2)


class Unit(nn.Module):
    """Scales the last axis to length 1."""

    def forward(self, x: Tensor) -> Tensor:
        """[b, _, _, n] -> [b, _, _, n]"""
        length = torch.sqrt((x * x).sum(3, keepdim=True))
        return x / length.clamp(min=1e-12)


class Mdta(nn.Module):
    """Multi-Dconv head transposed attention: a map of channels by channels, its
    temperature learned (figure 2a).
    """

    def __init__(self, c: int, heads: int) -> None:
        super().__init__()
        self.temperature = nn.Parameter(torch.empty(heads, 1, 1))
        self.qkv = nn.Conv2d(c, 3 * c, 1, bias=False)
        self.qkv_dwconv = nn.Conv2d(
            3 * c, 3 * c, 3, padding=1, groups=3 * c, bias=False
        )
        self.unit = Unit()
        self.project_out = nn.Conv2d(c, c, 1, bias=False)
        self.heads = heads
        self.reset_parameters()

    def reset_parameters(self) -> None:
        nn.init.ones_(self.temperature)

    def forward(self, x: Tensor) -> Tensor:
        """[b, c, h, w] -> [b, c, h, w]"""
        _, _, h, w = x.shape
        y: Tensor = self.qkv_dwconv(self.qkv(x)).unflatten(1, (3, self.heads, -1))
        q, k, v = y.flatten(4, 5).unbind(1)
        scores: Tensor = self.unit(q) @ self.unit(k).transpose(2, 3) * self.temperature
        y = scores.softmax(3) @ v
        out: Tensor = self.project_out(torch.unflatten(y, 3, (h, w)).flatten(1, 2))
        return out


class Gdfn(nn.Module):
    """Gated-Dconv feed-forward network: one half gates the other (figure 2b)."""

    def __init__(self, c: int, expansion: float) -> None:
        super().__init__()
        hidden = int(c * expansion)
        self.project_in = nn.Conv2d(c, 2 * hidden, 1, bias=False)
        self.dwconv = nn.Conv2d(
            2 * hidden, 2 * hidden, 3, padding=1, groups=2 * hidden, bias=False
        )
        self.project_out = nn.Conv2d(hidden, c, 1, bias=False)

    def forward(self, x: Tensor) -> Tensor:
        """[b, c, h, w] -> [b, c, h, w]"""
        a, b = self.dwconv(self.project_in(x)).chunk(2, dim=1)
        out: Tensor = self.project_out(F.gelu(a) * b)
        return out


class RestormerBlock(nn.Module):
    """Attention over channels and the gated feed-forward, each normed and
    residual.
    """

    def __init__(self, c: int, heads: int, expansion: float) -> None:
        super().__init__()
        self.norm1 = PlainLayerNorm(c)
        self.attn = Mdta(c, heads=heads)
        self.norm2 = PlainLayerNorm(c)
        self.ffn = Gdfn(c, expansion=expansion)

    def forward(self, x: Tensor) -> Tensor:
        """[b, c, h, w] -> [b, c, h, w]"""
        x = x + self.attn(self.norm1(x))
        out: Tensor = x + self.ffn(self.norm2(x))
        return out


class Restormer(nn.Module):
    """Restormer: a U-Net of transformer blocks whose attention is over channels."""

    def __init__(
        self,
        dim: int = 48,
        depths: Sequence[int] = (4, 6, 6, 8),
        refinement: int = 4,
        heads: Sequence[int] = (1, 2, 4, 8),
        expansion: float = 2.66,
        in_chans: int = 3,
        out: int = 3,
    ) -> None:
        super().__init__()
        require(dim >= 2, "dim from 2 on")
        require(
            len(depths) == 4
            and depths[1] >= 1
            and depths[2] >= 1
            and depths[3] >= 1
            and depths[0] == 4,
            "other depths",
        )
        require(refinement >= 1, "refinement from 1 on")
        require(
            len(heads) == 4
            and heads[1] >= 2
            and heads[2] >= 2
            and heads[3] >= 2
            and heads[0] == 1,
            "other heads",
        )
        require(in_chans >= 1, "in_chans from 1 on")
        require(out >= 2, "out from 2 on")
        require(int(dim * expansion) >= 2, "int(dim * expansion) >= 2")
        require(dim % 2 == 0, "dim % 2 == 0")
        require(2 * dim % heads[1] == 0, "2 * dim % heads[1] == 0")
        require(int(2 * dim * expansion) >= 2, "int(2 * dim * expansion) >= 2")
        require(4 * dim % heads[2] == 0, "4 * dim % heads[2] == 0")
        require(int(4 * dim * expansion) >= 2, "int(4 * dim * expansion) >= 2")
        require(8 * dim % heads[3] == 0, "8 * dim % heads[3] == 0")
        require(int(8 * dim * expansion) >= 2, "int(8 * dim * expansion) >= 2")
        require(2 * dim // heads[1] != 1, "2 * dim // heads[1] != 1")
        require(4 * dim // heads[2] != 1, "4 * dim // heads[2] != 1")
        require(8 * dim // heads[3] != 1, "8 * dim // heads[3] != 1")
        require(out == in_chans, "out == in_chans")
        self.patch_embed = nn.Conv2d(in_chans, dim, 3, padding=1, bias=False)
        self.encoders = nn.ModuleList(
            [
                nn.Sequential(
                    *(
                        RestormerBlock(dim, heads=1, expansion=expansion)
                        for _ in range(4)
                    )
                ),
                nn.Sequential(
                    *(
                        RestormerBlock(2 * dim, heads=heads[1], expansion=expansion)
                        for _ in range(depths[1])
                    )
                ),
                nn.Sequential(
                    *(
                        RestormerBlock(4 * dim, heads=heads[2], expansion=expansion)
                        for _ in range(depths[2])
                    )
                ),
                nn.Sequential(
                    *(
                        RestormerBlock(8 * dim, heads=heads[3], expansion=expansion)
                        for _ in range(depths[3])
                    )
                ),
            ]
        )
        self.downs = nn.ModuleList(Shrink(c) for c in (dim, 2 * dim, 4 * dim))
        self.ups = nn.ModuleList(Grow(c) for c in (8 * dim, 4 * dim, 2 * dim))
        self.reduces = nn.ModuleList(
            [
                nn.Conv2d(8 * dim, dim * 4, 1, bias=False),
                nn.Conv2d(4 * dim, dim * 2, 1, bias=False),
            ]
        )
        self.decoders = nn.ModuleList(
            [
                nn.Sequential(
                    *(
                        RestormerBlock(dim * 4, heads=heads[2], expansion=expansion)
                        for _ in range(depths[2])
                    )
                ),
                nn.Sequential(
                    *(
                        RestormerBlock(dim * 2, heads=heads[1], expansion=expansion)
                        for _ in range(depths[1])
                    )
                ),
                nn.Sequential(
                    *(
                        RestormerBlock(2 * dim, heads=1, expansion=expansion)
                        for _ in range(4)
                    )
                ),
            ]
        )
        self.refine = nn.Sequential(
            *(
                RestormerBlock(2 * dim, heads=1, expansion=expansion)
                for _ in range(refinement)
            )
        )
        self.output = nn.Conv2d(2 * dim, out, 3, padding=1, bias=False)

    def forward(self, image: Tensor) -> Tensor:
        """[b, in_chans, 128, 128] -> [b, out, 128, 128]"""
        _, _, h, w = image.shape
        if h % 8 != 0:
            raise ValueError(
                f"the height {h} is not a multiple of 8, as every level but the last "
                "halves it"
            )
        if w % 8 != 0:
            raise ValueError(
                f"the width {w} is not a multiple of 8, as every level but the last "
                "halves it"
            )
        embedded: Tensor = self.patch_embed(image)
        x: Tensor = self.encoders[0](embedded)
        skips_0 = x
        x = self.downs[0](x)
        x = self.encoders[1](x)
        skips_1 = x
        x = self.downs[1](x)
        x = self.encoders[2](x)
        skips_2 = x
        x = self.downs[2](x)
        x = self.encoders[3](x)
        x = torch.cat((self.ups[0](x), skips_2), dim=1)
        x = self.reduces[0](x)
        x = self.decoders[0](x)
        x = torch.cat((self.ups[1](x), skips_1), dim=1)
        x = self.reduces[1](x)
        x = self.decoders[1](x)
        x = torch.cat((self.ups[2](x), skips_0), dim=1)
        x = self.decoders[2](x)
        x = self.refine(x)
        out: Tensor = self.output(x) + image
        return out
