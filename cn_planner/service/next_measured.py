"""Where to measure next: the places that would teach most of the homes."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from cn_planner.geo import geodesics
from cn_planner.links.place_model import PathPoints
from cn_planner.model.clients import roof_height_m

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from cn_planner.links.known_place import KnownPlace
    from cn_planner.progress import Run
    from cn_planner.study import Study

PLACES = 5
_MOST_HOMES, _MOST_ROWS = 300, 300
_EXCESS_DB = 15.0
"""Taken for all homes: what they lose beyond free space is not asked again here."""


class NextPlace(NamedTuple):
    """A place to measure at, from which site, and the share by which the doubt about all homes falls."""

    latitude: float
    longitude: float
    site: str
    gain: float


def next_places(study: Study, place: KnownPlace | None, run: Run) -> tuple[NextPlace, ...]:
    """Return the five homes that would teach most, one after the other.

    Parameters
    ----------
    study : Study
        The plan.
    place : KnownPlace or None
        What is known by now.
    run : Run
        Who may stop it.

    Notes
    -----
    Greedy: each next place takes away most of the variance of all homes by weight, given those before. Of very many
    homes some hundred stand for all, and so of measurements.
    """
    plan = study.plan
    homes = [plan.households[key] for key in sorted(plan.households)]
    towers = list(plan.used_sites.values()) or list(plan.sites.values())
    if place is None or not homes or not towers:
        return ()
    homes = [homes[n] for n in _spread(len(homes), _MOST_HOMES)]
    run.check()
    lat, lon = (np.array([getattr(one, name) for one in homes]) for name in ("latitude", "longitude"))
    away = np.stack(
        [
            geodesics(np.full(len(homes), one.latitude), np.full(len(homes), one.longitude), lat, lon)[2]
            for one in towers
        ]
    )
    names = {one.id: n for n, one in enumerate(towers)}
    server = np.array([names.get(home.server or "", int(away[:, n].argmin())) for n, home in enumerate(homes)])
    length = away[server, np.arange(len(homes))]
    sites = place.sites_at(
        np.array([towers[n].latitude for n in server]), np.array([towers[n].longitude for n in server])
    )
    freq = study.catalogue.kit(plan.kits.access).freq_mhz
    count, roofs = len(homes), np.array([roof_height_m(plan, one) for one in homes])
    points = PathPoints(
        lat, lon, sites, np.full(count, float(freq)), length, np.full(count, _EXCESS_DB), np.full(count, 0.5),
        roofs,
    )  # fmt: skip
    cov = _known(place, points)
    weight = np.array([home.weight for home in homes])
    noise = place.reading_sd_db**2
    total = float(weight @ np.diag(cov))
    found = []
    for _ in range(min(PLACES, count)):
        run.check()
        told = (weight @ (cov**2)) / (np.diag(cov) + noise)
        best = int(told.argmax())
        found.append(
            NextPlace(float(lat[best]), float(lon[best]), towers[int(server[best])].id, float(told[best]) / total)
        )
        cov = cov - np.outer(cov[best], cov[best]) / (cov[best, best] + noise)
    return tuple(found)


def _spread(count: int, most: int) -> list[int]:
    return sorted(set(np.linspace(0, count - 1, min(count, most)).astype(np.int64).tolist()))


def _known(place: KnownPlace, points: PathPoints) -> NDArray[np.float64]:
    """Return the covariance of levels at places, given what was measured."""
    posterior = place.posterior
    model, at = posterior.model, posterior.model.features(points)
    some = np.array(_spread(len(posterior.value_db), _MOST_ROWS))
    rows, variance = posterior.rows.take(some), posterior.variance_db2[some]
    prior2 = model.prior_sd**2
    within = model.covariance(rows, rows) + (rows.common * prior2) @ rows.common.T + np.diag(variance)
    across = model.covariance(at, rows) + (at.common * prior2) @ rows.common.T
    own = model.covariance(at, at) + (at.common * prior2) @ at.common.T
    found: NDArray[np.float64] = own - across @ np.linalg.solve(within, across.T)
    return found
