"""What the tests of methodology files share: files to read, and texts in which the expected place is marked."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from dtindex.findings import Finding
from dtindex.shipped import shipped
from dtindex.spec import Methodology, parse_methodology

FILES = [*sorted((Path(__file__).parent / "examples").glob("*.yaml")), *sorted(shipped("methodology").glob("*.yaml"))]

HEAD = """\
schema_version: 1
id: test
title: Test
units: {kind: city, key: city}
"""

MARK = "§"


@pytest.fixture(params=FILES, ids=lambda path: path.stem)
def methodology_file(request: pytest.FixtureRequest) -> Path:
    """Every example of the reference, and every file that ships."""
    path: Path = request.param
    return path


@pytest.fixture
def parsed() -> Callable[[str], Methodology]:
    """Parse a text without errors, the four lines that every file needs put before it."""

    def parse(body: str) -> Methodology:
        methodology, findings = parse_methodology(HEAD + body, "a.yaml")
        assert methodology is not None, str(findings)
        return methodology

    return parse


@pytest.fixture
def findings_of() -> Callable[[str], list[str]]:
    """Findings as ``DT010 7:3``, the four lines that every file needs put before the text unless it has its own."""

    def find(body: str) -> list[str]:
        text = body if body.startswith("schema_version") else HEAD + body
        return [f"{item.code} {item.place.line}:{item.place.column}" for item in parse_methodology(text, "a.yaml")[1]]

    return find


@pytest.fixture
def at_mark() -> Callable[..., Finding]:
    """The finding at ``§``, which stands before the key or value that is wrong; the only one, unless ``others``."""

    def find(body: str, *, others: bool = False) -> Finding:
        marked = HEAD + body
        offset = marked.index(MARK)
        line, column = marked.count("\n", 0, offset) + 1, offset - marked.rfind("\n", 0, offset)
        _, findings = parse_methodology(marked.replace(MARK, ""), "a.yaml")
        here = [item for item in findings if (item.place.line, item.place.column) == (line, column)]
        assert len(here) == 1, f"expected one finding at {line}:{column}, found:\n{findings}"
        assert others or len(findings) == 1, str(findings)
        return here[0]

    return find
