"""The verbs but `score`: what they print, what they write, and how they end."""

from __future__ import annotations

import hashlib
import re
import zipfile
from pathlib import Path

import pytest

import dtindex
from dtindex.findings import CATALOGUE, Severity, _catalogue
from dtindex.spec import load_methodology, shipped_methodologies

CAICT = "caict-computing-power-1.0"
MIIT = "miit-telecom-regions"


def test_every_verb_prints_one_document_under_json(cli, edition: Path, started: Path, tmp_path: Path) -> None:
    methodology, data = started / "methodology.yaml", started / "data.csv"
    lines = {
        "list": [],
        "show": [CAICT],
        "init": [tmp_path / "other"],
        "template": [MIIT, "-o", tmp_path / "fill.csv"],
        "inspect": [data, "-m", methodology],
        "check": [methodology, data],
        "sample": ["accenture-reinvention-2023", "-n", "20", "--seed", "2", "-o", tmp_path / "made.csv"],
        "score": [CAICT, "-o", tmp_path / "out"],
        "validity": [CAICT, "-o", tmp_path / "validity"],
        "compare": [
            *("accenture-reinvention-2023", tmp_path / "made.csv", "--assume", "instrument-v1"),
            *("--permutations", "9", "--resamples", "9", "-o", tmp_path / "compared"),
        ],
        "estimate": [CAICT, "-o", tmp_path / "estimates"],
        "classify": [
            *("accenture-reinvention-2023", tmp_path / "made.csv", "--assume", "instrument-v1"),
            *("--profiles", "1", "--resamples", "2", "-o", tmp_path / "classes"),
        ],
        "simulate": [CAICT, "--runs", "200", "-o", tmp_path / "simulated"],
        "sensitivity": [CAICT, "--runs", "64", "--scrambles", "2", "-o", tmp_path / "sensitivity"],
        "rank-bounds": [CAICT, "-o", tmp_path / "bounds"],
        "rank-sets": [CAICT, "-o", tmp_path / "sets"],
        "explain": [CAICT, "--unit", "广东", "-o", tmp_path / "explained"],
        "diff": [CAICT, CAICT, "-o", tmp_path / "difference"],
        "report": [CAICT, "-o", tmp_path / "index.html"],
        "freeze": [methodology, "-o", tmp_path / "x.dtindex"],
        "verify": [edition],
        "schema": [],
        "serve": [CAICT, "--get", "/livez"],
        "keys": ["list", "--data-dir", tmp_path / "store"],
        "worker": ["--data-dir", tmp_path / "store", "--until-idle"],
        "backup": ["-o", tmp_path / "store.tar", "--data-dir", tmp_path / "store"],
        "restore": [tmp_path / "store.tar", "--data-dir", tmp_path / "restored"],
        "doctor": ["--data-dir", tmp_path / "restored"],
        "code": ["DT202"],
    }
    from dtindex.cli.app import VERBS

    assert set(lines) == set(VERBS)
    for verb, words in lines.items():
        found = cli(verb, *words, "--json")
        assert found.document["verb"] == verb
        assert found.document["exit_code"] == found.code == 0, (verb, found.err)


def test_quiet_prints_nothing_when_all_is_well(cli, started: Path, edition: Path) -> None:
    for words in (
        ["list"],
        ["show", CAICT],
        ["check", started / "methodology.yaml"],
        ["score", CAICT],
        ["verify", edition],
    ):
        found = cli(*words, "--quiet")
        assert (found.code, found.out, found.err) == (0, "", ""), words


# -- list, show --


def test_list_names_what_ships(cli) -> None:
    printed = cli("list").out
    assert all(name in printed for name in shipped_methodologies())
    entry = next(one for one in cli("list", "--json").document["methodologies"] if one["id"] == CAICT)
    methodology = load_methodology(CAICT)
    assert (entry["nodes"], entry["indicators"], entry["data"]) == (
        len(methodology.nodes),
        len(methodology.indicators),
        True,
    )
    assert entry["provenance"]["recovered"] == 4  # three weights and a target, which its description names


def test_list_in_chinese(cli) -> None:
    assert "中国算力发展指数 1.0" in cli("list", "--language", "zh").out


@pytest.mark.parametrize("name", shipped_methodologies())
@pytest.mark.parametrize("language", ["en", "zh"])
def test_show_prints_every_item(cli, name: str, language: str) -> None:
    found = cli("show", name, "--language", language)
    assert found.code == 0
    assert all(item in found.out for item in load_methodology(name).tree.items)
    assert load_methodology(name).hash in found.out


def test_show_makes_the_unpublished_visible(cli) -> None:
    row = next(line for line in cli("show", CAICT).out.splitlines() if " five_g_coverage " in line)
    assert "unpublished  " in row
    assert "0 → unpublished, clip none" in row
    assert "assumed: clip" in row


def test_show_prints_effective_weights(cli) -> None:
    """Three dimensions of equal weight, published as such by figures 12 to 16."""
    row = next(line for line in cli("show", CAICT).out.splitlines() if " environment " in line)
    assert "33.3 %    33.33 %" in row
    assert cli("show", CAICT, "--json").document["effective_weights"]["environment"] == pytest.approx(1 / 3)


@pytest.mark.parametrize("name", shipped_methodologies())
def test_show_yaml_loads_to_the_same_hash(cli, tmp_path: Path, name: str) -> None:
    path = tmp_path / "again.yaml"
    path.write_text(cli("show", name, "--yaml").out, encoding="utf-8")
    assert load_methodology(path).hash == load_methodology(name).hash


def test_show_sheet_loads_to_the_same_hash(cli, tmp_path: Path) -> None:
    path = tmp_path / "sheet.xlsx"
    assert cli("show", CAICT, "--sheet", path).code == 0
    assert load_methodology(path).hash == load_methodology(CAICT).hash


def test_show_edition(cli, edition: Path) -> None:
    found = cli("show", edition)
    loaded = dtindex.load_edition(edition)
    assert "edition 2020" in found.out
    assert loaded.hash in found.out
    assert "31 rows, included" in found.out
    assert f"dtindex {dtindex.__version__}" in found.out
    assert cli("show", edition, "--json").document["edition"]["hash"] == loaded.hash


# -- init, template, schema --


def test_init_writes_what_checks_scores_and_freezes(cli, started: Path) -> None:
    assert sorted(path.name for path in started.iterdir()) == ["README.md", "data.csv", "methodology.yaml"]
    methodology = started / "methodology.yaml"
    checked = cli("check", methodology, "--strict")
    assert checked.code == 0, checked.out
    assert cli("score", methodology, "-o", started / "out", "--strict").code == 0
    assert cli("freeze", methodology, "-o", started / "first.dtindex").code == 0


def test_the_readme_s_commands_work(cli, started: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(started)
    commands = re.findall(r"^    dtindex (.+)$", (started / "README.md").read_text(encoding="utf-8"), re.MULTILINE)
    assert len(commands) == 3
    for command in commands:
        assert cli(*command.split()).code == 0, command


def test_the_starter_s_scores_by_hand(cli, started: Path) -> None:
    """乙市: broadband 355/500 = 71, power (1.2-0.55)/0.8 = 81.25, mean 76.125; services (88.4-64)/(93.1-64);
    index two thirds and one."""
    rows = {row["unit"]: row["scores"] for row in cli("score", started / "methodology.yaml", "--json").document["rows"]}
    assert rows["乙市"]["infrastructure"] == pytest.approx(76.125)
    assert rows["乙市"]["index"] == pytest.approx((2 * 76.125 + 100 * 24.4 / 29.1) / 3)


def test_init_refuses_a_folder_that_is_not_empty(cli, started: Path) -> None:
    before = (started / "data.csv").read_bytes()
    (started / "methodology.yaml").write_text("mine", encoding="utf-8")
    refused = cli("init", started)
    assert refused.code == 2
    assert "not empty" in refused.err
    assert (started / "methodology.yaml").read_text(encoding="utf-8") == "mine"
    assert cli("init", started, "--force").code == 0
    assert (started / "methodology.yaml").read_text(encoding="utf-8") != "mine"
    assert (started / "data.csv").read_bytes() == before


def test_init_refuses_a_file(cli, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("x", encoding="utf-8")
    assert cli("init", tmp_path / "file", "--force").code == 2


@pytest.mark.parametrize("name", shipped_methodologies())
def test_init_from_a_methodology_that_ships(cli, tmp_path: Path, name: str) -> None:
    assert cli("init", tmp_path / "own", "--from", name).code == 0
    own = load_methodology(tmp_path / "own" / "methodology.yaml")
    assert own.id == f"my-{name}"
    assert own.scores_hash != load_methodology(name).scores_hash
    if own.data_ is not None:
        assert cli("score", tmp_path / "own" / "methodology.yaml").code == 0


def test_template_is_read_back(cli, tmp_path: Path) -> None:
    path = tmp_path / "fill.xlsx"
    assert cli("template", CAICT, "-o", path).code == 0
    found = cli("inspect", path, "--json").document
    assert found["rows"] == 34  # province-level divisions
    assert "compute_eflops" in [column["name"] for column in found["columns"]]


def test_template_units_and_periods(cli, tmp_path: Path) -> None:
    path = tmp_path / "fill.csv"
    assert cli("template", CAICT, "-o", path, "--units", "北京,上海，广东").code == 0
    assert [line.split(",")[0] for line in path.read_text(encoding="utf-8-sig").splitlines()[1:]] == [
        "北京",
        "上海",
        "广东",
    ]
    panel = tmp_path / "panel.csv"
    words = ("template", "nbs-new-drivers-2022", "-o", panel, "--units", "全国", "--period", "2025", "--period", "2026")
    assert cli(*words).code == 0
    assert len(panel.read_text(encoding="utf-8-sig").splitlines()) == 3


def test_schema(cli, tmp_path: Path) -> None:
    import json

    path = tmp_path / "schema.json"
    assert cli("schema", "-o", path).code == 0
    assert json.loads(path.read_text(encoding="utf-8")) == json.loads(cli("schema").out)


# -- inspect, check --


def test_inspect_says_what_was_found(cli, started: Path) -> None:
    found = cli("inspect", started / "data.csv", "--methodology", started / "methodology.yaml")
    assert found.code == 0
    assert "utf-8" in found.out
    row = next(line for line in found.out.splitlines() if "online_services" in line)
    assert "4 of 5" in row
    assert row.split()[-1] == "online_services"


def test_inspect_proposes_the_nearest(cli, started: Path) -> None:
    table = started / "other.csv"
    table.write_text("city,brodband\n甲市,3\n", encoding="utf-8")
    found = cli("inspect", table, "-m", started / "methodology.yaml")
    assert "nothing; nearest is broadband" in found.out


def test_check_prints_file_line_column_and_ends_with_1(cli, started: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(started)
    (started / "bad.csv").write_text(
        "city,broadband,power_price,online_services\n甲市,12a,0.5,3\n乙市,3,0.4,5\n", encoding="utf-8"
    )
    found = cli("check", "methodology.yaml", "bad.csv")
    assert found.code == 1
    lines = found.out.splitlines()
    assert lines[0] == "Errors (1)"
    assert lines[1].startswith("bad.csv:2:2: DT220 ")
    assert lines[-1].startswith("1 error, 0 warnings, ")


def test_check_of_a_broken_methodology(cli, started: Path) -> None:
    path = started / "methodology.yaml"
    path.write_text(path.read_text(encoding="utf-8").replace("weight: 2", "wieght: 2"), encoding="utf-8")
    found = cli("check", path)
    assert found.code == 1
    assert re.search(r"methodology\.yaml:\d+:\d+: DT010 .*weight", found.out)


def test_check_sees_what_only_fitting_sees(cli, started: Path) -> None:
    """A constant column under min-max is DT301."""
    table = started / "flat.csv"
    table.write_text("city,broadband,power_price,online_services\n甲市,1,0.5,3\n乙市,3,0.4,3\n", encoding="utf-8")
    found = cli("check", started / "methodology.yaml", table)
    assert found.code == 1
    assert "DT301" in found.out


def test_warnings_are_errors_for_the_exit_code_under_strict_only(cli, warned: tuple[Path, Path]) -> None:
    found = cli("check", *warned)
    assert "Warnings (" in found.out
    assert found.code == 0
    assert cli("check", *warned, "--strict").code == 1
    assert cli("check", *warned, "--strict", "--json").document["exit_code"] == 1


def test_check_notes_what_is_unpublished(cli) -> None:
    found = cli("check", "caict-computing-power-2.0", "--json")
    assert found.code == 0
    noted = [one for one in found.document["findings"] if one["code"] == "DT050"]
    assert {one["severity"] for one in noted} == {"note"}


@pytest.mark.parametrize("name", shipped_methodologies())
def test_check_of_what_ships_has_no_errors(cli, name: str) -> None:
    found = cli("check", name)
    assert found.code == 0, found.out


def test_check_of_an_edition(cli, edition: Path) -> None:
    assert cli("check", edition).code == 0
    assert cli("check", edition, "--assume", "equal").code == 2


# -- freeze, verify --


def test_freeze_names_the_edition(cli, tmp_path: Path) -> None:
    path = tmp_path / "x.dtindex"
    assert cli("freeze", CAICT, "-o", path, "--name", "2020年版", "--no-table").code == 0
    loaded = dtindex.load_edition(path)
    assert loaded.name == "2020年版"
    assert loaded.table is None
    assert "its rows are not included" in cli("show", path).out


def test_freezing_twice_gives_the_same_bytes(cli, tmp_path: Path) -> None:
    digests = set()
    for folder in ("a", "b"):
        (tmp_path / folder).mkdir()
        assert cli("freeze", CAICT, "-o", tmp_path / folder / "e.dtindex").code == 0
        digests.add(hashlib.sha256((tmp_path / folder / "e.dtindex").read_bytes()).hexdigest())
    assert len(digests) == 1


def test_verify_prints_each_check(cli, edition: Path) -> None:
    found = cli("verify", edition)
    assert found.code == 0
    for what in ("parts", "identity", "table", "parameters", "scores"):
        assert f"✓ {what}: " in found.out


def test_verify_of_an_altered_edition_ends_with_1(cli, edition: Path, tmp_path: Path) -> None:
    altered = tmp_path / "altered.dtindex"
    with zipfile.ZipFile(edition) as old, zipfile.ZipFile(altered, "w") as new:
        for name in old.namelist():
            content = old.read(name)
            new.writestr(name, content.replace(b"47", b"48") if name == "methodology.yaml" else content)
    found = cli("verify", altered)
    assert found.code == 1
    assert "DT402" in found.err


def test_verify_of_another_file_ends_with_2(cli, tmp_path: Path) -> None:
    path = tmp_path / "no.dtindex"
    path.write_bytes(b"no")
    assert cli("verify", path).code == 2


# -- doctor, code --


def test_doctor(cli) -> None:
    found = cli("doctor")
    assert found.code == 0
    for what in (
        "dtindex",
        "Python",
        "numpy",
        "shipped methodology",
        "temporary folder",
        "standard output",
        "extra service",
    ):
        assert what in found.out


def test_doctor_ends_with_1_where_nothing_ships(cli, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("dtindex.cli.verbs.doctor.shipped", lambda *parts: tmp_path.joinpath(*parts))
    found = cli("doctor")
    assert found.code == 1
    assert "NO shipped data" in found.out


def test_code_prints_title_reason_and_remedy(cli) -> None:
    entry = CATALOGUE["DT202"]
    for spelling in ("DT202", "dt202", "202"):
        said = " ".join(cli("code", spelling).out.split())
        assert all(part in said for part in ("DT202", entry.title, entry.why, entry.remedy))


def test_no_code_stands_twice() -> None:
    with pytest.raises(ValueError, match="DT202"):
        _catalogue(*[("DT202", Severity.NOTE, "a", "b", "c")] * 2)
    assert list(CATALOGUE) == sorted(CATALOGUE)


def test_code_alone_lists_all(cli) -> None:
    lines = cli("code").out.splitlines()
    assert [line.split()[0] for line in lines] == list(CATALOGUE)
