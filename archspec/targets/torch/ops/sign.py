"""-1, 0 or 1."""

from archspec.targets.torch.calls import function

apply = function("torch.sign")
