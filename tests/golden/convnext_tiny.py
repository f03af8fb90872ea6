"""ConvNeXt-T.

A ConvNet for the 2020s (arXiv:2201.03545).

Written by archspec from convnext.arch (model convnext_tiny).
Input 3x224x224; 28,589,128 parameters; 4.456G multiply-accumulates.
Checksum 6d29912edd02 of the text as it was written.
"""

from collections.abc import Sequence

import torch
import torch.nn.functional as F
from torch import Tensor, nn


def require(holds: bool, what: str) -> None:
    """Refuses arguments for which this file was not written."""
    if not holds:
        raise ValueError(f"written for {what}; for others, archspec build --set ...")


class Conv2d(nn.Conv2d):
    """nn.Conv2d that starts with weight = trunc_normal(0.02), bias = zeros."""

    def reset_parameters(self) -> None:
        nn.init.trunc_normal_(self.weight, std=0.02)
        if self.bias is not None:
            nn.init.zeros_(self.bias)


class Linear(nn.Linear):
    """nn.Linear that starts with weight = trunc_normal(0.02), bias = zeros."""

    def reset_parameters(self) -> None:
        nn.init.trunc_normal_(self.weight, std=0.02)
        nn.init.zeros_(self.bias)


class ChannelLayerNorm(nn.Module):
    """Layer normalisation over the channels of an image, at each place by itself
    (as in arXiv:2201.03545).
    """

    def __init__(self, c: int) -> None:
        super().__init__()
        self.norm = nn.LayerNorm(c, eps=1e-06)

    def forward(self, x: Tensor) -> Tensor:
        """[b, c, h, w] -> [b, c, h, w]"""
        out: Tensor = self.norm(x.permute(0, 2, 3, 1)).permute(0, 3, 1, 2)
        return out


class ConvNorm(nn.Module):
    """A strided convolution, then a norm over channels."""

    def __init__(self, c: int, dim: int) -> None:
        super().__init__()
        self.proj = Conv2d(c, dim, 4, stride=4)
        self.norm = ChannelLayerNorm(dim)

    def forward(self, x: Tensor) -> Tensor:
        """[b, c, 224, 224] -> [b, dim, 56, 56]"""
        out: Tensor = self.norm(self.proj(x))
        return out


class PooledClassifier(nn.Module):
    """Mean over all places, norm, linear."""

    def __init__(self, c: int, num_classes: int) -> None:
        super().__init__()
        self.norm = nn.LayerNorm(c, eps=1e-06)
        self.fc = Linear(c, num_classes)

    def forward(self, x: Tensor) -> Tensor:
        """[b, c, 7, 7] -> [b, num_classes]"""
        out: Tensor = self.fc(self.norm(x.mean((2, 3))))
        return out


class Mlp(nn.Module):
    """Two linear maps of the last axis with an activation between them; `hidden`,
    where given, beats `ratio`.
    """

    def __init__(self, c: int) -> None:
        super().__init__()
        width = int(c * 4)
        self.fc1 = Linear(c, width)
        self.fc2 = Linear(width, c)

    def forward(self, x: Tensor) -> Tensor:
        """[b, _, _, c] -> [b, _, _, c]"""
        x = F.gelu(self.fc1(x))
        out: Tensor = self.fc2(x)
        return out


class DropPath(nn.Module):
    """Stochastic depth: in training, drops whole samples of a residual branch
    (arXiv:1603.09382).
    """

    def __init__(self, drop_prob: float) -> None:
        super().__init__()
        self.drop_prob = drop_prob

    def forward(self, x: Tensor) -> Tensor:
        """[b, _, _, _] -> [b, _, _, _]"""
        if self.training and self.drop_prob > 0:
            return x * F.dropout(x.new_ones(x.shape[0], 1, 1, 1), self.drop_prob)
        return x


class ConvnextBlock(nn.Module):
    """A depthwise convolution, a norm, an MLP over channels, scaled and residual
    (figure 4).
    """

    def __init__(self, c: int, layer_scale: float, drop_path_rate: float) -> None:
        super().__init__()
        self.gamma = nn.Parameter(torch.empty(c))
        self.conv_dw = Conv2d(c, c, 7, padding=3, groups=c)
        self.norm = nn.LayerNorm(c, eps=1e-06)
        self.ffn = Mlp(c)
        self.drop = DropPath(drop_prob=drop_path_rate)
        self.layer_scale = layer_scale
        self.reset_parameters()

    def reset_parameters(self) -> None:
        nn.init.constant_(self.gamma, self.layer_scale)

    def forward(self, x: Tensor) -> Tensor:
        """[b, c, h, w] -> [b, c, h, w]"""
        y: Tensor = self.conv_dw(x).permute(0, 2, 3, 1)
        y = (self.gamma * self.ffn(self.norm(y))).permute(0, 3, 1, 2)
        out: Tensor = x + self.drop(y)
        return out


class NormConv(nn.Module):
    """A norm over channels, then a strided convolution."""

    def __init__(self, c: int, dim: int) -> None:
        super().__init__()
        self.norm = ChannelLayerNorm(c)
        self.proj = Conv2d(c, dim, 2, stride=2)

    def forward(self, x: Tensor) -> Tensor:
        """[b, c, h, w] -> [b, dim, _, _]"""
        out: Tensor = self.proj(self.norm(x))
        return out


class Stage(nn.Module):
    """One stage: downsampling, position embedding, then the blocks."""

    def __init__(
        self,
        dim: int,
        layer_scale: float,
        drop_path_rates: Sequence[float],
        downsample: nn.Module,
    ) -> None:
        super().__init__()
        self.downsample = downsample
        self.blocks = nn.Sequential(
            *(
                ConvnextBlock(
                    dim, layer_scale=layer_scale, drop_path_rate=drop_path_rate
                )
                for drop_path_rate in drop_path_rates
            )
        )

    def forward(self, x: Tensor) -> Tensor:
        """[b, _, _, _] -> [b, _, _, _]"""
        out: Tensor = self.blocks(self.downsample(x))
        return out


class ConvnextTiny(nn.Module):
    """ConvNeXt-T."""

    def __init__(
        self,
        depths: Sequence[int] = (3, 3, 9, 3),
        dims: Sequence[int] = (96, 192, 384, 768),
        drop_path_rate: float = 0.0,
        layer_scale: float = 1e-06,
        num_classes: int = 1000,
        in_chans: int = 3,
    ) -> None:
        super().__init__()
        require(len(depths) == 4 and min(depths) >= 1, "4 depths from 1 on")
        require(len(dims) == 4 and min(dims) >= 2, "4 dims from 2 on")
        require(
            drop_path_rate >= 0.0 and drop_path_rate <= 1.0,
            "drop_path_rate from 0.0 to 1.0",
        )
        require(num_classes >= 1, "num_classes from 1 on")
        require(in_chans >= 1, "in_chans from 1 on")
        drop_path_rates = tuple(
            drop_path_rate * i / (sum(depths) - 1) for i in range(sum(depths))
        )
        self.stem = ConvNorm(in_chans, dims[0])
        self.stages = nn.Sequential(
            *(
                Stage(
                    dims[i],
                    layer_scale=layer_scale,
                    drop_path_rates=drop_path_rates[
                        sum(depths[:i]) : sum(depths[: i + 1])
                    ],
                    downsample=NormConv(dims[i - 1], dims[i])
                    if i > 0
                    else nn.Identity(),
                )
                for i in range(4)
            )
        )
        self.head = PooledClassifier(dims[3], num_classes=num_classes)

    def forward(self, image: Tensor) -> Tensor:
        """[b, in_chans, 224, 224] -> [b, num_classes]"""
        x: Tensor = self.stem(image)
        x = self.stages(x)
        out: Tensor = self.head(x)
        return out
