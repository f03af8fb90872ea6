"""From a resolved spec to a tree of module instances, every shape checked."""
