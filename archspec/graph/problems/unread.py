"""What a module has and nothing in it uses."""

from __future__ import annotations

from typing import ClassVar

from archspec.diagnostics import Problem


class NeverApplied(Problem):
    """A layer-to-be that nothing in its body mentions again."""

    code: ClassVar[str] = "W0301"
    name: str
    entries: tuple[int, int] | None = None
    started: bool = False

    def message(self) -> str:
        if self.entries is None:
            return f"`{self.name}` is never applied, so it is no layer of the model"
        first, count = self.entries
        if first == count - 1:
            return f"entry {first} of `{self.name}` is never applied, so it is no layer of the model"
        return f"entries {first} to {count - 1} of `{self.name}` are never applied, so they are no layers of the model"

    def notes(self) -> tuple[str, ...]:
        return (f"`init {self.name}` goes with it",) if self.started else ()

    def help(self) -> str | None:
        return "apply it, or leave it out" if self.entries is None else "make the list as long as its use"


class NeverRead(Problem):
    """Weights that no result depends on."""

    code: ClassVar[str] = "W0302"
    name: str
    layer: bool = True

    def message(self) -> str:
        if not self.layer:
            return f"nothing reads `{self.name}`, so it is never trained"
        return f"nothing reads what `{self.name}` gives, so its weights are never trained"

    def notes(self) -> tuple[str, ...]:
        return ("it stays in the model with its keys, and is not run",) if self.layer else ()

    def help(self) -> str | None:
        return "use its result, or leave it out" if self.layer else "use it, or leave it out"
