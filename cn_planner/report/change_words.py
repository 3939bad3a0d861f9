"""The change log in words: two plans side by side, and what differs."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cn_planner.message import Message, msg
from cn_planner.report.columns import WORD, heading, record

if TYPE_CHECKING:
    from cn_planner.report.work_records import ChangeRecord, PlanComparison, PlanFigures


@record
class FigureRow:
    """One figure of both plans, in words."""

    what: Message = heading(msg("Figure"), WORD, wide=True)
    before: Message = heading(msg("Before"), WORD, wide=True)
    now: Message = heading(msg("Now"), WORD, wide=True)


def rows(found: PlanComparison) -> tuple[FigureRow, ...]:
    """Return the figures of both plans side by side."""
    pairs = zip(_figures(found.before), _figures(found.now), strict=True)
    return tuple(FigureRow(what, before, now) for (what, before), (_, now) in pairs)


def _figures(one: PlanFigures) -> tuple[tuple[Message, Message], ...]:
    unknown, none = msg("not computed"), msg("none")

    def money(value: float | None) -> Message:
        return none if value is None else msg("{amount:,.2f} {currency}", amount=value, currency=one.currency)

    homes = unknown
    if one.homes is not None:
        homes = msg("{reached:,g} of {all:,g}", reached=one.homes, all=one.homes_total)
    weakest = unknown if one.homes is None else none
    if one.weakest_db is not None:
        weakest = msg("{ends}: {margin:.1f} dB to spare", ends=one.weakest, margin=one.weakest_db)
    lost = unknown if one.lost is None else none
    if one.lost:
        lost = msg("{homes:,g}, with {site}", homes=one.lost, site=one.lost_with)
    return (
        (msg("Homes reached"), homes),
        (msg("Towers"), msg("{count}", count=one.towers)),
        (msg("To build"), money(one.cost)),
        (msg("To build, per home"), money(one.cost_a_home)),
        (msg("A month, to run"), money(one.month)),
        (msg("Weakest link"), weakest),
        (msg("Towers without which others lose the network"), msg("{count}", count=one.single_points)),
        (msg("Most homes lost where one tower fails (not the Internet entry)"), lost),
    )


def told_change(one: ChangeRecord) -> Message:
    """Return what changed, with the homes that it is about where they may be named."""
    return msg("{what} {ids}", what=one.text, ids=one.which) if one.which else one.text
