"""The first Fresnel zone along a straight way over bilinear ground, piece by piece: its worst place, exactly.

On a piece between two lines of samples the ray's height over what stands below it is a parabola, N. The share of the
zone that is clear is N over Z sqrt(t (1 - t)); with s = t - 1/2 and N = m + b s + n s^2 its derivative has the sign of

    F(s) = -n s^3 + (m + n / 2) s + b / 4

and the height that a piece asks of the far end has that of q t^2 - p - Z/2 sqrt(t / (1 - t)), with p + .. + q t^2 what
stands there over the beginning of the ray. Where either turns is known, so that between two such places at most one
zero lies: it is found by halving. Pieces that cannot hold a worse place than the worst so far are passed over first.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, NamedTuple

from cn_planner.coverage.cells import trees_at
from cn_planner.propagation.kernel import kernel

if TYPE_CHECKING:
    from cn_planner.coverage.cells import GridTrees, GridWay

_HALVINGS = 40
_LAST = 1.0 - 1e-12
_SAME = 1e-12
"""Of a way: a place as near to another is that place."""


class ZoneRay(NamedTuple):
    """What the zone round a ray is told by: its height at its ends' shares, how it curves, the zone in the middle.

    Attributes
    ----------
    start, rise : float
        Height at the beginning, and how much higher the end is, m.
    bulge : float
        Four times what the earth bulges in the middle, m.
    zone : float
        The radius asked for in the middle, times two, m.
    """

    start: float
    rise: float
    bulge: float
    zone: float


class ZonePart(NamedTuple):
    """A part of a way: from and to which share, and a height: h0 (1 - v) + h1 v - sag v (1 - v), v from 0 to 1.

    For the share of a zone it is that of the ray over the ground, the bulge of the earth in it; for a height asked for
    that of the ground over the beginning of the ray, without.
    """

    t0: float
    t1: float
    h0: float
    h1: float
    sag: float


@kernel
def over_ground(ray: ZoneRay, t: float, top: float) -> float:
    """Return how far the ray is over a height at a share of the way, m."""
    return ray.start + ray.rise * t - ray.bulge * t * (1.0 - t) - top


@kernel
def zone_radius(ray: ZoneRay, t: float) -> float:
    """Return the radius asked for at a share of the way, m."""
    return ray.zone * math.sqrt(max(t * (1.0 - t), 0.0))


@kernel
def _height_in(part: ZonePart, t: float) -> float:
    v = (t - part.t0) / (part.t1 - part.t0)
    return part.h0 * (1.0 - v) + part.h1 * v - part.sag * v * (1.0 - v)


@kernel
def _lowest_in(part: ZonePart) -> float:
    low = min(part.h0, part.h1)
    if part.sag > abs(part.h1 - part.h0):
        v = 0.5 - 0.5 * (part.h1 - part.h0) / part.sag
        low = part.h0 * (1.0 - v) + part.h1 * v - part.sag * v * (1.0 - v)
    return low


@kernel
def cut_part(part: ZonePart, t0: float, t1: float) -> ZonePart:
    """Return a part of a part."""
    share = (t1 - t0) / (part.t1 - part.t0)
    h0 = part.h0 if t0 == part.t0 else _height_in(part, t0)
    h1 = part.h1 if t1 == part.t1 else _height_in(part, t1)
    return ZonePart(t0, t1, h0, h1, part.sag * share * share)


@kernel
def least_in_part(ray: ZoneRay, part: ZonePart, least: float, at: float) -> tuple[float, float]:
    """Return the least share of the zone that is clear, and where, of `least` at `at` and a part of a way."""
    t0, t1, h0, h1, sag = part
    zone_0 = zone_radius(ray, t0)
    zone_1 = zone_radius(ray, t1)
    if t0 > 0.0 and h0 < least * zone_0:
        least = h0 / zone_0
        at = t0
    if t1 < 1.0 and h1 < least * zone_1:
        least = h1 / zone_1
        at = t1
    wide = min(zone_0, zone_1)
    if least > 0.0:
        wide = 0.5 * ray.zone if t0 < 0.5 < t1 else max(zone_0, zone_1)
    if t1 - t0 < _SAME or _lowest_in(part) >= least * wide:
        return least, at
    by_t = 1.0 / (t1 - t0)
    n = sag * by_t * by_t
    first = (h1 - h0 - sag) * by_t
    m = h0 + first * (0.5 - t0) + n * (0.5 - t0) * (0.5 - t0)
    quarter = 0.25 * (first + 2.0 * n * (0.5 - t0))
    p = m + 0.5 * n
    turn = math.sqrt(p / (3.0 * n)) if n != 0.0 and p / n > 0.0 else 0.0
    low = t0 - 0.5
    last = t1 - 0.5
    for k in range(3):
        high = last
        if k == 0:
            high = min(max(-turn, low), last)
        elif k == 1:
            high = min(max(turn, low), last)
        if high > low and (p - n * low * low) * low + quarter < 0.0 and (p - n * high * high) * high + quarter > 0.0:
            one = low
            two = high
            for _ in range(_HALVINGS):
                s = 0.5 * (one + two)
                if (p - n * s * s) * s + quarter < 0.0:
                    one = s
                else:
                    two = s
            t = 0.5 + 0.5 * (one + two)
            share = _height_in(part, t) / zone_radius(ray, t)
            if share < least:
                least = share
                at = t
        low = high
    return least, at


@kernel
def most_in_part(ray: ZoneRay, part: ZonePart, need: float, at: float) -> tuple[float, float]:
    """Return the greatest rise of a ray that anything asks for, and where, of `need` at `at` and a part of a way."""
    t0, t1, h0, h1, sag = part
    zone_0 = zone_radius(ray, t0)
    zone_1 = zone_radius(ray, t1)
    want_0 = h0 + ray.bulge * t0 * (1.0 - t0) + zone_0
    want_1 = h1 + ray.bulge * t1 * (1.0 - t1) + zone_1
    if t0 > 0.0 and want_0 > need * t0:
        need = want_0 / t0
        at = t0
    if want_1 > need * t1:
        need = want_1 / t1
        at = t1
    wide = 0.5 * ray.zone if t0 < 0.5 < t1 else max(zone_0, zone_1)
    # With the bulge of the earth what stands there bends by this much more.
    bends = -sag + ray.bulge * (t1 - t0) * (t1 - t0)
    top_0 = want_0 - zone_0
    top_1 = want_1 - zone_1
    high = -_lowest_in(ZonePart(t0, t1, -top_0, -top_1, bends))
    if t1 - t0 < _SAME or high + wide <= min(need * t0, need * t1):
        return need, at
    by_t = 1.0 / (t1 - t0)
    q = -bends * by_t * by_t
    # What stands there, drawn on to the beginning of the way.
    p = top_0 - (top_1 - top_0 + bends) * by_t * t0 + q * t0 * t0
    half = 0.5 * ray.zone
    product = 0.25
    if q > 0.0:
        product = min((0.25 * half / q) ** (2.0 / 3.0), 0.25)
    turn = math.sqrt(0.25 - product)
    low = max(t0, _SAME)
    last = min(t1, _LAST)
    for k in range(3):
        end = last
        if k == 0:
            end = min(max(0.5 - turn, low), last)
        elif k == 1:
            end = min(max(0.5 + turn, low), last)
        if (
            end > low
            and q * low * low - p - half * math.sqrt(low / (1.0 - low)) > 0.0
            and q * end * end - p - half * math.sqrt(end / (1.0 - end)) < 0.0
        ):
            one = low
            two = end
            for _ in range(_HALVINGS):
                t = 0.5 * (one + two)
                if q * t * t - p - half * math.sqrt(t / (1.0 - t)) > 0.0:
                    one = t
                else:
                    two = t
            t = 0.5 * (one + two)
            want = _height_in(part, t) + ray.bulge * t * (1.0 - t) + zone_radius(ray, t)
            if want > need * t:
                need = want / t
                at = t
        low = end
    return need, at


@kernel
def trees_until(trees: GridTrees, cols: int, way: GridWay, t0: float, t1: float) -> tuple[float, float]:
    """Return up to which share, `t1` at most, what stands on a way is as high as from `t0` on; and how high, m.

    The way passes at most one cell's border on either axis between the two.
    """
    row, col, drow, dcol, length, _step = way
    end = t1
    for k in range(2):
        share = (trees.keep_out_m if k == 0 else trees.near_m) / length
        if t0 + _SAME < share < end:
            end = share
        if t0 + _SAME < 1.0 - share < end:
            end = 1.0 - share
    if len(trees.heights_m) > 0:
        for k in range(2):
            start = row if k == 0 else col
            way_on = drow if k == 0 else dcol
            if way_on == 0.0:
                continue
            here = start + way_on * t0
            # The border between cells that comes next.
            border = math.floor(here + 0.5) + (0.5 if way_on > 0.0 else -0.5)
            share = (border - start) / way_on
            if share <= t0 + _SAME:
                share = (border + (1.0 if way_on > 0.0 else -1.0) - start) / way_on
            if t0 + _SAME < share < end:
                end = share
    middle = 0.5 * (t0 + end)
    r = row + drow * middle
    q = col + dcol * middle
    return end, trees_at(trees, cols, r, q, length * middle, length * (1.0 - middle))
