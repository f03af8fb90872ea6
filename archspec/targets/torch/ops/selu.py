"""Self-normalising ELU."""

from archspec.targets.torch.calls import function, module

layer = module("nn.SELU")
apply = function("F.selu")
