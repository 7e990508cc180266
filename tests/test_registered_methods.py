"""Methods of other packages: a small package is installed, found, listed, checked, used, and named in the record."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import dtindex as dti
from dtindex.extend import FloatArray, Interval, RowWise, State, shared
from dtindex.steps.aggregate import METHODS as AGGREGATIONS
from dtindex.testing import Broken, check_method

SOURCE = '''
"""A package of its own."""

from __future__ import annotations

import numpy as np
from pydantic import BaseModel, ConfigDict

from dtindex.extend import Normaliser, RowWise, Siblings, Weighed, Weighting, shared, shares


class Lehmer(RowWise[object]):
    """``sum w x^p / sum w x^(p-1)``: the Lehmer mean."""

    method = "lehmer"
    reference = "Bullen (2003), Handbook of Means and Their Inequalities"
    monotone = False

    class Settings(BaseModel):
        model_config = ConfigDict(extra="forbid")
        p: float = 2.0

    def formula(self, x, w, state, scale):
        p = self.spec.p
        total, below = np.zeros(x.shape[1]), np.zeros(x.shape[1])
        for share, one in zip(shared(w), x):
            total, below = total + share * one**p, below + share * one ** (p - 1)
        return total / below


class ByPlace(Weighting[object]):
    """``w ~ 1 / place`` in the file."""

    method = "by-place"
    reference = "this package"

    def fit(self, siblings: Siblings) -> Weighed:
        return Weighed(shares(1.0 / np.arange(1, len(siblings.ids) + 1)))


class Root(Normaliser[object]):
    """``high sqrt(x / max)``."""

    method = "root"
    reference = "this package"

    def fit(self, sample):
        return {"most": np.array([np.nanmax(sample.values)])}

    def normalise(self, sample, state):
        return self.bounds[1] * np.sqrt(np.clip(sample.values / state["most"][0], 0, 1))
'''
ENTRY_POINTS = """
[dtindex.aggregate]
lehmer = own_methods:Lehmer
broken = own_methods:Nothing
[dtindex.weights]
by-place = own_methods:ByPlace
[dtindex.normalise]
root = own_methods:Root
"""
METHODOLOGY = """\
schema_version: 1
id: own
title: own
units: {kind: firm, key: firm}
nodes:
  - id: index
    aggregate: {method: registered, name: NAME, settings: {p: 3}}
    weights: {method: registered, name: by-place}
indicators:
  - {id: a, parent: index, normalise: {method: registered, name: root}}
  - {id: b, parent: index, normalise: {method: min-max}}
"""


@pytest.fixture(scope="module")
def package(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """As an installer leaves it: the module, and beside it the metadata of its distribution."""
    folder = tmp_path_factory.mktemp("site")
    (folder / "own_methods.py").write_text(SOURCE, encoding="utf-8")
    about = folder / "own_methods-1.2.dist-info"
    about.mkdir()
    (about / "METADATA").write_text("Metadata-Version: 2.1\nName: own-methods\nVersion: 1.2\n", encoding="utf-8")
    (about / "entry_points.txt").write_text(ENTRY_POINTS, encoding="utf-8")
    (about / "RECORD").write_text("", encoding="utf-8")
    return folder


@pytest.fixture
def run(package: Path, tmp_path: Path) -> Any:
    def call(*words: str) -> subprocess.CompletedProcess[str]:
        path = os.pathsep.join(filter(None, (str(package), os.environ.get("PYTHONPATH"))))
        return subprocess.run(
            [sys.executable, *words],
            cwd=tmp_path,
            env={**os.environ, "PYTHONPATH": path},
            capture_output=True,
            text=True,
        )

    return call


def written(folder: Path, name: str = "lehmer") -> tuple[str, str]:
    methodology, table = folder / "own.yaml", folder / "own.csv"
    methodology.write_text(METHODOLOGY.replace("NAME", name), encoding="utf-8")
    table.write_text("firm,a,b\nx,4,1\ny,16,3\nz,9,2\n", encoding="utf-8")
    return str(methodology), str(table)


def test_it_is_listed_with_its_package(run: Any) -> None:
    said = json.loads(run("-m", "dtindex", "list", "--methods", "--json").stdout)
    assert {"family": "aggregate", "name": "lehmer", "package": "own-methods", "version": "1.2"} in said["registered"]
    assert [one["name"] for one in said["registered"]] == ["root", "by-place", "lehmer"]


def test_it_is_checked_by_the_same_properties(run: Any) -> None:
    program = (
        "from dtindex.testing import check_method; import own_methods as own\n"
        "print(check_method(own.Lehmer, {'p': 2}), check_method(own.ByPlace), check_method(own.Root))"
    )
    done = run("-c", program)
    assert done.returncode == 0, done.stderr
    assert "told apart" in done.stdout
    assert "better never lower" in done.stdout


def test_it_scores_freezes_and_is_named_in_the_record(run: Any, tmp_path: Path) -> None:
    files = written(tmp_path)
    done = run("-m", "dtindex", "score", *files, "-o", "out", "--json")
    assert done.returncode == 0, done.stderr
    record = json.loads((tmp_path / "out" / "run.json").read_text("utf-8"))
    assert record["packages"] == {"own-methods": "1.2"}
    # By hand: a (50, 100, 75), b (0, 100, 50), weights 2/3 and 1/3, p = 3.
    a, b = np.array([50.0, 100, 75]), np.array([0.0, 100, 50])
    expected = (2 * a**3 + b**3) / (2 * a**2 + b**2)
    assert run("-m", "dtindex", "freeze", *files, "-o", "own.dtindex").returncode == 0
    assert run("-m", "dtindex", "verify", "own.dtindex").returncode == 0
    program = (
        "import dtindex as dti, json; e = dti.load_edition('own.dtindex'); s = e.score()\n"
        "u = dti.simulate(e, runs=32); c = s.contributions\n"
        "print(json.dumps([s.column('index').tolist(), c['a'].tolist(), c['b'].tolist(), u.runs]))"
    )
    done = run("-c", program)
    assert done.returncode == 0, done.stderr
    scores, of_a, of_b, runs = json.loads(done.stdout)
    assert scores == pytest.approx(expected.tolist())
    assert [one + other for one, other in zip(of_a, of_b, strict=True)] == pytest.approx(scores)
    assert runs == 32


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("lemer", "nearest is 'lehmer'"),
        ("broken", "cannot be loaded"),
        ("nothing-like-it", "installed are broken, lehmer"),
    ],
)
def test_what_is_not_there_is_told(run: Any, tmp_path: Path, name: str, said: str) -> None:
    done = run("-m", "dtindex", "score", *written(tmp_path, name))
    assert done.returncode == 1
    assert "DT349" in done.stderr
    assert said in done.stderr


def test_settings_are_checked(run: Any, tmp_path: Path) -> None:
    files = written(tmp_path)
    path = Path(files[0])
    path.write_text(path.read_text("utf-8").replace("{p: 3}", "{p: 3, q: 1}"), encoding="utf-8")
    done = run("-m", "dtindex", "score", *files)
    assert (done.returncode, "q: Extra inputs are not permitted" in done.stderr) == (1, True)


def test_without_the_package_it_is_told_too(tmp_path: Path) -> None:
    files = written(tmp_path)
    with pytest.raises(dti.InputError, match="no installed package registers 'lehmer'"):
        dti.CompositeIndex(dti.load_methodology(files[0])).fit(files[1])


# --- what check_method finds ---


class Honest(RowWise[Any]):
    """``sum w x``."""

    method, reference = "honest", "a test"

    def formula(self, x: FloatArray, w: FloatArray, state: State, scale: Interval | None) -> FloatArray:
        return np.asarray((shared(w) * x).sum(axis=0))


def test_the_librarys_own_methods_pass() -> None:
    assert "told apart" in check_method(Honest)
    assert "told apart" in check_method(AGGREGATIONS["arithmetic"])


def broken(**changes: Any) -> type[Any]:
    return type("Changed", (Honest,), {"__doc__": "``sum w x``.", **changes})


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"reference": ""}, "`reference`"),
        ({"frozen": "yes!"}, "Frozen"),
        ({"formula": lambda self, x, w, state, scale: 100 - (shared(w) * x).sum(axis=0)}, "a better member"),
        ({"formula": lambda self, x, w, state, scale: 2 * (shared(w) * x).sum(axis=0)}, "outside of the node's scale"),
        ({"formula": lambda self, x, w, state, scale: (shared(w) * x).sum(axis=0) - x.mean()}, "by itself"),
        ({"fit": lambda self, inputs: {"m": np.eye(2)}}, "axes"),
        ({"combine": lambda self, inputs, state, scale: np.zeros(len(inputs.columns[0]))}, "nothing is known"),
    ],
)
def test_what_does_not_hold_is_said(changes: dict[str, Any], said: str) -> None:
    with pytest.raises(Broken, match=said):
        check_method(broken(**changes))


def test_what_is_none_of_the_three() -> None:
    class Stranger:
        """Nothing."""

    with pytest.raises(Broken, match="Stranger is no Normaliser"):
        check_method(Stranger)
