"""Scoring what a request asks for."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from dtindex_service.scoring.asked import Asked
from dtindex_service.scoring.scored import Scored

if TYPE_CHECKING:
    from dtindex import Edition

__all__ = ["run"]


def run(
    edition: Edition, asked: Asked, ranked_against: Literal["table", "reference"], *, contributions: bool
) -> Scored:
    """The scores; of one unit the short way, which gives the same figures.

    Raises
    ------
    DtindexError
        What the library finds; :meth:`Asked.item` says where in the request it is.
    """
    short = len(asked.units) == 1 and ranked_against == "reference" and not contributions
    # Who is screened out is told of a table only.
    if short and edition.methodology.screening is None:
        return _one(edition, asked)
    found = edition.score_units(
        asked.values, asked.units, periods=asked.periods, groups=asked.groups, ranked_against=ranked_against
    )
    known = [*edition.methodology.findings, *edition.fitted.findings]
    return Scored.of_scores(found, asked.units, asked.periods, contributions=contributions, known=known)


def _one(edition: Edition, asked: Asked) -> Scored:
    period = None if asked.periods is None else asked.periods[0]
    found = edition.score_unit(
        {name: cells[0] for name, cells in asked.values.items()},
        unit=asked.units[0],
        period=period or None,
        groups={name: cells[0] for name, cells in asked.groups.items()},
    )
    return Scored.of_unit(found, asked.units[0], period)
