"""Stages of a model: fields to recipes of the module ``stage`` of specs/std/stage.arch, ramps over all blocks."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TypeAlias

from archspec.graph.arguments import Arguments
from archspec.graph.evaluate import ExpressionEvaluator
from archspec.graph.layers import Layers
from archspec.graph.naming import map_ramps, ramps_of, unbind, whole
from archspec.graph.nodes import LayerPath, StageFact
from archspec.graph.problems.layers import NamedTwice
from archspec.graph.problems.limits import TooLarge
from archspec.graph.problems.stages import DownFirst, LateStage, StageDim, StageField, StageNeverUsed
from archspec.graph.problems.values import WrongCount, WrongKind
from archspec.graph.repetition import along
from archspec.graph.values import STAGE, Bound, Recipe, RepeatedList, Value, describe, is_recipe
from archspec.source import Span
from archspec.sym.number import exceeds, is_family, plain
from archspec.sym.open import Open, identical
from archspec.syntax import tree

FIELDS = ("dim", "depth", "block", "down", "position")


FieldValue: TypeAlias = "tuple[Value, Span]"
"""What a field of a stage is, and where that is said."""


@dataclass
class Declared:
    """A stage as declared, before it is known how many blocks the whole model has."""

    bound: Bound
    fields: dict[str, FieldValue]
    depth: int
    span: Span
    recipe: Recipe | None = field(default=None)


class StagePlan:
    """The stages of one model."""

    def __init__(self, evaluator: ExpressionEvaluator, layers: Layers) -> None:
        self.evaluator = evaluator
        self.ledger = evaluator.ledger
        self.names = evaluator.environment.names
        self.recipes = evaluator.calls.recipes
        self.layers = layers
        self.all: list[Declared] = []
        self.sealed = False

    def declare(self, statement: tree.Stage) -> None:
        """``stage name { ... }``"""
        values = {item.name: (self.evaluator.eval(item.value), item.span) for item in statement.fields}
        if isinstance(self.names.get(statement.name), Bound):
            self.ledger.fail(NamedTwice(statement.span, statement.name))
        self.names[statement.name] = self._add(values, (statement.name,), statement.span).bound

    def declare_all(self, statement: tree.Stages) -> None:
        """``stages { ... }``: one for each entry of the fields that are lists."""
        span = statement.span
        values = {item.name: (whole(self.evaluator.eval(item.value)), item.span) for item in statement.fields}
        bare = {name: unbind(value) for name, (value, _) in values.items()}
        lists = {name: value for name, value in bare.items() if isinstance(value, tuple)}
        count = max((len(entries) for entries in lists.values()), default=0)
        if "down" in values and not self.all:
            lists["down"] = self._between(lists.get("down", values["down"][0]), count, values["down"][1])
        for name, entries in lists.items():
            if len(entries) != count:
                self.ledger.fail(WrongCount(values[name][1], f"entries of `{name}`", count, len(entries)))
        if not count:
            self.ledger.fail(WrongKind(span, "at least one field that is a list, an entry a stage", "none"))
        if any(stage.bound.path[0] == "stages" for stage in self.all):
            self.ledger.fail(NamedTwice(span, "stages"))
        made = []
        for index in range(count):
            own = {n: (lists[n][index] if n in lists else value, place) for n, (value, place) in values.items()}
            made.append(self._add(own, ("stages", str(index)), span).bound)
        self.names["stages"] = Bound(tuple(made), ("stages",))

    def _between(self, down: Value, count: int, span: Span) -> tuple[Value, ...]:
        """``down`` of all stages, an entry each: one goes between them all, and a list may leave the first out."""
        if not isinstance(down, tuple):
            return (None, *[down] * (count - 1))
        if len(down) == count and down[0] is not None:
            self.ledger.fail(DownFirst(span))
        return (None, *down) if len(down) == count - 1 else down

    def _add(self, fields: Mapping[str, FieldValue], path: LayerPath, span: Span) -> Declared:
        if self.sealed:
            self.ledger.fail(LateStage(span))
        own = {name: (unbind(value), place) for name, (value, place) in fields.items()}
        for name in ("depth", "block"):
            if name not in own and name in self.names:
                own[name] = (unbind(self.names[name]), span)
            if name not in own:
                self.ledger.fail(StageField(span, name, FIELDS, missing=True))
        depth, place = own["depth"]
        if isinstance(depth, bool) or not isinstance(depth, int) or depth < 1:
            self.ledger.fail(WrongKind(place, "a depth of at least 1", describe(depth)))
        most = self.ledger.limits.entries
        if exceeds(depth, most):
            self.ledger.fail(TooLarge(place, "entries", most, "this stage has more than {} blocks"))
        dim, place = own.get("dim", (None, span))
        if dim is not None and (isinstance(dim, bool) or not isinstance(dim, int) or dim < 1):
            self.ledger.fail(WrongKind(place, "a dim of at least 1", describe(dim)))
        self.evaluator.environment.pin(depth)
        made = Declared(Bound(Recipe(STAGE, (), span), path), own, plain(depth), span)
        self.all.append(made)
        return made

    def applied(self) -> list[Value]:
        """What the implicit flow applies, in order: each stage, and those declared together as a list."""
        names = dict.fromkeys(stage.bound.path[0] for stage in self.all)
        return [self.names[name] for name in names]

    def resolve(self, bound: Bound) -> None:
        """Work out the recipes of all stages when one of them is about to be applied."""
        if self.sealed or bound.path[0] not in {stage.bound.path[0] for stage in self.all}:
            return
        self.sealed = True
        total, offset = sum(stage.depth for stage in self.all), 0
        for index, stage in enumerate(self.all):
            stage.recipe = self._recipe(stage, index, offset, total)
            stage.bound.value = stage.recipe
            offset += stage.depth

    def _recipe(self, stage: Declared, index: int, offset: int, total: int) -> Recipe:
        """The recipe of a stage, as a use of the module ``stage``."""
        block = self._block(stage)
        args: dict[str, Value] = {}
        if "dim" in stage.fields:
            args["dim"] = stage.fields["dim"][0]
        self.ledger.charge(block, stage.span, stage.depth)
        args["blocks"] = _blocks(block, stage.depth, offset, total, len(self.all) > 1)
        around = {
            "downsample": self._sized(self._field(stage, "down", index > 0), stage),
            "position": self._field(stage, "position", True),
        }
        for name, value in around.items():
            if value is not None and not is_recipe(value):
                self.ledger.fail(WrongKind(stage.span, f"a module for `{name}`", describe(value)))
        args |= {name: value for name, value in around.items() if value is not None}
        key = self.evaluator.definitions.stage(self.evaluator.environment.file)
        return Recipe(key, tuple(args.items()), stage.span)

    def _block(self, stage: Declared) -> Value:
        """The block of a stage, given the fields that are its own."""
        block, place = stage.fields["block"]
        if not isinstance(block, Recipe):
            self.ledger.fail(WrongKind(place, "a module for `block`", describe(block)))
        known, _ = self.recipes.parameters(block)
        own: Arguments = []
        for name, (value, place) in stage.fields.items():
            if name not in FIELDS and name not in known:
                self.ledger.fail(StageField(place, name, (*FIELDS, *known)))
            if name not in FIELDS:
                own.append((name, value, place))
        return self.recipes.refine(block, own, block.span) if own else block

    def _field(self, stage: Declared, name: str, everywhere: bool) -> Value:
        """A field of a stage, or what the model has under its name for stages ``everywhere``."""
        if name in stage.fields:
            return unbind(stage.fields[name][0])
        return unbind(self.names.get(name)) if everywhere else None

    def _sized(self, down: Value, stage: Declared) -> Value:
        """The downsampling with the stage's dim as its next argument."""
        if not isinstance(down, Recipe) or "dim" not in stage.fields:
            return down
        known, _ = self.recipes.parameters(down)
        left = [name for name in known if name not in down.given()]
        first = known[:1]
        if not left or left[0] not in first:
            return down
        return self.recipes.refine(down, [(None, stage.fields["dim"][0], stage.span)], down.span)

    def facts(self) -> list[StageFact]:
        """What each stage says of itself, for the report; its dim is held against what it gives."""
        made = []
        for stage in self.all:
            given = stage.fields.get("dim", (None, None))[0]
            dim = plain(given) if given is not None else None
            made.append(StageFact(stage.bound.path, dim, stage.depth, self._mixer(stage)))
            node = self.layers.find(stage.bound.path)
            name = ".".join(stage.bound.path)
            if node is None:
                self.ledger.report(StageNeverUsed(stage.span, name))
            elif dim is not None and not _among(dim, node.outputs[0].shape):
                self.ledger.report(StageDim(stage.span, name, dim, str(node.outputs[0])))
        return made

    def _mixer(self, stage: Declared) -> str | None:
        """The token mixer's name: the block's argument of that name, its default where not given."""
        recipe = stage.recipe
        if recipe is None:
            return None
        blocks = recipe.given()["blocks"]
        block = blocks[0] if isinstance(blocks, tuple) else blocks
        if not isinstance(block, Recipe) or block.is_op:
            return None
        given = block.given()
        for parameter in self.evaluator.definitions.definition(block.target).parameters:
            if parameter.name in ("mixer", "token_mixer"):
                value = given.get(parameter.name)
                if value is None and parameter.default is not None and parameter.name not in given:
                    default = parameter.default
                    default = default.function if isinstance(default, tree.Call) else default
                    return default.id if isinstance(default, tree.Name) else None
                return value.name if isinstance(value, Recipe) else None
        return None


def _among(dim: int, shape: tuple[int, ...]) -> bool:
    """Whether a dim is one of some sizes; where one is it by its formula, it is not held against the others."""
    return any(identical(dim, size) for size in shape) or dim in shape


def _blocks(block: Value, depth: int, offset: int, total: int, several: bool) -> tuple[Value, ...]:
    """The blocks of a stage, each with its place on the ramps; where they are equal, a depth left open stays so."""

    def at(place: int, total: int) -> Value:
        return map_ramps(block, lambda ramp: ramp.at(place, total))

    if all(ramp.is_level() for ramp in ramps_of(block)):
        return RepeatedList.of(((at(0, 1),), depth)) if isinstance(depth, Open) else (at(0, 1),) * depth
    if is_family(depth) or (isinstance(total, Open) and not is_family(total)):
        return along(lambda number: map_ramps(block, number), depth, offset, total, several)
    offset, total = int(offset), int(total)
    return tuple(at(offset + place, total) for place in range(int(depth)))
