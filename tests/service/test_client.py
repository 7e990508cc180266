"""The client against a running service on either database: what it gives back is what the library gives."""

from __future__ import annotations

import dataclasses
import json
import secrets
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import dtindex
from dtindex import CompositeIndex, Edition, InputError, LimitError, Place, Status, UsageError
from dtindex.client import Client
from dtindex.shipped import shipped

INDEX = "caict-computing-power-1.0"
GUANGDONG = {"compute": 22.4, "computing_scale": 47.1, "environment": 78.0, "application": 96.5}
SURVEY = "accenture-reinvention-2023"


@pytest.fixture
def client(live) -> Iterator[Client]:
    """Who may do everything in a project that has nothing yet."""
    token, _ = live.served.made_key("read", "score", "write", "admin", project=secrets.token_hex(4))
    with Client(live.address, token) as made:
        yield made


@pytest.fixture(scope="module")
def reader(live) -> Iterator[Client]:
    """Who may read and score in a project that has the edition ``2020``."""
    token, _ = live.served.made_key("read", "score", "write", project="reader")
    with Client(live.address, token) as made:
        made.freeze("2020", INDEX)
        yield made


@pytest.fixture(scope="module")
def library() -> Edition:
    """The edition as the library freezes it here."""
    return CompositeIndex(INDEX).fit().freeze("2020")


def test_an_edition_is_the_one_that_was_frozen(client: Client, library: Edition) -> None:
    found = client.freeze("2020", INDEX)
    assert found == library
    assert found.verify().holds
    assert client.edition("2020") == client.edition(found.hash) == library
    listed = client.editions()
    assert listed[["name", "hash", "methodology", "units"]].to_numpy().tolist() == [
        ["2020", library.hash, INDEX, len(set(library.score().units))]
    ]
    assert client.freeze("2020", INDEX) == library, "the same again is the same"


def test_a_unit_is_scored_as_the_library_scores_it(reader: Client, library: Edition) -> None:
    here = library.score_unit(GUANGDONG, unit="广东")
    for subject in ({"edition": "2020"}, {"edition": library.hash}, {"methodology": INDEX}):
        there = reader.score_unit(GUANGDONG, unit="广东", **subject)
        for one in dataclasses.fields(here):
            assert getattr(there, one.name) == getattr(here, one.name) or _close(
                getattr(there, one.name), getattr(here, one.name)
            ), one.name


def _close(there: dict[str, float | None], here: dict[str, float | None]) -> bool:
    """To the 12 digits that are sent."""
    assert list(there) == list(here)
    return all(
        (a is None and b is None) or (a is not None and b is not None and a == pytest.approx(b, rel=1e-11))
        for a, b in zip(there.values(), here.values(), strict=True)
    )


def test_units_are_scored_as_the_library_scores_them(reader: Client, library: Edition) -> None:
    table = library.table
    assert table is not None
    frame = pd.DataFrame(table.values, index=pd.Index(table.units, name="unit"), columns=list(table.names))
    found = reader.score(frame, edition="2020", contributions=True)
    scores = library.score(ranked_against="reference")
    for there, here in (
        (found.scores, scores.scores),
        (found.percentiles, scores.percentiles),
        (found.coverage, scores.coverage),
        (found.contributions, scores.contributions),
    ):
        assert there is not None
        pd.testing.assert_frame_equal(
            there[here.columns], here, check_dtype=False, check_column_type=False, check_names=False, rtol=1e-11
        )
    assert found.ranks.fillna(0).to_numpy().tolist() == scores.ranks.fillna(0).to_numpy().tolist()
    assert found.tiers.to_numpy().tolist() == scores.tiers.to_numpy().tolist()
    assert found.status.to_numpy().tolist() == scores.status.to_numpy().tolist()
    assert (found.edition, found.methodology, found.assumptions) == (library.hash, INDEX, ())


def test_what_is_missing_is_said(reader: Client, library: Edition) -> None:
    values = {"computing_scale": 20.0, "environment": float("nan"), "application": Status.WITHHELD}
    there = reader.score_unit(values, edition="2020")
    here = library.score_unit(values)
    assert there.status == here.status
    assert there.scores["index"] is None


def test_tables_and_rankings(reader: Client, library: Edition) -> None:
    scores = library.score()
    ranking = reader.rankings("2020")
    assert ranking["rank"].tolist() == sorted(scores.ranks["index"].tolist())
    long = reader.table("2020", "scores")
    assert len(long) == len(scores.to_long())
    wide = reader.table(library.hash, "scores_wide")
    assert len(wide) == len(scores)
    told = reader.metadata("2020", "scores")
    assert told["methodology"]["id"] == INDEX
    assert told["sources"]


def test_a_unit_and_why(reader: Client, library: Edition) -> None:
    found = reader.unit("2020", "Guangdong")
    scores = library.score()
    row = scores.units.tolist().index(found.unit)
    assert found.names["zh"] == "广东"
    assert found.rank == scores.ranks["index"].iloc[row]
    assert found.score == pytest.approx(scores.scores["index"].iloc[row], rel=1e-11)
    assert found.items.loc["computing_scale", "score"] == pytest.approx(scores.scores["computing_scale"].iloc[row])
    units = reader.units("2020")
    assert found.unit in units["unit"].tolist()
    why = reader.explain("2020", "广东", against="北京")
    assert len(why) > 3


def test_two_editions_are_compared(reader: Client) -> None:
    reader.freeze("again", INDEX)
    for table in ("units", "items", "summary"):
        assert len(reader.compare("2020", "again", table))  # type: ignore[arg-type]


def test_analyses(reader: Client) -> None:
    assert len(reader.validity("2020", "correlations", runs=10))
    assert len(reader.estimates("2020", of=["index"]))
    assert len(reader.rank_bounds("2020"))


def test_a_figure(reader: Client) -> None:
    assert reader.figure("2020", "rank_intervals", runs=64).startswith(b"<?xml")
    assert reader.figure("2020", "rank_intervals", "png", runs=64).startswith(b"\x89PNG")


def test_methodologies(client: Client, tmp_path: Path) -> None:
    assert INDEX in client.methodologies()["id"].tolist()
    assert client.methodology(INDEX).hash == dtindex.load_methodology(INDEX).hash
    text = dtindex.load_methodology(INDEX).source_text
    assert text is not None
    own = text.replace(f"id: {INDEX}", "id: my-index", 1)
    assert not client.validate(own).errors
    path = tmp_path / "methodology.yaml"
    path.write_text(own, encoding="utf-8")
    stored = client.store_methodology(path)
    assert (stored.id, stored.is_new) == ("my-index", True)
    assert not client.store_methodology(own).is_new
    assert client.methodology("my-index").hash == client.methodology(stored.hash).hash == stored.hash
    assert client.template("my-index").startswith(b"PK")
    assert len(client.template("my-index", "csv").splitlines()) > 5
    assert client.methodologies()["origin"].tolist().count("own") == 1


def test_findings_of_a_methodology_come_with_their_places(client: Client) -> None:
    here, findings = dtindex.parse_methodology("schema_version: 1\nid: x\nwieght: 2\n", "methodology")
    assert here is None
    there = client.validate("schema_version: 1\nid: x\nwieght: 2\n")
    assert there.codes == findings.codes
    assert [one.place.line for one in there] == [one.place.line for one in findings]
    with pytest.raises(InputError) as refused:
        client.store_methodology("schema_version: 1\nid: x\nwieght: 2\n")
    assert refused.value.findings.codes == findings.codes


def test_a_table_is_uploaded_and_frozen(client: Client, library: Edition, tmp_path: Path) -> None:
    path = tmp_path / "provinces.csv"
    path.write_bytes(shipped("data", str(library.methodology.data_)).read_bytes())
    kept = client.upload(path, methodology=INDEX)
    assert kept.name == "provinces.csv"
    assert kept.rows == len(library.score().units)
    assert len(kept.columns) > 3
    assert client.dataset(kept.id).id == kept.id
    assert client.datasets()["id"].tolist() == [kept.id]
    there = client.freeze("own", INDEX, dataset=kept.id)
    np.testing.assert_allclose(there.score().scores["index"], library.score().scores["index"])
    with pytest.raises(UsageError, match="DT706"):
        client.delete_dataset(kept.id)


def test_a_frame_is_uploaded(client: Client) -> None:
    frame = pd.DataFrame({"province": ["a", "b"], "x": ["1", "2"]})
    kept = client.upload(frame)
    assert kept.rows == 2
    assert kept.columns["name"].tolist() == ["province", "x"]
    client.delete_dataset(kept.id)
    assert client.datasets().empty
    with pytest.raises(UsageError, match="DT703"):
        client.dataset(kept.id)


def test_a_survey_from_its_export_to_its_classes(client: Client) -> None:
    answers = dtindex.sample(SURVEY, 80, seed=1).frame
    here = CompositeIndex(SURVEY, assume="instrument-v1").fit(answers)
    kept = client.upload(answers, methodology=SURVEY)
    there = client.freeze("survey", SURVEY, dataset=kept.id, assume="instrument-v1")
    pd.testing.assert_frame_equal(there.score().scores, here.score().scores)
    assert client.editions()["dataset"].tolist() == [kept.id]
    assert len(client.classes("survey", profiles=0, runs=50)) == here.score().classified.sum()
    by = client.estimates("survey", of=["index"], by=["industry"])
    wanted = dtindex.estimate(here.score(), of=["index"], by=["industry"]).frame
    np.testing.assert_allclose(by["estimate"], wanted["estimate"], rtol=1e-11)
    np.testing.assert_allclose(by["se"], wanted["se"], rtol=1e-9)
    questions = {column: answers[column].iloc[0] for column in answers.columns if column in {"F1", "F4", "I3", "T2"}}
    one = client.score_unit(questions, edition="survey")
    same = there.score_unit(questions)
    assert one.classes == same.classes
    assert one.tiers == same.tiers
    assert _close(one.scores, same.scores)


def test_findings_of_a_table_come_with_their_places(client: Client) -> None:
    content = b"province,scale_subindex,environment_subindex,application_subindex\n\xe5\xb9\xbf\xe4\xb8\x9c,abc,1,2\n"
    with pytest.raises(InputError) as refused:
        client.upload(content, methodology=INDEX, name="bad.csv")
    found = refused.value.findings.errors
    assert "DT220" in found.codes
    place = next(one.place for one in found if one.code == "DT220")
    assert (place.line, place.column) == (2, 2)


def test_errors_are_the_librarys_own(reader: Client) -> None:
    with pytest.raises(UsageError, match="DT703"):
        reader.edition("nothing")
    with pytest.raises(UsageError, match="DT706"):
        reader.freeze("2020", "nbs-new-drivers-2022")
    with pytest.raises(UsageError, match="DT902 name an edition or a methodology"):
        reader.score_unit({})
    with pytest.raises((UsageError, InputError), match="computing_scale") as unknown:
        reader.score_unit({"computing_scal": 1.0}, edition="2020")
    assert unknown.value.findings[0].place.name
    with pytest.raises(UsageError, match="DT103"):
        reader.upload("no-such-file.csv")
    with pytest.raises(InputError, match="DT202"):
        reader.freeze("survey", SURVEY, dataset=reader.upload(b"id,x\n1,2\n").id)


def test_numbers_that_are_none_never_leave(reader: Client) -> None:
    with pytest.raises((ValueError, UsageError)):
        reader.score_unit({"computing_scale": float("inf")}, edition="2020")


def test_keys(client: Client, live) -> None:
    made = client.create_key("reports", ["read"], expires=datetime.now(UTC) + timedelta(days=1))
    assert made.secret not in repr(made)
    with Client(live.address, made.secret) as reader:
        assert reader.editions().empty
        with pytest.raises(UsageError, match="DT702 This needs a key with the scope `admin`"):
            reader.keys()
    client.revoke_key(made.id)
    with Client(live.address, made.secret) as reader, pytest.raises(UsageError, match="DT701"):
        reader.editions()
    row = client.keys().set_index("id").loc[made.id]
    assert row["revoked"] is not pd.NaT


def test_health(client: Client, live) -> None:
    assert client.is_ready()
    assert client.version()["dtindex"] == dtindex.__version__
    with Client("http://127.0.0.1:1", retries=0) as nobody:
        assert not nobody.is_ready()
        with pytest.raises(LimitError, match="DT717"):
            nobody.version()


def test_lists_are_followed_to_their_end(client: Client) -> None:
    for name in ("a", "b", "c"):
        client.create_key(name, ["read"])
    pages = list(client._sent.pages("/v1/keys", {"limit": 1}))
    assert len(pages) == 4  # the caller's own is one of them
    names = [item["name"] for page in pages for item in json.loads(page.content)["items"]]
    assert sorted(names) == sorted(client.keys()["name"].tolist()) == ["a", "b", "c", "test"]


def test_an_edition_that_is_not_the_one_asked_for(
    reader: Client, library: Edition, monkeypatch: pytest.MonkeyPatch
) -> None:
    from dtindex.client import client as module

    monkeypatch.setattr(module, "_hash_of", lambda answer, reference: "0" * 64)
    with pytest.raises(InputError, match="DT402 the edition that came is"):
        reader.edition(library.hash)


def test_places_are_those_of_the_request(reader: Client) -> None:
    with pytest.raises(UsageError) as refused:
        reader.table("2020", "scores", limit=0)
    assert refused.value.findings[0].place == Place(name="query limit")
