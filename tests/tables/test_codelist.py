"""The codelist of provinces, and codelists that users bring."""

from __future__ import annotations

import csv
from collections import Counter
from pathlib import Path

import pytest

from dtindex.findings import InputError
from dtindex.tables.codelist import Codelist, load_codelist


@pytest.fixture(scope="module")
def provinces() -> Codelist:
    return load_codelist("cn-province")


def test_the_34_units_agree_with_the_reference(provinces: Codelist, reference_data: Path) -> None:
    """GB/T 2260, restated in the reference data."""
    with (reference_data / "cn_provinces" / "provinces.csv").open(encoding="utf-8") as stream:
        known = list(csv.DictReader(stream))
    assert [(unit.code, unit.name, unit.full, unit.en) for unit in provinces.units] == [
        (row["adcode"], row["name_short"], row["name_full"], row["name_en"]) for row in known
    ]
    for row in known:
        for spelling in (row["adcode"], row["prov_code2"], row["name_full"], row["name_en"].upper()):
            found = provinces.find(spelling)
            assert found is not None
            assert found.name == row["name_short"]


def test_regions_are_those_of_the_bureau_of_statistics(provinces: Codelist) -> None:
    """National Bureau of Statistics, 13 June 2011: 10 provinces east, 6 central, 12 west, 3 northeast."""
    counts = Counter(unit.groups["region"] for unit in provinces.units)
    assert counts == {"东部": 10, "中部": 6, "西部": 12, "东北": 3, "港澳台": 3}
    assert {provinces.group(name, "region") for name in ("河北", "海南")} == {"东部"}
    assert {provinces.group(name, "region") for name in ("内蒙古", "广西")} == {"西部"}


def test_clusters_are_those_of_the_plans(provinces: Codelist) -> None:
    members: dict[str, set[str]] = {}
    for unit in provinces.units:
        members.setdefault(unit.groups["cluster"], set()).add(unit.name)
    assert members["京津冀"] == {"北京", "天津", "河北"}
    assert members["长三角"] == {"上海", "江苏", "浙江", "安徽"}
    assert members["粤港澳大湾区"] == {"广东", "香港", "澳门"}
    assert members["成渝"] == {"重庆", "四川"}
    assert len(members[""]) == 22


@pytest.mark.parametrize(
    ("spelling", "name"),
    [
        ("内蒙", "内蒙古"),
        ("内蒙古自治区", "内蒙古"),
        (" 内 蒙 古 ", "内蒙古"),
        ("广西省", "广西"),
        ("Shaanxi", "陕西"),
        ("SHANXI", "山西"),
        ("Ｇｕａｎｇｄｏｎｇ", "广东"),
        ("Guangdong Province", "广东"),
        ("inner mongolia", "内蒙古"),
        ("Xizang", "西藏"),
        ("44", "广东"),
        ("440000", "广东"),
        ("粤", "广东"),
        ("沪", "上海"),
        ("申", "上海"),
        ("\ufeff北京\u200b", "北京"),
    ],
)
def test_spellings_that_people_use(provinces: Codelist, spelling: str, name: str) -> None:
    found = provinces.find(spelling)
    assert found is not None
    assert found.name == name


@pytest.mark.parametrize("spelling", ["NM", "新疆生产建设兵团", "", "全国", "广"])
def test_what_is_no_province(provinces: Codelist, spelling: str) -> None:
    assert provinces.find(spelling) is None


def test_a_former_code_is_known_as_such(provinces: Codelist) -> None:
    found = provinces.find("510200")
    assert found is not None
    assert found.name == "重庆"
    assert provinces.is_former("510200")
    assert not provinces.is_former("500000")


def test_labels_for_readers(provinces: Codelist) -> None:
    assert provinces.label("广东", "en") == "Guangdong"
    assert provinces.label("广东", "zh", full=True) == "广东省"
    assert provinces.label("nowhere", "en") == "nowhere"
    assert provinces.group_label("cluster", "长三角", "en") == "Yangtze River Delta"
    assert provinces.group_label("region", "东部", "zh") == "东部"


@pytest.mark.parametrize(
    ("spelling", "names"), [("Guandong", ("广东",)), ("广冬", ("广东", "广西")), ("广东生", ("广东",)), ("xyz", ())]
)
def test_the_nearest_is_proposed(provinces: Codelist, spelling: str, names: tuple[str, ...]) -> None:
    assert provinces.nearest(spelling) == names


def write(folder: Path, text: str) -> None:
    (folder / "cities.csv").write_text(text, encoding="utf-8-sig")


def test_a_codelist_of_cities_beside_the_methodology(tmp_path: Path) -> None:
    write(tmp_path, "code,name,en,tier\n320500,苏州,Suzhou,一\n341300,宿州,Suzhou,三\n")
    cities = load_codelist("cities.csv", tmp_path)
    assert [unit.name for unit in cities.units] == ["苏州", "宿州"]
    assert cities.groups == ("tier",)
    assert cities.group("苏州", "tier") == "一"
    assert cities.label("宿州", "en") == "Suzhou"
    # Two cities share the English name: it stands for neither, and both are proposed.
    assert cities.find("Suzhou") is None
    assert cities.nearest("suzhou") == ("苏州", "宿州")


@pytest.mark.parametrize(
    ("text", "line", "words"),
    [
        ("", 1, "no column `code`"),
        ("code,label\n1,a\n", 1, "no column `name`"),
        ("code,name\n", None, "no units"),
        ("code,name\n1,a\n2\n", 3, "1 cells under 2 columns"),
        ("code,name\n1,\n", 2, "without code or name"),
        ("code,name,name\n1,a,b\n", 1, "two columns"),
        ("code,name,aliases\n1,甲,子|丑\n2,乙,丑\n", 3, "'丑' stands for both 甲 and 乙"),
        ("code,name,former\n1,甲,\n2,乙,1\n", 3, "'1' stands for both 甲 and 乙"),
        ('code,name\n1,"a\n', None, "cannot be read"),
    ],
)
def test_a_broken_codelist_is_dt063(tmp_path: Path, text: str, line: int | None, words: str) -> None:
    write(tmp_path, text)
    with pytest.raises(InputError) as caught:
        load_codelist("cities.csv", tmp_path)
    first = caught.value.findings[0]
    assert first.code == "DT063"
    assert words in first.message
    assert first.place.file == "cities.csv"
    assert first.place.line == line


def test_a_codelist_that_is_not_utf8_is_dt063(tmp_path: Path) -> None:
    (tmp_path / "cities.csv").write_bytes("code,name\n1,苏州\n".encode("gb18030"))
    with pytest.raises(InputError, match="DT063"):
        load_codelist("cities.csv", tmp_path)


@pytest.mark.parametrize("name", ["no-such-list", "../cities.csv", "/etc/hostname", "cn-province.csv", "a\0b"])
def test_only_what_ships_or_lies_beside_is_read(tmp_path: Path, name: str) -> None:
    write(tmp_path, "code,name\n1,a\n")
    inside = tmp_path / "inside"
    inside.mkdir()
    for base in (None, inside):
        with pytest.raises(InputError, match="DT063"):
            load_codelist(name, base)
