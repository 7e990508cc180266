"""Imputation, as blocks of a methodology file."""

from __future__ import annotations

from typing import Annotated, Literal, TypeAlias

from pydantic import Field, model_validator

from dtindex.spec.base import Block, Id
from dtindex.spec.methods.common import Positive, Share

__all__ = [
    "Impute",
    "ImputeEm",
    "ImputeFromOthers",
    "ImputeGroupMean",
    "ImputeGroupMedian",
    "ImputeKnn",
    "ImputeMice",
    "ImputeNone",
    "ImputePanel",
    "ImputeRowMean",
    "ImputeRowMedian",
]


class ImputeNone(Block):
    """Missing stays missing."""

    method: Literal["none"]


class ImputeGroupMean(Block):
    """The mean of the observed values of the unit's group (``by``), or of all units."""

    method: Literal["group-mean"]
    by: str | None = None


class ImputeGroupMedian(Block):
    """The median of the observed values of the unit's group (``by``), or of all units."""

    method: Literal["group-median"]
    by: str | None = None


class ImputeRowMean(Block):
    """The mean of the unit's own scores of the other indicators under ``of``, a node above; by default the parent."""

    method: Literal["row-mean"]
    of: Id | None = None


class ImputeRowMedian(Block):
    """The median of the unit's own scores of the other indicators under ``of``, a node above; by default the parent."""

    method: Literal["row-median"]
    of: Id | None = None


class ImputeKnn(Block):
    """The mean of the ``k`` nearest reference units, by the other indicators under ``of``; by default the parent."""

    method: Literal["knn"]
    of: Id | None = None
    k: Annotated[int, Field(ge=1)] = 5
    weights: Literal["uniform", "distance"] = "uniform"


class ImputeEm(Block):
    """What a multivariate normal distribution of the indicators under ``of`` expects; by default the parent's."""

    method: Literal["em"]
    of: Id | None = None
    ridge: Share = 0.0


class ImputeMice(Block):
    """``tables`` completed tables by chained equations and predictive mean matching; the index takes their mean.

    With ``table`` it takes that one of them alone.
    """

    method: Literal["mice"]
    of: Id | None = None
    tables: Annotated[int, Field(ge=2, le=1000)] = 20
    cycles: Annotated[int, Field(ge=1, le=1000)] = 10
    donors: Annotated[int, Field(ge=1)] = 5
    ridge: Share = 1e-5
    seed: Annotated[int, Field(ge=0)] = 1
    table: Annotated[int, Field(ge=1)] | None = None

    @model_validator(mode="after")
    def _has_the_table(self) -> ImputeMice:
        if self.table is not None and self.table > self.tables:
            raise ValueError(f"table {self.table} of {self.tables}: there is none")
        return self


class ImputePanel(Block):
    """The unit's own values of other periods, at most ``at_most`` periods away.

    ``last``: the latest one before. ``constant``: the same, and before the first one, the first. ``linear``: on the
    line between the one before and the one after. ``linear-constant``: the same, and beyond the ends, the nearest.
    """

    method: Literal["panel"]
    fill: Literal["last", "constant", "linear", "linear-constant"] = "last"
    at_most: Positive | None = None


ImputeFromOthers: TypeAlias = ImputeRowMean | ImputeRowMedian | ImputeKnn | ImputeEm | ImputeMice
"""Those that look at the scores of the indicators under a node."""

Impute = Annotated[
    ImputeNone
    | ImputeGroupMean
    | ImputeGroupMedian
    | ImputeRowMean
    | ImputeRowMedian
    | ImputeKnn
    | ImputeEm
    | ImputeMice
    | ImputePanel,
    Field(discriminator="method"),
]
