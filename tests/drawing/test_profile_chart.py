"""The profile: what is blocked is seen, in colour and without."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from lxml import etree

from cn_planner.drawing.display import ItemGroup, Marker, Polyline, Symbol, texts
from cn_planner.drawing.labels import LabelBox
from cn_planner.drawing.palette import Role
from cn_planner.drawing.profile_chart import ProfileContent, profile_chart
from cn_planner.drawing.profile_curves import ProfileScale, ProfileShape, ground_items
from cn_planner.drawing.svg import svg


def _content(ridge_m: float, trees_m: float = 0.0, freq_mhz: float | None = 5500.0) -> ProfileContent:
    d = np.linspace(0.0, 5000.0, 201)
    ground = 400.0 + ridge_m * np.exp(-(((d - 3700.0) / 300.0) ** 2))
    return ProfileContent(
        d, ground, np.where((d > 500) & (d < 2000), trees_m, 0.0), "Serra", "Pal", 18.0, 12.0, freq_mhz
    )


def _flat(items: tuple[Any, ...]) -> list[Any]:
    return [x for i in items for x in (_flat(i.items) if isinstance(i, ItemGroup) else [i])]


def _crosses(content: ProfileContent) -> int:
    plain = [i for i in profile_chart(content).items if not (isinstance(i, ItemGroup) and i.name == "key")]
    return sum(isinstance(i, Marker) and i.symbol is Symbol.CROSS for i in _flat(tuple(plain)))


def test_a_ridge_above_the_line_is_crossed_out_and_said() -> None:
    chart = profile_chart(_content(40.0))
    assert _crosses(_content(40.0)) >= 1
    said = [t.text for t in texts(chart.items)]
    assert any("m above the line" in s and s.startswith("3.7") for s in said)
    assert "blocked" in said


def test_a_clear_path_has_no_cross_and_no_word_of_blocking() -> None:
    assert _crosses(_content(0.0)) == 0
    said = [t.text for t in texts(profile_chart(_content(0.0)).items)]
    assert "blocked" not in said
    assert any("m clear" in s for s in said)


def test_a_ridge_into_the_zone_is_dashed() -> None:
    lines = [i for i in _flat(profile_chart(_content(12.0)).items) if isinstance(i, Polyline)]
    assert any(line.stroke.role is Role.CAUTION and line.stroke.dash for line in lines)


@pytest.mark.parametrize("freq_mhz", [None, 868.0, 24_000.0])
def test_it_opens_and_is_the_same_each_time(freq_mhz: float | None) -> None:
    one, two = (svg(profile_chart(_content(20.0, 8.0, freq_mhz))) for _ in range(2))
    assert one == two
    etree.fromstring(one.encode())


def test_missing_ground_is_shown_as_missing() -> None:
    content = _content(10.0)
    content.ground_m[60:90] = np.nan
    assert "no terrain data" in [t.text for t in texts(profile_chart(content).items)]
    content.ground_m[0] = np.nan
    assert "No profile" in profile_chart(content).description


def test_ends_are_named_with_their_heights() -> None:
    said = [t.text for t in texts(profile_chart(_content(0.0)).items)]
    assert "Serra, 18 m" in said
    assert "Pal, 12 m" in said


def test_a_path_right_across_a_country_has_the_points_that_can_be_told_apart_and_all_its_peaks() -> None:
    n = 130_000
    at = np.linspace(0.0, 2_000_000.0, n)
    ground = 500.0 + 300.0 * np.sin(at / 40_000.0) + np.random.default_rng(7).uniform(0.0, 20.0, n)
    ground[[12_345, 98_765]] = 1500.0, 20.0
    nothing = np.zeros(n)
    scale = ProfileScale(LabelBox(0.0, 0.0, 1000.0, 300.0), 2_000_000.0, 0.0, 1600.0)
    items = ground_items(ProfileShape(at, nothing, ground, ground, nothing + 900.0, nothing), scale)
    (edge,) = [one for one in items if isinstance(one, Polyline)]
    x, y = np.array(edge.points).T
    assert len(x) < 4 * 1000 / 0.25 + 1
    # Neither the peak nor the pit is lost, and within a point nothing is drawn higher or lower than it is.
    assert (y.min(), y.max()) == (scale.at(0.0, 1500.0)[1], scale.at(0.0, 20.0)[1])
    every = scale.y(ground)
    for left in (0, 61, 493, 998):
        drawn, true = y[(x >= left) & (x < left + 1)], every[(scale.x(at) >= left) & (scale.x(at) < left + 1)]
        assert true.min() - 0.1 <= drawn.min() <= true.min() + 0.1
        assert true.max() - 0.1 <= drawn.max() <= true.max() + 0.1
