"""ITU-R P.1812: coverage below 6 GHz, with percentages of time and places.

The ground gives its smooth earth and its horizons; what stands on it are clutter heights (P.1812-8, section 3.2). What
stands at the antennas themselves is counted beside it (`links.losses`).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from cn_planner.links.losses import amsl
from cn_planner.links.register import Losses, Prediction, PropagationModel
from cn_planner.message import msg
from cn_planner.propagation.p1812 import centre_latitude_deg, location_sigma_db, p1812_loss
from cn_planner.propagation.p1812_checks import VALID_MHZ
from cn_planner.propagation.p1812_path import INLAND, P1812Terms

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    from cn_planner.coverage.map_job import MapJob
    from cn_planner.links.conditions import Conditions
    from cn_planner.propagation.p1812 import P1812Loss
    from cn_planner.terrain.profile import PathProfile


def _path(
    profile: PathProfile, heights_m: tuple[float, float], freq_mhz: float, vertical: bool, air: Conditions
) -> Prediction:
    distance, ground, cover = profile.distance_m, profile.ground_m, profile.cover_m
    if len(distance) == 2:  # the model needs a point between the ends
        middle = [0.0, 0.5 * profile.length_m, profile.length_m]
        ground, cover = (np.interp(middle, distance, heights) for heights in (ground, cover))
        distance = np.array(middle)
    ends = (profile.latitude[0], profile.longitude[0], profile.latitude[-1], profile.longitude[-1])
    sigma = 0.0
    if air.location_pct != 50.0:
        # Either end may be the one that stands somewhere in its square: the one that varies more.
        width = 2.0 * float(np.diff(profile.distance_m).max())  # the terrain's cell: samples are half a cell apart
        sigma = max(location_sigma_db(freq_mhz, width, heights_m[end], float(cover[end])) for end in (0, -1))

    terms = _terms(air, float(centre_latitude_deg(*ends, profile.length_m)), sigma)

    def loss(surface: NDArray[np.float64] | None) -> P1812Loss:
        amsl_m = amsl(profile, heights_m)
        return p1812_loss(distance, ground, *amsl_m, freq_mhz, terms, surface_m=surface, vertical=vertical)

    found = loss(ground + cover)
    free = found.steps.lbfs
    bare = loss(None).loss_db if np.any(cover[1:-1] > 0.0) else found.loss_db
    parts = Losses(free, bare - free, found.loss_db - bare, total_db=found.loss_db)
    return Prediction(parts, found.warnings, found)


def _terms(air: Conditions, latitude_deg: float, sigma_db: float) -> P1812Terms:
    # No map of coasts is part of the program: they are as far as the model counts.
    return P1812Terms(air.n0, air.delta_n, latitude_deg, air.time_pct, air.location_pct, sigma_db)


def _map(job: MapJob) -> list[Callable[[], None]]:
    from cn_planner.coverage.map_job import radial_tasks
    from cn_planner.coverage.radial_models import p1812_radials

    air, grid, radius_m = job.air, job.ground.grid, job.ground.radius_m
    sigma = 0.0
    if air.location_pct != 50.0:
        # As for links: either end may be the one that stands somewhere in its square, the one that varies more.
        lower = min(job.rx_height_m, job.site.height_m)
        sigma = location_sigma_db(job.freq_mhz, max(grid.cell_m, grid.source_cell_m), lower, 0.0)
    terms = _terms(air, job.site.latitude, sigma)
    land = np.full(max(grid.shape) + 2 * int(radius_m / grid.cell_m) + 8, INLAND, np.int8)
    return radial_tasks(job, p1812_radials, terms, land)


MODEL = PropagationModel(
    key="p1812",
    name="P.1812",
    words=msg("ITU-R P.1812"),
    path=_path,
    freq_mhz=VALID_MHZ,
    source="ITU-R P.1812-8",
    percentages=True,
    map_tasks=_map,
    coarse_cells=40_000,
    map_meant=msg("by loss after ITU-R P.1812"),
)
