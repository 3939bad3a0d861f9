"""How a hand moves the camera over the ground: turn, tilt, nearer, aside; and flights from one look to another."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
from PySide6.QtCore import QEasingCurve, QObject, QVariantAnimation, Signal

from cn_planner.coverage.ground_view import FIELD_DEG, Camera, along_ray, lens_of

if TYPE_CHECKING:
    from PySide6.QtCore import QPointF

    from cn_planner.coverage.ground_view import GroundPicture, ViewGround
    from cn_planner.coverage.view_kernels import Lens

_TILT_DEG, _FLIGHT_MS = 24.0, 420
_LEAST_M, _MOST_M, _ABOVE_M = 60.0, 400_000.0, 25.0
_TURN_DEG = 0.28
"""For a pixel of the layout."""
_FILLED = 0.8
"""Of the picture's width that the plan takes when all of it is shown."""


def camera_on(ground: ViewGround, at: np.ndarray, aspect: float, stretch: float, azimuth_deg: float = 0.0) -> Camera:
    """Return a camera that shows places of the plane (2, n) as a whole, from the south and from above."""
    low, high = at.min(axis=1), at.max(axis=1)
    middle = (low + high) / 2.0
    across, deep = np.maximum(high - low, 800.0).tolist()
    span = max(across, deep * aspect * 0.55)
    distance = span / _FILLED / 2.0 / math.tan(math.radians(FIELD_DEG / 2.0)) / aspect
    distance = min(max(distance, 1_500.0), _MOST_M)
    return on_ground(ground, Camera(float(middle[0]), float(middle[1]), 0.0, azimuth_deg, _TILT_DEG, distance, stretch))


def on_ground(ground: ViewGround, camera: Camera) -> Camera:
    """Return a camera whose aim lies on the ground."""
    height = ground.height_m(camera.east, camera.north)
    return replace(camera, up=(ground.lowest_m if math.isnan(height) else height) * camera.stretch)


def kept_above(ground: ViewGround, camera: Camera) -> Camera:
    """Return a camera that is neither under the ground, nor too near, nor beyond all that could be seen."""
    distance = min(max(camera.distance_m, _LEAST_M), _MOST_M)
    reach = 1.5 * ground.reach_m
    camera = replace(
        camera, distance_m=distance, east=min(max(camera.east, -reach), reach),
        north=min(max(camera.north, -reach), reach),
    )  # fmt: skip
    east, north, up = camera.eye
    below = ground.height_m(east, north)
    if math.isnan(below):
        return camera
    least = (below + min(_ABOVE_M, 0.2 * distance)) * camera.stretch
    return camera if up >= least else replace(camera, up=camera.up + least - up)


def aimed(picture: GroundPicture, camera: Camera) -> Camera:
    """Return a camera that looks as before, whose aim is the ground in the middle of the picture."""
    rows, columns = picture.pixels.shape
    there = picture.place(columns / 2.0, rows / 2.0)
    if there is None:
        return camera
    east, north, ahead = there
    tilt = math.radians(camera.tilt_deg)
    distance = ahead / math.cos(tilt)
    return replace(camera, east=east, north=north, up=camera.eye[2] - distance * math.sin(tilt), distance_m=distance)


def turned_by(camera: Camera, moved: QPointF) -> Camera:
    """Return the camera after a hand has dragged by so many pixels of the layout."""
    return camera.turned(-moved.x() * _TURN_DEG, moved.y() * _TURN_DEG * 0.7)


def come_nearer(camera: Camera, factor: float, about: tuple[float, float, float] | None) -> Camera:
    """Return the camera so much nearer to a place, or to its aim; at the nearest and the farthest it stays put."""
    distance = min(max(camera.distance_m / factor, _LEAST_M), _MOST_M)
    return camera.nearer(camera.distance_m / distance, about)


def panned(ground: ViewGround, camera: Camera, size: tuple[int, int], held: QPointF, now: QPointF) -> Camera:
    """Return the camera for which the ground that was under one pixel lies under another."""
    lens = lens_of(ground, camera, *size)
    one, other = (_on_level(camera, lens, at) for at in (held, now))
    if one is None or other is None:
        return camera
    return replace(camera, east=camera.east + one[0] - other[0], north=camera.north + one[1] - other[1])


def _on_level(camera: Camera, lens: Lens, at: QPointF) -> tuple[float, float] | None:
    """Return where the ray of a pixel meets the level of what the camera looks at."""
    # Below the picture rays soon lead backwards: the hand holds no nearer than its lower edge.
    x, y = at.x(), min(at.y(), 2.0 * lens.middle_y)
    v = (lens.middle_y - y) / lens.focal
    slope = (v * lens.cos_tilt - lens.sin_tilt) / (lens.cos_tilt + v * lens.sin_tilt)
    high = lens.up - camera.up
    # Towards the horizon the ground would slip away: the hand holds no further than this.
    ahead = high / max(-slope, 0.25 * high / max(camera.distance_m, 1.0)) if high > 0.0 else None
    return None if ahead is None else along_ray(lens, x, y, ahead)


class Flight(QObject):
    """Takes a camera from one look to another; anything interrupts it."""

    moved = Signal(object)

    def __init__(self, parent: QObject) -> None:
        super().__init__(parent)
        self._way = QVariantAnimation(self)
        self._way.setDuration(_FLIGHT_MS)
        self._way.setStartValue(0.0)
        self._way.setEndValue(1.0)
        self._way.setEasingCurve(QEasingCurve.Type.InOutCubic)
        self._way.valueChanged.connect(self._step)
        self._ends: tuple[Camera, Camera] | None = None

    @property
    def active(self) -> bool:
        """Whether it is under way."""
        return self._way.state() is QVariantAnimation.State.Running

    def fly(self, start: Camera, end: Camera) -> None:
        """Begin."""
        self.stop()
        self._ends = start, end
        self._way.start()

    def stop(self) -> None:
        """End where it is."""
        self._way.stop()

    def _step(self, share: float) -> None:
        if self._ends is not None:
            # The last step is where it goes, and not what rounding makes of it.
            self.moved.emit(self._ends[1] if share >= 1.0 else between(*self._ends, float(share)))


def between(start: Camera, end: Camera, share: float) -> Camera:
    """Return the camera so far on the way from one to another: turned the shorter way, distances by their ratio."""
    turn = (end.azimuth_deg - start.azimuth_deg + 180.0) % 360.0 - 180.0

    def mean(one: float, other: float) -> float:
        return one + (other - one) * share

    return Camera(
        mean(start.east, end.east), mean(start.north, end.north), mean(start.up, end.up),
        (start.azimuth_deg + turn * share) % 360.0, mean(start.tilt_deg, end.tilt_deg),
        start.distance_m * (end.distance_m / start.distance_m) ** share, end.stretch,
    )  # fmt: skip
