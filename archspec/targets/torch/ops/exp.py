"""e to the power of each element."""

from archspec.targets.torch.calls import function

apply = function("torch.exp")
