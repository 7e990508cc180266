"""What every test may use: the reference data, reproducible Hypothesis, and skips that are held to account."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from hypothesis import Phase, settings

REFERENCE_DATA_LACKS = "reference data not found"
R_LACKS = "R with its packages survey and MASS not found"
FONT_LACKS = "no font for rare characters found"
POSTGRES_LACKS = "no PostgreSQL to test with"
BROWSER_LACKS = "no Chromium found"
MOUNT_LACKS = "nothing can be mounted here"
OFFICE_LACKS = "no LibreOffice to compute a workbook with"
FAKETIME_LACKS = "no libfaketime to step a clock with"

_EXCUSES = (
    *(REFERENCE_DATA_LACKS, R_LACKS, FONT_LACKS, POSTGRES_LACKS),
    *(BROWSER_LACKS, MOUNT_LACKS, FAKETIME_LACKS, OFFICE_LACKS),
)

settings.register_profile("dev", deadline=None)
# CI reports the example that fails as it was found, with the line that replays it elsewhere: shrinking takes minutes.
settings.register_profile(
    "ci",
    deadline=None,
    derandomize=True,
    database=None,
    print_blob=True,
    phases=(Phase.explicit, Phase.generate, Phase.target),
)
settings.load_profile("ci" if os.environ.get("CI") else "dev")


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--strict-skips",
        action="store_true",
        help=f"fail when a test is skipped for any other reason than {_EXCUSES}",
    )


@pytest.fixture(scope="session")
def reference_data(pytestconfig: pytest.Config) -> Path:
    """The folder of published figures that tests compare with; it lies beside the project and is not part of it."""
    named = os.environ.get("DTINDEX_REFERENCE_DATA")
    folder = Path(named) if named else pytestconfig.rootpath.parent / "shared" / "data"
    if not folder.is_dir():
        pytest.skip(f"{REFERENCE_DATA_LACKS}: {folder}")
    return folder


@pytest.hookimpl(trylast=True)
def pytest_sessionfinish(session: pytest.Session, exitstatus: int) -> None:
    if exitstatus == pytest.ExitCode.OK and _unexplained_skips(session.config):
        session.exitstatus = pytest.ExitCode.TESTS_FAILED


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter, config: pytest.Config) -> None:
    for name, reason in _unexplained_skips(config):
        terminalreporter.write_line(f"FORBIDDEN SKIP {name}: {reason}", red=True)


def _unexplained_skips(config: pytest.Config) -> list[tuple[str, str]]:
    if not config.getoption("--strict-skips"):
        return []
    reporter = config.pluginmanager.get_plugin("terminalreporter")
    if reporter is None:  # a worker of several; the process that gathers their reports judges
        return []
    skipped = [(report.nodeid, _reason(report)) for report in reporter.stats.get("skipped", [])]
    # Where R, a font, PostgreSQL or a browser is required, its tests fail without it and have nothing to skip.
    required = {
        R_LACKS: "DTINDEX_REQUIRE_R",
        FONT_LACKS: "DTINDEX_REQUIRE_FONT",
        POSTGRES_LACKS: "DTINDEX_REQUIRE_POSTGRES",
        BROWSER_LACKS: "DTINDEX_REQUIRE_BROWSER",
        MOUNT_LACKS: "DTINDEX_REQUIRE_MOUNT",
        FAKETIME_LACKS: "DTINDEX_REQUIRE_FAKETIME",
        OFFICE_LACKS: "DTINDEX_REQUIRE_OFFICE",
    }
    allowed = (REFERENCE_DATA_LACKS, *(lacks for lacks, asked in required.items() if not os.environ.get(asked)))
    return [(name, reason) for name, reason in skipped if not reason.startswith(allowed)]


def _reason(report: pytest.TestReport | pytest.CollectReport) -> str:
    longrepr = report.longrepr
    reason = longrepr[2] if isinstance(longrepr, tuple) else str(longrepr)
    return reason.removeprefix("Skipped: ")
