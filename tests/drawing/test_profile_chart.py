"""The profile: what is blocked is seen, in colour and without."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from lxml import etree

from cn_planner.drawing.display import ItemGroup, Marker, Polyline, Symbol, texts
from cn_planner.drawing.palette import Role
from cn_planner.drawing.profile_chart import ProfileContent, profile_chart
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
