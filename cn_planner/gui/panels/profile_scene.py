"""What the profile shows, as curves on the screen: one shape for a path, thinned to the columns that can be seen."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from cn_planner.drawing.profile_chart import runs

if TYPE_CHECKING:
    from collections.abc import Iterable

    from numpy.typing import NDArray
    from PySide6.QtCore import QRectF

    from cn_planner.model.plan import Obstacle
    from cn_planner.session.link_view import LinkView

_MOST_EXAGGERATION = 60.0
"""A flat path must not look like an alp."""
_LEAST_SPAN_M = 30.0
_EARTH_M_PER_DEG = 111_320.0


class Seen(NamedTuple):
    """An obstacle that was seen on site and stands on the path."""

    start_m: float
    end_m: float
    height_m: float
    ground_m: float
    building: bool


def seen_on(view: LinkView, obstacles: Iterable[Obstacle]) -> tuple[tuple[Seen, ...], NDArray[np.bool_]]:
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
                Seen(
                    float(along[at[0]]), float(along[at[-1]]), one.height_m,
                    float(profile.ground_m[middle] + view.bulge_m[middle]), one.kind != "tree",
                )
            )  # fmt: skip
    return tuple(found), mask


@dataclass(frozen=True, slots=True)
class Scale:
    """From metres to the screen. The distance runs from left to right in every language, as on the map and in print."""

    plot: QRectF
    length_m: float
    low_m: float
    high_m: float

    @property
    def px_per_m(self) -> float:
        """How high a metre is on the screen."""
        return self.plot.height() / (self.high_m - self.low_m)

    @property
    def exaggeration(self) -> float:
        """How many times heights are drawn larger than distances."""
        return self.px_per_m * self.length_m / max(self.plot.width(), 1.0)

    def x(self, metres: NDArray[np.float64] | float) -> NDArray[np.float64] | float:
        """Return where a distance is."""
        return self.plot.left() + metres * (self.plot.width() / self.length_m)

    def y(self, metres: NDArray[np.float64] | float) -> NDArray[np.float64] | float:
        """Return where a height is."""
        return self.plot.bottom() - (metres - self.low_m) * self.px_per_m

    def metres(self, x: float) -> float:
        """Return the distance at a place of the screen, within the path."""
        return min(max((x - self.plot.left()) / self.plot.width(), 0.0), 1.0) * self.length_m


def scale_of(view: LinkView, plot: QRectF, at_least_m: float = 0.0) -> Scale | None:
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
    return Scale(plot, view.profile.length_m, low - 0.10 * span, high + 0.08 * span)


class Curve(NamedTuple):
    """Ground and what stands on it, thinned: one unbroken piece of the path."""

    x: NDArray[np.float64]
    ground_y: NDArray[np.float64]
    top_y: NDArray[np.float64]


def pieces(view: LinkView, scale: Scale, hidden: NDArray[np.bool_]) -> list[Curve]:
    """Return the ground piece by piece; `hidden` samples lose their trees, which are drawn by themselves."""
    ground = view.profile.ground_m + view.bulge_m
    top = ground + np.where(hidden, 0.0, view.profile.cover_m)
    found = []
    for begin, end in runs(~np.isnan(ground)):
        keep = _thinned(view.profile.distance_m[begin:end], ground[begin:end], scale) + begin
        found.append(
            Curve(
                np.asarray(scale.x(view.profile.distance_m[keep])),
                np.asarray(scale.y(ground[keep])),
                np.asarray(scale.y(top[keep])),
            )
        )
    return found


def _thinned(distance: NDArray[np.float64], height: NDArray[np.float64], scale: Scale) -> NDArray[np.int64]:
    """Return the lowest and the highest sample of each half pixel, and the ends."""
    columns = max(int(scale.plot.width() * 2), 2)
    count = len(distance)
    if count <= 2 * columns:
        return np.arange(count)
    column = np.minimum((distance / scale.length_m * columns).astype(np.int64), columns - 1)
    starts = np.flatnonzero(np.diff(column, prepend=-1))
    order = np.lexsort((height, column))
    lows = order[starts]
    highs = order[np.append(starts[1:], count) - 1]
    return np.unique(np.concatenate([[0, count - 1], lows, highs]))


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
