"""What the planner found with public places among the homes (`public_places`), told as a plan of homes and places."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import TYPE_CHECKING

from cn_planner.message import msg
from cn_planner.model.clients import place_of, without_clients
from cn_planner.model.history import Edit
from cn_planner.model.plan import PlanStatus, Priority
from cn_planner.planning.result import OPTIMAL_GAP, basis_of
from cn_planner.planning.shortfall import NOT_KNOWN, PlacesBeside

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from cn_planner.message import Message
    from cn_planner.model.plan import Household, Plan
    from cn_planner.planning.problem import PlanningProblem
    from cn_planner.planning.result import Design

_NAMED = 5


def weight_of_places(problem: PlanningProblem) -> float:
    """Return the weight of the public places of a problem that can be reached."""
    rows = zip(problem.homes, problem.network.serve, strict=True)
    return math.fsum(one.weight for one, serve in rows if serve and place_of(problem.plan, one.id) is not None)


def told_apart(found: Design, problem: PlanningProblem) -> Design:
    """Return a design whose public places are no homes: in its plan, its counts, and its lists."""
    plan = problem.plan
    places = {one.id: one for one in problem.homes if place_of(plan, one.id) is not None}
    if not places:
        return found
    every = math.fsum(one.weight for one in places.values())
    coverable = weight_of_places(problem)
    forced = math.fsum(
        row.weight
        for row, one in zip(problem.instance.homes, problem.homes, strict=True)
        if row.must and one.id in places
    )
    made = None if found.edit is None else found.edit.plan
    servers = {} if made is None else {key: made.households[key].server for key in places if key in made.households}
    served = math.fsum(places[key].weight for key, server in servers.items() if server is not None)
    at = {site.id: math.fsum(places[k].weight for k, s in servers.items() if s == site.id) for site in found.sites}
    # The bound counts places that need not be connected, too: there are no more homes than can be reached.
    upper = None
    if found.homes_upper_bound is not None:
        upper = min(found.homes_upper_bound - forced, found.coverable - coverable)
    homes, gap, status = found.served - served, found.gap, found.status
    if upper is not None and gap is not None:
        gap = max(0.0, upper - homes) / max(homes, 1.0)
        if status is PlanStatus.OPTIMAL and gap > OPTIMAL_GAP:
            status = PlanStatus.FEASIBLE
    between, beside = found.homes_range, PlacesBeside(coverable, served, found.served)
    why = {one.id: beside.said(one.reason) for one in found.unserved}
    told = replace(
        found,
        status=status,
        households=found.households - every,
        served=homes,
        coverable=found.coverable - coverable,
        homes_upper_bound=upper,
        gap=gap,
        homes_range=None if between is None else (max(0.0, between[0] - served), max(0.0, between[1] - served)),
        sites=tuple(replace(site, homes=site.homes - at[site.id]) for site in found.sites),
        links=tuple(replace(link, to_id=_own_id(plan, link.to_id)) for link in found.links),
        unserved=tuple(
            replace(one, reason=beside.said(one.reason) or NOT_KNOWN) for one in found.unserved if one.id not in places
        ),
        reason=beside.said(found.reason),
        shortfall=beside.shortfall(found.shortfall),
        notes=(*filter(None, map(beside.said, found.notes)), *_missed(places.values(), servers, why)),
    )
    if found.edit is None or made is None:
        return told
    own = without_clients(made)
    if own.outcome is not None:
        outcome = replace(
            own.outcome, status=status, households=told.households, served=homes, coverable=told.coverable, gap=gap,
            homes_upper_bound=upper,
        )  # fmt: skip
        own = replace(own, outcome=replace(outcome, basis=basis_of(own)))
    return replace(told, edit=Edit(found.edit.label, own))


def _own_id(plan: Plan, client: str) -> str:
    place = place_of(plan, client)
    return client if place is None else place.id


def _missed(
    places: Iterable[Household], servers: Mapping[str, str | None], why: Mapping[str, Message | None]
) -> Iterable[Message]:
    """Yield which places have to be connected and are not, and why the first of them are not."""
    gone = [one for one in places if one.priority is Priority.MUST and servers.get(one.id) is None][:_NAMED]
    if gone:
        names = ", ".join(one.name for one in gone)
        yield msg("Public places that must be connected and are not: {places}.", places=names)
    for one in gone:
        if (reason := why.get(one.id)) is not None:
            yield msg("{place}: {reason}", place=one.name, reason=reason)
