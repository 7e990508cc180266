"""Write docs/findings.md from the one catalogue of codes; `python scripts/findings_page.py`. A test fails when it is stale."""

from __future__ import annotations

from pathlib import Path

from dtindex.findings import CATALOGUE

PAGE = Path(__file__).parents[1] / "docs" / "findings.md"
FAMILIES = {
    "DT0": "Methodology files",
    "DT1": "Files and containers",
    "DT2": "Tables",
    "DT3": "Numbers",
    "DT4": "Editions and writing",
    "DT7": "The service",
    "DT9": "The program",
}


def page() -> str:
    """The page as Markdown: one table a family."""
    lines = [
        "# Findings",
        "",
        "Everything that dtindex has to say about an input bears a code. `dtindex code DT202` prints an entry. An error stops",
        "(exit 1) and nothing is written; a warning and a note are recorded in the result. Made by `scripts/findings_page.py`.",
    ]
    for family, title in FAMILIES.items():
        lines += ["", f"## {title}", "", "| code | severity | what | why | what to do |", "|---|---|---|---|---|"]
        lines += [
            f"| {code.id} | {code.severity} | {code.title} | {_cell(code.why)} | {_cell(code.remedy)} |"
            for code in CATALOGUE.values()
            if code.id.startswith(family)
        ]
    return "\n".join(lines) + "\n"


def _cell(text: str) -> str:
    return text.replace("|", "\\|")


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
