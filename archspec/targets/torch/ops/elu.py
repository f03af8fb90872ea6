"""ELU."""

from archspec.targets.torch.calls import function, module

layer = module("nn.ELU")
apply = function("F.elu")
