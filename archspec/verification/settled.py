"""Chance taken out of training: what torch would draw is a fixed pattern, so that two roads can be held together."""

from __future__ import annotations

from contextlib import AbstractContextManager
from typing import Any

GOLDEN = 0.6180339887498949


def settled() -> AbstractContextManager[Any]:
    """Where this is entered, dropout drops by the place of an element, and single draws are halves and zeros."""
    import torch
    import torch.nn.functional as F
    from torch.overrides import TorchFunctionMode

    def dropped(x: Any, rate: float) -> Any:
        """``x`` without a share of ``rate`` of its elements, chosen by their place, the rest scaled as dropout does."""
        if rate >= 1:
            return x * 0.0
        places = torch.arange(1, x.numel() + 1, dtype=torch.float64, device=x.device).reshape(x.shape)
        return x * (places * GOLDEN % 1 >= rate).to(x.dtype) / (1 - rate)

    class FixedPattern(TorchFunctionMode):
        def __torch_function__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
            given = dict(kwargs or {})
            if func is F.dropout:
                called = {**DROPOUT, **dict(zip(DROPOUT, args)), **given}
                return dropped(called["input"], called["p"]) if called["training"] else called["input"]
            if func is F.scaled_dot_product_attention and given.get("dropout_p"):
                rate = given.pop("dropout_p")
                return dropped(func(*args, **given), rate)
            if func is torch.rand and args == ((),):
                return torch.tensor(0.5)
            if func is torch.randint:
                return torch.tensor(0)
            return func(*args, **given)

    return FixedPattern()


DROPOUT: dict[str, Any] = {"input": None, "p": 0.5, "training": True, "inplace": False}
"""The parameters of ``torch.nn.functional.dropout``, with their defaults."""
