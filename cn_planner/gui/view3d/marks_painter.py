"""Paints what stands on the ground in three dimensions: masts, links, homes and names, but for what a hill hides."""

from __future__ import annotations

import math
from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np
from PySide6.QtCore import QLineF, QPointF, QRectF, Qt
from PySide6.QtGui import QImage, QPainter, QPen

from cn_planner.coverage.ground_view import lens_of, spots_of
from cn_planner.drawing.display import SITE_RANKS, Symbol
from cn_planner.drawing.palette import Role
from cn_planner.gui.kinds import HOUSEHOLD, LINK, SITE, Thing
from cn_planner.gui.map.layers.labels import LabelRoom, draw_label, halo, label_size
from cn_planner.gui.map.layers.lines import DASHES, pen
from cn_planner.gui.map.layers.points import SITE_SIZE, put_sprite, put_stamp, symbol_box
from cn_planner.gui.map.style import Stamp, stamp
from cn_planner.gui.paint import drawing_font
from cn_planner.gui.quantities import height as height_words
from cn_planner.gui.view3d.marks import (
    COULD_JOIN,
    HOME_SIGNS_3D,
    LINK_STATES,
    LinkRun,
    SeenLinks,
    SeenMarks,
    SeenPoints,
)
from cn_planner.gui.words import tr
from cn_planner.message import msg

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from cn_planner.coverage.ground_view import GroundPicture, ViewSpots
    from cn_planner.gui.map.layers.base import PaintFrame
    from cn_planner.gui.view3d.marks import Marks

_BEND = 12
"""What is seen of a link bends at most at every so many of its places: it is nearly straight."""
_FAR_PX = 0.35
"""A mast is drawn from so many pixels of height on."""
_MAST_PARTS = 25
"""A mast is looked at in so many places for what stands before it."""
_MOST_HILLS = 14


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

    def paint(self, marks: Marks, chosen: frozenset[Thing]) -> SeenMarks:
        """Paint them all; return what is seen where."""
        self._painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        links = self._links(marks, chosen)
        homes = self._homes(marks)
        seen = SeenMarks(self._masts(marks), homes, links)
        self._names(marks, seen.sites, chosen)
        self._rings(seen, [one for one in sorted(chosen) if one.kind != LINK], strong=True)
        return seen

    def point(self, seen: SeenMarks, thing: Thing) -> None:
        """Mark what the pointer is on, over what is painted."""
        self._painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        if thing.kind == LINK:
            self._glow(seen.links.of(thing.id), 0.25)
        else:
            self._rings(seen, [thing], strong=False)

    def _rings(self, seen: SeenMarks, things: Sequence[Thing], *, strong: bool) -> None:
        for thing in things:
            at = {SITE: seen.sites, HOUSEHOLD: seen.homes}.get(thing.kind, SeenPoints()).at(thing.id)
            if at is not None:
                halo(self._painter, QPointF(*at), self._frame.px(16), self._frame, strong=strong)

    def _visible(self, spots: ViewSpots) -> NDArray[np.bool_]:
        return ~self._picture.hidden(spots, self._times)

    # Links

    def _links(self, marks: Marks, chosen: frozenset[Thing]) -> SeenLinks:
        if not marks.links:
            return SeenLinks()
        flat = np.ascontiguousarray(marks.link_at.transpose(1, 0, 2)).reshape(3, -1)
        spots = spots_of(marks.ground, self._lens, flat[0], flat[1], flat[2], amsl=True)
        seen = self._visible(spots).reshape(len(marks.links), -1)
        x, y = spots.x.reshape(seen.shape), spots.y.reshape(seen.shape)
        found = _seen_links(marks, x, y, seen)
        self._glow([run for run in found.runs if Thing(LINK, marks.links[run.row]) in chosen], 0.45)
        self._strokes(found.runs)
        return found

    def _glow(self, runs: Sequence[LinkRun], opacity: float) -> None:
        painter, frame = self._painter, self._frame
        ink = frame.style.colour(Role.ACCENT, opacity)
        painter.setPen(QPen(ink, frame.px(9), Qt.PenStyle.SolidLine, Qt.PenCapStyle.RoundCap))
        for run in runs:
            painter.drawPolyline(list(run.line))

    def _strokes(self, runs: Sequence[LinkRun]) -> None:
        """Paint all rims first, then the lines by state."""
        painter, frame = self._painter, self._frame
        width = frame.px(2.4)
        # Flat ends and a rim that nothing shines through, as `layers.lines` has them: others take ten times as long.
        edge = QPen(frame.style.colour(Role.PAPER), width + frame.px(1.6))
        edge.setCapStyle(Qt.PenCapStyle.FlatCap)
        painter.setPen(edge)
        painter.drawLines([one for run in runs for one in _pieces(run.line)])
        for code, state in enumerate(LINK_STATES):
            mine = [run for run in runs if run.state == code]
            painter.setPen(pen(frame.style, state, width))
            if DASHES[state]:
                for run in mine:  # dashes go on over its bends
                    painter.drawPolyline(list(run.line))
            else:
                painter.drawLines([one for run in mine for one in _pieces(run.line)])

    # Homes

    def _homes(self, marks: Marks) -> SeenPoints:
        if not marks.homes:
            return SeenPoints()
        spots = spots_of(marks.ground, self._lens, marks.home_at[0], marks.home_at[1], 2.0)
        shown = np.flatnonzero(self._visible(spots))
        # Near ones are larger: that is how one feels how far away a village is; and they lie above those behind.
        shown = shown[np.argsort(-spots.ahead_m[shown], kind="stable")]
        if not len(shown):
            return SeenPoints()
        near, ratio = self._picture.camera.distance_m, self._frame.view.ratio
        half = np.clip(
            np.rint(3.6 * ratio * np.sqrt(near / np.maximum(spots.ahead_m[shown], 1.0))),
            round(2 * ratio), round(4 * ratio),
        ).astype(np.int64)  # fmt: skip
        pad = round(5 * ratio) + 8
        width, height = self._size
        x = np.floor(spots.x[shown]).astype(np.int64) + pad
        y = np.floor(spots.y[shown]).astype(np.int64) + pad
        pixels = np.zeros((height + 2 * pad, width + 2 * pad), np.uint32)
        kinds = half * len(HOME_SIGNS_3D) + marks.signs[shown]
        order = np.argsort(kinds, kind="stable")
        which, first = np.unique(kinds[order], return_index=True)
        groups = []
        for kind, mine in zip(which.tolist(), np.split(order, first[1:]), strict=True):
            size, sign = divmod(kind, len(HOME_SIGNS_3D))
            groups.append((x[mine], y[mine], home_stamp(sign, size, self._frame)))
        for part in ("rim", "core"):
            for gx, gy, one in groups:
                put_stamp(pixels, gx, gy, one, part)
        image = QImage(pixels.data, pixels.shape[1], pixels.shape[0], pixels.shape[1] * 4,
                       QImage.Format.Format_ARGB32_Premultiplied)  # fmt: skip
        self._painter.drawImage(-pad, -pad, image)
        return SeenPoints(marks.homes, shown, spots.x[shown], spots.y[shown])

    # Masts

    def _masts(self, marks: Marks) -> SeenPoints:
        """Paint masts as far down as no hill stands before them; towers whose top is hidden are not painted at all."""
        painter, frame = self._painter, self._frame
        parts = np.linspace(1.0, 0.0, _MAST_PARTS)[:, np.newaxis]
        east, north = (np.tile(one, _MAST_PARTS) for one in marks.site_at)
        spots = spots_of(marks.ground, self._lens, east, north, (parts * marks.mast_m).reshape(-1))
        x, y = (one.reshape(_MAST_PARTS, -1) for one in (spots.x, spots.y))
        seen = self._visible(spots).reshape(x.shape)
        # What stands below the picture is painted to its edge.
        foot = np.logical_and.accumulate(seen | (y >= self._size[1]), axis=0).sum(axis=0) - 1
        shown = np.flatnonzero(seen[0])
        ahead = spots.ahead_m[: len(foot)]
        rank = np.array([SITE_RANKS[one] for one in marks.symbols], np.int64)
        shown = shown[np.lexsort((-ahead[shown], rank[shown]))]
        size = SITE_SIZE * frame.view.ratio
        top_y = y[0].copy()
        for n in shown.tolist():
            foot_x, foot_y = float(x[foot[n], n]), float(y[foot[n], n])
            if marks.mast_m[n] > 0.0 and foot_y - y[0, n] > _FAR_PX:
                for ink, wide in ((frame.style.colour(Role.PAPER, 0.85), 3.6), (frame.style.colour(Role.TOWER), 1.8)):
                    painter.setPen(QPen(ink, frame.px(wide), Qt.PenStyle.SolidLine, Qt.PenCapStyle.FlatCap))
                    painter.drawLine(QPointF(foot_x, foot_y), QPointF(float(x[0, n]), float(y[0, n])))
            symbol = marks.symbols[n]
            far = min(max(math.sqrt(self._picture.camera.distance_m / max(float(ahead[n]), 1.0)), 0.55), 1.0)
            part = far * (0.55 if symbol is Symbol.CROSS else 0.75 if SITE_RANKS[symbol] == 1 else 1.0)
            top_y[n] -= 0.3 * size * part
            put_sprite(painter, symbol, float(x[0, n]), float(top_y[n]), size * part, frame)
        return SeenPoints(marks.sites, shown, x[0, shown], top_y[shown])

    # Names

    def _names(self, marks: Marks, sites: SeenPoints, chosen: frozenset[Thing]) -> None:
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


def home_stamp(sign: int, home: int, frame: PaintFrame) -> Stamp:
    """Return the sign of a home, as the map has it where plain homes reach so far: its shape says what its colour says.

    Who could join is open: neither filled nor crossed.
    """
    one = HOME_SIGNS_3D[sign]
    half = one.half(home, frame.view.ratio)
    whole = stamp(one.symbol, half, one.role, frame.style.theme)
    if sign != COULD_JOIN:
        return whole
    width = 1 if half < 4 else 2
    edge = np.maximum(np.abs(whole.core[:, 0]), np.abs(whole.core[:, 1])) > half - width
    core = np.column_stack([whole.core[:, :2], np.where(edge, 0, 1)])
    return Stamp(whole.rim, core, whole.colours, whole.half)


def _seen_links(marks: Marks, x: NDArray[np.float64], y: NDArray[np.float64], seen: NDArray[np.bool_]) -> SeenLinks:
    """Return what is seen of links of which these places are seen."""
    state = np.where(seen[:, 1:] & seen[:, :-1], marks.link_states.astype(np.int64), -1)
    begins = np.ones(state.shape, np.bool_)
    begins[:, 1:] = state[:, 1:] != state[:, :-1]
    first = np.flatnonzero(begins)
    length = np.diff(first, append=state.size)
    runs, pieces, rows = [], [], []
    shown = state.reshape(-1)[first] >= 0
    for start, count in zip(first[shown].tolist(), length[shown].tolist(), strict=True):
        row, n = divmod(start, state.shape[1])
        at = [*range(n, n + count, _BEND), n + count]
        points = np.column_stack([x[row, at], y[row, at]])
        runs.append(LinkRun(row, int(state[row, n]), tuple(QPointF(a, b) for a, b in points.tolist())))
        pieces.append(np.column_stack([points[:-1], points[1:]]))
        rows += [row] * len(pieces[-1])
    if not runs:
        return SeenLinks(marks.links)
    return SeenLinks(marks.links, tuple(runs), np.concatenate(pieces), np.array(rows, np.intp))


def _pieces(line: tuple[QPointF, ...]) -> list[QLineF]:
    return [QLineF(a, b) for a, b in pairwise(line)]
