"""Public places: a disc with a sign for what each is; pale while nothing connects it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QPointF, Qt
from PySide6.QtGui import QPainter, QPen

from cn_planner.drawing.display import Symbol
from cn_planner.drawing.palette import Role
from cn_planner.gui.kinds import PUBLIC, THINGS
from cn_planner.gui.map.layers.base import LegendEntry, PaintFrame, painted
from cn_planner.gui.map.layers.points import PointsLayer, symbol_sample
from cn_planner.gui.map.style import sprite
from cn_planner.message import msg
from cn_planner.model.plan import PlaceKind
from cn_planner.report.words import PLACE_KINDS

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from cn_planner.message import Message
    from cn_planner.model.plan import PublicPlace

_SIZE = THINGS[PUBLIC].size_px


def place_symbol(kind: PlaceKind) -> Symbol:
    """Return the sign of a kind of public places."""
    return Symbol(f"place_{kind.value}")


class PublicLayer(PointsLayer):
    """The public places."""

    def __init__(self) -> None:
        super().__init__("public", msg("Public places"), PUBLIC)
        self.kinds: tuple[PlaceKind, ...] = ()
        self.connected: tuple[bool, ...] = ()
        self._servers: tuple[str | None, ...] = ()
        self._off: frozenset[str] = frozenset()
        self._rings: tuple[tuple[float, float, float], ...] = ()

    def set_rings(self, rings: Sequence[tuple[float, float, float]]) -> None:
        """Draw how far people walk to hotspots: latitude, longitude, metres."""
        if tuple(rings) != self._rings:
            self._rings = tuple(rings)
            self.changed.emit()

    def show_rows(self, rows: Mapping[str, PublicPlace]) -> None:
        """Show these."""
        places = tuple(rows.values())
        self._put([p.id for p in places], [p.latitude for p in places], [p.longitude for p in places])
        self.kinds = tuple(p.kind for p in places)
        self._servers = tuple(p.server for p in places)
        self._connect()

    def set_off(self, towers: frozenset[str]) -> None:
        """Show as not connected what hangs on these towers: nothing gets through to them."""
        if towers != self._off:
            self._off = towers
            self._connect()

    def _connect(self) -> None:
        self.connected = tuple(one is not None and one not in self._off for one in self._servers)
        self.changed.emit()

    def reach(self, row: int, frame: PaintFrame) -> float:  # noqa: ARG002
        """Return how far the ring round one stands from its middle, device pixels."""
        return frame.px(THINGS[PUBLIC].ring_px)

    def paint(self, painter: QPainter, frame: PaintFrame) -> None:
        """Put the sprites."""
        view = frame.view
        self._paint_rings(painter, frame)
        size = _SIZE * view.ratio * (1.0 if view.zoom >= 11.0 else 0.75)
        rows = self._without(self.seen(painted(painter, view), size), frame.hidden)
        x, y = view.pixels(self.x[rows], self.y[rows])
        for row, px, py in zip(rows.tolist(), x.tolist(), y.tolist(), strict=True):
            role = Role.PUBLIC if self.connected[row] else Role.MUTED
            image = sprite(place_symbol(self.kinds[row]), size, role, frame.style.theme)
            half = image.width() // 2
            painter.drawImage(int(px) - half, int(py) - half, image)

    def _paint_rings(self, painter: QPainter, frame: PaintFrame) -> None:
        if not self._rings:
            return
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        fill = frame.style.colour(Role.PUBLIC, 0.10)
        pen = QPen(frame.style.colour(Role.PUBLIC), 1.6 * frame.px(1))
        pen.setStyle(Qt.PenStyle.DotLine)
        for latitude, longitude, metres in self._rings:
            x, y = frame.view.to_screen(latitude, longitude)
            radius = metres / frame.view.m_per_pixel
            painter.setPen(pen)
            painter.setBrush(fill)
            painter.drawEllipse(QPointF(float(x), float(y)), radius, radius)

    def legend(self) -> tuple[LegendEntry, ...]:
        """Return the signs that are there."""
        return tuple(
            LegendEntry(PLACE_KINDS[kind], symbol_sample(place_symbol(kind), 15.0, Role.PUBLIC))
            for kind in PlaceKind
            if kind in self.kinds
        )

    def symbol(self, key: str) -> Symbol:
        """Return how one is drawn."""
        row = self.row(key)
        return super().symbol(key) if row is None else place_symbol(self.kinds[row])

    def words(self, key: str) -> Message:
        """Return its name, what it is, and whether it is connected."""
        place = self.plan.places.get(key)
        if place is None:
            return super().words(key)
        name, kind = place.name or place.id, PLACE_KINDS[place.kind]
        if place.server is None or place.server in self._off:
            return msg("{name}, {kind}, not connected", name=name, kind=kind)
        return msg("{name}, {kind}, connected", name=name, kind=kind)
