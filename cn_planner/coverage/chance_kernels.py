"""The chances of `links.sight` of the cells of a map, each along its own path over the map's ground."""

from __future__ import annotations

import math
from functools import partial
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from cn_planner.coverage.cells import GridWay
from cn_planner.coverage.maps import ProfileRoom, cell_profile, profile_room, with_trees
from cn_planner.coverage.tasks import run_tasks
from cn_planner.links.sight import Sight, bends, passes_kernel, path_chance_kernel
from cn_planner.propagation.kernel import compiled, kernel

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from cn_planner.coverage.map_job import MapJob
    from cn_planner.coverage.radial_maps import GridTower, MapScene
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


class ChanceRoom(NamedTuple):
    """Room for the profile of one cell, for what stands on it, and for what `path_chance_kernel` works in."""

    profile: ProfileRoom
    cover: Any
    work: Any


@kernel
def chance_step(tower: GridTower, reach_m: float) -> float:
    """Return the longest step of the profiles that chances are read off, m."""
    return max(tower.step_m, reach_m / _LOOKS)


@kernel
def chance_room(tower: GridTower, reach_m: float) -> ChanceRoom:
    """Return room for any cell of a tower's map."""
    profile = profile_room(tower.radius_m * 1.5, chance_step(tower, reach_m))
    most = len(profile.ground)
    return ChanceRoom(profile, np.zeros(most), np.empty((5, most)))


@kernel
def cell_chance(
    scene: MapScene, error: tuple[float, float, float], bend: float, row: int, col: int, room: ChanceRoom
) -> tuple[float, float]:
    """Return the chances that the path to a cell is clear, and that it is not and the signal passes.

    1 and 0 in the tower's own cell, 0 and 0 where some ground on the way is missing.
    """
    grid, tower, wave, trees, _retest = scene
    profile, cover, work = room
    step = chance_step(tower, error[2])
    down = 1.0 * (row - tower.row)
    right = 1.0 * (col - tower.col)
    length = math.sqrt(grid.p * right * right + 2.0 * grid.q * right * down + grid.s * down * down)
    n = max(math.ceil(length / step - 1e-9), 2)
    if length == 0.0 or n + 1 > len(cover):
        return 1.0, 0.0
    way = GridWay(float(tower.row), float(tower.col), down, right, length, step)
    if not cell_profile(grid, way, n, profile.distance, profile.ground):
        return 0.0, 0.0
    with_trees(grid, way, n, trees, profile)
    for j in range(n + 1):
        cover[j] = profile.surface[j] - profile.ground[j]
    clear, seen, _sd = path_chance_kernel(
        profile.distance, profile.ground, cover, 0, n + 1, tower.amsl_m, profile.ground[n] + tower.rx_m,
        0.5 / wave.curve, wave.wavelength_m, error, work,
    )  # fmt: skip
    return clear, passes_kernel(clear, seen, bend)


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
    room = chance_room(scene.tower, error[2])
    for i in range(first, last):
        chance[0, i], chance[1, i] = cell_chance(scene, error, bend, rows[i], columns[i], room)
