"""Every number of a printed link, worked again from the plan and the shelf's files by formulas of the test's own."""

from __future__ import annotations

import math
from statistics import NormalDist
from typing import TYPE_CHECKING

import numpy as np
import pytest

from cn_planner.geo import destination
from cn_planner.gis.raster import RasterGrid
from cn_planner.model.items import Items
from cn_planner.model.plan import Area, Household, Info, Link, Plan, Rules, Sector, Site, SiteRole
from cn_planner.report.build import build_report
from cn_planner.storage.catalogue import load_catalogue
from cn_planner.study import Study
from cn_planner.terrain.surface import Surface
from tests.plan_file_shelf import Shelf

if TYPE_CHECKING:
    from cn_planner.report.deployment import DeploymentPlan, LinkRecord

LAT, LON = 10.0, 20.0
KIT = Shelf().kits["long-link-5ghz"]
MHZ, GAIN_DBI, RESERVE_DB = 5510.0, 29.0, 10.0
EARTH_M, LIGHT = 6_371_000.0 * 4.0 / 3.0, 299_792_458.0
# Easy: a plain. Grazing: the ridge's foot fills a part of the zone. Hopeless: its top stands 35 m above the ray.
RIDGES_M = {"easy": 0.0, "grazing": 38.0, "hopeless": 80.0}


def at(azimuth: float, km: float) -> tuple[float, float]:
    return destination(LAT, LON, azimuth, km * 1000.0)


@pytest.fixture(scope="module", params=list(RIDGES_M))
def printed(request: pytest.FixtureRequest) -> tuple[str, DeploymentPlan]:
    """A link of 12 km to the east over a plain at 100 m, a ridge from north to south on the half of it."""
    step = 1.0 / 3600.0
    longitude = LON - 0.02 + step * np.arange(600)
    ridge = RIDGES_M[request.param] * np.exp(-(((longitude - at(90.0, 6.0)[1]) / 0.004) ** 2))
    ground = np.tile(100.0 + ridge, (150, 1)).astype(np.float32)
    surface = Surface([RasterGrid("made", ground, "EPSG:4326", (step, 0.0, LON - 0.02, 0.0, -step, LAT + 0.02))])
    plan = Plan(
        info=Info(name="Two", country=""),
        area=Area(canopy_m=0.0),
        sites=Items(
            [
                Site("a", "A", LAT, LON, mast_height_m=50.0, role=SiteRole.GATEWAY),
                Site(
                    "b",
                    "B",
                    *at(90.0, 12.0),
                    mast_height_m=45.0,
                    sectors=(Sector("s", "village-sector-5ghz", 90.0, freq_mhz=5745.0),),
                ),
            ]
        ),
        households=Items([Household("h", "H", *at(90.0, 12.4), server="b", weight=7.0)]),
        links=Items([Link("ab", "a", "b")]),
        rules=Rules(max_access_km=1.0),  # how far homes are reached is half of the work of a report, and not asked here
    )
    return request.param, build_report(Study(plan, surface, load_catalogue(), None), version=1, date="2026-11-12")


def wifi_mbps(air_mbps: float, length_m: float) -> float:
    """32 packets of 1500 bytes in one transmission, its answer, and the waits, each longer by the round trip."""
    flight = length_m / LIGHT * 1e6
    packet = 4 * math.ceil((1500 + 38 + 4) / 4)
    many = min(32, int((5484.0 - 40.0) * air_mbps / (8 * packet)))
    data = 40.0 + 4.0 * math.ceil((8 * packet * many + 22) / (air_mbps * 4.0))
    answer = 20.0 + 4.0 * math.ceil((8 * 32 + 22) / (24.0 * 4.0))
    wait = 16.0 + 9.5 * (9.0 + 2.0 * flight)
    return 8.0 * 1500 * many / (wait + data + flight + 16.0 + answer + flight)


def knife_db(nu: float) -> float:
    """P.526, eq. 31."""
    return 6.9 + 20.0 * math.log10(math.hypot(nu - 0.1, 1.0) + nu - 0.1) if nu > -0.78 else 0.0


def the_link(plan: DeploymentPlan) -> LinkRecord:
    (link,) = plan.links
    return link


def test_length_levels_and_losses(printed):
    case, plan = printed
    link = the_link(plan)
    assert link.distance_m == pytest.approx(12_000.0, abs=0.5)
    straight = math.hypot(12_000.0, 5.0)
    free = 20.0 * math.log10(4.0 * math.pi * straight * MHZ * 1e6 / LIGHT)
    assert link.loss_free_space_db == pytest.approx(free, abs=1e-3)
    parts = (
        link.loss_free_space_db, link.loss_diffraction_db, link.loss_vegetation_db, link.loss_gas_db, link.loss_rain_db,
    )  # fmt: skip
    assert link.loss_total_db == pytest.approx(sum(part or 0.0 for part in parts), abs=1e-9)
    if case == "easy":
        assert link.loss_diffraction_db == 0.0
    else:  # one edge in the middle, as Bullington has it
        wave = LIGHT / (MHZ * 1e6)
        over = 100.0 + RIDGES_M[case] + 6000.0**2 / (2.0 * EARTH_M) - 147.5
        nu = over * math.sqrt(2.0 / wave * (1.0 / 6000.0 + 1.0 / 6000.0))
        edge = knife_db(nu)
        whole = edge + (1.0 - math.exp(-edge / 6.0)) * (10.0 + 0.02 * 12.0)  # P.526-15, eq. 57
        assert link.loss_diffraction_db == pytest.approx(whole, abs=0.5)
    for sent, heard in ((link.a, link.b), (link.b, link.a)):
        assert heard.rsl_dbm == pytest.approx(heard.sent_dbm + 2.0 * GAIN_DBI - link.loss_total_db, abs=1e-9)
        noise = -173.975 + 10.0 * math.log10(40e6)
        assert heard.above_thermal_db == pytest.approx(heard.rsl_dbm - noise, abs=0.01)
        assert sent.ground_m_amsl == pytest.approx(100.0, abs=0.01)


def test_mode_margin_and_rate_belong_together_and_the_chance_to_the_slowest_mode(printed):
    case, plan = printed
    link = the_link(plan)
    modes = Shelf().modes(KIT)
    over = [(number, power, power + 2.0 * GAIN_DBI - link.loss_total_db - least, rate)
            for number, power, least, rate in modes]  # fmt: skip
    fits = [one for one in over if one[2] >= RESERVE_DB]
    slowest = max(over, key=lambda one: one[2])
    number, power, margin, air = max(fits, key=lambda one: one[3]) if fits else slowest
    assert link.fallback_db == pytest.approx(slowest[2], abs=1e-3)
    assert link.margin_db == pytest.approx(margin, abs=1e-3)
    if case == "easy":
        # That of the slowest mode, on a path that is clear beyond the terrain's error: 4 dB of error from 1 F1 on, and
        # it may be less clear than the map has it.
        sure = NormalDist().cdf(slowest[2] / 4.0)
        assert 0.95 * sure <= link.probability <= sure
        assert link.clearance_f1 > 1.0
    for end in (link.a, link.b):
        assert end.sent_dbm == power
        assert end.margin_db == pytest.approx(margin, abs=1e-3)
        rate = min(0.65 * air, wifi_mbps(air, link.distance_m)) if fits else 0.0
        assert end.rate_mbps == pytest.approx(rate, abs=1e-6)
        assert end.mcs == (f"MCS{number}" if fits else "")
    if case == "easy":
        assert (number, round(link.margin_db, 1)) == (9, 11.1)  # 20 + 58 - 128.9 + 62, of what 20 MHz need
        slow = min(0.65 * slowest[3], wifi_mbps(slowest[3], link.distance_m))
        more = slowest[2] - margin
        assert str(link.spare) == (
            f"{margin:.1f} dB to spare at {link.a.rate_mbps:.0f} Mbit/s; down to {slow:.1f} Mbit/s for another "
            f"{more:.0f} dB"
        )


def test_capacity_is_one_number(printed):
    _, plan = printed
    link = the_link(plan)
    (row,) = (one for one in plan.capacity if one.kind == "link")
    assert link.carries_mbps == row.capacity_mbps == min(link.a.rate_mbps, link.b.rate_mbps)
    if link.carries_mbps and link.load_mbps:
        assert link.load_pct == pytest.approx(100.0 * link.load_mbps / link.carries_mbps)


def test_clearance_heights_and_directions(printed):
    case, plan = printed
    link = the_link(plan)

    def zone(d: float) -> float:
        return math.sqrt(LIGHT / (MHZ * 1e6) * d * (12_000.0 - d) / 12_000.0)

    def clear(d: float) -> float:
        hill = RIDGES_M[case] * math.exp(-(((d - 6000.0) / (0.004 * 109_640.0)) ** 2))
        return 50.0 - 5.0 * d / 12_000.0 - d * (12_000.0 - d) / (2.0 * EARTH_M) - hill

    places = np.arange(50.0, 11_950.0, 1.0)
    shares = [clear(float(d)) / zone(float(d)) for d in places]
    worst = int(np.argmin(shares))
    assert link.clearance_f1 == pytest.approx(shares[worst], abs=0.02)
    if case != "easy":  # a plain is as tight over some hundreds of metres
        assert link.clearance_at_m == pytest.approx(places[worst], abs=60.0)
    assert link.clearance_m == pytest.approx(link.clearance_f1 * zone(link.clearance_at_m), abs=0.02)
    # Whoever rises alone has to bring every place to 0.6 of its zone.
    short = [(0.6 * zone(float(d)) - clear(float(d)), float(d)) for d in places]
    rise_a = max(lack / (1.0 - d / 12_000.0) for lack, d in short)
    rise_b = max(lack / (d / 12_000.0) for lack, d in short)
    assert link.a.height_needed_m == pytest.approx(max(50.0 + rise_a, 0.0), abs=0.3)
    assert link.b.height_needed_m == pytest.approx(max(45.0 + rise_b, 0.0), abs=0.3)
    drop = math.degrees(12_000.0 / (2.0 * EARTH_M))
    assert link.a.tilt_deg == pytest.approx(math.degrees(math.atan2(-5.0, 12_000.0)) - drop, abs=2e-3)
    assert link.b.tilt_deg == pytest.approx(math.degrees(math.atan2(5.0, 12_000.0)) - drop, abs=2e-3)
    assert link.a.azimuth_deg == pytest.approx(90.0, abs=1e-6)
    turn = math.degrees(12_000.0 / 6_378_137.0) * math.tan(math.radians(LAT))
    assert link.b.azimuth_deg == pytest.approx(270.0 + turn, abs=0.01)
    assert (link.verdict == "likely") == (case == "easy")
