"""Public places from people's files: as the contract names the columns, under other names, twice, and badly filled."""

from __future__ import annotations

import pytest

from cn_planner.errors import InputError
from cn_planner.importers.choices import Choices
from cn_planner.importers.files import import_file
from cn_planner.importers.result import RowError
from cn_planner.model import edits
from cn_planner.model.plan import PlaceKind, Plan, PublicPlace, Site
from cn_planner.session.import_preview import guess_kind


@pytest.fixture
def write(tmp_path):
    def make(text: str):
        path = tmp_path / "places.csv"
        path.write_text(text, "utf-8")
        return path

    return make


CONTRACT = (
    "id,name,latitude,longitude,kind,people,must\n"
    "s1,School of Coro,43.4301,-5.3802,school,46,yes\n"
    "w1,Spring,43.4402,-5.3901,water,,no\n"
    "m1,Saturday market,43.4501,-5.4001,market,120,\n"
)


def test_the_columns_of_the_contract(write):
    places = import_file(Plan(), write(CONTRACT), "places").edit.plan.places
    assert places["s1"] == PublicPlace(
        "s1", "School of Coro", 43.4301, -5.3802, PlaceKind.SCHOOL, people=46.0, must=True
    )
    assert (places["w1"].kind, places["w1"].people, places["w1"].must) == (PlaceKind.WATER, None, False)
    assert (places["m1"].kind, places["m1"].people, places["m1"].must) == (PlaceKind.MARKET, 120.0, False)


def test_names_and_words_that_people_use(write):
    text = (
        "place_id;Nombre;lat;lon;amenity;pupils;priority;demand_mbps\n7;Ermita;43,43;-5,38;place_of_worship;;must;2,5\n"
    )
    (place,) = import_file(Plan(), write(text), "places").things
    assert (place.id, place.name, place.kind) == ("7", "Ermita", PlaceKind.CHURCH)
    assert (place.must, place.busy_mbps) == (True, 2.5)


def test_twice_is_once_and_what_the_file_does_not_say_stays(write):
    path = write(CONTRACT)
    plan = import_file(Plan(), path, "places").edit.plan
    plan = edits.put(plan, [Site("t", "T", 43.4, -5.4, mast_height_m=12.0)]).plan
    kept = PublicPlace("s1", "Old name", 43.43, -5.38, busy_mbps=4.0, server="t", note="two rooms")
    plan = edits.put(plan, [kept]).plan
    again = import_file(plan, path, "places")
    assert (again.added, again.updated, again.same) == (0, 1, 2)
    assert len(again.edit.plan.places) == 3
    one = again.edit.plan.places["s1"]
    assert (one.name, one.busy_mbps, one.server, one.note) == ("School of Coro", 4.0, "t", "two rooms")


def test_the_same_place_under_another_id_is_told_and_can_be_left_out(write):
    plan = import_file(Plan(), write(CONTRACT), "places").edit.plan
    path = write("id,name,lat,lon,kind\nx,Coro school,43.43013,-5.38022,school\n")
    assert import_file(plan, path, "places").repeats[0].count == 1
    from cn_planner.importers.choices import Repeats

    assert len(import_file(plan, path, "places", choices=Choices(repeats=Repeats.SKIP)).things) == 0


def test_a_kind_that_nobody_knows_is_other_and_kept_as_a_note(write):
    found = import_file(Plan(), write("id,lat,lon,kind\na,43.4,-5.3,bandstand\n"), "places")
    (place,) = found.things
    assert (place.kind, place.note) == (PlaceKind.OTHER, "kind: bandstand")
    assert "bandstand" in str(found.warnings[0])


@pytest.mark.parametrize(
    ("row", "words"),
    [
        ("a,43.4,-5.3,school,many,no", "'many' is not a number"),
        ("a,43.4,-5.3,school,-3,no", "-3 is not between 0 and"),
        ("a,43.4,-5.3,school,3,perhaps", "'perhaps' is not one of yes, no"),
        ("a,,-5.3,school,3,no", "The cell is empty"),
        ("a,43.4,-5.3,school,3,no\na,43.4,-5.31,school,3,no", "The id a stands in row 2 already"),
    ],
)
def test_bad_rows_are_named_by_row_and_column(write, row, words):
    path = write(f"id,lat,lon,kind,people,must\n{row}\nb,43.41,-5.3,school,3,no\n")
    with pytest.raises(RowError) as caught:
        import_file(Plan(), path, "places")
    assert words in str(caught.value.what)
    assert len(import_file(Plan(), path, "places", choices=Choices(skip_bad=True)).things) == 1 + ("\n" in row)


def test_a_file_without_places_is_said(write):
    with pytest.raises(InputError, match="No column holds latitude"):
        import_file(Plan(), write("id,kind\na,school\n"), "places")


def test_a_place_is_told_from_a_home_by_its_columns():
    assert guess_kind(("id", "name", "latitude", "longitude", "kind", "people", "must")) == "places"
    assert guess_kind(("id", "name", "latitude", "longitude", "kind", "people")) == "households"
