"""Hotspots on towers, chosen once the network stands: those that bring most people onto it for their money.

Greedy, in the order of people newly reached for the money, as long as one of them costs no more than one who is
connected at home in this plan, and money is left where there is a budget. What hotspots reach together is submodular,
so that no choice of as many towers reaches more than what is reached, and the largest gains that are left beside it, at
any step (Nemhauser, Wolsey and Fisher, 1978): that is the bound that is told. The bound of the network does not know
them.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from cn_planner.economics.costs import capital
from cn_planner.message import counted, msg
from cn_planner.model import edits
from cn_planner.model.clients import hotspots_on
from cn_planner.model.plan import Choice
from cn_planner.planning.public_places import without_chosen
from cn_planner.planning.result import with_plan
from cn_planner.progress import ALONE
from cn_planner.service.hotspots import HowReached, hotspots_of, people_reached, tower_hotspot, ways_on_foot
from cn_planner.service.joined import as_it_works, hops
from cn_planner.service.links_down import links_down

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from cn_planner.message import Message
    from cn_planner.model.equipment import Catalogue
    from cn_planner.model.plan import Plan
    from cn_planner.planning.result import Design
    from cn_planner.progress import Run
    from cn_planner.study import Study

_CENT = 0.005


@dataclass(frozen=True, slots=True)
class TowerHotspots:
    """Towers that get a hotspot, in the order in which they were chosen.

    ``people`` that they newly reach together, ``most`` that any as many of these towers could, ``cost`` of all.
    """

    sites: tuple[str, ...]
    people: float
    most: float
    cost: float


def choose_greedily(
    gets: NDArray[np.bool_], people: NDArray[np.float64], costs: NDArray[np.float64], dearest: float, money: float
) -> tuple[list[int], float]:
    """Return which hotspots are taken, in their order, and how many people no other as many of them would exceed.

    Parameters
    ----------
    gets : bool array of (hotspots, crowd)
        Who gets to which.
    people : float64 array of crowd
        How many each stands for; 0 for who needs none.
    costs : float64 array of hotspots
        What each costs; above 0.
    dearest : float
        The most that one person newly reached may cost.
    money : float
        The most that all of them may cost.
    """
    left, taken = people.astype(np.float64).copy(), list[int]()
    steps = [(0.0, gets @ left)]
    while True:
        gain = gets @ left
        gain[taken] = 0.0
        worth = (gain > 0.0) & (costs <= dearest * gain + 1e-9) & (costs <= money + 1e-9)
        if not worth.any():
            break
        best = int(np.argmax(np.where(worth, gain / costs, -1.0)))
        taken.append(best)
        money -= float(costs[best])
        left[gets[best]] = 0.0
        steps.append((float(people.sum() - left.sum()), gets @ left))
    count = len(taken)
    most = min(reached + float(np.sort(gains)[::-1][:count].sum()) for reached, gains in steps)
    return taken, most


def tower_hotspots(
    study: Study, catalogue: Catalogue, capex: float, money: float, *, run: Run = ALONE
) -> TowerHotspots | None:
    """Return the towers of a plan that get a hotspot; None where none is worth it.

    Parameters
    ----------
    study : Study
        The plan with its network.
    catalogue : Catalogue
        The shelf.
    capex : float
        Its capital.
    money : float
        What may be spent beside.

    Raises
    ------
    InputError
        Where the kit of hotspots is not on the shelf.
    CancelledError
    """
    plan = study.plan
    down = frozenset[str]() if study.surface.empty else links_down(study, run=run.silently())
    online = hops(as_it_works(plan, down))
    towers = tuple(
        tower_hotspot(key, site)
        for key, site in plan.used_sites.items()
        if key in online and site.hotspot_choice is Choice.FREE
    )
    if not towers:
        return None
    ways = ways_on_foot(study, towers, run=run)
    before = people_reached(study, down=down)
    at_home = before.count(HowReached.AT_HOME)
    people = np.where(before.how == HowReached.LEFT_OUT, before.people, 0.0)
    some = np.flatnonzero(ways.gets @ people > 0.0)
    if not len(some) or at_home <= 0.0:
        return None
    costs = [_capital(_hung(plan, [towers[n].id]), catalogue) - capex for n in some.tolist()]
    taken, most = choose_greedily(ways.gets[some], people, np.maximum(np.array(costs), _CENT), capex / at_home, money)
    if not taken:
        return None
    chosen = [int(some[n]) for n in taken]
    reached = float(people[ways.gets[chosen].any(axis=0)].sum())
    keys = tuple(towers[n].id for n in chosen)
    return TowerHotspots(keys, reached, most, _capital(_hung(plan, keys), catalogue) - capex)


def _hung(plan: Plan, keys: tuple[str, ...] | list[str]) -> Plan:
    return edits.put(plan, [replace(plan.sites[key], hotspot=True) for key in keys]).plan


def _capital(plan: Plan, catalogue: Catalogue) -> float:
    return capital(plan, catalogue).total.total


def with_hotspots(found: Design, study: Study, budget: float | None, *, run: Run = ALONE) -> Design:
    """Return a design with the hotspots of its towers, and with who reaches each hotspot of its plan on foot.

    What towers had of hotspots before is decided anew.
    """
    if found.edit is None or not hotspots_on(found.edit.plan):
        return found
    plan = found.edit.plan
    bare = without_chosen(plan)
    capex = _capital(bare, study.catalogue)
    money = np.inf if budget is None else budget - capex
    here = replace(study, plan=bare)
    chosen = None if run.cancelled else tower_hotspots(here, study.catalogue, capex, money, run=run)
    if chosen is not None:
        here = replace(study, plan=_hung(bare, chosen.sites))
        capex += chosen.cost
        found = replace(found, notes=(*found.notes, _told(chosen)))
    if here.plan is not plan:
        found = with_plan(found, here.plan, study.catalogue, capex=capex)
    if found.edit is None:
        return found
    here = replace(study, plan=found.edit.plan)
    reached = people_reached(here).hotspots if hotspots_of(here.plan) else ()
    return replace(found, hotspots=tuple((one.hotspot.id, one.people) for one in reached))


def _told(chosen: TowerHotspots) -> Message:
    return msg(
        "{hotspots} for {people:,.0f} more people on foot; no choice of as many towers reaches more than {most:,.0f}. "
        "They are chosen after the network: its bound does not know them.",
        hotspots=counted("{count} hotspot on a tower", "{count} hotspots on towers", len(chosen.sites)),
        people=chosen.people, most=chosen.most,
    )  # fmt: skip
