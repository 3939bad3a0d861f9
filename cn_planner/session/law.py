"""The law for a plan as people look at it: the limits of the country, each antenna against its own, and the country."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from cn_planner.area.country import Country, country_of_places
from cn_planner.links.radio import radio_end
from cn_planner.message import msg
from cn_planner.model import edits

if TYPE_CHECKING:
    from cn_planner.model.equipment import CountryRules, Kit, PowerLimit
    from cn_planner.model.history import Edit
    from cn_planner.model.plan import Plan
    from cn_planner.session.workspace import Snapshot

_MOST_PLACES = 200  # some hundreds of homes of one plan lie in one valley: more would not tell more


class KitLaw(NamedTuple):
    """A kit of the plan and the law.

    Attributes
    ----------
    kit : Kit
    eirp_dbm : float
        What it radiates as the plan sets it.
    limit : PowerLimit or None
        What holds for it; None where nothing allows it or nothing is known.
    limit_eirp_dbm, margin_db : float or None
        The most that it may radiate, and how far under that it stays.
    """

    kit: Kit
    eirp_dbm: float
    limit: PowerLimit | None
    limit_eirp_dbm: float | None
    margin_db: float | None


def kit_law(kit: Kit, snapshot: Snapshot, law: CountryRules | None) -> KitLaw:
    """Return what a kit radiates and what it may."""
    end = radio_end(snapshot.catalogue, kit, law)
    eirp = max(end.eirp_dbm(mode) for mode in end.modes)
    antenna = snapshot.catalogue.antennas[kit.antenna]
    limit = None if law is None else law.limit_of(kit, antenna)
    most = None if limit is None else limit.eirp_dbm(antenna.gain_dbi, kit.width_mhz)
    return KitLaw(kit, eirp, limit, most, None if most is None else most - eirp)


def plan_kits(snapshot: Snapshot) -> tuple[KitLaw, ...]:
    """Return every kit that the plan names against the law; kits that are not on the shelf are left out."""
    plan = snapshot.plan
    named = [plan.kits.access, plan.kits.client, plan.kits.backhaul]
    named += [sector.kit for site in plan.sites.values() for sector in site.sectors]
    named += [link.kit for link in plan.links.values()]
    law, shelf = snapshot.law, snapshot.catalogue
    return tuple(kit_law(shelf.kits[key], snapshot, law) for key in dict.fromkeys(named) if key in shelf.kits)


def country_of(plan: Plan) -> Country | None:
    """Return the country that a plan's places lie in; None where it has no place yet."""
    places = [(site.latitude, site.longitude) for site in plan.sites.values()]
    places += [(home.latitude, home.longitude) for home in plan.households.values()]
    step = max(1, len(places) // _MOST_PLACES)
    return country_of_places(places[::step]) if places else None


def set_country(plan: Plan, code: str) -> Edit:
    """Return the edit after which the plan has a country."""
    return edits.change_section(plan, "info", msg("country {country}", country=code), country=code)
