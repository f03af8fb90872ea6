"""A body's dataflow as statements: what is used once is written where it is used, what has a name keeps it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

from archspec.emit.chance import ordered_steps
from archspec.emit.class_templates import ClassTemplate, ClassTemplates
from archspec.emit.code import (
    Atom,
    Attribute,
    Call,
    Code,
    IfExp,
    Subscript,
    call,
    display,
    flat,
    literal,
    rebuilt,
)
from archspec.emit.layout import STEP, WIDTH, fits, statement
from archspec.emit.lent import Lent
from archspec.emit.loops import rolled
from archspec.emit.shorten import Shortening
from archspec.emit.standing import Standing
from archspec.emit.untyped import is_untyped
from archspec.emit.variants import Apart, Choice
from archspec.graph.liveness import Liveness
from archspec.graph.nodes import Binding, Instance, LayerList, OpNode, Step

if TYPE_CHECKING:
    from archspec.emit.writer import ClassWriter

BODY = " " * 8
DEEPEST = 16
"""Steps inside one another in one expression."""


@dataclass
class Assignment:
    """The value that a variable got, and its lines."""

    name: str
    code: Code
    start: int
    end: int


class ForwardWriter:
    """Writes one forward."""

    def __init__(
        self, writer: ClassWriter, templates: ClassTemplates, template: ClassTemplate, skipped: set[str]
    ) -> None:
        self.writer = writer
        self.templates = templates
        self.template = template
        self.skipped = skipped
        self.first = template.first
        self.tensor = templates.target.tensor
        self.lines: list[str] = []
        self.code = Standing()
        self.live = Liveness(self.first.body, self.first.results, self._nothing)
        self.typed: set[str] = set()
        self.declared: set[str] = set()
        self.target: str | None = None
        self.last: Assignment | None = None
        self.indent = BODY
        self.preferred: dict[int, str] = {}
        self.spent: list[int] = []
        self.sizes: set[str] = set()
        """Variables of the sizes that forward reads."""
        self.variables: set[str] = set()
        self.conditional: set[int] = set()
        """Tensors that some uses of the class have, and others not: they stand in a branch alone."""
        self.nested: Counter[int] = Counter()
        """How many steps each tensor's expression has inside one another."""
        self.ordered = ordered_steps(template, templates.drawing)
        self.waiting: dict[int, tuple[int, ...]] = {}
        """The ordered steps in each tensor's expression, which have not been written yet."""

    def _nothing(self, index: int, step: Step) -> bool:
        if isinstance(step, Choice):
            return False
        if step.layer is not None and step.layer[0] in self.skipped:  # what is lent has weights, so it is not skipped
            return True
        nodes = self.template.nodes(index)
        return step.layer is None and all(self.templates.is_identity(node) for node in nodes)

    def name_sizes(self) -> None:
        """Ask every op what it reads of the sizes, which have their names before any variable has one."""
        for index, item in enumerate(self.first.body):
            if isinstance(item, Binding):
                continue
            if isinstance(item, Choice):
                with self.writer.lifting.among(self.template.having(index)):
                    self.writer.chosen(item)
            elif isinstance(item.node, OpNode) and not self.live.is_alias(item):
                inputs = [Atom("x")] * (len(item.inputs) + (item.layer is not None))
                with self.writer.lifting.among(self.template.having(index)):
                    self.templates.target.apply(item.node.op, self.writer.slots(index), *inputs)

    def write(self) -> list[str]:
        """The statements of forward."""
        self.sizes = set(self.writer.runtime.values())
        for index, name in enumerate(self.first.input_names):
            variable = self._variable(name)
            self.code[index] = Atom(variable)
            self.variables.add(variable)
            self.typed.add(variable)
            self.declared.add(variable)
        for index, item in enumerate(self.first.body):
            if isinstance(item, Binding):
                self._bind_names(item)
            elif not self.live.is_alias(item):
                having = self.template.having(index)
                if having is not None:
                    self.conditional.update(item.outputs)
                with self.writer.lifting.among(having):
                    self._step(index, item)
        self._return()
        return self._returned(rolled(self.lines, self._lengths(), self.variables | self.sizes, self.templates.target))

    def _returned(self, lines: list[str]) -> list[str]:
        """The statements, the last value returned at once and not by the name that it got, unless a loop gives it."""
        if self.last is None or self.lines[self.last.end :] != [f"{BODY}return {self.last.name}"]:
            return lines
        count = len(self.lines) - self.last.start
        if lines[-count:] != self.lines[-count:]:
            return lines
        self.lines = lines[:-count]
        self._return_one(self._fresh("out"), self.last.code)
        return self.lines

    def _lengths(self) -> dict[str, int]:
        """How many entries each list of layers has, by attribute, where it is as long in all uses of the class."""
        found = {}
        for name in self.first.layers:
            nodes = [instance.layers[name] for instance in self.template.instances if name in instance.layers]
            lengths = {0 if not isinstance(n, LayerList) or n.runs else len(n.items) for n in nodes}
            found[self.writer.attributes[name]] = lengths.pop() if len(lengths) == 1 else 0
        return found

    def _read(self, tensor: int) -> Code:
        return self.code[self.live.root(tensor)]

    def _step(self, index: int, step: Step) -> None:
        """What a step gives, as an expression or in a variable.

        Its order is the reason that it is one: what is stored first is no longer part of what the step reads.
        """
        for root in self.live.named_before(step):
            if not isinstance(self.code[root], Atom):
                self._store(root, self._fresh("y"))
        roots = [self.live.root(i) for i in step.inputs]
        for root in roots:
            if self.nested[root] >= DEEPEST:
                self._store(root, self._fresh("y"))
        inputs = [self._read(i) for i in step.inputs]
        waiting = [at for root in roots for at in self.waiting.pop(root, ())]
        self.waiting[step.outputs[0]] = (*waiting, index) if index in self.ordered else tuple(waiting)
        self.nested[step.outputs[0]] = 1 + max((self.nested[root] for root in roots), default=0)
        self.spent += self.live.read(step)
        if isinstance(step, Choice):
            condition, holds = self.writer.chosen(step)
            yes, no = inputs if holds else inputs[::-1]
            code: Code = IfExp(yes, condition, no)
            several = False
        elif isinstance(step.node, OpNode):
            if step.layer is not None:
                inputs = [self._layer(step), *inputs]
            code = self.templates.target.apply(step.node.op, self.writer.slots(index), *inputs)
            several = step.node.op.variadic_outputs
        else:
            assert step.layer is not None
            if isinstance(step.node, LayerList) and step.node.survival < 1:
                self._surviving(index, step, inputs[0])
                return
            code = call(self._layer(step), *inputs, *self._lender(step))
            several = isinstance(step.node, Instance) and step.node.returns != "one"
        if several and step.outputs[0] in self.conditional:
            raise Apart
        if several:
            self._several(index, step, code)
        else:
            self.code[step.outputs[0]] = code
            for tensor in self.live.named_behind(index, step):
                self._store(tensor, self._temporary(step))

    def _surviving(self, index: int, step: Step, x: Code) -> None:
        """A list of layers of which, in training, each takes part with a probability, and one at least."""
        assert step.layer is not None
        nodes = self.template.nodes(index)
        rates = [node.survival for node in nodes if isinstance(node, LayerList)]
        rate = self.writer.lifting.value(rates, [None] * len(rates), "survival", self.writer.spell)
        variable, layers, kept = self._fresh("y"), self._fresh("layers"), self._fresh("kept")
        self.code[step.outputs[0]] = x
        self._store(step.outputs[0], variable)
        self.variables.update((layers, kept))
        self.lines += self.templates.target.survivors(layers, kept, self._layer(step), rate, self.indent)
        self.lines += [f"{self.indent}for layer in {layers}:", f"{self.indent}{STEP}{variable} = layer({variable})"]

    def _layer(self, step: Step) -> Code:
        """The layer of a step, as whoever holds it knows it."""
        assert step.layer is not None
        return self._held(step.owner if isinstance(step, Lent) else "self", step.layer)

    def _lender(self, step: Step) -> list[Code]:
        """The layer that lends its weights, for a step that wants one."""
        return [self._held(*step.lender)] if isinstance(step, Lent) and step.lender else []

    def _held(self, owner: str, path: tuple[str, ...]) -> Code:
        code: Code = Atom(f"{owner}.{self.writer.attributes.get(path[0], path[0])}")
        for part in path[1:]:
            code = Subscript(code, (Atom(part),))
        return code

    def _several(self, index: int, step: Step, code: Code) -> None:
        """A step with several results: taken apart where the author does so, else kept and indexed.

        The names change before the statement is written, as all of them do at once when it is run.
        """
        untyped = is_untyped(code, self.typed)
        self._write_earlier(step.outputs[0])
        if len(step.outputs) > 1 and self.live.is_named(index):
            following = self.first.body[index + 1]
            assert isinstance(following, Binding)
            read = [self.live.reads[self.live.root(tensor)] > 0 for tensor in step.outputs]
            targets = [self._variable(name) if used else "_" for name, used in zip(following.names, read)]
            for target in targets:
                self._protect(target, set(step.outputs))
            for target, tensor in zip(targets, step.outputs):
                self.code[tensor] = Atom(target)
            code = self._fitted(f"{', '.join(targets)} = ", code)
            self.lines += statement(f"{', '.join(targets)} = ", code, self.indent)
            self.variables.update(targets)
            for target in targets:
                (self.typed.discard if untyped else self.typed.add)(target)
                self.declared.discard(target)
            return
        base = self._fresh(step.node.name)
        self.lines += statement(f"{base} = ", self._fitted(f"{base} = ", code), self.indent)
        self.variables.add(base)
        if not untyped:
            self.typed.add(base)
        for place, tensor in enumerate(step.outputs):
            self.code[tensor] = Subscript(Atom(base), (literal(place),))

    def _variable(self, name: str) -> str:
        """An author's name as a variable, off the sizes that forward reads at run time."""
        made = self.templates.target.variable(name)
        while made in self.sizes:
            made += "_"
        return made

    def _bind_names(self, item: Binding) -> None:
        """Give tensors the author's names, where that says more than what stands for them says already.

        Each way out is a name that would be a line for nothing: of state, of what is returned at once, of what has the
        name, is read by nothing, or is in another variable.
        """
        if "." in item.names[0]:
            self.code[item.tensors[0]] = Atom(item.names[0])
            return
        if self._returned_at_once(item):
            return
        targets = [self._variable(name) for name in item.names]
        roots = [self.live.root(tensor) for tensor in item.tensors]
        if len(targets) > 1 and not all(self.code.get(root) == Atom(t) for root, t in zip(roots, targets)):
            self._assign_together(targets, roots)
            return
        for target, root in zip(targets, roots):
            code = self.code.get(root)
            if code is None or code == Atom(target) or self.live.reads[root] == 0:
                continue
            if isinstance(code, Atom) and (code.text in self.variables or code.text.startswith("self.")):
                self.preferred.setdefault(root, target)
                continue
            self._protect(target, {root})
            self._store(root, target)

    def _returned_at_once(self, item: Binding) -> bool:
        """Whether what gets a name is read by nothing but the return, and nothing comes in between."""
        root = self.live.root(item.tensors[0])
        if self.first.returns != "one" or self.live.root(self.first.results[0]) != root or self.live.reads[root] != 1:
            return False
        later = self.first.body[self.first.body.index(item) + 1 :]
        return all(isinstance(other, Binding) or self.live.is_alias(other) for other in later)

    def _assign_together(self, targets: list[str], roots: list[int]) -> None:
        """Several names at once: each result gets its name, old values that are still read being stored away."""
        for target, root in zip(targets, roots):
            if self.live.reads[root] > 0 and self.code[root] != Atom(target):
                if isinstance(self.code[root], Atom) and root < len(self.first.inputs):
                    continue
                self._protect(target, {root})
                self._store(root, target)

    def _protect(self, target: str, assigned: set[int]) -> None:
        """Before a variable changes, what still reads its old value is stored away."""
        for tensor in self.spent:
            if tensor not in assigned and self.live.reads[tensor] <= 0:
                self.code.pop(tensor, None)
        self.spent.clear()
        for tensor in self.code.reading(target):
            if tensor in assigned or self.live.reads[tensor] <= 0:
                continue
            name = self.preferred.get(tensor, f"{target}_in")
            self._store(tensor, self._fresh(name))

    def _write_earlier(self, tensor: int, name: str | None = None) -> None:
        """Before a tensor is written, whatever waits for steps that come before its own, where their order counts.

        ``name`` is what the tensor will be called.
        """
        own = self.waiting.pop(tensor, ())
        for other in [t for t, steps in self.waiting.items() if own and steps and steps[0] < own[-1]]:
            if other in self.waiting and self.live.reads[other] > 0 and not isinstance(self.code[other], Atom):
                self._store(other, self._fresh("y", name))

    def _store(self, tensor: int, name: str) -> None:
        if tensor in self.conditional and not isinstance(self.code[tensor], Atom):
            raise Apart
        self._write_earlier(tensor, name)
        self.nested[tensor] = 0
        self._emit(name, self.code[tensor])
        self.code[tensor] = Atom(name)

    def _emit(self, name: str, code: Code) -> None:
        before, self.target = self.target, name
        code = self._fitted(f"{name}: {self.tensor} = ", code)
        self.target = before
        declared = f": {self.tensor}" if name not in self.variables and is_untyped(code, self.typed) else ""
        if self._branches(f"{name}{declared} = ", code):
            assert isinstance(code, IfExp)
            with self._branch(f"if {flat(code.condition)}:"):
                self._emit(name, code.yes)
            if code.no != Atom(name):
                with self._branch("else:"):
                    self._emit(name, code.no)
            return
        untyped = is_untyped(code, self.typed)
        declares = name not in self.variables and untyped
        start = len(self.lines)
        self.lines += statement(f"{name}: {self.tensor} = " if declares else f"{name} = ", code, self.indent)
        self.last = None if declares or self.indent != BODY else Assignment(name, code, start, len(self.lines))
        self.variables.add(name)
        if declares:
            self.declared.add(name)
        if untyped and name not in self.declared:
            self.typed.discard(name)
        else:
            self.typed.add(name)

    def _fitted(self, prefix: str, code: Code) -> Code:
        """The expression, parts of it stored in variables until the statement has no line that is too long."""
        code = self._checked(code)
        while not fits(prefix, code, self.indent) and not self._branches(prefix, code):
            in_order = len(self.ordered) > 1
            shorter = Shortening(code, self.target, in_order, self._fits, self._fresh, self._emit).shorter()
            if shorter == code:
                break
            code = self._checked(shorter)
        return code

    def _fits(self, code: Code) -> bool:
        """Whether an expression has room as a statement of its own."""
        return fits(f"y: {self.tensor} = ", code, self.indent)

    def _checked(self, code: Code) -> Code:
        """The expression with functions in the place of methods without types, where those of the tensor are known."""
        code = rebuilt(code, self._checked)
        functions = self.templates.target.functions
        match code:
            case Call(function=Attribute(value=x, name=name)) if name in functions and not is_untyped(x, self.typed):
                return Call(Atom(functions[name]), (x, *code.args), code.kwargs)
        return code

    def _branches(self, prefix: str, code: Code) -> bool:
        """Whether a choice is too long for one line, so that each side gets statements of its own."""
        return isinstance(code, IfExp) and len(f"{self.indent}{prefix}{flat(code)}") > WIDTH

    @contextmanager
    def _branch(self, head: str) -> Iterator[None]:
        """The statements that are written inside of this stand in a block."""
        self.lines.append(f"{self.indent}{head}")
        self.indent += STEP
        yield
        self.indent = self.indent.removesuffix(STEP)
        self.last = None

    def _fresh(self, base: str, taken: str | None = None) -> str:
        name, count = self.templates.target.variable(base), 1
        while name in self.variables or name in self.sizes or name == taken:
            count += 1
            name = f"{base}{count}"
        return name

    def _temporary(self, step: Step) -> str:
        if isinstance(step, Choice):
            return self._fresh("y")
        return self._fresh(step.layer[-1] if step.layer and step.layer[-1].isidentifier() else step.node.name)

    def _return(self) -> None:
        results = [self._read(tensor) for tensor in self.first.results]
        if self.first.returns == "list":
            code = self._fitted("return ", display(results, "[]"))
            self.lines += statement("return ", code, self.indent)
        elif self.first.returns == "tuple":
            line = f"{self.indent}return {', '.join(flat(item) for item in results)}"
            if len(line) <= WIDTH:
                self.lines.append(line)
            else:
                self.lines += statement("return ", self._fitted("return ", display(results)), self.indent)
        else:
            (code,) = results
            name = self._fresh("out")
            self._return_one(name, code)

    def _return_one(self, name: str, code: Code) -> None:
        """``return code``; by way of a variable where a type checker would not know what it is."""
        untyped = is_untyped(code, self.typed)
        self.target = None if untyped else name
        prefix = f"{name}: {self.tensor} = " if untyped else "return "
        code = self._fitted(prefix, code)
        if self._branches(prefix, code):
            assert isinstance(code, IfExp)
            with self._branch(f"if {flat(code.condition)}:"):
                self._return_one(name, code.yes)
            self._return_one(name, code.no)
            return
        if is_untyped(code, self.typed):
            self._emit(name, code)
            code = Atom(name)
        self.lines += statement("return ", code, self.indent)
