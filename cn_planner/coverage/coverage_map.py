"""The maps of the `coverage` command: one band a tower, or all towers combined."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import TYPE_CHECKING, Any

import numpy as np

from cn_planner.coverage.cells import count_within
from cn_planner.coverage.combine import MOST_BEST, NONE, Best, reached
from cn_planner.coverage.grid import CoverageSite, Grid, Ground, lay_ground
from cn_planner.coverage.los import UNKNOWN, all_tops, los_tasks
from cn_planner.coverage.map_job import MapJob
from cn_planner.coverage.map_models import GROUND_MAPS, GroundMap, model_named
from cn_planner.coverage.map_tasks import map_tasks, model_warnings
from cn_planner.coverage.maps import CLEAR_F1
from cn_planner.coverage.masks import Masks, seen_masks
from cn_planner.coverage.received import Quantity, TowerRadio, received_tasks
from cn_planner.coverage.tasks import run_tasks
from cn_planner.errors import InputError
from cn_planner.links.conditions import Conditions
from cn_planner.links.losses import GAS_MHZ, gas_losses_db
from cn_planner.message import msg
from cn_planner.progress import ALONE, Run
from cn_planner.propagation.checks import check_above_ground, check_k
from cn_planner.propagation.kernel import compiled

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from numpy.typing import NDArray

    from cn_planner.coverage.crossings import Tops
    from cn_planner.message import Message
    from cn_planner.terrain.surface import Surface

MOST_BAND_BYTES = 2_000_000_000
_MEDIAN = Conditions()


class Combine(StrEnum):
    """How many towers become one band."""

    COUNT = "count"
    BEST = "best"


@dataclass(frozen=True, slots=True, eq=False)
class CoverageResult:
    """Maps on a grid.

    Attributes
    ----------
    grid : Grid
    model : str
    sites : tuple of CoverageSite
        One a band, unless combined.
    bands : array of (bands, rows, columns)
        los: uint8, 1 seen, 0 not, 255 outside the radius, or no terrain, or terrain missing on the way of a cell that
        known terrain does not block. Others: float32, NaN there. count: uint16. best: int16, -1 none.
    nodata : float or None
        The value that says "no answer".
    descriptions : tuple of str
        One a band.
    cells : int
        Cells within the radius of a site and with terrain, summed over the sites.
    missing : tuple of str
        Names of what terrain is missing within the radius of a site.
    masks : Masks or None
        What each tower reaches, where counting.
    warnings : tuple of Message
        Where a map is outside what its model was made for.
    """

    grid: Grid
    model: str
    sites: tuple[CoverageSite, ...]
    bands: NDArray[Any]
    nodata: float | None
    descriptions: tuple[str, ...]
    cells: int
    missing: tuple[str, ...]
    masks: Masks | None = None
    warnings: tuple[Message, ...] = ()


def coverage_map(
    surface: Surface,
    sites: Sequence[CoverageSite],
    *,
    rx_height_m: float,
    radius_m: float,
    model: str = GroundMap.LOS,
    freq_mhz: float | None = None,
    air: Conditions = _MEDIAN,
    vertical: bool = True,
    cell_m: float | None = None,
    exact: bool = False,
    show: Quantity = Quantity.LOSS,
    radio: TowerRadio | None = None,
    combine: Combine | str | None = None,
    threshold: float | None = None,
    run: Run = ALONE,
) -> CoverageResult:
    """Map what towers see, how clear it is, how high a receiver must be, or how much is lost on the way.

    Parameters
    ----------
    surface : Surface
        The ground.
    sites : sequence of CoverageSite
        The towers.
    rx_height_m : float
        Receiver above the ground of its cell.
    radius_m : float
        How far round each tower.
    model : str
        What to show.
    freq_mhz : float, optional
        Only los does without.
    air : Conditions
        k for line of sight, clearance, height and P.526; percentages, refractivities and climate for P.1812 and ITM;
        the gases of the air from 10 GHz on; assumed trees, which line of sight and ITM do not see.
    vertical : bool
        Polarisation.
    cell_m : float, optional
        Width of a cell, m. By default the source's own where it is metric, else a third of it in whole metres.
    exact : bool
        Every cell on its own profile. Else most cells share those of the radials (`radial_maps`): cells near the edge
        of visibility, near 0.6 F1, near a receiver's height, or near the threshold are on their own all the same.
    show : Quantity
        What a loss map is shown as.
    radio : TowerRadio, optional
        What each tower sends and each cell hears; the loss alone does without.
    combine : Combine or its name, optional
        How many towers become one band; by default each has its own.
    threshold : float, optional
        What still counts as reached: at least (fresnel, F1; level, margin, probability) or at most (height, m; loss,
        dB). Fresnel counts 0.6 F1 without one.
    run : Run
        The result is the same to the last bit for any number of threads.

    Raises
    ------
    InputError
        Where a value cannot be, with its name.
    MissingTerrainError
        Where a tower stands outside the terrain or on a void.
    CancelledError
    """
    which = model_named(model)
    check_numbers(which, rx_height_m, freq_mhz, air.k_factor)
    check_air(air, threshold)
    ground = lay_ground(surface, sites, radius_m, cell_m)
    return map_ground(
        ground,
        rx_height_m=rx_height_m,
        model=which,
        freq_mhz=freq_mhz,
        air=air,
        vertical=vertical,
        exact=exact,
        show=show,
        radio=radio,
        combine=combine,
        threshold=threshold,
        run=run,
    )


def check_air(air: Conditions, threshold: float | None) -> None:
    """Raise InputError where a condition of air and trees, or the threshold, cannot be.

    What a model asks beyond that of its percentages and refractivities it says itself.
    """
    for name, value in (("canopy_m", air.canopy_m), ("canopy_keep_out_m", air.canopy_keep_out_m)):
        if not (math.isfinite(value) and value >= 0.0):
            raise InputError(
                msg("The value of {name} is {value}; it cannot be below 0.", name=name, value=value),
                fix=msg("Give a number, 0 or more."),
            )
    for name, value in (
        ("time_pct", air.time_pct), ("location_pct", air.location_pct), ("n0", air.n0), ("delta_n", air.delta_n),
        ("threshold", 0.0 if threshold is None else threshold),
    ):  # fmt: skip
        if not math.isfinite(value):
            raise InputError(
                msg("The value of {name} is {value}, which is no number.", name=name, value=value),
                fix=msg("Give a number, or leave it out."),
            )


def check_numbers(model: str, rx_height_m: float, freq_mhz: float | None, k: float) -> None:
    """Raise InputError where a height, frequency or k cannot be."""
    check_above_ground(rx_height_m, receiver=True)
    check_k(k)
    if model == GroundMap.LOS:
        return
    if freq_mhz is None or not (math.isfinite(freq_mhz) and 10.0 <= freq_mhz <= 100_000.0):
        raise InputError(
            msg("A map by {model} needs a frequency between 10 MHz and 100 GHz.", model=model),
            fix=msg("Give it in MHz, such as 5800."),
        )


def map_ground(
    ground: Ground,
    *,
    rx_height_m: float,
    model: str = GroundMap.LOS,
    freq_mhz: float | None = None,
    air: Conditions = _MEDIAN,
    vertical: bool = True,
    exact: bool = False,
    rough: bool = False,
    show: Quantity = Quantity.LOSS,
    radio: TowerRadio | None = None,
    combine: Combine | str | None = None,
    threshold: float | None = None,
    run: Run = ALONE,
) -> CoverageResult:
    """Do the arithmetic of `coverage_map` on ground that was laid before (`grid.lay_ground`); see there.

    `rough` is for a first look (`progressive`): fewer radials, and no cell on its own profile for being near a limit.
    """
    which = model_named(model)
    check_numbers(which, rx_height_m, freq_mhz, air.k_factor)
    check_air(air, threshold)
    if show is not Quantity.LOSS and (radio is None or which in GROUND_MAPS):
        raise InputError(
            msg("A map of {what} needs a model of loss, and a radio.", what=show.value),
            fix=msg("Name a kit, or the figures of the radios."),
        )
    how = _combine_named(combine)
    shape = ground.grid.shape
    count = len(ground.sites)
    dtype, empty = (np.dtype(np.uint8), UNKNOWN) if which == GroundMap.LOS else (np.dtype(np.float32), math.nan)
    kept = count if how is None else 1
    _check_room(kept * shape[0] * shape[1] * dtype.itemsize, how, count)
    warnings: dict[Message, None] = {}
    for number in range(count):
        job = MapJob(ground, number, rx_height_m, freq_mhz or math.nan, air, ground.heights_m, vertical)
        warnings.update(dict.fromkeys(model_warnings(which, job)))
    lines: dict[str, float] = {GroundMap.FRESNEL: CLEAR_F1, GroundMap.MIN_HEIGHT: rx_height_m}
    limit = lines.get(which, math.nan)
    limit = limit if threshold is None or show is not Quantity.LOSS else threshold
    if which == GroundMap.LOS and how is Combine.COUNT:
        seen = seen_masks(ground, rx_height_m, k=air.k_factor, exact=exact, run=run)
        cells = sum(cells_within(ground, cell) for cell in ground.cells)
        counted, name = seen.count()[np.newaxis], f"count {which}"
        return CoverageResult(ground.grid, which, ground.sites, counted, None, (name,), cells, ground.missing, seen)
    bands = np.empty((kept, *shape), dtype)
    clear = np.empty(shape, np.float32) if show is Quantity.PROBABILITY else None
    maps = _Maps(
        which, ground, all_tops(ground.heights_m), rx_height_m, freq_mhz or math.nan, air, vertical, limit, exact,
        rough, show, radio, clear, run,
    )  # fmt: skip
    higher = None if show is Quantity.LOSS else True
    masks, best = None, None
    if how is Combine.COUNT:
        drawn = (maps.draw(number, bands[0]) for number in range(count))
        masks = Masks.of((reached(band, which, threshold, higher=higher) for band in drawn), shape, count)
    elif how is Combine.BEST:
        best = Best(shape, which, threshold, higher=higher)
        for number in range(count):
            best.add(number, maps.draw(number, bands[0]))
    else:
        for number, band in enumerate(bands):
            maps.draw(number, band)
    cells = sum(cells_within(ground, cell) for cell in ground.cells)
    said = which if show is Quantity.LOSS else f"{show.value} {which}"
    names = tuple(f"{said} {site.name}" for site in ground.sites)
    nodata: float | None = float(empty)
    if masks is not None:
        bands, nodata, names = masks.count()[np.newaxis], None, (f"count {said}",)
    elif best is not None:
        bands, nodata, names = best.index[np.newaxis], float(NONE), (f"best {said}",)
    return CoverageResult(
        ground.grid, which, ground.sites, bands, nodata, names, cells, ground.missing, masks, tuple(warnings)
    )


@dataclass(frozen=True, slots=True, eq=False)
class _Maps:
    """What the maps of all towers are made from."""

    model: str
    ground: Ground
    tops: Tops
    rx_height_m: float
    freq_mhz: float
    air: Conditions
    vertical: bool
    limit: float
    exact: bool
    rough: bool
    show: Quantity
    radio: TowerRadio | None
    clear: NDArray[np.float32] | None
    run: Run

    def draw(self, number: int, band: NDArray[Any]) -> NDArray[Any]:
        """Write one tower's map into a band, over whatever is in it, and return it."""
        band.fill(UNKNOWN if self.model == GroundMap.LOS else math.nan)
        count = len(self.ground.sites)
        run_tasks(self._tasks(number, band), self.run.part(number / count, (number + 1) / count))
        if self.model not in GROUND_MAPS:
            _add_gases(band, self.ground, number, self.rx_height_m, self.freq_mhz, self.air)
        if self.radio is not None and self.show is not Quantity.LOSS:
            if self.clear is not None:
                self.clear.fill(math.nan)
                clear = replace(self._job(number, self.clear), vertical=True, limit=CLEAR_F1, exact=False)
                run_tasks(map_tasks(GroundMap.FRESNEL, clear, self.tops.coarse), self.run.silently())
            shown = received_tasks(self.show, self.model, self._job(number, band), self.radio, self.clear)
            run_tasks(shown, self.run.silently())
        return band

    def _tasks(self, number: int, band: NDArray[Any]) -> list[Callable[[], None]]:
        ground = self.ground
        if self.model == GroundMap.LOS:
            return los_tasks(
                ground.heights_m, self.tops, ground.grid, ground.cells[number], ground.sites[number].height_m,
                self.rx_height_m, ground.radius_m, self.air.k_factor, band, exact=self.exact,
            )  # fmt: skip
        return map_tasks(self.model, self._job(number, band), self.tops.coarse)

    def _job(self, number: int, out: NDArray[np.float32]) -> MapJob:
        return MapJob(
            self.ground, number, self.rx_height_m, self.freq_mhz, self.air, out,
            vertical=self.vertical, limit=self.limit, exact=self.exact, rough=self.rough,
        )  # fmt: skip


def _check_room(band_bytes: int, how: Combine | None, count: int) -> None:
    """Raise InputError where the maps would not fit into memory, or are too many to compare."""
    if band_bytes > MOST_BAND_BYTES:
        raise InputError(
            msg("{count} maps of this size do not fit into memory.", count=count),
            fix=msg("Combine them, or ask for a smaller radius or larger cells."),
        )
    if how is Combine.BEST and count > MOST_BEST:
        raise InputError(msg("At most {most} sites can be compared.", most=MOST_BEST))


def _add_gases(
    band: NDArray[np.float32], ground: Ground, number: int, rx_height_m: float, freq_mhz: float, air: Conditions
) -> None:
    """Add what the air takes, from 10 GHz on, as links have it."""
    if freq_mhz < GAS_MHZ:
        return
    row, column = ground.cells[number]
    p, q, s = ground.grid.metric
    top = float(ground.heights_m[row, column]) + ground.sites[number].height_m
    dc = np.arange(band.shape[1]) - column
    for r in range(band.shape[0]):  # a row at a time: no second map in memory
        known = ~np.isnan(band[r])
        if known.any():
            dr, across = r - row, dc[known]
            length = np.sqrt(p * across**2.0 + 2.0 * q * across * dr + s * dr**2.0)
            middle = 0.5 * (top + ground.heights_m[r, known] + rx_height_m)
            band[r, known] += gas_losses_db(length, freq_mhz, air.weather, middle).astype(np.float32)


def _combine_named(name: Combine | str | None) -> Combine | None:
    if name is None:
        return None
    try:
        return Combine(name)
    except ValueError:
        raise InputError(
            msg("Sites cannot be combined by {name}.", name=str(name)), fix=msg("There are count and best.")
        ) from None


def cells_within(ground: Ground, cell: tuple[int, int]) -> int:
    """Return how many cells of the grid lie within a site's radius and have terrain."""
    rows, cols = ground.grid.shape
    p, q, s = ground.grid.metric
    z = ground.heights_m.reshape(-1)
    return int(compiled(count_within)(z, rows, cols, *cell, p, q, s, ground.radius_m))


__all__ = [
    "Combine",
    "CoverageResult",
    "CoverageSite",
    "coverage_map",
    "map_ground",
    "model_named",
]
