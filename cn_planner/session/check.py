"""Every problem of an open plan: what the plan alone shows, and what its ground, its shelf and the law add."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING

import numpy as np

from cn_planner.errors import InputError, PlannerError
from cn_planner.geo import geodesic
from cn_planner.links.one_band import NO_CLIENT, why_unheard
from cn_planner.links.seen import looks_that_count
from cn_planner.message import counted, msg
from cn_planner.model.checks import Action, PlanProblem, Severity, has_channels, problems
from cn_planner.model.clients import hotspots_on
from cn_planner.model.learned import calibration_is_old, paths_are_others
from cn_planner.model.regulations import limit_words, open_words, own_limits, source_words, terms_words
from cn_planner.service.open_sky import FELT, by_satellite, open_sky
from cn_planner.session.check_busy import busy_hour
from cn_planner.session.check_joined import cut_off_towers
from cn_planner.session.check_money import money_problems
from cn_planner.session.check_seen import links_seen_closed
from cn_planner.session.row_gear import unfit_rows
from cn_planner.terrain.files import terrain_problems
from cn_planner.terrain.overview import LARGE_SEAM_M, seam_words

if TYPE_CHECKING:
    from collections.abc import Iterator

    from cn_planner.links.settable import Unfit
    from cn_planner.message import Message
    from cn_planner.model.equipment import Catalogue, Kit
    from cn_planner.model.law import Contradiction, CountryRules
    from cn_planner.model.plan import Plan
    from cn_planner.session.project import Project
    from cn_planner.session.workspace import Snapshot
    from cn_planner.study import Study

_OVER_DB = 0.05
_HAIR = 1e-9
_MOST_HEARD = 500
"""Homes with whose antennas all are held against each other here: of more the report says it."""


def check_project(project: Project) -> tuple[PlanProblem, ...]:
    """Return every problem found, each with its fix: errors, then warnings, then questions."""
    return check_snapshot(project.snapshot())


def check_snapshot(snapshot: Snapshot, today: dt.date | None = None) -> tuple[PlanProblem, ...]:
    """Return the same of a plan that never changes, for a job; ``today`` where it is not the clock's."""
    day = today or dt.datetime.now().astimezone().date()
    found = [
        *problems(snapshot.plan),
        *_ground(snapshot),
        *_zones(snapshot),
        *_kits(snapshot),
        *unfit_rows(snapshot.plan, snapshot.catalogue),
        *cut_off_towers(snapshot.plan),
        *_settings(snapshot),
        *_masts(snapshot),
        *_law(snapshot),
        *_country(snapshot),
        *money_problems(snapshot),
        *busy_hour(snapshot),
        *_sky(snapshot),
        *_detours(snapshot),
        *_channels(snapshot),
        *_measured(snapshot),
        *links_seen_closed(snapshot.plan),
        *_seen_long_ago(snapshot.plan, day),
    ]
    order = list(Severity)
    return tuple(sorted(found, key=lambda problem: order.index(problem.severity)))


def _ground(snapshot: Snapshot) -> Iterator[PlanProblem]:
    plan = snapshot.plan
    if not plan.elevation:
        return  # said by the plan itself
    again = msg("Add the file again.")
    for error in terrain_problems(plan, snapshot.workspace.path):
        yield PlanProblem(Severity.ERROR, error.what, error.fix or again, error.where, action=Action.ADD_TERRAIN)
    try:
        surface = snapshot.surface
    except PlannerError:  # a file that is gone or changed, as was just said
        return
    for seam in surface.seams:
        if seam.most_m >= LARGE_SEAM_M:
            help_ = msg("Hold both against what you know on site, and let the better one answer first.")
            yield PlanProblem(Severity.WARNING, seam_words(seam), help_, action=Action.LOOK)
    for words, things in (
        (_lost_sites, plan.sites), (_lost_homes, plan.households), (_lost_places, plan.places)
    ):  # fmt: skip
        if not things:
            continue
        latitude = np.array([thing.latitude for thing in things.values()])
        longitude = np.array([thing.longitude for thing in things.values()])
        missing = np.isnan(surface.heights(latitude, longitude))
        if not missing.any():
            continue
        ids = [key for key, gone in zip(things, missing, strict=True) if gone]
        tiles = ", ".join(surface.missing_tiles(latitude[missing], longitude[missing]))
        yield PlanProblem(
            Severity.ERROR,
            words(len(ids), tiles, ", ".join(ids[:5]) + (", …" if len(ids) > 5 else "")),
            msg("Add the elevation file, or correct the positions."),
            ids[0],
            action=Action.ADD_TERRAIN if tiles else Action.LOOK,
        )


def _lost_sites(count: int, tiles: str, ids: str) -> Message:
    return counted(
        "{count} site lies where terrain is missing ({tiles}): {ids}.",
        "{count} sites lie where terrain is missing ({tiles}): {ids}.",
        count, tiles=tiles, ids=ids,
    )  # fmt: skip


def _lost_homes(count: int, tiles: str, ids: str) -> Message:
    return counted(
        "{count} home lies where terrain is missing ({tiles}): {ids}.",
        "{count} homes lie where terrain is missing ({tiles}): {ids}.",
        count, tiles=tiles, ids=ids,
    )  # fmt: skip


def _lost_places(count: int, tiles: str, ids: str) -> Message:
    return counted(
        "{count} public place lies where terrain is missing ({tiles}): {ids}.",
        "{count} public places lie where terrain is missing ({tiles}): {ids}.",
        count, tiles=tiles, ids=ids,
    )  # fmt: skip


def _measured(snapshot: Snapshot) -> Iterator[PlanProblem]:
    """Ask whether what was measured shall count: a new fit is only suggested, never made by itself."""
    plan = snapshot.plan
    if not plan.elevation:
        return
    if calibration_is_old(plan):
        what = (
            msg("Some measurements came, were changed or went after the plan last learned from them.")
            if plan.calibration.on
            else msg("Measurements are in the plan and do not count yet.")
        )
    elif paths_are_others(plan):
        what = msg("Trees, terrain or the place of a tower were changed after the plan last learned from measurements.")
    else:
        return
    yield PlanProblem(
        Severity.QUESTION, what, msg("Calibrate the plan, if they are to be trusted."), action=Action.LOOK
    )


def _seen_long_ago(plan: Plan, today: dt.date) -> Iterator[PlanProblem]:
    """Ask again what was seen too long ago: it counts until somebody has looked again."""
    months = plan.rules.look_again_months
    old = [
        one for one, _, _ in looks_that_count(plan) if (again := one.look_again(months)) is not None and again <= today
    ]
    if old:
        first = min(old, key=lambda row: row.order)
        yield PlanProblem(
            Severity.QUESTION,
            counted(
                "What was seen along {count} line is old: {first}, {date}.",
                "What was seen along {count} lines is old, first {first}, {date}.",
                len(old), first=f"{first.about_id} – {first.towards}", date=first.date,
            ),
            msg("Look again: trees grow, houses are built. Until then it counts as it was seen."),
            first.about_id,
            action=Action.LOOK,
        )  # fmt: skip


def _zones(snapshot: Snapshot) -> Iterator[PlanProblem]:
    from shapely import Point, Polygon

    plan = snapshot.plan
    zones = [(zone, Polygon([(lon, lat) for lat, lon in zone.ring])) for zone in plan.zones.values() if zone.no_build]
    for key, site in plan.sites.items():
        for zone, polygon in zones:
            if site.in_network and polygon.covers(Point(site.longitude, site.latitude)):
                yield PlanProblem(
                    Severity.ERROR,
                    msg("{site} stands in {zone}, where nothing may be built.", site=site.name or key, zone=zone.name),
                    msg("Move the mast, or change the zone."),
                    key,
                )


def _kits(snapshot: Snapshot) -> Iterator[PlanProblem]:
    plan, catalogue = snapshot.plan, snapshot.catalogue
    named = [(f"kits.{field}", kit) for field, kit in plan.kits.named]
    for field, kit in [*named, *(("rules.more_access", kit) for kit in plan.more_access)]:
        if kit not in catalogue.kits:
            yield PlanProblem(
                Severity.ERROR,
                msg("There is no kit {kit}.", kit=kit),
                msg("Choose one of {kits}.", kits=", ".join(sorted(catalogue.kits))),
                answer=field,
                action=Action.ANSWER,
            )
        elif field == "rules.more_access" and (words := why_unheard(plan, catalogue, kit)) is not None:
            yield PlanProblem(Severity.ERROR, words, NO_CLIENT, kit, "kits.more_clients", Action.ANSWER)


def _masts(snapshot: Snapshot) -> Iterator[PlanProblem]:
    highest = max(mast.height_m for mast in snapshot.catalogue.masts)
    too_high = [height for height in snapshot.plan.rules.mast_heights_m if height > highest]
    if too_high:
        yield PlanProblem(
            Severity.ERROR,
            msg(
                "The shelf has no mast of {height:g} m; its highest is {highest:g} m.",
                height=too_high[-1],
                highest=highest,
            ),
            msg("Give heights that can be bought."),
            answer="rules.mast_heights_m",
            action=Action.ANSWER,
        )


def _law(snapshot: Snapshot) -> Iterator[PlanProblem]:
    country, rules = snapshot.plan.info.country, snapshot.regulations
    try:
        own_limits(snapshot.plan.rules.own_limits, typed=True)
    except InputError as error:
        yield PlanProblem(
            Severity.ERROR,
            error.what,
            error.fix or msg("Write the limits again."),
            answer="rules.own_limits",
            action=Action.ANSWER,
        )
    if rules is None:
        if country:  # else asked by the plan itself
            yield PlanProblem(
                Severity.QUESTION,
                msg("What may be radiated in {country}? The shelf of rules has nothing on it.", country=country),
                msg("Ask the regulator and write it down; until then every legal limit reads unknown."),
                answer="rules.own_limits",
                action=Action.ANSWER,
            )
        return
    said: set[Contradiction] = set()
    for field, kit in _chosen_kits(snapshot):
        yield from _kit_law(kit, field, snapshot.catalogue, rules, country)
        said |= {one for one in rules.contradictions if one.kept.holds(kit.freq_mhz, kit.width_mhz)}
    yield from _antennas_law(snapshot, rules)
    for one in rules.contradictions:
        if one in said:
            yield PlanProblem(
                Severity.QUESTION,
                _not_agreed(one, rules),
                msg("The first is applied. Ask the regulator which holds, and write it down."),
                answer="rules.own_limits",
                action=Action.ANSWER,
            )


def _not_agreed(pair: Contradiction, rules: CountryRules) -> Message:
    kept, other = limit_words(pair.kept), limit_words(pair.other)
    values = {
        "source": source_words(pair.kept, rules) or msg("what you wrote down"),
        "other_source": source_words(pair.other, rules) or msg("what you wrote down"),
    }
    if kept == other:
        return msg("Two texts do not agree what is asked for at {limit}: “{kept}” ({source}), but “{other}” "
                   "({other_source}).", limit=kept, kept=terms_words(pair.kept), other=terms_words(pair.other),
                   **values)  # fmt: skip
    return msg("Two texts do not agree: {kept} ({source}), but {other} ({other_source}).", kept=kept, other=other,
               **values)  # fmt: skip


def _country(snapshot: Snapshot) -> Iterator[PlanProblem]:
    from cn_planner.area.country import country_of
    from cn_planner.session.country import turned_tables

    turned = list(turned_tables(snapshot))
    yield from turned
    said, found = snapshot.plan.info.country, country_of(snapshot.plan)
    if turned or found is None or found.code is None or snapshot.plan.info.invented or said in found.candidates:
        return
    if not said:
        yield PlanProblem(
            Severity.QUESTION,
            msg("The places lie in {codes}. Do its rules hold?", codes=", ".join(found.candidates)),
            msg("Choose the country."),
            answer="info.country",
            action=Action.ANSWER,
        )
    elif found.sure:
        yield PlanProblem(
            Severity.WARNING,
            msg("The places lie in {code}, but the rules of {country} are applied.", code=found.code, country=said),
            msg("Choose the country, or correct the positions."),
            answer="info.country",
            action=Action.ANSWER,
        )


def _chosen_kits(snapshot: Snapshot) -> Iterator[tuple[str, Kit]]:
    """Yield the setting that chose a kit, and the kit; one that is chosen twice comes once."""
    kits, known = snapshot.plan.kits, set()
    chosen = [("access", kits.access), ("client", kits.client), ("backhaul", kits.backhaul)]
    if hotspots_on(snapshot.plan):
        chosen.append(("hotspot", kits.hotspot))
    chosen = [(f"kits.{field}", key) for field, key in chosen]
    for field, key in [*chosen, *(("rules.more_access", key) for key in snapshot.plan.more_access)]:
        kit = snapshot.catalogue.kits.get(key)
        if kit is not None and key not in known:
            known.add(key)
            yield field, kit


def _kit_law(kit: Kit, field: str, catalogue: Catalogue, rules: CountryRules, country: str) -> Iterator[PlanProblem]:
    antenna = catalogue.antennas[kit.antenna]
    limit = rules.limit_of(kit, antenna)
    if limit is None:
        spans = open_words(rules, kit, catalogue.radios[kit.radio])
        yield PlanProblem(
            Severity.ERROR,
            msg(
                "{kit} works at {freq:g} MHz, {width:g} MHz wide, which {country} does not open outdoors.",
                kit=kit.name,
                freq=kit.freq_mhz,
                width=kit.width_mhz,
                country=country,
            ),
            msg("Choose a kit of another band: no other channel is open to its radio.")
            if spans is None
            else msg("Copy it on the shelf to a kit of your own at another channel, and choose that. "
                     "Open to its radio are {spans} MHz.", spans=spans),
            kit.id,
            field,
            Action.ANSWER,
        )  # fmt: skip
    elif not rules.open(limit):
        yield PlanProblem(
            Severity.ERROR,
            msg("{kit} works at {freq:g} MHz, which asks for a licence.", kit=kit.name, freq=kit.freq_mhz),
            msg("Ask the regulator for it, then say that you hold it; or choose another kit."),
            kit.id,
            "rules.licence_held",
            Action.ANSWER,
        )


def _settings(snapshot: Snapshot) -> Iterator[PlanProblem]:
    """Say which radios cannot be set to what the law leaves them, and where they would be overdriven."""
    from cn_planner.links.radio import radio_end
    from cn_planner.links.settable import least_loss_db, level_unfit, power_unfit
    from cn_planner.service.too_near import too_near

    plan, catalogue = snapshot.plan, snapshot.catalogue

    def problem(unfit: Unfit, where: str) -> PlanProblem:
        return PlanProblem(Severity.WARNING, unfit.what, unfit.fix, where, action=Action.LOOK)

    for _, kit in _chosen_kits(snapshot):
        if catalogue.radios[kit.radio].modes_at(kit.width_mhz):
            unfit = power_unfit(radio_end(catalogue, kit, snapshot.regulations))
            if unfit is not None:
                yield problem(unfit, kit.id)
    for link in plan.links.values():
        key = link.kit or plan.kits.backhaul
        kit_or_none = catalogue.kits[key].on(link.freq_mhz, link.width_mhz) if key in catalogue.kits else None
        if kit_or_none is None or not catalogue.radios[kit_or_none.radio].modes_at(kit_or_none.width_mhz):
            continue
        a, b = plan.sites[link.from_site], plan.sites[link.to_site]
        length = geodesic(a.latitude, a.longitude, b.latitude, b.longitude).distance_m
        end = radio_end(catalogue, kit_or_none, snapshot.regulations)
        unfit = level_unfit(end, end, least_loss_db(length, kit_or_none.freq_mhz)) if length > 0.0 else None
        if unfit is not None:
            yield problem(unfit, link.id)
    for near in too_near(_on_ground(snapshot)):
        yield PlanProblem(Severity.WARNING, near.what, near.unfit.fix, near.home, action=Action.LOOK)


def _on_ground(snapshot: Snapshot) -> Study:
    """Return the study of a plan, without ground where none can be read, as was said."""
    try:
        return snapshot.study if snapshot.plan.elevation else snapshot.bare_study
    except PlannerError:
        return snapshot.bare_study


def _antennas_law(snapshot: Snapshot, rules: CountryRules) -> Iterator[PlanProblem]:
    """Say which antennas radiate more than is allowed, or on a channel of their own that is not open."""
    from cn_planner.links.regulatory_limits import plan_antennas, plan_kits

    of_plan = snapshot.plan, snapshot.catalogue, snapshot.regulations
    try:
        antennas, kits = plan_antennas(*of_plan), plan_kits(*of_plan)
    except InputError:  # a radio that has no mode of its kit's width: it radiates nothing
        return
    catalogue, closed = snapshot.catalogue.kits, set()
    for one in antennas:
        kit = one.regulations.kit
        if kit == catalogue[kit.id] or rules.open(one.regulations.limit) or (one.site, one.id) in closed:
            continue  # the channel of the kit itself was judged with the kit
        closed.add((one.site, one.id))
        yield PlanProblem(
            Severity.ERROR,
            msg("{name} sends at {freq:g} MHz, which {country} does not open outdoors, or with a licence alone.",
                name=one.id, freq=kit.freq_mhz, country=snapshot.plan.info.country),
            msg("Choose another channel."),
            one.site,
        )  # fmt: skip
    laws = [(one.id, one.regulations) for one in antennas] or [(one.kit.id, one) for one in kits]
    over = [
        (-regulations.margin_db, name)
        for name, regulations in laws
        if regulations.margin_db is not None and regulations.margin_db < -_OVER_DB
    ]
    if over:
        most, worst = max(over)
        yield PlanProblem(
            Severity.ERROR,
            counted("{count} antenna radiates more than is allowed: {name}, by {db:.0f} dB.",
                    "{count} antennas radiate more than is allowed; the worst is {name}, by {db:.0f} dB.",
                    len(over), name=worst, db=most),
            msg("Let the program keep to the limits, or write down what you were allowed."),
            answer="rules.keep_limits",
            action=Action.ANSWER,
        )  # fmt: skip


def _sky(snapshot: Snapshot) -> Iterator[PlanProblem]:
    """Yield the places where the ground hides what a satellite connection needs of the sky."""
    for key, site in snapshot.plan.sites.items():
        if not by_satellite(site) or not snapshot.plan.elevation:
            continue
        try:
            sky = open_sky(snapshot.study, site)
        except PlannerError:  # terrain that cannot be read, as was said
            return
        if sky is not None and sky.hidden >= FELT:
            yield PlanProblem(
                Severity.WARNING,
                msg("The satellite connection at {site} breaks off at times. {sky}", site=site.name or key,
                    sky=sky.words()),
                msg("Put the dish where the sky is open: another place, or a mast that sees over what stands there."),
                key,
            )  # fmt: skip


def _detours(snapshot: Snapshot) -> Iterator[PlanProblem]:
    """Yield the links that carry less than what moves to them where a tower or another link fails."""
    from cn_planner.planning.detours import MORE_THERE
    from cn_planner.session.tasks import overfull_of

    if not snapshot.plan.terrain:
        return
    try:
        found = overfull_of(snapshot)
    except PlannerError:  # terrain or kit that is missing, as was said
        return
    for one in found:
        yield PlanProblem(Severity.WARNING, one.text, MORE_THERE, one.link)


def _channels(snapshot: Snapshot) -> Iterator[PlanProblem]:
    """Yield the sectors and links that carry less than they must on the channels that the plan has."""
    from cn_planner.session.tasks import give_channels

    plan = snapshot.plan
    served = sum(home.server is not None for home in plan.households.values())
    # Where some have none yet, that is said, and who hears whom comes of giving them one.
    if not has_channels(plan) or not plan.elevation or served > _MOST_HEARD:
        return
    try:
        short = give_channels(snapshot, keep=True).short
    except PlannerError:  # terrain or kit that is missing, as was said
        return
    for one in short:
        kind, site, key = one.user
        yield PlanProblem(Severity.WARNING, one.text, one.fix, key if kind == "link" else site)
