"""Which of its kernels torch takes for a convolution on a CPU: they lay their outputs out differently."""

from __future__ import annotations

from math import prod

from archspec.opdef.strided import Strided
from archspec.opdef.tape import Tape


def takes_onednn(tape: Tape, x: Strided, kernel: tuple[int, ...], groups: int) -> bool:
    """Whether a convolution of ``x``, of sizes ``[b, c, *s]``, goes to oneDNN and not to torch's own kernel.

    As ``ConvParams::use_mkldnn`` decides it with several threads, and on a CPU that computes in bfloat16 but not in
    float16: small ones of one sample stay with torch.
    """
    if tape.dtype != "float32":
        return tape.dtype == "bfloat16"
    return groups > 1 or min(kernel[-2:]) > 3 or x.sizes[0] > 1 or prod(x.sizes[:4]) > 20480
