"""What people saw on site against the links of a plan: a link over a hill or through trees stands in it until then."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cn_planner.links.seen import fix_of_seen, line_along
from cn_planner.message import Message, msg
from cn_planner.model.checks import PlanProblem, Severity
from cn_planner.model.evidence import Seen
from cn_planner.model.plan import Status

if TYPE_CHECKING:
    from collections.abc import Iterator

    from cn_planner.model.plan import Plan


def links_seen_closed(plan: Plan) -> Iterator[PlanProblem]:
    """Yield the links of the network along which somebody saw that nothing, or not enough, is clear."""
    for link in plan.standing_links.values():
        ends = [plan.sites.get(key) for key in (link.from_site, link.to_site)]
        a, b = ends
        if a is None or b is None or not (a.in_network and b.in_network):
            continue
        given = (link.from_height_m, a.mast_height_m), (link.to_height_m, b.mast_height_m)
        a_m, b_m = (mast or 0.0 if own is None else own for own, mast in given)
        line = line_along(plan, (a, a_m), (b, b_m))
        help_ = None if line is None else fix_of_seen(line)
        if line is None or help_ is None or link.status is Status.BUILT:  # one that is in use gets through
            continue
        when = ", ".join(filter(None, (line.who, line.date))) or "-"
        names = {"a": a.name or a.id, "b": b.name or b.id}
        what: Message = (
            msg(
                "The link {a}–{b} was seen hidden on site ({when}): homes with no other way do not count as reached.",
                when=when,
                **names,
            )
            if line.seen == Seen.HIDDEN
            else msg("Trees were seen along the link {a}–{b} ({when}): measure before it is built.", when=when, **names)
        )
        yield PlanProblem(Severity.WARNING, what, help_, link.id)
