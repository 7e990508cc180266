"""Blocks of rows."""

from __future__ import annotations

import pytest

from dtindex.engine.blocks import map_blocks


@pytest.mark.parametrize("threads", [1, 2])
@pytest.mark.parametrize(
    ("rows", "size", "expected"),
    [(0, 4, [(0, 0)]), (3, 4, [(0, 3)]), (4, 4, [(0, 4)]), (9, 4, [(0, 4), (4, 8), (8, 9)])],
)
def test_every_row_is_in_one_block(threads, rows, size, expected):
    assert map_blocks(lambda block: (block.start, block.stop), rows, threads, size) == expected


def test_a_failure_in_a_thread_is_raised():
    with pytest.raises(ZeroDivisionError):
        map_blocks(lambda block: 1 // block.start, 9, 2, 4)
