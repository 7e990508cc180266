"""``dtindex report``: one file, whole or not at all, and what is said beside it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

import dtindex as dti
from dtindex.cli import main

CAICT = "caict-computing-power-1.0"


def test_a_page_is_written(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "deep" / "index.html"
    assert main(["report", CAICT, "-o", str(path), "--simulate", "128", "--language", "en"]) == 0
    index = dti.CompositeIndex(dti.load_methodology(CAICT)).fit()
    assert path.read_text("utf-8") == dti.explorer(index, language="en", runs=128).html
    assert f"wrote {path}" in capsys.readouterr().out


def test_an_edition_names_itself(tmp_path: Path) -> None:
    edition = dti.CompositeIndex(dti.load_methodology(CAICT)).fit().freeze("2020")
    path = tmp_path / "2020.dtindex"
    edition.save(path)
    assert main(["report", str(path), "-o", str(tmp_path / "i.html"), "--simulate", "0", "--quiet"]) == 0
    assert f'"edition":{{"name":"2020","hash":"{edition.hash}"}}' in (tmp_path / "i.html").read_text("utf-8")


def test_a_survey_with_its_assumption(tmp_path: Path) -> None:
    sample = tmp_path / "s.csv"
    assert main(["sample", "accenture-reinvention-2023", "-n", "80", "--seed", "1", "-o", str(sample), "--quiet"]) == 0
    asked = ["report", "accenture-reinvention-2023", str(sample), "-o", str(tmp_path / "s.html"), "--quiet"]
    assert main(asked) != 0
    assert not (tmp_path / "s.html").exists()
    assert main([*asked, "--assume", "instrument-v1", "--simulate", "64"]) == 0
    assert "instrument-v1" in (tmp_path / "s.html").read_text("utf-8")


def test_as_json(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "i.html"
    assert main(["report", CAICT, "-o", str(path), "--simulate", "0", "--json"]) == 0
    said = json.loads(capsys.readouterr().out)
    assert (said["verb"], said["files"], said["bytes"]) == ("report", [str(path)], path.stat().st_size)
    assert (said["units"], said["runs"], said["parts"]) == (31, None, 1)


@pytest.mark.parametrize("name", ["i.pdf", "i", "i.html.zip"])
def test_a_name_that_is_no_page(tmp_path: Path, name: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["report", CAICT, "-o", str(tmp_path / name)]) == 2
    assert "DT902" in capsys.readouterr().err
    assert list(tmp_path.iterdir()) == []


def test_a_map_without_its_number_is_remarked_on(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    square = [[[110, 20], [117, 20], [117, 25], [110, 20]]]
    area = {"type": "Feature", "properties": {"name": "广东省"}, "geometry": {"type": "Polygon", "coordinates": square}}
    path = tmp_path / "map.json"
    path.write_text(json.dumps({"type": "FeatureCollection", "features": [area]}), encoding="utf-8")
    asked = ["report", CAICT, "-o", str(tmp_path / "i.html"), "--simulate", "0", "--map", str(path)]
    assert main(asked) == 0
    assert "DT520" in capsys.readouterr().err
    assert main([*asked, "--map-approval-no", "GS(2024)0650号"]) == 0
    assert "DT520" not in capsys.readouterr().err
    path.write_text("{}")
    assert main(asked) == 2
    assert "DT521" in capsys.readouterr().err
