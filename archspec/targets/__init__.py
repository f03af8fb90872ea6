"""The frameworks that models are written for, a folder each: see :mod:`archspec.emit.target`."""
