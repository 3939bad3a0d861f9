"""Tiles of lines and areas: each schema's roads, rivers, forests and names are ours, and what is hostile is refused."""

from __future__ import annotations

import gzip
import os
from pathlib import Path

import companion_example
import pytest
from vector_tiles import AREA, LINE, POINT, packed, tile

from cn_planner.gis.vector_tile import LARGEST_TILE_BYTES, read_tile, unpacked
from cn_planner.gis.worker import PYTHON, Companion, Limits, WorkerError

ROAD = [(0, 2048), (4096, 2048)]
RING = [(0, 0), (2000, 0), (2000, 2000), (0, 2000)]
MIDDLE = [(2048, 2048)]


@pytest.mark.parametrize(
    ("layer", "kind", "points", "said", "found"),
    [
        ("transportation", LINE, ROAD, {"class": "primary"}, ("roads", "main")),  # OpenMapTiles
        ("transportation", LINE, ROAD, {"class": "minor"}, ("roads", "street")),
        ("transportation", LINE, ROAD, {"class": "path", "subclass": "footway"}, ("roads", "path")),
        ("waterway", LINE, ROAD, {"class": "stream"}, ("rivers", "stream")),
        ("water", AREA, RING, {"class": "lake"}, ("lakes", "")),
        ("landcover", AREA, RING, {"class": "wood"}, ("forests", "")),
        ("building", AREA, RING, {}, ("buildings", "")),
        ("roads", LINE, ROAD, {"kind": "major_road", "kind_detail": "secondary"}, ("roads", "road")),  # Protomaps 4
        ("roads", LINE, ROAD, {"pmap:kind": "minor_road", "highway": "track"}, ("roads", "track")),  # Protomaps 2
        ("water", LINE, ROAD, {"kind": "river"}, ("rivers", "river")),
        ("landuse", AREA, RING, {"kind": "forest"}, ("forests", "")),
        ("streets", LINE, ROAD, {"kind": "residential"}, ("roads", "street")),  # Shortbread
        ("land", AREA, RING, {"kind": "forest"}, ("forests", "")),
        ("fences", LINE, ROAD, {"x": "y"}, ("other", "")),  # nobody's
        ("landuse", AREA, RING, {"kind": "school"}, None),
        ("earth", AREA, RING, {}, None),
        ("roads", LINE, ROAD, {"kind": "ferry"}, None),
    ],
)
def test_what_each_schema_says_is_drawn_as_what_it_is(layer, kind, points, said, found):
    read = read_tile(tile((layer, kind, points, said)), 3, 4, 2)
    assert list(read.shapes) == ([found] if found else [])
    if found:
        west, south, east, north = next(iter(read.shapes.values()))[0].bounds
        assert 0.0 <= west < east <= 5_009_378  # of column 4 of 8: from Greenwich to 45 degrees east
        assert 5_009_376 < south <= north < 10_018_755


@pytest.mark.parametrize(
    ("layer", "said", "kind"),
    [
        ("place", {"class": "village", "name": "Berga"}, "village"),
        ("places", {"kind": "locality", "kind_detail": "town", "name": "Berga"}, "town"),
        ("places", {"pmap:kind": "city", "place": "city", "name": "Berga"}, "city"),
        ("mountain_peak", {"class": "volcano", "name": "Berga"}, "peak"),
        ("place", {"class": "village"}, None),
        ("place", {"class": "country", "name": "Berga"}, None),
    ],
)
def test_names_of_places(layer, said, kind):
    names = read_tile(tile((layer, POINT, MIDDLE, said)), 3, 4, 2).names
    assert [one[:2] for one in names] == ([(kind, "Berga")] if kind else [])
    if kind:
        assert names[0][2] == pytest.approx(20_037_508.34 / 8, rel=1e-4)


def test_what_is_damaged_or_too_large_is_refused():
    good = tile(("water", AREA, RING, {}))
    assert unpacked(packed(good)) == unpacked(good) == good
    for bad in (packed(good)[:-9], gzip.compress(bytes(LARGEST_TILE_BYTES + 1)), b"\x1f\x8b garbage"):
        with pytest.raises(ValueError, match=r"."):
            unpacked(bad)
    elsewhere = b'<OGRVRTDataSource><OGRVRTLayer name="water"><SrcDataSource>/etc/hosts</SrcDataSource></OGRVRTLayer>'
    for bad in (b"\x1a\xff\xff\xff\xff\x0f no tile", good[:20], b"\0" * 99, elsewhere, b"{}"):
        with pytest.raises((ValueError, RuntimeError)):
            read_tile(bad, 3, 4, 2)


def test_a_companion_that_dies_or_hangs_is_begun_anew(monkeypatch):
    here, before = str(Path(companion_example.__file__).parent), os.environ.get("PYTHONPATH")
    monkeypatch.setenv("PYTHONPATH", os.pathsep.join(one for one in (here, before) if one))
    one = Companion(PYTHON, "companion_example", "greeter", "hello", limits=Limits(2.0, 512.0))
    assert one.ask("say") == "hello"
    with pytest.raises(WorkerError, match="on purpose"):
        one.ask("fail")
    for fault in ("die", "hang"):
        with pytest.raises(WorkerError):
            one.ask(fault)
        assert one.ask("say") == "hello"
    two = Companion(PYTHON, "companion_example", "greeter", "no file")
    for _ in range(2):
        with pytest.raises(WorkerError):
            two.ask("say")
    two.close()
    one.close()
    with pytest.raises(WorkerError, match="closed"):
        one.ask("say")
