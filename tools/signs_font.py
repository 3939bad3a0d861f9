"""Makes the font of the signs that the window shows and Noto Sans has no letters for: drawn here, of straight lines.

``python tools/signs_font.py`` writes ``resources/fonts/signs.ttf``. A system may have none of these signs, or draw them
in colours and sizes of its own; every one that the window uses stands here (tests/gui/test_signs.py).
"""

from __future__ import annotations

import math
import sys
from itertools import pairwise
from pathlib import Path

from fontTools.fontBuilder import FontBuilder
from fontTools.pens.ttGlyphPen import TTGlyphPen

FAMILY = "CN Planner Signs"
OUT = Path(__file__).resolve().parents[1] / "resources" / "fonts" / "signs.ttf"
_EM, _UP, _DOWN = 1000, 1069, -293  # as Noto Sans has them: no line grows by a sign
_WIDTH, _MIDDLE = 800, 360
_STROKE = 90

Point = tuple[float, float]
Shape = list[Point]


def _line(a: Point, b: Point) -> Shape:
    along = math.dist(a, b)
    x, y = (b[0] - a[0]) / along * _STROKE / 2, (b[1] - a[1]) / along * _STROKE / 2
    near, far = (a[0] - x, a[1] - y), (b[0] + x, b[1] + y)
    return [(near[0] + y, near[1] - x), (near[0] - y, near[1] + x), (far[0] - y, far[1] + x), (far[0] + y, far[1] - x)]


def _bent(*points: Point) -> list[Shape]:
    return [_line(a, b) for a, b in pairwise(points)]


def _round(centre: Point, radius: float) -> Shape:
    turns = [-math.tau * step / 24 for step in range(24)]
    return [(centre[0] + radius * math.cos(turn), centre[1] + radius * math.sin(turn)) for turn in turns]


def _turned(shapes: list[Shape], quarters: int) -> list[Shape]:
    for _ in range(quarters):
        shapes = [[(400 + y - _MIDDLE, _MIDDLE - (x - 400)) for x, y in shape] for shape in shapes]
    return shapes


_ARROW = [_line((110, _MIDDLE), (650, _MIDDLE)), *_bent((450, 560), (660, _MIDDLE), (450, 160))]
_POINTER: list[Shape] = [[(250, 130), (250, 590), (600, _MIDDLE)]]
_PEAK = (70, 60), (400, 680), (730, 60)
_SQUARE: Shape = [(120, 80), (120, 640), (680, 640), (680, 80)]
_BOX = [_line(a, b) for a, b in zip(_SQUARE, _SQUARE[1:] + _SQUARE[:1], strict=True)]
_CIRCLE = _round((400, _MIDDLE), 270)
_RING = _bent(*_CIRCLE, _CIRCLE[0])
_STAR: Shape = [
    (400 + r * math.sin(math.tau * step / 10), _MIDDLE + r * math.cos(math.tau * step / 10))
    for step, r in enumerate((340, 140) * 5)
]
_DIAMOND = (400, 680), (680, _MIDDLE), (400, 40), (120, _MIDDLE)
_CROSS = [_line((170, 130), (630, 590)), _line((170, 590), (630, 130))]

SIGNS: dict[str, list[Shape]] = {
    "→": _ARROW,
    "↓": _turned(_ARROW, 1),
    "←": _turned(_ARROW, 2),
    "↑": _turned(_ARROW, 3),
    "⋯": [_round((x, _MIDDLE), 65) for x in (150, 400, 650)],
    "■": [_SQUARE],
    "▲": [list(_PEAK)],
    "△": _bent(*_PEAK, _PEAK[0]),
    "▸": _POINTER,
    "▾": _turned(_POINTER, 1),
    "◂": _turned(_POINTER, 2),
    "⊘": [*_RING, _line((220, 180), (580, 540))],
    "○": _RING,
    "◇": _bent(*_DIAMOND, _DIAMOND[0]),
    "★": [_STAR],
    "●": [_round((400, _MIDDLE), 280)],
    "☒": [*_BOX, _line((260, 220), (540, 500)), _line((260, 500), (540, 220))],
    "✓": _bent((140, 340), (330, 130), (670, 610)),
    "✕": _CROSS,
    "✗": _CROSS,
}


def _glyph(shapes: list[Shape]) -> object:
    pen = TTGlyphPen(None)
    for shape in shapes:
        area = sum(a[0] * b[1] - b[0] * a[1] for a, b in zip(shape, shape[1:] + shape[:1], strict=True))
        points = [(round(x), round(y)) for x, y in (shape if area < 0 else reversed(shape))]  # clockwise is filled
        pen.moveTo(points[0])
        for point in points[1:]:
            pen.lineTo(point)
        pen.closePath()
    return pen.glyph()


def make(out: Path = OUT) -> None:
    """Write the font: the same bytes each time."""
    names = {sign: f"uni{ord(sign):04X}" for sign in SIGNS}
    builder = FontBuilder(_EM, isTTF=True)
    builder.setupGlyphOrder([".notdef", *names.values()])
    builder.setupCharacterMap({ord(sign): name for sign, name in names.items()})
    builder.setupGlyf({".notdef": _glyph(_BOX), **{names[sign]: _glyph(shapes) for sign, shapes in SIGNS.items()}})
    edges = builder.font["glyf"]
    builder.setupHorizontalMetrics({name: (_WIDTH, edges[name].xMin) for name in builder.font.getGlyphOrder()})
    builder.setupHorizontalHeader(ascent=_UP, descent=_DOWN)
    licence = "Apache License 2.0, as the program that it is part of"
    builder.setupNameTable({"familyName": FAMILY, "styleName": "Regular", "licenseDescription": licence})
    builder.setupOS2(sTypoAscender=_UP, sTypoDescender=_DOWN, usWinAscent=_UP, usWinDescent=-_DOWN)
    builder.setupPost()
    builder.font["head"].created = builder.font["head"].modified = 0
    builder.font.recalcTimestamp = False
    out.parent.mkdir(parents=True, exist_ok=True)
    builder.save(out)


if __name__ == "__main__":
    make(*map(Path, sys.argv[1:]))
