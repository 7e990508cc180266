"""Exports of questionnaires on the command line: the same answers, the same file."""

from __future__ import annotations

import importlib.util
import sys
from pathlib import Path
from types import ModuleType

import pytest

from dtindex.spec import load_methodology

SURVEY = Path(__file__).parents[1] / "tables" / "survey"
MUST_SHOW = ("wjx-text-xlsx", "wjx-codes-xls", "qualtrics-text", "spss", "limesurvey-full", "plain")


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
    ("subject", "options"),
    [
        (str(SURVEY / "every_kind.yaml"), []),
        ("accenture-reinvention-2023", ["--assume", "instrument-v1"]),
        ("miit-sme-digital-2024", []),
    ],
)
def test_score_writes_the_same_bytes_for_every_export(cli, exports, tmp_path, subject: str, options: list[str]) -> None:
    of = exports.sample(load_methodology(subject), 50)
    written = {}
    for name in MUST_SHOW:
        path = exports.FORMATS[name](of, tmp_path)
        outcome = cli("score", subject, path, *options, "-o", tmp_path / name)
        assert outcome.code == 0, outcome.err
        written[name] = [(tmp_path / name / file).read_bytes() for file in ("scores.csv", "scores_wide.csv")]
    assert all(one == written["wjx-text-xlsx"] for one in written.values())
    assert written["plain"][0].count(b"\n") > 50


def test_what_is_wrong_is_told_with_its_cell(cli, exports, tmp_path) -> None:
    methodology = SURVEY / "every_kind.yaml"
    grid = exports.wjx(exports.sample(load_methodology(methodology), 10, gaps=0.0))
    path = exports.write(grid.put(3, "3、贵企业是否制定了数字化规划？", "有规化"), tmp_path / "export.csv")
    outcome = cli("score", methodology, path, "-o", tmp_path / "out")
    assert outcome.code == 1
    assert "DT224" in outcome.err + outcome.out
    assert "企业003" in outcome.err + outcome.out
    assert not (tmp_path / "out").exists()
