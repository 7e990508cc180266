"""Weights of a node's children, as blocks of a methodology file."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from dtindex.spec.base import Block, Id
from dtindex.spec.methods.common import Positive, Share
from dtindex.spec.methods.registered import RegisteredWeights

__all__ = [
    "AhpExpert",
    "AhpPart",
    "AhpWeights",
    "BestWorstWeights",
    "BudgetExpert",
    "BudgetPart",
    "BudgetWeights",
    "CriticWeights",
    "DelphiRound",
    "DelphiWeights",
    "EntropyWeights",
    "EqualWeights",
    "FactorScoreWeights",
    "GivenWeights",
    "ImportanceWeights",
    "InverseSdWeights",
    "Judgement",
    "Judgements",
    "MixedPart",
    "MixedWeights",
    "OecdPcaPart",
    "OecdPcaWeights",
    "OrdinalWeights",
    "PcaWeights",
    "PlainPart",
    "RegressionWeights",
    "Weights",
]


class GivenWeights(Block):
    """The ``weight:`` of each child."""

    method: Literal["given"]


class EqualWeights(Block):
    """The same weight for each child."""

    method: Literal["equal"]


class _CappedWeights(Block):
    """Weights learned from the reference scores, no item heavier than its cap."""

    at_most: dict[Id, Share] = {}


class EntropyWeights(_CappedWeights):
    """More weight to what tells units apart, by Shannon's entropy of the shares."""

    method: Literal["entropy"]


class CriticWeights(_CappedWeights):
    """More weight to what varies and is not said by another, by deviation and correlation."""

    method: Literal["critic"]


class InverseSdWeights(_CappedWeights):
    """Weights proportional to one over the standard deviation."""

    method: Literal["inverse-sd"]


class PcaWeights(_CappedWeights):
    """The loadings on the first principal component; those against it count as zero."""

    method: Literal["pca"]


class _Rotated(Block):
    factors: Annotated[int, Field(ge=1)] | Literal["eigenvalue", "variance"] = "eigenvalue"
    kaiser: bool = True


class OecdPcaWeights(_CappedWeights, _Rotated):
    """The largest squared loading on factors after varimax rotation, as the OECD/JRC Handbook does it."""

    method: Literal["oecd-pca"]


Judgement = Positive | Annotated[str, Field(pattern=r"^[0-9]+(\.[0-9]+)?(/[0-9]+(\.[0-9]+)?)?$")]
Judgements = Annotated[tuple[tuple[Judgement | None, ...], ...], Field(min_length=1)]


class AhpExpert(Block):
    """The judgements of one expert."""

    name: str
    judgements: Judgements
    weight: Positive = 1


class _Judged(Block):
    order: Annotated[tuple[Id, ...], Field(min_length=2)]
    judgements: Judgements | None = None
    experts: tuple[AhpExpert, ...] = ()
    group: Literal["aij", "aip"] = "aij"
    solve: Literal["eigenvector", "geometric-mean"] = "eigenvector"
    random_index: Literal["saaty", "alonso-lamata"] = "saaty"


class AhpWeights(_Judged):
    """Weights of pairwise judgements; ``judgements`` is the full matrix or its upper rows, over ``order``."""

    method: Literal["ahp"]


class BudgetExpert(Block):
    """How one expert distributes 100 points, in the order of ``order``."""

    name: str
    points: Annotated[tuple[Annotated[float, Field(ge=0, allow_inf_nan=False)], ...], Field(min_length=2)]
    weight: Positive = 1


class _Budget(Block):
    order: Annotated[tuple[Id, ...], Field(min_length=2)]
    experts: Annotated[tuple[BudgetExpert, ...], Field(min_length=1)]


class BudgetWeights(_Budget):
    """The mean of how experts distribute 100 points."""

    method: Literal["budget"]


Preference = Annotated[float, Field(ge=1, allow_inf_nan=False)]


class BestWorstWeights(Block):
    """How much better the best is than each, and each than the worst, from 1 (alike) upwards, over ``order``."""

    method: Literal["best-worst"]
    order: Annotated[tuple[Id, ...], Field(min_length=2)]
    best: Id
    worst: Id
    best_to_others: tuple[Preference, ...]
    others_to_worst: tuple[Preference, ...]


class OrdinalWeights(Block):
    """Weights of an order alone, the most important first."""

    method: Literal["ordinal"]
    order: Annotated[tuple[Id, ...], Field(min_length=1)]
    by: Literal["rank-order-centroid", "rank-sum", "reciprocal"] = "rank-order-centroid"


class DelphiRound(Block):
    """What the experts of a panel say in one round."""

    experts: Annotated[tuple[BudgetExpert, ...], Field(min_length=1)]


class DelphiWeights(Block):
    """The mean of the last round of a Delphi panel, with what is known of its consensus."""

    method: Literal["delphi"]
    order: Annotated[tuple[Id, ...], Field(min_length=2)]
    rounds: Annotated[tuple[DelphiRound, ...], Field(min_length=1)]


class FactorScoreWeights(_CappedWeights):
    """The coefficients by which one common factor is estimated; those against it count as zero."""

    method: Literal["factor-scores"]
    by: Literal["regression", "bartlett"] = "regression"


class ImportanceWeights(_CappedWeights):
    """Weights under which each child is as important for the node as its target says; equal targets unless given."""

    method: Literal["importance-matching"]
    targets: dict[Id, Share] = {}
    of: Literal["r2", "r"] = "r2"


class RegressionWeights(_CappedWeights):
    """Non-negative coefficients of a regression of ``outcome``, a scored indicator elsewhere in the tree."""

    method: Literal["regression"]
    outcome: Id


class _Part(Block):
    share: Share


class PlainPart(_Part):
    """A part that needs no settings."""

    method: Literal["given", "equal", "entropy", "critic", "inverse-sd", "pca"]


class OecdPcaPart(_Part, _Rotated):
    """Rotated factors as a part."""

    method: Literal["oecd-pca"]


class AhpPart(_Part, _Judged):
    """Pairwise judgements as a part."""

    method: Literal["ahp"]


class BudgetPart(_Part, _Budget):
    """Distributed points as a part."""

    method: Literal["budget"]


MixedPart = Annotated[PlainPart | OecdPcaPart | AhpPart | BudgetPart, Field(discriminator="method")]


class MixedWeights(Block):
    """A mixture of weights of several methods, capped by ``at_most``."""

    method: Literal["mix"]
    of: Annotated[tuple[MixedPart, ...], Field(min_length=2)]
    combine: Literal["additive", "multiplicative", "relative-entropy", "game"] = "additive"
    at_most: dict[Id, Share] = {}


Weights = Annotated[
    GivenWeights
    | EqualWeights
    | EntropyWeights
    | CriticWeights
    | InverseSdWeights
    | PcaWeights
    | OecdPcaWeights
    | AhpWeights
    | BudgetWeights
    | BestWorstWeights
    | OrdinalWeights
    | DelphiWeights
    | FactorScoreWeights
    | ImportanceWeights
    | RegressionWeights
    | MixedWeights
    | RegisteredWeights,
    Field(discriminator="method"),
]
