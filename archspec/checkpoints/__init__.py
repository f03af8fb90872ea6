"""Published checkpoints: their keys in the spec's terms, their files, their tensors."""
