"""Screening: which units and indicators are known well enough to take part, before anything is imputed."""

from __future__ import annotations

from pydantic import model_validator

from dtindex.spec.base import Block, Id
from dtindex.spec.methods import Share

__all__ = ["Enough", "Screening"]


class Enough(Block):
    """Bounds on the cells of one unit or one indicator, counted one by one, of raw values.

    ``at_least``: of the cells that apply, the share that has a value; ``nonzero``: of those values, the share that is
    not zero.
    """

    at_least: Share | None = None
    nonzero: Share | None = None

    @model_validator(mode="after")
    def _has_a_bound(self) -> Enough:
        if self.at_least is None and self.nonzero is None:
            raise ValueError("expected `at_least`, `nonzero`, or both")
        return self


class Screening(Block):
    """Who takes part. A unit is left out when it fails one bound: of all its indicators, or of those below a node.

    ``keep`` and ``drop`` name units that the bounds do not decide on. An indicator that fails is only reported.
    """

    units: Enough | None = None
    nodes: dict[Id, Enough] = {}
    indicators: Enough | None = None
    keep: tuple[str, ...] = ()
    drop: tuple[str, ...] = ()
