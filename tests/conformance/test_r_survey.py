"""R's survey 4.1-1 on its own data set `api`: every row of the table of reference values, to the digits printed.

The values were printed by R (Debian's r-cran-survey); `test_r_itself.py` asks R again. The weights of the files have at
most 10 digits, R's data 15: that is where the last of 12 digits of a stratified sample differ.
"""

from __future__ import annotations

import numpy as np
import pytest

import dtindex as dti
from dtindex.analysis.estimate import _rows
from dtindex.analysis.survey.design import design_of
from dtindex.analysis.survey.domains import Domains
from dtindex.analysis.survey.intervals import student
from dtindex.analysis.survey.outcomes import Outcome
from dtindex.analysis.survey.regression import regression
from dtindex.analysis.survey.taylor import Linearisation
from dtindex.spec.design import Design

STRATIFIED = {"strata": "stype"}
STRATIFIED_FPC = {"strata": "stype", "population": ["fpc"]}
CLUSTERS = {"clusters": ["dnum"]}
CLUSTERS_FPC = {"clusters": ["dnum"], "population": ["fpc"]}
TWO_STAGES = {"clusters": ["dnum", "snum"], "population": ["fpc1", "fpc2"]}
TYPES = {"stype": {"E": 4421, "H": 755, "M": 1018}}
POST = {"method": "post-stratify", "margins": TYPES}
RAKE = {"method": "rake", "margins": {**TYPES, "sch.wide": {"No": 1072, "Yes": 5122}}}
TOTALS = {"size": 6194, "margins": TYPES, "numbers": {"api99": 3914069}}

# Name of the row, file, what is asked, estimates and standard errors as R prints them.
TABLE = {
    "apisrs fpc": ("apisrs", {"design": {"population": ["fpc"]}}, ["656.585"], ["9.24972203928"]),
    "apisrs no fpc": ("apisrs", {}, ["656.585"], ["9.40277217088"]),
    "apistrat fpc *": ("apistrat", {"design": STRATIFIED_FPC}, ["662.287363159"], ["9.40894080278"]),
    "apistrat no fpc": ("apistrat", {"design": STRATIFIED}, ["662.287363159"], ["9.53613229693"]),
    "apistrat ratio *": (
        "apistrat", {"design": STRATIFIED_FPC, "of": "api.stu/enroll"}, [".836956886941"], [".00775710316664"]
    ),
    "apistrat total": (
        "apistrat", {"design": STRATIFIED_FPC, "of": "enroll", "kind": "total"}, ["3687177.53244"], ["114641.716101"]
    ),
    "apiclus1 fpc *": ("apiclus1", {"design": CLUSTERS_FPC}, ["644.169398907"], ["23.5422406938"]),
    "apiclus1 no fpc *": ("apiclus1", {"design": CLUSTERS}, ["644.169398907"], ["23.7790107209"]),
    "apiclus2 two stages *": ("apiclus2", {"design": TWO_STAGES}, ["670.811808118"], ["30.0990273768"]),
    "apiclus1 domains *": (
        "apiclus1",
        {"design": CLUSTERS_FPC, "by": "stype"},
        ["648.868055556", "618.571428571", "631.44"],
        ["22.3624088938", "38.0202493594", "31.6094652272"],
    ),
    "apistrat domains": (
        "apistrat",
        {"design": STRATIFIED_FPC, "by": "sch.wide"},
        ["593.746858215", "676.530443657"],
        ["18.6191675056", "10.5203892001"],
    ),
    "apiclus1 JK1 fpc *": (
        "apiclus1", {"design": CLUSTERS_FPC, "replicates": "jk1"}, ["644.169398907"], ["26.3293605895"]
    ),
    "apiclus1 JK1 no fpc *": (
        "apiclus1", {"design": CLUSTERS, "replicates": "jk1"}, ["644.169398907"], ["26.5941613577"]
    ),
    "apistrat JKn": ("apistrat", {"design": STRATIFIED_FPC, "replicates": "jkn"}, ["662.287363159"], ["9.40894080278"]),
    "apiclus1 post-stratified *": (
        "apiclus1", {"design": CLUSTERS_FPC, "calibrate": POST}, ["642.310788212"], ["23.9204864451"]
    ),
    "apiclus1 raked *": (
        "apiclus1", {"design": CLUSTERS_FPC, "calibrate": RAKE}, ["641.230320927"], ["23.7036168879"]
    ),
    "apiclus1 linear calibration *": (
        "apiclus1",
        {"design": CLUSTERS_FPC, "calibrate": {"method": "linear", **TOTALS}},
        ["665.309071166"],
        ["3.4417531164"],
    ),
    "apiclus1 raking distance": (
        "apiclus1",
        {"design": CLUSTERS_FPC, "calibrate": {"method": "multiplicative", **TOTALS}},
        ["665.393795995"],
        ["3.43775354"],  # R stops at 1e-7 of the totals: 3.43775353949, and 3.43775353983 at 1e-12 (test_r_itself.py)
    ),
    "apiclus1 logit bounds": (
        "apiclus1",
        {"design": CLUSTERS_FPC, "calibrate": {"method": "logit", "bounds": [0.7, 1.7], **TOTALS}},
        ["665.460969427"],
        ["3.41998372157"],
    ),
    "apistrat quartiles": (
        "apistrat",
        {"design": STRATIFIED_FPC, "kind": "quantile"},
        ["565", "668", "756"],
        ["15.7194511", "13.1840558", "13.1840558"],
    ),
}  # fmt: skip
DIGITS = 10
"""Of values that R prints with more: R's own weights have more digits than the files."""


@pytest.fixture(scope="module")
def scores(methodology, frame, score):
    known = {}

    def of(name: str) -> dti.Scores:
        if name not in known:
            known[name] = score(methodology("api.yaml"), frame(f"survey_api/{name}.csv"))
        return known[name]

    return of


def significant(text: str) -> int:
    return min(len(text.replace(".", "").lstrip("0")), DIGITS)


def as_printed(value: float, text: str) -> bool:
    digits = significant(text)
    return f"{value:.{digits}g}" == f"{float(text):.{digits}g}"


@pytest.mark.parametrize("row", TABLE)
def test_row(scores, row):
    name, asked, estimates, errors = TABLE[row]
    found = dti.estimate(scores(name), **{"of": "api00", **asked}).frame
    for column, printed in (("estimate", estimates), ("se", errors)):
        own = found[column].tolist()
        assert [as_printed(value, text) for value, text in zip(own, printed, strict=True)] == [True] * len(own), own


@pytest.mark.parametrize(("name", "design", "deff"), [
    ("apistrat", STRATIFIED_FPC, "1.20445726854"),
    ("apiclus1", CLUSTERS_FPC, "9.34586945"),
])  # fmt: skip
def test_design_effects(scores, name, design, deff):
    assert as_printed(dti.estimate(scores(name), of="api00", design=design).frame["deff"][0], deff)


def test_raked_weights(scores):
    """One weight a cell of stype and sch.wide."""
    printed = {
        "E-Yes": 29.8706754927, "E-No": 39.8392362471, "H-Yes": 50.3294011160, "H-No": 67.1255292412,
        "M-Yes": 36.7910248641, "M-No": 49.0690721639,
    }  # fmt: skip
    found = dti.estimate(
        scores("apiclus1"), of="api00", by=["stype", "sch.wide"], design=CLUSTERS_FPC, calibrate=RAKE
    ).frame
    own = {f"{row.stype}-{row[5]}": row.weighted / row.n for row in found.itertuples()}
    # The seventh digit after the point is where 10-digit weights of the file and R's tolerance are felt.
    assert {cell: f"{own[cell]:.7f}" for cell in printed} == {cell: f"{value:.7f}" for cell, value in printed.items()}


def test_factors_of_the_linear_calibration(scores):
    found = dti.estimate(
        scores("apiclus1"), of="api00", design=CLUSTERS_FPC, calibrate={"method": "linear", **TOTALS}
    ).sample["calibration_factors"]
    assert [f"{factor:.5f}" for factor in found] == ["0.41859", "1.83329"]


def _sample(scores, design=STRATIFIED_FPC):
    return design_of(scores, _rows(scores, None), Design.model_validate_json(_json(design)), None)


def _json(design):
    import json

    return json.dumps(design)


def test_design_based_t(scores):
    """svyttest(api00 ~ sch.wide): a regression on one dummy."""
    own = scores("apistrat")
    sample = _sample(own)
    wide = (own.table.texts["sch.wide"][sample.rows] == "Yes").astype(float)
    api00 = own.measured_columns["api00"][sample.rows]
    found = regression(sample, api00, np.column_stack([np.ones_like(wide), wide]))
    difference, error = found.coefficients[1], found.errors[1]
    spread = student(0.95, np.array([found.degrees]))[0] * error
    assert as_printed(difference, "82.7835854422")
    assert f"{difference / error:.6f}" == "3.868382"  # 3.868381908 to the digits that the weights of the file allow
    assert found.degrees == 196
    assert [f"{difference - spread:.4f}", f"{difference + spread:.4f}"] == ["40.5797", "124.9875"]


def test_svyglm(scores):
    """svyglm(api00 ~ ell + meals + mobility)."""
    own = scores("apistrat")
    sample = _sample(own)
    columns = [own.table.texts[name][sample.rows].astype(float) for name in ("ell", "meals", "mobility")]
    api00 = own.measured_columns["api00"][sample.rows]
    found = regression(sample, api00, np.column_stack([np.ones(len(api00)), *columns]))
    assert [f"{one:.7f}" for one in found.coefficients] == ["820.8873159", "-0.4805866", "-3.1415353", "0.2257132"]
    assert [f"{one:.7f}" for one in found.errors] == ["10.0777359", "0.3919734", "0.2839465", "0.3932184"]


def test_weighted_variance(scores):
    """svyvar: the weighted mean of squared distances, times n / (n - 1)."""
    own = scores("apistrat")
    sample = _sample(own)
    api00 = own.measured_columns["api00"][sample.rows]
    mean = np.average(api00, weights=sample.weights)
    squares = (api00 - mean) ** 2 * 200 / 199
    whole = Domains((), ((),), np.zeros(200, dtype=np.intp))
    found = Linearisation(sample, whole, None, 0.95).figures(Outcome("api00", "", "mean", squares))
    assert f"{found.estimates[0]:.7f}" == "15190.5862058"
    assert as_printed(np.sqrt(found.variances[0]), "1255.73997868")


def test_rao_wu(scores):
    """9.43 in a run of 4,000 replicates against 9.536 by Taylor, without a population: 3 % of Monte-Carlo error."""
    found = dti.estimate(scores("apistrat"), of="api00", design=STRATIFIED, replicates=4000, seed=1).frame
    assert found["se"][0] == pytest.approx(9.536, rel=0.03)
    assert found["method"][0] == "Rao-Wu bootstrap, 4000 replicates"


def test_published_of_the_package(scores):
    """The documentation of survey: 662.29 (9.4089), 3687178 (114642), and with replacement 670.81 (30.712)."""
    mean = dti.estimate(scores("apistrat"), of="api00", design=STRATIFIED_FPC).frame.loc[0]
    total = dti.estimate(scores("apistrat"), of="enroll", kind="total", design=STRATIFIED_FPC).frame.loc[0]
    clustered = dti.estimate(scores("apiclus2"), of="api00", design=CLUSTERS).frame.loc[0]
    assert (f"{mean.estimate:.2f}", f"{mean.se:.4f}") == ("662.29", "9.4089")
    assert (f"{total.estimate:.0f}", f"{total.se:.0f}") == ("3687178", "114642")
    assert (f"{clustered.estimate:.2f}", f"{clustered.se:.3f}") == ("670.81", "30.712")


def test_enroll_of_apiclus2_has_gaps(scores):
    """Six schools have no enrolment: they stay in the design with zero. 2639273 (820261) with replacement."""
    found = dti.estimate(scores("apiclus2"), of="enroll", kind="total", design=CLUSTERS).frame.loc[0]
    assert (found.n, f"{found.estimate:.0f}", f"{found.se:.0f}") == (120, "2639273", "820261")
