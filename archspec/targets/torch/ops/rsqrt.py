"""1 / sqrt(x)."""

from archspec.targets.torch.calls import function

apply = function("torch.rsqrt")
