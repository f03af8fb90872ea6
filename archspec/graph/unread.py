"""What nothing reads: steps that are left out of a finished body, and warnings of what is never used."""

from __future__ import annotations

from archspec.graph.draft import ModuleDraft
from archspec.graph.environment import Environment
from archspec.graph.ledger import Ledger
from archspec.graph.liveness import needed_steps
from archspec.graph.nodes import Binding, LayerList, Step
from archspec.graph.problems.unread import NeverApplied, NeverRead
from archspec.graph.values import Bound
from archspec.graph.walk import stateful
from archspec.spec.names import names_in, nodes_in
from archspec.syntax import tree


class Unread:
    """Looks through the draft of a module whose body is at its end."""

    def __init__(self, ledger: Ledger, environment: Environment, draft: ModuleDraft) -> None:
        self.ledger = ledger
        self.environment = environment
        self.draft = draft
        self.instance = draft.instance
        self.layers = draft.layers

    def prune(self) -> None:
        """Leave out steps whose results nothing reads. A layer with weights stays with its keys, and is not run."""
        instance = self.instance
        steps, needed = needed_steps(instance.body, instance.results)
        run = {step.outputs for step, _ in steps}
        self._drop_layers([step for step in instance.steps if step.outputs not in run], [step for step, _ in steps])
        self._warn_of_parameters(needed)
        made = needed.union(range(len(instance.inputs)), *run)
        for item in instance.body:
            if isinstance(item, Binding) and item.names[0].startswith("self."):
                made.update(item.tensors)
        instance.body = [
            item
            for item in instance.body
            if (item.outputs in run if isinstance(item, Step) else made.issuperset(item.tensors))
        ]

    def _drop_layers(self, unread: list[Step], kept: list[Step]) -> None:
        """Layers whose every step is left out are none; those with weights stay. ``kept``: the last step first."""
        run = {step.layer: step.node for step in kept}
        for item in unread:
            if item.layer is None:
                continue
            if item.layer in run:
                self.layers.nodes[item.layer] = run[item.layer]
            elif stateful(item.node):
                self.ledger.warn(NeverRead(item.span, ".".join(item.layer)))
            elif len(item.layer) == 1:
                self.layers.nodes.pop(item.layer, None)

    def _warn_of_parameters(self, needed: set[int]) -> None:
        """Parameters that no result depends on."""
        trained = {f"self.{weight.name}" for weight in self.instance.state if weight.trained}
        made = [item for item in self.instance.body if isinstance(item, Binding) and item.names[0] in trained]
        unread = [item.names[0].removeprefix("self.") for item in made if item.tensors[0] not in needed]
        own = [node for node in nodes_in(self.draft.definition) if isinstance(node, tree.State)] if unread else []
        spans = {node.name: node.span for node in reversed(own)}
        for name in unread:
            self.ledger.warn(NeverRead(spans[name], name, layer=False))

    def warn_of_layers(self, besides: set[str], started: set[str]) -> None:
        """Layers-to-be that nothing in the body applies or mentions, and ends of lists that are never applied.

        Args:
            besides: names that stages read.
            started: names that an ``init`` is for.
        """
        unread = self.environment.unread.keys() - {path[0] for path in self.layers.nodes} - besides
        unread -= {name.id for name in names_in(self.draft.definition)} if unread else set()
        for name, span in self.environment.unread.items():
            if name in unread:
                self.ledger.warn(NeverApplied(span, name, started=name in started))
        for name, node in self.instance.layers.items():
            bound = self.environment.names.get(name)
            entries = bound.value if isinstance(bound, Bound) and bound.path == (name,) else None
            if not isinstance(node, LayerList) or node.sequential or not isinstance(entries, tuple):
                continue
            if len(node.items) < len(entries):
                span = self.layers.spans[next(path for path in self.layers.nodes if path[0] == name)]
                self.ledger.warn(NeverApplied(span, name, (len(node.items), len(entries))))
