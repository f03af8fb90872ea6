"""One spec on every road from its text to numbers; the first difference has a kind, which shrinking preserves."""

from __future__ import annotations

import importlib.util
import json
import tempfile
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from random import Random
from typing import Any

import torch
from torch import Tensor, nn

import archspec
from archspec.diagnostics import SpecError
from archspec.graph.model_inputs import size_names
from archspec.graph.nodes import Instance, LayerList, Node, OpNode, Step
from archspec.graph.walk import tables_of, weights_of
from archspec.report.metrics import CLOSED, Metrics
from archspec.report.model import Report
from archspec.spec.schema import Spec
from archspec.targets.torch.target import TORCH
from archspec.verification.counts import count_checks
from archspec.verification.inputs import random_inputs
from archspec.verification.values import Holder
from tests.fuzz.family import Refusal, arguments_of, difference, drawn
from tests.fuzz.interpret import Made
from tests.measure import nbytes, packed

BATCH = 2


@dataclass(frozen=True)
class Difference:
    """What does not agree: ``kind`` says which roads, ``words`` the rest."""

    kind: str
    words: str


@dataclass(frozen=True)
class Refused:
    """A spec that is no spec, by its first code."""

    code: str
    words: str


class Differs(Exception):
    """Two roads lead to different numbers."""

    def __init__(self, kind: str, words: object) -> None:
        super().__init__(str(words))
        self.kind = kind


@dataclass(frozen=True)
class Roads:
    """Which of the costly comparisons are made."""

    built: bool = True
    counts: bool = True
    json: bool = True
    count: Counter[str] = field(default_factory=Counter)
    ops: Counter[str] = field(default_factory=Counter)


def agree(
    text: str,
    params: Mapping[str, Any] | None = None,
    input_shape: tuple[int, ...] | None = None,
    made: Made | None = None,
    roads: Roads | None = None,
    model: str | None = None,
) -> Difference | Refused | None:
    """Hold a model of a spec against itself on every road; ``made`` is what its writer knows of it."""
    given = {name: worded(value) for name, value in (params or {}).items()}
    try:
        spec = archspec.load_spec(text, model, given, input_shape)
        report = archspec.stats(spec, batch=BATCH, dtype="float64")
    except SpecError as error:
        return Refused(error.diagnostics[0].code, str(error))
    except Exception as error:
        return Difference(f"raised by stats: {type(error).__name__}", _words(error))
    roads = roads or Roads()
    roads.ops.update(ops_in(report.root))
    for name, road in _roads(roads):
        roads.count[name] += 1
        try:
            road(Compared(text, given, input_shape, spec, report, made, roads.count))
        except Differs as difference:
            return Difference(f"{name}: {difference.kind}", str(difference))
        except SpecError as error:
            return Difference(f"{name}: refused with {error.diagnostics[0].code}", str(error))
        except Exception as error:
            return Difference(f"{name}: raises {type(error).__name__}", _words(error))
    return None


@dataclass(frozen=True)
class Compared:
    """A spec with its report, and what is known of it."""

    text: str
    params: Mapping[str, Any]
    input_shape: tuple[int, ...] | None
    spec: Spec
    report: Report
    made: Made | None
    count: Counter[str]

    @property
    def root(self) -> Instance:
        return self.report.root

    def inputs(self) -> list[Tensor]:
        """A batch of random inputs in float64."""
        return random_inputs(self.root, BATCH, torch.Generator().manual_seed(1))

    def model(self) -> nn.Module:
        """The compiled module in float64."""
        torch.manual_seed(0)
        return archspec.compile_spec(self.spec, dtype=torch.float64)


def _roads(roads: Roads) -> Iterator[tuple[str, Callable[[Compared], None]]]:
    yield "known", known
    yield "check", checked
    yield "values", values
    if roads.built:
        yield "built file", built
        yield "family", family
    if roads.json:
        yield "JSON", through_json
    yield "memory", memory
    if roads.counts:
        yield "counts", counts


def ops_in(root: Instance) -> set[str]:
    """The ops that a graph applies."""
    found: set[str] = set()
    seen: set[int] = set()
    stack: list[Node] = [root]
    while stack:
        node = stack.pop()
        if id(node) in seen:
            continue
        seen.add(id(node))
        if isinstance(node, OpNode):
            found.add(node.name)
        elif isinstance(node, LayerList):
            stack += node.items
        else:
            stack += [item.node for item in node.body if isinstance(item, Step)]
    return found


def worded(value: Any) -> Any:
    """A parameter as a caller gives it."""
    return list(value) if isinstance(value, tuple) else value


def known(at: Compared) -> None:
    """The graph against what the writer worked out by itself."""
    if at.made is None:
        return
    same("shapes", [tuple(t.shape) for t in at.root.outputs], [t.shape for t in at.made.results])
    weights = dict(weights_of(at.root))
    same("keys and shapes", {key: tuple(w.shape) for key, w in weights.items()}, at.made.shapes)
    tables = {".".join((*path, table.name)): table for path, table in tables_of(at.root)}
    for key, (shape, numbers, whole) in at.made.tables.items():
        if key not in tables:
            continue  # nothing reads it
        table = tables[key]
        same(f"table {key}", (table.shape, table.dtype), (shape, "int" if whole else "float"), kind="tables")
        same(f"table {key}", table.values, numbers, kind="tables")
    for key, start in at.made.starts.items():
        same(f"start of {key}", weights[key].init.values, (start,), kind="starts")


def same(what: str, ours: Any, theirs: Any, kind: str | None = None) -> None:
    if ours != theirs:
        raise Differs(kind or what, f"{what}: {ours} and {theirs}")


def checked(at: Compared) -> None:
    """What stats takes, check takes, and it builds."""
    archspec.check(at.spec)


def values(at: Compared) -> None:
    """The compiled module against reference execution: state, tables, outputs in both modes, gradients."""
    with torch.random.fork_rng(devices=[]):
        holder = Holder(at.root, at.model())
        holder.run()
    if holder.found:
        first = holder.found[0]
        raise Differs(f"{first.code} {first.message.split('`')[0].strip()}", f"{first.message} {first.notes}")
    wrong = [agreement for agreement in holder.agreements if not agreement.agrees]
    if wrong:
        raise Differs(wrong[0].what, wrong[0])


def built(at: Compared) -> None:
    """The file that build writes, imported by itself, against the compiled module."""
    source = archspec.generate_source(at.spec)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "built.py"
        path.write_text(source)
        found = importlib.util.spec_from_file_location("built", path)
        assert found is not None
        assert found.loader is not None
        module = importlib.util.module_from_spec(found)
        found.loader.exec_module(module)
    model = at.model().eval()
    torch.set_default_dtype(torch.float64)
    try:
        other = getattr(module, TORCH.class_name(at.spec.name))().eval()
    finally:
        torch.set_default_dtype(torch.float32)
    other.load_state_dict(model.state_dict(), strict=True)
    with torch.no_grad():
        ours, theirs = model(*at.inputs()), other(*at.inputs())
    if type(ours) is not type(theirs):
        raise Differs("kind of result", (type(ours), type(theirs)))
    if isinstance(ours, Tensor):
        ours, theirs = [ours], [theirs]
    for one, two in zip(ours, theirs):
        if not torch.allclose(one, two, rtol=1e-9, atol=1e-12, equal_nan=True):
            raise Differs("outputs", f"off by {(one - two).abs().max()}")


def family(at: Compared) -> None:
    """The class of the model called with other arguments, against the module compiled with these parameters."""
    model, random = at.model(), Random(at.text)
    defaults = arguments_of(model)
    for _ in range(2 if defaults else 0):
        args = drawn(defaults, random)
        at.count["families"] += 1
        try:
            found = difference(model, at.text, at.spec.name, at.params, args, input_shape=at.input_shape)
        except Refusal:
            at.count["families refused"] += 1
            continue
        if found is not None:
            raise Differs(*found)


def through_json(at: Compared) -> None:
    """The spec out to JSON and back in."""
    again = Spec.model_validate_json(at.spec.model_dump_json())
    same("source", archspec.generate_source(again), archspec.generate_source(at.spec))
    same("report", archspec.stats(again, batch=BATCH, dtype="float64").to_dict(), at.report.to_dict())


def memory(at: Compared) -> None:
    """What autograd keeps of a forward, to the byte."""
    model, inputs = at.model(), at.inputs()
    own, measured = at.report.memory.train_saved_bytes, nbytes(packed(model, inputs))
    if "survive(" not in at.text:  # which layers live is drawn
        same("train_saved_bytes", own, measured)
    same("parameters", at.report.params, sum(p.numel() for p in model.parameters()))
    buffers = list(model.buffers())
    same("params_bytes", at.report.memory.params_bytes, nbytes([*model.parameters(), *buffers]))


def counts(at: Compared) -> None:
    """What fvcore and torch count."""
    checks, notes = count_checks(at.spec, at.report, False)
    for check in checks:
        if check.theirs is None:
            at.count[f"{check.tool} failed"] += 1
        elif not check.agrees:
            raise Differs(f"{check.tool} {check.figure}", f"{check.ours} and {check.theirs} {notes}")


def opened(
    text: str, case: Mapping[str, Any], input_shape: tuple[int, ...] | None, model: str | None = None
) -> Difference | None:
    """``report.at(...)`` of a spec as it stands against ``stats`` of the case."""
    report = archspec.stats(text, model=model, batch=BATCH)
    sizes = names_of_sizes(text, model, input_shape)
    given = {name: list(value) if isinstance(value, tuple) else value for name, value in case.items()} | sizes
    try:
        wanted: Any = metrics_of(archspec.stats(text, input_shape, model=model, params=dict(case), batch=BATCH))
    except SpecError:
        wanted = None
    try:
        ours: Any = report.at(**given, batch=BATCH)
    except SpecError as error:
        ours = None
        if error.diagnostics[0].code in ("E0701", "E0702", "E0704"):
            return None
    except Exception as error:
        return Difference(f"at: raises {type(error).__name__}", _words(error))
    if ours != wanted:
        return Difference("at: figures", f"at({given}): {ours} and {wanted}")
    return None


def names_of_sizes(text: str, name: str | None, shape: tuple[int, ...] | None) -> dict[str, int]:
    """The sizes of the first input by the names that ``at`` knows them by."""
    if shape is None:
        return {}
    model = archspec.load_spec(text, name).model
    names = size_names(model.inputs[0], len(shape), ["batch", *(p.name for p in model.parameters)])
    if len(model.inputs) > 1:
        front = f"{model.inputs[0].name}."
        names = tuple(f"{front}{name.removeprefix(front)}" for name in names)
    return dict(zip(names[1:], shape[1:]))


def metrics_of(report: Report) -> Metrics:
    """The figures that closed forms give."""
    return Metrics({name: report.metrics[name] for name in CLOSED})


def header(model: str | None, params: Mapping[str, Any] | None, input_shape: tuple[int, ...] | None) -> str:
    """The case of a kept spec, as comments in front of it."""
    lines = [f"# model: {model}\n"] if model else []
    lines += [f"# params: {json.dumps(dict(params))}\n"] if params else []
    lines += [f"# input: {json.dumps(list(input_shape))}\n"] if input_shape else []
    return "".join(lines)


def kept(text: str) -> tuple[str | None, dict[str, Any], tuple[int, ...] | None]:
    """The case that a kept spec names in its first lines: which model, its parameters, the size of its input."""
    model: str | None = None
    params: dict[str, Any] = {}
    shape: tuple[int, ...] | None = None
    for line in text.splitlines():
        _, _, value = line.partition(": ")
        if line.startswith("# model: "):
            model = value
        elif line.startswith("# params: "):
            params = {key: tuple(v) if isinstance(v, list) else v for key, v in json.loads(value).items()}
        elif line.startswith("# input: "):
            shape = tuple(json.loads(value))
        elif not line.startswith("#"):
            break
    return model, params, shape


def _words(error: Exception) -> str:
    return f"{type(error).__name__}: {error}"[:500]
