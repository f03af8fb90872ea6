"""What tools count on a compiled module. torch and fvcore are imported inside these functions alone."""

from __future__ import annotations

import logging
import warnings
from collections import Counter
from collections.abc import Callable, Mapping
from contextlib import ExitStack
from dataclasses import dataclass, field
from math import prod
from types import MappingProxyType
from typing import Any

from archspec.api import compile_spec
from archspec.report.model import Report
from archspec.spec.resolved import Resolved

KEPT = "activations of "
ATTENTION = "aten::scaled_dot_product_attention"
NORMS = ("aten::layer_norm", "aten::group_norm", "aten::instance_norm")


@dataclass(frozen=True)
class Measured:
    """A tool's counts by operator, None where it could not count.

    ``totals`` are other counts that it gives, by name; ``roundings`` are what it itself rounds, and how.
    """

    by_operator: dict[str, int] | None
    totals: Mapping[str, int] = field(default_factory=dict)
    notes: tuple[str, ...] = ()
    roundings: Mapping[str, int] = field(default_factory=dict)

    def rounded(self, name: str) -> int:
        """The most by which an operator's count may be off."""
        return self.roundings.get(name, 0)


def parameter_count(spec: Resolved, allow_extern: bool) -> int | None:
    """Elements of the live module's parameters, buffers left out, each counted once; None where it cannot be made."""
    for device in ("meta", "cpu"):
        try:
            module = _module(spec, device, allow_extern)
        except Exception:  # a class from outside may raise anything
            continue
        count: int = sum(parameter.numel() for parameter in module.parameters())
        return count
    return None


def by_fvcore(spec: Resolved, report: Report, outside: Mapping[str, str], allow_extern: bool) -> Measured:
    """fvcore's FlopCountAnalysis and ActivationCountAnalysis, by the rules of both in one trace."""
    import torch
    from fvcore.nn.activation_count import _DEFAULT_SUPPORTED_OPS as KEEPS
    from fvcore.nn.flop_count import _DEFAULT_SUPPORTED_OPS as COUNTS
    from fvcore.nn.jit_analysis import JitModelAnalysis

    logging.getLogger("fvcore").setLevel(logging.ERROR)
    fused: list[int] = []

    def attention(arguments: list[Any], outputs: list[Any]) -> Counter[str]:
        q, k, v = (argument.type().sizes() for argument in arguments[:3])
        fused.append(1)
        front = max(prod(q[:-2]), prod(k[:-2]), prod(v[:-2]))
        work = front * q[-2] * k[-2] * (q[-1] + v[-1])
        return Counter({"matmul": work, KEPT + "attention": prod(outputs[0].type().sizes())})

    try:
        model = _module(spec, "cpu", allow_extern)
        for module in model.modules():  # a trace knows what a state holds, and a table can be what a model gives
            module._non_persistent_buffers_set.clear()
        analysis = JitModelAnalysis(model, _inputs(report, "cpu"))
        for name in COUNTS.keys() | KEEPS.keys():
            analysis.set_op_handle(name, _both(name, COUNTS.get(name), KEEPS.get(name)))
        analysis.set_op_handle(ATTENTION, attention)
        analysis.unsupported_ops_warnings(False).uncalled_modules_warnings(False).tracer_warnings("none")
        with torch.no_grad():
            by_module = analysis.by_module_and_operator()
    except Exception as error:  # what a tool cannot do on a model is a finding, whatever it raises
        return Measured(None, notes=(f"fvcore failed: {_first_line(error)}",))
    counts = Counter(by_module[""])
    for path, label in outside.items():
        inside = by_module.get(path, Counter())
        counts.subtract(inside)
        counts[label] += sum(count for name, count in inside.items() if not name.startswith(KEPT))
    kept = sum(count for name, count in counts.items() if name.startswith(KEPT))
    work = {name: int(count) for name, count in counts.items() if count and not name.startswith(KEPT)}
    words = f"{len(fused)} fused attentions counted by a rule registered for them: their two matmuls"
    four_digits = {"einsum": work.get("einsum", 0) // 1900}
    return Measured(work, {"activations": int(kept)}, (words,) if fused else (), four_digits)


def _both(name: str, count: Any, keep: Any) -> Callable[[list[Any], list[Any]], Counter[str]]:
    """One rule of fvcore's two: work under the operator's name, activations under that name with a word in front."""

    def rule(arguments: list[Any], outputs: list[Any]) -> Counter[str]:
        found: Counter[str] = Counter()
        if name in NORMS:
            arguments = [_TwoAxes(arguments[0]), *arguments[1:]]
        for front, handle in (("", count), (KEPT, keep)):
            if handle is not None:
                counted = handle(arguments, outputs)
                own = counted if isinstance(counted, Counter) else {name.rpartition("::")[2]: counted}
                found.update({front + key: value for key, value in own.items()})
        return found

    return rule


class _TwoAxes:
    """A tensor of a trace, told as one of two axes: fvcore's rule for norms counts elements, of five axes at most.

    It answers what that rule asks of a ``torch._C.Value``.
    """

    def __init__(self, value: Any) -> None:
        self.value = value

    def isCompleteTensor(self) -> bool:
        return True

    def type(self) -> _TwoAxes:
        return self

    def sizes(self) -> list[int]:
        return [1, prod(self.value.type().sizes())]


def by_torch(spec: Resolved, report: Report, outside: Mapping[str, str], allow_extern: bool) -> Measured:
    """torch's FlopCounterMode, on the meta device where that is possible.

    On the CPU, kernels that fuse products of matrices are turned off: the counter has no rule for them.
    """
    from torch.backends import mkldnn
    from torch.nn.attention import SDPBackend, sdpa_kernel

    try:
        return _count(spec, report, outside, allow_extern, "meta")
    except Exception:  # an op without a meta form may raise anything
        try:
            with ExitStack() as stack:
                stack.enter_context(warnings.catch_warnings())
                warnings.simplefilter("ignore")
                stack.enter_context(sdpa_kernel(SDPBackend.MATH))
                stack.enter_context(mkldnn.flags(enabled=False))
                return _count(spec, report, outside, allow_extern, "cpu")
        except Exception as error:
            return Measured(None, notes=(f"torch's FlopCounterMode failed: {_first_line(error)}",))


TOOLS: Mapping[str, Callable[[Resolved, Report, Mapping[str, str], bool], Measured]] = MappingProxyType(
    {"fvcore": by_fvcore, "torch": by_torch}
)
"""What runs the tool that a convention follows, by the convention's name; what is not here is measured by nothing."""


def _count(spec: Resolved, report: Report, outside: Mapping[str, str], allow_extern: bool, device: str) -> Measured:
    import torch
    from torch.utils.flop_counter import FlopCounterMode

    model = _module(spec, device, allow_extern)
    counter: Any = FlopCounterMode(display=False)
    with torch.no_grad(), counter:
        model(*_inputs(report, device))
    by_module = {path: _kinds(found) for path, found in counter.get_flop_counts().items()}
    counts = by_module.get("Global", Counter())
    for path, label in outside.items():
        inside = by_module.get(f"{type(model).__name__}.{path}", Counter())
        counts.subtract(inside)
        counts[label] += sum(inside.values())
    return Measured({name: count for name, count in counts.items() if count})


def _kinds(found: Mapping[Any, int]) -> Counter[str]:
    """Counts of torch's operators as convolution and matmul, which is mm, addmm, bmm and what attention fuses."""
    made: Counter[str] = Counter()
    for operator, count in found.items():
        made["convolution" if "conv" in str(operator) else "matmul"] += count
    return made


def _module(spec: Resolved, device: str, allow_extern: bool) -> Any:
    """The compiled model in eval mode, its weights zero rather than drawn, and without gradients.

    No count depends on them; and fvcore's trace fails at a view of a parameter that wants a gradient.
    """
    import torch
    from torch.overrides import TorchFunctionMode

    class Undrawn(TorchFunctionMode):
        def __torch_function__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
            given = kwargs or {}
            if func.__name__ not in ("normal_", "uniform_") and getattr(func, "__module__", "") != "torch.nn.init":
                return func(*args, **given)
            with torch.no_grad():
                return (args[0] if args else given["tensor"]).zero_()

    with Undrawn():
        return compile_spec(spec, device=device, allow_extern=allow_extern).eval().requires_grad_(False)


def _inputs(report: Report, device: str) -> tuple[Any, ...]:
    import torch

    return tuple(
        torch.zeros(
            report.batch, *map(int, given.shape), device=device,
            dtype=torch.long if given.dtype == "int" else torch.float32,
        )
        for given in report.root.inputs
    )  # fmt: skip


def _first_line(error: Exception) -> str:
    return f"{type(error).__name__}: {error}".split("\n")[0][:200]
