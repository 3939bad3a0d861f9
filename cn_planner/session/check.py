"""Every problem of an open plan: what the plan alone shows, and what its ground, its shelf and the law add."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from cn_planner.errors import PlannerError
from cn_planner.message import msg
from cn_planner.model.checks import Problem, Severity, problems
from cn_planner.terrain.files import terrain_problems

if TYPE_CHECKING:
    from collections.abc import Iterator

    from cn_planner.session.project import Project


def check_project(project: Project) -> tuple[Problem, ...]:
    """Return every problem found, each with its fix: errors, then warnings, then questions."""
    found = [
        *problems(project.plan),
        *_ground(project),
        *_zones(project),
        *_kits(project),
        *_law(project),
        *_money(project),
    ]
    order = list(Severity)
    return tuple(sorted(found, key=lambda problem: order.index(problem.severity)))


def _ground(project: Project) -> Iterator[Problem]:
    plan = project.plan
    if not plan.terrain:
        return  # said by the plan itself
    again = msg("Add the file again: `cn-planner terrain PLAN FILE...`.")
    for error in terrain_problems(plan, project.path):
        yield Problem(Severity.ERROR, error.what, error.fix or again, error.where)
    try:
        surface = project.surface
    except PlannerError:  # a file that is gone or changed, as was just said
        return
    for one, many, things in (
        (msg("site"), msg("sites"), plan.sites),
        (msg("home"), msg("homes"), plan.households),
    ):
        if not things:
            continue
        latitude = np.array([thing.latitude for thing in things.values()])
        longitude = np.array([thing.longitude for thing in things.values()])
        missing = np.isnan(surface.heights(latitude, longitude))
        if not missing.any():
            continue
        ids = [key for key, gone in zip(things, missing, strict=True) if gone]
        tiles = ", ".join(surface.missing_tiles(latitude[missing], longitude[missing]))
        yield Problem(
            Severity.ERROR,
            msg(
                "{count} {kind} lie where terrain is missing ({tiles}): {ids}.",
                count=len(ids),
                kind=one if len(ids) == 1 else many,
                tiles=tiles,
                ids=", ".join(ids[:5]) + (", ..." if len(ids) > 5 else ""),
            ),
            msg("Add the elevation file, or correct the positions."),
            ids[0],
        )


def _zones(project: Project) -> Iterator[Problem]:
    from shapely import Point, Polygon

    plan = project.plan
    zones = [(zone, Polygon([(lon, lat) for lat, lon in zone.ring])) for zone in plan.zones.values() if zone.no_build]
    for key, site in plan.sites.items():
        for zone, polygon in zones:
            if site.in_network and polygon.covers(Point(site.longitude, site.latitude)):
                yield Problem(
                    Severity.ERROR,
                    msg("{site} stands in {zone}, where nothing may be built.", site=site.name or key, zone=zone.name),
                    msg("Move the mast, or change the zone."),
                    key,
                )


def _kits(project: Project) -> Iterator[Problem]:
    kits = project.plan.kits
    for field, kit in (("access", kits.access), ("client", kits.client), ("backhaul", kits.backhaul)):
        if kit not in project.catalogue.kits:
            yield Problem(
                Severity.ERROR,
                msg("There is no kit {kit}.", kit=kit),
                msg(
                    "`cn-planner set PLAN kits.{field}=NAME` with one of {kits}.",
                    field=field,
                    kits=", ".join(sorted(project.catalogue.kits)),
                ),
                f"kits.{field}",
            )


def _masts(project: Project) -> Iterator[Problem]:
    highest = max(mast.height_m for mast in project.catalogue.masts)
    too_high = [height for height in project.plan.rules.mast_heights_m if height > highest]
    if too_high:
        yield Problem(
            Severity.ERROR,
            msg(
                "The shelf has no mast of {height:g} m; its highest is {highest:g} m.",
                height=too_high[-1],
                highest=highest,
            ),
            msg("`cn-planner set PLAN mast_heights_m=6,12,18`, with heights that can be bought."),
            "rules.mast_heights_m",
        )


def _law(project: Project) -> Iterator[Problem]:
    country, rules = project.plan.info.country, project.country_rules
    if not country:
        return  # asked by the plan itself
    if rules is None:
        yield Problem(
            Severity.QUESTION,
            msg("What may be radiated in {country}? The shelf of rules has nothing on it.", country=country),
            msg("Ask the regulator; until then every legal limit reads unknown."),
        )
        return
    kits = project.plan.kits
    for key in dict.fromkeys((kits.access, kits.client, kits.backhaul)):
        kit = project.catalogue.kits.get(key)
        if kit is not None and rules.limit(kit.freq_mhz, kit.width_mhz) is None:
            yield Problem(
                Severity.ERROR,
                msg(
                    "{kit} works at {freq:g} MHz, {width:g} MHz wide, which {country} does not open.",
                    kit=kit.name,
                    freq=kit.freq_mhz,
                    width=kit.width_mhz,
                    country=country,
                ),
                msg("Choose another kit or channel."),
                key,
            )


def _money(project: Project) -> Iterator[Problem]:
    from babel.numbers import get_territory_currencies

    plan = project.plan
    listed = {item.price.currency for item in project.catalogue.items.values() if item.price is not None}
    ours = plan.info.currency
    foreign = ", ".join(sorted(listed - {ours}))
    rate_given = plan.costs.exchange_rate != 1.0 or bool(plan.costs.exchange_date)
    if foreign and not rate_given:
        yield Problem(
            Severity.WARNING,
            msg("Prices in {foreign} are counted one to one as {currency}.", foreign=foreign, currency=ours),
            msg(
                "`cn-planner set PLAN exchange_rate=RATE exchange_date=DAY`: how many {currency} buy one.",
                currency=ours,
            ),
            "costs.exchange_rate",
        )
    local = get_territory_currencies(plan.info.country) if plan.info.country else []
    if local and local[0] != ours and not rate_given:
        yield Problem(
            Severity.QUESTION,
            msg("Amounts are in {currency}. Do you pay in {local}?", currency=ours, local=str(local[0])),
            msg(
                "Say how many {local} buy one {currency}: "
                "`cn-planner set PLAN currency={local} exchange_rate=RATE exchange_date=DAY`.",
                local=str(local[0]),
                currency=ours,
            ),
            "info.currency",
        )
