"""Which towers of a plan hang on a gateway, and by how many links: the one answer for planner, window and report."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from cn_planner.model.clients import clients, demand_of
from cn_planner.model.gateways import is_gateway
from cn_planner.model.plan import SiteRole

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping

    from cn_planner.model.plan import Plan


def gateways(plan: Plan) -> tuple[str, ...]:
    """Return the towers of the network where the Internet enters, in the order of ids."""
    return tuple(key for key, site in plan.used_sites.items() if is_gateway(site))


def gateway_is_known(plan: Plan) -> bool:
    """Return whether anybody has said yet where the Internet enters."""
    return any(is_gateway(site) or site.role is SiteRole.GATEWAY_OPTION for site in plan.sites.values())


def as_it_works(plan: Plan, down: Collection[str]) -> Plan:
    """Return a plan without the links over which nothing gets through: for whoever asks what hangs on what."""
    return replace(plan, links=plan.links.changed(remove=down)) if down else plan


def hops(plan: Plan, without: str = "") -> dict[str, int]:
    """Return the fewest links between each tower and a gateway, as if one tower did not stand.

    A tower that reaches none is not in it. Where nobody has said yet where the Internet enters, all are, with 0.
    """
    network = [key for key in plan.used_sites if key != without]
    if not gateway_is_known(plan):
        return dict.fromkeys(network, 0)
    near: dict[str, list[str]] = {key: [] for key in network}
    for link in plan.standing_links.values():
        if link.from_site in near and link.to_site in near:
            near[link.from_site].append(link.to_site)
            near[link.to_site].append(link.from_site)
    found = {key: 0 for key in gateways(plan) if key != without}
    front = list(found)
    while front:
        at = front
        front = []
        for key in at:
            for other in near[key]:
                if other not in found:
                    found[other] = found[key] + 1
                    front.append(other)
    return found


def ways_up(plan: Plan) -> dict[str, tuple[str, str] | None]:
    """Return the towers that reach a gateway, nearest first: each with the next on its way and the link to it.

    By the fewest links to a gateway, the first of equals; a gateway has None.
    """
    sites, links = plan.used_sites, sorted(plan.standing_links.values(), key=lambda link: link.id)
    near: dict[str, list[tuple[str, str]]] = {key: [] for key in sites}
    for link in links:
        if link.from_site in near and link.to_site in near:
            near[link.from_site].append((link.to_site, link.id))
            near[link.to_site].append((link.from_site, link.id))
    order = list(gateways(plan))
    over: dict[str, tuple[str, str] | None] = dict.fromkeys(order)
    for here in order:
        for other, way_there in near[here]:
            if other not in over:
                over[other] = (here, way_there)
                order.append(other)
    return over


def homes_behind(plan: Plan) -> dict[str, float]:
    """Return the weight of the homes behind each link: by the fewest links to a gateway, the first of equals."""
    return _behind(plan, ((home.server, home.weight) for home in plan.households.values()))


def loads_behind(plan: Plan) -> dict[str, float]:
    """Return what each link carries at the busy hour, in homes, on the same ways: homes, and public places."""
    return _behind(plan, ((one.server, demand_of(plan, one)) for one in clients(plan).values()))


def loads_at(plan: Plan) -> dict[str, float]:
    """Return what the homes and public places of each tower of the network take at the busy hour, in homes."""
    found = dict.fromkeys(plan.used_sites, 0.0)
    for one in clients(plan).values():
        if one.server in found:
            found[str(one.server)] += demand_of(plan, one)
    return found


def passed_up(over: dict[str, tuple[str, str] | None], at: Mapping[str, float]) -> dict[str, float]:
    """Return what each tower on the network passes on, its own and that of those behind it; a gateway to its uplink.

    Parameters
    ----------
    over : dict
        As `ways_up` returns it.
    at : mapping of str to float
        What belongs to each tower itself.
    """
    found = {key: at.get(key, 0.0) for key in over}
    for here, way in reversed(over.items()):
        if way is not None:
            found[way[0]] += found[here]
    return found


def _behind(plan: Plan, served: Iterable[tuple[str | None, float]]) -> dict[str, float]:
    over, own = ways_up(plan), dict.fromkeys(plan.used_sites, 0.0)
    for server, amount in served:
        if server in own:
            own[str(server)] += amount
    passed = passed_up(over, own)
    return {way[1]: passed[here] for here, way in reversed(over.items()) if way is not None}
