"""Generated source to a live ``nn.Module``. torch is imported here and nowhere to the left."""

from __future__ import annotations

import linecache
import sys
from hashlib import sha256
from types import ModuleType
from typing import TYPE_CHECKING, Any

from archspec.report.dtypes import DTYPES
from archspec.spec.asked import refuse

if TYPE_CHECKING:
    from torch import device as Device
    from torch import dtype as Dtype
    from torch import nn


def load_module(source: str, name: str) -> ModuleType:
    """Run a generated source as a module; its lines are known to linecache, so that a debugger steps into them.

    Equal sources are one module, so that models made from them pickle and compare by class.
    """
    digest = sha256(source.encode()).hexdigest()[:16]
    full = f"archspec.generated.{name}_{digest}"
    if full in sys.modules:
        return sys.modules[full]
    filename = f"<archspec {name} {digest}>"
    linecache.cache[filename] = (len(source), None, source.splitlines(True), filename)
    module = ModuleType(full)
    module.__file__ = filename
    module.__dict__["__source__"] = source
    sys.modules[full] = module
    try:
        exec(compile(source, filename, "exec"), module.__dict__)
    except BaseException:
        del sys.modules[full]
        raise
    _make_portable(module, source, name)
    return module


def _make_portable(module: ModuleType, source: str, name: str) -> None:
    """Let instances of the generated classes pickle with their source, so that any process can load them."""

    def reduce(self: Any, protocol: Any) -> tuple[Any, ...]:
        return revive, (source, name, type(self).__name__), object.__reduce_ex__(self, 2)[2]

    for item in list(vars(module).values()):
        if isinstance(item, type) and item.__module__ == module.__name__:
            item.__reduce_ex__ = reduce  # type: ignore[assignment, method-assign]


def revive(source: str, name: str, class_name: str) -> Any:
    """A bare instance of a generated class, for unpickling to fill."""
    made: type[nn.Module] = getattr(load_module(source, name), class_name)
    return made.__new__(made)


def place_of(device: Any, dtype: Any) -> tuple[Device | None, Dtype | None]:
    """A device and a dtype, which may be given by name; None for torch's own defaults.

    Raises:
        SpecError: there is no such device here, or no such dtype for parameters.
    """
    import torch

    if isinstance(dtype, str) and dtype in DTYPES:
        dtype = getattr(torch, dtype)
    if dtype is not None and not (isinstance(dtype, torch.dtype) and dtype.is_floating_point):
        refuse("dtype", dtype, f"a dtype of torch with a fraction, or a name such as {', '.join(DTYPES)}")
    if device is None:
        return None, dtype
    try:
        found = torch.device(device)
        torch.empty(0, device=found)
    except (TypeError, ValueError, RuntimeError, AssertionError, NotImplementedError):
        refuse("device", device, "a device that torch has here, such as cpu or meta")
    return found, dtype


def build_module(
    source: str, name: str, class_name: str, device: Device | None = None, dtype: Dtype | None = None
) -> nn.Module:
    """The model of a generated source, initialised, in train() mode, on a device and in a dtype."""
    import torch

    before = torch.get_default_dtype()
    made: Any = getattr(load_module(source, name), class_name)
    try:
        if dtype is not None:
            torch.set_default_dtype(dtype)
        if device is None:
            model: nn.Module = made()
        else:
            with torch.device(device):
                model = made()
    finally:
        torch.set_default_dtype(before)
    return model
