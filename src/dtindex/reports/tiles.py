"""Tiles of the 34 province-level units: a map without borders, so that nobody has to decide where one runs.

Columns run from west to east and rows from north to south, so that neighbours stay neighbours as far as a grid can.
"""

from __future__ import annotations

from dataclasses import dataclass

__all__ = ["TILES", "Tile"]


@dataclass(frozen=True, slots=True)
class Tile:
    """The place of one unit of the codelist ``cn-province``: its code, short name, column and row from the top left."""

    code: str
    short: str
    column: int
    row: int


TILES = tuple(
    Tile(code, short, column, row)
    for code, short, column, row in (
        ("230000", "黑", 8, 0),
        ("650000", "新", 0, 1),
        ("150000", "蒙", 6, 1),
        ("220000", "吉", 8, 1),
        ("620000", "甘", 2, 2),
        ("640000", "宁", 3, 2),
        ("140000", "晋", 5, 2),
        ("110000", "京", 6, 2),
        ("120000", "津", 7, 2),
        ("210000", "辽", 8, 2),
        ("630000", "青", 1, 3),
        ("610000", "陕", 4, 3),
        ("410000", "豫", 5, 3),
        ("130000", "冀", 6, 3),
        ("370000", "鲁", 7, 3),
        ("540000", "藏", 1, 4),
        ("510000", "川", 3, 4),
        ("500000", "渝", 4, 4),
        ("420000", "鄂", 5, 4),
        ("340000", "皖", 6, 4),
        ("320000", "苏", 7, 4),
        ("310000", "沪", 8, 4),
        ("520000", "黔", 4, 5),
        ("430000", "湘", 5, 5),
        ("360000", "赣", 6, 5),
        ("330000", "浙", 7, 5),
        ("530000", "滇", 3, 6),
        ("450000", "桂", 4, 6),
        ("440000", "粤", 5, 6),
        ("350000", "闽", 6, 6),
        ("710000", "台", 8, 6),
        ("810000", "港", 6, 7),
        ("820000", "澳", 5, 7),
        ("460000", "琼", 4, 8),
    )
)
