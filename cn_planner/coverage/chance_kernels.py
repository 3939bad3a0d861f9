"""The chances of `links.sight` of the cells of a map, each along its own path over the map's ground."""

from __future__ import annotations

import math
from functools import partial
from typing import TYPE_CHECKING, Any

import numpy as np

from cn_planner.coverage.cells import GridWay
from cn_planner.coverage.maps import cell_profile, profile_room, with_trees
from cn_planner.coverage.tasks import run_tasks
from cn_planner.links.sight import Sight, bends, passes_kernel, path_chance_kernel
from cn_planner.propagation.kernel import compiled, kernel

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from cn_planner.coverage.map_job import MapJob
    from cn_planner.coverage.radial_maps import MapScene
    from cn_planner.progress import Run

_CELLS = 2048
"""Cells a task."""
_LOOKS = 4
"""Places looked at within the reach of the terrain's error: between them it hardly changes."""


def sight_of_cells(
    job: MapJob, rows: NDArray[np.int64], columns: NDArray[np.int64], clearance_f1: NDArray[np.float64], run: Run
) -> Sight:
    """Return how clear cells of a tower's map are.

    Parameters
    ----------
    job : MapJob
        The tower, its ground and its wave.
    rows, columns : int64 arrays of one length
        The cells.
    clearance_f1 : float64 array of that length
        Their least clearance in first Fresnel radii; NaN where some ground is missing.
    run : Run

    Raises
    ------
    CancelledError
    """
    chance = np.zeros((2, len(rows)))
    look: Any = compiled(_chances)
    scene, bend, error = job.scene(0.0), bends(job.freq_mhz), tuple(job.ground.height_error)
    run_tasks(
        [
            partial(look, scene, error, bend, rows, columns, first, min(first + _CELLS, len(rows)), chance)
            for first in range(0, len(rows), _CELLS)
        ],
        run,
    )
    return Sight(clearance_f1, chance[0], chance[1])


@kernel
def _chances(
    scene: MapScene,
    error: tuple[float, float, float],
    bend: float,
    rows: Any,
    columns: Any,
    first: int,
    last: int,
    chance: Any,
) -> None:
    grid, tower, wave, trees, _retest = scene
    step = max(tower.step_m, error[2] / _LOOKS)
    room = profile_room(tower.radius_m * 1.5, step)
    cover = np.zeros(len(room.ground))
    work = np.empty((5, len(room.ground)))
    for i in range(first, last):
        down = float(rows[i] - tower.row)
        right = float(columns[i] - tower.col)
        length = math.sqrt(grid.p * right * right + 2.0 * grid.q * right * down + grid.s * down * down)
        n = max(math.ceil(length / step - 1e-9), 2)
        if length == 0.0 or n + 1 > len(cover):
            chance[0, i] = 1.0
            continue
        way = GridWay(float(tower.row), float(tower.col), down, right, length, step)
        if not cell_profile(grid, way, n, room.distance, room.ground):
            continue
        with_trees(grid, way, n, trees, room)
        for j in range(n + 1):
            cover[j] = room.surface[j] - room.ground[j]
        clear, seen, _sd = path_chance_kernel(
            room.distance, room.ground, cover, 0, n + 1, tower.amsl_m, room.ground[n] + tower.rx_m,
            0.5 / wave.curve, wave.wavelength_m, error, work,
        )  # fmt: skip
        chance[0, i] = clear
        chance[1, i] = passes_kernel(clear, seen, bend)
