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


class KeyTwice(Problem):
    """Two tensors of one name in a checkpoint."""

    code: ClassVar[str] = "E0511"
    path: str
    key: str

    def message(self) -> str:
        return f"`{self.path}` holds `{self.key}` twice, and nothing says which one counts"


class ChangedValues(Problem):
    """Numbers that the model's dtype cannot hold."""

    code: ClassVar[str] = "E0512"
    key: str
    theirs: str
    ours: str
    why: str

    def message(self) -> str:
        return f"the checkpoint's `{self.key}` is {self.theirs}, and the model's is {self.ours}: {self.why}"

    def help(self) -> str | None:
        return "convert the checkpoint or the model first, so that what is loaded is what was saved"


class Edited(Problem):
    """A compiled model that is no longer what its spec says."""

    code: ClassVar[str] = "E0513"
    model: str
    key: str
    wanted: tuple[int, ...] | None
    got: tuple[int, ...] | None

    def message(self) -> str:
        own = "has no place in its spec" if self.wanted is None else f"is {list(self.wanted)} in its spec"
        now = "and is gone from the model" if self.got is None else f"and is {list(self.got)} in the model"
        if self.wanted is None:
            return f"`{self.model}` was edited after it was compiled: its `{self.key}` {own}"
        return f"`{self.model}` was edited after it was compiled: its `{self.key}` {own}, {now}"

    def help(self) -> str | None:
        return "load first and edit then, or compile the model that you want: parameters of a spec are for that"


class SharedApart(Problem):
    """One tensor of the model under two keys that the checkpoint has different values for."""

    code: ClassVar[str] = "E0514"
    key: str
    other: str

    def message(self) -> str:
        return f"`{self.key}` and `{self.other}` are one tensor of the model, and two different ones in the checkpoint"


class NotInPlace(Problem):
    """A tensor of the model that cannot be written to."""

    code: ClassVar[str] = "E0515"
    key: str

    def message(self) -> str:
        return f"the model's `{self.key}` was made in inference mode, so that it cannot be written to"

    def help(self) -> str | None:
        return "compile the model outside torch.inference_mode()"
