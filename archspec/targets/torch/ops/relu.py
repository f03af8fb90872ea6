"""ReLU."""

from archspec.targets.torch.calls import function, module

layer = module("nn.ReLU")
apply = function("F.relu")
