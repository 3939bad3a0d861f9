"""The country from the place: a village near a border must be asked, never given its neighbour's law in silence."""

from __future__ import annotations

import gc
import math
from collections import Counter

import pytest

from cn_planner.area.country import country_at, country_of_places, country_shapes
from cn_planner.errors import InputError

SURE = [
    ("Gulu, Uganda", 2.772, 32.299, "UG"),
    ("Berga, Catalonia", 42.1, 1.85, "ES"),
    ("Maseru's hills, Lesotho, within South Africa", -29.6, 28.2, "LS"),
    ("Vanua Levu, Fiji, at the date line", -16.8, -179.9, "FJ"),
    ("Chukotka, beyond the date line", 66.0, 179.5, "RU"),
    ("Cayenne, whose rules are not those of Paris", 4.5, -52.6, "GF"),
    ("Antarctica, round the pole", -85.0, 100.0, "AQ"),
    ("Puerto Rico", 18.2, -66.4, "PR"),
]
ASKED = [
    ("Goma, beside Gisenyi", -1.66, 29.22, "CD", "RW"),
    ("Mpondwe, beside Kasindi", 0.04, 29.73, "UG", "CD"),
    ("Andorra la Vella", 42.507, 1.522, "AD", "ES"),
    ("Llivia, an exclave", 42.465, 1.98, "ES", "FR"),
    ("San Marino", 43.94, 12.45, "SM", "IT"),
    ("Baarle", 51.44, 4.93, "NL", "BE"),
    ("Laayoune, which two claim", 27.1, -13.2, "MA", "EH"),
    ("Pristina, not settled for all", 42.66, 21.16, "XK", "RS"),
]


@pytest.mark.parametrize(("name", "latitude", "longitude", "code"), SURE)
def test_inside_a_country_the_answer_is_sure(name: str, latitude: float, longitude: float, code: str) -> None:
    found = country_at(latitude, longitude)
    assert (found.code, found.sure, found.others) == (code, True, ()), name


@pytest.mark.parametrize(("name", "latitude", "longitude", "code", "other"), ASKED)
def test_near_a_border_both_sides_are_named(
    name: str, latitude: float, longitude: float, code: str, other: str
) -> None:
    found = country_at(latitude, longitude)
    assert not found.sure, name
    assert {code, other} <= {*found.candidates}, name


@pytest.mark.parametrize(
    ("latitude", "longitude", "codes"),
    [(41.9033, 12.4534, {"VA", "IT"}), (-9.2, -171.8, {"TK"}), (-12.17, 96.83, {"CC", "AU"}),
     (-10.48, 105.63, {"CX", "AU"}), (-54.42, 3.36, {"BV", "NO"})],
)  # fmt: skip
def test_the_smallest_with_a_law_of_their_own_are_asked_about(latitude: float, longitude: float, codes: set) -> None:
    found = country_at(latitude, longitude)
    assert not found.sure
    assert codes == {*found.candidates}


def test_far_out_at_sea_there_is_no_country_and_off_a_coast_it_is_asked() -> None:
    assert country_at(0.0, -30.0).code is None
    off = country_at(41.2, 2.2)  # some kilometres off the coast of Catalonia
    assert (off.code, off.sure) == ("ES", False)


@pytest.mark.parametrize(("latitude", "longitude"), [(91.0, 0.0), (0.0, 181.0), (math.nan, 0.0)])
def test_what_is_no_place_is_refused(latitude: float, longitude: float) -> None:
    with pytest.raises(InputError):
        country_at(latitude, longitude)


def test_a_plan_over_a_border_is_asked_about() -> None:
    both = country_of_places([(2.772, 32.299), (2.9, 32.3), (-29.6, 28.2)])
    assert (both.code, both.sure, both.others) == ("UG", False, ("LS",))
    one = country_of_places([(2.772, 32.299), (2.9, 32.3)])
    assert (one.code, one.sure) == ("UG", True)
    with pytest.raises(InputError):
        country_of_places([])


def test_only_the_lands_that_are_asked_for_have_shapes() -> None:
    """Those of all countries take 10 MB, and stay."""
    held = Counter(type(one).__name__ for one in gc.get_objects())["Polygon"]
    assert country_at(2.772, 32.299).code == "UG"
    assert Counter(type(one).__name__ for one in gc.get_objects())["Polygon"] - held < 50
    assert len(country_shapes()) == len({one.wkb for one in country_shapes()}) > 3_000
