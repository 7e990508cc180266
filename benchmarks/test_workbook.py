"""The workbook of 31 provinces by a process of its own, from the command line to the file; and of 1,000 units."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from time import perf_counter

import numpy as np

import dtindex

Report = Callable[..., None]
NAMES = [f"x{number}" for number in range(30)]


def test_thirty_one_provinces(report: Report, tmp_path: Path) -> None:
    times = []
    for number in range(3):
        command = [sys.executable, "-m", "dtindex", "report", "caict-computing-power-1.0", "-q"]
        began = perf_counter()
        subprocess.run([*command, "-o", str(tmp_path / f"{number}.xlsx")], check=True)
        times.append(perf_counter() - began)
    report("workbook of 31 provinces", sorted(times)[1], 3.0, "s", "command line to file, 10,000 runs simulated")


def test_a_thousand_units(report: Report) -> None:
    lines = ["schema_version: 1", "id: bench", "title: bench", "units: {kind: unit, key: unit}", "nodes: [{id: index}]"]
    lines += ["indicators:", *(f"  - {{id: {name}, parent: index, normalise: {{method: min-max}}}}" for name in NAMES)]
    methodology, findings = dtindex.parse_methodology("\n".join(lines), "bench.yaml")
    assert methodology is not None, findings
    values = np.random.default_rng(1).random((1_000, len(NAMES)))
    table = dtindex.Table.from_arrays([str(unit) for unit in range(1_000)], NAMES, values)
    index = dtindex.CompositeIndex(methodology).fit(table)
    began = perf_counter()
    made = dtindex.workbook(index, runs=0)
    told = f"{made.formulas:,} formulas, {len(made.content) / 2**20:.1f} MiB"
    report("workbook of 1,000 x 30", perf_counter() - began, None, "s", told)
