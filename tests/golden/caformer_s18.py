"""CAFormer-S18: separable convolutions in two stages, attention in the last
two.

MetaFormer baselines for vision (arXiv:2210.13452).

Written by archspec from metaformer_baselines.arch (model caformer_s18).
Input 3x224x224; 26,341,656 parameters; 4.107G multiply-accumulates.
Checksum 62f374c1f006 of the text as it was written.
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
        if self.bias is not None:
            nn.init.zeros_(self.bias)


class ConvStem(nn.Module):
    """A strided convolution of an image, then a norm; channels last from here on."""

    def __init__(self, c: int, dim: int) -> None:
        super().__init__()
        self.conv_ = Conv2d(c, dim, 7, stride=4, padding=2)
        self.post_norm = nn.LayerNorm(dim, eps=1e-06, bias=False)

    def forward(self, image: Tensor) -> Tensor:
        """[b, c, 224, 224] -> [b, 56, 56, dim]"""
        out: Tensor = self.post_norm(self.conv_(image).permute(0, 2, 3, 1))
        return out


class PooledHead(nn.Module):
    """Mean over all places, norm, then a linear map, or an MLP with squared ReLU."""

    def __init__(self, c: int, num_classes: int, dropout: float) -> None:
        super().__init__()
        self.norm = nn.LayerNorm(c, eps=1e-06)
        self.hidden = Linear(c, 4 * c)
        self.hidden_norm = nn.LayerNorm(4 * c)
        self.fc = Linear(4 * c, num_classes)
        self.dropout = dropout

    def forward(self, x: Tensor) -> Tensor:
        """[b, 7, 7, c] -> [b, num_classes]"""
        x = self.norm(x.mean((1, 2)))
        out: Tensor = self.fc(
            F.dropout(
                self.hidden_norm(F.relu(self.hidden(x)) ** 2),
                self.dropout,
                self.training,
            )
        )
        return out


class Gain(nn.Module):
    """A learned gain for each channel; nothing where `start` is none."""

    def __init__(self, c: int, start: float | None) -> None:
        super().__init__()
        if start is not None:
            self.scale = nn.Parameter(torch.empty(c))
        self.start = start
        self.reset_parameters()

    def reset_parameters(self) -> None:
        if self.start is not None:
            nn.init.constant_(self.scale, self.start)

    def forward(self, x: Tensor) -> Tensor:
        """[b, _, _, c] -> [b, _, _, c]"""
        return x if self.start is None else x * self.scale


class StarRelu(nn.Module):
    """scale * relu(x)^2 + bias, both numbers learned (arXiv:2210.13452, equation
    6).
    """

    def __init__(self) -> None:
        super().__init__()
        self.scale = nn.Parameter(torch.empty(1))
        self.bias = nn.Parameter(torch.empty(1))
        self.reset_parameters()

    def reset_parameters(self) -> None:
        nn.init.ones_(self.scale)
        nn.init.zeros_(self.bias)

    def forward(self, x: Tensor) -> Tensor:
        """[b, _, _, _] -> [b, _, _, _]"""
        return self.scale * F.relu(x) ** 2 + self.bias


class SepConv(nn.Module):
    """Inverted separable convolution: out, a depthwise window, in
    (arXiv:1801.04381).
    """

    def __init__(self, c: int) -> None:
        super().__init__()
        hidden = int(c * 2)
        self.pwconv1 = Linear(c, hidden, bias=False)
        self.act1 = StarRelu()
        self.dwconv = Conv2d(hidden, hidden, 7, padding=3, groups=hidden, bias=False)
        self.pwconv2 = Linear(hidden, c, bias=False)

    def forward(self, x: Tensor) -> Tensor:
        """[b, h, w, c] -> [b, h, w, c]"""
        y: Tensor = self.dwconv(self.act1(self.pwconv1(x)).permute(0, 3, 1, 2))
        out: Tensor = self.pwconv2(y.permute(0, 2, 3, 1))
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


class StarMlp(nn.Module):
    """Two linear maps without bias around StarReLU."""

    def __init__(self, c: int, ratio: int) -> None:
        super().__init__()
        self.fc1 = Linear(c, int(c * ratio), bias=False)
        self.act = StarRelu()
        self.fc2 = Linear(int(c * ratio), c, bias=False)

    def forward(self, x: Tensor) -> Tensor:
        """[b, _, _, c] -> [b, _, _, c]"""
        out: Tensor = self.fc2(self.act(self.fc1(x)))
        return out


class SelfAttention(nn.Module):
    """Multi-head self-attention over all places, no bias anywhere."""

    def __init__(self, c: int, i: int) -> None:
        super().__init__()
        heads = max(c // 32, 1)
        self.qkv = Linear(c, 3 * heads * 32, bias=False)
        self.proj = Linear(i, c, bias=False)

    def forward(self, x: Tensor) -> Tensor:
        """[b, h, w, c] -> [b, h, w, c]"""
        _, h, w, _ = x.shape
        y: Tensor = self.qkv(x).unflatten(3, (3, -1, 32)).permute(0, 3, 4, 1, 2, 5)
        q, k, v = y.flatten(3, 4).unbind(1)
        y = F.scaled_dot_product_attention(q, k, v)
        out: Tensor = self.proj(
            torch.unflatten(y, 2, (h, w)).permute(0, 2, 3, 1, 4).flatten(3, 4)
        )
        return out


class ResScaledBlock(nn.Module):
    """MetaFormer block whose residual branch may have a gain too
    (arXiv:2110.09456).
    """

    def __init__(
        self,
        c: int,
        drop_path_rate: float,
        res_scale: float | None,
        ratio: int,
        token_mixer: nn.Module,
    ) -> None:
        super().__init__()
        self.res_scale1 = Gain(c, start=res_scale)
        self.norm1 = nn.LayerNorm(c, eps=1e-06, bias=False)
        self.token_mixer = token_mixer
        self.drop = DropPath(drop_prob=drop_path_rate)
        self.res_scale2 = Gain(c, start=res_scale)
        self.norm2 = nn.LayerNorm(c, eps=1e-06, bias=False)
        self.mlp = StarMlp(c, ratio=ratio)

    def forward(self, x: Tensor) -> Tensor:
        """[b, h, w, c] -> [b, h, w, c]"""
        x = self.res_scale1(x) + self.drop(self.token_mixer(self.norm1(x)))
        out: Tensor = self.res_scale2(x) + self.drop(self.mlp(self.norm2(x)))
        return out


class ConvDown(nn.Module):
    """A norm, then a strided convolution."""

    def __init__(self, c: int, dim: int) -> None:
        super().__init__()
        self.pre_norm = nn.LayerNorm(c, eps=1e-06, bias=False)
        self.conv_ = Conv2d(c, dim, 3, stride=2, padding=1)

    def forward(self, x: Tensor) -> Tensor:
        """[b, h, w, c] -> [b, _, _, dim]"""
        y: Tensor = self.conv_(self.pre_norm(x).permute(0, 3, 1, 2))
        return y.permute(0, 2, 3, 1)


class Stage(nn.Module):
    """One stage: downsampling, position embedding, then the blocks."""

    def __init__(self, blocks: nn.Module, downsample: nn.Module) -> None:
        super().__init__()
        self.downsample = downsample
        self.blocks = blocks

    def forward(self, x: Tensor) -> Tensor:
        """[b, _, _, _] -> [b, _, _, _]"""
        out: Tensor = self.blocks(self.downsample(x))
        return out


class CaformerS18(nn.Module):
    """CAFormer-S18: separable convolutions in two stages, attention in the last
    two.
    """

    def __init__(
        self,
        depths: Sequence[int] = (3, 3, 9, 3),
        dims: Sequence[int] = (64, 128, 320, 512),
        mlp_ratio: int = 4,
        drop_path_rate: float = 0.0,
        drop_rate: float = 0.0,
        num_classes: int = 1000,
        in_chans: int = 3,
    ) -> None:
        super().__init__()
        require(len(depths) == 4 and min(depths) >= 1, "4 depths from 1 on")
        require(len(dims) == 4 and min(dims) >= 2, "4 dims from 2 on")
        require(mlp_ratio >= 1, "mlp_ratio from 1 on")
        require(
            drop_path_rate >= 0.0 and drop_path_rate <= 1.0,
            "drop_path_rate from 0.0 to 1.0",
        )
        require(drop_rate >= 0.0 and drop_rate <= 1.0, "drop_rate from 0.0 to 1.0")
        require(num_classes >= 1, "num_classes from 1 on")
        require(in_chans >= 1, "in_chans from 1 on")
        drop_path_rates = tuple(
            drop_path_rate * i / (sum(depths) - 1) for i in range(sum(depths))
        )
        self.stem = ConvStem(in_chans, dims[0])
        self.stages = nn.Sequential(
            Stage(
                blocks=nn.Sequential(
                    *(
                        ResScaledBlock(
                            dims[0],
                            drop_path_rate=drop_path_rate,
                            res_scale=None,
                            ratio=mlp_ratio,
                            token_mixer=SepConv(dims[0]),
                        )
                        for drop_path_rate in drop_path_rates[: depths[0]]
                    )
                ),
                downsample=nn.Identity(),
            ),
            Stage(
                blocks=nn.Sequential(
                    *(
                        ResScaledBlock(
                            dims[1],
                            drop_path_rate=drop_path_rate,
                            res_scale=None,
                            ratio=mlp_ratio,
                            token_mixer=SepConv(dims[1]),
                        )
                        for drop_path_rate in drop_path_rates[
                            depths[0] : sum(depths[:2])
                        ]
                    )
                ),
                downsample=ConvDown(dims[0], dims[1]),
            ),
            Stage(
                blocks=nn.Sequential(
                    *(
                        ResScaledBlock(
                            dims[2],
                            drop_path_rate=drop_path_rate,
                            res_scale=1.0,
                            ratio=mlp_ratio,
                            token_mixer=SelfAttention(
                                dims[2], i=32 * max(dims[2] // 32, 1)
                            ),
                        )
                        for drop_path_rate in drop_path_rates[
                            sum(depths[:2]) : sum(depths[:3])
                        ]
                    )
                ),
                downsample=ConvDown(dims[1], dims[2]),
            ),
            Stage(
                blocks=nn.Sequential(
                    *(
                        ResScaledBlock(
                            dims[3],
                            drop_path_rate=drop_path_rate,
                            res_scale=1.0,
                            ratio=mlp_ratio,
                            token_mixer=SelfAttention(
                                dims[3], i=32 * max(dims[3] // 32, 1)
                            ),
                        )
                        for drop_path_rate in drop_path_rates[sum(depths[:3]) :]
                    )
                ),
                downsample=ConvDown(dims[2], dims[3]),
            ),
        )
        self.head = PooledHead(dims[3], num_classes=num_classes, dropout=drop_rate)

    def forward(self, image: Tensor) -> Tensor:
        """[b, in_chans, 224, 224] -> [b, num_classes]"""
        x: Tensor = self.stem(image)
        x = self.stages(x)
        out: Tensor = self.head(x)
        return out
