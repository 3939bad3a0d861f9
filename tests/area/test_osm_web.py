"""The map of a box and the place of a name from a server: asked right, taken whole or not at all."""

from __future__ import annotations

import json
import math
from urllib.parse import parse_qs, urlsplit

import pytest
from terrain_server import serving

from cn_planner.area import web
from cn_planner.area.elevation_sources import GeoBox, box_area_km2
from cn_planner.area.osm_web import MOST_KM2, fetch_map, find_names, map_query
from cn_planner.area.web import Web
from cn_planner.errors import FileError, InputError
from cn_planner.gis.base_map import read_base_map
from cn_planner.gis.osm import read_osm

BOX = GeoBox(42.45, 1.45, 42.55, 1.6)
MAP = b"""<?xml version="1.0" encoding="UTF-8"?>
<osm version="0.6" generator="Overpass API">
<note>The data included in this document is from www.openstreetmap.org.</note>
<node id="1" lat="42.5" lon="1.5"><tag k="place" v="village"/><tag k="name" v="Sispony"/></node>
<node id="2" lat="42.50" lon="1.51"/><node id="3" lat="42.5002" lon="1.51"/><node id="4" lat="42.5002" lon="1.5102"/>
<way id="9"><nd ref="2"/><nd ref="3"/><nd ref="4"/><nd ref="2"/><tag k="building" v="house"/></way>
<way id="10"><nd ref="2"/><nd ref="4"/><tag k="highway" v="residential"/></way>
</osm>
"""


@pytest.fixture
def server(monkeypatch):
    monkeypatch.setattr(web, "FIRST_WAIT_S", 0.001)
    with serving() as made:
        yield made


class _Any(dict):
    """Answers every question below a path with the same bytes, and keeps what was asked."""

    def __init__(self, data: bytes) -> None:
        super().__init__()
        self.data, self.asked = data, []

    def __contains__(self, path: object) -> bool:
        return True

    def __getitem__(self, path: str) -> bytes:
        self.asked.append(path)
        return self.data


def test_the_map_of_a_box_is_asked_once_and_read_by_the_rooms_that_need_it(server, tmp_path) -> None:
    server.files = _Any(MAP)
    target = tmp_path / "map.osm"
    with Web() as client:
        assert fetch_map(client, BOX, target, server=f"{server.address}/api/interpreter") == target
        fetch_map(client, BOX, target, server=f"{server.address}/api/interpreter")
    (asked,) = server.files.asked  # what is there is not asked for again
    assert parse_qs(urlsplit(asked).query)["data"] == [map_query(BOX)]
    assert [one.name for one in tmp_path.iterdir()] == ["map.osm"]
    layers = read_base_map(target)
    assert layers["places"].names == ["Sispony"]
    assert layers["roads"].classes == ["street"]
    assert len(layers["buildings"]) == 1
    assert len(read_osm(target, "buildings").rows) == 1


def test_the_question_names_the_box_on_both_sides_of_the_antimeridian() -> None:
    asked = map_query(GeoBox(-17.0, 179.5, -16.5, -179.5))
    assert "(-17.000000,179.500000,-16.500000,180.000000);" in asked
    assert "(-17.000000,-180.000000,-16.500000,-179.500000);" in asked
    assert asked.startswith("[out:xml][timeout:")
    assert asked.endswith("out;")  # by id: the reader refuses another order


@pytest.mark.parametrize(
    "answer",
    [
        MAP.replace(b"</osm>", b'<remark> runtime error: Query timed out in "query" </remark>\n</osm>'),
        MAP[: len(MAP) // 2],
        b"not a map at all",
        b"",
    ],
    ids=["given up", "cut", "something else", "empty"],
)
def test_an_answer_that_is_no_whole_map_is_refused_and_leaves_nothing(server, tmp_path, answer: bytes) -> None:
    server.files = _Any(answer)
    with Web() as client, pytest.raises(FileError) as caught:
        fetch_map(client, BOX, tmp_path / "map.osm", server=server.address)
    assert "no whole map" in str(caught.value.what)
    assert not list(tmp_path.iterdir())


def test_a_login_page_and_a_busy_server_are_said(server, tmp_path) -> None:
    address = f"/?{_query(BOX)}"
    server.files = _Any(MAP)
    server.faults[address] = ["login"]
    with Web() as client, pytest.raises(FileError) as caught:
        fetch_map(client, BOX, tmp_path / "map.osm", server=server.address)
    assert "A page came" in str(caught.value.what)
    server.faults[address] = ["503"] * web.TRIES
    with Web() as client, pytest.raises(FileError) as caught:
        fetch_map(client, BOX, tmp_path / "map.osm", server=server.address)
    assert "busy" in str(caught.value.what)
    server.faults[address] = ["503"]
    with Web() as client:
        assert fetch_map(client, BOX, tmp_path / "map.osm", server=server.address).exists()


def _query(box: GeoBox) -> str:
    from urllib.parse import quote, urlencode

    return urlencode({"data": map_query(box)}, quote_via=quote)


def test_too_large_a_box_asks_nobody(server, tmp_path) -> None:
    with Web() as client, pytest.raises(InputError) as caught:
        fetch_map(client, GeoBox(42.0, 1.0, 43.0, 2.0), tmp_path / "map.osm", server=server.address)
    assert f"{MOST_KM2:,.0f}" in str(caught.value.what)
    assert not server.asked


def test_the_area_of_a_box_is_that_of_its_small_pieces() -> None:
    """Against a sum of thin trapezoids on the same sphere."""
    box = GeoBox(59.0, 179.9, 61.0, -179.8)
    step, total = 2.0 / 20_000, 0.0
    for number in range(20_000):
        latitude = math.radians(box.south + (number + 0.5) * step)
        total += (6371.0088 * math.radians(step)) * (6371.0088 * math.cos(latitude) * math.radians(0.3))
    assert box_area_km2(box) == pytest.approx(total, rel=1e-8)


def test_a_name_is_asked_for_and_what_is_no_answer_is_refused(server) -> None:
    rows = [
        {"lat": "43.4815", "lon": "-5.4352", "display_name": "Villaviciosa,\n Asturias, España"},
        {"lat": 1, "lon": 2, "display_name": "B"},
    ]
    server.files = _Any(json.dumps(rows).encode())
    with Web() as client:
        found = find_names(client, "Villaviciosa & más", server=server.address, language="es")
    assert (found[0].name, found[0].latitude, found[0].longitude) == (
        "Villaviciosa, Asturias, España",
        43.4815,
        -5.4352,
    )
    asked = parse_qs(urlsplit(server.files.asked[0]).query)
    assert asked["q"] == ["Villaviciosa & más"]
    assert asked["accept-language"] == ["es"]
    for bad in (
        b"{}",
        b"[1]",
        b'[{"lat": "x"}]',
        b'[{"lat": 91, "lon": 0, "display_name": "N"}]',
        b"[" * 200_000,
        b"\xff",
    ):
        server.files = _Any(bad)
        with Web() as client, pytest.raises(FileError):
            find_names(client, "A", server=server.address)
    server.files = _Any(b"[]")
    with Web() as client:
        assert find_names(client, "A", server=server.address) == ()


def test_only_tls_is_asked(tmp_path) -> None:
    with Web() as client, pytest.raises(InputError):
        fetch_map(client, BOX, tmp_path / "map.osm", server="http://example.org/api")
