"""Whether positions can be meant as they stand: on the globe, not turned round, where the plan is."""

from __future__ import annotations

import re
from collections.abc import Callable
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import numpy as np

from cn_planner.errors import InputError
from cn_planner.importers.left_out import Reason, Tally
from cn_planner.message import Message, msg

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from cn_planner.model.plan import Plan

GroundHeights = Callable[["NDArray[np.float64]", "NDArray[np.float64]"], "NDArray[np.float64]"]
"""From latitudes and longitudes, degrees, to the height of the ground, m; NaN where it is not known."""
PlaceBounds = tuple[float, float, float, float]
"""South, west, north, east in degrees."""
_MARGIN_DEG = 0.5
_TILE = re.compile(r"^([NS])(\d{2})([EW])(\d{3})", re.IGNORECASE)


def why_not(latitude: float, longitude: float) -> tuple[str, Message] | None:
    """Return the field that is wrong and why, None where the position can be meant."""
    if not -90.0 <= latitude <= 90.0:
        if abs(latitude) > 1000.0:
            return "latitude", msg("{value:g} looks like metres: degrees are needed.", value=latitude)
        return "latitude", msg("{value:g} is not between -90 and 90 degrees.", value=latitude)
    if not -180.0 <= longitude <= 180.0:
        if abs(longitude) > 1000.0:
            return "longitude", msg("{value:g} looks like metres: degrees are needed.", value=longitude)
        return "longitude", msg("{value:g} is not between -180 and 180 degrees.", value=longitude)
    if latitude == 0.0 == longitude:
        return "latitude", msg("0, 0 lies in the sea off Africa: it stands where a position was not known.")
    return None


def bounds_of(plan: Plan) -> tuple[PlaceBounds, ...]:
    """Return where the plan is, as far as it says: its sites and homes, and its tiles of elevation."""
    found: list[PlaceBounds] = []
    for table in (plan.sites, plan.households):
        if table:
            latitude = [thing.latitude for thing in table.values()]
            longitude = [thing.longitude for thing in table.values()]
            west, east = _arc(longitude)
            found.append((min(latitude), west, max(latitude), east))
    for name in plan.terrain:
        tile = _TILE.match(name)
        if tile:
            south = float(tile[2]) * (1.0 if tile[1].upper() == "N" else -1.0)
            west = float(tile[4]) * (1.0 if tile[3].upper() == "E" else -1.0)
            found.append((south, west, south + 1.0, west + 1.0))
    return tuple(found)


def _inside(
    latitude: NDArray[np.float64], longitude: NDArray[np.float64], places: Sequence[PlaceBounds]
) -> NDArray[np.bool_]:
    inside = np.zeros(latitude.shape, dtype=bool)
    for south, west, north, east in places:
        width = 360.0 if east - west >= 360.0 else (east - west) % 360.0
        inside |= (
            (latitude >= south - _MARGIN_DEG)
            & (latitude <= north + _MARGIN_DEG)
            & ((longitude - west + _MARGIN_DEG) % 360.0 <= width + 2.0 * _MARGIN_DEG)
        )
    return inside


def _arc(longitude: Sequence[float]) -> tuple[float, float]:
    """Return west and east of the shortest arc that holds all; beyond 180 degrees east lies west of west."""
    rows = sorted(set(longitude))
    gaps = [east - west for west, east in pairwise(rows)] + [rows[0] + 360.0 - rows[-1]]
    widest = max(range(len(gaps)), key=gaps.__getitem__)
    return rows[(widest + 1) % len(rows)], rows[widest]


def _share_inside(
    latitude: NDArray[np.float64], longitude: NDArray[np.float64], places: Sequence[PlaceBounds]
) -> float:
    return float(_inside(latitude, longitude, places).mean())


def turned_round(latitude: NDArray[np.float64], longitude: NDArray[np.float64], places: Sequence[PlaceBounds]) -> bool:
    """Return whether positions, as they stand, lie elsewhere than the plan, and turned round lie where it is."""
    return (
        bool(places)
        and _share_inside(latitude, longitude, places) < 0.5
        and _share_inside(longitude, latitude, places) >= 0.5
    )


def doubtful_places(
    things: Sequence[tuple[Any, int]], places: Sequence[PlaceBounds], ground: GroundHeights | None
) -> tuple[Reason, ...]:
    """Return what is to be looked at: places turned round where most are not, in the sea, where no ground is known.

    ``things``: sequence of (thing, row), those that are taken. ``places``: where the plan is; empty where it does not
    say. ``ground``: callable or None, none where the plan has no terrain.
    """
    latitude = np.array([thing.latitude for thing, _ in things], np.float64)
    longitude = np.array([thing.longitude for thing, _ in things], np.float64)
    tally = Tally()

    def note(hit: NDArray[np.bool_], why: Message) -> None:
        tally.add(why, [things[at][1] for at in np.flatnonzero(hit).tolist()])

    away = np.zeros(len(things), bool)
    if places:
        away = ~_inside(latitude, longitude, places)
        turned = away & _inside(longitude, latitude, places)
        note(turned, msg("latitude and longitude seem to be turned round."))
        away &= ~turned
        note(away, msg("the place lies elsewhere than the plan."))
        away |= turned
    if ground is not None:
        height = np.full(len(things), np.nan)
        height[~away] = ground(latitude[~away], longitude[~away])
        note(~away & np.isnan(height), msg("no ground is known there: outside of the terrain, or a gap in it."))
        note(height == 0.0, msg("the ground is at 0 m: the place lies in the sea, or at its shore."))
    return tally.reasons()


def check_place(
    latitude: Sequence[float],
    longitude: Sequence[float],
    places: Sequence[PlaceBounds],
    *,
    file: str,
    latitude_column: str,
    longitude_column: str,
) -> Message | None:
    """Look at all positions of a file together, those that cannot be meant included.

    Returns a warning where they lie elsewhere than the plan. Raises InputError where latitude and
    longitude are turned round: by what they may be, or by where the plan is.
    """
    if not latitude:
        return None
    lat, lon = np.asarray(latitude, np.float64), np.asarray(longitude, np.float64)
    off = np.abs(lat) > 90.0
    fits_turned = (np.abs(lon) <= 90.0) & (np.abs(lat) <= 180.0)
    turned = bool(off.any()) and float((off & fits_turned).mean()) >= 0.5
    if turned and places:  # one slip among few rows turns none of those that lie where the plan is
        turned = _share_inside(lon, lat, places) >= _share_inside(lat, lon, places)
    if not turned and places and _share_inside(lat, lon, places) < 0.5:
        turned = turned_round(lat, lon, places)
        if not turned:
            return msg(
                "Most of the positions lie elsewhere than the plan: about {latitude:.2f}, {longitude:.2f}.",
                latitude=float(np.median(lat)),
                longitude=_middle(lon),
            )
    if turned:
        raise InputError(
            msg("Latitude and longitude are turned round."),
            where=file,
            fix=msg(
                "Import it with --map {latitude} --map {longitude}.",
                latitude=_word("latitude", longitude_column),
                longitude=_word("longitude", latitude_column),
            ),
        )
    return None


def _middle(longitude: NDArray[np.float64]) -> float:
    """Return the median of longitudes that may lie on both sides of 180 degrees."""
    west, _ = _arc(longitude.tolist())
    return float((west + np.median((longitude - west) % 360.0) + 180.0) % 360.0 - 180.0)


def _word(field: str, column: str) -> str:
    pair = f"{field}={column}"
    return f"'{pair}'" if re.search(r"[^\w=.-]", pair) else pair
