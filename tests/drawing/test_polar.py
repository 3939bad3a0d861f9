"""Polar plots: a person sees where an antenna looks, and whether a measured pattern is the antenna's at all."""

from __future__ import annotations

import math
import xml.etree.ElementTree as ET

from cn_planner.drawing.display import Polyline, Text, texts
from cn_planner.drawing.palette import Role
from cn_planner.drawing.polar import PolarContent, polar_plot
from cn_planner.drawing.svg import svg


def beam(towards_deg: int) -> tuple[float, ...]:
    return tuple(0.0 if abs((n - towards_deg + 180) % 360 - 180) < 10 else -25.0 for n in range(360))


def content(**changes: object) -> PolarContent:
    values: dict[str, object] = {
        "title": "Panel <5 GHz> & more", "horizontal_db": beam(90), "vertical_db": beam(30),
        "expected_horizontal_db": (), "expected_vertical_db": (), "gain_dbi": 16.0, "stated_az_deg": 120.0,
        "stated_el_deg": 7.0, "real_az_deg": 43.0, "real_el_deg": 15.0, "real_gain_dbi": 16.9, "measured": True,
    }  # fmt: skip
    return PolarContent(**(values | changes))  # type: ignore[arg-type]


def cuts(plot: object) -> list[Polyline]:
    return [one for one in plot.items if isinstance(one, Polyline) and one.stroke.role is Role.ACCENT]  # type: ignore[attr-defined]


def farthest(line: Polyline, x: float, y: float) -> float:
    """Direction of the point that is farthest from a centre, degrees clockwise from upwards."""
    far = max(line.points, key=lambda point: math.hypot(point[0] - x, point[1] - y))
    return math.degrees(math.atan2(far[0] - x, y - far[1])) % 360.0


def test_from_above_angles_go_clockwise_and_from_the_side_upwards() -> None:
    plot = polar_plot(content())
    above, side = (line for line in cuts(plot) if len(line.points) > 300)
    middle = [one for one in plot.items if isinstance(one, Polyline) and one.stroke.role is Role.GRID]
    y = middle[0].points[0][1] + (plot.width / 4.0 - 30.0)  # the first ring begins on the rim, above the centre
    assert abs(farthest(above, plot.width / 4.0, y) - 90.0) < 15.0  # to the right: the east of an axis to the north
    assert abs(farthest(side, plot.width * 0.75, y) - 60.0) < 15.0  # 30 degrees over the horizon


def test_what_is_stated_and_what_is_measured_stand_side_by_side() -> None:
    said = " ".join(one.text for one in texts(polar_plot(content()).items))
    assert "Stated: 16.0 dBi, 120° by 7°" in said
    assert "By this pattern: 16.9 dBi, 43° by 15°" in said
    computed = " ".join(one.text for one in texts(polar_plot(content(measured=False, real_gain_dbi=None)).items))
    assert "computed from gain and beamwidths" in computed
    assert "By this pattern" not in computed


def test_the_drawing_is_whole_and_the_same_each_time() -> None:
    plot = polar_plot(content(expected_horizontal_db=beam(0), expected_vertical_db=beam(0)))
    text = svg(plot)
    assert text == svg(polar_plot(content(expected_horizontal_db=beam(0), expected_vertical_db=beam(0))))
    assert ET.fromstring(text).tag.endswith("svg")  # noqa: S314 - our own file
    for one in plot.items:
        places = one.points if isinstance(one, Polyline) else [(one.x, one.y)] if isinstance(one, Text) else []
        assert all(-1.0 <= x <= plot.width + 1.0 and -1.0 <= y <= plot.height + 1.0 for x, y in places)


def test_fine_and_coarse_cuts_are_drawn_all_round() -> None:
    for count in (36, 361, 3601):
        plot = polar_plot(content(horizontal_db=(0.0,) * count, vertical_db=(-50.0,) * count))
        above, side = (line for line in cuts(plot) if len(line.points) > 30)
        assert len(above.points) == count + 1
        assert len({(round(x, 6), round(y, 6)) for x, y in side.points}) == 1  # under the depth of the plot: its middle
