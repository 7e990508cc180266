"""Answers in an edition: they come back, alterations are found, and one respondent scores as in the table."""

from __future__ import annotations

import zipfile
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import survey_exports as exports

import dtindex as dti
from dtindex.edition import load_edition
from dtindex.output import long_csv
from dtindex.spec import Methodology, load_methodology
from dtindex.status import status_text
from dtindex.tables.read import read_table

ASSUMED = {"accenture-reinvention-2023": "instrument-v1"}


@pytest.fixture(params=["every-kind", "accenture-reinvention-2023", "miit-sme-digital-2024"])
def questionnaire(request: pytest.FixtureRequest) -> Methodology:
    return request.getfixturevalue("every_kind") if request.param == "every-kind" else load_methodology(request.param)


def fitted(methodology: Methodology, tmp_path: Path, of) -> Any:
    table = read_table(exports.write(exports.wjx(of), tmp_path / "export.csv"), methodology)
    return dti.CompositeIndex(methodology, assume=ASSUMED.get(methodology.id)).fit(table)


def test_an_edition_with_answers_comes_back_and_holds(questionnaire: Methodology, tmp_path: Path) -> None:
    index = fitted(questionnaire, tmp_path, exports.sample(questionnaire, 50))
    edition = index.freeze("2024")
    edition.save(tmp_path / "a.dtindex")
    loaded = load_edition(tmp_path / "a.dtindex")
    assert loaded.hash == edition.hash
    assert long_csv(loaded.score()) == long_csv(index.score())
    assert loaded.score().classes.equals(index.score().classes)
    verification = loaded.verify()
    assert verification.holds, verification.findings
    loaded.save(tmp_path / "b.dtindex")
    assert (tmp_path / "a.dtindex").read_bytes() == (tmp_path / "b.dtindex").read_bytes()


def test_an_answer_that_was_altered_is_found(every_kind: Methodology, tmp_path: Path) -> None:
    of = exports.sample(every_kind, 50, gaps=0.0)
    for number, one in enumerate((of, of.with_answers(3, Q3=5 if of.people[3]["Q3"] != 5 else 1))):
        fitted(every_kind, tmp_path, one).freeze("2024").save(tmp_path / f"{number}.dtindex")
    # The table of one edition under the records of the other.
    with zipfile.ZipFile(tmp_path / "0.dtindex") as first, zipfile.ZipFile(tmp_path / "1.dtindex") as second:
        parts = {name: (first.read(name), second.read(name)) for name in first.namelist()}
        infos = first.infolist()
    differing = [name for name, (one, other) in parts.items() if one != other and name != "edition.json"]
    assert differing
    for name in differing:
        with zipfile.ZipFile(tmp_path / "forged.dtindex", "w") as forged:
            for info in infos:
                forged.writestr(info, parts[info.filename][info.filename == name])
        with pytest.raises(dti.InputError) as caught:
            load_edition(tmp_path / "forged.dtindex")
        assert [one.code for one in caught.value.findings] == ["DT402"]


def values_of(methodology: Methodology, person: Any) -> dict[str, Any]:
    """The answers as a program gives them: what was not asked or not answered is not named."""
    given: dict[str, Any] = {}
    for name, answer in person.items():
        asked = answer is not None and answer != exports.SKIPPED
        if asked and methodology.tree.questions[name].type != "text":
            given[name] = list(answer) if isinstance(answer, tuple) else answer
    return given


def test_each_respondent_alone_scores_as_in_the_table(questionnaire: Methodology, tmp_path: Path) -> None:
    of = exports.sample(questionnaire, 50)
    index = fitted(questionnaire, tmp_path, of)
    edition = index.freeze("2024")
    scores = index.score()
    classes = scores.class_values
    for row, unit in enumerate(scores.units.tolist()):
        person = next(one for at, one in enumerate(of.people) if unit in (one.get("company"), f"企业{at:03}"))
        alone = edition.score_unit(values_of(questionnaire, person), unit=unit)
        for column, item in enumerate(scores.items):
            in_table = scores.values[row, column]
            assert alone.scores[item] == (None if np.isnan(in_table) else in_table), (unit, item)
            assert alone.status[item] == status_text(int(scores.flags[row, column])), (unit, item)
        assert alone.classes == {scheme: found[row] or None for scheme, found in classes.items()}
