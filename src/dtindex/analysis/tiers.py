"""How firm tiers are: the same rule on other samples of the units."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from dtindex.analysis.plain import plain, records
from dtindex.engine.breaks import goodness
from dtindex.findings import UsageError, finding
from dtindex.scores import Scores
from dtindex.spec.methods import ThresholdTiers
from dtindex.steps.tier_learned import learned_bounds
from dtindex.steps.types import FloatArray

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["TierStability", "tier_stability"]

_MOST = 5_000
"""Units of whom silhouettes are computed, which takes the distance of every two."""


@dataclass(frozen=True, eq=False, repr=False)
class TierStability:
    """What bootstrap samples make of a rule of tiers."""

    scores: Scores
    node: str
    method: str
    tiers: pd.DataFrame
    """A row a tier: units, lower bound, its 2.5 and 97.5 % quantiles over samples, Jaccard similarity, silhouette."""
    rand: float
    """Mean adjusted Rand index of the tiers and those of a sample."""
    silhouette: float
    """Mean over the units; NaN of one tier, or of more than 5,000 units."""
    goodness: float
    """Goodness of variance fit, ``1 - SSW / SST``."""
    runs: int
    seed: int
    failed: int = 0
    """Samples of which the rule made fewer tiers."""

    def __repr__(self) -> str:
        return f"<TierStability of {self.scores.methodology.id}, {self.node}: adjusted Rand index {self.rand:.3f}>"

    def to_dict(self) -> dict[str, Any]:
        """Everything as JSON-ready values: 12 significant digits, None for what could not be computed."""
        return {
            "methodology": {"id": self.scores.methodology.id, "hash": self.scores.methodology.hash},
            "node": self.node,
            "method": self.method,
            "rand": plain(self.rand),
            "silhouette": plain(self.silhouette),
            "goodness": plain(self.goodness),
            "runs": self.runs,
            "failed": self.failed,
            "seed": self.seed,
            "tiers": records(self.tiers.reset_index()),
        }


def tier_stability(scores: Scores, node: str | None = None, *, runs: int = 200, seed: int = 1) -> TierStability:
    """Draw units with replacement, make the rule's tiers anew of each sample, and put the units into them.

    A tier's Jaccard similarity is ``|A and B| / |A or B|`` of its units and those that a sample puts into it, the mean
    over samples; above 0.75 it is usually called stable (Hennig 2007). The adjusted Rand index is of all tiers at once
    (1 the same, 0 as by chance). A silhouette is ``(b - a) / max(a, b)``, a the mean distance in score to one's own
    tier and b to the nearest other one. Bounds of thresholds that are stated do not move: their tiers have 1.

    Parameters
    ----------
    scores
        Scores of a methodology whose node has tiers; ranked units count.
    node
        Whose tiers; the index unless said.
    runs, seed
        Samples, and where random numbers start.

    Raises
    ------
    UsageError
        DT902 where the node has no tiers, or ``runs`` is not 1 or more.

    References
    ----------
    Hennig (2007), doi:10.1016/j.csda.2006.11.025; Hubert & Arabie (1985), doi:10.1007/BF01908075; Rousseeuw (1987),
    doi:10.1016/0377-0427(87)90125-7.
    """
    import pandas as pd
    from sklearn.metrics import adjusted_rand_score

    wanted = scores.root if node is None else node
    rule = next((one for one in scores.methodology.tiers if one.node == wanted), None)
    if rule is None:
        raise UsageError([finding("DT902", f"node {wanted!r} has no tiers")])
    if runs < 1:
        raise UsageError([finding("DT902", f"runs={runs}: expected 1 or more")])
    fixed = next(one for one in scores.tier_rules if one.node == wanted)
    stated = [level.at_least for level in fixed.levels if level.at_least is not None]
    column = scores.column(wanted)
    values = column[scores.ranked & ~np.isnan(column)]
    own = _tiers(values, stated)
    count = len(rule.levels)
    rng = np.random.Generator(np.random.PCG64(seed))
    likeness, rand, bounds, failed = [], [], [], 0
    for _ in range(runs):
        try:
            sample = values[rng.integers(len(values), size=len(values))]
            found = stated if isinstance(rule, ThresholdTiers) else learned_bounds(rule, sample)
        except ValueError:
            failed += 1
            continue
        again = _tiers(values, found)
        likeness.append([_jaccard(own == at, again == at) for at in range(count)])
        rand.append(float(adjusted_rand_score(own, again)))
        bounds.append(found)
    limits = np.array(bounds, dtype=np.float64).reshape(len(bounds), -1)
    low, high = (
        np.quantile(limits, q, axis=0) if len(limits) else np.full(len(stated), np.nan) for q in (0.025, 0.975)
    )
    silhouettes = _silhouettes(values, own)
    lacking = [np.nan] * (count - len(stated))
    frame = pd.DataFrame(
        {
            "units": [int((own == at).sum()) for at in range(count)],
            "at_least": [*stated, *lacking],
            "low": [*low.tolist(), *lacking],
            "high": [*high.tolist(), *lacking],
            "jaccard": np.nanmean(likeness, axis=0) if likeness else np.full(count, np.nan),
            "silhouette": [
                float(silhouettes[own == at].mean()) if (own == at).any() else np.nan for at in range(count)
            ],
        },
        index=pd.Index([level.id for level in rule.levels], name="tier"),
    )
    within = sum(float(((part - part.mean()) ** 2).sum()) for at in set(own.tolist()) for part in [values[own == at]])
    return TierStability(
        scores,
        wanted,
        rule.method,
        frame,
        float(np.mean(rand)) if rand else float("nan"),
        float(np.mean(silhouettes)) if len(silhouettes) else float("nan"),
        goodness(values, within),
        runs,
        seed,
        failed,
    )


def _tiers(values: FloatArray, bounds: list[float]) -> Any:
    """Positions of the tiers ``(n,)``, the best 0."""
    return len(bounds) - np.searchsorted(np.array(bounds[::-1]), values, side="right")


def _jaccard(one: Any, other: Any) -> float:
    either = int((one | other).sum())
    return int((one & other).sum()) / either if either else 1.0


def _silhouettes(values: FloatArray, tiers: Any) -> FloatArray:
    if not 2 <= len(set(tiers.tolist())) < len(values) or len(values) > _MOST:
        return np.full(len(values), np.nan)
    from sklearn.metrics import silhouette_samples

    return np.asarray(silhouette_samples(values[:, None], tiers), dtype=np.float64)
