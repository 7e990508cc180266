"""The grammar: verbs, common options before and after them, help, and lines that cannot be understood."""

from __future__ import annotations

import importlib
import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

import dtindex
from dtindex.cli.app import VERBS
from dtindex.cli.common import Common, take_common
from dtindex.findings import UsageError

Program = Callable[..., subprocess.CompletedProcess[str]]
HEAVY = {"numpy", "pandas", "pyarrow", "pydantic", "scipy", "sklearn", "statsmodels", "yaml"}


def test_common_options_work_before_and_after_the_verb() -> None:
    before, rest = take_common(["--json", "--language", "zh", "score", "x"])
    after, same = take_common(["score", "x", "--json", "--language=zh"])
    assert rest == same == ["score", "x"]
    assert (before.json, before.language) == (after.json, after.language) == (True, "zh")


def test_nothing_is_taken_behind_two_dashes() -> None:
    common, rest = take_common(["show", "--", "--json"])
    assert common == Common(command=("show", "--", "--json"))
    assert rest == ["show", "--", "--json"]


def test_an_unknown_language_is_a_usage_error() -> None:
    with pytest.raises(UsageError, match="DT902 --language 'fr': expected en or zh"):
        take_common(["list", "--language", "fr"])


def test_version(cli) -> None:
    assert cli("--version").out == f"dtindex {dtindex.__version__}\n"


@pytest.mark.parametrize("words", [(), ("--help",), ("-h",)])
def test_help_lists_the_verbs(cli, words: tuple[str, ...]) -> None:
    found = cli(*words)
    assert found.code == 0
    assert "Example" in found.out
    assert all(f"\n  {verb}" in found.out for verb in VERBS)


@pytest.mark.parametrize("verb", VERBS)
def test_every_verb_has_an_example_that_names_it(cli, verb: str) -> None:
    found = cli(verb, "--help")
    assert found.code == 0
    assert f"Example:\n    dtindex {verb}" in found.out
    assert "--json" in found.out
    assert importlib.import_module(VERBS[verb].module).run.__doc__


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("scor", "x"), "DT902 no verb 'scor'; nearest is 'score'"),
        (("frobnicate",), "DT902 no verb 'frobnicate'; `dtindex --help` lists them"),
        (("--nonsense",), "DT902 no option '--nonsense' here"),
        (("score", "x", "--asume", "y"), "--asume"),
        (("score",), "METHODOLOGY_OR_EDITION"),
        (("freeze", "caict-computing-power-1.0"), "--output"),
        (("score", "caict-computing-power-1.0", "--threads", "0"), "--threads"),
        (("score", "caict-computing-power-1.0", "--layout", "tall"), "--layout"),
        (("score", "caict-computing-power-1.0", "--header-rows", "x"), "--header-rows 'x'"),
        (("score", "caict-computing-power-1.0", "--period", "2020"), "the table has no periods"),
        (("show", "caict-computing-power-9.0"), "DT060"),
        (("score", "caict-computing-power-1.0", "nowhere.csv"), "DT103"),
        (("score", "nowhere.dtindex"), "DT103"),
        (("check", "nowhere.yaml"), "DT103"),
        (("inspect", "nowhere.csv"), "DT103"),
        (("template", "miit-telecom-regions", "-o", "x.pdf"), ".xlsx or .csv"),
        (("show", "miit-telecom-regions", "--sheet", "x.csv"), ".xlsx"),
        (("freeze", "miit-telecom-regions", "-o", "x.zip"), ".dtindex"),
        (("code", "DT999"), "DT902 no code 'DT999'"),
        (("init", "x", "--from", "caict"), "DT060"),
    ],
)
def test_a_line_that_cannot_be_carried_out_ends_with_2_and_one_line(
    cli, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, words: tuple[str, ...], said: str
) -> None:
    monkeypatch.chdir(tmp_path)
    found = cli(*words)
    assert found.code == 2
    assert found.out == ""
    assert said in found.err
    assert len(found.err.splitlines()) == 1
    assert not any(tmp_path.iterdir())


def test_a_usage_error_under_json_is_a_document_too(cli) -> None:
    found = cli("scor", "--json")
    assert found.code == 2
    assert found.document["exit_code"] == 2
    assert found.document["findings"][0]["code"] == "DT902"


@pytest.mark.parametrize(
    "words", [["--help"], ["--version"], ["code"], ["code", "DT202"], ["list", "--help"], ["score", "--help"]]
)
def test_short_answers_import_nothing_heavy(child_environment, words: list[str]) -> None:
    code = (
        "import json, sys\nfrom dtindex.cli import main\n"
        f"assert main({words!r}) == 0\n"
        "print(json.dumps(sorted(sys.modules)), file=sys.stderr)"
    )
    run = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, env=child_environment()
    )
    assert not HEAVY & set(json.loads(run.stderr.splitlines()[-1]))


def test_python_m_dtindex(program: Program) -> None:
    run = program("--version")
    assert (run.returncode, run.stdout) == (0, f"dtindex {dtindex.__version__}\n")


def test_a_usage_error_ends_the_process_with_2(program: Program) -> None:
    run = program("scor")
    assert (run.returncode, run.stdout) == (2, "")
    assert run.stderr == "DT902 no verb 'scor'; nearest is 'score'\n"
