"""Where a mast may stand, and how high: what people ruled out, no-build zones, the masts of the shelf."""

from __future__ import annotations

from functools import reduce
from typing import TYPE_CHECKING

from cn_planner.errors import InputError
from cn_planner.message import msg
from cn_planner.model.gateways import keeps_connection
from cn_planner.model.plan import Choice, SiteRole, Status

if TYPE_CHECKING:
    from collections.abc import Callable

    from cn_planner.economics.costs import UnitCosts
    from cn_planner.message import Message
    from cn_planner.model.plan import Plan, Site


def allowed_sites(plan: Plan, costs: UnitCosts, left_out: dict[str, Message]) -> list[tuple[Site, list[float]]]:
    """Return the sites that may be chosen, each with its heights; the others with the reason go to `left_out`."""
    in_zone = zones_of(plan)
    chosen: list[tuple[Site, list[float]]] = []
    wrong: dict[str, Message] = {}
    for key, site in plan.sites.items():
        allowed, reason = heights_allowed(plan, costs, site, in_zone)
        if reason is not None and (site.choice is Choice.LOCKED or keeps_connection(site)):
            name = site.name or key
            wrong[key] = msg("{site} is locked into the plan and cannot be in it: {reason}", site=name, reason=reason)
        if reason is None:
            chosen.append((site, allowed))
        else:
            left_out[key] = reason
    if wrong:
        what = reduce(lambda one, other: msg("{one} {other}", one=one, other=other), wrong.values())
        raise InputError(what, where=", ".join(wrong), fix=msg("Unlock it, or take that away."))
    return chosen


def heights_allowed(
    plan: Plan, costs: UnitCosts, site: Site, in_zone: Callable[[Site], str | None]
) -> tuple[list[float], Message | None]:
    """Return the masts that a site may have, rising, and the reason where it may not be chosen at all."""
    name = site.name or site.id
    zone = None if site.status is Status.BUILT else in_zone(site)
    kept = site.role is SiteRole.EXISTING or site.status is Status.BUILT or site.choice is Choice.LOCKED
    fixed = site.role in (SiteRole.EXISTING, SiteRole.RELAY) or site.status is Status.BUILT
    if site.keep_mast_m is not None and not fixed:
        allowed = [site.keep_mast_m] if 0 < site.keep_mast_m <= site.max_height_m + 1e-9 else []
    elif site.mast_height_m is not None and kept:
        allowed = [site.mast_height_m]
    elif site.role is SiteRole.RELAY:  # its pole is that of the home's antenna
        allowed = [site.max_height_m]
    else:
        allowed = [h for h in sorted(set(plan.rules.mast_heights_m)) if 0 < h <= site.max_height_m + 1e-9]
        allowed = allowed or ([site.max_height_m] if site.max_height_m > 0 else [])
    allowed = [h for h in allowed if costs.site(site, h) is not None]
    reason: Message | None = None
    if site.status is Status.REJECTED:
        reason = msg("{site} was rejected.", site=name)
    elif site.choice is Choice.FORBIDDEN:
        reason = msg("{site} is forbidden.", site=name)
    elif zone is not None:
        reason = msg("{site} lies in {zone}, where nothing may be built.", site=name, zone=zone)
    elif not allowed:
        reason = msg("No mast on the shelf fits {site}: at most {most:g} m.", site=name, most=site.max_height_m)
    elif site.mast_height_m is not None and kept and site.mast_height_m > site.max_height_m + 1e-9:
        reason = msg("{site} keeps a mast higher than the {most:g} m allowed.", site=name, most=site.max_height_m)
    return allowed, reason


def zones_of(plan: Plan) -> Callable[[Site], str | None]:
    """Return a question: the zone where nothing may be built that a site lies in, by its name; None where in none."""
    rings = [zone for zone in plan.zones.values() if zone.no_build and len(zone.ring) >= 3]
    if not rings:
        return lambda _site: None
    from shapely import Point, Polygon, make_valid

    shapes = [(zone.name or zone.id, make_valid(Polygon([(lon, lat) for lat, lon in zone.ring]))) for zone in rings]

    def find(site: Site) -> str | None:
        here = Point(site.longitude, site.latitude)
        return next((name for name, shape in shapes if shape.intersects(here)), None)

    return find
