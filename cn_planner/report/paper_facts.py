"""What the papers ask of a plan beside its tables: who is left out by hamlet, and what including them takes."""

from __future__ import annotations

import math
from collections import Counter, defaultdict
from typing import TYPE_CHECKING

import numpy as np

from cn_planner.economics.marginal_cost import MarginalCost
from cn_planner.economics.opex import unsaid_connections
from cn_planner.economics.prices import amount_of
from cn_planner.geo import geodesics
from cn_planner.message import counted, msg
from cn_planner.model.gateways import uplink_kind
from cn_planner.model.left_out import UnservedKind
from cn_planner.model.plan import Household
from cn_planner.planning.fix_words import FixKind
from cn_planner.planning.result import inputs_of
from cn_planner.report.homes import kind_left_out
from cn_planner.report.paper_records import DoorRecord, LeftOutRecord, PaperFacts
from cn_planner.service.joined import gateways
from cn_planner.service.judge import Why

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from cn_planner.economics.costs import UnitCosts
    from cn_planner.economics.marginal_cost import PlanRow
    from cn_planner.message import Message
    from cn_planner.model.plan import Plan
    from cn_planner.planning.explain import Unserved
    from cn_planner.planning.fix_found import Fix, HomeFixes
    from cn_planner.report.deployment import HomeRecord
    from cn_planner.service.homes import HomeService


def paper_facts(
    costs: UnitCosts,
    labour_days: float,
    homes: Iterable[HomeRecord],
    explained: Mapping[str, Unserved],
    services: Mapping[str, HomeService],
    fixes: Mapping[str, HomeFixes],
) -> PaperFacts:
    """Return what the papers ask of a plan.

    ``costs``: of the plan as it stands. ``labour_days``: of one person, for all that is built. The others are those
    that the tables of homes are made of.
    """
    plan = costs.plan
    sites = plan.used_sites
    doors = [
        DoorRecord(key, sites[key].name or key, uplink_kind(uplink), uplink.monthly_cost)
        for key in gateways(plan)
        if (uplink := sites[key].uplink) is not None
    ]
    stands = bool(plan.choices.rows) and plan.choices.basis == inputs_of(plan)
    free = labour_days * plan.work.volunteer_pct / 100.0
    return PaperFacts(
        purpose=plan.purpose,
        costs=plan.costs,
        choices=plan.choices.rows if stands else (),
        outdated=bool(plan.choices.rows) and not stands,
        left_out=left_out_records(costs, homes, explained, services, fixes),
        doors=tuple(doors),
        unsaid_connections=tuple(sites[key].name or key for key in unsaid_connections(plan)),
        paid_days=labour_days - free,
        wage=amount_of(plan, "labour_day"),
        free_days=free,
        a_home=costs.home(Household("", "", 0.0, 0.0)).total,
    )


def left_out_records(
    costs: UnitCosts,
    homes: Iterable[HomeRecord],
    explained: Mapping[str, Unserved],
    services: Mapping[str, HomeService],
    fixes: Mapping[str, HomeFixes],
) -> tuple[LeftOutRecord, ...]:
    """Return the homes left out by hamlet, or by the nearest place of the network, most homes first.

    Who counts for none, as a home that refused, is left out by nobody. Each group says why, and what including all of
    it takes.

    Homes of a hamlet that the same tower, mast or sector would reach share it: it is counted once, and each home's own
    antenna beside it.
    """
    hamlets: dict[tuple[str, str], list[HomeRecord]] = defaultdict(list)
    left = [home for home in homes if not home.reached and home.weight > 0.0]
    for home, near in zip(left, _nearest(costs.plan, left), strict=True):
        hamlets[home.hamlet, "" if home.hamlet else near].append(home)
    marginal = MarginalCost(costs)
    found = []
    for (hamlet, near), members in hamlets.items():
        kinds = Counter[str]()
        for one in members:
            kinds[kind_left_out(one, explained, services)] += 1
        known = {one.id: ways.fixes[0] for one in members if (ways := fixes.get(one.id)) is not None and ways.fixes}
        without = math.fsum(one.weight for one in members if one.id not in known)
        takes, cost = _together(costs, marginal, list(known.values()))
        why = min(kinds.items(), key=lambda pair: (-pair[1], pair[0]))[0]
        reason = _REASONS.get(why, msg("Nobody has looked at them yet"))
        homes_there = math.fsum(one.weight for one in members)
        found.append(LeftOutRecord(hamlet, homes_there, reason, takes, cost if known else None, without, near))
    return tuple(sorted(found, key=lambda one: (-one.homes, one.hamlet, one.near)))


def _nearest(plan: Plan, homes: list[HomeRecord]) -> list[str]:
    """Return for each home the name of the place of the network that is nearest; empty where there is no network."""
    sites = list(plan.used_sites.values())
    if not sites or not homes:
        return [""] * len(homes)
    here = np.array([(home.latitude, home.longitude) for home in homes])
    there = np.array([(site.latitude, site.longitude) for site in sites])
    far = geodesics(here[:, :1], here[:, 1:], there[None, :, 0], there[None, :, 1])[2]
    return [sites[int(n)].name or sites[int(n)].id for n in far.argmin(axis=1)]


def _together(costs: UnitCosts, marginal: MarginalCost, ways: list[Fix]) -> tuple[tuple[Message, ...], float]:
    """Return in words what reaches some homes, and by how much the capital rises: what several need is done once."""
    alike: dict[tuple[FixKind, str], list[Fix]] = defaultdict(list)
    for way in ways:
        alike[way.kind, way.site].append(way)
    total, takes = 0, []
    for (kind, key), same in sorted(alike.items(), key=lambda pair: (-pair[0][0], pair[0][1])):
        most = max(same, key=lambda way: (way.cost, way.home))
        rows: dict[tuple[str, str], PlanRow] = {}
        for way in (*same, most):  # the dearest last: of a mast asked for twice the higher one stands
            rows |= {(type(row).__name__, row.id): row for row in way.rows if way is most or isinstance(row, Household)}
        total += marginal.cents(tuple(rows.values()))
        takes.append((kind, costs.plan.sites[key].name or key, len(same)))
    poles = sum(count for kind, _, count in takes if kind is FixKind.POLE)
    words = [_TAKES[kind](site) for kind, site, _ in takes if kind in _TAKES]
    if poles:
        words.append(counted("a pole at {count} home", "poles at {count} homes", poles))
    if ways and not words:
        words.append(msg("their antennas only"))
    return tuple(dict.fromkeys(words)), total / 100.0


_TAKES: dict[FixKind, Callable[[str], Message]] = {
    FixKind.TOWER: lambda site: msg("a tower at {site}", site=site),
    FixKind.MAST: lambda site: msg("a higher mast at {site}", site=site),
    FixKind.LINK: lambda site: msg("a link from {site}", site=site),
    FixKind.SECTOR: lambda site: msg("one more antenna at {site}", site=site),
    FixKind.TURN: lambda site: msg("an antenna turned at {site}", site=site),
}
_REASONS: dict[str, Message] = {
    UnservedKind.LAW: msg("The rules of the country do not allow their channel"),
    UnservedKind.LEFT_OUT: msg("The money, or the goal, ends before them"),
    UnservedKind.SHORT: msg("They can be reached, but the plan leaves them out"),
    UnservedKind.SHORT_DOORS: msg("The Internet connection carries no more homes"),
    UnservedKind.SHORT_LINKS: msg("The links between towers carry no more homes"),
    UnservedKind.SHORT_DOORS_LINKS: msg("The Internet connection and the links between towers carry no more homes"),
    UnservedKind.SHORT_SECTORS: msg("The towers have no room for more homes"),
    UnservedKind.SHORT_ALL: msg("The network carries no more homes"),
    UnservedKind.SHORT_TIME: msg("The search ended before a way to reach them was found"),
    **dict.fromkeys(
        (UnservedKind.HOPS, UnservedKind.SHORT_HOPS), msg("Too many towers stand between them and the Internet")
    ),
    **dict.fromkeys(
        (UnservedKind.SILENT, UnservedKind.SHORT_RADIOS, Why.UNHEARD.name), msg("The towers disturb each other there")
    ),
    **dict.fromkeys(
        (UnservedKind.WEAK, Why.MARGIN.name, Why.SLOW.name), msg("Too little signal comes to them from any tower")
    ),
    **dict.fromkeys((UnservedKind.FAR, Why.NO_TOWER.name, Why.FAR.name), msg("No tower is near enough")),
    **dict.fromkeys((UnservedKind.BLOCKED, Why.BLOCKED.name), msg("A hill or trees stand before them")),
    **dict.fromkeys((UnservedKind.NO_DATA, Why.NO_DATA.name), msg("The ground there is not known")),
    **dict.fromkeys((Why.UNPLANNED.name, Why.FULL.name), msg("A tower sees them, but none is given to them")),
    Why.NO_BEAM.name: msg("No antenna points at them"),
    **dict.fromkeys(
        (UnservedKind.CHECK, Why.CHECK.name, UnservedKind.UNSURE, Why.UNSURE.name),
        msg("Somebody must look there first"),
    ),
    Why.NO_MAST.name: msg("Their tower has no mast yet"),
    Why.CUT_OFF.name: msg("Their tower is not linked to the others"),
}
"""Why homes are left out, in words for those who vote."""
