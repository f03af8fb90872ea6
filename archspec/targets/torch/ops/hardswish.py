"""Hardswish."""

from archspec.targets.torch.calls import function, module

layer = module("nn.Hardswish")
apply = function("F.hardswish")
