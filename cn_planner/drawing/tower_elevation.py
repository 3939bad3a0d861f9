"""The mast of a tower to scale: radios at their heights, guys and anchors, earth and box; and the same from above."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, NamedTuple

from cn_planner.drawing.alignment import compass_ring
from cn_planner.drawing.display import Anchor, Hatch
from cn_planner.drawing.labels import text_width
from cn_planner.drawing.palette import Role
from cn_planner.drawing.sketch import HEAD, PLAIN, SMALL, Sketch, at_bearing, wrapped
from cn_planner.message import counted, msg

if TYPE_CHECKING:
    from cn_planner.drawing.display import DisplayList
    from cn_planner.message import Message
    from cn_planner.report.tower_records import TowerPack, TowerRadio

_BELOW = 74.0
"""Points under the ground line."""
_TOP = 30.0
_RULER = 36.0
_ROW = 23.0
"""From one label of a radio to the next."""
_GUY_ROOM = 92.0
_ROD_M = 1.0
_ARM = 13.0
_BOX_W = 92.0


class _Frame(NamedTuple):
    """Where the foot of the mast is, and how many points a metre is."""

    x: float
    ground: float
    scale: float

    def y(self, height_m: float) -> float:
        return self.ground - height_m * self.scale


def mm_a_metre(pack: TowerPack, width: float, height: float) -> float:
    """Return how long a metre is on paper, mm."""
    return _frame(pack, width, height).scale * 25.4 / 72.0


def _frame(pack: TowerPack, width: float, height: float) -> _Frame:
    ground = height - _BELOW
    x = _RULER + (width - _RULER) * 0.49
    reach = max(pack.anchors_m, default=0.0)
    tall = pack.top_m + (_ROD_M if pack.part("lightning_rod").quantity else 0.0)
    side = min(x - _RULER - 12.0, width - x - 16.0)
    scale = min((ground - _TOP) / max(tall, 3.0), side / reach if reach else math.inf)
    return _Frame(x, ground, scale)


def tower_elevation(pack: TowerPack, *, width: float, height: float, language: str) -> DisplayList:
    """Return the mast seen from the south, to scale, with what stands in the ground below it.

    A mast whose guys reach far is drawn smaller, and the sheet is then no higher than it needs.

    Parameters
    ----------
    pack : TowerPack
        The tower.
    width, height : float
        Of the sheet, points.
    language : str
        Of the words.
    """
    frame = _frame(pack, width, height)
    spare = max(0.0, frame.y(pack.top_m + _ROD_M) - _TOP)
    frame = frame._replace(ground=frame.ground - spare)
    sketch = Sketch(width, height - spare, language)
    _ground(sketch, frame)
    _ruler(sketch, frame, pack)
    _guys(sketch, frame, pack)
    _mast(sketch, frame, pack)
    _earth(sketch, frame, pack)
    _box(sketch, frame, pack)
    _radios(sketch, frame, pack)
    described = msg(
        "Elevation of {name}: {metres:g} m, with {count} radios at their heights.",
        name=pack.name, metres=pack.top_m, count=len(pack.radios),
    )  # fmt: skip
    return sketch.done(msg("{name}: the mast", name=pack.name), described)


def _ground(sketch: Sketch, frame: _Frame) -> None:
    sketch.box(0.0, frame.ground, sketch.width, _BELOW, fill=None, edge=0.0,
               hatch=Hatch(Role.GRID, -45.0, 7.0, 0.6))  # fmt: skip
    sketch.line((0.0, frame.ground), (sketch.width, frame.ground), width=1.4)


def _ruler(sketch: Sketch, frame: _Frame, pack: TowerPack) -> None:
    x, top = _RULER - 6.0, math.ceil(pack.top_m - 1e-9)
    sketch.line((x, frame.ground), (x, frame.y(top)), width=0.8)
    step = 3 if pack.top_m <= 18.0 else 6
    for metre in range(1, top + 1):
        long = metre % step == 0
        sketch.line((x - (3.5 if long else 2.0), frame.y(metre)), (x + (3.5 if long else 2.0), frame.y(metre)))
        if long:
            sketch.words(x - 5.0, frame.y(metre), f"{metre} m", SMALL, anchor=Anchor.END, bold=True)


def _guys(sketch: Sketch, frame: _Frame, pack: TowerPack) -> None:
    for far in pack.anchors_m:
        for side in (-1.0, 1.0):
            x = frame.x + side * far * frame.scale
            sketch.shape(
                ((x - 7.0, frame.ground), (x + 7.0, frame.ground), (x + 9.5, frame.ground + 17.0),
                 (x - 9.5, frame.ground + 17.0)), edge=0.9,
            )  # fmt: skip
            sketch.line((x, frame.ground + 9.0), (x, frame.ground - 3.0), width=1.6)
    for guy in pack.guys:
        for side in (-1.0, 1.0):
            foot = frame.x + side * guy.anchor_m * frame.scale, frame.ground - 3.0
            sketch.line((frame.x, frame.y(guy.height_m)), foot, width=0.65)
    _guy_words(sketch, frame, pack)
    if pack.anchors_m:
        y, end = frame.ground + 62.0, frame.x + max(pack.anchors_m) * frame.scale
        sketch.line((frame.x, y), (end, y), width=0.7)
        for x in (frame.x, end):
            sketch.line((x, y - 3.0), (x, y + 3.0), width=0.7)
        rings = " + ".join(f"{one:g}" for one in pack.anchors_m)
        words = msg("anchors: 3 at {metres} m", metres=rings)
        sketch.words((frame.x + end) / 2.0, y, words, SMALL, anchor=Anchor.MIDDLE, bold=True, plate=True)


def _guy_words(sketch: Sketch, frame: _Frame, pack: TowerPack) -> None:
    """Write height and length of each guy in a column at the right, from the highest down."""
    x, least = sketch.width - _GUY_ROOM - 2.0, _TOP + 62.0
    told = [
        wrapped(sketch.say(msg("from mast to anchor {metres:.1f} m on level ground", metres=guy.reach_m)), SMALL,
                _GUY_ROOM, 3)
        for guy in reversed(pack.guys)
    ]  # fmt: skip
    row = 10.0 * (1 + max(map(len, told), default=0)) + 3.0
    most = frame.ground - 54.0 - row * len(told)
    for guy, lines in zip(reversed(pack.guys), told, strict=True):
        y = max(min(max(frame.y(0.72 * guy.height_m), least), most), _TOP + 30.0)
        least, most = y + row, most + row
        high = min(max((frame.ground - y) / frame.scale, 0.0), 0.9 * guy.height_m)
        rope = frame.x + guy.anchor_m * frame.scale * (1.0 - high / guy.height_m), frame.y(high)
        if rope[0] < x - 6.0:
            sketch.line(rope, (x - 3.0, y), width=0.5)
        sketch.words(x, y - 5.0, msg("guy at {metres:g} m", metres=guy.height_m), SMALL, plate=True)
        for number, line in enumerate(lines):
            sketch.words(x, y + 5.0 + 10.0 * number, line, SMALL, plate=True, room=_GUY_ROOM)


def _mast(sketch: Sketch, frame: _Frame, pack: TowerPack) -> None:
    half, top = 2.6, frame.y(pack.top_m)
    if not pack.stands:
        sketch.box(frame.x - 11.0, frame.ground, 22.0, 17.0)
    sketch.box(frame.x - half, top, 2.0 * half, frame.ground - top)
    if pack.top_m >= 6.0:
        for metre in range(3, math.ceil(pack.top_m), 3):
            sketch.box(frame.x - half, frame.y(metre) - 1.6, 2.0 * half, 3.2, fill=Role.INK, edge=0.0)
    if pack.part("lightning_rod").quantity:
        tip = frame.y(pack.top_m + _ROD_M)
        sketch.line((frame.x, top), (frame.x, tip), width=1.4)
        words = msg("lightning rod, tip at {metres:g} m", metres=pack.top_m + _ROD_M)
        sketch.words(frame.x + 8.0, max(tip - 5.0, 6.0), words, SMALL)
    name = msg("what stands there already: look at it first") if pack.stands else pack.mast
    sketch.words(frame.x - 10.0, frame.ground - 34.0, name, SMALL, anchor=Anchor.END, plate=True,
                 room=frame.x - _RULER - 14.0)  # fmt: skip


def _earth(sketch: Sketch, frame: _Frame, pack: TowerPack) -> None:
    wire, rods, bar = pack.part("earth_wire"), int(pack.part("earth_rod").quantity), pack.part("earth_bar")
    x = frame.x - 5.2
    if wire.quantity:
        top = frame.y(pack.top_m)
        sketch.line((frame.x, top - 4.0), (x, top + 4.0), (x, frame.ground + 26.0), width=1.1, role=Role.ACCENT)
        y = frame.y(0.36 * pack.top_m)
        sketch.line((x, y), (x - 12.0, y), width=0.6, role=Role.ACCENT)
        sketch.words(x - 14.0, y - 5.0, msg("earth wire, {metres:g} m,", metres=wire.quantity), SMALL,
                     anchor=Anchor.END, role=Role.ACCENT, plate=True)  # fmt: skip
        sketch.words(x - 14.0, y + 5.0, msg("straight down"), SMALL, anchor=Anchor.END, role=Role.ACCENT, plate=True)
    if bar.quantity:
        sketch.box(x - 5.0, frame.ground - 19.0, 10.0, 5.0, role=Role.ACCENT, edge=1.1)
        sketch.words(x - 8.0, frame.ground - 16.0, msg("earth bar"), SMALL, anchor=Anchor.END, role=Role.ACCENT,
                     plate=True)  # fmt: skip
    if rods:
        sketch.line((x - 22.0 * (rods - 1), frame.ground + 26.0), (x, frame.ground + 26.0), width=1.1, role=Role.ACCENT)
        for n in range(rods):
            at = x - 22.0 * n
            sketch.line((at, frame.ground + 24.0), (at, frame.ground + 52.0), width=2.2, role=Role.ACCENT)
        words = counted("{count} earth rod", "{count} earth rods, 3 m apart", rods)
        sketch.words(x - 4.0, frame.ground + 62.0, words, SMALL, anchor=Anchor.END, bold=True, role=Role.ACCENT,
                     plate=True)  # fmt: skip


def _box(sketch: Sketch, frame: _Frame, pack: TowerPack) -> None:
    """Draw box and panels at the foot, and the cable that runs to them."""
    panels = pack.part("panel")
    left = min(frame.x + 58.0, sketch.width - _BOX_W)
    foot = frame.ground
    low = foot - 8.0
    sketch.line(
        (frame.x + 4.6, frame.y(max((one.card.height_m or 0.0 for one in pack.radios), default=0.0))),
        (frame.x + 4.6, low), (left + 12.0, low), width=1.0, dash=(1.4, 2.0),
    )  # fmt: skip
    if pack.part("box").quantity:
        sketch.box(left + 12.0, foot - 18.0, 24.0, 13.0, edge=1.3)
        sketch.words(left + 24.0, foot - 11.5, msg("box"), SMALL, anchor=Anchor.MIDDLE, bold=True)
        for x in (left + 14.0, left + 34.0):
            sketch.line((x, foot - 5.0), (x, foot), width=1.2)
    if panels.quantity:
        shown = min(int(panels.quantity), 4)
        for n in range(shown):
            x = left + n * 19.0
            sketch.box(x, foot - 47.0, 19.0, 25.0)
            for part in (1, 2):
                sketch.line((x + 19.0 * part / 3.0, foot - 47.0), (x + 19.0 * part / 3.0, foot - 22.0), width=0.4)
            sketch.line((x, foot - 34.5), (x + 19.0, foot - 34.5), width=0.4)
        words = f"{panels.quantity:g} × {panels.name}"
        sketch.words(left, foot - 53.0, words, SMALL, bold=True, plate=True, room=sketch.width - left)


class _Label(NamedTuple):
    """The words of a radio, to one side of the mast."""

    radio: TowerRadio
    side: float
    arm: int


def _sides(radios: tuple[TowerRadio, ...]) -> list[_Label]:
    """Return each radio with the side that it is seen on from the south, and which it is of those at its height."""
    found: list[_Label] = []
    for radio in radios:
        side = 1.0 if radio.card.azimuth_deg % 360.0 < 180.0 else -1.0
        high = radio.card.height_m
        arm = sum(one.side == side and one.radio.card.height_m == high for one in found)
        found.append(_Label(radio, side, arm))
    return found


def _radios(sketch: Sketch, frame: _Frame, pack: TowerPack) -> None:
    labels = _sides(pack.radios)
    for side in (-1.0, 1.0):
        own = sorted(
            (one for one in labels if one.side == side), key=lambda one: (-(one.radio.card.height_m or 0.0), -one.arm)
        )
        arms = max((one.arm for one in own), default=0)
        end = frame.x + side * (24.0 + _ARM * (arms + 1))
        least, before = _TOP - 6.0, math.nan
        for one in own:
            y = frame.y(one.radio.card.height_m or 0.0) + 6.0
            x = frame.x + side * (9.0 + _ARM * one.arm)
            sketch.line((frame.x + side * 2.6, y), (x, y), width=1.4)
            _radio(sketch, x, y, side, dish=bool(one.radio.card.towards))
            least = at = max(y, least)
            if y == before:  # below the one further out, whose own line is straight
                sketch.line((x + side * 2.0, y + 10.0), (end - side * 3.0, at), width=0.6)
            else:
                sketch.line((x + side * 6.0, y), (end - side * 3.0, at), width=0.6)
            before = y
            _label(sketch, one.radio, end, at, side)
            least += _ROW


def _radio(sketch: Sketch, x: float, y: float, side: float, *, dish: bool) -> None:
    if not dish:
        sketch.box(x - 2.6, y - 10.0, 5.2, 20.0, edge=1.1)
        return
    bow = [(x + side * (3.4 - 4.6 * math.cos(math.radians(a))), y + 10.0 * math.sin(math.radians(a)))
           for a in range(-80, 81, 10)]  # fmt: skip
    sketch.shape(bow, edge=1.2)
    sketch.line((x, y), (x + side * 6.0, y), width=1.0)


def _label(sketch: Sketch, radio: TowerRadio, x: float, y: float, side: float) -> None:
    anchor = Anchor.START if side > 0.0 else Anchor.END
    room = sketch.width - x if side > 0.0 else x - _RULER
    card = radio.card
    sketch.words(x, y - 4.5, f"{radio.letter}: {sketch.say(aim_words(radio))}", PLAIN, anchor=anchor, bold=True,
                 plate=True, room=room)  # fmt: skip
    where = msg("{metres:g} m · {degrees:.0f}° true", metres=card.height_m or 0.0, degrees=card.azimuth_deg % 360.0)
    sketch.words(x, y + 5.5, where, SMALL, anchor=anchor, plate=True, room=room)


def aim_words(radio: TowerRadio) -> Message:
    """Return at what a radio looks, in few words."""
    if radio.card.towards:
        return msg("to {site}", site=radio.card.towards_name)
    if radio.card.task == "phones":
        return msg("phones")
    return counted("{count} home", "{count} homes", round(radio.homes))


def tower_from_above(pack: TowerPack, *, width: float, language: str) -> DisplayList:
    """Return directions from above, north up, in degrees true: sectors, links, anchors."""
    sketch = Sketch(width, width * 0.9, language)
    x, y, radius = width / 2.0, width * 0.44, width * 0.27
    compass_ring(sketch, (x, y), radius)
    for far in pack.anchors_deg:
        place = at_bearing(x, y, far, radius * 0.66)
        sketch.line((x, y), place, width=0.5, dash=(1.5, 2.0))
        sketch.box(place[0] - 2.5, place[1] - 2.5, 5.0, 5.0, edge=0.8)
    for radio in pack.radios:
        _from_above(sketch, radio, (x, y), radius)
    sketch.ring(x, y, 2.5, fill=Role.INK, edge=0.0)
    _bearings(sketch, pack, (x, y), radius)
    described = msg("Directions of the radios of {name} from above.", name=pack.name)
    return sketch.done(msg("From above"), described)


def _from_above(sketch: Sketch, radio: TowerRadio, middle: tuple[float, float], radius: float) -> None:
    azimuth = radio.card.azimuth_deg
    if radio.card.towards:
        sketch.arrow(middle, at_bearing(*middle, azimuth, radius - 1.0), width=1.8, head=8.0)
        return
    half = min((radio.beam_deg or 60.0) / 2.0, 180.0)
    rim = [at_bearing(*middle, azimuth - half + 2.0 * half * n / 24.0, radius * 0.52) for n in range(25)]
    sketch.shape((middle, *rim), fill=None, edge=0.9, role=Role.ACCENT)


def _bearings(sketch: Sketch, pack: TowerPack, middle: tuple[float, float], radius: float) -> None:
    """Write letters and degrees outside the ring, those of nearly one direction under each other."""
    taken: list[tuple[float, float]] = []
    for radio in sorted(pack.radios, key=lambda one: one.card.azimuth_deg % 360.0):
        azimuth = radio.card.azimuth_deg % 360.0
        x, y = at_bearing(*middle, azimuth, radius + 12.0)
        while any(abs(x - other[0]) < 42.0 and abs(y - other[1]) < 9.5 for other in taken):
            y += 10.0 if 90.0 <= azimuth <= 270.0 or y > middle[1] else -10.0
        taken.append((x, y))
        across = math.sin(math.radians(azimuth))
        anchor = Anchor.MIDDLE if abs(across) < 0.35 else Anchor.START if across > 0.0 else Anchor.END
        words, size = f"{radio.letter} {azimuth:.0f}°", HEAD - 0.6
        wide = text_width(words, size, bold=True)
        if anchor is not Anchor.MIDDLE:  # within the sheet
            x = max(x, wide) if anchor is Anchor.END else min(x, sketch.width - wide)
        sketch.words(x, y, words, size, anchor=anchor, bold=True)
