"""MetaFormer-S12: pooling in two stages, attention in the last two.

The official code spells its channel layer norm with elementwise ops, which
fvcore does not see. Here it is one
layer_norm, counted 5 an element, so that the fvcore total lies above the
official one by just that.

PoolFormer: MetaFormer is actually what you need for vision
(arXiv:2111.11418).

Written by archspec from metaformer.arch (model metaformer_ppaa_s12_224).
Input 3x224x224; 16,535,592 parameters; 2.549G multiply-accumulates.
Checksum 92d3f27388e8 of the text as it was written.
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
        if self.bias is not None:
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


class ChannelLayerNorm(nn.Module):
    """Layer normalisation over the channels of an image, at each place by itself
    (as in arXiv:2201.03545).
    """

    def __init__(self, c: int) -> None:
        super().__init__()
        self.norm = nn.LayerNorm(c)

    def forward(self, x: Tensor) -> Tensor:
        """[b, c, h, w] -> [b, c, h, w]"""
        out: Tensor = self.norm(x.permute(0, 2, 3, 1)).permute(0, 3, 1, 2)
        return out


class Classifier(nn.Module):
    """Norm, mean over all places, linear; features alone where `num_classes` is 0."""

    def __init__(self, c: int, num_classes: int) -> None:
        super().__init__()
        self.norm = ChannelLayerNorm(c)
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

    def forward(self, x: Tensor) -> Tensor:
        """[b, c, h, w] -> [b, c, h, w]"""
        return F.avg_pool2d(x, 3, stride=1, padding=1, count_include_pad=False) - x


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


class Attention(nn.Module):
    """Multi-head self-attention over all places (arXiv:1706.03762)."""

    def __init__(self, c: int) -> None:
        super().__init__()
        self.qkv = Linear(c, 3 * c, bias=False)
        self.proj = Linear(c, c)

    def forward(self, x: Tensor) -> Tensor:
        """[b, c, h, w] -> [b, c, h, w]"""
        _, _, h, w = x.shape
        tokens = x.permute(0, 2, 3, 1).flatten(1, 2)
        y: Tensor = self.qkv(tokens).unflatten(2, (3, -1, 32)).permute(0, 2, 3, 1, 4)
        q, k, v = y.unbind(1)
        y = F.scaled_dot_product_attention(q, k, v).transpose(1, 2)
        y = y.flatten(2, 3)
        out: Tensor = self.proj(y).unflatten(1, (h, w)).permute(0, 3, 1, 2)
        return out


class Metaformer(nn.Module):
    """MetaFormer block: a token mixer and an MLP, each normed, scaled and residual
    (arXiv:2111.11418, figure 2).
    """

    def __init__(
        self,
        c: int,
        layer_scale: float,
        drop_path_rate: float,
        ratio: int,
        dropout_rate: float,
        token_mixer: nn.Module,
    ) -> None:
        super().__init__()
        self.norm1 = ChannelLayerNorm(c)
        self.token_mixer = token_mixer
        self.layer_scale_1 = Scale(c, start=layer_scale)
        self.drop = DropPath(drop_prob=drop_path_rate)
        self.norm2 = ChannelLayerNorm(c)
        self.mlp = ConvMlp(c, ratio=ratio, dropout_rate=dropout_rate)
        self.layer_scale_2 = Scale(c, start=layer_scale)

    def forward(self, x: Tensor) -> Tensor:
        """[b, c, h, w] -> [b, c, h, w]"""
        x = x + self.drop(self.layer_scale_1(self.token_mixer(self.norm1(x))))
        out: Tensor = x + self.drop(self.layer_scale_2(self.mlp(self.norm2(x))))
        return out


class LearnedPosition(nn.Module):
    """Adds a learned embedding of each place; fixed to one input size."""

    def __init__(self, c: int) -> None:
        super().__init__()
        self.pos_embed = nn.Parameter(torch.empty(1, c, 14, 14))
        self.reset_parameters()

    def reset_parameters(self) -> None:
        nn.init.zeros_(self.pos_embed)

    def forward(self, x: Tensor) -> Tensor:
        """[b, c, 14, 14] -> [b, c, 14, 14]"""
        return x + self.pos_embed[0]


class Stage(nn.Module):
    """One stage: downsampling, position embedding, then the blocks."""

    def __init__(
        self, blocks: nn.Module, downsample: nn.Module, position: nn.Module
    ) -> None:
        super().__init__()
        self.downsample = downsample
        self.position = position
        self.blocks = blocks

    def forward(self, x: Tensor) -> Tensor:
        """[b, _, _, _] -> [b, _, _, _]"""
        out: Tensor = self.blocks(self.position(self.downsample(x)))
        return out


class MetaformerPpaaS12_224(nn.Module):
    """MetaFormer-S12: pooling in two stages, attention in the last two.

    The official code spells its channel layer norm with elementwise ops, which
    fvcore does not see. Here it is one
    layer_norm, counted 5 an element, so that the fvcore total lies above the
    official one by just that.
    """

    def __init__(
        self,
        depths: Sequence[int] = (2, 2, 6, 2),
        dims: Sequence[int] = (64, 128, 320, 512),
        mlp_ratio: int = 4,
        layer_scale: float = 1e-05,
        drop_path_rate: float = 0.0,
        drop_rate: float = 0.0,
        num_classes: int = 1000,
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
        require(dims[2] % 32 == 0, "dims[2] % 32 == 0")
        require(dims[3] % 32 == 0, "dims[3] % 32 == 0")
        drop_path_rates = tuple(
            drop_path_rate * i / (sum(depths) - 1) for i in range(sum(depths))
        )
        self.stem = PatchEmbed(3, dims[0], kernel=7, stride=4, pad=2)
        self.stages = nn.Sequential(
            Stage(
                blocks=nn.Sequential(
                    *(
                        Metaformer(
                            dims[0],
                            layer_scale=layer_scale,
                            drop_path_rate=drop_path_rate,
                            ratio=mlp_ratio,
                            dropout_rate=drop_rate,
                            token_mixer=Pooling(),
                        )
                        for drop_path_rate in drop_path_rates[: depths[0]]
                    )
                ),
                downsample=nn.Identity(),
                position=nn.Identity(),
            ),
            Stage(
                blocks=nn.Sequential(
                    *(
                        Metaformer(
                            dims[1],
                            layer_scale=layer_scale,
                            drop_path_rate=drop_path_rate,
                            ratio=mlp_ratio,
                            dropout_rate=drop_rate,
                            token_mixer=Pooling(),
                        )
                        for drop_path_rate in drop_path_rates[
                            depths[0] : sum(depths[:2])
                        ]
                    )
                ),
                downsample=PatchEmbed(dims[0], dims[1], kernel=3, stride=2, pad=1),
                position=nn.Identity(),
            ),
            Stage(
                blocks=nn.Sequential(
                    *(
                        Metaformer(
                            dims[2],
                            layer_scale=layer_scale,
                            drop_path_rate=drop_path_rate,
                            ratio=mlp_ratio,
                            dropout_rate=drop_rate,
                            token_mixer=Attention(dims[2]),
                        )
                        for drop_path_rate in drop_path_rates[
                            sum(depths[:2]) : sum(depths[:3])
                        ]
                    )
                ),
                downsample=PatchEmbed(dims[1], dims[2], kernel=3, stride=2, pad=1),
                position=LearnedPosition(dims[2]),
            ),
            Stage(
                blocks=nn.Sequential(
                    *(
                        Metaformer(
                            dims[3],
                            layer_scale=layer_scale,
                            drop_path_rate=drop_path_rate,
                            ratio=mlp_ratio,
                            dropout_rate=drop_rate,
                            token_mixer=Attention(dims[3]),
                        )
                        for drop_path_rate in drop_path_rates[sum(depths[:3]) :]
                    )
                ),
                downsample=PatchEmbed(dims[2], dims[3], kernel=3, stride=2, pad=1),
                position=nn.Identity(),
            ),
        )
        self.head = Classifier(dims[3], num_classes=num_classes)

    def forward(self, image: Tensor) -> Tensor:
        """[b, 3, 224, 224] -> [b, num_classes]"""
        _, _, h, w = image.shape
        if (h, w) != (224, 224):
            raise ValueError(
                f"MetaformerPpaaS12_224 is built for inputs of 3x224x224, not 3x{h}x{w}"
                "; build its spec with that --input"
            )
        x: Tensor = self.stem(image)
        x = self.stages(x)
        out: Tensor = self.head(x)
        return out
