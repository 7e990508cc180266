"""A questionnaire of every kind of question, respondents to it, and their exports."""

from __future__ import annotations

import importlib.util
import sys
from collections.abc import Callable
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from dtindex.findings import Finding, Findings
from dtindex.spec import Methodology, load_methodology
from dtindex.tables.read import check_table
from dtindex.tables.table import Table

FOLDER = Path(__file__).parent
EVERY_KIND = FOLDER / "every_kind.yaml"


def _exports() -> ModuleType:
    """The maker of exports, which lies beside the tests and is no test."""
    if "survey_exports" not in sys.modules:
        spec = importlib.util.spec_from_file_location("survey_exports", FOLDER / "exports.py")
        assert spec is not None
        assert spec.loader is not None
        module = importlib.util.module_from_spec(spec)
        sys.modules["survey_exports"] = module
        spec.loader.exec_module(module)
    return sys.modules["survey_exports"]


_exports()

Load = Callable[..., Methodology]


@pytest.fixture
def load(tmp_path: Path) -> Load:
    """The questionnaire of every kind, with pieces of its text replaced and pieces added at its end."""

    def _load(*changes: tuple[str, str], more: str = "") -> Methodology:
        content = EVERY_KIND.read_text(encoding="utf-8")
        for before, after in changes:
            assert before in content
            content = content.replace(before, after)
        path = tmp_path / "every_kind.yaml"
        path.write_text(content + more, encoding="utf-8")
        return load_methodology(path)

    return _load


@pytest.fixture
def every_kind(load: Load) -> Methodology:
    """The questionnaire of every kind of question."""
    return load()


Check = Callable[..., tuple[Table | None, Findings]]


@pytest.fixture
def check(tmp_path: Path) -> Check:
    """Check a grid, written as a file of this name, against a methodology."""
    import survey_exports

    def _check(
        grid: Any, methodology: Methodology, name: str = "export.csv", **options: Any
    ) -> tuple[Table | None, Findings]:
        path = survey_exports.write(grid, tmp_path / name, options.pop("written", "utf-8-sig"))
        return check_table(path, methodology, **options)

    return _check


@pytest.fixture
def found() -> Callable[..., list[Finding]]:
    """Findings of a code, and of a severity where one is given."""

    def _found(findings: Findings, code: str, severity: str | None = None) -> list[Finding]:
        return [one for one in findings if one.code == code and severity in (None, one.severity.value)]

    return _found
