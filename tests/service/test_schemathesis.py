"""schemathesis, with every check and every phase, against the running service on either database: no failure.

A few examples of each operation here; `make schemathesis` takes more. What a request of the described form may be
refused for is settled in tests/service/schemathesis.toml, and held to by a check of our own.
"""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from dtindex_service.stock import stock

HERE = Path(__file__).parent
EXAMPLES = int(os.environ.get("DTINDEX_SCHEMATHESIS_EXAMPLES", "2"))
SEED = os.environ.get("DTINDEX_SCHEMATHESIS_SEED", "1")

pytestmark = pytest.mark.checkout  # the wheel's run has nothing to add but time


PHASES = {"examples,coverage,fuzzing": 1, "stateful": 20}
"""How many times as many examples are taken; stateful ones are short sequences over all operations together."""


def test_no_failure(live, tmp_path: Path) -> None:
    stock(live.served.store, ["caict-computing-power-1.0"])
    token, _ = live.served.made_key("read", "score", "write", "admin")
    for phases, times in PHASES.items():
        # One worker: what Hypothesis does in several threads at once ends in a SystemError of Python 3.11 now and then.
        words = [
            *("--config-file", str(HERE / "schemathesis.toml"), "run", f"{live.address}/openapi.json"),
            *("--checks", "all", "--phases", phases, "--max-examples", str(EXAMPLES * times), "--seed", SEED),
            *("--workers", "1", "--continue-on-failure", "--suppress-health-check", "all", "--no-shrink"),
        ]
        done = subprocess.run(
            [sys.executable, "-m", "schemathesis.cli", *words],
            cwd=tmp_path,
            env={
                **os.environ,
                "DTINDEX_TEST_KEY": token,
                "PYTHONPATH": str(HERE),
                "SCHEMATHESIS_HOOKS": "schemathesis_checks",
            },
            capture_output=True,
            text=True,
            timeout=3_000,
        )
        assert done.returncode == 0, done.stdout[-20_000:] + done.stderr[-4_000:]
        for phase in phases.split(","):
            assert f"✅ {phase.capitalize()}" in done.stdout, done.stdout[-3_000:]
