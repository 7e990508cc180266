"""Values of results as JSON holds them."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["plain", "records"]


def plain(value: Any) -> Any:
    """Text, True and False as they are; whole numbers; others in 12 significant digits; None for what is no number."""
    if value is None or isinstance(value, str):
        return value
    if isinstance(value, bool) or type(value).__name__ == "bool":
        return bool(value)
    number = float(value)
    if not math.isfinite(number):
        return None
    return float(f"{number:.12g}") + 0.0 if isinstance(value, float) else int(number)


def records(frame: pd.DataFrame) -> list[dict[str, Any]]:
    """Rows of a frame, each value plain."""
    columns = list(frame.columns)
    return [dict(zip(columns, map(plain, row), strict=True)) for row in frame.itertuples(index=False, name=None)]
