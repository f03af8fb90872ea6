"""Places and ranges of axes."""

from __future__ import annotations

from typing import Any

from archspec.opdef.code import Code, Raw, Slots, Subscript
from archspec.opdef.faults import BadArgument
from archspec.opdef.op import Op
from archspec.opdef.types import TensorType


class Index(Op):
    """``x[0]``, ``x[:, 1:]``: a place or a range on each of the first axes, the batch not counted; no arithmetic."""

    dtypes = ("float", "int")
    saves = ()
    view = True
    examples = ("x[0]: [3, 4] -> [4]", "x[:, 1:3]: [3, 4] -> [3, 2]", "x[-1, :2]: [3, 4] -> [2]")

    def __init__(self, values: Any, inputs: tuple[TensorType, ...]) -> None:
        self.items: tuple[int | tuple[int | None, int | None], ...] = values["items"]
        super().__init__({}, inputs)

    def infer(self) -> tuple[TensorType, ...]:
        if len(self.items) > self.x.rank:
            raise BadArgument(self.name(), "[...]", f"at most {self.x.rank} long for {self.x}", str(len(self.items)))
        shape = []
        for item, size in zip(self.items, self.x.shape):
            if isinstance(item, tuple):
                start, stop, _ = slice(*item).indices(size)
                shape.append(size if item == (None, None) else max(0, stop - start))
            elif not -size <= item < size:
                raise BadArgument(self.name(), "[...]", f"from {-int(size)} to {int(size) - 1}", str(int(item)))
        return (self.x.with_shape(*shape, *self.x.shape[len(self.items) :]),)

    def structure(self) -> tuple[object, ...]:
        return (*super().structure(), self.items)

    def torch(self, slot: Slots, *inputs: Code) -> Code:
        def written(item: int | tuple[int | None, int | None]) -> Code:
            if not isinstance(item, tuple):
                return Raw(str(int(item)))
            start, stop = ("" if bound is None else str(int(bound)) for bound in item)
            return Raw(f"{start}:{stop}")

        items = [written(item) for item in self.items]
        while items and items[-1] == Raw(":"):
            items.pop()
        front = [Raw(":")] if self.x.batched else []
        return Subscript(inputs[0], (*front, *items)) if items else inputs[0]
