"""The regulations for a plan as people look at them: the limits of the country, and each antenna against its own."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from cn_planner.geo import geodesic
from cn_planner.links.one_band import usual_client
from cn_planner.links.radio import radio_end
from cn_planner.links.settable import as_set
from cn_planner.model.equipment import Task

if TYPE_CHECKING:
    from cn_planner.model.equipment import Antenna, Catalogue, Kit
    from cn_planner.model.law import CountryRules, PowerLimit
    from cn_planner.model.plan import Link, Plan


class KitLimit(NamedTuple):
    """A kit of the plan and the law.

    Attributes
    ----------
    kit : Kit
    antenna : Antenna
        That of the kit.
    eirp_dbm : float
        What it radiates as the plan sets it.
    limit : PowerLimit or None
        What holds for it; None where nothing allows it or nothing is known.
    limit_eirp_dbm, margin_db : float or None
        The most that it may radiate, and how far under that it stays.
    """

    kit: Kit
    antenna: Antenna
    eirp_dbm: float
    limit: PowerLimit | None
    limit_eirp_dbm: float | None
    margin_db: float | None


def kit_limit(
    kit: Kit, catalogue: Catalogue, regulations: CountryRules | None, apart_m: float | None = None
) -> KitLimit:
    """Return what a kit radiates and what it may; of a link whose ends are so far apart, as its radios are set."""
    end = radio_end(catalogue, kit, regulations)
    if apart_m:
        end = as_set(end, end, apart_m, kit.freq_mhz)[0]
    eirp = max(end.eirp_dbm(mode) for mode in end.modes)
    antenna = catalogue.antennas[kit.antenna]
    limit = None if regulations is None else regulations.limit_of(kit, antenna)
    most = None if limit is None else limit.eirp_dbm(antenna.gain_dbi, kit.width_mhz)
    return KitLimit(kit, antenna, eirp, limit, most, None if most is None else most - eirp)


def eaten_gain_db(kit: Kit, catalogue: Catalogue, regulations: CountryRules | None) -> float:
    """Return by how much the law lowers a kit's power for what its antenna gains, dB: so much of it hears alone.

    A limit on what is radiated does so throughout, one on what enters the antenna where it falls with the gain.
    """
    if regulations is None or not regulations.caps:
        return 0.0
    end, antenna = radio_end(catalogue, kit, regulations), catalogue.antennas[kit.antenna]
    limit = regulations.limit_of(kit, antenna)
    lowered = max(mode.tx_power_dbm for mode in end.modes) - max(end.tx_power_dbm(mode) for mode in end.modes)
    if limit is None or limit.eirp:
        return lowered if limit is not None else 0.0
    if limit.free_gain_dbi is None:
        return 0.0
    return min(lowered, limit.less_per_db * max(0.0, antenna.gain_dbi - limit.free_gain_dbi))


def plan_kits(plan: Plan, catalogue: Catalogue, regulations: CountryRules | None) -> tuple[KitLimit, ...]:
    """Return every kit that the plan names against the law; kits that are not on the shelf are left out."""
    named = [plan.kits.access, *plan.more_access, *plan.kits.clients, plan.kits.backhaul]
    named += [sector.kit for site in plan.sites.values() for sector in site.sectors]
    named += [link.kit for link in plan.links.values()]
    return tuple(
        kit_limit(catalogue.kits[key], catalogue, regulations) for key in dict.fromkeys(named) if key in catalogue.kits
    )


class AntennaLimit(NamedTuple):
    """One antenna of the plan and the law, on the channel that it has.

    Attributes
    ----------
    site, id : str
        Where it stands, or for those on roofs the site that they speak to; its sector or link.
    task : Task
    regulations : KitLimit
    """

    site: str
    id: str
    task: Task
    regulations: KitLimit


def plan_antennas(plan: Plan, catalogue: Catalogue, regulations: CountryRules | None) -> tuple[AntennaLimit, ...]:
    """Return every antenna against the law: of each site its sectors, the roofs that hear them, and its link ends."""

    def at(key: str, freq_mhz: float | None, width_mhz: float | None, apart_m: float | None = None) -> KitLimit | None:
        kit = catalogue.kits.get(key)
        return None if kit is None else kit_limit(kit.on(freq_mhz, width_mhz), catalogue, regulations, apart_m)

    def apart(link: Link) -> float:
        a, b = plan.sites[link.from_site], plan.sites[link.to_site]
        return geodesic(a.latitude, a.longitude, b.latitude, b.longitude).distance_m

    found = []
    for site in (one for one in plan.sites.values() if one.stands):
        for sector in sorted(site.sectors, key=lambda one: one.id):
            own = catalogue.kits.get(sector.kit)
            freq = sector.freq_mhz if sector.freq_mhz is not None or own is None else own.freq_mhz
            found += [
                (site.id, sector.id, task, at(key, freq, sector.width_mhz))
                for task, key in (
                    (Task.ACCESS, sector.kit),
                    (Task.CLIENT, usual_client(plan, catalogue, sector.kit)),
                )
            ]
        found += [
            (
                site.id, link.id, Task.BACKHAUL,
                at(link.kit or plan.kits.backhaul, link.freq_mhz, link.width_mhz, apart(link)),
            )
            for link in plan.standing_links.values()
            if site.id in (link.from_site, link.to_site)
        ]  # fmt: skip
    return tuple(AntennaLimit(site, key, task, one) for site, key, task, one in found if one is not None)


def channel_of_roof(
    plan: Plan, catalogue: Catalogue, site_id: str | None, sector_id: str
) -> tuple[float | None, float | None]:
    """Return centre and own width of the channel on which a home hears a site by a sector, MHz; None without a site."""
    site = plan.sites.get(site_id or "")
    if site is None:
        return None, None
    sector = next((one for one in site.sectors if one.id == sector_id), None)
    if sector is not None and sector.freq_mhz is not None:
        return sector.freq_mhz, sector.width_mhz
    kit = catalogue.kits.get(plan.kits.access if sector is None else sector.kit)
    return None if kit is None else kit.freq_mhz, None if sector is None else sector.width_mhz
