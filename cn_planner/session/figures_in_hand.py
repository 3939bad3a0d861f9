"""Homes and cost of a plan while a hand carries one of its towers: what the figures will be where it is let go.

All but the carried tower is taken from who is reached as the plan stands, so that a step costs the bill alone.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from cn_planner.economics.costs import capital
from cn_planner.model import edits
from cn_planner.service.joined import as_it_works, hops
from cn_planner.service.links_down import links_down
from cn_planner.service.now import connects_homes, servers

if TYPE_CHECKING:
    from collections.abc import Iterable

    from numpy.typing import NDArray

    from cn_planner.model.plan import Plan, Site
    from cn_planner.service.now import ServiceNow
    from cn_planner.session.workspace import Snapshot


class FiguresInHand(NamedTuple):
    """Homes with the Internet, and all, by weight; capital in the plan's currency."""

    homes: float
    homes_total: float
    cost: float


class CarriedTower:
    """What the rest of the plan is to the figures, while one tower is carried.

    Where the plan connects nobody yet, a home that the carried tower sees counts, though one without a way to a gateway
    may see it better.

    Parameters
    ----------
    snapshot : Snapshot
        The plan as it stands, with the tower where it stood.
    now : ServiceNow
        Who is reached by it.
    site : str
        The tower.
    """

    def __init__(self, snapshot: Snapshot, now: ServiceNow, site: str) -> None:
        self._snapshot, self._now, self._number = snapshot, now, now.sites.index(site)
        plan = snapshot.plan
        self._decided, self._servers = connects_homes(plan), servers(plan)
        mine = {link.id for link in plan.standing_links.values() if site in (link.from_site, link.to_site)}
        self._down = now.down - mine
        self._rest: dict[bytes, tuple[NDArray[np.bool_], Plan]] = {}

    def at(self, site: Site, seen: Iterable[str]) -> FiguresInHand:
        """Return the figures with the tower as it would be, and the homes that it would see.

        Raises
        ------
        InputError
            Where a kit of the plan is not on the shelf.
        FileError
            Where a terrain file cannot be read.
        """
        number = self._now.homes.number
        online = self._online(site)
        others, plan = self._without_it(online)
        sees = np.zeros(len(self._now.homes), np.bool_)
        sees[[number[key] for key in seen if key in number]] = online[self._number]
        if self._decided:  # whom the channels silence they may silence there too
            sees &= (self._servers == self._number) & ~self._now.is_unheard
        weight = self._now.homes.weight
        plan = edits.put(plan, [site]).plan
        if not self._decided:
            new = np.flatnonzero(sees & ~others).tolist()
            rows = [replace(plan.households[self._now.homes.ids[n]], server=site.id) for n in new]
            plan = replace(plan, households=plan.households.changed(put=rows))
        homes = float(weight[sees | others].sum())
        return FiguresInHand(homes, self._now.total, capital(plan, self._snapshot.catalogue).total.total)

    def _online(self, site: Site) -> NDArray[np.bool_]:
        """Return which towers a gateway reaches with the carried one as it would be: its links may be blocked there."""
        plan = edits.put(self._snapshot.plan, [site]).plan
        down = self._down | links_down(replace(self._snapshot.study, plan=plan), at=site.id)
        up = hops(as_it_works(plan, down))
        return np.array([key in up for key in self._now.sites], np.bool_)

    def _without_it(self, online: NDArray[np.bool_]) -> tuple[NDArray[np.bool_], Plan]:
        """Return the homes that have the Internet by other towers, and the plan with them connected."""
        key = online.tobytes()
        if key not in self._rest:
            now, plan = self._now, self._snapshot.plan
            if self._decided:
                by = np.append(online, np.False_)[self._servers] & ~now.is_unheard
                self._rest[key] = now.works & by & (self._servers != self._number), plan
            else:
                others = _seen_by_others(now, self._number, online)
                self._rest[key] = others, _connected(plan, now, others, self._number)
        return self._rest[key]


def _seen_by_others(now: ServiceNow, number: int, online: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Return the homes that the tower sees that judges them beside the carried one, and has the Internet."""
    by = np.where(now.site == number, now.second, now.site)
    found = np.zeros(len(now.homes), np.bool_)
    for other in np.flatnonzero(online).tolist():
        found |= now.masks.of_tower(other) & (by == other)
    return found


def _connected(plan: Plan, now: ServiceNow, homes: NDArray[np.bool_], number: int) -> Plan:
    """Return the plan with homes connected, as its bill counts them: each to the tower that it is judged by."""
    rows = []
    for n in np.flatnonzero(homes).tolist():
        by = int(now.site[n]) if now.site[n] != number else int(now.second[n])
        if by >= 0:
            rows.append(replace(plan.households[now.homes.ids[n]], server=now.sites[by]))
    return replace(plan, households=plan.households.changed(put=rows))
