"""The assessment of SMEs of 2024: the published numbers are in the file, and the official sentences are not.

Weights, maxima and points: three public copies of the questionnaire of 工信厅企业〔2024〕56号, which agree on all of
them but the sharing out of the ten points of data collection. Rule of the levels: one of these copies.
"""

from __future__ import annotations

import hashlib
import math

import pytest

import dtindex
from dtindex.shipped import shipped
from dtindex.spec.base import Origin, ProvenanceNote
from dtindex.spec.questions import MultipleQuestion, NumberQuestion, ScaleQuestion, SingleQuestion

SME = "miit-sme-digital-2024"
# Weights in per cent of the node above, as the copies print them.
WEIGHTS = {
    "foundation": 50, "management": 30, "outcome": 20,
    "equipment": 40, "data_collection": 20, "information_systems": 20, "security": 20,
    "planning": 50, "resources": 50,
    "green": 35, "quality": 35, "market": 30,
    "networks": 40, "equipment_digitised": 30, "equipment_networked": 30,
    "automatic_collection": 100, "systems_coverage": 100,
    "network_security": 50, "data_security": 50,
    "commitment": 50, "rules": 50, "people": 50, "funding": 50,
    "energy": 100, "pass_rate": 100, "revenue_per_head": 50, "cost_ratio": 50,
}  # fmt: skip
# Points of the answers in the order of the questionnaire.
POINTS = {
    "networks": [0, 2, 2, 2, 2],
    "equipment_digitised": [0, 1.5, 3, 4.5, 6],
    "equipment_networked": [0, 1.5, 3, 4.5, 6],
    "automatic_collection": [0, *[0.7] * 13, 0.9],
    "systems_coverage": [0, 2.5, 5, 7.5, 10],
    "network_security": [0, 1.25, 1.25, 1.25, 1.25],
    "data_security": [0, 1.25, 1.25, 1.25, 1.25],
    "commitment": [0, 1.5, 3, 4.5, 6, 7.5],
    "rules": [0, 1.875, 1.875, 1.875, 1.875],
    "people": [0, 1.5, 1.5, 1.5, 1.5, 1.5],
    "funding": [0, 1.875, 3.75, 5.625, 7.5],
    "energy": [0, 3.5, 7],
    "pass_rate": [0, 3.5, 7],
    "revenue_per_head": [0, 1.5, 3],
    "cost_ratio": [0, 1.5, 3],
}
MAXIMA = [8, 6, 6, 10, 10, 5, 5, 7.5, 7.5, 7.5, 7.5, 7, 7, 3, 3]
BINDING = [
    "产品设计",
    "营销管理",
    "生产管控",
    "质量管理",
    "设备管理",
    "安全生产",
    "能耗管理",
    "采购管理",
    "仓储物流",
    "财务管理",
]
OTHERS = ["工艺设计", "售后服务", "计划排程", "人力资源", "协同办公", "决策支持"]
# Level: points, scenes, binding scenes.
GATE = {4: (80, 10, 6), 3: (60, 8, 5), 2: (40, 6, 3), 1: (20, 6, 3)}
# The first 16 digits of the SHA-256 of each official title and answer of more than 8 characters, by its length: enough
# to know a sentence again, without printing it here.
SENTENCES = {
    10: "5a4dd6b70851cc8b 95308873255aed20",
    11: "58034ceccf68bf27 c01cdc6e54798708",
    13: "b864d4527d900c9e 630535395580289e 92009b66a2da084e 71c6b5f58fc50775 0f601f26f4447421",
    14: "946abdfc63b48097 1c89922f1f1ac981",
    15: "309787d2ee72bbe9 0a21b3ed5d4fbd05 c9b49ae3f2803c97",
    16: "2f2ad0d3667d305a 61f1aa97baae3d9a 242a49fc67cea3f2 b0f6cde893d45494",
    17: "0716cb634653db56",
    19: "0d598aa047fd7e28 7d096f5dce13c11e",
    20: "40d2979726dc13f0 ea3fa1f0bb834ceb",
    21: "689726fc7b24cdba 62066f2111a8016c 140cc3e782e64f90 0c167cddee1efc6a",
    23: "5fac63aed7cbba28",
    25: "98b709e86e980c27",
    26: "43eeba21ac622538 fc860950b00500a4",
    27: "0a0f051fc10c36bc",
    28: "5f3cf8605f6f4eec db5d0acc36b17966",
    29: "2abf8a971260584e",
    30: "ea46408c7581722f 7a3222217376d4cf",
    34: "45954cc29021667b 5404379260b53b83",
    35: "d5881e939d1f19b2",
    36: "2bf60f3620735014",
    42: "d58f2e8a2e47672f",
    51: "c5388ea871d1bb87",
}


@pytest.fixture(scope="module")
def methodology() -> dtindex.Methodology:
    return dtindex.load_methodology(SME)


def share(methodology: dtindex.Methodology, item: str) -> float:
    """Product of the weights' shares down to an item."""
    tree, parent = methodology.tree, methodology.tree.items[item].parent
    if parent is None:
        return 1.0
    weights = {child: tree.items[child].weight for child in tree.children[parent]}
    return share(methodology, parent) * weights[item] / sum(weights.values())


def points(question: MultipleQuestion | SingleQuestion | NumberQuestion) -> list[float | None]:
    if isinstance(question, NumberQuestion):
        assert question.bands is not None
        return list(question.bands.points)
    return [option.points for option in question.options]


def test_weights_as_published(methodology: dtindex.Methodology) -> None:
    tree = methodology.tree
    assert {item: tree.items[item].weight for item in tree.walk("index") if item != "index"} == WEIGHTS


def test_weights_multiply_to_the_maxima_of_the_items(methodology: dtindex.Methodology) -> None:
    """So a mean of the items' scores from 0 to 100 is the sum of their points."""
    scored = methodology.tree.scored
    assert [100 * share(methodology, item) for item in scored] == pytest.approx(MAXIMA, abs=1e-12)
    assert [methodology.tree.indicators[item].normalise.best for item in scored] == pytest.approx(MAXIMA, abs=1e-12)
    assert {methodology.tree.indicators[item].normalise.worst for item in scored} == {0.0}
    assert math.fsum(MAXIMA) == 100


def test_points_as_published(methodology: dtindex.Methodology) -> None:
    questions = methodology.tree.questions
    found = {item: points(questions[methodology.tree.items[item].from_]) for item in methodology.tree.scored}
    assert found == POINTS


def test_bands_belong_to_the_lower_side_of_their_edges(methodology: dtindex.Methodology) -> None:
    """(10 %, 20 %]: ten per cent is in the lowest band."""
    numbers = [question for question in methodology.questions if isinstance(question, NumberQuestion)]
    assert [question.id for question in numbers] == ["Q2", "Q3", "Q11"]
    for question in numbers:
        assert question.bands is not None
        assert question.bands.edges == (10, 20, 40, 60)
        assert question.bands.closed == "right"
        assert question.range == (0, 100)


def test_none_excludes_the_other_answers(methodology: dtindex.Methodology) -> None:
    multiple = [question for question in methodology.questions if isinstance(question, MultipleQuestion)]
    assert [question.id for question in multiple] == ["Q1", "Q4", "Q6", "Q7", "Q9", "Q10"]
    assert [[option.id for option in question.options if option.alone] for question in multiple] == [["none"]] * 6


def test_sixteen_scenes_of_which_ten_bind(methodology: dtindex.Methodology) -> None:
    scenes = {item.name("zh"): item for item in methodology.indicators if "scene" in item.tags}
    assert {name.removeprefix("场景：") for name in scenes} == {*BINDING, *OTHERS}
    assert {name.removeprefix("场景：") for name, item in scenes.items() if "binding" in item.tags} == set(BINDING)
    assert all(item.parent is None for item in scenes.values())
    for item in scenes.values():
        question = methodology.tree.questions[item.from_]
        assert isinstance(question, ScaleQuestion)
        assert (question.first, question.points) == (0, 5)


def test_rule_of_the_levels(methodology: dtindex.Methodology) -> None:
    *levels, below = methodology.classes
    assert [rule.id for rule in levels] == [f"level-{level}" for level in GATE]
    for rule, (level, (score, scenes, binding)) in zip(levels, GATE.items(), strict=True):
        assert rule.when is not None
        assert rule.when.all is not None
        on_score, *counts = rule.when.all
        assert (on_score.id, on_score.at_least) == ("index", score)
        assert [(one.count.tag, one.count.at_least, one.at_least) for one in counts if one.count] == [
            ("scene", level, scenes),
            ("binding", level, binding),
        ]
    assert (below.id, below.when) == ("below", None)


def test_what_rests_on_one_source_says_so(methodology: dtindex.Methodology) -> None:
    for rule in methodology.classes:
        assert isinstance(rule.provenance, ProvenanceNote)
        assert rule.provenance.source == "self_assessment"
        assert str(rule.provenance.check).startswith("Single secondary source")
    for item in WEIGHTS:
        weight = methodology.tree.items[item].provenance["weight"]
        assert isinstance(weight, ProvenanceNote)
        assert (weight.origin, weight.check) == (Origin.PUBLISHED, "Two independent public copies agree")
    shared_out = methodology.tree.items["automatic_collection"].provenance["points"]
    assert isinstance(shared_out, ProvenanceNote)
    assert "the two others give each of the 14 parts 10/14" in str(shared_out.check)


def test_every_item_must_be_answered(methodology: dtindex.Methodology) -> None:
    assert {node.coverage.at_least for node in methodology.tree.nodes.values()} == {1}


def test_no_official_sentence_is_copied() -> None:
    sentences = {length: set(digests.split()) for length, digests in SENTENCES.items()}
    assert sum(map(len, sentences.values())) == 43
    assert copied(shipped("methodology", f"{SME}.yaml").read_text(encoding="utf-8"), sentences) == []


def test_a_copied_sentence_would_be_found() -> None:
    assert copied("id: Q1\nlabel: {zh: 这一句话并非官方表述}", {10: {digest("这一句话并非官方表述")}}) == [
        "这一句话并非官方表述"
    ]


def copied(text: str, sentences: dict[int, set[str]]) -> list[str]:
    """Pieces of a line that are one of the sentences."""
    pieces = (
        line[start : start + length]
        for line in text.splitlines()
        for length in sentences
        for start in range(len(line) - length + 1)
    )
    return [piece for piece in pieces if digest(piece) in sentences[len(piece)]]


def digest(piece: str) -> str:
    return hashlib.sha256(piece.encode()).hexdigest()[:16]
