"""P-values of several outcomes, adjusted for their number."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal, get_args

import numpy as np

__all__ = ["ADJUSTMENTS", "Adjust", "adjusted"]

Adjust = Literal["holm", "bh"]
ADJUSTMENTS: tuple[Adjust, ...] = get_args(Adjust)
_METHODS = {"holm": "holm", "bh": "fdr_bh"}


def adjusted(p_values: Sequence[float | None], how: Adjust | None) -> list[float | None]:
    """Holm's p-values (family-wise error), or Benjamini and Hochberg's (false discovery rate); None stays, uncounted.

    References
    ----------
    Holm, S. (1979). A simple sequentially rejective multiple test procedure. Scandinavian Journal of Statistics 6.
    Benjamini, Y. & Hochberg, Y. (1995). Controlling the false discovery rate. doi:10.1111/j.2517-6161.1995.tb02031.x

    Examples
    --------
    >>> adjusted([0.01, None, 0.04], "holm")
    [0.02, None, 0.04]
    """
    known = [position for position, one in enumerate(p_values) if one is not None]
    if how is None or not known:
        return list(p_values)
    from statsmodels.stats.multitest import multipletests

    plain = np.array([p_values[position] for position in known], dtype=np.float64)
    found: list[float | None] = [None] * len(p_values)
    for position, value in zip(known, multipletests(plain, method=_METHODS[how])[1].tolist(), strict=True):
        found[position] = float(value)
    return found
