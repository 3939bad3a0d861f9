"""What a user would miss: what stands in the way, read as people write it in each language of the window."""

from __future__ import annotations

import pytest

from cn_planner.session.sheet import read_obstacle


@pytest.mark.parametrize(
    ("text", "height_m", "away_m"),
    [
        ("eucalyptus, 13 m, 2.1 km", 13.0, 2100.0),
        ("13 m at 850 m", 13.0, 850.0),
        ("13m, 2,1km", 13.0, 2100.0),
        ("13 م، 2.1 كم", 13.0, 2100.0),
        ("١٣ م، ٢٫١ كم", 13.0, 2100.0),
        ("13 मी, 2.1 किमी", 13.0, 2100.0),
        ("१३ मी., 850 मी.", 13.0, 850.0),
    ],
)
def test_what_stands_in_the_way_is_read_in_each_language(text: str, height_m: float, away_m: float) -> None:
    assert read_obstacle(text) == (height_m, away_m)


@pytest.mark.parametrize("text", ["", "tall trees", "13 m", "2.1 km", "13, 2.1"])
def test_half_of_it_is_not_made_up(text: str) -> None:
    assert read_obstacle(text) is None
