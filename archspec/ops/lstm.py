"""Long short-term memory."""

from __future__ import annotations

from archspec.opdef import args as arg
from archspec.opdef.code import Code, Slots, Subscript, call, raw
from archspec.opdef.faults import WrongRank
from archspec.opdef.init import Initialiser
from archspec.opdef.op import Op, Weight
from archspec.opdef.types import TensorType


class Lstm(Op):
    """Long short-term memory over ``[n, c]``, the outputs of the last layer: ``[n, hidden]``, or twice that both ways.

    Arithmetic: 2 a multiply-accumulate of the gates, and 12 a hidden element and step. fvcore does not count it.
    """

    hidden: int = arg.size()
    layers: int = arg.size(1)
    both_ways: bool = arg.flag(False)
    bias: bool = arg.flag(True)
    saves_weights = ("weight",)
    needs_batch = True
    remarks = {
        "macs": "recurrences are left out",
        "torch": "2 a multiply-accumulate of the gates; a fused kernel (mkldnn, cuDNN) hides them from the tool",
    }
    examples = ("lstm(5): [3, 4] -> [3, 5]", "lstm(5, layers = 2, both_ways = true): [3, 4] -> [3, 10]")

    def infer(self) -> tuple[TensorType, ...]:
        if self.x.rank != 2 or not self.x.batched:
            raise WrongRank(self.name(), "[n, c]", self.x)
        self.c = self.x.shape[1]
        return (self.x.with_shape(self.x.shape[0], self.hidden * (2 if self.both_ways else 1)),)

    def _inputs(self) -> list[int]:
        """The width of the input of each layer."""
        return [self.c, *([self.y.shape[1]] * (self.layers - 1))]

    def weights(self) -> tuple[Weight, ...]:
        init = Initialiser("fan_in_uniform", (self.hidden,), own=True)
        made = []
        for layer, width in enumerate(self._inputs()):
            for way in ("", "_reverse")[: 2 if self.both_ways else 1]:
                made.append(Weight(f"weight_ih_l{layer}{way}", (4 * self.hidden, width), init))
                made.append(Weight(f"weight_hh_l{layer}{way}", (4 * self.hidden, self.hidden), init))
                if self.bias:
                    made.append(Weight(f"bias_ih_l{layer}{way}", (4 * self.hidden,), init))
                    made.append(Weight(f"bias_hh_l{layer}{way}", (4 * self.hidden,), init))
        return tuple(made)

    @property
    def _steps(self) -> int:
        """Steps of the recurrence, both ways."""
        return self.x.shape[0] * (2 if self.both_ways else 1)

    def flops(self) -> int:
        return self.torch_flops() + self._steps * 12 * self.hidden * self.layers

    def torch_flops(self) -> int:
        return 2 * self._steps * sum(4 * self.hidden * (width + self.hidden) for width in self._inputs())

    def torch_layer(self, slot: Slots) -> Code:
        return call(
            "nn.LSTM",
            slot("c"),
            slot("hidden"),
            num_layers=slot.unless("layers", 1),
            bias=slot.unless("bias", True),
            batch_first=raw(True),
            bidirectional=slot.unless("both_ways", False),
        )

    def torch(self, slot: Slots, *inputs: Code) -> Code:
        return Subscript(call(*inputs), (raw(0),))
