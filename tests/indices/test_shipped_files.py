"""Every definition that ships is complete: two languages, sources, provenance, and data that fits."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest

import dtindex
from dtindex.shipped import shipped
from dtindex.spec.base import Localised, Origin, Provenance, ProvenanceNote, Text
from dtindex.spec.methods import Goalposts, MinMax
from dtindex.spec.model import Indicator, Methodology, Node
from dtindex.spec.questions import Question

FILES = sorted(shipped("methodology").glob("*.yaml"))
DATA = sorted(shipped("data").glob("*.csv"))
SCHEMA_LINE = "# yaml-language-server: $schema=../schema/methodology-1.json"
EXPECTED = {
    "accenture-disruption",
    "accenture-reinvention-2023",
    "caict-computing-power-1.0",
    "caict-computing-power-2.0",
    "miit-sme-digital-2024",
    "miit-telecom-regions",
    "nbs-new-drivers-2014",
    "nbs-new-drivers-2022",
}


@pytest.fixture(params=FILES, ids=lambda path: path.stem)
def methodology(request: pytest.FixtureRequest) -> Methodology:
    return dtindex.load_methodology(request.param)


def items(methodology: Methodology) -> tuple[Node | Indicator, ...]:
    return (*methodology.nodes, *methodology.indicators)


def origin(provenance: Provenance | None) -> Origin | None:
    return provenance.origin if isinstance(provenance, ProvenanceNote) else provenance


def columns(methodology: Methodology) -> set[str]:
    named = {name for item in items(methodology) for name in (item.column, item.published) if name}
    own = {i.id for i in methodology.indicators if i.column is None and i.derive is None and i.from_ is None}
    units = methodology.units
    return named | own | {units.key} | ({units.period} if units.period else set())


def test_the_definitions_that_ship() -> None:
    assert {path.stem for path in FILES} >= EXPECTED


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_file_bears_its_id_and_names_the_schema(path: Path) -> None:
    assert path.read_text(encoding="utf-8").splitlines()[0] == SCHEMA_LINE
    assert dtindex.load_methodology(path).id == path.stem


def test_every_name_stands_in_two_languages(methodology: Methodology) -> None:
    names = {"title": methodology.title, "description": methodology.description}
    names |= {item.id: item.label for item in items(methodology)}
    names |= {f"{item.id} note": item.note for item in items(methodology) if item.note is not None}
    for where, name in names.items():
        assert isinstance(name, Localised), where
        assert name.en, where
        assert name.zh, where


def words_of(question: Question) -> dict[str, Text | None]:
    """What a respondent reads of a question: the question, its rows and its answers."""
    read: dict[str, Text | None] = {question.id: question.label}
    for part in (*getattr(question, "rows", ()), *getattr(question, "options", ())):
        read[f"{question.id} {part.id}"] = part.label
    bands = getattr(question, "bands", None)
    for position, word in enumerate((*getattr(question, "labels", ()), *(bands.labels if bands else ()))):
        read[f"{question.id} answer {position}"] = word
    return read


def test_every_question_is_asked_in_two_languages(methodology: Methodology) -> None:
    read = {where: word for question in methodology.questions for where, word in words_of(question).items()}
    read |= {f"{question.id} note": question.note for question in methodology.questions if question.note is not None}
    read |= {rule.id: rule.label for rule in methodology.classes}
    read |= {rule.id: rule.label for rule in (methodology.survey.careless if methodology.survey else ())}
    for where, word in read.items():
        assert isinstance(word, Localised), where
        assert word.en, where
        assert word.zh, where


def test_every_parameter_that_is_not_published_says_so(methodology: Methodology) -> None:
    for item in items(methodology):
        if item.weight is not None:
            assert "weight" in item.provenance, f"{item.id}: weight"
        if item.weight == "unpublished":
            assert origin(item.provenance["weight"]) is Origin.UNPUBLISHED, item.id
        normalise = methodology.tree.indicators[item.id].normalise if item.id in methodology.tree.scored else None
        if isinstance(normalise, Goalposts):
            for end in ("worst", "best"):
                assert end in item.provenance, f"{item.id}: {end}"
                said = origin(item.provenance[end]) is Origin.UNPUBLISHED
                assert said == (getattr(normalise, end) == "unpublished"), f"{item.id}: {end}"
        if isinstance(normalise, MinMax):
            assert origin(item.provenance.get("normalise")) is Origin.ASSUMED, item.id


def test_what_was_recovered_names_its_check(methodology: Methodology) -> None:
    for item in items(methodology):
        for parameter, provenance in item.provenance.items():
            if origin(provenance) is Origin.RECOVERED and parameter != "derive":
                assert isinstance(provenance, ProvenanceNote), f"{item.id}: {parameter}"
                assert provenance.check, f"{item.id}: {parameter}"


def studies(methodology: Methodology) -> set[str | None]:
    """Sources of the figures that a synthetic sample is made to show."""
    plan = methodology.sample
    return {one.study for one in (*plan.shares, *plan.means, *plan.classes, *plan.outcomes)} if plan else set()


def test_every_source_is_named_and_used(methodology: Methodology) -> None:
    parameters = [provenance for item in items(methodology) for provenance in item.provenance.values()]
    parameters += [rule.provenance for rule in methodology.classes if rule.provenance is not None]
    used = {item.source for item in (*items(methodology), *methodology.questions)} | studies(methodology)
    used |= {provenance.source for provenance in parameters if isinstance(provenance, ProvenanceNote)}
    for source in methodology.sources:
        assert source.publisher, source.id
        assert source.year or source.url, source.id
        assert source.id in used, source.id
    assert all(item.source for item in items(methodology) if not getattr(item, "derive", None))


@pytest.mark.parametrize("path", DATA, ids=lambda path: path.stem)
def test_every_data_file_has_its_source_beside_it(path: Path) -> None:
    source = path.with_name(f"{path.stem}.SOURCE.md").read_text(encoding="utf-8")
    for heading in ("**Source**", "**Licence**", "**How it was made**", "**Used by**"):
        assert heading in source
    users = {file.name for file in FILES if dtindex.load_methodology(file).data_ == path.name}
    assert users
    assert all(f"methodology/{user}" in source for user in users)


@pytest.mark.parametrize("path", [path for path in FILES if "\ndata: " in path.read_text(encoding="utf-8")])
def test_every_column_of_the_data_is_used(path: Path) -> None:
    methodology = dtindex.load_methodology(path)
    assert methodology.data_ is not None
    with shipped("data", methodology.data_).open(encoding="utf-8", newline="") as stream:
        header, *rows = csv.reader(stream)
    assert set(header) <= columns(methodology)
    assert {len(row) for row in rows} == {len(header)}
