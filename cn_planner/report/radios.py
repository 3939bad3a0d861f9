"""What stands on the masts and how the links between them work: antennas, both directions, the law."""

from __future__ import annotations

import datetime as dt
import math
from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING, Any

from cn_planner.errors import InputError
from cn_planner.geo import geodesic
from cn_planner.links.bearing import magnetic_azimuth_deg, tilt_deg
from cn_planner.links.budget import LinkBudget, link_budget
from cn_planner.links.conditions import link_conditions_of
from cn_planner.links.pointing import all_round
from cn_planner.links.radio import radio_end
from cn_planner.links.register import Losses
from cn_planner.links.regulatory_limits import eaten_gain_db
from cn_planner.links.settable import as_set, held_back, least_loss_db
from cn_planner.links.spare import spare_words
from cn_planner.links.verdict import Verdict
from cn_planner.message import msg
from cn_planner.model.clients import clients
from cn_planner.model.equipment import Task
from cn_planner.model.regulations import conditions, source_words, stricter_words
from cn_planner.report.deployment import AntennaRecord, HomeRecord, LinkEnd, LinkRecord
from cn_planner.terrain.profile import path_profile
from cn_planner.units import THERMAL_NOISE_DBM_PER_HZ

if TYPE_CHECKING:
    from collections.abc import Mapping

    from cn_planner.links.conditions import Conditions
    from cn_planner.links.radio import RadioEnd
    from cn_planner.links.settable import HeldBack
    from cn_planner.message import Message
    from cn_planner.model.equipment import Kit
    from cn_planner.model.law import PowerLimit
    from cn_planner.model.plan import Link, Plan, Sector, Site
    from cn_planner.model.radio_figures import TotalDbm
    from cn_planner.progress import CancelToken
    from cn_planner.report.network import BuiltNetwork
    from cn_planner.report.work_records import AirPlan
    from cn_planner.study import Study
    from cn_planner.terrain.profile import PathProfile

_POLARISATION = "V"  # the weaker over ground by a hair; the kits send both
NOT_COMPUTED = msg("Nothing was computed: terrain is missing, or both ends are at one place.")
_nothing: dict[str, Any] = dict.fromkeys(LinkBudget.__dataclass_fields__)
_NOTHING = LinkBudget(**{**_nothing, "losses": Losses(), "explanation": NOT_COMPUTED})


@dataclass(frozen=True)
class Field:
    """What every antenna and link of a plan is computed from.

    ``ground`` holds heights of sites above sea level, ``widens`` the links that take a wider channel as demand grows.
    """

    study: Study
    net: BuiltNetwork
    ground: Mapping[str, float | None]
    date: str
    widens: frozenset[str] = frozenset()

    @property
    def plan(self) -> Plan:
        """The plan itself."""
        return self.study.plan

    @cached_property
    def day(self) -> dt.date:
        """The day of the plan."""
        return dt.date.fromisoformat(self.date)

    @cached_property
    def declinations(self) -> dict[str, float | None]:
        """Magnetic declination at each site with a mast, east positive."""
        return {key: self._declination(site) for key, site in self.net.sites.items()}

    def _declination(self, site: Site) -> float | None:
        north = magnetic_azimuth_deg(0.0, site.latitude, site.longitude, self.ground.get(site.id) or 0.0, self.day)
        return None if north is None else (180.0 - north) % 360.0 - 180.0

    def compass(self, site: str, azimuth_deg: float) -> float | None:
        """Return what a compass shows at a site for a true azimuth."""
        declination = self.declinations[site]
        return None if declination is None else (azimuth_deg - declination) % 360.0

    def name(self, site: str) -> str:
        """Return the name of a site, or its id where it has none."""
        return self.plan.sites[site].name or site

    def kit(self, key: str, freq_mhz: float | None, width_mhz: float | None = None) -> Kit | None:
        """Return a kit at the channel that is used; None where the shelf has none of that name."""
        kit = self.study.catalogue.kits.get(key)
        return None if kit is None else kit.on(freq_mhz, width_mhz)

    def limit(self, kit: Kit) -> PowerLimit | None:
        """Return what the law allows outdoors on the kit's channel."""
        return (
            None
            if self.study.regulations is None
            else self.study.regulations.limit_of(kit, self.study.catalogue.antennas[kit.antenna])
        )

    def closed(self, kit: Kit) -> bool:
        """Return whether the law, known and kept, does not open the kit's channel outdoors, or by a licence alone."""
        rules = self.study.regulations
        return rules is not None and rules.caps and not rules.open(self.limit(kit))


@dataclass(frozen=True, slots=True)
class JudgedLink:
    """A link with its ends in order, the path between them and its budget.

    A is the end nearer to the gateway, so that "down" is what homes receive. ``kit`` is None where the shelf has none
    of that name; ``profile`` and ``budget`` where nothing could be computed.
    """

    link: Link
    sites: tuple[Site, Site]
    heights_m: tuple[float, float]
    kit: Kit | None
    profile: PathProfile | None
    budget: LinkBudget | None


def judged_links(field: Field, cancel: CancelToken | None = None) -> tuple[JudgedLink, ...]:
    """Return every link of the network with its budget, in the plan's order."""
    found = []
    for link in field.net.links.values():
        if cancel is not None:
            cancel.check()
        found.append(_judged(field, link))
    return tuple(found)


def link_records(field: Field, judged: tuple[JudgedLink, ...], air: AirPlan) -> tuple[LinkRecord, ...]:
    """Return the links of the network, weakest first: by verdict, then by what they have before they stop."""
    records = [_record(field, one, air.carries_mbps) for one in judged]
    order = {Verdict.BLOCKED: 0, Verdict.NO_DATA: 1, Verdict.CHECK_ON_SITE: 2, Verdict.LIKELY: 3}

    def strength(record: LinkRecord) -> tuple[float, float, str]:
        spare = -math.inf if record.fallback_db is None else record.fallback_db
        return order[Verdict(record.verdict)] if record.verdict else 1, spare, record.id

    return tuple(sorted(records, key=strength))


def _judged(field: Field, link: Link) -> JudgedLink:
    plan = field.plan
    first, second = link.from_site, link.to_site
    heights = (link.from_height_m, link.to_height_m)
    depth = field.net.hops
    if depth.get(second, math.inf) < depth.get(first, math.inf):
        first, second, heights = second, first, heights[::-1]
    sites = plan.sites[first], plan.sites[second]
    a_m, b_m = (
        given if given is not None else site.mast_height_m or 0.0 for given, site in zip(heights, sites, strict=True)
    )
    kit = field.kit(link.kit or plan.kits.backhaul, link.freq_mhz, link.width_mhz)
    profile = _profile(field, sites)
    budget = None if profile is None else path_budget(field, kit, sites, profile, (a_m, b_m))
    return JudgedLink(link, sites, (a_m, b_m), kit, profile, budget)


def _record(field: Field, one: JudgedLink, on_channel: Mapping[str, float]) -> LinkRecord:
    plan, link, sites, high, kit = field.plan, one.link, one.sites, one.heights_m, one.kit
    budget = one.budget or _NOTHING
    geo = geodesic(sites[0].latitude, sites[0].longitude, sites[1].latitude, sites[1].longitude)
    noise = None if kit is None else THERMAL_NOISE_DBM_PER_HZ + 10.0 * math.log10(kit.width_mhz * 1e6)

    def end(at: int, azimuth: float) -> LinkEnd:
        down = at == 1
        rsl = budget.rsl_to_dbm if down else budget.rsl_from_dbm
        return LinkEnd(
            site=sites[at].id,
            height_m=high[at],
            azimuth_deg=azimuth,
            azimuth_magnetic_deg=field.compass(sites[at].id, azimuth),
            tilt_deg=_tilt(field, geo.distance_m, sites[at], high[at], sites[1 - at], high[1 - at]),
            ground_m_amsl=field.ground.get(sites[at].id),
            rsl_dbm=rsl,
            above_thermal_db=None if rsl is None or noise is None else rsl - noise,
            mcs=(budget.mcs_down if down else budget.mcs_up) or "",
            rate_mbps=budget.rate_down_mbps if down else budget.rate_up_mbps,
            margin_db=budget.margin_down_db if down else budget.margin_up_db,
            sent_dbm=budget.power_from_dbm if down else budget.power_to_dbm,
            height_needed_m=budget.height_needed_to_m if down else budget.height_needed_from_m,
        )

    a, b = end(0, geo.azimuth_deg), end(1, geo.back_azimuth_deg)
    load = field.net.downstream_load(link.id) * plan.demand.link_mbps(widens=link.id in field.widens)
    losses = budget.losses
    carries = budget.rate_mbps
    if carries is not None:
        carries = min(carries, on_channel.get(link.id, carries))
    return LinkRecord(
        id=link.id,
        status=link.status,
        kit=kit.name if kit is not None else link.kit or plan.kits.backhaul,
        freq_mhz=None if kit is None else kit.freq_mhz,
        width_mhz=None if kit is None else kit.width_mhz,
        a=a,
        b=b,
        distance_m=geo.distance_m,
        loss_free_space_db=losses.free_space_db,
        loss_diffraction_db=losses.diffraction_db,
        loss_vegetation_db=losses.vegetation_db,
        loss_gas_db=losses.gas_db,
        loss_rain_db=losses.rain_db,
        loss_total_db=losses.total_db,
        margin_db=budget.fade_margin_db,
        fallback_db=budget.fallback_margin_db,
        spare=None if one.budget is None else spare_words(one.budget),
        availability_pct=budget.availability_pct,
        clearance_m=budget.worst_clear_m,
        clearance_f1=budget.clearance_f1,
        clearance_at_m=budget.clearance_at_m,
        probability=budget.probability_works,
        verdict=budget.verdict.value if one.budget is not None else "",
        reason=budget.explanation,
        fix=budget.fix,
        load_mbps=load,
        carries_mbps=carries,
        load_pct=100.0 * load / carries if carries else None,
        homes_lost_if_fails=field.net.without_link(link.id),
        hops=field.net.hops.get(sites[1].id),
    )


def _profile(field: Field, sites: tuple[Site, Site]) -> PathProfile | None:
    if field.study.surface.empty:
        return None
    conditions = link_conditions_of(field.plan)
    a, b = ((site.latitude, site.longitude) for site in sites)
    profile = path_profile(
        field.study.surface,
        a,
        b,
        canopy_m=conditions.canopy_m,
        keep_out_m=conditions.canopy_keep_out_m,
        obstacles=field.plan.obstacles.values(),
    )
    return profile if profile.length_m > 0.0 else None


def path_budget(
    field: Field,
    kit: Kit | None,
    sites: tuple[Site, Site],
    profile: PathProfile,
    heights_m: tuple[float, float],
    conditions: Conditions | None = None,
) -> LinkBudget:
    """Return the budget of a path between two sites, in the plan's conditions unless others are given."""
    plan = field.plan
    radio = None if kit is None else radio_end(field.study.catalogue, kit, field.study.regulations)
    freq_mhz = kit.freq_mhz if kit is not None else field.study.catalogue.kit(plan.kits.backhaul).freq_mhz
    return link_budget(
        profile,
        *heights_m,
        radio,
        radio,
        freq_mhz,
        _POLARISATION,
        link_conditions_of(plan) if conditions is None else conditions,
        plan.rules,
        names=(field.name(sites[0].id), field.name(sites[1].id)),
        rate_margin_db=plan.rules.backhaul_margin_db,
        between_towers=True,
        day=field.day,
    )


def radio_as_set(field: Field, kit: Kit, distance_m: float) -> tuple[RadioEnd, HeldBack | None]:
    """Return the radio of either end of a link as it is set, and what is to be said of that.

    Raises
    ------
    InputError
        Where the radio has no mode of its kit's width.
    """
    end = radio_end(field.study.catalogue, kit, field.study.regulations)
    back = held_back(end, end, least_loss_db(distance_m, kit.freq_mhz))
    return as_set(end, end, distance_m, kit.freq_mhz)[0], back


def _tilt(field: Field, distance_m: float, here: Site, here_m: float, there: Site, there_m: float) -> float | None:
    ground, far = field.ground.get(here.id), field.ground.get(there.id)
    if ground is None or far is None or not distance_m > 0.0:
        return None
    return tilt_deg(distance_m, ground + here_m, far + there_m, field.plan.area.k_factor)


def antenna_records(
    field: Field, links: tuple[LinkRecord, ...], sector_homes: Mapping[tuple[str, str], float]
) -> tuple[AntennaRecord, ...]:
    """Return every antenna by site: sectors first, then link ends."""
    rows: list[AntennaRecord] = []
    for key, site in field.net.sites.items():
        rows += [_sector(field, site, one, sector_homes.get((key, one.id), 0.0)) for one in site.sectors]
        for link in sorted(links, key=lambda one: one.id):
            for end, other in ((link.a, link.b), (link.b, link.a)):
                if end.site == key:
                    rows.append(_link_end(field, link, end, other.site))
    return tuple(rows)


def with_roof_law(field: Field, homes: tuple[HomeRecord, ...]) -> tuple[HomeRecord, ...]:
    """Return the homes with what their antennas radiate on the channel of the sector that they hear, and may."""
    known: dict[tuple[str, float, float | None], tuple[TotalDbm | None, float | None, float | None, bool]] = {}
    every = clients(field.plan)
    found = []
    for home in homes:
        channel = _channel_of(field, home)
        own = field.plan.client_of(every[home.id])
        kit = None if channel is None else field.kit(own, *channel)
        if channel is None or kit is None:
            found.append(home)
            continue
        key = (own, *channel)
        if key not in known:
            gain, power, limit = (
                field.study.catalogue.antennas[kit.antenna].gain_dbi,
                _power(field, kit),
                field.limit(kit),
            )
            eirp = None if power is None else power - kit.cable_loss_db + gain
            most = None if limit is None else limit.eirp_dbm(gain, kit.width_mhz)
            known[key] = power, eirp, most, field.closed(kit)
        power, eirp, most, closed = known[key]
        margin = None if most is None or eirp is None else most - eirp
        found.append(replace(home, freq_mhz=channel[0], tx_power_dbm=power, eirp_dbm=eirp, limit_dbm=most,
                             limit_margin_db=margin, closed=closed))  # fmt: skip
    return tuple(found)


def _channel_of(field: Field, home: HomeRecord) -> tuple[float, float | None] | None:
    """Return centre and own width of the channel that a home hears."""
    site = field.plan.sites.get(home.server or "")
    if site is None or not home.kit:
        return None
    heard = next((one for one in site.sectors if one.id == home.sector), None)
    kit = field.kit(field.plan.kits.access, None) if heard is None else field.kit(heard.kit, heard.freq_mhz)
    return None if kit is None else (kit.freq_mhz, None if heard is None else heard.width_mhz)


def _sector(field: Field, site: Site, sector: Sector, homes: float) -> AntennaRecord:
    kit = field.kit(sector.kit, sector.freq_mhz, sector.width_mhz)
    height = sector.height_m if sector.height_m is not None else site.mast_height_m
    return _antenna(
        field, (site.id, sector.id), (kit, sector.kit), (sector.azimuth_deg, sector.tilt_deg, height), homes
    )


def _link_end(field: Field, link: LinkRecord, end: LinkEnd, towards: str) -> AntennaRecord:
    own = field.net.links[link.id]
    key = own.kit or field.plan.kits.backhaul
    kit = field.kit(key, own.freq_mhz, own.width_mhz)
    aim = end.azimuth_deg, end.tilt_deg, end.height_m
    return _antenna(field, (end.site, link.id), (kit, key), aim, link.homes_lost_if_fails, (towards, link.distance_m))


def _antenna(
    field: Field,
    of: tuple[str, str],
    kit_and_name: tuple[Kit | None, str],
    aim: tuple[float, float | None, float | None],
    homes: float,
    far: tuple[str, float] | None = None,
) -> AntennaRecord:
    """Return the record of an antenna: its site and id, its kit, azimuth, tilt and height; of a link, its far end.

    ``far``: the site there, and how far away it is.
    """
    (site, key), (kit, kit_name), (azimuth_deg, tilt, height_m) = of, kit_and_name, aim
    towards = "" if far is None else far[0]
    limit = None if kit is None else field.limit(kit)
    power, gain, legal_eirp = None, None, None
    radio = antenna = None
    legal = _legal(field, kit, limit, None if kit is None else _power(field, kit))
    back: HeldBack | None = None
    if kit is not None:
        radio, antenna = field.study.catalogue.radios[kit.radio], field.study.catalogue.antennas[kit.antenna]
        gain = antenna.gain_dbi
        power = _power(field, kit)
        if power is not None and far is not None:
            end, back = radio_as_set(field, kit, far[1])
            power = _greatest(end)
        if limit is not None:
            legal_eirp = limit.eirp_dbm(gain, kit.width_mhz)
    eirp = None if power is None or gain is None or kit is None else power - kit.cable_loss_db + gain
    alike = not towards and antenna is not None and all_round(antenna) == 1
    return AntennaRecord(
        site=site,
        id=key,
        task="backhaul" if towards else "access",
        towards=towards,
        kit=kit.name if kit is not None else kit_name,
        radio=f"{radio.maker} {radio.name}".strip() if radio is not None else "",
        antenna=antenna.name if antenna is not None else "",
        gain_dbi=gain,
        beamwidth_az_deg=antenna.serves_deg if antenna is not None else None,
        azimuth_deg=None if alike else azimuth_deg,
        azimuth_magnetic_deg=None if alike else field.compass(site, azimuth_deg),
        declination_deg=field.declinations[site],
        declination_date=field.date if field.declinations[site] is not None else "",
        tilt_deg=tilt,
        height_m=height_m,
        polarisation="",
        freq_mhz=None if kit is None else kit.freq_mhz,
        width_mhz=None if kit is None else kit.width_mhz,
        tx_power_dbm=power,
        cable_loss_db=None if kit is None else kit.cable_loss_db,
        eirp_dbm=eirp,
        limit_dbm=legal_eirp,
        limit_margin_db=None if legal_eirp is None or eirp is None else legal_eirp - eirp,
        legal=legal,
        dfs=None if limit is None else limit.dfs,
        homes=homes,
        caution=None if back is None else back.words,
        closed=kit is not None and field.closed(kit),
    )


def _power(field: Field, kit: Kit) -> TotalDbm | None:
    """Return the most that radio and law allow."""
    try:
        end = radio_end(field.study.catalogue, kit, field.study.regulations)
    except InputError:
        return None  # the radio has no mode of this width: the check of the plan says so
    return _greatest(end)


def _greatest(end: RadioEnd) -> TotalDbm:
    """Return what a radio is set to: the power of its loudest mode."""
    return max(end.tx_power_dbm(mode) for mode in end.modes)


def _legal(field: Field, kit: Kit | None, limit: PowerLimit | None, power: float | None) -> Message:
    if kit is None:
        return msg("There is no such kit on the shelf.")
    if field.study.regulations is None:
        return msg("Unknown: there are no rules of this country on the shelf.")
    if limit is None:
        return msg("Not allowed outdoors on this channel.")
    if power is None:
        return msg("Unknown: the radio has no mode of this width.")
    verdict = _allowed(field, kit, limit, power)
    gain = field.study.catalogue.antennas[kit.antenna].gain_dbi
    eaten = eaten_gain_db(kit, field.study.catalogue, field.study.regulations)
    if eaten >= 1.0 and kit.task is Task.BACKHAUL:
        eaten_words = msg("So much of its {gain:.0f} dBi hears alone: {db:.0f} dB.", gain=gain, db=eaten)
        verdict = msg("{verdict} {condition}", verdict=verdict, condition=eaten_words)
    for one in (*conditions(limit), *stricter_words(limit, gain, kit.width_mhz)):
        verdict = msg("{verdict} {condition}", verdict=verdict, condition=one)
    source = source_words(limit, field.study.regulations)
    return msg("{verdict} Read in: {source}.", verdict=verdict, source=source) if source else verdict


def _allowed(field: Field, kit: Kit, limit: PowerLimit, power: float) -> Message:
    gain = field.study.catalogue.antennas[kit.antenna].gain_dbi
    most = limit.eirp_dbm(gain, kit.width_mhz) - gain + kit.cable_loss_db
    if power > most + 1e-9:
        return msg("Over the limit: the radio must be set to {dbm:.0f} dBm or less.", dbm=math.floor(most + 1e-9))
    full = max(
        mode.tx_power_dbm for mode in field.study.catalogue.radios[kit.radio].modes_at(kit.width_mhz, kit.freq_mhz)
    )
    if power < full:
        return msg("Allowed with the radio set to {dbm:.0f} dBm or less.", dbm=power)
    return msg("Allowed.")
