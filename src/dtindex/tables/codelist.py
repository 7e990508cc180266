"""Codelists: which units there are, what people call them, and which groups they belong to."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from difflib import SequenceMatcher
from functools import cached_property
from pathlib import Path

from dtindex.findings import Finding, InputError, Place, finding
from dtindex.shipped import shipped
from dtindex.tables.names import beside, fold, shown, strip_key

__all__ = ["Codelist", "CodelistUnit", "codelist_bytes", "load_codelist", "read_codelist"]

_ID = re.compile(r"[a-z0-9][a-z0-9-]*")
_LIMIT = 4_000_000
_OWN = ("code", "name", "full", "en", "optional", "aliases", "former")
_SIMILAR = 0.5
"""Two-character names that differ in one share half; 0.6, which suits English words, would never propose any."""


@dataclass(frozen=True, slots=True)
class CodelistUnit:
    """One unit: its key ``name``, its code, what else it is called, and its groups."""

    code: str
    name: str
    full: str = ""
    en: str = ""
    optional: bool = False
    aliases: tuple[str, ...] = ()
    former: tuple[str, ...] = ()
    groups: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Codelist:
    """Units in the order of the list, looked up by any spelling (NFKC, any case, without spaces)."""

    id: str
    units: tuple[CodelistUnit, ...]
    groups: tuple[str, ...] = ()
    """Names of the group columns."""
    group_labels: dict[tuple[str, str], str] = field(default_factory=dict)
    """English words by group column and value."""

    def __len__(self) -> int:
        return len(self.units)

    def find(self, spelling: str) -> CodelistUnit | None:
        """The unit that is meant, or None; an English name that two units share means neither."""
        return self._index.get(fold(spelling))

    def is_former(self, spelling: str) -> bool:
        """Whether this is a code or name that the unit no longer bears."""
        return fold(spelling) in self._former

    def position(self, key: str) -> int:
        """Where a unit stands in the list, from 0."""
        return self._positions[key]

    def label(self, key: str, language: str = "zh", full: bool = False) -> str:
        """A unit's name for readers; the key itself where the list has none in that language, or no such unit."""
        if key not in self._positions:
            return key
        unit = self.units[self._positions[key]]
        if language == "en":
            return unit.en or unit.name
        return (unit.full or unit.name) if full else unit.name

    def group(self, key: str, group: str) -> str:
        """The group that a unit belongs to; empty where it is in none, or not in the list."""
        return self.units[self._positions[key]].groups.get(group, "") if key in self._positions else ""

    def group_label(self, group: str, value: str, language: str = "zh") -> str:
        """A group's name for readers."""
        return self.group_labels.get((group, value), value) if language == "en" else value

    def nearest(self, spelling: str) -> tuple[str, ...]:
        """Names of the most similar units, at most three where they are equally similar; none where none is close."""
        wanted = fold(spelling)
        shared = self._ambiguous.get(wanted)
        if shared:
            return shared
        best: dict[str, float] = {}
        matcher = SequenceMatcher(b=wanted, autojunk=False)
        for known, unit in self._index.items():
            matcher.set_seq1(known)
            if matcher.quick_ratio() >= _SIMILAR:
                best[unit.name] = max(best.get(unit.name, 0.0), matcher.ratio())
        top = max(best.values(), default=0.0)
        return tuple(name for name, ratio in best.items() if ratio == top)[:3] if top >= _SIMILAR else ()

    @cached_property
    def _positions(self) -> dict[str, int]:
        return {unit.name: position for position, unit in enumerate(self.units)}

    @cached_property
    def _former(self) -> frozenset[str]:
        return frozenset(fold(former) for unit in self.units for former in unit.former)

    @cached_property
    def _ambiguous(self) -> dict[str, tuple[str, ...]]:
        names: dict[str, list[str]] = {}
        for unit in self.units:
            if unit.en:
                names.setdefault(fold(unit.en), []).append(unit.name)
        return {english: tuple(units) for english, units in names.items() if len(units) > 1}

    @cached_property
    def _index(self) -> dict[str, CodelistUnit]:
        index = {folded: unit for unit in self.units if unit.en and (folded := fold(unit.en)) not in self._ambiguous}
        for unit in self.units:
            index.update((fold(spelling), unit) for spelling in _spellings(unit))
        return index


def read_codelist(name: str, content: bytes) -> Codelist:
    """A codelist from the bytes of its file; see :func:`load_codelist`."""
    return _codelist(name, content, name)


def codelist_bytes(name_or_path: str, base: Path | None = None) -> bytes:
    """The file of a codelist, found as :func:`load_codelist` finds it."""
    return _content(_path(name_or_path, base))


def load_codelist(name_or_path: str, base: Path | None = None) -> Codelist:
    """The codelist that ships under a name, or a CSV file of the same shape beside the methodology.

    Parameters
    ----------
    name_or_path
        ``cn-province``, or a path relative to ``base``. Without ``base`` only shipped names are found.
    base
        The folder of the methodology file.

    Raises
    ------
    InputError
        DT063 where the file is not found, cannot be read, or lets a spelling stand for two units.
    """
    path = _path(name_or_path, base)
    return _codelist(name_or_path, _content(path), path.name)


def _codelist(name: str, content: bytes, file: str) -> Codelist:
    units, header = _read(content, file)
    codelist = Codelist(
        id=name,
        units=tuple(_unit(row, header) for _, row in units),
        groups=_groups(header),
        group_labels=_group_labels(header, [row for _, row in units]),
    )
    problems = list(_collisions(codelist, [line for line, _ in units], file))
    if problems:
        raise InputError(problems)
    return codelist


def _path(name: str, base: Path | None) -> Path:
    if _ID.fullmatch(name):
        known = shipped("data", "codelists", f"{name}.csv")
        if known.is_file():
            return known
    if base is not None and (path := beside(base, name)) is not None:
        return path
    names = sorted(path.stem for path in shipped("data", "codelists").glob("*.csv"))
    elsewhere = "" if base is None else " and no such file lies beside the methodology"
    message = f"no codelist {shown(name)} ships with dtindex{elsewhere}"
    expected = f"expected {', '.join(names)}, or a CSV file beside the methodology"
    raise InputError([finding("DT063", f"{message}; {expected}: correct `codelist:`", Place(file=name))])


def _content(path: Path) -> bytes:
    try:
        if path.stat().st_size > _LIMIT:
            raise _unreadable(path.name, f"over {_LIMIT:,} bytes")
        return path.read_bytes()
    except OSError as error:
        raise _unreadable(path.name, str(error)) from error


def _read(content: bytes, file: str) -> tuple[list[tuple[int, dict[str, str]]], tuple[str, ...]]:
    """Rows with their lines, and the names of the columns."""
    try:
        reader = csv.reader(io.StringIO(content.decode("utf-8-sig"), newline=""), strict=True)
        header = tuple(strip_key(name) for name in next(reader, []))
        _check_header(file, header)
        rows = [(reader.line_num, _row(file, header, cells, reader.line_num)) for cells in reader if any(cells)]
    except (UnicodeDecodeError, csv.Error) as error:
        raise _unreadable(file, str(error)) from error
    if not rows:
        raise _unreadable(file, "no units")
    return rows, header


def _unreadable(file: str, reason: str, line: int | None = None) -> InputError:
    message = f"the codelist cannot be read: {reason}; expected a UTF-8 CSV file with the columns code, name and others"
    return InputError([finding("DT063", message, Place(file=file, line=line))])


def _check_header(file: str, header: tuple[str, ...]) -> None:
    for name in ("code", "name"):
        if name not in header:
            raise _unreadable(file, f"no column `{name}`", 1)
    if len(set(header)) != len(header):
        raise _unreadable(file, "two columns bear one name", 1)


def _row(file: str, header: tuple[str, ...], cells: list[str], line: int) -> dict[str, str]:
    if len(cells) != len(header):
        raise _unreadable(file, f"{len(cells)} cells under {len(header)} columns", line)
    row = dict(zip(header, map(strip_key, cells), strict=True))
    if not row["name"] or not row["code"]:
        raise _unreadable(file, "a unit without code or name", line)
    return row


def _groups(header: Iterable[str]) -> tuple[str, ...]:
    names = tuple(header)
    labels = {f"{name}_en" for name in names}
    return tuple(name for name in names if name not in _OWN and name not in labels)


def _unit(row: dict[str, str], header: tuple[str, ...]) -> CodelistUnit:
    return CodelistUnit(
        code=row["code"],
        name=row["name"],
        full=row.get("full", ""),
        en=row.get("en", ""),
        optional=row.get("optional", "") == "yes",
        aliases=_several(row.get("aliases", "")),
        former=_several(row.get("former", "")),
        groups={group: row[group] for group in _groups(header)},
    )


def _several(cell: str) -> tuple[str, ...]:
    return tuple(part.strip() for part in cell.split("|") if part.strip())


def _group_labels(header: tuple[str, ...], rows: list[dict[str, str]]) -> dict[tuple[str, str], str]:
    groups = [group for group in _groups(header) if f"{group}_en" in header]
    return {(group, row[group]): row[f"{group}_en"] for row in rows for group in groups if row[f"{group}_en"]}


def _spellings(unit: CodelistUnit) -> Iterator[str]:
    """What stands for this unit and for no other; English names are apart, since cities share them."""
    yield from (spelling for spelling in (unit.code, unit.name, unit.full, *unit.aliases, *unit.former) if spelling)


def _collisions(codelist: Codelist, lines: list[int], file: str) -> Iterator[Finding]:
    owner: dict[str, CodelistUnit] = {}
    for unit, line in zip(codelist.units, lines, strict=True):
        for spelling in _spellings(unit):
            other = owner.setdefault(fold(spelling), unit)
            if other is not unit:
                place = Place(file=file, line=line, unit=unit.name)
                message = f"{shown(spelling)} stands for both {other.name} and {unit.name}, expected one unit"
                yield finding("DT063", f"{message}: remove it from one of the two", place)
