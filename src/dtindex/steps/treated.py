"""Which cells a treatment moved, from what to what."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from dtindex.status import Status, StatusArray
from dtindex.steps.indicator import IndicatorChain, Learned
from dtindex.steps.types import FloatArray, Sample, TextArray

__all__ = ["Treated", "treated_cells"]

_TREATED = np.uint16(Status.TREATED)


@dataclass(frozen=True, slots=True)
class Treated:
    """Cells of one indicator that were treated: ``rows`` are positions in the table, the other arrays ``(rows,)``.

    ``before`` is the raw or imputed value; ``after`` is in the same unit, unless ``methods`` names a transformation.
    """

    item: str
    rows: NDArray[np.intp]
    before: FloatArray
    after: FloatArray
    methods: TextArray


def treated_cells(
    item: str, chain: IndicatorChain, sample: Sample, flags: StatusArray, learned: Learned
) -> Treated | None:
    """What the treatment moved, worked out again for those rows alone; ``flags`` ``(rows,)`` are their scores'.

    Nothing is computed where no flag says that something was treated.
    """
    moved = flags & _TREATED != 0
    if chain.treatment.method == "none" or not moved.any():
        return None
    own = sample.take(moved)
    before, after = np.full((2, own.values.size), np.nan)
    methods = np.full(own.values.size, "", dtype=object)
    each = own.periods if chain.fits_each_period and own.periods is not None else np.full(methods.shape, "", object)
    for period in sorted(set(each)):
        within, state = each == period, learned[period]
        before[within], after[within] = chain.before_and_after(own.take(within), state)
        methods[within] = chain.treatment.done(state["treat"])
    known = before == before  # a score that was made up of treated siblings has no value of its own
    return Treated(item, np.flatnonzero(moved)[known], before[known], after[known], methods[known])
