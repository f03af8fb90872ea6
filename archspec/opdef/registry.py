"""The folder ``archspec/ops`` read as a table: file name to op class, each imported when first asked for."""

from __future__ import annotations

from functools import cache, lru_cache
from importlib import import_module
from pathlib import Path
from typing import cast

from archspec.opdef.op import Op

FOLDER = Path(__file__).resolve().parent.parent / "ops"


@lru_cache(maxsize=1)
def op_names() -> frozenset[str]:
    """The names of all ops."""
    return frozenset(path.stem for path in FOLDER.glob("*.py") if path.stem != "__init__")


@cache
def find_op(name: str) -> type[Op]:
    """The op of that name, which must exist: the one public class of its file."""
    module = import_module(f"archspec.ops.{name}")
    own = [item for item in vars(module).values() if isinstance(item, type) and item.__module__ == module.__name__]
    return cast("type[Op]", own[0])
