"""What is unpublished, and the assumptions that stand in for it under their name."""

from __future__ import annotations

import json
from collections.abc import Iterator
from os import PathLike, fspath
from pathlib import Path
from typing import Any

from dtindex.findings import Finding, Findings, Place, UsageError, finding, nearest
from dtindex.spec.document import Document, Problem, Suggestions, merge
from dtindex.spec.identity import plain
from dtindex.spec.methods import Cases, Goalposts, SumAggregate
from dtindex.spec.model import Assumption, Methodology
from dtindex.spec.origin import EQUAL, ReadFrom
from dtindex.spec.references import assumption_problems
from dtindex.spec.rules import rule_problems
from dtindex.spec.rules_weights import uses_given_weights
from dtindex.spec.source import MAXIMUM_BYTES, read_yaml
from dtindex.spec.tree import NodeSettings
from dtindex.spec.typecheck import validated
from dtindex.spec.words import listed, quoted

__all__ = ["apply_assumption", "unpublished", "with_any_weights"]

UNPUBLISHED = "unpublished"


def unpublished(methodology: Methodology, *, below_columns: bool = False) -> Findings:
    """What unpublished weights and goalposts stand in the way of a score.

    Parameters
    ----------
    methodology
        The methodology, as loaded or with an assumption applied.
    below_columns
        Whether the values below a node that takes a ``column:`` are wanted too; the column is its score without them.

    Returns
    -------
    Findings
        DT050 for each node whose children's weights are unpublished, DT051 for each whose indicators' goalposts are;
        empty where nothing stands in the way.
    """
    return Findings(_in_the_way(methodology, below_columns))


def apply_assumption(methodology: Methodology, name_or_path: str | PathLike[str]) -> tuple[Methodology, str]:
    """A copy in which an assumption stands in for what is unpublished, and the name to print beside every figure.

    Parameters
    ----------
    methodology
        The methodology; it is left as it is.
    name_or_path
        ``equal`` (siblings whose weights are all unpublished weigh 1 each; goalposts stay unpublished), the name of an
        entry of ``assumptions:``, or the path of a YAML file with the keys of such an entry.

    Returns
    -------
    Methodology, str
        Published parameters keep their values; what was replaced bears the provenance ``assumed``. The copy's findings
        end with DT053, or name what the assumption sets without effect.

    Raises
    ------
    UsageError
        DT052 where there is no such assumption, DT103 where its file cannot be read.
    InputError
        The file has errors.
    """
    name, assumption = _found(methodology, name_or_path)
    data = plain(methodology)
    used = _Replaced(methodology, data)
    if assumption is None:
        used.equal_weights()
    else:
        used.weights(assumption)
        used.goalposts(assumption)
    copy = Methodology.model_validate_json(json.dumps(data), strict=True)
    _check(methodology, copy)
    copy._read_from = _origin(methodology, copy, used.findings(name))
    return copy, name


def with_any_weights(methodology: Methodology) -> tuple[Methodology, dict[str, tuple[str, ...]]]:
    """A copy that can be worked with for what does not depend on its unpublished weights, and which those are.

    Returns
    -------
    Methodology, dict
        Each unpublished weight is the mean of its siblings' published ones, or 1, and stands for any; no score of the
        copy is to be shown. By node, the children whose weights are unpublished; empty where none is.
    """
    tree = methodology.tree
    standing: dict[str, float] = {}
    nodes: dict[str, tuple[str, ...]] = {}
    for node, children in tree.children.items():
        lacking = tuple(child for child in children if tree.items[child].weight == UNPUBLISHED)
        if not lacking or not _uses_weights(tree.nodes[node]):
            continue
        known = [float(weight) for child in children if isinstance(weight := tree.items[child].weight, int | float)]
        standing |= dict.fromkeys(lacking, sum(known) / len(known) if known and sum(known) > 0 else 1.0)
        if len(children) > 1:
            nodes[node] = lacking
    if not standing:
        return methodology, {}
    data = plain(methodology)
    used = _Replaced(methodology, data)
    used.weights(Assumption(weights=standing))
    copy = Methodology.model_validate_json(json.dumps(data), strict=True)
    copy._read_from = _origin(methodology, copy, [])
    return copy, nodes


def _check(methodology: Methodology, copy: Methodology) -> None:
    """What is assumed must go together with what is published: not some weights of a node and none of the others."""
    document = methodology._read_from.document or Document("")
    merge(rule_problems(copy, document)).raise_errors()


def _origin(methodology: Methodology, copy: Methodology, remarks: list[Finding]) -> ReadFrom:
    from dtindex.spec.written import methodology_yaml

    source = methodology._read_from
    return ReadFrom(source.file, methodology_yaml(copy), source.findings + remarks, source.document)


# --- which assumption ---


def _found(methodology: Methodology, name_or_path: str | PathLike[str]) -> tuple[str, Assumption | None]:
    """The name to print and the assumption; None for equal weights."""
    name = fspath(name_or_path)
    known = methodology.assumptions
    if isinstance(name_or_path, str) and (name == EQUAL or name in known):
        return name, known.get(name)
    path = Path(name)
    if path.suffix.lower() in (".yaml", ".yml") or path.is_file():
        return path.name, _read(methodology, path)
    near = nearest(name, [*known, EQUAL])
    hint = f'; nearest is "{near}"' if near else f"; there are {listed([*known, EQUAL])}"
    raise UsageError([finding("DT052", f"no assumption {quoted(name)}{hint}")])


def _read(methodology: Methodology, path: Path) -> Assumption:
    from dtindex.spec.loader import read_limited

    document = read_yaml(read_limited(path, MAXIMUM_BYTES + 1), str(path))
    if document.broken or not isinstance(document.tree, dict):
        shape = [] if document.broken else [document.problem("DT011", "expected `weights:` or `goalposts:`", ())]
        merge(document.problems, shape).raise_errors()
    assumption, wrong = validated(Assumption, document, Suggestions())
    nodes, indicators = {node.id for node in methodology.nodes}, {item.id for item in methodology.indicators}
    unknown: list[Problem] = assumption_problems(document, nodes, indicators)
    merge(document.problems, unknown, wrong).raise_errors()
    assert assumption is not None
    return assumption


# --- replacing ---


class _Replaced:
    """Replaces values in the plain form of a methodology, and remembers what it replaced and what it could not."""

    def __init__(self, methodology: Methodology, data: dict[str, Any]) -> None:
        self._methodology = methodology
        self._blocks: dict[str, dict[str, Any]] = {
            block["id"]: block for name in ("nodes", "indicators") for block in data.get(name, ())
        }
        self._replaced: list[str] = []
        self._idle: list[str] = []

    def findings(self, name: str) -> list[Finding]:
        """DT053 on what is assumed, DT029 on what had no effect."""
        found = []
        if self._replaced:
            found.append(finding("DT053", f'the assumption "{name}" sets {listed(self._replaced)}'))
        if self._idle:
            message = f'the assumption "{name}" has no effect on {listed(self._idle)}: given, or not used'
            found.append(finding("DT029", message))
        return found

    def equal_weights(self) -> None:
        """Siblings whose weights are all unpublished weigh 1 each."""
        tree = self._methodology.tree
        for children in tree.children.values():
            if children and all(tree.items[child].weight == UNPUBLISHED for child in children):
                for child in children:
                    self._weigh(child, 1)

    def weights(self, assumption: Assumption) -> None:
        """Unpublished and missing weights that the assumption names."""
        for item, weight in assumption.weights.items():
            if self._methodology.tree.items[item].weight in (None, UNPUBLISHED):
                self._weigh(item, weight)
            else:
                self._idle.append(f"the weight of {item}")

    def goalposts(self, assumption: Assumption) -> None:
        """Unpublished and missing goalposts that the assumption names."""
        for item, assumed in assumption.goalposts.items():
            ends: dict[str, Any] = assumed.model_dump(mode="json", exclude_none=True)
            open_ends = self._open_ends(item, ends)
            if open_ends:
                self._replaced.append(f"{' and '.join(open_ends)} of {item}")
            if set(ends) - set(open_ends):
                self._idle.append(f"{' and '.join(sorted(set(ends) - set(open_ends)))} of {item}")

    def _weigh(self, item: str, weight: float) -> None:
        self._blocks[item]["weight"] = weight
        self._assumed(item, "weight")
        self._replaced.append(f"the weight of {item}")

    def _assumed(self, item: str, parameter: str) -> None:
        block = self._blocks[item]
        block["provenance"] = {**block.get("provenance", {}), parameter: "assumed"}

    def _open_ends(self, item: str, ends: dict[str, Any]) -> list[str]:
        """Put the assumed ends where an end is unpublished, or where no normalisation is declared at all."""
        indicator = next(found for found in self._methodology.indicators if found.id == item)
        declared = indicator.normalise or self._methodology.defaults.normalise
        if isinstance(declared, Goalposts):
            taken = [end for end in ends if getattr(declared, end) == UNPUBLISHED]
            block = declared.model_dump(mode="json", exclude_defaults=True)
        elif declared is None and set(ends) == {"worst", "best"}:
            taken, block = ["worst", "best"], {"method": "goalposts"}
        else:
            return []
        if taken:
            self._blocks[item]["normalise"] = {**block, **{end: ends[end] for end in taken}}
        for end in taken:
            self._assumed(item, end)
        return taken


# --- what stands in the way ---


def _in_the_way(methodology: Methodology, below_columns: bool) -> Iterator[Finding]:
    tree = methodology.tree
    waiting = list(reversed(tree.roots))
    while waiting:
        node = tree.nodes[waiting.pop()]
        if node.spec.column is not None and not below_columns:
            continue
        weights = [child for child in node.children if tree.items[child].weight == UNPUBLISHED]
        if weights and _uses_weights(node):
            yield _finding(methodology, "DT050", node, f"unpublished weights of {listed(weights)}", weights[0])
        leaves = [child for child in node.children if not tree.is_node(child)]
        ends = {leaf: _unpublished_ends(methodology, leaf) for leaf in leaves}
        lacking = [leaf for leaf, found in ends.items() if found]
        if lacking:
            named = listed([f"{leaf} ({', '.join(ends[leaf])})" for leaf in lacking])
            yield _finding(methodology, "DT051", node, f"unpublished goalposts of {named}", lacking[0])
        waiting.extend(child for child in reversed(node.children) if tree.is_node(child))


def _uses_weights(node: NodeSettings) -> bool:
    if isinstance(node.aggregate, Cases):
        return False
    return isinstance(node.aggregate, SumAggregate) or uses_given_weights(node.weights)


def _unpublished_ends(methodology: Methodology, leaf: str) -> list[str]:
    normalise = methodology.tree.indicators[leaf].normalise
    if not isinstance(normalise, Goalposts):
        return []
    return [end for end in ("worst", "best") if getattr(normalise, end) == UNPUBLISHED]


def _finding(methodology: Methodology, code: str, node: NodeSettings, what: str, first: str) -> Finding:
    ways = listed(_ways(methodology, node, code))
    on = f"`--assume NAME` ({ways})" + (", or `dtindex rank-bounds`" if code == "DT050" else ", or a `column:` above")
    return finding(code, f'"{node.id}" cannot be scored: {what}; {on}', _place(methodology, node.id, first, code))


def _ways(methodology: Methodology, node: NodeSettings, code: str) -> list[str]:
    """What `--assume` takes here; equal weights only help where not one sibling's weight is published."""
    items = methodology.tree.items
    equal = code == "DT050" and all(items[child].weight == UNPUBLISHED for child in node.children)
    return [*methodology.assumptions, *([EQUAL] if equal else []), "a file"]


def _place(methodology: Methodology, node: str, first: str, code: str) -> Place:
    """Where the first of the unpublished values stands in the file, named by the node that lacks it."""
    document = methodology._read_from.document
    if document is None:
        return Place(name=node)
    name = "nodes" if methodology.tree.is_node(first) else "indicators"
    items = methodology.nodes if name == "nodes" else methodology.indicators
    position = next(index for index, item in enumerate(items) if item.id == first)
    key = "weight" if code == "DT050" else "normalise"
    found = document.value_place((name, position, key))
    return Place(found.file, found.line, found.column, found.sheet, found.cell, name=node)
