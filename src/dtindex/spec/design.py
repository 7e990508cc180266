"""How a sample was drawn, how its weights are calibrated, and how variances are replicated, as data."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field, model_validator

from dtindex.spec.base import Block, Number
from dtindex.spec.methods.common import Positive

__all__ = [
    "Bootstrap",
    "Brr",
    "Calibrate",
    "Design",
    "Jk1",
    "Jkn",
    "Linear",
    "Logit",
    "LonelyPolicy",
    "Multiplicative",
    "PostStratify",
    "Rake",
    "Replicates",
]

LonelyPolicy = Literal["fail", "certainty", "adjust", "average"]
Margins = dict[str, Annotated[dict[str, Positive], Field(min_length=1)]]


class Jk1(Block):
    """The jackknife of a design without strata: each PSU is left out in turn."""

    method: Literal["jk1"]


class Jkn(Block):
    """The stratified jackknife: each PSU is left out in turn, and those of its stratum stand in."""

    method: Literal["jkn"]


class Brr(Block):
    """Balanced repeated replication, for two PSUs a stratum; Fay's method keeps ``fay`` of a weight instead of none."""

    method: Literal["brr"]
    fay: Annotated[float, Field(ge=0, lt=1)] = 0.0


class Bootstrap(Block):
    """The rescaled bootstrap of Rao and Wu: all but one of the PSUs of each stratum, drawn with replacement."""

    method: Literal["bootstrap"]
    runs: Annotated[int | None, Field(ge=10, le=1_000_000)] = None


Replicates = Annotated[Jk1 | Jkn | Brr | Bootstrap, Field(discriminator="method")]


class Design(Block):
    """How the respondents were drawn: columns of the table, stage by stage.

    ``clusters`` holds the unit drawn at each stage; a last stage that is left out is the respondent. ``population`` is
    the number of units that there were to draw from: of PSUs in the stratum, then of units in the PSU; ``fractions``
    is the share of them that was drawn instead. ``lonely`` says what a stratum with a single PSU adds to a variance.
    """

    strata: str | None = None
    clusters: tuple[str, ...] = ()
    population: tuple[str, ...] = ()
    fractions: tuple[str, ...] = ()
    nest: bool = False
    """Whether names of PSUs begin anew in each stratum."""
    lonely: LonelyPolicy = "fail"
    replicates: Replicates | None = None

    @model_validator(mode="after")
    def _fits(self) -> Design:
        if self.population and self.fractions:
            raise ValueError("expected one of `population` (sizes) and `fractions` (shares)")
        sizes = self.population or self.fractions
        if len(sizes) > len(self.clusters) + 1:
            raise ValueError(f"{len(sizes)} stages of sizes for {len(self.clusters)} stages of clusters")
        if self.nest and not (self.strata and self.clusters):
            raise ValueError("`nest` needs `strata` and `clusters`")
        return self

    @property
    def columns(self) -> tuple[str, ...]:
        """All columns that it names."""
        strata = () if self.strata is None else (self.strata,)
        return (*strata, *self.clusters, *self.population, *self.fractions)


class _Calibration(Block):
    margins: Margins = {}
    """By column, the population of each category; ``a:b`` is the cross of two columns, and its categories likewise."""


class PostStratify(_Calibration):
    """``w N / sum w`` in each category of one column, or cross of columns."""

    method: Literal["post-stratify"]

    @model_validator(mode="after")
    def _has_one_margin(self) -> PostStratify:
        if len(self.margins) != 1:
            raise ValueError("post-stratification has one margin; a cross of columns is spelt `a:b`")
        return self


class Rake(_Calibration):
    """Iterative proportional fitting: each margin in turn, until all of them hold to ``tolerance``, relatively."""

    method: Literal["rake"]
    tolerance: Annotated[float, Field(gt=0, lt=1)] = 1e-10

    @model_validator(mode="after")
    def _has_margins(self) -> Rake:
        if not self.margins:
            raise ValueError("raking needs `margins`")
        return self


class _Distance(_Calibration):
    numbers: dict[str, Number] = {}
    """By column, its total over the population."""
    size: Positive | None = None
    """The size of the population, where no margin says it."""

    @model_validator(mode="after")
    def _has_totals(self) -> _Distance:
        if not self.margins and not self.numbers and self.size is None:
            raise ValueError("calibration needs totals: `margins`, `numbers` or `size`")
        return self


class Linear(_Distance):
    """Weights as near as can be in squares: ``g = 1 + x'l``, which may be negative."""

    method: Literal["linear"]


class Multiplicative(_Distance):
    """Weights as near as can be in entropy, the raking distance: ``g = exp(x'l)``."""

    method: Literal["multiplicative"]


class Logit(_Distance):
    """As near as can be, with ``g`` between two bounds."""

    method: Literal["logit"]
    bounds: tuple[Annotated[float, Field(ge=0, lt=1)], Annotated[float, Field(gt=1, allow_inf_nan=False)]]


Calibrate = Annotated[PostStratify | Rake | Linear | Multiplicative | Logit, Field(discriminator="method")]
