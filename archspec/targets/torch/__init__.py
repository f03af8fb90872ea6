"""PyTorch."""

from __future__ import annotations

from typing import ClassVar

from archspec.emit.target import Target


class TorchTarget(Target):
    """Modules of ``torch.nn``, in a file that needs nothing but torch."""

    ops: ClassVar[str] = "archspec.targets.torch.ops"
    templates: ClassVar[str] = "torch"


TORCH = TorchTarget()
