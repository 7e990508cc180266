"""What the bounds of a class make together in a sample, beside what they would make of normal dimensions."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from dtindex.analysis.classes.calibration import joint_share, joint_share_of, needed_share, needed_share_of
from dtindex.analysis.classes.membership import Membership
from dtindex.analysis.computable import LEAST_ROWS, NotComputable, require_variation
from dtindex.analysis.correlation import pearson
from dtindex.scores import Scores
from dtindex.steps.types import FloatArray

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["calibration_table"]

_CORRELATIONS = (0.0, 0.25, 0.5, 0.7)


def calibration_table(scores: Scores, parts: Sequence[Membership], target: float) -> pd.DataFrame:
    """One row a correlation: ``basis``, ``correlation``, ``share``, ``joint``, ``target``, ``needed``.

    ``share`` is the geometric mean of the shares of units that keep each bound; ``joint`` what keeps all of them where
    each bound has that share, and, in the last row, the shares and the correlations of the sample; ``needed`` the one
    share of each dimension that makes the target. No row without ``parts``.

    Raises
    ------
    NotComputable
        Where the class is not a set of bounds on two scored items or more, in one period.
    """
    import pandas as pd

    rows: list[tuple[str, float, float, float, float, float]] = []
    if parts:
        kept, matrix = _kept(scores, parts)
        count = len(matrix)
        mean = float((matrix.sum() - count) / (count * (count - 1)))
        share = float(np.exp(np.log(kept).mean())) if (kept > 0).all() else 0.0
        for correlation in sorted({*_CORRELATIONS, *([mean] if 0 <= mean <= 1 else [])}):
            basis = "sample mean" if correlation == mean else "given"
            joint, needed = joint_share(share, correlation, count), needed_share(target, correlation, count)
            rows.append((basis, correlation, share, joint, target, needed))
        needed = needed_share_of(target, matrix) if 0 < target < 1 else target
        rows.append(("sample matrix", mean, share, joint_share_of(kept, matrix), target, needed))
    return pd.DataFrame(rows, columns=["basis", "correlation", "share", "joint", "target", "needed"])


def _kept(scores: Scores, parts: Sequence[Membership]) -> tuple[FloatArray, FloatArray]:
    """The share of units that keep each bound, and the correlations of what the bounds are on."""
    part = parts[0]
    if len(parts) > 1:
        raise NotComputable("units of several periods")
    if not part.whole:
        raise NotComputable(f"the class {part.of} is not a set of bounds alone")
    bounds = [(bound, at) for bound, at in zip(part.bounds, part.thresholds, strict=True) if bound.item in scores.items]
    names = [bound.item for bound, _ in bounds]
    if len(names) < 2 or len(set(names)) < len(names):
        raise NotComputable("fewer than two scored items with one bound each")
    values = np.column_stack([scores.column(name)[part.rows] for name in names])
    values = values[~np.isnan(values).any(axis=1)]
    if len(values) < LEAST_ROWS:
        raise NotComputable(f"{len(values)} complete rows; {LEAST_ROWS} are needed")
    require_variation(values, names)
    signs = np.array([bound.sign for bound, _ in bounds], dtype=np.float64)
    kept = ((values - [at for _, at in bounds]) * signs >= 0).mean(axis=0)
    return kept, np.asarray(pearson(values).values * np.outer(signs, signs), dtype=np.float64)
