"""R's survey asked on the spot: `survey.R` and dtindex read the same files, and say the same to nine digits and more.

It runs where R and its packages survey and MASS are installed (Debian: r-base-core r-cran-survey r-cran-mass). It has
to run where DTINDEX_REQUIRE_R is set, as `.ci/run` does on Debian.
"""

from __future__ import annotations

import json
import math
import os
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

import dtindex as dti
from dtindex.analysis.estimate import _rows
from dtindex.analysis.survey.design import design_of
from dtindex.analysis.survey.regression import regression
from dtindex.spec import parse_methodology
from dtindex.spec.design import Design

R_LACKS = "R with its packages survey and MASS not found"
HERE = Path(__file__).parent
STRAT = {"strata": "stype", "population": ["fpc"]}
CLUS1 = {"clusters": ["dnum"], "population": ["fpc"]}
CLUS2 = {"clusters": ["dnum", "snum"], "population": ["fpc1", "fpc2"]}
COUNTIES = {"strata": "cnum"}
TYPES = {"stype": {"E": 4421, "H": 755, "M": 1018}}
RAKE = {"method": "rake", "margins": {**TYPES, "sch.wide": {"No": 1072, "Yes": 5122}}, "tolerance": 1e-13}
POST = {"method": "post-stratify", "margins": TYPES}
TOTALS = {"margins": TYPES, "numbers": {"api99": 3914069}}
LINEAR = {"method": "linear", **TOTALS}

Asked = dict[str, Any]
# What R calls it: the file, what dtindex is asked, and which two columns are compared with R's two.
CASES: dict[str, tuple[str, Asked]] = {
    "srs": ("apisrs", {"design": {"population": ["fpc"]}}),
    "strat": ("apistrat", {"design": STRAT}),
    "strat no fpc": ("apistrat", {"design": {"strata": "stype"}}),
    "clus1": ("apiclus1", {"design": CLUS1}),
    "clus1 no fpc": ("apiclus1", {"design": {"clusters": ["dnum"]}}),
    "clus2": ("apiclus2", {"design": CLUS2}),
    "total": ("apistrat", {"design": STRAT, "of": "enroll", "kind": "total"}),
    "ratio": ("apistrat", {"design": STRAT, "of": "api.stu/enroll"}),
    "domains": ("apiclus1", {"design": CLUS1, "by": "stype"}),
    "crossed": ("apiclus1", {"design": CLUS1, "by": ["sch.wide", "stype"]}),
    "domain totals": ("apistrat", {"design": STRAT, "of": "enroll", "kind": "total", "by": "sch.wide"}),
    "share": ("apiclus1", {"design": CLUS1, "of": "wide", "kind": "share"}),
    "jk1": ("apiclus1", {"design": CLUS1, "replicates": "jk1"}),
    "jkn": ("apistrat", {"design": STRAT, "replicates": "jkn"}),
    "jk1 ratio": ("apiclus1", {"design": CLUS1, "replicates": "jk1", "of": "api.stu/enroll"}),
    "jkn ratio": ("apistrat", {"design": STRAT, "replicates": "jkn", "of": "api.stu/enroll"}),
    "pairs": ("pairs", {"design": COUNTIES}),
    "pairs total": ("pairs", {"design": COUNTIES, "of": "api00", "kind": "total"}),
    "brr": ("pairs", {"design": COUNTIES, "of": "api00", "kind": "total", "replicates": "brr"}),
    "fay": ("pairs", {"design": COUNTIES, "kind": "total", "replicates": {"method": "brr", "fay": 0.3}}),
    "post": ("apiclus1", {"design": CLUS1, "calibrate": POST}),
    "post domains": ("apiclus1", {"design": CLUS1, "calibrate": POST, "by": "sch.wide"}),
    "post total": ("apiclus1", {"design": CLUS1, "calibrate": POST, "of": "enroll", "kind": "total"}),
    "rake": ("apiclus1", {"design": CLUS1, "calibrate": RAKE}),
    "rake domains": ("apiclus1", {"design": CLUS1, "calibrate": RAKE, "by": "stype"}),
    "linear": ("apiclus1", {"design": CLUS1, "calibrate": LINEAR}),
    "raking": ("apiclus1", {"design": CLUS1, "calibrate": {**TOTALS, "method": "multiplicative"}}),
    "logit": ("apiclus1", {"design": CLUS1, "calibrate": {**TOTALS, "method": "logit", "bounds": [0.7, 1.7]}}),
    "linear domains": ("apiclus1", {"design": CLUS1, "calibrate": LINEAR, "by": "stype"}),
    "post two stages": ("apiclus2", {"design": {"clusters": ["dnum"]}, "calibrate": POST}),
    "post jk1": ("apiclus1", {"design": CLUS1, "calibrate": POST, "replicates": "jk1"}),
    **{
        f"lonely {policy}": ("apistrat", {"design": {**COUNTIES, "lonely": policy}})
        for policy in ("certainty", "adjust", "average")
    },
    **{
        f"lonely total {policy}": (
            "apistrat", {"design": {**COUNTIES, "lonely": policy}, "of": "enroll", "kind": "total"},
        )
        for policy in ("certainty", "adjust", "average")
    },
    **{
        f"quantile{where} {share:g}": (file, {"design": design, "kind": "quantile", "quantiles": [share]})
        for where, file, design in (("", "apistrat", STRAT), (" clus1", "apiclus1", CLUS1))
        for share in (0.1, 0.25, 0.5, 0.9)
    },
    "gaps": ("apiclus2", {"design": CLUS2, "of": "enroll"}),
}  # fmt: skip
DEFFS: dict[str, tuple[str, Asked]] = {
    "deff strat": ("apistrat", {"design": STRAT}),
    "deff clus1": ("apiclus1", {"design": CLUS1}),
    "deff no fpc": ("apistrat", {"design": {"strata": "stype"}}),
    "deff total": ("apistrat", {"design": STRAT, "of": "enroll", "kind": "total"}),
}
INTERVALS: dict[str, tuple[str, Asked]] = {
    "share interval": ("apiclus1", {"design": CLUS1, "of": "wide", "kind": "share"}),
    "share interval strat": ("apistrat", {"design": STRAT, "of": "wide", "kind": "share"}),
}


@pytest.fixture(scope="module")
def printed(reference_data: Path) -> dict[str, list[tuple[float, float]]]:
    """What R says: by name, pairs of an estimate and its error."""
    program = shutil.which("Rscript")
    asked = "quit(status = !(requireNamespace('survey') && requireNamespace('MASS')))"
    if program is None or subprocess.run([program, "-e", asked], capture_output=True).returncode:
        if os.environ.get("DTINDEX_REQUIRE_R"):
            pytest.fail(f"{R_LACKS}, and DTINDEX_REQUIRE_R asks for it")
        pytest.skip(R_LACKS)
    done = subprocess.run(
        [program, str(HERE / "survey.R"), str(reference_data / "survey_api")], capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr
    found: dict[str, list[tuple[float, float]]] = {}
    for line in done.stdout.splitlines():
        name, _, estimate, error = line.strip("|").split("|")
        found.setdefault(name, []).append((float(estimate), float(error)))
    return found


@pytest.fixture(scope="module")
def scores(reference_data: Path) -> Callable[[str], dti.Scores]:
    text = (HERE.parent / "conformance" / "api.yaml").read_text(encoding="utf-8")
    text += "  - {id: wide, column: sch.wide, codes: {'Yes': {value: 1}, 'No': {value: 0}}}\n"
    known: dict[str, dti.Scores] = {}

    def of(name: str) -> dti.Scores:
        if name not in known:
            methodology, findings = parse_methodology(text, "api.yaml")
            assert methodology is not None, findings
            file = reference_data / "survey_api" / f"{'apistrat' if name == 'pairs' else name}.csv"
            frame = pd.read_csv(file, dtype=str, keep_default_na=False)
            if name == "pairs":
                frame = frame[frame.groupby("cnum").cumcount() < 2]
                frame = frame[frame.groupby("cnum")["cnum"].transform("size") == 2]
            known[name] = dti.CompositeIndex(methodology).fit(dti.read_table(frame, methodology)).score()
        return known[name]

    return of


def test_every_answer_of_r_is_compared(printed):
    assert set(printed) == {*CASES, *DEFFS, *INTERVALS, "t test", "glm"}


@pytest.mark.parametrize("name", CASES)
def test_estimates_and_standard_errors(printed, scores, name):
    file, asked = CASES[name]
    found = dti.estimate(scores(file), **{"of": "api00", **asked}).frame
    own = found[["estimate", "se"]].to_numpy(dtype=float, na_value=math.nan)
    np.testing.assert_allclose(own, printed[name], rtol=1e-9)


@pytest.mark.parametrize("name", DEFFS)
def test_design_effects(printed, scores, name):
    file, asked = DEFFS[name]
    found = dti.estimate(scores(file), **{"of": "api00", **asked}).frame
    np.testing.assert_allclose(found[["estimate", "deff"]].to_numpy(dtype=float), printed[name], rtol=1e-9)


@pytest.mark.parametrize("name", INTERVALS)
def test_logit_intervals(printed, scores, name):
    """svyciprop(method = "logit"), which iterates to 1e-8."""
    file, asked = INTERVALS[name]
    found = dti.estimate(scores(file), **asked).frame
    np.testing.assert_allclose(found[["low", "high"]].to_numpy(dtype=float), printed[name], rtol=1e-7)


def test_regressions(printed, scores):
    own = scores("apistrat")
    sample = design_of(own, _rows(own, None), Design.model_validate_json(json.dumps(STRAT)), None)
    api00 = own.measured_columns["api00"][sample.rows]
    one = np.ones(len(api00))
    columns = [own.table.texts[name][sample.rows].astype(float) for name in ("ell", "meals", "mobility")]
    linear = regression(sample, api00, np.column_stack([one, *columns]))
    np.testing.assert_allclose(np.column_stack([linear.coefficients, linear.errors]), printed["glm"], rtol=1e-9)
    wide = own.measured_columns["wide"][sample.rows]
    difference = regression(sample, api00, np.column_stack([one, wide]))
    np.testing.assert_allclose([(difference.coefficients[1], difference.errors[1])], printed["t test"], rtol=1e-9)
