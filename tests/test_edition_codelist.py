"""An edition carries the codelist of its units: it scores where the codelist's file is gone."""

from __future__ import annotations

from pathlib import Path

import pytest

import dtindex as dti

METHODOLOGY = """
schema_version: 1
id: cities
title: Cities
units: {kind: city, key: city, codelist: cities.csv}
nodes: [{id: index}]
indicators:
  - {id: ports, parent: index, normalise: {method: goalposts, worst: 0, best: 10}}
"""


@pytest.fixture
def edition(tmp_path: Path) -> Path:
    home = tmp_path / "home"
    home.mkdir()
    (home / "cities.csv").write_text("code,name,en\n440100,广州,Guangzhou\n440300,深圳,Shenzhen\n", encoding="utf-8")
    (home / "m.yaml").write_text(METHODOLOGY, encoding="utf-8")
    (home / "t.csv").write_text("city,ports\n深圳,5\nGuangzhou,2\n", encoding="utf-8")
    methodology = dti.load_methodology(str(home / "m.yaml"))
    index = dti.CompositeIndex(methodology).fit(dti.read_table(home / "t.csv", methodology))
    path = index.freeze("2026").save(tmp_path / "cities.dtindex")
    for file in home.iterdir():
        file.unlink()
    return path


def test_it_reads_and_names_units_without_the_file(edition: Path, tmp_path: Path) -> None:
    (tmp_path / "new.csv").write_text("city,ports\n440300,7\n", encoding="utf-8")
    loaded = dti.load_edition(edition)
    scores = loaded.score(str(tmp_path / "new.csv"))
    assert scores.scores["index"].to_dict() == {"深圳": 70.0}
    assert scores.names("en").tolist() == ["Shenzhen"]
    assert loaded.verify().holds


def test_an_unknown_unit_is_still_refused(edition: Path, tmp_path: Path) -> None:
    (tmp_path / "new.csv").write_text("city,ports\n佛山,7\n", encoding="utf-8")
    with pytest.raises(dti.InputError, match="DT206"):
        dti.load_edition(edition).score(str(tmp_path / "new.csv"))
