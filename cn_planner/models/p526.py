"""ITU-R P.526: free space, and the ray bent over the ground and over all that stands on it.

Trees, assumed or seen, and buildings are obstacles over whose tops the ray is diffracted.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from cn_planner.links.losses import amsl
from cn_planner.links.register import Losses, Prediction, PropagationModel
from cn_planner.message import msg
from cn_planner.propagation.checks import HIGH_MHZ, LOW_MHZ
from cn_planner.propagation.p526 import p526_loss

if TYPE_CHECKING:
    from collections.abc import Callable

    from cn_planner.coverage.map_job import MapJob
    from cn_planner.links.conditions import Conditions
    from cn_planner.terrain.profile import PathProfile


def _path(
    profile: PathProfile, heights_m: tuple[float, float], freq_mhz: float, vertical: bool, air: Conditions
) -> Prediction:
    amsl_m = amsl(profile, heights_m)
    surface = profile.ground_m + profile.cover_m
    loss = p526_loss(profile.distance_m, profile.ground_m, surface, *amsl_m, freq_mhz, air.k_factor, vertical=vertical)
    return Prediction(Losses(loss.free_space_db, loss.diffraction_db, loss.vegetation_db, total_db=loss.total_db))


def _map(job: MapJob) -> list[Callable[[], None]]:
    from cn_planner.coverage.map_job import radial_tasks
    from cn_planner.coverage.radial_maps import p526_radials

    return radial_tasks(job, p526_radials)


MODEL = PropagationModel(
    key="p526",
    name="P.526",
    words=msg("ITU-R P.526"),
    path=_path,
    freq_mhz=(LOW_MHZ, HIGH_MHZ),
    source="ITU-R P.526-15, sections 2 and 4.5",
    warns=False,
    map_tasks=_map,
    coarse_cells=90_000,
    map_meant=msg("by loss after ITU-R P.526"),
)
