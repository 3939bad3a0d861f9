"""The tables of power: what towers off the grid need, how that stands beside the bill, and the sun by month."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cn_planner.message import Message, msg
from cn_planner.report import words
from cn_planner.report.columns import money, number, table_of, text, word

if TYPE_CHECKING:
    from cn_planner.report.columns import Spec, Table
    from cn_planner.report.deployment import DeploymentPlan


def power_table(plan: DeploymentPlan) -> Table:
    """Return what keeps each tower off the grid on the air, the weakest first: loads, panels, batteries, cables."""
    return table_of(
        "power",
        msg("Power of towers off the grid"),
        (
            text("site", msg("Site")),
            text("name", msg("Name")),
            number("load_w", msg("Load, with losses in its cables"), "W", 1),
            number("wh_day", msg("Energy a day"), "Wh"),
            word("worst_month", msg("Worst month"), lambda r: r.worst_month),
            number("worst_sun_kwh_m2", msg("Sun on the panels then"), "kWh/m²", 2),
            text("panels", msg("Panels"), wide=True),
            number("panel_wp", msg("Panels, together"), "Wp"),
            number("tilt_deg", msg("Tilt"), "°"),
            text("batteries", msg("Batteries"), wide=True),
            number("battery_ah", msg("Batteries, together"), "Ah"),
            number("battery_wh", msg("Batteries, when new"), "Wh"),
            number("system_v", msg("Voltage"), "V"),
            word("chemistry", msg("Chemistry"), lambda r: words.CHEMISTRIES[r.chemistry]),
            number("usable_pct", msg("Depth of discharge"), "%"),
            text("controllers", msg("Charge controllers"), wide=True),
            number("controller_a", msg("Charge current"), "A", 1),
            number("autonomy_days", msg("Days without sun"), "d", 1),
            number("uptime_pct", msg("Works, of the year"), "%", 2),
            number("worst_uptime_pct", msg("Works, of the worst month"), "%", 1),
            number("cable_m", msg("Longest Ethernet cable"), "m"),
            number("cable_drop_pct", msg("Of its voltage lost"), "%", 1),
            number("wire_drop_pct", msg("Lost from the panels"), "%", 1),
            *_remarks(plan),
        ),
        plan.power,
        _notes(plan),
    )


def _remarks(plan: DeploymentPlan) -> tuple[Spec, ...]:
    """Return the column of what has to be said of single towers, where there is anything."""
    there = any(one.note is not None for one in plan.power)
    return (word("note", msg("Note"), lambda r: r.note, wide=True),) if there else ()


def _notes(plan: DeploymentPlan) -> tuple[Message, ...]:
    if not plan.sun:
        return ()
    return (
        msg(
            "The cheapest panels and batteries of the shelf with which a tower works as the plan asks, by an hourly "
            "count of an average year whose dullest days follow one another, with batteries at the end of their life. "
            "A dull year gives less."
        ),
    )


def power_bill_table(plan: DeploymentPlan) -> Table:
    """Return how long each tower works with what the bill counts for it, and what keeping it costs beyond that."""
    currency = plan.meta.currency
    return table_of(
        "power_bill",
        msg("What the bill counts for them"),
        (
            text("site", msg("Site")),
            text("counted", msg("In the bill of materials"), wide=True),
            number("counted_autonomy_days", msg("Days without sun"), "d", 1),
            number("counted_uptime_pct", msg("Works, of the year"), "%", 2),
            word("counted_worst_month", msg("Worst month"), lambda r: r.counted_worst_month),
            number("counted_worst_pct", msg("Works, of that month"), "%", 1),
            money("cost", msg("A set that keeps it costs"), currency),
            money("more_cost", msg("Beyond the bill"), currency, total=True),
        ),
        plan.power,
    )


def sun_table(plan: DeploymentPlan) -> Table:
    """Return the sun by month."""
    unit = "kWh/m²"
    return table_of(
        "power_sun",
        msg("Sun, a day of each month"),
        (
            word("month", msg("Month"), lambda r: r.month),
            number("level_kwh_m2", msg("On level ground"), unit, 2),
            number("clear_kwh_m2", msg("Of a clear sky"), unit, 2),
            number("panel_kwh_m2", msg("On the panels"), unit, 2),
        ),
        plan.sun,
    )
