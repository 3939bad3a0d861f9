"""The tables of the work: in which phases the network is built, what is done after what, on which channels."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cn_planner.message import msg
from cn_planner.report import words
from cn_planner.report.columns import money, number, table_of, text, word

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
            word("links", msg("Links"), lambda r: ", ".join(r.links), wide=True, counts=True),
            number("homes", msg("Homes reached"), total=True),
            number("homes_so_far", msg("Homes so far")),
            money("cost", msg("To build"), currency, total=True),
            money("cost_so_far", msg("So far"), currency),
            money("a_home", msg("A home"), currency, lambda r: r.cost / r.homes if r.homes else None),
            number("begins", msg("Begins in month")),
            number("on_air", msg("On the air from month")),
            money("month", msg("A month, to run"), currency),
            money("set_aside", msg("Of which set aside"), currency, counts=True),
        ),
        plan.phases,
        (msg("Each phase works alone. Those come first that reach most homes for their money."),)
        if plan.phases
        else (),
    )


def work_table(plan: DeploymentPlan) -> Table:
    """Return the work plan: each task after those that it needs."""
    return table_of(
        "work",
        msg("Work plan"),
        (
            number("number", msg("Task")),
            number("phase", msg("Phase")),
            word("what", msg("What"), lambda r: r.what, wide=True),
            text("site", msg("Site")),
            number("days", msg("Days of one person"), "", 1, total=True),
            word("after", msg("After tasks"), lambda r: ", ".join(str(one) for one in r.after), wide=True),
        ),
        plan.work,
        (msg("Days are the shelf's, for masts and poles. How long the rest takes, those say who do it."),)
        if plan.work
        else (),
    )


def channels_table(plan: DeploymentPlan) -> Table:
    """Return the channel of every sector and link, and how well it is heard among the others."""
    return table_of(
        "channels",
        msg("Channels"),
        (
            word("kind", msg("Kind"), lambda r: words.CAPACITY_KINDS[r.kind]),
            text("site", msg("Site")),
            text("id", msg("Id")),
            number("freq_mhz", msg("Frequency"), "MHz", 1),
            number("width_mhz", msg("Channel width"), "MHz", 1),
            word("dfs", msg("DFS"), lambda r: words.yes_no(r.dfs)),
            number("homes", msg("Homes")),
            number("snr_db", msg("Above noise, worst receiver"), "dB", 1),
            number("sinr_db", msg("Above noise and others"), "dB", 1),
            number("disturbed", msg("Receivers that are slower")),
            number("receivers", msg("Of so many")),
        ),
        plan.air.channels,
        plan.air.notes,
    )


def conflicts_table(plan: DeploymentPlan) -> Table:
    """Return the conflicts of channels that remain, in words."""
    return table_of(
        "conflicts",
        msg("Conflicts of channels"),
        (
            text("site", msg("Site")),
            text("id", msg("Id")),
            word("text", msg("What"), lambda r: r.text, wide=True),
            word("fix", msg("What to do"), lambda r: r.fix, wide=True),
        ),
        plan.air.conflicts,
    )
