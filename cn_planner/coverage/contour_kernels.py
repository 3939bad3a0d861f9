"""Lines of equal height on a picture of the ground, pixel by pixel: sharp at any distance, hidden where the ground is.

What a pixel shows lies on its ray, so far ahead: that says how high it is, and its neighbours how much that changes
from pixel to pixel. So the lines need no heights to be looked up, and keep their width wherever they are.
"""

from __future__ import annotations

import math
from typing import Any, NamedTuple

from cn_planner.coverage.view_kernels import GROUND, Lens, Planes, plane_at
from cn_planner.propagation.kernel import kernel


class HeightLines(NamedTuple):
    """Which lines are drawn, and how.

    Attributes
    ----------
    interval_m : float
        Between one and the next; every fifth is a master.
    ink : float64 array of 3
        Blue, green, red.
    opacity : float
        Of a line that is no master.
    px : float
        Pixels of the picture to one of the layout.
    """

    interval_m: float
    ink: Any
    opacity: float
    px: float


_HALF_PX, _MASTER_PX, _MASTER_INK = 0.45, 0.75, 1.6
"""As the map draws them: half a line's width, that of a master, and how much more of its ink."""
_DENSE_PX, _APART_PX = 3.0, 8.0
"""Lines so near to each other are not drawn any more; so far apart they have all their ink."""
_FLAT = 1e-3
"""Where a pixel is no more than this part of the interval higher than the next, as on a lake, there is no line."""
_JUMP, _JUMP_M = 0.10, 120.0
"""What is so much further off than its neighbour lies behind a ridge."""


@kernel
def line_rows(
    lens: Lens, planes: Planes, lines: HeightLines, haze_m: float, far: Any, kind: Any, first: int, last: int, out: Any
) -> None:
    """Draw the lines onto rows `first` to `last` of a picture; `far` and `kind` are what `cast_planes` filled."""
    width = out.shape[1]
    high = out.shape[0]
    pixel = 1.0 / lens.focal
    ink = lines.ink
    for row in range(first, last):
        v = (lens.middle_y - row - 0.5) * pixel
        over = lens.cos_tilt + v * lens.sin_tilt
        grown = math.exp(planes.log_row[row])
        before = math.nan
        before_a = 0.0
        for column in range(width):
            k = plane_at(planes, column, width, planes.log_row[row], grown, far.shape[0])
            if kind[k, row] != GROUND:
                before = math.nan
                continue
            a = 1.0 * far[k, row]
            aside = (column + 0.5 - lens.middle_x) * pixel / over
            here = _height(lens, row, a, aside)
            across = 0.0
            if before == before and abs(a - before_a) <= max(_JUMP * a, _JUMP_M):
                across = here - before
            before = here
            before_a = a
            # Down the picture: by the nearer of the neighbours, which is of the same slope.
            deep = math.inf
            down = 0.0
            for other in (row - 1, row + 1):
                if 0 <= other < high and kind[k, other] == GROUND and abs(far[k, other] - a) < deep:
                    deep = abs(far[k, other] - a)
                    down = _height(lens, other, 1.0 * far[k, other], aside) - here
            rise = math.sqrt(across * across + down * down)
            if rise <= _FLAT * lines.interval_m:
                continue
            number = math.floor(here / lines.interval_m + 0.5)
            master = number % 5 == 0
            apart = lines.interval_m * (5.0 if master else 1.0) / rise / lines.px
            drawn = min(max((apart - _DENSE_PX) / (_APART_PX - _DENSE_PX), 0.0), 1.0)
            half = (_MASTER_PX if master else _HALF_PX) * lines.px
            drawn *= min(max(half + 0.5 - abs(here - number * lines.interval_m) / rise, 0.0), 1.0)
            drawn = min(drawn * lines.opacity * (_MASTER_INK if master else 1.0), 1.0)
            if drawn > 0.0:
                fog = a * math.sqrt(1.0 + aside * aside) / haze_m
                out[row, column] = _over(out[row, column], ink, drawn / (1.0 + fog + 0.5 * fog * fog))


@kernel
def _height(lens: Lens, row: int, a: float, aside: float) -> float:
    """Return how high above the sea that lies which a row's ray meets so far ahead."""
    v = (lens.middle_y - row - 0.5) / lens.focal
    slope = (v * lens.cos_tilt - lens.sin_tilt) / (lens.cos_tilt + v * lens.sin_tilt)
    return (slope * a + lens.up) / lens.stretch + lens.curve * (1.0 + aside * aside) * a * a


@kernel
def _over(below: Any, ink: Any, share: float) -> int:
    packed = 255 << 24
    for channel in range(3):
        value = 1.0 * ((int(below) >> (8 * channel)) & 255)
        packed |= int(value + (ink[channel] - value) * share + 0.5) << (8 * channel)
    return packed
