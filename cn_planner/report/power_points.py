"""What could go wrong with towers on the sun, what to do about it, and what is not known of it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cn_planner.economics.power_ladder import latitude_of
from cn_planner.economics.sun import beyond_clear_sky
from cn_planner.message import msg
from cn_planner.model.plan import PowerSource
from cn_planner.report import words
from cn_planner.report.deployment import MissingInfo, NextAction, Risk

if TYPE_CHECKING:
    from collections.abc import Iterator

    from cn_planner.message import Message
    from cn_planner.report.findings import Findings
    from cn_planner.report.power_records import PowerRecord


def _dying(found: Findings) -> list[PowerRecord]:
    """Return the towers whose set works less than the plan asks for, the weakest first."""
    wanted = found.plan.power.uptime_pct - 1e-6
    return [one for one in found.power if one.uptime_pct is not None and one.uptime_pct < wanted]


def _named(found: Findings, records: list[PowerRecord]) -> str | Message:
    return found.named([found.plan.sites[one.site] for one in records])


def power_risks(found: Findings) -> Iterator[Risk]:
    """Yield what could go wrong: solar that dies in the dullest month."""
    solar = [site for site in found.net.sites.values() if site.power is PowerSource.SOLAR]
    if not found.plan.sun.known:
        if solar:
            yield Risk(
                msg("Sun in the dullest month"),
                msg("Panels and batteries last so many days without sun; how much there is nobody said: {names}.",
                    names=found.named(solar)),
                31.0,
                site=solar[0].id,
            )  # fmt: skip
        return
    dying = _dying(found)
    if dying:
        worst = dying[0]
        dark_pct = 100.0 - (worst.worst_uptime_pct or 0.0)
        yield Risk(
            msg("Towers that no set of the shelf keeps running: {count}", count=len(dying)),
            msg("{names}: the mains, the wind, or a smaller load.", names=_named(found, dying)),
            64.0 + 0.3 * dark_pct,
            site=worst.site,
        )


def power_actions(found: Findings) -> Iterator[NextAction]:
    """Yield what to do next."""
    if found.power and not found.plan.sun.known:
        yield NextAction(
            msg("Enter how much sun there is"),
            msg("A file of NASA POWER or PVGIS for the place, or twelve figures: then panels are sized."),
        )


def power_missing(found: Findings) -> Iterator[MissingInfo]:
    """Yield what is not known."""
    sun, latitude = found.plan.sun, latitude_of(found.plan)
    if found.power and not sun.known:
        yield MissingInfo(
            "sun",
            msg(
                "Nobody has said how much sun there is: towers whose panels and batteries are for days without sun "
                "alone: {count}.",
                count=len(found.power),
            ),
            msg("Import a file of NASA POWER or PVGIS, or give twelve figures."),
        )
    doubted = () if latitude is None else beyond_clear_sky(sun, latitude)
    if found.power and doubted:
        yield MissingInfo(
            "sun-doubt",
            msg("The plan has more sun than a clear sky gives in {month}.", month=words.MONTH_NAMES[doubted[0]]),
            msg("Look at the unit, the hemisphere and which place the figures are for."),
        )
