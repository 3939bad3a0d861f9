"""What a map shows and where: the picture of the plan on its terrain, and the way about it.

What does not change from frame to frame is painted once into a picture a little larger than the window; moving the map
moves the picture. `MapCanvas` adds the hand's work.
"""

from __future__ import annotations

import math
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
from PySide6.QtCore import QPoint, QPointF, QRect, QRectF, Qt, QTimer, Signal
from PySide6.QtGui import QAccessible, QAccessibleAnnouncementEvent, QColor, QImage, QPainter

from cn_planner.gui.kinds import SITE
from cn_planner.gui.map.accessible import HeardMap, told
from cn_planner.gui.map.content import MapContent
from cn_planner.gui.map.insets import insets
from cn_planner.gui.map.layers.base import PaintFrame, paint_layer
from cn_planner.gui.map.mercator import Viewport
from cn_planner.gui.map.motion import ViewMotion
from cn_planner.gui.map.scene import Scene
from cn_planner.gui.map.style import Style
from cn_planner.gui.words import tr
from cn_planner.i18n import SOURCE_LANGUAGE
from cn_planner.message import Message, counted, msg

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable
    from concurrent.futures import Executor
    from pathlib import Path

    from PySide6.QtGui import QPaintEvent
    from PySide6.QtWidgets import QWidget

    from cn_planner.drawing.display import Symbol
    from cn_planner.drawing.palette import Theme
    from cn_planner.gui.kinds import Thing
    from cn_planner.gui.map.layers.kept_tiles import TileKey
    from cn_planner.gui.map.things import HeldTower

_MARGIN = 128
"""How far the picture reaches beyond the window while it is being moved, layout pixels."""
_SETTLE_MS = 90


class MapView(HeardMap):
    """The map as it is seen; what is done on it is told by its signals.

    Parameters
    ----------
    parent : QWidget, optional
    executor : Executor, optional
        Who makes terrain tiles. By default one thread of the map's own; `shutdown` ends it.
    tile_cache : Path, optional
        Where online tiles are kept.

    Notes
    -----
    Places are (latitude, longitude) in degrees WGS 84.
    """

    viewChanged = Signal(object)  # noqa: N815
    cursorMoved = Signal(object)  # noqa: N815
    """(latitude, longitude, ground height in m or None), or None when the pointer leaves."""
    clicked = Signal(object)
    """A Thing, or None for the bare ground."""
    activated = Signal(object)
    """A Thing that was clicked twice."""
    placesShown = Signal(object)  # noqa: N815
    """Places that were asked for and come into view: whoever stands in the map's place shows them too."""
    selectedMany = Signal(object)  # noqa: N815
    moving = Signal(object, float, float)
    moved = Signal(object, float, float)
    moveCancelled = Signal(object)  # noqa: N815
    placed = Signal(str, float, float)
    """Kind (site, household, obstacle) and place."""
    gatewayChosen = Signal(str, float, float)  # noqa: N815
    """The id of a site, empty where there is none, and the place."""
    zoneDrawn = Signal(str, object)  # noqa: N815
    """zone, no_build or area, and the ring; of an area its south-western corner first, then its north-eastern."""
    linking = Signal(object, object)
    linked = Signal(object, object)
    linkCancelled = Signal()  # noqa: N815
    measured = Signal(object)
    """(length of the last part in m, its azimuth, the whole in m)."""
    toolChanged = Signal(str)  # noqa: N815
    menuAsked = Signal(object, float, float, QPoint)  # noqa: N815
    """A Thing or None, the place, and where on the screen."""
    announced = Signal(str)
    dressed = Signal()
    """Its colours or its language have changed."""

    def __init__(
        self, parent: QWidget | None = None, *, executor: Executor | None = None, tile_cache: Path | None = None
    ) -> None:
        super().__init__(parent)
        self.setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent)
        self.setMinimumSize(160, 120)
        self.language = SOURCE_LANGUAGE
        self.style_of_map = Style()
        self.view = Viewport(0.5, 0.4, 2.0, 640, 480)
        self.content = MapContent(executor, tile_cache, self, self._plan_shown)
        self.layers = self.content.layers
        self.path_layer = self.content.path
        self.keyboard_pointer: QPointF | None = None
        self._revision = 0
        self._scene: Scene | None = None
        self._fit_when_shown = False
        for layer in self.layers:
            layer.changed.connect(self.update if layer.live else self._renew)
        self.layers.orderChanged.connect(self._renew)
        self._stale: list[TileKey] = []
        self.content.tiles.arrived.connect(self._tiles_arrived)
        self._motion = ViewMotion(self)
        self._motion.moved.connect(self._set_view)
        self._motion.ended.connect(self._settled)
        self._settle = QTimer(self, singleShot=True, interval=_SETTLE_MS)
        self._settle.timeout.connect(self._settled)
        self._hidden: frozenset[Thing] = frozenset()
        self._panning = False
        self._panning_now = False
        self._tool_drags = False
        self.held: HeldTower | None = None
        """What goes with the tower that a hand carries."""
        self.floats: Callable[[], list[QRect]] = list
        """Returns what floats on the map, layout pixels: no place may lie under it."""
        self._floating: list[QRect] = []
        self._describe()

    # What is shown

    @property
    def imperial(self) -> bool:
        """Whether lengths are in miles and feet."""
        return self.content.furniture.imperial

    def set_theme(self, theme: Theme) -> None:
        """Show the map in the colours of a theme."""
        if theme is not self.style_of_map.theme:
            self.style_of_map = Style(theme)
            self.dressed.emit()
            self._renew()

    def set_language(self, language: str) -> None:
        """Say every word of the map in another language."""
        self.language = self.layers.language = language
        self.dressed.emit()
        self._describe()
        self._renew()

    def select(self, things: Iterable[Thing]) -> None:
        """Show what is selected, and say it to those who cannot see it."""
        chosen = frozenset(things)
        if chosen == self.selection:
            return
        self.content.selection.set_things(chosen)
        self.content.labels.set_first([thing.id for thing in chosen if thing.kind == SITE])
        self._describe()
        if chosen:
            words = (
                told(self, min(chosen))
                if len(chosen) == 1
                else counted("{count} thing selected", "{count} things selected", len(chosen))
            )
            self.announce(words)

    def announce(self, words: Message) -> None:
        """Say something to a screen reader."""
        text = tr(words, self.language)
        self.announced.emit(text)
        if QAccessible.isActive():
            QAccessible.updateAccessibility(QAccessibleAnnouncementEvent(self, text))

    def _describe(self) -> None:
        self.setAccessibleName(tr(msg("Map"), self.language))
        one = self.content.words(min(self.selection)) if len(self.selection) == 1 else None
        summary = self.content.summary()
        words = msg("{summary} Selected: {thing}.", summary=summary, thing=one) if one else summary
        self.setAccessibleDescription(tr(words, self.language))

    def _renew(self) -> None:
        """Paint all anew in the next frame."""
        self._revision += 1
        self.update()

    def _tiles_arrived(self, keys: list[TileKey]) -> None:
        self._stale += keys
        self.update()

    def _plan_shown(self) -> None:
        """Take note that the content holds another plan."""
        gone = frozenset(thing for thing in self.selection if not self.content.places(thing))
        if gone:
            self.select(self.selection - gone)
        self._describe()
        self.update()

    def wait_a_turn(self) -> None:
        """Be painted after the rest of the window: an edit, its panels and its picture in one would hold the hand."""
        if self.updatesEnabled():
            self.setUpdatesEnabled(False)
            # Of no time it would be no timer for Qt: nothing could come between.
            QTimer.singleShot(1, self, lambda: self.setUpdatesEnabled(True))

    # Moving about

    def _set_view(self, view: Viewport) -> None:
        fitted = view.fitted()
        if fitted != self.view:
            self.view = fitted
            self.viewChanged.emit(fitted)
            self.update()

    def _settle_soon(self) -> None:
        """Once it stands still, have names and tiles as the view as a whole wants them."""
        if self._scene is not None and self._scene.mended:
            self._settle.start()

    def _settled(self) -> None:
        if self._scene is not None:
            self._scene.revision = -1
        self.update()

    def go_to(self, latitude: float, longitude: float, zoom: float | None = None, *, animated: bool = True) -> None:
        """Bring a place into the middle."""
        self.placesShown.emit(((latitude, longitude),))
        self._travel(self.view.on(latitude, longitude, zoom), animated=animated)

    def show_places(self, places: Collection[tuple[float, float]], *, animated: bool = True) -> None:
        """Show all of these places."""
        if places:
            self.placesShown.emit(places)
            self._travel(self._showing(places), animated=animated)

    def _showing(self, places: Collection[tuple[float, float]]) -> Viewport:
        """Return the closest view that shows all of these places, none of them under what floats on the map."""
        latitude, longitude = np.asarray(list(places), np.float64).T
        found = [self.view.showing(latitude, longitude, inset=one) for one in insets(self.size(), self.floats())]
        return max(found, key=lambda view: view.zoom)

    def shows(self, places: Collection[tuple[float, float]]) -> bool:
        """Return whether all of these places are seen, none of them under what floats on the map."""
        if not places:
            return True
        whole, under = QRectF(self.rect()), [QRectF(one) for one in self.floats()]
        x, y = self.view.to_screen(*np.asarray(list(places), np.float64).T)
        spots = [QPointF(a, b) / self.ratio for a, b in zip(x.tolist(), y.tolist(), strict=True)]
        return all(whole.contains(one) and not any(box.contains(one) for box in under) for one in spots)

    def show_all(self, *, animated: bool = True) -> None:
        """Show the whole plan; where it is empty, its terrain."""
        self.show_places(self.content.extent(), animated=animated)
        if not self.isVisible():
            self._fit_when_shown = True

    def show_thing(self, thing: Thing, *, animated: bool = True) -> None:
        """Bring a thing into the middle, near enough to see what is round it."""
        places = self.content.places(thing)
        if len(places) == 1:
            self.go_to(*places[0], zoom=max(self.view.zoom, 13.0), animated=animated)
        else:
            self.show_places(places, animated=animated)

    def _travel(self, view: Viewport, *, animated: bool) -> None:
        if animated and self._animates():
            self._motion.fly(self.view, view)
        else:
            self._motion.stop()
            self._set_view(view)
            self._settled()

    def _animates(self) -> bool:
        # People who are made ill by motion switch it off in their desktop; Qt tells it by this hint.
        return self.isVisible() and self.style().styleHint(self.style().StyleHint.SH_Widget_Animation_Duration) != 0

    def zoom_by(self, levels: float, at: QPointF | None = None, *, animated: bool = True) -> None:
        """Zoom by levels about a device pixel, by default the middle."""
        middle = QPointF(self.view.width / 2, self.view.height / 2)
        if animated and self._animates():
            self._motion.zoom(self.view, levels, at or middle)
        else:
            self._motion.stop()
            point = at or middle
            self._set_view(self.view.zoomed(self.view.zoom + levels, point.x(), point.y()))
            self._settle.start()

    def pan_by(self, dx: float, dy: float) -> None:
        """Move the ground by layout pixels."""
        self._motion.stop()
        self._panning_now = True
        self._set_view(self.view.moved(dx * self.ratio, dy * self.ratio))
        self._settle_soon()

    # What is where

    def place_of(self, thing: Thing | None) -> tuple[float, float] | None:
        """Return the place of a thing that stands at one."""
        places = self.content.places(thing) if thing is not None else ()
        return places[0] if len(places) == 1 else None

    def symbol_of(self, thing: Thing) -> Symbol:
        """Return how a thing is drawn while a hand carries it."""
        return self.content.symbol(thing)

    def things_within(self, box: QRectF) -> tuple[Thing, ...]:
        """Return the towers and homes in a rectangle of device pixels."""
        return self.content.within(self.view, box)

    # Painting

    def _fit_size(self) -> None:
        ratio = self.ratio
        width, height = max(1, round(self.width() * ratio)), max(1, round(self.height() * ratio))
        if (width, height, ratio) != (self.view.width, self.view.height, self.view.ratio):
            view = replace(self.view, width=width, height=height, ratio=ratio)
            if self._tool_drags:  # the profile opens under the hand: nothing may slip away from it
                more = (width - self.view.width) / 2, (height - self.view.height) / 2
                view = replace(view, x=view.x + more[0] / view.scale, y=view.y + more[1] / view.scale)
            self._set_view(view)
            if self._fit_when_shown:
                self._fit_when_shown = False
                self.show_all(animated=False)

    def frame(self, view: Viewport | None = None) -> PaintFrame:
        """Return what layers are told."""
        (left, top), ratio = self.view.origin, self.view.ratio
        mirrored = self.layoutDirection() is Qt.LayoutDirection.RightToLeft
        drawn = self.content.furniture.rooms(self.width(), self.height(), mirrored=mirrored)
        return PaintFrame(
            view or self.view,
            self.style_of_map,
            self.language,
            mirrored,
            self._hidden,
            self._motion.active or self._settle.isActive(),
            tuple(
                QRectF(left + box.x() * ratio, top + box.y() * ratio, box.width() * ratio, box.height() * ratio)
                for box in (*map(QRectF, self._floating), *drawn)
            ),
        )

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: ARG002, N802
        """Lay down the picture, and on it what lives."""
        self._fit_size()
        floating = self.floats()
        if floating != self._floating:
            self._floating = floating
            if self._scene is not None:  # names go out of its way
                self._scene.revision = -1
        painter = QPainter(self)
        painter.scale(1.0 / self.ratio, 1.0 / self.ratio)
        self.render_map(painter)
        painter.end()

    def render_map(self, painter: QPainter) -> None:
        """Paint the map in device pixels."""
        scene = self._scene_of(self.view)
        left, top = scene.offset(self.view)
        painter.setCompositionMode(QPainter.CompositionMode.CompositionMode_Source)
        whole = QRect(0, 0, self.view.width, self.view.height)
        painter.drawImage(QPoint(0, 0), scene.image, whole.translated(-left, -top))
        painter.setCompositionMode(QPainter.CompositionMode.CompositionMode_SourceOver)
        frame = self.frame()
        for layer in self.layers:
            if layer.live:
                paint_layer(painter, layer, frame)
        self.paint_hand(painter, frame)

    def paint_hand(self, painter: QPainter, frame: PaintFrame) -> None:
        """Paint what a hand has under way; nothing where none is at work."""

    def _scene_of(self, view: Viewport) -> Scene:
        stale, self._stale = self._stale, []
        if self._scene is not None and self._scene.shows(view, self._revision):
            self._scene.mend(stale, self._paint_still)
            return self._scene
        margin = math.ceil(_MARGIN * view.ratio) if self._panning or self._panning_now else 0
        self._panning_now = False
        larger = replace(view, width=view.width + 2 * margin, height=view.height + 2 * margin)
        scene = self._scene
        if scene is not None and margin and scene.follow(larger, self._revision, self._paint_still):
            scene.mend(stale, self._paint_still)
            return scene
        image = scene.image if scene is not None else QImage()
        if (image.width(), image.height()) != (larger.width, larger.height):
            image = QImage(larger.width, larger.height, QImage.Format.Format_RGB32)
        self._scene = Scene(image, larger, self._revision)
        painter = QPainter(image)
        self._paint_still(painter, larger)
        painter.end()
        return self._scene

    def _paint_still(self, painter: QPainter, view: Viewport) -> None:
        frame = self.frame(view)
        # What was there shines through no layer that is pale or hidden.
        painter.fillRect(QRect(0, 0, view.width, view.height), QColor(*self.style_of_map.relief.waiting))
        for layer in self.layers:
            if not layer.live:
                paint_layer(painter, layer, frame)

    def shutdown(self) -> None:
        """End threads, timers and requests. The canvas shows no new ground after this."""
        self._motion.stop()
        self._settle.stop()
        self.content.close()
