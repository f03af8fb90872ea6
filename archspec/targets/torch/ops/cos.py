"""Cosine."""

from archspec.targets.torch.calls import function

apply = function("torch.cos")
