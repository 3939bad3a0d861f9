"""A proposal over the plan that stands: towers and links that come and go, homes won and lost, each with a shape."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPainterPath, QPen

from cn_planner.drawing.display import Symbol
from cn_planner.drawing.palette import Role
from cn_planner.gui.map.layers.base import LegendEntry, MapLayer, PaintFrame
from cn_planner.gui.map.layers.labels import LabelRoom, paint_label
from cn_planner.gui.map.layers.live import ground_line
from cn_planner.gui.map.layers.points import SITE_SIZE, put_sprite, symbol_box
from cn_planner.gui.words import tr
from cn_planner.message import Message, counted, msg
from cn_planner.planning.proposal import PartKind

if TYPE_CHECKING:
    from collections.abc import Collection

    from numpy.typing import NDArray

    from cn_planner.gui.map.layers.points import LabelsLayer
    from cn_planner.gui.map.style import Style
    from cn_planner.model.plan import Plan
    from cn_planner.planning.proposal import ProposalPart
    from cn_planner.session.proposal import Proposal

_PALE = 0.35
"""How much is seen of what is not ticked, and of all else while one part is looked at."""
_HOME_PX, _RING_PX = 7.0, 17.0
_MOST_HOMES = 3000
"""So many are drawn at most: more than that is a stain, and holds the frame."""


class _Homes(NamedTuple):
    """Homes that are won, or lost; found out once, as a frame has no time for it.

    ``latitude``, ``longitude``: degrees; ``parts``: of each, the part of the proposal that it hangs on, if any.
    """

    won: bool
    latitude: NDArray[np.float64]
    longitude: NDArray[np.float64]
    parts: list[str | None]


def _homes_of(found: Proposal, *, won: bool) -> _Homes:
    homes, by = (found.won, found.won_by) if won else (found.lost, found.lost_by)
    table = (found.edit.plan if won else found.before).households
    rows = [table[key] for key in sorted(homes)[:_MOST_HOMES] if key in table]
    parts = {one.id for one in found.parts}
    part_of = {key: one for one, keys in by.items() if one in parts for key in keys}
    places = np.array([(row.latitude, row.longitude) for row in rows], float).reshape(-1, 2)
    return _Homes(won, places[:, 0], places[:, 1], [part_of.get(row.id) for row in rows])


class ProposalLayer(MapLayer):
    """What a proposal changes; the map below shows the plan that stands."""

    def __init__(self, names: LabelsLayer | None = None) -> None:
        super().__init__("proposal", msg("Proposal"), live=True, listed=False)
        self.proposal: Proposal | None = None
        self.chosen: frozenset[str] = frozenset()
        self.focus = ""
        self._names = names
        self._rows: tuple[_Homes, ...] = ()
        self._stands: frozenset[str] = frozenset()

    def set_proposal(self, proposal: Proposal | None, chosen: Collection[str] = ()) -> None:
        """Show a proposal, of which some parts are ticked; or none."""
        if proposal is not self.proposal:
            self._rows = () if proposal is None else (_homes_of(proposal, won=True), _homes_of(proposal, won=False))
            self._stands = frozenset() if proposal is None else frozenset(proposal.edit.plan.standing_links)
        self.proposal, self.chosen = proposal, frozenset(chosen)
        self.focus = self.focus if proposal is not None else ""
        self.changed.emit()

    def set_focus(self, part: str) -> None:
        """Let one part stand out; empty: all alike."""
        if part != self.focus:
            self.focus = part
            self.changed.emit()

    def paint(self, painter: QPainter, frame: PaintFrame) -> None:
        """Paint links below, then towers and homes, then words where there is room."""
        found = self.proposal
        if found is None:
            return
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        for one in found.parts:
            painter.setOpacity(self._strength(one))
            self._links(painter, one, found, frame)
        self._homes(painter, frame)
        view = frame.view
        room = LabelRoom(view.width, view.height, view.ratio, QRectF(0, 0, view.width, view.height))
        left, top = view.origin
        names = self._names.boxes(view) if self._names is not None else []
        for box in (*names, *(one.translated(-left, -top) for one in frame.under)):
            room.take(box)
        drawn = [one for one in found.parts if one.kind in _ROLES]
        for one in drawn:
            painter.setOpacity(self._strength(one))
            x, y = self._tower(painter, one, found, frame)
            room.take(symbol_box(x, y, frame.px(2 * _RING_PX)))
        for one in drawn:
            words = self._words(one, found)
            if words is not None:
                painter.setOpacity(self._strength(one))
                x, y = _at(one.id, found.edit.plan if one.id in found.edit.plan.sites else found.before, frame)
                paint_label(painter, tr(words, frame.language), x, y, frame.px(_RING_PX), frame, room)
        painter.setOpacity(1.0)

    def _strength(self, one: ProposalPart) -> float:
        return 1.0 if one.id in self.chosen and self.focus in ("", one.id) else _PALE

    def _links(self, painter: QPainter, one: ProposalPart, found: Proposal, frame: PaintFrame) -> None:
        for key in one.links:
            comes = key in self._stands
            plan = found.edit.plan if comes else found.before
            link = plan.links[key]
            ends = [plan.sites[end] for end in (link.from_site, link.to_site)]
            line = ground_line([(end.latitude, end.longitude) for end in ends], frame)
            _paint_link(painter, line, frame.style, frame.px(1.0), comes=comes)
            if self._names is not None:
                self._names.paint_over(painter, frame, line)

    def _homes(self, painter: QPainter, frame: PaintFrame) -> None:
        reach, covered = frame.px(2.0 * _HOME_PX), QPainterPath()
        for homes in self._rows:
            xs, ys = frame.view.to_screen(homes.latitude, homes.longitude)
            seen = (xs > -reach) & (xs < frame.view.width + reach) & (ys > -reach) & (ys < frame.view.height + reach)
            for n in np.flatnonzero(seen).tolist():
                part = homes.parts[n]
                ticked = part is None or part in self.chosen
                painter.setOpacity(1.0 if ticked and self.focus in ("", part) else _PALE)
                at = QPointF(float(xs[n]), float(ys[n]))
                _paint_home(painter, at, frame.style, frame.px(1.0), won=homes.won)
                covered.addRect(QRectF(at.x(), at.y(), 1.0, 1.0))
        painter.setOpacity(1.0)
        if self._names is not None and not covered.isEmpty():
            self._names.paint_above(painter, frame, covered)

    def _tower(self, painter: QPainter, one: ProposalPart, found: Proposal, frame: PaintFrame) -> tuple[float, float]:
        goes = one.kind is PartKind.GOES
        plan = found.before if goes else found.edit.plan
        x, y = _at(one.id, plan, frame)
        if one.kind is PartKind.MOVES:
            old = QPointF(*_at(one.id, found.before, frame))
            painter.setPen(QPen(frame.style.colour(Role.GOOD), frame.px(2.4), Qt.PenStyle.DashLine))
            painter.drawLine(old, QPointF(x, y))
        if one.kind is PartKind.COMES:
            put_sprite(painter, Symbol.TOWER, x, y, frame.px(SITE_SIZE), frame)
        _paint_ring(painter, QPointF(x, y), frame.style, frame.px(1.0), one.kind)
        return x, y

    def _words(self, one: ProposalPart, found: Proposal) -> Message | None:
        """Return what is written beside it; its name stands there already."""
        won = found.weight_won.get(one.id, 0.0)
        if one.kind is PartKind.COMES and won:
            gain = counted("+{count:,g} home", "+{count:,g} homes", won)
            return msg("comes, {gain}", gain=gain)
        return {
            PartKind.COMES: msg("comes"),
            PartKind.GOES: msg("goes"),
            PartKind.MOVES: msg("moves"),
            PartKind.RISES: msg("{value:,.0f} m", value=one.after_m or 0.0),
            PartKind.LOWERS: msg("{value:,.0f} m", value=one.after_m or 0.0),
        }.get(one.kind)

    def legend(self) -> tuple[LegendEntry, ...]:
        """Return what is drawn."""
        found = self.proposal
        if found is None:
            return ()
        kinds = [kind for kind in _ROLES if any(one.kind is kind for one in found.parts)]
        entries = [LegendEntry(_KIND_WORDS[kind], partial(_ring_sample, kind)) for kind in kinds]
        links = {key in self._stands for one in found.parts for key in one.links}
        for comes, words in ((True, msg("Link comes")), (False, msg("Link goes"))):
            if comes in links:
                entries.append(LegendEntry(words, partial(_link_sample, comes)))
        for homes, won, words in ((found.won, True, msg("Home won")), (found.lost, False, msg("Home lost"))):
            if homes:
                entries.append(LegendEntry(words, partial(_home_sample, won)))
        return tuple(entries)


_ROLES = {
    PartKind.COMES: Role.GOOD,
    PartKind.MOVES: Role.GOOD,
    PartKind.RISES: Role.GOOD,
    PartKind.LOWERS: Role.CAUTION,
    PartKind.GOES: Role.BAD,
}
_KIND_WORDS = {
    PartKind.COMES: msg("Tower comes"),
    PartKind.MOVES: msg("Tower moves"),
    PartKind.RISES: msg("Higher mast"),
    PartKind.LOWERS: msg("Lower mast"),
    PartKind.GOES: msg("Tower goes"),
}


def _at(site: str, plan: Plan, frame: PaintFrame) -> tuple[float, float]:
    row = plan.sites[site]
    x, y = frame.view.to_screen(row.latitude, row.longitude)
    return float(x), float(y)


def _paint_link(painter: QPainter, line: list[QPointF], style: Style, unit: float, *, comes: bool) -> None:
    """Paint a link that comes as a bold line with a pale core of dots, one that goes as dashes with a cross."""
    ink = style.colour(Role.GOOD if comes else Role.BAD)
    for colour, width in ((style.colour(Role.PAPER), 6.5), (ink, 4.5 if comes else 2.2)):
        pen = QPen(colour, width * unit)
        if not comes and colour is ink:
            pen.setDashPattern([3.0, 2.0])
        painter.setPen(pen)
        painter.drawPolyline(line)
    if comes:
        core = QPen(style.colour(Role.PAPER), 1.8 * unit)
        core.setDashPattern([1.2, 2.4])
        painter.setPen(core)
        painter.drawPolyline(line)
    else:
        _cross(painter, line[len(line) // 2 - 1] * 0.5 + line[len(line) // 2] * 0.5, 4.5 * unit, ink, 2.2 * unit)


def _cross(painter: QPainter, at: QPointF, reach: float, ink: QColor, width: float) -> None:
    painter.setPen(QPen(ink, width, Qt.PenStyle.SolidLine, Qt.PenCapStyle.RoundCap))
    painter.drawLine(at + QPointF(-reach, -reach), at + QPointF(reach, reach))
    painter.drawLine(at + QPointF(-reach, reach), at + QPointF(reach, -reach))


def _paint_ring(painter: QPainter, at: QPointF, style: Style, unit: float, kind: PartKind) -> None:
    """Ring a tower that comes, moves or changes its height, with its sign beside; cross out one that goes."""
    ink, paper = style.colour(_ROLES[kind]), style.colour(Role.PAPER)
    if kind is PartKind.GOES:
        for colour, width in ((paper, 5.0), (ink, 2.6)):
            _cross(painter, at, 11.0 * unit, colour, width * unit)
        return
    painter.setBrush(Qt.BrushStyle.NoBrush)
    for colour, width in ((paper, 5.0), (ink, 2.6)):
        painter.setPen(QPen(colour, width * unit))
        painter.drawEllipse(at, _RING_PX * unit, _RING_PX * unit)
    _paint_badge(painter, at + QPointF(12.0 * unit, -12.0 * unit), style, unit, kind)


def _paint_badge(painter: QPainter, badge: QPointF, style: Style, unit: float, kind: PartKind) -> None:
    """Paint the sign of what happens to a tower."""
    ink, paper = style.colour(_ROLES[kind]), style.colour(Role.PAPER)
    painter.setPen(QPen(paper, 1.5 * unit))
    painter.setBrush(ink)
    painter.drawEllipse(badge, 7.0 * unit, 7.0 * unit)
    painter.setPen(QPen(paper, 1.8 * unit, Qt.PenStyle.SolidLine, Qt.PenCapStyle.RoundCap))
    for x1, y1, x2, y2 in _SIGNS[kind]:
        painter.drawLine(badge + QPointF(x1, y1) * unit, badge + QPointF(x2, y2) * unit)


_UP = ((0.0, 3.5, 0.0, -3.5), (0.0, -3.5, -2.6, -0.8), (0.0, -3.5, 2.6, -0.8))
_SIGNS: dict[PartKind, tuple[tuple[float, float, float, float], ...]] = {
    PartKind.COMES: ((-3.5, 0.0, 3.5, 0.0), (0.0, -3.5, 0.0, 3.5)),
    PartKind.RISES: _UP,
    PartKind.LOWERS: tuple((x1, -y1, x2, -y2) for x1, y1, x2, y2 in _UP),
    PartKind.MOVES: ((-3.5, 0.0, 3.5, 0.0), (3.5, 0.0, 0.8, -2.6), (3.5, 0.0, 0.8, 2.6)),
}


def _paint_home(painter: QPainter, at: QPointF, style: Style, unit: float, *, won: bool) -> None:
    """Paint a home that is won, a filled disc with a plus; or lost, a dashed ring with a minus."""
    ink, paper = style.colour(Role.GOOD if won else Role.BAD), style.colour(Role.PAPER)
    pen = QPen(paper if won else ink, 1.5 * unit)
    if not won:
        pen.setDashPattern([2.0, 1.4])
    painter.setPen(pen)
    painter.setBrush(ink if won else paper)
    painter.drawEllipse(at, _HOME_PX * unit, _HOME_PX * unit)
    painter.setPen(QPen(paper if won else ink, 1.8 * unit))
    painter.drawLine(at + QPointF(-3.2, 0.0) * unit, at + QPointF(3.2, 0.0) * unit)
    if won:
        painter.drawLine(at + QPointF(0.0, -3.2) * unit, at + QPointF(0.0, 3.2) * unit)


def _ring_sample(kind: PartKind, painter: QPainter, box: QRectF, style: Style) -> None:
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    if kind is PartKind.GOES:
        _paint_ring(painter, box.center(), style, 0.4, kind)
    else:
        _paint_badge(painter, box.center(), style, 0.8, kind)


def _link_sample(comes: bool, painter: QPainter, box: QRectF, style: Style) -> None:
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    y = box.center().y()
    _paint_link(painter, [QPointF(box.left(), y), QPointF(box.right(), y)], style, 0.8, comes=comes)


def _home_sample(won: bool, painter: QPainter, box: QRectF, style: Style) -> None:
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    _paint_home(painter, box.center(), style, 0.75, won=won)
