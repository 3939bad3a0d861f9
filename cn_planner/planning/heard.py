"""A design without those who are not served on its channels: what then serves nobody goes, and they are told why."""

from __future__ import annotations

import math
from collections import Counter
from dataclasses import replace
from typing import TYPE_CHECKING

from cn_planner.economics.costs import capital
from cn_planner.economics.opex import monthly_cost
from cn_planner.message import msg
from cn_planner.model import edits
from cn_planner.model.clients import unserved
from cn_planner.model.history import Edit
from cn_planner.model.plan import Choice, PlanStatus, Priority, SiteRole, Status
from cn_planner.planning.explain import OTHER_BAND, Unserved, UnservedKind
from cn_planner.planning.relays import without_idle_relays
from cn_planner.planning.result import basis_of
from cn_planner.planning.shortfall import must_missed
from cn_planner.service.hanging import sectors_of_clients
from cn_planner.service.joined import ways_up
from cn_planner.service.judge import Why

if TYPE_CHECKING:
    from cn_planner.message import Message
    from cn_planner.model.plan import Plan
    from cn_planner.planning.result import Design
    from cn_planner.spectrum.channel_plan import ChannelPlan
    from cn_planner.study import Study

_KINDS = {
    Why.CHECK: UnservedKind.CHECK,
    Why.UNSURE: UnservedKind.UNSURE,
    **dict.fromkeys((Why.BLOCKED, Why.CUT_OFF), UnservedKind.BLOCKED),  # at the home, or between its towers
    Why.NO_DATA: UnservedKind.NO_DATA,
    Why.FAR: UnservedKind.FAR,
}
"""Of a home whose own path does not hold; of others it is too weak."""
_LEAVES = (SiteRole.CANDIDATE, SiteRole.RELAY, SiteRole.GATEWAY_OPTION)
"""Towers that go where nobody hangs on them any more."""


def heard_only(found: Design, channels: ChannelPlan, study: Study, *, cut: bool = False) -> Design:
    """Return a design that counts nobody as served who is not, on its channels, and buys nothing for them.

    ``cut``: the search was ended before all was tried, so that another plan may be heard by them.
    """
    gone = channels.not_served
    if found.edit is None or not gone:
        return found
    before, catalogue = found.edit.plan, study.catalogue
    homes = [unserved(before.households[key]) for key in sorted(gone)]
    plan = _without_idle(replace(study, plan=edits.put(before, homes).plan))
    weight = math.fsum(home.weight for home in homes)
    capex = capital(plan, catalogue).total.total
    served = found.served - weight
    status = PlanStatus.FEASIBLE if found.status is PlanStatus.OPTIMAL else found.status
    if plan.outcome is not None:
        outcome = replace(
            plan.outcome, served=served, capex=capex, lower_bound=None, gap=None, status=status, basis=basis_of(plan)
        )
        plan = replace(plan, outcome=outcome)
    carried: dict[str, float] = {}
    for home in plan.households.values():
        if home.server is not None:
            carried[home.server] = carried.get(home.server, 0.0) + home.weight
    stands = plan.used_sites
    part = served / found.served if found.served > 0.0 else 0.0
    notes = _said(before, channels, cut)
    missed = [key for key in sorted(gone) if before.households[key].priority is Priority.MUST]
    if missed:
        notes.append(must_missed(missed))
    return replace(
        found,
        edit=Edit(found.edit.label, plan), status=status, served=served, capex=capex, lower_bound=None, gap=None,
        month=monthly_cost(plan, catalogue, capex).total, running=found.runs_for(plan, catalogue, capex),
        homes_range=None if found.homes_range is None else (found.homes_range[0] * part, found.homes_range[1] * part),
        sites=tuple(replace(site, homes=carried.get(site.id, 0.0)) for site in found.sites if site.id in stands),
        links=tuple(
            link for link in found.links
            if link.from_id in stands and (link.to_id in stands if link.kind == "backhaul" else link.to_id not in gone)
        ),
        unserved=tuple(
            sorted(
                (*found.unserved, *(_untold(key, why, channels, cut) for key, why in channels.unheard.homes.items())),
                key=lambda one: one.id,
            )
        ),
        notes=(*found.notes, *notes),
    )  # fmt: skip


def _said(plan: Plan, channels: ChannelPlan, cut: bool) -> list[Message]:
    """Return in words how many homes are not served on the channels."""
    silent, crowded = (
        math.fsum(plan.households[key].weight for key in sorted(keys))
        for keys in (channels.silent, channels.crowded_out.keys() - channels.silent - channels.unheld.keys())
    )
    found = [] if silent <= 0.0 else [_drowned(silent, cut)]
    if crowded > 0.0:
        found.append(
            msg(
                "Further homes that see a tower, but for which nothing is left at the busy hour: {homes:,g}. The "
                "network's own radios disturb each other, so that sectors or links carry less. Such homes do not count "
                "as reached.",
                homes=crowded,
            )
        )
    return found


def _drowned(silent: float, cut: bool) -> Message:
    if cut:
        return msg(
            "Further homes that see a tower, but to which nothing comes through on the channels that the radios may "
            "use: {homes:,g}. In this plan the network's own radios drown each other. Such homes do not count as "
            "reached. Not all was tried: with more time a plan may be found that reaches them.",
            homes=silent,
        )
    return msg(
        "Further homes that see a tower, but to which nothing comes through on the channels that the radios may use: "
        "{homes:,g}. The network's own radios drown each other. Such homes do not count as reached. A kit of another "
        "band for homes or for links, or a second Internet connection, would help.",
        homes=silent,
    )  # fmt: skip


def _untold(key: str, reason: Message, channels: ChannelPlan, cut: bool) -> Unserved:
    if key in channels.unheld:
        return Unserved(key, _KINDS.get(channels.unheld[key].why, UnservedKind.WEAK), reason, None, None)
    fix = OTHER_BAND
    if cut:
        fix = msg(
            "First give the search more time: not all was tried. Else a kit of another band for homes or for links, or "
            "a second Internet connection."
        )
    return Unserved(key, UnservedKind.SILENT, reason, fix, None)


def _without_idle(study: Study) -> Plan:
    """Return a plan without the sectors, towers and links that reach and carry nobody any more."""
    plan = study.plan
    used: dict[str, set[str]] = {}
    hung_on = sectors_of_clients(study, plan.households.values())
    for key, hung in hung_on.items():
        home = plan.households[key]
        site = plan.sites[str(home.server)]
        at_mast = (home.latitude, home.longitude) == (site.latitude, site.longitude)
        used.setdefault(site.id, set()).add(_first(plan, site.id) if at_mast else hung)
    here = used.keys()
    sites = [
        replace(site, sectors=tuple(one for one in site.sectors if one.id in used.get(key, ())))
        for key, site in plan.used_sites.items()
        if site.sectors and site.status is not Status.BUILT and len(used.get(key, ())) < len(site.sectors)
    ]
    plan = edits.put(plan, sites).plan if sites else plan
    twice = any(site.two_ways for site in plan.used_sites.values())
    while True:
        up = ways_up(plan)
        carries = {way[0] for way in up.values() if way is not None}
        kept = {end for link in plan.links.values() if _stays(link.choice, link.status) for end in
                (link.from_site, link.to_site)}  # fmt: skip
        ends = Counter(end for link in plan.standing_links.values() for end in (link.from_site, link.to_site))
        idle = [
            key
            for key, site in plan.used_sites.items()
            if key in up and up[key] is not None and key not in carries and key not in here and key not in kept
            and not _stays(site.choice, site.status) and site.role in _LEAVES
            and not site.two_ways and not (twice and ends[key] > 1)  # it may be of somebody's second way
        ]  # fmt: skip
        if not idle:
            return without_idle_relays(plan)
        links = [key for key, link in plan.links.items() if link.from_site in idle or link.to_site in idle]
        plan = edits.remove(plan, "links", links).plan if links else plan
        plan = edits.put(plan, [replace(plan.sites[key], mast_height_m=None, sectors=()) for key in idle]).plan


def _first(plan: Plan, site: str) -> str:
    sectors = plan.sites[site].sectors
    return sectors[0].id if sectors else ""


def _stays(choice: Choice, status: Status) -> bool:
    return choice is Choice.LOCKED or status is Status.BUILT
