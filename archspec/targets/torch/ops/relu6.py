"""ReLU6."""

from archspec.targets.torch.calls import function, module

layer = module("nn.ReLU6")
apply = function("F.relu6")
