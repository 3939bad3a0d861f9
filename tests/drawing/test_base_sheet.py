"""The base map on paper: what is told apart without colours, and names that leave the plan's own alone."""

from __future__ import annotations

import numpy as np
import shapely

from cn_planner.drawing.base_sheet import BaseSheet
from cn_planner.drawing.display import ItemGroup, Polygon, Polyline, Text, texts
from cn_planner.drawing.labels import LabelBox, text_width
from cn_planner.drawing.map_content import MapHome, MapTower, SheetContent
from cn_planner.drawing.map_sheet import frame_of, map_sheet
from cn_planner.drawing.palette import PALETTES, Role, Theme, rgb
from cn_planner.drawing.svg import svg
from cn_planner.gis.base_map import BaseLayer

LATITUDE, LONGITUDE = 42.54, 1.51
CONTENT = SheetContent(
    (MapTower("A", "Escola", LATITUDE, LONGITUDE), MapTower("B", "Mirador", LATITUDE + 0.02, LONGITUDE + 0.02)),
    (MapHome(LATITUDE + 0.004, LONGITUDE + 0.01),),
    attribution="SRTM 3 arc-second",
)


def layer(*things: tuple[str, str, shapely.Geometry]) -> BaseLayer:
    return BaseLayer([one[0] for one in things], [one[1] for one in things], [shapely.to_wkb(one[2]) for one in things])


def line(*steps: tuple[float, float]) -> shapely.LineString:
    return shapely.LineString([(LONGITUDE + east, LATITUDE + north) for east, north in steps])


def town(kind: str, name: str, east: float, north: float) -> tuple[str, str, shapely.Geometry]:
    return kind, name, shapely.Point(LONGITUDE + east, LATITUDE + north)


BASE = BaseSheet(
    {
        "roads": layer(
            ("main", "", line((-0.5, 0.003), (0.0, 0.0031), (0.5, 0.003))),  # far beyond the sheet on both sides
            ("track", "", line((0.0, 0.003), (0.004, 0.012), (0.01, 0.013))),
            ("main", "", line((3.0, 3.0), (3.1, 3.1))),
        ),
        "rivers": layer(("river", "Valira", line((0.012, -0.01), (0.012, 0.03)))),
        "lakes": layer(("", "Engolasters", line((0.0, 0.0), (0.003, 0.0), (0.003, 0.004)).convex_hull)),
        "forests": layer(("", "", shapely.box(LONGITUDE - 1, LATITUDE - 1, LONGITUDE + 1, LATITUDE + 1))),
        "places": layer(
            town("hamlet", "Escàs", 0.0101, 0.0101), town("town", "la Massana", 0.01, 0.01),
            town("village", "Anyós", LONGITUDE, LATITUDE), town("village", "", 0.015, 0.004),
            *(town("hamlet", f"Mas {n}", 0.0001 * n, 0.0) for n in range(30)),
        ),
    }
)  # fmt: skip


def part(name: str, base: BaseSheet | None = BASE) -> tuple[object, ...]:
    (inside, *_) = map_sheet(CONTENT, None, width=519.0, height=300.0, base=base).items
    assert isinstance(inside, ItemGroup)
    return next(one.items for one in inside.items if isinstance(one, ItemGroup) and one.name == name)


def test_a_road_is_pale_between_edges_below_all_lines_a_track_dashed_and_nothing_leaves_the_sheet() -> None:
    items = part("base")
    lines = [one for one in items if isinstance(one, Polyline)]
    roles = [one.stroke.role for one in lines]
    assert roles == [Role.ROAD_EDGE, Role.RIVER, Role.TRACK, Role.MAIN_ROAD]
    edge, _, track, road = lines
    assert edge.points == road.points
    assert edge.stroke.width > road.stroke.width
    assert track.stroke.dash
    assert not road.stroke.dash
    assert isinstance(items[0], Polygon)  # the lake lies lowest, and woods are not printed
    places = np.array([point for one in lines for point in one.points])
    assert (places >= -5.0).all()
    assert (places <= (524.0, 305.0)).all()


def test_a_copy_in_grey_tells_roads_edges_and_water_apart() -> None:
    grey = {role: np.dot(rgb(PALETTES[Theme.PRINT][role]), (0.299, 0.587, 0.114)) for role in Role}
    assert grey[Role.MAIN_ROAD] - grey[Role.ROAD_EDGE] > 100.0
    assert grey[Role.LAKE] - grey[Role.RIVER] > 30.0
    assert grey[Role.RIVER] - grey[Role.LINK] > 60.0  # the plan's own links stay the darkest


def test_names_keep_off_each_other_and_off_the_plans_own_and_the_largest_come_first() -> None:
    sheet = map_sheet(CONTENT, None, width=519.0, height=300.0, base=BASE)
    own = [one for one in texts(sheet.items) if one.text in {"Escola", "Mirador"}]
    names = [one for one in part("places") if isinstance(one, Text)]
    assert names[0].text == "la Massana"
    assert names[0].bold
    assert {"Escàs"} <= {one.text for one in names}
    assert not {"Anyós", ""} & {one.text for one in names}
    boxes = []
    for one in (*own, *names):
        wide = text_width(one.text, one.size, bold=one.bold) / 2
        boxes.append(LabelBox(one.x - wide, one.y - one.size / 2, one.x + wide, one.y + one.size / 2))
    assert len(boxes) > 3
    assert not any(a.meets(b) for n, a in enumerate(boxes) for b in boxes[n + 1 :])


def test_whose_data_it_is_stands_on_the_map_and_only_where_it_is_drawn() -> None:
    told = {one.text for one in texts(map_sheet(CONTENT, None, base=BASE).items)}
    assert "(c) OpenStreetMap contributors, ODbL 1.0, SRTM 3 arc-second" in told
    assert not any("OpenStreetMap" in one.text for one in texts(map_sheet(CONTENT, None, base=BaseSheet({})).items))
    assert part("base", BaseSheet({})) == part("base", None) == ()


def test_the_same_map_twice_is_the_same_bytes_and_a_map_of_a_country_leaves_tracks_out() -> None:
    assert svg(map_sheet(CONTENT, None, base=BASE)) == svg(map_sheet(CONTENT, None, base=BASE))
    far = SheetContent((*CONTENT.towers, MapTower("C", "Far", LATITUDE + 1.0, LONGITUDE + 1.0)))
    frame = frame_of(far, 519.0, 300.0)
    assert frame is not None
    roles = {one.stroke.role for one in BASE.items(frame) if isinstance(one, Polyline)}
    assert {Role.ROAD_EDGE, Role.MAIN_ROAD} <= roles
    assert Role.TRACK not in roles
