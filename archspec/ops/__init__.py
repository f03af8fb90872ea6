"""The primitive ops, one a file. This folder is the registry: see :mod:`archspec.opdef.registry`."""
