"""One tower's map of any model but line of sight, cut into tasks that write their cells in any order, on any thread."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from cn_planner.coverage.map_job import radial_tasks
from cn_planner.coverage.map_models import GROUND_MAPS, GroundMap
from cn_planner.coverage.path_maps import level_path, path_tasks
from cn_planner.coverage.radial_maps import clearance_radials
from cn_planner.links.register import ask, model_of
from cn_planner.propagation.free_space import free_space_kernel, slant_distance_kernel

if TYPE_CHECKING:
    from collections.abc import Callable

    import numpy as np
    from numpy.typing import NDArray

    from cn_planner.coverage.map_job import MapJob
    from cn_planner.message import Message

_SLACK = {GroundMap.FRESNEL: 0.03, GroundMap.MIN_HEIGHT: 0.5}
"""How near to the limit a cell is sampled on its own profile: first Fresnel radii, m."""


def map_tasks(model: str, job: MapJob, tops: NDArray[np.float32]) -> list[Callable[[], None]]:
    """Return the tasks that together write one tower's map.

    Parameters
    ----------
    model : str
        Any map but that of line of sight.
    job : MapJob
        What is to be written.
    tops : float32 array
        Highest terrain of each block, from `los.tops_of`.

    References
    ----------
    ITU-R P.525-4 eq. 4; ITU-R P.526-15 sections 2 and 4.5; ITU-R P.1812-8; NTIA report 82-100.
    """
    if model in _SLACK:
        wanted = model == GroundMap.MIN_HEIGHT
        job.out[job.cell] = 0.0 if wanted else math.inf
        return radial_tasks(job, clearance_radials, wanted, tops, slack=_SLACK[GroundMap(model)])
    found = model_of(model)
    here = slant_distance_kernel(0.0, job.amsl_m, float(job.ground.heights_m[job.cell]) + job.rx_height_m)
    job.out[job.cell] = free_space_kernel(here, job.freq_mhz)
    return path_tasks(found, job) if found.map_tasks is None else found.map_tasks(job)


def model_warnings(model: str, job: MapJob) -> tuple[Message, ...]:
    """Return where a tower's map is outside what its model was made for: what the model itself says of a level path.

    Raises
    ------
    InputError
        Where the model cannot take a value, with its name and range.
    """
    if model in GROUND_MAPS:
        return ()
    found = model_of(model)
    if not found.warns:
        return ()
    level = level_path(job.site.latitude, job.site.longitude)
    return ask(found, level, (job.site.height_m, job.rx_height_m), job.freq_mhz, job.vertical, job.air).warnings
