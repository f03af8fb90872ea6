"""Where the grammar, the shipped specs and the templates are: beside the package, or inside it in a wheel."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path


@lru_cache(maxsize=1)
def root() -> Path:
    """The folder that holds ``grammars``, ``specs`` and ``templates``."""
    package = Path(__file__).resolve().parent
    packed = package / "_data"
    return packed if packed.is_dir() else package.parent


def resource(*parts: str) -> Path:
    """The path of a shipped file or folder, such as ``resource("specs", "std")``."""
    return root().joinpath(*parts)
