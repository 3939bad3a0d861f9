"""The curves of a profile as items of a display list: ground, trees, bulge of the earth, Fresnel zone and ray.

The printed chart (`profile_chart`) and the window draw the same from here. The ray is drawn straight and the ground
carries the bulge of the effective earth, d1 d2 / (2 k a), as ITU-R P.530 draws it. What is blocked differs by colour,
by thickness and by crosses, so that it reads in black and white.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from cn_planner.drawing.display import (
    Anchor,
    Fill,
    Hatch,
    Marker,
    Polygon,
    Polyline,
    Stroke,
    Symbol,
    Text,
    outline,
)
from cn_planner.drawing.palette import Role

if TYPE_CHECKING:
    from collections.abc import Iterable

    from numpy.typing import NDArray

    from cn_planner.drawing.display import XY, DisplayItem
    from cn_planner.drawing.labels import LabelBox

TREES = Hatch(Role.COVER, 90.0, 2.6, 0.7)
CLEAR, GRAZING, BLOCKED, UNKNOWN = range(4)
"""How a sample of a path stands."""
_FINEST = 0.05
"""Points: a bend that is smaller than this no printer shows. A path has a sample for every half cell of its terrain."""


_MANY, _NEAR = 20_000, 0.25
"""A path of more samples, some 300 km, is first brought down to what differs along a quarter of a point: to look for
its bends takes 65 MB of 130,000."""


@dataclass(frozen=True, slots=True, eq=False)
class ProfileShape:
    """The curves of a profile, m, over `distance`.

    Attributes
    ----------
    distance, bulge, ground, top, ray, radius : float64 arrays of n
        From the first end; bulge of the effective earth; ground with it, above sea level, NaN where missing; the same
        with what stands on the ground; the line of sight; the first Fresnel zone's radius.
    filled : bool array of n, optional
        Where small gaps of the ground were filled.
    """

    distance: NDArray[np.float64]
    bulge: NDArray[np.float64]
    ground: NDArray[np.float64]
    top: NDArray[np.float64]
    ray: NDArray[np.float64]
    radius: NDArray[np.float64]
    filled: NDArray[np.bool_] | None = None


@dataclass(frozen=True, slots=True)
class ProfileScale:
    """From metres to the drawing. The distance runs from left to right in every language.

    Attributes
    ----------
    plot : Box
        Where the curves go.
    length_m, low_m, high_m : float
        Of the path; the heights above sea level at the lower and the upper edge.
    unit : float
        A point of the printed chart in the drawing's own lengths.
    """

    plot: LabelBox
    length_m: float
    low_m: float
    high_m: float
    unit: float = 1.0

    @property
    def px_per_m(self) -> float:
        """How high a metre is."""
        return (self.plot.bottom - self.plot.top) / (self.high_m - self.low_m)

    def x(self, metres: NDArray[np.float64]) -> NDArray[np.float64]:
        """Return where distances are."""
        return self.plot.left + metres / self.length_m * (self.plot.right - self.plot.left)

    def y(self, metres: NDArray[np.float64]) -> NDArray[np.float64]:
        """Return where heights are."""
        return self.plot.bottom - (metres - self.low_m) / (self.high_m - self.low_m) * (
            self.plot.bottom - self.plot.top
        )

    def at(self, distance_m: float, height_m: float) -> XY:
        """Return where one place is."""
        return float(self.x(np.array([distance_m]))[0]), float(self.y(np.array([height_m]))[0])

    def metres(self, x: float) -> float:
        """Return the distance at a place of the drawing, within the path."""
        share = (x - self.plot.left) / (self.plot.right - self.plot.left)
        return min(max(share, 0.0), 1.0) * self.length_m


def axis_ticks(low: float, high: float, most: int) -> list[float]:
    """Return round values within a range, about as many as asked for at the most."""
    raw = (high - low) / max(most, 1)
    power = 10.0 ** math.floor(math.log10(raw))
    step = next(s * power for s in (1.0, 2.0, 5.0, 10.0) if s * power >= raw * (1 - 1e-9))
    first = math.ceil(low / step - 1e-9)
    return [step * i for i in range(first, math.floor(high / step + 1e-9) + 1)]


def runs(mask: NDArray[np.bool_]) -> list[tuple[int, int]]:
    """Return [start, end) of the runs of True."""
    edges = np.flatnonzero(np.diff(np.concatenate([[0], mask.astype(np.int8), [0]])))
    return [(int(a), int(b)) for a, b in edges.reshape(-1, 2)]


def curve_points(x: NDArray[np.float64], y: NDArray[np.float64]) -> tuple[XY, ...]:
    """Return the points of a curve at which it bends by what a printer shows."""
    import shapely  # 0.1 s, which a command that draws nothing is spared

    at = np.column_stack([x, y])
    if len(at) > _MANY:
        at = at[_outermost(x, y)]
    kept = shapely.get_coordinates(shapely.simplify(shapely.linestrings(at), _FINEST)) if len(at) > 2 else at
    return tuple((float(a), float(b)) for a, b in kept)


def _outermost(x: NDArray[np.float64], y: NDArray[np.float64]) -> NDArray[np.intp]:
    """Return which points are the first, the last, the lowest or the highest of those that lie `_NEAR` each other."""
    group = np.cumsum(np.diff(np.floor(x / _NEAR), prepend=np.nan) != 0.0)
    begins = np.flatnonzero(np.diff(group, prepend=0))
    ends = np.append(begins[1:], len(x)) - 1
    by_height = np.lexsort((y, group))
    return np.unique(np.concatenate([begins, ends, by_height[begins], by_height[ends]]))


def _ring(x: NDArray[np.float64], upper: NDArray[np.float64], lower: NDArray[np.float64]) -> tuple[XY, ...]:
    return curve_points(x, upper) + curve_points(x[::-1], lower[::-1])


def _round(mask: NDArray[np.bool_]) -> list[slice]:
    """Return the runs of True, each with the samples beside it."""
    return [slice(max(begin - 1, 0), min(end + 1, len(mask))) for begin, end in runs(mask)]


def gap_boxes(shape: ProfileShape, scale: ProfileScale) -> list[tuple[float, float]]:
    """Return from where to where along the drawing ground is missing."""
    x = scale.x(shape.distance)
    return [(float(x[part][0]), float(x[part][-1])) for part in _round(np.isnan(shape.ground))]


def ground_items(shape: ProfileShape, scale: ProfileScale, cover_opacity: float = 0.55) -> list[DisplayItem]:
    """Return what stands still: gaps, trees, ground, and the bulge of the earth in its foot."""
    x, plot, unit = scale.x(shape.distance), scale.plot, scale.unit
    bottom = plot.bottom
    items: list[DisplayItem] = []
    for left, right in gap_boxes(shape, scale):
        gap = ((left, plot.top), (right, plot.top), (right, bottom), (left, bottom))
        items.append(
            Polygon((gap,), Fill(Role.NO_TERRAIN, 0.45), None, Hatch(Role.MUTED, 0.0, 5.0 * unit, 0.35 * unit))
        )
    trees = Hatch(TREES.role, TREES.angle_deg, TREES.spacing * unit, TREES.width * unit)
    for begin, end in runs(~np.isnan(shape.ground)):
        part = slice(begin, end)
        if end - begin < 2:
            continue
        cover = shape.top[part] > shape.ground[part]
        if cover.any():
            ring = _ring(x[part], scale.y(shape.top[part]), scale.y(shape.ground[part]))
            items.append(Polygon((ring,), Fill(Role.COVER, cover_opacity), None, trees))
        ground_y = scale.y(shape.ground[part])
        items.append(Polygon((_ring(x[part], ground_y, np.full(end - begin, bottom)),), Fill(Role.GROUND)))
        items.append(Polyline(curve_points(x[part], ground_y), Stroke(Role.GROUND_EDGE, 0.9 * unit)))
    # The bulge of the earth, from the foot of the chart: how much of the hill is only the globe.
    bulge_y = bottom - shape.bulge / (scale.high_m - scale.low_m) * (plot.bottom - plot.top)
    items.append(Polygon((_ring(x, bulge_y, np.full(len(x), bottom)),), Fill(Role.BULGE)))
    if shape.filled is not None:
        dots = Stroke(Role.GROUND_EDGE, 2.2 * unit, (0.1 * unit, 4.4 * unit), 0.8)
        for part in _round(shape.filled & ~np.isnan(shape.ground)):
            there = ~np.isnan(shape.ground[part])
            items.append(Polyline(curve_points(x[part][there], scale.y(shape.ground[part][there])), dots))
    return items


def path_items(
    shape: ProfileShape, scale: ProfileScale, state: NDArray[np.int8], clearance_f1: float, *, screen: bool = False
) -> list[DisplayItem]:
    """Return what antennas change: the first Fresnel zone, both masts, and the ray as each part of it stands.

    Parameters
    ----------
    state : int8 array of n
        `CLEAR`, `GRAZING`, `BLOCKED` or `UNKNOWN`, sample by sample.
    clearance_f1 : float
        Share of the first Fresnel zone that should be clear.
    screen : bool
        Whether it is seen on a screen: its pixels are coarse, so crosses are fewer, each on a ground of its own.
    """
    x, ray_y, unit = scale.x(shape.distance), scale.y(shape.ray), scale.unit
    items: list[DisplayItem] = []
    if shape.radius.any():
        zone = _ring(x, scale.y(shape.ray + shape.radius), scale.y(shape.ray - shape.radius))
        items.append(Polygon((zone,), Fill(Role.GOOD, 0.12), Stroke(Role.GOOD, 0.4 * unit, opacity=0.7)))
        for sign in (1.0, -1.0):
            edge = scale.y(shape.ray + sign * clearance_f1 * shape.radius)
            items.append(Polyline(curve_points(x, edge), Stroke(Role.GOOD, 0.6 * unit, (2.5 * unit, 2.0 * unit))))
    for at in (0, -1):
        foot, head = float(scale.y(shape.ground)[at]), float(ray_y[at])
        items.append(Polyline(((float(x[at]), foot), (float(x[at]), head)), Stroke(Role.INK, 2.0 * unit)))
    items += _ray(x, ray_y, state, unit, screen=screen)
    items += [Marker(Symbol.DOT, float(x[at]), float(ray_y[at]), 7 * unit, Role.GOOD, Role.PAPER) for at in (0, -1)]
    return items


def _ray(
    x: NDArray[np.float64], y: NDArray[np.float64], state: NDArray[np.int8], unit: float, *, screen: bool
) -> list[DisplayItem]:
    items: list[DisplayItem] = [Polyline(curve_points(x[[0, -1]], y[[0, -1]]), Stroke(Role.GOOD, 1.4 * unit))]
    for code, stroke in (
        (UNKNOWN, Stroke(Role.MUTED, 1.4 * unit, (1.4 * unit, 2.8 * unit))),
        (GRAZING, Stroke(Role.CAUTION, 2.2 * unit, (4.0 * unit, 3.0 * unit))),
    ):
        for part in _round(state == code):
            line = curve_points(x[part], y[part])
            items += [Polyline(line, Stroke(Role.PAPER, 2.6 * unit)), Polyline(line, stroke)]
    for part in _round(state == BLOCKED):
        items.append(Polyline(curve_points(x[part], y[part]), Stroke(Role.BAD, 3.0 * unit)))
        left, right = float(x[part][0]), float(x[part][-1])
        count = max(1, int((right - left) // ((18 if screen else 9) * unit)))
        for i in range(count):
            at = left + (i + 0.5) * (right - left) / count
            cross = Marker(Symbol.CROSS, at, float(np.interp(at, x, y)), 6.5 * unit, Role.BAD, Role.PAPER)
            if screen:
                ground = Stroke(Role.PAPER, 3.4 * unit)
                items += [Polyline(arm.points, ground) for arm in outline(cross) if isinstance(arm, Polyline)]
            items.append(cross)
    return items


def axis_items(
    scale: ProfileScale,
    levels: Iterable[tuple[float, str]],
    distances: Iterable[tuple[float, str, Anchor]],
    size: float,
    gap: float = 4.0,
) -> tuple[list[DisplayItem], list[DisplayItem]]:
    """Return the grid, which lies behind, and the figures on both axes.

    Parameters
    ----------
    scale : ProfileScale
    levels : iterable of (height above sea level in m, what is said of it)
    distances : iterable of (share of the path, what is said of it, which end of that stands there)
        Nothing said: the mark alone.
    size : float
        Of the type.
    gap : float
        Between a height and the plot, points.
    """
    plot, unit = scale.plot, scale.unit
    grid: list[DisplayItem] = []
    words: list[DisplayItem] = []
    for level, text in levels:
        y = plot.bottom - (level - scale.low_m) / (scale.high_m - scale.low_m) * (plot.bottom - plot.top)
        grid.append(Polyline(((plot.left, y), (plot.right, y)), Stroke(Role.GRID, 0.5 * unit)))
        words.append(Text(plot.left - gap * unit, y, text, size, Role.MUTED, Anchor.END))
    for share, text, anchor in distances:
        x = plot.left + share * (plot.right - plot.left)
        grid.append(Polyline(((x, plot.bottom), (x, plot.bottom + 3 * unit)), Stroke(Role.MUTED, 0.6 * unit)))
        if text:
            words.append(Text(x, plot.bottom + 2 * unit + size, text, size, Role.MUTED, anchor))
    return grid, words
