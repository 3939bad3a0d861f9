"""Who hangs on a tower as a client: homes, and public places, which to radio and purse are much like homes.

What a client counts (`Household.weight`) and what is carried for it at the busy hour (`demand_of`) are two things: a
school is one place and takes as much as forty homes. Loads are told in homes; all grow alike.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, TypeVar

from cn_planner.message import msg
from cn_planner.model.evidence import Visit
from cn_planner.model.items import Items
from cn_planner.model.plan import Choice, HomeKind, Household, PlaceKind, Priority, PublicPlace

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from cn_planner.model.plan import Plan

NO_HOMES = 0.005
"""So little weight is nobody: with two decimals, as homes are written, it is nought."""
_PREFIX = "place:"
HOME_KIND_OF = {PlaceKind.SCHOOL: HomeKind.SCHOOL, PlaceKind.CLINIC: HomeKind.CLINIC, PlaceKind.SHOP: HomeKind.SHOP}


def hotspots_on(plan: Plan) -> bool:
    """Return whether hotspots are part of the plan.

    Its rules allow them, and it has public places, or a tower of which somebody said that it keeps a hotspot.
    """
    if not plan.rules.hotspots:
        return False
    return bool(plan.places) or any(site.hotspot_choice is Choice.LOCKED for site in plan.sites.values())


def busy_mbps_of(plan: Plan, client: Household) -> float | None:
    """Return what a client takes at the busy hour today, Mbit/s, where that is its own: its class's, or a place's.

    None where it takes as much as the homes that it counts for.
    """
    place = place_of(plan, client.id)
    if place is not None and place.busy_mbps is not None:
        return place.busy_mbps
    return plan.demand.of_class(client.kind if place is None else place.kind)


def demand_of(plan: Plan, client: Household) -> float:
    """Return what is carried for a client at the busy hour, in homes; nothing for one that does not count."""
    mbps = busy_mbps_of(plan, client) if client.weight > 0.0 else None
    if mbps is not None:
        return mbps / max(plan.demand.today_mbps, 1e-6)
    return client.weight if client.weight <= 0.0 or not is_place(client.id) else 1.0


def wanted_mbps(plan: Plan, client: Household) -> float:
    """Return the rate that a client should reach, Mbit/s: that of a home, and no less than it takes itself."""
    return max(plan.demand.mbps_per_home, busy_mbps_of(plan, client) or 0.0)


def roof_height_m(plan: Plan, home: Household) -> float:
    """Return the height of a home's antenna above ground."""
    return plan.demand.antenna_height_m if home.antenna_height_m is None else home.antenna_height_m


def client_of(place: PublicPlace) -> Household:
    """Return a public place as the radio sees it: a point on a roof; what is carried for it `demand_of` says."""
    return Household(
        _PREFIX + place.id,
        place.name or place.id,
        place.latitude,
        place.longitude,
        1.0,
        place.antenna_height_m,
        HOME_KIND_OF.get(place.kind, HomeKind.OTHER),
        Priority.MUST if place.must else Priority.NORMAL,
        place.server,
        client_kit=place.client_kit,
    )


REFUSED_WORDS = msg("It is planned without it.")
"""Why a home that refused is not reached: nothing need be bought for it."""
_Client = TypeVar("_Client", Household, PublicPlace)


def unserved(client: _Client) -> _Client:
    """Return a home or public place without its tower, and without the kit that was chosen for that tower's signal."""
    return client if client.server is None and not client.client_kit else replace(client, server=None, client_kit="")


def who_refused(home: Household) -> Household:
    """Return a home that does not want it: it counts for none, and need not be reached."""
    return replace(unserved(home), weight=0.0, priority=Priority.NORMAL)


def who_refuse(plan: Plan) -> frozenset[str]:
    """Return the homes that count for none because they refused when somebody came last."""
    return frozenset(key for key, last in _refused_once(plan).items() if last is Visit.REFUSED)


def who_may_want_it_now(plan: Plan) -> tuple[str, ...]:
    """Return the homes that count for none as they refused once, though they did not when somebody came last."""
    return tuple(sorted(key for key, last in _refused_once(plan).items() if last is not Visit.REFUSED))


def _refused_once(plan: Plan) -> dict[str, Visit]:
    """Return what came of the last visit to each home that refused at one of them and counts for none."""
    last: dict[str, Visit] = {}
    refused = set()
    for one in sorted(plan.evidence.values(), key=lambda row: row.order):
        home = None if one.towards else plan.households.get(one.about_id)
        if home is not None and not home.weight:
            last[home.id] = one.visit
            refused |= {home.id} if one.visit is Visit.REFUSED else set()
    return {key: visit for key, visit in last.items() if key in refused}


def is_place(client: str) -> bool:
    """Return whether a client is a public place, by what it is called."""
    return client.startswith(_PREFIX)


def place_of(plan: Plan, client: str) -> PublicPlace | None:
    """Return the public place that a client is; None for a home."""
    return plan.places.get(client.removeprefix(_PREFIX)) if is_place(client) else None


def clients(plan: Plan) -> Mapping[str, Household]:
    """Return the homes of a plan, and its public places that a tower connects, by id."""
    connected = [client_of(place) for place in plan.places.values() if place.server is not None]
    return {**plan.households, **{one.id: one for one in connected}} if connected else plan.households


def kits_of_clients(plan: Plan) -> set[str]:
    """Return the kits on roofs: the usual one, and those that homes and public places of the plan have."""
    given = (one.client_kit for table in (plan.households, plan.places) for one in table.values())
    return {plan.kits.client, *filter(None, given)}


def with_clients(plan: Plan, places: Iterable[PublicPlace]) -> Plan:
    """Return a plan in which public places stand among the homes, to be planned for as these are."""
    free = Items(unserved(place) for place in plan.places.values())
    homes = [*plan.households.values(), *(client_of(unserved(place)) for place in places)]
    return replace(plan, households=Items(homes), places=free)


def without_clients(made: Plan) -> Plan:
    """Return a plan that was made of `with_clients`, its public places among themselves again, as they are served."""
    served = {place.id: home for home in made.households.values() if (place := place_of(made, home.id)) is not None}
    places = [
        replace(place, server=served[key].server, client_kit=served[key].client_kit)
        if key in served
        else unserved(place)
        for key, place in made.places.items()
    ]
    return replace(
        made,
        households=Items(home for home in made.households.values() if place_of(made, home.id) is None),
        places=Items(places),
    )
