"""Error function."""

from archspec.targets.torch.calls import function

apply = function("torch.erf")
