"""Natural logarithm."""

from archspec.targets.torch.calls import function

apply = function("torch.log")
