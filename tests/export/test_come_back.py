"""What the program writes of homes and places it reads again, in each format, whatever language it was printed in."""

from __future__ import annotations

import zipfile
from dataclasses import replace

import openpyxl
import pytest
from deployment_example import example_deployment

from cn_planner import i18n
from cn_planner.errors import InputError
from cn_planner.export.csv_files import write_csv
from cn_planner.export.geojson import write_geojson
from cn_planner.export.gpkg import write_gpkg
from cn_planner.export.gpx import write_gpx
from cn_planner.export.kmz import write_kmz
from cn_planner.export.xlsx import write_xlsx
from cn_planner.importers.files import import_file
from cn_planner.importers.result import RowError
from cn_planner.model.plan import Info, Plan
from cn_planner.paths import resources


@pytest.fixture(autouse=True)
def _in_words(monkeypatch):
    """The shipped translations, as the program has them: what is printed in a language is read in it."""
    monkeypatch.setattr(i18n, "_folders", [resources() / "translations"])
    i18n._catalogue.cache_clear()
    yield
    i18n._catalogue.cache_clear()


_WRITERS = {"xlsx": write_xlsx, "geojson": write_geojson, "kmz": write_kmz, "gpx": write_gpx, "gpkg": write_gpkg}


def _written(form: str, language: str, tmp_path):
    deployment = example_deployment()
    deployment = replace(deployment, meta=replace(deployment.meta, language=language))
    path = tmp_path / f"plan.{form}"
    _WRITERS[form](deployment, path)
    return deployment, path


@pytest.mark.parametrize("language", ["en", "ar"])
def test_tables_come_back_in_the_words_of_their_language(language, tmp_path):
    deployment = example_deployment()
    tables = write_csv(replace(deployment, meta=replace(deployment.meta, language=language)), tmp_path)
    for kind, name, was in (
        ("households", "homes", deployment.homes),
        ("sites", "sites", deployment.sites),
        ("places", "places", deployment.places),
    ):
        path = next(one for one in tables if one.name == f"{name}.csv")
        edit = import_file(Plan(info=Info(language=language)), path, kind).edit
        assert set(getattr(edit.plan, kind)) == {one.id for one in was}
        if kind == "households":
            for one in deployment.homes:
                _same_home(edit.plan.households[one.id], one)
        if language != "en" and kind == "households":
            with pytest.raises(InputError, match="the plan's language"):
                import_file(Plan(), path, kind)


def _same_home(now, was):
    assert (now.name, now.kind, now.priority, now.weight, now.hamlet, now.note) == (
        was.name, was.kind, was.priority, was.weight, was.hamlet, was.note)  # fmt: skip
    # Where the plan's usual height stood it stands again: it is no height that somebody measured there.
    given = None if was.usual_height_m is not None else was.antenna_height_m
    assert (now.antenna_height_m, now.on_pole, now.people, now.relay) == (given, was.on_pole, was.people, was.relay)
    assert (now.latitude, now.longitude) == pytest.approx((was.latitude, was.longitude), abs=6e-7)


@pytest.mark.parametrize("language", ["en", "es", "ar", "hi"])
@pytest.mark.parametrize("form", _WRITERS)
def test_homes_and_places_come_back_whole(form, language, tmp_path):
    deployment, path = _written(form, language, tmp_path)
    plan = Plan(info=Info(language=language))
    homes = import_file(plan, path, "households").edit.plan.households
    assert {one.id for one in homes.values()} == {one.id for one in deployment.homes}
    for was in deployment.homes:
        _same_home(homes[was.id], was)
    sites = import_file(plan, path, "sites").edit.plan.sites
    assert {one.id for one in sites.values()} == {one.id for one in deployment.sites}
    for place in deployment.sites:
        site = sites[place.id]
        assert (site.name, site.role, site.status, site.power, site.owner, site.consent, site.note) == (
            place.name, place.role, place.status, place.power, place.owner, place.consent, place.note)  # fmt: skip
        assert site.build_cost == 0.0  # what a tower costs in all is not what its place costs
        assert (site.latitude, site.longitude) == pytest.approx((place.latitude, place.longitude), abs=6e-7)
    public = import_file(plan, path, "places").edit.plan.places
    assert {one.id for one in public.values()} == {one.id for one in deployment.places}
    for was in deployment.places:
        now = public[was.id]
        assert (now.name, now.kind, now.people, now.must, now.busy_mbps, now.antenna_height_m, now.note) == (
            was.name, was.kind, was.people, was.must, was.busy_mbps, was.antenna_height_m, was.note)  # fmt: skip
        assert (now.latitude, now.longitude) == pytest.approx((was.latitude, was.longitude), abs=6e-7)


_ODD = [
    *("=1+1", "+254 700 1", "-x", "@home", "a & b", "Jo's", 'the "big" house', "a < b", "&c;", "-12"),
    *("<b>bold</b> & co", "&lt;b&gt;", "&lt<b", "&<i", "&#60;", "&#<b", "a<br>b", "&amp;amp;", "<!-- x -->", "</td>"),
]


@pytest.mark.parametrize("form", ["csv", *_WRITERS])
def test_names_with_signs_come_back_as_they_were(form, tmp_path):
    deployment = example_deployment()
    first = deployment.homes[0]
    homes = tuple(replace(first, id=odd, name=f"{odd} too", note=odd) for odd in _ODD)
    deployment = replace(deployment, homes=homes)
    if form == "csv":
        path = next(one for one in write_csv(deployment, tmp_path) if one.name == "homes.csv")
    else:
        path = tmp_path / f"plan.{form}"
        _WRITERS[form](deployment, path)
    found = import_file(Plan(), path, "households").edit.plan.households
    assert {(one.id, one.name, one.note) for one in found.values()} == {(odd, f"{odd} too", odd) for odd in _ODD}


def test_a_workbook_that_was_worked_on_comes_back(tmp_path):
    """Rows above the table, a sheet that was renamed, a home that was added; what another program saved."""
    deployment, path = _written("xlsx", "en", tmp_path)
    book = openpyxl.load_workbook(path)
    sheet = book["Homes"]
    head = [cell.value for cell in sheet[4]]
    number = len(deployment.homes) + 5
    for title, value in (("Id", "h9"), ("Name", "Mas Nou"), ("Latitude [°]", 42.1), ("Longitude [°]", 2.2)):
        sheet.cell(number, head.index(title) + 1, value)
    book.save(path)
    with pytest.raises(RowError, match=r"Cell G\d+ holds a formula"):  # where the sum stood
        import_file(Plan(), path, "households")
    sheet.cell(number, head.index("Counts for") + 1, 2)
    book.save(path)
    homes = import_file(Plan(), path, "households").edit.plan.households
    assert set(homes) == {*(one.id for one in deployment.homes), "h9"}
    assert (homes["h9"].name, homes["h9"].weight) == ("Mas Nou", 2.0)


def test_names_of_columns_that_lead_nowhere_are_passed_over(tmp_path):
    _, path = _written("xlsx", "en", tmp_path)
    with zipfile.ZipFile(path) as archive:
        members = {name: archive.read(name) for name in archive.namelist()}
    members["xl/workbook.xml"] = members["xl/workbook.xml"].replace(b"!$", b"!#")
    with zipfile.ZipFile(path, "w") as archive:
        for name, data in members.items():
            archive.writestr(name, data)
    with pytest.raises(InputError, match="latitude"):
        import_file(Plan(), path, "households")


@pytest.mark.parametrize("form", ["geojson", "kmz", "gpx"])
def test_ids_and_names_that_look_like_numbers_stay_what_they_are(form, tmp_path):
    deployment = example_deployment()
    homes = [replace(one, id=key, name=name) for one, key, name in zip(
        deployment.homes, ("007", "12345678901", "1e3", "0815"), ("08", "1e4", "+5", "12"), strict=True)]  # fmt: skip
    path = tmp_path / f"plan.{form}"
    _WRITERS[form](replace(deployment, homes=tuple(homes)), path)
    back = import_file(Plan(), path, "households").edit.plan.households
    assert {one.id: one.name for one in back.values()} == {one.id: one.name for one in homes}


def test_a_weight_of_less_than_one_home_stays(tmp_path):
    deployment = example_deployment()
    homes = (replace(deployment.homes[0], weight=0.4), *deployment.homes[1:])
    path = tmp_path / "plan.geojson"
    write_geojson(replace(deployment, homes=homes), path)
    assert import_file(Plan(), path, "households").edit.plan.households[homes[0].id].weight == 0.4


def test_a_map_that_only_has_a_column_of_that_name_loses_nothing(tmp_path):
    path = tmp_path / "theirs.csv"
    path.write_text("id,latitude,longitude,layer,description\n1,42.0,2.0,roofs,red door\n2,42.1,2.1,home,\n", "utf-8")
    homes = import_file(Plan(), path, "households").edit.plan.households
    assert {one.id: one.note for one in homes.values()} == {"1": "red door", "2": ""}


def test_a_map_that_was_merged_elsewhere_keeps_its_kinds_and_notes(tmp_path):
    path = tmp_path / "merged.geojson"
    path.write_text(
        '{"type":"FeatureCollection","features":[{"type":"Feature","geometry":{"type":"Point","coordinates":[2,42]},'
        '"properties":{"id":"a","layer":"home","type":"school","description":"red door"}}]}',
        "utf-8",
    )
    (home,) = import_file(Plan(), path, "households").edit.plan.households.values()
    assert (home.kind.value, home.note) == ("school", "red door")
