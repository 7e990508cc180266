"""Names of columns: tidied, and no two alike."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from dtindex.findings import Place
from dtindex.tables.formats.cells import tidy_name
from dtindex.tables.formats.refusal import Remarks
from dtindex.tables.raw import column_letters

__all__ = ["tidy_names"]


def tidy_names(
    names: Sequence[str],
    positions: Sequence[int],
    remarks: Remarks,
    place: Callable[[int, str], Place],
    letters: bool = False,
) -> tuple[str, ...]:
    """Names as they are matched: a note DT211 for each that was changed, an error DT201 for each that stands twice.

    ``place`` takes a position and the tidied name; ``letters`` calls columns A, B, C.
    """
    tidied = tuple(map(tidy_name, names))
    first: dict[str, int] = {}
    for name, tidy, position in zip(names, tidied, positions, strict=True):
        if tidy != name:
            remarks.add("DT211", f"column {name!r} is read as {tidy!r}", place(position, tidy))
        if tidy in first:
            one, other = (column_letters(at) if letters else str(at) for at in (first[tidy], position))
            message = f"columns {one} and {other} are both called {tidy!r}; rename or remove one"
            remarks.add("DT201", message, place(position, tidy))
        first.setdefault(tidy, position)
    return tidied
