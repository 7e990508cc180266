"""CompositeIndex: fit a methodology on a table, score any table with it, freeze it as an edition."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal

from dtindex import fitted as fitting
from dtindex.edition import Edition
from dtindex.findings import UsageError, finding
from dtindex.results import Results
from dtindex.spec import load_methodology
from dtindex.spec.assume import apply_assumption
from dtindex.spec.model import Methodology
from dtindex.tables import read_table
from dtindex.tables.table import Table

if TYPE_CHECKING:
    import pandas as pd

    from dtindex.scores import Scores

__all__ = ["CompositeIndex"]


class CompositeIndex:
    """Runs the steps of a methodology in order: derive, impute, treat, normalise, then each node bottom-up, then ranks.

    Follows scikit-learn's words (`fit`, `get_params`, attributes ending in ``_``) but takes tables with names, and
    works
    as the last step of a `Pipeline` whose earlier steps hand on data frames.

    Parameters
    ----------
    methodology
        A methodology, or the id or path of one.
    assume
        Name of an assumption for what is unpublished: ``equal``, an entry of the file's ``assumptions:``, or a path. It
        is
        named in every output.
    threads
        Threads that score blocks of rows; no result depends on it.

    Attributes
    ----------
    fitted_
        What `fit` learned; only after `fit`.
    methodology_
        The methodology with the assumption applied; only after `fit`.

    Examples
    --------
    >>> import dtindex as dti
    >>> m = dti.load_methodology("caict-computing-power-1.0")
    >>> r = dti.CompositeIndex(m).fit(m.data()).score(m.data())
    >>> r.ranks["index"].idxmin()
    '广东'
    """

    fitted_: fitting.Fitted
    methodology_: Methodology
    _known: Results | None

    def __init__(self, methodology: Methodology | str, assume: str | None = None, threads: int = 1) -> None:
        self.methodology = methodology
        self.assume = assume
        self.threads = threads

    def get_params(self, deep: bool = True) -> dict[str, Any]:
        """The constructor's arguments, as scikit-learn asks for them."""
        return {"methodology": self.methodology, "assume": self.assume, "threads": self.threads}

    def set_params(self, **params: Any) -> CompositeIndex:
        """Set constructor arguments by name."""
        unknown = set(params) - set(self.get_params())
        if unknown:
            raise ValueError(f"CompositeIndex has no parameter {', '.join(sorted(unknown))}")
        for name, value in params.items():
            setattr(self, name, value)
        return self

    def __repr__(self) -> str:
        name = self.methodology if isinstance(self.methodology, str) else self.methodology.id
        return (
            f"CompositeIndex({name!r})" if self.assume is None else f"CompositeIndex({name!r}, assume={self.assume!r})"
        )

    def fit(self, table: Table | pd.DataFrame | str | None = None, y: object = None) -> CompositeIndex:
        """Learn goalposts, weights and every other parameter from a reference table; without one, from the shipped
        data. The table can no longer be written to: scores and editions rest on what it is now.

        Raises
        ------
        InputError
            With every finding: DT030 (method not yet available), DT050, DT051 (unpublished, no assumption), DT301 (no
            variation), DT302 (indicator all missing), and those of reading the table.
        """
        methodology = load_methodology(self.methodology) if isinstance(self.methodology, str) else self.methodology
        assumptions: tuple[str, ...] = ()
        if self.assume is not None:
            methodology, name = apply_assumption(methodology, self.assume)
            assumptions = (name,)
        self.methodology_ = methodology
        self.reference_ = _as_table(table, methodology).sealed()
        self.fitted_, self._known = fitting.fit_and_score(
            methodology, self.reference_, assumptions=assumptions, threads=self.threads
        )
        return self

    def score(
        self,
        table: Table | pd.DataFrame | str | None = None,
        y: object = None,
        *,
        ranked_against: Literal["table", "reference"] = "table",
    ) -> Scores:
        """Score a table with what `fit` learned; without one, the table that was fitted.

        ``ranked_against`` says whom a rank is among: the table's own units, or the reference units (the rank that a
        unit
        would take if it were put among them).
        """
        fitted = self._fitted()
        scored = self.reference_ if table is None else _as_table(table, self.methodology_)
        # What fitting worked out serves once, and is not kept: it is as large as the scores.
        known, self._known = (self._known if scored is self.reference_ else None), None
        return fitting.score(fitted, scored, ranked_against=ranked_against, threads=self.threads, known=known)

    def fit_score(self, table: Table | pd.DataFrame | str | None = None) -> Scores:
        """`fit` and `score` on one table."""
        return self.fit(table).score()

    def freeze(self, name: str, *, include_table: bool = True) -> Edition:
        """The fitted index as an edition, which never changes.

        Without its table an edition still scores and still proves that it was not altered, but cannot be recomputed.

        Raises
        ------
        InputError
            DT405 where a method ranks a set as a whole and has no score for a new unit.
        """
        return Edition.freeze(name, self._fitted(), self.reference_, include_table=include_table)

    def _fitted(self) -> fitting.Fitted:
        if not hasattr(self, "fitted_"):
            raise UsageError([finding("DT420", "this index is not fitted; call `fit` with a table first")])
        return self.fitted_


def _as_table(table: Table | pd.DataFrame | str | None, methodology: Methodology) -> Table:
    return table if isinstance(table, Table) else read_table(table, methodology)
