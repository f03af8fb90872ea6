"""Long short-term memory."""

from __future__ import annotations

from archspec.opdef import args as arg
from archspec.opdef.allocator import Allocator
from archspec.opdef.fake_tensor import FakeTensor
from archspec.opdef.faults import WrongRank
from archspec.opdef.init import Initialiser
from archspec.opdef.op import Op, Weight
from archspec.opdef.types import TensorType
from archspec.sym.number import largest


class Lstm(Op):
    """Long short-term memory over ``[n, c]``, the outputs of the last layer: ``[n, hidden]``, or twice that both ways.

    Arithmetic: 2 a multiply-accumulate of the gates, and 12 a hidden element and step. fvcore does not count it.
    """

    hidden: int = arg.size()
    layers: int = arg.size(1)
    both_ways: bool = arg.flag(False)
    bias: bool = arg.flag(True)
    knows = "the size of the input's last axis"
    needs_batch = True
    remarks = {
        "macs": "recurrences are left out",
        "torch": "2 a multiply-accumulate of the gates; a fused kernel (mkldnn, cuDNN) hides them from the tool",
    }
    made_for = ("c",)
    examples = ("lstm(5): [3, 4] -> [3, 5]", "lstm(5, layers = 2, both_ways = true): [3, 4] -> [3, 10]")

    def infer(self) -> tuple[TensorType, ...]:
        if self.x.rank != 2 or not self.x.batched:
            raise WrongRank(self.name(), "[n, c]", self.x)
        self.c = self.x.shape[1]
        return (self.x.with_shape(self.x.shape[0], self.hidden * (2 if self.both_ways else 1)),)

    @property
    def depth(self) -> int:
        return self.layers * (2 if self.both_ways else 1)

    def _inputs(self) -> list[int]:
        """The width of the input of each layer."""
        return [self.c, *([self.y.shape[1]] * (int(self.layers) - 1))]

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

    def run(self, allocator: Allocator, *inputs: FakeTensor) -> tuple[FakeTensor, ...]:
        """One step after the other; float32 and bfloat16 go to oneDNN, whose workspace is an estimate."""
        fused = allocator.dtype in ("float32", "bfloat16")
        x = inputs[0].swapped(0, 1)
        n, b, _ = x.sizes
        of: dict[str, dict[str, FakeTensor]] = {}
        for name, w in allocator.weights.items():
            of.setdefault(name.split("_", 2)[2], {})[name] = w
        for layer in range(int(self.layers)):
            ways = [f"l{layer}", f"l{layer}_reverse"][: 2 if self.both_ways else 1]
            weights = [of[way] for way in ways]
            x = self._fused(allocator, x, weights) if fused else self._stepwise(allocator, x, weights)
        return (allocator.look(allocator.new((n, b, self.y.shape[1]), *allocator.weights.values()).swapped(0, 1)),)

    def _fused(self, allocator: Allocator, x: FakeTensor, ways: list[dict[str, FakeTensor]]) -> FakeTensor:
        """A layer by oneDNN: kept are its input, weights, biases, the output, first and last states, the workspace."""
        x = allocator.contiguous(x)
        n, b, _ = x.sizes
        for weights in ways:
            states = [allocator.new((b, self.hidden)) for _ in range(4)]
            made = allocator.new((n, b, self.hidden))
            if allocator.training:
                allocator.save(
                    x, *weights.values(), made, *states, allocator.new((self._workspace(allocator, x),), item=1)
                )
            if not self.bias:  # zeros of the weights' sizes stand for the biases
                allocator.save(*(allocator.new(w.sizes) for w in weights.values()))
            if not allocator.training:
                allocator.free(*states)
        return allocator.new((n, b, self.hidden * len(ways)), *ways[0].values())

    def _workspace(self, allocator: Allocator, x: FakeTensor) -> int:
        """Bytes: gates, states of the layers and of time, and the like for backward, rows padded, pages whole.

        An estimate: what is kept is so within 3% in float32, and up to 10% too much in bfloat16.
        """
        n, b, width = x.sizes
        widest, rows = largest(width, self.hidden), 2 * (n + 1) * b
        wide, hidden = _padded(widest, allocator.item), _padded(self.hidden, allocator.item)
        own = (n * b * _padded(4 * self.hidden, allocator.item), rows * wide, rows * hidden)
        wide, hidden = _padded(widest, 4), _padded(self.hidden, 4)
        single = (rows * wide, rows * wide, rows * hidden, (n + 1) * b * hidden * 4 // 5)
        return sum(PAGE * -(-size // PAGE) for size in (*(allocator.item * m for m in own), *(4 * m for m in single)))

    def _stepwise(self, allocator: Allocator, x: FakeTensor, ways: list[dict[str, FakeTensor]]) -> FakeTensor:
        """A layer step by step: kept are its input, and of each step the gates, both states and the tanh of one."""
        n, b, width = x.sizes
        for weights in ways:
            rows = allocator.reshape(x, (n * b, width))
            allocator.save(rows, allocator.new((b * n * 7 * self.hidden,)))
            if n > 1:  # the first step comes from zeros, which have no gradient
                allocator.save(*(weights[k] for k in weights if "weight_hh" in k))
            allocator.save_for((x,), *(weights[k] for k in weights if "weight_ih" in k))
        return allocator.new((n, b, self.hidden * len(ways)), *ways[0].values())


PAGE = 4096


def _padded(width: int, item: int) -> int:
    """The row of a matrix that oneDNN keeps: whole cache lines, and not a multiple of 256 numbers."""
    line = 64 // item
    row = -(-width // line) * line
    return row + line if row % 256 == 0 else row
