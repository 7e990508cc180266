"""A methodology or an edition as `show` prints it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from dtindex.cli.console import Console
from dtindex.cli.inputs import Subject
from dtindex.cli.questionnaire import print_questionnaire
from dtindex.cli.tree_table import TreeTable
from dtindex.cli.words import kind_word, say
from dtindex.spec.base import Language, ProvenanceNote, text

if TYPE_CHECKING:
    from dtindex.edition import Edition
    from dtindex.spec.methods import Tiers
    from dtindex.spec.model import Methodology

__all__ = ["print_subject"]


def print_subject(console: Console, subject: Subject) -> None:
    """Everything that a reader wants to know of a methodology or an edition."""
    methodology, edition = subject.methodology, subject.edition
    language = console.language
    _print_head(console, methodology)
    if edition is not None:
        _print_edition(console, edition)
    weights = None if edition is None else edition.fitted.effective_weights()
    console.say()
    _print_tree(console, TreeTable(methodology, language, console.draws, weights or {}))
    _print_measured(console, methodology)
    for tiers in methodology.tiers:
        console.say()
        console.say(_tiers(tiers, methodology, language))
    print_questionnaire(console, methodology)
    _print_sources(console, methodology)
    _print_assumptions(console, methodology)
    console.say()
    console.say(f"hash         {methodology.hash}")
    console.say(f"scores hash  {methodology.scores_hash}")


def _print_tree(console: Console, tree: TreeTable) -> None:
    """As a table where there is room for one, else an item below the other."""
    table = tree.table()
    if console.fits(table):
        console.show(table)
    else:
        console.say("\n".join(tree.lines()))


def _print_head(console: Console, methodology: Methodology) -> None:
    language = console.language
    units = methodology.units
    console.say(text(methodology.title, language), "bold")
    facts = [methodology.id, f"{say('units', language)}: {kind_word(units.kind, language)} ({units.key})"]
    facts += [f"codelist {units.codelist}"] if units.codelist else []
    facts += [f"period {units.period}"] if units.period else []
    scale = methodology.scale
    facts.append(
        f"{say('scale', language)}: {say('open', language) if scale == 'open' else f'{scale[0]:g}–{scale[1]:g}'}"
    )
    facts += [f"{say('data', language)}: {methodology.data_}"] if methodology.data_ else []
    console.say(" · ".join(facts), "dim")
    if methodology.description is not None:
        console.paragraph(text(methodology.description, language))


def _print_edition(console: Console, edition: Edition) -> None:
    rows = "its rows are not included" if edition.table is None else f"{len(edition.table)} rows, included"
    versions = ", ".join(f"{name} {version}" for name, version in edition.recorded.get("versions", {}).items())
    console.say()
    console.say(f"{say('edition', console.language)} {edition.name}", "bold")
    console.say(f"hash       {edition.hash}")
    console.say(f"fitted on  table {edition.table_hash[:12]}, {rows}")
    console.say(f"versions   {versions or 'not saved yet'}")
    for name in edition.fitted.assumptions:
        console.say(f"ASSUMPTION {name}: these scores rest on it", "bold yellow")


def _print_measured(console: Console, methodology: Methodology) -> None:
    measured = [item for item in methodology.indicators if item.parent is None]
    if not measured:
        return
    language = console.language
    console.say()
    console.say(say("measured", language), "bold")
    for item in measured:
        made = f" (= {item.derive.method})" if item.derive is not None else ""
        console.say(f"  {item.id}{made}: {item.name(language)}")


def _tiers(tiers: Tiers, methodology: Methodology, language: Language) -> str:
    origin = tiers.provenance.origin if isinstance(tiers.provenance, ProvenanceNote) else tiers.provenance
    mark = f" ({say(str(origin), language)})" if origin is not None else ""
    levels = []
    for level in tiers.levels:
        bound = getattr(level, "at_least", None)
        share = getattr(level, "share", None)
        rule = (
            f"≥ {bound:g}"
            if bound is not None
            else f"{100 * share:g} %"
            if share is not None
            else say("rest", language)
        )
        levels.append(f"{text(level.label, language, level.id)} {rule}")
    return f"{say('tiers', language)}, {methodology.tree.items[tiers.node].name(language)}{mark}: {'; '.join(levels)}"


def _print_sources(console: Console, methodology: Methodology) -> None:
    language = console.language
    if methodology.sources:
        console.say()
        console.say(say("sources", language), "bold")
    for source in methodology.sources:
        facts = [
            text(source.title, language),
            text(source.publisher, language),
            str(source.year or ""),
            source.url or "",
        ]
        pages = [f"pp. {source.pages}"] if source.pages else []
        console.say(f"  {source.id}: {', '.join(fact for fact in [*facts[:3], *pages, facts[3]] if fact)}")


def _print_assumptions(console: Console, methodology: Methodology) -> None:
    language = console.language
    if methodology.assumptions:
        console.say()
        console.say(f"{say('assumptions', language)} (--assume NAME)", "bold")
    for name, assumption in methodology.assumptions.items():
        console.say(f"  {name}: {text(assumption.note, language)}")
