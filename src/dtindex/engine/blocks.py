"""Work in blocks of rows, on one thread or several; the result depends on neither."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

__all__ = ["BLOCK_ROWS", "map_blocks"]

BLOCK_ROWS = 65_536
Result = TypeVar("Result")


def map_blocks(
    work: Callable[[slice], Result], rows: int, threads: int = 1, block_rows: int = BLOCK_ROWS
) -> list[Result]:
    """``work`` on each block of ``rows``, in the order of the blocks; at least one block, which may be empty."""
    blocks = [slice(start, min(start + block_rows, rows)) for start in range(0, max(rows, 1), block_rows)]
    if threads <= 1 or len(blocks) == 1:
        return [work(block) for block in blocks]
    from concurrent.futures import ThreadPoolExecutor

    with ThreadPoolExecutor(max_workers=threads) as pool:
        return list(pool.map(work, blocks))
