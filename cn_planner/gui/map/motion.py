"""Smooth motion of the view: zoom about a point, and flights from one view to another. Anything interrupts it."""

from __future__ import annotations

import math
import time
from dataclasses import replace
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Qt, QTimer, Signal

if TYPE_CHECKING:
    from PySide6.QtCore import QPointF

    from cn_planner.gui.map.mercator import Viewport

_FRAME_MS = 15
_ZOOM_S = 0.055
"""Time constant: nine tenths of a zoom are done in an eighth of a second."""
_FLIGHT_S = 0.24
_CLOSE = 0.003
_FARTHEST_SCREENS = 6.0


class ViewMotion(QObject):
    """Moves a view. `moved` hands over each step, `ended` the stop."""

    moved = Signal(object)
    ended = Signal()

    def __init__(self, parent: QObject) -> None:
        super().__init__(parent)
        self._timer = QTimer(self, interval=_FRAME_MS)
        self._timer.setTimerType(Qt.TimerType.PreciseTimer)
        self._timer.timeout.connect(self._tick)
        self._view: Viewport | None = None
        self._target_zoom = 0.0
        self._anchor: tuple[float, float] = (0.0, 0.0)
        self._flight: tuple[Viewport, Viewport] | None = None
        self._last = self._start = 0.0

    @property
    def active(self) -> bool:
        """Whether the view moves."""
        return self._timer.isActive()

    def zoom(self, view: Viewport, steps: float, at: QPointF) -> None:
        """Zoom by so many levels about a device pixel; while one is under way, on from its aim."""
        aim = self._target_zoom if self.active and self._flight is None else view.zoom
        self._flight = None
        self._view = view
        self._anchor = (at.x(), at.y())
        self._target_zoom = replace(view, zoom=aim + steps).fitted().zoom
        self._go()

    def fly(self, view: Viewport, to: Viewport) -> None:
        """Go to another view; at once where it is far away."""
        scale = min(view.scale, to.scale)
        dx = to.x - view.x
        dx -= math.floor(dx + 0.5)
        screens = math.hypot(dx, to.y - view.y) * scale / max(view.width, view.height, 1)
        if screens > _FARTHEST_SCREENS:
            self.stop()
            self.moved.emit(to)
            self.ended.emit()
            return
        self._flight = (view, replace(to, x=view.x + dx))
        self._view = view
        self._start = time.perf_counter()
        self._go()

    def _go(self) -> None:
        if not self._timer.isActive():
            self._last = time.perf_counter()
            self._timer.start()

    def stop(self) -> None:
        """Stay where it is."""
        if self._timer.isActive():
            self._timer.stop()
            self._flight = None
            self.ended.emit()

    def _tick(self) -> None:
        now = time.perf_counter()
        passed, self._last = now - self._last, now
        if self._view is None:
            self.stop()
            return
        if self._flight is not None:
            a, b = self._flight
            t = min((now - self._start) / _FLIGHT_S, 1.0)
            ease = t * t * (3.0 - 2.0 * t)
            # Where scales differ, the place moves with the scale, so that it does not shoot past.
            ratio = 2.0 ** (b.zoom - a.zoom)
            part = ease if abs(ratio - 1.0) < 1e-6 else (1.0 - ratio**-ease) / (1.0 - 1.0 / ratio)
            view = replace(
                a, x=a.x + (b.x - a.x) * part, y=a.y + (b.y - a.y) * part, zoom=a.zoom + (b.zoom - a.zoom) * ease
            ).fitted()
            view = b.fitted() if t >= 1.0 else view
            done = t >= 1.0
        else:
            left = self._target_zoom - self._view.zoom
            done = abs(left) < _CLOSE
            zoom = self._target_zoom if done else self._view.zoom + left * (1.0 - math.exp(-passed / _ZOOM_S))
            view = self._view.zoomed(zoom, *self._anchor)
        self._view = view
        if done:
            self._timer.stop()
            self._flight = None
        self.moved.emit(view)
        if done:
            self.ended.emit()
