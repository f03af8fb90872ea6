"""The command ``archspec``. Exit 0: good; 1: the spec, or what it was given, is wrong; 2: the call is wrong."""

from archspec.cli.main import main

__all__ = ["main"]
