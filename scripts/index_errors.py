"""How well the shipped definitions reproduce published figures: scores each on its shipped data and prints a table.

    python scripts/index_errors.py

One line for each item with figures to compare: definition, item, kind (``published``: compared only; ``column``: a
node's value that the table gave, against the one computed from what lies below it), figures compared, largest error,
tolerance, mismatches. The exit code is 1 where a figure differs by more than its tolerance. The table of
docs/indices.md is filled from here.
"""

from __future__ import annotations

import sys

import dtindex

HEADER = ("definition", "item", "kind", "compared", "largest error", "tolerance", "mismatches")


def errors_of(identifier: str) -> list[tuple[str, ...]]:
    """Lines of one definition; none where it ships without data."""
    methodology = dtindex.load_methodology(identifier)
    if methodology.data_ is None:
        return []
    table = dtindex.read_table(None, methodology)
    result = dtindex.CompositeIndex(methodology).fit(table).score(table)
    return [
        (
            identifier,
            one.item,
            one.kind,
            str(one.compared),
            f"{one.largest_error:.3f}",
            f"{one.tolerance:g}",
            str(one.mismatches),
        )
        for one in result.comparisons
    ]


def main() -> int:
    lines = [line for identifier in dtindex.shipped_methodologies() for line in errors_of(str(identifier))]
    widths = [max(len(line[column]) for line in [HEADER, *lines]) for column in range(len(HEADER))]
    for line in [HEADER, *lines]:
        sys.stdout.write("  ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)).rstrip() + "\n")
    return int(any(line[-1] != "0" for line in lines))


if __name__ == "__main__":
    sys.exit(main())
