"""Frozen classes are what ``dataclass(frozen=True)`` makes."""

from __future__ import annotations

import copy
import pickle
from dataclasses import FrozenInstanceError, asdict, dataclass, fields, is_dataclass, replace
from typing import Any, ClassVar

import pytest

from archspec.frozen import Frozen


class Base(Frozen):
    """One field, and what is none."""

    code: ClassVar[str] = "B"
    place: int


class Point(Base):
    """Fields of its own behind those of its base."""

    x: tuple[int, ...]
    name: str = "p"
    kind: str = "point"


@dataclass(frozen=True)
class Twin:
    """The same, by the standard library."""

    place: int
    x: tuple[int, ...]
    name: str = "p"
    kind: str = "point"


CALLS: list[tuple[tuple[Any, ...], dict[str, Any]]] = [
    ((1, (2,)), {}),
    ((1,), {"x": (2,)}),
    ((), {"x": (2,), "place": 1}),
    ((1, (2,), "q"), {}),
    ((1, (2,)), {"kind": "k"}),
    ((1, (2,)), {"kind": "k", "name": "q"}),
    ((1, (2,), "q", "k"), {}),
]


@pytest.mark.parametrize(("given", "named"), CALLS)
def test_like_a_dataclass(given: tuple[Any, ...], named: dict[str, Any]) -> None:
    point, twin = Point(*given, **named), Twin(*given, **named)
    assert is_dataclass(point)
    assert [field.name for field in fields(point)] == [field.name for field in fields(twin)]
    assert asdict(point) == asdict(twin)
    assert repr(point) == repr(twin).replace("Twin", "Point")
    assert hash(point) == hash(twin)
    assert point == Point(**vars(twin))
    assert point != twin
    assert replace(point, name="other").name == "other"
    assert replace(point, name="other") != point
    for made in (copy.copy(point), copy.deepcopy(point), pickle.loads(pickle.dumps(point))):
        assert made == point
        assert hash(made) == hash(point)


@pytest.mark.parametrize(
    ("given", "named"),
    [((), {}), ((1,), {}), ((1, (2,), "q", "k", 0), {}), ((1, (2,)), {"place": 1}), ((1, (2,)), {"code": "C"})],
)
def test_arguments_that_a_dataclass_refuses(given: tuple[Any, ...], named: dict[str, Any]) -> None:
    for kind in (Point, Twin):
        with pytest.raises(TypeError):
            kind(*given, **named)


def test_frozen() -> None:
    point: Any = Point(1, (2,))
    with pytest.raises(FrozenInstanceError):
        point.name = "q"
    with pytest.raises(FrozenInstanceError):
        del point.name
    assert point == Point(1, (2,))


def test_subclasses_differ() -> None:
    class Other(Point):
        """The same fields."""

    assert Other(1, (2,)) != Point(1, (2,))
