"""The tables of the work: in which phases the network is built, and who does what after what."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cn_planner.message import msg
from cn_planner.report.columns import money, number, table_of, word

if TYPE_CHECKING:
    from cn_planner.report.columns import Table
    from cn_planner.report.deployment import DeploymentPlan


def phases_table(plan: DeploymentPlan) -> Table:
    """Return the phases, in the order in which they are built."""
    currency = plan.meta.currency
    return table_of(
        "phases",
        msg("Phases"),
        (
            number("number", msg("Phase")),
            word("sites", msg("Towers"), lambda r: ", ".join(r.sites), wide=True),
            word("links", msg("Links"), lambda r: ", ".join(r.links), wide=True),
            number("homes", msg("Homes reached"), total=True),
            number("homes_so_far", msg("Homes so far")),
            money("cost", msg("To build"), currency, total=True),
            money("cost_so_far", msg("So far"), currency),
            money("a_home", msg("A home"), currency, lambda r: r.cost / r.homes if r.homes else None),
            number("begins", msg("Begins in month")),
            number("on_air", msg("On the air from month")),
            money("month", msg("A month, to run"), currency),
            money("set_aside", msg("Of which set aside"), currency),
        ),
        plan.phases,
        (msg("Each phase works alone. Those come first that reach most homes for their money."),)
        if plan.phases
        else (),
    )
