"""Sum over axes."""

from archspec.targets.torch.calls import reduction

apply = reduction("sum")
