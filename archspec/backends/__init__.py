"""What a framework adds to the sources written for it: loading them as live modules, and reading checkpoints."""
