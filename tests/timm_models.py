"""timm without torchvision: a stand-in for the names that timm imports from it and these models never use."""

from __future__ import annotations

import importlib.machinery
import importlib.util
import sys
import types
from typing import Any


class _Names(type):
    """A class whose attributes are their own names, as an enumeration's would be."""

    def __getattr__(cls, name: str) -> str:
        if name.startswith("__"):
            raise AttributeError(name)
        return name


class _Standin(types.ModuleType):
    __path__: list[str] = []

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        made = _Names(name, (), {})
        setattr(self, name, made)
        return made


def import_timm() -> types.ModuleType | None:
    """timm, or None where it is not installed."""
    if importlib.util.find_spec("timm") is None:
        return None
    if importlib.util.find_spec("torchvision") is None:
        for name in (
            "torchvision",
            "torchvision.datasets",
            "torchvision.datasets.folder",
            "torchvision.io",
            "torchvision.models",
            "torchvision.models.feature_extraction",
            "torchvision.ops",
            "torchvision.ops.misc",
            "torchvision.transforms",
            "torchvision.transforms.functional",
        ):
            module = _Standin(name)
            module.__spec__ = importlib.machinery.ModuleSpec(name, None)
            sys.modules[name] = module
            parent, _, child = name.rpartition(".")
            if parent:
                setattr(sys.modules[parent], child, module)
    import timm

    found: types.ModuleType = timm
    return found
