"""Maps of one tower, every cell on its own profile: Fresnel clearance, least receiver height, transmission loss.

A profile is sampled in equal steps no longer than half a cell of the elevation's source. For clearance and height the
blocks that cannot hold the worst sample are passed over: that changes no answer. A cell with missing terrain on its
profile has no answer (NaN).
"""

from __future__ import annotations

import math
from enum import StrEnum
from typing import TYPE_CHECKING, Any

import numpy as np

from cn_planner.coverage.cells import BLOCK, bilinear, samples_in_block
from cn_planner.propagation.delta_bullington import delta_bullington_kernel
from cn_planner.propagation.free_space import free_space_kernel, slant_distance_kernel
from cn_planner.propagation.kernel import compiled, kernel
from cn_planner.units import EARTH_RADIUS_M, wavelength_m

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    from cn_planner.coverage.grid import Grid


class MapModel(StrEnum):
    """What a coverage map can show."""

    LOS = "los"
    FRESNEL = "fresnel"
    MIN_HEIGHT = "min-height"
    FREE_SPACE = "free-space"
    P526 = "p526"


LOSS_MODELS = frozenset({MapModel.FREE_SPACE, MapModel.P526})
CLEAR_F1 = 0.6
"""Share of the first Fresnel zone that the least receiver height leaves clear (the command line's contract)."""
_BOUND_SLACK = 1e-9


@kernel
def fresnel_cell(
    z: Any,
    cols: int,
    tops: Any,
    size: int,
    row: float,
    col: float,
    drow: float,
    dcol: float,
    dist: float,
    step: float,
    h0: float,
    ht: float,
    c: float,
    wavelength: float,
    hint: float,
) -> tuple[float, float]:
    """Return the least clearance in first Fresnel radii between the ends, and at which fraction of the way it is."""
    n = max(math.ceil(dist / step - 1e-9), 2)
    inv = 1.0 / n
    rise = ht - h0
    bulge = dist * dist * c
    f1 = math.sqrt(wavelength * dist)
    least = math.inf
    at = hint
    across = (cols + size - 1) // size
    middle = int(hint * n)
    for i in range(max(1, middle - 1), min(n, middle + 3)):
        t = i * inv
        x = t * (1.0 - t)
        over = (h0 + rise * t - bulge * x - bilinear(z, cols, row + drow * t, col + dcol * t)) / (f1 * math.sqrt(x))
        if over < least:
            least = over
            at = t
    i = n - 1
    while i > 0:
        t = i * inv
        r = row + drow * t
        q = col + dcol * t
        x = t * (1.0 - t)
        line = h0 + rise * t - bulge * x
        more = samples_in_block(r, q, -drow * inv, -dcol * inv, size, i - 1)
        if more > 0:
            u = (i - more) * inv
            y = u * (1.0 - u)
            low = min(line, h0 + rise * u - bulge * y) - bulge * (t - u) * (t - u) * 0.25
            low -= tops[int(r) // size * across + int(q) // size]
            # The zone is widest where the way is halved, else at one end of the stretch; it is narrowest at an end.
            wide = (0.25 if u < 0.5 < t else max(x, y)) if low > 0.0 else min(x, y)
            if low / (f1 * math.sqrt(wide)) > least + _BOUND_SLACK:
                i -= more + 1
                continue
        over = (line - bilinear(z, cols, r, q)) / (f1 * math.sqrt(x))
        if over != over:
            return math.nan, hint
        if over < least:
            least = over
            at = t
        i -= 1
    return least, at


@kernel
def min_height_cell(
    z: Any,
    cols: int,
    tops: Any,
    size: int,
    row: float,
    col: float,
    drow: float,
    dcol: float,
    dist: float,
    step: float,
    h0: float,
    zt: float,
    c: float,
    wavelength: float,
    hint: float,
) -> tuple[float, float]:
    """Return the least receiver height over ground `zt` that leaves CLEAR_F1 of the first zone clear, and where.

    The height is 0 where even a receiver on the ground is clear.
    """
    n = max(math.ceil(dist / step - 1e-9), 2)
    inv = 1.0 / n
    bulge = dist * dist * c
    f1 = CLEAR_F1 * math.sqrt(wavelength * dist)
    # Height of the far end above the antenna that each sample asks for; the ground at least.
    need = zt - h0
    at = hint
    across = (cols + size - 1) // size
    middle = int(hint * n)
    for i in range(max(1, middle - 1), min(n, middle + 3)):
        t = i * inv
        x = t * (1.0 - t)
        want = (bilinear(z, cols, row + drow * t, col + dcol * t) - h0 + bulge * x + f1 * math.sqrt(x)) / t
        if want > need:
            need = want
            at = t
    i = n - 1
    while i > 0:
        t = i * inv
        r = row + drow * t
        q = col + dcol * t
        x = t * (1.0 - t)
        more = samples_in_block(r, q, -drow * inv, -dcol * inv, size, i - 1)
        if more > 0:
            u = (i - more) * inv
            wide = 0.25 if u < 0.5 < t else max(x, u * (1.0 - u))
            high = tops[int(r) // size * across + int(q) // size] - h0 + bulge * wide + f1 * math.sqrt(wide)
            if (high / u if high > 0.0 else high / t) < need - _BOUND_SLACK:
                i -= more + 1
                continue
        want = (bilinear(z, cols, r, q) - h0 + bulge * x + f1 * math.sqrt(x)) / t
        if want != want:
            return math.nan, hint
        if want > need:
            need = want
            at = t
        i -= 1
    return need + h0 - zt, at


@kernel
def p526_cell(
    z: Any,
    cols: int,
    row: int,
    col: int,
    drow: int,
    dcol: int,
    dist: float,
    step: float,
    h0: float,
    ht: float,
    radius: float,
    freq_mhz: float,
    vertical: bool,
    distance: Any,
    ground: Any,
) -> float:
    """Return free-space and delta-Bullington loss on the cell's own profile, dB; two flat arrays are scratch."""
    n = max(math.ceil(dist / step - 1e-9), 1)
    inv = 1.0 / n
    for i in range(n):
        distance[i] = dist * (i * inv)
        ground[i] = bilinear(z, cols, row + drow * (i * inv), col + dcol * (i * inv))
        if ground[i] != ground[i]:
            return math.nan
    distance[n] = dist
    ground[n] = z[(row + drow) * cols + col + dcol]
    parts = delta_bullington_kernel(distance, ground, ground, 0, n + 1, h0, ht, radius, freq_mhz, vertical)
    return free_space_kernel(slant_distance_kernel(dist, h0, ht), freq_mhz) + parts[3]


@kernel
def map_rows(
    model: int,
    z: Any,
    cols: int,
    tops: Any,
    size: int,
    row0: int,
    col0: int,
    first: int,
    last: int,
    p: float,
    q: float,
    s: float,
    step: float,
    h0: float,
    rx: float,
    reach: float,
    c: float,
    freq_mhz: float,
    wavelength: float,
    vertical: bool,
    out: Any,
) -> None:
    """Write the rows first to last - 1 of a map. Models: 1 fresnel, 2 min-height, 3 free space, 4 P.526."""
    most = int(reach / step) + 4
    distance = np.empty(most, np.float64)
    ground = np.empty(most, np.float64)
    for r in range(first, last):
        hint = 0.9
        for x in range(cols):
            k = r * cols + x
            dr = r - row0
            dc = x - col0
            d2 = p * dc * dc + 2.0 * q * dc * dr + s * dr * dr
            if d2 > reach * reach or z[k] != z[k]:
                continue
            dist = math.sqrt(d2)
            ht = z[k] + rx
            if model == 3:
                out[k] = free_space_kernel(slant_distance_kernel(dist, h0, ht), freq_mhz)
            elif d2 == 0.0:
                if model == 1:
                    out[k] = math.inf
                elif model == 2:
                    out[k] = 0.0
                else:
                    out[k] = free_space_kernel(slant_distance_kernel(dist, h0, ht), freq_mhz)
            elif model == 1:
                out[k], hint = fresnel_cell(
                    z, cols, tops, size, row0, col0, dr, dc, dist, step, h0, ht, c, wavelength, hint
                )
            elif model == 2:
                out[k], hint = min_height_cell(
                    z, cols, tops, size, row0, col0, dr, dc, dist, step, h0, z[k] * 1.0, c, wavelength, hint
                )
            else:
                out[k] = p526_cell(
                    z, cols, row0, col0, dr, dc, dist, step, h0, ht, 0.5 / c, freq_mhz, vertical, distance, ground
                )


_NUMBERS = {MapModel.FRESNEL: 1, MapModel.MIN_HEIGHT: 2, MapModel.FREE_SPACE: 3, MapModel.P526: 4}


def map_tasks(
    model: MapModel,
    heights_m: NDArray[np.float32],
    tops: NDArray[np.float32],
    grid: Grid,
    cell: tuple[int, int],
    height_m: float,
    rx_height_m: float,
    radius_m: float,
    k: float,
    freq_mhz: float,
    out: NDArray[np.float32],
    *,
    vertical: bool = True,
) -> list[Callable[[], None]]:
    """Return the tasks that together write one tower's map into `out`, in any order, on any thread.

    Parameters
    ----------
    model : MapModel
        Any but LOS.
    heights_m, tops, grid, cell, height_m, rx_height_m, radius_m, k
        As for `los.los_tasks`.
    freq_mhz : float
        Frequency.
    out : float32 array of (rows, columns)
        Filled with NaN before. fresnel: least clearance in F1, inf in the tower's own cell. min-height: m. Else dB.
    vertical : bool
        Polarisation.

    References
    ----------
    ITU-R P.525-4 eq. 4; ITU-R P.526-15 sections 2 and 4.5.
    """
    rows, cols = heights_m.shape
    z, flat = heights_m.reshape(-1), out.reshape(-1)
    run: Any = compiled(map_rows)
    p, q, s = grid.metric
    step = min(grid.cell_m, grid.source_cell_m / 2.0)
    down = math.ceil(grid.reach(radius_m)[0])
    args = (
        p, q, s, step, float(heights_m[cell]) + height_m, rx_height_m, radius_m, 0.5 / (EARTH_RADIUS_M * k), freq_mhz,
        wavelength_m(freq_mhz), vertical, flat,
    )  # fmt: skip
    number = _NUMBERS[model]
    return [
        lambda a=a: run(number, z, cols, tops, BLOCK, *cell, a, min(a + BLOCK, rows), *args)  # type: ignore[misc]
        for a in range(0, rows, BLOCK)
        if a - down <= cell[0] <= a + BLOCK + down
    ]
