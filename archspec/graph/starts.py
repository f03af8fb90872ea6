"""``init``: how the parameters of an op or of a layer start, held against what is there to start."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from contextlib import suppress
from dataclasses import dataclass

from archspec.frozen import Frozen
from archspec.graph.draft import ModuleDraft
from archspec.graph.evaluate import ExpressionEvaluator
from archspec.graph.nodes import LayerPath, Node, OpNode
from archspec.graph.problems.starts import InitMatches, InitUnused
from archspec.graph.problems.values import Failed
from archspec.graph.values import Bound, Recipe, Value
from archspec.graph.walk import weight_ranks
from archspec.opdef.init import Initialiser
from archspec.opdef.op import Op
from archspec.opdef.registry import find_op, op_names
from archspec.sym.number import plain
from archspec.syntax import tree

INIT = 100
"""Units of work of one ``init``."""
COPIES = 20
"""So many entries of a list are copied in a unit of work."""


class InitRule(Frozen):
    """``init op { field = initialiser }`` in force for everything inside a module."""

    op: str
    fields: tuple[tuple[str, Initialiser], ...]


@dataclass(frozen=True)
class InitDeclaration:
    """An ``init``, for a layer of this body (``own``) or for an op, and the layers that were there before it."""

    statement: tree.Init
    inits: tuple[Initialiser, ...]
    own: bool
    before: Mapping[LayerPath, Node]

    def weights(self, layers: Mapping[LayerPath, Node], left_out: Collection[LayerPath] = ()) -> dict[str, int]:
        """The weights that it may name among some layers, each with the fewest axes it has anywhere."""
        found: dict[str, int] = {}
        selector = self.statement.selector
        for path, node in layers.items():
            if path not in left_out and (not self.own or path[0] == selector):
                for op, ranks in weight_ranks(node).items():
                    if self.own or op == selector:
                        found.update({name: min(rank, found.get(name, rank)) for name, rank in ranks.items()})
        return found


class Starts:
    """The ``init`` statements of one body, and the rules in force from those around it."""

    def __init__(self, evaluator: ExpressionEvaluator, draft: ModuleDraft, rules: tuple[InitRule, ...]) -> None:
        self.evaluator = evaluator
        self.ledger = evaluator.ledger
        self.initialisers = evaluator.calls.initialisers
        self.names = evaluator.environment.names
        self.layers = draft.layers
        self.rules = rules
        self.own: dict[str, dict[str, Initialiser]] = {}
        """What ``init layer { ... }`` of this body says, by layer; it beats the rules for its op."""
        self.declared: list[InitDeclaration] = []

    def of_layer(self, name: str) -> Mapping[str, Initialiser]:
        """How the weights of a layer of this body start, as far as an ``init`` names it."""
        return self.own.get(name, {})

    def declare(self, statement: tree.Init) -> None:
        """``init selector { field = initialiser }``"""
        self.ledger.spend(statement.span, INIT + (len(self.rules) + len(self.layers.nodes)) // COPIES)
        fields = [(f.name, self.initialisers.of(self.evaluator.eval(f.value), f.span)) for f in statement.fields]
        selector = statement.selector
        selected = self.names.get(selector)
        own = isinstance(selected, Bound)
        self._check(statement, selected)
        if own:
            self.own.setdefault(selector, {}).update(fields)
        else:
            self.rules = (
                *self.rules,
                InitRule(selector, tuple((n, Initialiser(v.kind, plain(v.values), v.own)) for n, v in fields)),
            )
        self.declared.append(InitDeclaration(statement, tuple(v for _, v in fields), own, dict(self.layers.nodes)))

    def _check(self, statement: tree.Init, selected: Value) -> None:
        """It names a layer-to-be or an op that has weights, none of which is there already."""
        selector = statement.selector
        ops = _leaf_ops(selected) if isinstance(selected, Bound) else {selector} & op_names()
        if statement.fields and ops and all(find_op(name).weights is Op.weights for name in ops):
            field = statement.fields[0]
            self.ledger.fail(InitMatches(field.span, selector, field=field.name))
        if isinstance(selected, Bound):
            if not ops:
                self.ledger.fail(InitMatches(statement.span, selector, module=True))
            late = any(path[0] == selector for path in self.layers.nodes)
        elif selector not in op_names():
            known = [name for name, value in self.names.items() if isinstance(value, Bound)]
            self.ledger.fail(InitMatches(statement.span, selector, names=(*known, "conv", "linear")))
        else:
            late = any(isinstance(n, OpNode) and n.name == selector for n in self.layers.nodes.values())
        if late:
            self.ledger.fail(InitMatches(statement.span, selector, late=True))

    def finish(self) -> None:
        """Hold every ``init`` of this body against what it was for, once all that it could start is there."""
        for start in self.declared:
            statement = start.statement
            found = start.weights(self.layers.nodes, start.before)
            misplaced = not found and start.weights(start.before)
            definitions = self.evaluator.definitions
            if not found and not start.own and (misplaced or not definitions.mentions(statement.selector)):
                self.ledger.warn(InitUnused(statement.span, statement.selector))
            for field, init in zip(statement.fields, start.inits) if found else ():
                with suppress(Failed):
                    if field.name not in found:
                        names = tuple(found)
                        self.ledger.fail(InitMatches(field.span, statement.selector, field=field.name, names=names))
                    self.initialisers.fits(init, field.name, found[field.name], field.span)


def _leaf_ops(bound: Bound) -> set[str]:
    """The primitive ops that a layer-to-be or a list of them is; none where there is a module among them."""
    if isinstance(bound.value, tuple):
        inside = [_leaf_ops(item) if isinstance(item, Bound) else set() for item in bound.value]
        return set().union(*inside) if all(inside) else set()
    return {bound.value.name} if isinstance(bound.value, Recipe) and bound.value.is_op else set()
