"""Exports of questionnaires, made from given answers. Made by us: no file of a platform was copied.

What the public descriptions of each format say, and what is written here accordingly:

- 问卷星 (descriptions of its downloads, and public parsers of them): six columns come first: 序号, 提交答卷时间,
  所用时间 as ``213秒``, 来源, 来源详情, 来自IP as ``1.2.3.4(北京-北京)``. A question of one answer is headed
  ``3、题干`` and holds the option's text, or in the export of codes its number from 1. Ticked options are joined by
  ``┋`` in one column, or have a column ``第3题(选项)`` each with 1 or 0. Ranked options are joined by ``→``, or have a
  column each with the place. A matrix has a column ``第3题(行标题)`` for each row in both. A blank is ``(空)`` or -2,
  what was skipped by logic is ``(跳过)`` or -3. What was typed beside "other" follows in ``〖〗``. Headings are in the
  questionnaire's language, here Chinese.
- Qualtrics (its support pages, "Understanding your data set"): three rows of headings: names (StartDate ... Q1,
  Q3_1), wordings (``stem``, ``stem - option``, ``stem - row``), and ``{"ImportId":"QID1"}``. A ticked option holds its
  text, or 1; one that is not ticked is blank. A ranking has a column an option, with its place. What was typed beside
  "other" stands in ``Q3_6_TEXT``.
- SPSS (the documentation of its files and of pyreadstat): labels of variables and of values, codes that are declared
  missing, ticks as variables of 1 and 0, a variable for each row of a matrix.
- LimeSurvey (its manual, "Exporting results"): id, submitdate, lastpage, startlanguage, seed, then ``Q1`` and
  ``Q3[SQ001]`` with Y or nothing; of a ranking ``Q7[1]`` holds the option in this place. With full headings
  ``Q1. wording`` and ``Q3[SQ001]. wording [part]``.
- plain: a column a question under its id, ``Q4[row]`` for the rows of a matrix, lists joined by ``;``.
"""

from __future__ import annotations

import csv
import io
import json
import random
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import openpyxl
import pandas as pd
import pyreadstat
import xlwt

from dtindex.spec.base import text
from dtindex.spec.model import Methodology
from dtindex.spec.questions import (
    MatrixQuestion,
    MultipleQuestion,
    NumberQuestion,
    Option,
    Question,
    RankingQuestion,
    ScaleQuestion,
    SingleQuestion,
    TextQuestion,
)

SKIPPED = "(skipped by logic)"
"""The answer to a question that the platform did not ask; None is a question that was asked and left empty."""

Person = Mapping[str, Any]
"""Answers by question id: an option's id (single), a tuple of ids (multiple; ranking, in order), a number or a declared
code (scale), a dictionary by row (matrix), a number, a text."""


@dataclass(frozen=True)
class Sample:
    """Respondents to a questionnaire, and columns that the platform carries beside the answers."""

    methodology: Methodology
    people: tuple[Person, ...]
    beside: Mapping[str, Sequence[Any]] = field(default_factory=dict)
    seconds: tuple[int, ...] = ()
    typed: Mapping[str, str] = field(default_factory=dict)
    """By option id, what respondents typed beside it."""

    def with_answers(self, number: int, **answers: Any) -> Sample:
        """The same, but for answers of the respondent with this number, from 0."""
        people = list(self.people)
        people[number] = {**people[number], **answers}
        return replace(self, people=tuple(people))


@dataclass
class Grid:
    """Rows of headings and rows of cells; a cell is a text, a number or None."""

    heads: list[list[str]]
    rows: list[list[Any]]

    def column(self, name: str) -> int:
        """The position of a heading in the first row of headings."""
        return self.heads[0].index(name)

    def put(self, row: int, name: str, cell: Any) -> Grid:
        """Change a cell."""
        self.rows[row][self.column(name)] = cell
        return self

    def rename(self, name: str, new: str) -> Grid:
        """Change a heading of the first row."""
        self.heads[0][self.column(name)] = new
        return self

    def add(self, name: str, cells: Sequence[Any], *heads: str) -> Grid:
        """A further column, with its headings below the first."""
        below = [*heads, *[""] * (len(self.heads) - 1 - len(heads))]
        for row, head in zip(self.heads, (name, *below), strict=True):
            row.append(head)
        for row, cell in zip(self.rows, cells, strict=True):
            row.append(cell)
        return self

    def drop(self, *names: str) -> Grid:
        """Without some columns."""
        gone = {self.column(name) for name in names}
        return self.take([column for column in range(len(self.heads[0])) if column not in gone])

    def take(self, columns: Sequence[int]) -> Grid:
        """These columns, in this order."""
        heads = [[row[column] for column in columns] for row in self.heads]
        return Grid(heads, [[row[column] for column in columns] for row in self.rows])


# --- who answers what ---


def sample(
    methodology: Methodology, count: int = 50, seed: int = 4, *, gaps: float = 0.03, typed: Mapping[str, str] = {}
) -> Sample:
    """Random answers that keep to the skip rules; some are left empty, the key never is."""
    chance = random.Random(seed)
    people = tuple(_person(methodology, number, chance, gaps) for number in range(count))
    key = methodology.units.key
    asked = {question.id for question in methodology.questions}
    beside: dict[str, Sequence[Any]] = {} if key in asked else {key: [f"企业{number:03}" for number in range(count)]}
    if methodology.survey is not None and methodology.survey.weight is not None:
        beside[methodology.survey.weight] = [round(chance.uniform(0.5, 2.0), 2) for _ in range(count)]
    return Sample(methodology, people, beside, tuple(chance.randint(150, 900) for _ in range(count)), typed)


def _person(methodology: Methodology, number: int, chance: random.Random, gaps: float) -> Person:
    answers: dict[str, Any] = {}
    for question in methodology.questions:
        rule = question.skip_when
        given = answers.get(rule.question) if rule is not None else None
        if question.id == methodology.units.key:
            answers[question.id] = f"企业{number:03}"
        elif rule is not None and set(given if isinstance(given, tuple) else (given,)) & set(rule.answers):
            answers[question.id] = SKIPPED
        else:
            answers[question.id] = None if chance.random() < gaps else _answer(question, chance)
    return answers


def _answer(question: Question, chance: random.Random) -> Any:
    if isinstance(question, SingleQuestion):
        return chance.choice(question.options).id
    if isinstance(question, MultipleQuestion):
        alone = [option.id for option in question.options if option.alone]
        if alone and chance.random() < 0.15:
            return (alone[0],)
        others = [option.id for option in question.options if not option.alone]
        chosen = chance.sample(others, chance.randint(1, len(others)))
        return tuple(option for option in others if option in chosen)
    if isinstance(question, RankingQuestion):
        ids = [option.id for option in question.options]
        return tuple(chance.sample(ids, max(len(question.points), 1)))
    if isinstance(question, MatrixQuestion):
        return {row.id: _answer(question.row(row.id), chance) for row in question.rows}
    if isinstance(question, ScaleQuestion):
        codes = [code for code in question.codes if code.isdecimal()]
        if codes and chance.random() < 0.1:
            return chance.choice(codes)
        return question.first + chance.randrange(question.points)
    if isinstance(question, NumberQuestion):
        low, high = question.range or (0, 1000)
        edges = question.bands.edges if question.bands is not None else ()
        return chance.choice([*edges, round(chance.uniform(low, high), 2), chance.randint(int(low), int(high))])
    return chance.choice(["没有", "很好", "请多沟通，谢谢", "a; b"])


# --- what a platform calls it ---


def zh(item: Any) -> str:
    """The wording of a question, option or row."""
    return text(item.label, "zh") or item.id


def number_of(methodology: Methodology, question: Question) -> int:
    """The number that the platform gives the question."""
    return [one.id for one in methodology.questions].index(question.id) + 1


def _option(question: Any, name: str) -> Option:
    return next(option for option in question.options if option.id == name)


def _code(question: Any, name: str) -> int | str:
    option = _option(question, name)
    return option.code if option.code is not None else [one.id for one in question.options].index(name) + 1


def _words(question: Any, answer: Any) -> Any:
    """An answer to a question of one, in words."""
    if answer is None or answer == SKIPPED:
        return answer
    if isinstance(question, SingleQuestion):
        return zh(_option(question, answer))
    if isinstance(question, ScaleQuestion):
        if isinstance(answer, str):  # a code: the Chinese word that means the same
            rule = question.codes[answer]
            return next((code for code, one in question.codes.items() if one == rule and not code.isascii()), answer)
        return text(question.labels[answer - question.first], "zh") if question.labels else answer
    return answer


def _codes(question: Any, answer: Any) -> Any:
    """An answer to a question of one, in codes."""
    if answer is None or answer == SKIPPED:
        return answer
    if isinstance(question, SingleQuestion):
        return _code(question, answer)
    if isinstance(question, ScaleQuestion) and isinstance(answer, str):
        return int(answer)
    return answer


def _rows(question: MatrixQuestion, answer: Any) -> dict[str, Any]:
    return answer if isinstance(answer, Mapping) else {row.id: answer for row in question.rows}


# --- 问卷星 ---

WJX_META = ("序号", "提交答卷时间", "所用时间", "来源", "来源详情", "来自IP")


def wjx(of: Sample, codes: bool = False) -> Grid:
    """The export of texts, or of codes."""
    blanks = {None: -2, SKIPPED: -3} if codes else {None: "(空)", SKIPPED: "(跳过)"}
    grid = Grid([list(WJX_META)], [])
    for number in range(len(of.people)):
        meta = [number + 1, f"2024/3/{number % 28 + 1} 9:{number % 60:02}:00", f"{of.seconds[number]}秒", "微信"]
        grid.rows.append([*meta, "N/A", f"1.2.3.{number}(北京-北京)"])
    for question in of.methodology.questions:
        for head, cells in _wjx_columns(of, question, codes):
            grid.add(head, [blanks.get(cell, cell) for cell in cells])
    for name, cells in of.beside.items():
        grid.add(name, cells)
    return grid


def _wjx_columns(of: Sample, question: Question, codes: bool) -> list[tuple[str, list[Any]]]:
    number = number_of(of.methodology, question)
    answers = [person[question.id] for person in of.people]
    whole, part = f"{number}、{zh(question)}", f"第{number}题({{}})"
    tell: Callable[[Any, Any], Any] = _codes if codes else _words
    if isinstance(question, MatrixQuestion):
        rows = [_rows(question, answer) for answer in answers]
        return [
            (part.format(zh(row)), [tell(question.row(row.id), one[row.id]) for one in rows]) for row in question.rows
        ]
    if isinstance(question, MultipleQuestion | RankingQuestion) and codes:
        return [
            (part.format(zh(option)), [_in_or_out(question, option.id, answer) for answer in answers])
            for option in question.options
        ]
    if isinstance(question, MultipleQuestion | RankingQuestion):
        joint = "┋" if isinstance(question, MultipleQuestion) else "→"
        told = [
            joint.join(_filled_in(of, question, name) for name in answer) if isinstance(answer, tuple) else answer
            for answer in answers
        ]
        return [(whole, told)]
    if isinstance(question, SingleQuestion) and not codes:
        named = [_filled_in(of, question, answer) if answer not in (None, SKIPPED) else answer for answer in answers]
        return [(whole, named)]
    return [(whole, [tell(question, answer) for answer in answers])]


def _filled_in(of: Sample, question: Any, name: str) -> str:
    told = zh(_option(question, name))
    return f"{told}〖{of.typed[name]}〗" if name in of.typed else told


def _in_or_out(question: Question, option: str, answer: Any) -> Any:
    """1 or 0 of a tick, the place in an order, or the reason for which there is neither."""
    if not isinstance(answer, tuple):
        return answer
    if isinstance(question, RankingQuestion):
        return answer.index(option) + 1 if option in answer else -2
    return int(option in answer)


# --- Qualtrics ---

QUALTRICS_META = (
    *("StartDate", "EndDate", "Status", "IPAddress", "Progress", "Duration (in seconds)", "Finished", "RecordedDate"),
    *("ResponseId", "RecipientLastName", "RecipientFirstName", "RecipientEmail", "ExternalReference"),
    *("LocationLatitude", "LocationLongitude", "DistributionChannel", "UserLanguage"),
)


def qualtrics(of: Sample, numeric: bool = False) -> Grid:
    """The export of choice texts, or of numeric values."""
    imports = [json.dumps({"ImportId": name[:1].lower() + name[1:]}) for name in QUALTRICS_META]
    grid = Grid([list(QUALTRICS_META), list(QUALTRICS_META), imports], [])
    for number in range(len(of.people)):
        date = f"2024-03-{number % 28 + 1:02} 09:00:00"
        meta = [date, date, 0 if numeric else "IP Address", f"1.2.3.{number}", 100, of.seconds[number]]
        meta += [1 if numeric else "True", date, f"R_{number:04}", "李", "雷", f"lei{number}@example.org", ""]
        grid.rows.append([*meta, 39.9, 116.4, "anonymous", "ZH-S"])
    tell: Callable[[Any, Any], Any] = _codes if numeric else _words
    for position, question in enumerate(of.methodology.questions, 1):
        answers = [None if person[question.id] == SKIPPED else person[question.id] for person in of.people]
        for suffix, part, cells in _qualtrics_columns(of, question, answers, tell, numeric):
            wording = f"{zh(question)} - {part}" if part else zh(question)
            imported = json.dumps({"ImportId": f"QID{position}{suffix}"})
            grid.add(f"{question.id}{suffix}", cells, wording, imported)
    for name, cells in of.beside.items():
        grid.add(name, cells, name, json.dumps({"ImportId": name}))
    return grid


def _qualtrics_columns(
    of: Sample, question: Question, answers: list[Any], tell: Callable[[Any, Any], Any], numeric: bool
) -> list[tuple[str, str, list[Any]]]:
    """Suffix, part and cells of each column."""
    if isinstance(question, MatrixQuestion):
        rows = [_rows(question, answer) for answer in answers]
        return [
            (f"_{position}", zh(row), [tell(question.row(row.id), one[row.id]) for one in rows])
            for position, row in enumerate(question.rows, 1)
        ]
    if isinstance(question, RankingQuestion):
        return [
            (f"_{position}", zh(option), [_place(option.id, answer) for answer in answers])
            for position, option in enumerate(question.options, 1)
        ]
    if isinstance(question, MultipleQuestion):
        columns = []
        for position, option in enumerate(question.options, 1):
            ticked = [answer is not None and option.id in answer for answer in answers]
            cells: list[Any] = [(1 if numeric else zh(option)) if tick else None for tick in ticked]
            columns.append((f"_{position}", zh(option), cells))
            if option.id in of.typed:
                beside = [of.typed[option.id] if tick else None for tick in ticked]
                columns.append((f"_{position}_TEXT", f"{zh(option)} - Text", beside))
        return columns
    return [("", "", [tell(question, answer) for answer in answers])]


def _place(option: str, answer: Any) -> int | None:
    return answer.index(option) + 1 if isinstance(answer, tuple) and option in answer else None


# --- LimeSurvey ---


def limesurvey(of: Sample, full: bool = False) -> Grid:
    """The export of codes, under codes or under full headings."""
    meta = {"id": "Response ID", "submitdate": "Date submitted", "lastpage": "Last page"}
    meta |= {"startlanguage": "Start language", "seed": "Seed", "interviewtime": "Total time"}
    grid = Grid([[f"{name}. {told}" if full else name for name, told in meta.items()]], [])
    for number in range(len(of.people)):
        grid.rows.append([number + 1, "2024-03-01 09:00:00", 5, "zh-Hans", 1_000_003 * number, of.seconds[number]])
    for question in of.methodology.questions:
        answers = [None if person[question.id] == SKIPPED else person[question.id] for person in of.people]
        for code, part, cells in _limesurvey_columns(question, answers):
            name = f"{question.id}[{code}]" if code else question.id
            wording = f"{zh(question)} [{part}]" if part else zh(question)
            grid.add(f"{name}. {wording}" if full else name, cells)
    for name, cells in of.beside.items():
        grid.add(f"{name}. {name}" if full else name, cells)
    return grid


def _limesurvey_columns(question: Question, answers: list[Any]) -> list[tuple[str, str, list[Any]]]:
    def own(item: Any) -> str:
        return str(item.code) if item.code is not None else item.id

    if isinstance(question, MatrixQuestion):
        rows = [_rows(question, answer) for answer in answers]
        return [
            (own(row), zh(row), [_lime_code(question.row(row.id), one[row.id]) for one in rows])
            for row in question.rows
        ]
    if isinstance(question, RankingQuestion):
        ranked = [[own(_option(question, name)) for name in answer or ()] for answer in answers]
        return [
            (str(place + 1), f"Rank {place + 1}", [one[place] if place < len(one) else None for one in ranked])
            for place in range(len(question.options))
        ]
    if isinstance(question, MultipleQuestion):
        return [
            (own(one), zh(one), ["Y" if answer is not None and one.id in answer else None for answer in answers])
            for one in question.options
        ]
    return [("", "", [_lime_code(question, answer) for answer in answers])]


def _lime_code(question: Any, answer: Any) -> Any:
    if isinstance(question, SingleQuestion) and answer is not None:
        option = _option(question, answer)
        return option.code if option.code is not None else option.id
    return answer


# --- plain ---


def plain(of: Sample) -> Grid:
    """One column a question, under its id."""
    grid = Grid([[]], [[] for _ in of.people])
    for question in of.methodology.questions:
        answers = [None if person[question.id] == SKIPPED else person[question.id] for person in of.people]
        if isinstance(question, MatrixQuestion):
            rows = [_rows(question, answer) for answer in answers]
            for row in question.rows:
                grid.add(f"{question.id}[{row.id}]", [one[row.id] for one in rows])
        else:
            grid.add(question.id, [";".join(one) if isinstance(one, tuple) else one for one in answers])
    grid.add("duration", of.seconds)
    for name, cells in of.beside.items():
        grid.add(name, cells)
    return grid


# --- SPSS ---


def write_spss(of: Sample, path: Path, **changed: Mapping[str, Any]) -> Path:
    """A .sav; ``changed`` replaces labels of values by variable."""
    columns: dict[str, list[Any]] = {}
    labels: dict[str, str] = {}
    value_labels: dict[str, dict[Any, str]] = {}
    missing: dict[str, list[Any]] = {}

    def variable(name: str, label: str, cells: list[Any], told: Mapping[Any, str], gone: list[Any]) -> None:
        columns[name], labels[name] = cells, label
        if told:
            value_labels[name] = dict(told)
        if gone:
            missing[name] = [{"lo": code, "hi": code} for code in gone]

    for question in of.methodology.questions:
        answers = [None if person[question.id] == SKIPPED else person[question.id] for person in of.people]
        stem = zh(question)
        if isinstance(question, MatrixQuestion):
            rows = [_rows(question, answer) for answer in answers]
            for position, row in enumerate(question.rows, 1):
                inner = question.row(row.id)
                cells = [_codes(inner, one[row.id]) for one in rows]
                variable(f"{question.id}_{position}", f"{stem} - {zh(row)}", cells, *_declared(inner))
        elif isinstance(question, MultipleQuestion | RankingQuestion):
            ticks = isinstance(question, MultipleQuestion)
            for position, option in enumerate(question.options, 1):
                tell = (lambda one, name: None if one is None else int(name in one)) if ticks else _swapped_place
                cells = [tell(answer, option.id) for answer in answers]
                told = {1: "选中", 0: "未选中"} if ticks else {}
                variable(f"{question.id}_{position}", f"{stem} - {zh(option)}", cells, told, [])
        elif isinstance(question, TextQuestion):
            variable(question.id, stem, [one or "" for one in answers], {}, [])
        else:
            variable(question.id, stem, [_codes(question, one) for one in answers], *_declared(question))
    columns["duration"] = list(of.seconds)
    columns |= {name: list(cells) for name, cells in of.beside.items()}
    frame = pd.DataFrame(columns)
    numeric = [name for name in frame if not (frame[name].map(lambda cell: isinstance(cell, str))).any()]
    frame = frame.astype(dict.fromkeys(numeric, float))
    pyreadstat.write_sav(
        frame,
        str(path),
        column_labels={name: labels.get(name, "") for name in frame},
        variable_value_labels={**value_labels, **changed},
        missing_ranges=missing,
    )
    return path


def _swapped_place(answer: Any, option: str) -> int | None:
    return _place(option, answer)


def _declared(question: Any) -> tuple[dict[Any, str], list[Any]]:
    """Labels of values, and the codes that are declared missing."""
    if isinstance(question, SingleQuestion):
        told = {_code(question, option.id): zh(option) for option in question.options}
        return told, [_code(question, option.id) for option in question.options if option.status is not None]
    if isinstance(question, ScaleQuestion):
        told = {question.first + at: text(label, "zh") or "" for at, label in enumerate(question.labels)}
        codes = [int(code) for code in question.codes if code.isdecimal()]
        return told | {code: _words(question, str(code)) for code in codes if told}, codes
    return {}, []


# --- files ---


def write(grid: Grid, path: Path, encoding: str = "utf-8-sig") -> Path:
    """A file of the format that its name says: .csv in an encoding, .xls, .xlsx."""
    rows = [*grid.heads, *grid.rows]
    if path.suffix == ".csv":
        stream = io.StringIO()
        csv.writer(stream, lineterminator="\r\n").writerows([["" if c is None else c for c in row] for row in rows])
        path.write_bytes(stream.getvalue().encode(encoding))
    elif path.suffix == ".xls":
        old = xlwt.Workbook(encoding="utf-8")
        page = old.add_sheet("Sheet1")
        for row, cells in enumerate(rows):
            for column, cell in enumerate(cells):
                if cell is not None:
                    page.write(row, column, cell)
        old.save(str(path))
    else:
        book = openpyxl.Workbook(write_only=True)
        sheet = book.create_sheet("Sheet1")
        for cells in rows:
            sheet.append(cells)
        book.save(path)
    return path


FORMATS: dict[str, Callable[[Sample, Path], Path]] = {
    "wjx-text-xls": lambda of, folder: write(wjx(of), folder / "wjx_text.xls"),
    "wjx-text-xlsx": lambda of, folder: write(wjx(of), folder / "wjx_text.xlsx"),
    "wjx-text-gb18030": lambda of, folder: write(wjx(of), folder / "wjx_gb.csv", "gb18030"),
    "wjx-text-utf8": lambda of, folder: write(wjx(of), folder / "wjx_utf8.csv"),
    "wjx-codes-xlsx": lambda of, folder: write(wjx(of, codes=True), folder / "wjx_codes.xlsx"),
    "wjx-codes-xls": lambda of, folder: write(wjx(of, codes=True), folder / "wjx_codes.xls"),
    "wjx-codes-csv": lambda of, folder: write(wjx(of, codes=True), folder / "wjx_codes.csv"),
    "qualtrics-text": lambda of, folder: write(qualtrics(of), folder / "qualtrics_text.csv"),
    "qualtrics-numeric": lambda of, folder: write(qualtrics(of, numeric=True), folder / "qualtrics_codes.csv"),
    "spss": lambda of, folder: write_spss(of, folder / "answers.sav"),
    "limesurvey": lambda of, folder: write(limesurvey(of), folder / "lime.csv", "utf-8"),
    "limesurvey-full": lambda of, folder: write(limesurvey(of, full=True), folder / "lime_full.csv", "utf-8"),
    "plain": lambda of, folder: write(plain(of), folder / "plain.csv", "utf-8"),
}
"""Every export that is made of the same answers."""
