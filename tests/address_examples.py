"""A network to give addresses to: a gateway, towers behind one another, homes round them."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise
from typing import TYPE_CHECKING

from cn_planner.model import edits
from cn_planner.model.plan import Household, Info, Link, Plan, Sector, Site, SiteRole, Uplink

if TYPE_CHECKING:
    from collections.abc import Iterable

SECRET = "0123456789abcdef0123456789abcdef"  # noqa: S105 - of the tests


def tower(key: str, name: str = "", number: int = 1, sectors: int = 2) -> Site:
    """Return a tower with sectors to the north and to the south."""
    beams = tuple(Sector(f"{key}-S{n + 1}", "village-sector-5ghz", 180.0 * n) for n in range(sectors))
    return Site(key, name or key, -1.0 + 0.05 * number, 36.0, mast_height_m=18.0, sectors=beams)


def homes(site: Site, count: int) -> list[Household]:
    """Return homes of a tower, in turn to the north and to the south."""
    return [
        Household(f"{site.id}-h{n:03}", f"Family {n}", site.latitude + (0.01 if n % 2 else -0.01), 36.0, server=site.id)
        for n in range(count)
    ]


def chain(towers: int = 4, each: int = 9, **info: str) -> Plan:
    """Return a gateway and towers in a chain behind it, each with so many homes."""
    gateway = Site("G1", "Town", -1.0, 36.0, role=SiteRole.GATEWAY, uplink=Uplink(), mast_height_m=12.0)
    sites = [gateway, *(tower(f"T{n}", f"Hill {n}", n) for n in range(1, towers + 1))]
    links = [Link(f"L-{a.id}-{b.id}", a.id, b.id) for a, b in pairwise(sites)]
    rows = [home for site in sites[1:] for home in homes(site, each)]
    plan = replace(Plan(), info=Info(**{"name": "Valley", "secret": SECRET, **info}))
    return with_things(plan, [*sites, *links, *rows])


def with_things(plan: Plan, things: Iterable[object]) -> Plan:
    """Return the plan with more in it."""
    return edits.put(plan, things).plan
