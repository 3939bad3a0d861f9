"""Which sectors, links and Internet connections of a plan carry less than is put on them at the busy hour.

It is said beside every count of homes, in the same words: by the check, by the list of homes, and on papers.
"""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING

from cn_planner.errors import PlannerError
from cn_planner.links.verdict import Verdict
from cn_planner.model.checks import Action, PlanProblem, Severity
from cn_planner.model.plan import Status
from cn_planner.planning.too_full import ASK_LESS, FULL_PCT, full_link, full_sector, full_uplink
from cn_planner.service.joined import loads_at

if TYPE_CHECKING:
    from collections.abc import Iterator

    from cn_planner.message import Message
    from cn_planner.model.plan import Link
    from cn_planner.session.workspace import Snapshot

_HAIR = 1e-9


def busy_hour(snapshot: Snapshot) -> tuple[PlanProblem, ...]:
    """Return what carries less than its homes want: connections and links first, then sectors."""
    return *_ways(snapshot), *_sectors(snapshot)


def _problem(what: Message, where: str) -> PlanProblem:
    return PlanProblem(Severity.WARNING, what, ASK_LESS, where, action=Action.PLAN_AGAIN)


def _sectors(snapshot: Snapshot) -> Iterator[PlanProblem]:
    """Yield the sectors that have not the time for their homes and places; a home alone in one has all of it."""
    from cn_planner.service.now import sector_loads
    from cn_planner.session.service import service_now

    plan = snapshot.plan
    sites = [site for site in plan.used_sites.values() if site.sectors]
    if not sites or not plan.elevation:
        return
    try:
        now = service_now(snapshot, on_air=False)
    except PlannerError:  # terrain or kit that is missing, as was said
        return
    for site in sites:
        for key, (homes, busy_pct) in sector_loads(plan, now, site).items():
            many = homes + sum((one.site, one.sector) == (site.id, key) for one in now.placed) > 1.0
            if many and busy_pct > FULL_PCT:
                yield _problem(full_sector(plan, site.id, key, busy_pct), site.id)


def _ways(snapshot: Snapshot) -> Iterator[PlanProblem]:
    """Yield the Internet connections and links that carry less than their homes want."""
    from cn_planner.report.network import network
    from cn_planner.session.details import links_down_now

    plan, served, down = snapshot.plan, loads_at(snapshot.plan), frozenset[str]()
    with suppress(PlannerError):  # terrain that is missing, as was said
        down = links_down_now(snapshot) if plan.elevation else down
    net, each = network(plan, served, down=down), plan.demand.later_mbps
    for key in net.gateways:
        uplink = net.sites[key].uplink
        load = each * sum(homes for site, homes in served.items() if net.gateway_of(site) == key)
        if uplink is not None and 0.0 < uplink.mbps < load * (1.0 - _HAIR):
            yield _problem(full_uplink(plan, key, uplink.mbps, load), key)
    widens = _widens(snapshot)
    for link in net.links.values():
        load = plan.demand.link_mbps(widens=link.id in widens) * net.downstream_homes(link.id)
        if load <= 0.0 or not plan.elevation:
            continue
        try:
            rate = _carried(snapshot, link, load)
        except PlannerError:  # terrain or kit that is missing, as was said
            continue
        if rate is not None and rate < load * (1.0 - _HAIR):
            yield _problem(full_link(plan, link.id, rate, load), link.id)


def _carried(snapshot: Snapshot, link: Link, load: float) -> float | None:
    """Return what a link carries, as the planner counts it; None where what is known of it does for its load.

    None is planned that does not carry what one home should reach. One that was moved may carry nothing, and one of
    which more is asked now may carry less: its budget says so.
    """
    from cn_planner.planning.loads import standing_mbps
    from cn_planner.session.details import link_budget_of

    if load <= snapshot.plan.demand.mbps_per_home:
        budget = link_budget_of(snapshot, link)
        if budget is None:
            return None
        if budget.verdict is Verdict.BLOCKED:
            return None if link.status is Status.BUILT else 0.0  # one that stands carries what it carries
        if min(budget.rate_down_mbps or 0.0, budget.rate_up_mbps or 0.0) >= load:
            return None
    return standing_mbps(snapshot.study, link)


def _widens(snapshot: Snapshot) -> set[str]:
    """Return the links that take a wider channel once demand has grown."""
    from cn_planner.planning.year_five import wider_links

    try:
        return {one.link for one in wider_links(snapshot.study)} if snapshot.plan.elevation else set()
    except PlannerError:  # terrain or kit that is missing, as was said
        return set()
