"""A design that says why homes are left out and what reaches them, and whose plan keeps the reasons."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import TYPE_CHECKING

from cn_planner.message import msg
from cn_planner.model.clients import REFUSED_WORDS
from cn_planner.model.history import Edit
from cn_planner.model.left_out import LeftOut, UnservedKind
from cn_planner.model.plan import Outcome, PlanStatus
from cn_planner.planning.basis import basis_of
from cn_planner.planning.shortfall import NOT_KNOWN
from cn_planner.service.now import connects_homes

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from cn_planner.message import Message
    from cn_planner.model.plan import Plan
    from cn_planner.planning.explain import Unserved
    from cn_planner.planning.fix_found import HomeFixes
    from cn_planner.planning.result import Design


def told_left(found: Design, asked: float, kind: UnservedKind | None = None) -> Design:
    """Return a design for fewer homes than were asked for: it is not the share asked for that leaves homes out.

    ``kind``: why they are fewer, where that is not what the search itself said.
    """
    if found.edit is None or not found.served < asked < math.inf:
        return found
    if kind is None:
        kind = UnservedKind.SHORT if found.shortfall is None else found.shortfall.kind
    reason = NOT_KNOWN if found.reason is None else found.reason
    unserved = tuple(
        replace(one, kind=kind, reason=reason)
        if one.kind is UnservedKind.LEFT_OUT and one.reason != REFUSED_WORDS  # who refused is not asked for
        else one
        for one in found.unserved
    )
    return replace(found, unserved=unserved)


def with_ways(found: Design, fixes: Mapping[str, HomeFixes]) -> Design:
    """Return a design with what would reach the homes that its plan leaves out, and with the reasons in the plan."""
    unserved = []
    for one in found.unserved:
        own = None if one.kind is UnservedKind.SILENT else fixes.get(one.id)
        unserved.append(one if own is None else replace(one, fix=own.words, fix_cost=own.cost))
    return replace(found, unserved=tuple(unserved))


def with_reasons(found: Design) -> Design:
    """Return a design whose plan keeps why homes are left out."""
    plan = None if found.edit is None else found.edit.plan
    if found.edit is None or plan is None or plan.outcome is None:
        return found
    outcome = replace(plan.outcome, left_out=_grouped(found.unserved))
    return replace(found, edit=replace(found.edit, plan=replace(plan, outcome=outcome)))


def why_none(found: Design, plan: Plan) -> Edit | None:
    """Return the edit that keeps why homes are left out where no plan keeps the rules; None where one was found.

    Nor where the plan has a network, of which more is known, or where that there is none is not proven.
    """
    stood = plan.outcome
    known = found.edit is None and found.status is PlanStatus.INFEASIBLE and bool(found.unserved)
    if not known or connects_homes(plan) or (stood is not None and stood.served > 0.0):
        return None
    outcome = Outcome(
        found.status, found.households, 0.0, found.coverable, 0.0, None, None, found.budget, found.homes_upper_bound,
        basis_of(plan), found.objective, _grouped(found.unserved),
    )  # fmt: skip
    return Edit(msg("why no plan was made"), replace(plan, outcome=outcome))


def _grouped(unserved: Iterable[Unserved]) -> tuple[LeftOut, ...]:
    groups: dict[tuple[UnservedKind, Message, Message | None], list[str]] = {}
    for one in unserved:
        fix = one.fix if one.kind is UnservedKind.SILENT else None
        groups.setdefault((one.kind, one.reason, fix), []).append(one.id)
    return tuple(LeftOut(kind, reason, tuple(homes), fix) for (kind, reason, fix), homes in groups.items())
