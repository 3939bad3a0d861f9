"""The power chapter: what each tower off the grid has, as bill and planner count it, and how long that works."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

from cn_planner.economics.battery import usable_share
from cn_planner.economics.costs import UnitCosts
from cn_planner.economics.power_ladder import ladder_of
from cn_planner.economics.solar_sets import autonomy_days, panel_cable_items, panel_cable_m, size_of_parts, uptimes
from cn_planner.economics.sun import clear_kwh_m2_day
from cn_planner.economics.tower_gear import chosen_set, drop_of, feeds_itself, load_of, power_parts, run_m, set_of
from cn_planner.economics.wires import copper_drop_pct
from cn_planner.message import Message, msg
from cn_planner.model.plan import PowerSource, Status
from cn_planner.report import words
from cn_planner.report.network import network
from cn_planner.report.power_records import PowerRecord, SunMonth

if TYPE_CHECKING:
    from collections.abc import Callable

    from cn_planner.economics.battery import Uptime
    from cn_planner.economics.power_ladder import PowerLadder
    from cn_planner.economics.solar_sets import Size
    from cn_planner.economics.tower_gear import Hung
    from cn_planner.economics.wires import Drop
    from cn_planner.model.equipment import Catalogue, Item, Part
    from cn_planner.model.plan import Plan, Site
    from cn_planner.model.power import SolarSet
    from cn_planner.report.network import BuiltNetwork

_MUCH_PCT = 10.0
"""A cable that takes more than this is said: what is made for 24 V runs from about 10 % less."""


@dataclass(frozen=True, slots=True)
class PowerChapter:
    """The sites off the grid, the sun by month, and the sets of the sites as they could be chosen for good."""

    records: tuple[PowerRecord, ...]
    months: tuple[SunMonth, ...]
    sets: tuple[SolarSet, ...]
    """For each site for which the shelf has one."""


@dataclass(frozen=True, slots=True)
class _Tower:
    """A tower off the grid: its radios, its load, what feeds it, and what that is to the sun."""

    site: Site
    hung: tuple[Hung, ...]
    load_w: float
    parts: tuple[Part, ...]
    size: Size


def off_grid(net: BuiltNetwork) -> dict[str, Site]:
    """Return the towers that the sun feeds; where nobody knows what power there is, the sun is counted."""
    return {key: site for key, site in net.sites.items() if site.power is not PowerSource.GRID}


def power_chapter(plan: Plan, catalogue: Catalogue, net: BuiltNetwork | None = None) -> PowerChapter:
    """Return what feeds the towers off the grid.

    Parameters
    ----------
    plan : Plan
        With its network.
    catalogue : Catalogue
        The shelf, with its prices.
    net : Network, optional
        The plan's, where it is made already.
    """
    net = network(plan, {}) if net is None else net
    costs = UnitCosts(plan, catalogue)
    towers = [_tower(costs, site) for site in off_grid(net).values()]
    ladder = ladder_of(costs)
    works: list[Uptime | None] = [None] * len(towers)
    if ladder.year is not None and towers:
        found = uptimes(ladder.year, plan.power, [one.load_w for one in towers], [one.size for one in towers])
        works = list(found)
    records = [_record(costs, ladder, one, up) for one, up in zip(towers, works, strict=True)]
    return PowerChapter(
        tuple(sorted(records, key=_weakness)),
        _months(ladder) if towers else (),
        tuple(one for tower in towers if (one := set_of(costs, tower.site, tower.hung)) is not None),
    )


def _tower(costs: UnitCosts, site: Site) -> _Tower:
    catalogue, hung = costs.catalogue, tuple(costs.hung(site))
    parts = power_parts(costs, site, hung)
    # What a kit brings of its own counts too.
    own = [part for one in hung if feeds_itself(catalogue, one.kit) for part in one.kit.parts]
    size = size_of_parts(catalogue, (*parts, *own), costs.plan.power.system_v)
    return _Tower(site, hung, load_of(costs, site, hung), parts, size)


def _weakness(record: PowerRecord) -> tuple[float, float, str]:
    """Return by what records are ordered: the weakest first."""
    works = 0.0 if record.uptime_pct is None else record.uptime_pct
    return works, -record.load_w, record.site


def _months(ladder: PowerLadder) -> tuple[SunMonth, ...]:
    latitude, year = ladder.latitude, ladder.year
    if year is None or latitude is None:
        return ()
    rows = zip(year.level_kwh_m2_day, clear_kwh_m2_day(latitude), year.panel_kwh_m2_day, strict=True)
    return tuple(
        SunMonth(words.MONTH_NAMES[n], float(level), float(clear), float(panel))
        for n, (level, clear, panel) in enumerate(rows)
    )


def _record(costs: UnitCosts, ladder: PowerLadder, tower: _Tower, works: Uptime | None) -> PowerRecord:
    catalogue, power, year, site = costs.catalogue, costs.plan.power, ladder.year, tower.site
    cables = [(run_m(costs.plan, one.height_m), drop_of(costs.plan, catalogue, one)) for one in tower.hung]
    size = tower.size
    worst = None if works is None else works.worst
    carried = all(drop is not None for _, drop in cables)
    wire_m = panel_cable_m(catalogue)
    # Panels are shared out among the cables of their sets.
    cables_m = math.fsum(part.quantity for part in tower.parts if part.item in panel_cable_items(catalogue))
    runs = max(1.0, cables_m / wire_m) if wire_m > 0.0 else 1.0
    chosen = chosen_set(costs, site, load_of(costs, site, tower.hung, to_feed=True)) is not None
    return PowerRecord(
        site=site.id,
        name=site.name,
        load_w=tower.load_w,
        wh_day=tower.load_w * 24.0,
        worst_month=None if worst is None else words.MONTH_NAMES[worst],
        worst_sun_kwh_m2=None if worst is None or year is None else float(year.panel_kwh_m2_day[worst]),
        panels=_named(catalogue, tower.parts, lambda item: item.panel_wp),
        panel_wp=size.panel_wp,
        tilt_deg=None if year is None else year.tilt_deg,
        batteries=_named(catalogue, tower.parts, lambda item: item.battery_ah),
        battery_ah=size.battery_ah,
        battery_wh=size.battery_wh,
        system_v=power.system_v,
        chemistry=power.chemistry,
        usable_pct=100.0 * usable_share(power),
        controllers=_named(catalogue, tower.parts, lambda item: item.charge_a),
        controller_a=size.panel_wp / power.system_v,
        autonomy_days=autonomy_days(power, size.battery_wh, tower.load_w),
        sized_by=_reason(chosen, ladder.by_sun),
        uptime_pct=None if works is None else works.year_pct,
        worst_uptime_pct=None if works is None else works.months_pct[works.worst],
        cable_m=max((length for length, _ in cables), default=None),
        cable_drop_pct=max((drop.pct for _, drop in cables if drop is not None), default=None) if carried else None,
        wire_drop_pct=copper_drop_pct(size.panel_wp / runs, power.system_v, wire_m, power.cable_mm2),
        cost=None if site.status is Status.BUILT else costs.of(tower.parts).total,
        note=_note(site, _enough(costs, tower, works), cables),
    )


def _reason(chosen: bool, by_sun: bool) -> Message:
    if chosen:
        return msg("chosen for it")
    return msg("the year's hours of sun") if by_sun else msg("days without sun alone")


def _enough(costs: UnitCosts, tower: _Tower, works: Uptime | None) -> bool:
    """Return whether one set of the shelf feeds a tower, and keeps it as the plan asks."""
    power = costs.plan.power
    if set_of(costs, tower.site, tower.hung) is None:
        return False
    lasts = autonomy_days(power, tower.size.battery_wh, tower.load_w) >= power.autonomy_days - 1e-6
    return lasts and (works is None or works.year_pct >= power.uptime_pct - 1e-6)


def _named(catalogue: Catalogue, parts: tuple[Part, ...], figure: Callable[[Item], float]) -> str:
    """Return the parts of one kind by number and name."""
    rows = [(part, catalogue.items[part.item]) for part in parts]
    return "; ".join(f"{part.quantity:g} × {item.name}" for part, item in rows if figure(item))


def _note(site: Site, enough: bool, cables: list[tuple[float, Drop | None]]) -> Message | None:
    """Return what has to be said of a site, the gravest alone."""
    if any(drop is None for _, drop in cables):
        return msg("The Ethernet cable is too long for what the radio draws: feed it at a higher voltage.")
    if any(drop is not None and drop.pct > _MUCH_PCT for _, drop in cables):
        return msg(
            "The Ethernet cable takes more than a tenth of the voltage: look whether the radio runs on the rest."
        )
    if site.status is Status.BUILT:
        return msg("Built already: nothing is bought for it. Compare with what stands there.")
    if not enough:
        return msg("No set of priced parts of the shelf keeps it: think of the mains, the wind, or a smaller load.")
    if site.power is PowerSource.UNKNOWN:
        return msg("What feeds it is not known; the sun is counted.")
    return None
