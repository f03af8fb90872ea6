"""log(sigmoid(x))."""

from archspec.targets.torch.calls import function, module

layer = module("nn.LogSigmoid")
apply = function("F.logsigmoid")
