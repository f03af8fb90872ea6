"""PoolFormer-M36: the token mixer is average pooling, and the rest of the
transformer does the work.

PoolFormer: MetaFormer is actually what you need for vision
(arXiv:2111.11418).

Written by archspec from poolformer_m36.arch (model poolformer_m36).
Input 3x224x224; 56,172,520 parameters; 8.759G multiply-accumulates.
Checksum 93d0a1d3130f of the text as it was written.
"""

from collections.abc import Sequence

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


class Conv2d(nn.Conv2d):
    """nn.Conv2d that starts with weight = trunc_normal(0.02), bias = zeros."""

    def reset_parameters(self) -> None:
        nn.init.trunc_normal_(self.weight, std=0.02)
        if self.bias is not None:
            nn.init.zeros_(self.bias)


class PatchEmbed(nn.Module):
    """Patch embedding: a strided convolution, then a norm if any."""

    def __init__(self, c: int, dim: int, kernel: int, stride: int, pad: int) -> None:
        super().__init__()
        self.proj = nn.Conv2d(c, dim, kernel, stride=stride, padding=pad)

    def forward(self, x: Tensor) -> Tensor:
        """[b, c, h, w] -> [b, dim, _, _]"""
        out: Tensor = self.proj(x)
        return out


class Classifier(nn.Module):
    """Norm, mean over all places, linear; features alone where `num_classes` is 0."""

    def __init__(self, c: int, num_classes: int) -> None:
        super().__init__()
        self.norm = nn.GroupNorm(1, c)
        self.fc = Linear(c, num_classes)

    def forward(self, x: Tensor) -> Tensor:
        """[b, c, 7, 7] -> [b, num_classes]"""
        x = self.norm(x).mean((2, 3))
        out: Tensor = self.fc(x)
        return out


class Pooling(nn.Module):
    """Average of the neighbourhood less the input itself (arXiv:2111.11418,
    equation 4).
    """

    def __init__(self, size: int) -> None:
        super().__init__()
        self.size = size

    def forward(self, x: Tensor) -> Tensor:
        """[b, c, h, w] -> [b, c, h, w]"""
        out = F.avg_pool2d(
            x, self.size, stride=1, padding=self.size // 2, count_include_pad=False
        )
        return out - x


class Scale(nn.Module):
    """Layer scale: a learned gain for each channel (arXiv:2103.17239); nothing
    where `start` is none.
    """

    def __init__(self, c: int, start: float) -> None:
        super().__init__()
        self.weight = nn.Parameter(torch.empty(c))
        self.start = start
        self.reset_parameters()

    def reset_parameters(self) -> None:
        nn.init.constant_(self.weight, self.start)

    def forward(self, x: Tensor) -> Tensor:
        """[b, c, _, _] -> [b, c, _, _]"""
        return self.weight.reshape(-1, 1, 1) * x


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


class ConvMlp(nn.Module):
    """Two pointwise convolutions with an activation between them."""

    def __init__(self, c: int, ratio: int, dropout_rate: float) -> None:
        super().__init__()
        hidden = int(c * ratio)
        self.fc1 = Conv2d(c, hidden, 1)
        self.fc2 = Conv2d(hidden, c, 1)
        self.dropout_rate = dropout_rate

    def forward(self, x: Tensor) -> Tensor:
        """[b, c, h, w] -> [b, c, h, w]"""
        x = F.dropout(F.gelu(self.fc1(x)), self.dropout_rate, self.training)
        return F.dropout(self.fc2(x), self.dropout_rate, self.training)


class Metaformer(nn.Module):
    """MetaFormer block: a token mixer and an MLP, each normed, scaled and residual
    (arXiv:2111.11418, figure 2).
    """

    def __init__(
        self,
        c: int,
        layer_scale: float,
        drop_path_rate: float,
        size: int,
        ratio: int,
        dropout_rate: float,
    ) -> None:
        super().__init__()
        self.norm1 = nn.GroupNorm(1, c)
        self.token_mixer = Pooling(size=size)
        self.layer_scale_1 = Scale(c, start=layer_scale)
        self.drop = DropPath(drop_prob=drop_path_rate)
        self.norm2 = nn.GroupNorm(1, c)
        self.mlp = ConvMlp(c, ratio=ratio, dropout_rate=dropout_rate)
        self.layer_scale_2 = Scale(c, start=layer_scale)

    def forward(self, x: Tensor) -> Tensor:
        """[b, c, h, w] -> [b, c, h, w]"""
        x = x + self.drop(self.layer_scale_1(self.token_mixer(self.norm1(x))))
        out: Tensor = x + self.drop(self.layer_scale_2(self.mlp(self.norm2(x))))
        return out


class Stage(nn.Module):
    """One stage: downsampling, position embedding, then the blocks."""

    def __init__(
        self,
        dim: int,
        layer_scale: float,
        size: int,
        ratio: int,
        dropout_rate: float,
        drop_path_rates: Sequence[float],
        downsample: nn.Module,
    ) -> None:
        super().__init__()
        self.downsample = downsample
        self.blocks = nn.Sequential(
            *(
                Metaformer(
                    dim,
                    layer_scale=layer_scale,
                    drop_path_rate=drop_path_rate,
                    size=size,
                    ratio=ratio,
                    dropout_rate=dropout_rate,
                )
                for drop_path_rate in drop_path_rates
            )
        )

    def forward(self, x: Tensor) -> Tensor:
        """[b, _, _, _] -> [b, _, _, _]"""
        out: Tensor = self.blocks(self.downsample(x))
        return out


class PoolformerM36(nn.Module):
    """PoolFormer-M36: the token mixer is average pooling, and the rest of the
    transformer does the work.
    """

    def __init__(
        self,
        depths: Sequence[int] = (6, 6, 18, 6),
        dims: Sequence[int] = (96, 192, 384, 768),
        pool_size: int = 3,
        mlp_ratio: int = 4,
        layer_scale: float = 1e-06,
        drop_path_rate: float = 0.0,
        drop_rate: float = 0.0,
        num_classes: int = 1000,
        in_chans: int = 3,
    ) -> None:
        super().__init__()
        require(len(depths) == 4 and min(depths) >= 1, "4 depths from 1 on")
        require(len(dims) == 4 and min(dims) >= 2, "4 dims from 2 on")
        require(pool_size >= 1, "pool_size from 1 on")
        require(mlp_ratio >= 1, "mlp_ratio from 1 on")
        require(
            drop_path_rate >= 0.0 and drop_path_rate <= 1.0,
            "drop_path_rate from 0.0 to 1.0",
        )
        require(drop_rate >= 0.0 and drop_rate <= 1.0, "drop_rate from 0.0 to 1.0")
        require(num_classes >= 1, "num_classes from 1 on")
        require(in_chans >= 1, "in_chans from 1 on")
        require(pool_size % 2 == 1, "pool_size % 2 == 1")
        drop_path_rates = tuple(
            drop_path_rate * i / (sum(depths) - 1) for i in range(sum(depths))
        )
        self.stem = PatchEmbed(in_chans, dims[0], kernel=7, stride=4, pad=2)
        self.stages = nn.Sequential(
            *(
                Stage(
                    dims[i],
                    layer_scale=layer_scale,
                    size=pool_size,
                    ratio=mlp_ratio,
                    dropout_rate=drop_rate,
                    drop_path_rates=drop_path_rates[
                        sum(depths[:i]) : sum(depths[: i + 1])
                    ],
                    downsample=PatchEmbed(
                        dims[i - 1], dims[i], kernel=3, stride=2, pad=1
                    )
                    if i > 0
                    else nn.Identity(),
                )
                for i in range(4)
            )
        )
        self.head = Classifier(dims[3], num_classes=num_classes)

    def forward(self, image: Tensor) -> Tensor:
        """[b, in_chans, 224, 224] -> [b, num_classes]"""
        x: Tensor = self.stem(image)
        x = self.stages(x)
        out: Tensor = self.head(x)
        return out
