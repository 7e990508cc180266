"""Aggregation, as blocks of a methodology file."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field, model_validator

from dtindex.spec.base import Block, Id, Number
from dtindex.spec.methods.common import Interval, Positive, Share
from dtindex.spec.methods.registered import RegisteredAggregate

__all__ = [
    "WITHIN_ONE",
    "Aggregate",
    "Ampi",
    "Arithmetic",
    "BenefitOfDoubt",
    "Case",
    "Cases",
    "Choquet",
    "Copeland",
    "CouplingCoordination",
    "Geometric",
    "GreyRelational",
    "Harmonic",
    "Interaction",
    "Kemeny",
    "MeanMin",
    "Mpi",
    "OrderM",
    "Over",
    "Owa",
    "Power",
    "Promethee",
    "SumAggregate",
    "Topsis",
    "Vikor",
    "When",
    "Wroclaw",
    "Zeros",
]


Over = Literal["children", "leaves"]
Zeros = Literal["warn", "allow"]
NonNegative = Annotated[float, Field(ge=0, allow_inf_nan=False)]


class Arithmetic(Block):
    """``sum w x / sum w``."""

    method: Literal["arithmetic"]
    over: Over = "children"


class Geometric(Block):
    """``exp(sum w ln x / sum w)``, computed on the interval ``within`` and mapped back where it is given."""

    method: Literal["geometric"]
    over: Over = "children"
    within: Interval | None = None
    zeros: Zeros = "warn"


class Harmonic(Block):
    """``sum w / sum (w / x)``, computed on the interval ``within`` and mapped back where it is given."""

    method: Literal["harmonic"]
    over: Over = "children"
    within: Interval | None = None
    zeros: Zeros = "warn"


class Power(Block):
    """``(sum w x^p / sum w)^(1/p)``, computed on the interval ``within`` and mapped back where it is given."""

    method: Literal["power"]
    p: Number
    over: Over = "children"
    within: Interval | None = None
    zeros: Zeros = "warn"


class SumAggregate(Block):
    """``sum w x`` with the weights as they stand, 1 where none is given."""

    method: Literal["sum"]
    over: Over = "children"


class When(Block):
    """A condition on the value of a node or an indicator."""

    id: Id
    above: Number | None = None
    at_least: Number | None = None
    below: Number | None = None
    at_most: Number | None = None

    @model_validator(mode="after")
    def _has_a_bound(self) -> When:
        if all(bound is None for bound in (self.above, self.at_least, self.below, self.at_most)):
            raise ValueError("expected one of `above`, `at_least`, `below`, `at_most`")
        return self


class Case(Block):
    """``take`` this child where the condition holds; without a condition, always."""

    take: Id
    when: When | None = None


class Cases(Block):
    """The first case whose condition holds; missing where a condition is met on a missing value."""

    method: Literal["cases"]
    cases: Annotated[tuple[Case, ...], Field(min_length=1)]


class Topsis(Block):
    """Closeness to the ideal against the worst."""

    method: Literal["topsis"]
    over: Over = "children"
    normalise: Literal["none", "vector"] = "none"


class Owa(Block):
    """The ordered weighted average: weights belong to places, the best score first, and not to members."""

    method: Literal["owa"]
    over: Over = "children"
    places: tuple[NonNegative, ...] = ()
    quantifier: Positive | None = None

    @model_validator(mode="after")
    def _says_how(self) -> Owa:
        if bool(self.places) == (self.quantifier is not None):
            raise ValueError("expected one of `places` (a weight for each place, the best first) and `quantifier`")
        if self.places and not sum(self.places) > 0:
            raise ValueError("`places` has no weight above zero")
        return self


class Interaction(Block):
    """How far two members make up for each other (below zero) or need each other (above zero)."""

    of: Annotated[tuple[Id, Id], Field(min_length=2, max_length=2)]
    value: Annotated[float, Field(ge=-1, le=1, allow_inf_nan=False)]


class Choquet(Block):
    """The Choquet integral of a 2-additive capacity: weights are Shapley values, beside them interactions of pairs."""

    method: Literal["choquet"]
    over: Over = "children"
    interactions: tuple[Interaction, ...] = ()


class Mpi(Block):
    """The mean less (or with) a penalty for imbalance, of scores around 100 (`normalise: z-score` there)."""

    method: Literal["mpi"]
    over: Over = "children"
    penalty: Literal["negative", "positive"] = "negative"
    ddof: Literal[0, 1] = 0


class Ampi(Block):
    """The same on the interval ``within``, which makes it comparable over time where goalposts are."""

    method: Literal["ampi"]
    over: Over = "children"
    penalty: Literal["negative", "positive"] = "negative"
    ddof: Literal[0, 1] = 0
    within: Interval = (70.0, 130.0)


class MeanMin(Block):
    """The mean, pulled towards the lowest member."""

    method: Literal["mean-min"]
    over: Over = "children"
    alpha: Share
    beta: NonNegative = 0.0


class GreyRelational(Block):
    """The grey relational grade to the best of the reference."""

    method: Literal["grey-relational"]
    over: Over = "children"
    rho: Annotated[float, Field(gt=0, le=1)] = 0.5


class Vikor(Block):
    """VIKOR: closeness to the ideal, by group utility and by the largest regret."""

    method: Literal["vikor"]
    over: Over = "children"
    v: Share = 0.5


class CouplingCoordination(Block):
    """The coupling coordination degree of systems."""

    method: Literal["coupling-coordination"]
    form: Literal["original", "modified"] = "original"


class Wroclaw(Block):
    """Hellwig's taxonomic measure of development."""

    method: Literal["wroclaw"]
    over: Over = "children"
    ddof: Literal[0, 1] = 0


class Promethee(Block):
    """PROMETHEE II: the net flow of preference among the reference units; thresholds in points of the node's scale."""

    method: Literal["promethee"]
    over: Over = "children"
    preference: Literal["usual", "u-shape", "v-shape", "level", "linear", "gaussian"] = "usual"
    q: NonNegative | None = None
    p: Positive | None = None
    s: Positive | None = None

    @model_validator(mode="after")
    def _has_its_thresholds(self) -> Promethee:
        needed = {"usual": "", "u-shape": "q", "v-shape": "p", "level": "qp", "linear": "qp", "gaussian": "s"}
        wanted = set(needed[self.preference])
        given = {name for name in "qps" if getattr(self, name) is not None}
        if given != wanted:
            raise ValueError(f"preference {self.preference!r} takes {', '.join(sorted(wanted)) or 'no threshold'}")
        if self.q is not None and self.p is not None and self.q > self.p:
            raise ValueError("`q` (indifference) is above `p` (strict preference)")
        return self


class Copeland(Block):
    """How many units of the table a unit beats by a majority of weights, less those that beat it."""

    method: Literal["copeland"]
    over: Over = "children"


class Kemeny(Block):
    """The order that agrees most with all members' orders (Condorcet, Young, Levenglick)."""

    method: Literal["kemeny"]
    over: Over = "children"


class OrderM(Block):
    """Benefit of the doubt against drawn peers only."""

    peers: Annotated[int, Field(ge=1, le=10_000)] = 30
    draws: Annotated[int, Field(ge=1, le=10_000)] = 200
    seed: Annotated[int, Field(ge=0)] = 1


class BenefitOfDoubt(Block):
    """Each unit by the weights that suit it best, such that no unit of the reference gets more than 1 by them."""

    method: Literal["benefit-of-doubt"]
    over: Over = "children"
    at_least: Share = 0.0
    at_most: Share = 1.0
    shares: dict[Id, tuple[Share, Share]] = {}
    order: tuple[Id, ...] = ()
    within: Interval | None = None
    robust: OrderM | None = None

    @model_validator(mode="after")
    def _has_shares(self) -> BenefitOfDoubt:
        pairs = [(self.at_least, self.at_most), *self.shares.values()]
        if any(low > high for low, high in pairs):
            raise ValueError("a share lies between its least and its most, in this order")
        return self


WITHIN_ONE = (Topsis, BenefitOfDoubt, GreyRelational, Vikor, Wroclaw, Promethee, Copeland, Kemeny)
"""Methods whose results lie between 0 and 1 whatever the scales of their members are."""

Aggregate = Annotated[
    Arithmetic
    | Geometric
    | Harmonic
    | Power
    | SumAggregate
    | Cases
    | Topsis
    | Owa
    | Choquet
    | Mpi
    | Ampi
    | MeanMin
    | GreyRelational
    | Vikor
    | CouplingCoordination
    | Wroclaw
    | Promethee
    | Copeland
    | Kemeny
    | BenefitOfDoubt
    | RegisteredAggregate,
    Field(discriminator="method"),
]
