"""Very many homes: neighbours are planned as one point, and what comes out is looked at home by home.

What a point stands for is at most as far apart as the notes of the plan say. From its tower not every home of a point
can be reached as the point can: in the plan stand those that keep every rule of their own path, and fit into the time
of the sector that they lie in; the notes say how many of those that the points promised that are. A bound for points
is none for homes: none is printed.
"""

from __future__ import annotations

import math
from dataclasses import replace
from typing import TYPE_CHECKING, NamedTuple

from cn_planner.coverage.service import roof_height_m, service
from cn_planner.geo import geodesic
from cn_planner.links.throughput import airtime_share
from cn_planner.message import msg
from cn_planner.model.history import Edit
from cn_planner.model.items import Items
from cn_planner.model.plan import Household, PlanStatus, Priority
from cn_planner.planning.costs import capital
from cn_planner.planning.explain import Kind, Unserved
from cn_planner.planning.found import DesignLink, basis_of
from cn_planner.planning.running import monthly_cost
from cn_planner.progress import part, silent

if TYPE_CHECKING:
    from collections.abc import Mapping
    from concurrent.futures import Executor

    from cn_planner.coverage.service import HomeService
    from cn_planner.model.equipment import Catalogue, CountryRules
    from cn_planner.model.plan import Plan, Site
    from cn_planner.planning.found import Design
    from cn_planner.progress import CancelToken, Progress
    from cn_planner.terrain.surface import Surface

_MOST_HOMES = 5_000
"""So many are planned one by one: with more the search takes minutes for little."""
_MOST_POINTS = 2_000
_FIRST_M = 25.0
_AT_ONCE = 10_000


class Points(NamedTuple):
    """Homes by the one that stands for them and itself, and the side of the squares that they lie in."""

    members: Mapping[str, tuple[Household, ...]]
    side_m: float


def points_of(homes: Items[Household], few: int = _MOST_HOMES, most: int = _MOST_POINTS) -> Points | None:
    """Return homes of one kind in squares of the ground, as small as give no more than so many points.

    A home that must be reached stands alone, however many they are. None where there are few homes.
    """
    if len(homes) <= few:
        return None
    south = min(home.latitude for home in homes.values())
    west = min(home.longitude for home in homes.values())
    widest = max(abs(home.latitude) for home in homes.values())
    north_m = 111_195.0
    east_m = north_m * math.cos(math.radians(min(widest, 89.0)))
    side = _FIRST_M
    while True:
        squares: dict[tuple[object, ...], list[Household]] = {}
        for home in homes.values():
            row, column = int((home.latitude - south) * north_m / side), int((home.longitude - west) * east_m / side)
            own = home.id if home.priority is Priority.MUST else ""
            alike = (home.kind, home.antenna_height_m, home.on_pole)
            squares.setdefault((row, column, own, *alike), []).append(home)
        wanted = sum(1 for key in squares if key[2])
        if len(squares) - wanted <= most or side > 100_000.0:
            break
        side *= math.sqrt(2.0)
    return Points({_middle(group).id: tuple(group) for group in squares.values()}, side)


def _middle(group: list[Household]) -> Household:
    latitude = sum(home.latitude for home in group) / len(group)
    longitude = sum(home.longitude for home in group) / len(group)
    narrow = math.cos(math.radians(latitude))

    def off(home: Household) -> tuple[float, str]:
        return math.hypot(home.latitude - latitude, (home.longitude - longitude) * narrow), home.id

    return min(group, key=off)


def as_points(plan: Plan, points: Points) -> Plan:
    """Return the plan with a point for each square in place of its homes."""
    stand_for = Items(
        replace(plan.households[key], weight=math.fsum(home.weight for home in group))
        for key, group in points.members.items()
    )
    return replace(plan, households=stand_for)


def home_by_home(
    found: Design,
    points: Points,
    surface: Surface,
    catalogue: Catalogue,
    law: CountryRules | None = None,
    *,
    pool: Executor | None = None,
    progress: Progress = silent,
    cancel: CancelToken | None = None,
) -> Design:
    """Return a design for points as one for their homes: each looked at on its own path.

    Raises
    ------
    CancelledError
    """
    if found.edit is None:
        return replace(found, homes_upper_bound=None, unserved=_all_alike(found, points, {}))
    progress(0.0, msg("Looking at each home of a point"))
    made = found.edit.plan
    asked = {
        home.id: replace(home, server=made.households[key].server)
        for key, group in points.members.items()
        for home in group
    }
    keys = sorted(key for key, home in asked.items() if home.server is not None)
    judged: dict[str, HomeService] = {}
    for start in range(0, len(keys), _AT_ONCE):
        some = replace(made, households=Items(asked[key] for key in keys[start : start + _AT_ONCE]))
        watch = part(progress, start / len(keys), min(1.0, (start + _AT_ONCE) / len(keys)))
        for one in service(some, surface, catalogue, law, pool=pool, progress=watch, cancel=cancel):
            judged[one.home] = one
    served = _with_time(made, asked, judged)
    homes = Items(home if key in served else replace(home, server=None) for key, home in asked.items())
    after = replace(made, households=homes)
    capex = capital(after, catalogue).total.total
    weight = math.fsum(asked[key].weight for key in sorted(served))
    promised = found.served
    outcome = made.outcome
    status = PlanStatus.FEASIBLE if found.status is PlanStatus.OPTIMAL else found.status
    if outcome is not None:
        outcome = replace(
            outcome, served=weight, capex=capex, status=status, lower_bound=None, gap=None, homes_upper_bound=None
        )
    after = replace(after, outcome=outcome)
    if outcome is not None:
        after = replace(after, outcome=replace(outcome, basis=basis_of(after)))
    carried: dict[str, float] = {}
    for key in sorted(served):
        carried[str(asked[key].server)] = carried.get(str(asked[key].server), 0.0) + asked[key].weight
    note = msg(
        "{homes:,} homes were planned as {points:,} points, each of homes in a square of {side:.0f} m. The points "
        "promised {promised:,.0f} homes; looked at one by one {served:,.0f} of them are reached ({pct:.1f} % less). "
        "How far from the best that is was not proven.",
        homes=len(asked), points=len(points.members), side=points.side_m, promised=promised, served=weight,
        pct=100.0 * (1.0 - weight / promised) if promised > 0.0 else 0.0,
    )  # fmt: skip
    return replace(
        found,
        edit=Edit(found.edit.label, after),
        status=status, served=weight, capex=capex, lower_bound=None, gap=None, homes_upper_bound=None,
        month=monthly_cost(after, catalogue, capex).total,
        sites=tuple(replace(site, homes=carried.get(site.id, 0.0)) for site in found.sites),
        links=(
            *(link for link in found.links if link.kind == "backhaul"),
            *(_access(made, asked[key], judged[key]) for key in sorted(served)),
        ),
        unserved=_all_alike(found, points, {key: home for key, home in asked.items() if key not in served}),
        notes=(*found.notes, note),
    )  # fmt: skip


def _with_time(plan: Plan, homes: Mapping[str, Household], judged: Mapping[str, HomeService]) -> set[str]:
    """Return the homes that are served by their own path, while the sector that they lie in has time for them.

    Those that must be reached go first, then those that take least time.
    """
    shares: dict[tuple[str, int], list[tuple[bool, float, str]]] = {}
    for key, one in judged.items():
        home = homes[key]
        site = plan.sites[str(home.server)]
        share = 0.0
        if _sector(site, home) >= 0:  # else by cable
            if not one.served or one.margin_db is None or one.margin_db < plan.rules.access_margin_db:
                continue
            share = float(airtime_share(plan.demand.busy_hour_mbps * home.weight, one.rate_down_mbps or 0.0))
        shares.setdefault((site.id, _sector(site, home)), []).append((home.priority is not Priority.MUST, share, key))
    served: set[str] = set()
    for rows in shares.values():
        used = 0.0
        for number, (_, share, key) in enumerate(sorted(rows)):
            # One home that alone needs more has a sector of its own.
            if used + share > 1.0 + 1e-9 and number > 0:
                continue
            used += share
            served.add(key)
    return served


def _sector(site: Site, home: Household) -> int:
    """Return the number of the sector that points nearest to a home."""
    if (site.latitude, site.longitude) == (home.latitude, home.longitude):
        return -1
    azimuth = geodesic(site.latitude, site.longitude, home.latitude, home.longitude).azimuth_deg
    off = [abs((sector.azimuth_deg - azimuth + 180.0) % 360.0 - 180.0) for sector in site.sectors]
    return min(range(len(off)), key=off.__getitem__, default=-1)


def _access(plan: Plan, home: Household, one: HomeService) -> DesignLink:
    site = plan.sites[str(home.server)]
    length = geodesic(site.latitude, site.longitude, home.latitude, home.longitude).distance_m
    return DesignLink(
        site.id, home.id, "access", site.mast_height_m or 0.0, roof_height_m(plan, home), length, one.margin_db,
        one.rate_down_mbps, one.rate_up_mbps,
    )  # fmt: skip


def _all_alike(found: Design, points: Points, left: Mapping[str, Household]) -> tuple[Unserved, ...]:
    """Return each home that is not served: with the reason of its point, or its own where its point is served."""
    rows = [replace(one, id=home.id) for one in found.unserved for home in points.members[one.id]]
    known = {one.id for one in rows}
    rows += [
        Unserved(
            key, Kind.WEAK,
            msg("Its neighbours are reached from {site}; its own path does not do, or the sector has no time left.",
                site=home.server or ""),
            None, None,
        )
        for key, home in left.items()
        if key not in known
    ]  # fmt: skip
    return tuple(sorted(rows, key=lambda one: one.id))
