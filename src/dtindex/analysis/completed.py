"""Multiple imputation: the scores of each completed table."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any, overload

import numpy as np

from dtindex.analysis.plain import records
from dtindex.analysis.uncertainty.imputed import completing
from dtindex.analysis.uncertainty.variants import Design, Workshop
from dtindex.findings import InputError, finding
from dtindex.scores import Scores
from dtindex.status import Status

if TYPE_CHECKING:
    import pandas as pd

    from dtindex.edition import Edition
    from dtindex.index import CompositeIndex
    from dtindex.tables.table import Table

__all__ = ["Completed", "completed"]


@dataclass(frozen=True, eq=False, repr=False)
class Completed:
    """Scores of M completed tables, a sequence of :class:`Scores`, and what differs among them."""

    scores: tuple[Scores, ...]
    """By table, in the order of their numbers."""

    def __len__(self) -> int:
        return len(self.scores)

    @overload
    def __getitem__(self, at: int) -> Scores: ...
    @overload
    def __getitem__(self, at: slice) -> tuple[Scores, ...]: ...
    def __getitem__(self, at: int | slice) -> Scores | tuple[Scores, ...]:
        return self.scores[at]

    def __iter__(self) -> Iterator[Scores]:
        return iter(self.scores)

    def __repr__(self) -> str:
        first = self.scores[0]
        return f"<Completed of {first.methodology.id}: {len(self)} tables of {len(first.units)} rows>"

    @cached_property
    def cells(self) -> pd.DataFrame:
        """A row for every imputed score and table: ``table, unit, period, indicator, score``."""
        import pandas as pd

        parts = []
        for number, scores in enumerate(self.scores, start=1):
            for item in scores.methodology.tree.scored:
                flags = scores.flags[:, scores.items.index(item)]
                rows = np.flatnonzero((flags & np.uint16(Status.IMPUTED)) > 0)
                parts.append(
                    pd.DataFrame(
                        {
                            "table": number,
                            "unit": scores.units[rows],
                            "period": "" if scores.periods is None else scores.periods[rows],
                            "indicator": item,
                            "score": scores.column(item)[rows],
                        }
                    )
                )
        filled = [part for part in parts if len(part)]
        return pd.concat(filled or parts[:1], ignore_index=True)

    def units(self, item: str | None = None) -> pd.DataFrame:
        """A row a unit: mean, standard deviation (ddof 1) and ends of its score over the tables, and of its rank.

        ``item`` is the index unless said. The deviation is what is not known because of what is missing; a unit of
        which nothing is missing has one only where the others' scores move its own. NaN where a table has no score.
        """
        import pandas as pd

        first = self.scores[0]
        node = item or first.methodology.tree.roots[0]
        values = np.column_stack([scores.column(node) for scores in self.scores])
        ranks = np.column_stack(
            [scores.ranks[node].to_numpy(dtype=np.float64, na_value=np.nan) for scores in self.scores]
        )
        frame: dict[str, Any] = {"unit": first.units}
        if first.periods is not None:
            frame["period"] = first.periods
        lowest, highest = values.min(axis=1), values.max(axis=1)
        frame |= {
            "mean": values.mean(axis=1),
            # Rounding of the mean is no deviation.
            "sd": np.where(lowest == highest, 0.0, values.std(axis=1, ddof=min(1, len(self) - 1))),
            "lowest": lowest,
            "highest": highest,
            "best_rank": ranks.min(axis=1),
            "worst_rank": ranks.max(axis=1),
        }
        return pd.DataFrame(frame)

    def to_dict(self) -> dict[str, Any]:
        """Everything as JSON-ready values."""
        first = self.scores[0]
        return {
            "methodology": {"id": first.methodology.id, "hash": first.methodology.hash},
            "tables": len(self),
            "units": records(self.units()),
            "cells": records(self.cells),
        }


def completed(index: CompositeIndex | Edition, table: Table | pd.DataFrame | str | None = None) -> Completed:
    """The scores of each table that ``impute: {method: mice}`` completed.

    A statistic and its variance are computed in each and pooled by :func:`dtindex.pool`; what is seen in the mean over
    the tables alone has too small a standard error. The index's own scores take the mean of the completed scores of an
    indicator; that of the composite's over the tables differs where an aggregation is not linear.

    Parameters
    ----------
    index
        A fitted index, or an edition with its table.
    table
        What is scored; by default the reference table.

    Raises
    ------
    InputError
        DT386: no indicator is imputed by `mice`; DT391 of an edition that was frozen without its table.

    References
    ----------
    van Buuren & Groothuis-Oudshoorn (2011), doi:10.18637/jss.v045.i03; Rubin (1987).
    """
    workshop = Workshop(index, table)
    changes = completing(workshop.methodology)
    if not changes:
        raise InputError([finding("DT386", "no indicator is imputed by `mice`: there is one table, not several")])
    found = []
    for change in changes:
        design = workshop.design(change)
        if not isinstance(design, Design):
            raise InputError(design.findings)
        found.append(design.result)
    return Completed(tuple(found))
