"""``cn-planner power``: what each tower on the sun needs, and whether what is counted for it keeps it on the air."""

from __future__ import annotations

from dataclasses import fields
from typing import TYPE_CHECKING, Annotated, Any

import typer

from cn_planner.cli.console import as_command, opened, show, show_json, tell
from cn_planner.cli.options import Json, PlanPath
from cn_planner.i18n import say
from cn_planner.message import Message, msg

if TYPE_CHECKING:
    from cn_planner.report.power import PowerChapter
    from cn_planner.report.power_records import PowerRecord


@as_command("power")
def _power(
    plan: PlanPath,
    take: Annotated[
        bool, typer.Option("--take", help="Keep the sets that are counted now as long as they keep their towers.")
    ] = False,
    usual: Annotated[bool, typer.Option("--usual", help="Let every tower have the cheapest set again.")] = False,
    as_json: Json = False,
) -> None:
    """Say what panels and batteries each tower on the sun has, how long they work, and what they cost."""
    from cn_planner.report.power import power_chapter
    from cn_planner.session.sun import doubts, take_sets, usual_sets

    if take and usual:
        raise typer.BadParameter("give --take or --usual, not both")
    with opened(plan) as project:
        edit = take_sets(project.plan, project.catalogue) if take else usual_sets(project.plan) if usual else None
        if edit is not None:
            project.apply(edit)
            tell(msg("Done: {edit}.", edit=edit.label))
        chapter = power_chapter(project.plan, project.catalogue)
        for doubt in doubts(project.plan):
            tell(doubt)
        empty = not project.plan.used_sites
        currency, known = project.plan.info.currency, project.plan.sun.known
    if as_json:
        show_json({"currency": currency, "sites": [_plain(one) for one in chapter.records],
                   "months": [_plain(one) for one in chapter.months]})  # fmt: skip
        return
    _show_months(chapter)
    for record in chapter.records:
        for line in _lines(record, currency):
            show(line)
    if empty:
        tell(msg("The plan has no network yet: make a plan first."))
    elif not chapter.records:
        tell(msg("No tower of this plan is off the grid."))
    elif not known:
        tell(msg("How much sun there is is not known. Import a file of NASA POWER or PVGIS (import --as sun), set "
                 "sun.monthly_kwh_m2_day to twelve figures, or sun.clearness."))  # fmt: skip


def _plain(record: Any) -> dict[str, Any]:
    values = {one.name: getattr(record, one.name) for one in fields(record)}
    return {key: str(value) if isinstance(value, Message) else value for key, value in values.items()}


def _show_months(chapter: PowerChapter) -> None:
    if not chapter.months:
        return
    head = (msg("Month"), msg("Level ground"), msg("Clear sky"), msg("On the panels"))
    show("\t".join(say(one) for one in head) + "\tkWh/m²")
    for one in chapter.months:
        show(f"{say(one.month)}\t{one.level_kwh_m2:.2f}\t{one.clear_kwh_m2:.2f}\t{one.panel_kwh_m2:.2f}")
    show("")


def _lines(record: PowerRecord, currency: str) -> list[str]:
    """Return what is said of one tower."""
    name = f"{record.site} {record.name}".strip() if record.name != record.site else record.site
    lines = [say(msg("{site}: {load:.1f} W, {energy:,.0f} Wh a day", site=name, load=record.load_w,
                     energy=record.wh_day))]  # fmt: skip
    lines.append("  " + say(msg(
        "has {panels}; {batteries} ({ah:.0f} Ah, {wh:,.0f} Wh); {controllers} (sized by: {reason})",
        panels=record.panels, batteries=record.batteries, ah=record.battery_ah or 0.0, wh=record.battery_wh or 0.0,
        controllers=record.controllers, reason=record.sized_by,
    )))  # fmt: skip
    if record.uptime_pct is not None:
        lines.append("  " + say(msg(
            "works {year:.2f} % of the year, {worst:.1f} % of {month}; {days:.1f} days without sun",
            year=record.uptime_pct, worst=record.worst_uptime_pct or 0.0, month=record.worst_month or "",
            days=record.autonomy_days or 0.0,
        )))  # fmt: skip
    if record.cost is not None:
        lines.append("  " + say(msg("{cost:,.2f} {currency} of the price", cost=record.cost, currency=currency)))
    if record.cable_m is not None and record.cable_drop_pct is not None:
        lines.append("  " + say(msg("Ethernet cable of {length:.0f} m: {pct:.1f} % of the voltage",
                                    length=record.cable_m, pct=record.cable_drop_pct)))  # fmt: skip
    if record.note is not None:
        lines.append("  " + say(record.note))
    return lines
