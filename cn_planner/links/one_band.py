"""Which radios meet on a channel: who of a home and a tower's sectors can hear each other at all, by their bands.

A tower may have sectors of several bands. A home hangs on one that its own radio can be set to.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from cn_planner.links.pointing import sector_towards
from cn_planner.message import msg

if TYPE_CHECKING:
    from cn_planner.message import Message
    from cn_planner.model.equipment import Catalogue, Radio
    from cn_planner.model.plan import Plan, Site


def speaks_with(catalogue: Catalogue, access: str, client: str) -> bool:
    """Return whether a home's kit can be set to the channel of a sector's kit, and has a mode in common with it.

    So it is taken to be where either is not on the shelf.
    """
    tower, home = catalogue.kits.get(access), catalogue.kits.get(client)
    if tower is None or home is None or access == client:
        return True
    here, there = catalogue.radios[tower.radio], catalogue.radios[home.radio]
    return in_band(catalogue, access, client) and not _modes(here).isdisjoint(_modes(there))


def _modes(radio: Radio) -> set[tuple[str, float]]:
    return {(one.mcs, one.width_mhz) for one in radio.modes}


def in_band(catalogue: Catalogue, access: str, client: str) -> bool:
    """Return whether a sector's kit is within the band of a home's radio."""
    low, high = catalogue.radios[catalogue.kit(client).radio].band_mhz
    return low <= catalogue.kit(access).freq_mhz <= high


def clients_of_sector(plan: Plan, catalogue: Catalogue, access: str) -> tuple[str, ...]:
    """Return the kits of homes in a plan that speak with a sector's kit, the first choice first."""
    return tuple(one for one in plan.kits.clients if speaks_with(catalogue, access, one))


NO_CLIENT = msg("Name a kit for homes that speaks with it beside the usual one: kits.more_clients.")


def why_unheard(plan: Plan, catalogue: Catalogue, kit: str) -> Message | None:
    """Return in words that no kit of homes in a plan speaks with a kit of sectors; None where one does."""
    if clients_of_sector(plan, catalogue, kit):
        return None
    return msg("No kit for homes in this plan speaks with {kit}.", kit=catalogue.kit(kit).name)


def usual_client(plan: Plan, catalogue: Catalogue, access: str) -> str:
    """Return the kit that a home of a sector has unless it has another; the plan's usual one where none hears it."""
    return next(iter(clients_of_sector(plan, catalogue, access)), plan.kits.client)


def one_kit(site: Site) -> bool:
    """Return whether all sectors of a site are of one kit, so that whoever hears one hears all."""
    return len({one.kit for one in site.sectors}) <= 1


def sector_of(catalogue: Catalogue, site: Site, azimuth_deg: float, client: str) -> str:
    """Return the sector that points nearest to a home with a kit, of those that it can hear: `sector_towards`.

    Of all, where it can hear none; empty where the site has none.
    """
    if one_kit(site):
        return sector_towards(site, azimuth_deg)
    heard = tuple(one for one in site.sectors if speaks_with(catalogue, one.kit, client))
    return sector_towards(replace(site, sectors=heard) if heard else site, azimuth_deg)
