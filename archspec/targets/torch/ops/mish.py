"""Mish."""

from archspec.targets.torch.calls import function, module

layer = module("nn.Mish")
apply = function("F.mish")
