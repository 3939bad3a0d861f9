"""The ground as a camera sees it: vertical planes through the eye, each walked outwards over levels of detail.

The camera does not roll, so a vertical plane through it is a straight line on the picture; all of them meet where one
would look straight down. Along a plane the ground is walked from near to far, and each row of the picture is filled
once, by the first ground that stands as high as the row's ray: that is exact perspective at any tilt, at the price of
one walk a plane. Heights fall with the square of the distance, as the earth does, and are stretched as a whole
afterwards: what hides what does not depend on the stretch.
"""

from __future__ import annotations

import math
from typing import Any, NamedTuple

import numpy as np

from cn_planner.propagation.kernel import kernel

SKY, GROUND, MISSING, CUT = 0, 1, 2, 3
"""What a ray meets: nothing, ground, ground whose height nobody knows, or the edge where the terrain begins."""


class GroundLevels(NamedTuple):
    """Heights in levels of detail, the finest first; each reaches at least as far as the one before.

    Attributes
    ----------
    z : float32 array
        Heights above sea level, m, level after level, row after row from north to south; NaN missing.
    start, side : int64 arrays
        Where a level begins in ``z``, and how many rows and columns it has.
    left, top, cell : float64 arrays
        Of a level's first sample: east and north, m; and its width of cell, m.
    known : float64 array of 4
        The least and the greatest east, then north, of the ground that is known, m: what is not known within is a gap,
        beyond it nothing is drawn.
    """

    z: Any
    start: Any
    side: Any
    left: Any
    top: Any
    cell: Any
    known: Any


class Lens(NamedTuple):
    """The camera, in metres on the plane of the levels.

    Attributes
    ----------
    east, north, up : float
        Where it is; ``up`` is stretched as heights are.
    sin_azimuth, cos_azimuth, sin_tilt, cos_tilt : float
        Where it looks: clockwise from north, and down from the horizontal.
    focal : float
        Pixels to one of distance.
    middle_x, middle_y : float
        Of the picture, pixels.
    stretch : float
        Factor on heights.
    curve : float
        1 over twice the radius of the earth that light sees, 1/m.
    highest, floor : float
        No ground is higher; the cut edge reaches down to this; m, not stretched.
    near : float
        Nothing nearer is looked at, m.
    """

    east: float
    north: float
    up: float
    sin_azimuth: float
    cos_azimuth: float
    sin_tilt: float
    cos_tilt: float
    focal: float
    middle_x: float
    middle_y: float
    stretch: float
    curve: float
    highest: float
    floor: float
    near: float


class Rays(NamedTuple):
    """The planes of a picture and the rays within them.

    Attributes
    ----------
    slopes : float64 array of rows
        How much each row's ray rises for one of distance ahead, the highest row first.
    tangents : float64 array of planes
        How far each plane leads aside for one ahead.
    tops : int64 array of planes
        The uppermost row that shows a plane.
    """

    slopes: Any
    tangents: Any
    tops: Any


@kernel
def height_kernel(ground: GroundLevels, east: float, north: float) -> float:
    """Return the height of the ground by the first level that reaches a place; NaN where none does."""
    z, start, side = ground.z, ground.start, ground.side
    left, top, cell = ground.left, ground.top, ground.cell
    for k in range(len(start)):
        x = (east - left[k]) / cell[k]
        y = (top[k] - north) / cell[k]
        if 0.0 <= x < side[k] - 1 and 0.0 <= y < side[k] - 1:
            i = int(x)
            j = int(y)
            at = start[k] + j * side[k] + i
            u = x - i
            v = y - j
            upper = z[at] * (1.0 - u) + z[at + 1] * u
            lower = z[at + side[k]] * (1.0 - u) + z[at + side[k] + 1] * u
            found: float = upper * (1.0 - v) + lower * v
            return found
    return math.nan


@kernel
def _crossed(at: float, step: float, low: float, high: float, enter: Any, leave: Any, one: int) -> None:
    """Narrow a walk through a level to where at + a step lies between two limits."""
    if abs(step) < 1e-12:
        if not low < at < high:
            leave[one] = -1.0
        return
    first = (low - at) / step
    second = (high - at) / step
    enter[one] = max(enter[one], min(first, second))
    leave[one] = min(leave[one], max(first, second))


@kernel
def _enter_levels(ground: GroundLevels, lens: Lens, east: float, north: float, room: Any) -> None:
    """Write where a walk that goes so far east and north for one ahead enters and leaves each level.

    The outermost one reaches no further than the ground that is known.
    """
    cell, side, left, top, known = ground.cell, ground.side, ground.left, ground.top, ground.known
    enter, leave = room[0], room[1]
    for one in range(len(cell)):
        enter[one] = lens.near
        leave[one] = 1e9
        wide = cell[one] * (side[one] - 1)
        rim = cell[one] * 1e-4
        _crossed(lens.east, east, left[one] + rim, left[one] + wide - rim, enter, leave, one)
        _crossed(lens.north, north, top[one] - wide + rim, top[one] - rim, enter, leave, one)
    rim = cell[-1] * 1e-4
    outer = len(cell) - 1
    _crossed(lens.east, east, known[0] + rim, known[1] - rim, enter, leave, outer)
    _crossed(lens.north, north, known[2] + rim, known[3] - rim, enter, leave, outer)


@kernel
def _level_at(a: float, level: int, room: Any) -> int:
    """Return the first level from this one on that holds a place of a walk; the outermost holds all."""
    enter, leave = room[0], room[1]
    one = level
    while one < len(enter) - 1 and not enter[one] <= a <= leave[one]:
        one += 1
    return one


@kernel
def _stays_until(a: float, level: int, one: int, coarser: float, room: Any) -> float:
    """Return how far a walk stays in the level that it is in: no finer one begins, and it need not be coarser."""
    enter, leave = room[0], room[1]
    limit: float = min(coarser, leave[one], 2.0 * a + 1.0)
    for finer in range(level, one):
        if enter[finer] > a and leave[finer] > enter[finer]:
            limit = min(limit, enter[finer])
    found: float = max(limit, a)
    return found


@kernel
def cast_planes(
    ground: GroundLevels, lens: Lens, rays: Rays, first: int, last: int, far: Any, kind: Any, room: Any
) -> None:
    """Walk planes `first` to `last` and fill in what each row of theirs meets.

    `far` (planes, rows) gets the distance ahead, m, and `kind` what is there, which is `SKY` before. `room` (2, levels)
    is for where a plane enters and leaves each level.
    """
    bottom = len(rays.slopes) - 1
    outer = len(ground.start) - 1
    over = lens.highest * lens.stretch - lens.up
    for k in range(first, last):
        aside = rays.tangents[k]
        east = lens.sin_azimuth + aside * lens.cos_azimuth
        north = lens.cos_azimuth - aside * lens.sin_azimuth
        _enter_levels(ground, lens, east, north, room)
        a = room[0, outer]
        end = room[1, outer]
        if end > a:
            cut = a > lens.near
            if over < 0.0 and rays.slopes[bottom] < 0.0 and over / rays.slopes[bottom] > a:
                a = over / rays.slopes[bottom]  # nearer than that no ground is high enough
                cut = False
            _walk(
                ground, lens, rays.slopes, _Walk(aside, east, north, a, end, rays.tops[k], cut), far[k], kind[k], room
            )


class _Walk(NamedTuple):
    """One plane: aside, east and north for one ahead; from where to where; its uppermost row; whether it is cut."""

    aside: float
    east: float
    north: float
    begin: float
    end: float
    least: int
    cut: bool


@kernel
def _walk(ground: GroundLevels, lens: Lens, slopes: Any, walk: _Walk, far: Any, kind: Any, room: Any) -> None:
    """Walk one plane outwards and fill its rows from the lowest on."""
    start, side, cell, left, top, z = ground.start, ground.side, ground.cell, ground.left, ground.top, ground.z
    outer = len(start) - 1
    stretch, up = lens.stretch, lens.up
    over = lens.highest * stretch - up
    pixel = 1.0 / lens.focal
    length = math.sqrt(1.0 + walk.aside * walk.aside)
    drop = lens.curve * length * length * stretch
    end, least = walk.end, walk.least
    row = len(slopes) - 1
    known = False
    gap = walk.cut
    level = 0
    a = walk.begin
    a0 = a
    z0 = 0.0
    while a <= end and row >= least:
        while level < outer and cell[level + 1] <= a * pixel:
            level += 1
        one = _level_at(a, level, room)
        coarser = end if level == outer else min(end, cell[level + 1] * lens.focal)
        limit = _stays_until(a, level, one, coarser, room)
        step = max(_STEP * cell[one], _SHARE * a * pixel) / length
        wide = side[one]
        base = start[one]
        each = 1.0 / cell[one]
        x0 = (lens.east - left[one]) * each
        y0 = (top[one] - lens.north) * each
        x1 = walk.east * each
        y1 = -walk.north * each
        while a <= limit:
            x = x0 + a * x1
            y = y0 + a * y1
            i = int(x)
            j = int(y)
            at = base + j * wide + i
            u = x - i
            v = y - j
            upper = z[at] + (z[at + 1] - z[at]) * u
            lower = z[at + wide] + (z[at + wide + 1] - z[at + wide]) * u
            here = upper + (lower - upper) * v
            if here == here:
                z1 = here * stretch - drop * a * a - up
                if slopes[row] * a <= z1:
                    if known:
                        row = _fill(slopes, row, a0, z0, a, z1, MISSING if gap else GROUND, far, kind)
                    elif gap and not walk.cut:
                        # The eye stands over ground that is not known: up to here it is taken as level.
                        near = _level_with(z1 + drop * (a * a - a0 * a0), lens, drop, a0)
                        row = _fill(slopes, row, a0, near, a, z1, MISSING, far, kind)
                    else:
                        low = lens.floor * stretch - drop * a * a - up
                        row = _begin(slopes, row, a, z1, low, gap, far, kind)
                    if row < least:
                        return
                known = True
                gap = False
                a0 = a
                z0 = z1
            else:
                gap = True
            if over < slopes[row] * a and over < slopes[row] * end:
                return  # no ground is so high, near or far
            a += step
        # The walk goes on at the very place where the next level takes over.
        if limit < end:
            a = min(a, max(limit, a - step) + 1e-6 * limit)
    if gap and (known or not walk.cut):  # it is not known to the very end
        near = z0 if known else _level_with(0.0, lens, drop, a0)
        _fill(slopes, row, a0, near, end, near - drop * (end * end - a0 * a0), MISSING, far, kind)


@kernel
def _level_with(z: float, lens: Lens, drop: float, a: float) -> float:
    """Return so high a level seen from the eye; where that is not below the eye, that of the lowest ground."""
    low: float = lens.floor * lens.stretch - drop * a * a - lens.up
    return z if z < 0.0 else low


@kernel
def _fill(slopes: Any, row: int, a0: float, z0: float, a: float, z1: float, what: int, far: Any, kind: Any) -> int:
    """Fill the rows whose rays meet the straight line between two places of the ground; return the next row."""
    while row >= 0 and slopes[row] * a <= z1:
        over0 = slopes[row] * a0 - z0
        over1 = slopes[row] * a - z1
        far[row] = a0 + (a - a0) * (over0 / (over0 - over1)) if over0 > 0.0 else a0
        kind[row] = what
        row -= 1
    return row


@kernel
def _begin(slopes: Any, row: int, a: float, z1: float, low: float, gap: bool, far: Any, kind: Any) -> int:
    """Fill the rows that meet the first ground of a plane: after unknown ground the edge that it is cut by."""
    while row >= 0 and slopes[row] * a <= z1:
        if slopes[row] * a >= low or not gap:
            far[row] = a
            kind[row] = CUT if gap else GROUND
        row -= 1
    return row


_STEP = 0.6
"""Of a cell that the walk goes at once,"""
_SHARE = 0.6
"""or of a pixel's width, where that is more."""


class GroundColours(NamedTuple):
    """The ground's colours in levels, and those of what is not ground.

    Attributes
    ----------
    pixels : uint32 array of texels
        0x00RRGGBB; level after level.
    start, side, left, top, cell
        As in `GroundLevels`.
    sky : float32 array of (rows of the picture, 3)
        Blue, green, red where nothing is met.
    haze, missing, line, cut : float64 arrays of 3
        Blue, green, red: what far ground fades into; where no height is known, with its rules; the cut edge.
    haze_m : float
        Three fifths of the haze that there is lies before ground so far off.
    """

    pixels: Any
    start: Any
    side: Any
    left: Any
    top: Any
    cell: Any
    sky: Any
    haze: Any
    missing: Any
    line: Any
    cut: Any
    haze_m: float


class Planes(NamedTuple):
    """Which plane a pixel lies in.

    Attributes
    ----------
    half : float
        Planes to either side of the middle that the picture's uppermost row has: one a pixel.
    log_x : float64 array of columns
        Logarithm of each column's distance from the middle, in half widths.
    log_row : float64 array of rows
        Logarithm of how much more each row spans than the uppermost.
    middle : float
        The number of the plane straight ahead.
    """

    half: float
    log_x: Any
    log_row: Any
    middle: float


@kernel
def plane_at(planes: Planes, column: int, width: int, more: float, grown: float, count: int) -> int:
    """Return which of `count` planes a pixel lies in; `grown` is how much more its row spans, `more` its logarithm."""
    off = column + 0.5 - width / 2.0
    share = abs(off) / (width / 2.0) * grown
    k_off = planes.half * share if share <= 1.0 else planes.half * (1.0 + planes.log_x[column] + more)
    return min(max(int(planes.middle + (k_off if off > 0.0 else -k_off) + 0.5), 0), count - 1)


@kernel
def resolve_rows(
    lens: Lens, planes: Planes, colours: GroundColours, far: Any, kind: Any, first: int, last: int, out: Any,
    depth: Any, ruled: int,
) -> None:  # fmt: skip
    """Make rows `first` to `last` of the picture: colour (0xffRRGGBB) and distance ahead, infinite where it is sky.

    `ruled` rows apart the rules of missing terrain are drawn.
    """
    pixels, start, side = colours.pixels, colours.start, colours.side
    left, top, cell = colours.left, colours.top, colours.cell
    haze, missing, line, cut, sky = colours.haze, colours.missing, colours.line, colours.cut, colours.sky
    haze_m = colours.haze_m
    count = len(start)
    each = 1.0 / cell
    width = out.shape[1]
    high = out.shape[0]
    pixel = 1.0 / lens.focal
    for row in range(first, last):
        v = (lens.middle_y - row - 0.5) * pixel
        ahead = lens.cos_tilt + v * lens.sin_tilt
        grown = math.exp(planes.log_row[row])
        for column in range(width):
            k = plane_at(planes, column, width, planes.log_row[row], grown, far.shape[0])
            what = kind[k, row]
            if what == SKY:
                out[row, column] = _packed(sky[row, 0], sky[row, 1], sky[row, 2])
                depth[row, column] = math.inf
                continue
            a = 1.0 * far[k, row]
            depth[row, column] = a
            aside = (column + 0.5 - lens.middle_x) * pixel / ahead
            length = math.sqrt(1.0 + aside * aside)
            d = a * length
            fog = d / haze_m
            keep = 1.0 / (1.0 + fog + 0.5 * fog * fog)
            blue = cut[0]
            green = cut[1]
            red = cut[2]
            if what == MISSING:
                ruler = row % ruled == 0
                blue = line[0] if ruler else missing[0]
                green = line[1] if ruler else missing[1]
                red = line[2] if ruler else missing[2]
                keep = 1.0
            elif what == GROUND:
                x_m = lens.east + a * (lens.sin_azimuth + aside * lens.cos_azimuth)
                y_m = lens.north + a * (lens.cos_azimuth - aside * lens.sin_azimuth)
                # How much ground the pixel holds along the ray: by the nearer of its neighbours.
                deep = 1e9
                if row + 1 < high and kind[k, row + 1] == GROUND:
                    deep = abs(a - far[k, row + 1])
                if row > 0 and kind[k, row - 1] == GROUND:
                    deep = min(deep, abs(far[k, row - 1] - a))
                across = a * pixel
                grain = across * max(across, min(deep * length, 16.0 * across))
                level = 0
                while level < count - 1 and cell[level + 1] * cell[level + 1] <= 1.5 * grain:
                    level += 1
                for one in range(level, count):
                    x = (x_m - left[one]) * each[one]
                    y = (top[one] - y_m) * each[one]
                    if (0.0 <= x < side[one] - 1 and 0.0 <= y < side[one] - 1) or one == count - 1:
                        x = min(max(x, 0.0), side[one] - 1.001)
                        y = min(max(y, 0.0), side[one] - 1.001)
                        i = int(x)
                        j = int(y)
                        at = start[one] + j * side[one] + i
                        below = at + side[one]
                        # Two channels at once, in 256ths: red and blue lie far enough apart.
                        u = int((x - i) * 256.0)
                        w = int((y - j) * 256.0)
                        s = ((256 - u) * w) >> 8
                        t = (u * w) >> 8
                        r = u - t
                        p = 256 - r - s - t
                        p0 = np.int64(pixels[at])
                        p1 = np.int64(pixels[at + 1])
                        p2 = np.int64(pixels[below])
                        p3 = np.int64(pixels[below + 1])
                        both = (p0 & _BOTH) * p + (p1 & _BOTH) * r + (p2 & _BOTH) * s + (p3 & _BOTH) * t
                        between = (p0 & _ONE) * p + (p1 & _ONE) * r + (p2 & _ONE) * s + (p3 & _ONE) * t
                        blue = 1.0 * ((both >> 8) & 255)
                        green = 1.0 * (between >> 16)
                        red = 1.0 * (both >> 24)
                        break
                if row > 0:
                    edge = kind[k, row - 1] != GROUND
                    if not edge:
                        edge = far[k, row - 1] - a > max(_RIDGE * a, _RIDGE_M)
                    if edge:
                        blue *= _RIDGE_INK
                        green *= _RIDGE_INK
                        red *= _RIDGE_INK
            blue = haze[0] + (blue - haze[0]) * keep
            green = haze[1] + (green - haze[1]) * keep
            red = haze[2] + (red - haze[2]) * keep
            out[row, column] = _packed(blue, green, red)


_BOTH, _ONE = 0xFF00FF, 0x00FF00
_RIDGE, _RIDGE_M, _RIDGE_INK = 0.10, 120.0, 0.80
"""Where ground lies further than that just below it by this share, and by so much, a ridge stands before it: darker."""


@kernel
def _packed(blue: float, green: float, red: float) -> int:
    return (255 << 24) | (int(red + 0.5) << 16) | (int(green + 0.5) << 8) | int(blue + 0.5)


@kernel
def halve_rows(fine: Any, first: int, last: int, out: Any) -> None:
    """Write rows `first` to `last` of a picture of half the width and height: each pixel the mean of four."""
    for row in range(first, last):
        for column in range(out.shape[1]):
            total = 255 << 24
            for shift in (0, 8, 16):
                four = 2
                for j in range(2):
                    for i in range(2):
                        four += (int(fine[2 * row + j, 2 * column + i]) >> shift) & 255
                total |= (four >> 2) << shift
            out[row, column] = total


@kernel
def look_at_places(
    ground: GroundLevels, lens: Lens, east: Any, north: Any, above: Any, absolute: bool, out: Any
) -> None:
    """Write where places are seen: column, row, distance ahead; NaN behind the camera or where no ground is known.

    `above` is how high above its ground a place is, m; above the sea where `absolute`. `out` has a fourth value for the
    height of the ground.
    """
    for n in range(len(east)):
        here = 0.0 if absolute else height_kernel(ground, east[n], north[n])
        out[n, 3] = here
        dx = east[n] - lens.east
        dy = north[n] - lens.north
        z = (here + above[n] - lens.curve * (dx * dx + dy * dy)) * lens.stretch - lens.up
        ahead = dx * lens.sin_azimuth + dy * lens.cos_azimuth
        aside = dx * lens.cos_azimuth - dy * lens.sin_azimuth
        deep = ahead * lens.cos_tilt - z * lens.sin_tilt
        up = ahead * lens.sin_tilt + z * lens.cos_tilt
        seen = (deep > lens.near * 0.1) & (ahead > lens.near * 0.1)
        out[n, 0] = lens.middle_x + lens.focal * aside / deep if seen else math.nan
        out[n, 1] = lens.middle_y - lens.focal * up / deep if seen else math.nan
        out[n, 2] = ahead if seen else math.nan
