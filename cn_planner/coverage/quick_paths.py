"""Paths from one tower to many places on a window of the ground, for what follows the hand.

The arithmetic is that of `matrix`; the samples are those of the window along straight lines of its grid, not of the
source along geodesics: on a metric source they are the same heights, at most some metres beside.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import numpy as np

from cn_planner.coverage.cells import assumed_trees, bilinear
from cn_planner.geo import WGS84, transform
from cn_planner.links.losses import GAS_MHZ, gas_losses_db
from cn_planner.propagation.clearance import clearance_kernel
from cn_planner.propagation.fresnel import effective_earth_radius_m
from cn_planner.propagation.kernel import compiled, kernel
from cn_planner.propagation.p526 import p526_kernel
from cn_planner.units import wavelength_m

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from numpy.typing import NDArray

    from cn_planner.coverage.quick import Window
    from cn_planner.links.conditions import Conditions

_CHUNK = 64  # places a task


@kernel
def _paths(
    z: Any,
    rows: int,
    cols: int,
    cell: float,
    row_a: float,
    col_a: float,
    height_a: float,
    row_b: Any,
    col_b: Any,
    height_b: Any,
    first: int,
    last: int,
    canopy: float,
    keep_out: float,
    radius: float,
    wavelength: float,
    freq_mhz: float,
    least_f1: float,
    longest: int,
    clear_f1: Any,
    loss: Any,
) -> None:
    distance = np.empty(longest + 2, np.float64)
    ground = np.empty(longest + 2, np.float64)
    surface = np.empty(longest + 2, np.float64)
    for p in range(first, last):
        down = row_b[p] - row_a
        right = col_b[p] - col_a
        length = cell * math.sqrt(down * down + right * right)
        inside = 0.0 <= row_b[p] <= rows - 1.0 and 0.0 <= col_b[p] <= cols - 1.0
        if not inside or length <= 0.0:
            continue
        n = min(max(math.ceil(length / (cell / 2.0)), 1), longest)
        if least_f1 >= 0.0:
            # A look at every eighth sample: where one stands above the line the rest need not be looked at.
            a = bilinear(z, cols, row_a, col_a) + height_a
            b = bilinear(z, cols, row_b[p], col_b[p]) + height_b[p]
            seen = True
            for i in range(8, n, 8):
                t = 1.0 * i / n
                x = length * t
                height = bilinear(z, cols, row_a + down * t, col_a + right * t)
                height += assumed_trees(canopy, keep_out, x, length - x)
                if height > a + (b - a) * t - x * (length - x) / (2.0 * radius):
                    seen = False
                    break
            if not seen:
                clear_f1[p] = -1.0
                continue
        known = True
        for i in range(n + 1):
            t = 1.0 * i / n
            x = length * t
            height = bilinear(z, cols, row_a + down * t, col_a + right * t)
            if height != height:
                known = False
                break
            distance[i] = x
            ground[i] = height
            surface[i] = height + assumed_trees(canopy, keep_out, x, length - x)
        if not known:
            continue
        a = ground[0] + height_a
        b = ground[n] + height_b[p]
        _least, worst, _at = clearance_kernel(distance, surface, 0, n + 1, a, b, radius, wavelength)
        clear_f1[p] = worst
        if worst >= least_f1:
            free, diffraction, vegetation = p526_kernel(
                distance, ground, surface, 0, n + 1, a, b, radius, freq_mhz, True
            )
            loss[p] = free + diffraction + vegetation


def quick_paths(
    window: Window,
    tower: tuple[float, float, float],
    latitude: NDArray[np.float64],
    longitude: NDArray[np.float64],
    roof_m: NDArray[np.float64],
    freq_mhz: float,
    conditions: Conditions,
    *,
    least_f1: float = -math.inf,
    run: Callable[[Sequence[Callable[[], None]]], None] | None = None,
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return clearance in first Fresnel radii and loss, dB, from a tower to each place.

    Parameters
    ----------
    window : Window
        Square cells; every place within what it holds.
    tower : (latitude, longitude, antenna height)
        The tower.
    latitude, longitude, roof_m : float64 arrays
        The places, and their antennas above ground.
    freq_mhz : float
        Frequency.
    conditions : Conditions
        Air and trees.
    least_f1 : float
        Paths with less clear than this have no loss computed: infinite; where it is 0 or more, the clearance of a path
        that is blocked is -1, whatever it is.
    run : callable, optional
        Runs the tasks, as in `quick.quick_coverage`.

    Returns
    -------
    clearance_f1, loss_db : float64 arrays
        NaN and infinite where terrain is missing or lies outside the window.
    """
    count = len(latitude)
    clear, loss = np.full(count, np.nan), np.full(count, np.inf)
    if not count:
        return clear, loss
    x, y = transform(WGS84, window.grid.crs, np.append(longitude, tower[1]), np.append(latitude, tower[0]))
    row, column = (np.ascontiguousarray(v) for v in window.grid.to_cell(x, y))
    rows, columns = window.grid.shape
    if not (0.0 <= row[-1] <= rows - 1.0 and 0.0 <= column[-1] <= columns - 1.0):
        return clear, loss
    side = window.grid.cell_m
    longest = math.ceil(2.0 * math.hypot(np.abs(row - row[-1]).max(), np.abs(column - column[-1]).max())) + 1
    work: Any = compiled(_paths)
    z, roof = window.heights_m.reshape(-1), np.ascontiguousarray(roof_m, np.float64).copy()
    rest = (
        conditions.canopy_m, conditions.canopy_keep_out_m, effective_earth_radius_m(conditions.k_factor),
        wavelength_m(freq_mhz), float(freq_mhz), float(least_f1), longest, clear, loss,
    )  # fmt: skip
    tasks: list[Callable[[], None]] = [
        lambda a=a: work(  # type: ignore[misc]
            z, rows, columns, side, row[-1], column[-1], tower[2], row, column, roof, a, min(a + _CHUNK, count), *rest
        )
        for a in range(0, count, _CHUNK)
    ]
    if run is None:
        for task in tasks:
            task()
    else:
        run(tasks)
    if freq_mhz >= GAS_MHZ:
        length = side * np.hypot(row[:-1] - row[-1], column[:-1] - column[-1])
        amsl = float(window.heights_m[round(row[-1]), round(column[-1])]) + tower[2]
        loss += gas_losses_db(length, freq_mhz, conditions.weather, np.full(count, amsl))
    return clear, loss
