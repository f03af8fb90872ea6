"""Difference."""

from archspec.targets.torch.calls import arithmetic

apply = arithmetic
