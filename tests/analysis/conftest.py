"""Two published data sets that the statistics of every book are computed on."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

TAI = """
Finland 187 125.6 200.2 50.7 3.08 4.15 10 27.4
United_States 289 130 179.1 66.2 3 4.07 12 13.9
Sweden 271 156.6 125.8 59.7 3.1 4.14 11.4 15.3
Japan 994 64.6 49 80.8 3 3.86 9.5 10
Korea 779 9.8 4.8 66.7 2.97 3.65 10.8 23.2
Netherlands 189 151.2 136 50.9 3.02 3.77 9.4 9.5
United_Kingdom 82 134 57.4 61.9 3.02 3.73 9.4 14.9
Canada 31 38.6 108 48.7 2.94 4.18 11.6 14.2
Australia 75 18.2 125.9 16.2 2.94 3.94 10.9 25.3
Singapore 8 25.5 72.3 74.9 2.95 3.83 7.1 24.2
Germany 235 36.8 41.2 64.2 2.94 3.75 10.2 14.4
Norway 103 20.2 193.6 19 3.12 4.39 11.9 11.2
Ireland 106 110.3 48.6 53.6 2.97 3.68 9.4 12.3
Belgium 72 73.9 58.9 47.6 2.91 3.86 9.3 13.6
New_Zealand 103 13 146.7 15.4 2.86 3.91 11.7 13.1
Austria 165 14.8 84.2 50.3 2.99 3.79 8.4 13.6
France 205 33.6 36.4 58.9 2.97 3.8 7.9 12.6
Israel 74 43.6 43.2 45 2.96 3.74 9.6 11
Spain 42 8.6 21 53.4 2.86 3.62 7.3 15.6
Italy 13 9.8 30.4 51 3 3.65 7.2 13
Czech_Republic 28 4.2 25 51.7 2.75 3.68 9.5 8.2
Hungary 26 6.2 21.6 63.5 2.73 3.46 9.1 7.7
Slovenia 105 4 20.3 49.5 2.84 3.71 7.1 10.6
"""
INDICATORS = ["patents", "royalties", "internet", "exports", "telephones", "electricity", "schooling", "university"]


# The lower triangle, row by row.
HOLZINGER = """
1.36289774499779 0.408729234586545 1.38638981173865 0.581832320084842 0.452567483388704 1.279114410299
0.50651777949586 0.20961978157046 0.208863511622148 1.35516672288466 0.442084255837265 0.211794712070875
0.112670611849391 1.10141195751168 1.66531838316722 0.456324157747872 0.248369719902796 0.244922678128433
0.898500761763255 1.01790578892339 1.20034623928604 0.0850479859266197 -0.0970735209820043 0.0886363107638427
0.220475065103346 0.143476213267719 0.144558650507976 1.18708326254085 0.264717143301711 0.110024916943522
0.21303038482835 0.126011994480742 0.181207225913621 0.165982441580498 0.53702937198588 1.02538942414175
0.459866342229125 0.244822815733666 0.375098746170128 0.244173946304369 0.296225467421096 0.236783605912182
0.374541543306881 0.45884094830897 1.01838721619292
"""


@pytest.fixture(scope="session")
def tai() -> pd.DataFrame:
    """TAI-23: the running example of the OECD/JRC Handbook (2008), with logarithms of two decimals."""
    rows = [line.split() for line in TAI.strip().splitlines()]
    values = np.array([row[1:] for row in rows], dtype=float)
    return pd.DataFrame(values, index=[row[0] for row in rows], columns=INDICATORS)


@pytest.fixture(scope="session")
def holzinger() -> np.ndarray:
    """Covariances of x1 ... x9 of Holzinger & Swineford (1939), 301 pupils, as R's lavaan and semopy carry the data."""
    found = np.zeros((9, 9))
    found[np.tril_indices(9)] = [float(value) for value in HOLZINGER.split()]
    return found + np.tril(found, -1).T
