"""Numbers inside bands, never on their edges."""

from __future__ import annotations

import numpy as np
import pytest

from dtindex.spec.questions import NumberQuestion
from dtindex.synthetic.numbers import draw_numbers, number_edges


def question(**settings: object) -> NumberQuestion:
    return NumberQuestion.model_validate({"id": "q", "type": "number", **settings}, strict=False)


def bands(*edges: float) -> dict[str, object]:
    return {"edges": edges, "closed": "left", "points": tuple(range(len(edges) + 1))}


@pytest.mark.parametrize(
    ("settings", "edges"),
    [
        ({"bands": bands(10, 50), "range": (0, 100)}, [0, 10, 50, 100]),
        ({"bands": bands(10, 50)}, [0, 10, 50, 90]),
        ({"bands": bands(-20, 0)}, [-40, -20, 0, 20]),
        ({"bands": bands(5)}, [0, 5, 10]),
        ({"bands": bands(10, 50), "range": (20, 100)}, [20, 20, 50, 100]),
    ],
)
def test_edges(settings: dict[str, object], edges: list[float]) -> None:
    assert number_edges(question(**settings)).tolist() == edges


def test_without_bands_a_hundred_parts_of_the_range() -> None:
    assert number_edges(question(range=(0, 10))) == pytest.approx(np.linspace(0, 10, 101))


@pytest.mark.parametrize("edges", [[0.0, 10.0, 50.0, 100.0], [0.0, 0.05, 0.5, 3.0], [-40.0, -20.0, 0.0, 20.0]])
def test_numbers_lie_inside_their_band(edges: list[float]) -> None:
    rng = np.random.default_rng(1)
    categories = rng.integers(0, 3, 20_000).astype(np.int16)
    values = draw_numbers(rng, np.array(edges), categories)
    assert (values > np.array(edges)[categories]).all()
    assert (values < np.array(edges)[categories + 1]).all()
    assert np.allclose(values[categories == 2] * 10, np.rint(values[categories == 2] * 10))
