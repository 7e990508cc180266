"""Methods of other packages: found by their entry points when a methodology names one, and never before."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from importlib.metadata import EntryPoint, entry_points
from typing import Any

from pydantic import BaseModel, ValidationError

from dtindex.findings import UsageError, finding, nearest

__all__ = ["FAMILIES", "NotRegistered", "Registered", "all_registered", "registered"]

FAMILIES = ("normalise", "weights", "aggregate")
"""Families that take methods of other packages; the group of entry points is ``dtindex.`` and the family."""


class NotRegistered(UsageError):
    """DT349: no package has the method, its package cannot be loaded, or it does not take these settings."""

    def __init__(self, message: str) -> None:
        super().__init__([finding("DT349", message)])
        self.message = message


@dataclass(frozen=True)
class Registered:
    """A method, and the package that it comes from."""

    family: str
    name: str
    cls: type[Any]
    package: str
    version: str

    def made(self, settings: Mapping[str, object], *more: Any) -> Any:
        """The method with its settings, checked by the class's own ``Settings`` where it has them.

        Raises
        ------
        NotRegistered
            A setting lacks, is unknown, or is of the wrong kind.
        """
        model = getattr(self.cls, "Settings", None)
        if model is None:
            if settings:
                raise NotRegistered(f"{self.name!r} of {self.package} takes no settings, found {', '.join(settings)}")
            return self.cls(None, *more)
        assert issubclass(model, BaseModel)
        try:
            return self.cls(model.model_validate(dict(settings)), *more)
        except ValidationError as error:
            told = "; ".join(f"{'.'.join(map(str, one['loc']))}: {one['msg']}" for one in error.errors())
            raise NotRegistered(f"settings of {self.name!r} of {self.package}: {told}") from error


@cache
def registered(family: str, name: str) -> Registered:
    """The method of a name.

    Raises
    ------
    NotRegistered
        There is none; two packages have one; or loading it fails, with the reason.
    """
    points = _points(family)
    own = [point for point in points if point.name == name]
    if not own:
        near = nearest(name, [point.name for point in points])
        there = (
            f"nearest is {near!r}" if near else f"installed are {', '.join(sorted(p.name for p in points)) or 'none'}"
        )
        raise NotRegistered(f"no installed package registers {name!r} in the group dtindex.{family}; {there}")
    if len(own) > 1:
        packages = ", ".join(sorted(_package(point)[0] for point in own))
        raise NotRegistered(f"{name!r} is registered by more than one package: {packages}")
    return _loaded(family, own[0])


def all_registered() -> Iterator[Registered]:
    """Every method that can be loaded, by family and name."""
    for family in FAMILIES:
        for point in sorted(_points(family), key=lambda point: point.name):
            try:
                yield registered(family, point.name)
            except NotRegistered:
                continue  # said when a methodology asks for it


def _points(family: str) -> list[EntryPoint]:
    return list(entry_points(group=f"dtindex.{family}"))


def _package(point: EntryPoint) -> tuple[str, str]:
    return ("unknown", "unknown") if point.dist is None else (point.dist.name, point.dist.version)


def _loaded(family: str, point: EntryPoint) -> Registered:
    from dtindex.steps.aggregate.base import Aggregator
    from dtindex.steps.normalise.base import Normaliser
    from dtindex.steps.weight.base import Weighting

    wanted: Callable[..., Any] = {"normalise": Normaliser, "weights": Weighting, "aggregate": Aggregator}[family]
    package, version = _package(point)
    try:
        cls = point.load()
    except (ImportError, AttributeError) as error:
        raise NotRegistered(f"{point.name!r} of {package} {version} cannot be loaded: {error}") from error
    if not (isinstance(cls, type) and issubclass(cls, wanted)):  # type: ignore[arg-type]
        raise NotRegistered(f"{point.name!r} of {package} {version} is no {wanted.__name__}")
    return Registered(family, point.name, cls, package, version)
