"""What the view in three dimensions shows: terrain, masts, links, homes and coverage as seen from the air.

It shows what the map shows, out of the map's own layers, and tells through the map what was pointed at. The ground is
laid out once beside the window; each picture is drawn there too. While the camera moves pictures are as coarse as the
machine needs to follow the hand; once it rests, a fine one comes.
"""

from __future__ import annotations

import time
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np
from PySide6.QtCore import QPointF, QRect, QRectF, Qt, QTimer, Signal
from PySide6.QtGui import QAccessible, QAccessibleAnnouncementEvent, QColor, QImage, QPainter
from PySide6.QtWidgets import QWidget

from cn_planner.coverage.contour_kernels import HeightLines
from cn_planner.coverage.ground_view import Camera, lay_view_ground, lens_of, load_lookups, summits, view_ground
from cn_planner.drawing.ground_colours import dress_ground, tint_ground
from cn_planner.drawing.palette import Role
from cn_planner.errors import MissingTerrainError
from cn_planner.gui.map.layers.base import PaintFrame
from cn_planner.gui.map.layers.relief_tiles import contour_interval_m
from cn_planner.gui.map.mercator import Viewport
from cn_planner.gui.paint import drawing_font
from cn_planner.gui.values import notice_about, told_of
from cn_planner.gui.view3d.drape import DRAPED, ask_tiles, look_of, paint_drape
from cn_planner.gui.view3d.furniture import paint_furniture
from cn_planner.gui.view3d.hand import Flight, camera_on, kept_above, on_ground
from cn_planner.gui.view3d.marks import Marks, NamedHill, SeenMarks, marks_of
from cn_planner.gui.view3d.marks_painter import MarksPainter
from cn_planner.gui.words import tr
from cn_planner.jobs import Slot, hand_pool, run_on
from cn_planner.message import msg
from cn_planner.progress import Run

if TYPE_CHECKING:
    from PySide6.QtGui import QPaintEvent, QResizeEvent

    from cn_planner.coverage.ground_view import GroundPicture, ViewGround
    from cn_planner.drawing.ground_colours import Dress, GroundLook, GroundTints
    from cn_planner.drawing.ground_kernels import Drape
    from cn_planner.gui.kinds import Thing
    from cn_planner.gui.map.canvas import MapCanvas
    from cn_planner.gui.state import AppState
    from cn_planner.jobs import Failure, Report
    from cn_planner.message import Message
    from cn_planner.progress import CancelToken
    from cn_planner.terrain.surface import Surface

_KEY = "view 3d"
_REST_MS, _DRAPE_MS = 160, 120
_SLOW_S = 0.045
"""Where a whole picture takes longer than this, it is drawn at half the size while the camera moves."""
_AROUND_M, _LEAST_REACH_M = 26_000.0, 40_000.0
"""So far ground is looked at beyond the plan, for a horizon; and so far at least."""
_SAME_HILL_M = 900.0
_REFOCUS = 0.5
"""Where the aim is further from the middle than this part of the finest level, that is laid anew round it."""


def _unnamed(ground: ViewGround, named: list[NamedHill]) -> list[NamedHill]:
    """Return the hills that no name stands for."""
    tops = [NamedHill("", *top) for top in summits(ground)]
    return [
        one for one in tops
        if all(abs(one.east - hill.east) + abs(one.north - hill.north) > _SAME_HILL_M for hill in named)
    ]  # fmt: skip


class SceneView(QWidget):
    """What the view shows; it lives off the layers of the map. `GroundView` adds the work of a hand.

    Parameters
    ----------
    state : AppState
    canvas : MapCanvas
        Whose layers are shown, and who is told of clicks.
    """

    closed = Signal()
    """Somebody wants the map back."""

    def __init__(self, state: AppState, canvas: MapCanvas, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setMouseTracking(True)
        self.setMinimumSize(160, 120)
        self._state, self._canvas = state, canvas
        self.camera: Camera | None = None
        self.picture: GroundPicture | None = None
        self.ground: ViewGround | None = None
        self.seen = SeenMarks()
        self._stretch = 1.0
        self._said: Message | str = ""
        self._surface: Surface | None = None
        self._go: tuple[tuple[float, float], ...] = ()
        self._tints: tuple[ViewGround, GroundLook, GroundTints] | None = None
        self._dress: Dress | None = None
        self._drapes: list[Drape | None] = []
        self._marks: Marks | None = None
        self._painted: tuple[tuple[object, ...], QImage] | None = None
        self._hills: tuple[NamedHill, ...] = ()
        self._coarse = False
        self._lined = canvas.content.contours.visible, canvas.content.contours.opacity
        self._hovered: Thing | None = None
        self._pressed: QPointF | None = None
        self._flight = Flight(self)
        self._flight.moved.connect(self._look)
        self._rest = self._timer(_REST_MS, self._draw_fine)
        self._drape_soon = self._timer(_DRAPE_MS, self._drape)
        self._next_level = self._timer(0, self._drape_level)
        content = canvas.content
        content.tiles.changed.connect(self._ground_changed)
        for layer in content.layers:
            if layer.key in DRAPED:
                layer.changed.connect(self._drape_changed)
        # The scale and the heights of hills are in the units of the furniture.
        for layer in (content.homes, content.sites, content.links, content.place_names, content.furniture):
            layer.changed.connect(self._marks_changed)
        content.selection.changed.connect(self._selected)
        content.drawn.arrived.connect(lambda _: self._drape_changed())
        content.contours.changed.connect(self._lines_changed)
        canvas.placesShown.connect(self._fly_to)
        canvas.dressed.connect(self._drape_changed)
        canvas.dressed.connect(self.retitle)
        state.serviceChanged.connect(lambda _: self._marks_changed())
        state.planChanged.connect(lambda _: self._bend())

    def _timer(self, interval_ms: int, act: Any) -> QTimer:
        made = QTimer(self)
        made.setSingleShot(True)
        made.setInterval(interval_ms)
        made.timeout.connect(act)
        return made

    # What is shown

    @property
    def active(self) -> bool:
        """Whether it is on the screen, or will be."""
        return not self.isHidden()

    @property
    def chosen(self) -> frozenset[Thing]:
        """What is selected."""
        return self._canvas.selection

    def retitle(self) -> None:
        """Say everything anew in the window's language."""
        self.setAccessibleName(tr(msg("Terrain in 3D")))
        self._describe()
        self.update()

    def _describe(self) -> None:
        content = self._canvas.content
        one = content.words(min(self.chosen)) if len(self.chosen) == 1 else None
        summary = content.summary()
        words = msg("{summary} Selected: {thing}.", summary=summary, thing=one) if one else summary
        self.setAccessibleDescription(tr(words, self._canvas.language))

    def announce(self, words: Message) -> None:
        """Say something to a screen reader."""
        if QAccessible.isActive():
            QAccessible.updateAccessibility(QAccessibleAnnouncementEvent(self, tr(words, self._canvas.language)))

    def open(self, thing: Thing | None = None) -> None:
        """Show the plan, or go to a thing of it."""
        self._go = self._canvas.content.places(thing) if thing is not None else ()
        self._describe()
        if self._canvas.content.surface is not self._surface or self.ground is None:
            self._ground_changed()
        else:
            if self._go:
                self._fly_to(self._go)
            self._drape_changed()
            self._marks_changed()

    def forget(self) -> None:
        """Let go of pictures and ground: the view is no longer shown."""
        self._flight.stop()
        for timer in (self._rest, self._drape_soon, self._next_level):
            timer.stop()
        self._state.jobs.cancel_all(_KEY)
        self.picture = self._dress = self._tints = self.ground = self._marks = self._painted = None
        self._drapes, self._surface = [], None

    # The ground

    def _ground_changed(self) -> None:
        if not self.active:
            return
        self._surface = surface = self._canvas.content.surface
        if surface is None or surface.empty:
            self._state.jobs.cancel_all(f"{_KEY} ground")
            self.ground = self.picture = None
            self._said = msg("There is no terrain yet. Add an elevation file.")
            self.update()
            return
        self._lay(None)

    def _lay(self, focus: tuple[float, float] | None) -> None:
        """Have the ground laid out round a place; round the plan where none is given."""
        surface, places = self._surface, self._canvas.content.extent()
        if surface is None:
            return
        lat, lon = np.array(places, np.float64).reshape(-1, 2).T
        if not len(lat):
            return
        near = lon[0] + (lon - lon[0] + 180.0) % 360.0 - 180.0
        middle = float(lat.min() + lat.max()) / 2.0, (float(near.min() + near.max()) / 2.0 + 180.0) % 360.0 - 180.0
        plan = self._canvas.content.plan
        project = self._state.project
        half = max(
            float(np.ptp(lat)) * 111_000.0, float(np.ptp(near)) * 111_000.0 * float(np.cos(np.radians(middle[0])))
        )
        at = focus or (middle if not np.isnan(surface.cell_m(*middle)) else places[0])
        away = np.hypot((at[0] - middle[0]) * 111_000.0, ((at[1] - middle[1] + 180.0) % 360.0 - 180.0) * 111_000.0)
        reach = max(half / 2.0 + _AROUND_M + float(away), _LEAST_REACH_M)
        path = None if project is None else project.path

        def work(report: Report, cancel: CancelToken) -> tuple[Surface, ViewGround, tuple[NamedHill, ...]]:
            run = run_on(report, cancel)
            ground = lay_view_ground(surface, *at, reach_m=reach, k_factor=plan.area.k_factor, run=run)
            load_lookups(ground)
            peaks: tuple[tuple[str, float, float], ...] = ()
            if path is not None:
                from cn_planner.session.base_map import named_places

                peaks = named_places(plan, path, ("peak",))
            found = [NamedHill(name, *(float(one) for one in ground.to_plane(a, b))) for name, a, b in peaks]
            return surface, ground, (*found, *_unnamed(ground, found))

        if self.ground is None:
            self._said = msg("Laying out the ground…")
            self.update()
        # Not bound to the plan's version: the ground stays right through edits of anything else.
        self._state.jobs.submit(
            f"{_KEY} ground", msg("Drawing the ground"), work, slot=Slot.IO, on_done=self._take_ground,
            on_error=self._failed,
        )  # fmt: skip

    def _take_ground(self, found: tuple[Surface, ViewGround, tuple[NamedHill, ...]]) -> None:
        surface, ground, self._hills = found
        ground = replace(ground, k_factor=self._canvas.content.plan.area.k_factor)  # by now it may be another
        if surface is not self._canvas.content.surface or not self.active:
            return
        self._flight.stop()  # it goes from place to place of the ground as it was
        before, self.ground = self.ground, ground
        self._marks = None
        moved = None
        if self.camera is not None and before is not None:
            east, north = (float(one) for one in ground.to_plane(*before.to_geo(self.camera.east, self.camera.north)))
            if np.hypot(east, north) < ground.reach_m:  # of another plan's ground the camera sees nothing
                moved = replace(self.camera, east=east, north=north)
        self.camera = moved or self._whole(ground)
        if self._go:
            self.camera = self._on(ground, self._go)
            self._go = ()
        self._drape()

    def _bend(self) -> None:
        """Let the ground fall away as the plan has it: with another k the earth is more or less round."""
        ground, k_factor = self.ground, self._canvas.content.plan.area.k_factor
        if ground is None or ground.k_factor == k_factor or not self.active:
            return
        self.ground = replace(ground, k_factor=k_factor)
        if self._tints is not None and self._tints[0] is ground:
            self._tints = (self.ground, *self._tints[1:])
        if self._dress is not None and self._dress.ground is ground:
            self._dress = replace(self._dress, ground=self.ground)
        self._drape()  # a dress that is under way is of the ground as it was
        self._draw()

    def _failed(self, failure: Failure) -> None:
        if isinstance(failure.error, MissingTerrainError) or self.ground is None:
            self.ground = self.picture = None
            self._said = told_of(failure.error)
        else:
            self._state.say(notice_about(failure.error))
        self.update()

    def _plane(self, ground: ViewGround, places: Any) -> np.ndarray:
        lat, lon = np.array(places, np.float64).reshape(-1, 2).T
        at = np.array(ground.to_plane(lat, lon)).reshape(2, -1)
        return at[:, np.isfinite(at).all(axis=0)]

    def _aspect(self) -> float:
        return max(self.width(), 1) / max(self.height(), 1)

    def _whole(self, ground: ViewGround) -> Camera:
        at = self._plane(ground, self._canvas.content.extent())
        if not at.size:
            at = np.zeros((2, 1))
        return kept_above(ground, camera_on(ground, at, self._aspect(), self._stretch))

    def _on(self, ground: ViewGround, places: Any) -> Camera:
        at = self._plane(ground, places)
        if not at.size or self.camera is None:
            return self._whole(ground)
        if at.shape[1] > 1:
            return kept_above(ground, camera_on(ground, at, self._aspect(), self._stretch, self.camera.azimuth_deg))
        near = replace(
            self.camera, east=float(at[0, 0]), north=float(at[1, 0]), distance_m=min(self.camera.distance_m, 3_500.0)
        )
        return kept_above(ground, on_ground(ground, near))

    # What lies on it

    def _drape_changed(self) -> None:
        if self.active and self.ground is not None:
            self._drape_soon.start()

    def _drape(self) -> None:
        """Paint the map's layers for each level, one a turn of the window; then have the ground wear them."""
        self._drapes = []
        self._next_level.start()

    def _drape_level(self) -> None:
        ground = self.ground
        if ground is None or not self.active:
            return
        if len(self._drapes) < len(ground.levels.start):
            layers = list(self._canvas.content.layers)
            self._drapes.append(paint_drape(layers, ground, len(self._drapes), self._frame()))
            self._next_level.start()
            return
        drapes, look, known = tuple(self._drapes), look_of(self._canvas.style_of_map), self._tints
        self._drapes = []

        def work(report: Report, cancel: CancelToken) -> tuple[ViewGround, GroundLook, GroundTints, Dress]:
            run = Run(hand_pool(), report, cancel)
            tints = known[2] if known is not None and known[0] is ground and known[1] == look else None
            tints = tints or tint_ground(ground, look, run=run)
            return ground, look, tints, dress_ground(ground, tints, drapes, run)

        self._state.jobs.submit(
            f"{_KEY} dress", msg("Drawing the ground"), work, slot=Slot.LIVE, on_done=self._take_dress,
            on_error=self._failed,
        )  # fmt: skip

    def _take_dress(self, found: tuple[ViewGround, GroundLook, GroundTints, Dress]) -> None:
        ground, look, tints, dress = found
        if ground is self.ground and self.active:
            self._tints, self._dress = (ground, look, tints), dress
            self._draw()

    def _marks_changed(self) -> None:
        self._marks = None
        self._selected()

    def _selected(self) -> None:
        if self.active:
            self._describe()
            self.update()

    def _marks_now(self) -> Marks | None:
        ground = self.picture.ground if self.picture is not None else None
        if ground is None:
            return None
        if self._marks is None or self._marks.ground is not ground:
            content = self._canvas.content
            hills = self._hills if content.place_names.visible and ground is self.ground else ()
            self._marks = marks_of(ground, content, self._state.computed.service, hills)
        return self._marks

    # Pictures

    def _look(self, camera: Camera) -> None:
        """Look from somewhere else."""
        if self.ground is not None:
            self.camera = kept_above(self.ground, camera)
            self._draw()

    def _pixels(self) -> tuple[int, int]:
        ratio = self.devicePixelRatioF()
        return max(2, round(self.width() * ratio)), max(2, round(self.height() * ratio))

    def _draw(self) -> None:
        """Have a picture drawn for the camera as it is; one that is under way is finished first."""
        camera, ground, dress = self.camera, self.ground, self._dress
        if camera is None or ground is None or dress is None or dress.ground is not ground or not self.active:
            return
        width, height = self._pixels()
        part = 2 if self._coarse else 1
        lines = self._height_lines(part)

        def work(_report: Report, cancel: CancelToken) -> tuple[GroundPicture, float]:
            begun = time.perf_counter()
            colours = dress.for_camera(camera.distance_m)
            run = Run(hand_pool(), cancel=cancel)
            found = view_ground(ground, colours, camera, (width // part, height // part), lines=lines, run=run)
            return found, (time.perf_counter() - begun) * part * part

        self._rest.stop()
        self._state.jobs.cancel_all(f"{_KEY} fine")
        self._state.jobs.submit(
            _KEY, msg("Drawing the ground"), work, slot=Slot.LIVE, on_done=self._take, on_error=self._failed,
            let_running_finish=True,
        )  # fmt: skip

    def _height_lines(self, part: int = 1) -> HeightLines | None:
        """Return the map's contour lines as they are for the middle of a picture so much coarser; None where hidden."""
        layer, ground, camera = self._canvas.content.contours, self.ground, self.camera
        if not layer.visible or ground is None or camera is None:
            return None
        look, ratio = self._canvas.style_of_map.relief, self.devicePixelRatioF()
        m_per_px = camera.distance_m / lens_of(ground, camera, *self._pixels()).focal
        interval = contour_interval_m(m_per_px, ratio)
        if interval is None:
            return None
        ink = np.array(look.contour[::-1], np.float64)
        return HeightLines(interval, ink, look.contour_opacity * layer.opacity, ratio / part)

    def _lines_changed(self) -> None:
        """Draw anew where the lines were shown, hidden or paled; their layer speaks of each of its tiles too."""
        layer = self._canvas.content.contours
        lined = layer.visible, layer.opacity
        if lined != self._lined:
            self._lined = lined
            self._draw()

    def _take(self, found: tuple[GroundPicture, float]) -> None:
        picture, took_s = found
        if picture.ground is not self.ground or not self.active:
            return
        self._coarse = took_s > (_SLOW_S if not self._coarse else 0.7 * _SLOW_S)
        self._show(picture)
        if picture.camera == self.camera:
            self._rest.start()

    def _draw_fine(self) -> None:
        """The camera rests: have the fine picture drawn; and finer ground laid where it looks at the edge of that."""
        camera, ground, dress = self.camera, self.ground, self._dress
        if camera is None or ground is None or dress is None or dress.ground is not ground or not self.active:
            return
        size, lines = self._pixels(), self._height_lines()

        def work(report: Report, cancel: CancelToken) -> GroundPicture:
            colours = dress.for_camera(camera.distance_m)
            run = Run(hand_pool(), report, cancel)
            return view_ground(ground, colours, camera, size, fine=True, lines=lines, run=run)

        self._state.jobs.submit(
            f"{_KEY} fine", msg("Drawing the ground"), work, slot=Slot.LIVE, on_done=self._take_fine,
            on_error=self._failed,
        )  # fmt: skip
        away = max(abs(camera.east), abs(camera.north))
        if away > _REFOCUS * ground.fine_m and camera.distance_m < 2.0 * ground.fine_m and self._pressed is None:
            latitude, longitude = (float(one) for one in ground.to_geo(camera.east, camera.north))
            if self._surface is not None and not np.isnan(self._surface.cell_m(latitude, longitude)):
                self._lay((latitude, longitude))

    def _take_fine(self, picture: GroundPicture) -> None:
        if picture.ground is self.ground and picture.camera == self.camera and self.active:
            self._show(picture)
            ask_tiles(self._canvas.content, picture, self._frame())

    def _show(self, picture: GroundPicture) -> None:
        self.picture = picture
        self._said = ""
        self.update()

    def _frame(self) -> PaintFrame:
        width, height = self._pixels()
        canvas = self._canvas
        mirrored = self.layoutDirection() is Qt.LayoutDirection.RightToLeft
        view = Viewport(0.5, 0.5, 10.0, width, height, self.devicePixelRatioF())
        return PaintFrame(view, canvas.style_of_map, canvas.language, mirrored)

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: ARG002, N802
        """Paint the picture, what stands in it, and what stands on the glass."""
        painter = QPainter(self)
        ratio = self.devicePixelRatioF()
        painter.scale(1.0 / ratio, 1.0 / ratio)
        self.paint_all(painter)
        painter.end()

    def paint_all(self, painter: QPainter) -> None:
        """Paint the view in device pixels."""
        size, frame, picture = self._pixels(), self._frame(), self.picture
        whole = QRect(0, 0, *size)
        if picture is None:
            painter.fillRect(whole, QColor(*frame.style.relief.waiting))
            self.seen = SeenMarks()
            self._say(painter, whole, frame)
            return
        painter.drawImage(0, 0, self._whole_picture(picture, size, frame))
        if self._hovered is not None and self._hovered not in self.chosen:
            self._marks_painter(painter, picture, size, frame).point(self.seen, self._hovered)

    def _whole_picture(self, picture: GroundPicture, size: tuple[int, int], frame: PaintFrame) -> QImage:
        """Return all but what is pointed at; it is painted anew where something of it has changed."""
        marks, content = self._marks_now(), self._canvas.content
        sources, imperial = content.attribution(), content.furniture.imperial
        key = (picture, marks, self.chosen, frame, sources, imperial)
        if self._painted is not None and self._painted[0] == key:
            return self._painted[1]
        image = QImage(*size, QImage.Format.Format_RGB32)
        painter = QPainter(image)
        rows, columns = picture.pixels.shape
        ground = QImage(picture.pixels.data, columns, rows, columns * 4, QImage.Format.Format_RGB32)
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
        painter.drawImage(image.rect(), ground)
        signs: list[int] = []
        if marks is not None:
            self.seen = self._marks_painter(painter, picture, size, frame).paint(marks, self.chosen)
            signs = np.unique(marks.signs).tolist()
        paint_furniture(painter, picture, size, frame, signs=signs, sources=sources, imperial=imperial)
        painter.end()
        self._painted = key, image
        return image

    @staticmethod
    def _marks_painter(
        painter: QPainter, picture: GroundPicture, size: tuple[int, int], frame: PaintFrame
    ) -> MarksPainter:
        # What another size of the widget showed is scaled until the new picture is there.
        rows, columns = picture.pixels.shape
        return MarksPainter(painter, picture, (size[0], round(size[0] * rows / columns)), frame)

    def _say(self, painter: QPainter, whole: QRect, frame: PaintFrame) -> None:
        words = self._said if isinstance(self._said, str) else tr(self._said, frame.language)
        painter.setFont(drawing_font(frame.px(14)))
        painter.setPen(frame.style.colour(Role.INK))
        box = QRectF(whole).adjusted(frame.px(40), 0, -frame.px(40), 0)
        painter.drawText(box, int(Qt.AlignmentFlag.AlignCenter) | int(Qt.TextFlag.TextWordWrap), words)

    def resizeEvent(self, event: QResizeEvent) -> None:  # noqa: N802
        """Have a picture of the new size."""
        super().resizeEvent(event)
        self._draw()

    # Going about

    def show_all(self) -> None:
        """Show the whole plan from the south."""
        if self.ground is not None and self.camera is not None:
            self._travel(self._whole(self.ground))

    def go_to(self, thing: Thing) -> None:
        """Go to a thing."""
        places = self._canvas.content.places(thing)
        if places:
            self._fly_to(places)

    def _fly_to(self, places: Any) -> None:
        if self.active and self.ground is not None and self.camera is not None:
            self._travel(self._on(self.ground, places))

    def _travel(self, end: Camera) -> None:
        hint = self.style().StyleHint.SH_Widget_Animation_Duration
        if self.camera is not None and self.isVisible() and self.style().styleHint(hint) != 0:
            self._flight.fly(self.camera, end)
        else:
            self._look(end)

    # What is where

    def _device(self, at: QPointF) -> QPointF:
        ratio = self.devicePixelRatioF()
        return QPointF(at.x() * ratio, at.y() * ratio)

    def _in_picture(self, at: QPointF) -> QPointF:
        """Return a device pixel as one of the picture, which may be coarser."""
        if self.picture is None:
            return at
        part = self.picture.pixels.shape[1] / max(self._pixels()[0], 1)
        return QPointF(at.x() * part, at.y() * part)

    def place_at(self, at: QPointF) -> tuple[float, float, float | None] | None:
        """Return latitude, longitude and height of the ground at a device pixel; None for the sky."""
        picture = self.picture
        if picture is None:
            return None
        inside = self._in_picture(at)
        there = picture.place(inside.x(), inside.y())
        if there is None:
            return None
        latitude, longitude = (float(one) for one in picture.ground.to_geo(there[0], there[1]))
        return latitude, longitude, self._canvas.content.ground_m(latitude, longitude)

    def pick(self, at: QPointF) -> Thing | None:
        """Return the thing at a device pixel."""
        return self.seen.pick(at.x(), at.y(), self.devicePixelRatioF())
