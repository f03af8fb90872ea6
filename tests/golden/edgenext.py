"""edgenext_small.

EdgeNeXt (arXiv:2206.10589): convolutions, and attention over channels
behind split depthwise windows.

Written by archspec from edgenext.arch (model edgenext_small).
Input 3x256x256; 5,678,896 parameters; 1.247G multiply-accumulates.
Checksum 0dd3a69ac260 of the text as it was written.
"""

import math
from collections.abc import Sequence

import torch
import torch.nn.functional as F
from torch import Tensor, nn


def require(holds: bool, what: str) -> None:
    """Refuses arguments for which this file was not written."""
    if not holds:
        raise ValueError(f"written for {what}; for others, archspec build --set ...")


class ChannelNorm(nn.Module):
    """Channel norm."""

    def __init__(self, c: int) -> None:
        super().__init__()
        self.norm = nn.LayerNorm(c, eps=1e-06)

    def forward(self, x: Tensor) -> Tensor:
        """[b, c, h, w] -> [b, c, h, w]"""
        out: Tensor = self.norm(x.permute(0, 2, 3, 1)).permute(0, 3, 1, 2)
        return out


class DropPath(nn.Module):
    """Stochastic depth: in training, drops whole samples of a residual branch
    (arXiv:1603.09382).
    """

    def __init__(self, drop_prob: float) -> None:
        super().__init__()
        self.drop_prob = drop_prob

    def forward(self, x: Tensor) -> Tensor:
        """[b, ...] -> [b, ...]"""
        if self.training and self.drop_prob > 0:
            out = F.dropout(x.new_ones(x.shape[0], *[1] * (x.ndim - 1)), self.drop_prob)
            return x * out
        return x


class ConvEncoder(nn.Module):
    """ConvNeXt-like block."""

    def __init__(self, c: int, kernel: int, drop_path_rate: float) -> None:
        super().__init__()
        self.gamma = nn.Parameter(torch.empty(c))
        self.dwconv = nn.Conv2d(c, c, kernel, padding=kernel // 2, groups=c)
        self.norm = nn.LayerNorm(c, eps=1e-06)
        self.pwconv1 = nn.Linear(c, 4 * c)
        self.pwconv2 = nn.Linear(4 * c, c)
        self.drop = DropPath(drop_prob=drop_path_rate)
        self.reset_parameters()

    def reset_parameters(self) -> None:
        nn.init.constant_(self.gamma, 1e-06)

    def forward(self, x: Tensor) -> Tensor:
        """[b, c, h, w] -> [b, c, h, w]"""
        y: Tensor = self.norm(self.dwconv(x).permute(0, 2, 3, 1))
        y = self.gamma * self.pwconv2(F.gelu(self.pwconv1(y)))
        out: Tensor = x + self.drop(y.permute(0, 3, 1, 2))
        return out


class Xca(nn.Module):
    """Cross-covariance attention (arXiv:2106.09681)."""

    def __init__(self, c: int) -> None:
        super().__init__()
        self.temperature = nn.Parameter(torch.empty(8, 1, 1))
        self.qkv = nn.Linear(c, 3 * c)
        self.proj = nn.Linear(c, c)
        self.reset_parameters()

    def reset_parameters(self) -> None:
        nn.init.constant_(self.temperature, 1.0)

    def forward(self, x: Tensor) -> Tensor:
        """[b, n, c] -> [b, n, c]"""
        q, k, v = self.qkv(x).unflatten(2, (3, 8, -1)).permute(0, 2, 3, 4, 1).unbind(1)
        q = q / torch.sqrt((q * q).sum(3, keepdim=True))
        k = k / torch.sqrt((k * k).sum(3, keepdim=True))
        a: Tensor = (q @ k.transpose(2, 3) * self.temperature).softmax(3)
        out: Tensor = self.proj((a @ v).permute(0, 3, 1, 2).flatten(2, 3))
        return out


class Sdta(nn.Module):
    """Split depthwise transpose attention."""

    def __init__(self, c: int, drop_path_rate: float) -> None:
        super().__init__()
        width = math.ceil(c / 2)
        self.pos = nn.Parameter(torch.empty(1024, c))
        self.gamma_xca = nn.Parameter(torch.empty(c))
        self.gamma = nn.Parameter(torch.empty(c))
        self.convs = nn.ModuleList(
            [nn.Conv2d(width, width, 3, padding=1, groups=width)]
        )
        self.norm_xca = nn.LayerNorm(c, eps=1e-06)
        self.attn = Xca(c)
        self.drop = DropPath(drop_prob=drop_path_rate)
        self.norm = nn.LayerNorm(c, eps=1e-06)
        self.pwconv1 = nn.Linear(c, 4 * c)
        self.pwconv2 = nn.Linear(4 * c, c)
        self.reset_parameters()

    def reset_parameters(self) -> None:
        nn.init.trunc_normal_(self.pos, std=0.02)
        nn.init.constant_(self.gamma_xca, 1e-06)
        nn.init.constant_(self.gamma, 1e-06)

    def forward(self, x: Tensor) -> Tensor:
        """[b, c, 32, 32] -> [b, c, 32, 32]"""
        _, c, h, w = x.shape
        split = torch.split(x, [math.ceil(c / 2), c - math.ceil(c / 2)], dim=1)
        parts_0 = split[0]
        parts_1 = split[1]
        y: Tensor = self.convs[0](parts_0)
        y = torch.cat((y, parts_1), dim=1)
        t = y.permute(0, 2, 3, 1).flatten(1, 2)
        t = t + self.pos
        t = t + self.drop(self.gamma_xca * self.attn(self.norm_xca(t)))
        t = self.gamma * self.pwconv2(F.gelu(self.pwconv1(self.norm(t))))
        out: Tensor = x + self.drop(t.unflatten(1, (h, w)).permute(0, 3, 1, 2))
        return out


class Sdta2(nn.Module):
    """Split depthwise transpose attention."""

    def __init__(self, c: int, drop_path_rate: float) -> None:
        super().__init__()
        width = math.ceil(c / 3)
        self.gamma_xca = nn.Parameter(torch.empty(c))
        self.gamma = nn.Parameter(torch.empty(c))
        self.convs = nn.ModuleList(
            [
                nn.Conv2d(width, width, 3, padding=1, groups=width),
                nn.Conv2d(width, width, 3, padding=1, groups=width),
            ]
        )
        self.norm_xca = nn.LayerNorm(c, eps=1e-06)
        self.attn = Xca(c)
        self.drop = DropPath(drop_prob=drop_path_rate)
        self.norm = nn.LayerNorm(c, eps=1e-06)
        self.pwconv1 = nn.Linear(c, 4 * c)
        self.pwconv2 = nn.Linear(4 * c, c)
        self.reset_parameters()

    def reset_parameters(self) -> None:
        nn.init.constant_(self.gamma_xca, 1e-06)
        nn.init.constant_(self.gamma, 1e-06)

    def forward(self, x: Tensor) -> Tensor:
        """[b, c, 16, 16] -> [b, c, 16, 16]"""
        _, c, h, w = x.shape
        split = torch.split(
            x, [math.ceil(c / 3), math.ceil(c / 3), c - math.ceil(c / 3) * 2], dim=1
        )
        parts_0 = split[0]
        parts_1 = split[1]
        parts_2 = split[2]
        y: Tensor = self.convs[0](parts_0)
        outs_0 = y
        y = y + parts_1
        y = self.convs[1](y)
        y = torch.cat((outs_0, y, parts_2), dim=1)
        t = y.permute(0, 2, 3, 1).flatten(1, 2)
        t = t + self.drop(self.gamma_xca * self.attn(self.norm_xca(t)))
        t = self.gamma * self.pwconv2(F.gelu(self.pwconv1(self.norm(t))))
        out: Tensor = x + self.drop(t.unflatten(1, (h, w)).permute(0, 3, 1, 2))
        return out


class Sdta3(nn.Module):
    """Split depthwise transpose attention."""

    def __init__(self, c: int, drop_path_rate: float) -> None:
        super().__init__()
        width = math.ceil(c / 4)
        self.gamma_xca = nn.Parameter(torch.empty(c))
        self.gamma = nn.Parameter(torch.empty(c))
        self.convs = nn.ModuleList(
            [
                nn.Conv2d(width, width, 3, padding=1, groups=width),
                nn.Conv2d(width, width, 3, padding=1, groups=width),
                nn.Conv2d(width, width, 3, padding=1, groups=width),
            ]
        )
        self.norm_xca = nn.LayerNorm(c, eps=1e-06)
        self.attn = Xca(c)
        self.drop = DropPath(drop_prob=drop_path_rate)
        self.norm = nn.LayerNorm(c, eps=1e-06)
        self.pwconv1 = nn.Linear(c, 4 * c)
        self.pwconv2 = nn.Linear(4 * c, c)
        self.reset_parameters()

    def reset_parameters(self) -> None:
        nn.init.constant_(self.gamma_xca, 1e-06)
        nn.init.constant_(self.gamma, 1e-06)

    def forward(self, x: Tensor) -> Tensor:
        """[b, c, 8, 8] -> [b, c, 8, 8]"""
        _, c, h, w = x.shape
        split = torch.split(
            x,
            [
                math.ceil(c / 4),
                math.ceil(c / 4),
                math.ceil(c / 4),
                c - math.ceil(c / 4) * 3,
            ],
            dim=1,
        )
        parts_0 = split[0]
        parts_1 = split[1]
        parts_2 = split[2]
        parts_3 = split[3]
        y: Tensor = self.convs[0](parts_0)
        outs_0 = y
        y = y + parts_1
        y = self.convs[1](y)
        outs_1 = y
        y = y + parts_2
        y = self.convs[2](y)
        y = torch.cat((outs_0, outs_1, y, parts_3), dim=1)
        t = y.permute(0, 2, 3, 1).flatten(1, 2)
        t = t + self.drop(self.gamma_xca * self.attn(self.norm_xca(t)))
        t = self.gamma * self.pwconv2(F.gelu(self.pwconv1(self.norm(t))))
        out: Tensor = x + self.drop(t.unflatten(1, (h, w)).permute(0, 3, 1, 2))
        return out


class EdgenextSmall(nn.Module):
    """Edgenext small."""

    def __init__(
        self,
        dims: Sequence[int] = (48, 96, 160, 304),
        kernels: Sequence[int] = (3, 5, 7, 9),
        drop_path_rate: float = 0.1,
        num_classes: int = 1000,
    ) -> None:
        super().__init__()
        require(len(dims) == 4 and min(dims) >= 2, "4 dims from 2 on")
        require(len(kernels) == 4 and min(kernels) >= 1, "4 kernels from 1 on")
        require(
            drop_path_rate >= 0.0 and drop_path_rate <= 1.0,
            "drop_path_rate from 0.0 to 1.0",
        )
        require(num_classes >= 1, "num_classes from 1 on")
        require(kernels[0] % 2 == 1, "kernels[0] % 2 == 1")
        require(kernels[1] % 2 == 1, "kernels[1] % 2 == 1")
        require(math.ceil(dims[1] / 2) >= 1, "math.ceil(dims[1] / 2) >= 1")
        require(dims[1] % 8 == 0, "dims[1] % 8 == 0")
        require(kernels[2] % 2 == 1, "kernels[2] % 2 == 1")
        require(math.ceil(dims[2] / 3) >= 2, "math.ceil(dims[2] / 3) >= 2")
        require(dims[2] % 8 == 0, "dims[2] % 8 == 0")
        require(kernels[3] % 2 == 1, "kernels[3] % 2 == 1")
        require(math.ceil(dims[3] / 4) >= 2, "math.ceil(dims[3] / 4) >= 2")
        require(dims[3] % 8 == 0, "dims[3] % 8 == 0")
        require(dims[1] >= math.ceil(dims[1] / 2), "dims[1] >= math.ceil(dims[1] / 2)")
        require(
            dims[1] >= 2 * math.ceil(dims[1] / 2),
            "dims[1] >= 2 * math.ceil(dims[1] / 2)",
        )
        require(dims[1] // 8 != 1, "dims[1] // 8 != 1")
        require(
            dims[2] >= 2 * math.ceil(dims[2] / 3),
            "dims[2] >= 2 * math.ceil(dims[2] / 3)",
        )
        require(
            dims[2] < 3 * math.ceil(dims[2] / 3), "dims[2] < 3 * math.ceil(dims[2] / 3)"
        )
        require(
            dims[2] >= 2 * math.ceil(dims[2] / 3) + 1,
            "dims[2] >= 2 * math.ceil(dims[2] / 3) + 1",
        )
        require(dims[2] // 8 != 1, "dims[2] // 8 != 1")
        require(
            dims[3] >= 3 * math.ceil(dims[3] / 4),
            "dims[3] >= 3 * math.ceil(dims[3] / 4)",
        )
        require(
            dims[3] >= 4 * math.ceil(dims[3] / 4),
            "dims[3] >= 4 * math.ceil(dims[3] / 4)",
        )
        require(dims[3] // 8 != 1, "dims[3] // 8 != 1")
        drop_path_rates = tuple(drop_path_rate * i / 17 for i in range(18))
        self.stem = nn.Sequential(
            nn.Conv2d(3, dims[0], 4, stride=4), ChannelNorm(dims[0])
        )
        self.levels_ = nn.ModuleList(
            [
                nn.Sequential(
                    *(
                        ConvEncoder(
                            dims[0], kernel=kernels[0], drop_path_rate=drop_path_rate
                        )
                        for drop_path_rate in drop_path_rates[:3]
                    )
                ),
                nn.Sequential(
                    ConvEncoder(
                        dims[1],
                        kernel=kernels[1],
                        drop_path_rate=drop_path_rate * 3 / 17,
                    ),
                    ConvEncoder(
                        dims[1],
                        kernel=kernels[1],
                        drop_path_rate=drop_path_rate * 4 / 17,
                    ),
                    Sdta(dims[1], drop_path_rate=drop_path_rate * 5 / 17),
                ),
                nn.Sequential(
                    ConvEncoder(
                        dims[2],
                        kernel=kernels[2],
                        drop_path_rate=drop_path_rate * 6 / 17,
                    ),
                    ConvEncoder(
                        dims[2],
                        kernel=kernels[2],
                        drop_path_rate=drop_path_rate * 7 / 17,
                    ),
                    ConvEncoder(
                        dims[2],
                        kernel=kernels[2],
                        drop_path_rate=drop_path_rate * 8 / 17,
                    ),
                    ConvEncoder(
                        dims[2],
                        kernel=kernels[2],
                        drop_path_rate=drop_path_rate * 9 / 17,
                    ),
                    ConvEncoder(
                        dims[2],
                        kernel=kernels[2],
                        drop_path_rate=drop_path_rate * 10 / 17,
                    ),
                    ConvEncoder(
                        dims[2],
                        kernel=kernels[2],
                        drop_path_rate=drop_path_rate * 11 / 17,
                    ),
                    ConvEncoder(
                        dims[2],
                        kernel=kernels[2],
                        drop_path_rate=drop_path_rate * 12 / 17,
                    ),
                    ConvEncoder(
                        dims[2],
                        kernel=kernels[2],
                        drop_path_rate=drop_path_rate * 13 / 17,
                    ),
                    Sdta2(dims[2], drop_path_rate=drop_path_rate * 14 / 17),
                ),
                nn.Sequential(
                    ConvEncoder(
                        dims[3],
                        kernel=kernels[3],
                        drop_path_rate=drop_path_rate * 15 / 17,
                    ),
                    ConvEncoder(
                        dims[3],
                        kernel=kernels[3],
                        drop_path_rate=drop_path_rate * 16 / 17,
                    ),
                    Sdta3(dims[3], drop_path_rate=drop_path_rate * 17 / 17),
                ),
            ]
        )
        self.downs = nn.ModuleList(
            nn.Sequential(
                ChannelNorm(dims[i]), nn.Conv2d(dims[i], dims[i + 1], 2, stride=2)
            )
            for i in range(3)
        )
        self.norm = nn.LayerNorm(dims[3], eps=1e-06)
        self.head = nn.Linear(dims[3], num_classes)

    def forward(self, image: Tensor) -> Tensor:
        """[b, 3, 256, 256] -> [b, num_classes]"""
        _, c, h, w = image.shape
        if (c, h, w) != (3, 256, 256):
            raise ValueError(
                f"EdgenextSmall is built for inputs of 3x256x256, not {c}x{h}x{w}; "
                "build its spec with that --input"
            )
        x: Tensor = self.stem(image)
        x = self.levels_[0](x)
        x = self.downs[0](x)
        x = self.levels_[1](x)
        x = self.downs[1](x)
        x = self.levels_[2](x)
        x = self.downs[2](x)
        x = self.levels_[3](x)
        out: Tensor = self.head(self.norm(x.mean((2, 3))))
        return out
