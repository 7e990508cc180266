"""dtindex as a user has it: another process, an unrelated folder, only what was installed.

DTINDEX_PYTHONS names the interpreters to try, separated like PATH; by default the one that runs the tests. CI adds one
whose environment holds the wheel and what it depends on, and nothing else.
"""

from __future__ import annotations

import csv
import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

pytestmark = pytest.mark.installed

INTERPRETERS = os.environ.get("DTINDEX_PYTHONS", sys.executable).split(os.pathsep)
SHIPPED_WITH_DATA = (
    "caict-computing-power-1.0",
    "nbs-new-drivers-2014",
    "nbs-new-drivers-2022",
    "miit-telecom-regions",
    "accenture-disruption",
)


@pytest.fixture(params=INTERPRETERS, ids=lambda path: Path(path).parents[1].name)
def python(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An unrelated folder as the current one, and nothing but the installation to import from."""
    for name in ("PYTHONPATH", "DTINDEX_REFERENCE_DATA"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("PYTHONUTF8", "1")
    monkeypatch.chdir(tmp_path)
    return tmp_path


def program(python: str) -> str:
    found = shutil.which("dtindex", path=Path(python).parent)
    assert found, f"no dtindex beside {python}"
    return found


def run(*command: str) -> str:
    done = subprocess.run(command, capture_output=True, encoding="utf-8", stdin=subprocess.DEVNULL, timeout=120)
    assert done.returncode == 0, f"{command} ended with {done.returncode}:\n{done.stdout}\n{done.stderr}"
    return done.stdout


@pytest.mark.usefixtures("elsewhere")
def test_import(python: str) -> None:
    assert run(python, "-c", "import dtindex; print(dtindex.__version__)").strip()


@pytest.mark.usefixtures("elsewhere")
def test_version_is_the_distribution_s(python: str) -> None:
    code = "import dtindex, importlib.metadata as m; print(m.version('dtindex') == dtindex.__version__)"
    assert run(python, "-c", code).strip() == "True"


@pytest.mark.usefixtures("elsewhere")
def test_types_travel(python: str) -> None:
    code = (
        "from importlib.resources import files\n"
        "print([(files(name) / 'py.typed').is_file() for name in ('dtindex', 'dtindex_service')])"
    )
    assert run(python, "-c", code).strip() == "[True, True]"


@pytest.mark.usefixtures("elsewhere")
@pytest.mark.parametrize("folder", ["methodology", "data", "schema"])
def test_shipped_files_travel(python: str, folder: str) -> None:
    code = f"from dtindex.shipped import shipped; print(sum(path.is_file() for path in shipped({folder!r}).rglob('*')))"
    assert int(run(python, "-c", code)) > 0


@pytest.mark.parametrize("name", SHIPPED_WITH_DATA)
def test_score(python: str, elsewhere: Path, name: str) -> None:
    run(program(python), "score", name, "-o", "result")
    assert {path.name for path in (elsewhere / "result").iterdir()} >= {
        "findings.json",
        "run.json",
        "scores.csv",
        "scores_wide.csv",
    }
    with (elsewhere / "result" / "scores.csv").open(encoding="utf-8-sig", newline="") as stream:
        rows = list(csv.DictReader(stream))
    assert rows
    assert {"unit", "name", "period", "node", "score", "rank", "coverage", "status"} <= set(rows[0])
    json.loads((elsewhere / "result" / "run.json").read_text(encoding="utf-8"))


if len(INTERPRETERS) > 1:

    def test_every_installation_writes_the_same_scores(elsewhere: Path) -> None:
        for name in SHIPPED_WITH_DATA:
            results = set()
            for position, python in enumerate(INTERPRETERS):
                folder = f"{name}-{position}"
                run(program(python), "score", name, "-o", folder)
                results.add((elsewhere / folder / "scores.csv").read_bytes())
            assert len(results) == 1, name
