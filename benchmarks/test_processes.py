"""What a user waits for at the prompt, against what importing pandas and scikit-learn costs on the same machine."""

from __future__ import annotations

from collections.abc import Callable

CAICT = "caict-computing-power-1.0"


def test_help(ratio: Callable[[str, list[str], float], None]) -> None:
    ratio("dtindex --help", ["--help"], 1 / 3)


def test_score(ratio: Callable[[str, list[str], float], None]) -> None:
    ratio(f"dtindex score {CAICT}", ["score", CAICT, "-o", "result"], 0.8)


def test_import(own_import: Callable[[str, float], None]) -> None:
    own_import("dtindex", 30)
