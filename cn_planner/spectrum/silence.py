"""Which homes a network does not serve on its own channels: to whom nothing comes, and who comes on top of the rest."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, NamedTuple

from cn_planner.links.throughput import airtime_share
from cn_planner.service.joined import ways_up

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence

    from cn_planner.model.plan import Plan

_FULL = 1.0 + 1e-9


class Unheard(NamedTuple):
    """Homes that are not served on the network's own channels, by id.

    Attributes
    ----------
    silent : frozenset of str
        Nothing comes to them: on their own path, or over a link on their way.
    beyond : frozenset of str
        They are what a link or a sector carries less at the busy hour than its homes want together.
    """

    silent: frozenset[str]
    beyond: frozenset[str]

    @property
    def homes(self) -> frozenset[str]:
        """All of them."""
        return self.silent | self.beyond


NOBODY = Unheard(frozenset(), frozenset())


class SectorPath(NamedTuple):
    """Homes on a path of a disturbed sector, and the rate down to them that is left, Mbit/s."""

    sector: int
    homes: tuple[str, ...]
    rate_mbps: float


def unheard_homes(
    plan: Plan, deaf: Collection[str], links: Mapping[str, float], paths: Sequence[SectorPath]
) -> Unheard:
    """Return the homes that a plan does not serve on its channels.

    Parameters
    ----------
    deaf : collection of str
        Homes to which their own sector does not come through.
    links : mapping of str to float
        What is left of the links that hear others, both ways, Mbit/s.
    paths : sequence of SectorPath
        Of the sectors that hear others; of those that hear nobody nothing is taken.

    Notes
    -----
    Where a sector or link has too little for all, those are left out who take most of it: of a sector the slowest, of
    a link those furthest behind it, the last ids of equals.
    """
    busy, up = plan.demand.busy_hour_mbps, ways_up(plan)
    silent, beyond = set(deaf), set[str]()
    at: dict[str, list[str]] = {}
    for key, home in plan.households.items():
        if home.server is not None:
            at.setdefault(home.server, []).append(key)
    dead = set[str]()
    for site, way in up.items():  # nearest to the gateway first
        if way is not None and (way[0] in dead or links.get(way[1], math.inf) <= 0.0):
            dead.add(site)
            silent.update(at.get(site, ()))
    by_sector: dict[int, list[SectorPath]] = {}
    for path in paths:
        by_sector.setdefault(path.sector, []).append(path)
    for mine in by_sector.values():
        beyond |= _too_many(plan, mine, busy, silent)
    behind: dict[str, list[str]] = {site: list(at.get(site, ())) for site in up}
    for site, way in reversed(up.items()):
        if way is None:
            continue
        # Those of the tower itself come first, of those behind it the furthest last.
        reached = [key for key in behind[site] if key not in silent and key not in beyond]
        room = links.get(way[1], math.inf) / busy if busy > 0.0 else math.inf
        taken = 0.0
        for key in reached:
            taken += plan.households[key].weight
            if taken > room * _FULL:
                beyond.add(key)
        behind[way[0]] += behind[site]
    return Unheard(frozenset(silent), frozenset(beyond - silent))


def _too_many(plan: Plan, paths: Sequence[SectorPath], busy: float, silent: Collection[str]) -> set[str]:
    """Return the homes of a sector for which it has no time, the slowest first."""
    rows = [(path.rate_mbps, key) for path in paths for key in path.homes if key not in silent]
    found, used = set[str](), 0.0
    for rate, key in sorted(rows, key=lambda row: (-row[0], row[1])):
        used += float(airtime_share(busy * plan.households[key].weight, rate))
        if used > _FULL and used > float(airtime_share(busy * plan.households[key].weight, rate)):
            found.add(key)
    return found
