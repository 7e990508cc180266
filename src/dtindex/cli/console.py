"""What a run says, and where: tables to people, one JSON document to machines, trouble to standard error."""

from __future__ import annotations

import io
import json
import os
import shutil
import sys
from functools import cached_property
from typing import TYPE_CHECKING, Any, TextIO

from dtindex.cli.common import Common
from dtindex.cli.stream import can_say, is_terminal, write

if TYPE_CHECKING:
    from rich.console import Console as RichConsole
    from rich.console import RenderableType
    from rich.table import Table as RichTable

__all__ = ["Console", "new_table"]

_NARROW = 80
_WIDEST = 10_000
_DRAWN = "▇├─✓"


class Console:
    """Standard output and error of one run."""

    def __init__(self, common: Common) -> None:
        self.common = common
        self.language = common.language

    @property
    def for_people(self) -> bool:
        """Whether standard output shows anything to people."""
        return not (self.common.json or self.common.quiet)

    @cached_property
    def draws(self) -> bool:
        """Whether bars, tree branches and ticks can be printed."""
        return can_say(sys.stdout, _DRAWN)

    @property
    def width(self) -> int | None:
        """Columns of the terminal; None where there is none, and a line may be as long as it needs to be."""
        return max(_NARROW // 2, shutil.get_terminal_size().columns) if is_terminal(sys.stdout) else None

    def say(self, text: str = "", style: str | None = None) -> None:
        """A line to people, on standard output."""
        if self.for_people:
            write(sys.stdout, self._styled(sys.stdout, text, style))

    def show(self, renderable: RenderableType) -> None:
        """A table to people, on standard output."""
        if self.for_people:
            write(sys.stdout, self._rendered(renderable))

    def tell(self, text: str, style: str | None = None) -> None:
        """A line on standard error that ``--quiet`` leaves out."""
        if not self.common.quiet:
            self.fail(text, style)

    def fail(self, text: str, style: str | None = None) -> None:
        """A line on standard error."""
        write(sys.stderr, self._styled(sys.stderr, text, style))

    def paragraph(self, text: str) -> None:
        """Running text to people, folded between words where a terminal ends."""
        from rich.text import Text

        self.show(Text(text))

    def raw(self, text: str) -> None:
        """Text that is the product itself, on standard output; under ``--json`` the document holds it."""
        if not self.common.json:
            write(sys.stdout, text)

    def document(self, content: dict[str, Any]) -> None:
        """The one JSON document, where ``--json`` asks for it."""
        if self.common.json:
            ascii_only = not can_say(sys.stdout, "数字")
            text = json.dumps(content, ensure_ascii=ascii_only, indent=2, allow_nan=False, default=str)
            write(sys.stdout, text + "\n")

    def measure(self, renderable: RenderableType) -> tuple[int, int]:
        """Columns that a table needs when its texts are folded, and columns that it would like to have."""
        from rich.measure import Measurement

        rich = _rich(io.StringIO(), _WIDEST, False)
        found = Measurement.get(rich, rich.options, renderable)
        return found.minimum, found.maximum

    def fits(self, renderable: RenderableType) -> bool:
        """Whether a table can be shown without folding."""
        return self.width is None or self.measure(renderable)[1] <= self.width

    def _colours(self, stream: TextIO) -> bool:
        refused = self.common.no_color or os.environ.get("NO_COLOR") or os.environ.get("TERM") == "dumb"
        return is_terminal(stream) and not refused

    def _styled(self, stream: TextIO, text: str, style: str | None) -> str:
        if style is None or not self._colours(stream):
            return text + "\n"
        from rich.text import Text

        page = io.StringIO()
        _rich(page, _WIDEST, True).print(Text(text, style), soft_wrap=True)
        return page.getvalue()

    def _rendered(self, renderable: RenderableType) -> str:
        width = self.width
        colours = self._colours(sys.stdout)
        page = io.StringIO() if self.draws else _AsciiPage()
        _rich(page, width or max(_NARROW, self.measure(renderable)[1]), colours).print(renderable)
        text = page.getvalue()
        return text if colours else "".join(f"{line.rstrip()}\n" for line in text.splitlines())


def new_table() -> RichTable:
    """An empty table in the one look that all have: a rule below the head, two blanks between columns."""
    from rich import box
    from rich.table import Table as RichTable

    return RichTable(box=box.SIMPLE_HEAD, padding=(0, 1, 0, 0), pad_edge=False, show_edge=False, header_style="bold")


class _AsciiPage(io.StringIO):
    """Tells rich to draw with what every encoding has."""

    encoding = "ascii"


def _rich(page: io.StringIO, width: int, colours: bool) -> RichConsole:
    from rich.console import Console as RichConsole

    # Written to memory first: rich would end the process itself when the reader of a pipe has left.
    return RichConsole(
        file=page,
        width=width,
        force_terminal=colours,
        color_system="auto" if colours else None,
        legacy_windows=False,
        markup=False,
        highlight=False,
        emoji=False,
    )
