"""SiLU."""

from archspec.targets.torch.calls import function, module

layer = module("nn.SiLU")
apply = function("F.silu")
