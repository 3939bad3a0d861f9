"""Each decision of a plan that was proposed: what it is, why, for how much, and whether people keep it or leave it out.

A decision is a tower built or not, the height of its mast, a connection to the Internet that is opened, a hotspot, a
link. What people say of one is an edit of fields that the plan has: ``choice`` of a place, of a relay at a home and of
a link, ``keep_mast_m``, ``uplink_choice`` and ``hotspot_choice`` of a place, ``must`` and ``left_out`` of a public
place. The planner reads them (`places`, `site_rows`, `link_rows`, `public_places`), so plan and bound keep them.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import StrEnum
from typing import TYPE_CHECKING

import numpy as np

from cn_planner.coverage.matrix import pair_matrix
from cn_planner.economics.costs import UnitCosts, capital
from cn_planner.links.conditions import conditions_of
from cn_planner.model import edits
from cn_planner.model.clients import hotspots_on
from cn_planner.model.gateways import is_gateway, offer_of
from cn_planner.model.plan import Choice, SiteRole, Status
from cn_planner.planning.link_kits import links_of
from cn_planner.planning.pairs import places_of
from cn_planner.planning.places import heights_allowed, zones_of
from cn_planner.planning.relays import decided
from cn_planner.progress import ALONE
from cn_planner.service.heights import seen_by_height
from cn_planner.service.joined import homes_behind, loads_behind, ways_up
from cn_planner.service.roofs import home_arrays

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from cn_planner.model.plan import Link, Site
    from cn_planner.progress import Run
    from cn_planner.service.now import ServiceNow
    from cn_planner.study import Study


class DecisionKind(StrEnum):
    """What is decided."""

    TOWER = "tower"
    RELAY = "relay"
    MAST = "mast"
    GATEWAY = "gateway"
    HOTSPOT = "hotspot"
    PLACE = "place"
    """A public place that is connected, where hotspots are allowed with a hotspot on its roof."""
    LINK = "link"


@dataclass(frozen=True, slots=True)
class Decision:
    """One decision of a plan, with the facts that speak for it.

    Attributes
    ----------
    kind : DecisionKind
    id : str
        Of the site, the link or the public place.
    group : str
        Id of the site or public place under which it stands.
    taken : bool
        Whether the plan has it.
    cost : float or None
        What the plan would cost less to build without it, in its currency: of a tower with its links, of a mast against
        the next lower one. What is not taken: what it would cost at least beside. None where that is not known.
    homes : float
        Homes by weight that hang on it.
    alone : float
        Of a tower: of the homes that it serves itself those that no other tower of the plan sees; of a mast: those that
        need more than the next lower one.
    serves : float
        Of a tower: the homes that it serves itself.
    links : int
        Of a mast: the links that do not hold from the next lower one. Of a link: 1 where it is a second way.
    height_m, lower_m : float or None
        Of a mast: its height, and the next lower one that is allowed.
    month : float
        Of a connection to the Internet.
    people : float
        Who reaches a hotspot on foot.
    ends : tuple of str
        The sites that a link joins.
    forbidden : bool
        Whether people left it out before the plan was made.
    """

    kind: DecisionKind
    id: str
    group: str
    taken: bool
    cost: float | None = None
    homes: float = 0.0
    alone: float = 0.0
    serves: float = 0.0
    links: int = 0
    height_m: float | None = None
    lower_m: float | None = None
    month: float = 0.0
    people: float = 0.0
    ends: tuple[str, ...] = ()
    forbidden: bool = False


def decisions_of(
    study: Study, now: ServiceNow | None = None, people: Mapping[str, float] | None = None, *, run: Run = ALONE
) -> tuple[Decision, ...]:
    """Return the decisions of a plan: tower by tower what it has, then what it could have and does not.

    Parameters
    ----------
    study : Study
        Of the plan as proposed.
    now : ServiceNow, optional
        Its homes; what homes need is not said without.
    people : mapping, optional
        How many reach each hotspot on foot, by the id of tower or public place.

    Raises
    ------
    InputError
        Where a kit that the plan names is not on the shelf.
    CancelledError
    """
    made = _Decisions(study, now, people or {})
    found: list[Decision] = []
    sites = study.plan.sites
    for number, (key, site) in enumerate(sites.items()):
        run.check()
        run.progress(number / len(sites))
        found += made.of_site(key, site)
    return (*found, *made.of_places())


class _Decisions:
    """A plan, and what of it is asked for each decision."""

    def __init__(self, study: Study, now: ServiceNow | None, people: Mapping[str, float]) -> None:
        plan = study.plan
        self.study, self.plan, self.now, self.people = study, plan, now, people
        self.costs = UnitCosts(plan, study.catalogue)
        self.capex = capital(plan, study.catalogue).total.total
        self.used, self.standing = plan.used_sites, plan.standing_links
        self.zones = zones_of(plan)
        self.behind, self.load, over = homes_behind(plan), loads_behind(plan), ways_up(plan)
        self.served = dict.fromkeys(self.used, 0.0)
        for home in plan.households.values():
            if home.server in self.served:
                self.served[str(home.server)] += home.weight
        self.hanging = dict(self.served)
        """Homes that each tower serves or carries on."""
        for key, way in over.items():
            self.hanging[key] = self.served[key] if way is None else self.behind[way[1]]
        for way, weight in ((over[key], self.hanging[key]) for key in over):
            if way is not None and over[way[0]] is None:
                self.hanging[way[0]] += weight
        self.joined = over.keys()
        self.owner = {way[1]: key for key, way in over.items() if way is not None}
        """The tower that hangs on each link of the tree."""

    def of_site(self, key: str, site: Site) -> Iterator[Decision]:
        """Yield what is decided of a place: the tower, what it has, and the links by which it hangs on others."""
        if key not in self.used:
            yield from self._unused(key, site)
            return
        kind = DecisionKind.RELAY if site.role is SiteRole.RELAY else DecisionKind.TOWER
        if site.status is not Status.BUILT:
            yield Decision(
                kind, key, key, True, self._saved(replace(site, mast_height_m=None, sectors=())),
                homes=self.hanging[key], alone=self._alone(key), serves=self.served[key],
            )  # fmt: skip
            if site.role not in (SiteRole.EXISTING, SiteRole.RELAY):
                yield self._mast(key, site)
        if site.role is SiteRole.GATEWAY_OPTION:
            yield self._connection(key, site)
        if hotspots_on(self.plan) and (site.hotspot or site.hotspot_choice is not Choice.FREE):
            saved = self._saved(replace(site, hotspot=False)) if site.hotspot else None
            yield Decision(DecisionKind.HOTSPOT, key, key, site.hotspot, saved, people=self.people.get(key, 0.0),
                           forbidden=site.hotspot_choice is Choice.FORBIDDEN)  # fmt: skip
        for one in self.plan.links.values():
            if key == self._end_of(one):
                yield from self._link(key, one)

    def _end_of(self, link: Link) -> str:
        """Return the place under which a link stands: the tower that hangs on it, else its first end."""
        return self.owner.get(link.id, link.from_site)

    def _unused(self, key: str, site: Site) -> Iterator[Decision]:
        """Yield a place that the plan does without, where a tower could stand or people left it out."""
        if site.role is SiteRole.RELAY and not decided(site):
            return
        forbidden = site.choice is Choice.FORBIDDEN
        allowed, reason = heights_allowed(self.plan, self.costs, replace(site, choice=Choice.FREE), self.zones)
        if reason is None and (forbidden or not site.stands):
            kind = DecisionKind.RELAY if site.role is SiteRole.RELAY else DecisionKind.TOWER
            cost = self.costs.site(replace(site, uplink_bought=False), min(allowed))
            yield Decision(kind, key, key, False, None if cost is None else cost.total, forbidden=forbidden)
            if site.role is SiteRole.GATEWAY_OPTION:
                yield self._connection(key, replace(site, mast_height_m=min(allowed)))

    def _saved(self, row: Site | Link) -> float:
        """Return what the plan costs less to build with a site or link so."""
        less = capital(edits.put(self.plan, [row]).plan, self.costs.catalogue).total.total
        return round(self.capex - less, 2)

    def _alone(self, key: str) -> float:
        """Return the homes that a tower serves and no other tower of the plan sees, by weight."""
        now = self.now
        if now is None or key not in now.sites or not now.masks.towers:
            return 0.0
        at = now.sites.index(key)
        mine = now.homes.weight * (now.connected & (now.site == at))
        return float(now.masks.lost_if_fails(mine)[at])

    def _mast(self, key: str, site: Site) -> Decision:
        height = site.mast_height_m or 0.0
        free = replace(site, keep_mast_m=None, choice=Choice.FREE, mast_height_m=None)
        lower = [one for one in heights_allowed(self.plan, self.costs, free, self.zones)[0] if one < height - 1e-9]
        if not lower:
            return Decision(DecisionKind.MAST, key, key, True, height_m=height)
        less = replace(site, mast_height_m=max(lower))
        return Decision(
            DecisionKind.MAST, key, key, True, self._saved(less),
            alone=self._homes_lost(site, less), links=self._links_lost(less),
            height_m=height, lower_m=max(lower),
        )  # fmt: skip

    def _homes_lost(self, site: Site, less: Site) -> float:
        """Return the homes of a tower that its mast sees and a lower one does not, by weight."""
        now = self.now
        if now is None or site.id not in now.sites:
            return 0.0
        served = np.flatnonzero(now.connected & (now.site == now.sites.index(site.id)))
        mine = home_arrays(self.plan, [now.homes.ids[n] for n in served.tolist()])
        high, low = seen_by_height(self.study, mine, site, [site.mast_height_m or 0.0, less.mast_height_m or 0.0])
        return float(mine.weight[high & ~low].sum())

    def _links_lost(self, less: Site) -> int:
        """Return how many links of a tower hold from its mast and not from a lower one, by the planner's rule."""
        return sum(
            self._holds(one, self.used[less.id]) and not self._holds(one, less)
            for one in self.standing.values()
            if less.id in (one.from_site, one.to_site)
        )

    def _holds(self, link: Link, site: Site) -> bool:
        """Return whether a link holds with one of its ends so, and carries what hangs on it."""
        study, plan = self.study, self.plan
        if study.surface.empty:
            return True
        other = self.used[link.to_site if link.from_site == site.id else link.from_site]
        kit = study.catalogue.kit(link.kit or plan.kits.backhaul).on(link.freq_mhz, link.width_mhz)
        one = np.zeros(1, np.int64)
        path = pair_matrix(
            study.surface, places_of((site,)), places_of((other,)), [site.mast_height_m or 0.0],
            [other.mast_height_m or 0.0], kit.freq_mhz, conditions_of(plan), pairs=(one, one),
            enough_f1=plan.rules.clearance_f1, needs=False, obstacles=tuple(plan.obstacles.values()),
        )  # fmt: skip
        load = max(plan.demand.mbps_per_home, self.load.get(link.id, 0.0) * plan.demand.busy_hour_mbps)
        return bool(links_of(study, path, kit, load)[1].all())

    def _connection(self, key: str, site: Site) -> Decision:
        """Return the connection of a possible gateway: what opening it costs; None where nobody said its price."""
        taken, one = key in self.used and is_gateway(site), site.uplink
        offer = offer_of(replace(site, uplink_choice=Choice.FREE))
        cost = None
        if taken:
            cost = self._saved(replace(site, uplink_bought=False))
        elif offer is not None:
            with_it, bare = (
                self.costs.site(replace(site, uplink_bought=on), site.mast_height_m or 0.0) for on in (True, False)
            )
            cost = None if with_it is None or bare is None else round(with_it.total - bare.total, 2)
        return Decision(
            DecisionKind.GATEWAY, key, key, taken, cost, homes=self.hanging.get(key, 0.0) if taken else 0.0,
            month=0.0 if one is None else one.monthly_cost,
            forbidden=site.uplink_choice is Choice.FORBIDDEN,
        )  # fmt: skip

    def _link(self, key: str, link: Link) -> Iterator[Decision]:
        taken = link.id in self.standing
        if link.status is Status.BUILT or not (taken or link.choice is not Choice.FREE):
            return
        saved = self._saved(replace(link, choice=Choice.FORBIDDEN)) if taken else None
        yield Decision(
            DecisionKind.LINK, link.id, key, taken, saved,
            homes=self.behind.get(link.id, 0.0), ends=(link.from_site, link.to_site),
            links=int(taken and self._spare(link)), forbidden=link.choice is Choice.FORBIDDEN,
        )  # fmt: skip

    def _spare(self, link: Link) -> bool:
        """Return whether a link is one more way between towers that reach a gateway without it."""
        return link.id not in self.owner and {link.from_site, link.to_site} <= self.joined

    def of_places(self) -> Iterator[Decision]:
        """Yield the public places: those that are connected, and those that are not."""
        for key, place in self.plan.places.items():
            if place.server is not None or place.left_out or hotspots_on(self.plan):
                yield Decision(
                    DecisionKind.PLACE, key, key, place.server in self.used, people=self.people.get(key, 0.0),
                    ends=() if place.server is None else (place.server,), forbidden=place.left_out,
                )  # fmt: skip
