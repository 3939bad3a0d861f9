"""Names on a map: two names on one spot cannot be read."""

from __future__ import annotations

from itertools import combinations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cn_planner.drawing.labels import LabelBox, Wanted, place, right_to_left, shorten, text_width

SHEET = LabelBox(0.0, 0.0, 500.0, 300.0)
_wanted = st.lists(
    st.builds(
        Wanted,
        text=st.text(min_size=1, max_size=25),
        x=st.floats(0, 500),
        y=st.floats(0, 300),
        reach=st.floats(2, 10),
        size=st.sampled_from([7.0, 8.0, 10.0]),
        bold=st.booleans(),
    ),
    max_size=25,
)


@given(_wanted)
def test_no_two_labels_meet_and_none_leaves_the_sheet(wanted: list[Wanted]) -> None:
    legend = LabelBox(400.0, 260.0, 500.0, 300.0)
    placed = place(wanted, SHEET, keep_off=[legend])
    boxes = [one.box for one in placed]
    assert not any(a.meets(b) for a, b in combinations(boxes, 2))
    assert all(box.within(SHEET) and not box.meets(legend) for box in boxes)
    assert len({one.index for one in placed}) == len(placed)


def test_names_close_together_are_all_shown() -> None:
    wanted = [Wanted(f"Tower {i}", 250.0 + 6 * (i % 3), 150.0 + 6 * (i // 3), 8.0, 8.0) for i in range(9)]
    assert len(place(wanted, SHEET)) == 9


def test_a_label_turns_to_the_side_where_no_home_is_hidden() -> None:
    homes = [(250.0 + dx, 165.0 + dy) for dx in (-15, -5, 5, 15) for dy in (0, 5)]
    (one,) = place([Wanted("Serra", 250.0, 150.0, 8.0, 8.0)], SHEET, dislike=homes)
    assert not any(one.box.left < x < one.box.right and one.box.top < y < one.box.bottom for x, y in homes)


@given(st.text(max_size=80), st.floats(20, 200))
def test_a_shortened_name_fits(text: str, width: float) -> None:
    short = shorten(text, 8.0, width)
    assert text_width(short, 8.0) <= width + 8.0
    assert short == text or short.endswith("…")


def test_the_way_a_script_runs() -> None:
    assert right_to_left("جبل 12")
    assert not right_to_left("Serra 12 ሰላም बस्ती")


@pytest.mark.parametrize(
    ("text", "measured"),  # by typst, of a hundred points
    [
        ("الصندوق", 354.3),
        ("السارية والإطار والصندوق ومحوّل الشبكة وكل واقٍ تنتهي هنا، كلٌّ على حدة لا على التسلسل.", 3549.3),
        ("मास्ट, फ़्रेम, डिब्बे, स्विच और हर अरेस्टर का तार सीधे यहीं आता है", 2301.3),
        ("Vila exchange की ओर", 942.5),
    ],
)
def test_letters_that_join_are_not_counted_as_if_they_stood_alone(text, measured):
    assert measured <= text_width(text, 100.0) <= 1.1 * measured
