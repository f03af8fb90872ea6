"""What can be wrong once names have values and tensors have shapes."""

from __future__ import annotations

from typing import Any, ClassVar

from archspec.diagnostics import Label, PastLimit, Problem
from archspec.diagnostics.suggest import suggestion
from archspec.opdef.faults import Fault
from archspec.source import NOWHERE, Span


class Failed(Exception):
    """A problem was reported; the statement at hand has no value."""


class WrongKind(Problem):
    """A value that cannot be used so."""

    code: ClassVar[str] = "E0301"
    wanted: str
    got: str

    def message(self) -> str:
        return f"expected {self.wanted}, found {self.got}"


class BadOperands(Problem):
    """An operator on values that it does not take."""

    code: ClassVar[str] = "E0302"
    op: str
    left: str
    right: str

    def message(self) -> str:
        return f"`{self.op}` does not go with {self.left} and {self.right}"

    def help(self) -> str | None:
        truths = {self.left, self.right} & {"true", "false"}
        return "true and false are no numbers: `if ... then 1 else 0` is one" if truths else None


class BadArithmetic(Problem):
    """A computation without a usable result."""

    code: ClassVar[str] = "E0303"
    why: str

    def message(self) -> str:
        return f"this cannot be computed: {self.why}"


class NotACondition(Problem):
    """Something that is neither true nor false where it must be one of them."""

    code: ClassVar[str] = "E0341"
    got: str
    way: str | None

    def message(self) -> str:
        return f"a condition is true or false, and this is {self.got}"

    def help(self) -> str | None:
        return f"say what is asked of it: `{self.way}`" if self.way is not None else None


class ByName(Problem):
    """A number by position where people differ on the order."""

    code: ClassVar[str] = "E0342"
    of: str
    name: str
    first: tuple[str, ...]
    others: tuple[str, ...]
    known: str = ""
    way: str = ""

    def message(self) -> str:
        return f"`{self.of}` takes `{self.name}` by name alone"

    def label(self) -> str:
        return f"this would be `{self.name}`"

    def notes(self) -> tuple[str, ...]:
        if not self.first:
            return (f"all arguments of `{self.of}` are given by name",)
        own = " and ".join(f"`{name}`" for name in self.first)
        return (f"by position `{self.of}` takes {own}; by name {', '.join(f'`{name}`' for name in self.others)}",)

    def help(self) -> str | None:
        if self.way and self.known:
            return f"if the first is {self.known}: archspec knows that, so write `{self.way}`"
        front = "..., " if self.first else ""
        return f"write `{self.way}`" if self.way else f"say which it is: `{self.of}({front}{self.name} = ...)`"


class UnknownArgument(Problem):
    """An argument that the op or module does not take."""

    code: ClassVar[str] = "E0304"
    of: str
    name: str
    known: tuple[str, ...]

    def message(self) -> str:
        return f"`{self.of}` takes no argument `{self.name}`"

    def help(self) -> str | None:
        return suggestion(self.name, self.known, "it takes") if self.known else f"`{self.of}` takes no arguments"


class TooManyArguments(Problem):
    """More arguments by position than are left to give."""

    code: ClassVar[str] = "E0305"
    of: str
    known: tuple[str, ...]

    def message(self) -> str:
        return f"too many arguments for `{self.of}`"

    def help(self) -> str | None:
        return f"it takes {', '.join(self.known)}" if self.known else "it takes none"


class MissingArgument(Problem):
    """A recipe applied before it has all its arguments."""

    code: ClassVar[str] = "E0306"
    of: str
    missing: tuple[str, ...]
    made: Span

    def message(self) -> str:
        names = " and ".join(f"`{name}`" for name in self.missing)
        return f"`{self.of}` still needs {names}"

    def label(self) -> str:
        return "applied here"

    def secondary(self) -> tuple[Label, ...]:
        return (Label(self.made, f"this `{self.of}`"),) if self.made != NOWHERE else ()

    def help(self) -> str | None:
        return f"give it: {self.of}({self.missing[0]} = ...)"


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


class SharedShapes(Problem):
    """One layer applied to inputs that need weights of other shapes."""

    code: ClassVar[str] = "E0309"
    name: str

    def message(self) -> str:
        return f"`{self.name}` is shared, and its weights would have other shapes here"

    def help(self) -> str | None:
        return "bind the recipe under a second name for a layer of its own"


class OpFault(Problem):
    """What an op found wrong; its code is the fault's."""

    code: ClassVar[str] = "E0310"
    fault: Fault
    labels: tuple[Label, ...] = ()

    def message(self) -> str:
        return self.fault.message()

    def secondary(self) -> tuple[Label, ...]:
        return self.labels

    def help(self) -> str | None:
        return self.fault.help()


class InputMismatch(Problem):
    """A tensor that does not fit a module's input."""

    code: ClassVar[str] = "E0320"
    module: str
    declared: Span
    wanted: str
    got: str
    bound: tuple[tuple[str, int], ...] = ()

    def message(self) -> str:
        return f"`{self.module}` takes {self.wanted}, and is given {self.got}"

    def label(self) -> str:
        return f"this is {self.got}"

    def secondary(self) -> tuple[Label, ...]:
        return (Label(self.declared, "declared here"),)

    def notes(self) -> tuple[str, ...]:
        return (f"sizes so far: {', '.join(f'{n} = {int(v)}' for n, v in self.bound)}",) if self.bound else ()


class OutputMismatch(Problem):
    """A module that returns another shape than it says."""

    code: ClassVar[str] = "E0321"
    module: str
    declared: Span
    wanted: str
    got: str
    bound: tuple[tuple[str, int], ...]

    def message(self) -> str:
        return f"`{self.module}` says it returns {self.wanted}, and returns {self.got}"

    def label(self) -> str:
        return f"this is {self.got}"

    def secondary(self) -> tuple[Label, ...]:
        return (Label(self.declared, "declared here"),)

    def notes(self) -> tuple[str, ...]:
        return (f"here {', '.join(f'{n} = {int(v)}' for n, v in self.bound)}",) if self.bound else ()


class WrongCount(Problem):
    """Another number of things than there are places for."""

    code: ClassVar[str] = "E0322"
    what: str
    wanted: int
    got: int

    def message(self) -> str:
        return f"{self.what}: {self.wanted} wanted, {self.got} given"


class NothingReturned(Problem):
    """A body that ends without a result."""

    code: ClassVar[str] = "E0323"
    module: str
    model: bool

    def message(self) -> str:
        return f"`{self.module}` returns nothing"

    def help(self) -> str | None:
        if self.model:
            return "give it a `stem`, stages or a `head`, or end it with `return`"
        return "end its body with `return`"


class RequireFailed(Problem):
    """A ``require`` that does not hold."""

    code: ClassVar[str] = "E0324"
    words: str
    bound: tuple[tuple[str, str], ...]

    def message(self) -> str:
        return self.words

    def label(self) -> str:
        return "required here"

    def notes(self) -> tuple[str, ...]:
        return (f"here {', '.join(f'{n} = {v}' for n, v in self.bound)}",) if self.bound else ()


class TooDeeplyUsed(PastLimit):
    """Modules that use one another without end."""

    code: ClassVar[str] = "E0325"
    module: str

    def message(self) -> str:
        return f"`{self.module}` is used inside itself, or modules are nested more than {self.most} deep"


class TooMuchWork(PastLimit):
    """A spec that would take forever."""

    code: ClassVar[str] = "E0326"

    def message(self) -> str:
        return f"this spec takes more than {self.most:,} units of work to compile"

    def notes(self) -> tuple[str, ...]:
        return ("a unit is about a microsecond; loops and lists are unrolled",)


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


class UnusedEntry(Problem):
    """A list of layers of which some are never applied."""

    code: ClassVar[str] = "E0330"
    name: str
    index: int

    def message(self) -> str:
        return f"layer {self.index} of the list `{self.name}` is never applied, so later ones would change their keys"


class BadInputShape(Problem):
    """An input size from the caller that does not fit the model."""

    code: ClassVar[str] = "E0331"
    model: str
    wanted: str
    got: tuple[Any, ...]
    declared: tuple[int, ...] = ()

    def message(self) -> str:
        shown = f"[{', '.join(map(str, self.got))}]"
        if self._impossible is not None:
            return f"a size of an input is from 1 to 2**31 - 1, and one of {shown} is {self._impossible}"
        return f"`{self.model}` takes {self.wanted}, not {shown}"

    def help(self) -> str | None:
        if self._impossible is not None:
            return None
        if len(self.got) == len(self.declared) + 1:
            return f"the batch is given by itself: --batch {self.got[0]}, batch={self.got[0]}"
        if len(self.got) != len(self.declared):
            return f"a size has {len(self.declared)} numbers, such as {'x'.join(map(str, self.declared))}"
        return "sizes that parameters give follow them: set the parameters instead (--set, params=)"

    @property
    def _impossible(self) -> int | None:
        """The first size that no input has."""
        return next((size for size in self.got if isinstance(size, int) and not 1 <= size < 2**31), None)


class InitMatches(Problem):
    """An ``init`` that no layer would follow."""

    code: ClassVar[str] = "E0334"
    selector: str
    field: str | None = None
    module: bool = False
    late: bool = False
    names: tuple[str, ...] = ()

    def message(self) -> str:
        if self.field is not None:
            return f"`{self.selector}` has no `{self.field}` to initialise"
        if self.module:
            return f"`{self.selector}` is a module; its parameters are initialised inside it"
        if self.late:
            return f"`{self.selector}` is used before this `init`, and would not follow it"
        return f"`init {self.selector}` names neither an op nor a layer bound before it"

    def help(self) -> str | None:
        if self.field is not None:
            if not self.names:
                return f"`{self.selector}` has no weights"
            return f"there are {', '.join(self.names)}"
        if self.late:
            return "put it before the first use"
        return None if self.module else suggestion(self.selector, self.names, "there are")


class InitShape(Problem):
    """An initialiser on a weight that has not the axes it looks at."""

    code: ClassVar[str] = "E0345"
    kind: str
    name: str
    wanted: int
    rank: int

    def message(self) -> str:
        axes = {0: "none", 1: "one"}.get(self.rank, str(self.rank))
        return f"`{self.kind}` needs {'two axes' if self.wanted == 2 else 'an axis'}, and `{self.name}` has {axes}"

    def help(self) -> str | None:
        return "a number, zeros, ones, normal and uniform go with any shape"


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


class InitUnused(Problem):
    """An ``init`` for an op that nothing behind it uses."""

    code: ClassVar[str] = "W0303"
    op: str

    def message(self) -> str:
        return f"no `{self.op}` comes behind this `init`, so it starts nothing"

    def help(self) -> str | None:
        return "leave it out, or put it in front of what it is for"


class ExternRefused(Problem):
    """Python of the user's own that the caller has not allowed."""

    code: ClassVar[str] = "E0337"
    name: str
    target: str

    def message(self) -> str:
        return f"`{self.name}` is Python from outside (`{self.target}`), which was not allowed"

    def help(self) -> str | None:
        return "if you trust this spec, allow it: --allow-extern, or allow_extern=True"


class BadExtern(Problem):
    """An extern that names no class, or costs that are not known."""

    code: ClassVar[str] = "E0338"
    why: str

    def message(self) -> str:
        return self.why


class TooLarge(PastLimit):
    """A value or a model beyond what any spec needs."""

    code: ClassVar[str] = "E0340"
    what: str

    def message(self) -> str:
        return self.what.format(f"{self.most:,}")


class FixedSize(Problem):
    """Another input size for a model whose weights hang on it."""

    code: ClassVar[str] = "E0333"
    model: str
    size: str
    key: str

    def message(self) -> str:
        return f"`{self.model}` is fixed to its input size, {self.size}"

    def notes(self) -> tuple[str, ...]:
        return (f"the shape of `{self.key}` follows the size of the input",)

    def help(self) -> str | None:
        return f"for another size write a variant: `model other = {self.model}() on image: [3, 384, 384]`"


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
