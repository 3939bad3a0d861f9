"""From nothing to the ground: where the village is, packs that are at hand, names in them, their roofs as homes."""

from __future__ import annotations

import math
from pathlib import Path

import pytest

from cn_planner.area.elevation_sources import GeoBox
from cn_planner.area.pack import make_pack
from cn_planner.errors import CancelledError, FileError, InputError
from cn_planner.importers.choices import Choices
from cn_planner.importers.files import import_file
from cn_planner.model.edits import change_section
from cn_planner.model.plan import Plan
from cn_planner.progress import CancelToken, Run
from cn_planner.session.fetching import box_round, fetched_box
from cn_planner.session.ground import packs_at_hand, places_called, put_beside, roofs_of, say_where

ANDORRA = GeoBox(42.46, 1.45, 42.56, 1.6)


@pytest.fixture(scope="module")
def pack(shared_data: Path, tmp_path_factory) -> Path:
    path = tmp_path_factory.mktemp("stick") / "andorra.cnpack.gpkg"
    make_pack(path, ANDORRA, [shared_data / "terrain/N42E001.hgt.zip"], shared_data / "osm/andorra.osm.pbf",
              name="Andorra", date="2026-11-29")  # fmt: skip
    return path


def test_a_box_round_a_village_reaches_as_far_on_each_side() -> None:
    box = box_round(-60.0, 179.95, 7.5)
    assert math.radians(box.north + 60.0) * 6371 == pytest.approx(7.5, rel=2e-3)
    assert math.radians((box.east - 179.95) % 360.0) * 6371 * math.cos(math.radians(60.0)) == pytest.approx(
        7.5, rel=5e-3
    )
    assert box.east < box.west  # over the antimeridian


def test_to_say_where_is_one_edit_with_the_country_that_is_sure() -> None:
    plan = Plan()
    edit = say_where(plan, box_round(2.7746, 32.2990))
    assert edit.plan.info.country == "UG"
    assert fetched_box(edit.plan) == GeoBox(*edit.plan.area.box)
    at_the_sea = say_where(plan, box_round(43.4815, -5.4352))
    assert at_the_sea.plan.info.country == "ES"
    near_a_border = say_where(plan, box_round(42.5, 1.5))
    assert near_a_border.plan.info.country == ""
    chosen = change_section(plan, "info", country="KE").plan
    assert say_where(chosen, box_round(2.7746, 32.2990)).plan.info.country == "KE"  # what a person chose stays


def test_packs_and_the_names_in_them_are_found_without_any_net(pack: Path, tmp_path: Path) -> None:
    (tmp_path / "torn.cnpack.gpkg").write_bytes(pack.read_bytes()[:5000])
    (tmp_path / "text.cnpack.gpkg").write_text("no pack")
    packs = packs_at_hand([pack.parent, tmp_path, tmp_path / "gone"])
    assert [(one.name, one.box) for one in packs] == [("Andorra", ANDORRA)]
    found = places_called(Plan(), "ordino", packs)
    assert found[0].name == "Ordino"
    assert ANDORRA.south < found[0].latitude < ANDORRA.north + 0.05
    with pytest.raises(InputError):
        places_called(Plan(), "Xyzzyplugh", packs)


def test_coordinates_that_can_be_read_two_ways_are_read_where_the_country_is() -> None:
    both = places_called(Plan(), "2.7746 32.2990")
    assert {(round(one.latitude, 4), round(one.longitude, 4)) for one in both} == {(2.7746, 32.299), (32.299, 2.7746)}
    ugandan = change_section(Plan(), "info", country="UG").plan
    (one,) = places_called(ugandan, "2.7746 32.2990")
    assert (one.latitude, one.longitude) == (2.7746, 32.299)
    (coded,) = places_called(Plan(), "6GGJQ7FX+R2")
    assert coded.name == ""


def test_roofs_of_a_pack_are_homes_within_the_box_and_nowhere_else(pack: Path) -> None:
    count = roofs_of(pack)
    assert count > 100
    every = import_file(Plan(), pack, "households").edit.plan
    assert len(every.households) == count
    middle = sorted(one.latitude for one in every.households.values())[count // 2]
    small = (middle, 1.45, 42.56, 1.6)
    plan = import_file(Plan(), pack, "households", choices=Choices(within=small)).edit.plan
    inside = {
        key for key, one in every.households.items() if middle <= one.latitude <= 42.56 and 1.45 <= one.longitude <= 1.6
    }
    assert 0 < len(inside) < count
    assert set(plan.households) == inside
    assert "OpenStreetMap" in plan.info.data_sources
    assert roofs_of(pack, GeoBox(middle, 1.45, 42.56, 1.6)) == len(inside)
    with pytest.raises(FileError):
        import_file(Plan(), pack, "households", choices=Choices(within=(10.0, 10.0, 10.1, 10.1)))


def test_a_pack_without_roofs_says_so(shared_data: Path, tmp_path: Path) -> None:
    path = tmp_path / "bare.cnpack.gpkg"
    make_pack(path, ANDORRA, [shared_data / "terrain/N42E001.hgt.zip"], None, name="B", date="2026-11-29")
    assert roofs_of(path) == 0
    with pytest.raises(FileError, match="no buildings"):
        import_file(Plan(), path, "households")


def test_files_of_a_stick_travel_with_the_plan_whole_or_not_at_all(tmp_path: Path) -> None:
    stick, home = tmp_path / "stick", tmp_path / "home"
    stick.mkdir()
    home.mkdir()
    one, other = stick / "N42E001.hgt", tmp_path / "N42E001.hgt"
    one.write_bytes(b"a" * 3_000_000)
    other.write_bytes(b"b" * 10)
    plan = home / "v.cnplan.gpkg"
    (copy,) = put_beside(plan, [one])
    assert copy == home / "v-terrain" / "N42E001.hgt"
    assert copy.read_bytes() == one.read_bytes()
    assert put_beside(plan, [one, copy]) == (copy, copy)  # what is there stays
    (second,) = put_beside(plan, [other])
    assert (second.name, second.read_bytes()) == ("N42E001.hgt", b"b" * 10)  # by its own name, beside the first
    with pytest.raises(FileError, match="cannot be copied"):
        put_beside(plan, [stick / "gone.tif"])
    token = CancelToken()
    token.cancel()
    third = stick / "N43E001.hgt"
    third.write_bytes(b"c" * 100)
    with pytest.raises(CancelledError):
        put_beside(plan, [third], Run(cancel=token))
    assert sorted(path.name for path in (home / "v-terrain").rglob("*.*")) == ["N42E001.hgt", "N42E001.hgt"]


def test_roofs_of_a_second_pack_move_none_of_the_first(pack: Path, shared_data: Path, tmp_path: Path) -> None:
    one, other = (import_file(Plan(), pack, "households").edit.plan, tmp_path / "part.cnpack.gpkg")
    part = GeoBox(42.50, 1.45, 42.56, 1.6)
    make_pack(other, part, [shared_data / "terrain/N42E001.hgt.zip"], shared_data / "osm/andorra.osm.pbf",
              name="Part", date="2026-11-29")  # fmt: skip
    both = import_file(one, other, "households").edit.plan
    assert {key: (home.latitude, home.longitude) for key, home in one.households.items()} == {
        key: (both.households[key].latitude, both.households[key].longitude) for key in one.households
    }
    assert len(both.households) - len(one.households) < 3  # roofs that the edge cut; the others are known


def test_the_roofs_that_are_counted_are_those_that_come_in(shared_data: Path) -> None:
    file, box = shared_data / "osm/andorra.osm.pbf", GeoBox(42.46, 1.45, 42.56, 1.6)
    within = (box.south, box.west, box.north, box.east)
    came = import_file(Plan(), file, "households", choices=Choices(within=within, skip_bad=True)).edit.plan
    assert roofs_of(file, box) == len(came.households) > 100
