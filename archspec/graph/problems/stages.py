"""What can be wrong with the stages of a model."""

from __future__ import annotations

from typing import ClassVar

from archspec.diagnostics import Problem
from archspec.diagnostics.suggest import suggestion


class StageField(Problem):
    """A field of a stage that neither the stage nor its block knows, or one that is missing."""

    code: ClassVar[str] = "E0327"
    name: str
    known: tuple[str, ...]
    missing: bool = False

    def message(self) -> str:
        if self.missing:
            return f"this stage has no `{self.name}`"
        return f"neither a stage nor its block takes `{self.name}`"

    def help(self) -> str | None:
        if self.missing:
            return f"give it in the braces, or bind `{self.name} = ...` in the model for all stages"
        return suggestion(self.name, self.known, "known are")


class DownFirst(Problem):
    """A list of downsamplings with one for the first stage."""

    code: ClassVar[str] = "E0344"

    def message(self) -> str:
        return "`down` goes in front of every stage but the first, and this list has one for the first"

    def help(self) -> str | None:
        return "leave out its first entry, or make it `none`; a stage by itself may have any: `stage s1 { down = ... }`"


class StageDim(Problem):
    """A stage whose output is not what its ``dim`` says."""

    code: ClassVar[str] = "E0328"
    stage: str
    dim: int
    got: str

    def message(self) -> str:
        return f"stage `{self.stage}` says dim = {self.dim}, and gives {self.got}"

    def help(self) -> str | None:
        return (
            "`down` sets the dim of every stage but the first, which has that of the stem; a first stage that has one "
            "is declared by itself: `stage s1 { down = ... }`"
        )


class LateStage(Problem):
    """A stage declared after another was used."""

    code: ClassVar[str] = "E0329"

    def message(self) -> str:
        return "all stages are declared before the first is used"

    def notes(self) -> tuple[str, ...]:
        return ("ramps go over the blocks of all stages, so their number must be known",)


class StageNeverUsed(Problem):
    """A stage that is declared and never applied."""

    code: ClassVar[str] = "E0336"
    name: str

    def message(self) -> str:
        return f"the stage `{self.name}` is never applied"

    def notes(self) -> tuple[str, ...]:
        return ("its blocks would count for the ramps over all stages all the same",)

    def help(self) -> str | None:
        return "apply it, or leave it out"
