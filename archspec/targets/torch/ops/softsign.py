"""x / (1 + |x|)."""

from archspec.targets.torch.calls import function, module

layer = module("nn.Softsign")
apply = function("F.softsign")
