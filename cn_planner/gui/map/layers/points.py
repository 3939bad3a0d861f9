"""Homes and sites: arrays projected once, culled for a view, stamped at whole pixels."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from PySide6.QtCore import QPointF, QRectF
from PySide6.QtGui import QImage, QPainter, QPainterPath

from cn_planner.drawing.display import SITE_RANKS, Marker, Symbol, tower_symbol
from cn_planner.drawing.palette import Role
from cn_planner.gui.kinds import HOUSEHOLD, SITE, SUGGESTION, THINGS, Thing
from cn_planner.gui.map.layers.base import LegendEntry, MapLayer, PaintFrame, ThingLayer, painted
from cn_planner.gui.map.layers.labels import LabelRoom, draw_label, halo, label_size, paint_label
from cn_planner.gui.map.mercator import to_geo, to_world
from cn_planner.gui.map.style import sprite, stamp
from cn_planner.gui.paint import Colours, paint_items
from cn_planner.links.seen import look_along
from cn_planner.message import Message, msg
from cn_planner.model.gateways import is_gateway
from cn_planner.model.plan import Choice, HomeKind, SiteRole, Status
from cn_planner.report.words import SEEN_WORDS

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Sequence

    from numpy.typing import NDArray

    from cn_planner.gui.kinds import LatLon
    from cn_planner.gui.map.mercator import Viewport
    from cn_planner.gui.map.style import Stamp, Style
    from cn_planner.gui.map.things import Ghost
    from cn_planner.model.plan import Household, Site

SITE_SIZE = THINGS[SITE].size_px


class PointsLayer(ThingLayer):
    """Things that stand at one place each."""

    def __init__(self, key: str, title: Message, kind: str, *, live: bool = False) -> None:
        super().__init__(key, title, kind, live=live)
        self.ids: tuple[str, ...] = ()
        self.x: NDArray[np.float64] = np.empty(0)
        self.y: NDArray[np.float64] = np.empty(0)
        self._row: dict[str, int] | None = None

    def _put(self, ids: Sequence[str], latitude: Sequence[float], longitude: Sequence[float]) -> None:
        self.ids = tuple(ids)
        self._row = None
        self.x, self.y = to_world(latitude, longitude)

    def row(self, key: str) -> int | None:
        """Return the place of an id in the arrays."""
        if self._row is None:
            self._row = {one: i for i, one in enumerate(self.ids)}
        return self._row.get(key)

    def reach(self, row: int, frame: PaintFrame) -> float:  # noqa: ARG002
        """Return how far the ring round one that is selected stands from its middle, device pixels."""
        return frame.px(20)

    def seen(self, view: Viewport, margin: float) -> NDArray[np.intp]:
        """Return which ones a view shows, with a margin in device pixels."""
        west, north, east, south = view.bounds(margin)
        dx = (self.x - west) % 1.0
        return np.flatnonzero((dx <= east - west) & (self.y >= north) & (self.y <= south))

    def _without(self, rows: NDArray[np.intp], hidden: frozenset[Thing]) -> NDArray[np.intp]:
        gone = [row for thing in hidden if thing.kind == self.kind and (row := self.row(thing.id)) is not None]
        return rows[~np.isin(rows, gone)] if gone else rows

    pick_px = 14.0
    """How near one must point to one, layout pixels."""

    def pick(self, view: Viewport, px: float, py: float) -> Thing | None:
        """Return the one nearest to a device pixel, within reach.

        All are measured at once: for 100,000 that is a third of a millisecond, and there is no tree to rebuild after
        each edit.
        """
        if not len(self.x):
            return None
        x, y = view.pixels(self.x, self.y)
        distance = np.hypot(x - px, y - py)
        best = int(np.argmin(distance))
        return Thing(self.kind, self.ids[best]) if distance[best] <= self.pick_px * view.ratio else None

    def within(self, view: Viewport, box: QRectF) -> tuple[Thing, ...]:
        """Return those whose place lies in a rectangle of device pixels."""
        x, y = view.pixels(self.x, self.y)
        inside = (x >= box.left()) & (x <= box.right()) & (y >= box.top()) & (y <= box.bottom())
        return tuple(Thing(self.kind, self.ids[i]) for i in np.flatnonzero(inside))

    def mark(self, painter: QPainter, key: str, frame: PaintFrame, *, strong: bool) -> None:
        """Ring one."""
        row = self.row(key)
        if row is not None:
            x, y = frame.view.pixels(self.x[row], self.y[row])
            halo(painter, QPointF(float(x), float(y)), self.reach(row, frame), frame, strong=strong)


class HomeSign(NamedTuple):
    """How homes of one kind that stand alike are drawn, and the words for it."""

    symbol: Symbol
    role: Role
    words: Message

    def half(self, home: int, ratio: float) -> int:
        """Return how far it reaches from its middle where a plain home reaches so far, device pixels."""
        if self.symbol is Symbol.HOME_ON_FOOT:
            return home + max(1, round(ratio))
        if self.symbol in (Symbol.HOME, Symbol.HOME_NOT_REACHED):
            return home
        return max(home + round(2 * ratio), round(1.5 * home))


_CODES = {HomeKind.HOME: 0, HomeKind.SCHOOL: 1, HomeKind.CLINIC: 2}
HOME_SIGNS = (
    HomeSign(Symbol.HOME, Role.ACCENT, msg("Home reached")),
    HomeSign(Symbol.HOME_NOT_REACHED, Role.BAD, msg("Home not reached")),
    HomeSign(Symbol.SCHOOL, Role.REACHED, msg("School")),
    HomeSign(Symbol.SCHOOL_NOT_REACHED, Role.BAD, msg("School not reached")),
    HomeSign(Symbol.CLINIC, Role.REACHED, msg("Clinic")),
    HomeSign(Symbol.CLINIC_NOT_REACHED, Role.BAD, msg("Clinic not reached")),
    HomeSign(Symbol.HOME_ON_FOOT, Role.PUBLIC, msg("Reaches it on foot, with a phone")),
)
"""Of each kind reached and not, in the order in which they lie on each other: what is not reached is what people look
for. Schools and clinics lie above homes."""
_ON_FOOT = len(HOME_SIGNS) - 1


def put_stamp(pixels: NDArray[np.uint32], x: NDArray[np.int64], y: NDArray[np.int64], one: Stamp, part: str) -> None:
    """Write rim or core of a symbol into a picture, at pixels so far within it that nothing lies outside."""
    flat = pixels.reshape(-1)
    at = y * pixels.shape[1] + x
    for dx, dy, colour in getattr(one, part).tolist():
        flat[at + (dy * pixels.shape[1] + dx)] = one.colours[colour]


class HomesLayer(PointsLayer):
    """Homes, schools and clinics: filled where they are reached, open and crossed where they are not."""

    def __init__(self) -> None:
        super().__init__("homes", msg("Homes"), HOUSEHOLD)
        self.kind_codes: NDArray[np.uint8] = np.empty(0, np.uint8)
        self.served: NDArray[np.bool_] = np.empty(0, np.bool_)
        self._spread = 1.0
        self.on_foot: frozenset[str] = frozenset()
        self._foot = np.zeros(0, np.bool_)

    pick_px = 8.0

    @property
    def signs(self) -> NDArray[np.uint8]:
        """Which of `HOME_SIGNS` each home has."""
        plain = 2 * self.kind_codes + ~self.served
        return np.where(self._foot & ~self.served, _ON_FOOT, plain).astype(np.uint8)

    def set_on_foot(self, ids: Collection[str]) -> None:
        """Say who of those that are not reached gets to a hotspot on foot."""
        if frozenset(ids) != self.on_foot:
            self.on_foot = frozenset(ids)
            self._mark()
            self.changed.emit()

    def _mark(self) -> None:
        self._foot = np.fromiter((key in self.on_foot for key in self.ids), np.bool_, len(self.ids))

    def set_homes(self, homes: Collection[Household], served: Collection[str] | None = None) -> None:
        """Show these homes; `served` are the ids that are reached, by default those that have a server in the plan."""
        things = list(homes)
        self._put([h.id for h in things], [h.latitude for h in things], [h.longitude for h in things])
        self.kind_codes = np.array([_CODES.get(h.kind, 0) for h in things], np.uint8)
        if served is None:
            self.served = np.array([h.server is not None for h in things], np.bool_)
        else:
            reached = served if isinstance(served, set | frozenset) else set(served)
            self.served = np.array([h.id in reached for h in things], np.bool_)
        self._mark()
        self._measure()
        self.changed.emit()

    def set_served(self, served: Collection[str]) -> None:
        """Say which of them are reached."""
        reached = served if isinstance(served, set | frozenset) else set(served)
        new = np.fromiter((key in reached for key in self.ids), np.bool_, len(self.ids))
        if not np.array_equal(new, self.served):
            self.served = new
            self.changed.emit()

    def change(self, homes: Collection[Household], served: Collection[str] | None = None) -> None:
        """Show homes that are there already as they are now, without looking at the others."""
        for home in homes:
            row = self.row(home.id)
            if row is None:
                raise KeyError(home.id)
            x, y = to_world(home.latitude, home.longitude)
            self.x[row], self.y[row] = float(x), float(y)
            self.kind_codes[row] = _CODES.get(home.kind, 0)
            self.served[row] = home.server is not None if served is None else home.id in served
        if homes:
            self.changed.emit()

    def _measure(self) -> None:
        """Find out how much room each home has, in world units."""
        n = len(self.x)
        if n < 2:
            self._spread = 1.0
            return
        few, most = n // 20, n - 1 - n // 20
        low_x, high_x = np.partition(self.x, (few, most))[[few, most]].tolist()
        low_y, high_y = np.partition(self.y, (few, most))[[few, most]].tolist()
        self._spread = math.sqrt(max((high_x - low_x) * (high_y - low_y), 1e-14) / n)

    def half(self, view: Viewport) -> int:
        """Return how far a home's symbol reaches from its middle, device pixels: the same wherever the view stands."""
        room = self._spread * view.scale / view.ratio
        least = 1 if view.zoom < 13 else 2 if view.zoom < 14.5 else 3
        return max(1, round(max(least, min(4.0, room / 5.0)) * view.ratio + (view.ratio - 1) / 2))

    def reach(self, row: int, frame: PaintFrame) -> float:  # noqa: ARG002
        """Return how far the ring round a home stands from its middle, device pixels."""
        return frame.px(6) + self.half(frame.view)

    def paint(self, painter: QPainter, frame: PaintFrame) -> None:
        """Stamp the homes of the view into one picture."""
        view = frame.view
        half = self.half(view)
        pad = half + 8
        rows = self._without(self.seen(painted(painter, view), pad), frame.hidden)
        if not len(rows):
            return
        x, y = view.pixels(self.x[rows], self.y[rows])
        px, py = np.floor(x).astype(np.int64) + 2 * pad, np.floor(y).astype(np.int64) + 2 * pad
        x0, y0 = max(0, int(px.min()) - pad), max(0, int(py.min()) - pad)
        px -= x0
        py -= y0
        shape = (int(py.max()) + pad + 1, int(px.max()) + pad + 1)
        pixels = np.zeros(shape, np.uint32)
        groups = []
        signs = self.signs[rows]
        for code, sign in enumerate(HOME_SIGNS):
            group = signs == code
            if group.any():
                one = stamp(sign.symbol, sign.half(half, view.ratio), sign.role, frame.style.theme)
                groups.append((px[group], py[group], one))
        if half > 1:
            for gx, gy, one in groups:
                put_stamp(pixels, gx, gy, one, "rim")
        for gx, gy, one in groups:
            put_stamp(pixels, gx, gy, one, "core")
        image = QImage(pixels.data, shape[1], shape[0], shape[1] * 4, QImage.Format.Format_ARGB32_Premultiplied)
        painter.drawImage(x0 - 2 * pad, y0 - 2 * pad, image)

    def legend(self) -> tuple[LegendEntry, ...]:
        """Return each symbol that is there."""
        there = [HOME_SIGNS[code] for code in np.unique(self.signs).tolist()]
        return tuple(LegendEntry(one.words, symbol_sample(one.symbol, 9.0, one.role)) for one in there)

    def symbol(self, key: str) -> Symbol:
        """Return how a home is drawn."""
        row = self.row(key)
        return super().symbol(key) if row is None else HOME_SIGNS[int(self.signs[row])].symbol

    def words(self, key: str) -> Message:
        """Return its name, whether it is reached, and what was seen from there towards its tower."""
        home, row = self.plan.households.get(key), self.row(key)
        name: str | Message = key if home is None else home.name or home.id
        tower = None if home is None else self.plan.sites.get(home.server or "")
        seen = None if home is None or tower is None else look_along(self.plan, home, tower)
        if seen is not None:
            name = msg("{name} ({seen})", name=name, seen=SEEN_WORDS[seen.seen])
        reached = row is not None and bool(self.served[row])
        if not reached and key in self.on_foot:
            return msg("{name}, reaches a hotspot on foot", name=name)
        return msg("{name}, reached", name=name) if reached else msg("{name}, not reached", name=name)


def symbol_sample(symbol: Symbol, size: float, role: Role) -> Callable[[QPainter, QRectF, Style], None]:
    """Return a legend's sample of a symbol."""

    def sample(painter: QPainter, box: QRectF, style: Style) -> None:
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        at = box.center()
        paint_items(painter, (Marker(symbol, at.x(), at.y(), size, role, Role.PAPER),), Colours(style.theme))

    return sample


def site_symbol(site: Site, used: Collection[str]) -> Symbol:
    """Return how a site is shown: rejected, a gateway or tower that the plan uses, or only a place for one."""
    if site.status is Status.REJECTED or site.choice is Choice.FORBIDDEN:
        return Symbol.CROSS
    return tower_symbol(site.role, used=site.id in used, enters=is_gateway(site), begun=bool(used))


_SITE_WORDS = {
    Symbol.GATEWAY: msg("Gateway"),
    Symbol.TOWER: msg("Tower"),
    Symbol.GATEWAY_OPTION: msg("Possible gateway"),
    Symbol.SUGGESTED: msg("Possible tower"),
    Symbol.CROSS: msg("Place ruled out"),
}


class SitesLayer(PointsLayer):
    """Towers as triangles: the gateway filled with a bar, places not used dashed, rejected ones crossed out."""

    def __init__(self) -> None:
        super().__init__("sites", msg("Towers"), SITE)
        self._used: Collection[str] = ()
        self.names: tuple[str, ...] = ()
        self.symbols: tuple[Symbol, ...] = ()

    def set_sites(self, sites: Collection[Site], used: Collection[str]) -> None:
        """Show these sites; `used` are the ids of those that the plan builds or keeps."""
        self._put([s.id for s in sites], [s.latitude for s in sites], [s.longitude for s in sites])
        self._used = used
        self.names = tuple(s.name or s.id for s in sites)
        self.symbols = tuple(site_symbol(s, used) for s in sites)
        self.changed.emit()

    def size(self, view: Viewport) -> float:
        """Return a mast's height in device pixels."""
        return SITE_SIZE * view.ratio * (1.0 if view.zoom >= 11.0 else 0.75 if view.zoom >= 9.0 else 0.55)

    def paint(self, painter: QPainter, frame: PaintFrame) -> None:
        """Put the sprites."""
        view = frame.view
        size = self.size(view)
        rows = self._without(self.seen(painted(painter, view), 2 * size), frame.hidden)
        x, y = view.pixels(self.x[rows], self.y[rows])
        # Southern ones above those behind.
        order = sorted(range(len(rows)), key=lambda i: (SITE_RANKS[self.symbols[rows[i]]], y[i]))
        for i in order:
            symbol = self.symbols[rows[i]]
            small = size * (0.55 if symbol is Symbol.CROSS else 0.8 if SITE_RANKS[symbol] == 1 else 1.0)
            put_sprite(painter, symbol, float(x[i]), float(y[i]), small, frame)

    def legend(self) -> tuple[LegendEntry, ...]:
        """Return each symbol that is there."""
        there = set(self.symbols)
        return tuple(
            LegendEntry(words, symbol_sample(symbol, 9.0 if symbol is Symbol.CROSS else 15.0, Role.TOWER))
            for symbol, words in _SITE_WORDS.items()
            if symbol in there
        )

    def symbol(self, key: str) -> Symbol:
        """Return how a site is drawn."""
        row = self.row(key)
        return super().symbol(key) if row is None else self.symbols[row]

    def words(self, key: str) -> Message:
        """Return its name, and what stands there."""
        site = self.plan.sites.get(key)
        if site is None:
            return super().words(key)
        name = site.name or site.id
        if self.symbol(key) is Symbol.GATEWAY:
            return msg("{name}, gateway", name=name)
        if self.symbol(key) is Symbol.GATEWAY_OPTION:
            return msg("{name}, possible gateway", name=name)
        if site.id not in self._used or site.mast_height_m is None:
            return msg("{name}, possible tower", name=name)
        if site.role is SiteRole.RELAY:
            return msg("{name}, relay at a home", name=name)
        return msg("{name}, tower with a mast of {height:.0f} m", name=name, height=site.mast_height_m)


def symbol_box(x: float, y: float, size: float) -> QRectF:
    """Return what a tower's symbol covers."""
    return QRectF(x - 0.42 * size, y - 0.62 * size, 0.84 * size, 1.1 * size)


def put_sprite(painter: QPainter, symbol: Symbol, x: float, y: float, size: float, frame: PaintFrame) -> None:
    """Paint a symbol at a whole pixel."""
    image = sprite(symbol, size, Role.TOWER, frame.style.theme)
    half = image.width() // 2
    painter.drawImage(math.floor(x) - half, math.floor(y) - half, image)


class LabelsLayer(MapLayer):
    """Names of towers, each where no other name and no tower stands.

    Where a part of the picture is painted, names that stand already stay where they are: half of each may have been
    painted before.
    """

    def __init__(self, sites: SitesLayer, homes: HomesLayer) -> None:
        super().__init__("labels", msg("Names"))
        self._sites, self._homes = sites, homes
        self._first: frozenset[str] = frozenset()
        self._for: tuple[object, ...] = ()
        self._places: dict[str, QRectF | None] = {}
        """In pixels of the world; None where there was no room."""
        self._off: GhostsLayer | None = None
        sites.changed.connect(self.changed)

    def keep_off(self, ghosts: GhostsLayer) -> None:
        """Put no name on what these stand for; their own words in turn go round the names."""
        self._off = ghosts
        ghosts.changed.connect(self.changed)

    def boxes(self, view: Viewport) -> list[QRectF]:
        """Return where names stand in a view, device pixels; nothing where they stood in another scale."""
        if not self.visible or not self._for or self._for[:2] != (view.scale, view.ratio):
            return []
        left, top = view.origin
        return [there.translated(-left, -top) for there in self._places.values() if there is not None]

    def set_first(self, ids: Collection[str]) -> None:
        """Say which names come before all others: what is selected."""
        if frozenset(ids) != self._first:
            self._first = frozenset(ids)
            self.changed.emit()

    def paint(self, painter: QPainter, frame: PaintFrame) -> None:
        """Place and paint the names of the view."""
        view, sites = frame.view, self._sites
        if not sites.visible:
            return
        left, top = view.origin
        part = painter.hasClipping()
        off = self._off.ids if self._off is not None and self._off.visible else ()
        key = (view.scale, view.ratio, frame.mirrored, self._first, sites.names, sites.symbols, frame.hidden, off)
        if not part or key != self._for:
            self._for, self._places = key, {}
        self._place(painted(painter, view), view, frame)
        box = painter.clipBoundingRect() if part else QRectF(0, 0, view.width, view.height)
        for name, there in self._places.items():
            if there is not None:
                here = there.translated(-left, -top)
                row = sites.row(name)
                if here.intersects(box) and row is not None:
                    draw_label(painter, sites.names[row], here, frame)

    def paint_over(self, painter: QPainter, frame: PaintFrame, line: Sequence[QPointF]) -> None:
        """Paint the names that a line crosses once more, above it: a line may cross a name, and not strike it out."""
        shape = QPainterPath(line[0])
        for point in line[1:]:
            shape.lineTo(point)
        self.paint_above(painter, frame, shape)

    def paint_above(self, painter: QPainter, frame: PaintFrame, shape: QPainterPath) -> None:
        """Paint the names that a shape covers once more, above it."""
        reach = frame.px(4)
        left, top = frame.view.origin
        for name, there in self._places.items() if self.boxes(frame.view) else ():
            row = self._sites.row(name)
            if there is None or row is None:
                continue
            here = there.translated(-left, -top)
            if shape.intersects(here.adjusted(-reach, -reach, reach, reach)):
                draw_label(painter, self._sites.names[row], here, frame)

    def _place(self, part: Viewport, view: Viewport, frame: PaintFrame) -> None:
        """Find room for the names of a part of a view that have none yet."""
        sites = self._sites
        size = sites.size(view)
        rows = sites.seen(part, size)
        if all(sites.ids[row] in self._places for row in rows):
            return
        left, top = part.origin
        x, y = part.pixels(sites.x[rows], sites.y[rows])
        room = LabelRoom(part.width, part.height, part.ratio, self.free_part(part, view))
        for px, py in zip(x, y, strict=True):
            room.take(symbol_box(float(px), float(py), size))
        for there in self._places.values():
            if there is not None:
                room.take(there.translated(-left, -top))
        for box in frame.under:
            room.take(box.translated(-left, -top))
        if self._off is not None and self._off.visible:
            for box in self._off.symbols(part):
                room.take(box)
        if self._homes.visible and len(self._homes.x):
            homes = self._homes.seen(part, 0)
            room.avoid(*part.pixels(self._homes.x[homes], self._homes.y[homes]))
        order = sorted(
            range(len(rows)),
            key=lambda i: (sites.ids[rows[i]] not in self._first, -SITE_RANKS[sites.symbols[rows[i]]], rows[i]),
        )
        least = 1 if view.zoom >= 11 else 2 if view.zoom >= 9.5 else 3
        for i in order:
            key, symbol = sites.ids[rows[i]], sites.symbols[rows[i]]
            if key in self._places:
                continue
            self._places[key] = None
            if (SITE_RANKS[symbol] < least and key not in self._first) or Thing(SITE, key) in frame.hidden:
                continue
            # Clear of the ring round what is selected.
            reach = frame.px(22) if key in self._first else 0.5 * size
            wide = label_size(sites.names[rows[i]], frame)
            found = room.place(float(x[i]), float(y[i]), reach + frame.px(1), *wide, mirrored=frame.mirrored)
            if found is not None:
                self._places[key] = found.translated(left, top)

    @staticmethod
    def free_part(part: Viewport, view: Viewport) -> QRectF:
        """Return where names may stand, in pixels of a part: not on what is painted already, but beyond the view."""
        (left, top), (x, y) = part.origin, view.origin
        far = 1e6
        west = -far if left <= x else 0.0
        north = -far if top <= y else 0.0
        east = far if left + part.width >= x + view.width else float(part.width)
        south = far if top + part.height >= y + view.height else float(part.height)
        return QRectF(west, north, east - west, south - north)


class GhostsLayer(PointsLayer):
    """Suggested sites, dashed, each with what it would gain."""

    def __init__(self, sites: SitesLayer, names: LabelsLayer) -> None:
        super().__init__("suggestions", msg("Suggestions"), SUGGESTION, live=True)
        self._sites, self._names = sites, names
        self.labels: tuple[str, ...] = ()
        names.keep_off(self)

    def set_ghosts(self, ghosts: Sequence[Ghost]) -> None:
        """Show these suggestions."""
        self._put([g.id for g in ghosts], [g.latitude for g in ghosts], [g.longitude for g in ghosts])
        self.labels = tuple(g.label for g in ghosts)
        self.changed.emit()

    def places(self, key: str) -> tuple[LatLon, ...]:
        """Return where one would stand."""
        row = self.row(key)
        if row is None:
            return ()
        lat, lon = to_geo(self.x[row], self.y[row])
        return ((float(lat), float(lon)),)

    def words(self, key: str) -> Message:
        """Return what it would gain."""
        row = self.row(key)
        return msg("Suggestion: {label}", label=(self.labels[row] if row is not None else "") or key)

    def symbols(self, view: Viewport) -> list[QRectF]:
        """Return where they stand in a view, device pixels."""
        size = SITE_SIZE * view.ratio
        rows = self.seen(view, size)
        x, y = view.pixels(self.x[rows], self.y[rows])
        return [symbol_box(px, py, size) for px, py in zip(x.tolist(), y.tolist(), strict=True)]

    def paint(self, painter: QPainter, frame: PaintFrame) -> None:
        """Put the dashed triangles and their gains, which cover neither names nor towers."""
        view = frame.view
        size = SITE_SIZE * view.ratio
        rows = self.seen(view, 4 * size)
        if not len(rows):
            return
        x, y = view.pixels(self.x[rows], self.y[rows])
        room = LabelRoom(view.width, view.height, view.ratio)
        left, top = view.origin
        for box in (*self._names.boxes(view), *(one.translated(-left, -top) for one in frame.under)):
            room.take(box)
        if self._sites.visible:
            there = self._sites.seen(view, size)
            tower = self._sites.size(view)
            for px, py in zip(*view.pixels(self._sites.x[there], self._sites.y[there]), strict=True):
                room.take(symbol_box(float(px), float(py), tower))
        for px, py in zip(x.tolist(), y.tolist(), strict=True):
            put_sprite(painter, Symbol.SUGGESTED, px, py, size, frame)
            room.take(symbol_box(px, py, size))
        # The best come first: where there is not room for all, theirs are read.
        for px, py, row in zip(x.tolist(), y.tolist(), rows.tolist(), strict=True):
            if self.labels[row]:
                paint_label(painter, self.labels[row], px, py, 0.5 * size, frame, room)

    def legend(self) -> tuple[LegendEntry, ...]:
        """Return the dashed triangle where there is one."""
        return (LegendEntry(msg("Suggestion"), symbol_sample(Symbol.SUGGESTED, 15.0, Role.TOWER)),) if self.ids else ()
