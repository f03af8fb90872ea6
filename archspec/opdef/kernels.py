"""Which of its kernels torch takes for a convolution on a CPU, and how these lay their outputs out."""

from __future__ import annotations

from dataclasses import replace
from math import prod

from archspec.opdef.allocator import Allocator
from archspec.opdef.fake_tensor import FakeTensor, Sizes, channels_last, is_channels_last, is_contiguous, row_major


def takes_onednn(allocator: Allocator, x: FakeTensor, kernel: tuple[int, ...], groups: int) -> bool:
    """Whether a convolution of ``x``, of sizes ``[b, c, *s]``, goes to oneDNN and not to torch's own kernel.

    That makes a difference to volumes alone, so it is asked for them alone: each answer is a decision on sizes.

    As ``ConvParams::use_mkldnn`` decides it with several threads, and on a CPU that computes in bfloat16 but not in
    float16: small ones of one sample stay with torch.
    """
    if allocator.dtype != "float32":
        return allocator.dtype == "bfloat16"
    return groups > 1 or min(kernel[-2:]) > 3 or x.sizes[0] > 1 or prod(x.sizes[:4]) > 20480


def convolved(x: FakeTensor, sizes: Sizes, onednn: bool) -> Sizes:
    """The strides of a convolution of ``x`` (as above) to ``sizes``: with channels last where the input has them so.

    A line is made contiguous and convolved as an image of one row; of a volume oneDNN alone keeps the order.
    """
    if x.rank == 3:
        line = x if is_contiguous(x) else replace(x, strides=row_major(x.sizes))
        batch, channels, _, places = convolved(line.unsqueezed(2), (*sizes[:2], 1, sizes[2]), onednn)
        return (batch, channels, places)
    return channels_last(sizes) if is_channels_last(x) and (x.rank == 4 or onednn) else row_major(sizes)
