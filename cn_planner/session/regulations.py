"""The law for a plan as people look at it: the limits of the country, each antenna against its own, and the country."""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING, NamedTuple

from cn_planner.area.country import Country, country_of_places
from cn_planner.errors import PlannerError
from cn_planner.geo import geodesic
from cn_planner.links.radio import radio_end
from cn_planner.message import msg
from cn_planner.model import edits
from cn_planner.model.equipment import Task
from cn_planner.report.homes import sector_towards

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from cn_planner.model.equipment import Catalogue, CountryRules, Kit, PowerLimit
    from cn_planner.model.history import Edit
    from cn_planner.model.plan import Plan
    from cn_planner.progress import CancelToken
    from cn_planner.session.workspace import Snapshot

_POINTS_A_SIDE = 5
_MOST_PLACES = 200  # some hundreds of homes of one plan lie in one valley: more would not tell more


class KitLaw(NamedTuple):
    """A kit of the plan and the law.

    Attributes
    ----------
    kit : Kit
    eirp_dbm : float
        What it radiates as the plan sets it.
    limit : PowerLimit or None
        What holds for it; None where nothing allows it or nothing is known.
    limit_eirp_dbm, margin_db : float or None
        The most that it may radiate, and how far under that it stays.
    """

    kit: Kit
    eirp_dbm: float
    limit: PowerLimit | None
    limit_eirp_dbm: float | None
    margin_db: float | None


def kit_law(kit: Kit, snapshot: Snapshot, regulations: CountryRules | None) -> KitLaw:
    """Return what a kit radiates and what it may."""
    end = radio_end(snapshot.catalogue, kit, regulations)
    eirp = max(end.eirp_dbm(mode) for mode in end.modes)
    antenna = snapshot.catalogue.antennas[kit.antenna]
    limit = None if regulations is None else regulations.limit_of(kit, antenna)
    most = None if limit is None else limit.eirp_dbm(antenna.gain_dbi, kit.width_mhz)
    return KitLaw(kit, eirp, limit, most, None if most is None else most - eirp)


def plan_kits(snapshot: Snapshot) -> tuple[KitLaw, ...]:
    """Return every kit that the plan names against the law; kits that are not on the shelf are left out."""
    plan = snapshot.plan
    named = [plan.kits.access, plan.kits.client, plan.kits.backhaul]
    named += [sector.kit for site in plan.sites.values() for sector in site.sectors]
    named += [link.kit for link in plan.links.values()]
    regulations, catalogue = snapshot.regulations, snapshot.catalogue
    return tuple(
        kit_law(catalogue.kits[key], snapshot, regulations) for key in dict.fromkeys(named) if key in catalogue.kits
    )


class AntennaLaw(NamedTuple):
    """One antenna of the plan and the law, on the channel that it has.

    Attributes
    ----------
    site, id : str
        Where it stands, or for those on roofs the site that they speak to; its sector or link.
    task : Task
    regulations : KitLaw
    """

    site: str
    id: str
    task: Task
    regulations: KitLaw


def plan_antennas(snapshot: Snapshot) -> tuple[AntennaLaw, ...]:
    """Return every antenna against the law: of each site its sectors, the roofs that hear them, and its link ends."""
    plan, regulations, catalogue = snapshot.plan, snapshot.regulations, snapshot.catalogue

    def at(key: str, freq_mhz: float | None, width_mhz: float | None) -> KitLaw | None:
        kit = catalogue.kits.get(key)
        return None if kit is None else kit_law(kit.on(freq_mhz, width_mhz), snapshot, regulations)

    found = []
    for site in (one for one in plan.sites.values() if one.stands):
        for sector in sorted(site.sectors, key=lambda one: one.id):
            own = catalogue.kits.get(sector.kit)
            freq = sector.freq_mhz if sector.freq_mhz is not None or own is None else own.freq_mhz
            found += [
                (site.id, sector.id, task, at(key, freq, sector.width_mhz))
                for task, key in ((Task.ACCESS, sector.kit), (Task.CLIENT, plan.kits.client))
            ]
        found += [
            (site.id, link.id, Task.BACKHAUL, at(link.kit or plan.kits.backhaul, link.freq_mhz, link.width_mhz))
            for link in plan.standing_links.values()
            if site.id in (link.from_site, link.to_site)
        ]
    return tuple(AntennaLaw(site, key, task, one) for site, key, task, one in found if one is not None)


def channel_of_roof(
    plan: Plan, catalogue: Catalogue, site_id: str | None, home_id: str
) -> tuple[float | None, float | None]:
    """Return centre and own width of the channel on which a home hears a site, MHz; None where there is none."""
    site, home = plan.sites.get(site_id or ""), plan.households[home_id]
    if site is None:
        return None, None
    azimuth = geodesic(site.latitude, site.longitude, home.latitude, home.longitude).azimuth_deg
    heard = sector_towards(site, azimuth)
    sector = next((one for one in site.sectors if one.id == heard), None)
    if sector is not None and sector.freq_mhz is not None:
        return sector.freq_mhz, sector.width_mhz
    kit = catalogue.kits.get(plan.kits.access if sector is None else sector.kit)
    return None if kit is None else kit.freq_mhz, None if sector is None else sector.width_mhz


def country_of(plan: Plan) -> Country | None:
    """Return the country that a plan's places lie in; None where it has no place yet."""
    places = [(site.latitude, site.longitude) for site in plan.sites.values()]
    places += [(home.latitude, home.longitude) for home in plan.households.values()]
    step = max(1, len(places) // _MOST_PLACES)
    return country_of_places(places[::step]) if places else None


def country_of_area(bounds: tuple[float, float, float, float]) -> Country:
    """Return the country of an area (south, west, north, east in degrees), told from points spread over it."""
    south, west, north, east = bounds
    east += 360.0 if east < west else 0.0
    spread = [(number + 0.5) / _POINTS_A_SIDE for number in range(_POINTS_A_SIDE)]
    points = [(south + y * (north - south), (west + x * (east - west) + 180.0) % 360.0 - 180.0)
              for y in spread for x in spread]  # fmt: skip
    return country_of_places(points)


def country_of_plan(snapshot: Snapshot) -> Country | None:
    """Return the country of a plan's places; where it has none yet, of the ground that it knows; None without either.

    Raises
    ------
    FileError
        Where a file of elevations cannot be read.
    """
    found = country_of(snapshot.plan)
    if found is None and snapshot.plan.terrain:
        found = country_of_area(snapshot.surface.bounds)
    return found


def country_of_files(
    terrain: Iterable[Path], tables: Iterable[Path], cancel: CancelToken | None = None
) -> Country | None:
    """Return the country that files lie in, before there is a plan: of the places in tables, else of elevation files.

    Files that cannot be read are passed over: what is wrong with them is said where they are taken in.
    """
    from cn_planner.gis.raster import read_elevation
    from cn_planner.importers.choices import Choices
    from cn_planner.importers.files import import_file
    from cn_planner.model.plan import Plan
    from cn_planner.session.import_preview import preview
    from cn_planner.terrain.surface import Surface

    plan = Plan()
    for path in tables:
        with suppress(PlannerError):
            kind = preview(path).kind
            if kind in ("households", "sites"):
                plan = import_file(plan, path, kind, choices=Choices(skip_bad=True), cancel=cancel).edit.plan
        if cancel is not None:
            cancel.check()
    grids = []
    if not (plan.sites or plan.households):
        for path in terrain:
            with suppress(PlannerError):
                grids.append(read_elevation(path))
            if cancel is not None:
                cancel.check()
    return country_of_area(Surface(grids).bounds) if grids else country_of(plan)


def set_country(plan: Plan, code: str) -> Edit:
    """Return the edit after which the plan has a country."""
    return edits.change_section(plan, "info", msg("country {country}", country=code), country=code)
