"""The packs of the towers, counted once more from the plan and the shipped files alone, and walked against the bill."""

from __future__ import annotations

import math
from collections import Counter
from dataclasses import replace
from itertools import pairwise
from types import SimpleNamespace
from typing import TYPE_CHECKING

import numpy as np
import pytest
from small_network import flat_ground, small_network

from cn_planner.drawing.display import texts
from cn_planner.drawing.tower_elevation import tower_elevation, tower_from_above
from cn_planner.export.pdf_data import Tongue
from cn_planner.export.tower_pages import tower_pages
from cn_planner.geo import WGS84, destination
from cn_planner.gis.raster import RasterGrid
from cn_planner.model import edits
from cn_planner.model.plan import Household, PowerSource, PublicPlace, SiteRole, Status, Uplink
from cn_planner.report.build import build_report
from cn_planner.report.landmarks import NamedPlace
from cn_planner.report.privacy import for_public
from cn_planner.report.tower_packs import anchor_directions, fuse_a, letter_of
from cn_planner.storage.catalogue import load_catalogue
from cn_planner.study import Study
from cn_planner.terrain.surface import Surface
from tests.plan_file_shelf import Shelf

if TYPE_CHECKING:
    from cn_planner.model.plan import Plan
    from cn_planner.report.deployment import DeploymentPlan
    from cn_planner.report.tower_records import TowerPack

GUST_MS, CARRIES_N = 38.0, 900.0


def _plan() -> Plan:
    plan = small_network()
    hill = replace(plan.sites["A"], mast_carries_n=CARRIES_N, hazard="bees")
    there = replace(plan.sites["C"], status=Status.BUILT, role=SiteRole.EXISTING)
    plan = edits.put(plan, [hill, there]).plan
    return replace(plan, area=replace(plan.area, wind_ms=GUST_MS))


def _report(plan: Plan, named: tuple[NamedPlace, ...] = (), surface: Surface | None = None) -> DeploymentPlan:
    study = Study(plan, flat_ground() if surface is None else surface, load_catalogue(), None)
    return build_report(study, version=1, date="2026-11-28", named=named)


@pytest.fixture(scope="module")
def report() -> DeploymentPlan:
    return _report(_plan())


@pytest.fixture(scope="module")
def packs(report: DeploymentPlan) -> dict[str, TowerPack]:
    return {one.site: one for one in report.packs}


def test_each_tower_has_a_pack_with_each_of_its_radios_under_one_letter(
    report: DeploymentPlan, packs: dict[str, TowerPack]
) -> None:
    assert set(packs) == {"G", "A", "B", "C"}
    plan = _plan()
    for key, pack in packs.items():
        links = [link.id for link in plan.links.values() if key in (link.from_site, link.to_site)]
        sectors = [one.id for one in plan.sites[key].sectors]
        assert sorted(one.card.antenna for one in pack.radios) == sorted([*sectors, *links])
        assert {one.card.height_m for one in pack.radios} <= {plan.sites[key].mast_height_m}
        own = [(one.id, one.height_m) for one in report.antennas if one.site == key]
        assert [(one.card.antenna, one.card.height_m) for one in pack.radios] == own
        assert [one.letter for one in pack.radios] == list("ABCDEFG"[: len(own)])
        assert all(one.label.endswith(f"-{one.letter}") for one in pack.radios)


def test_all_that_a_pack_draws_or_numbers_is_in_the_tower_s_bill(
    report: DeploymentPlan, packs: dict[str, TowerPack]
) -> None:
    shelf = Shelf()
    for key, pack in packs.items():
        bill = Counter({line.item: line.quantity for line in report.site_bom if line.site == key})
        if key == "C":  # it stands: nothing of it is drawn as bought
            assert not pack.ports
            assert pack.stands
            assert not any(one.port for one in pack.radios)
            assert all(bill[one.item] == one.quantity for one in pack.parts)
            continue
        for part in pack.parts:
            assert part.quantity == bill[part.item] > 0.0, (key, part.what)
        mast = shelf.mast(pack.used_m)
        assert mast is not None
        assert pack.mast == mast["name"]
        guys = sum(count for item, count in bill.items() if item.startswith("guy-"))
        anchors = sum(count for item, count in bill.items() if item.startswith("anchor"))
        assert 3 * len(pack.guys) == guys
        assert 3 * len(pack.anchors_m) == anchors
        assert sum(one.cable_m for one in pack.radios) == bill["outdoor-cable"]
        assert sum(one.arresters for one in pack.radios) == bill["surge-arrester"]
        switches = {item: count for item, count in bill.items() if item.startswith("switch-poe")}
        ((item, count),) = switches.items()
        assert (pack.switch, pack.switch_ports, pack.switches) == (
            shelf.items[item]["name"], shelf.items[item]["ports"], count,
        )  # fmt: skip
        assert bool(pack.router) == bool(bill["tower-router"])
        uses = {(one.switch, one.port): one for one in pack.ports}
        assert len(uses) == count * pack.switch_ports
        for radio in pack.radios:
            assert uses[radio.switch, radio.port].radio == radio.letter
        assert sum(one.kind == "router" for one in pack.ports) == 1
        injectors = sum(count for item, count in bill.items() if item.startswith("poe-injector"))
        assert sum(bool(one.injector) for one in pack.radios) == injectors
        assert sum(one.fed for one in pack.radios) == len(pack.radios) - injectors


def test_every_mast_of_the_shelf_is_guyed_by_what_is_bought_for_it() -> None:
    for mast in Shelf().masts:
        guys = sum(count for item, count in mast["parts"].items() if item.startswith("guy-"))
        anchors = sum(count for item, count in mast["parts"].items() if item.startswith("anchor"))
        assert 3 * len(mast.get("guys_m", [])) == guys, mast["id"]
        assert 3 * len(mast.get("anchors_m", [])) == anchors, mast["id"]
        assert all(guy <= mast["height_m"] for guy in mast.get("guys_m", []))


def test_from_mast_to_anchor_is_the_long_side_of_a_right_triangle(packs: dict[str, TowerPack]) -> None:
    by_hand = {
        (5.5, 6.0): 8.14,
        (11.0, 6.0): 12.53,
        (16.5, 12.0): 20.40,
    }  # the mast of 18 m: two levels on the inner ring
    assert {(one.height_m, one.anchor_m): round(one.reach_m, 2) for one in packs["A"].guys} == by_hand


def test_money_of_a_tower_adds_up_to_what_it_costs(report: DeploymentPlan, packs: dict[str, TowerPack]) -> None:
    costs = {one.id: one.cost for one in report.sites}
    for key, pack in packs.items():
        assert pack.cost == costs[key]
        assert math.fsum(line.amount for line in pack.money) == pytest.approx(pack.cost)
        goods = [line.amount for line in pack.money if line.key == "goods"]
        assert math.fsum(goods) == pytest.approx(
            math.fsum(line.total or 0.0 for line in report.site_bom if line.site == key), abs=0.05
        )


def test_the_wind_is_a_blank_where_no_source_gives_an_area(packs: dict[str, TowerPack]) -> None:
    wind = packs["A"].wind
    assert (wind.wind_ms, wind.carries_n, wind.push_n, wind.share_pct) == (GUST_MS, CARRIES_N, None, None)
    assert any("LiteBeam" in one for one in wind.unknown)


def test_the_wind_pushes_by_the_square_of_its_speed() -> None:
    plan, catalogue = _plan(), load_catalogue()
    areas = {"litebeam-5ac-16-120": 0.05, "powerbeam-5ac-620": 0.3}
    known = {key: replace(radio, wind_area_m2=areas.get(key)) for key, radio in catalogue.radios.items()}
    study = Study(plan, flat_ground(), replace(catalogue, radios=known), None)
    pack = next(one for one in build_report(study, version=1, date="2026-11-28").packs if one.site == "A")
    # A sector and two ends of links: 0.65 m², half of 1.225 kg/m³ times 38² m²/s², and 1.2 of a flat plate.
    newton = 0.65 * 0.6125 * 1444.0 * 1.2
    assert pack.wind.push_n == pytest.approx(newton)
    assert pack.wind.share_pct == pytest.approx(100.0 * newton / 900.0)
    assert math.fsum(one.push_n or 0.0 for one in pack.radios) == pytest.approx(newton)


def test_cables_fuses_and_plumb_by_hand(packs: dict[str, TowerPack]) -> None:
    pack = packs["A"]
    assert [one.cable_m for one in pack.radios] == [23.0] * 3  # 18 m and 5 m to the box
    assert pack.plumb_mm == pytest.approx(45.0)
    assert pack.load_w == next(one for one in [pack.power] if one).load_w
    sizes = [2.0, 3.0, 5.0, 7.5, 10.0, 15.0, 20.0, 25.0, 30.0]
    assert pack.load_fuse_a == next(one for one in sizes if one >= 1.25 * pack.load_w / 24.0)
    panels = sum(one.quantity for one in pack.parts if one.what == "panel") * 200.0
    assert pack.battery_fuse_a == next(one for one in sizes if one >= 1.25 * panels / 24.0)
    assert fuse_a(81.0) is None


def test_letters_go_on_after_z() -> None:
    assert [letter_of(n) for n in (0, 25, 26, 27, 52)] == ["A", "Z", "AA", "AB", "BA"]


def test_anchors_stand_clear_of_what_radios_look_at() -> None:
    found = anchor_directions([0.0, 45.0])
    assert sorted((b - a) % 360.0 for a, b in pairwise(found)) == [120.0, 120.0]
    away = [min(abs((aim - one + 180.0) % 360.0 - 180.0) for one in found) for aim in (0.0, 45.0)]
    assert min(away) >= 35.0


def test_the_mains_are_drawn_where_they_feed_it(packs: dict[str, TowerPack]) -> None:
    assert not packs["G"].solar
    assert packs["G"].part("panel").quantity == 0.0
    assert {one.item for one in packs["G"].parts if one.what == "mains"} >= {"mains-box", "mains-surge", "dc-ups"}
    assert packs["A"].solar


def test_a_laptop_gets_an_address_that_no_device_has(report: DeploymentPlan, packs: dict[str, TowerPack]) -> None:
    for key, pack in packs.items():
        taken = {one.management_ipv4 for one in report.names if one.site == key}
        address, length = pack.laptop_ipv4.split("/")
        assert length == "26"
        assert address not in taken
        assert pack.router_ipv4 in taken


def _hills() -> Surface:
    """A plain with a ridge from west to east 4 km north of A, and a knoll on it."""
    step = 1.0 / 1200.0
    north = -1.30 - step * np.arange(360)
    east = 36.40 + step * np.arange(360)
    ridge = 120.0 * np.exp(-(((north[:, None] - (-1.45 + 4.0 / 111.2)) / 0.004) ** 2))
    heights = (1200.0 + ridge + 0.0 * east[None, :]).astype(np.float32)
    corner = (step, 0.0, 36.40, 0.0, -step, -1.30)
    return Surface([RasterGrid("made", heights, WGS84, corner, "", "invented", "CC0")])


@pytest.fixture(scope="module")
def seen() -> DeploymentPlan:
    plan = small_network()
    a = plan.sites["A"]
    aim = 44.9  # from A to B
    more = [
        Household(
            f"v{n}", "Home of Abebe", *destination(a.latitude, a.longitude, aim + 20.0, 3000.0 + n), hamlet="Kera"
        )
        for n in range(3)
    ]
    alone = Household("w", "Lone house", *destination(a.latitude, a.longitude, aim - 4.0, 2000.0), hamlet="Lone")
    named = (
        NamedPlace("Mount Far", "peak", *destination(a.latitude, a.longitude, aim - 12.0, 5200.0)),
        NamedPlace("Hidden", "village", *destination(a.latitude, a.longitude, aim - 28.0, 7800.0)),
        NamedPlace("Elsewhere", "village", *destination(a.latitude, a.longitude, aim + 90.0, 3000.0)),
        NamedPlace("A field", "locality", *destination(a.latitude, a.longitude, aim + 10.0, 3000.0)),
    )
    return _report(edits.put(plan, [*more, alone]).plan, named, _hills())


def test_a_card_names_hills_and_villages_that_are_seen_and_nobody_s_home(seen: DeploymentPlan) -> None:
    pack = next(one for one in seen.packs if one.site == "A")
    radio = next(one for one in pack.radios if one.card.towards == "B")
    names = {one.name for one in radio.seen}
    assert "Kera" in names
    assert names <= {"Kera", "Mount Far", ""}
    kera = next(one for one in radio.seen if one.name == "Kera")
    assert kera.off_deg == pytest.approx(20.0, abs=0.4)
    assert kera.distance_m == pytest.approx(3001.0, abs=3.0)


def test_the_horizon_is_as_high_as_the_ridge(seen: DeploymentPlan) -> None:
    pack = next(one for one in seen.packs if one.site == "A")
    radio = next(one for one in pack.radios if one.card.towards == "B")
    aim = radio.card.azimuth_deg
    # Due north the ridge stands 4 km off, 120 m above the plain; the eye is 18 m above it.
    north = min(radio.horizon, key=lambda one: abs((aim + one.off_deg + 180.0) % 360.0 - 180.0))
    off = math.radians(aim + north.off_deg)
    far = 4000.0 / math.cos(off)
    drop = far**2 / (2.0 * 4.0 / 3.0 * 6_371_000.0)
    assert north.far_deg == pytest.approx(math.degrees(math.atan2(120.0 - 18.0 - drop, far)), abs=0.12)
    assert north.near_deg < 0.0


def test_in_public_nothing_tells_where_homes_are(seen: DeploymentPlan) -> None:
    shown = for_public(seen, 200.0)
    for pack in shown.packs:
        assert pack.hazard == pack.access == ""
        for radio in pack.radios:
            assert all(one.name != "Kera" for one in radio.seen)
            assert radio.card.tested_with == ""
            if not radio.card.towards:
                assert radio.over_dbm is None


def test_in_public_nothing_tells_how_a_tower_is_set(seen: DeploymentPlan) -> None:
    assert any(one.managed_ipv4 and one.vlan for pack in seen.packs for one in pack.radios)
    for pack in for_public(seen, 200.0).packs:
        assert (pack.switch_ipv4, pack.router_device, pack.router_ipv4, pack.laptop_ipv4) == ("", "", "", "")
        assert pack.management_vlan == 0
        for radio in pack.radios:
            assert (radio.device, radio.managed_ipv4, radio.vlan, radio.systems) == ("", "", 0, ())


def test_the_internet_enters_at_a_possible_gateway_that_is_bought() -> None:
    plan = _plan()
    role = SiteRole.GATEWAY_OPTION
    paid = Uplink("fibre", monthly_cost=50.0)
    bought = replace(plan.sites["A"], role=role, uplink=paid, uplink_bought=True)
    left = replace(plan.sites["B"], role=role, uplink=paid)
    found = {one.site: one.gateway for one in _report(edits.put(plan, [bought, left]).plan).packs}
    assert found["G"]
    assert found["A"]
    assert not found["B"]


def test_a_tower_whose_power_nobody_knows_is_fed_by_the_sun(packs: dict[str, TowerPack]) -> None:
    assert small_network().sites["B"].power is PowerSource.UNKNOWN
    assert packs["B"].solar


def test_a_hotspot_hangs_there_too_with_letters_ports_and_cables_of_its_own() -> None:
    plan = small_network()
    a = plan.sites["A"]
    plan = edits.put(plan, [replace(a, hotspot=True), PublicPlace("p", "Market", a.latitude, a.longitude)]).plan
    report = _report(plan)
    pack = next(one for one in report.packs if one.site == "A")
    bill = Counter({line.item: line.quantity for line in report.site_bom if line.site == "A"})
    phones = [one for one in pack.radios if one.card.task == "phones"]
    assert phones
    assert len(pack.radios) == 3 + len(phones)
    assert sum(one.cable_m for one in pack.radios) == bill["outdoor-cable"]
    assert len({(one.switch, one.port) for one in pack.radios}) == len(pack.radios)
    assert [one.letter for one in phones] == list("DEFGHI"[: len(phones)])


def test_an_antenna_that_is_alike_all_round_has_no_bearing() -> None:
    plan = _plan()
    tower = plan.sites["A"]
    around = replace(tower.sectors[0], kit="halow-sector-900mhz")
    plan = edits.put(plan, [replace(tower, sectors=(around, *tower.sectors[1:]))]).plan
    report = _report(plan)
    pack = next(one for one in report.packs if one.site == "A")
    radio = next(one for one in pack.radios if one.card.antenna == around.id and not one.card.towards)
    row = next(one for one in report.antennas if (one.site, one.id) == ("A", around.id))
    card = next(one for one in report.cards if (one.site, one.antenna) == ("A", around.id))
    assert row.beamwidth_az_deg == 360.0
    for one in (row, card, radio.card):
        assert (one.azimuth_deg, one.azimuth_magnetic_deg) == (None, None)
    assert pack.anchors_deg == anchor_directions(
        one.azimuth_deg for one in report.antennas if one.site == "A" and one.azimuth_deg is not None
    )
    # What is pointed keeps its bearing.
    assert all(one.azimuth_deg is not None for one in report.antennas if one is not row)
    drawn = texts(tower_elevation(pack, width=346.0, height=396.0, language="en").items)
    assert any(one.text.endswith("· All round") for one in drawn)
    above = texts(tower_from_above(pack, width=163.0, language="en").items)
    assert not any(one.text.startswith(f"{radio.letter} ") for one in above)
    said = tower_pages(report, SimpleNamespace(add=lambda _: {}), Tongue.of("en"))
    page = next(one for one in said if one["name"] == pack.name)
    (row_said,) = [cells for cells in page["radios"]["rows"] if cells[0] == radio.letter]
    assert row_said[4:6] == ["\u2013", "\u2013"]
    (strip,) = [one for one in page["sectors"] if one["head"].startswith(f"{radio.letter}:")]
    assert (strip["big"], strip["by"]) == ("All round", "")
    assert "north" not in strip["rest"]
