"""One tower's map of any model but line of sight, cut into tasks that write their cells in any order, on any thread."""

from __future__ import annotations

import math
from functools import partial
from typing import TYPE_CHECKING, Any

import numpy as np

from cn_planner.coverage.cells import BLOCK, laid_trees
from cn_planner.coverage.maps import ItmTerms, MapModel, P1812Terms
from cn_planner.coverage.radial_maps import clearance_radials, p526_radials
from cn_planner.coverage.radial_models import itm_radials, p1812_radials
from cn_planner.coverage.radials import octants
from cn_planner.links.losses import itm_variability
from cn_planner.propagation.free_space import free_space_kernel, slant_distance_kernel
from cn_planner.propagation.itm import Surroundings, itm_loss
from cn_planner.propagation.kernel import compiled, kernel
from cn_planner.propagation.p1812 import location_sigma_db, p1812_loss
from cn_planner.units import EARTH_RADIUS_M, wavelength_m

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    from cn_planner.coverage.grid import Ground
    from cn_planner.links.conditions import Conditions
    from cn_planner.message import Message

RADIALS = 64
"""Radials a task: as many as share most of their cache lines."""
SLACK = {MapModel.FRESNEL: 0.03, MapModel.MIN_HEIGHT: 0.5, MapModel.P526: 1.0, MapModel.P1812: 1.0, MapModel.ITM: 1.0}
"""How near to the limit a cell is sampled on its own profile: first Fresnel radii, m, dB."""
_INLAND = 4


@kernel
def free_space_rows(
    z: Any,
    cols: int,
    row0: int,
    col0: int,
    first: int,
    last: int,
    p: float,
    q: float,
    s: float,
    h0: float,
    rx: float,
    radius: float,
    freq_mhz: float,
    out: Any,
) -> None:
    """Write the rows first to last - 1: loss in free space between the antennas, dB."""
    for r in range(first, last):
        for x in range(cols):
            k = r * cols + x
            dr = r - row0
            dc = x - col0
            d2 = p * dc * dc + 2.0 * q * dc * dr + s * dr * dr
            if d2 <= radius * radius and z[k] == z[k]:
                out[k] = free_space_kernel(slant_distance_kernel(math.sqrt(d2), h0, z[k] + rx), freq_mhz)


def map_tasks(
    model: MapModel,
    ground: Ground,
    number: int,
    tops: NDArray[np.float32],
    rx_height_m: float,
    freq_mhz: float,
    air: Conditions,
    out: NDArray[np.float32],
    *,
    vertical: bool = True,
    limit: float = math.nan,
    exact: bool = False,
    rough: bool = False,
) -> list[Callable[[], None]]:
    """Return the tasks that together write one tower's map into `out`.

    Parameters
    ----------
    model : MapModel
        Any but LOS.
    ground : Ground
        Heights and towers.
    number : int
        Which tower.
    tops : float32 array
        Highest terrain of each block, from `los.tops_of`.
    rx_height_m : float
        Receiver above the ground of its cell, m.
    freq_mhz : float
        Frequency, MHz.
    air : Conditions
        k for clearance, height and P.526; percentages, refractivities and climate for P.1812 and ITM; assumed trees,
        which ITM does not see.
    out : float32 array of (rows, columns)
        Filled with NaN before. fresnel: least clearance in F1, inf in the tower's own cell. min-height: m. Else dB.
    vertical : bool
        Polarisation.
    limit : float
        Where the caller draws a line between good and not; cells near it are sampled on their own profile. NaN:
        nowhere.
    exact : bool
        Every cell on its own profile.
    rough : bool
        With the fewest radials, and no cell near the limit on its own profile: for a first look.

    References
    ----------
    ITU-R P.525-4 eq. 4; ITU-R P.526-15 sections 2 and 4.5; ITU-R P.1812-8; NTIA report 82-100.
    """
    grid, heights_m = ground.grid, ground.heights_m
    z, flat = heights_m.reshape(-1), out.reshape(-1)
    rows, cols = heights_m.shape
    cell, radius_m = ground.cells[number], ground.radius_m
    height_m = ground.sites[number].height_m
    h0 = float(heights_m[cell]) + height_m
    if model is MapModel.FREE_SPACE:
        run: Any = compiled(free_space_rows)
        down = math.ceil(grid.reach(radius_m)[0])
        first, last = max(cell[0] - down, 0), min(cell[0] + down + 1, rows)
        rest = (*grid.metric, h0, rx_height_m, radius_m, freq_mhz, flat)
        return [partial(run, z, cols, *cell, r, min(r + BLOCK, last), *rest) for r in range(first, last, BLOCK)]
    if model is MapModel.FRESNEL:
        out[cell] = math.inf
    elif model is MapModel.MIN_HEIGHT:
        out[cell] = 0.0
    else:
        out[cell] = free_space_kernel(slant_distance_kernel(0.0, h0, float(heights_m[cell]) + rx_height_m), freq_mhz)
    run, head, tail = _kernel_of(model, ground, number, tops, rx_height_m, freq_mhz, air, vertical=vertical)
    step = min(grid.cell_m, 0.5 * max(grid.cell_m, grid.source_cell_m))
    end = (math.nan if rough else limit, SLACK[model], exact, flat)
    return [
        partial(run, *head, octant, first, min(first + RADIALS, octant.radials + 1), step, *tail, *end)
        for octant in octants(grid, cell, radius_m, rough=rough)
        for first in range(0, octant.radials + 1, RADIALS)
    ]


def _kernel_of(
    model: MapModel,
    ground: Ground,
    number: int,
    tops: NDArray[np.float32],
    rx: float,
    freq_mhz: float,
    air: Conditions,
    *,
    vertical: bool,
) -> tuple[Any, tuple[Any, ...], tuple[Any, ...]]:
    """Return the kernel of a model, what it is told before the radials, and after the length of a step."""
    heights_m, cell, radius_m = ground.heights_m, ground.cells[number], ground.radius_m
    place, height_m = (heights_m.reshape(-1), heights_m.shape[1]), ground.sites[number].height_m
    h0 = float(heights_m[cell]) + height_m
    c, wavelength = 0.5 / (EARTH_RADIUS_M * air.k_factor), wavelength_m(freq_mhz)
    trees = laid_trees(ground.trees_m, air.canopy_m, air.canopy_keep_out_m, ground.trees_keep_out_m)
    if model in {MapModel.FRESNEL, MapModel.MIN_HEIGHT}:
        wanted = model is MapModel.MIN_HEIGHT
        return (
            compiled(clearance_radials),
            (wanted, *place, tops, BLOCK, *cell),
            (h0, rx, radius_m, c, wavelength, *trees),
        )
    if model is MapModel.P526:
        return compiled(p526_radials), (*place, *cell), (h0, rx, radius_m, c, freq_mhz, wavelength, vertical, *trees)
    tail = (height_m, rx, radius_m, freq_mhz, vertical)
    if model is MapModel.ITM:
        return compiled(itm_radials), (*place, *cell), (*tail, _itm_terms(air))
    land = np.full(max(heights_m.shape) + 2 * int(radius_m / ground.grid.cell_m) + 8, _INLAND, np.int8)
    terms = _p1812_terms(ground, number, rx, freq_mhz, air)
    return compiled(p1812_radials), (*place, *cell, land), (*tail, terms, *trees)


def _itm_terms(air: Conditions) -> ItmTerms:
    ends, surroundings = itm_variability(air), Surroundings(climate=air.climate, n0=air.n0)
    soil = float(np.asarray(surroundings.epsilon_r)), float(np.asarray(surroundings.sigma_s_per_m))
    return ItmTerms(air.climate, air.n0, *soil, int(np.asarray(ends.mdvar)), air.time_pct, air.location_pct)


def _p1812_terms(ground: Ground, number: int, rx: float, freq_mhz: float, air: Conditions) -> P1812Terms:
    sigma = 0.0
    if air.location_pct != 50.0:
        # As for links: either end may be the one that stands somewhere in its square, the one that varies more.
        lower = min(rx, ground.sites[number].height_m)
        sigma = location_sigma_db(freq_mhz, max(ground.grid.cell_m, ground.grid.source_cell_m), lower, 0.0)
    latitude = ground.sites[number].latitude
    return P1812Terms(air.time_pct, air.location_pct, sigma, air.n0, air.delta_n, latitude)


def model_warnings(
    model: MapModel, ground: Ground, number: int, rx_height_m: float, freq_mhz: float, air: Conditions
) -> tuple[Message, ...]:
    """Return where a tower's map is outside what its model was made for: what the model itself says of a level path.

    Raises
    ------
    InputError
        Where the model cannot take a value, with its name and range.
    """
    height_m = ground.sites[number].height_m
    if model is MapModel.ITM:
        surroundings = Surroundings(climate=air.climate, n0=air.n0)
        return itm_loss(
            np.zeros(65), 100.0, height_m, rx_height_m, freq_mhz, surroundings=surroundings,
            variability=itm_variability(air),
        ).said  # fmt: skip
    if model is MapModel.P1812:
        terms = _p1812_terms(ground, number, rx_height_m, freq_mhz, air)
        level = np.arange(65) * 100.0
        return p1812_loss(level, np.zeros(65), height_m, rx_height_m, freq_mhz, **terms._asdict()).warnings
    return ()
