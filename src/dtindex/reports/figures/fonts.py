"""The font of a figure: one that has every character of its text, so that no box stands for one.

DejaVu Sans comes with matplotlib and serves Latin, Greek and Cyrillic. A cut of Noto Sans SC comes with dtindex and has
the characters of GB 2312. Text with others needs a font of the system, and of a collection the face for simplified
Chinese, since other faces draw some characters otherwise.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING

from dtindex.findings import UsageError, finding

if TYPE_CHECKING:
    from matplotlib.font_manager import FontProperties
    from matplotlib.ft2font import FT2Font

__all__ = ["SHIPPED", "Font", "font_for"]

SHIPPED = Path(__file__).parents[1] / "fonts" / "DtindexSansSC-Regular.otf"
"""GB 2312, ASCII and Latin-1 of Noto Sans SC."""

_CHINESE = (
    ("notosanscjk", ("Noto Sans CJK SC",)),
    ("notosanssc", ("Noto Sans SC",)),
    ("sourcehansans", ("Source Han Sans SC", "Source Han Sans CN")),
    ("msyh", ("Microsoft YaHei",)),
    ("pingfang", ("PingFang SC",)),
    ("hiragino sans gb", ("Hiragino Sans GB",)),
    ("wqy-microhei", ("WenQuanYi Micro Hei",)),
    ("wqy-zenhei", ("WenQuanYi Zen Hei",)),
    ("deng", ("DengXian",)),
    ("stheiti", ("Heiti SC",)),
    ("simhei", ("SimHei",)),
    ("notoserifcjk", ("Noto Serif CJK SC",)),
    ("sourcehanserif", ("Source Han Serif SC", "Source Han Serif CN")),
    ("simsun", ("SimSun",)),
    ("songti", ("Songti SC",)),
    ("droidsansfallback", ("Droid Sans Fallback",)),
    ("arial unicode", ("Arial Unicode MS",)),
)
"""How file names begin, best first, and the faces for simplified Chinese in such a file."""

_REGULAR = ("regular", "normal", "book", "roman", "w3", "light")
"""Styles for running text, best first."""

_MOST_NAMED = 12


class Font:
    """One face of one font file."""

    def __init__(self, path: str, face: int = 0) -> None:
        self.path, self.face = path, face
        self._font = _opened(path, face)

    @property
    def family(self) -> str:
        return self._font.family_name

    @property
    def style(self) -> str:
        return self._font.style_name

    def properties(self, size: float) -> FontProperties:
        """The font at ``size`` points, for matplotlib."""
        from matplotlib.font_manager import FontProperties

        if self.face == 0:
            return FontProperties(fname=self.path, size=size)
        from matplotlib.font_manager import FontPath  # matplotlib 3.11; without it every face is the first one

        return FontProperties(fname=FontPath(self.path, self.face), size=size)

    def lacks(self, text: Iterable[str]) -> list[str]:
        """The characters of the text that the font does not have, each once, in their order."""
        seen = dict.fromkeys(one for part in text for one in part)
        return [one for one in seen if not one.isspace() and not self._font.get_char_index(ord(one))]

    def width(self, text: str, size: float) -> float:
        """How wide a line of text is, in inches."""
        # Measured large, where hints do not move the letters.
        self._font.set_size(100, 72)
        self._font.set_text(text)
        return float(self._font.get_width_height()[0]) / 64 / 72 * size / 100


def font_for(text: Iterable[str], paths: Iterable[str] | None = None) -> Font:
    """The first font that has every character of the text: DejaVu Sans, the one that ships, one of the system's.

    Parameters
    ----------
    text
        What the figure says.
    paths
        Font files to look among; those of the system unless given.

    Raises
    ------
    UsageError
        DT385 where no font has all of it: the characters, and what to install.
    """
    from matplotlib import get_data_path

    text = list(text)
    own = Font(str(Path(get_data_path()) / "fonts" / "ttf" / "DejaVuSans.ttf"))
    missing = own.lacks(text)
    for font in chain((Font(str(SHIPPED)),), _chinese(paths)) if missing else ():
        lacking = font.lacks(text)
        if not lacking:
            return font
        missing = min(missing, lacking, key=len)
    if missing:
        raise UsageError([finding("DT385", _refusal(missing))])
    return own


def _chinese(paths: Iterable[str] | None) -> Iterator[Font]:
    """Fonts for Chinese, best first: by kind, style and file, whatever the order in which the system names them."""
    if paths is None:
        from matplotlib.font_manager import findSystemFonts

        # Asked anew each time: matplotlib's own list of fonts is a file that does not know what was installed since.
        paths = findSystemFonts()
    found = []
    for path in paths:
        name = Path(path).name.casefold()
        for order, (beginning, families) in enumerate(_CHINESE):
            if name.startswith(beginning):
                font = _face(path, families)
                found.append(((order, font.family not in families, _style(font), path), font))
                break
    return (font for _, font in sorted(found, key=lambda item: item[0]))


def _face(path: str, families: tuple[str, ...]) -> Font:
    """The face of one of the families, or the first one where the file has none of them."""
    first = Font(path)
    for face in range(_faces(first)):
        font = first if face == 0 else Font(path, face)
        if font.family in families:
            return font
    return first


def _style(font: Font) -> int:
    style = font.style.casefold()
    return _REGULAR.index(style) if style in _REGULAR else len(_REGULAR)


def _faces(font: Font) -> int:
    from matplotlib import font_manager

    return font._font.num_faces if hasattr(font_manager, "FontPath") else 1


def _opened(path: str, face: int) -> FT2Font:
    from matplotlib.ft2font import FT2Font

    return FT2Font(path) if face == 0 else FT2Font(path, face_index=face)


def _refusal(missing: list[str]) -> str:
    named = " ".join(f"{one} (U+{ord(one):04X})" for one in missing[:_MOST_NAMED])
    more = f" and {len(missing) - _MOST_NAMED:,} more" if len(missing) > _MOST_NAMED else ""
    return (
        f"no font on this machine has {named}{more}; install one that does: `apt-get install fonts-noto-cjk` on Debian "
        "and Ubuntu, `dnf install google-noto-sans-cjk-fonts` on Fedora, Noto Sans SC from its publisher elsewhere"
    )
