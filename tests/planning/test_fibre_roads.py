"""Fibre along roads: the shortest way, held against trying all; what it costs, offered as the price to open."""

from __future__ import annotations

import json
from dataclasses import replace
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
import shapely
from pyproj import Geod
from typer.testing import CliRunner

from cn_planner.cli.main import app
from cn_planner.errors import InputError
from cn_planner.model import edits
from cn_planner.model.plan import Info, Plan, Site, SiteRole, Uplink
from cn_planner.planning.fibre_roads import BESIDE_M, RoadPlace, fibre_ways
from cn_planner.session.base_map import use_base_map
from cn_planner.session.fibre import fibre_offers
from cn_planner.session.project import Project

EARTH = Geod(ellps="WGS84")


def metres(a: tuple[float, float], b: tuple[float, float]) -> float:
    """Between two places, latitude first."""
    return EARTH.inv(a[1], a[0], b[1], b[0])[2]


def road(*spots: tuple[float, float]) -> bytes:
    return shapely.to_wkb(shapely.LineString([(lon, lat) for lat, lon in spots]))


def test_the_way_is_the_shortest_of_all():
    """Random roads over a grid of crossings; every way, by relaxing all pieces until none is shorter."""
    chance = np.random.default_rng(5)
    for _ in range(12):
        spots = [(42.0 + 0.01 * (n // 5) + chance.uniform(-0.003, 0.003), 1.0 + 0.01 * (n % 5)) for n in range(25)]
        pieces = [
            (a, b)
            for a in range(25)
            for b in (a + 1, a + 5)
            if b < 25 and (b != a + 1 or b % 5) and chance.random() < 0.75
        ]
        used = sorted({end for piece in pieces for end in piece})
        first, second, *others = (int(n) for n in chance.permutation(used)[:8])
        far = {first: 0.0, second: 0.0}
        for _ in pieces:
            for a, b in [*pieces, *((b, a) for a, b in pieces)]:
                if a in far:
                    far[b] = min(far.get(b, np.inf), far[a] + metres(spots[a], spots[b]))
        sources = [RoadPlace(f"s{n}", *spots[n]) for n in (first, second)]
        ways, none = fibre_ways(
            [road(spots[a], spots[b]) for a, b in pieces], sources, [RoadPlace(str(n), *spots[n]) for n in others]
        )
        assert {int(one.site): round(one.length_m, 1) for one in ways} == {
            n: round(far[n], 1) for n in others if n in far
        }
        assert {int(one.site) for one in none} == {n for n in others if n not in far}
        for one in ways:
            assert sum(metres(a, b) for a, b in pairwise(one.line)) == pytest.approx(one.length_m, abs=0.1)
            assert one.line[0] == spots[int(one.source[1:])]
            assert one.beside_m < 0.01


def test_places_beside_one_piece_of_road_are_joined_along_it():
    """A road due east; two places 100 m north of it and a source on it: by hand, and none goes round by the ends."""
    straight = road((0.0, 10.0), (0.0, 10.1))
    north = 100.0 / 110_574.0
    places = [RoadPlace("near", north, 10.02), RoadPlace("far", north, 10.05)]
    ways, none = fibre_ways([straight], [RoadPlace("s", 0.0, 10.01)], places)
    assert not none
    for one, lon in zip(ways, (10.02, 10.05), strict=True):
        assert one.road_m == pytest.approx(metres((0.0, 10.01), (0.0, lon)), abs=0.5)
        assert one.beside_m == pytest.approx(100.0, abs=0.1)
    nearer, _ = fibre_ways([straight], [RoadPlace("s", 0.0, 10.01), RoadPlace("t", 0.0, 10.06)], places)
    assert [one.source for one in nearer] == ["s", "t"]


def test_where_no_road_leads_it_is_said_why():
    roads = [road((42.0, 1.0), (42.0, 1.05)), road((42.1, 1.0), (42.1, 1.05))]
    source, island = RoadPlace("s", 42.0, 1.0), RoadPlace("island", 42.1, 1.02)
    off = RoadPlace("off", 42.05, 1.02)
    assert metres((42.05, 1.02), (42.0, 1.02)) > BESIDE_M
    ways, none = fibre_ways(roads, [source], [island, off])
    assert ways == ()
    assert [(one.site, str(one.reason)) for one in none] == [
        ("island", "No roads of the map lead from fibre to it."),
        ("off", "No road of the map is within 2 km."),
    ]
    with pytest.raises(InputError, match="no roads"):
        fibre_ways([], [source], [island])
    with pytest.raises(InputError, match="Nobody said where there is fibre"):
        fibre_ways(roads, [], [island])
    with pytest.raises(InputError, match="further than 2 km from every road"):
        fibre_ways(roads, [off], [island])


OSM = """<?xml version="1.0"?><osm version="0.6">
 <node id="1" lat="42.00" lon="1.00"/><node id="2" lat="42.00" lon="1.03"/><node id="3" lat="42.02" lon="1.03"/>
 <node id="4" lat="42.02" lon="1.00"/>
 <way id="10"><nd ref="1"/><nd ref="2"/><tag k="highway" v="residential"/></way>
 <way id="11"><nd ref="2"/><nd ref="3"/><tag k="highway" v="track"/></way>
 <way id="12"><nd ref="1"/><nd ref="4"/><nd ref="3"/><tag k="highway" v="footway"/></way>
</osm>"""


@pytest.fixture
def village(tmp_path: Path):
    (tmp_path / "roads.osm").write_text(OSM)
    gate = Site("G", "", 42.0, 1.0, role=SiteRole.GATEWAY, uplink=Uplink("fibre", 100.0, 50.0))
    school = Site("S", "", 42.02, 1.03, role=SiteRole.GATEWAY_OPTION, uplink=Uplink("", 200.0, 40.0))
    plain = Site("P", "", 42.0, 1.02)
    plan = edits.put(Plan(info=Info(name="V")), [gate, school, plain]).plan
    with Project.create(tmp_path / "v.cnplan.gpkg", plan) as project:
        project.apply(use_base_map(project.plan, project.path, tmp_path / "roads.osm"))
        yield project


def test_what_fibre_costs_becomes_the_price_to_open_and_no_footpath_carries_it(village: Project):
    found = fibre_offers(village.plan, village.path)
    (way,) = found.ways
    by_road = metres((42.0, 1.0), (42.0, 1.03)) + metres((42.0, 1.03), (42.02, 1.03))
    assert way.length_m == pytest.approx(by_road, abs=0.1)
    assert found.cost(way) is None
    with pytest.raises(InputError, match="what a metre of fibre costs"):
        found.edit()
    village.change_settings({"fibre_per_m": "8"})
    village.apply(fibre_offers(village.plan, village.path, ["S", "P"]).edit())
    uplink = village.plan.sites["S"].uplink
    assert uplink == Uplink("fibre", 200.0, 40.0, float(round(8.0 * by_road)))
    assert village.plan.sites["P"].role is SiteRole.GATEWAY_OPTION
    # Of what comes through that fibre nobody has said anything yet.
    price = float(round(8.0 * metres((42.0, 1.0), (42.0, 1.02))))
    assert village.plan.sites["P"].uplink == Uplink("fibre", 0.0, 0.0, price)
    village.undo()
    assert village.plan.sites["S"].uplink == Uplink("", 200.0, 40.0)
    assert village.plan.sites["P"].role is SiteRole.CANDIDATE


def test_what_is_asked_wrongly_is_named(village: Project):
    plan, path = village.plan, village.path
    for words, said in ((["X"], "no site X"), (["G"], "At G the Internet enters already")):
        with pytest.raises(InputError, match=said):
            fibre_offers(plan, path, words)
    with pytest.raises(InputError, match="No place of the plan may become a gateway"):
        fibre_offers(edits.put(plan, [replace(plan.sites["S"], role=SiteRole.CANDIDATE)]).plan, path)
    with pytest.raises(InputError, match="Nobody said where there is fibre"):
        fibre_offers(edits.put(plan, [replace(plan.sites["G"], uplink=Uplink("satellite"))]).plan, path)
    with pytest.raises(InputError, match="no roads"):
        fibre_offers(replace(plan, area=replace(plan.area, base_map="")), path)
    far = fibre_offers(plan, path, ["P"], [(42.0, 1.025)])
    assert far.ways[0].source == "42.00000,1.02500"


def test_the_command_prints_and_takes(village: Project):
    village.close()
    path = str(village.path)
    said = CliRunner().invoke(app, ["fibre", path])
    assert said.exit_code == 0
    assert "S\t4,7" in said.output
    assert "Nobody said what a metre of fibre costs" in said.output
    done = CliRunner().invoke(app, ["fibre", path, "--set", "fibre_per_m=10", "--take", "--json"])
    told = json.loads(done.stdout[done.stdout.index("{") :])
    (way,) = told["ways"]
    assert (told["per_m"], way["site"], way["from"]) == (10.0, "S", "G")
    assert way["cost"] == round(10.0 * (way["road_m"] + way["beside_m"]))
    with Project.open(village.path) as again:
        assert again.plan.sites["S"].uplink.open_cost == way["cost"]
    assert CliRunner().invoke(app, ["fibre", path, "--from", "91,2"]).exit_code == 2


def test_on_a_real_map_the_way_is_no_shorter_than_the_crow_flies(shared_data, tmp_path):
    """Andorra la Vella to Ordino: some 8 km by the road that there is, 5.6 km through the air."""
    gate = Site("G", "", 42.5063, 1.5218, role=SiteRole.GATEWAY, uplink=Uplink("fibre", 100.0, 50.0))
    town = Site("O", "", 42.5562, 1.5332, role=SiteRole.GATEWAY_OPTION)
    with Project.create(tmp_path / "a.cnplan.gpkg", edits.put(Plan(), [gate, town]).plan) as project:
        project.apply(use_base_map(project.plan, project.path, shared_data / "osm" / "andorra.osm.pbf"))
        (way,) = fibre_offers(project.plan, project.path).ways
    assert metres((42.5063, 1.5218), (42.5562, 1.5332)) < way.length_m < 9_000.0
    assert max(metres(a, b) for a, b in pairwise(way.line)) < 500.0
