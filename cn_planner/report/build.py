"""A plan and its ground made into the one frozen DeploymentPlan. The date is given, not taken."""

from __future__ import annotations

import datetime as dt
import math
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import PureWindowsPath
from typing import TYPE_CHECKING

import numpy as np

from cn_planner.economics.costs import UnitCosts, capital, examples_counted, quantities
from cn_planner.economics.opex import load_w, monthly_cost
from cn_planner.economics.prices import Cost, amount_of
from cn_planner.errors import InputError, MissingTerrainError
from cn_planner.geo import WGS84, mgrs, transform, utm_crs
from cn_planner.i18n import say
from cn_planner.links.many_paths import expect_many_paths
from cn_planner.message import Message, msg
from cn_planner.model.clients import client_of, clients, demand_of, hotspots_on, kits_of_clients
from cn_planner.model.costs import EXAMPLE_AMOUNTS
from cn_planner.model.entry_blanks import level_of
from cn_planner.model.gateways import is_gateway
from cn_planner.model.items import Items
from cn_planner.model.plan import SiteRole
from cn_planner.model.radio_figures import LevelKind
from cn_planner.model.settings import PLAN_SETTINGS
from cn_planner.planning.fixes import home_fixes
from cn_planner.planning.held_on_air import HeldOnAir
from cn_planner.planning.result import NOT_PROVEN, still_proven
from cn_planner.planning.way_room import with_channels
from cn_planner.planning.year_five import YearFive, year_five, year_five_words
from cn_planner.planning.year_five_air import year_five_on_air
from cn_planner.progress import ALONE, Run, step_back
from cn_planner.report import bill, points, words
from cn_planner.report.address_pages import address_pages
from cn_planner.report.air import air_plan
from cn_planner.report.capacity import capacity_records
from cn_planner.report.cards import alignment_cards
from cn_planner.report.cash import cash_flow
from cn_planner.report.data_sources import source_records
from cn_planner.report.deployment import (
    Assumption,
    CoverageOutline,
    DeploymentPlan,
    FailureRecord,
    Headline,
    Meta,
    SiteRecord,
)
from cn_planner.report.findings import Findings
from cn_planner.report.homes import home_records, unserved_groups
from cn_planner.report.hotspots import phone_chapter
from cn_planner.report.landmarks import hilltops_of, sights_of
from cn_planner.report.left_out import homes_left_out
from cn_planner.report.link_reports import link_reports
from cn_planner.report.money import UPTAKES_PCT, Money, budget_of, fee_as_set, fees
from cn_planner.report.more_devices import home_devices, switch_devices
from cn_planner.report.network import BuiltNetwork, network
from cn_planner.report.paper_facts import paper_facts
from cn_planner.report.phases import phase_records
from cn_planner.report.place_clients import places_as_homes
from cn_planner.report.power import power_chapter
from cn_planner.report.public_places import place_records
from cn_planner.report.radios import Field, antenna_records, judged_links, link_records, with_roof_law
from cn_planner.report.tower_packs import PackInputs, tower_packs
from cn_planner.report.work import work_plan
from cn_planner.report.work_records import AirPlan
from cn_planner.service.hanging import sectors_of_clients
from cn_planner.service.homes import whole_service
from cn_planner.service.judge import Standing
from cn_planner.service.links_down import links_down
from cn_planner.service.now import hidden_by_trees, with_reached
from cn_planner.service.outlines import outlines
from cn_planner.service.places_on_air import places_on_air
from cn_planner.version import __version__

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping, Sequence

    from cn_planner.model.equipment import Catalogue
    from cn_planner.model.plan import Household, Plan, Site
    from cn_planner.planning.explain import Unserved
    from cn_planner.planning.fix_found import HomeFixes
    from cn_planner.report.bill import Needs
    from cn_planner.report.deployment import AntennaRecord, BomLine, HomeRecord
    from cn_planner.report.landmarks import NamedPlace
    from cn_planner.report.work_records import PlanComparison
    from cn_planner.service.homes import HomeService
    from cn_planner.study import Study
    from cn_planner.terrain.surface import Surface


def build_report(
    study: Study,
    *,
    version: int,
    date: str,
    log: PlanComparison | None = None,
    named: Sequence[NamedPlace] = (),
    run: Run = ALONE,
) -> DeploymentPlan:
    """Return everything that is printed, drawn and exported of a plan.

    Parameters
    ----------
    version : int
        Version of the plan.
    date : str
        Day of the report, ISO 8601. No clock is read.
    log : Comparison, optional
        What changed since the version before.
    named : sequence of NamedPlace
        Hills and villages of the base map, for what is seen from a mast.

    Raises
    ------
    InputError
        Where the date is none, or a kit that the plan names is not on the shelf.
    CancelledError
        Where the user cancelled.
    """
    plan, surface, catalogue, regulations = study.plan, study.surface, study.catalogue, study.regulations
    _check_date(date)
    ground = _ground(plan, surface)
    services: dict[str, HomeService] = {}
    between: tuple[float, float] | None = None
    later: YearFive | None = None
    undecided, down, air = False, frozenset[str](), AirPlan()
    if not surface.empty and plan.households:
        run.progress(0.0, msg("Judging the homes"))
        found = whole_service(study, run=run.part(0.0, 0.2))
        counted = with_reached(plan, found.now)
        if counted is not plan:
            undecided, plan = True, counted
            study = replace(study, plan=plan)
            found = whole_service(study, run=run.part(0.2, 0.3))
        services = {one.home: one for one in found.homes}
        down = found.now.down
        expect_many_paths()
    elif not surface.empty and plan.places:
        down = links_down(study, run=run.silently())
    explained: dict[str, Unserved] = {}
    fixes: Mapping[str, HomeFixes] = {}
    # Who hears whom and what towers reach are kernels for the most part, which leave the interpreter to the rest. The
    # paths of links ask for neither, and nothing waits for what towers reach before the end: its tiles step back most.
    with (
        ThreadPoolExecutor(2, "beside", initializer=step_back) as beside,
        ThreadPoolExecutor(run.threads, "reach", initializer=_step_far_back) as behind,
    ):
        treeless = listened = reached = None
        if services and plan.area.assumed_canopy_m > 0.0 and not (found.now.standing > Standing.UNSEEN).all():
            bare = replace(study, plan=replace(plan, area=replace(plan.area, canopy_m=0.0)))
            # Who is seen as it is needs no second look.
            hidden = [found.now.homes.ids[n] for n in np.flatnonzero(found.now.standing == Standing.UNSEEN).tolist()]
            treeless = beside.submit(whole_service, bare, only=hidden, run=run.silently())
        if not surface.empty:
            listened = beside.submit(air_plan, study, down, run=run.silently())
            last = Run(behind, cancel=run.cancel)
            reached = beside.submit(_outlines, study, ground, _serving(plan, services), last)
        run.progress(0.3, msg("Judging the links"))
        field = Field(study, network(plan, {}, down=down), ground, date)
        judged = judged_links(field, run.cancel)
        hilltops = hilltops_of(field)
        on_pages = link_reports(field, judged, run.cancel)
        if listened is not None:
            run.progress(0.5, msg("Listening on the channels"))
            air = listened.result()
            if services:
                found = found.on_channels(air.unheard)
                services = {one.home: one for one in found.homes}
                between = found.now.connected_range if found.now.connected_weight > 0.0 else None
                later = year_five(study, found.now)
                field = replace(field, widens=frozenset(one.link for one in later.links))
                if plan.demand.grow_later:
                    later = year_five_on_air(study, found.now, later, run=run.part(0.5, 0.6))
            run.progress(0.6, msg("Asking what the homes left out would take"))
            left = [key for key, one in services.items() if not one.served]
            # Of links without a channel of their own nobody knows what they will hear.
            tuned = any(link.freq_mhz is not None for link in plan.standing_links.values())
            heard = with_channels(plan, air.carries_mbps) if tuned else {}
            on_air = HeldOnAir(study, run=run.silently())
            last = run.part(0.6, 0.65)
            fixes = home_fixes(
                study,
                left,
                only_cheapest=True,
                on_channels=heard,
                on_air=on_air,
                down=down,
                unheard=found.now.unheard if services else {},
                run=last,
            )
            explained = homes_left_out(study, field.net, fixes, run=run.part(0.65, 0.7))
        run.progress(0.7, msg("Putting into words who is not reached"))
        hung_on = sectors_of_clients(study, clients(plan).values())
        homes = home_records(plan, catalogue, services, explained, fixes, hung_on=hung_on, run=run.part(0.7, 0.8))
        net = network(plan, _homes_by_site(homes), _loads_by_site(plan, homes), down)
        nothing_over = down | air.unheard.links
        field = replace(field, net=net)
        links = link_records(field, judged, air)
        antennas = antenna_records(field, links, _homes_by_sector(homes))
        homes = with_roof_law(field, homes)
        placed = () if surface.empty else places_on_air(study, run=run.silently())
        costs = UnitCosts(plan, catalogue)
        need = bill.needs(plan, costs)
        bom = bill.bom_lines(costs, quantities(costs), spares=True)
        by_site = tuple(
            line
            for key in sorted(need.parts)
            for line in bill.bom_lines(costs, need.parts[key], site=key, spares=False)
        )
        by_site += bill.rest_line(
            bom, by_site, say(msg("Spares, and cents of rounding: counted once"), plan.info.language)
        )
        total = capital(plan, catalogue)
        sums = budget_of(plan, need.labour_days, bom, total.total, monthly_cost(plan, catalogue, total.total.total))
        steps = phase_records(plan, catalogue, homes)
        in_phase = {site: one.number for one in steps for site in one.sites}
        power = power_chapter(plan, catalogue, net)
        reached_weight = math.fsum(home.weight for home in homes if home.reached)
        findings = Findings(
            plan=plan,
            net=net,
            need=need,
            regulations=regulations,
            at_least=_at_least(plan, catalogue),
            terrain_known=not surface.empty,
            missing_terrain=_missing_terrain(plan, surface),
            links=links,
            antennas=antennas,
            homes=homes,
            capacity=capacity_records(plan, net, homes, links, placed, air.short, later),
            bom=bom,
            fees=fees(sums.month, reached_weight, sorted({*UPTAKES_PCT, plan.costs.uptake_pct})),
            agreed=fee_as_set(plan.costs, sums.month, reached_weight),
            capex=sums.capex,
            cash=cash_flow(plan.costs, steps, sums.month),
            short=air.short,
            power=power.records,
            hidden=0.0 if treeless is None else hidden_by_trees(found.now, treeless.result().now),
            later=None if later is None else year_five_words(later, plan),
            example_amounts=examples_counted(costs),
            undecided=undecided,
        )
        headline = replace(_headline(findings, sums), homes_range=between)
        pages = address_pages(plan, net, catalogue, antennas, links, homes, hung_on)
        on_site = _site_costs(plan, costs, total.sites)
        sites = _sites(field, need, antennas, {key: one.total for key, one in on_site.items()}, in_phase)
        sights = sights_of(field, hilltops, named)
        cards = alignment_cards(field, antennas, links, homes, sights)
        packs = tower_packs(
            field,
            PackInputs(
                costs,
                sites,
                antennas,
                links,
                cards,
                power.records,
                pages.names,
                pages.devices,
                by_site,
                need.masts,
                on_site,
                sights,
            ),
        )
        run.progress(0.9, msg("Drawing what towers reach"))
        areas = () if reached is None else reached.result()
        run.progress(1.0)
        return DeploymentPlan(
            meta=_meta(study, antennas, bom, version, date),
            headline=headline,
            assumptions=_assumptions(plan),
            sites=sites,
            antennas=antennas,
            links=links,
            homes=homes,
            capacity=findings.capacity,
            bom=bom,
            site_bom=by_site,
            budget=sums.budget,
            monthly=sums.monthly,
            failures=_failures(net),
            risks=points.risks(findings),
            actions=points.actions(findings),
            unserved=unserved_groups(homes, explained, services),
            missing=(*points.missing(findings), *pages.missing),
            outlines=areas,
            phases=steps,
            work=work_plan(plan, catalogue, need, steps),
            air=air,
            log=log,
            cash=findings.cash,
            addresses=pages.addresses,
            home_addresses=pages.home_addresses,
            names=pages.names,
            security=pages.security,
            devices=(*pages.devices, *switch_devices(pages.devices, packs)),
            home_devices=home_devices(
                plan,
                catalogue,
                pages.devices,
                {one.name: (one.site, one.part) for one in pages.names},
                (*homes, *with_roof_law(field, places_as_homes(plan, pages.home_addresses))),
                pages.home_addresses,
            ),
            obstacles=tuple(plan.obstacles.values()),
            places=place_records(plan, nothing_over),
            phones=phone_chapter(study, [home.id for home in homes if home.reached], nothing_over, run=run.silently()),
            link_reports=on_pages,
            cards=cards,
            packs=packs,
            power=power.records,
            sun=power.months,
            papers=paper_facts(costs, need.labour_days, homes, explained, services, fixes),
        )


def _step_far_back() -> None:
    """Let the tiles of the rest go first, too."""
    step_back()
    step_back()


def _check_date(date: str) -> None:
    try:
        dt.date.fromisoformat(date)
    except ValueError as problem:
        raise InputError(
            msg("The date {date} is not a day.", date=date), fix=msg("Give it as year, month, day: 2026-11-12.")
        ) from problem


def _ground(plan: Plan, surface: Surface) -> dict[str, float | None]:
    if surface.empty or not plan.sites:
        return dict.fromkeys(plan.sites)
    sites = list(plan.sites.values())
    heights = surface.heights([site.latitude for site in sites], [site.longitude for site in sites])
    return {
        site.id: float(height) if math.isfinite(height) else None for site, height in zip(sites, heights, strict=True)
    }


def _homes_by_site(homes: Iterable[HomeRecord]) -> dict[str, float]:
    found: dict[str, float] = {}
    for home in homes:
        if home.reached and home.server is not None:
            found[home.server] = found.get(home.server, 0.0) + home.weight
    return found


def _loads_by_site(plan: Plan, homes: Iterable[HomeRecord]) -> dict[str, float]:
    """Return what the homes that each site reaches take at the busy hour, in homes, and its public places."""
    found: dict[str, float] = {}
    rows = [(home.server, plan.households[home.id]) for home in homes if home.reached]
    rows += [(place.server, client_of(place)) for place in plan.places.values()]
    for server, client in rows:
        if server is not None:
            found[server] = found.get(server, 0.0) + demand_of(plan, client)
    return found


def _homes_by_sector(homes: Iterable[HomeRecord]) -> dict[tuple[str, str], float]:
    found: dict[tuple[str, str], float] = {}
    for home in homes:
        if home.reached and home.server is not None:
            key = home.server, home.sector
            found[key] = found.get(key, 0.0) + home.weight
    return found


def _serving(plan: Plan, services: Mapping[str, HomeService]) -> set[str]:
    """Return the towers that serve homes or are meant to."""
    homes = {home.server for key, home in plan.households.items() if key in services and services[key].served}
    return {key for key, site in plan.used_sites.items() if site.sectors or key in homes}


def _outlines(
    study: Study, ground: Mapping[str, float | None], serving: Collection[str], run: Run
) -> tuple[CoverageOutline, ...]:
    """Return the outlines of towers; one off the terrain has none."""
    sites = [site for key, site in study.plan.used_sites.items() if key in serving and ground[key] is not None]
    if not sites:
        return ()
    try:
        found = outlines(replace(study, plan=replace(study.plan, sites=Items(sites))), run=run)
    except MissingTerrainError:
        return ()  # the tower's cell has a void beside it: the list of missing terrain names it
    return tuple(CoverageOutline(one.site, one.rings, one.cells) for one in found)


def _at_least(plan: Plan, catalogue: Catalogue) -> tuple[str, ...]:
    """Return the radios of the plan's kits whose levels are the least that the standard asks."""
    named = {plan.kits.access, plan.kits.backhaul, *kits_of_clients(plan)}
    named |= {one.kit for site in plan.sites.values() for one in site.sectors}
    named |= {plan.kits.hotspot} if hotspots_on(plan) else set()
    named |= {link.kit for link in plan.standing_links.values()}
    radios = {catalogue.kits[key].radio for key in named if key in catalogue.kits}
    known = (catalogue.radios[key] for key in sorted(radios))
    return tuple(one.name for one in known if level_of(one.modes) is LevelKind.AT_LEAST)


def _missing_terrain(plan: Plan, surface: Surface) -> tuple[str, ...]:
    things: list[Site | Household] = [*plan.sites.values(), *plan.households.values()]
    if surface.empty or not things:
        return ()
    return surface.missing_tiles([one.latitude for one in things], [one.longitude for one in things])


def _failures(net: BuiltNetwork) -> tuple[FailureRecord, ...]:
    rows = []
    for key, site in net.sites.items():
        homes, sites = net.without_site(key)
        rows.append(FailureRecord(key, site.name, homes, tuple(sorted(sites))))
    return tuple(sorted(rows, key=lambda one: (-one.homes_lost, one.site)))


def _headline(found: Findings, sums: Money) -> Headline:
    reached = math.fsum(home.weight for home in found.homes if home.reached)
    heights = [site.mast_height_m or 0.0 for site in found.net.sites.values()]
    return Headline(
        homes=math.fsum(home.weight for home in found.homes),
        homes_reached=reached,
        towers=len(heights),
        tower_heights_m=(min(heights), max(heights)) if heights else (),
        capex=sums.capex,
        cost_per_home=sums.capex / reached if reached > 0.0 else None,
        monthly=sums.month,
        fees=found.fees,
        agreed=found.agreed,
        people_reached=_people(found),
        example_prices=bool(found.examples or found.example_amounts),
        complete=found.terrain_known and bool(found.homes) and bool(found.net.gateways),
        bound=(still_proven(found.plan, sums.capex) or NOT_PROVEN) if heights else None,
        later=found.later,
    )


def _people(found: Findings) -> float | None:
    """Return how many people live in the homes reached; None where that is not known of each of them."""
    rows = [found.plan.households[home.id].people for home in found.homes if home.reached]
    known = [one for one in rows if one is not None]
    return math.fsum(known) if known and len(known) == len(rows) else None


def _site_costs(plan: Plan, costs: UnitCosts, sites: Mapping[str, Cost]) -> dict[str, Cost]:
    """Return the capital of each site, with its sectors and its ends of links."""
    found = dict(sites)
    for link in plan.standing_links.values():
        for key in (link.from_site, link.to_site):
            end = costs.link_end(link, key)
            if end.total_cents:
                found[key] = found.get(key, Cost()) + end
    return found


def _sites(
    field: Field,
    need: Needs,
    antennas: tuple[AntennaRecord, ...],
    costs: Mapping[str, float],
    phases: Mapping[str, int],
) -> tuple[SiteRecord, ...]:
    return tuple(
        replace(_site(field, site, need, antennas), cost=costs.get(key), phase=phases.get(key))
        for key, site in field.plan.sites.items()
    )


def _site(field: Field, site: Site, need: Needs, antennas: tuple[AntennaRecord, ...]) -> SiteRecord:
    net, key = field.net, site.id
    heights = {one.height_m for one in antennas if one.site == key and one.height_m is not None}
    mast = need.masts.get(key)
    return SiteRecord(
        id=key,
        name=site.name,
        # On paper a connection that the plan buys is a gateway like another.
        role=SiteRole.GATEWAY if site.in_network and is_gateway(site) else site.role,
        status=site.status,
        latitude=site.latitude,
        longitude=site.longitude,
        utm=_utm(site),
        mgrs=mgrs(site.latitude, site.longitude) if _in_utm(site) else "",
        ground_m_amsl=field.ground[key],
        mast_height_m=site.mast_height_m if key in net.sites else None,
        mast=mast.name if mast is not None else "",
        max_height_m=site.max_height_m,
        mast_carries_n=site.mast_carries_n,
        build_cost=site.build_cost,
        uplink_kind="" if site.uplink is None else site.uplink.kind,
        uplink_mbps=None if site.uplink is None else site.uplink.mbps,
        uplink_month=None if site.uplink is None else site.uplink.monthly_cost,
        uplink_open=None if site.uplink is None else site.uplink.open_cost,
        antenna_heights_m=tuple(sorted(heights, reverse=True)),
        sectors=len(site.sectors) if key in net.sites else 0,
        homes=net.homes.get(key, 0.0),
        hops=net.hops.get(key),
        upstream=net.upstream[key][0] if key in net.upstream else None,
        power=site.power,
        power_w=load_w(field.plan, field.study.catalogue, key) if key in net.sites else 0.0,
        owner=site.owner,
        consent=site.consent,
        access=site.access,
        hazard=site.hazard,
        phase=None,
        cost=None,
        homes_lost_if_fails=net.without_site(key)[0] if key in net.sites else 0.0,
        note=site.note,
    )


def _in_utm(site: Site) -> bool:
    return -80.0 <= site.latitude < 84.0  # the poles have a grid of their own


def _utm(site: Site) -> str:
    """Return zone, hemisphere, easting and northing in whole metres, by the plain six-degree zones."""
    if not _in_utm(site):
        return ""
    crs = utm_crs(site.latitude, site.longitude)
    x, y = transform(WGS84, crs, [site.longitude], [site.latitude])
    return f"{int(crs[-2:])}{'N' if site.latitude >= 0.0 else 'S'} {x[0]:.0f} {y[0]:.0f}"


def _assumptions(plan: Plan) -> tuple[Assumption, ...]:
    """Return every setting that figures rest on, by key; names, numbers and answers of people are none of them."""
    rows = []
    for key, setting in PLAN_SETTINGS.items():
        if key.startswith(("info.", "addresses.", "purpose.")) and key not in {"info.country", "info.currency"}:
            continue
        value = setting.value(plan)
        shown: str | float | Message | None
        if isinstance(value, bool):
            shown = words.yes_no(value)
        elif setting.words:
            shown = words.setting_words(key, value) or value
        elif isinstance(value, tuple):
            shown = ", ".join(f"{one:g}" for one in value)
        elif key == "area.base_map":
            shown = PureWindowsPath(value).name  # folders of somebody's machine are nobody else's business
        elif key.startswith("costs.") and setting.name in EXAMPLE_AMOUNTS:
            shown = amount_of(plan, setting.name)
        else:
            shown = value
        rows.append(
            Assumption(key, setting.meaning, shown, setting.unit, setting.source, default=value == setting.default)
        )
    return tuple(rows)


def _meta(study: Study, antennas: tuple[AntennaRecord, ...], bom: tuple[BomLine, ...], version: int, date: str) -> Meta:
    plan = study.plan
    info = plan.info
    return Meta(
        plan=info.name,
        version=version,
        date=date,
        language=info.language,
        currency=info.currency,
        country=info.country,
        invented=info.invented,
        program=f"CN Planner {__version__}",
        catalogue=study.catalogue.version,
        exchange_rate=plan.costs.exchange_rate,
        exchange_date=plan.costs.exchange_date,
        sources=tuple(dict.fromkeys(source_records(study, antennas, bom))),
        estimate=words.ESTIMATE,
        secret=info.secret,
    )
