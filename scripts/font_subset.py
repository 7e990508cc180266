"""Make the font that ships with figures: Noto Sans SC, cut to GB 2312, ASCII and Latin-1.

Take a collection of Noto Sans CJK (Debian's package fonts-noto-cjk has one): the face for simplified Chinese is cut, hints
and layout features are left out, and the same file gives the same bytes.
"""

from __future__ import annotations

import sys
from pathlib import Path

from fontTools.subset import Options, Subsetter
from fontTools.ttLib import TTFont

SOURCE = Path("/usr/share/fonts/opentype/noto/NotoSansCJK-Regular.ttc")
TARGET = Path(__file__).resolve().parents[1] / "src" / "dtindex" / "reports" / "fonts" / "DtindexSansSC-Regular.otf"
FAMILY = "Dtindex Sans SC"
BESIDE = "…–—−·×÷±≤≥≈°‰′″▲▼←→↑↓✕•«»‘’“”‹›"
"""What figures and pages say besides."""


def characters() -> set[int]:
    """GB 2312 (7,445 characters), printable ASCII and Latin-1, and what figures say besides."""
    pairs = (bytes((row, cell)) for row in range(0xA1, 0xF8) for cell in range(0xA1, 0xFF))
    chinese = {ord(one) for pair in pairs for one in pair.decode("gb2312", "ignore")}
    return chinese | set(range(0x20, 0x7F)) | set(range(0xA0, 0x100)) | {ord(one) for one in BESIDE}


def main(source: Path = SOURCE) -> None:
    options = Options()
    options.layout_features, options.hinting, options.name_IDs = [], False, [0, 1, 2, 3, 4, 5, 6, 13, 14]
    options.notdef_outline, options.drop_tables = True, [*options.drop_tables, "vhea", "vmtx", "VORG", "BASE"]
    font = TTFont(source, fontNumber=_face(source), recalcTimestamp=False)
    subsetter = Subsetter(options)
    subsetter.populate(unicodes=characters())
    subsetter.subset(font)
    _renamed(font)
    font.save(TARGET, reorderTables=True)
    print(f"{TARGET.name}: {TARGET.stat().st_size:,} bytes, {len(font.getBestCmap()):,} characters")


def _face(source: Path) -> int:
    """The face for simplified Chinese, proportional."""
    for number in range(64):
        if TTFont(source, fontNumber=number, lazy=True)["name"].getDebugName(1) == "Noto Sans CJK SC":
            return number
    raise SystemExit(f"no face Noto Sans CJK SC in {source}")


def _renamed(font: TTFont) -> None:
    """A cut font under a name of its own: a reader who looks for Noto Sans gets the whole of it."""
    plain = FAMILY.replace(" ", "")
    names = {1: FAMILY, 3: f"{plain}-Regular", 4: f"{FAMILY} Regular", 6: f"{plain}-Regular"}
    for record in font["name"].names:
        if record.nameID in names:
            record.string = names[record.nameID]
    if "CFF " in font:
        table = font["CFF "].cff
        table.fontNames = [f"{plain}-Regular"]
        table.topDictIndex[0].FullName, table.topDictIndex[0].FamilyName = f"{FAMILY} Regular", FAMILY


if __name__ == "__main__":
    main(*map(Path, sys.argv[1:]))
