"""The pattern of an antenna as two polar plots: seen from above, and seen from the side.

From above the axis points up and angles go clockwise, as azimuths do. From the side the axis points to the right and
angles go up. The rim is the greatest gain, the middle 40 dB under it. What is said of the antenna (its beamwidths) is
drawn as a wedge, what a Recommendation expects of its kind as a broken line.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

from cn_planner.drawing.display import Anchor, DisplayList, Fill, Polygon, Polyline, Stroke, Text
from cn_planner.drawing.labels import shorten
from cn_planner.drawing.palette import Role
from cn_planner.i18n import SOURCE_LANGUAGE, say
from cn_planner.message import msg

if TYPE_CHECKING:
    from collections.abc import Sequence

    from cn_planner.drawing.display import XY, DisplayItem
    from cn_planner.message import Message

_DEPTH_DB = 40.0
_RINGS_DB = (0.0, -3.0, -10.0, -20.0, -30.0)
_SPOKE_DEG = 30
_HEAD, _FOOT, _EDGE = 44.0, 66.0, 26.0
_KEY_DY = 15.0
_SMALL = 8.5


@dataclass(frozen=True, slots=True)
class PolarContent:
    """What the plots show. Cuts begin on the axis, in equal steps all round, in dB under the greatest gain.

    Attributes
    ----------
    title : str
        Name of the antenna, people's text.
    horizontal_db, vertical_db : tuple of float
        The cuts.
    expected_horizontal_db, expected_vertical_db : tuple of float
        What a Recommendation expects of such an antenna; empty where nothing is compared.
    gain_dbi : float
        Greatest gain that is stated.
    stated_az_deg, stated_el_deg : float
        Half-power beamwidths that are stated.
    real_az_deg, real_el_deg : float
        Those of the cuts.
    real_gain_dbi : float or None
        Gain that follows from the cuts without losses; None where it was not worked out.
    measured : bool
        Whether the cuts were measured; else they are computed from gain and beamwidths.
    """

    title: str
    horizontal_db: tuple[float, ...]
    vertical_db: tuple[float, ...]
    expected_horizontal_db: tuple[float, ...]
    expected_vertical_db: tuple[float, ...]
    gain_dbi: float
    stated_az_deg: float
    stated_el_deg: float
    real_az_deg: float
    real_el_deg: float
    real_gain_dbi: float | None
    measured: bool


@dataclass(frozen=True, slots=True)
class _Dial:
    """A circle on the sheet; ``turn`` takes an angle of a cut to one of the sheet, clockwise from upwards."""

    x: float
    y: float
    radius: float
    from_above: bool

    def sheet_deg(self, angle_deg: float) -> float:
        return angle_deg if self.from_above else 90.0 - angle_deg

    def point(self, angle_deg: float, level_db: float) -> XY:
        share = max(0.0, 1.0 + level_db / _DEPTH_DB)
        turned = math.radians(self.sheet_deg(angle_deg))
        return self.x + self.radius * share * math.sin(turned), self.y - self.radius * share * math.cos(turned)

    def line(self, cut_db: Sequence[float]) -> tuple[XY, ...]:
        step = 360.0 / len(cut_db)
        points = [self.point(n * step, level) for n, level in enumerate(cut_db)]
        return (*points, points[0])

    def arc(self, low_deg: float, high_deg: float, level_db: float) -> list[XY]:
        count = max(2, int((high_deg - low_deg) / 3.0) + 1)
        return [self.point(low_deg + (high_deg - low_deg) * n / (count - 1), level_db) for n in range(count)]


def _grid(dial: _Dial) -> list[DisplayItem]:
    items: list[DisplayItem] = []
    for level in _RINGS_DB:
        ring = tuple(dial.arc(0.0, 360.0, level))
        items.append(Polyline(ring, Stroke(Role.GRID, 0.9 if level == 0.0 else 0.5)))
    for angle in range(0, 360, _SPOKE_DEG):
        items.append(Polyline((dial.point(angle, -_DEPTH_DB), dial.point(angle, 0.0)), Stroke(Role.GRID, 0.5)))
        shown = angle if dial.from_above or angle <= 180 else angle - 360
        x, y = dial.point(angle, 4.5)
        items.append(Text(x, y, f"{shown}°", _SMALL, Role.MUTED, Anchor.MIDDLE))
    return items


def _levels(dial: _Dial) -> list[DisplayItem]:
    # Between two spokes, behind the antenna or below it, where the pattern is weak.
    angle = 195.0 if dial.from_above else 255.0
    return [
        Text(*dial.point(angle, level), f"{level:g} dB", _SMALL - 1.5, Role.MUTED, Anchor.MIDDLE, plate=Role.PAPER)
        for level in _RINGS_DB[1:]
    ]


def _wedge(dial: _Dial, width_deg: float) -> list[DisplayItem]:
    if width_deg >= 360.0:
        return []
    rim = dial.arc(-width_deg / 2.0, width_deg / 2.0, 0.0)
    return [Polygon(((*rim, (dial.x, dial.y)),), Fill(Role.ZONE, 0.14), Stroke(Role.ZONE, 0.8))]


def _figures(content: PolarContent) -> list[Message]:
    words = [
        msg("Stated: {gain:.1f} dBi, {az:.0f}° by {el:.0f}°", gain=content.gain_dbi, az=content.stated_az_deg,
            el=content.stated_el_deg)
    ]  # fmt: skip
    if content.measured and content.real_gain_dbi is not None:
        words.append(
            msg("By this pattern: {gain:.1f} dBi, {az:.0f}° by {el:.0f}°", gain=content.real_gain_dbi,
                az=content.real_az_deg, el=content.real_el_deg)
        )  # fmt: skip
    return words


def _key(content: PolarContent, width: float, y: float, language: str) -> list[DisplayItem]:
    items: list[DisplayItem] = []
    drawn = msg("measured") if content.measured else msg("computed from gain and beamwidths")
    rows: list[tuple[Message, Stroke]] = [(drawn, Stroke(Role.ACCENT, 1.8))]
    if content.expected_horizontal_db:
        rows.append((msg("expected of its kind (ITU-R F.699, F.1336)"), Stroke(Role.CAUTION, 1.2, (4.0, 3.0))))
    rows.append((msg("stated beamwidth"), Stroke(Role.ZONE, 4.0, opacity=0.4)))
    for number, (words, stroke) in enumerate(rows):
        at = y + number * _KEY_DY
        items.append(Polyline(((_EDGE, at), (_EDGE + 24.0, at)), stroke))
        items.append(Text(_EDGE + 30.0, at, say(words, language), _SMALL + 0.5, Role.INK))
    for number, words in enumerate(_figures(content)):
        at = y + number * _KEY_DY
        items.append(Text(width - _EDGE, at, say(words, language), _SMALL + 0.5, Role.INK, Anchor.END))
    return items


def polar_plot(content: PolarContent, width: float = 520.0, language: str = SOURCE_LANGUAGE) -> DisplayList:
    """Return the two plots of an antenna side by side, with what is stated and what follows from the cuts.

    Parameters
    ----------
    content : PolarContent
        What is shown.
    width : float
        Width of the sheet, points; its height follows.
    language : str
        Of the words.
    """
    half = width / 2.0
    radius = half / 2.0 - _EDGE - 4.0
    middle = _HEAD + 22.0 + _EDGE + radius
    height = middle + radius + _EDGE + _FOOT
    above, side = _Dial(half / 2.0, middle, radius, True), _Dial(half * 1.5, middle, radius, False)
    items: list[DisplayItem] = [
        Text(half, 20.0, shorten(content.title, 13.0, width - 2.0 * _EDGE), 13.0, Role.INK, Anchor.MIDDLE, bold=True)
    ]
    views = (
        (above, msg("Seen from above"), content.horizontal_db, content.expected_horizontal_db, content.stated_az_deg),
        (side, msg("Seen from the side"), content.vertical_db, content.expected_vertical_db, content.stated_el_deg),
    )
    for dial, words, cut, expected, stated in views:
        items.append(Text(dial.x, _HEAD, say(words, language), 10.0, Role.INK, Anchor.MIDDLE))
        items += _wedge(dial, stated)
        items += _grid(dial)
        if expected:
            items.append(Polyline(dial.line(expected), Stroke(Role.CAUTION, 1.2, (4.0, 3.0))))
        items.append(Polyline(dial.line(cut), Stroke(Role.ACCENT, 1.8)))
        items += _levels(dial)
    items += _key(content, width, height - _FOOT + 14.0, language)
    described = msg(
        "Polar plots of {title}: half-power beamwidth {az:.0f} degrees across and {el:.0f} degrees upright.",
        title=content.title, az=content.real_az_deg, el=content.real_el_deg,
    )  # fmt: skip
    return DisplayList(width, height, tuple(items), content.title, say(described, language))
