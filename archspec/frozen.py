"""Frozen dataclasses by the dozen.

The syntax tree and the problems are a hundred small classes. ``dataclasses`` compiles six methods for each of them
whenever Python starts, which takes longer than to compile a spec; here the methods are written once and shared.
"""

from __future__ import annotations

from dataclasses import MISSING, FrozenInstanceError, dataclass, fields
from typing import TYPE_CHECKING, Any, ClassVar, TypeVar

T = TypeVar("T")

if TYPE_CHECKING:
    from typing_extensions import dataclass_transform
else:

    def dataclass_transform(**_: Any) -> Any:
        return lambda cls: cls


@dataclass_transform(frozen_default=True)
def immutable(cls: type[T]) -> type[T]:
    """A frozen dataclass for what is made by the hundred: that nobody sets its fields is for the type checker to see.

    ``dataclasses`` sets the fields of frozen classes one by one from outside, which takes three times as long.
    """
    return dataclass(unsafe_hash=True)(cls)


@dataclass_transform(frozen_default=True)
class Frozen:
    """Base of frozen dataclasses; a subclass is made one by being defined. Fields have no default factories."""

    _names: ClassVar[tuple[str, ...]] = ()
    _defaults: ClassVar[dict[str, Any]] = {}

    def __init_subclass__(cls) -> None:
        made: Any = dataclass(init=False, repr=False, eq=False)(cls)
        cls._names = tuple(field.name for field in fields(made))
        cls._defaults = {field.name: field.default for field in fields(made) if field.default is not MISSING}

    if not TYPE_CHECKING:

        def __init__(self, *args: Any, **given: Any) -> None:
            values = self.__dict__
            values.update(zip(self._names, args))
            for name in self._names[len(args) :]:
                values[name] = given.pop(name) if name in given else self._defaults.get(name, MISSING)
                if values[name] is MISSING:
                    raise TypeError(f"{type(self).__name__} lacks `{name}`")
            if given or len(args) > len(values):
                raise TypeError(f"{type(self).__name__} takes {', '.join(self._names)}")

    def __setattr__(self, name: str, value: Any) -> None:
        raise FrozenInstanceError(f"cannot assign to field {name!r}")

    def __delattr__(self, name: str) -> None:
        raise FrozenInstanceError(f"cannot delete field {name!r}")

    def __eq__(self, other: object) -> bool:
        return self.__dict__ == other.__dict__ if type(other) is type(self) else NotImplemented

    def __hash__(self) -> int:
        return hash(tuple(self.__dict__.values()))

    def __repr__(self) -> str:
        return f"{type(self).__name__}({', '.join(f'{name}={value!r}' for name, value in self.__dict__.items())})"
