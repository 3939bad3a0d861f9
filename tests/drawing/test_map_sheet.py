"""The map of a plan: scale, places, missing terrain."""

from __future__ import annotations

import math
from dataclasses import replace
from itertools import combinations
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from cn_planner import geo
from cn_planner.drawing.display import Anchor, DisplayList, Image, ItemGroup, Marker, Polygon, Symbol, Text, texts
from cn_planner.drawing.labels import LINE_HEIGHT, LabelBox, text_width
from cn_planner.drawing.map_content import MapArea, MapHome, MapLink, MapTower, SheetContent
from cn_planner.drawing.map_frame import nice_length_m, scale_bar
from cn_planner.drawing.map_obstacles import MapObstacle
from cn_planner.drawing.map_sheet import frame_of, map_sheet, on_known_ground, shaded
from cn_planner.drawing.svg import svg
from cn_planner.terrain.knots import Knots

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

    from cn_planner.drawing.map_frame import MapFrame


class Slope:
    """Ground that rises eastwards, with nothing west of a meridian."""

    def __init__(self, nothing_west_of: float = -999.0) -> None:
        self.limit = nothing_west_of

    def heights(self, _latitude: Any, longitude: Any) -> NDArray[np.float64]:
        longitude = np.asarray(longitude)
        return np.where(longitude < self.limit, np.nan, 500.0 + 10_000 * (longitude - longitude.min()))

    def on_raster(self, raster: Knots) -> NDArray[np.float64]:
        shape = len(raster.rows), len(raster.columns)
        return self.heights(*raster.places(np.ones(shape, np.bool_))).reshape(shape)

    def missing_tiles(self, _latitude: Any, _longitude: Any) -> tuple[str, ...]:
        return ("N42E001",)

    def cell_m(self, _latitude: float, _longitude: float) -> float:
        return 30.0


def _content(latitude: float = 42.0, longitude: float = 1.8) -> SheetContent:
    return SheetContent(
        towers=(
            MapTower("A", "Vila", latitude, longitude, Symbol.GATEWAY),
            MapTower("B", "Serra", latitude + 0.03, longitude + 0.05),
        ),
        homes=tuple(
            MapHome(latitude + 0.004 * i, longitude + 0.003 * i, Symbol.HOME if i % 2 else Symbol.HOME_NOT_REACHED)
            for i in range(10)
        ),
        links=(MapLink((latitude, longitude), (latitude + 0.03, longitude + 0.05), sure=False, label="5.4 km"),),
        areas=(
            MapArea(
                (
                    (
                        (latitude, longitude),
                        (latitude, longitude + 0.02),
                        (latitude + 0.02, longitude),
                        (latitude, longitude),
                    ),
                )
            ),
        ),
        attribution="SRTM 2000",
    )


def _flat(items: tuple[Any, ...]) -> Iterator[Any]:
    for item in items:
        if isinstance(item, ItemGroup):
            yield from _flat(item.items)
        else:
            yield item


@given(st.floats(-75, 75), st.floats(-180, 180), st.floats(0.005, 0.2))
def test_the_scale_bar_is_as_long_as_it_says(latitude: float, longitude: float, span: float) -> None:
    content = SheetContent(
        towers=(MapTower("A", "", latitude, longitude), MapTower("B", "", latitude + span, longitude))
    )
    frame = frame_of(content, 500.0, 300.0)
    assert frame is not None
    group, _ = scale_bar(frame, 486.0, 289.0)
    bars = [i for i in group.items if isinstance(i, Polygon)][1:]
    xs = [x for bar in bars for x, _ in bar.rings[0]]
    name = next(i.text for i in group.items if isinstance(i, Text) and i.text != "0")
    said = float(name.split()[0]) * (1000.0 if name.endswith("km") else 1.0)
    lats, lons = frame.positions([min(xs), max(xs)], [289.0, 289.0])
    true = geo.geodesic(float(lats[0]), float(lons[0]), float(lats[1]), float(lons[1])).distance_m
    assert math.isclose(true, said, rel_tol=0.01)


@given(st.floats(1, 1e6))
def test_a_scale_bar_is_a_round_length(longest: float) -> None:
    length = nice_length_m(longest)
    assert length <= longest * (1 + 1e-9)
    assert length > longest / 2.51
    assert f"{length:.0e}"[0] in "125"


def test_north_is_up_and_east_is_right() -> None:
    frame = frame_of(_content(), 500.0, 300.0)
    assert frame is not None
    (a, north, east) = frame.xy([42.0, 42.01, 42.0], [1.8, 1.8, 1.81])
    assert north[1] < a[1]
    assert abs(north[0] - a[0]) < 0.5
    assert east[0] > a[0]


@pytest.mark.parametrize(("latitude", "longitude"), [(42.0, 1.8), (-33.0, 18.5), (10.0, 179.98), (10.0, -180.0)])
def test_everything_lies_on_the_sheet_on_each_side_of_the_world(latitude: float, longitude: float) -> None:
    content = _content(latitude, longitude)
    frame = frame_of(content, 500.0, 300.0)
    assert frame is not None
    xy = frame.xy([h.latitude for h in content.homes], [h.longitude for h in content.homes])
    assert (xy > 0).all()
    assert (xy < [500, 300]).all()
    assert frame.m_per_point < 100


def test_terrain_that_is_missing_is_grey_and_named() -> None:
    drawing = map_sheet(_content(), Slope(nothing_west_of=1.83))
    assert any("N42E001" in note for note in drawing.notes)
    assert sum(t.text == "no terrain data" for t in texts(drawing.items)) == 2  # on the ground, and in the legend
    whole = map_sheet(_content(), Slope())
    assert whole.notes == ()
    assert "no terrain data" not in {t.text for t in texts(whole.items)}


@pytest.mark.parametrize("width", [500.0, 300.0])
def test_the_room_beside_a_network_is_taken_where_the_ground_is_known(width: float) -> None:
    content, known = _content(), Slope(nothing_west_of=1.795)
    frame = frame_of(content, width, 300.0)
    assert frame is not None
    moved = on_known_ground(frame, content, known)
    assert moved.m_per_point == frame.m_per_point
    towers = moved.xy([t.latitude for t in content.towers], [t.longitude for t in content.towers])
    assert ((towers >= 15.9) & (towers <= [width - 15.9, 284.1])).all(), "all that is shown stays on the map"

    def grey(one: MapFrame) -> float:
        _, longitude = one.positions(*np.meshgrid(np.linspace(0.0, width, 60), np.linspace(0.0, 300.0, 40)))
        return float((longitude < known.limit).mean())

    assert grey(moved) < 0.5 * grey(frame)
    assert on_known_ground(frame, content, Slope()) == frame, "it moves no further than it must"


def test_the_legend_names_what_is_there_and_nothing_else() -> None:
    said = {t.text for t in texts(map_sheet(_content(), Slope()).items)}
    assert {
        "home reached",
        "home not yet reached",
        "Internet connection",
        "tower",
        "link, to be checked on site",
    } <= said
    assert not {"school", "clinic", "link, sure"} & said
    assert "SRTM 2000" in said


def test_trees_and_buildings_seen_on_site_are_as_wide_as_they_are_and_named_where_they_are_seen() -> None:
    wood, hut = MapObstacle(42.01, 1.81, 400.0), MapObstacle(42.02, 1.82, 3.0, tree=False)
    far = MapObstacle(43.0, 1.8, 9.0)
    content = replace(_content(), obstacles=(hut, wood, far))
    frame = frame_of(content, 510.0, 300.0)
    sheet = map_sheet(content, None)
    assert frame is not None
    inside = next(one for one in sheet.items if isinstance(one, ItemGroup) and one.name == "map")
    (group,) = [one for one in inside.items if isinstance(one, ItemGroup) and one.name == "obstacles"]
    rings = [one.rings[0] for one in group.items if isinstance(one, Polygon)]
    assert len(rings) == 4  # each with its bright edge; what lies beside the sheet is not drawn
    wide = [max(x for x, _ in ring) - min(x for x, _ in ring) for ring in rings]
    assert wide[0] == pytest.approx(800.0 / frame.m_per_point)
    assert wide[2] > 4.0  # a hut of 6 m would be half a point
    assert {"tree seen on site", "building seen on site"} <= {text.text for text in texts(sheet.items)}
    wood_alone = map_sheet(replace(content, obstacles=(wood,)), None)
    assert "building seen on site" not in {text.text for text in texts(wood_alone.items)}


def test_the_gateway_lies_over_the_network_and_that_over_what_is_only_suggested() -> None:
    order = (Symbol.GATEWAY, Symbol.SUGGESTED, Symbol.TOWER, Symbol.SUGGESTED)
    towers = tuple(MapTower(str(n), "", 42.0, 1.8 + n * 1e-4, symbol) for n, symbol in enumerate(order))
    items = _flat(map_sheet(SheetContent(towers=towers), None, legend=False).items)
    drawn = [i.symbol for i in items if isinstance(i, Marker) and i.symbol in order]
    assert drawn == [Symbol.SUGGESTED, Symbol.SUGGESTED, Symbol.TOWER, Symbol.GATEWAY]


def test_reached_and_not_reached_differ_without_colour() -> None:
    markers = [i for i in _flat(map_sheet(_content(), None).items) if isinstance(i, Marker)]
    assert {Symbol.HOME, Symbol.HOME_NOT_REACHED} <= {m.symbol for m in markers}
    assert len({m.role for m in markers if m.symbol.startswith("home")}) == 1


def _box(text: Text) -> LabelBox:
    width, height = text_width(text.text, text.size, bold=text.bold), text.size * LINE_HEIGHT
    left = text.x - {Anchor.START: 0.0, Anchor.MIDDLE: width / 2, Anchor.END: width}[text.anchor]
    return LabelBox(left, text.y - height / 2, left + width, text.y + height / 2)


@given(st.lists(st.tuples(st.floats(42.0, 42.02), st.floats(1.8, 1.83), st.text(min_size=1, max_size=20)), max_size=15))
def test_names_on_the_map_do_not_cover_each_other(places: list[tuple[float, float, str]]) -> None:
    towers = tuple(MapTower(f"T{i}", name, la, lo) for i, (la, lo, name) in enumerate(places))
    drawing = map_sheet(SheetContent(towers=towers, attribution="SRTM"), None, legend=False)
    boxes = [_box(t) for t in texts(drawing.items)]
    if towers:
        assert not any(a.meets(b) for a, b in combinations(boxes, 2))


def test_a_map_of_nothing_says_so() -> None:
    drawing = map_sheet(SheetContent(), Slope())
    assert "Nothing is on the map" in drawing.description
    assert svg(drawing)


def test_the_same_plan_gives_the_same_map() -> None:
    def once() -> DisplayList:
        return map_sheet(_content(), Slope(nothing_west_of=1.79))

    assert svg(once()) == svg(once())
    images = [i for i in _flat(once().items) if isinstance(i, Image)]
    assert len(images) == 1


def test_ground_that_rises_evenly_is_alike_from_north_to_south() -> None:
    class Eastwards(Slope):
        def heights(self, latitude: Any, longitude: Any) -> NDArray[np.float64]:
            return 500.0 + 10_000 * (np.asarray(longitude) - 1.8) + 0.0 * np.asarray(latitude)

    frame = frame_of(_content(42.05, 1.8), 519.0, 610.0)
    assert frame is not None
    shade, gone, missing = shaded(frame, Eastwards())
    assert shade.size > 600_000
    assert not gone.any()
    assert missing == ()
    assert float(np.ptp(shade, axis=0).max()) < 1e-3


def test_real_ground_is_shaded(shared_data: Any) -> None:
    from cn_planner.terrain.surface import Surface

    surface = Surface.open([shared_data / "terrain" / "N42E001.hgt.zip"])
    real, invented = (
        next(i for i in _flat(map_sheet(_content(42.05, 1.8), heights).items) if isinstance(i, Image))
        for heights in (surface, Slope())
    )
    assert len(real.png) > 3 * len(invented.png)  # hills compress worse than a slope: they were drawn


def test_where_towers_reach_is_the_same_area_on_the_antimeridian() -> None:
    def hatched(middle: float) -> list[tuple[float, float]]:
        def square(off: float) -> MapArea:
            corners = ((-0.02, -0.02), (-0.02, 0.02), (0.02, 0.02), (0.02, -0.02), (-0.02, -0.02))
            return MapArea((tuple((-17.0 + y, (middle + off + x + 180.0) % 360.0 - 180.0) for y, x in corners),))

        towers = tuple(MapTower(str(x), "", -17.0, (middle + x + 180.0) % 360.0 - 180.0) for x in (-0.1, 0.1))
        content = SheetContent(towers=towers, areas=(square(-0.01), square(0.012), square(0.05)))
        found = [one for one in _flat(map_sheet(content, None, legend=False).items) if isinstance(one, Polygon)]
        reached = [one for one in found if one.hatch is not None]
        assert reached
        return [point for one in reached for ring in one.rings for point in ring]

    here, there = hatched(30.0), hatched(180.0)
    assert len(there) == len(here)
    assert np.array(sorted(there)) == pytest.approx(np.array(sorted(here)), abs=0.05)
