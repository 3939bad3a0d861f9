"""What a user would miss: words of a mast's drawing that lie on each other, so that nobody can read them."""

from __future__ import annotations

import itertools
from dataclasses import replace

import pytest
from small_network import flat_ground, small_network

from cn_planner.drawing.display import Anchor, Text, texts
from cn_planner.drawing.labels import text_width
from cn_planner.drawing.tower_elevation import tower_elevation, tower_from_above
from cn_planner.report.build import build_report
from cn_planner.report.tower_packs import guy_levels, letter_of
from cn_planner.report.tower_records import TowerPack
from cn_planner.storage.catalogue import load_catalogue
from cn_planner.study import Study

Box = tuple[float, float, float, float]
MASTS = (6.0, 12.0, 18.0, 30.0)


@pytest.fixture(scope="module")
def pack() -> TowerPack:
    study = Study(small_network(), flat_ground(), load_catalogue(), None)
    report = build_report(study, version=1, date="2026-11-30")
    return next(one for one in report.packs if one.site == "A")


def box_of(word: Text) -> Box:
    wide, tall = text_width(word.text, word.size, bold=word.bold), 0.9 * word.size
    left = word.x - {Anchor.START: 0.0, Anchor.MIDDLE: wide / 2.0, Anchor.END: wide}[word.anchor]
    return left, word.y - tall / 2.0, left + wide, word.y + tall / 2.0


def overlaps(words: list[Text]) -> list[tuple[str, str]]:
    found = []
    for (one, a), (other, b) in itertools.combinations([(word, box_of(word)) for word in words], 2):
        if a[0] < b[2] and b[0] < a[2] and a[1] < b[3] and b[1] < a[3]:
            found.append((one.text, other.text))
    return found


def on_mast(pack: TowerPack, mast_m: float, azimuths: tuple[float, ...]) -> TowerPack:
    """Return the pack with a guyed mast so high, and a radio at its top in each direction, of both kinds in turn."""
    mast = next(one for one in load_catalogue().masts if one.height_m == mast_m and one.guys_m)
    link = next(one for one in pack.radios if one.card.towards)
    sector = next(one for one in pack.radios if not one.card.towards)
    radios = tuple(
        replace(one, letter=letter_of(n), card=replace(one.card, azimuth_deg=azimuth, height_m=mast_m))
        for n, azimuth in enumerate(azimuths)
        for one in [(sector, link)[n % 2]]
    )
    return replace(pack, top_m=mast_m, mast=mast.name, guys=guy_levels(mast), anchors_m=mast.anchors_m, radios=radios)


def aims(count: int, first: float, apart: float) -> tuple[float, ...]:
    return tuple((first + apart * n) % 360.0 for n in range(count))


@pytest.mark.parametrize("mast_m", MASTS)
@pytest.mark.parametrize("count", range(1, 8))
@pytest.mark.parametrize("apart", [0.0, 9.0, 45.0, 51.0, 180.0])
def test_no_words_of_a_mast_lie_on_each_other(pack: TowerPack, mast_m: float, count: int, apart: float) -> None:
    for first in range(0, 360, 45):
        drawn = on_mast(pack, mast_m, aims(count, float(first), apart))
        tall = max(396.0 - 14.0 * max(0, count - 5), 300.0)
        mast = tower_elevation(drawn, width=346.0, height=tall, language="en")
        above = tower_from_above(drawn, width=163.0, language="en")
        for sheet in (mast, above):
            words = list(texts(sheet.items))
            assert overlaps(words) == [], (first, mast_m, count, apart)
            for left, top, right, bottom in map(box_of, words):
                # The heading above and the words below are set close to the sheet.
                assert left >= -0.5, (first, words)
                assert top >= 0.0
                assert right <= sheet.width + 0.5
                assert bottom <= sheet.height - 1.0
        said = " ".join(word.text for word in texts(above.items))
        assert all(f"{one.letter} {one.card.azimuth_deg:.0f}°" in said for one in drawn.radios)
