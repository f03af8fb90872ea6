"""What can be wrong with the layers of a module, their names and their sharing."""

from __future__ import annotations

from typing import ClassVar

from archspec.diagnostics import Label, Problem
from archspec.source import Span


class NotNamed(Problem):
    """A layer with weights that has no name."""

    code: ClassVar[str] = "E0307"
    of: str

    def message(self) -> str:
        return f"`{self.of}` has weights, so it needs a name before it is applied"

    def label(self) -> str:
        return "applied without a name"

    def help(self) -> str | None:
        return f"write `proj = {self.of}(...)` and then `proj(x)`: the name is its key in the state"


class NamedTwice(Problem):
    """Two layers under one name."""

    code: ClassVar[str] = "E0308"
    name: str

    def message(self) -> str:
        return f"there are two layers `{self.name}` in this module"

    def label(self) -> str:
        return "a second layer of that name"

    def notes(self) -> tuple[str, ...]:
        return ("each binding `name = recipe` makes a layer of its own, in a loop too",)

    def help(self) -> str | None:
        return "for several layers bind a list: `layers = [recipe for i in range(n)]`, then `layers[i](x)`"


class LayerName(Problem):
    """A layer or parameter that hides a name of its module."""

    code: ClassVar[str] = "E0332"
    name: str

    def message(self) -> str:
        return f"`{self.name}` is already a parameter or buffer of this module"


class NameTaken(Problem):
    """A layer or parameter with a name that the target language or its modules need."""

    code: ClassVar[str] = "E0601"
    name: str
    module: str

    def message(self) -> str:
        return f"no layer or parameter can be called `{self.name}`: Python, or every nn.Module, has that name already"

    def notes(self) -> tuple[str, ...]:
        return (f"in the module `{self.module}`",)

    def help(self) -> str | None:
        return f"call it `{self.name}_`, say, and map the published key in a `checkpoint` block"


class NotALayer(Problem):
    """An op that cannot stand in a list of layers."""

    code: ClassVar[str] = "E0335"
    name: str
    made: Span

    def message(self) -> str:
        return f"`{self.name}` is no layer, so it cannot stand in a list that is applied as a whole"

    def secondary(self) -> tuple[Label, ...]:
        return (Label(self.made, f"this `{self.name}`"),)

    def help(self) -> str | None:
        return "put it in a module, or apply it by itself"


class UnusedEntry(Problem):
    """A list of layers of which some are never applied."""

    code: ClassVar[str] = "E0330"
    name: str
    index: int

    def message(self) -> str:
        return f"layer {self.index} of the list `{self.name}` is never applied, so later ones would change their keys"


class SharedShapes(Problem):
    """One layer applied to inputs that need weights of other shapes."""

    code: ClassVar[str] = "E0309"
    name: str

    def message(self) -> str:
        return f"`{self.name}` is shared, and its weights would have other shapes here"

    def help(self) -> str | None:
        return "bind the recipe under a second name for a layer of its own"


class SharedDiffers(Problem):
    """One layer used in two places where it would have to be made differently."""

    code: ClassVar[str] = "E0602"
    name: str
    leaf: str
    here: str
    before: str

    def message(self) -> str:
        return f"`{self.name}` is shared between uses that need different layers"

    def notes(self) -> tuple[str, ...]:
        return (f"`{self.leaf}` would be {self.here} here, and is {self.before} where it is used first",)

    def help(self) -> str | None:
        return "bind the recipe under a second name for a layer of its own"


class SharedSurvival(Problem):
    """A list of which layers survive by chance, shared between inputs of different shapes."""

    code: ClassVar[str] = "E0606"
    name: str

    def message(self) -> str:
        return f"`{self.name}` holds a list of which layers `survive`, and is shared between inputs of different shapes"

    def help(self) -> str | None:
        return "bind the recipe under a second name for layers of their own, or apply the list without `survive`"


class SurvivalInside(Problem):
    """An entry of a list that survives by chance that is not one layer."""

    code: ClassVar[str] = "E0607"

    def message(self) -> str:
        return "an entry of a list of which layers `survive` is not one layer"

    def notes(self) -> tuple[str, ...]:
        return ("another such list is not, nor is dropout of whole channels or samples",)

    def help(self) -> str | None:
        return "write a module that applies it, and put that in its place"


class SurvivalShape(Problem):
    """A list of which layers survive by chance, in which one gives another shape than it takes."""

    code: ClassVar[str] = "E0608"
    index: int
    given: str
    made: str

    def message(self) -> str:
        return f"layer {self.index} of a list of which layers `survive` makes {self.made} of {self.given}"

    def notes(self) -> tuple[str, ...]:
        return ("where it does not take part in a step of training, the others would be given another shape",)

    def help(self) -> str | None:
        return "put what changes the shape in front of the list or behind it"
