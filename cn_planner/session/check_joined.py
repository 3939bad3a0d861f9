"""Which towers of a plan no link leads to a gateway from, though homes hang on them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cn_planner.message import msg
from cn_planner.model.checks import Action, PlanProblem, Severity
from cn_planner.service.joined import gateways, hops

if TYPE_CHECKING:
    from collections.abc import Iterator

    from cn_planner.model.plan import Plan


def cut_off_towers(plan: Plan) -> Iterator[PlanProblem]:
    """Say which towers with homes, of a plan with a gateway, are linked to none: a link was removed, or a tower."""
    if not gateways(plan):
        return
    linked, served = hops(plan), {home.server for home in plan.households.values()}
    cut_off = [site for key, site in plan.used_sites.items() if key not in linked and key in served]
    if cut_off:
        yield PlanProblem(
            Severity.WARNING,
            msg("Towers that reach no gateway: {count}", count=len(cut_off)),
            msg("{names}. Nobody there gets the Internet.", names=", ".join(site.name or site.id for site in cut_off)),
            cut_off[0].id,
            action=Action.LOOK,
        )
