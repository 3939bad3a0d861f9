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
    from cn_planner.coverage.radial_maps import MapScene
    from cn_planner.links.conditions import Conditions
    from cn_planner.terrain.profile import PathProfile


def _path(
    profile: PathProfile, heights_m: tuple[float, float], freq_mhz: float, _vertical: bool, _air: Conditions
) -> Prediction:
    amsl_m = amsl(profile, heights_m)
    free = float(free_space_loss_db(math.hypot(profile.length_m, amsl_m[1] - amsl_m[0]), freq_mhz))
    return Prediction(Losses(free_space_db=free, total_db=free))


@kernel
def _rows(scene: MapScene, first: int, last: int, out: Any) -> None:
    """Write the rows first to last - 1: loss in free space between the antennas, dB."""
    grid, tower = scene.grid, scene.tower
    z = grid.z
    for r in range(first, last):
        for x in range(grid.cols):
            k = r * grid.cols + x
            dr = r - tower.row
            dc = x - tower.col
            d2 = grid.p * dc * dc + 2.0 * grid.q * dc * dr + grid.s * dr * dr
            if d2 <= tower.radius_m * tower.radius_m and z[k] == z[k]:
                slant = slant_distance_kernel(math.sqrt(d2), tower.amsl_m, z[k] + tower.rx_m)
                out[k] = free_space_kernel(slant, scene.wave.freq_mhz)


def _map(job: MapJob) -> list[Callable[[], None]]:
    from cn_planner.coverage.map_job import row_tasks

    return row_tasks(job, _rows)


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
