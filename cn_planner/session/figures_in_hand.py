"""Homes and cost of a plan while a hand carries one of its towers: what the figures will be where it is let go.

All but the carried tower is taken from who is reached as the plan stands, so that a step costs the bill alone.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from cn_planner.economics.costs import capital
from cn_planner.model import edits
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
        self._snapshot, self._now = snapshot, now
        plan, number = snapshot.plan, now.sites.index(site)
        self._online = bool(now.online[number])
        if connects_homes(plan):
            mine = servers(plan) == number
            self._others, self._may = now.has_internet(plan) & ~mine, mine
            self._plan = plan
        else:
            self._others = _seen_by_others(now, number)
            self._may = np.ones(len(now.homes), np.bool_)
            self._plan = _connected(plan, now, self._others, number)
        self._decided = self._plan is plan

    def at(self, site: Site, seen: Iterable[str]) -> FiguresInHand:
        """Return the figures with the tower as it would be, and the homes that it would see.

        Raises
        ------
        InputError
            Where a kit of the plan is not on the shelf.
        """
        number = self._now.homes.number
        sees = np.zeros(len(self._now.homes), np.bool_)
        sees[[number[key] for key in seen if key in number]] = self._online
        sees &= self._may
        weight = self._now.homes.weight
        plan = edits.put(self._plan, [site]).plan
        if not self._decided:
            new = np.flatnonzero(sees & ~self._others).tolist()
            rows = [replace(plan.households[self._now.homes.ids[n]], server=site.id) for n in new]
            plan = replace(plan, households=plan.households.changed(put=rows))
        homes = float(weight[sees | self._others].sum())
        return FiguresInHand(homes, self._now.total, capital(plan, self._snapshot.catalogue).total.total)


def _seen_by_others(now: ServiceNow, number: int) -> NDArray[np.bool_]:
    """Return the homes that the tower sees that judges them beside the carried one, and has the Internet."""
    by = np.where(now.site == number, now.second, now.site)
    found = np.zeros(len(now.homes), np.bool_)
    for other in np.flatnonzero(now.online).tolist():
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
