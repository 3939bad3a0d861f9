"""Who is not served on a network's own channels: to whom nothing comes, for whom nothing is left at the busy hour."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, NamedTuple

from cn_planner.links.throughput import airtime_share
from cn_planner.model.clients import clients, demand_of, is_place
from cn_planner.model.plan import Priority
from cn_planner.service.joined import as_it_works, ways_up

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

    from cn_planner.model.plan import Household, Plan

_FULL = 1.0 + 1e-9


def cut_off_by(plan: Plan, dead: Collection[str]) -> frozenset[str]:
    """Return the towers of the network to which no way leads without some links."""
    return frozenset(ways_up(plan).keys() - ways_up(as_it_works(plan, dead)).keys()) if dead else frozenset()


def silent_homes(plan: Plan, deaf: Collection[str], dead: Collection[str]) -> frozenset[str]:
    """Return the homes to which nothing comes: on their own path, or as no link on any way of their tower carries.

    Parameters
    ----------
    deaf : collection of str
        Homes to which their own sector does not come through.
    dead : collection of str
        Links that carry nothing on their channels.
    """
    cut_off = cut_off_by(plan, dead)
    return frozenset(deaf) | {key for key, home in plan.households.items() if home.server in cut_off}


class Crowded(NamedTuple):
    """A sector or link (kind, site, id) that is too full.

    Attributes
    ----------
    user : tuple of str
    wanted : float
        What those to whom something comes would take of it at the busy hour, in homes.
    homes : tuple of str
        Those for which nothing is left of it at the busy hour.
    """

    user: tuple[str, str, str]
    wanted: float
    homes: tuple[str, ...]


def crowded_out(
    plan: Plan,
    silent: Collection[str],
    dead: Collection[str],
    sectors: Mapping[tuple[str, str, str], Mapping[str, float]],
    links: Mapping[str, float],
) -> tuple[Crowded, ...]:
    """Return what is too full for all of its homes, so that whoever is left has what is promised at the busy hour.

    As few as may be go: of a sector the slowest, for they take most of its time; of a link those furthest behind it.
    Who must be reached is the last to go. Public places stay: they are asked for apart from homes.

    Parameters
    ----------
    plan : Plan
    silent : collection of str
        Homes to which nothing comes: they take nothing.
    dead : collection of str
        Links that carry nothing.
    sectors : mapping of (kind, site, id) to a mapping of str to float
        Of the sectors that hear others: the rate down to each of their homes, Mbit/s.
    links : mapping of str to float
        What links that hear others carry both ways, Mbit/s.
    """
    found, gone, busy = [], set(silent), max(plan.demand.busy_hour_mbps, 1e-9)
    for sector, rates in sectors.items():
        rows = [plan.households[key] for key in rates if key not in silent]
        used, out = 0.0, list[str]()
        for home in sorted(rows, key=lambda one: (_goes(one), -rates[one.id], one.id)):
            share = float(airtime_share(busy * demand_of(plan, home), rates[home.id]))
            # One home that alone takes more has a sector of its own.
            if used > 0.0 and used + share > _FULL:
                out.append(home.id)
            else:
                used += share
        if out:
            found.append(Crowded(sector, math.fsum(demand_of(plan, one) for one in rows), tuple(out)))
            gone.update(out)
    up = ways_up(as_it_works(plan, dead))
    behind: dict[str, list[Household]] = {site: [] for site in up}
    for home in clients(plan).values():
        if home.server in behind and home.id not in gone:
            behind[str(home.server)].append(home)
    for site, way in reversed(up.items()):
        if way is None:
            continue
        room = links.get(way[1], math.inf) / busy
        kept: list[Household] = []
        out = []
        for home in sorted(behind[site], key=_goes):  # those at the tower itself first, those furthest behind it last
            load = demand_of(plan, home)
            if load <= room * _FULL or is_place(home.id):
                kept.append(home)
                room -= load
            else:
                out.append(home.id)
        if out:
            user = ("link", plan.links[way[1]].from_site, way[1])
            found.append(Crowded(user, math.fsum(demand_of(plan, one) for one in behind[site]), tuple(out)))
        behind[way[0]] += kept
    return tuple(found)


def _goes(home: Household) -> bool:
    return home.priority is not Priority.MUST and not is_place(home.id)
