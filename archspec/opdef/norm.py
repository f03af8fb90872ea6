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

    eps: float = arg.eps(1e-5)
    affine: bool = arg.flag(True)
    remarks = {"fvcore": "5 an element where affine, 4 where not"}
    channels: int
    needs_batch: ClassVar[bool] = True
    made_for: ClassVar[tuple[str, ...]] = ("channels",)

    def weights(self) -> tuple[Weight, ...]:
        if not self.affine:
            return ()
        gain = Weight("weight", (self.channels,), ONES)
        return (gain, Weight("bias", (self.channels,), ZEROS)) if self.has_bias else (gain,)

    @property
    def has_bias(self) -> bool:
        """Whether there is a bias beside the gain."""
        return self.affine

    @property
    def stateful(self) -> bool:
        return True

    def flops(self) -> int:
        return (6 + self.affine + self.has_bias) * self.x.numel

    def fvcore(self) -> int:
        return (5 if self.affine else 4) * self.x.numel
