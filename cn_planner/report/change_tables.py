"""The tables of the change log: two plans side by side, and what differs."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from cn_planner.message import Message, msg
from cn_planner.report.columns import table_of, text, word

if TYPE_CHECKING:
    from cn_planner.report.columns import Table
    from cn_planner.report.deployment import DeploymentPlan
    from cn_planner.report.work_records import ChangeRecord, Comparison, PlanFigures

KINDS: dict[str, Message] = {
    "site": msg("Site"),
    "link": msg("Link"),
    "home": msg("Homes"),
    "setting": msg("Setting"),
    "other": msg("Other"),
}


class Row(NamedTuple):
    """One figure of both plans, in words."""

    what: Message
    before: Message
    now: Message


def rows(found: Comparison) -> tuple[Row, ...]:
    """Return the figures of both plans side by side."""
    pairs = zip(_figures(found.before), _figures(found.now), strict=True)
    return tuple(Row(what, before, now) for (what, before), (_, now) in pairs)


def _figures(one: PlanFigures) -> tuple[tuple[Message, Message], ...]:
    unknown, none = msg("not computed"), msg("none")

    def money(value: float | None) -> Message:
        return none if value is None else msg("{amount:,.2f} {currency}", amount=value, currency=one.currency)

    homes = unknown
    if one.homes is not None:
        homes = msg("{reached:g} of {all:g}", reached=one.homes, all=one.homes_total)
    weakest = unknown if one.homes is None else none
    if one.weakest_db is not None:
        weakest = msg("{ends}: {margin:.1f} dB to spare", ends=one.weakest, margin=one.weakest_db)
    lost = unknown if one.lost is None else none
    if one.lost:
        lost = msg("{homes:g}, with {site}", homes=one.lost, site=one.lost_with)
    return (
        (msg("Homes reached"), homes),
        (msg("Towers"), msg("{count}", count=one.towers)),
        (msg("To build"), money(one.cost)),
        (msg("A home, to build"), money(one.cost_a_home)),
        (msg("A month, to run"), money(one.month)),
        (msg("Weakest link"), weakest),
        (msg("Towers without which others fall silent"), msg("{count}", count=one.single_points)),
        (msg("Most homes lost where one tower fails, gateways aside"), lost),
    )


def figures_table(plan: DeploymentPlan) -> Table:
    """Return the figures of this version and the one before."""
    log = plan.log
    before, now = (msg("Before"), msg("Now")) if log is None else (log.before.label, log.now.label)
    return table_of(
        "changes_figures",
        msg("Against the version before"),
        (
            word("what", msg("Figure"), lambda r: r.what, wide=True),
            word("before", before, lambda r: r.before, wide=True),
            word("now", now, lambda r: r.now, wide=True),
        ),
        () if log is None else rows(log),
    )


def changes_table(plan: DeploymentPlan) -> Table:
    """Return what differs from the version before."""
    return table_of(
        "changes",
        msg("What changed"),
        (
            word("kind", msg("Kind"), lambda r: KINDS[r.kind]),
            text("id", msg("Id")),
            word("text", msg("What changed"), told, wide=True),
        ),
        () if plan.log is None else plan.log.changes,
    )


def told(one: ChangeRecord) -> Message:
    """Return what changed, with the homes that it is about where they may be named."""
    return msg("{what} {ids}", what=one.text, ids=one.which) if one.which else one.text
