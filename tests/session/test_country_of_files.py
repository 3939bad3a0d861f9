"""The country that files lie in, before there is a plan: a village should not have to look up its own code."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from typer.testing import CliRunner

from cn_planner.area.country import country_of_area
from cn_planner.cli.main import app
from cn_planner.session.country import country_of_files, country_of_plan
from cn_planner.session.project import Project

if TYPE_CHECKING:
    from pathlib import Path


def test_homes_say_it_before_terrain_does(shared_data: Path) -> None:
    homes = shared_data / "households" / "gulu_buildings.csv"
    found = country_of_files([shared_data / "terrain" / "N42E001.hgt.zip"], [homes])
    assert found is not None
    assert (found.code, found.sure, found.candidates) == ("UG", True, ("UG",))


def test_terrain_says_it_where_there_is_no_home(shared_data: Path) -> None:
    found = country_of_files([shared_data / "terrain" / "gulu_elevation_155m.tif"], [])
    assert found is not None
    assert found.candidates == ("UG",)


def test_terrain_across_a_border_names_the_countries_to_choose_from(shared_data: Path) -> None:
    found = country_of_files([shared_data / "terrain" / "N42E001.hgt.zip"], [])  # Catalonia, Andorra, France
    assert found is not None
    assert not found.sure
    assert {"ES", "AD", "FR"} <= set(found.candidates)


def test_files_that_tell_nothing_or_are_damaged_are_passed_over(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text("a,b\n1,2\n", encoding="utf-8")
    (tmp_path / "N02E032.hgt").write_bytes(b"no elevation")
    assert country_of_files([tmp_path / "N02E032.hgt"], [tmp_path / "a.csv"]) is None
    assert country_of_files([], []) is None


@pytest.mark.parametrize(("bounds", "code"), [((2.6, 32.1, 2.9, 32.5), "UG"), ((-17.9, 178.4, -16.4, -179.0), "FJ")])
def test_an_area_even_across_the_date_line(bounds: tuple[float, float, float, float], code: str) -> None:
    assert country_of_area(bounds).code == code


def test_a_plan_with_terrain_alone_knows_its_country(tmp_path: Path, shared_data: Path) -> None:
    path = tmp_path / "a.cnplan.gpkg"
    with Project.new(path, name="A", country="") as project:
        assert country_of_plan(project.snapshot()) is None
    ground = str(shared_data / "terrain" / "gulu_elevation_155m.tif")
    assert CliRunner().invoke(app, ["terrain", str(path), ground]).exit_code == 0
    said = CliRunner().invoke(app, ["country", str(path)])
    assert said.stdout == "UG\n"
    assert CliRunner().invoke(app, ["country", str(path), "--set"]).exit_code == 0
    with Project.open(path) as project:
        assert project.plan.info.country == "UG"
