"""What falls silent if a tower or a link fails: each taken away in turn."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

from cn_planner.service.joined import gateways

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from cn_planner.model.plan import Link, Plan


@dataclass(frozen=True, slots=True)
class PlanFailure:
    """What falls silent where a tower or a link fails.

    Attributes
    ----------
    kind, id : str
        "site" or "link".
    homes : float
        By weight, with its own.
    sites : tuple of str
        Other towers that are cut off.
    """

    kind: str
    id: str
    homes: float
    sites: tuple[str, ...]


def failures(plan: Plan, homes: Mapping[str, float] | None = None) -> tuple[PlanFailure, ...]:
    """Return what falls silent for each tower and each link of the network, worst first, then by id.

    Parameters
    ----------
    plan : Plan
        The network as it stands.
    homes : mapping of str to float, optional
        Homes by weight that each tower serves; where not given, those whose server it is.
    """
    sites, links = plan.used_sites, plan.standing_links
    doors = gateways(plan)
    if homes is None:
        homes = _served(plan)
    online = _reached(sites, links.values(), doors)
    found = list(tower_failures(plan, homes))
    for key, link in links.items():
        if link.from_site in online and link.to_site in online:
            left = _reached(sites, [other for other in links.values() if other is not link], doors)
            lost = sorted(online - left)
            found.append(PlanFailure("link", key, math.fsum(homes.get(one, 0.0) for one in lost), tuple(lost)))
    return tuple(sorted(found, key=_weight))


def tower_failures(plan: Plan, homes: Mapping[str, float]) -> tuple[PlanFailure, ...]:
    """Return what falls silent for each tower of the network alone, worst first; see `failures`."""
    sites, links, doors = plan.used_sites, plan.standing_links, gateways(plan)
    online = _reached(sites, links.values(), doors)
    found = []
    for key in sites:
        if key not in online:
            continue
        left = _reached(
            [site for site in sites if site != key],
            [link for link in links.values() if key not in (link.from_site, link.to_site)],
            [door for door in doors if door != key],
        )
        lost = sorted(online - left)
        found.append(PlanFailure("site", key, math.fsum(homes.get(one, 0.0) for one in lost),
                             tuple(one for one in lost if one != key)))  # fmt: skip
    return tuple(sorted(found, key=_weight))


def worst_tower(plan: Plan, found: Iterable[PlanFailure]) -> PlanFailure | None:
    """Return the first, in order, of the failures of towers that are no gateway; None where none of them loses a home.

    Without its only gateway a network is nothing: that tells no plan from another.
    """
    doors = gateways(plan)
    return next((one for one in found if one.kind == "site" and one.id not in doors and one.homes > 0.0), None)


def _served(plan: Plan) -> dict[str, float]:
    served: dict[str, float] = {}
    for home in plan.households.values():
        if home.server in plan.used_sites:
            served[str(home.server)] = served.get(str(home.server), 0.0) + home.weight
    return served


def _weight(one: PlanFailure) -> tuple[float, str, str]:
    return -one.homes, one.kind, one.id


def _reached(sites: Iterable[str], links: Iterable[Link], doors: Iterable[str]) -> set[str]:
    near: dict[str, list[str]] = {key: [] for key in sites}
    for link in links:
        if link.from_site in near and link.to_site in near:
            near[link.from_site].append(link.to_site)
            near[link.to_site].append(link.from_site)
    seen = {door for door in doors if door in near}
    front = list(seen)
    while front:
        for other in near[front.pop()]:
            if other not in seen:
                seen.add(other)
                front.append(other)
    return seen
