"""The answers of :mod:`dtindex.analysis.classify` as data frames; missing where something could not be computed."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from dtindex.analysis.classes.bounds import margin
from dtindex.analysis.classes.membership import Membership, word
from dtindex.analysis.classes.profiles import Profiles
from dtindex.scores import Scores
from dtindex.steps.types import FloatArray

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["bound_table", "candidate_table", "profile_table", "unit_table"]

NAN = float("nan")


def unit_table(scores: Scores, parts: Sequence[Membership]) -> pd.DataFrame:
    """One row a unit (and period), in the order of files."""
    import pandas as pd

    order = {int(row): place for place, row in enumerate(scores.sorted_rows())}
    rows = np.concatenate([part.rows for part in parts]) if parts else np.zeros(0, dtype=np.intp)
    names = scores.names()
    probability = _joined(parts, "probability")
    frame = pd.DataFrame(
        {
            "unit": scores.units[rows],
            "name": names[rows],
            "period": "" if scores.periods is None else scores.periods[rows],
            "class": _texts(parts, "classes"),
            "margin": _joined(parts, "margin"),
            "binding": _texts(parts, "binding"),
            "measurement": _joined(parts, "measurement"),
            "sampling": _joined(parts, "sampling"),
            "probability": probability,
            "word": [word(one) for one in probability.tolist()],
        }
    )
    places = np.argsort([order[int(row)] for row in rows], kind="stable") if len(rows) else rows
    return frame.iloc[places].reset_index(drop=True)


def bound_table(scores: Scores, part: Membership) -> pd.DataFrame:
    """One row a bound of the class that is asked about."""
    import pandas as pd

    errors = {} if part.errors is None else {one.item: one for one in part.errors.each}
    rows = []
    for bound, at, spread in zip(part.bounds, part.thresholds, part.deviations, strict=True):
        column = scores.column(bound.item) if bound.item in scores.items else scores.measured_columns[bound.item]
        difference = margin(column[part.rows], bound, at)
        known = ~np.isnan(difference)
        kept = difference[known] > 0 if bound.strict else difference[known] >= 0
        own = errors.get(bound.item)
        rows.append(
            {
                "scheme": part.scheme,
                "class": part.of,
                "period": part.period,
                "item": bound.item,
                "kind": bound.kind,
                "bound": bound.value,
                "threshold": at,
                "deviation": spread,
                "units": int(known.sum()),
                "kept": float(kept.mean()) if known.any() and at == at else NAN,
                "binds": int((part.binding == bound.item).sum()),
                "alpha": _number(None if own is None else own.alpha),
                "sem": _number(None if own is None else own.sem),
                "reason": "" if own is None else own.reason,
            }
        )
    return pd.DataFrame(rows)


def profile_table(found: Profiles | None, dimensions: Sequence[str], members: NDArray[np.bool_]) -> pd.DataFrame:
    """One row a profile, the highest mean score first; ``members`` are the complete rows that are in the class."""
    import pandas as pd

    heads = ["profile", "share", "units", "members", "members_share", "jaccard", "mean", *dimensions]
    if found is None:
        return pd.DataFrame(columns=heads)
    number = len(found.shares)
    units = np.bincount(found.assigned, minlength=number)
    inside = np.bincount(found.assigned[members], minlength=number)
    rows = [
        (
            place + 1,
            float(found.shares[place]),
            int(units[place]),
            int(inside[place]),
            float(inside[place] / inside.sum()) if inside.sum() else NAN,
            float(found.jaccard[place]),
            float(found.means[place].mean()),
            *found.means[place].tolist(),
        )
        for place in range(number)
    ]
    return pd.DataFrame(rows, columns=heads)


def candidate_table(found: Profiles | None) -> pd.DataFrame:
    """One row a number of profiles that was tried."""
    import pandas as pd

    tried = () if found is None else found.candidates
    heads = ["profiles", "bic", "log_likelihood", "parameters", "reason"]
    rows = [[getattr(one, head) for head in heads] for one in tried]
    return pd.DataFrame(rows, columns=heads)


def _joined(parts: Sequence[Membership], name: str) -> FloatArray:
    found = [np.full(len(part.rows), NAN) if (one := getattr(part, name)) is None else one for part in parts]
    return np.concatenate(found) if found else np.zeros(0)


def _texts(parts: Sequence[Membership], name: str) -> NDArray[np.object_]:
    return np.concatenate([getattr(part, name) for part in parts]) if parts else np.zeros(0, dtype=object)


def _number(value: float | None) -> float:
    return NAN if value is None else value
