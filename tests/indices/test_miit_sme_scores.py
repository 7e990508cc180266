"""The assessment of SMEs of 2024: scores and levels of firms, against a rule written here from the published numbers.

Source: ``miit_sme_2024.json`` of the reference data: maxima, points and scenes from public copies of the questionnaire
of 工信厅企业〔2024〕56号 that agree, the rule of the levels from one of them.
"""

from __future__ import annotations

import json
import math
import random
import re
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from fractions import Fraction
from pathlib import Path
from typing import Any, TypeAlias

import numpy as np
import pandas as pd
import pytest

import dtindex
from dtindex.engine.keys import score_keys
from dtindex.findings import InputError
from dtindex.spec.questions import MultipleQuestion, NumberQuestion, SingleQuestion
from dtindex.steps.classify import Figures, classify

SME = "miit-sme-digital-2024"
FIRMS = 4000
Published: TypeAlias = dict[str, Any]
Firm: TypeAlias = dict[str, Any]
"""By question: positions of the options chosen (a list), a level of a scene (a number), or None for no answer."""


@pytest.fixture(scope="module")
def published(reference_data: Path) -> Published:
    found: Published = json.loads((reference_data / "miit_sme_2024" / "miit_sme_2024.json").read_text("utf-8"))
    return found


@pytest.fixture(scope="module")
def methodology() -> dtindex.Methodology:
    return dtindex.load_methodology(SME)


@pytest.fixture(scope="module")
def edition(methodology: dtindex.Methodology, published: Published) -> dtindex.Edition:
    """Fitted on two firms: goalposts are those of the questions, so nobody else could make a difference."""
    index = dtindex.CompositeIndex(methodology)
    return index.fit(table_of([best(published), worst(published)], methodology, published)).freeze("two firms")


# --- the rule, in plain Python from the published numbers ---


def score_of(firm: Firm, published: Published) -> float | None:
    """The sum of the points of the options chosen; none where one of the items has no answer."""
    chosen = [(item, firm[item["code"]]) for item in published["items"]]
    if any(options is None for _, options in chosen):
        return None
    return math.fsum(item["options"][option]["score"] for item, options in chosen for option in options)


def level_of(firm: Firm, published: Published) -> str:
    """The highest level of which all three conditions hold, when all that is unknown is at its worst.

    Where it would be another one at best, nobody knows.
    """
    score = score_of(firm, published)
    levels = [(firm[f"S{at}"], scene["constraint"]) for at, scene in enumerate(published["scenes"], 1)]
    for rule in sorted(published["level_rule"], key=lambda rule: -rule["level"]):
        if reaches(rule, -math.inf if score is None else score, levels, at_worst=0):
            return f"level-{rule['level']}"
        if reaches(rule, math.inf if score is None else score, levels, at_worst=4):
            return "unknown"
    return "below"


def reaches(rule: Mapping[str, Any], score: float, levels: Sequence[tuple[int | None, bool]], at_worst: int) -> bool:
    filled = [(at_worst if level is None else level, binding) for level, binding in levels]
    scenes = sum(level >= rule["level"] for level, _ in filled)
    binding = sum(level >= rule["level"] for level, binds in filled if binds)
    return (
        score >= rule["min_score"] - 1e-9
        and scenes >= rule["min_scenes_at_level"]
        and binding >= rule["min_constraint_scenes_at_level"]
    )


# --- firms, and how they would fill in the questionnaire ---


def best(published: Published) -> Firm:
    firm: Firm = {
        item["code"]: list(range(1, len(item["options"]))) if item["type"] == "multi" else [len(item["options"]) - 1]
        for item in published["items"]
    }
    return firm | {f"S{at}": 4 for at in range(1, 17)}


def worst(published: Published) -> Firm:
    return {item["code"]: [0] for item in published["items"]} | {f"S{at}": 0 for at in range(1, 17)}


def lowered(published: Published, *codes: str) -> Firm:
    """The best firm, with these items answered with none."""
    return best(published) | {code: [0] for code in codes}


def with_scenes(firm: Firm, published: Published, binding: int, others: int, level: int = 4, rest: int = 0) -> Firm:
    """So many binding scenes and so many others at a level, the rest at another."""
    left = {True: binding, False: others}
    found = dict(firm)
    for at, scene in enumerate(published["scenes"], 1):
        found[f"S{at}"] = level if left[scene["constraint"]] > 0 else rest
        left[scene["constraint"]] -= 1
    assert max(left.values()) <= 0
    return found


def drawn(rng: random.Random, published: Published) -> Firm:
    """A firm of some ability, near which its answers lie; one of ten leaves gaps."""
    ability, gaps = rng.random() ** 0.7, rng.choice([0.0] * 9 + [0.03])
    firm: Firm = {}
    for item in published["items"]:
        last = len(item["options"]) - 1
        if item["type"] == "multi":
            firm[item["code"]] = [at for at in range(1, last + 1) if rng.random() < ability] or [0]
        else:
            firm[item["code"]] = [min(last, max(0, round(ability * last + rng.gauss(0, 0.7))))]
    for at in range(1, 17):
        firm[f"S{at}"] = min(4, max(0, round(ability * 4.4 + rng.gauss(0, 0.8))))
    return {name: None if rng.random() < gaps else answer for name, answer in firm.items()}


def value_of(question: Any, answer: Any, published: Published, rng: random.Random | None = None) -> Any:
    """An answer as ids, or as a number of the band that is printed."""
    if answer is None or not isinstance(answer, list):
        return answer
    if isinstance(question, MultipleQuestion):
        return [question.options[at].id for at in answer]
    if isinstance(question, SingleQuestion):
        return question.options[answer[0]].id
    assert isinstance(question, NumberQuestion)
    item = next(item for item in published["items"] if item["code"] == question.id)
    band = re.fullmatch(r"([\[(])(\d+)%?,(\d+)%\]", item["options"][answer[0]]["text"])
    assert band is not None
    low, high = float(band[2]), float(band[3])
    least = low if band[1] == "[" else math.nextafter(low, high)
    return high if rng is None else rng.choice([least, (low + high) / 2, high])


def table_of(
    firms: Sequence[Firm], methodology: dtindex.Methodology, published: Published, seed: int = 1
) -> dtindex.Table:
    """Read as a table that somebody filled in: ids of options joined, numbers at the edges of their bands, gaps."""
    rng = random.Random(seed)
    columns: dict[str, list[str]] = {"enterprise": [f"f{at:05d}" for at in range(len(firms))]}
    for name, question in methodology.tree.questions.items():
        values = [value_of(question, firm[name], published, rng) for firm in firms]
        columns[name] = [";".join(value) if isinstance(value, list) else words(value) for value in values]
    return dtindex.read_table(pd.DataFrame(columns), methodology)


def words(value: Any) -> str:
    return "" if value is None else str(value)


def values_of(firm: Firm, methodology: dtindex.Methodology, published: Published) -> dict[str, Any]:
    """As a program hands them over."""
    return {name: value_of(question, firm[name], published) for name, question in methodology.tree.questions.items()}


@pytest.fixture(scope="module")
def result_of(
    methodology: dtindex.Methodology, published: Published, edition: dtindex.Edition
) -> Callable[[Firm], tuple[float | None, str | None]]:
    """Score and level of one firm; alone and in a table they are the same."""

    def run(firm: Firm) -> tuple[float | None, str | None]:
        found = edition.score_unit(values_of(firm, methodology, published))
        scores = edition.score(table_of([firm], methodology, published))
        assert scores.column("index").tolist() == pytest.approx(
            [math.nan if found.scores["index"] is None else found.scores["index"]], abs=0, nan_ok=True
        )
        assert scores.class_values["class"].tolist() == [found.classes["class"]]
        return found.scores["index"], found.classes["class"]

    return run


# --- what must be so ---

ResultOf: TypeAlias = Callable[[Firm], tuple[float | None, str | None]]


def test_all_best_is_100_and_all_none_is_0(published: Published, result_of: ResultOf) -> None:
    assert result_of(best(published)) == (pytest.approx(100, abs=1e-9), "level-4")
    assert result_of(worst(published)) == (0, "below")


@pytest.mark.parametrize("binding", [6, 7, 9])
def test_85_points_with_9_scenes_at_level_4(binding: int, published: Published, result_of: ResultOf) -> None:
    """Enough points and binding scenes for level 4, and one scene too few: level 3."""
    firm = with_scenes(lowered(published, "Q12", "Q14", "Q6"), published, binding, 9 - binding)
    assert score_of(firm, published) == 85
    assert result_of(firm) == (pytest.approx(85, abs=1e-9), "level-3")


@pytest.mark.parametrize(("binding", "level"), [(5, "level-3"), (6, "level-4")])
def test_80_points_with_10_scenes(binding: int, level: str, published: Published, result_of: ResultOf) -> None:
    """80 is enough; of ten scenes at level 4 six must bind."""
    firm = with_scenes(lowered(published, "Q12", "Q14", "Q6", "Q7"), published, binding, 10 - binding)
    assert score_of(firm, published) == 80
    assert result_of(firm) == (pytest.approx(80, abs=1e-9), level)


def test_every_number_of_the_gate(published: Published, result_of: ResultOf) -> None:
    """At each level: the fewest scenes and binding scenes are enough, one of either fewer is not."""
    for rule in published["level_rule"]:
        level, scenes, binding = rule["level"], rule["min_scenes_at_level"], rule["min_constraint_scenes_at_level"]
        reached = with_scenes(best(published), published, binding, scenes - binding, level)
        assert result_of(reached)[1] == f"level-{level}"
        for fewer in (
            with_scenes(best(published), published, binding, scenes - binding - 1, level),
            with_scenes(best(published), published, binding - 1, min(scenes - binding + 1, 6), level),
        ):
            assert result_of(fewer)[1] == level_of(fewer, published)
            assert result_of(fewer)[1] != f"level-{level}"


# --- around 40 points ---


def attainable(published: Published) -> dict[Fraction, Firm]:
    """Every score that answers can bring, exactly, with answers that do; all combinations of all items."""
    found: dict[Fraction, Firm] = {Fraction(0): {}}
    for item in published["items"]:
        points = [Fraction(str(option["score"])) for option in item["options"]]
        own: dict[Fraction, list[int]] = {}
        if item["type"] == "multi":
            own = {Fraction(0): [0]}
            for at in range(1, len(points)):
                for total, chosen in list(own.items()):
                    own.setdefault(total + points[at], [at] if chosen == [0] else [*chosen, at])
        else:
            own = {point: [at] for at, point in enumerate(points)}
        wider: dict[Fraction, Firm] = {}
        for total, firm in found.items():
            for point, chosen in own.items():
                wider.setdefault(total + point, {**firm, item["code"]: chosen})
        found = wider
    return found


def test_40_points_and_the_nearest_score_below(published: Published, result_of: ResultOf) -> None:
    """Points come in fortieths: 39.99 is no score of these answers, and 39.975 is the nearest to 40 from below."""
    scores = attainable(published)
    assert Fraction("39.99") not in scores
    below = max(score for score in scores if score < 40)
    assert below == Fraction("39.975")
    scenes = {f"S{at}": 2 for at in range(1, 17)}
    for score, level in ((Fraction(40), "level-2"), (below, "level-1")):
        firm = scores[score] | scenes
        assert result_of(firm) == (pytest.approx(float(score), abs=1e-9), level)
        assert level_of(firm, published) == level


@pytest.mark.parametrize(
    ("gate", "levels"),
    [
        (80, ("level-4", "level-3")),
        (60, ("level-3", "level-2")),
        (40, ("level-2", "level-1")),
        (20, ("level-1", "below")),
    ],
)
def test_the_rule_itself_around_a_gate(gate: int, levels: tuple[str, str], methodology: dtindex.Methodology) -> None:
    """On made scores: 40 and what its last digits do not part from it, and 39.99."""
    scores = np.array([gate, gate - 1e-12, gate + 0.01, gate - 0.01, gate - 1e-8])
    figures = Figures(
        rows=len(scores),
        keys=lambda item: score_keys(scores, 100.0),
        widths={"index": 100.0},
        measured={item: np.full(len(scores), 4.0) for item in methodology.tree.tagged["scene"]},
        reference=lambda item: [],
        tagged=methodology.tree.tagged,
    )
    reached, short = levels
    assert classify(methodology.classes, figures).tolist() == [reached, reached, reached, short, short]


# --- many firms ---


@pytest.fixture(scope="module")
def firms(published: Published) -> list[Firm]:
    rng = random.Random(2024)
    return [drawn(rng, published) for _ in range(FIRMS)]


@pytest.fixture(scope="module")
def scored(
    firms: list[Firm], methodology: dtindex.Methodology, published: Published, edition: dtindex.Edition
) -> dtindex.Scores:
    return edition.score(table_of(firms, methodology, published), ranked_against="reference")


def test_scores_of_4000_firms(firms: list[Firm], scored: dtindex.Scores, published: Published) -> None:
    expected = [score_of(firm, published) for firm in firms]
    for found, score in zip(scored.column("index").tolist(), expected, strict=True):
        assert found == pytest.approx(math.nan if score is None else score, abs=1e-9, nan_ok=True)
    assert 50 < expected.count(None) < 1000


def test_levels_of_4000_firms(firms: list[Firm], scored: dtindex.Scores, published: Published) -> None:
    expected = [level_of(firm, published) for firm in firms]
    assert scored.class_values["class"].tolist() == expected
    count = Counter(expected)
    assert set(count) == {"level-4", "level-3", "level-2", "level-1", "below", "unknown"}
    assert min(count.values()) > 50


def test_points_of_each_item_of_4000_firms(
    firms: list[Firm], scored: dtindex.Scores, methodology: dtindex.Methodology, published: Published
) -> None:
    for item in published["items"]:
        indicator = next(one.id for one in methodology.indicators if one.from_ == item["code"])
        answers = [firm[item["code"]] for firm in firms]
        points = [math.nan if own is None else math.fsum(item["options"][at]["score"] for at in own) for own in answers]
        assert scored.measured_columns[indicator].tolist() == pytest.approx(points, abs=1e-12, nan_ok=True)


def test_a_firm_alone_is_as_in_the_table(
    firms: list[Firm],
    scored: dtindex.Scores,
    methodology: dtindex.Methodology,
    published: Published,
    edition: dtindex.Edition,
) -> None:
    """Score to the bit, level, status and rank, of three hundred of them."""
    for row, firm in enumerate(firms[:300]):
        found = edition.score_unit(values_of(firm, methodology, published))
        for column, item in enumerate(scored.items):
            value = scored.values[row, column]
            assert found.scores[item] == (None if np.isnan(value) else value)
            assert (found.ranks[item] or 0) == scored.rank(item)[row]
        assert found.classes["class"] == scored.class_values["class"][row]
        assert found.status["index"] == scored.status["index"].iloc[row]


def test_none_beside_another_answer_is_refused(published: Published, result_of: ResultOf) -> None:
    with pytest.raises(InputError) as raised:
        result_of(best(published) | {"Q1": [0, 1]})
    assert raised.value.findings.errors.codes == ["DT230"]
