"""Every shipped index, fitted: on its own data, on generated answers, or on made-up figures of provinces."""

from __future__ import annotations

import os
from collections.abc import Callable
from functools import cache

import numpy as np
import pandas as pd
import pytest
from tests.conftest import FONT_LACKS

import dtindex as dti
from dtindex.reports.figures.fonts import font_for
from dtindex.tables.read import codelist_of

STRANGE = "A&B <公司> =1+1 龘"
ASSUMED = {"accenture-reinvention-2023": "instrument-v1", "caict-computing-power-2.0": "equal"}
GENERATED = ("accenture-reinvention-2023", "miit-sme-digital-2024")


def _figures(methodology: dti.Methodology) -> dti.Table:
    """Figures of the 31 provinces that a codelist ranks, one in ten of them missing."""
    codelist = codelist_of(methodology)
    assert codelist is not None
    rng = np.random.default_rng(5)
    names = [unit.name for unit in codelist.units][:31]
    columns: dict[str, object] = {"province": names}
    for indicator in methodology.indicators:
        values = np.round(np.exp(rng.normal(3, 1, len(names))), 1)
        columns[indicator.column or indicator.id] = np.where(rng.random(len(names)) < 0.1, np.nan, values)
    return dti.read_table(pd.DataFrame(columns), methodology)


@pytest.fixture(scope="session")
def full_font() -> None:
    """A font with rare characters is installed."""
    try:
        font_for([STRANGE])
    except dti.UsageError:
        if os.environ.get("DTINDEX_REQUIRE_FONT"):
            pytest.fail(f"{FONT_LACKS}, and DTINDEX_REQUIRE_FONT asks for it")
        pytest.skip(FONT_LACKS)


@pytest.fixture(scope="session")
def fitted() -> Callable[[str], dti.CompositeIndex]:
    """A shipped index by id, fitted once."""

    @cache
    def fit(identifier: str) -> dti.CompositeIndex:
        methodology = dti.load_methodology(identifier)
        table = None
        if identifier in GENERATED:
            table = dti.sample(identifier, n=300, seed=2).table
        elif identifier == "caict-computing-power-2.0":
            table = _figures(methodology)
        return dti.CompositeIndex(methodology, assume=ASSUMED.get(identifier)).fit(table)

    return fit
