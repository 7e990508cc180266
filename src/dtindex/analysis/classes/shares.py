"""How many units are in each class, what share that is, and how two classifications lie across each other."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from dtindex.analysis.classes.binomial import clopper_pearson, effective_count, wilson
from dtindex.steps.types import FloatArray, TextArray

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["crosstab", "share_table"]


def share_table(
    scheme: str, levels: Sequence[str], classes: TextArray, weights: FloatArray | None, confidence: float
) -> pd.DataFrame:
    """One row a class: scheme, class, count, units, share with its intervals; weighted ones where there are weights.

    Units of every class count below the line, those whose class is unknown or who have none too. ``low`` and ``high``
    are Wilson's, ``exact_low`` and ``exact_high`` Clopper and Pearson's; weighted intervals are Wilson's over Kish's
    effective number, which knows of weights and of no other part of a design.
    """
    import pandas as pd

    rows = []
    for level in levels:
        own = classes == level
        rows.append(
            {
                "scheme": scheme,
                "class": level,
                "count": int(own.sum()),
                "units": len(own),
                **_share(own, np.ones(len(own), dtype=bool), weights, confidence, exact=True),
            }
        )
    return pd.DataFrame(rows)


def crosstab(
    classes: TextArray,
    levels: Sequence[str],
    others: TextArray,
    other_levels: Sequence[str],
    weights: FloatArray | None,
    confidence: float,
) -> pd.DataFrame:
    """One row a pair of classes: class, other, count, units of the class, share of the class with Wilson's interval.

    ``share_of_other`` and ``share_of_all`` take the units of the other class, and all of them. An empty class has no
    shares.
    """
    import pandas as pd

    rows = []
    for level in levels:
        own = classes == level
        for other in other_levels:
            both = own & (others == other)
            within = others == other
            rows.append(
                {
                    "class": level,
                    "other": other,
                    "count": int(both.sum()),
                    "units": int(own.sum()),
                    **_share(both, own, weights, confidence, exact=False),
                    "share_of_other": _ratio(both.sum(), within.sum()),
                    "share_of_all": _ratio(both.sum(), len(own)),
                }
            )
    return pd.DataFrame(rows)


def _share(
    part: np.ndarray, whole: np.ndarray, weights: FloatArray | None, confidence: float, *, exact: bool
) -> dict[str, float]:
    """The share of ``part`` in ``whole``, both ``(rows,)``; NaN of nothing."""
    nothing = (float("nan"), float("nan"))
    count, total = int(part.sum()), int(whole.sum())
    low, high = wilson(count, total, confidence) if total else nothing
    found = {"share": _ratio(count, total), "low": low, "high": high}
    if exact:
        found["exact_low"], found["exact_high"] = clopper_pearson(count, total, confidence) if total else nothing
    if weights is not None:
        share = _ratio(float(weights[part].sum()), float(weights[whole].sum()))
        effective = effective_count(weights[whole])
        known = effective > 0 and share == share
        low, high = wilson(share * effective, effective, confidence) if known else nothing
        found |= {"weighted_share": share, "weighted_low": low, "weighted_high": high}
    return found


def _ratio(part: float, whole: float) -> float:
    return float(part) / float(whole) if whole else float("nan")
