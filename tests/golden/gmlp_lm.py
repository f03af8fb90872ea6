"""The causal language model, its spatial weights circulant.

gMLP: pay attention to MLPs (arXiv:2105.08050).

Written by archspec from gmlp.arch (model gmlp_lm).
Input 256; 29,996,576 parameters; 5.44G multiply-accumulates.
Checksum ca762ba6c0f7 of the text as it was written.
"""

import torch
import torch.nn.functional as F
from torch import Tensor, nn


def require(holds: bool, what: str) -> None:
    """Refuses arguments for which this file was not written."""
    if not holds:
        raise ValueError(f"written for {what}; for others, archspec build --set ...")


class Circulant(nn.Module):
    """A matrix for each head whose row i is the vector moved i places to the
    right, nothing coming in on the left.
    """

    def forward(self, w: Tensor) -> Tensor:
        """[h, 256] -> [h, 256, 256]"""
        h, n = w.shape
        rows = F.pad(w, (0, 256)).repeat(1, 256)[:, :-n].reshape(h, n, -1)
        return rows[:, :, n - 1 :]


class Sgu(nn.Module):
    """Spatial gating unit: one half of the channels, mixed over places, gates the
    other (arXiv:2105.08050, section 2.1).

    ``gate_bias``, where there is one, is added to the gate before its
    activation.
    """

    def __init__(self, heads: int, channels: int) -> None:
        super().__init__()
        self.circulant_pos_x = nn.Parameter(torch.empty(heads, 256))
        self.circulant_pos_y = nn.Parameter(torch.empty(heads, 256))
        self.weight = nn.Parameter(torch.empty(heads, 256))
        self.bias = nn.Parameter(torch.empty(heads, 256))
        self.circulant = Circulant()
        self.norm = nn.LayerNorm(channels)
        self.heads = heads
        self.reset_parameters()

    def reset_parameters(self) -> None:
        nn.init.ones_(self.circulant_pos_x)
        nn.init.ones_(self.circulant_pos_y)
        nn.init.uniform_(self.weight, -3.90625e-06, 3.90625e-06)
        nn.init.ones_(self.bias)

    def forward(self, x: Tensor) -> Tensor:
        """[b, 256, c] -> [b, 256, c // 2]"""
        full: Tensor = self.circulant(self.weight)
        full = full * self.circulant_pos_x.unsqueeze(2)
        full = full * self.circulant_pos_y.unsqueeze(1)
        full = full.tril()
        res, gate = x.chunk(2, dim=2)
        gate = self.norm(gate).unflatten(2, (self.heads, -1)).transpose(1, 2)
        gate = torch.einsum("bhnd,hmn->bhmd", gate, full)
        gate = gate + self.bias.unsqueeze(2)
        gate = gate.transpose(1, 2).flatten(2, 3)
        return torch.tanh(gate) * res


class GmlpBlock(nn.Module):
    """A linear map out, the gating unit, a linear map in; with a little attention
    beside the gate for aMLP.
    """

    def __init__(self, c: int, hidden: int, heads: int, channels: int) -> None:
        super().__init__()
        self.proj_in = nn.Linear(c, hidden)
        self.gate = Sgu(heads=heads, channels=channels)
        self.proj_out = nn.Linear(hidden // 2, c)

    def forward(self, x: Tensor) -> Tensor:
        """[b, 256, c] -> [b, 256, c]"""
        out: Tensor = self.proj_out(self.gate(F.gelu(self.proj_in(x))))
        return out


class PrenormResidual(nn.Module):
    """Norm, tokens shifted, block, added to the input."""

    def __init__(self, c: int, hidden: int, heads: int, channels: int) -> None:
        super().__init__()
        self.norm = nn.LayerNorm(c)
        self.block = GmlpBlock(c, hidden=hidden, heads=heads, channels=channels)

    def forward(self, x: Tensor) -> Tensor:
        """[b, 256, c] -> [b, 256, c]"""
        t: Tensor = self.norm(x)
        out: Tensor = x + self.block(t)
        return out


class GmlpLm(nn.Module):
    """The causal language model, its spatial weights circulant."""

    def __init__(
        self,
        tokens: int = 20000,
        dim: int = 512,
        depth: int = 6,
        ff_mult: int = 4,
        heads: int = 4,
    ) -> None:
        super().__init__()
        require(tokens >= 1, "tokens from 1 on")
        require(dim >= 2, "dim from 2 on")
        require(depth >= 1, "depth from 1 on")
        require(ff_mult >= 1, "ff_mult from 1 on")
        require(heads >= 2 and heads <= 255, "heads from 2 to 255")
        require(dim % heads == 0, "dim % heads == 0")
        require(dim * ff_mult % (2 * heads) == 0, "dim * ff_mult % (2 * heads) == 0")
        require(dim * ff_mult % 2 == 0, "dim * ff_mult % 2 == 0")
        require(dim * ff_mult // 2 % heads == 0, "dim * ff_mult // 2 % heads == 0")
        require(dim * ff_mult // 2 // heads != 1, "dim * ff_mult // 2 // heads != 1")
        require(dim * ff_mult // 2 != 1, "dim * ff_mult // 2 != 1")
        self.to_embed = nn.Embedding(tokens, dim)
        self.layers = nn.Sequential(
            *(
                PrenormResidual(
                    dim, hidden=dim * ff_mult, heads=heads, channels=dim * ff_mult // 2
                )
                for _ in range(depth)
            )
        )
        self.norm = nn.LayerNorm(dim)
        self.to_logits = nn.Linear(dim, tokens)

    def forward(self, ids: Tensor) -> Tensor:
        """[b, 256] -> [b, 256, tokens]"""
        _, length = ids.shape
        if length != 256:
            raise ValueError(
                f"GmlpLm is built for inputs of 256, not {length}; build its spec with "
                "that --input"
            )
        out: Tensor = self.to_logits(self.norm(self.layers(self.to_embed(ids))))
        return out
