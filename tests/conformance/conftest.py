"""Published indices recomputed from their published inputs, each from a methodology file beside its test."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pandas as pd
import pytest

import dtindex as dti

HERE = Path(__file__).parent


def _text(name: str, *changes: tuple[str, str]) -> str:
    text = (HERE / name).read_text(encoding="utf-8")
    for old, new in changes:
        assert old in text
        text = text.replace(old, new)
    return text


@pytest.fixture(scope="session")
def methodology() -> Callable[..., dti.Methodology]:
    """The methodology of a file in this folder, with some of its text replaced."""

    def load(name: str, *changes: tuple[str, str]) -> dti.Methodology:
        from dtindex.spec import parse_methodology

        found, findings = parse_methodology(_text(name, *changes), name)
        findings.raise_errors()
        assert found is not None
        return found

    return load


@pytest.fixture(scope="session")
def frame(reference_data: Path) -> Callable[[str], pd.DataFrame]:
    """A file of the reference data, cells as text."""
    return lambda name: pd.read_csv(reference_data / name, dtype=str, keep_default_na=False)


@pytest.fixture(scope="session")
def score() -> Callable[[dti.Methodology, pd.DataFrame], dti.Scores]:
    """Scores of a frame by an index that is fitted on it."""

    def run(methodology: dti.Methodology, frame: pd.DataFrame) -> dti.Scores:
        table = dti.read_table(frame, methodology)
        return dti.CompositeIndex(methodology).fit(table).score(table)

    return run
