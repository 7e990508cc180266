"""A command line in this process, with what it printed."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

import dtindex
from dtindex.cli import main

Cli = Callable[..., "Outcome"]


@dataclass(frozen=True)
class Outcome:
    """Exit code, standard output, standard error."""

    code: int
    out: str
    err: str

    @property
    def document(self) -> dict[str, Any]:
        """Standard output as the one JSON document that it has to be."""
        found: dict[str, Any] = json.loads(self.out)
        return found


@pytest.fixture
def cli(capsys: pytest.CaptureFixture[str]) -> Cli:
    """Run a command line in this process."""

    def run(*words: str | Path) -> Outcome:
        capsys.readouterr()
        code = main([str(word) for word in words])
        printed = capsys.readouterr()
        return Outcome(code, printed.out, printed.err)

    return run


@pytest.fixture
def program(tmp_path: Path) -> Callable[..., subprocess.CompletedProcess[str]]:
    """Run a command line in a process of its own, from an unrelated folder."""

    def run(*words: str | Path, **variables: str) -> subprocess.CompletedProcess[str]:
        command = [sys.executable, "-m", "dtindex", *(str(word) for word in words)]
        return subprocess.run(
            command,
            capture_output=True,
            text=True,
            encoding="utf-8",
            errors="replace",
            env=environment(**variables),
            cwd=tmp_path,
            timeout=120,
        )

    return run


def environment(**variables: str) -> dict[str, str]:
    """This environment, in which dtindex can be imported from any folder."""
    source = str(Path(dtindex.__file__).parents[1])
    return {**os.environ, "PYTHONPATH": source, "PYTHONWARNINGS": "default", **variables}


@pytest.fixture
def child_environment() -> Callable[..., dict[str, str]]:
    """See :func:`environment`."""
    return environment


@pytest.fixture
def started(cli: Cli, tmp_path: Path) -> Path:
    """A folder as `init` leaves it."""
    folder = tmp_path / "my"
    assert cli("init", folder).code == 0
    return folder


@pytest.fixture
def warned(started: Path) -> tuple[Path, Path]:
    """A methodology with one warning: weights that look like shares and miss 1 (DT020); and its table."""
    methodology = started / "methodology.yaml"
    text = (
        methodology.read_text(encoding="utf-8").replace("weight: 2", "weight: 0.6").replace("weight: 1", "weight: 0.3")
    )
    methodology.write_text(text, encoding="utf-8")
    return methodology, started / "data.csv"


@pytest.fixture
def edition(cli: Cli, tmp_path: Path) -> Path:
    """A frozen edition of a shipped index."""
    path = tmp_path / "2020.dtindex"
    assert cli("freeze", "caict-computing-power-1.0", "-o", path).code == 0
    return path
