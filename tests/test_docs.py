"""What README and docs tell a reader to type works: commands, Python, methodology files; made pages are current."""

from __future__ import annotations

import re
import runpy
import shlex
import subprocess
import sys
from pathlib import Path

import pytest

from dtindex.spec import parse_methodology

ROOT = Path(__file__).parents[1]
pytestmark = pytest.mark.checkout
PAGES = [ROOT / "README.md", ROOT / "README.zh.md", *sorted((ROOT / "docs").glob("**/*.md"))]


def _blocks(page: Path, language: str) -> list[str]:
    return re.findall(rf"^```{language}\n(.*?)^```$", page.read_text(encoding="utf-8"), re.DOTALL | re.MULTILINE)


def _commands(page: Path) -> list[list[str]]:
    lines = [line for block in _blocks(page, "sh") for line in block.splitlines()]
    return [shlex.split(line, comments=True)[1:] for line in lines if line.startswith("dtindex ")]


@pytest.mark.parametrize("page", [page for page in PAGES if _commands(page)], ids=lambda page: page.name)
def test_commands_run_in_the_order_of_the_page(page: Path, tmp_path: Path) -> None:
    for command in _commands(page):
        done = subprocess.run([sys.executable, "-m", "dtindex", *command], cwd=tmp_path, capture_output=True, text=True)
        assert done.returncode == 0, f"dtindex {shlex.join(command)}: {done.stderr}"


@pytest.mark.parametrize("page", [page for page in PAGES if _blocks(page, "python")], ids=lambda page: page.name)
def test_python_runs(page: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    names: dict[str, object] = {}
    for block in _blocks(page, "python"):
        exec(compile(block, str(page), "exec"), names)


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_methodologies_load_without_a_finding(page: Path) -> None:
    for block in _blocks(page, "yaml"):
        if "schema_version" in block:
            methodology, findings = parse_methodology(block, page.name)
            assert methodology is not None, str(findings)
            assert not [one for one in findings if one.severity != "note"], str(findings)


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_links_lead_somewhere(page: Path) -> None:
    targets = re.findall(r"\]\(([^)#]+)(?:#[^)]*)?\)", page.read_text(encoding="utf-8"))
    missing = [target for target in targets if "://" not in target and not (page.parent / target).exists()]
    assert not missing


def test_the_page_of_findings_is_current() -> None:
    made = runpy.run_path(str(ROOT / "scripts" / "findings_page.py"))
    assert made["PAGE"].read_text(encoding="utf-8") == made["page"]()


def test_the_page_of_methods_is_current() -> None:
    made = runpy.run_path(str(ROOT / "scripts" / "methods_page.py"))
    assert made["PAGE"].read_text(encoding="utf-8") == made["page"]()


def test_every_method_has_an_oracle_test_and_a_property_test() -> None:
    entries = runpy.run_path(str(ROOT / "scripts" / "methods_page.py"))["entries"]()
    assert [(one.family, one.method) for one in entries if not one.oracles or not one.properties] == []
