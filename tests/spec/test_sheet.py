"""The sheet: what is written loads back to the same hash, and what is wrong is named by sheet and cell."""

from __future__ import annotations

import re
import zipfile
from collections.abc import Callable
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st
from python_calamine import CalamineWorkbook

from dtindex.findings import InputError, UsageError
from dtindex.spec import Methodology, load_methodology, parse_methodology, write_sheet
from dtindex.spec.sheet import sheet_bytes
from dtindex.spec.sheet_layout import COLUMNS
from dtindex.spec.written import flow, methodology_yaml

Parsed = Callable[[str], Methodology]

# Text as it can stand in a file: no half characters, no control characters.
TEXTS = st.text(
    st.characters(exclude_categories=("Cs", "Cc"), exclude_characters="\ufffe\uffff"), max_size=20
) | st.sampled_from(
    [
        *(" lead", "trail ", "=1+1", "@x", "#N/A", "yes", "010", "1e5", "null", "a: b", "- x", "a # b", "'"),
        *('"', "\\", "{", "a\nb", "_x0041_", "a\tb", "\u2028", "\u3000全角\u3000", "算力规模", "47", "TRUE"),
        *("2026-01-01", "，", "~"),
    ]
)
NUMBERS = st.sampled_from([0.1, 1e-7, 47.0, 0.1 + 0.2, 1 / 3, -2.5, 1e300, 5e-324]) | st.floats(
    allow_nan=False, allow_infinity=False
)
LANGUAGES = st.fixed_dictionaries({}, optional={"en": TEXTS, "zh": TEXTS}).filter(lambda both: any(both.values()))
LABELS = TEXTS | LANGUAGES
GOALPOSTS = NUMBERS | st.just("unpublished") | st.fixed_dictionaries({"percentile": st.floats(0, 100)})
ORIGINS = st.sampled_from(["published", "recovered", "assumed", "unpublished"])
PROVENANCE = st.dictionaries(
    st.sampled_from(["weight", "worst", "best"]),
    ORIGINS | st.fixed_dictionaries({"origin": ORIGINS}, optional={"check": LABELS}),
)
NORMALISE = (
    st.builds(
        lambda worst, best, clip: {"method": "goalposts", "worst": worst, "best": best, "clip": clip},
        GOALPOSTS,
        GOALPOSTS,
        st.sampled_from(["none", "both", "worst", "best"]),
    ).filter(lambda entry: entry["worst"] != entry["best"] or entry["worst"] == "unpublished")
    | st.builds(lambda points: {"method": "likert", "points": points}, st.integers(2, 101))
    | st.just({"method": "min-max", "clip": "none"})
    | st.just({"method": "z-score", "mean": 0.1, "ddof": 0})
)
SHARED = {
    "label": LABELS,
    "note": LABELS,
    "unit": LABELS,
    "provenance": PROVENANCE,
    "column": TEXTS,
    "tags": st.lists(TEXTS, max_size=2),
}


@st.composite
def methodologies(draw: st.DrawFn) -> Methodology:
    """A valid methodology of two levels that uses what sheets and texts can trip over."""
    weights = st.just("unpublished") | st.floats(0.001, 1e6)
    node = st.fixed_dictionaries({}, optional=SHARED)
    leaf = st.fixed_dictionaries(
        {"weight": weights},
        optional=SHARED
        | {"normalise": NORMALISE, "codes": st.dictionaries(TEXTS, st.just({"status": "missing"}), max_size=2)},
    )
    leaves = draw(st.lists(leaf, min_size=1, max_size=3))
    tree: dict[str, Any] = {
        "schema_version": 1,
        "id": "test",
        "title": draw(LABELS),
        "units": {"kind": draw(TEXTS), "key": draw(TEXTS)},
        "sources": [{"id": f"s{n}", "title": draw(LABELS)} for n in range(draw(st.integers(0, 2)))],
        "nodes": [{"id": "index", **draw(node)}],
        "indicators": [{"id": f"i{n}", "parent": "index", **entry} for n, entry in enumerate(leaves)],
        "assumptions": {"one": {"note": draw(LABELS), "weights": {"i0": abs(draw(NUMBERS))}}},
    }
    methodology, findings = parse_methodology(flow(tree), "made.yaml")
    assert methodology is not None, str(findings)
    return methodology


@given(methodologies())
@settings(max_examples=200)
def test_made_methodologies_survive_yaml(methodology: Methodology) -> None:
    again, findings = parse_methodology(methodology_yaml(methodology), "again.yaml")
    assert again is not None, str(findings)
    assert again == methodology


@given(methodologies())
@settings(max_examples=20, phases=(Phase.explicit, Phase.reuse, Phase.generate))  # each starts two processes
def test_made_methodologies_survive_the_sheet(
    tmp_path_factory: pytest.TempPathFactory, methodology: Methodology
) -> None:
    path = write_sheet(methodology, tmp_path_factory.getbasetemp() / "made.xlsx")
    assert load_methodology(path).hash == methodology.hash


def test_every_file_survives_the_sheet(methodology_file: Path, tmp_path: Path) -> None:
    methodology = load_methodology(methodology_file)
    path = write_sheet(methodology, tmp_path / "sheet.xlsx")
    again = load_methodology(path)
    assert (again.hash, again.scores_hash) == (methodology.hash, methodology.scores_hash)
    assert again.findings.codes == methodology.findings.codes
    assert again.file == path
    assert again.source_text is not None
    assert parse_methodology(again.source_text, "again.yaml")[0] == methodology


@pytest.mark.parametrize("text", ["x" * 40_000, "算" * 40_000, "x " * 40_000, "x" + " " * 20_000 + "x", "😀" * 20_000])
def test_texts_longer_than_a_cell(text: str, parsed: Parsed, tmp_path: Path) -> None:
    methodology = parsed(f"description: {flow(text)}\nnodes: [{{id: index, column: x, note: {flow(text)}}}]\n")
    same = load_methodology(write_sheet(methodology, tmp_path / "long.xlsx")) == methodology
    assert same  # pytest would explain the difference of such texts for minutes


BODY = """\
nodes:
  - {id: index, label: {en: Index, zh: 指数}}
  - {id: scale, parent: index, weight: 0.4, label: {zh: 规模}}
indicators:
  - {id: a, parent: scale, unit: EFlops, normalise: {method: goalposts, worst: 0, best: 47}, published: x}
  - {id: b, parent: index, weight: 0.6, label: Both, normalise: {method: likert, points: 5}}
sources: [{id: one, title: One}, {id: two, title: Two}]
"""


class TestLayout:
    def test_same_methodology_same_bytes(self, parsed: Parsed) -> None:
        content = sheet_bytes(parsed(BODY))
        assert sheet_bytes(parsed(BODY)) == content
        with zipfile.ZipFile(BytesIO(content)) as archive:  # nothing in it tells when it was written
            assert {entry.date_time for entry in archive.infolist()} == {(1980, 1, 1, 0, 0, 0)}
            assert set(re.findall(rb"\d{4}-\d\d-\d\dT", archive.read("docProps/core.xml"))) == {b"2000-01-01T"}

    def test_rows_are_for_people(self, parsed: Parsed) -> None:
        book = CalamineWorkbook.from_filelike(BytesIO(sheet_bytes(parsed(BODY))))
        assert book.sheet_names == ["methodology", "settings", "help"]
        header, *rows = book.get_sheet_by_name("methodology").to_python()
        assert [str(title).split(" · ")[0] for title in header] == [column.name for column in COLUMNS]
        assert rows[0][:6] == ["node", "指数", "Index", "index", "", ""]
        assert rows[1][:6] == ["node", "规模", "", "scale", "index", 0.4]
        assert rows[2][6:] == ["", "EFlops", "", "goalposts", 0, 47, "", "", "", "{published: x}"]
        assert rows[3][1:3] == ["Both", "Both"]
        assert rows[3][9:] == ["likert", "", "", "", "", "", "{normalise: {points: 5}}"]
        assert [row[0] for row in book.get_sheet_by_name("settings").to_python()[1:]] == [
            "schema_version",
            "id",
            "title",
            "sources",
            "sources",
            "units",
        ]

    def test_every_column_is_explained_in_both_languages(self, parsed: Parsed) -> None:
        book = CalamineWorkbook.from_filelike(BytesIO(sheet_bytes(parsed(BODY))))
        rows = book.get_sheet_by_name("help").to_python()[1:]
        assert [str(row[0]).split(" · ")[0] for row in rows[: len(COLUMNS)]] == [column.name for column in COLUMNS]
        assert all(row[1] and row[2] for row in rows)

    def test_text_is_never_a_formula(self, parsed: Parsed) -> None:
        body = BODY.replace("label: Both", "label: '=1+1'")
        with zipfile.ZipFile(BytesIO(sheet_bytes(parsed(body)))) as archive:
            assert all(b"<f>" not in archive.read(name) for name in archive.namelist())


class Edited:
    """A workbook whose cells a test changes before it is loaded."""

    def __init__(self, folder: Path, methodology: Methodology) -> None:
        book = CalamineWorkbook.from_filelike(BytesIO(sheet_bytes(methodology)))
        self._sheets = {name: book.get_sheet_by_name(name).to_python() for name in book.sheet_names}
        self._path = folder / "edited.xlsx"

    def put(self, sheet: str, cell: str, value: Any) -> Edited:
        """Change one cell."""
        row, column = int(cell[1:]) - 1, ord(cell[0]) - ord("A")
        rows = self._sheets[sheet]
        rows.extend([""] * len(rows[0]) for _ in range(row + 1 - len(rows)))
        rows[row][column] = value
        return self

    def drop(self, sheet: str) -> Edited:
        """Remove a sheet."""
        del self._sheets[sheet]
        return self

    def load(self) -> Methodology:
        """Write and load."""
        from xlsxwriter import Workbook

        workbook = Workbook(self._path)
        for name, rows in self._sheets.items():
            sheet = workbook.add_worksheet(name)
            for number, row in enumerate(rows):
                for position, value in enumerate(row):
                    if value != "":
                        sheet.write(number, position, value)
        workbook.close()
        return load_methodology(self._path)

    def findings(self) -> list[str]:
        """What loading says, as ``DT010 methodology!F3``."""
        with pytest.raises((InputError, UsageError)) as caught:
            self.load()
        return [f"{item.code} {item.place.sheet}!{item.place.cell}" for item in caught.value.findings]


@pytest.fixture
def edited(parsed: Parsed, tmp_path: Path) -> Edited:
    return Edited(tmp_path, parsed(BODY))


class TestEditing:
    def test_nothing_edited(self, edited: Edited, parsed: Parsed) -> None:
        assert edited.load() == parsed(BODY)

    def test_a_weight(self, edited: Edited) -> None:
        assert edited.put("methodology", "F3", 0.5).put("methodology", "F5", "0.5").load().tree.items["b"].weight == 0.5

    def test_a_new_row(self, edited: Edited) -> None:
        for cell, value in (
            ("A", "指标"),
            ("B", "能耗"),
            ("D", "c"),
            ("E", "scale"),
            ("I", "lower"),
            ("P", "{tags: [green]}"),
        ):
            edited.put("methodology", f"{cell}6", value)
        added = edited.load().indicators[-1]
        assert (added.id, added.parent, added.direction, added.tags) == ("c", "scale", "lower", ("green",))
        assert added.name("zh") == "能耗"

    def test_words_for_what_a_cell_of_yaml_takes(self, edited: Edited) -> None:
        edited.put("methodology", "F3", "unpublished").put("methodology", "L4", "{percentile: 95}")
        methodology = edited.load()
        assert methodology.tree.items["scale"].weight == "unpublished"
        assert methodology.indicators[0].model_dump()["normalise"]["best"] == {"percentile": 95}

    def test_numbers_in_columns_of_text_are_text(self, edited: Edited) -> None:
        assert edited.put("methodology", "G5", 2020).load().tree.items["b"].column == "2020"

    def test_a_setting(self, edited: Edited) -> None:
        methodology = edited.put("settings", "A8", "rank").put("settings", "B8", "{decimals: 1}").load()
        assert methodology.rank.decimals == 1

    @pytest.mark.parametrize(
        ("sheet", "cell", "value", "finding"),
        [
            ("methodology", "F3", "heavy", "DT011 methodology!F3"),
            ("methodology", "F3", "yes", "DT006 methodology!F3"),
            ("methodology", "F3", -1, "DT021 methodology!F3"),
            ("methodology", "E4", "scal", "DT022 methodology!E4"),
            ("methodology", "D5", "a", "DT022 methodology!D5"),
            ("methodology", "D5", "9", "DT011 methodology!D5"),
            ("methodology", "A5", "indicater", "DT010 methodology!A5"),
            ("methodology", "I4", "lower", "DT025 methodology!I4"),
            ("methodology", "J4", "goalpost", "DT010 methodology!J4"),
            ("methodology", "L4", "", "DT012 methodology!J4"),
            ("methodology", "L4", 0, "DT027 methodology!L4"),
            ("methodology", "M4", "bot", "DT010 methodology!M4"),
            ("methodology", "N4", "onee", "DT024 methodology!N4"),
            ("methodology", "P4", "{publshed: x}", "DT010 methodology!P4"),
            ("methodology", "P4", "{published: [}", "DT005 methodology!P4"),
            ("methodology", "P4", "published", "DT011 methodology!P4"),
            ("methodology", "P4", "{unit: t}", "DT002 methodology!P4"),
            ("methodology", "P4", "{normalise: {best: 1}}", "DT002 methodology!P4"),
            ("methodology", "P4", "{source: &x one}", "DT001 methodology!P4"),
            ("settings", "A2", "schema_versio", "DT010 settings!A2"),
            ("settings", "B2", 2, "DT013 settings!B2"),
            ("settings", "B4", "{en: 5}", "DT011 settings!B4"),
            ("settings", "B6", "{id: one, title: Two}", "DT022 settings!B6"),
            ("settings", "B6", "{id: two}", "DT012 settings!B6"),
            ("settings", "A5", "id", "DT002 settings!A5"),
            ("settings", "A5", "nodes", "DT062 settings!A5"),
            ("settings", "A5", "", "DT012 settings!B5"),
        ],
    )
    def test_mistakes_are_named_by_sheet_and_cell(
        self, sheet: str, cell: str, value: Any, finding: str, edited: Edited
    ) -> None:
        assert finding in edited.put(sheet, cell, value).findings()

    def test_mistakes_come_all_at_once(self, edited: Edited) -> None:
        edited.put("methodology", "F3", "heavy").put("methodology", "E4", "scal").put("settings", "B7", "{kind: a}")
        assert edited.findings() == ["DT011 methodology!F3", "DT022 methodology!E4", "DT012 settings!B7"]

    @pytest.mark.parametrize("sheet", ["methodology", "settings"])
    def test_a_sheet_that_is_gone(self, sheet: str, edited: Edited) -> None:
        assert [entry.split()[0] for entry in edited.drop(sheet).findings()] == ["DT062"]

    def test_a_column_that_is_gone(self, edited: Edited) -> None:
        assert edited.put("methodology", "D1", "identity").findings() == [
            "DT062 methodology!A1",
            "DT062 methodology!D1",
        ]

    def test_an_unknown_column(self, edited: Edited) -> None:
        assert edited.put("methodology", "F1", "wieght").findings() == ["DT062 methodology!F1"]

    def test_a_workbook_that_is_none(self, tmp_path: Path) -> None:
        path = tmp_path / "none.xlsx"
        path.write_bytes(b"PK\x03\x04 and nothing more")
        with pytest.raises((UsageError, InputError)):
            load_methodology(path)

    def test_no_such_file(self, tmp_path: Path) -> None:
        with pytest.raises(UsageError) as caught:
            load_methodology(tmp_path / "no.xlsx")
        assert caught.value.code == "DT103"


def test_the_help_of_columns_is_not_read(parsed: Parsed, tmp_path: Path) -> None:
    assert Edited(tmp_path, parsed(BODY)).drop("help").load() == parsed(BODY)
