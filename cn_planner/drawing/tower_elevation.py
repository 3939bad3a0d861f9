"""The mast of a tower to scale: radios at their heights, guys and anchors, earth and box; and the same from above."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, NamedTuple

from cn_planner.drawing.alignment import compass_ring
from cn_planner.drawing.display import Anchor, Hatch
from cn_planner.drawing.labels import LabelBox, shorten, text_width
from cn_planner.drawing.palette import Role
from cn_planner.drawing.sketch import HEAD, PLAIN, SMALL, Sketch, at_bearing, wrapped
from cn_planner.message import counted, msg

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from cn_planner.drawing.display import DisplayList
    from cn_planner.message import Message
    from cn_planner.report.tower_records import TowerPack, TowerRadio

_BELOW = 74.0
"""Points under the ground line."""
_TOP = 30.0
_RULER = 36.0
_ROW = 23.0
"""From one label of a radio to the next."""
_LINE = 10.0
"""From one line of words to the next."""
_GUY_ROOM = 92.0
_NAME_ROOM = 70.0
"""What leaves the name of the mast beside the guys."""
_FOOT_LEFT, _FOOT_BOX, _FOOT_PANELS = 26.0, 24.0, 62.0
"""So much above the ground stand earth bar, box and panels, with their words."""
_ROD_M = 1.0
_ARM = 13.0
_BOX_W = 92.0
_BEARING_TALL = 5.5
"""Half the height of a bearing's words."""
_TURNS = sorted(
    ((far, side * turn) for far in (0.0, 11.0) for turn in range(0, 180, 4) for side in (1, -1)),
    key=lambda one: abs(one[1]) + 2.0 * one[0],
)
"""Where a bearing's words may stand: so far out, and so far round from their direction; the nearest first."""


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
    columns = _columns(Sketch(width, height, language), frame, pack)
    spare = max(0.0, min(spare, *(frame.ground - one.needs for one in columns)))
    frame = frame._replace(ground=frame.ground - spare)
    sketch = Sketch(width, height - spare, language)
    _ground(sketch, frame)
    _ruler(sketch, frame, pack)
    _guys(sketch, frame, pack)
    _mast(sketch, frame, pack)
    _earth(sketch, frame, pack)
    _box(sketch, frame, pack)
    columns = _columns(sketch, frame, pack)
    for one in columns:
        _radio_bodies(sketch, frame, one)
    for one in columns:
        for block, top in one.placed(frame):
            block.draw(sketch, frame, top)
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
            sketch.words(
                x - 5.0, frame.y(metre), msg("{metres:g} m", metres=metre), SMALL, anchor=Anchor.END, bold=True
            )


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
    if pack.anchors_m:
        y, end = frame.ground + 62.0, frame.x + max(pack.anchors_m) * frame.scale
        sketch.line((frame.x, y), (end, y), width=0.7)
        for x in (frame.x, end):
            sketch.line((x, y - 3.0), (x, y + 3.0), width=0.7)
        rings = " + ".join(f"{one:g}" for one in pack.anchors_m)
        words = sketch.say(msg("anchors: 3 a ring at {metres} m", metres=rings))
        middle = max((frame.x + end) / 2.0, frame.x + 4.0 + text_width(words, SMALL, bold=True) / 2.0)
        sketch.words(middle, y, words, SMALL, anchor=Anchor.MIDDLE, bold=True, plate=True)


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
        sketch.words(frame.x + 8.0, _rod_y(frame, pack), words, SMALL, room=sketch.width - frame.x - 8.0)


def _rod_y(frame: _Frame, pack: TowerPack) -> float:
    return max(frame.y(pack.top_m + _ROD_M) - 5.0, 6.0)


def _earth(sketch: Sketch, frame: _Frame, pack: TowerPack) -> None:
    wire, rods, bar = pack.part("earth_wire"), int(pack.part("earth_rod").quantity), pack.part("earth_bar")
    x = frame.x - 5.2
    if wire.quantity:
        top = frame.y(pack.top_m)
        sketch.line((frame.x, top - 4.0), (x, top + 4.0), (x, frame.ground + 26.0), width=1.1, role=Role.ACCENT)
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
        name = sketch.say(msg("box"))
        wide = max(24.0, text_width(name, SMALL, bold=True) + 6.0)
        sketch.box(left + 12.0, foot - 18.0, wide, 13.0, edge=1.3)
        sketch.words(left + 12.0 + wide / 2.0, foot - 11.5, name, SMALL, anchor=Anchor.MIDDLE, bold=True)
        for x in (left + 14.0, left + 10.0 + wide):
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
        # No guy runs through the words: it passes behind them and the panels alike.
        wide = min(text_width(words, SMALL, bold=True), sketch.width - left)
        sketch.box(left - 3.0, foot - 60.0, wide + 6.0, 13.0, edge=0.0)
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
        side = 1.0 if (radio.card.azimuth_deg or 0.0) % 360.0 < 180.0 else -1.0
        high = radio.card.height_m
        arm = sum(one.side == side and one.radio.card.height_m == high for one in found)
        found.append(_Label(radio, side, arm))
    return found


class _Words(NamedTuple):
    """Words that belong together, beside the mast: their best upper edge, how tall they are, who writes them."""

    wanted: float
    tall: float
    draw: Callable[[Sketch, _Frame, float], None]


class _Column(NamedTuple):
    """All that is written on one side of the mast, under each other; and which radios are seen there."""

    side: float
    top: float
    foot: float
    blocks: list[_Words]
    radios: list[_Label]

    @property
    def needs(self) -> float:
        """How high above its lower edge the ground must be drawn."""
        return self.top + sum(one.tall for one in self.blocks) + self.foot

    def placed(self, frame: _Frame) -> Iterator[tuple[_Words, float]]:
        """Return each block with its upper edge: as near as can be to where it is best, none over another."""
        blocks = sorted(self.blocks, key=lambda one: one.wanted)
        tops = _pushed_down([one.wanted for one in blocks], blocks, self.top)
        most = frame.ground - self.foot
        for n in reversed(range(len(blocks))):  # up again where the ground is in the way
            tops[n] = most = min(tops[n], most - blocks[n].tall)
        tops = _pushed_down(tops, blocks, self.top)
        return zip(blocks, tops, strict=True)


def _pushed_down(tops: Sequence[float], blocks: Sequence[_Words], least: float) -> list[float]:
    found = []
    for top, block in zip(tops, blocks, strict=True):
        found.append(max(top, least))
        least = found[-1] + block.tall
    return found


def _columns(sketch: Sketch, frame: _Frame, pack: TowerPack) -> tuple[_Column, _Column]:
    """Return what is written left and right of the mast; the guys' lengths on the side that has more room for them."""
    foot = _FOOT_PANELS if pack.part("panel").quantity else _FOOT_BOX
    rod = _rod_y(frame, pack) + 6.0 if pack.part("lightning_rod").quantity else _TOP - 16.0
    labels = _sides(pack.radios)
    left, right = (
        _Column(side, top, low, [], sorted(
            (one for one in labels if one.side == side), key=lambda one: (-(one.radio.card.height_m or 0.0), -one.arm)
        ))
        for side, top, low in ((-1.0, _TOP - 16.0, _FOOT_LEFT), (1.0, rod, foot))
    )  # fmt: skip
    for column in (left, right):
        column.blocks.extend(_radio_blocks(column, frame))
    if pack.part("earth_wire").quantity:
        left.blocks.append(_earth_words(frame, pack))
    left.blocks.append(_mast_words(sketch, frame, pack))
    if pack.guys:
        more = left if right.needs > left.needs + _ROW else right
        more.blocks.append(_guy_words(sketch, frame, pack, more.side))
    return left, right


def _end(frame: _Frame, column: _Column) -> float:
    """Return where the words of a column's radios begin."""
    arms = max((one.arm for one in column.radios), default=0) + 1
    return frame.x + column.side * (24.0 + _arm(column) * arms)


def _arm(column: _Column) -> float:
    """Return how far apart radios at one height hang: closer where many would leave their words no room."""
    return min(_ARM, 4.0 * _ARM / (max((one.arm for one in column.radios), default=0) + 1.0))


def _radio_bodies(sketch: Sketch, frame: _Frame, column: _Column) -> None:
    for one in column.radios:
        y = frame.y(one.radio.card.height_m or 0.0) + 6.0
        x = frame.x + column.side * (9.0 + _arm(column) * one.arm)
        sketch.line((frame.x + column.side * 2.6, y), (x, y), width=1.4)
        _radio(sketch, x, y, column.side, dish=bool(one.radio.card.towards))


def _radio_blocks(column: _Column, frame: _Frame) -> Iterator[_Words]:
    side, end, before = column.side, _end(frame, column), math.nan
    for one in column.radios:
        y = frame.y(one.radio.card.height_m or 0.0) + 6.0
        x = frame.x + side * (9.0 + _arm(column) * one.arm)
        # Below the one further out, whose own line is straight.
        start = (x + side * 2.0, y + 10.0) if y == before else (x + side * 6.0, y)
        before = y

        def draw(
            sketch: Sketch, _: _Frame, top: float, start: tuple[float, float] = start, radio: TowerRadio = one.radio
        ) -> None:
            at = top + 10.0
            sketch.line(start, (end - side * 3.0, at), width=0.6)
            _label(sketch, radio, end, at, side)

        yield _Words(y - 10.0, _ROW, draw)


def _earth_words(frame: _Frame, pack: TowerPack) -> _Words:
    lines = msg("earth wire, {metres:g} m,", metres=pack.part("earth_wire").quantity), msg("straight down")

    def draw(sketch: Sketch, frame: _Frame, top: float) -> None:
        x, y = frame.x - 5.2, top + _LINE
        said = [sketch.say(one) for one in lines]
        wide = max(text_width(one, SMALL) for one in said)
        sketch.line((x, y), (_RULER + 8.0 + wide, y), width=0.6, role=Role.ACCENT)
        for number, line in enumerate(said):
            sketch.words(_RULER + 6.0, top + _LINE * (0.5 + number), line, SMALL, role=Role.ACCENT, plate=True)

    return _Words(frame.y(0.66 * pack.top_m), 2.0 * _LINE + 3.0, draw)


def _mast_words(sketch: Sketch, frame: _Frame, pack: TowerPack) -> _Words:
    name = sketch.say(msg("what stands there already: look at it first")) if pack.stands else pack.mast
    lines = wrapped(name, SMALL, _NAME_ROOM, 3)

    def draw(sketch: Sketch, frame: _Frame, top: float) -> None:
        y = top + _LINE * 0.5 * len(lines)
        wide = max(text_width(one, SMALL) for one in lines)
        sketch.line((frame.x - 2.6, y), (_RULER + 8.0 + wide, y), width=0.6)
        for number, line in enumerate(lines):
            sketch.words(_RULER + 6.0, top + _LINE * (0.5 + number), line, SMALL, plate=True,
                         room=frame.x - _RULER - 14.0)  # fmt: skip

    return _Words(frame.y(0.5 * pack.top_m), _LINE * len(lines) + 3.0, draw)


def _guy_words(sketch: Sketch, frame: _Frame, pack: TowerPack, side: float) -> _Words:
    """Return height and length of each guy, from the highest down, with a line to each."""
    guys = tuple(reversed(pack.guys))
    head = wrapped(sketch.say(msg("guys, from mast to anchor on level ground:")), SMALL, _GUY_ROOM, 3)

    def draw(sketch: Sketch, frame: _Frame, top: float) -> None:
        x = sketch.width - _GUY_ROOM - 2.0 if side > 0.0 else _RULER + 6.0
        for number, line in enumerate(head):
            sketch.words(x, top + _LINE * (0.5 + number), line, SMALL, plate=True, room=_GUY_ROOM)
        for number, guy in enumerate(guys, len(head)):
            y = top + _LINE * (0.5 + number)
            words = sketch.say(msg("at {height:g} m: {metres:.1f} m", height=guy.height_m, metres=guy.reach_m))
            near = x - 3.0 if side > 0.0 else x + text_width(words, SMALL) + 3.0
            high = min(max((frame.ground - y) / frame.scale, 0.0), 0.9 * guy.height_m)
            rope = (frame.x + side * guy.anchor_m * frame.scale * (1.0 - high / guy.height_m), frame.y(high))
            if side * (near - rope[0]) > 3.0:
                sketch.line(rope, (near, y), width=0.5)
            sketch.words(x, y, words, SMALL, plate=True, room=_GUY_ROOM)

    return _Words(frame.y(0.8 * guys[0].height_m), _LINE * (len(head) + len(guys)) + 3.0, draw)


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
    aim = f"{radio.letter}: {sketch.say(aim_words(radio))}"
    over = text_width(aim, PLAIN) - room
    if card.towards and over > 0.0:  # the name gives way, not the words round it
        name = shorten(card.towards_name, PLAIN, text_width(card.towards_name, PLAIN) - over)
        aim = f"{radio.letter}: {sketch.say(msg('to {site}', site=name))}"
    sketch.words(x, y - 4.5, aim, PLAIN, anchor=anchor, bold=True, plate=True, room=room)
    where = sketch.say(msg("{metres:g} m", metres=card.height_m or 0.0))
    if card.azimuth_deg is None:
        where = f"{where} · {sketch.say(msg('All round'))}"
    else:
        where = sketch.say(
            msg("{metres:g} m · {degrees:.0f}° true", metres=card.height_m or 0.0, degrees=card.azimuth_deg % 360.0)
        )
    sketch.words(x, y + 5.5, where, SMALL, anchor=anchor, plate=True, room=room)


def aim_words(radio: TowerRadio) -> Message:
    """Return at what a radio looks, in few words."""
    if radio.card.towards:
        return msg("to {site}", site=radio.card.towards_name)
    if radio.card.task == "phones":
        return msg("phones")
    return counted("{count:,g} home", "{count:,g} homes", radio.homes)


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
    if azimuth is None:
        sketch.ring(*middle, radius * 0.52)
        return
    if radio.card.towards:
        sketch.arrow(middle, at_bearing(*middle, azimuth, radius - 1.0), width=1.8, head=8.0)
        return
    half = min((radio.beam_deg or 60.0) / 2.0, 180.0)
    rim = [at_bearing(*middle, azimuth - half + 2.0 * half * n / 24.0, radius * 0.52) for n in range(25)]
    sketch.shape((middle, *rim), fill=None, edge=0.9, role=Role.ACCENT)


def _bearings(sketch: Sketch, pack: TowerPack, middle: tuple[float, float], radius: float) -> None:
    """Write letters and degrees outside the ring, each as near to its direction as others and the sheet leave room."""
    taken: list[LabelBox] = []
    aimed = [(one.card.azimuth_deg % 360.0, one) for one in pack.radios if one.card.azimuth_deg is not None]
    for azimuth, radio in sorted(aimed, key=lambda one: one[0]):
        words, size = f"{radio.letter} {azimuth:.0f}°", HEAD - 0.6
        half = text_width(words, size, bold=True) / 2.0
        spots = (_spot(sketch, middle, azimuth + turn, radius + far, half) for far, turn in _TURNS)
        box = next(spots)
        if any(box.meets(other) for other in taken):
            box = next((one for one in spots if not any(one.meets(other) for other in taken)), box)
        taken.append(box)
        x, y = (box.left + box.right) / 2.0, (box.top + box.bottom) / 2.0
        sketch.words(x, y, words, size, anchor=Anchor.MIDDLE, bold=True)


def _spot(sketch: Sketch, middle: tuple[float, float], bearing_deg: float, radius: float, half: float) -> LabelBox:
    """Return the box of words that stand outside a ring at a bearing, within the sheet."""
    x, y = at_bearing(*middle, bearing_deg, radius + 12.0)
    x += math.sin(math.radians(bearing_deg)) * half
    x = min(max(x, half), sketch.width - half)
    y = min(max(y, _BEARING_TALL), sketch.height - _BEARING_TALL)
    return LabelBox(x - half - 2.0, y - _BEARING_TALL, x + half + 2.0, y + _BEARING_TALL)
