"""What stands in a panorama: towers, homes and hills, each with its bearing, and what hides it where it is hidden."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from cn_planner.errors import MissingTerrainError
from cn_planner.geo import along_geodesic, geodesic, geodesics
from cn_planner.message import Message, msg
from cn_planner.model.clients import roof_height_m
from cn_planner.progress import ALONE, Run
from cn_planner.propagation.clearance import path_clearance
from cn_planner.service.path_view import PathEnd, path_view
from cn_planner.units import EARTH_RADIUS_M

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from cn_planner.coverage.panorama import Panorama
    from cn_planner.service.path_view import LinkView
    from cn_planner.study import Study

NEAR_M = 30_000.0
"""Other ends are looked for so far away."""
_PROMINENT_DEG = 0.25
"""A hill stands so far above the higher of the dips beside it,"""
_BESIDE_DEG, _AROUND_DEG = 1.5, 5.0
"""is the highest so far to both sides, and its dips are looked for so far."""
_MOST_HILLS = 9
_SAME_TOP_M = 600.0


class SightLine(StrEnum):
    """What the ground says of the line from the eye to another end."""

    SEEN = "seen"
    DOUBTFUL = "doubtful"
    """Clear of the ground, not of trees or houses."""
    HIDDEN = "hidden"
    UNKNOWN = "unknown"
    """Terrain is missing on the way."""


@dataclass(frozen=True, slots=True)
class OtherEnd:
    """Another end of a path from the eye.

    Attributes
    ----------
    kind, id, name : str
        ``site`` or ``household``, as the plan names it.
    azimuth_deg, elevation_deg, distance_m : float
        True bearing, angle of its antenna above the horizontal, and how far it is.
    sight : SightLine
    clearance_m, at_m : float or None
        Clearance over what stands at the tightest place of the path, m, negative where that hides the end, and where it
        is, m from the eye; None where terrain is missing.
    stands : bool
        Whether it has a mast in the plan, or is a home.
    """

    kind: str
    id: str
    name: str
    azimuth_deg: float
    elevation_deg: float
    distance_m: float
    sight: SightLine
    clearance_m: float | None
    at_m: float | None
    stands: bool

    @property
    def words(self) -> Message:
        """What the ground says, in words."""
        if self.clearance_m is None or self.at_m is None:
            return msg("Terrain is missing on the way.")
        km, m = self.at_m / 1e3, abs(self.clearance_m)
        match self.sight:
            case SightLine.HIDDEN:
                return msg("Hidden: the ground at {km:.1f} km stands {m:.0f} m above the line.", km=km, m=m)
            case SightLine.DOUBTFUL:
                return msg("Trees or roofs at {km:.1f} km stand {m:.0f} m above the line.", km=km, m=m)
        return msg("In sight, {m:.0f} m clear.", m=m)


class OutlookHill(NamedTuple):
    """A hill on the skyline: bearing and angle, degrees; how far, m; how high above sea level, m; its name if known."""

    azimuth_deg: float
    elevation_deg: float
    distance_m: float
    amsl_m: float
    name: str = ""


def other_ends(study: Study, seen: Panorama, *, homes: Iterable[str] = (), run: Run = ALONE) -> tuple[OtherEnd, ...]:
    """Return towers and places for towers within `NEAR_M`, and homes that are named, by bearing from north.

    Parameters
    ----------
    study : Study
        Its obstacles and trees stand on the paths.
    seen : Panorama
        Where the eye is.
    homes : iterable of str
        Ids of homes that are looked for too.
    """
    plan = study.plan
    here = PathEnd(seen.latitude, seen.longitude, seen.eye_m)
    found = []
    ends = [PathEnd(one.latitude, one.longitude, None, "site", one.id) for one in plan.sites.values()]
    ends += [
        PathEnd(home.latitude, home.longitude, roof_height_m(plan, home), "household", key)
        for key, home in ((key, plan.households[key]) for key in homes)
    ]
    for n, end in enumerate(ends):
        run.check()
        run.progress(n / len(ends))
        length = geodesic(seen.latitude, seen.longitude, end.latitude, end.longitude).distance_m
        if not 1.0 < length <= NEAR_M:
            continue
        try:
            found.append(_end(study, seen, path_view(study, here, end)))
        except MissingTerrainError:
            continue
    return tuple(sorted(found, key=lambda one: (one.azimuth_deg, one.distance_m, one.id)))


def _end(study: Study, seen: Panorama, view: LinkView) -> OtherEnd:
    profile, there = view.profile, view.b
    amsl = profile.ground_m[0] + seen.eye_m, profile.ground_m[-1] + (there.height_m or 0.0)
    sight = SightLine.UNKNOWN
    clearance: float | None = None
    at: float | None = None
    if not np.isnan(profile.ground_m).any():
        bare, covered = (
            path_clearance(profile.distance_m, top, *amsl, view.freq_mhz, seen.k_factor)
            for top in (profile.ground_m, profile.ground_m + profile.cover_m)
        )
        worst = bare if not bare.line_of_sight else covered
        clearance, at = float(worst.clearance_m), float(worst.least_at_m)
        sight = SightLine.HIDDEN if not bare.line_of_sight else SightLine.DOUBTFUL
        if covered.line_of_sight:
            # At the ends it is the height of the eye or the mast: what counts is the tightest place between.
            sight, at = SightLine.SEEN, float(covered.at_m)
            between = float(view.clear_m[covered.at_index]) if covered.at_index > 0 else clearance
            clearance = max(between, 0.0)
    site = study.plan.sites.get(there.id) if there.kind == "site" else None
    return OtherEnd(
        there.kind, there.id, view.names[1], profile.azimuth_deg,
        seen.elevation_of(profile.length_m, float(amsl[1])), profile.length_m, sight, clearance, at,
        site is None or site.stands,
    )  # fmt: skip


def hills_ahead(seen: Panorama) -> tuple[OutlookHill, ...]:
    """Return the hills that stand out of the skyline, the most prominent first."""
    line = np.where(np.isnan(seen.horizon_deg), -90.0, seen.horizon_deg)
    step = float(seen.azimuth_deg[1] - seen.azimuth_deg[0])
    beside, around = max(1, round(_BESIDE_DEG / step)), max(2, round(_AROUND_DEG / step))
    padded = np.pad(line, around, mode="edge")
    windows = np.lib.stride_tricks.sliding_window_view(padded, 2 * around + 1)
    near = windows[:, around - beside : around + beside + 1]
    dips = np.maximum(windows[:, : around + 1].min(axis=1), windows[:, around:].min(axis=1))
    top = (line > -90.0) & (np.argmax(near, axis=1) == beside) & (line - dips >= _PROMINENT_DEG)
    peaks = np.flatnonzero(top)
    order = np.argsort(-(line - dips)[peaks], kind="stable")[:_MOST_HILLS]
    found = []
    for column in peaks[order].tolist():
        ground = seen.distance_m[:, column]
        far = float(ground[np.flatnonzero(~np.isnan(ground))[0]])
        drop = far**2 / (2.0 * seen.k_factor * EARTH_RADIUS_M)
        amsl = seen.eye_amsl_m + far * float(np.tan(np.radians(line[column]))) + drop
        found.append(OutlookHill(float(seen.azimuth_deg[column]) % 360.0, float(line[column]), far, amsl))
    return tuple(found)


def named_hills(
    seen: Panorama, found: Sequence[OutlookHill], peaks: Sequence[tuple[str, float, float]]
) -> tuple[OutlookHill, ...]:
    """Return the hills with the names of the peaks that they are.

    Parameters
    ----------
    seen : Panorama
        Where the eye is.
    found : sequence of OutlookHill
    peaks : sequence of (name, latitude, longitude)
        Those that a map names. A hill is the peak nearest to its top within `_SAME_TOP_M`: what one sees of a summit is
        its shoulder on this side.
    """
    if not peaks:
        return tuple(found)
    names = [name for name, _, _ in peaks]
    lat, lon = np.array([place for _, *place in peaks], np.float64).T
    told = []
    for hill in found:
        top = along_geodesic(seen.latitude, seen.longitude, hill.azimuth_deg, np.array([hill.distance_m]))
        away = geodesics(np.full(len(lat), top[0][0]), np.full(len(lat), top[1][0]), lat, lon)[2]
        nearest = int(np.argmin(away))
        told.append(hill._replace(name=names[nearest]) if away[nearest] <= _SAME_TOP_M else hill)
    return tuple(told)
