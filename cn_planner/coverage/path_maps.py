"""A map by a model that answers for paths alone: each cell on its own profile, one after the other.

It is slow: a path in plain Python takes some tenths of a millisecond, and threads do not share that work. The tasks are
small, so that progress is told and a cancel is heard all the while.
"""

from __future__ import annotations

import math
from functools import partial
from typing import TYPE_CHECKING, Any

import numpy as np

from cn_planner.coverage.cells import GridWay, clutter_of
from cn_planner.coverage.maps import ProfileRoom, cell_profile, with_trees
from cn_planner.errors import InputError
from cn_planner.geo import geodesics
from cn_planner.links.losses import with_ends
from cn_planner.links.register import ask
from cn_planner.propagation.kernel import compiled
from cn_planner.terrain.profile import PathProfile

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    from cn_planner.coverage.map_job import MapJob
    from cn_planner.links.register import PropagationModel

_CELLS = 128
"""Cells a task."""


def level_path(latitude: float, longitude: float) -> PathProfile:
    """Return a path of 6.4 km over level ground at sea level, as far as a model's own limits are concerned there."""
    level = np.zeros(65)
    return PathProfile(
        level + latitude, level + longitude, np.linspace(0.0, 6400.0, 65), level, level, level > 0.0, 0.0, 180.0, 6400.0
    )


def path_tasks(model: PropagationModel, job: MapJob) -> list[Callable[[], None]]:
    """Return the tasks that write one tower's map by asking a model of the path to each cell.

    A cell that the model refuses, or whose profile is not known, has no answer.
    """
    p, q, s = job.ground.grid.metric
    radius, (row0, col0) = job.ground.radius_m, job.cell
    dc = np.arange(job.ground.grid.shape[1]) - col0
    tasks: list[Callable[[], None]] = []
    for row, heights in enumerate(job.ground.heights_m):
        dr = row - row0
        within = p * dc * dc + 2.0 * q * dc * dr + s * dr * dr <= radius * radius
        columns = np.flatnonzero(within & ~np.isnan(heights) & ((dc != 0) | (dr != 0)))
        tasks += [partial(_cells, model, job, row, columns[i : i + _CELLS]) for i in range(0, len(columns), _CELLS)]
    return tasks


def _cells(model: PropagationModel, job: MapJob, row: int, columns: NDArray[np.int64]) -> None:
    """Write some cells of a row."""
    fill: Any = compiled(cell_profile)
    cover: Any = compiled(with_trees)
    (p, q, s), (row0, col0) = job.ground.grid.metric, job.cell
    grid, trees = job.ground.flat, job.trees
    site, heights = job.site, (job.site.height_m, job.rx_height_m)
    latitude, longitude = job.ground.grid.centres(np.full(len(columns), row), columns)
    azimuth, back, _ = geodesics(site.latitude, site.longitude, latitude, longitude)
    dr, columns_all = row - row0, job.ground.grid.shape[1]
    for i, column in enumerate(columns.tolist()):
        dc = column - col0
        length = math.sqrt(p * dc * dc + 2.0 * q * dc * dr + s * dr * dr)
        n = max(math.ceil(length / job.step_m - 1e-9), 2)
        room = ProfileRoom(*np.empty((3, n + 1)))
        line = GridWay(row0, col0, dr, dc, length, job.step_m)
        if not fill(grid, line, n, room.distance, room.ground):
            continue
        distance, ground, surface = room
        if trees.canopy_m > 0.0:
            cover(grid, line, n, trees, room)
        else:
            surface = ground
        way = np.linspace(0.0, 1.0, n + 1)
        profile = PathProfile(
            site.latitude + way * (latitude[i] - site.latitude),
            site.longitude + way * (longitude[i] - site.longitude),
            distance, ground, surface - ground, np.zeros(n + 1, np.bool_), float(azimuth[i]), float(back[i]), length,
            cover_assumed=trees.canopy_m > 0.0 and job.ground.trees_m is None,
            clutter_m=(clutter_of(trees, row0 * columns_all + col0), clutter_of(trees, row * columns_all + column)),
        )  # fmt: skip
        try:
            found = ask(model, profile, heights, job.freq_mhz, job.vertical, job.air)
            found = with_ends(found, profile, heights, job.freq_mhz)
        except InputError:
            continue  # the model does not hold for this path
        if found.losses.total_db is not None:
            job.out[row, column] = found.losses.total_db
