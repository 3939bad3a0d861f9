"""Free space (ITU-R P.525): from antenna to antenna, whatever stands between them."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

from cn_planner.links.losses import amsl
from cn_planner.links.register import Losses, Prediction, PropagationModel
from cn_planner.message import msg
from cn_planner.propagation.checks import HIGH_MHZ, LOW_MHZ
from cn_planner.propagation.free_space import free_space_kernel, free_space_loss_db, slant_distance_kernel
from cn_planner.propagation.kernel import kernel

if TYPE_CHECKING:
    from collections.abc import Callable

    from cn_planner.coverage.map_job import MapJob
    from cn_planner.links.conditions import Conditions
    from cn_planner.terrain.profile import PathProfile


def _path(
    profile: PathProfile, heights_m: tuple[float, float], freq_mhz: float, _vertical: bool, _air: Conditions
) -> Prediction:
    amsl_m = amsl(profile, heights_m)
    free = float(free_space_loss_db(math.hypot(profile.length_m, amsl_m[1] - amsl_m[0]), freq_mhz))
    return Prediction(Losses(free_space_db=free, total_db=free))


@kernel
def _rows(
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


def _map(job: MapJob) -> list[Callable[[], None]]:
    from cn_planner.coverage.map_job import row_tasks

    grid = job.ground.grid
    rest = (*grid.metric, job.amsl_m, job.rx_height_m, job.ground.radius_m, job.freq_mhz, job.flat)
    return row_tasks(job, _rows, (*job.heights, *job.cell), rest)


MODEL = PropagationModel(
    key="free-space",
    name="Free space",
    words=msg("free space"),
    path=_path,
    freq_mhz=(LOW_MHZ, HIGH_MHZ),
    source="ITU-R P.525-4, eq. 4",
    warns=False,
    map_tasks=_map,
    coarse_cells=110_000,
    map_title=msg("Loss in free space, dB"),
    map_meant=msg("by loss in free space"),
)
