"""Write docs/methods/README.md: every method with formula, reference and proof; `python scripts/methods_page.py`.

A test fails when the page is stale, and when a method has no oracle test or no property test: a file of `tests/steps` or
`tests/conformance` (for properties, `tests/properties` or a Hypothesis test) that names the method as a file would; of
answers, which have everyday names, one called after them.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType

from dtindex.steps.aggregate import METHODS as AGGREGATIONS
from dtindex.steps.answers import METHODS as ANSWERS
from dtindex.steps.impute import METHODS as IMPUTATIONS
from dtindex.steps.normalise import METHODS as NORMALISATIONS
from dtindex.steps.transform import METHODS as TRANSFORMATIONS
from dtindex.steps.treat import METHODS as TREATMENTS
from dtindex.steps.weight import METHODS as WEIGHTINGS

ROOT = Path(__file__).parents[1]
PAGE = ROOT / "docs" / "methods" / "README.md"
FAMILIES = {
    "answers": ("Answers", ANSWERS),
    "impute": ("Imputation", IMPUTATIONS),
    "treat": ("Treatment of outliers", TREATMENTS),
    "transform": ("Transformation", TRANSFORMATIONS),
    "normalise": ("Normalisation", NORMALISATIONS),
    "weight": ("Weights", WEIGHTINGS),
    "aggregate": ("Aggregation", AGGREGATIONS),
}


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
    for family, (_, methods) in FAMILIES.items():
        for method, cls in methods.items():
            named = re.compile(rf"""(?<![\w-]){re.escape(method)}(?![\w-])""")
            naming = [path for path, text in texts.items() if named.search(text) and _may_prove(path, family, method)]
            oracles = [path for path in naming if path.match(f"tests/steps/test_{family}*.py")]
            oracles = oracles or [path for path in naming if path.parent.name == "conformance"]
            tried = [path for path in naming if path.parent.name == "properties" or "@given" in texts[path]]
            tried = [path for path in tried if path.parent.name == "properties" or path.match(f"*test_{family}*")]
            summary = _said(cls.__doc__, sys.modules[cls.__module__])
            yield Entry(
                family,
                method,
                summary,
                str(cls.frozen).replace("_", " "),
                cls.reference,
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


def _said(docstring: str | None, module: ModuleType) -> str:
    """The first paragraph of a docstring, with what it says of a function followed by that function's formula."""
    said = " ".join((docstring or "").split("\n\n")[0].split())

    def formula(match: re.Match[str]) -> str:
        told = " ".join((getattr(module, match[1]).__doc__ or "").split("\n\n")[0].split())
        formulas = [span for span in re.findall(r"``(.+?)``", told) if re.search(r" [-+*/=] ", span)]
        return f"``{formulas[0]}``" if formulas else f"the {match[1].replace('_', ' ')}"

    return re.sub(r":func:`(\w+)`", formula, said)


def page() -> str:
    """The page as Markdown: one table a family."""
    found = list(entries())
    lines = [
        "# Methods, and what proves each",
        "",
        "How each is spelled, and what it does with missing values, ties and constants: [reference.md](reference.md).",
        f"{len(found)} methods. `frozen` says whether an edition can score a unit that was not in the reference table: `yes`, or",
        "`against reference` where the score places the unit among the reference units. An oracle test compares with a closed",
        "form, a published figure or an independent implementation; a property test tries what must hold for any input. Made by",
        "`scripts/methods_page.py`; CI fails when a method lacks either.",
    ]
    for family, (title, _) in FAMILIES.items():
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


def _files(names: tuple[str, ...]) -> str:
    # The methods that the properties of same_bits run over stand in its conftest.
    shown = [name.removeprefix("test_").removesuffix(".py").replace("conftest", "same_bits") for name in names]
    return ", ".join(sorted(set(shown), key=shown.index)[:3])


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
