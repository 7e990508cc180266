"""Write docs/methods/README.md: every method with formula, reference and proof; `python scripts/methods_page.py`.

A test fails when the page is stale, and when a method has no oracle test or no property test: a file of `tests/steps` or
`tests/conformance` (for properties, `tests/properties` or a Hypothesis test) that names the method as a file would; of
answers, which have everyday names, one called after them.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from dtindex.steps.answers import METHODS as ANSWERS
from dtindex.steps.catalogue import catalogue

ROOT = Path(__file__).parents[1]
PAGE = ROOT / "docs" / "methods" / "README.md"
FAMILIES = {
    "answers": "Answers",
    "impute": "Imputation",
    "treat": "Treatment of outliers",
    "transform": "Transformation",
    "normalise": "Normalisation",
    "weights": "Weights",
    "aggregate": "Aggregation",
}
FILES = {"weights": "weight"}
"""How test files of a family are named, where that is not its name."""


@dataclass(frozen=True)
class Entry:
    """A method and what proves it."""

    family: str
    method: str
    formula: str
    frozen: str
    reference: str
    oracles: tuple[str, ...]
    properties: tuple[str, ...]


def entries() -> Iterator[Entry]:
    """Every registered method."""
    texts = {path: path.read_text(encoding="utf-8") for path in sorted((ROOT / "tests").glob("*/*.py"))}
    for one in catalogue():
        family, method = FILES.get(one.family, one.family), one.name
        named = re.compile(rf"""(?<![\w-]){re.escape(method)}(?![\w-])""")
        naming = [path for path, text in texts.items() if named.search(text) and _may_prove(path, family, method)]
        oracles = [path for path in naming if path.match(f"tests/steps/test_{family}*.py")]
        oracles = oracles or [path for path in naming if path.parent.name == "conformance"]
        tried = [path for path in naming if path.parent.name == "properties" or "@given" in texts[path]]
        tried = [path for path in tried if path.parent.name == "properties" or path.match(f"*test_{family}*")]
        yield Entry(
            one.family,
            method,
            one.formula,
            one.frozen,
            one.reference,
            tuple(path.name for path in oracles),
            tuple(path.name for path in tried),
        )


def _may_prove(path: Path, family: str, method: str) -> bool:
    """Whether a file that holds the name of a method speaks of it: answers are named by everyday words."""
    of_answers = path.stem.startswith("test_answers")
    if family != "answers":
        return not of_answers
    others = {f"test_answers_{other}" for other in ANSWERS if other != method}
    return of_answers and path.stem not in others


def page() -> str:
    """The page as Markdown: one table a family."""
    found = list(entries())
    lines = [
        "# Methods, and what proves each",
        "",
        "How each is spelled, and what it does with missing values, ties and constants: [reference.md](reference.md).",
        f"{len(found)} methods: {_counted(found)}. `dtindex list --methods` prints them. `frozen` says",
        "whether an edition can score a unit that was not in the reference table: `yes`, `against reference` where the score",
        "places the unit among the reference units, or `no` where a table is ranked as a set. An oracle test compares with a",
        "closed form, a published figure or an independent implementation; a property test tries what must hold for any input.",
        "Made by `scripts/methods_page.py`; CI fails when a method lacks either.",
    ]
    for family, title in FAMILIES.items():
        lines += [
            "",
            f"## {title}",
            "",
            "| method | what it is | frozen | reference | oracle | property |",
            "|---|---|---|---|---|---|",
        ]
        for one in found:
            if one.family == family:
                cells = (
                    f"`{one.method}`",
                    one.formula,
                    one.frozen,
                    one.reference,
                    _files(one.oracles),
                    _files(one.properties),
                )
                lines.append("| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |")
    return "\n".join(lines) + "\n"


def _counted(found: list[Entry]) -> str:
    return ", ".join(f"{sum(one.family == family for one in found)} {family}" for family in FAMILIES)


def _files(names: tuple[str, ...]) -> str:
    # The methods that the properties of same_bits run over stand in its conftest.
    shown = [name.removeprefix("test_").removesuffix(".py").replace("conftest", "same_bits") for name in names]
    return ", ".join(sorted(set(shown), key=shown.index)[:3])


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
