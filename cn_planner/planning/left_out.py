"""Why homes are left out of a plan: as the planner said it, kept with the plan, for all who are asked afterwards.

What no plan can carry, what the clock cut short and whom the channels silence is seen in no plan. Where a plan was
changed since, that is not known any more, and only what the plan itself shows is said.
"""

from __future__ import annotations

import math
from dataclasses import replace
from typing import TYPE_CHECKING, NamedTuple

from cn_planner.message import Message, msg
from cn_planner.model.left_out import LeftOut, UnservedKind
from cn_planner.planning.result import basis_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from cn_planner.model.plan import Plan
    from cn_planner.planning.explain import Unserved
    from cn_planner.planning.fixes import HomeFixes
    from cn_planner.planning.result import Design

NOT_KNOWN = msg("It can be reached; the plan leaves it out.")


class Shortfall(NamedTuple):
    """Why fewer homes are reached than were asked for.

    Attributes
    ----------
    kind : UnservedKind
    goal : float
        The weight of homes that was asked for.
    most : float
        The most for which a plan was found, without regard to channels.
    why : Message or None
        The rule that binds.
    """

    kind: UnservedKind
    goal: float
    most: float
    why: Message | None

    def words(self, served: float) -> Message | None:
        """Return in words why so many are reached on the plan's own channels."""
        if served >= self.goal - 1e-9:
            return self.why
        said = msg(
            "{goal:g} homes were asked for; {served:g} are the most for which a plan was found.",
            goal=self.goal, served=max(self.most, served),
        )  # fmt: skip
        said = said if self.why is None else msg("{most} {why}", most=said, why=self.why)
        if served >= self.most - 1e-9:
            return said
        return msg(
            "{reason} The network's own radios disturb each other: on the channels that they may use {served:g} of "
            "the homes asked for are reached.",
            reason=said, served=served,
        )  # fmt: skip


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
        replace(one, kind=kind, reason=reason) if one.kind is UnservedKind.LEFT_OUT else one for one in found.unserved
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


def _grouped(unserved: Iterable[Unserved]) -> tuple[LeftOut, ...]:
    groups: dict[tuple[UnservedKind, Message, Message | None], list[str]] = {}
    for one in unserved:
        fix = one.fix if one.kind is UnservedKind.SILENT else None
        groups.setdefault((one.kind, one.reason, fix), []).append(one.id)
    return tuple(LeftOut(kind, reason, tuple(homes), fix) for (kind, reason, fix), homes in groups.items())


def reasons_kept(plan: Plan) -> dict[str, LeftOut]:
    """Return why homes are left out, by id; empty where the plan was changed since it was made, or does not say it."""
    outcome = plan.outcome
    if outcome is None or not outcome.left_out or outcome.basis != basis_of(plan):
        return {}
    return {key: one for one in outcome.left_out for key in one.homes if key in plan.households}


def silenced(plan: Plan) -> dict[str, Message]:
    """Return what helps the homes that the channels of a plan silence: what its towers could do for them does not."""
    return {key: one.fix for key, one in reasons_kept(plan).items() if one.fix is not None}
