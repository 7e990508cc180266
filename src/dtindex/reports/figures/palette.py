"""The colours of every figure: one path from dark blue to sand, taken at even steps of lightness.

Blue and sand differ to every kind of colour vision, and even steps of lightness keep an order in grey print. Lightness
is CIE L*: 0 black, 100 white.
"""

from __future__ import annotations

from itertools import pairwise

__all__ = ["FILL", "GRID", "INK", "MUTED", "PAPER", "WHISKER", "lightness", "on", "ordered", "sequential"]

INK = "#1b2430"
"""Text and dots."""
MUTED = "#5a6675"
"""Text that is read second."""
WHISKER = "#8b96a3"
GRID = "#dfe4ea"
PAPER = "#ffffff"
FILL = "#7fa8cf"
"""Bars where nothing is told by colour."""

_STEPS = ("#12294a", "#1f4e85", "#3d7fa8", "#79aeb0", "#c9c38f", "#f1e6bd")
"""Ordered kinds (tiers, kinds of index)."""
_TINTS = ("#ffffff", "#d3e2f0", "#9cbfdd", "#5a93c4", "#2a6499", "#12294a")
"""Amounts: the more, the darker; nothing is paper."""
_DARKEST, _LIGHTEST = 26.0, 84.0


def ordered(count: int) -> tuple[str, ...]:
    """Colours of ``count`` ordered kinds, the first one the darkest, their lightness evenly apart."""
    if count == 1:
        return (_at(_STEPS, 45.0),)
    step = (_LIGHTEST - _DARKEST) / (count - 1)
    return tuple(_at(_STEPS, _DARKEST + step * position) for position in range(count))


def sequential(share: float) -> str:
    """The tint of an amount between 0 (paper) and 1 (darkest), lightness falling evenly."""
    darkest = lightness(_TINTS[-1])
    return _at(_TINTS, 100.0 - (100.0 - darkest) * min(max(share, 0.0), 1.0))


def lightness(colour: str) -> float:
    """CIE L* of ``#rrggbb``: the grey that a printer makes of it (IEC 61966-2-1, CIE 15)."""
    red, green, blue = (_linear(value / 255) for value in _parts(colour))
    luminance = 0.2126 * red + 0.7152 * green + 0.0722 * blue
    return 116 * luminance ** (1 / 3) - 16 if luminance > (6 / 29) ** 3 else luminance * (29 / 3) ** 3


def on(colour: str) -> str:
    """The colour of text on a ground of ``colour``."""
    return PAPER if lightness(colour) < 52 else INK


def _at(path: tuple[str, ...], wanted: float) -> str:
    """Where the path, whose lightness rises or falls throughout, has the lightness that is wanted."""
    for start, end in pairwise(path):
        low, high = sorted((lightness(start), lightness(end)))
        if low <= wanted <= high:
            return _between(start, end, wanted)
    return min(path, key=lambda colour: abs(lightness(colour) - wanted))


def _between(start: str, end: str, wanted: float) -> str:
    rising = lightness(end) > lightness(start)
    near, far = 0.0, 1.0
    for _ in range(20):
        middle = (near + far) / 2
        if (lightness(_mixed(start, end, middle)) < wanted) == rising:
            near = middle
        else:
            far = middle
    return _mixed(start, end, (near + far) / 2)


def _mixed(start: str, end: str, share: float) -> str:
    values = (round(a + (b - a) * share) for a, b in zip(_parts(start), _parts(end), strict=True))
    return "#" + "".join(f"{value:02x}" for value in values)


def _parts(colour: str) -> tuple[int, int, int]:
    return int(colour[1:3], 16), int(colour[3:5], 16), int(colour[5:7], 16)


def _linear(value: float) -> float:
    return value / 12.92 if value <= 0.04045 else float(((value + 0.055) / 1.055) ** 2.4)
