"""What can be wrong with a checkpoint."""

from __future__ import annotations

from typing import ClassVar

from archspec.diagnostics import Problem
from archspec.diagnostics.suggest import suggestion


class UnknownLayout(Problem):
    """A layout that the spec has no map for."""

    code: ClassVar[str] = "E0501"
    model: str
    layout: str
    known: tuple[str, ...]

    def message(self) -> str:
        return f"`{self.model}` has no checkpoint layout `{self.layout}`"

    def help(self) -> str | None:
        return suggestion(self.layout, self.known, "its layouts")


class MissingKey(Problem):
    """A tensor that the model needs and the checkpoint lacks."""

    code: ClassVar[str] = "E0502"
    key: str
    ours: str
    near: str | None

    def message(self) -> str:
        needed = f" (the model's `{self.ours}`)" if self.ours != self.key else ""
        return f"the checkpoint has no `{self.key}`{needed}"

    def help(self) -> str | None:
        return f"did you mean `{self.near}`?" if self.near else None


class UnexpectedKey(Problem):
    """A tensor in the checkpoint that the model has no place for."""

    code: ClassVar[str] = "E0503"
    key: str

    def message(self) -> str:
        return f"the checkpoint's `{self.key}` has no place in the model"


class WrongShape(Problem):
    """A tensor of another shape than the model's."""

    code: ClassVar[str] = "E0504"
    key: str
    got: tuple[int, ...]
    wanted: tuple[int, ...]

    def message(self) -> str:
        return f"the checkpoint's `{self.key}` is {list(self.got)}, and the model's is {list(self.wanted)}"


class NotReadable(Problem):
    """A file that is not a checkpoint."""

    code: ClassVar[str] = "E0505"
    path: str
    why: str

    def message(self) -> str:
        return f"cannot read the checkpoint `{self.path}`: {self.why}"


class NotCompiled(Problem):
    """A module that archspec did not make."""

    code: ClassVar[str] = "E0506"
    type: str

    def message(self) -> str:
        return f"`{self.type}` was not made by compile_spec, so its keys are not known"


class MoreProblems(Problem):
    """The rest of a long list."""

    code: ClassVar[str] = "E0507"
    count: int

    def message(self) -> str:
        return f"and {self.count} more like these"


class NotWritable(Problem):
    """An output that cannot be written."""

    code: ClassVar[str] = "E0508"
    path: str
    why: str

    def message(self) -> str:
        return f"cannot write `{self.path}`: {self.why}"


class UsedTwice(Problem):
    """A published tensor that two parameters would take."""

    code: ClassVar[str] = "E0509"
    key: str

    def message(self) -> str:
        return f"the map gives the checkpoint's `{self.key}` to two parameters of the model"


class OnMeta(Problem):
    """A model that has no memory to load into."""

    code: ClassVar[str] = "E0510"
    model: str

    def message(self) -> str:
        return f"`{self.model}` is on the meta device, so there is nothing to load into"

    def help(self) -> str | None:
        return 'compile it on a real device, or move it there first: model.to_empty(device="cpu")'
