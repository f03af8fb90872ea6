"""ResNet-50.

Deep residual learning for image recognition (arXiv:1512.03385).

Written by archspec from resnet.arch (model resnet50).
Input 3x224x224; 25,557,032 parameters; 4.089G multiply-accumulates.
Checksum 8cde9bf426f9 of the text as it was written.
"""

from collections.abc import Sequence

import torch.nn.functional as F
from torch import Tensor, nn


def require(holds: bool, what: str) -> None:
    """Refuses arguments for which this file was not written."""
    if not holds:
        raise ValueError(f"written for {what}; for others, archspec build --set ...")


class Conv2d(nn.Conv2d):
    """nn.Conv2d that starts with weight = kaiming_normal_fan_out."""

    def reset_parameters(self) -> None:
        nn.init.kaiming_normal_(self.weight, mode="fan_out")


class Shortcut(nn.Module):
    """A pointwise convolution that gives the input the shape of the branch;
    nothing where it has it.
    """

    def __init__(self, c: int, dim: int, stride: int) -> None:
        super().__init__()
        if not (c == dim and stride == 1):
            self.proj = Conv2d(c, dim, 1, stride=stride, bias=False)
            self.norm = nn.BatchNorm2d(dim)
        self.dim = dim
        self.stride = stride

    def forward(self, x: Tensor) -> Tensor:
        """[b, c, h, w] -> [b, dim, _, _]"""
        _, c, _, _ = x.shape
        if c == self.dim and self.stride == 1:
            return x
        out: Tensor = self.norm(self.proj(x))
        return out


class Bottleneck(nn.Module):
    """Pointwise, 3x3, pointwise, with the stride in the 3x3 convolution, added to
    the shortcut.
    """

    def __init__(self, c: int, width: int, stride: int) -> None:
        super().__init__()
        self.conv1 = Conv2d(c, width, 1, bias=False)
        self.bn1 = nn.BatchNorm2d(width)
        self.conv2 = Conv2d(width, width, 3, stride=stride, padding=1, bias=False)
        self.bn2 = nn.BatchNorm2d(width)
        self.conv3 = Conv2d(width, width * 4, 1, bias=False)
        self.bn3 = nn.BatchNorm2d(width * 4)
        self.downsample = Shortcut(c, width * 4, stride=stride)

    def forward(self, x: Tensor) -> Tensor:
        """[b, c, h, w] -> [b, width * expansion, _, _]"""
        y = F.relu(self.bn1(self.conv1(x)))
        y = F.relu(self.bn2(self.conv2(y)))
        return F.relu(self.bn3(self.conv3(y)) + self.downsample(x))


class Resnet50(nn.Module):
    """ResNet-50."""

    def __init__(
        self,
        depths: Sequence[int] = (3, 4, 6, 3),
        widths: Sequence[int] = (64, 128, 256, 512),
        num_classes: int = 1000,
        in_chans: int = 3,
    ) -> None:
        super().__init__()
        require(
            len(depths) == 4
            and depths[0] >= 2
            and depths[1] >= 1
            and depths[2] >= 1
            and depths[3] >= 1,
            "other depths",
        )
        require(len(widths) == 4 and min(widths) >= 1, "4 widths from 1 on")
        require(num_classes >= 1, "num_classes from 1 on")
        require(in_chans >= 1, "in_chans from 1 on")
        require(widths[0] != 16, "widths[0] != 16")
        require(widths[0] != widths[1], "widths[0] != widths[1]")
        require(widths[1] != widths[2], "widths[1] != widths[2]")
        require(widths[2] != widths[3], "widths[2] != widths[3]")
        self.conv1 = Conv2d(in_chans, 64, 7, stride=2, padding=3, bias=False)
        self.bn1 = nn.BatchNorm2d(64)
        self.layers = nn.ModuleList(
            nn.Sequential(
                Bottleneck(
                    4 * widths[i - 1] if i > 0 else 64,
                    width=widths[i],
                    stride=2 if i > 0 else 1,
                ),
                *(
                    Bottleneck(4 * widths[i], width=widths[i], stride=1)
                    for _ in range(depths[i] - 1)
                ),
            )
            for i in range(4)
        )
        self.fc = nn.Linear(4 * widths[3], num_classes)

    def forward(self, image: Tensor) -> Tensor:
        """[b, in_chans, 224, 224] -> [b, num_classes]"""
        x = F.max_pool2d(F.relu(self.bn1(self.conv1(image))), 3, stride=2, padding=1)
        for layer in self.layers:
            x = layer(x)
        out: Tensor = self.fc(x.mean((2, 3)))
        return out
