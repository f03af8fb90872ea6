"""What can be wrong with files, imports, names, and the choice of a model and its parameters."""

from __future__ import annotations

from typing import ClassVar

from archspec.diagnostics import Label, PastLimit, Problem
from archspec.diagnostics.suggest import suggestion
from archspec.source import NOWHERE, Span


class FileNotReadable(Problem):
    """The spec given by path cannot be read."""

    code: ClassVar[str] = "E0201"
    path: str
    why: str
    shipped: tuple[str, ...] = ()

    def message(self) -> str:
        return f"cannot read `{self.path}`: {self.why}"

    def help(self) -> str | None:
        name = self.path.rsplit("/", 1)[-1].removesuffix(".arch")
        near = suggestion(name, self.shipped, "shipped models")
        return near or "give the path of an .arch file, or the name of a shipped model (`archspec list` names them)"


class ImportNotFound(Problem):
    """``use`` names a file that is not in the import roots."""

    code: ClassVar[str] = "E0202"
    name: str
    tried: tuple[str, ...]
    candidates: tuple[str, ...]

    def message(self) -> str:
        return f"no file for `use {self.name}`"

    def label(self) -> str:
        return "not found"

    def notes(self) -> tuple[str, ...]:
        return (f"looked for {', '.join(self.tried)}",) if self.tried else ()

    def help(self) -> str | None:
        return suggestion(self.name, self.candidates, "there are")


class ImportCycle(Problem):
    """Files import one another in a ring."""

    code: ClassVar[str] = "E0203"
    ring: tuple[str, ...]

    def message(self) -> str:
        return "imports go round in a circle"

    def label(self) -> str:
        return "this import closes the circle"

    def notes(self) -> tuple[str, ...]:
        return (" uses ".join(self.ring),)

    def help(self) -> str | None:
        return "move what both need into a file of its own"


class NotExported(Problem):
    """The imported file has no such definition."""

    code: ClassVar[str] = "E0204"
    name: str
    path: str
    candidates: tuple[str, ...]

    def message(self) -> str:
        return f"`{self.path}` does not define `{self.name}`"

    def help(self) -> str | None:
        return suggestion(self.name, self.candidates, "it defines")


class UnknownName(Problem):
    """A name that nothing defines."""

    code: ClassVar[str] = "E0205"
    name: str
    candidates: tuple[str, ...]
    elsewhere: str | None = None
    whole: bool = False
    """Whether it is all that a caller gave for a parameter, and could have been meant as a string."""

    def message(self) -> str:
        return f"unknown name `{self.name}`"

    def label(self) -> str:
        return "nothing here has this name"

    def notes(self) -> tuple[str, ...]:
        return (f'a string stands in quotes: "{self.name}"',) if self.whole else ()

    def help(self) -> str | None:
        if self.elsewhere:
            return f"add `use {self.elsewhere}: {self.name}` at the top"
        return suggestion(self.name, self.candidates, "names in reach")


class DefinedTwice(Problem):
    """Two definitions of one name in a file."""

    code: ClassVar[str] = "E0206"
    name: str
    first: Span

    def message(self) -> str:
        return f"`{self.name}` is defined twice"

    def secondary(self) -> tuple[Label, ...]:
        return (Label(self.first, "first defined here"),)


class UnknownKind(Problem):
    """A kind of numbers that the language has no word for."""

    code: ClassVar[str] = "E0347"
    name: str

    def message(self) -> str:
        return f"`{self.name}` is no kind of numbers"

    def help(self) -> str | None:
        return "there are `int` (whole numbers) and `float`, which is meant where there is no word"


class GivenTwice(Problem):
    """One argument, field or name given more than once."""

    code: ClassVar[str] = "E0339"
    name: str
    first: Span = NOWHERE

    def message(self) -> str:
        return f"`{self.name}` is given twice"

    def secondary(self) -> tuple[Label, ...]:
        return (Label(self.first, "first given here"),) if self.first != NOWHERE else ()


class AxisName(Problem):
    """A name of the signature given to something else."""

    code: ClassVar[str] = "E0343"
    name: str
    declared: Span

    def message(self) -> str:
        return f"`{self.name}` is the size of an axis here, and cannot become something else"

    def secondary(self) -> tuple[Label, ...]:
        return (Label(self.declared, "an axis by this name"),)

    def help(self) -> str | None:
        return "choose another name; the shapes of the signature are held against the sizes"


class NoModel(Problem):
    """The file has no model, or not the one asked for."""

    code: ClassVar[str] = "E0207"
    path: str
    name: str | None
    models: tuple[str, ...]

    def message(self) -> str:
        if self.name is not None:
            return f"`{self.path}` has no model `{self.name}`"
        if not self.models:
            return f"`{self.path}` defines no model"
        return f"`{self.path}` has {len(self.models)} models; which one?"

    def help(self) -> str | None:
        if self.name is not None:
            return suggestion(self.name, self.models, "its models")
        if self.models:
            return f"give one of {', '.join(self.models)} with --model (or model=)"
        return "a model begins `model NAME on image: [3, 224, 224] {`"


class UnknownParameter(Problem):
    """A parameter that the model does not have."""

    code: ClassVar[str] = "E0208"
    model: str
    name: str
    parameters: tuple[str, ...]

    def message(self) -> str:
        return f"`{self.model}` has no parameter `{self.name}`"

    def help(self) -> str | None:
        if not self.parameters:
            return f"`{self.model}` takes no parameters"
        return suggestion(self.name, self.parameters, "its parameters")


class NotAFamily(Problem):
    """A variant's base is not a model."""

    code: ClassVar[str] = "E0209"
    name: str
    candidates: tuple[str, ...]

    def message(self) -> str:
        return f"`{self.name}` is not a model"

    def label(self) -> str:
        return "a variant is a model with other parameters: `model small = family(depth = 2)`"

    def help(self) -> str | None:
        return suggestion(self.name, self.candidates, "models in reach")


class VariantBody(Problem):
    """A statement that a variant cannot have."""

    code: ClassVar[str] = "E0210"
    model: str

    def message(self) -> str:
        return f"the body of the variant `{self.model}` may hold a docstring, `expect` and `checkpoint` alone"

    def help(self) -> str | None:
        return "what differs between variants is a parameter of the family"


class BadParameterValue(Problem):
    """A value from Python that the language has no word for."""

    code: ClassVar[str] = "E0211"
    name: str
    why: str

    def message(self) -> str:
        return f"the value of `{self.name}` is nothing that a spec can hold: {self.why}"

    def help(self) -> str | None:
        return (
            "numbers, booleans, strings, None and lists of them can be given; a string is read as an expression, "
            "unless the model's own value is a string"
        )


class TooManyFiles(PastLimit):
    """Imports beyond what any project has."""

    code: ClassVar[str] = "E0212"

    def message(self) -> str:
        return f"more than {self.most:,} files are imported"


class Misplaced(Problem):
    """A statement where it has no meaning."""

    code: ClassVar[str] = "E0213"
    what: str
    where: str

    def message(self) -> str:
        return f"`{self.what}` belongs in {self.where}"


class WrongArgument(Problem):
    """Something given to a function that it cannot take."""

    code: ClassVar[str] = "E0420"
    name: str
    got: str
    wanted: str

    def message(self) -> str:
        return f"`{self.name}` is {self.wanted}, and this is {self.got}"


class BadModelReference(Problem):
    """A spec and a model that are not written together as they can be."""

    code: ClassVar[str] = "E0421"
    text: str

    def message(self) -> str:
        return f"`{self.text}` is not of the form SPEC#MODEL[KEY=VALUE, ...]"


class BadSetting(Problem):
    """A parameter without a value, or a value without a parameter."""

    code: ClassVar[str] = "E0422"
    text: str

    def message(self) -> str:
        return f"`{self.text}` is not KEY=VALUE"


class TwoModels(Problem):
    """Two models named for one spec."""

    code: ClassVar[str] = "E0423"
    written: str
    given: str

    def message(self) -> str:
        return f"the spec says `#{self.written}`, and the model asked for is `{self.given}`"

    def help(self) -> str | None:
        return "name one of them"


class Settled(Problem):
    """Parameters for a spec that is resolved."""

    code: ClassVar[str] = "E0424"
    model: str

    def message(self) -> str:
        return f"the parameters of `{self.model}` are settled: it is a resolved spec"

    def help(self) -> str | None:
        return "give them to load_spec, with the path or the text of the spec"
