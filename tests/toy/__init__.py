"""A target of three ops: modules of ``framework.py``, which are numpy, spelled a little as Flax spells its own."""
