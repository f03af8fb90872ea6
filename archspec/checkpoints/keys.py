"""The keys of a published checkpoint for each key of a model, from the ``checkpoint`` maps of its modules.

Each module may say how a layout names what is inside it; a rule ``"theirs" -> "ours"`` renames a key or all keys that
begin with it. Maps compose from the leaves to the model, so a model says only what its own level does differently.
"""

from __future__ import annotations

from dataclasses import dataclass

from archspec.diagnostics import SpecError
from archspec.graph.definitions import Definitions
from archspec.graph.environment import Environment
from archspec.graph.evaluate import EXPRESSION, ExpressionEvaluator
from archspec.graph.ledger import Ledger
from archspec.graph.naming import detached
from archspec.graph.nodes import Instance, Node
from archspec.graph.problems.values import Failed
from archspec.graph.walk import children, own_weights
from archspec.spec.resolved import Resolved
from archspec.syntax import tree


@dataclass(frozen=True)
class KeyRule:
    """Keys that begin ``ours`` begin ``theirs`` in the checkpoint; ``*`` stands for one part of a key."""

    theirs: tuple[str, ...]
    ours: tuple[str, ...]


Leaf = tuple[tuple[str, ...], tuple[tuple[str, ...], ...]]
"""A key in parts, and for each part what the checkpoint has in its place."""


def layouts(spec: Resolved) -> tuple[str, ...]:
    """The layouts that a spec has maps for."""
    return tuple(dict.fromkeys(item.layout for item in spec.checkpoints))


def key_map(spec: Resolved, root: Instance, layout: str) -> dict[str, str]:
    """The checkpoint's key for each key of the model, in the model's order.

    Raises:
        SpecError: a map cannot be evaluated.
    """
    mapper = _Mapper(spec, layout)
    made = {".".join(ours): ".".join(p for part in theirs for p in part) for ours, theirs in mapper.leaves(root, root)}
    if mapper.ledger.problems:
        raise SpecError(mapper.ledger.problems, spec.texts())
    return made


class _Mapper:
    def __init__(self, spec: Resolved, layout: str) -> None:
        self.spec = spec
        self.layout = layout
        self.ledger = Ledger(spec)
        self.definitions = Definitions(spec, self.ledger)
        self.made: dict[int, list[Leaf]] = {}

    def leaves(self, node: Node, root: Instance) -> list[Leaf]:
        if id(node) not in self.made:
            self.made[id(node)] = self._leaves(node, root)
        return self.made[id(node)]

    def _leaves(self, node: Node, root: Instance) -> list[Leaf]:
        inside: list[Leaf] = [((weight.name,), ((weight.name,),)) for weight in own_weights(node)]
        for name, child in children(node):
            inside += [((name, *ours), ((name,), *theirs)) for ours, theirs in self.leaves(child, root)]
        if not isinstance(node, Instance):
            return inside
        rules = self._rules(node, node is root)
        self.ledger.spend(self.spec.model.span, len(inside) * (1 + len(rules)))
        return [_renamed(leaf, rules) for leaf in inside]

    def _rules(self, instance: Instance, is_root: bool) -> list[KeyRule]:
        own = self.definitions.definition(instance.key)
        maps = self.spec.checkpoints if is_root else () if isinstance(own, tree.Extern) else own.body
        rules: list[KeyRule] = []
        for item in maps:
            if isinstance(item, tree.Checkpoint) and item.layout == self.layout:
                names = {name: detached(value) for name, value in instance.facts.items()}
                evaluator = ExpressionEvaluator(self.ledger, self.definitions, Environment(instance.file, names))
                rules += _Map(evaluator).rules_of(item)
        return rules


class _Map:
    """Runs the body of a ``checkpoint`` block over the names of its module."""

    def __init__(self, evaluator: ExpressionEvaluator) -> None:
        self.evaluator = evaluator
        self.ledger = evaluator.ledger
        self.rules: list[KeyRule] = []

    def rules_of(self, block: tree.Checkpoint) -> list[KeyRule]:
        self._run(block.body)
        return self.rules

    def _run(self, statements: tuple[tree.Statement, ...]) -> None:
        for statement in statements:
            try:
                self._do(statement)
            except Failed:
                return

    def _do(self, statement: tree.Statement) -> None:
        match statement:
            case tree.Rename():
                theirs, ours = (self.evaluator.strings.interpolate(side) for side in (statement.theirs, statement.ours))
                self.rules.append(KeyRule(_parts(theirs), _parts(ours)))
            case tree.If():
                holds = self.evaluator.conditions.truth(statement.condition)
                self._run(statement.then if holds else statement.otherwise)
            case tree.For():
                for item in self.evaluator.items(statement.iterable):
                    self.ledger.spend(statement.span, EXPRESSION)
                    self.evaluator.assign(statement.targets, item, statement.iterable.span)
                    self._run(statement.body)
            case tree.Bind():
                names = tuple(target.id for target in statement.targets)
                self.evaluator.assign(names, self.evaluator.eval(statement.value), statement.span)
            case _:
                from archspec.spec.problems import Misplaced

                self.ledger.fail(Misplaced(statement.span, statement.kind, "a body, not a `checkpoint` block"))


def _parts(key: str) -> tuple[str, ...]:
    return tuple(part for part in key.split(".") if part)


def _renamed(leaf: Leaf, rules: list[KeyRule]) -> Leaf:
    """A leaf under the longest rule that fits it; of equally long ones the last."""
    ours, theirs = leaf
    best: KeyRule | None = None
    for rule in rules:
        fits = len(rule.ours) <= len(ours) and all(p in ("*", q) for p, q in zip(rule.ours, ours))
        if fits and (best is None or len(rule.ours) >= len(best.ours)):
            best = rule
    if best is None:
        return leaf
    stars = iter([q for p, q in zip(best.ours, ours) if p == "*"])
    head = tuple(next(stars, "*") if part == "*" else part for part in best.theirs)
    rest = theirs[len(best.ours) :]
    if not best.ours:
        return ours, ((*head, *theirs[0]), *theirs[1:])
    return ours, (head, *((),) * (len(best.ours) - 1), *rest)
