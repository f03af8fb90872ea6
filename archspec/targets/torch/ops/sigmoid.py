"""Sigmoid."""

from archspec.targets.torch.calls import function, module

layer = module("nn.Sigmoid")
apply = function("torch.sigmoid")
