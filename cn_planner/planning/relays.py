"""Homes that pass the signal on: a short pole at a willing home is a place for a tower like another.

Such a place stands in the table of sites while a plan uses it, with the role ``relay`` and an id made of the home's. It
has the mains of the home, the height of its antenna or pole, and costs what the plan says of a relay's place beside its
pole and radios. The bound of a plan holds for the homes that were looked at.
"""

from __future__ import annotations

import math
from dataclasses import replace
from typing import TYPE_CHECKING

from cn_planner.economics.prices import amount_of
from cn_planner.message import counted, msg
from cn_planner.model import edits
from cn_planner.model.aims import Relays
from cn_planner.model.clients import is_place
from cn_planner.model.items import Items
from cn_planner.model.plan import Choice, PowerSource, RelayConsent, Site, SiteRole, Status

if TYPE_CHECKING:
    from collections.abc import Iterator

    from cn_planner.message import Message
    from cn_planner.model.plan import Household, Plan

MOST_RELAYS = 40
"""Homes that are looked at: each is a place for a tower, and many of them make a plan take hours."""
_PREFIX = "relay-"


def relay_id(home: str) -> str:
    """Return the id of the relay at a home."""
    return _PREFIX + home


def home_of(site: Site) -> str:
    """Return the id of the home that a relay stands at; empty where a site is none."""
    return site.id.removeprefix(_PREFIX) if site.role is SiteRole.RELAY else ""


def decided(site: Site) -> bool:
    """Return whether people have said something of a relay that outlasts a plan."""
    return site.choice is not Choice.FREE or site.status is not Status.IDEA


def with_relays(plan: Plan) -> Plan:
    """Return a plan with a place for a relay at each home that may have one, and at no other.

    Of more than `MOST_RELAYS` homes those furthest from each other are taken. Relays of which people said something
    stay as they are.
    """
    homes = _spread([home for home in plan.households.values() if _may(plan, home)])
    sites = {key: site for key, site in plan.sites.items() if site.role is not SiteRole.RELAY or decided(site)}
    for home in homes:
        key = relay_id(home.id)
        if key not in sites:
            sites[key] = _relay(plan, home, plan.sites.get(key))
    return plan if sites == dict(plan.sites) else replace(plan, sites=Items(sites.values()))


def without_idle_relays(plan: Plan) -> Plan:
    """Return a plan without the relays that it does not use, but those of which people said something."""
    used = plan.used_sites
    gone = [
        key for key, site in plan.sites.items() if site.role is SiteRole.RELAY and key not in used and not decided(site)
    ]
    return edits.remove(plan, "sites", gone).plan if gone else plan


def relay_notes(plan: Plan) -> Iterator[Message]:
    """Yield whom to ask before relays are built, and how many homes were not looked at."""
    homes = {home_of(site): site for site in plan.used_sites.values() if site.role is SiteRole.RELAY}
    ask = [key for key in homes if key in plan.households and plan.households[key].relay is RelayConsent.ASK]
    if ask:
        names = ", ".join(plan.households[key].name or key for key in ask)
        yield counted(
            "A relay stands at {homes}: ask the owner.",
            "Relays stand at {homes}: ask the owners.",
            len(ask), homes=names,
        )  # fmt: skip
    more = sum(_may(plan, home) for home in plan.households.values()) - MOST_RELAYS
    if more > 0:
        yield msg(
            "{more:,} homes more may pass the signal on than were looked at: {most} of them, far from each other.",
            more=more, most=MOST_RELAYS,
        )  # fmt: skip


def _may(plan: Plan, home: Household) -> bool:
    asked = {Relays.NO: (), Relays.WILLING: (RelayConsent.YES,), Relays.ASK: (RelayConsent.YES, RelayConsent.ASK)}
    return home.relay in asked[plan.rules.relays] and not is_place(home.id)


def _relay(plan: Plan, home: Household, before: Site | None) -> Site:
    """Return the place for a relay at a home: as it stands in the plan, at today's height and price."""
    height = home.antenna_height_m or plan.costs.relay_pole_m
    new = Site(relay_id(home.id), home.name or home.id, home.latitude, home.longitude, role=SiteRole.RELAY)
    return replace(
        new if before is None or before.role is not SiteRole.RELAY else before,
        latitude=home.latitude, longitude=home.longitude, max_height_m=height, mast_height_m=None,
        build_cost=amount_of(plan, "relay_cost"), power=PowerSource.GRID,
    )  # fmt: skip


def _spread(homes: list[Household]) -> list[Household]:
    """Return the homes, or as many as are looked at, each the furthest from those before; the first of equals."""
    if len(homes) <= MOST_RELAYS:
        return homes
    shrink = math.cos(math.radians(math.fsum(home.latitude for home in homes) / len(homes)))
    places = [(home.latitude, home.longitude * shrink) for home in homes]
    far = [math.inf] * len(homes)
    taken: list[int] = []
    while len(taken) < MOST_RELAYS:
        at = max(range(len(homes)), key=lambda n: (far[n], -n))
        taken.append(at)
        far = [min(known, math.dist(place, places[at])) for known, place in zip(far, places, strict=True)]
        far[at] = -1.0
    return [homes[n] for n in sorted(taken)]
