"""What rests on one tower: who falls silent without it, and who of them another tower sees."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from cn_planner.service.joined import as_it_works, hops

if TYPE_CHECKING:
    from cn_planner.model.plan import Plan
    from cn_planner.service.now import ServiceNow


@dataclass(frozen=True, slots=True)
class OutageImpact:
    """What rests on one tower; homes by weight.

    Attributes
    ----------
    online : bool
        Whether it hangs on a gateway: nothing rests on one that does not.
    own : float
        Homes that it serves.
    behind : float
        Homes of other towers that reach a gateway through it alone.
    towers_behind : int
        How many those towers are.
    elsewhere : float
        Of all those, homes that a tower which is left sees.
    only : float
        Homes that it alone sees, of all towers of the network.
    sees : float
        Homes that it sees at all.
    """

    online: bool
    own: float
    behind: float
    towers_behind: int
    elsewhere: float
    only: float
    sees: float

    @property
    def lost(self) -> float:
        """Homes that lose the network if it fails."""
        return self.own + self.behind


def outage_impact(plan: Plan, now: ServiceNow, site: str) -> OutageImpact | None:
    """Return what rests on a tower; None where it is not one of the network that `now` is of.

    Homes count as the plan connects them; where it connects nobody yet, by the tower that sees each best.
    """
    if site not in now.sites:
        return None
    only = now.lost_if_fails()[site]
    seen = now.masks.of_tower(now.sites.index(site)) if len(now.homes) else np.zeros(0, np.bool_)
    sees = float(now.homes.weight[seen].sum())
    works = as_it_works(plan, now.down)
    before, after = hops(works), hops(works, without=site)
    if site not in before:
        return OutageImpact(False, 0.0, 0.0, 0, 0.0, only, sees)
    silent_towers = [n for n, key in enumerate(now.sites) if key in before and key not in after]
    mine = now.reached(plan)
    lost = mine & np.isin(now.site, silent_towers)
    own = mine & (now.site == now.sites.index(site))
    left = np.zeros(len(now.homes), np.bool_)
    for number, key in enumerate(now.sites):
        if key in after and len(now.homes):
            left |= now.masks.of_tower(number)
    weight = now.homes.weight
    return OutageImpact(
        True,
        float(weight[own].sum()),
        float(weight[lost & ~own].sum()),
        len(silent_towers) - 1,
        float(weight[lost & left].sum()),
        only,
        sees,
    )
