"""What the window shows of a path: its curves, their scale, what was seen on site, and which sample is where."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from cn_planner.drawing.display import Fill, Polygon, Stroke
from cn_planner.drawing.labels import LabelBox
from cn_planner.drawing.palette import Role
from cn_planner.drawing.profile_curves import BLOCKED, CLEAR, GRAZING, UNKNOWN, ProfileScale, ProfileShape
from cn_planner.service.path_view import PathState

if TYPE_CHECKING:
    from collections.abc import Iterable

    from numpy.typing import NDArray
    from PySide6.QtCore import QRectF

    from cn_planner.drawing.display import DisplayItem
    from cn_planner.model.plan import Obstacle
    from cn_planner.service.path_view import LinkView

POINT_PX = 4.0 / 3.0
"""A point of the printed profile on the screen."""
_STATES = {
    PathState.CLEAR: CLEAR, PathState.GRAZING: GRAZING, PathState.BLOCKED: BLOCKED, PathState.UNKNOWN: UNKNOWN,
}  # fmt: skip
_MOST_EXAGGERATION = 60.0
"""A flat path must not look like an alp."""
_LEAST_SPAN_M = 30.0
_EARTH_M_PER_DEG = 111_320.0


class SeenObstacle(NamedTuple):
    """An obstacle that was seen on site and stands on the path."""

    start_m: float
    end_m: float
    height_m: float
    ground_m: float
    building: bool


def seen_on(view: LinkView, obstacles: Iterable[Obstacle]) -> tuple[tuple[SeenObstacle, ...], NDArray[np.bool_]]:
    """Return the obstacles on a path, and which samples of it they stand on."""
    profile = view.profile
    lat, lon, along = profile.latitude, profile.longitude, profile.distance_m
    mask = np.zeros(len(lat), np.bool_)
    low, high = (lat.min(), lon.min()), (lat.max(), lon.max())
    found = []
    for one in obstacles:
        narrow = max(math.cos(math.radians(one.latitude)), 0.01)
        reach = one.radius_m / _EARTH_M_PER_DEG * 1.05 + 1e-6
        if not (
            low[0] - reach <= one.latitude <= high[0] + reach
            and low[1] - reach / narrow <= one.longitude <= high[1] + reach / narrow
        ):
            continue
        x = (lon - one.longitude) * _EARTH_M_PER_DEG * narrow
        y = (lat - one.latitude) * _EARTH_M_PER_DEG
        within = np.hypot(x, y) <= max(one.radius_m, 0.5) * 1.01
        if within.any():
            at = np.flatnonzero(within)
            middle = int(at[len(at) // 2])
            mask |= within
            found.append(
                SeenObstacle(
                    float(along[at[0]]), float(along[at[-1]]), one.height_m,
                    float(profile.ground_m[middle] + view.bulge_m[middle]), one.kind != "tree",
                )
            )  # fmt: skip
    return tuple(found), mask


def shape_of(view: LinkView, hidden: NDArray[np.bool_]) -> ProfileShape:
    """Return the curves of a path; `hidden` samples lose their trees, which are drawn by themselves."""
    profile = view.profile
    ground = profile.ground_m + view.bulge_m
    top = ground + np.where(hidden, 0.0, profile.cover_m) if len(hidden) else ground + profile.cover_m
    return ProfileShape(profile.distance_m, view.bulge_m, ground, top, view.ray_m, view.f1_m, profile.filled)


def states_of(view: LinkView) -> NDArray[np.int8]:
    """Return how each sample of a path stands, as its segments say."""
    along = view.profile.distance_m / max(view.profile.length_m, 1e-9)
    at = np.searchsorted([one.end for one in view.segments[:-1]], along)
    return np.array([_STATES[one.state] for one in view.segments], np.int8)[at]


def profile_scale(view: LinkView, plot: QRectF, at_least_m: float = 0.0) -> ProfileScale | None:
    """Return a scale in which ground, trees and line have room; None where no height is known.

    Parameters
    ----------
    view : LinkView
        The path.
    plot : QRectF
        Where the curves go.
    at_least_m : float
        A height above sea level that must have room too: while a mast is dragged the scale only grows.
    """
    ground = view.profile.ground_m + view.bulge_m
    if view.profile.length_m <= 0.0 or not np.isfinite(ground).any() or plot.width() < 8 or plot.height() < 8:
        return None
    top = ground + view.profile.cover_m
    upper = np.fmax(top, view.ray_m + 0.6 * view.f1_m)
    lower = np.fmin(ground, view.ray_m - 0.6 * view.f1_m)
    low, high = float(np.nanmin(lower)), max(float(np.nanmax(upper)), at_least_m)
    least = max(_LEAST_SPAN_M, view.profile.length_m / plot.width() * plot.height() / _MOST_EXAGGERATION)
    if high - low < least:
        high = low + least
    span = high - low
    box = LabelBox(plot.left(), plot.top(), plot.right(), plot.bottom())
    return ProfileScale(box, view.profile.length_m, low - 0.10 * span, high + 0.08 * span, POINT_PX)


def seen_items(seen: tuple[SeenObstacle, ...], scale: ProfileScale) -> list[DisplayItem]:
    """Draw trees and houses that were seen on site: whole, with an outline, wide enough to be noticed."""
    items: list[DisplayItem] = []
    for one in seen:
        if one.ground_m != one.ground_m:
            continue
        left, foot = scale.at(one.start_m, one.ground_m)
        right, top = scale.at(one.end_m, one.ground_m + one.height_m)
        middle, half = (left + right) / 2.0, max((right - left) / 2.0, 4.0)
        turn = np.linspace(0.0, np.pi, 2 if one.building else 25)
        # A house is a box; a crown bulges out to the full width and closes above.
        x = middle - half * np.sign(np.cos(turn)) * np.abs(np.cos(turn)) ** 0.5
        y = top + (foot - top) * (1.0 - np.sin(turn) ** 0.5)
        ring = tuple(zip(x.tolist(), y.tolist(), strict=True))
        if one.building:
            ring = ((middle - half, foot), (middle - half, top), (middle + half, top), (middle + half, foot))
        fill = Fill(Role.MUTED if one.building else Role.COVER)
        items.append(Polygon((ring,), fill, Stroke(Role.INK, 1.0)))
    return items


def nearest(view: LinkView, distance_m: float) -> int:
    """Return the sample nearest to a distance."""
    return int(np.argmin(np.abs(view.profile.distance_m - distance_m)))


def sample_at(view: LinkView, latitude: float, longitude: float) -> tuple[float, float]:
    """Return the distance along the path of the sample nearest to a place, and how far that place is from it, m."""
    narrow = math.cos(math.radians(latitude))
    away = np.hypot((view.profile.longitude - longitude) * narrow, view.profile.latitude - latitude)
    at = int(np.argmin(away))
    return float(view.profile.distance_m[at]), float(away[at]) * _EARTH_M_PER_DEG


def worst(view: LinkView) -> int | None:
    """Return the sample of the worst place, as the budget names it."""
    at = view.budget.clearance_at_m
    if at is None or view.budget.clearance_f1 is None:
        return None
    return nearest(view, at)
