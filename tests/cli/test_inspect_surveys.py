"""`inspect` of exports of questionnaires: what is printed and written, and what never is."""

from __future__ import annotations

import importlib.util
import sys
from pathlib import Path
from types import ModuleType

import pytest

from dtindex.spec import load_methodology

SURVEY = Path(__file__).parents[1] / "tables" / "survey"
EVERY_KIND = SURVEY / "every_kind.yaml"
TITLES = {"wjx": "问卷星", "qualtrics": "Qualtrics", "limesurvey": "LimeSurvey", "spss": "SPSS"}
HEAD = """\
schema_version: 1
id: pasted
title: Pasted
units: {kind: enterprise, key: respondent}
nodes:
  - {id: index, column: weight}
"""


@pytest.fixture(scope="module")
def exports() -> ModuleType:
    if "survey_exports" not in sys.modules:
        spec = importlib.util.spec_from_file_location("survey_exports", SURVEY / "exports.py")
        assert spec is not None
        assert spec.loader is not None
        module = importlib.util.module_from_spec(spec)
        sys.modules["survey_exports"] = module
        spec.loader.exec_module(module)
    return sys.modules["survey_exports"]


@pytest.mark.parametrize(
    "name", ["wjx-text-xls", "wjx-text-gb18030", "wjx-codes-csv", "qualtrics-text", "spss", "limesurvey-full", "plain"]
)
def test_the_dialect_is_said_and_the_block_loads_and_reads_the_file(cli, exports, name: str, tmp_path: Path) -> None:
    of = exports.sample(load_methodology(EVERY_KIND), 50)
    export = exports.FORMATS[name](of, tmp_path)
    printed = cli("inspect", export)
    dialect = name.split("-")[0]
    assert printed.code == 0
    assert (TITLES.get(dialect, "questions:") in printed.out) == (dialect != "plain")
    written = cli("inspect", export, "--questions", tmp_path / "questions.yaml", "--json")
    assert written.document["dialect"] == dialect
    assert [one["type"] for one in written.document["questions"]].count("ranking") == 1
    assert written.document["survey"] == {"weight": "weight"}
    assert written.document["rows"] == 50
    methodology = tmp_path / "pasted.yaml"
    methodology.write_text(HEAD + (tmp_path / "questions.yaml").read_text(encoding="utf-8"), encoding="utf-8")
    if dialect in ("spss", "plain"):  # which have no number of the respondent
        text = methodology.read_text(encoding="utf-8").replace("key: respondent", "key: company")
        methodology.write_text(text, encoding="utf-8")
    checked = cli("check", methodology, export)
    assert checked.code == 0, checked.out
    assert not any(code in checked.out for code in ("DT202", "DT224", "DT225", "DT230", "DT232"))


@pytest.mark.parametrize(
    "options", [[], ["-m", str(EVERY_KIND)], ["--json"], ["--json", "-m", str(EVERY_KIND)], ["-v"]]
)
def test_cells_of_columns_that_identify_a_person_are_never_shown(cli, exports, options, tmp_path: Path) -> None:
    of = exports.sample(load_methodology(EVERY_KIND), 20)
    grid = exports.wjx(of)
    grid.add("14、您的姓名", ["欧阳锋"] * 20).add("15、手机号码", [f"1391234{n:04}" for n in range(20)])
    grid.add("16、请留下证件号", [f"11010119900101{n:04}" for n in range(20)])
    export = exports.write(grid, tmp_path / "export.xlsx")
    proposed = tmp_path / "questions.yaml"
    outcome = cli("inspect", export, *options, "--questions", proposed)
    told = outcome.out + outcome.err + proposed.read_text(encoding="utf-8")
    assert outcome.code == 0
    assert [one for one in ("欧阳锋", "1391234", "11010119900101", "1.2.3.") if one in told] == []
    assert "(not shown)" in told


def test_a_methodology_says_what_each_column_serves(cli, exports, tmp_path: Path) -> None:
    grid = exports.qualtrics(exports.sample(load_methodology(EVERY_KIND), 20))
    grid.rename("Q1", "Q99")
    grid.heads[1][grid.column("Q99")] = "贵企业是否制定数字化规划？"
    outcome = cli("inspect", exports.write(grid, tmp_path / "export.csv"), "-m", EVERY_KIND, "--json")
    columns = {column["name"]: column for column in outcome.document["columns"]}
    assert columns["Q2_2"]["matched"] == "Q2 (multiple, option cloud)"
    assert columns["Q4_1"]["matched"] == "Q4 (matrix, row fast)"
    assert columns["Q3"]["matched"] == "Q3 (scale)"
    assert columns["company"]["matched"] == "company (text), key"
    assert columns["Q99"]["matched"] is None
    assert columns["Q99"]["nearest"] == "Q1 (Is there a plan?)"
    assert "questions" not in outcome.document


def test_what_stands_for_no_answer_is_no_number_and_not_filled(cli, exports, tmp_path: Path) -> None:
    of = exports.sample(load_methodology(EVERY_KIND), 50)
    outcome = cli("inspect", exports.FORMATS["wjx-codes-csv"](of, tmp_path), "--json")
    columns = {column["name"]: column for column in outcome.document["columns"]}
    depth = columns["11、规划细化到第几级?"]
    assert (depth["low"], depth["high"], depth["distinct"]) == (0, 4, 5)
    assert depth["filled"] < 50
    assert depth["odd"] == []


def test_a_table_that_is_no_questionnaire_gets_no_proposal_unless_it_is_asked_for(cli, tmp_path: Path) -> None:
    table = tmp_path / "cities.csv"
    table.write_text(
        "city,gdp,grade\n" + "".join(f"C{n},{n * 1.5},{'AB'[n % 2]}\n" for n in range(12)), encoding="utf-8"
    )
    outcome = cli("inspect", table)
    assert "questions" not in outcome.out
    assert "taken for" not in outcome.out
    assert "questions" not in cli("inspect", table, "--json").document
    asked = cli("inspect", table, "--questions", tmp_path / "questions.yaml")
    assert "taken for" in asked.out
    assert "type: number" in (tmp_path / "questions.yaml").read_text(encoding="utf-8")


def test_heads_and_comments_are_chinese_where_asked(cli, exports, tmp_path: Path) -> None:
    of = exports.sample(load_methodology(EVERY_KIND), 20)
    outcome = cli("inspect", exports.FORMATS["wjx-codes-csv"](of, tmp_path), "--language", "zh")
    assert "按问卷星导出文件读取" in outcome.out
    assert "没有文字：量表、选项代码或数量" in outcome.out
    assert not any(word in outcome.out for word in ("taken for", "filled", "no words"))
