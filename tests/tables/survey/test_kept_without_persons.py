"""What is kept of an export holds nobody's name, and is scored as the export is."""

from __future__ import annotations

import dataclasses
from pathlib import Path

import pytest
import survey_exports as exports

import dtindex as dti
from dtindex.spec import Methodology
from dtindex.tables.read import check_table, read_table
from dtindex.tables.stored import load_cells

SECRETS = ("张三丰", "138123456", "zhang1@", "11010119900307", "1.2.3.")
MAKERS = {
    "wjx": exports.wjx,
    "codes": lambda of: exports.wjx(of, codes=True),
    "qualtrics": exports.qualtrics,
    "limesurvey": exports.limesurvey,
    "plain": exports.plain,
}
FREE = "schema_version: 1\nid: free\ntitle: t\nunits: {kind: firm, key: id}\nnodes: [{id: index}]\n"


def with_persons(grid):
    count = len(grid.rows)
    grid.add("14、您的姓名：", [f"张三丰{row}" for row in range(count)])
    grid.add("15、怎么联系您", [f"138123456{row:02}" for row in range(count)])
    grid.add("备用", [f"zhang{row}@example.org" for row in range(count)])
    return grid.add("16、证件", [f"1101011990030785{row:02}" for row in range(count)])


def told(*things: object) -> list[str]:
    text = "\n".join(map(repr, things))
    return [secret for secret in SECRETS if secret in text]


def kept(path: Path, methodology: Methodology | None):
    found = dti.inspect_table(path, methodology, hash_key=b"secret")
    content = found.pack()
    raw = load_cells(content)
    assert told([list(cells) for cells in raw.columns], raw.findings, found.findings, found.columns) == []
    return raw, found


@pytest.fixture
def of(every_kind: Methodology):
    return exports.sample(every_kind, 20, gaps=0.0)


@pytest.mark.parametrize("make", MAKERS.values(), ids=MAKERS)
@pytest.mark.parametrize("encoding", ["utf-8-sig", "gb18030"])
def test_scores_are_the_same(of, every_kind: Methodology, tmp_path: Path, make, encoding: str) -> None:
    path = exports.write(with_persons(make(of)), tmp_path / "export.csv", encoding)
    raw, found = kept(path, every_kind)
    assert [one.code for one in found.findings if one.code == "DT236"] == ["DT236"]
    before, after = read_table(path, every_kind), read_table(raw, every_kind)
    assert after.units.tolist() == before.units.tolist()
    assert after.answers.keys() == before.answers.keys()
    assert sorted(after.texts) == sorted(before.texts)
    fitted = dti.CompositeIndex(every_kind).fit(before)
    assert fitted.score(after).scores.equals(fitted.score(before).scores)


@pytest.mark.parametrize("make", [exports.wjx, exports.qualtrics, exports.limesurvey], ids=["wjx", "qualtrics", "lime"])
def test_without_a_methodology_by_what_columns_look_like(of, every_kind: Methodology, tmp_path: Path, make) -> None:
    path = exports.write(with_persons(make(of)), tmp_path / "export.csv")
    raw, found = kept(path, None)
    [one] = [one for one in found.findings if one.code == "DT236"]
    assert "before anything was kept" in one.message
    after = read_table(raw, every_kind)  # the platform is recognised all the same
    assert after.units.tolist() == read_table(path, every_kind).units.tolist()


def test_rules_on_careless_respondents_find_whom_they_found(of, load, tmp_path: Path) -> None:
    rules = """\
  careless:
    - {id: twice, method: duplicates, by: [来自IP], action: report}
    - {id: tests, method: test-rows, column: "14、您的姓名：", contains: [测试], action: report}
"""
    methodology = load(("  weight: weight\n", "  weight: weight\n" + rules))
    grid = with_persons(exports.wjx(of))
    grid = (
        grid.put(3, "14、您的姓名：", "测试张三丰")
        .put(5, "来自IP", "1.2.3.99(北京-北京)")
        .put(7, "来自IP", "1.2.3.99(北京-北京)")
    )
    path = exports.write(grid, tmp_path / "export.csv")
    raw, _ = kept(path, methodology)
    before, after = read_table(path, methodology), read_table(raw, methodology)
    for rule in ("twice", "tests"):
        assert before.careless[rule].any()
        assert after.careless[rule].tolist() == before.careless[rule].tolist()


def test_pseudonyms_need_the_key(of, load, tmp_path: Path) -> None:
    methodology = load(("  weight: weight\n", '  weight: weight\n  personal: {"14、您的姓名：": hash, 备用: keep}\n'))
    path = exports.write(with_persons(exports.wjx(of)), tmp_path / "export.csv")
    ones = {key: load_cells(dti.inspect_table(path, methodology, hash_key=key).pack()) for key in (b"one", b"another")}
    columns = [list(raw.columns[raw.header.index("14、您的姓名:")]) for raw in ones.values()]
    assert len(set(columns[0])) == len(of.people)
    assert not set(columns[0]) & set(columns[1])
    kept_one = ones[b"one"].columns[ones[b"one"].header.index("备用")]
    assert kept_one[0] == "zhang0@example.org"


def test_the_key_that_the_methodology_hides(of, load, tmp_path: Path) -> None:
    methodology = load(("  weight: weight\n", "  weight: weight\n  personal: {company: hash}\n"))
    path = exports.write(exports.plain(of), tmp_path / "export.csv")
    raw = load_cells(dti.inspect_table(path, methodology, hash_key=b"k").pack())
    assert "企业003" not in repr([list(cells) for cells in raw.columns])
    assert len(set(read_table(raw, methodology).units.tolist())) == len(of.people)


def test_a_table_that_is_no_export_loses_only_what_can_be_nothing_else(tmp_path: Path) -> None:
    path = tmp_path / "t.csv"
    path.write_text(
        "id,name,mobile,reach\nA,Ann,120,a@example.org\nB,Bob,130,b@example.org\nC,Cyd,140,\n", encoding="utf-8"
    )
    raw = load_cells(dti.inspect_table(path, hash_key=b"k").pack())
    assert raw.header == ("id", "name", "mobile")
    methodology, _ = dti.parse_methodology(FREE + "indicators: [{id: x, parent: index, column: mobile}]\n", "f")
    table, _ = check_table(raw, methodology)
    assert table is not None
    keyed, _ = dti.parse_methodology(
        FREE.replace("key: id", "key: reach") + "indicators: [{id: x, parent: index, column: mobile}]\n", "f"
    )
    named = load_cells(dti.inspect_table(path.rename(tmp_path / "u.csv"), None, hash_key=b"k").pack())
    assert "reach" not in named.header
    path.write_text("reach,mobile\na@example.org,1\nb@example.org,2\n", encoding="utf-8")
    raw = load_cells(dti.inspect_table(path, keyed, hash_key=b"k").pack())
    assert list(raw.columns[0]) == ["a@example.org", "b@example.org"]  # the methodology reads it
    assert dataclasses.asdict(raw)["header"] == ("reach", "mobile")
