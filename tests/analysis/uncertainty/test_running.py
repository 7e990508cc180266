"""The same bytes by whatever workers, in whatever pieces, and after any interruption."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import joblib
import numpy as np
import pytest

import dtindex as dti
from dtindex.analysis.simulate import Simulation, simulate
from dtindex.analysis.uncertainty import block as blocks_module
from dtindex.analysis.uncertainty import running, study
from dtindex.analysis.uncertainty.tally import Tally
from dtindex.engine.points import BLOCK_RUNS
from dtindex.engine.rank_counts import RankCounts
from dtindex.spec import parse_methodology
from dtindex.spec.uncertainty import Factor
from dtindex.tables.table import Table

INDEX: dict[str, Any] = {
    "schema_version": 1,
    "id": "made",
    "title": "Made up",
    "units": {"kind": "u", "key": "u"},
    "nodes": [
        {"id": "index"},
        {"id": "a", "parent": "index", "weight": 2},
        {"id": "b", "parent": "index", "weight": 1, "aggregate": {"method": "geometric", "within": [1, 100]}},
    ],
    "indicators": [
        {"id": "a1", "parent": "a", "weight": 1},
        {"id": "a2", "parent": "a", "weight": 3},
        {"id": "b1", "parent": "b"},
        {"id": "b2", "parent": "b", "direction": "lower"},
    ],
    "tiers": [{"node": "index", "method": "thresholds", "levels": [{"id": "high", "at_least": 55}, {"id": "low"}]}],
    "classes": [{"id": "strong", "when": {"id": "index", "quantile": 0.6}}, {"id": "rest"}],
}
# Every kind of draw at once: points, random numbers of a law without points, errors, alternatives, thresholds.
FACTORS = [
    {"id": "w", "node": "index", "dirichlet": 20},
    {"id": "box", "node": "a", "box": 0.5},
    {"id": "noise", "node": "b", "noise": 0.3},
    {"id": "e", "error": 3, "of": ["a1", "b2"]},
    {"id": "r", "error": 0.05, "of": ["b1"], "law": "uniform", "relative": True},
    {"id": "norm", "normalise": [{"method": "min-max"}, {"method": "rank"}], "of": ["a1", "a2"]},
    {"id": "out", "exclude": ["b1"]},
    {"id": "cut", "tiers": "index", "cut": 2},
]
WEIGHTS = [{"id": "w", "simplex": True}]
RUNS = BLOCK_RUNS + 1500
ARRAYS = ("total", "first", "central", "tiers", "sample", "block_means", "block_squares")


def factors(blocks: list[dict[str, Any]]) -> list[Factor]:
    return [Factor.model_validate_json(json.dumps(one)) for one in blocks]


def fitted() -> dti.CompositeIndex:
    methodology, findings = parse_methodology(json.dumps(INDEX), "made.yaml")
    findings.raise_errors()
    values = np.random.default_rng(4).uniform(1, 100, (9, 4))
    table = Table.from_arrays([f"u{unit}" for unit in "ihgfedcba"], ["a1", "a2", "b1", "b2"], values)
    return dti.CompositeIndex(methodology).fit(table)


@pytest.fixture(scope="module")
def index() -> dti.CompositeIndex:
    return fitted()


@pytest.fixture
def small(monkeypatch: pytest.MonkeyPatch) -> None:
    """Blocks of 1,024 runs in place of 32,768, so that a few thousand runs are many blocks."""
    shrink(monkeypatch, 1024)


def shrink(patch: pytest.MonkeyPatch, runs: int) -> None:
    def blocks_of(asked: int) -> list[int]:
        full, rest = divmod(asked, runs)
        return [runs] * full + ([rest] if rest else [])

    for module in (running, study):
        patch.setattr(module, "blocks_of", blocks_of)
    patch.setattr(running, "BLOCK_RUNS", runs)


def contents(found: Simulation) -> dict[str, bytes]:
    """Everything that was counted, to the bit."""
    tally: Tally = found._tally
    arrays = {name: np.ascontiguousarray(getattr(tally, name)).tobytes() for name in ARRAYS}
    arrays["table"] = tally.ranks.table.tobytes()
    arrays |= {f"class {name}": own.tobytes() for name, own in tally.classes.items()}
    arrays["numbers"] = repr((tally.runs, tally.classified, tally.blocks, sorted(tally.failed.items()))).encode()
    return arrays


@pytest.fixture(scope="module")
def once(index: dti.CompositeIndex) -> dict[str, bytes]:
    """What one worker finds in nine blocks and a rest."""
    with pytest.MonkeyPatch.context() as patch:
        shrink(patch, 1024)
        found = simulate(index, factors=factors(FACTORS), runs=9500, seed=5, workers=1)
    assert found.runs == 9500
    return contents(found)


@pytest.mark.usefixtures("small")
class TestSameBytes:
    @pytest.mark.parametrize("workers", [2, 3, -1, None])
    def test_threads(self, index, once, workers):
        assert contents(simulate(index, factors=factors(FACTORS), runs=9500, seed=5, workers=workers)) == once

    @pytest.mark.parametrize("backend", ["threading", "loky"])
    def test_backends_of_joblib(self, index, once, backend):
        """Processes do not see the smaller blocks of this test, which are handed to them all the same."""
        with joblib.parallel_config(backend=backend, n_jobs=2):
            assert contents(simulate(index, factors=factors(FACTORS), runs=9500, seed=5)) == once

    def test_another_seed_is_another_result(self, index, once):
        other = contents(simulate(index, factors=factors(FACTORS), runs=9500, seed=6, workers=1))
        assert all(other[name] != once[name] for name in ("table", "total", "first", "central", "sample"))

    def test_of_more_runs_the_first_blocks_are_the_same(self, index):
        """A block has its own random numbers: what is asked for beyond it does not matter."""
        first = simulate(index, factors=factors(WEIGHTS), runs=2048, seed=5, workers=1)._tally
        whole = simulate(index, factors=factors(WEIGHTS), runs=4096, seed=5, workers=1)._tally
        assert first.samples[0].tobytes() == whole.samples[0].tobytes()
        assert first.samples[1].tobytes() == whole.samples[1].tobytes()


def on_a_cluster() -> None:
    """Print what a Dask cluster of two processes finds, which is started for this and stopped again."""
    from distributed import Client, LocalCluster

    shrink(pytest.MonkeyPatch(), 1024)
    with (
        LocalCluster(n_workers=2, threads_per_worker=1, processes=True, dashboard_address=":0") as cluster,
        Client(cluster),
        joblib.parallel_config(backend="dask"),
    ):
        found = simulate(fitted(), factors=factors(FACTORS), runs=9500, seed=5)
    sys.stdout.write(json.dumps({name: own.hex() for name, own in contents(found).items()}) + "\n")


def test_on_a_cluster(once):
    """In a process of its own, as the cluster brings an event loop and exit handlers; what fails to start may again."""
    for _ in range(3):
        done = subprocess.run([sys.executable, __file__], capture_output=True, text=True, timeout=120, check=False)
        if done.returncode == 0:
            break
    assert done.returncode == 0, done.stderr
    found = json.loads(done.stdout.splitlines()[-1])
    assert {name: bytes.fromhex(own) for name, own in found.items()} == once


@pytest.mark.parametrize(("chunk", "piece"), [(1024, 8192), (4096, 8192), (8192, 4096), (512, 1024)])
def test_pieces_and_chunks_are_of_no_account(index, small, monkeypatch, chunk, piece):
    """Counts are the same, and sums but for the order of adding; not of laws that reject, which draw piece by piece."""
    call: dict[str, Any] = {"factors": factors([one for one in FACTORS if one["id"] != "box"]), "runs": 3000, "seed": 5}
    expected = simulate(index, **call, workers=1)
    monkeypatch.setattr(blocks_module, "chunk_runs", lambda units: chunk)
    monkeypatch.setattr(blocks_module, "PIECE_RUNS", piece)
    found = simulate(index, **call, workers=1)
    own, others = contents(found), contents(expected)
    for name in ("table", "first", "tiers", *(name for name in own if name.startswith("class "))):
        assert own[name] == others[name], name
    for name in ("total", "central"):
        assert getattr(found._tally, name) == pytest.approx(getattr(expected._tally, name), rel=1e-12)
    assert found._tally.sample == pytest.approx(expected._tally.sample, rel=1e-12)


def test_real_blocks(index):
    """Blocks as they are, with two threads and with one."""
    one = simulate(index, factors=factors(FACTORS[:2]), runs=RUNS, seed=1, workers=1)
    two = simulate(index, factors=factors(FACTORS[:2]), runs=RUNS, seed=1, workers=2)
    assert one.runs == RUNS
    assert contents(one) == contents(two)


def test_progress_and_settings_of_blas(index):
    """Told of every wave, and told the truth at the end; BLAS has its threads again afterwards."""
    from threadpoolctl import threadpool_info

    before = [one["num_threads"] for one in threadpool_info()]
    told: list[tuple[int, int]] = []
    with pytest.MonkeyPatch.context() as patch:
        shrink(patch, 64)
        simulate(index, factors=factors(WEIGHTS), runs=1000, workers=1, progress=lambda *one: told.append(one))
    assert told == [(512, 1000), (1000, 1000)]
    assert [one["num_threads"] for one in threadpool_info()] == before


# --- interruptions ---


def stop_at(runs: int) -> Any:
    def progress(done: int, of: int) -> None:
        if done >= runs:
            raise KeyboardInterrupt

    return progress


@pytest.mark.usefixtures("small")
class TestInterrupted:
    @pytest.mark.parametrize("at", [1, 8192])
    @pytest.mark.parametrize("workers", [1, 2])
    def test_taken_up_again(self, index, once, tmp_path, at, workers):
        path = tmp_path / "kept"
        call: dict[str, Any] = {"factors": factors(FACTORS), "runs": 9500, "seed": 5, "checkpoint": path}
        first = simulate(index, **call, workers=workers, progress=stop_at(at))
        assert "DT387" in first.findings.codes
        assert first.done == first.runs < 9500 or workers > 1
        told: list[tuple[int, int]] = []
        second = simulate(index, **call, workers=1, progress=lambda *one: told.append(one))
        assert told[0] == (first.done, 9500), "what is kept is not done again"
        assert "DT387" not in second.findings.codes
        assert contents(second) == once
        third = simulate(index, **call, workers=1)
        assert contents(third) == once, "of a whole checkpoint there is nothing to do"

    def test_without_a_checkpoint_what_is_finished_stands(self, index, small):
        found = simulate(index, factors=factors(FACTORS), runs=20_000, seed=5, workers=1, progress=stop_at(1))
        whole = simulate(index, factors=factors(FACTORS), runs=found.done, seed=5, workers=1)
        assert (found.asked, found.runs) == (20_000, found.done)
        assert found._tally.ranks.table.tobytes() == whole._tally.ranks.table.tobytes()
        assert any("8,192 of 20,000" in one.message for one in found.findings)

    def test_before_the_first_block(self, index, small, monkeypatch):
        """Nothing is known, and nothing is made up."""

        def interrupted(*given: Any) -> None:
            raise KeyboardInterrupt

        monkeypatch.setattr(running, "run_block", interrupted)
        found = simulate(index, factors=factors(WEIGHTS), runs=5000, workers=1)
        assert (found.done, found.runs, found.sampled) == (0, 0, 0)
        assert "DT387" in found.findings.codes
        observed = ["mean", "sd", "low", "median", "high", "least", "most"]
        assert found.rank_intervals[observed].isna().all(axis=None)
        assert np.isnan(found.score_intervals["mean"]).all()
        assert np.isnan(found.rank_probabilities.to_numpy()).all()
        json.dumps(found.to_dict(), allow_nan=False)

    def test_while_a_block_is_merged(self, index, once, tmp_path, monkeypatch):
        """Ctrl-C in the midst of adding up: that block is whole or not there at all."""
        real, calls = RankCounts.merge, []

        def merge(self: RankCounts, other: RankCounts) -> None:
            calls.append(1)
            if len(calls) == 3:
                self.table += 0
                signal.raise_signal(signal.SIGINT)
            real(self, other)

        monkeypatch.setattr(RankCounts, "merge", merge)
        call: dict[str, Any] = {"factors": factors(FACTORS), "runs": 9500, "seed": 5, "workers": 1}
        first = simulate(index, **call, checkpoint=tmp_path / "kept")
        assert (first.done, first.runs) == (3 * 1024, 3 * 1024)
        assert (first._tally.ranks.table.sum(axis=0) == 3 * 1024).all()
        monkeypatch.setattr(RankCounts, "merge", real)
        assert contents(simulate(index, **call, checkpoint=tmp_path / "kept")) == once
        assert signal.getsignal(signal.SIGINT) is signal.default_int_handler

    def test_away_from_the_main_thread(self, index, once):
        """Where no signal can be caught, nothing is asked of signals."""
        from concurrent.futures import ThreadPoolExecutor

        with ThreadPoolExecutor(1) as pool:
            future = pool.submit(simulate, index, factors=factors(FACTORS), runs=9500, seed=5, workers=1)
            assert contents(future.result()) == once


# --- checkpoints of something else ---


@contextmanager
def refused(*words: str) -> Iterator[None]:
    with pytest.raises(dti.InputError) as raised:
        yield
    assert raised.value.findings.errors.codes == ["DT388"]
    assert all(word in raised.value.findings.errors[0].message for word in words), raised.value


BASE: dict[str, Any] = {"factors": factors(WEIGHTS), "runs": 3000, "seed": 5, "workers": 1}


@pytest.fixture(scope="module")
def checkpoint(index: dti.CompositeIndex, tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("kept") / "kept"
    simulate(index, **BASE, checkpoint=path)
    return path


@pytest.mark.parametrize(
    ("other", "word"),
    [
        ({"seed": 6}, "seed"),
        ({"runs": 3001}, "runs"),
        ({"method": "random"}, "method"),
        ({"node": "a", "factors": factors([{"id": "w", "node": "a", "simplex": True}])}, "node"),
        ({"factors": factors([{"id": "w", "dirichlet": 9}])}, "factors"),
        ({"errors": {"a1": {"ua": 2.0}}}, "errors"),
    ],
)
def test_of_another_run(index, checkpoint, other, word):
    with refused("another run", word):
        simulate(index, **{**BASE, **other}, checkpoint=checkpoint)


def test_of_other_errors(index, tmp_path):
    """Standard errors of a caller are no part of a factor, and yet another run."""
    simulate(index, **BASE, errors={"a1": {"ua": 2.0}}, checkpoint=tmp_path / "kept")
    with refused("another run", "errors"):
        simulate(index, **BASE, errors={"a1": {"ua": 2.5}}, checkpoint=tmp_path / "kept")


def test_of_another_table(index, checkpoint):
    table = index.reference_
    values = table.values.copy()
    values[0, 0] += 1
    other = Table.from_arrays(table.units.tolist(), list(table.names), values)
    with refused("another run", "table"):
        simulate(index, other, **BASE, checkpoint=checkpoint)


@pytest.mark.parametrize("damage", ["empty", "text", "array", "cut", "flipped", "no head", "folder", "other archive"])
def test_damaged(index, checkpoint, tmp_path, damage):
    path = tmp_path / "kept"
    whole = bytearray(checkpoint.read_bytes())
    if damage == "empty":
        path.write_bytes(b"")
    elif damage == "text":
        path.write_text("not a checkpoint\n" * 40)
    elif damage == "array":
        with path.open("wb") as stream:
            np.save(stream, np.arange(4))
    elif damage == "cut":
        path.write_bytes(whole[: len(whole) // 2])
    elif damage == "flipped":
        whole[len(whole) // 3] ^= 0xFF
        path.write_bytes(whole)
    elif damage == "no head":
        with path.open("wb") as stream:
            np.savez(stream, table=np.arange(4))
    elif damage == "folder":
        path.mkdir()
    else:
        with path.open("wb") as stream:
            np.savez(stream, head=np.frombuffer(b'"text"', dtype=np.uint8))
    with refused("damaged"):
        simulate(index, **BASE, checkpoint=path)


PROGRAM = """
import sys, time
import numpy as np
import dtindex as dti
from dtindex.spec.uncertainty import Factor
index = dti.CompositeIndex("caict-computing-power-1.0").fit()

def progress(done, of):
    print(done, flush=True)
    time.sleep(0.05)

found = dti.simulate(index, factors=[Factor(id="w", simplex=True)], runs=200_000_000, seed=3, workers=2,
                     progress=progress, checkpoint=sys.argv[1])
print("kept", found.done, found.runs, "DT387" in found.findings.codes, flush=True)
"""


def test_a_process_that_is_interrupted_keeps_what_is_finished(tmp_path):
    """SIGINT as Ctrl-C sends it, to a real process with two threads at work."""
    path = tmp_path / "kept"
    command = [sys.executable, "-c", PROGRAM, str(path)]
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, text=True, env={**os.environ, "PYTHONWARNINGS": ""}
    ) as process:
        assert process.stdout is not None
        process.stdout.readline()
        time.sleep(0.2)
        process.send_signal(signal.SIGINT)
        rest = process.stdout.read().splitlines()
        assert process.wait(timeout=30) == 0
    words = rest[-1].split()
    assert words[0] == "kept"
    assert int(words[1]) == int(words[2]) > 0
    assert words[3] == "True"
    with np.load(path, allow_pickle=False) as stored:
        head = json.loads(bytes(stored["head"]).decode())
        assert head["runs"] == int(words[1])
        assert (stored["table"].sum(axis=0) == head["runs"]).all()


if __name__ == "__main__":
    on_a_cluster()
