"""Which character separates the cells of a text file, by counting outside quotes."""

from __future__ import annotations

import csv
import io
from collections import Counter

from dtindex.findings import Place
from dtindex.tables.formats.refusal import Remarks, refuse

__all__ = ["DELIMITER_NAMES", "find_delimiter"]

DELIMITER_NAMES = {",": "comma", ";": "semicolon", "\t": "tab", "\uff0c": "full-width comma", "|": "vertical bar"}
_SAMPLE = 1 << 16


def find_delimiter(text: str, remarks: Remarks, file: str) -> str:
    """The delimiter that cuts the first rows into equally many cells; where none does, the one that does so most often.

    Raises
    ------
    InputError
        DT128 where two delimiters fit equally well.
    """
    sample = text[:_SAMPLE]
    shares = {candidate: _share(sample, len(text) > _SAMPLE, candidate) for candidate in DELIMITER_NAMES}
    consistent = [candidate for candidate, share in shares.items() if share == 1.0]
    if len(consistent) > 1:
        names = " and ".join(DELIMITER_NAMES[candidate] for candidate in consistent)
        message = f"{names} each cut every row into equally many cells; name it: delimiter="
        refuse("DT128", message, Place(file=file, line=1))
    best = max(shares, key=lambda candidate: shares[candidate])  # the first of equals, which is the comma
    if best != ",":
        remarks.add("DT127", f"cells are separated by {DELIMITER_NAMES[best]}", Place(file=file, line=1))
    return best


def _share(sample: str, truncated: bool, delimiter: str) -> float:
    """Share of rows that have the usual number of cells; 0 where that number is one."""
    if delimiter not in sample:
        return 0.0
    try:
        records = csv.reader(io.StringIO(sample, newline=""), delimiter=delimiter)
        widths = [len(record) for record in records if any(record)]
    except csv.Error:  # a cell over the csv module's limit: this delimiter does not cut
        return 0.0
    if truncated and len(widths) > 1:
        widths.pop()
    if not widths:
        return 0.0
    usual, count = Counter(widths).most_common(1)[0]
    return count / len(widths) if usual > 1 else 0.0
