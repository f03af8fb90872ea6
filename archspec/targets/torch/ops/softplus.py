"""Softplus."""

from archspec.targets.torch.calls import function, module

layer = module("nn.Softplus")
apply = function("F.softplus")
