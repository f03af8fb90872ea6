"""min(max(x + 3, 0), 6) / 6."""

from archspec.targets.torch.calls import function, module

layer = module("nn.Hardsigmoid")
apply = function("F.hardsigmoid")
