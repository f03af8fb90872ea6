"""Uses of modules from outside, by what the spec declares of them."""

from __future__ import annotations

import keyword
import re
from collections.abc import Mapping
from typing import TYPE_CHECKING

from archspec.graph.builder import ModuleBuilder
from archspec.graph.extern import COSTS, TARGET, ExternOp
from archspec.graph.nodes import OpNode
from archspec.graph.problems.calls import BadExtern
from archspec.graph.values import InitFunction, Poison, Value, describe, is_recipe
from archspec.opdef.init import Initialiser
from archspec.opdef.types import TensorType
from archspec.source import Span
from archspec.sym.number import plain
from archspec.syntax import tree

if TYPE_CHECKING:
    from archspec.graph.elaborate import Elaborator


def extern_node(
    elaborator: Elaborator,
    key: str,
    definition: tree.Extern,
    args: Mapping[str, Value],
    inputs: tuple[TensorType, ...],
    span: Span,
) -> OpNode:
    """The node of a module from outside: its declared outputs and costs on these inputs.

    Raises:
        Failed: the declaration or an argument is wrong.
    """
    ledger = elaborator.ledger
    shell = tree.Module(
        definition.name, None, definition.parameters, definition.inputs, definition.outputs, (), definition.span
    )
    builder = ModuleBuilder(elaborator, key, shell)
    builder.open(args, inputs, span)
    target = definition.target.value
    if TARGET.fullmatch(target) is None or any(map(keyword.iskeyword, re.split("[.:]", target))):
        ledger.fail(BadExtern(definition.target.span, f"`{target}` is not of the form package.module:Class"))
    given = builder.instance.args
    for name, value in given.items():
        if is_recipe(value) or isinstance(value, (Initialiser, InitFunction)):
            ledger.fail(BadExtern(span, f"`{name}` of `{definition.name}` is {describe(value)}, not a value"))
    costs = {}
    for field in definition.costs:
        count = builder.evaluator.number(field.value)
        if field.name not in COSTS or isinstance(count, Poison) or count < 0:
            ledger.fail(BadExtern(field.span, f"the costs of an extern are {', '.join(COSTS)}, 0 or more"))
        costs[field.name] = int(count)
    outputs = tuple(TensorType(plain(builder.evaluator.sizes(shape))) for shape in definition.outputs)
    values = {parameter.name: given[parameter.name] for parameter in definition.parameters}
    return OpNode(ExternOp(definition.name, target, values, inputs, outputs, costs), (), span)
