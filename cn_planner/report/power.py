"""The power chapter: what each tower off the grid needs, and whether what is counted for it keeps it on the air."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

from cn_planner.economics.battery import usable_share
from cn_planner.economics.costs import UnitCosts, needed_parts, power_parts
from cn_planner.economics.opex import load_w
from cn_planner.economics.solar_sets import autonomy_days, cheapest_sets, size_of_parts, uptimes
from cn_planner.economics.sun import clear_kwh_m2_day, sun_year
from cn_planner.economics.wires import copper_drop_pct, ethernet_drop
from cn_planner.message import Message, msg
from cn_planner.model.equipment import ItemClass, Part
from cn_planner.model.plan import PowerSource, Status
from cn_planner.report import words
from cn_planner.report.network import network
from cn_planner.report.power_records import PowerRecord, SunMonth

if TYPE_CHECKING:
    from collections.abc import Iterator

    from cn_planner.economics.battery import Uptime
    from cn_planner.economics.solar_sets import Size, SolarChoice
    from cn_planner.economics.sun import SunYear
    from cn_planner.economics.wires import Drop
    from cn_planner.model.equipment import Catalogue, Kit
    from cn_planner.model.plan import Plan, Site
    from cn_planner.model.power import SolarSet
    from cn_planner.report.network import BuiltNetwork

_MUCH_PCT = 10.0
"""A cable that takes more than this is said: what is made for 24 V runs from about 10 % less."""


@dataclass(frozen=True, slots=True)
class PowerChapter:
    """The sites off the grid, the sun by month, and the sets that keep the sites as the plan asks."""

    records: tuple[PowerRecord, ...]
    months: tuple[SunMonth, ...]
    sets: tuple[SolarSet, ...]
    """For each site for which the shelf has one."""


def off_grid(net: BuiltNetwork) -> dict[str, Site]:
    """Return the towers that the sun feeds; where nobody knows what power there is, the sun is counted."""
    return {key: site for key, site in net.sites.items() if site.power is not PowerSource.GRID}


def power_chapter(plan: Plan, catalogue: Catalogue, net: BuiltNetwork | None = None) -> PowerChapter:
    """Return what feeds the towers off the grid.

    Parameters
    ----------
    plan : Plan
        With its network; without sun the sites have loads and cables, and no size.
    catalogue : Catalogue
        The shelf, with its prices.
    net : Network, optional
        The plan's, where it is made already.
    """
    net = network(plan, {}) if net is None else net
    sites = off_grid(net)
    year = _year(plan, sites)
    cables = {key: list(_cables(plan, catalogue, net, site)) for key, site in sites.items()}
    loads = {
        key: load_w(plan, catalogue, key) + math.fsum(drop.loss_w for _, drop in cables[key] if drop is not None)
        for key in sites
    }
    costs = UnitCosts(plan, catalogue)
    best = {} if year is None else cheapest_sets(costs, year, loads)
    bought = needed_parts(costs)
    feeds = {key: power_parts(plan, catalogue, site) for key, site in sites.items()}
    # Nothing is bought for what is built, nor where the shelf has no mast so high.
    counted = {
        key: parts for key, parts in feeds.items() if {part.item for part in parts} <= bought.get(key, {}).keys()
    }
    # What a kit brings of its own counts too.
    sizes = {
        key: size_of_parts(catalogue, tuple(Part(*one) for one in bought[key].items()), plan.power.system_v)
        for key in counted
    }
    works: dict[str, Uptime] = {}
    if year is not None and sizes:
        found = uptimes(year, plan.power, [loads[key] for key in sizes], list(sizes.values()))
        works = dict(zip(sizes, found, strict=True))
    records = [
        _record(
            costs, site, loads[key], cables[key], year, best.get(key), counted.get(key), sizes.get(key), works.get(key)
        )
        for key, site in sites.items()
    ]
    return PowerChapter(
        tuple(sorted(records, key=_weakness)),
        _months(plan, sites, year),
        tuple(best[key].chosen for key in sites if key in best),
    )


def _weakness(record: PowerRecord) -> tuple[float, float, str]:
    """Return by what records are ordered: the weakest first."""
    works = 0.0 if record.counted_uptime_pct is None else record.counted_uptime_pct
    return works, -record.load_w, record.site


def latitude_of(plan: Plan, sites: dict[str, Site] | None = None) -> float | None:
    """Return the middle latitude of some sites, else of the plan's places; None where it has none."""
    rows = [one.latitude for one in (sites or plan.used_sites or plan.sites).values()]
    rows = rows or [home.latitude for home in plan.households.values()]
    return math.fsum(rows) / len(rows) if rows else None


def _year(plan: Plan, sites: dict[str, Site]) -> SunYear | None:
    latitude = latitude_of(plan, sites)
    if not plan.sun.known or latitude is None:
        return None
    return sun_year(latitude, plan.sun, cloudy_days=plan.power.cloudy_days, tilt_deg=plan.power.tilt_deg)


def _months(plan: Plan, sites: dict[str, Site], year: SunYear | None) -> tuple[SunMonth, ...]:
    latitude = latitude_of(plan, sites)
    if year is None or latitude is None:
        return ()
    rows = zip(year.level_kwh_m2_day, clear_kwh_m2_day(latitude), year.panel_kwh_m2_day, strict=True)
    return tuple(
        SunMonth(words.MONTH_NAMES[n], float(level), float(clear), float(panel))
        for n, (level, clear, panel) in enumerate(rows)
    )


def _cables(plan: Plan, catalogue: Catalogue, net: BuiltNetwork, site: Site) -> Iterator[tuple[float, Drop | None]]:
    """Yield the Ethernet cables up a mast: length, and what each takes."""
    top = site.mast_height_m or 0.0
    ends = [(sector.kit or plan.kits.access, top if sector.height_m is None else sector.height_m)
            for sector in site.sectors]  # fmt: skip
    for link in net.links.values():
        for end, height in ((link.from_site, link.from_height_m), (link.to_site, link.to_height_m)):
            if end == site.id:
                ends.append((link.kit or plan.kits.backhaul, top if height is None else height))
    for name, height in ends:
        kit = catalogue.kits.get(name)
        if kit is not None:
            length = height + plan.power.run_m
            yield length, ethernet_drop(catalogue.radio_power_w(kit), _supply_v(plan, catalogue, kit), length)


def _supply_v(plan: Plan, catalogue: Catalogue, kit: Kit) -> float:
    """Return the voltage on a kit's cable: its injector's, else the batteries'."""
    items = (catalogue.items[part.item] for part in kit.parts if part.item in catalogue.items)
    found = [item.nominal_v for item in items if item.nominal_v and not item.battery_ah and not item.charge_a]
    return max(found, default=plan.power.system_v)


def _record(
    costs: UnitCosts,
    site: Site,
    load_w: float,
    cables: list[tuple[float, Drop | None]],
    year: SunYear | None,
    best: SolarChoice | None,
    counted: tuple[Part, ...] | None,
    own: Size | None,
    works: Uptime | None,
) -> PowerRecord:
    catalogue, power = costs.catalogue, costs.plan.power
    size = None if best is None else best.size
    counted_cost = None if counted is None else costs.of(counted).total
    cost = None if best is None else best.cost.total
    shown = best.uptime if best is not None else works
    worst = None if shown is None else shown.worst
    longest = max((length for length, _ in cables), default=None)
    carried = all(drop is not None for _, drop in cables)
    wire_m = math.fsum(
        part.quantity for part in catalogue.solar_rest if catalogue.items[part.item].item_class is ItemClass.CABLE
    )
    wire_wp = size.panel_wp if size is not None else own.panel_wp if own is not None else None
    return PowerRecord(
        site=site.id,
        name=site.name,
        load_w=load_w,
        wh_day=load_w * 24.0,
        worst_month=None if worst is None else words.MONTH_NAMES[worst],
        worst_sun_kwh_m2=None if worst is None or year is None else float(year.panel_kwh_m2_day[worst]),
        panels="" if best is None else _times(best.chosen.panels, catalogue, best.chosen.panel),
        panel_wp=None if size is None else size.panel_wp,
        tilt_deg=None if year is None else year.tilt_deg,
        batteries="" if best is None else _times(best.chosen.batteries, catalogue, best.chosen.battery),
        battery_ah=None if size is None else size.battery_ah,
        battery_wh=None if size is None else size.battery_wh,
        system_v=power.system_v,
        chemistry=power.chemistry,
        usable_pct=100.0 * usable_share(power),
        controllers="" if best is None else _times(best.chosen.controllers, catalogue, best.chosen.controller),
        controller_a=None if size is None else size.panel_wp / power.system_v,
        autonomy_days=None if size is None else autonomy_days(power, size.battery_wh, load_w),
        uptime_pct=None if best is None else best.uptime.year_pct,
        worst_uptime_pct=None if best is None else best.uptime.months_pct[best.uptime.worst],
        cable_m=longest,
        cable_drop_pct=max((drop.pct for _, drop in cables if drop is not None), default=None) if carried else None,
        wire_drop_pct=None if wire_wp is None else copper_drop_pct(wire_wp, power.system_v, wire_m, power.cable_mm2),
        cost=cost,
        counted=_counted_words(catalogue, counted),
        counted_uptime_pct=None if works is None else works.year_pct,
        counted_worst_pct=None if works is None else works.months_pct[works.worst],
        counted_worst_month=None if works is None else words.MONTH_NAMES[works.worst],
        counted_autonomy_days=None if own is None else autonomy_days(power, own.battery_wh, load_w),
        more_cost=None if cost is None or counted_cost is None else cost - counted_cost,
        note=_note(site, year, best, carried, cables),
    )


def _times(count: int, catalogue: Catalogue, item: str) -> str:
    return f"{count} × {catalogue.items[item].name}"


def _counted_words(catalogue: Catalogue, parts: tuple[Part, ...] | None) -> str:
    """Return the panels, batteries and controllers that the bill counts, by name."""
    rows = [(part, catalogue.items[part.item]) for part in parts or ()]
    return "; ".join(
        f"{part.quantity:g} × {item.name}" for part, item in rows if item.panel_wp or item.battery_ah or item.charge_a
    )


def _note(
    site: Site,
    year: SunYear | None,
    best: SolarChoice | None,
    carried: bool,
    cables: list[tuple[float, Drop | None]],
) -> Message | None:
    """Return what has to be said of a site, the gravest alone."""
    if not carried:
        return msg("The Ethernet cable is too long for what the radio draws: feed it at a higher voltage.")
    if any(drop is not None and drop.pct > _MUCH_PCT for _, drop in cables):
        return msg(
            "The Ethernet cable takes more than a tenth of the voltage: look whether the radio runs on the rest."
        )
    if year is None:
        return msg("Not sized: how much sun there is is not known.")
    if best is None:
        return msg("No set of priced parts of the shelf keeps it: think of the mains, the wind, or a smaller load.")
    if site.status is Status.BUILT:
        return msg("Built already: nothing is bought for it. Compare with what stands there.")
    if site.power is PowerSource.UNKNOWN:
        return msg("What feeds it is not known; the sun is counted.")
    return None
