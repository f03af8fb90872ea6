"""aMLP: gMLP with a little attention beside each gate.

gMLP: pay attention to MLPs (arXiv:2105.08050).

Written by archspec from gmlp.arch (model amlp_vision).
Input 3x256x256; 11,762,664 parameters; 3.222G multiply-accumulates.
Checksum 3159b528192d of the text as it was written.
"""

from collections.abc import Sequence

import torch
import torch.nn.functional as F
from torch import Tensor, nn


def require(holds: bool, what: str) -> None:
    """Refuses arguments for which this file was not written."""
    if not holds:
        raise ValueError(f"written for {what}; for others, archspec build --set ...")


class TinyAttention(nn.Module):
    """One head of attention with few channels, to go beside a gating unit
    (arXiv:2105.08050, section 4.3).
    """

    def __init__(self, c: int, out: int) -> None:
        super().__init__()
        self.to_qkv = nn.Linear(c, 192, bias=False)
        self.to_out = nn.Linear(64, out)

    def forward(self, x: Tensor) -> Tensor:
        """[b, n, c] -> [b, n, out]"""
        q, k, v = self.to_qkv(x).chunk(3, dim=2)
        scores = torch.einsum("bid,bjd->bij", q, k) * 0.125
        out: Tensor = self.to_out(torch.einsum("bij,bjd->bid", scores.softmax(2), v))
        return out


class Sgu(nn.Module):
    """Spatial gating unit: one half of the channels, mixed over places, gates the
    other (arXiv:2105.08050, section 2.1).

    ``gate_bias``, where there is one, is added to the gate before its
    activation.
    """

    def __init__(
        self, n: int, d: int, weight_start: float, weight_start2: float
    ) -> None:
        super().__init__()
        self.weight = nn.Parameter(torch.empty(1, n, n))
        self.bias = nn.Parameter(torch.empty(1, n))
        self.norm = nn.LayerNorm(d)
        self.weight_start = weight_start
        self.weight_start2 = weight_start2
        self.reset_parameters()

    def reset_parameters(self) -> None:
        nn.init.uniform_(self.weight, self.weight_start, self.weight_start2)
        nn.init.ones_(self.bias)

    def forward(self, x: Tensor, gate_bias: Tensor) -> Tensor:
        """[b, n, c], [b, n, d] -> [b, n, c // 2]"""
        res, gate = x.chunk(2, dim=2)
        gate = self.norm(gate).unflatten(2, (1, -1)).transpose(1, 2)
        gate = torch.einsum("bhnd,hmn->bhmd", gate, self.weight)
        gate = gate + self.bias.unsqueeze(2)
        gate = gate.transpose(1, 2).flatten(2, 3)
        gate = gate + gate_bias
        return gate * res


class GmlpBlock(nn.Module):
    """A linear map out, the gating unit, a linear map in; with a little attention
    beside the gate for aMLP.
    """

    def __init__(
        self, n: int, c: int, hidden: int, weight_start: float, weight_start2: float
    ) -> None:
        super().__init__()
        self.proj_in = nn.Linear(c, hidden)
        self.attn = TinyAttention(c, out=hidden // 2)
        self.gate = Sgu(
            n, hidden // 2, weight_start=weight_start, weight_start2=weight_start2
        )
        self.proj_out = nn.Linear(hidden // 2, c)

    def forward(self, x: Tensor) -> Tensor:
        """[b, n, c] -> [b, n, c]"""
        out: Tensor = self.proj_out(self.gate(F.gelu(self.proj_in(x)), self.attn(x)))
        return out


class PrenormResidual(nn.Module):
    """Norm, tokens shifted, block, added to the input."""

    def __init__(
        self, n: int, c: int, hidden: int, weight_start: float, weight_start2: float
    ) -> None:
        super().__init__()
        self.norm = nn.LayerNorm(c)
        self.block = GmlpBlock(
            n, c, hidden=hidden, weight_start=weight_start, weight_start2=weight_start2
        )

    def forward(self, x: Tensor) -> Tensor:
        """[b, n, c] -> [b, n, c]"""
        t: Tensor = self.norm(x)
        out: Tensor = x + self.block(t)
        return out


class AmlpVision(nn.Module):
    """aMLP: gMLP with a little attention beside each gate."""

    def __init__(
        self,
        patch: Sequence[int] = (16, 16),
        dim: int = 512,
        depth: int = 6,
        ff_mult: int = 4,
        num_classes: int = 1000,
    ) -> None:
        super().__init__()
        require(len(patch) == 2 and min(patch) >= 1, "2 patch from 1 on")
        require(dim >= 2, "dim from 2 on")
        require(depth >= 1, "depth from 1 on")
        require(ff_mult >= 1, "ff_mult from 1 on")
        require(num_classes >= 1, "num_classes from 1 on")
        require(256 % patch[0] == 0, "256 % patch[0] == 0")
        require(256 % patch[1] == 0, "256 % patch[1] == 0")
        require(256 // patch[0] >= 1, "256 // patch[0] >= 1")
        require(256 // patch[1] >= 1, "256 // patch[1] >= 1")
        require(dim * ff_mult // 2 >= 2, "dim * ff_mult // 2 >= 2")
        require(dim * ff_mult % 2 == 0, "dim * ff_mult % 2 == 0")
        require(
            256 // patch[0] * (256 // patch[1]) != 1,
            "256 // patch[0] * (256 // patch[1]) != 1",
        )
        self.to_patch_embed = nn.Linear(3 * (patch[0] * patch[1]), dim)
        self.layers = nn.Sequential(
            *(
                PrenormResidual(
                    256 // patch[0] * (256 // patch[1]),
                    dim,
                    hidden=dim * ff_mult,
                    weight_start=-0.001 / (256 // patch[0] * (256 // patch[1])),
                    weight_start2=0.001 / (256 // patch[0] * (256 // patch[1])),
                )
                for _ in range(depth)
            )
        )
        self.norm = nn.LayerNorm(dim)
        self.to_logits = nn.Linear(dim, num_classes)
        self.patch = patch

    def forward(self, image_: Tensor) -> Tensor:
        """[b, 3, 256, 256] -> [b, num_classes]"""
        _, _, h, w = image_.shape
        if (h, w) != (256, 256):
            raise ValueError(
                f"AmlpVision is built for inputs of 3x256x256, not 3x{h}x{w}; build "
                "its spec with that --input"
            )
        patches = torch.unflatten(
            torch.unflatten(image_, 3, (-1, self.patch[1])), 2, (-1, self.patch[0])
        )
        patches = patches.permute(0, 2, 4, 1, 3, 5).flatten(3, 5).flatten(1, 2)
        out: Tensor = self.to_logits(
            self.norm(self.layers(self.to_patch_embed(patches))).mean(1)
        )
        return out
