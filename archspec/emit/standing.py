"""The code that stands for each tensor while a body is written, and what of it reads a variable."""

from __future__ import annotations

from archspec.emit.code import Code
from archspec.emit.layout import mentions


class Standing(dict[int, Code]):
    """Code by tensor; those that read a name are found without a look at the others."""

    def __init__(self) -> None:
        super().__init__()
        self._readers: dict[str, set[int]] = {}

    def __setitem__(self, tensor: int, code: Code) -> None:
        super().__setitem__(tensor, code)
        for name in mentions(code):
            self._readers.setdefault(name, set()).add(tensor)

    def reading(self, name: str) -> list[int]:
        """The tensors whose code reads a name, the first first."""
        known = self._readers.get(name, ())
        found = {tensor for tensor in known if tensor in self and name in mentions(self[tensor])}
        self._readers[name] = found
        return sorted(found)
