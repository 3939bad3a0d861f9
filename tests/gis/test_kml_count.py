"""How much a KML file holds at most: never less than the library finds in any of its folders."""

from __future__ import annotations

import zipfile

import pyogrio
import pytest
from deployment_example import example_deployment

from cn_planner.errors import FileError
from cn_planner.export.kmz import write_kmz
from cn_planner.gis.kml_count import most_in_kml
from cn_planner.gis.vector_read import read_point_layer

SCHEMA = (
    '<kml:kml xmlns:kml="http://www.opengis.net/kml/2.2"><kml:Document><kml:Schema name="home" id="home">{fields}'
    "</kml:Schema><kml:Folder><kml:name>Homes</kml:name>{places}</kml:Folder></kml:Document></kml:kml>"
)
FIELD = '<kml:SimpleField type="string" name="f{number}"/>'
PLACE = (
    '<kml:Placemark><kml:ExtendedData><kml:SchemaData schemaUrl="#home"/>{alone}</kml:ExtendedData>'
    "<kml:Point><kml:coordinates>32.3,2.8</kml:coordinates></kml:Point></kml:Placemark>"
    '<kml:GroundOverlay xmlns:kml="http://www.opengis.net/kml/2.2"><kml:name>Sheet</kml:name></kml:GroundOverlay>'
)
ALONE = '<kml:Data name="of this alone"><kml:value>1</kml:value></kml:Data>'


def _schema(path, fields: int, places: int):
    columns = "".join(FIELD.format(number=number) for number in range(fields))
    written = "".join(PLACE.format(alone=ALONE if number == 0 else "") for number in range(places))
    path.write_text(SCHEMA.format(fields=columns, places=written))
    return path


def _there(source: str) -> list[tuple[int, int]]:
    """Return what the library itself counts in each layer."""
    infos = [pyogrio.read_info(source, layer=name, force_feature_count=True) for name, _ in pyogrio.list_layers(source)]
    return [(int(info["features"]), len(info["fields"])) for info in infos]


def test_no_folder_of_our_own_map_holds_more_than_is_counted(tmp_path):
    path = tmp_path / "plan.kmz"
    write_kmz(example_deployment(), path)
    with zipfile.ZipFile(path) as archive:
        (tmp_path / "doc.kml").write_bytes(archive.read("doc.kml"))
    most = most_in_kml(path, "doc.kml")
    assert most == most_in_kml(tmp_path / "doc.kml")
    there = _there(str(tmp_path / "doc.kml"))
    assert len(there) > 3
    assert all(count <= most[0] and fields <= most[1] for count, fields in there)
    assert most[0] <= sum(count for count, _ in there) + 10  # and not far more


def test_fields_of_a_schema_and_pictures_laid_over_the_map_count(tmp_path):
    path = _schema(tmp_path / "schema.kml", 60, 7)
    most = most_in_kml(path)
    ((count, fields),) = _there(str(path))
    assert 7 <= count <= most[0] == 14
    assert 61 <= fields <= most[1]


def test_a_map_of_too_many_columns_is_refused_as_before(tmp_path):
    path = _schema(tmp_path / "wide.kml", 4000, 5100)
    assert path.stat().st_size < 2_000_000
    with pytest.raises(FileError, match="so much is not read"):
        read_point_layer(path)


WORDS = [b"", b"<kml><Placemark>", b"\x00\x01", b"<a>\xff</a>", *(
    f'<?xml version="1.0" encoding="{letters}"?><kml/>'.encode() for letters in ("no-such-letters", "shift_jis", "idna")
)]  # fmt: skip


@pytest.mark.parametrize("data", WORDS)
def test_what_is_no_xml_is_left_to_the_library(data, tmp_path):
    (tmp_path / "no.kml").write_bytes(data)
    assert most_in_kml(tmp_path / "no.kml") is None
    with zipfile.ZipFile(tmp_path / "no.kmz", "w") as archive:
        archive.writestr("doc.kml", data)
    assert most_in_kml(tmp_path / "no.kmz", "doc.kml") is None
    assert most_in_kml(tmp_path / "no.kmz", "other.kml") is None
