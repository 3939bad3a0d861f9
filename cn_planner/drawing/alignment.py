"""What one needs in hand to point an antenna: a compass rose, the horizon with names, and three bands of levels."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeAlias

from cn_planner.drawing.display import Anchor, Hatch
from cn_planner.drawing.labels import text_width
from cn_planner.drawing.palette import Role
from cn_planner.drawing.sketch import PLAIN, SMALL, Sketch, at_bearing, level_text, wrapped
from cn_planner.message import msg

if TYPE_CHECKING:
    from collections.abc import Callable

    from cn_planner.drawing.display import DisplayList
    from cn_planner.message import Message
    from cn_planner.report.tower_records import AlignmentCard, SeenName, TowerRadio

    _Scale: TypeAlias = Callable[[float], float]

_SIDE_DEG = 35.0
_WALL = 38.0
"""Points for the horizon itself."""
_NAMES = 31.0
_LEAST_SPAN_DEG = 3.0
_LEAST_EDGE = 9.0
"""A number nearer to the edge would run over it."""
_BAND, _BAND_TOP = 18.0, 24.0
"""Its height, and that of the two lines above it."""
_BOLD = 1.07
_HIDDEN_DEG = 14.0
"""The needle lies over a letter so near to it."""
_MORE_DB = 8.0
"""So much is shown beyond the last limit to either side."""


def compass_ring(sketch: Sketch, middle: tuple[float, float], radius: float, *, over_deg: float | None = None) -> None:
    """Draw a ring with a mark every ten degrees and its four letters, but one that a needle lies over."""
    sketch.ring(*middle, radius, edge=1.0)
    for step in range(36):
        inner = radius - (5.0 if step % 9 == 0 else 3.0)
        sketch.line(at_bearing(*middle, step * 10.0, inner), at_bearing(*middle, step * 10.0, radius), width=0.6)
    for turn, name in ((0.0, msg("N")), (90.0, msg("E")), (180.0, msg("S")), (270.0, msg("W"))):
        if over_deg is not None and abs((over_deg - turn + 180.0) % 360.0 - 180.0) < _HIDDEN_DEG:
            continue
        sketch.words(*at_bearing(*middle, turn, radius - 10.5), name, SMALL, anchor=Anchor.MIDDLE, bold=True,
                     role=Role.MUTED)  # fmt: skip


def compass_rose(bearing_deg: float, *, size: float, language: str) -> DisplayList:
    """Return a compass with a needle to where an antenna points, by compass."""
    sketch = Sketch(size, size, language)
    middle, radius = (size / 2.0, size / 2.0), size / 2.0 - 2.0
    compass_ring(sketch, middle, radius, over_deg=bearing_deg)
    tail, tip = at_bearing(*middle, bearing_deg + 180.0, radius * 0.32), at_bearing(*middle, bearing_deg, radius - 4.0)
    sketch.arrow(tail, tip, width=2.2, head=9.0)
    sketch.ring(*middle, 2.6, fill=Role.PAPER, edge=1.1)
    described = msg("Needle to {degrees:.0f} degrees.", degrees=bearing_deg)
    return sketch.done(msg("Compass"), described)


def horizon_view(radio: TowerRadio, *, width: float, language: str) -> DisplayList:
    """Return what one sees there: the horizon, hills and villages by name, and the far end in the middle.

    Heights are stretched to fill the sheet; degrees along its foot are by compass where that is known, else true.
    """
    sketch = Sketch(width, _NAMES + _WALL + 14.0, language)
    foot = _NAMES + _WALL
    ups = [one.far_deg for one in radio.horizon] + [one.up_deg for one in radio.seen]
    tilt = radio.card.tilt_deg or 0.0
    low = min([*(one.far_deg for one in radio.horizon), tilt], default=0.0) - 0.6
    high = max([*ups, tilt, low + _LEAST_SPAN_DEG], default=1.0)

    def x_of(off: float) -> float:
        return (off + _SIDE_DEG) / (2.0 * _SIDE_DEG) * width

    def y_of(up: float) -> float:
        return foot - 2.0 - (min(max(up, low), high) - low) / (high - low) * (_WALL - 6.0)

    if radio.horizon:
        rim = [(x_of(one.off_deg), y_of(one.far_deg)) for one in radio.horizon]
        sketch.shape([*rim, (width, foot), (0.0, foot)], fill=Role.GRID, edge=0.0, opacity=0.75)
        sketch.line(*rim, width=1.0)
        near = [(x_of(one.off_deg), y_of(one.near_deg)) for one in radio.horizon]
        sketch.shape([*near, (width, foot), (0.0, foot)], fill=Role.PAPER, edge=0.0, opacity=0.55)
        sketch.line(*near, width=0.6)
    sketch.line((0.0, foot), (width, foot), width=1.0)
    bearing = radio.card.azimuth_magnetic_deg
    middle = (radio.card.azimuth_deg or 0.0) if bearing is None else bearing
    first = 10 * int((middle - _SIDE_DEG) // 10 + 1)
    for degrees in range(first, int(middle + _SIDE_DEG) + 1, 10):
        x = x_of(degrees - middle)
        sketch.line((x, foot), (x, foot + 3.0), width=0.7)
        if _LEAST_EDGE < x < width - _LEAST_EDGE:
            sketch.words(x, foot + 9.0, f"{degrees % 360}°", SMALL, anchor=Anchor.MIDDLE)
    _names(sketch, radio, x_of, y_of)
    described = msg("The horizon towards {site}, with what is seen there.", site=radio.card.towards_name)
    return sketch.done(msg("What you see there"), described)


def _names(sketch: Sketch, radio: TowerRadio, x_of: _Scale, y_of: _Scale) -> None:
    """Write the far end above its place, and what is seen in the two rows beside it."""
    at = x_of(0.0)
    sketch.line((at, _NAMES - 22.0), (at, _NAMES + _WALL), width=1.0, role=Role.ACCENT)
    sketch.shape(
        ((at - 4.0, _NAMES - 29.0), (at + 4.0, _NAMES - 29.0), (at, _NAMES - 22.0)), fill=Role.ACCENT, edge=0.0
    )
    aim = radio.card.towards_name
    sketch.words(at - 7.0, _NAMES - 27.0, aim, PLAIN, anchor=Anchor.END, bold=True, room=at - 10.0)
    free = [0.0, 0.0]
    for one in radio.seen:
        words = sketch.say(_seen_words(one))
        wide = text_width(words, SMALL)
        x, y = x_of(one.off_deg), y_of(one.up_deg)
        start = min(max(x - wide / 2.0, 1.0), sketch.width - wide - 1.0)
        if start < at + 7.0 and start + wide > at - 7.0:  # clear of the line to the far end
            start = at - 7.0 - wide if x < at else at + 7.0
        # The upper row belongs to the far end's name on its left.
        row = 1 if start >= free[1] else 0
        if start < free[row] or start < 0.0 or start + wide > sketch.width or (row == 0 and start < at + 6.0):
            continue
        free[row] = start + wide + 6.0
        text_y = _NAMES - 26.0 + 15.0 * row
        sketch.words(start, text_y, words, SMALL, plate=True)
        sketch.line((min(max(x, start), start + wide), text_y + 5.0), (x, y), width=0.6)


def _seen_words(one: SeenName) -> Message:
    if one.name:
        return msg("{name}, {km:.1f} km", name=one.name, km=one.distance_m / 1000.0)
    return msg("hilltop, {metres:.0f} m, {km:.1f} km", metres=one.ground_m_amsl or 0.0, km=one.distance_m / 1000.0)


def level_bands(card: AlignmentCard, over_dbm: float, *, width: float, language: str) -> DisplayList:
    """Return three bands of levels on one scale: wrong, look for the main lobe, as planned; beyond it too strong.

    The card must have its levels.
    """
    sketch = Sketch(width, _BAND_TOP + _BAND + 27.0, language)
    expected, accept, reject = card.expected_dbm or 0.0, card.accept_dbm or 0.0, card.reject_dbm or 0.0
    low, high = reject - _MORE_DB, over_dbm + _MORE_DB

    def x_of(dbm: float) -> float:
        return (dbm - low) / (high - low) * width

    top = _BAND_TOP
    wrong, look, good = x_of(reject), x_of(accept), x_of(over_dbm)
    sketch.box(0.0, top, wrong, _BAND, edge=1.0, hatch=Hatch(Role.MUTED, -45.0, 4.0, 0.7))
    sketch.box(wrong, top, look - wrong, _BAND, edge=1.0)
    for row in range(4):
        for n in range(int((look - wrong - 4.0) / 4.0)):
            x, y = wrong + 3.0 + 4.0 * n + 2.0 * (row % 2), top + 3.4 + 4.2 * row
            sketch.line((x, y), (x + 0.1, y), width=0.9, role=Role.MUTED)
    sketch.box(look, top, good - look, _BAND, fill=Role.ACCENT, edge=1.0)
    sketch.box(good, top, width - good, _BAND, edge=1.0)
    asked = sketch.say(msg("power?"))
    size = min(SMALL, SMALL * (width - good - 3.0) / text_width(asked, SMALL))
    sketch.words((good + width) / 2.0, top + _BAND / 2.0, asked, size, anchor=Anchor.MIDDLE)
    sketch.words(wrong / 2.0, top - 9.0, msg("wrong"), PLAIN, anchor=Anchor.MIDDLE, bold=True)
    if look - wrong > 40.0:
        lines = wrapped(sketch.say(msg("look for the main lobe")), _BOLD * SMALL, look - wrong - 2.0, 2)
        for number, line in enumerate(reversed(lines)):
            sketch.words((wrong + look) / 2.0, top - 9.0 - 9.5 * number, line, SMALL, anchor=Anchor.MIDDLE, bold=True,
                         room=look - wrong - 2.0)  # fmt: skip
    sketch.words(width, top - 9.0, msg("as planned"), PLAIN, anchor=Anchor.END, bold=True, role=Role.ACCENT)
    foot = top + _BAND
    for dbm in (reject, accept, over_dbm):
        sketch.line((x_of(dbm), foot), (x_of(dbm), foot + 3.0), width=0.9)
        sketch.words(x_of(dbm), foot + 9.0, level_text(dbm), SMALL + 0.5,
                     anchor=Anchor.MIDDLE, bold=True)  # fmt: skip
    at = x_of(expected)
    sketch.shape(((at - 4.0, foot + 24.0), (at + 4.0, foot + 24.0), (at, foot + 15.5)), fill=Role.INK, edge=0.0)
    sketch.words(at - 7.0, foot + 20.5, msg("expected {dbm} dBm", dbm=level_text(expected)), SMALL + 0.5,
                 anchor=Anchor.END)  # fmt: skip
    described = msg("Levels: wrong below {reject}, as planned from {accept} dBm.", reject=level_text(reject),
                    accept=level_text(accept))  # fmt: skip
    return sketch.done(msg("Levels"), described)
