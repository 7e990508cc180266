"""Jobs, what they took, and the goals they are held to; the table is printed when all have run."""

from __future__ import annotations

import os
import subprocess
import sys
import sysconfig
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from time import perf_counter

import pytest
from pytest_benchmark.fixture import BenchmarkFixture

ROUNDS = 9


@dataclass(frozen=True)
class Row:
    """One line of the table; ``goal`` is the most that ``measured`` may be, None where the figure only informs."""

    job: str
    measured: float
    goal: float | None
    unit: str
    detail: str

    @property
    def verdict(self) -> str:
        return "informs" if self.goal is None else "met" if self.measured <= self.goal else "MISSED"


_ROWS = pytest.StashKey[list[Row]]()


def pytest_configure(config: pytest.Config) -> None:
    config.stash[_ROWS] = []


@pytest.fixture
def report(pytestconfig: pytest.Config) -> Callable[..., None]:
    """Put a row into the table: job, measured, goal, unit, detail."""
    return lambda *fields: pytestconfig.stash[_ROWS].append(Row(*fields))


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter, config: pytest.Config) -> None:
    rows = config.stash[_ROWS]
    if not rows:
        return
    width = max(len(row.job) for row in rows)
    terminalreporter.write_sep("=", "goals")
    terminalreporter.write_line(f"{'job':<{width}}  {'measured':>12}  {'goal':>12}  {'':<8}  how")
    for row in rows:
        measured = f"{row.measured:.3g} {row.unit}"
        goal = "" if row.goal is None else f"<= {row.goal:.3g} {row.unit}"
        line = f"{row.job:<{width}}  {measured:>12}  {goal:>12}  {row.verdict:<8}  {row.detail}"
        terminalreporter.write_line(line, red=row.verdict == "MISSED")


class Processes:
    """Whole processes, each timed in turn with the process it is compared with, so that both meet the same machine."""

    def __init__(self, benchmark: BenchmarkFixture, folder: Path) -> None:
        self._benchmark = benchmark
        self._folder = folder
        hidden = ("PYTHONDONTWRITEBYTECODE", "PYTHONPATH")  # a user's second run finds compiled modules
        self._environment = {name: value for name, value in os.environ.items() if name not in hidden}
        self.program = str(Path(sysconfig.get_path("scripts")) / "dtindex")

    def compare(self, job: list[str], reference: list[str]) -> tuple[list[float], list[float]]:
        """Seconds of ``job`` and of ``reference``, round by round."""
        references: list[float] = []
        jobs: list[float] = []
        self._run(job)
        self._run(reference)
        self._benchmark.pedantic(
            lambda: jobs.append(self._run(job)), setup=lambda: references.append(self._run(reference)), rounds=ROUNDS
        )
        return jobs, references

    def _run(self, command: list[str]) -> float:
        start = perf_counter()
        done = subprocess.run(
            command, cwd=self._folder, env=self._environment, stdin=subprocess.DEVNULL, capture_output=True, text=True
        )
        seconds = perf_counter() - start
        assert done.returncode == 0, f"{command} ended with {done.returncode}:\n{done.stderr}"
        return seconds


@pytest.fixture
def processes(benchmark: BenchmarkFixture, tmp_path: Path) -> Processes:
    return Processes(benchmark, tmp_path)


def python(code: str) -> list[str]:
    """The command that runs ``code``."""
    return [sys.executable, "-c", code]


@pytest.fixture
def ratio(processes: Processes, report: Callable[..., None]) -> Callable[[str, list[str], float], None]:
    """Run a dtindex command against importing pandas and scikit-learn, and report the ratio."""

    def measure(name: str, arguments: list[str], goal: float) -> None:
        jobs, references = processes.compare([processes.program, *arguments], python("import pandas, sklearn"))
        own, other = median(jobs), median(references)
        report(name, own / other, goal, "x", f"{own:.2f} s against {other:.2f} s for import pandas, sklearn")

    return measure


@pytest.fixture
def own_import(processes: Processes, report: Callable[..., None]) -> Callable[[str, float], None]:
    """Time importing a module, less the interpreter's own start."""

    def measure(module: str, goal: float) -> None:
        jobs, references = processes.compare(python(f"import {module}"), python("pass"))
        own = median(job - reference for job, reference in zip(jobs, references, strict=True)) * 1000
        report(f"import {module}", own, goal, "ms", f"less {median(references) * 1000:.0f} ms of bare python")

    return measure
