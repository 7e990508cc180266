"""The page of a figure: title, key, rows with their labels, axis, notes; and its way into a file.

Everything is placed in inches, so that rows are as high in every figure of so many units, and no label is cut: the page
grows with what is on it.
"""

from __future__ import annotations

import io
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar

from dtindex.atomic import write_bytes
from dtindex.findings import Place, UsageError, finding
from dtindex.reports.figures.fonts import Font, font_for
from dtindex.reports.figures.palette import GRID, INK, MUTED, PAPER
from dtindex.reports.figures.words import vocabulary
from dtindex.spec.base import Language

if TYPE_CHECKING:
    from matplotlib.artist import Artist
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure
    from matplotlib.text import Text

__all__ = ["DPI", "Page", "Row", "drawing", "rendered", "round_ticks", "save", "whole_ticks"]

DPI = 200
WIDTH = 7.2
"""Inches: the text of a page of A4 with narrow margins, whose figures are then not scaled."""
_MARGIN = 0.16
_TITLE, _TEXT, _SMALL = 13.0, 8.5, 7.5
"""Points."""
_LINE = 1.5
"""Height of a line, in heights of its letters."""
_GAP = 0.08
_KEY_LINE = _TEXT * _LINE * 1.1 / 72
"""Inches."""
_ZEBRA = "#f4f6f9"

_FORMATS: dict[str, dict[str, Any]] = {
    ".svg": {"format": "svg", "metadata": {"Date": None}},
    ".png": {"format": "png", "metadata": {"Software": None}},
    ".pdf": {"format": "pdf", "metadata": {"CreationDate": None}},
}

# matplotlib's settings belong to the process; one figure at a time may hold them, and puts them back.
_ONE_AT_A_TIME = threading.RLock()


@contextmanager
def drawing() -> Iterator[None]:
    """matplotlib with its own defaults, whatever the user's file of settings says; what stood there stands again after.

    Raises
    ------
    UsageError
        DT904 where matplotlib is not installed.
    """
    try:
        import matplotlib
    except ImportError:
        message = "figures need matplotlib: pip install 'dtindex[report]'"
        raise UsageError([finding("DT904", message)]) from None
    defaults = matplotlib.rcParamsDefault
    settings = {name: defaults[name] for name in defaults if name.partition(".")[0] not in _NOT_OURS}
    settings |= {"svg.hashsalt": "dtindex", "svg.fonttype": "path", "path.simplify": False, "axes.unicode_minus": True}
    with _ONE_AT_A_TIME, matplotlib.rc_context(settings):
        yield


_NOT_OURS = frozenset({"backend", "backend_fallback", "interactive", "keymap", "toolbar", "timezone", "webagg", "tk"})
"""Settings of windows and notebooks, which no figure in a file asks for."""


@dataclass(frozen=True)
class Row:
    """The label of a row."""

    name: str
    rank: str = ""


@dataclass
class Page:
    """A figure in the making."""

    language: Language
    title: str
    subtitle: str
    rows: Sequence[Row]
    notes: Sequence[str] = ()
    key: Sequence[Sequence[tuple[Artist, str]]] = ()
    """What stands for what; each group of it begins a line."""
    axis: str = ""
    bars: int = 1
    """Bars a row."""
    plot: float | None = None
    """Inches of a plot that has no rows."""
    above: float = 0.0
    """Inches kept free above the plot, for what is written there."""
    texts: Sequence[str] = ()
    """What is written into the plot: its characters choose the font too."""
    striped: bool = True
    """Whether every other row has a ground of its own, or only its label."""
    width: ClassVar[float] = WIDTH
    font: Font = field(init=False)
    figure: Figure = field(init=False)
    axes: Axes = field(init=False)

    def __post_init__(self) -> None:
        from matplotlib.backends.backend_agg import FigureCanvasAgg
        from matplotlib.figure import Figure

        said = [
            self.title,
            self.subtitle,
            self.axis,
            *self.notes,
            *self.texts,
            *(label for group in self.key for _, label in group),
        ]
        said += [part for row in self.rows for part in (row.name, row.rank)]
        self.font = font_for([vocabulary(self.language), *said])
        key = self._key_lines()
        title, subtitle = self._wrapped(self.title, _TITLE), self._wrapped(self.subtitle, _SMALL)
        notes = [line for note in self.notes for line in self._wrapped(note, _SMALL)]
        ticks = _inches(_SMALL)
        head = len(title) * _inches(_TITLE) + len(subtitle) * _inches(_SMALL) + _GAP + len(key) * _KEY_LINE
        top = _MARGIN + head + (ticks if self.both else _GAP) + self.above
        bottom = _MARGIN + ticks + (_inches(_TEXT) if self.axis else 0.0) + len(notes) * _inches(_SMALL) + _GAP / 2
        plot = len(self.rows) * self.row_height if self.plot is None else self.plot
        height = top + plot + bottom
        left = self._left()
        self.figure = Figure(figsize=(self.width, height), dpi=DPI, facecolor=PAPER)
        FigureCanvasAgg(self.figure)
        self.axes = self.figure.add_axes(
            (left / self.width, bottom / height, (self.width - left - 2 * _MARGIN) / self.width, plot / height)
        )
        self._frame()
        self._head(title, subtitle, key, height)
        self._labels()
        for position, line in enumerate(reversed(notes)):
            self._write(_MARGIN, _MARGIN + position * _inches(_SMALL), line, _SMALL, MUTED, va="bottom")

    # --- measures ---

    @property
    def label_size(self) -> float:
        """Points of the labels of rows: the more rows, the smaller."""
        count = len(self.rows)
        return 8.5 if count <= 40 else 7.5 if count <= 70 else 6.5

    @property
    def row_height(self) -> float:
        """Inches."""
        return max(self.label_size * 1.75, 10.0 * self.bars + 6.0 if self.bars > 1 else 0.0) / 72

    @property
    def both(self) -> bool:
        """Whether the axis is told above the rows as well as below: where the eye would have far to go."""
        return len(self.rows) > 15

    def _rank_width(self) -> float:
        ranks = max((self.font.width(row.rank, self.label_size) for row in self.rows if row.rank), default=0.0)
        return ranks + 0.09 if ranks else 0.0

    def _left(self) -> float:
        if not self.rows:
            return 2 * _MARGIN
        names = max(self.font.width(row.name, self.label_size) for row in self.rows)
        return _MARGIN + self._rank_width() + names + 0.14

    @property
    def across(self) -> float:
        """Inches that the plot is wide."""
        return self.width - self._left() - 2 * _MARGIN

    def _wrapped(self, text: str, size: float) -> list[str]:
        """Lines that the page has room for: broken between words, Chinese between any two characters."""
        room, lines, line = self.width - 2 * _MARGIN, [], ""
        for part in text.split() if self.language == "en" else " ".join(text.split()):
            joined = f"{line} {part}" if self.language == "en" and line else line + part
            if line and self.font.width(joined, size) > room:
                lines.append(line)
                joined = part
            line = joined
        return [*lines, line]

    def _key_lines(self) -> list[list[tuple[Artist, str]]]:
        """The key's entries by line, as many as the page is wide."""
        lines: list[list[tuple[Artist, str]]] = []
        for group in self.key:
            used = self.width
            for entry in group:
                needed = self.font.width(entry[1], _TEXT) + 4.3 * _TEXT / 72
                if used + needed > self.width - 2 * _MARGIN:
                    lines.append([])
                    used = 0.0
                lines[-1].append(entry)
                used += needed
        return lines

    # --- what stands on the page ---

    def _frame(self) -> None:
        axes = self.axes
        if self.rows:
            axes.set_ylim(len(self.rows) - 0.5, -0.5)
        axes.set_yticks([])
        axes.set_facecolor("none")
        axes.set_axisbelow(True)
        for spine in axes.spines.values():
            spine.set_visible(False)

    def _head(self, title: list[str], subtitle: list[str], key: list[list[tuple[Artist, str]]], height: float) -> None:
        down = height - _MARGIN
        for line in title:
            self._write(_MARGIN, down, line, _TITLE, INK)
            down -= _inches(_TITLE)
        for line in subtitle:
            self._write(_MARGIN, down, line, _SMALL, MUTED)
            down -= _inches(_SMALL)
        down -= _GAP
        for entries in key:
            legend = self.figure.legend(
                [handle for handle, _ in entries],
                [label for _, label in entries],
                loc="upper left",
                bbox_to_anchor=(_MARGIN / self.width, down / height),
                ncols=len(entries),
                prop=self.font.properties(_TEXT),
                labelcolor=INK,
                frameon=False,
                borderpad=0.0,
                borderaxespad=0.0,
                handlelength=1.6,
                handletextpad=0.6,
                columnspacing=1.6,
            )
            for text in legend.get_texts():
                text.set_parse_math(False)
            down -= _KEY_LINE

    def _labels(self) -> None:
        from matplotlib.patches import Rectangle
        from matplotlib.transforms import blended_transform_factory

        across = blended_transform_factory(self.figure.dpi_scale_trans, self.axes.transData)
        ranks = self._rank_width()
        band_width = self.width - _MARGIN if self.striped else self._left() - _MARGIN / 2 - 0.06
        for position, row in enumerate(self.rows):
            if position % 2 == 0:
                band = Rectangle(
                    (_MARGIN / 2, position - 0.5),
                    band_width,
                    1.0,
                    transform=across,
                    facecolor=_ZEBRA,
                    linewidth=0,
                    clip_on=False,
                    zorder=-2,
                )
                self.axes.add_artist(band)
            common: dict[str, Any] = {"transform": across, "va": "center_baseline", "parse_math": False}
            font = self.font.properties(self.label_size)
            if row.rank:
                self.axes.text(
                    _MARGIN + ranks - 0.09, position, row.rank, ha="right", color=MUTED, fontproperties=font, **common
                )
            self.axes.text(_MARGIN + ranks, position, row.name, ha="left", color=INK, fontproperties=font, **common)

    def ticks(self, positions: Sequence[float], labels: Sequence[str]) -> None:
        """Ticks of the axis, with a line through the rows each."""
        axes, both = self.axes, self.both
        font = self.font.properties(_SMALL)
        axes.set_xticks(list(positions), list(labels), fontproperties=font, color=MUTED, parse_math=False)
        axes.tick_params(axis="x", length=0, pad=3, top=both, labeltop=both, bottom=True, labelbottom=True)
        axes.grid(visible=True, axis="x", color=GRID, linewidth=0.6)
        for tick in axes.xaxis.get_major_ticks():
            for text in (tick.label1, tick.label2):
                text.set(fontproperties=font, color=MUTED, parse_math=False)
        if self.axis:
            axes.set_xlabel(
                self.axis, fontproperties=self.font.properties(_TEXT), color=INK, labelpad=3, parse_math=False
            )

    def write(self, x: float, y: float, text: str, size: float = _SMALL, **look: Any) -> Text:
        """Text in the plot, in the page's font, never read as a formula."""
        look = {"color": INK, "ha": "center", "va": "center_baseline"} | look
        return self.axes.text(x, y, text, fontproperties=self.font.properties(size), parse_math=False, **look)

    def folded(self, text: str, room: float, size: float, lines: int) -> list[str]:
        """A text on lines of at most ``room`` inches, cut after so many."""
        chinese = any(ord(one) > 0x2E7F for one in text)
        parts = list(text) if chinese else [f"{word} " for word in text.split()]
        found, line = [], ""
        for part in parts:
            if line and self.font.width((line + part).rstrip(), size) > room:
                found.append(line.rstrip())
                line = ""
            line += part
        found.append(line.rstrip())
        if len(found) > lines:
            found = [*found[: lines - 1], " ".join(found[lines - 1 :])]
        return [self.cut(one, room, size) for one in found]

    def cut(self, text: str, room: float, size: float) -> str:
        """A text that is no wider than ``room`` inches."""
        if self.font.width(text, size) <= room:
            return text
        while text and self.font.width(f"{text}…", size) > room:
            text = text[:-1]
        return f"{text.rstrip()}…"

    def _write(self, x: float, y: float, line: str, size: float, colour: str, va: str = "top") -> None:
        self.figure.text(
            x,
            y,
            line,
            transform=self.figure.dpi_scale_trans,
            fontproperties=self.font.properties(size),
            color=colour,
            ha="left",
            va=va,
            parse_math=False,
        )


def whole_ticks(last: int) -> list[int]:
    """Ranks that an axis names: 1, then multiples of a round step, about ten of them."""
    step = next(step for step in (1, 2, 5, 10, 20, 50, 100, 200, 500, 10**9) if last <= 12 * step)
    return [1, *range(step, last + 1, step)] if step > 1 else list(range(1, last + 1))


def round_ticks(low: float, high: float) -> list[float]:
    """Round numbers between two ends, about six of them."""
    from matplotlib.ticker import MaxNLocator

    return [float(tick) for tick in MaxNLocator(6).tick_values(low, high) if low <= tick <= high]


def save(figure: Figure, path: Path | str) -> Path:
    """Write a figure as ``.svg``, ``.png`` or ``.pdf``, all of it or none; the same figure gives the same bytes.

    Text travels with the file, as outlines in SVG and in embedded fonts in PDF: a reader's machine needs no font. No
    date enters the file.

    Raises
    ------
    UsageError
        DT902 for another ending; DT410 where the file cannot be written.
    """
    form = Path(path).suffix.lower()
    if form not in _FORMATS:
        message = f"{str(path)!r}: expected a name that ends in {', '.join(_FORMATS)}"
        raise UsageError([finding("DT902", message, Place(file=str(path)))])
    return write_bytes(path, rendered(figure, form.removeprefix(".")))


def rendered(figure: Figure, form: str) -> bytes:
    """A figure as the contents of a file: ``svg``, ``png`` or ``pdf``."""
    stream = io.BytesIO()
    with drawing():
        figure.savefig(stream, dpi=DPI, **_FORMATS[f".{form}"])
    return stream.getvalue()


def _inches(points: float) -> float:
    return points * _LINE / 72
