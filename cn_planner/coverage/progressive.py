"""A map that comes twice: first a coarse picture of all of it, then the map itself.

The coarse one is the same prediction on every so many cells of the same grid, so few that it is there before a person
has begun to wait; its cells are those of the map that it stands for, and every tower stands as high as it does there.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np

from cn_planner.coverage.coverage_map import CoverageResult, check_numbers, map_ground
from cn_planner.coverage.grid import CoverageSite, Grid, Ground, check_sites, grid_for, lay_on
from cn_planner.coverage.map_models import GROUND_MAPS, GroundMap, model_named
from cn_planner.errors import MissingTerrainError
from cn_planner.gis.parts import moved
from cn_planner.links.conditions import Conditions
from cn_planner.links.register import model_of
from cn_planner.progress import ALONE, Run

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from numpy.typing import NDArray

    from cn_planner.terrain.surface import Surface

_COARSE_CELLS = 110_000
"""Cells of a coarse picture of the ground at most: what is done in about 0.15 s on two cores (docs/benchmarks.md). It
does not depend on the machine, so that the same input gives the same pictures."""
_COARSE_SHARE = 0.05
"""Of the progress."""
_MEDIAN = Conditions()


@dataclass(frozen=True, slots=True, eq=False)
class Coarse:
    """A coarse picture.

    Attributes
    ----------
    result : CoverageResult
        The map on every so many cells.
    every : int
        Along rows and columns.
    grid : Grid
        That of the map which follows.
    """

    result: CoverageResult
    every: int
    grid: Grid

    def spread(self, values: NDArray[Any]) -> NDArray[Any]:
        """Return an array of (rows, columns) of the coarse grid on the grid that follows.

        Each cell stands for those round it.
        """
        return spread(values, self.result.grid, self.grid, self.every)


def spread(values: NDArray[Any], coarse: Grid, grid: Grid, every: int) -> NDArray[Any]:
    """Return values on every so many cells of a grid (`Grid.thinned`) on the grid itself: each for those round it."""
    first = grid.to_cell(np.array([coarse.transform[2]]), np.array([coarse.transform[5]]))
    rows, columns = (
        np.clip((np.arange(count) - round(float(at[0])) + every // 2) // every, 0, most - 1)
        for count, at, most in zip(grid.shape, first, values.shape, strict=True)
    )
    return values[rows[:, np.newaxis], columns]


def coarse_step(model: str, grid: Grid, radius_m: float) -> int:
    """Return how many cells of a map one cell of its coarse picture is wide; 1 where the map itself is as quick."""
    p, q, s = grid.metric
    cells = math.pi * radius_m * radius_m / math.sqrt(p * s - q * q)
    most = _COARSE_CELLS if model in GROUND_MAPS else model_of(model).coarse_cells
    return math.ceil(math.sqrt(cells / most))


def coarse_ground(
    surface: Surface, grid: Grid, sites: Sequence[CoverageSite], radius_m: float, every: int
) -> Ground | None:
    """Return the heights of every so many cells of a grid; None where a tower would stand on a void that is none.

    Every antenna is as high above the sea as over its own cell of the grid; the first tower's cell is one of those.

    Raises
    ------
    MissingTerrainError
        Where a site stands outside the grid or on a void.
    """
    own = []
    for site in sites:
        cell = grid.cell_at(site.latitude, site.longitude)
        if cell is None:
            return None
        own.append((cell, float(surface.on_grid(grid.crs, moved(grid.transform, *cell), (1, 1))[0, 0])))
    try:
        ground = lay_on(surface, grid.thinned(own[0][0], every), sites, radius_m)
    except MissingTerrainError:
        return None  # the map itself tells whether its own cell has ground
    there = [ground.heights_m[cell] for cell in ground.cells]
    stood = tuple(
        replace(site, height_m=max(site.height_m + height - float(here), 0.0))
        for site, (_, height), here in zip(sites, own, there, strict=True)
    )
    return None if any(math.isnan(site.height_m) for site in stood) else replace(ground, sites=stood)


def progressive_map(
    surface: Surface,
    sites: Sequence[CoverageSite],
    *,
    coarse: Callable[[Coarse], None],
    rx_height_m: float,
    radius_m: float,
    model: str = GroundMap.LOS,
    freq_mhz: float | None = None,
    air: Conditions = _MEDIAN,
    cell_m: float | None = None,
    run: Run = ALONE,
    **more: Any,
) -> CoverageResult:
    """Return what `coverage_map` returns, to the last bit, and hand over a coarse picture of it before.

    Parameters
    ----------
    surface, sites, rx_height_m, radius_m, model, freq_mhz, air, cell_m, more
        As for `coverage_map`.
    coarse : callable
        Gets the coarse picture, on the calling thread; it is not called where the map itself is as quick, nor with
        `exact`.
    run : Run
        As everywhere; cancelled between tiles.

    Raises
    ------
    InputError, MissingTerrainError, CancelledError
        As `coverage_map`.
    """
    which = model_named(model)
    check_numbers(which, rx_height_m, freq_mhz, air.k_factor)
    check_sites(sites, radius_m, cell_m)
    asked: dict[str, Any] = {"rx_height_m": rx_height_m, "model": which, "freq_mhz": freq_mhz, "air": air, **more}
    grid = grid_for(surface, sites, radius_m, cell_m)
    every = 1 if more.get("exact") else coarse_step(which, grid, radius_m)
    if every > 1:
        first = coarse_map(surface, grid, sites, radius_m, every, run=run.part(0.0, _COARSE_SHARE), **asked)
        if first is not None:
            coarse(first)
    run.check()
    ground = lay_on(surface, grid, sites, radius_m)
    return map_ground(ground, run=run.part(_COARSE_SHARE, 1.0), **asked)


def coarse_map(
    surface: Surface, grid: Grid, sites: Sequence[CoverageSite], radius_m: float, every: int, **asked: Any
) -> Coarse | None:
    """Return the coarse picture of a map on a grid; None where it cannot be had (`coarse_ground`).

    `asked` is what `coverage_map.map_ground` takes beside the ground.
    """
    ground = coarse_ground(surface, grid, sites, radius_m, every)
    if ground is None:
        return None
    return Coarse(map_ground(ground, rough=True, **asked), every, grid)
