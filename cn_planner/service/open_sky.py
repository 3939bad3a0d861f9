"""How much of the sky a satellite connection may use the ground hides at a site: from the terrain's own horizon."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from cn_planner.coverage.panorama import panorama
from cn_planner.errors import MissingTerrainError
from cn_planner.links.conditions import conditions_of
from cn_planner.message import msg
from cn_planner.model.gateways import uplink_kind
from cn_planner.model.plan import SiteRole

if TYPE_CHECKING:
    from cn_planner.message import Message
    from cn_planner.model.plan import Site
    from cn_planner.study import Study

FELT = 0.01
"""A share of the sky from which on a connection is said to break off; less is a moment each hour. An assumption."""
_DISH_M = 3.0
"""Of a terminal on a pole, where no mast stands."""
_COLUMNS, _RANGE_M = 720, 15_000.0
"""Half a degree each; ground of 3 km and more over the dish would have to stand beyond, to be seen so high."""


class OpenSky(NamedTuple):
    """What the ground takes of the sky above the lowest elevation of the satellites.

    Attributes
    ----------
    hidden : float
        Share of that sky, by solid angle.
    from_deg : float
        That elevation.
    highest_deg, bearing_deg : float
        How high the ground stands at most, and where.
    """

    hidden: float
    from_deg: float
    highest_deg: float
    bearing_deg: float

    def words(self) -> Message:
        """Return it in a sentence."""
        if self.hidden <= 0.0:
            return msg(
                "The sky above {deg:.0f}° is open: the ground stands at most {high:.0f}° high.",
                deg=self.from_deg, high=max(self.highest_deg, 0.0),
            )  # fmt: skip
        return msg(
            "The ground hides {pct:.1f} % of the sky above {deg:.0f}°: it stands {high:.0f}° high towards "
            "{bearing:.0f}°.",
            pct=100.0 * self.hidden, deg=self.from_deg, high=self.highest_deg, bearing=self.bearing_deg,
        )  # fmt: skip


def by_satellite(site: Site) -> bool:
    """Return whether the Internet enters at a site from a satellite, or would."""
    may = site.role in {SiteRole.GATEWAY, SiteRole.GATEWAY_OPTION}
    return may and site.uplink is not None and uplink_kind(site.uplink) == "satellite"


def open_sky(study: Study, site: Site) -> OpenSky | None:
    """Return how much of the sky the ground hides at a site; None where the terrain there is not known.

    From the top of its mast, or a pole's height where there is none. Trees and houses count as far as files know them;
    what stands beside the dish nobody measured.
    """
    if study.surface.empty:
        return None
    try:
        seen = panorama(
            study.surface, site.latitude, site.longitude, max(site.mast_height_m or 0.0, _DISH_M),
            shape=(2, _COLUMNS), range_m=_RANGE_M, k_factor=conditions_of(study.plan).k_factor,
        )  # fmt: skip
    except MissingTerrainError:
        return None
    up = np.nan_to_num(seen.horizon_deg, nan=-90.0)
    least = study.plan.rules.sky_from_deg
    low = np.sin(np.radians(least))
    hidden = float(np.maximum(np.sin(np.radians(up)) - low, 0.0).mean() / max(1.0 - low, 1e-9))
    at = int(up.argmax())
    return OpenSky(hidden, least, float(up[at]), float(seen.azimuth_deg[at]) % 360.0)
