"""Integer keys and rounding half up, against decimal arithmetic."""

from __future__ import annotations

from decimal import ROUND_HALF_DOWN, ROUND_HALF_UP, Decimal

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dtindex.engine.keys import MISSING, open_width, round_half_up, score_keys


def one(value: float) -> np.ndarray:
    return np.array([value])


@given(st.integers(-(10**9), 10**9), st.integers(0, 6))
def test_rounding_is_half_up_on_decimals(thousandths, decimals):
    """Every number with up to seven decimals, on a scale of 100; a negative tie goes up too, to the better side."""
    exact = Decimal(thousandths).scaleb(-7)
    mode = ROUND_HALF_UP if exact >= 0 else ROUND_HALF_DOWN
    expected = float(exact.quantize(Decimal(1).scaleb(-decimals), rounding=mode))
    assert round_half_up(one(float(exact)), decimals, 100.0)[0] == pytest.approx(expected, abs=1e-9)
    key = round(expected * 10**10)
    assert score_keys(one(float(exact)), 100.0, decimals)[0] == key


@given(st.integers(0, 10**5), st.integers(0, 3), st.sampled_from([1.0, 10.0, 100.0]))
def test_a_tie_is_a_tie_whatever_its_last_bit(number, decimals, width):
    tie = (number + 0.5) / 10**decimals * width / 10**5
    tie = round(tie, decimals) + 0.5 / 10**decimals
    below, above = np.nextafter(tie, -np.inf), np.nextafter(tie, np.inf)
    rounded = {float(round_half_up(one(value), decimals, width)[0]) for value in (below, tie, above)}
    assert len(rounded) == 1


@pytest.mark.parametrize(
    ("value", "decimals", "expected"),
    [(73.95, 1, 74.0), (73.949, 1, 73.9), (0.285, 2, 0.29), (1.005, 2, 1.01), (2.5, 0, 3.0), (-0.5, 0, 0.0)],
)
def test_known_roundings(value, decimals, expected):
    assert round_half_up(one(value), decimals, 100.0)[0] == expected


def test_rounding_finer_than_a_key_changes_nothing():
    """On a scale of a million a key is 1e-6; nine decimals cannot be had, and half a key must not be added."""
    assert round_half_up(one(5.0), 9, 1e6)[0] == 5.0
    assert score_keys(one(5.0), 1e6, 9)[0] == 5_000_000


def test_missing_is_below_every_key():
    keys = score_keys(np.array([np.nan, -1e8, 0.0]), 100.0)
    assert keys[0] == MISSING < keys[1] < keys[2] == 0
    assert np.isnan(round_half_up(one(np.nan), 1, 100.0)[0])


@given(st.floats(0, 100), st.floats(0, 100))
def test_keys_keep_the_order(first, second):
    keys = score_keys(np.array([first, second]), 100.0)
    if first < second:
        assert keys[0] <= keys[1]
    if abs(first - second) > 1.01e-10:
        assert keys[0] != keys[1]


def test_the_last_bits_part_nobody():
    """1/3 + 1/3 + 1/3 of 100, and 0.1 + 0.2: one key, one rank."""
    assert score_keys(one(0.1 + 0.2), 1.0)[0] == score_keys(one(0.3), 1.0)[0]
    third = 100 / 3
    assert score_keys(one(third + third + third), 100.0)[0] == 10**12


def test_out_of_proportion_is_refused():
    assert score_keys(one(1e6), 1.0)[0] == 10**18
    for score in (1e7, -1e7, np.inf, 1e308):
        with pytest.raises(OverflowError):
            score_keys(one(score), 1.0)


@pytest.mark.parametrize(
    ("scores", "width"),
    [
        ([], 1.0),
        ([np.nan], 1.0),
        ([0.0], 1.0),
        ([1.0, -3.0], 10.0),
        ([1000.0], 1000.0),
        ([1000.0001], 10000.0),
        ([-0.02], 0.1),
        ([1e-7], 1e-7),
        ([1.5e308], 1e308),
    ],
)
def test_width_of_an_open_scale(scores, width):
    assert open_width(np.array(scores)) == width
