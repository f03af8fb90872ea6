"""A module in the making: the instance that grows, its layers, and what it returns."""

from __future__ import annotations

from archspec.graph.layers import Layers
from archspec.graph.ledger import Ledger
from archspec.graph.nodes import Binding, Instance, Node
from archspec.graph.problems.layers import LayerName
from archspec.graph.problems.limits import TooLarge
from archspec.graph.values import Bound, Tensor, Value
from archspec.opdef.types import TensorType
from archspec.source import Span
from archspec.syntax import tree


class ModuleDraft:
    """What the parts of a module builder add to."""

    def __init__(self, ledger: Ledger, key: str, definition: tree.Module | tree.Model) -> None:
        self.ledger = ledger
        self.definition = definition
        self.layers = Layers(ledger)
        self.result: list[Value] | None = None
        self.result_span = definition.span
        self.poisoned = False
        """Whether a statement failed, so that what is missing is no problem of its own."""
        self.instance = Instance(
            key=key,
            name=definition.name,
            doc=definition.doc,
            args={},
            input_names=tuple(item.name for item in definition.inputs),
            inputs=(),
            input_axes=(),
            axes={},
            file=key.rsplit(":", 1)[0],
        )

    @property
    def is_model(self) -> bool:
        """Whether it is a spec's model, and no module of one."""
        return isinstance(self.definition, tree.Model)

    def own_names(self) -> set[str]:
        """The parameters, buffers and tables there are so far."""
        return {weight.name for weight in self.instance.state} | {table.name for table in self.instance.tables}

    def all_names(self) -> set[str]:
        """The same, and the layers there are so far."""
        return self.own_names() | {path[0] for path in self.layers.nodes}

    def tensor(self, type: TensorType, span: Span) -> Tensor:
        """A new tensor."""
        most = self.ledger.limits.axes
        if type.rank > most:
            self.ledger.fail(TooLarge(span, "axes", most, "this tensor has more than {} axes"))
        self.instance.types.append(type)
        return Tensor(len(self.instance.types) - 1, type, span)

    def call(self, name: str, *tensors: Tensor) -> None:
        """Give tensors a name of the author's."""
        self.instance.body.append(Binding((name,), tuple(tensor.id for tensor in tensors)))

    def use(self, bound: Bound, node: Node, span: Span) -> None:
        """Note a use of a layer."""
        if bound.path[0] in self.own_names():
            self.ledger.fail(LayerName(span, bound.path[0]))
        self.layers.add(bound, node, span)
