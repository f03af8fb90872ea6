"""The base of normalisations with a gain and a bias."""

from __future__ import annotations

from typing import ClassVar

from archspec.opdef import args as arg
from archspec.opdef.init import ONES, ZEROS
from archspec.opdef.op import Op, Weight


class Norm(Op):
    """A normalisation. Arithmetic: 6 an element (mean, variance, subtract, scale) and 2 more where affine.

    fvcore counts 5 an element where affine and 4 where not.
    """

    eps: float = arg.real(1e-5, 0.0)
    affine: bool = arg.flag(True)
    bias: bool = arg.flag(True)
    channels: int
    plain_weights: ClassVar[bool] = True

    def weights(self) -> tuple[Weight, ...]:
        if not self.affine:
            return ()
        gain = Weight("weight", (self.channels,), ONES)
        return (gain, Weight("bias", (self.channels,), ZEROS)) if self.bias else (gain,)

    @property
    def stateful(self) -> bool:
        return True

    def flops(self) -> int:
        return (6 + self.affine + (self.affine and self.bias)) * self.x.numel

    def fvcore(self) -> int:
        return (5 if self.affine else 4) * self.x.numel
