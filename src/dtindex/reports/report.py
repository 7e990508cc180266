"""Any kind of report, by the ending of the file."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from dtindex.findings import Findings, Place, UsageError, finding
from dtindex.spec.base import Language

if TYPE_CHECKING:
    import pandas as pd

    from dtindex.analysis.rank_bounds import RankBounds
    from dtindex.analysis.simulate import Simulation
    from dtindex.analysis.uncertainty.running import Progress
    from dtindex.edition import Edition
    from dtindex.index import CompositeIndex
    from dtindex.scores import Scores
    from dtindex.spec.uncertainty import Factor
    from dtindex.tables.table import Table

__all__ = ["ENDINGS", "WORKBOOK_ENDINGS", "report"]

PAGE_ENDINGS = (".html", ".htm")
WORKBOOK_ENDINGS = (".xlsx",)
ENDINGS = (*PAGE_ENDINGS, *WORKBOOK_ENDINGS)


def report(
    index: CompositeIndex | Edition | Scores,
    path: Path | str,
    *,
    table: Table | pd.DataFrame | str | None = None,
    language: Language = "zh",
    runs: int | None = None,
    seed: int = 1,
    factors: Sequence[Factor] | None = None,
    simulation: Simulation | None = None,
    bounds: RankBounds | None = None,
    findings: Findings | None = None,
    map_file: Path | str | None = None,
    map_approval_no: str | None = None,
    part: int = 1,
    workers: int | None = None,
    progress: Progress | None = None,
) -> Path:
    """Write an index as a file that people read: ``.html``, the page of :func:`dtindex.explorer`, or ``.xlsx``, the
    workbook of :func:`dtindex.workbook`; with their arguments, of which bounds, maps and parts are the page's.

    The file stands there whole or not at all; one that stood there before stays until the new one is complete.

    Returns
    -------
    Path
        Of the file.

    Raises
    ------
    UsageError
        DT524 where the ending is no kind of report; DT410 where the file cannot be written; DT521 and DT902 as
        :func:`dtindex.explorer`.
    """
    target = Path(path)
    if target.suffix.casefold() not in ENDINGS:
        message = f"{target.name}: a report is a file that ends in {' or '.join(ENDINGS)}"
        raise UsageError([finding("DT524", message, Place(file=str(target)))])
    if target.suffix.casefold() in WORKBOOK_ENDINGS:
        from dtindex.reports.workbook import workbook

        return workbook(
            index,
            table=table,
            language=language,
            runs=runs,
            seed=seed,
            factors=factors,
            simulation=simulation,
            findings=findings,
            workers=workers,
            progress=progress,
        ).save(target)
    from dtindex.reports.explorer import explorer

    page = explorer(
        index,
        table=table,
        language=language,
        runs=runs,
        seed=seed,
        factors=factors,
        simulation=simulation,
        bounds=bounds,
        findings=findings,
        map_file=map_file,
        map_approval_no=map_approval_no,
        part=part,
        workers=workers,
        progress=progress,
    )
    return page.save(target)
