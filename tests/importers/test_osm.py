"""OpenStreetMap extracts: dwellings become homes, what is high becomes sites, and whose data it is stays."""

from __future__ import annotations

import gzip

import pytest

from cn_planner.errors import FileError, InputError
from cn_planner.importers.choices import Choices
from cn_planner.importers.files import import_file
from cn_planner.model.plan import HomeKind, Plan

XML = """<?xml version="1.0"?>{more}<osm version="0.6">
<node id="1" lat="42.5000" lon="1.5000"/><node id="2" lat="42.5000" lon="1.5002"/>
<node id="3" lat="42.5001" lon="1.5002"/><node id="4" lat="42.5001" lon="1.5000"/>
<node id="5" lat="42.51" lon="1.51"><tag k="natural" v="peak"/><tag k="name" v="Pic &lt;b&gt;"/></node>
<node id="6" lat="42.52" lon="1.52"><tag k="man_made" v="mast"/><tag k="height" v="30 m"/></node>
{ways}</osm>"""
WAY = '<way id="{id}">{nodes}{tags}</way>'
RING = "".join(f'<nd ref="{n}"/>' for n in (1, 2, 3, 4, 1))


def osm(path, *buildings, more="", packed=False):
    ways = "".join(
        WAY.format(id=n, nodes=RING, tags="".join(f'<tag k="{k}" v="{v}"/>' for k, v in tags.items()))
        for n, tags in enumerate(buildings, 100)
    )
    text = XML.format(ways=ways, more=more).encode()
    path.write_bytes(gzip.compress(text) if packed else text)
    return path


def test_dwellings_become_homes_and_the_rest_is_counted(tmp_path):
    path = osm(
        tmp_path / "a.osm.gz", {"building": "house"}, {"building": "garage"}, {"building": "yes", "amenity": "school"},
        {"building": "yes", "building:levels": "3", "name": "Cal Pau"}, {"building": "church"}, packed=True,
    )  # fmt: skip
    got = import_file(Plan(), path, "households")
    assert [(one.id, one.kind, one.name) for one in got.things] == [
        ("w100", HomeKind.HOME, ""), ("w102", HomeKind.SCHOOL, ""), ("w103", HomeKind.HOME, "Cal Pau"),
    ]  # fmt: skip
    assert (got.things[0].latitude, got.things[0].longitude) == pytest.approx((42.50005, 1.5001))
    assert any(str(one).startswith("2 buildings in which nobody lives") for one in got.warnings)
    assert got.edit.plan.info.data_sources == "(c) OpenStreetMap contributors, ODbL 1.0"
    again = import_file(got.edit.plan, path, "households")
    assert (again.added, again.updated, again.same) == (0, 0, 3)
    assert again.edit.plan.info.data_sources.count("ODbL") == 1
    # 16.4 m by 11.1 m on the ground
    assert import_file(Plan(), path, "households", choices=Choices(least={"area_m2": 180})).added == 3
    with pytest.raises(FileError, match="less than 190"):
        import_file(Plan(), path, "households", choices=Choices(least={"area_m2": 190}))


def test_masts_and_hills_become_sites(tmp_path):
    path = osm(tmp_path / "a.osm", {"building": "church", "amenity": "place_of_worship", "name": "Sant Martí"})
    assert [one.name for one in import_file(Plan(), path, "sites").things] == ["mast 1", "Sant Martí"]
    assert [one.name for one in import_file(Plan(), path, "sites", choices=Choices(layer="hills")).things] == [
        "Pic <b>"
    ]
    with pytest.raises(InputError, match="many things") as caught:
        import_file(Plan(), path, "sites", choices=Choices(layer="roads"))
    assert "buildings, structures, hills" in str(caught.value.fix)


def test_real_extracts(shared_data):
    andorra = import_file(Plan(), shared_data / "osm/andorra.osm.pbf", "households")
    assert len(andorra.things) == 285
    assert all(42.3 < one.latitude < 42.7 and 1.3 < one.longitude < 1.9 for one in andorra.things)
    campo = import_file(Plan(), shared_data / "osm/campo-grande.osm.gz", "households")
    assert {one.kind for one in campo.things} == {HomeKind.HOME, HomeKind.SCHOOL, HomeKind.CLINIC}


@pytest.mark.parametrize("packed", [False, True])
@pytest.mark.parametrize("more", ['<!DOCTYPE osm [<!ENTITY a "b">]>', "<!--<OGRVRTDataSource>-->"])
def test_texts_that_stand_for_longer_ones_and_other_files_are_refused(tmp_path, more, packed):
    with pytest.raises(FileError, match="no map needs"):
        import_file(Plan(), osm(tmp_path / "a.osm", {"building": "house"}, more=more, packed=packed), "households")


@pytest.mark.parametrize("how", ["cut", "noise", "xml cut", "empty"])
def test_damaged_extracts_fail_in_words(shared_data, tmp_path, how):
    path = tmp_path / "a.osm.pbf"
    whole = (shared_data / "osm/andorra.osm.pbf").read_bytes()
    if how == "xml cut":
        osm(path, {"building": "house"})
        path.write_bytes(path.read_bytes()[:400])
    else:
        path.write_bytes({"cut": whole[:30_000], "noise": whole[:100] + bytes(5000), "empty": b""}[how])
    with pytest.raises((FileError, InputError)):
        import_file(Plan(), path, "households")
