"""A deployment plan made by hand, for tests of what is drawn and written. Not a result of any computation."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from cn_planner.export.pdf import plan_pages
from cn_planner.geo import local_transverse_mercator
from cn_planner.message import msg
from cn_planner.model.equipment import ItemClass
from cn_planner.model.plan import HomeKind, PlaceKind, PowerSource, Priority, RelayConsent, SiteRole, Status
from cn_planner.progress import Run
from cn_planner.report import words
from cn_planner.report.deployment import (
    AntennaRecord,
    Assumption,
    BomLine,
    CapacityRecord,
    CoverageOutline,
    DeploymentPlan,
    FailureRecord,
    Fee,
    Headline,
    HomeRecord,
    LinkEnd,
    LinkRecord,
    Meta,
    MissingInfo,
    MoneyLine,
    NextAction,
    Risk,
    SiteRecord,
    SourceRecord,
    UnservedGroup,
)
from cn_planner.report.public_places import PlaceRecord
from cn_planner.service.served_cells import ServedCells

if TYPE_CHECKING:
    from cn_planner.progress import CancelToken
    from cn_planner.terrain.surface import Surface

LATITUDE, LONGITUDE = 42.05, 1.85


def printed(plan: DeploymentPlan, surface: Surface | None = None, cancel: CancelToken | None = None) -> bytes:
    """Return the PDF of a deployment plan."""
    with tempfile.TemporaryDirectory() as name:
        return plan_pages(plan, surface, Path(name), run=Run(cancel=cancel)).document(cancel)


def site(key: str, name: str, *, north_km: float = 0.0, east_km: float = 0.0, **values: object) -> SiteRecord:
    base: dict[str, object] = {
        "id": key,
        "name": name,
        "role": SiteRole.CANDIDATE,
        "status": Status.IDEA,
        "latitude": LATITUDE + north_km / 111.2,
        "longitude": LONGITUDE + east_km / 82.6,
        "utm": "31N 404800 4656000",
        "mgrs": "31TDG0480056000",
        "ground_m_amsl": 812.3,
        "mast_height_m": 18.0,
        "mast": "Guyed mast 18 m",
        "antenna_heights_m": (18.0,),
        "sectors": 1,
        "homes": 1.0,
        "hops": 1,
        "upstream": "vila",
        "power": PowerSource.SOLAR,
        "power_w": 17.5,
        "owner": "",
        "consent": "",
        "access": "",
        "hazard": "",
        "phase": None,
        "cost": 2150.40,
        "homes_lost_if_fails": 1.0,
        "note": "",
    }
    return SiteRecord(**{**base, **values})  # type: ignore[arg-type]


def home(key: str, name: str, *, north_km: float = 0.0, east_km: float = 0.0, **values: object) -> HomeRecord:
    base: dict[str, object] = {
        "id": key,
        "name": name,
        "latitude": LATITUDE + north_km / 111.2,
        "longitude": LONGITUDE + east_km / 82.6,
        "kind": HomeKind.HOME,
        "priority": Priority.NORMAL,
        "weight": 1.0,
        "reached": True,
        "server": "serra",
        "sector": "s1",
        "verdict": "likely",
        "distance_m": 1234.5,
        "azimuth_deg": 211.0,
        "rsl_dbm": -62.4,
        "margin_db": 14.2,
        "rate_down_mbps": 41.6,
        "rate_up_mbps": 33.1,
        "antenna_height_m": 5.0,
        "height_needed_m": 3.2,
        "kit": "Roof client 5 GHz",
        "second_choice": None,
        "reason": None,
        "fix": None,
        "fix_cost": None,
        "note": "",
    }
    return HomeRecord(**{**base, **values})  # type: ignore[arg-type]


def link(key: str, a: str, b: str, **values: object) -> LinkRecord:
    def end(where: str, azimuth: float) -> LinkEnd:
        return LinkEnd(where, 18.0, azimuth, azimuth - 1.5, 0.4, 812.3, -58.2, 32.8, "MCS 7", 98.0, 17.8, 11.0)

    base: dict[str, object] = {
        "id": key,
        "status": Status.IDEA,
        "kit": "Long link 5 GHz",
        "freq_mhz": 5500.0,
        "width_mhz": 40.0,
        "a": end(a, 48.2),
        "b": end(b, 228.2),
        "distance_m": 6234.0,
        "loss_free_space_db": 123.1,
        "loss_diffraction_db": 0.0,
        "loss_vegetation_db": 0.0,
        "loss_gas_db": 0.0,
        "loss_rain_db": None,
        "loss_total_db": 123.1,
        "margin_db": 17.8,
        "availability_pct": None,
        "clearance_m": 9.4,
        "clearance_f1": 1.1,
        "clearance_at_m": 2900.0,
        "probability": 0.97,
        "verdict": "likely",
        "reason": msg("Clear over terrain and trees."),
        "fix": None,
        "load_mbps": 2.3,
        "load_pct": 2.3,
        "homes_lost_if_fails": 2.0,
        "hops": 1,
    }
    return LinkRecord(**{**base, **values})  # type: ignore[arg-type]


def antenna(where: str, key: str, **values: object) -> AntennaRecord:
    base: dict[str, object] = {
        "site": where,
        "id": key,
        "task": "access",
        "towards": "",
        "kit": "Village sector 5 GHz",
        "radio": "Some radio",
        "antenna": "Some sector",
        "gain_dbi": 16.0,
        "beamwidth_az_deg": 90.0,
        "azimuth_deg": 30.0,
        "azimuth_magnetic_deg": 28.5,
        "declination_deg": 1.5,
        "declination_date": "2026-11-12",
        "tilt_deg": -2.0,
        "height_m": 18.0,
        "polarisation": "",
        "freq_mhz": 5500.0,
        "width_mhz": 20.0,
        "tx_power_dbm": 14.0,
        "cable_loss_db": 0.5,
        "eirp_dbm": 29.5,
        "limit_dbm": 30.0,
        "limit_margin_db": 0.5,
        "legal": msg("allowed"),
        "dfs": True,
        "homes": 2.0,
    }
    return AntennaRecord(**{**base, **values})  # type: ignore[arg-type]


def bom_line(item: str, name: str, item_class: ItemClass, quantity: float, price: float, where: str = "") -> BomLine:
    return BomLine(
        where, item, name, item_class, "piece", quantity, 0.0, price, round(quantity * price, 2), price, "EUR",
        "2026-10-01", "Example price list", example=True,
    )  # fmt: skip


def example_deployment() -> DeploymentPlan:
    """Return two towers, a gateway, four homes of which one is left out; every record kind is there."""
    unserved_reason = msg("A hill stands {height_m:.0f} m above the ray.", height_m=23.0)
    return DeploymentPlan(
        meta=Meta(
            plan="Valle Alto",
            version=7,
            date="2026-11-12",
            language="en",
            currency="EUR",
            country="ES",
            invented=True,
            program="CN Planner 0.1.0",
            catalogue="2026-11",
            exchange_rate=1.0,
            exchange_date="",
            sources=(
                SourceRecord(msg("Terrain"), "SRTM 3 arc-second, NASA/USGS", "2000", "public domain"),
                SourceRecord(msg("Homes"), "OpenStreetMap contributors", "2026-11", "ODbL"),
            ),
            estimate=words.ESTIMATE,
        ),
        headline=Headline(
            homes=4.0,
            homes_reached=3.0,
            towers=3,
            tower_heights_m=(12.0, 24.0),
            capex=6200.50,
            cost_per_home=6200.50 / 3,
            monthly=81.34,
            fees=(Fee(30.0, 0.9, 90.38), Fee(50.0, 1.5, 54.23), Fee(70.0, 2.1, 38.74)),
            example_prices=True,
            complete=True,
        ),
        assumptions=(
            Assumption("demand.mbps_per_home", msg("Rate that a home should reach."), 10.0, "Mbit/s", "A4AI", True),
            Assumption("area.canopy_m", msg("Height of trees to assume where none is known."), None, "m", "", True),
        ),
        sites=(
            site("coll", "Coll", north_km=4.0, east_km=9.0, mast_height_m=24.0, hops=2, upstream="serra"),
            site("pla", "Pla, not used", north_km=-3.0, east_km=8.0, mast_height_m=None, antenna_heights_m=(),
                 sectors=0, homes=0.0, hops=None, upstream=None, cost=None, homes_lost_if_fails=0.0, mast=""),
            site("serra", "Serra", north_km=3.0, east_km=4.5, homes_lost_if_fails=3.0, homes=2.0),
            site("vila", "Vila", role=SiteRole.GATEWAY, status=Status.AGREED, mast_height_m=12.0, sectors=0, hops=0,
                 upstream=None, power=PowerSource.GRID, homes=0.0, homes_lost_if_fails=3.0),
        ),
        antennas=(
            antenna("serra", "s1"),
            antenna("coll", "s1", homes=1.0, limit_dbm=None, limit_margin_db=None, legal=msg("unknown"), dfs=None),
            antenna("vila", "vila-serra", task="backhaul", towards="serra", azimuth_deg=48.2, beamwidth_az_deg=8.0),
            antenna("serra", "vila-serra", task="backhaul", towards="vila", azimuth_deg=228.2, beamwidth_az_deg=8.0),
        ),
        links=(
            link("coll-serra", "serra", "coll", verdict="check_on_site", probability=0.71, clearance_f1=0.4,
                 reason=msg("Trees at {km:.1f} km.", km=2.9), fix=msg("Look from {a} to {b}.", a="Serra", b="Coll"),
                 homes_lost_if_fails=1.0, hops=2),
            link("vila-serra", "vila", "serra"),
        ),
        homes=(
            home("h4", "Can Roca", north_km=-3.0, east_km=9.5, reached=False, server=None, sector="", rsl_dbm=None,
                 verdict="blocked", reason=unserved_reason, fix=msg("A mast at {site}.", site="Pla, not used"),
                 fix_cost=2150.0, margin_db=None, rate_down_mbps=None, rate_up_mbps=None, height_needed_m=None),
            home("h1", "School", north_km=2.0, east_km=4.0, kind=HomeKind.SCHOOL, priority=Priority.MUST),
            home("h2", "Can Font", north_km=2.2, east_km=5.0, second_choice="coll", usual_height_m=5.0),
            home("h3", "Cal Mestre", north_km=3.5, east_km=9.3, server="coll", on_pole=True, people=4.0,
                 relay=RelayConsent.NO),
        ),
        capacity=(
            CapacityRecord("sector", "s1", "serra", 2.0, 1.5, 40.0, 3.75, None),
            CapacityRecord("sector", "s1", "coll", 1.0, 0.75, 40.0, 1.875, None),
            CapacityRecord("link", "vila-serra", "vila", 3.0, 2.25, 98.0, 2.3, None),
            CapacityRecord("uplink", "fibre", "vila", 3.0, 2.25, 100.0, 2.25, None),
        ),
        bom=(
            bom_line("mast-18", "Guyed mast 18 m", ItemClass.MAST, 2.0, 1100.0),
            bom_line("radio-a", "Sector radio", ItemClass.RADIO, 2.0, 180.25),
        ),
        site_bom=(
            bom_line("mast-18", "Guyed mast 18 m", ItemClass.MAST, 1.0, 1100.0, "serra"),
            bom_line("mast-18", "Guyed mast 18 m", ItemClass.MAST, 1.0, 1100.0, "coll"),
            bom_line("radio-a", "Sector radio", ItemClass.RADIO, 1.0, 180.25, "serra"),
            bom_line("radio-a", "Sector radio", ItemClass.RADIO, 1.0, 180.25, "coll"),
        ),
        budget=(
            MoneyLine("mast", words.CLASSES[ItemClass.MAST], None, 2200.0),
            MoneyLine("radio", words.CLASSES[ItemClass.RADIO], None, 360.5),
            MoneyLine("labour", msg("Labour"), msg("{days:.1f} days at {wage:.2f}", days=16.0, wage=25.0), 400.0),
            MoneyLine("place", msg("Road, land, mains"), None, 3240.0),
        ),
        monthly=(
            MoneyLine("uplink", msg("Internet connection"), None, 40.0),
            MoneyLine(
                "maintenance", msg("Repair and replacement"), msg("{pct:.0f} % of the capital a year", pct=8.0), 41.34
            ),
        ),
        failures=(
            FailureRecord("vila", "Vila", 3.0, ("coll", "serra")),
            FailureRecord("serra", "Serra", 3.0, ("coll",)),
            FailureRecord("coll", "Coll", 1.0, ()),
        ),
        risks=(
            Risk(msg("The link {a}–{b} is tight", a="Serra", b="Coll"), msg("Trees at {km:.1f} km.", km=2.9), 5.0,
                 link="coll-serra"),
            Risk(msg("One tower feeds {homes:.0f} homes", homes=3.0),
                 msg("If {site} fails, they lose the network.", site="Serra"), 4.0, site="serra"),
        ),
        actions=(
            NextAction(msg("Ask the owner of {site}", site="Coll"), msg("No consent is written down."), site="coll"),
            NextAction(
                msg("Look from {a} to {b}", a="Serra", b="Coll"), msg("Two people, half a day."), link="coll-serra"
            ),
        ),
        unserved=(
            UnservedGroup(unserved_reason, msg("A mast at {site}.", site="Pla, not used"), 2150.0, ("h4",), 1.0),
        ),
        missing=(
            MissingInfo("canopy", msg("How tall the trees are is not known."), msg("Ask, then set canopy_m.")),
        ),
        places=(
            PlaceRecord("p1", "Escola", PlaceKind.SCHOOL, LATITUDE + 0.01, LONGITUDE + 0.02, 46.0, True, 6.5, 4.0,
                        "serra", "two rooms"),
            PlaceRecord("p2", "Font", PlaceKind.WATER, LATITUDE + 0.02, LONGITUDE, None, False, None, None, None, ""),
        ),
        outlines=(
            CoverageOutline("serra", (_box(3.0, 4.5, 2.0),), _cells(3.0, 4.5, 2.0)),
            CoverageOutline("coll", (_box(4.0, 9.0, 1.5), _box(4.0, 9.0, 0.5)), _cells(4.0, 9.0, 1.5, 0.5)),
        ),
    )  # fmt: skip


def _cells(north_km: float, east_km: float, half_km: float, hole_km: float = 0.0) -> ServedCells | None:
    """The places within a box, without the box in its middle, 50 m apart."""
    at = (np.arange(-half_km, half_km, 0.05) + 0.025) * 1000.0
    served = np.maximum(*np.abs(np.meshgrid(at, at))) > 1000.0 * hole_km
    crs = local_transverse_mercator(LATITUDE, LONGITUDE)
    place = (50.0, 0.0, 1000.0 * east_km + at[0], 0.0, -50.0, 1000.0 * north_km + at[-1])
    return ServedCells.of(served, crs, place)


def _box(north_km: float, east_km: float, half_km: float) -> tuple[tuple[float, float], ...]:
    corners = ((-1, -1), (-1, 1), (1, 1), (1, -1), (-1, -1))
    return tuple(
        (LATITUDE + (north_km + v * half_km) / 111.2, LONGITUDE + (east_km + h * half_km) / 82.6) for v, h in corners
    )
