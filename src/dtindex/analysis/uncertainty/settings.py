"""What simulation and sensitivity ask of the numbers that they are called with."""

from __future__ import annotations

from collections.abc import Mapping
from operator import index
from typing import SupportsIndex, get_args

from dtindex.engine.points import Method
from dtindex.findings import UsageError, finding

__all__ = ["check_settings"]


def check_settings(
    least: Mapping[str, tuple[SupportsIndex, int]], method: object, confidence: float, workers: int | None
) -> None:
    """Refuse what cannot be; ``least`` has by name whole numbers and the least that they may be.

    Raises
    ------
    UsageError
        DT902, one for each setting.
    """
    wrong = []
    for name, (number, lowest) in least.items():
        try:
            enough = index(number) >= lowest
        except TypeError:
            enough = False
        if not enough:
            wrong.append(f"{name} {number!r}: expected a whole number, {lowest} or more")
    if method not in get_args(Method):
        wrong.append(f"method {method!r}: expected `sobol` or `random`")
    if not 0 < confidence < 1:
        wrong.append(f"confidence {confidence}: expected more than 0 and less than 1")
    if workers is not None and workers == 0:
        wrong.append("workers 0: expected 1 or more, or -1 for every processor")
    if wrong:
        raise UsageError([finding("DT902", one) for one in wrong])
