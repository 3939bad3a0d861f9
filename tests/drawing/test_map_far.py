"""One far home makes no stamp of a map: it is left off, and an arrow says how far it is."""

from __future__ import annotations

from cn_planner.drawing.display import Symbol, texts
from cn_planner.drawing.labels import LabelBox
from cn_planner.drawing.map_content import MapFar, MapHome, MapName, MapTower, SheetContent
from cn_planner.drawing.map_far import far_away, without_far
from cn_planner.drawing.map_sheet import frame_of, map_sheet

KM = 1.0 / 111.2


def _village(far_km: float | None, longitude: float = 30.0) -> SheetContent:
    homes = [MapHome(0.004 * (n % 7), longitude + 0.004 * (n // 7)) for n in range(49)]
    homes += [] if far_km is None else [MapHome(far_km * KM, longitude + 0.01)]
    return SheetContent((MapTower("a", "Hill", 0.012, longitude + 0.012),), tuple(homes))


def _shown(content: SheetContent) -> list[str]:
    return [text.text for text in texts(map_sheet(content, None, width=340.0, height=290.0, legend=False).items)]


def test_a_far_home_is_an_arrow_with_its_distance():
    whole = _village(15.0)
    near = without_far(whole, str)
    assert len(near.homes) == 49
    assert _shown(near).count("1 home, 14 km") == 1  # from the tower: 15 km less 1.3
    before, after = (frame_of(one, 340.0, 290.0) for one in (whole, near))
    assert after.m_per_point < 0.4 * before.m_per_point


def test_who_lives_among_the_others_stays_on_the_map():
    for km in (None, 1.0, 2.9):
        content = _village(km)
        assert without_far(content, str) == content


def test_it_holds_across_the_antimeridian():
    near = without_far(_village(15.0, 179.99), str)
    assert [one.text for one in near.far] == ["1 home, 14 km"]


def test_a_far_school_stays_where_it_is_and_is_no_home():
    content = _village(None)
    school = MapHome(40.0 * KM, 30.01, Symbol.PLACE_SCHOOL)
    content = SheetContent(content.towers, (*content.homes, school))
    assert without_far(content, str) == content


def test_the_words_go_to_the_nearest_free_room_and_never_off_the_sheet():
    frame = frame_of(_village(None), 380.0, 280.0)
    taken = LabelBox(100.0, 0.0, 380.0, 60.0)
    for latitude, longitude in ((5.0, 30.01), (-5.0, 30.01), (0.01, 35.0), (0.01, 25.0), (5.0, 35.0)):
        _, (box,) = far_away([MapFar("1 home, 14 km", latitude, longitude)], frame, [taken])
        assert not box.meets(taken)
        assert 0.0 <= box.left < box.right <= 380.0
        assert 0.0 <= box.top < box.bottom <= 280.0


def test_hamlets_have_their_names():
    content = _village(None)
    named = SheetContent(content.towers, content.homes, names=(MapName("Upper Ash", 0.02, 30.004),))
    assert "Upper Ash" in _shown(named)
