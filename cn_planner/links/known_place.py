"""What measurements taught of a place, as paths to homes ask for it: by how much their levels are off, and how sure."""

from __future__ import annotations

from dataclasses import dataclass
from threading import Lock
from typing import TYPE_CHECKING

import numpy as np

from cn_planner.links.place_model import LevelError, PathPoints, Posterior, posterior_of, tenfold_height
from cn_planner.propagation.free_space import free_space_loss_db

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

    from cn_planner.links.sight import Sight
    from cn_planner.model.measurement import Calibration
    from cn_planner.model.plan import Plan
    from cn_planner.terrain.profile import PathProfile

_SAME_DEG = 1e-3
"""A sender within some 100 m of a site that was measured is that site: towers of maps stand in the middles of cells."""
_KEPT = 4


@dataclass(frozen=True, slots=True, eq=False)
class KnownPlace:
    """What was learned, and where the senders stand that were measured; NaN for one that is gone from the plan.

    Attributes
    ----------
    posterior : Posterior
    reading_sd_db : float
        What each single home is off by beside.
    latitude, longitude : float64 arrays
    made : str
        Digest of what was learned.
    """

    posterior: Posterior
    reading_sd_db: float
    latitude: NDArray[np.float64]
    longitude: NDArray[np.float64]
    made: str

    def __repr__(self) -> str:
        """Name it by what was learned: keys of kept results hold it."""
        return f"KnownPlace({self.made}, {self.latitude.tolist()}, {self.longitude.tolist()})"

    def sites_at(self, latitude: NDArray[np.float64], longitude: NDArray[np.float64]) -> NDArray[np.int64]:
        """Return the number of the measured sender at each place, of several the nearest; -1 where there is none."""
        found, least = np.full(len(latitude), -1, np.int64), np.full(len(latitude), np.inf)
        shrink = np.cos(np.radians(latitude))
        for number in range(len(self.latitude)):
            north = np.abs(latitude - self.latitude[number])
            east = np.abs((longitude - self.longitude[number] + 180.0) % 360.0 - 180.0)
            away = np.hypot(north, east * shrink)
            nearer = (north < _SAME_DEG) & (east < _SAME_DEG) & (away < least)
            found[nearer], least[nearer] = number, away[nearer]
        return found

    def of_paths(
        self,
        ends: tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.float64], NDArray[np.float64]],
        height_m: ArrayLike,
        freq_mhz: float,
        distance_m: NDArray[np.float64],
        loss_db: NDArray[np.float64],
        clearance_f1: NDArray[np.float64],
        neighbours: int = 24,
    ) -> LevelError:
        """Return by how much levels are off on paths.

        Parameters
        ----------
        ends : four float64 arrays of paths
            Latitude and longitude of the senders, then of the receivers, degrees.
        height_m : array_like
            Of the receivers above ground, m.
        freq_mhz : float
            Frequency.
        distance_m, loss_db, clearance_f1 : float64 arrays of paths
            Length, predicted loss, least clearance in first Fresnel radii; NaN where terrain is missing.
        neighbours : int
            How many measurements count for each.

        Returns
        -------
        LevelError
            The local deviation holds what each home is off by beside. NaN where the loss is.
        """
        free = free_space_loss_db(np.maximum(distance_m, 1.0), freq_mhz)
        excess = np.nan_to_num(loss_db - free)
        points = PathPoints(
            ends[2], ends[3], self.sites_at(ends[0], ends[1]), np.full(len(distance_m), freq_mhz), distance_m,
            excess, clearance_f1, np.broadcast_to(np.asarray(height_m, np.float64), distance_m.shape),
        )  # fmt: skip
        found = self.posterior.at(points, neighbours)
        gone = np.where(np.isnan(loss_db), np.nan, 0.0)
        local = np.sqrt(found.local_sd_db**2 + self.reading_sd_db**2)
        return LevelError(found.shift_db + gone, found.common_sd_db + gone, local + gone)

    @property
    def excess_slope(self) -> float:
        """By how much the level is off for each dB of predicted excess loss."""
        return float(self.posterior.mean[-3])

    def gained_db(self, height_m: NDArray[np.float64], usual_m: NDArray[np.float64]) -> NDArray[np.float64]:
        """Return by how much more the level is off at a height of the receiver than at another, m, dB."""
        gain = float(self.posterior.mean[-1])
        return gain * (tenfold_height(height_m) - tenfold_height(usual_m))


_lock = Lock()
_posteriors: list[tuple[Calibration, Posterior]] = []


def known_place(plan: Plan) -> KnownPlace | None:
    """Return what a plan's measurements taught, None where nothing counts; the last ones are kept."""
    calibration = plan.calibration
    if not calibration.on:
        return None
    with _lock:
        kept = next((posterior for one, posterior in _posteriors if one is calibration), None)
        if kept is None:
            kept = posterior_of(calibration)
            _posteriors.insert(0, (calibration, kept))
            del _posteriors[_KEPT:]
    sites = [plan.sites.get(key) for key in calibration.sites]
    places = np.array([(np.nan, np.nan) if one is None else (one.latitude, one.longitude) for one in sites])
    lat, lon = places.reshape(-1, 2).T
    return KnownPlace(kept, calibration.reading_sd_db, lat, lon, calibration.made)


def sight_at(
    place: KnownPlace | None,
    profile: PathProfile,
    heights_m: tuple[float, float],
    freq_mhz: float,
    loss_db: float,
    sight: Sight,
) -> tuple[Sight, float]:
    """Return how clear one path is with what was measured of its place, and by how much its level is off, dB.

    The first end of the profile is the sender that was measured, else the second; ``heights_m`` of both antennas.
    """
    if place is None:
        return sight, 0.0
    lat, lon = (np.asarray(one[[0, -1]], np.float64) for one in (profile.latitude, profile.longitude))
    first, second = place.sites_at(lat, lon).tolist()
    height = heights_m[1]
    if first < 0 <= second:
        lat, lon, height = lat[::-1], lon[::-1], heights_m[0]
    found = place.of_paths(
        (lat[:1], lon[:1], lat[1:], lon[1:]), height, freq_mhz, np.array([profile.length_m]), np.array([loss_db]),
        np.array([sight.clearance_f1], np.float64),
    )  # fmt: skip
    shift, common, local = (float(one[0]) for one in found)
    return sight._replace(common_sd_db=common, local_sd_db=local), shift
