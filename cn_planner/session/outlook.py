"""Standing somewhere and looking round: the panorama of a plan's ground, what stands in it, and its picture."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from cn_planner.coverage.panorama import Panorama, panorama
from cn_planner.drawing.palette import Theme
from cn_planner.drawing.panorama_chart import AXIS, panorama_chart
from cn_planner.i18n import SOURCE_LANGUAGE
from cn_planner.links.conditions import link_conditions_of
from cn_planner.progress import ALONE, Run
from cn_planner.service.outlook import OtherEnd, OutlookHill, hills_ahead, named_hills, other_ends

if TYPE_CHECKING:
    from collections.abc import Sequence

    from cn_planner.drawing.display import DisplayList
    from cn_planner.study import Study

_FINE = 2.0
"""Pixels of the picture for each point of its drawing."""


@dataclass(frozen=True, slots=True)
class Eye:
    """Where somebody stands and looks.

    Attributes
    ----------
    latitude, longitude : float
        Degrees, WGS 84.
    height_m : float
        Of the eye above the ground.
    towards_deg, span_deg : float
        True bearing of the middle of the picture, and how much of the round it shows.
    """

    latitude: float
    longitude: float
    height_m: float
    towards_deg: float = 0.0
    span_deg: float = 360.0

    def same_place(self, other: Eye) -> bool:
        """Return whether both stand at one place at one height, wherever they look."""
        return replace(self, towards_deg=other.towards_deg, span_deg=other.span_deg) == other


@dataclass(frozen=True, slots=True, eq=False)
class Outlook:
    """What is seen: the ground, the other ends by bearing, the hills, and the picture of it all."""

    eye: Eye
    seen: Panorama
    ends: tuple[OtherEnd, ...]
    hills: tuple[OutlookHill, ...]
    picture: DisplayList

    def as_dict(self) -> dict[str, Any]:
        """Return what ``panorama --json`` prints."""
        return {
            "latitude": self.eye.latitude,
            "longitude": self.eye.longitude,
            "eye_m": self.eye.height_m,
            "ground_m": round(self.seen.ground_m, 2),
            "ends": [
                {
                    "kind": one.kind,
                    "id": one.id,
                    "azimuth_deg": round(one.azimuth_deg, 2),
                    "elevation_deg": round(one.elevation_deg, 3),
                    "distance_m": round(one.distance_m, 1),
                    "sight": one.sight.value,
                    "clearance_m": None if one.clearance_m is None else round(one.clearance_m, 2),
                    "at_m": None if one.at_m is None else round(one.at_m, 1),
                }
                for one in self.ends
            ],
            "hills": [
                {
                    "azimuth_deg": round(one.azimuth_deg, 2),
                    "elevation_deg": round(one.elevation_deg, 3),
                    "distance_m": round(one.distance_m),
                    "height_m": round(one.amsl_m),
                    "name": one.name or None,
                }
                for one in self.hills
            ],
        }


def ends_round(study: Study, eye: Eye, run: Run = ALONE) -> tuple[OtherEnd, ...]:
    """Return the other ends of paths from a place, by bearing; errors are those of `look_round`."""
    k_factor = link_conditions_of(study.plan).k_factor
    here = panorama(
        study.surface, eye.latitude, eye.longitude, eye.height_m, shape=(2, 2), range_m=1e3, k_factor=k_factor
    )
    return other_ends(study, here, run=run)


def look_round(
    study: Study,
    eye: Eye,
    *,
    size: tuple[float, float] = (760.0, 250.0),
    theme: Theme = Theme.LIGHT,
    language: str = SOURCE_LANGUAGE,
    imperial: bool = False,
    known: tuple[OtherEnd, ...] | None = None,
    peaks: Sequence[tuple[str, float, float]] = (),
    run: Run = ALONE,
) -> Outlook:
    """Return what is seen from a place of a plan.

    Parameters
    ----------
    study : Study
    eye : Eye
    size : (float, float)
        Width and height of the picture, points.
    theme, language, imperial
        Of the picture.
    known : tuple of OtherEnd, optional
        The other ends, where they are known of the same place and height already.
    peaks : sequence of (name, latitude, longitude)
        Hills that a map names.

    Raises
    ------
    InputError
        Where a figure is not what it may be.
    MissingTerrainError, FileError
        Where there is no terrain at the place, or a file of it cannot be read.
    CancelledError
    """
    shape = max(2, round(_FINE * (size[1] - AXIS))), max(2, round(_FINE * size[0]))
    k_factor = link_conditions_of(study.plan).k_factor
    seen = panorama(
        study.surface, eye.latitude, eye.longitude, eye.height_m,
        towards_deg=eye.towards_deg, span_deg=eye.span_deg, shape=shape, k_factor=k_factor, run=run.part(0.0, 0.3),
    )  # fmt: skip
    ends = other_ends(study, seen, run=run.part(0.3, 0.9)) if known is None else known
    tops = named_hills(seen, hills_ahead(seen), peaks)
    picture = panorama_chart(
        seen, ends, tops, width=size[0], height=size[1], theme=theme, language=language, imperial=imperial
    )
    run.progress(1.0)
    return Outlook(eye, seen, ends, tops, picture)
