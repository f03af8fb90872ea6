"""efficientnet_b0.

EfficientNet-B0 (arXiv:1905.11946).

Written by archspec from efficientnet.arch (model efficientnet_b0).
Input 3x224x224; 5,288,548 parameters; 385.8M multiply-accumulates.
Checksum 5b324371faf8 of the text as it was written.
"""

from collections.abc import Sequence

import torch
import torch.nn.functional as F
from torch import Tensor, nn


def require(holds: bool, what: str) -> None:
    """Refuses arguments for which this file was not written."""
    if not holds:
        raise ValueError(f"written for {what}; for others, archspec build --set ...")


class SqueezeExcite(nn.Module):
    """Gates from the mean of the image (arXiv:1709.01507)."""

    def __init__(self, c: int, reduced: int) -> None:
        super().__init__()
        self.reduce_ = nn.Conv2d(c, reduced, 1)
        self.expand = nn.Conv2d(reduced, c, 1)

    def forward(self, x: Tensor) -> Tensor:
        """[b, c, h, w] -> [b, c, h, w]"""
        gate = x.mean((2, 3), keepdim=True)
        return x * torch.sigmoid(self.expand(F.silu(self.reduce_(gate))))


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


class Mbconv(nn.Module):
    """Mobile inverted bottleneck with squeeze-and-excitation."""

    def __init__(
        self,
        c: int,
        out: int,
        kernel: int,
        stride: int,
        expand: int,
        drop_path_rate: float,
        reduced: int,
    ) -> None:
        super().__init__()
        hidden = c * expand
        if expand != 1:
            self.conv_pw = nn.Conv2d(c, hidden, 1, bias=False)
            self.bn1 = nn.BatchNorm2d(hidden)
        self.conv_dw = nn.Conv2d(
            hidden,
            hidden,
            kernel,
            stride=stride,
            padding=kernel // 2,
            groups=hidden,
            bias=False,
        )
        self.bn2 = nn.BatchNorm2d(hidden)
        self.se = SqueezeExcite(hidden, reduced=reduced)
        self.conv_pwl = nn.Conv2d(hidden, out, 1, bias=False)
        self.bn3 = nn.BatchNorm2d(out)
        if stride == 1 and c == out:
            self.drop = DropPath(drop_prob=drop_path_rate)
        self.expand = expand
        self.stride = stride
        self.out = out

    def forward(self, x: Tensor) -> Tensor:
        """[b, c, h, w] -> [b, out, _, _]"""
        _, c, _, _ = x.shape
        y = F.silu(self.bn1(self.conv_pw(x))) if self.expand != 1 else x
        y = F.silu(self.bn2(self.conv_dw(y)))
        y = self.se(y)
        y = self.bn3(self.conv_pwl(y))
        out: Tensor = x + self.drop(y) if self.stride == 1 and c == self.out else y
        return out


class EfficientnetB0(nn.Module):
    """Efficientnet b0."""

    def __init__(
        self,
        widths: Sequence[int] = (16, 24, 40, 80, 112, 192, 320),
        strides: Sequence[int] = (1, 2, 2, 2, 1, 2, 1),
        kernels: Sequence[int] = (3, 3, 5, 3, 5, 5, 3),
        expands: Sequence[int] = (1, 6, 6, 6, 6, 6, 6),
        drop_path_rate: float = 0.2,
        num_classes: int = 1000,
    ) -> None:
        super().__init__()
        require(
            len(widths) == 7
            and widths[0] >= 1
            and widths[1] >= 2
            and widths[2] >= 2
            and widths[3] >= 2
            and widths[4] >= 2
            and widths[5] >= 2
            and widths[6] >= 1,
            "other widths",
        )
        require(
            len(strides) == 7
            and strides[1] >= 2
            and strides[2] >= 2
            and strides[3] >= 2
            and strides[5] >= 2
            and strides[0] == 1
            and strides[4] == 1
            and strides[6] == 1,
            "other strides",
        )
        require(len(kernels) == 7 and min(kernels) >= 1, "7 kernels from 1 on")
        require(
            len(expands) == 7
            and expands[1] >= 2
            and expands[2] >= 2
            and expands[3] >= 2
            and expands[4] >= 2
            and expands[5] >= 2
            and expands[6] >= 2
            and expands[0] == 1,
            "other expands",
        )
        require(
            drop_path_rate >= 0.0 and drop_path_rate <= 1.0,
            "drop_path_rate from 0.0 to 1.0",
        )
        require(num_classes >= 1, "num_classes from 1 on")
        require(int(widths[0] * 0.25) >= 1, "int(widths[0] * 0.25) >= 1")
        require(
            (2 * (kernels[0] // 2) + 2 * (kernels[1] // 2) + 113 - sum(kernels[:2]))
            // strides[1]
            >= 1,
            "other strides, kernels",
        )
        require(int(widths[1] * 0.25) >= 1, "int(widths[1] * 0.25) >= 1")
        require(kernels[1] % 2 == 1, "kernels[1] % 2 == 1")
        require(
            (
                2 * (kernels[2] // 2)
                + (
                    2 * (kernels[0] // 2)
                    + 2 * (kernels[1] // 2)
                    + 113
                    - sum(kernels[:2])
                )
                // strides[1]
                + 1
                - kernels[2]
            )
            // strides[2]
            >= 1,
            "other strides, kernels",
        )
        require(int(widths[2] * 0.25) >= 1, "int(widths[2] * 0.25) >= 1")
        require(kernels[2] % 2 == 1, "kernels[2] % 2 == 1")
        require(
            (
                2 * (kernels[3] // 2)
                + (
                    2 * (kernels[2] // 2)
                    + (
                        2 * (kernels[0] // 2)
                        + 2 * (kernels[1] // 2)
                        + 113
                        - sum(kernels[:2])
                    )
                    // strides[1]
                    + 1
                    - kernels[2]
                )
                // strides[2]
                + 1
                - kernels[3]
            )
            // strides[3]
            >= 1,
            "other strides, kernels",
        )
        require(int(widths[3] * 0.25) >= 1, "int(widths[3] * 0.25) >= 1")
        require(kernels[3] % 2 == 1, "kernels[3] % 2 == 1")
        require(int(widths[4] * 0.25) >= 1, "int(widths[4] * 0.25) >= 1")
        require(kernels[4] % 2 == 1, "kernels[4] % 2 == 1")
        require(
            (
                2 * (kernels[4] // 2)
                + 2 * (kernels[5] // 2)
                + (
                    2 * (kernels[3] // 2)
                    + (
                        2 * (kernels[2] // 2)
                        + (
                            2 * (kernels[0] // 2)
                            + 2 * (kernels[1] // 2)
                            + 113
                            - sum(kernels[:2])
                        )
                        // strides[1]
                        + 1
                        - kernels[2]
                    )
                    // strides[2]
                    + 1
                    - kernels[3]
                )
                // strides[3]
                + 2
                - kernels[4]
                - kernels[5]
            )
            // strides[5]
            >= 1,
            "other strides, kernels",
        )
        require(int(widths[5] * 0.25) >= 1, "int(widths[5] * 0.25) >= 1")
        require(kernels[5] % 2 == 1, "kernels[5] % 2 == 1")
        require(widths[0] != 32, "widths[0] != 32")
        require(widths[3] != widths[4], "widths[3] != widths[4]")
        require(widths[5] != widths[6], "widths[5] != widths[6]")
        require(widths[0] != widths[1], "widths[0] != widths[1]")
        require(widths[1] != widths[2], "widths[1] != widths[2]")
        require(widths[2] != widths[3], "widths[2] != widths[3]")
        require(widths[4] != widths[5], "widths[4] != widths[5]")
        self.conv_stem = nn.Conv2d(3, 32, 3, stride=2, padding=1, bias=False)
        self.bn1 = nn.BatchNorm2d(32)
        self.blocks = nn.ModuleList(
            [
                nn.Sequential(
                    Mbconv(
                        32,
                        out=widths[0],
                        kernel=kernels[0],
                        stride=1,
                        expand=1,
                        drop_path_rate=drop_path_rate * 0 / 15,
                        reduced=8,
                    )
                ),
                nn.Sequential(
                    Mbconv(
                        widths[0],
                        out=widths[1],
                        kernel=kernels[1],
                        stride=strides[1],
                        expand=expands[1],
                        drop_path_rate=drop_path_rate * 1 / 15,
                        reduced=int(widths[0] * 0.25),
                    ),
                    Mbconv(
                        widths[1],
                        out=widths[1],
                        kernel=kernels[1],
                        stride=1,
                        expand=expands[1],
                        drop_path_rate=drop_path_rate * 2 / 15,
                        reduced=int(widths[1] * 0.25),
                    ),
                ),
                nn.Sequential(
                    Mbconv(
                        widths[1],
                        out=widths[2],
                        kernel=kernels[2],
                        stride=strides[2],
                        expand=expands[2],
                        drop_path_rate=drop_path_rate * 3 / 15,
                        reduced=int(widths[1] * 0.25),
                    ),
                    Mbconv(
                        widths[2],
                        out=widths[2],
                        kernel=kernels[2],
                        stride=1,
                        expand=expands[2],
                        drop_path_rate=drop_path_rate * 4 / 15,
                        reduced=int(widths[2] * 0.25),
                    ),
                ),
                nn.Sequential(
                    Mbconv(
                        widths[2],
                        out=widths[3],
                        kernel=kernels[3],
                        stride=strides[3],
                        expand=expands[3],
                        drop_path_rate=drop_path_rate * 5 / 15,
                        reduced=int(widths[2] * 0.25),
                    ),
                    Mbconv(
                        widths[3],
                        out=widths[3],
                        kernel=kernels[3],
                        stride=1,
                        expand=expands[3],
                        drop_path_rate=drop_path_rate * 6 / 15,
                        reduced=int(widths[3] * 0.25),
                    ),
                    Mbconv(
                        widths[3],
                        out=widths[3],
                        kernel=kernels[3],
                        stride=1,
                        expand=expands[3],
                        drop_path_rate=drop_path_rate * 7 / 15,
                        reduced=int(widths[3] * 0.25),
                    ),
                ),
                nn.Sequential(
                    Mbconv(
                        widths[3],
                        out=widths[4],
                        kernel=kernels[4],
                        stride=1,
                        expand=expands[4],
                        drop_path_rate=drop_path_rate * 8 / 15,
                        reduced=int(widths[3] * 0.25),
                    ),
                    Mbconv(
                        widths[4],
                        out=widths[4],
                        kernel=kernels[4],
                        stride=1,
                        expand=expands[4],
                        drop_path_rate=drop_path_rate * 9 / 15,
                        reduced=int(widths[4] * 0.25),
                    ),
                    Mbconv(
                        widths[4],
                        out=widths[4],
                        kernel=kernels[4],
                        stride=1,
                        expand=expands[4],
                        drop_path_rate=drop_path_rate * 10 / 15,
                        reduced=int(widths[4] * 0.25),
                    ),
                ),
                nn.Sequential(
                    Mbconv(
                        widths[4],
                        out=widths[5],
                        kernel=kernels[5],
                        stride=strides[5],
                        expand=expands[5],
                        drop_path_rate=drop_path_rate * 11 / 15,
                        reduced=int(widths[4] * 0.25),
                    ),
                    Mbconv(
                        widths[5],
                        out=widths[5],
                        kernel=kernels[5],
                        stride=1,
                        expand=expands[5],
                        drop_path_rate=drop_path_rate * 12 / 15,
                        reduced=int(widths[5] * 0.25),
                    ),
                    Mbconv(
                        widths[5],
                        out=widths[5],
                        kernel=kernels[5],
                        stride=1,
                        expand=expands[5],
                        drop_path_rate=drop_path_rate * 13 / 15,
                        reduced=int(widths[5] * 0.25),
                    ),
                    Mbconv(
                        widths[5],
                        out=widths[5],
                        kernel=kernels[5],
                        stride=1,
                        expand=expands[5],
                        drop_path_rate=drop_path_rate * 14 / 15,
                        reduced=int(widths[5] * 0.25),
                    ),
                ),
                nn.Sequential(
                    Mbconv(
                        widths[5],
                        out=widths[6],
                        kernel=kernels[6],
                        stride=1,
                        expand=expands[6],
                        drop_path_rate=drop_path_rate * 15 / 15,
                        reduced=int(widths[5] * 0.25),
                    )
                ),
            ]
        )
        self.conv_head = nn.Conv2d(widths[6], 1280, 1, bias=False)
        self.bn2 = nn.BatchNorm2d(1280)
        self.classifier = nn.Linear(1280, num_classes)

    def forward(self, image: Tensor) -> Tensor:
        """[b, 3, 224, 224] -> [b, num_classes]"""
        x = F.silu(self.bn1(self.conv_stem(image)))
        for block in self.blocks:
            x = block(x)
        out: Tensor = self.classifier(F.silu(self.bn2(self.conv_head(x))).mean((2, 3)))
        return out
