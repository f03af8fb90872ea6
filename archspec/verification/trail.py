"""Where in a model something happens: layers by path, their places in the spec, and the first that goes astray."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from archspec.emit.names import attributes
from archspec.graph.nodes import Instance, LayerPath, Node, Step
from archspec.graph.walk import children, walk
from archspec.source import NOWHERE, Span
from archspec.targets.torch.target import TORCH
from archspec.verification.distance import TOLERANCE, distance
from archspec.verification.reference import Reference

if TYPE_CHECKING:
    from torch import Tensor, nn


def attribute_path(model: nn.Module, root: Instance, path: LayerPath) -> Any:
    """The module of a path; None where what does nothing has been left out."""
    from torch import nn

    node: Node = root
    found: Any = model
    for part in path:
        own = attributes(node, TORCH.reserved)[part] if isinstance(node, Instance) else part
        node = dict(children(node))[part]
        found = _entry(found, part) if part.isdigit() else getattr(found, own, None)
        if not isinstance(found, nn.Module):
            return None
    return found


def _entry(model: Any, part: str) -> Any:
    from torch import nn

    inside = isinstance(model, (nn.ModuleList, nn.Sequential)) and int(part) < len(model)
    return model[int(part)] if inside else None


class Trail:
    """The layers of a graph."""

    def __init__(self, root: Instance) -> None:
        self.root = root

    def node(self, path: LayerPath) -> Node | None:
        """The node of a path."""
        node: Node = self.root
        for part in path:
            found = dict(children(node)).get(part)
            if found is None:
                return None
            node = found
        return node

    def kind(self, path: LayerPath) -> str:
        """The op or module of a path."""
        node = self.node(path)
        return node.name if node is not None else ""

    def span(self, path: LayerPath) -> Span:
        """Where the layer of a path is used: the step of the innermost body that applies it or the list it is in."""
        node: Node = self.root
        owner, span = self.root, NOWHERE
        at: LayerPath = ()
        for part in path:
            owner, at = (node, (part,)) if isinstance(node, Instance) else (owner, (*at, part))
            named = [item for item in owner.body if isinstance(item, Step) and item.layer is not None]
            uses = [step for step in named if step.layer == at] or [s for s in named if s.layer and s.layer[0] == at[0]]
            span = uses[0].span if uses else span
            found = dict(children(node)).get(part)
            if found is None:
                break
            node = found
        return span

    def last_entered(self, state: Mapping[str, Tensor], inputs: list[Tensor], training: bool) -> LayerPath:
        """The layer in which reference execution fails: the next in order behind the last that gave something."""
        entered: list[LayerPath] = []

        class Entering(Reference):
            def execute(self, node: Node, path: LayerPath | None, given: list[Tensor]) -> list[Tensor]:
                if path is not None:
                    entered.append(path)
                found = super().execute(node, path, given)
                if path is not None:
                    entered.pop()
                return found

        try:
            Entering(self.root, state, training)(*inputs)
        except Exception:  # its place is what was asked for
            return entered[-1] if entered else ()
        return ()

    def first_difference(
        self, model: nn.Module, state: Mapping[str, Tensor], inputs: list[Tensor], training: bool
    ) -> tuple[LayerPath, str]:
        """The first layer, in order of what is finished first, that gives something else in the module."""
        theirs: dict[LayerPath, list[list[Tensor]]] = {}
        hooks = [
            module.register_forward_hook(_recorder(theirs.setdefault(path, [])))
            for path in self.paths()
            if path and (module := attribute_path(model, self.root, path)) is not None
        ]
        try:
            model(*inputs)
        except Exception:  # what came before is recorded
            pass
        finally:
            for hook in hooks:
                hook.remove()
        calls: Counter[LayerPath] = Counter()
        astray: list[tuple[LayerPath, str]] = []

        def observe(path: LayerPath, ours: list[Tensor]) -> None:
            index = calls[path]
            calls[path] += 1
            recorded = theirs.get(path, [])
            if astray or not recorded:
                return
            if index >= len(recorded):
                astray.append((path, "the module does not get so far, or does not use it so often"))
                return
            given = recorded[index]
            off = max((distance(a, b) for a, b in zip(ours, given)), default=0.0)
            if len(ours) != len(given) or off > TOLERANCE:
                shapes = [tuple(t.shape) for t in ours], [tuple(t.shape) for t in given]
                words = f"off by {off:.2g} of the largest number"
                astray.append((path, words if shapes[0] == shapes[1] else f"shapes {shapes[0]}, and {shapes[1]} there"))

        Reference(self.root, state, training, observe)(*inputs)
        return astray[0] if astray else ((), "every layer agrees; what the model makes of them does not")

    def paths(self) -> list[LayerPath]:
        """The paths of all layers, parents first."""
        return [path for path, _ in walk(self.root)]


def _recorder(into: list[list[Tensor]]) -> Any:
    def hook(module: Any, inputs: Any, output: Any) -> None:
        into.append([t.detach().clone() for t in (output if isinstance(output, (list, tuple)) else [output])])

    return hook
