"""One tower's map that is to be written, and how it is cut into the tasks of a kernel."""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any

from cn_planner.coverage.cells import BLOCK, GridTrees, Wave, laid_trees
from cn_planner.coverage.radial_maps import GridTower, MapScene, Retest
from cn_planner.coverage.radials import octants
from cn_planner.propagation.kernel import compiled
from cn_planner.units import EARTH_RADIUS_M, wavelength_m

if TYPE_CHECKING:
    from collections.abc import Callable

    import numpy as np
    from numpy.typing import NDArray

    from cn_planner.coverage.grid import CoverageSite, Ground
    from cn_planner.links.conditions import Conditions

RADIALS = 64
"""Radials a task: as many as share most of their cache lines."""
_SLACK_DB = 1.0
"""How near to the limit a cell is sampled on its own profile, dB."""


@dataclass(frozen=True, slots=True, eq=False)
class MapJob:
    """One tower's map that is to be written.

    Attributes
    ----------
    ground : Ground
        Heights and towers.
    number : int
        Which tower.
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
    """

    ground: Ground
    number: int
    rx_height_m: float
    freq_mhz: float
    air: Conditions
    out: NDArray[np.float32]
    vertical: bool = True
    limit: float = math.nan
    exact: bool = False
    rough: bool = False

    @property
    def site(self) -> CoverageSite:
        """The tower."""
        return self.ground.sites[self.number]

    @property
    def cell(self) -> tuple[int, int]:
        """The cell that it stands in, (row, column)."""
        return self.ground.cells[self.number]

    @property
    def amsl_m(self) -> float:
        """Its antenna above sea level, m."""
        return float(self.ground.heights_m[self.cell]) + self.site.height_m

    @property
    def flat(self) -> NDArray[np.float32]:
        """What is written, row by row."""
        return self.out.reshape(-1)

    @property
    def trees(self) -> GridTrees:
        """What stands on the ground."""
        return laid_trees(
            self.ground.trees_m, self.air.canopy_m, self.air.canopy_keep_out_m, self.ground.trees_keep_out_m
        )

    @property
    def curve(self) -> float:
        """Half the curvature of the effective earth, 1/m."""
        return 0.5 / (EARTH_RADIUS_M * self.air.k_factor)

    @property
    def step_m(self) -> float:
        """The longest step of a cell's own profile, m: a cell, or half of the coarser of it and the elevation's own."""
        grid = self.ground.grid
        return min(grid.cell_m, 0.5 * max(grid.cell_m, grid.source_cell_m))

    def scene(self, slack: float) -> MapScene:
        """Return what kernels are told of it; cells less than `slack` from the limit are sampled on their own."""
        row, column = self.cell
        heights = (self.site.height_m, self.amsl_m, self.rx_height_m)
        tower = GridTower(row, column, *(float(one) for one in (*heights, self.ground.radius_m, self.step_m)))
        wave = Wave(self.curve, wavelength_m(self.freq_mhz), float(self.freq_mhz), self.vertical)
        retest = Retest(math.nan if self.rough else float(self.limit), slack, self.exact)
        return MapScene(self.ground.flat, tower, wave, self.trees, retest)


def radial_tasks(job: MapJob, kernel: Any, *terms: Any, slack: float = _SLACK_DB) -> list[Callable[[], None]]:
    """Return the tasks of a kernel that goes along radials.

    It is told the scene, the octant, its radials from and to, `terms`, and what to write into.
    """
    run, scene = compiled(kernel), job.scene(slack)
    return [
        partial(run, scene, octant, first, min(first + RADIALS, octant.radials + 1), *terms, job.flat)
        for octant in octants(job.ground.grid, job.cell, job.ground.radius_m, rough=job.rough)
        for first in range(0, octant.radials + 1, RADIALS)
    ]


def row_tasks(job: MapJob, kernel: Any, *terms: Any) -> list[Callable[[], None]]:
    """Return the tasks of a kernel that goes along rows, from and to, told otherwise what `radial_tasks` tells."""
    run, scene, grid = compiled(kernel), job.scene(_SLACK_DB), job.ground.grid
    down = math.ceil(grid.reach(job.ground.radius_m)[0])
    first, last = max(job.cell[0] - down, 0), min(job.cell[0] + down + 1, grid.shape[0])
    return [partial(run, scene, r, min(r + BLOCK, last), *terms, job.flat) for r in range(first, last, BLOCK)]
