"""What stands on the ground in three dimensions: masts, links, homes and names, but for what a hill hides."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from PySide6.QtCore import QLineF, QPointF, QRectF, Qt
from PySide6.QtGui import QImage, QPainter, QPen, QPolygonF

from cn_planner.coverage.ground_view import lens_of, spots_of
from cn_planner.drawing.display import SITE_RANKS, Symbol
from cn_planner.drawing.palette import Role
from cn_planner.gui.kinds import HOUSEHOLD, LINK, SITE, Thing
from cn_planner.gui.map.layers.labels import LabelRoom, draw_label, halo, label_size
from cn_planner.gui.map.layers.lines import pen
from cn_planner.gui.map.layers.points import SITE_SIZE, put_sprite, put_stamp, symbol_box
from cn_planner.gui.map.mercator import to_geo
from cn_planner.gui.map.style import Stamp, stamp
from cn_planner.gui.paint import drawing_font
from cn_planner.gui.quantities import height as height_words
from cn_planner.gui.words import tr
from cn_planner.message import msg
from cn_planner.service.judge import Standing
from cn_planner.service.path_view import Segment
from cn_planner.units import EARTH_RADIUS_M

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import ArrayLike, NDArray

    from cn_planner.coverage.ground_view import GroundPicture, ViewGround, ViewSpots
    from cn_planner.gui.map.content import MapContent
    from cn_planner.gui.map.layers.base import PaintFrame
    from cn_planner.service.now import ServiceNow

_PARTS = 96
"""A link is looked at in so many places for what stands before it."""
_SITE_PX, _HOME_PX, _LINK_PX = 15.0, 9.0, 7.0
"""How near one must point, layout pixels."""
_FAR_PX = 0.35
"""A mast is drawn from so many pixels of height on."""
_MOST_HILLS = 14


class HomeSign(NamedTuple):
    """How homes of one standing are drawn, and the words for it."""

    role: Role
    symbol: Symbol


CONNECTED, COULD_JOIN, NOT_REACHED = 0, 1, 2
HOME_WORDS = (msg("Connected"), msg("Could join"), msg("Not reached"))
_SIGNS = (
    HomeSign(Role.ACCENT, Symbol.HOME), HomeSign(Role.CAUTION, Symbol.HOME),
    HomeSign(Role.BAD, Symbol.HOME_NOT_REACHED),
)  # fmt: skip


class NamedHill(NamedTuple):
    """A hill with its name, if it has one; on the plane, m."""

    name: str
    east: float
    north: float


@dataclass(slots=True)
class Marks:
    """What of a plan stands on one ground, on its plane; made anew where either has changed.

    Attributes
    ----------
    sites, homes, links : tuple of str
        Ids.
    site_at, home_at : float64 arrays of (2, n)
        East and north, m.
    mast_m : float64 array
        0 where there is none.
    standings : int8 array
        Of homes: `CONNECTED`, `COULD_JOIN` or `NOT_REACHED`.
    link_at : float64 array of (links, 3, parts)
        East, north and height above the sea along each, m.
    link_states : tuple of tuples of Segment
        How each part of a link stands.
    """

    ground: ViewGround
    sites: tuple[str, ...] = ()
    names: tuple[str, ...] = ()
    symbols: tuple[Symbol, ...] = ()
    homes: tuple[str, ...] = ()
    links: tuple[str, ...] = ()
    site_at: NDArray[np.float64] = field(default_factory=lambda: np.empty((2, 0)))
    home_at: NDArray[np.float64] = field(default_factory=lambda: np.empty((2, 0)))
    mast_m: NDArray[np.float64] = field(default_factory=lambda: np.empty(0))
    standings: NDArray[np.int8] = field(default_factory=lambda: np.empty(0, np.int8))
    link_at: NDArray[np.float64] = field(default_factory=lambda: np.empty((0, 3, _PARTS)))
    link_states: tuple[tuple[Segment, ...], ...] = ()
    hills: tuple[NamedHill, ...] = ()
    units: str = "metric"


def marks_of(ground: ViewGround, content: MapContent, now: ServiceNow | None, hills: Sequence[NamedHill] = ()) -> Marks:
    """Return what the map shows, on the plane of a ground."""
    plan, found = content.plan, Marks(ground, hills=tuple(hills))
    found.units = "imperial" if content.furniture.imperial else "metric"
    if content.sites.visible:
        sites = [plan.sites[key] for key in content.sites.ids if key in plan.sites]
        found.sites = tuple(one.id for one in sites)
        found.names = tuple(one.name or one.id for one in sites)
        found.symbols = tuple(content.sites.symbol(one.id) for one in sites)
        found.mast_m = np.array([one.mast_height_m or 0.0 for one in sites])
        found.site_at = _plane(ground, [one.latitude for one in sites], [one.longitude for one in sites])
    if content.homes.visible:
        homes = content.homes
        found.homes = homes.ids
        found.home_at = _plane(ground, *to_geo(homes.x, homes.y))
        found.standings = _standings(content, now)
    if content.links.visible:
        _put_links(found, content)
    return found


def _plane(ground: ViewGround, latitude: ArrayLike, longitude: ArrayLike) -> NDArray[np.float64]:
    at = np.array(ground.to_plane(latitude, longitude)).reshape(2, -1)
    return np.where(np.isfinite(at), at, 1e12)


def _standings(content: MapContent, now: ServiceNow | None) -> NDArray[np.int8]:
    """Return how homes stand: connected as the map has it; of the others who could join, as was last computed."""
    joins: frozenset[str] = frozenset()
    if now is not None:
        joins = frozenset(now.homes.ids[n] for n in np.flatnonzero(now.standing == Standing.COULD_JOIN).tolist())
    could = np.fromiter((key in joins for key in content.homes.ids), np.bool_, len(content.homes.ids))
    standings = np.where(content.homes.served, CONNECTED, np.where(could, COULD_JOIN, NOT_REACHED))
    return standings.astype(np.int8)


def _put_links(found: Marks, content: MapContent) -> None:
    plan, ground = content.plan, found.ground
    place = {key: n for n, key in enumerate(found.sites)}
    rows, states = [], []
    kept: list[str] = []
    share = np.linspace(0.0, 1.0, _PARTS)
    for key, path in zip(content.links.ids, content.links.paths, strict=True):
        link = plan.links.get(key)
        if link is None or link.from_site not in plan.sites or link.to_site not in plan.sites:
            continue
        ends = []
        for site, given in (
            (plan.sites[link.from_site], link.from_height_m),
            (plan.sites[link.to_site], link.to_height_m),
        ):
            n = place.get(site.id)
            east, north = (
                found.site_at[:, n] if n is not None else _plane(ground, [site.latitude], [site.longitude])[:, 0]
            )
            mast = given if given is not None else site.mast_height_m or 0.0
            ends.append((float(east), float(north), ground.height_m(float(east), float(north)) + mast))
        (ax, ay, az), (bx, by, bz) = ends
        length2 = (bx - ax) ** 2 + (by - ay) ** 2
        # A straight line sinks towards the sea between its ends: the earth is round.
        low = share * (1.0 - share) * length2 / (2.0 * ground.k_factor * EARTH_RADIUS_M)
        rows.append(np.stack([ax + (bx - ax) * share, ay + (by - ay) * share, az + (bz - az) * share - low]))
        states.append(path.segments or (Segment(0.0, 1.0, path.state),))
        kept.append(key)
    found.links, found.link_states = tuple(kept), tuple(states)
    found.link_at = np.stack(rows) if rows else np.empty((0, 3, _PARTS))


class SeenMarks(NamedTuple):
    """What a painted picture shows and where, device pixels: what a hand points at is looked for here."""

    sites: tuple[tuple[str, float, float], ...] = ()
    homes: tuple[tuple[str, float, float], ...] = ()
    links: tuple[tuple[str, tuple[QLineF, ...]], ...] = ()

    def pick(self, x: float, y: float, ratio: float) -> Thing | None:
        """Return the thing at a device pixel: towers before homes before links, the nearest of each."""
        for kind, things, reach in ((SITE, self.sites, _SITE_PX), (HOUSEHOLD, self.homes, _HOME_PX)):
            near = min(((math.hypot(px - x, py - y), key) for key, px, py in things), default=None)
            if near is not None and near[0] <= reach * ratio:
                return Thing(kind, near[1])
        lines = ((_away(line, x, y), key) for key, parts in self.links for line in parts)
        nearest = min(lines, default=None)
        return Thing(LINK, nearest[1]) if nearest is not None and nearest[0] <= _LINK_PX * ratio else None

    @property
    def order(self) -> tuple[Thing, ...]:
        """Towers and homes that are seen, from left to right."""
        rows = [(x, Thing(SITE, key)) for key, x, _ in self.sites]
        rows += [(x, Thing(HOUSEHOLD, key)) for key, x, _ in self.homes]
        return tuple(thing for _, thing in sorted(rows))


def _away(line: QLineF, x: float, y: float) -> float:
    dx, dy = line.dx(), line.dy()
    length2 = dx * dx + dy * dy
    t = min(max(((x - line.x1()) * dx + (y - line.y1()) * dy) / length2, 0.0), 1.0) if length2 > 0.0 else 0.0
    return math.hypot(line.x1() + t * dx - x, line.y1() + t * dy - y)


class MarksPainter:
    """Paints marks over a picture of the ground.

    Parameters
    ----------
    painter : QPainter
    picture : GroundPicture
    size : (int, int)
        Of what is painted, device pixels: the picture may be coarser.
    frame : PaintFrame
        The map's style, language and ratio.
    """

    def __init__(self, painter: QPainter, picture: GroundPicture, size: tuple[int, int], frame: PaintFrame) -> None:
        self._painter, self._picture, self._size, self._frame = painter, picture, size, frame
        self._lens = lens_of(picture.ground, picture.camera, *size)
        self._times = size[0] / picture.pixels.shape[1]

    def paint(self, marks: Marks, chosen: frozenset[Thing], hovered: Thing | None) -> SeenMarks:
        """Paint them all; return what is seen where."""
        self._painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        links = self._links(marks, chosen, hovered)
        homes = self._homes(marks)
        feet = spots_of(marks.ground, self._lens, marks.site_at[0], marks.site_at[1], 0.0)
        tops = spots_of(marks.ground, self._lens, marks.site_at[0], marks.site_at[1], marks.mast_m)
        shown = np.flatnonzero(~self._picture.hidden(tops, self._times))
        sites = self._masts(marks, feet, tops, shown)
        places = {Thing(SITE, key): (x, y) for key, x, y in sites}
        places |= {Thing(HOUSEHOLD, key): (x, y) for key, x, y in homes}
        for thing, strong in [*((one, True) for one in sorted(chosen)), *(((hovered, False),) if hovered else ())]:
            if thing in places:
                halo(self._painter, QPointF(*places[thing]), self._frame.px(16), self._frame, strong=strong)
        self._names(marks, sites, chosen)
        return SeenMarks(tuple(sites), tuple(homes), tuple(links))

    def _visible(self, spots: ViewSpots) -> NDArray[np.bool_]:
        return ~self._picture.hidden(spots, self._times)

    # Links

    def _links(
        self, marks: Marks, chosen: frozenset[Thing], hovered: Thing | None
    ) -> list[tuple[str, tuple[QLineF, ...]]]:
        found: list[tuple[str, tuple[QLineF, ...]]] = []
        if not marks.links:
            return found
        flat = np.ascontiguousarray(marks.link_at.transpose(1, 0, 2)).reshape(3, -1)
        spots = spots_of(marks.ground, self._lens, flat[0], flat[1], flat[2], amsl=True)
        seen = self._visible(spots).reshape(len(marks.links), -1)
        x, y = spots.x.reshape(seen.shape), spots.y.reshape(seen.shape)
        for n, key in enumerate(marks.links):
            thing = Thing(LINK, key)
            lines = []
            for part in marks.link_states[n]:
                lines += self._part(x[n], y[n], seen[n], part, strong=thing in chosen, pointed=thing == hovered)
            if lines:
                found.append((key, tuple(lines)))
        return found

    def _part(
        self, x: NDArray[np.float64], y: NDArray[np.float64], seen: NDArray[np.bool_], part: Segment,
        *, strong: bool, pointed: bool,
    ) -> list[QLineF]:  # fmt: skip
        """Paint what is seen of a part of a link, run by run."""
        last = len(x) - 1
        first, end = math.floor(part.start * last), math.ceil(part.end * last)
        lines: list[QLineF] = []
        run: list[QPointF] = []
        painter, frame = self._painter, self._frame
        width = frame.px(2.4)
        for n in range(first, end + 1):
            if seen[n]:
                run.append(QPointF(float(x[n]), float(y[n])))
            if run and (not seen[n] or n == end):
                if len(run) > 1:
                    shape = QPolygonF(run)
                    if strong or pointed:
                        ink = frame.style.colour(Role.ACCENT, 0.45 if strong else 0.25)
                        painter.setPen(QPen(ink, frame.px(9), Qt.PenStyle.SolidLine, Qt.PenCapStyle.RoundCap))
                        painter.drawPolyline(shape)
                    edge = QPen(frame.style.colour(Role.PAPER, 0.9), width + frame.px(1.6))
                    edge.setCapStyle(Qt.PenCapStyle.FlatCap)
                    painter.setPen(edge)
                    painter.drawPolyline(shape)
                    painter.setPen(pen(frame.style, part.state, width))
                    painter.drawPolyline(shape)
                    lines += [QLineF(run[k], run[k + 1]) for k in range(len(run) - 1)]
                run = []
        return lines

    # Homes

    def _homes(self, marks: Marks) -> list[tuple[str, float, float]]:
        if not marks.homes:
            return []
        spots = spots_of(marks.ground, self._lens, marks.home_at[0], marks.home_at[1], 2.0)
        shown = np.flatnonzero(self._visible(spots))
        if not len(shown):
            return []
        # Near ones are larger: that is how one feels how far away a village is.
        ahead = spots.ahead_m[shown]
        near = self._picture.camera.distance_m
        ratio = self._frame.view.ratio
        half = np.clip(
            np.rint(3.6 * ratio * np.sqrt(near / np.maximum(ahead, 1.0))), round(2 * ratio), round(4 * ratio)
        )
        pad = round(5 * ratio) + 8
        width, height = self._size
        x = np.floor(spots.x[shown]).astype(np.int64) + pad
        y = np.floor(spots.y[shown]).astype(np.int64) + pad
        pixels = np.zeros((height + 2 * pad, width + 2 * pad), np.uint32)
        order = np.argsort(-ahead, kind="stable")
        groups = []
        for size in np.unique(half).astype(int).tolist():
            for standing in range(len(_SIGNS)):
                mine = order[(half[order] == size) & (marks.standings[shown[order]] == standing)]
                if len(mine):
                    groups.append((x[mine], y[mine], home_stamp(standing, size, self._frame)))
        for part in ("rim", "core"):
            for gx, gy, one in groups:
                put_stamp(pixels, gx, gy, one, part)
        image = QImage(pixels.data, pixels.shape[1], pixels.shape[0], pixels.shape[1] * 4,
                       QImage.Format.Format_ARGB32_Premultiplied)  # fmt: skip
        self._painter.drawImage(-pad, -pad, image)
        return [
            (marks.homes[n], px, py)
            for n, px, py in zip(shown.tolist(), spots.x[shown].tolist(), spots.y[shown].tolist(), strict=True)
        ]

    # Masts

    def _masts(
        self, marks: Marks, feet: ViewSpots, tops: ViewSpots, shown: NDArray[np.intp]
    ) -> list[tuple[str, float, float]]:
        painter, frame = self._painter, self._frame
        found = []
        size = SITE_SIZE * frame.view.ratio
        order = sorted(shown.tolist(), key=lambda n: (SITE_RANKS[marks.symbols[n]], -tops.ahead_m[n]))
        for n in order:
            x, y, foot = float(tops.x[n]), float(tops.y[n]), float(feet.y[n])
            tall = foot - y
            if marks.mast_m[n] > 0.0 and tall > _FAR_PX:
                for ink, wide in ((frame.style.colour(Role.PAPER, 0.85), 3.6), (frame.style.colour(Role.TOWER), 1.8)):
                    painter.setPen(QPen(ink, frame.px(wide), Qt.PenStyle.SolidLine, Qt.PenCapStyle.FlatCap))
                    painter.drawLine(QPointF(float(feet.x[n]), foot), QPointF(x, y))
            symbol = marks.symbols[n]
            far = min(max(math.sqrt(self._picture.camera.distance_m / max(float(tops.ahead_m[n]), 1.0)), 0.55), 1.0)
            part = far * (0.55 if symbol is Symbol.CROSS else 0.75 if SITE_RANKS[symbol] == 1 else 1.0)
            put_sprite(painter, symbol, x, y - 0.3 * size * part, size * part, frame)
            found.append((marks.sites[n], x, y - 0.3 * size * part))
        return found

    # Names

    def _names(self, marks: Marks, sites: list[tuple[str, float, float]], chosen: frozenset[Thing]) -> None:
        frame = self._frame
        room = LabelRoom(*self._size, frame.view.ratio, QRectF(0, 0, *self._size))
        for box in furniture_boxes(self._size, frame):
            room.take(box)
        size = SITE_SIZE * frame.view.ratio
        for _, x, y in sites:
            room.take(symbol_box(x, y, size))
        names = dict(zip(marks.sites, marks.names, strict=True))
        symbols = dict(zip(marks.sites, marks.symbols, strict=True))
        # What is selected first, then gateways and towers, the nearer before those behind.
        nearest = list(sites)
        nearest.reverse()
        wanted = sorted(nearest, key=lambda one: (Thing(SITE, one[0]) not in chosen, -SITE_RANKS[symbols[one[0]]]))
        for key, x, y in wanted:
            if symbols[key] is Symbol.CROSS and Thing(SITE, key) not in chosen:
                continue
            wide, high = label_size(names[key], frame)
            found = room.place(x, y, 0.5 * size, wide, high, mirrored=frame.mirrored)
            if found is not None:
                draw_label(self._painter, names[key], found, frame)
        self._hills(marks, room)

    def _hills(self, marks: Marks, room: LabelRoom) -> None:
        """Write the names of hills above their tops, on a thin line."""
        if not marks.hills:
            return
        painter, frame = self._painter, self._frame
        spots = spots_of(
            marks.ground, self._lens, np.array([one.east for one in marks.hills]),
            np.array([one.north for one in marks.hills]), 4.0,
        )  # fmt: skip
        shown = np.flatnonzero(self._visible(spots) & np.isfinite(spots.ground_m))
        face = drawing_font(frame.px(11.5))
        painter.setFont(face)
        metrics = painter.fontMetrics()
        drawn = 0
        for n in shown[np.argsort(-spots.ground_m[shown], kind="stable")].tolist():
            height = height_words(float(spots.ground_m[n]), marks.units)
            name = marks.hills[n].name
            text = tr(msg("{name}, {height}", name=name, height=height) if name else height, frame.language)
            x, y = float(spots.x[n]), float(spots.y[n])
            wide, high = metrics.horizontalAdvance(text) + frame.px(6), frame.px(15)
            box = QRectF(round(x - wide / 2), round(y - frame.px(30)), wide, high)
            if not room.free(box):
                continue
            room.take(box)
            ink = frame.style.colour(Role.INK, 0.75)
            painter.setPen(QPen(ink, frame.px(1)))
            painter.drawLine(QPointF(x, box.bottom()), QPointF(x, y))
            outlined(painter, text, box, frame)
            drawn += 1
            if drawn >= _MOST_HILLS:
                break


def outlined(painter: QPainter, text: str, box: QRectF, frame: PaintFrame) -> None:
    """Write a text with a pale rim, in the painter's font."""
    for dx, dy in ((-1, 0), (1, 0), (0, -1), (0, 1), (-1, -1), (1, 1), (-1, 1), (1, -1)):
        painter.setPen(frame.style.colour(Role.PAPER, 0.55))
        painter.drawText(box.translated(frame.px(dx), frame.px(dy)), Qt.AlignmentFlag.AlignCenter, text)
    painter.setPen(frame.style.colour(Role.INK))
    painter.drawText(box, Qt.AlignmentFlag.AlignCenter, text)


def furniture_boxes(size: tuple[int, int], frame: PaintFrame) -> tuple[QRectF, ...]:
    """Return where controls, north arrow, scale and legend stand."""
    px, (width, height) = frame.px, size
    left, right = QRectF(0, 0, px(330), px(62)), QRectF(width - px(60), 0, px(60), px(140))
    low = QRectF(0, height - px(50), width, px(50))
    corner = QRectF(width - px(160), height - px(120), px(160), px(120))
    boxes: tuple[QRectF, ...] = (left, right, corner)
    if frame.mirrored:
        boxes = tuple(QRectF(width - one.right(), one.y(), one.width(), one.height()) for one in boxes)
    return (*boxes, low)


def home_stamp(standing: int, half: int, frame: PaintFrame) -> Stamp:
    """Return the sign of a home: filled, open, or open and crossed; the shape says what the colour says."""
    role, symbol = _SIGNS[standing]
    whole = stamp(symbol, half, role, frame.style.theme)
    if standing != COULD_JOIN:
        return whole
    width = 1 if half < 4 else 2
    edge = np.maximum(np.abs(whole.core[:, 0]), np.abs(whole.core[:, 1])) > half - width
    core = np.column_stack([whole.core[:, :2], np.where(edge, 0, 1)])
    return Stamp(whole.rim, core, whole.colours, whole.half)
