"""Rules on goalposts and direction."""

from __future__ import annotations

from collections.abc import Iterator

from dtindex.spec.document import Problem
from dtindex.spec.methods import Goalposts, Percentile
from dtindex.spec.model import Indicator
from dtindex.spec.tree import stated_direction
from dtindex.spec.where import Where

__all__ = ["goalpost_problems"]


def goalpost_problems(where: Where) -> Iterator[Problem]:
    """DT025 and DT027."""
    defaults = where.methodology.defaults.normalise
    if isinstance(defaults, Goalposts) and _coincide(defaults):
        yield where.problem("DT027", f"`worst` and `best` are both {_said(defaults)}", "defaults", "normalise", "best")
    for indicator in where.methodology.indicators:
        own = indicator.normalise
        if isinstance(own, Goalposts) and _coincide(own):
            message = f"`worst` and `best` are both {_said(own)}"
            yield where.of_item("DT027", message, indicator.id, "normalise", "best")
            continue
        yield from _contradiction(where, indicator, own or defaults)


def _coincide(goalposts: Goalposts) -> bool:
    return goalposts.worst == goalposts.best and goalposts.worst != "unpublished"


def _said(goalposts: Goalposts) -> str:
    worst = goalposts.worst
    return f"the percentile {worst.percentile:g}" if isinstance(worst, Percentile) else f"{worst:g}"


def _contradiction(where: Where, indicator: Indicator, goalposts: object) -> Iterator[Problem]:
    if indicator.direction is None or not isinstance(goalposts, Goalposts):
        return
    said = stated_direction(goalposts)
    if said is not None and said != indicator.direction:
        order = "below" if said == "lower" else "above"
        message = f"`direction: {indicator.direction}`, while `best` stands {order} `worst`, which says {said}"
        yield where.of_item("DT025", message, indicator.id, "direction")
