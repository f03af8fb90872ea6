"""Mean over axes."""

from archspec.targets.torch.calls import reduction

apply = reduction("mean")
