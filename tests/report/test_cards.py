"""What is taken to the mast, held against the ground it was computed from: cards, pages of links, sheets."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import pytest

from cn_planner.geo import destination
from cn_planner.gis.raster import RasterGrid
from cn_planner.model.items import Items
from cn_planner.model.plan import Area, HomeKind, Household, Info, Link, Plan, Sector, Site, SiteRole, Status, Zone
from cn_planner.planning.between import find_relays
from cn_planner.report.build import build_report
from cn_planner.report.chapters import CHAPTERS, by_chapter
from cn_planner.report.checklists import CHECKLISTS
from cn_planner.report.field_sheets import MEASUREMENT_FIELDS, SITE_FIELDS, survey_sheets
from cn_planner.report.privacy import for_public
from cn_planner.report.tables import tables
from cn_planner.storage.catalogue import load_catalogue
from cn_planner.study import Study
from cn_planner.terrain.surface import Surface

if TYPE_CHECKING:
    from cn_planner.report.deployment import DeploymentPlan

LAT, LON = 10.0, 20.0
RIDGE_M = 160.0


def at(azimuth: float, km: float) -> tuple[float, float]:
    return destination(LAT, LON, azimuth, km * 1000.0)


@pytest.fixture(scope="module")
def surface() -> Surface:
    """A plain at 100 m with a ridge from north to south, 3 km to the east; invented, and so without an error."""
    step = 1.0 / 1200.0
    longitude = LON - 0.15 + step * np.arange(360)
    ridge = RIDGE_M * np.exp(-(((longitude - at(90.0, 3.0)[1]) / 0.004) ** 2))
    heights = np.tile(100.0 + ridge, (360, 1)).astype(np.float32)
    return Surface([RasterGrid("invented", heights, "EPSG:4326", (step, 0.0, LON - 0.15, 0.0, -step, LAT + 0.15))])


def site(key: str, place: tuple[float, float], mast: float | None = 15.0, **more: object) -> Site:
    return Site(key, key.title(), *place, mast_height_m=mast, **more)  # type: ignore[arg-type]


PLAN = Plan(
    info=Info(name="Ridge", country=""),
    area=Area(canopy_m=0.0),
    sites=Items(
        [
            site("gate", (LAT, LON), role=SiteRole.GATEWAY, status=Status.AGREED,
                 sectors=(Sector("s1", "village-sector-5ghz", 0.0),)),
            site("open", at(180.0, 6.0)),
            site("behind", at(90.0, 6.0)),
            site("crest", at(92.0, 3.0), None),
            site("no", at(90.0, 2.9), None, status=Status.REJECTED),
        ]
    ),
    households=Items(
        [
            Household("h1", "Near", *at(20.0, 1.5), server="gate"),
            Household("h2", "Axis", *at(2.0, 2.0), server="gate"),
            Household("h3", "Left school", *at(176.0, 2.0), kind=HomeKind.SCHOOL),
            Household("h4", "Hidden school", *at(90.2, 5.0), kind=HomeKind.SCHOOL),
        ]
    ),
    links=Items([Link("clear", "gate", "open"), Link("over", "gate", "behind")]),
)  # fmt: skip


@pytest.fixture(scope="module")
def deployment(surface: Surface) -> DeploymentPlan:
    return build_report(Study(PLAN, surface, load_catalogue(), None), version=1, date="2026-11-12")


def test_the_budget_of_a_page_adds_up_both_ways(deployment: DeploymentPlan) -> None:
    radios = {(one.site, one.id): one for one in deployment.antennas}
    for link in deployment.links:
        for sent, heard in ((link.a, link.b), (link.b, link.a)):
            out, into = radios[sent.site, link.id], radios[heard.site, link.id]
            assert heard.sent_dbm is not None
            assert out.gain_dbi is not None
            assert link.loss_total_db is not None
            assert into.gain_dbi is not None
            radiated = heard.sent_dbm + out.gain_dbi - (out.cable_loss_db or 0.0)
            arrives = radiated - link.loss_total_db + into.gain_dbi - (into.cable_loss_db or 0.0)
            assert arrives == pytest.approx(heard.rsl_dbm, abs=1e-6)
            assert out.eirp_dbm is not None
            assert radiated <= out.eirp_dbm + 1e-9  # the slowest mode has the most power


def test_what_if_lowers_and_raises_by_what_it_says(deployment: DeploymentPlan) -> None:
    (clear,) = (one for one in deployment.link_reports if one.link == "clear")
    (link,) = (one for one in deployment.links if one.id == "clear")
    trees, air, lower = clear.what_ifs
    assert link.clearance_m is not None
    # Over the plain the middle is the tightest place: 6 km of earth bulge, 15 m of mast.
    bulge = 3000.0**2 / (2.0 * 6_371_000.0)
    assert link.clearance_m == pytest.approx(15.0 - bulge / (4 / 3), abs=0.2)
    assert air.clearance_m == pytest.approx(15.0 - bulge / 0.67, abs=0.2)
    assert lower.clearance_m == pytest.approx(link.clearance_m - 2.0, abs=0.01)
    assert trees.clearance_m == pytest.approx(link.clearance_m - 5.0, abs=0.2)
    assert clear.relay is None  # it is sure


def test_a_link_behind_a_ridge_names_a_relay_that_sees_both_ends(deployment: DeploymentPlan) -> None:
    (over,) = (one for one in deployment.link_reports if one.link == "over")
    (link,) = (one for one in deployment.links if one.id == "over")
    assert link.verdict != "likely"
    assert "Crest" in str(over.relay)  # the rejected place on the way is nearer and is not named
    assert over.equal_heights_m is not None
    # Both raised by the same over a ridge in the middle: each stands at least as high above the plain as the ridge.
    assert all(RIDGE_M < height < RIDGE_M + 25.0 for height in over.equal_heights_m)


def test_a_page_names_only_relays_that_the_finder_names(deployment: DeploymentPlan, surface: Surface) -> None:
    """It had an answer of its own: masts of 12 m on any hilltop, and no word of where nothing may be built."""

    def relay_of(made: DeploymentPlan) -> str:
        return str(next(one.relay for one in made.link_reports if one.link == "over"))

    lat, lon = at(92.0, 3.0)
    ring = tuple((lat + a * 0.02, lon + b * 0.01) for a, b in ((-1, -1), (-1, 1), (1, 1), (1, -1)))
    closed = replace(PLAN, zones=Items([Zone("z", "Grove", ring=ring, no_build=True)]))
    for plan, there in ((PLAN, True), (closed, False)):
        study = Study(plan, surface, load_catalogue(), None)
        said = relay_of(deployment if plan is PLAN else build_report(study, version=1, date="2026-11-12"))
        assert ("Crest" in said) is there
        named = {
            f"A tower at {one.site.name or f'{one.site.latitude:.5f}, {one.site.longitude:.5f}'} with a mast of "
            f"{one.site.mast_height_m:.0f} m"
            for one in find_relays(study, "gate", "behind").options
        }
        assert any(said.startswith(one) for one in named) or (not there and said == "None")


def test_a_card_points_at_what_is_seen_from_the_antenna(deployment: DeploymentPlan) -> None:
    cards = {(one.site, one.antenna): one for one in deployment.cards}
    assert len(cards) == len(deployment.antennas)
    south = cards["gate", "clear"]
    assert south.landmark is not None
    assert south.landmark.name == "Left school"  # 4 degrees to the left of the way to Open
    assert south.landmark.off_deg == pytest.approx(-4.0, abs=0.05)
    # Nobody's home, and no place where nothing stands yet, however near it is to the aim.
    assert {one.landmark.name for one in cards.values() if one.landmark} <= {"Left school", "Hidden school", ""}
    east = cards["gate", "over"]
    assert east.landmark is None or east.landmark.name != "Hidden school"  # a ridge stands before it
    assert south.azimuth_magnetic_deg is not None
    assert south.expected_dbm is not None
    (link,) = (one for one in deployment.links if one.id == "clear")
    here = link.a if link.a.site == "gate" else link.b
    # The level of the slowest mode, which has the most power: what is seen while nobody loads the link.
    assert here.rsl_dbm is not None
    assert here.sent_dbm is not None
    modes = [one for one in load_catalogue().radios["powerbeam-5ac-620"].modes if one.width_mhz == 40.0]
    assert south.expected_dbm == pytest.approx(here.rsl_dbm - here.sent_dbm + modes[0].tx_power_dbm)
    assert south.accept_dbm == pytest.approx(south.expected_dbm - 4.0)
    # F.699 of a dish of 29 dBi: its first side lobe gives 2 + 15 log(D / wavelength), which 7.7 + 20 log is 29 of.
    lobe = 2.0 + 15.0 * (29.0 - 7.7) / 20.0
    assert south.reject_dbm == pytest.approx(south.accept_dbm - (29.0 - lobe), abs=0.01)
    sector = cards["gate", "s1"]
    assert sector.tested_with == "Axis"  # two degrees off the axis, the other home twenty
    assert sector.tested_at_m == pytest.approx(2000.0, abs=1.0)


def test_a_public_card_names_no_home(deployment: DeploymentPlan) -> None:
    named = replace(
        deployment,
        cards=tuple(
            replace(one, landmark=None if one.landmark is None else replace(one.landmark, name="Axis", private=True))
            for one in deployment.cards
        ),
    )
    public = for_public(named, math.inf)
    assert all(one.landmark is None and one.tested_with == "" for one in public.cards)
    assert next(one for one in public.cards if one.antenna == "s1").expected_dbm is None
    assert next(one for one in public.cards if one.antenna == "clear").expected_dbm is not None


def test_survey_sheets_look_along_each_link_from_both_ends(deployment: DeploymentPlan) -> None:
    sheets = {one.site.id: one for one in survey_sheets(deployment)}
    assert set(sheets) == {"gate", "open", "behind", "crest"}
    there, back = sheets["gate"].looks, sheets["behind"].looks
    to_behind = next(one for one in there if one.towards == "behind")
    assert to_behind.tightest_at_m == pytest.approx(3000.0, abs=60.0)
    assert back[0].tightest_at_m == pytest.approx(to_behind.distance_m - to_behind.tightest_at_m)
    assert [one.site for one in sheets["open"].readings] == ["gate"]


def test_boxes_carry_the_names_that_the_imports_know() -> None:
    from cn_planner.importers.kinds import measurements, sites

    assert {name for name, _ in SITE_FIELDS} <= {field.name for field in sites().fields}
    # What a volunteer with a sheet does not know or is written once for all of them: --fill takes it.
    left_out = {"tx_height_m", "eirp_dbm", "rx_gain_dbi", "floor_dbm", "quantity", "rsrp", "snr", "who", "width_mhz"}
    assert set(MEASUREMENT_FIELDS) == {field.name for field in measurements().fields} - left_out


def test_every_table_stands_in_one_chapter_and_chapters_are_numbered_through(deployment: DeploymentPlan) -> None:
    assert [one.number for one in CHAPTERS] == list(range(18))
    placed = [table.key for group in by_chapter(tables(deployment)).values() for table in group]
    assert sorted(placed) == sorted(table.key for table in tables(deployment))


def test_every_item_of_a_checklist_names_a_source_of_it() -> None:
    for one in CHECKLISTS:
        for text, numbers in one.items:
            assert all(1 <= int(number) <= len(one.sources) for number in numbers.split(",")), str(text)
