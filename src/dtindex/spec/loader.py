"""From a name, a path or a text to a methodology, with every problem at its line and column."""

from __future__ import annotations

from os import PathLike, fspath
from pathlib import Path

from dtindex.findings import Findings, Place, UsageError, finding, nearest
from dtindex.spec.catalogue import shipped_file, shipped_methodologies
from dtindex.spec.document import Document, Problem, Suggestions, merge
from dtindex.spec.model import Methodology
from dtindex.spec.origin import ReadFrom
from dtindex.spec.references import reference_problems
from dtindex.spec.rules import rule_problems
from dtindex.spec.source import MAXIMUM_BYTES, read_yaml
from dtindex.spec.typecheck import validated
from dtindex.spec.words import found_words, quoted

__all__ = ["checked", "load_methodology", "parse_methodology", "read_limited"]

SHEETS = frozenset({".xlsx"})
TEXTS = frozenset({".yaml", ".yml"})


def load_methodology(name_or_path: str | PathLike[str]) -> Methodology:
    """The methodology of that id, if it ships, or the one in a ``.yaml`` file or an ``.xlsx`` sheet.

    Parameters
    ----------
    name_or_path
        An id that ships with dtindex, or a path.

    Returns
    -------
    Methodology
        With ``file``, ``source_text`` and ``findings`` (warnings and notes of loading).

    Raises
    ------
    UsageError
        DT060 where no methodology of that id ships; DT103 where the file cannot be read.
    InputError
        The file has errors; all of them, each with its file, line and column.

    Examples
    --------
    >>> load_methodology("caict-computing-power-1.0").title.en  # doctest: +SKIP
    'China Computing Power Development Index 1.0'
    """
    path = _path_of(name_or_path)
    if path.suffix.lower() in SHEETS:
        from dtindex.spec.sheet_read import parse_sheet

        methodology, findings = parse_sheet(path)
    else:
        content = read_limited(path, MAXIMUM_BYTES + 1)
        methodology, findings = _parse(content, str(path), path)
    findings.raise_errors()
    assert methodology is not None
    return methodology


def parse_methodology(text: str | bytes, file: str) -> tuple[Methodology | None, Findings]:
    """The methodology in a YAML text, and what there is to say about it; None where there are errors.

    Parameters
    ----------
    text
        The content of a methodology file, as text or as bytes in UTF-8.
    file
        The name that findings bear as their place.
    """
    return _parse(text, file, None)


def _parse(content: str | bytes, file: str, path: Path | None) -> tuple[Methodology | None, Findings]:
    methodology, findings = checked(read_yaml(content, file))
    if methodology is None:
        return None, findings
    text = content if isinstance(content, str) else content.decode("utf-8-sig")
    return _with_origin(methodology, path, text, findings), findings


def checked(document: Document) -> tuple[Methodology | None, Findings]:
    """The methodology of a parsed file, bearing its document; None where there are errors."""
    if document.broken:
        return None, merge(document.problems)
    if not isinstance(document.tree, dict):
        message = f"expected a methodology: a block of keys, found {found_words(document.tree)}"
        return None, merge(document.problems, [document.problem("DT011", message, ())])
    suggestions = Suggestions()
    problems = [*document.problems, *_schema_version(document)]
    methodology, wrong = validated(Methodology, document, suggestions)
    references = reference_problems(document, suggestions)
    found = merge(problems, references, wrong)
    if methodology is None or found.errors:
        return None, found
    findings = merge(rule_problems(methodology, document))
    if findings.errors:
        return None, findings
    methodology._read_from = ReadFrom(findings=findings, document=document)
    return methodology, findings


def _with_origin(methodology: Methodology, path: Path | None, text: str, findings: Findings) -> Methodology:
    document = methodology._read_from.document
    methodology._read_from = ReadFrom(path, text, findings, document)
    return methodology


def _schema_version(document: Document) -> list[Problem]:
    version = document.tree.get("schema_version", 1)
    if isinstance(version, int) and not isinstance(version, bool) and version == 1:
        return []
    message = f"expected `schema_version: 1`, found {found_words(version)}"
    return [document.problem("DT013", message, ("schema_version",))]


def _path_of(name_or_path: str | PathLike[str]) -> Path:
    name = fspath(name_or_path)
    path = Path(name)
    if isinstance(name_or_path, str):
        found = shipped_file(name)
        if found is not None:
            return found
        if path.suffix.lower() not in SHEETS | TEXTS and not path.exists() and path.name == name:
            near = nearest(name, shipped_methodologies())
            hint = f'; nearest is "{near}"' if near else ""
            raise UsageError(
                [finding("DT060", f"no methodology {quoted(name)} ships with dtindex, and there is no such file{hint}")]
            )
    return path


def read_limited(path: Path, limit: int) -> bytes:
    """At most ``limit`` bytes of a file; DT103 where it cannot be read."""
    try:
        with path.open("rb") as stream:
            return stream.read(limit)
    except (OSError, ValueError) as error:  # ValueError: a NUL in the path
        reason = getattr(error, "strerror", None) or str(error)
        raise UsageError([finding("DT103", f"cannot read: {reason}", Place(file=str(path)))]) from error
