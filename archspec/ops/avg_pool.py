"""Average pooling."""

from __future__ import annotations

from archspec.opdef import args as arg
from archspec.opdef.code import Code, Slots
from archspec.opdef.pool import Pool


class AvgPool(Pool):
    """Mean over a sliding window of the axes behind the channels; ``stride`` is the window's size unless given.

    ``count_pad = false`` leaves padding out of the mean. Arithmetic: one a window element and output element.
    """

    count_pad: bool = arg.flag(True)
    torch_names = ("F.avg_pool", "nn.AvgPool")
    examples = (
        "avg_pool(3, stride = 1, pad = 1, count_pad = false): [4, 6, 6] -> [4, 6, 6]",
        "avg_pool(2): [4, 6, 6] -> [4, 3, 3]",
        "avg_pool(3, stride = 2, ceil = true): [4, 6] -> [4, 3]",
    )

    def more(self, slot: Slots) -> dict[str, Code | None]:
        return {"count_include_pad": slot.unless("count_pad", True)}
