"""Tanh."""

from archspec.targets.torch.calls import function, module

layer = module("nn.Tanh")
apply = function("torch.tanh")
