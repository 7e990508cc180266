"""Small methodologies and tables to try the checks on."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from dtindex.findings import Finding, Findings
from dtindex.spec import Methodology, load_methodology
from dtindex.tables.read import check_table
from dtindex.tables.table import Table

HEAD = """\
schema_version: 1
id: test-index
title: {en: Test index, zh: 测试指数}
"""

TWO = """\
units: {kind: province, key: province, codelist: cn-province}
nodes: [{id: index}]
indicators:
  - {id: gdp, parent: index}
  - {id: pue, parent: index, direction: lower}
"""


@pytest.fixture
def methodology(tmp_path: Path) -> Callable[[str], Methodology]:
    """A methodology from what comes after its title, as a file."""

    def load(body: str = TWO) -> Methodology:
        path = tmp_path / "methodology.yaml"
        path.write_text(HEAD + body, encoding="utf-8")
        return load_methodology(path)

    return load


Check = Callable[..., tuple[Table | None, Findings]]


@pytest.fixture
def check(tmp_path: Path, methodology: Callable[[str], Methodology]) -> Check:
    """Check a CSV text against a methodology's body."""

    def run(text: str, body: str = TWO, **options: object) -> tuple[Table | None, Findings]:
        path = tmp_path / "table.csv"
        path.write_text(text, encoding="utf-8")
        return check_table(path, methodology(body), **options)  # type: ignore[arg-type]

    return run


@pytest.fixture
def only() -> Callable[[Findings, str], Finding]:
    """The one finding of a code."""

    def pick(findings: Findings, code: str) -> Finding:
        found = [one for one in findings if one.code == code]
        assert len(found) == 1, str(findings)
        assert "\n" not in found[0].message
        return found[0]

    return pick
