"""Findings: what dtindex has to say about an input, and the one catalogue of its codes.

A finding is a code (``DT202``), a severity, a sentence, and the place it speaks of. The same catalogue serves the
command line, the service and the documentation; ``explain`` prints an entry at length.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import Any, overload

__all__ = [
    "CATALOGUE",
    "Code",
    "DtindexError",
    "ExitCode",
    "Finding",
    "Findings",
    "InputError",
    "LimitError",
    "Place",
    "Severity",
    "UsageError",
    "finding",
    "nearest",
]


class Severity(StrEnum):
    """How much a finding weighs: an error stops, a warning and a note are recorded in the result."""

    ERROR = "error"
    WARNING = "warning"
    NOTE = "note"


class ExitCode:
    """Exit codes of the command line."""

    FINE = 0
    FINDINGS = 1
    USAGE = 2
    LIMIT = 3
    BUG = 70
    INTERRUPTED = 130


@dataclass(frozen=True, slots=True)
class Place:
    """Where a finding points to: a place in a file, a cell of a sheet, or a unit and a name.

    ``line`` and ``column`` count from 1. ``name`` is a column, node or indicator.
    """

    file: str | None = None
    line: int | None = None
    column: int | None = None
    sheet: str | None = None
    cell: str | None = None
    unit: str | None = None
    period: str | None = None
    name: str | None = None

    def __str__(self) -> str:
        if self.cell is not None:
            where = "!".join(part for part in (self.file, self.sheet, self.cell) if part)
        else:
            where = ":".join(str(part) for part in (self.file, self.line, self.column) if part is not None)
        who = " ".join(part for part in (self.unit, self.period, self.name) if part)
        return f"{where} ({who})" if where and who else where or who

    def to_dict(self) -> dict[str, str | int]:
        """The parts that are known, for JSON."""
        names = ("file", "line", "column", "sheet", "cell", "unit", "period", "name")
        return {name: value for name in names if (value := getattr(self, name)) is not None}


@dataclass(frozen=True, slots=True)
class Finding:
    """One coded remark on an input."""

    code: str
    severity: Severity
    message: str
    place: Place = field(default_factory=Place)

    def __str__(self) -> str:
        where = str(self.place)
        return f"{where}: {self.code} {self.message}" if where else f"{self.code} {self.message}"

    def to_dict(self) -> dict[str, Any]:
        """The finding as JSON-ready values."""
        return {
            "code": self.code,
            "severity": str(self.severity),
            "message": self.message,
            "place": self.place.to_dict(),
        }

    def within(self, file: str) -> Finding:
        """The same finding with a file name, where it has none yet."""
        return self if self.place.file else replace(self, place=replace(self.place, file=file))


class Findings(Sequence[Finding]):
    """Findings in the order in which they were met; adds up with ``+``."""

    def __init__(self, items: Iterable[Finding] = ()) -> None:
        self._items = tuple(items)

    @overload
    def __getitem__(self, index: int) -> Finding: ...
    @overload
    def __getitem__(self, index: slice) -> Findings: ...
    def __getitem__(self, index: int | slice) -> Finding | Findings:
        return Findings(self._items[index]) if isinstance(index, slice) else self._items[index]

    def __len__(self) -> int:
        return len(self._items)

    def __iter__(self) -> Iterator[Finding]:
        return iter(self._items)

    def __add__(self, other: Iterable[Finding]) -> Findings:
        return Findings((*self._items, *other))

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Findings) and self._items == other._items

    def __hash__(self) -> int:
        return hash(self._items)

    def __repr__(self) -> str:
        return f"Findings({len(self.errors)} errors, {len(self.warnings)} warnings, {len(self.notes)} notes)"

    def __str__(self) -> str:
        return "\n".join(str(item) for item in self._items)

    def of(self, severity: Severity) -> Findings:
        """The findings of one severity."""
        return Findings(item for item in self._items if item.severity is severity)

    @property
    def errors(self) -> Findings:
        return self.of(Severity.ERROR)

    @property
    def warnings(self) -> Findings:
        return self.of(Severity.WARNING)

    @property
    def notes(self) -> Findings:
        return self.of(Severity.NOTE)

    @property
    def codes(self) -> list[str]:
        return [item.code for item in self._items]

    def raise_errors(self, error: type[DtindexError] | None = None) -> Findings:
        """Raise ``error`` (:class:`InputError` if not given) with all findings if any is an error; else return self."""
        if self.errors:
            raise (error or InputError)(self)
        return self


class DtindexError(Exception):
    """Base of every error that dtindex raises on purpose; carries its findings."""

    exit_code = ExitCode.FINDINGS

    def __init__(self, findings: Iterable[Finding]) -> None:
        self.findings = Findings(findings)
        errors = self.findings.errors or self.findings
        super().__init__("\n".join(str(item) for item in errors))

    @property
    def code(self) -> str:
        """The code of the first error."""
        return (self.findings.errors or self.findings)[0].code


class InputError(DtindexError):
    """An input was read and has errors."""


class UsageError(DtindexError):
    """A call cannot be carried out as it was made: unknown name, unreadable input."""

    exit_code = ExitCode.USAGE


class LimitError(DtindexError):
    """A limit on size, memory or time was met."""

    exit_code = ExitCode.LIMIT


@dataclass(frozen=True, slots=True)
class Code:
    """An entry of the catalogue."""

    id: str
    severity: Severity
    title: str
    why: str
    remedy: str


def finding(code: str, message: str, place: Place | None = None, severity: Severity | None = None) -> Finding:
    """A finding with the severity that the catalogue gives its code, unless another is named."""
    return Finding(code, severity or CATALOGUE[code].severity, message, place or Place())


def nearest(word: str, words: Iterable[str]) -> str | None:
    """The most similar of ``words``, or None where none is similar enough to propose."""
    from difflib import get_close_matches

    folded = {candidate.casefold(): candidate for candidate in sorted(words, reverse=True)}
    matches = get_close_matches(word.casefold(), folded, n=1, cutoff=0.6)
    return folded[matches[0]] if matches else None


def _catalogue(*codes: tuple[str, Severity, str, str, str]) -> dict[str, Code]:
    known = {code[0]: Code(*code) for code in codes}
    if len(known) < len(codes):
        names = [code[0] for code in codes]
        raise ValueError(f"codes that stand twice: {sorted({name for name in names if names.count(name) > 1})}")
    return known


_E, _W, _N = Severity.ERROR, Severity.WARNING, Severity.NOTE

# DT0xx methodology files, DT1xx files and containers, DT2xx tables, DT3xx numbers, DT4xx editions and writing, DT7xx the service, DT9xx the program.
CATALOGUE: dict[str, Code] = _catalogue(
    ("DT001", _E, "anchor or alias", "Anchors and aliases can blow a small file up to gigabytes, and hide what a value is.", "Write the value out where it is needed, or move it to `defaults:`."),
    ("DT002", _E, "duplicate key", "A key that stands twice in one block would silently lose its first value.", "Keep one of the two."),
    ("DT003", _E, "tag", "A methodology is data; YAML tags ask for objects.", "Remove the tag (`!...`); quote the value if it is text."),
    ("DT004", _E, "unreadable methodology file", "A methodology is a UTF-8 text file of at most 1 MB.", "Save the file as UTF-8; split what is larger."),
    ("DT005", _E, "not YAML", "The text breaks YAML's grammar, or is nested deeper than any methodology needs.", "Mend the place that is named: indentation, a missing colon, an unclosed quote or bracket."),
    ("DT006", _E, "ambiguous scalar", "`yes`, `on`, `010`, `.nan` mean different things to different readers of YAML.", "Write true or false, a plain number, or quote the value to make it text."),
    ("DT010", _E, "unknown key or choice", "A key or a choice that the format does not have would otherwise be ignored in silence.", "Take the nearest valid one that the message proposes; `dtindex schema` prints all."),
    ("DT011", _E, "wrong type or value", "The value is not of the kind that this key takes.", "Write what the message expects."),
    ("DT012", _E, "required key missing", "The block is not complete without it.", "Add the key."),
    ("DT013", _E, "unknown schema version", "The file was written for another version of the format.", "Use `schema_version: 1`, or a dtindex that knows the newer one."),
    ("DT020", _W, "weights do not sum to 1", "The weights look like shares but miss 1 (or 100): one may be mistyped or lacking. They are rescaled to sum to 1.", "Correct the weight, or leave it if only the proportions matter."),
    ("DT021", _E, "impossible weight", "A weight is negative, or all weights of a node are zero.", "Give weights of zero or more, at least one above zero."),
    ("DT022", _E, "broken tree", "An id stands twice, a parent does not exist, nodes go round in a circle, or the tree is deeper than six levels.", "Give each node and indicator its own id and a parent that exists."),
    ("DT023", _W, "zero weight", "The item is part of the tree and contributes nothing.", "Remove `parent:` if it is measured but not scored."),
    ("DT024", _E, "unknown reference", "An id is referred to that no node, indicator, question, source or group bears.", "Correct the id; the nearest is proposed."),
    ("DT025", _E, "direction contradicts goalposts", "`worst` and `best` say which way is better; `direction` says the opposite.", "Remove `direction`, or swap the goalposts."),
    ("DT026", _E, "empty node", "The node has neither children nor a column, so it can never have a value.", "Give it children or a `column:`."),
    ("DT027", _E, "goalposts coincide", "With `worst` equal to `best` every score would be divided by zero.", "Set two different goalposts."),
    ("DT028", _E, "settings do not go together", "Two settings of one block exclude each other, or one needs another.", "Follow the message."),
    ("DT029", _W, "unused setting", "The setting has no effect where it stands.", "Remove it."),
    ("DT030", _E, "not yet available", "The format knows this method, this version of dtindex does not compute it yet.", "Use another method, or a later version."),
    ("DT031", _N, "read, not evaluated", "The block is valid and kept, and nothing is computed from it in this version.", "Nothing to do."),
    ("DT032", _E, "judgements are not reciprocal", "If a is three times as important as b, b is one third as important as a; two numbers that disagree leave open which is meant.", "Correct one of the two, write fractions as text (\"1/3\"), or give the rows above the diagonal only."),
    ("DT033", _E, "judgements do not connect", "No chain of judgements leads from some items to the others, so nothing says how they compare.", "Judge one pair at least across the gap."),
    ("DT034", _E, "uncertainty cannot be computed as written", "A factor or a scenario asks for what the index has not: weights of a node without two children, bounds that no weights keep, an item that is not scored, two factors that vary the same thing.", "Follow the message; each thing that is uncertain belongs to one factor."),
    ("DT035", _W, "factor does not vary", "A factor has a single alternative, or lists one twice, which makes it twice as likely.", "List the alternatives once each, the methodology's own setting among them if it is one."),
    ("DT040", _W, "a multiplicative mean can meet zero", "Under a geometric or harmonic mean one zero makes the whole node zero.", "Declare `within: [1, 100]` (or another positive interval), or `zeros: allow` if that is meant."),
    ("DT041", _E, "scales do not fit", "A child on an open scale cannot be mapped to its parent's bounded scale.", "Set `scale: open` on the parent, or normalise the child to a bounded scale."),
    ("DT050", _E, "weight unpublished", "The publisher has not printed this weight, and dtindex does not invent one.", "Either `--assume NAME` (`equal`, an entry of `assumptions:`, or a file), which is then named in every output; or `dtindex rank-bounds`, which reports what holds for all weights."),
    ("DT051", _E, "goalpost unpublished", "The publisher has not printed this goalpost, so the raw value cannot be normalised.", "`--assume NAME` with an assumption that sets it, or give the node above a `column:`."),
    ("DT052", _E, "unknown assumption", "The methodology has no assumption of that name.", "Name one that `dtindex show` lists, `equal`, or a file."),
    ("DT053", _N, "assumption in use", "A parameter of the score is assumed, not published.", "Say so wherever the figures are printed."),
    ("DT060", _E, "methodology not found", "No methodology of that id ships with dtindex, and no such file exists.", "`dtindex list` prints the ids; or give a path."),
    ("DT061", _E, "no table", "No table was given, and the methodology names no data of its own.", "Give a table; `dtindex template` writes one to fill in."),
    ("DT062", _E, "not a methodology sheet", "The workbook is not one that dtindex wrote, or its required columns are gone.", "Start from `dtindex show METHODOLOGY --sheet FILE.xlsx`."),
    ("DT063", _E, "codelist", "The codelist of the units cannot be read, or a name in it stands for two units.", "Correct the codelist; `dtindex show` says what shape it has."),
    ("DT101", _E, "empty file", "There is nothing in the file.", "Check that the export or the upload was complete."),
    ("DT102", _E, "no data rows", "The file has a header and nothing below it.", "Fill in the rows."),
    ("DT103", _E, "file not found or unreadable", "The path does not lead to a file that can be read.", "Check the path and the permissions."),
    ("DT104", _E, "file too large", "The file is over the limit.", "Split it, store it as Parquet, or raise the limit."),
    ("DT110", _E, "compressed too far", "A workbook that unpacks to far more than its size is an attack or a mistake.", "Save it anew, without unused formatted cells."),
    ("DT111", _E, "sheet too wide or too long", "A cell stands far outside any table.", "Delete the rows and columns outside the table, and save."),
    ("DT112", _E, "forbidden XML", "The workbook contains entity definitions.", "Save it anew with Excel or LibreOffice."),
    ("DT113", _E, "another format than its name says", "The content is not what the file's ending promises.", "Rename the file, or save it in the format."),
    ("DT114", _E, "password-protected", "The workbook is encrypted.", "Remove the password, and save."),
    ("DT115", _E, "damaged file", "The reader failed on the file; it ran apart and did no harm.", "Export it again."),
    ("DT116", _E, "damaged Parquet or Arrow file", "The file cannot be read.", "Write it again."),
    ("DT120", _W, "decoded by another encoding than UTF-8", "The file is not UTF-8; GB18030 or a byte-order mark was followed.", "Check the cells that are shown; save as UTF-8 to be sure."),
    ("DT121", _E, "mixed or unknown encoding", "Neither UTF-8 nor GB18030 can read the whole file.", "Save it anew as UTF-8."),
    ("DT122", _E, "NUL byte", "Text files have none; the file is damaged or binary.", "Export it again."),
    ("DT123", _E, "unclosed quote", "A quote opens and is never closed, so rows run into each other.", "Close the quote on the line that is named."),
    ("DT124", _E, "row longer than the header", "There are more cells than columns, so values would slide under wrong names.", "Quote the cell that contains the delimiter, or name the column."),
    ("DT125", _E, "row shorter than the header", "The row is cut off.", "Complete it; empty cells need their delimiters."),
    ("DT126", _E, "table over the limits", "Too many columns, too many rows, or a cell that is too long.", "Split the table, or raise the limit."),
    ("DT127", _N, "delimiter", "The delimiter was found by counting.", "Nothing to do."),
    ("DT128", _E, "ambiguous delimiter", "More than one delimiter fits.", "Name it: `delimiter=`."),
    ("DT129", _E, "several sheets", "The workbook has more than one sheet with data.", "Name the sheet: `sheet=`."),
    ("DT130", _W, "hidden sheet, rows or columns", "What is hidden in the workbook was read with the rest.", "Unhide and check, or delete."),
    ("DT131", _E, "header not in the first row", "There is a title above the header, an empty name, or the header spans several rows.", "Delete what is above, or name the rows: `header_rows=`."),
    ("DT132", _E, "formula without a value", "The workbook was written by a program that did not compute its formulas.", "Open it in Excel, and save."),
    ("DT133", _W, "error value in a cell", "A cell shows #DIV/0!, #N/A or another error; it is read as missing.", "Mend the formula, or empty the cell."),
    ("DT201", _E, "duplicate column", "Two columns bear the same name.", "Rename or remove one."),
    ("DT202", _E, "column missing", "The methodology needs a column that the table does not have.", "Rename the column that is proposed, or add it."),
    ("DT203", _E, "duplicate unit", "The same unit (and period) stands in two rows.", "Remove one, or name the period column in `units: {period: ...}`."),
    ("DT204", _E, "empty unit key", "A row has no unit.", "Fill in the key, or delete the row."),
    ("DT205", _E, "digits of a key lost", "A spreadsheet stored a long number as a floating one; its last digits are gone.", "Format the column as text, and enter the keys again."),
    ("DT206", _E, "unknown unit", "The unit is not in the codelist.", "Correct the name; the nearest is proposed."),
    ("DT207", _W, "unit's code changed", "The code was replaced by another in the codelist's history.", "Use the present code."),
    ("DT208", _E, "totals row", "A row of totals would be scored and ranked as a unit.", "Delete it, or list it under `units: {totals: [...]}`."),
    ("DT209", _W, "units of the codelist lacking", "The codelist has units that the table does not have.", "Add them, or take it as said."),
    ("DT210", _E, "sampling weight", "A weight is negative or lacking (an error), zero, or far above the median (a warning): one respondent would stand for none, or for a crowd.", "Correct or complete the weights; trim extreme ones by a rule that can be told."),
    ("DT211", _N, "name tidied", "A name had surrounding or invisible spaces or full-width letters; it was matched without.", "Nothing to do."),
    ("DT212", _N, "column not used", "The table has columns that the methodology does not mention.", "Nothing to do, unless one was meant; `dtindex inspect` lists them."),
    ("DT213", _N, "layout", "The table was taken as long: one row for each value.", "Nothing to do."),
    ("DT214", _E, "unknown name in a long table", "The column of names holds a name that no indicator reads.", "Correct it; the nearest is proposed."),
    ("DT215", _E, "empty or unknown period", "A row has no period.", "Fill it in."),
    ("DT216", _W, "group lacking", "A unit has no group, and a step works by group.", "Fill in the group column."),
    ("DT220", _E, "not a number", "The cell cannot be read as the declared type.", "Write a plain number, or declare `type: percent` or `type: thousands`."),
    ("DT221", _E, "undeclared token", "The cell holds a word that may mean missing, and nothing declares it.", "Declare it: `codes: {\"—\": {status: missing}}`, or empty the cell."),
    ("DT222", _E, "infinite or not a number", "Infinity and NaN are not values.", "Empty the cell, or correct it."),
    ("DT223", _E, "out of range", "The value is outside the declared `range:`.", "Check the unit of measure; a factor of 100, 1,000 or 10,000 is hinted where it fits."),
    ("DT224", _E, "unknown code", "The value is not one of the codes or points that are declared.", "Correct the cell, or declare the code."),
    ("DT225", _E, "two answers in a single question", "The question allows one answer, and the cell holds several.", "Keep one of them, or declare the question as `type: multiple`."),
    ("DT226", _E, "date where a number belongs", "The cell is a date.", "Correct the column, or format it as a number."),
    ("DT227", _E, "control character or oversized cell", "The text holds control characters or is longer than any name.", "Clean the cell."),
    ("DT228", _N, "digits converted", "Full-width digits were read as ordinary ones.", "Nothing to do."),
    ("DT230", _E, "answers that exclude each other", "An answer such as \"none of these\" stands beside others, or two options share a place of a ranking.", "Correct the answer, or empty the cell."),
    ("DT231", _W, "a question is worded otherwise", "The column bears the question's name, and its wording is not the label of the methodology.", "See that both mean the same; correct the label, or set `column:`."),
    ("DT232", _E, "name and wording of a question disagree", "The column bears one question's name and asks another: the questionnaire was probably reordered or numbered anew. Nothing is taken by guess.", "Rename the columns, or set `column:` of the questions."),
    ("DT233", _N, "dialect of the export", "The file was recognised as an export of a survey platform, and read by its rules.", "Nothing to do, unless it is another: `survey: {dialect: ...}`."),
    ("DT234", _W, "answered, though not asked", "A skip rule says that the question does not apply, and there is an answer; it is not used.", "Check the skip rule against the questionnaire."),
    ("DT235", _W, "careless respondents", "A declared rule names respondents who answered too fast, alike throughout, twice, or as a test.", "Look at them; `action: exclude` leaves them out, `action: report` keeps them."),
    ("DT236", _N, "columns that identify a person", "Names, telephone numbers, addresses and the like are dropped, or replaced by pseudonyms, before anything is kept or written.", "`survey: {personal: {COLUMN: keep}}` keeps one."),
    ("DT238", _N, "respondents known by their number", "The export has no column of the units' key; the platform's own number of the respondent stands in.", "Nothing to do, unless the key is elsewhere: rename its column."),
    ("DT239", _N, "synthetic answers", "The table says of itself that it was made up, by `dtindex sample` for instance: no figure of it is about a real respondent.", "Say so wherever a figure of it is shown."),
    ("DT240", _W, "a rule on careless respondents not applied", "The export lacks what the rule looks at, so nobody was checked by it.", "Add the column, or remove the rule."),
    ("DT260", _E, "figure out of reach", "A synthetic sample cannot show this figure: what else is given fixes the answers that it is made of.", "Change the figure to one within the reach that the message names, or give fewer shares."),
    ("DT261", _E, "nothing to sample", "A synthetic sample is made of answers; this methodology asks no questions, or asks them of units that cannot be made up.", "Give the methodology `questions:`; the message says what stands in the way."),
    ("DT262", _W, "sample not scored", "The methodology cannot score the synthetic sample, so that its means and classes are unknown, and outcomes are as if nobody were in a class.", "Make more respondents, or leave fewer answers out."),
    ("DT301", _E, "no variation", "The indicator is constant, and the method divides by its spread.", "Set fixed goalposts, or `constant: VALUE` to say what it then scores."),
    ("DT302", _E, "indicator all missing", "Not one unit has a value.", "Fill in the column, or take the indicator out of the tree."),
    ("DT303", _W, "same printed score, different rank", "Scores that print alike rank apart; a reader will ask.", "Print one more decimal, or set `rank: {decimals: N}`."),
    ("DT304", _E, "value outside the method's domain", "A logarithm or a multiplicative mean met zero or a negative value.", "Check the value; use `plus:`, `within:` or another method."),
    ("DT305", _W, "zero under a multiplicative mean", "One zero made the node zero.", "Declare `within:`, or `zeros: allow` if that is meant."),
    ("DT306", _E, "overflow", "A number became too large for the score's scale.", "Check the magnitudes; normalise first."),
    ("DT307", _W, "unit not ranked", "Too little of the unit is known: it is listed and profiled, not ranked.", "Complete its data, or change `coverage:`."),
    ("DT308", _W, "still missing after imputation", "The group of the unit has no value to take.", "Use a larger group."),
    ("DT309", _N, "clipped", "Values beyond the goalposts were set to the end of the scale.", "Check the goalposts where many are."),
    ("DT310", _W, "published figure differs", "A computed figure differs from the published one by more than its tolerance.", "Look at the comparison; one of the two is to be explained."),
    ("DT311", _N, "statistic not computable", "There are too few rows, or no variation, or the matrix has no inverse.", "Nothing to do; the message says which."),
    ("DT312", _W, "period outside the fit", "Parameters were fitted for each period, and this period was not among them.", "Fit again with it."),
    ("DT313", _E, "base period lacking", "The method refers to a base period that the table does not have.", "Add the rows of the base period, or correct `base_period:`."),
    ("DT314", _E, "derived indicators in a circle", "Derived indicators refer to each other.", "Break the circle."),
    ("DT315", _W, "derived value not computable", "A divisor is zero, or the earlier period is missing.", "Declare `when_zero:`, or accept it as missing."),
    ("DT316", _W, "unit screened out", "Too little of the unit is known, or too much of it is zero, or `screening:` drops it: it takes no part in fit, scores or ranks.", "Complete its data, change `screening:`, or name it under `keep:`."),
    ("DT317", _W, "indicator below its threshold", "Too few units have a value, or too many of the values are zero, for the indicator to tell units apart.", "Find a better source, or take the indicator out of the tree; it is not dropped by itself."),
    ("DT318", _W, "unit of `screening:` not in the table", "A unit that is kept or dropped by name and does not occur is often misspelt.", "Correct the key."),
    ("DT319", _N, "weights free by default", "Nothing says which weights may vary, so all of the node's are free: whatever holds, holds for every set of weights.", "Say how far they may move: `uncertainty:` in the methodology, `--factors FILE` or `--within 25%`."),
    ("DT320", _W, "weights held", "Above these nodes stands another form of mean, so that ranks are no longer decided by weighted sums: exact bounds hold them where they are.", "Read the observed range beside the exact one, or simulate."),
    ("DT321", _N, "missing below free weights", "A value is missing and its weight is free: it counts for something between the least and the most of what is known beside it, so bounds hold but may be too wide.", "Fill the value in, or impute it."),
    ("DT322", _E, "no exact bounds", "The node's score is no arithmetic, geometric, harmonic or power mean whose weights are free, and nothing exact is known of its ranks.", "Ask for a node that is, or simulate."),
    ("DT323", _N, "no factor of weights", "Errors and alternatives have no part in bounds over weights.", "`dtindex simulate` draws them."),
    ("DT324", _N, "bounds perhaps too wide", "No weights are known that attain these bounds: they hold, but a narrower one may too.", "`witnesses` has the nearest that is attained; a larger `effort` may narrow them."),
    ("DT325", _N, "no exact chance of pairs", "How likely one unit beats another is exact for one node's weights by a uniform, Dirichlet, ordinal, ratio or noise law.", "`dtindex simulate` estimates it."),
    ("DT326", _E, "bootstrap of ranks refused", "Quantiles of ranks that are drawn anew do not cover the true rank where units are near each other: the more ties, the less.", "Take the confidence sets that `rank-sets` gives."),
    ("DT327", _W, "without a standard error", "No standard error is known, or no estimate: this one is in no comparison.", "Give one, or have more respondents in the group."),
    ("DT328", _N, "too many groups of equals", "There are more groups of units that cannot be told apart than letters tell.", "Read the sets; or compare fewer units."),
    ("DT329", _E, "nothing to compare", "Two estimates with standard errors at the least are needed, and one of them above 0.", "Name groups with `--by`, give `--errors FILE`, or declare errors in `uncertainty:`."),
    ("DT330", _N, "taken for independent", "Estimates come without their covariances: differences are judged as if each were measured by itself.", "Give a covariance matrix from the library, where it is known."),
    ("DT337", _E, "restrictions that cannot be kept", "The restrictions on the weights of a benefit of the doubt name who is no member, or leave no shares that sum to 1.", "Name members, and leave room between least and most."),
    ("DT338", _N, "tiers learned", "The bounds of these tiers were learned from the ranked units of the reference; an edition keeps them.", "Print the bounds beside the tiers."),
    ("DT339", _E, "tiers cannot be learned", "There are too few different scores for so many tiers.", "Ask for fewer tiers, or state thresholds."),
    ("DT340", _W, "judgements contradict each other", "The consistency ratio of the pairwise judgements is above 0.1, so that their weights rest on little.", "Ask again about the judgements that are named."),
    ("DT341", _W, "no weight learned", "What does not vary among the reference units, or has no value there, gives a method that learns weights from data nothing to go by.", "Take it out of the tree, or weigh by judgement."),
    ("DT342", _W, "loads against the others", "The indicator runs against what its siblings have in common: it may not belong to them, or its direction may be wrong.", "Check `direction:`, or move it to another node."),
    ("DT343", _N, "what weights rest on", "Consistency of judgements, agreement of experts, or variance explained, for those who defend the weights.", "Nothing to do."),
    ("DT344", _E, "weights cannot be learned", "There are too few complete rows, or the caps take away what nobody else can take.", "Follow the message."),
    ("DT345", _E, "no such capacity", "A Choquet integral needs each weight to be half the sum of the interactions of its member at least; else a better score could lower the index.", "Raise the weights, or bring the interactions nearer to zero."),
    ("DT346", _E, "too many units for an exact order", "The order that agrees most with all members is found exactly for so many different units at most.", "Rank fewer units, or take `copeland`."),
    ("DT347", _W, "experts do not agree yet", "In the last round of the panel some shares differ by more than a quarter of their mean, where panels usually ask again.", "Ask again, with what the others said; or say why the differences stand."),
    ("DT348", _W, "targets are not met", "No weights of zero or more make every child as important as its target says; those found come nearest.", "Read how far each is from its target; drop a child that runs against the others, or change the targets."),
    ("DT349", _E, "method of another package", "The methodology names a method of another package, which is not installed, cannot be loaded, or does not take these settings.", "Install the package, or correct the name or the settings; `dtindex list --methods` shows what is there."),
    ("DT350", _E, "column of the design missing", "A variance without its strata and clusters would look smaller, or larger, than it is.", "Rename the column that is proposed, add it, or change `survey: {design: ...}`."),
    ("DT351", _E, "weights unusable", "A sampling weight is negative or lacking, or all of them are zero.", "Correct the column, or name another one."),
    ("DT352", _E, "design does not hold together", "A cluster lies in two strata, a population is smaller than its sample, or a stratum is empty.", "Correct the cells that are named, or say `nest: true` where names of clusters begin anew in each stratum."),
    ("DT353", _E, "stratum with a single PSU", "One primary sampling unit shows no variation, so its stratum has no variance of its own.", "Merge it with a stratum like it, or say what it adds: `lonely: certainty`, `adjust` or `average`."),
    ("DT354", _N, "estimate not computable", "No respondent, one respondent, a single PSU, or no variation.", "Nothing to do; the message and the column `note` say which."),
    ("DT355", _N, "estimate suppressed", "The figure rests on fewer respondents than the rule asks for.", "Use larger groups; `suppress_below: 0` prints all."),
    ("DT356", _E, "calibration totals cannot be met", "The sample lacks a category, totals contradict each other, or bounds are too narrow.", "Follow the message: merge categories, correct the totals, or widen the bounds."),
    ("DT357", _N, "how the variance was estimated", "The method follows from the design, from what was fitted on the sample, and from what is estimated.", "Say so beside the figures."),
    ("DT358", _W, "taken for a simple random sample", "No weights and no design are known, so every respondent counts alike and standard errors hold for a simple random sample.", "Give the columns in `survey: {weight: ..., design: {...}}`, or take the figures as those of the respondents only."),
    ("DT359", _E, "replicates do not fit the design", "The method replicates designs of another kind.", "Take the method that the message names, or none."),
    ("DT360", _E, "no classes", "The methodology has no `classes:`, so there is no class to ask about.", "Write rules; docs/surveys.md shows how."),
    ("DT361", _W, "nobody in the class", "No unit is in the class: there is a bound on its share, and nothing to describe.", "Read the upper end of the interval; look at the calibration before moving a threshold."),
    ("DT362", _W, "few in the class", "A share that rests on fewer than ten units moves by a tenth and more with each of them.", "Print the count and the interval beside the share."),
    ("DT363", _N, "probability of membership not computable", "A probability needs the error of what the rule looks at: a standard error given, or items to tell it from.", "Give `error=`, or take the class as it stands."),
    ("DT364", _N, "margin not computable", "A margin is the distance to the nearest of the bounds that every member keeps; this rule has none, or a bound that cannot be placed.", "Nothing to do; the message says why."),
    ("DT365", _N, "class unknown", "Something that the rule looks at is missing, so the unit is in no class that could be told.", "Complete the data; these units have no margin and no probability."),
    ("DT366", _N, "profiles or calibration not computable", "There are too few complete rows, or a dimension does not vary.", "Nothing to do; the message says why."),
    ("DT367", _N, "profiles do not come back", "Fitted to bootstrap samples, a profile is not found again: it says little about the units.", "Do not name it; the rule stands without it."),
    ("DT368", _N, "reference drawn item by item", "The edition has each item's reference scores, and not which unit they belong to: thresholds were resampled independently of each other.", "Score the table that was fitted for a joint bootstrap."),
    ("DT370", _W, "outcome is an input of the groups", "What the groups were made by differs between them by that rule alone; the difference is no finding.", "Compare outcomes that the index and its classes do not use, or say so beside the figure."),
    ("DT371", _W, "small group", "With fewer than ten members, tests that rest on large numbers do not hold; a permutation test is told in their place.", "Read the interval as a rough one, or pool groups or years."),
    ("DT372", _W, "group without members", "Nobody, or one member alone, is in a group that is compared.", "Check the rule of the class; what is not computable says so."),
    ("DT373", _W, "outcome not comparable", "A group has no value of the outcome, or nothing varies.", "Check the column; the row of the outcome says that it is not computable."),
    ("DT374", _N, "units not compared", "Units whose class is unknown, who are in no group or have no weight are in neither of the two groups.", "Nothing to do, unless they are many."),
    ("DT375", _W, "no ratio of means", "A mean that is negative, or not told apart from zero, has no ratio that could be told in per cent or times.", "The difference is told in its place."),
    ("DT376", _N, "tests without weights or clusters", "Ranks, permutations and standardised effects take every respondent alike, and as independent.", "Say so beside the figures; `weighted` and `clustered` in the table tell which do not."),
    ("DT380", _N, "default uncertainty", "The methodology has no `uncertainty:`, so the weights of every node were moved within a quarter of what they are.", "Say in the file, or by `factors=`, what is uncertain about the index."),
    ("DT381", _W, "runs left out", "A run whose variant cannot be computed, or in which a ranked unit has no score, is no run: it is counted, and takes no part.", "Read the reason; take the alternative out of the factor, or change what stands in its way."),
    ("DT382", _E, "nothing varies", "No factor could change a score: there is one alternative, one member, or an error of nothing.", "Name a factor that varies; `uncertainty:` in docs/methodology.md lists the kinds."),
    ("DT383", _N, "not ranked, in no run", "Who the index does not rank is ranked in no run, so that ranks of all runs are out of the same units.", "Complete the data, or change `coverage:`."),
    ("DT384", _N, "ranks of little to tell", "There is one unit alone; or there are so many that ranks are counted in classes of several.", "Nothing to do; the message says which."),
    ("DT385", _E, "no font for a character", "A figure would show a box in place of the character.", "Install a font that has it, as the message says."),
    ("DT386", _E, "factor does not fit the index", "A factor names what the index has not, or weights that cannot be drawn so.", "Follow the message."),
    ("DT387", _W, "stopped before the end", "The run was interrupted: what is finished stands, and is labelled with the runs that it rests on.", "Run it again; with a checkpoint it goes on where it was."),
    ("DT388", _E, "checkpoint of another run", "The file does not hold blocks of this run: another index, table, design, seed or number of runs, or it is damaged.", "Give another path, or remove the file."),
    ("DT389", _E, "nobody is ranked", "No unit of the table has a rank in this node and period, so there is nothing to simulate.", "Look at the findings of `dtindex score`."),
    ("DT390", _N, "no sensitivity to tell", "An output does not vary, or too few base points are left, so that nothing can be put down to a factor.", "Nothing to do; the message says which."),
    ("DT391", _E, "variant cannot be computed", "The methodology with this change has no scores: something needs what is left out, a setting does not fit, or an edition without its table cannot be fitted again.", "Read the reason beside it; leave this variant out, or change its settings."),
    ("DT392", _W, "variant without classes", "Rules of `classes:` ask for the score of something that the variant leaves out, so it puts no unit into these classes.", "Nothing to do; its scores and ranks stand."),
    ("DT394", _N, "units or items not in both", "A unit, an indicator or a node stands in one of the two editions only: there is nothing to hold it against.", "Nothing to do; units are listed, and what items of one edition bring counts as method."),
    ("DT395", _W, "data, weights and method not told apart", "The weights of one edition cannot stand in the other, or its data have no score by the other's method.", "Read the two together, as the message says; the sum is exact all the same."),
    ("DT396", _E, "nothing to explain", "There is no such unit, node or period, or the unit has no score.", "`dtindex score` lists who has one; the nearest name is proposed."),
    ("DT401", _E, "not an edition", "The file is not a dtindex edition.", "`dtindex freeze` writes one."),
    ("DT402", _E, "edition altered", "A part of the edition does not have the hash that was recorded when it was frozen.", "Fetch the original; nothing of this file can be trusted."),
    ("DT403", _E, "recomputation differs", "Fitting and scoring anew gives other figures than the edition holds.", "Compare versions; report it."),
    ("DT404", _E, "edition of a newer format", "A later dtindex wrote it.", "Update dtindex."),
    ("DT405", _E, "method cannot be frozen", "The method ranks a set as a whole; a new unit has no score of its own.", "Score tables with the methodology, or take another method."),
    ("DT406", _N, "edition without its table", "The edition was frozen without its rows: its hashes hold, and nothing can be recomputed.", "Keep the table if it must be verifiable."),
    ("DT410", _E, "cannot write", "The file or folder cannot be written; what was there before is untouched.", "Check the path, the permissions and the disk."),
    ("DT420", _E, "not fitted", "The index was asked for scores before it was fitted.", "Call `fit` first."),
    ("DT520", _W, "map without approval number", "A map was given without the number under which it was approved; a map of China that is shown in public must bear one.", "Give it with --map-approval-no (`map_approval_no=`), or leave the map out: the tiles need none."),
    ("DT521", _E, "not a map", "The file is not a GeoJSON FeatureCollection with areas, or cannot be read.", "Export the areas as GeoJSON in degrees (EPSG:4326), with `name` or `adcode` in their properties."),
    ("DT522", _N, "page of the best units", "A page in one file holds 5,000 rows; those that rank best are in it.", "`dtindex serve` shows all of them by pages; or score a part of the table."),
    ("DT523", _N, "page without a simulation", "There are many units, so no simulation was run for the page unasked.", "Ask for one with --simulate RUNS."),
    ("DT524", _E, "no kind of report", "The ending of the name says which kind of report is written, and this is none.", "Take one of the endings that the message names."),
    ("DT700", _E, "request not understood", "The address or a header holds what no request may hold.", "Correct the request."),
    ("DT701", _E, "no valid key", "The service answers to a key that it knows, that has not expired and is not revoked; it does not say which of these failed.", "Send `Authorization: Bearer KEY`; `dtindex keys create` makes a key."),
    ("DT702", _E, "not allowed", "The key is valid, and its scopes do not cover this.", "Use a key with the scope that is named."),
    ("DT703", _E, "not found", "Nothing of that name is there for this key.", "Check the address; a list shows what there is."),
    ("DT704", _E, "method not allowed", "The address exists, and does not take this method.", "Use one that the header `Allow` names."),
    ("DT705", _E, "no such representation", "The resource cannot be shown in any of the formats that are asked for.", "Ask for one of those that the message names, by the ending of the address or by `Accept`."),
    ("DT706", _E, "conflict", "What is there already stands in the way: a name that is taken, or something in use.", "Choose another name, or remove what stands in the way."),
    ("DT707", _E, "body too large", "The body is over the limit of this address.", "Send less at a time, upload a file, or raise the limit."),
    ("DT708", _E, "media type not taken", "The body is of a kind that this address does not read.", "Send it as one of those that the message names."),
    ("DT709", _E, "request not valid", "A part of the request lacks, is of the wrong type, or is out of range.", "Correct the places that are listed."),
    ("DT710", _E, "not JSON", "The body is not one JSON text in UTF-8.", "Correct the place that is named."),
    ("DT711", _E, "duplicate key in JSON", "A name stands twice in one object, and one of its values would be lost in silence.", "Keep one of the two."),
    ("DT712", _E, "nested too deep", "The JSON text is nested deeper than any request needs.", "Flatten it."),
    ("DT713", _E, "not a JSON number or text", "NaN, Infinity, numbers beyond a float, NUL and lone surrogates are no values.", "Leave the value out, write null, or correct it."),
    ("DT714", _E, "idempotency key used again", "The key was sent before with another request.", "Send a new `Idempotency-Key` with each new request."),
    ("DT715", _E, "request in progress", "The first request with this idempotency key has not ended.", "Wait, and send it again."),
    ("DT716", _E, "too many requests", "The key has used up what it may ask for in a minute.", "Wait as long as `Retry-After` says."),
    ("DT717", _E, "not ready", "The service cannot reach what it needs just now.", "Try again later."),
    ("DT718", _E, "no room left", "The disk is full; nothing was stored.", "Free some space, and send it again."),
    ("DT719", _E, "page not found", "The cursor is not one that this service gave.", "Follow the link `next` of the header `Link`, or begin without `after`."),
    ("DT720", _E, "read only", "The service changes nothing as it is set up.", "Start it with a key, or with DTINDEX_READ_ONLY=false."),
    ("DT721", _E, "a job that nobody survives", "Workers or their processes ended each time that they tried a chunk of the job, by the system, by a limit of memory, or by a fault in a library.", "Look into the log for how they ended, raise DTINDEX_JOB_MEMORY_BYTES or ask for less, and send the request again."),
    ("DT722", _E, "no result", "The job has not ended, or ended without a result.", "Wait for it, or see in the job why it failed."),
    ("DT723", _E, "store damaged", "A row, a file or an entry of the audit log is missing, or is not what it was.", "Restore the last backup; `dtindex doctor --data-dir DIR` names each place."),
    ("DT724", _E, "not a backup", "The file was not made by `dtindex backup`, or is damaged.", "Take another copy of it, or another backup."),
    ("DT900", _E, "a bug in dtindex", "Something happened that no one foresaw.", "Send the report whose path is printed."),
    ("DT901", _E, "interrupted", "The run was stopped; finished files stand, no half-written one does.", "Run it again."),
    ("DT902", _E, "usage", "The command cannot be understood.", "`dtindex VERB --help` shows the grammar and an example."),
    ("DT903", _E, "resource limit", "A limit of memory, time or size was met.", "Use a smaller input, or raise the limit."),
    ("DT904", _E, "part not installed", "The work needs a package of an extra that is not installed.", "Install it as the message says."),
)  # fmt: skip
