"""How parameters start: calls that fill tensors, and a small subclass for layers whose start is not their own way.

The framework's layers fill themselves when they are made, and again whenever they are asked to (``reset_parameters``).
A layer that the spec makes start otherwise has to do so too, whoever asks and in whatever order: hence a subclass for
each rule of a file, and no code outside of the layer.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from archspec.emit.class_text import BODY, Method
from archspec.emit.code import Atom, Call, Code, call, flat, literal, method
from archspec.emit.layout import WIDTH, statement
from archspec.emit.literals import Literals
from archspec.emit.target import LayerClass, Target
from archspec.emit.values import constant
from archspec.graph.nodes import OpNode
from archspec.opdef.init import Initialiser

_NUMBERS: dict[str, tuple[tuple[str, float | None], ...]] = {
    "constant": (("val", None),),
    "normal": (("std", 1.0), ("mean", 0.0)),
    "trunc_normal": (("std", 1.0), ("mean", 0.0), ("a", -2.0), ("b", 2.0)),
    "uniform": (("a", None), ("b", None)),
    "kaiming_uniform": (("a", 0.0),),
    "xavier_uniform": (("gain", 1.0),),
    "xavier_normal": (("gain", 1.0),),
    "orthogonal": (("gain", 1.0),),
}
"""What torch calls the numbers of each initialiser, with its defaults."""
MAY_LACK_BIAS = ("conv", "conv_transpose")
"""Layers whose bias a type checker takes for one that may be None."""


def filling(kind: str, target: Code, values: Sequence[Code]) -> Code:
    """The call that fills a tensor."""
    if kind == "softmax_rows":
        return method(Atom(f"{flat(target)}.data"), "copy_", method(call("torch.rand_like", target), "softmax", -1))
    if kind == "kaiming_normal_fan_out":
        return call("nn.init.kaiming_normal_", target, mode=literal("fan_out"))
    given = {
        name: code
        for (name, default), code in zip(_NUMBERS.get(kind, ()), values)
        if default is None or flat(code) != repr(default)
    }
    if kind in ("constant", "uniform"):
        return call(f"nn.init.{kind}_", target, *given.values())
    return call(f"nn.init.{kind}_", target, **given)


@dataclass(eq=False)
class InitSubclass(LayerClass):
    """A subclass of a layer of the framework: the layers that it makes, all of which start by one rule.

    ``kinds`` says how each weight starts, and is empty for what starts in the layer's own way.
    """

    base: str
    kinds: dict[str, str]
    name: str = ""
    nodes: list[OpNode] = field(default_factory=list)

    def takes(self, base: str, kinds: dict[str, str]) -> bool:
        """Whether a layer starts by the same rule; it may lack a bias that others have."""
        shared = self.kinds.keys() & kinds.keys()
        apart = self.kinds.keys() ^ kinds.keys()
        return base == self.base and apart <= {"bias"} and all(self.kinds[name] == kinds[name] for name in shared)

    def numbers(self, node: OpNode) -> dict[str, Any]:
        """The numbers of one layer that differ among those of the class, by the keyword argument that gives them."""
        own = {weight.name: weight.init for weight in node.weights}
        return {
            keyword: own[name].values[at]
            for name in self.kinds
            for at, keyword in enumerate(self._keywords[name])
            if keyword and name in own
        }

    def _inits(self, name: str) -> list[Initialiser]:
        return [weight.init for node in self.nodes for weight in node.weights if weight.name == name]

    @cached_property
    def _keywords(self) -> dict[str, list[str]]:
        """By weight, the keyword argument for each number of its initialiser; an empty one where it never varies."""
        found = {}
        for name, kind in self.kinds.items():
            columns = [list(column) for column in zip(*(init.values for init in self._inits(name)))]
            names = [known for known, _ in _NUMBERS.get(kind, ())]
            found[name] = [f"{name}_{known}" if not constant(column) else "" for known, column in zip(names, columns)]
        return found

    def _arguments(self) -> list[str]:
        """What the constructor takes besides what the layer takes."""
        lacking = {name for name in self.kinds if len(self._inits(name)) < len(self.nodes)}
        return [
            f"{keyword}: float" + (" = 0.0" if name in lacking else "")
            for name in self.kinds
            for keyword in self._keywords[name]
            if keyword
        ]

    def label(self, first: bool) -> str:
        """A name to make a class name of: the layer's own for the first rule, else that and how its weight starts."""
        layer = self.base.rsplit(".", 1)[-1]
        return layer if first else f"{layer}_{next(kind for kind in self.kinds.values() if kind)}"

    def buffers(self) -> list[str]:
        """The weights that it fills and that the layer makes under names of its own, unknown to type checkers."""
        return [name for name, kind in self.kinds.items() if kind and name not in ("weight", "bias")]

    def doc(self) -> str:
        """The rule in words."""
        rules = []
        for name, kind in self.kinds.items():
            if kind:
                columns = zip(_NUMBERS.get(kind, ()), self._keywords[name], self._inits(name)[0].values)
                shown = [keyword or f"{value:g}" for (_, usual), keyword, value in columns if keyword or value != usual]
                rules.append(f"{name} = {kind}({', '.join(shown)})" if shown else f"{name} = {kind}")
        whole = f"{self.base} that starts with {', '.join(rules)}."
        return whole if len(whole) + 10 <= WIDTH else f"{self.base} that starts in a way of its own."

    def methods(self) -> list[Method]:
        made = [Method("reset_parameters", ["self"], "None", self._body())]
        arguments = self._arguments()
        if arguments:
            kept = [argument.partition(":")[0] for argument in arguments]
            lines = [*(f"{BODY}self.{name} = {name}" for name in kept), f"{BODY}super().__init__(*args, **kwargs)"]
            made.insert(0, Method("__init__", ["self", "*args: Any", *arguments, "**kwargs: Any"], "None", lines))
        return made

    def _body(self) -> list[str]:
        """The statements that fill the layer."""
        lines = [] if all(self.kinds.values()) else [f"{BODY}super().reset_parameters()"]
        for name, kind in self.kinds.items():
            if not kind:
                continue
            inits = self._inits(name)
            values = [
                Atom(f"self.{keyword}") if keyword else literal(value)
                for keyword, value in zip(self._keywords[name], inits[0].values)
            ]
            unsure = name == "bias" and any(node.name in MAY_LACK_BIAS for node in self.nodes)
            missing = unsure or len(inits) < len(self.nodes)
            if missing:
                lines.append(f"{BODY}if self.{name} is not None:")
            lines += statement("", filling(kind, Atom(f"self.{name}"), values), BODY + "    " * missing)
        return lines


def init_subclasses(nodes: Iterable[OpNode], target: Target) -> list[InitSubclass]:
    """The rules by which layers start otherwise than they do by themselves, in the order of these layers."""
    found: list[InitSubclass] = []
    for node in nodes:
        kinds = {weight.name: "" if weight.init.own else weight.init.kind for weight in node.weights}
        if not any(kinds.values()):
            continue
        base = _base(node, target)
        start = next((known for known in found if known.takes(base, kinds)), None)
        if start is None:
            start = InitSubclass(base, {})
            found.append(start)
        start.kinds |= kinds
        start.nodes.append(node)
    return found


def _base(node: OpNode, target: Target) -> str:
    """The class of the framework that a layer is made of."""
    made = target.layer(node.op, Literals(node.op))
    assert isinstance(made, Call)
    return flat(made.function)
