"""Every kind of file, spoilt in every way: refused in words that say where, or counted; never in silence."""

from __future__ import annotations

import gzip
import io
import json
import tracemalloc
import zipfile

import openpyxl
import pytest

from cn_planner.errors import FileError, InputError, PlannerError
from cn_planner.importers.choices import Choices, Repeats
from cn_planner.importers.files import import_file
from cn_planner.model.items import Items
from cn_planner.model.plan import Plan, Site

HERE = [("a", 42.10, 1.80), ("b", 42.11, 1.81), ("c", 42.12, 1.82)]
PLAN = Plan(sites=Items([Site("s", "S", 42.0, 1.7)]))


def csv(rows):
    return ("id,lat,lon\n" + "".join(f"{key},{y},{x}\n" for key, y, x in rows)).encode()


def xlsx(rows):
    book, out = openpyxl.Workbook(), io.BytesIO()
    for row in [("id", "lat", "lon"), *rows]:
        book.active.append(row)
    book.save(out)
    return out.getvalue()


def geojson(rows):
    features = [
        {"type": "Feature", "properties": {"id": key}, "geometry": {"type": "Point", "coordinates": [x, y]}}
        for key, y, x in rows
    ]
    return json.dumps({"type": "FeatureCollection", "features": features}).encode()


def kml(rows):
    marks = "".join(
        f"<Placemark><name>{key}</name><Point><coordinates>{x},{y}</coordinates></Point></Placemark>"
        for key, y, x in rows
    )
    return f'<kml xmlns="http://www.opengis.net/kml/2.2"><Document>{marks}</Document></kml>'.encode()


def gpx(rows):
    marks = "".join(f'<wpt lat="{y}" lon="{x}"><name>{key}</name></wpt>' for key, y, x in rows)
    return f'<gpx version="1.1" xmlns="http://www.topografix.com/GPX/1/1">{marks}</gpx>'.encode()


def cnml(rows):
    nodes = "".join(f'<node id="{key}" title="{key}" lat="{y}" lon="{x}" status="Working"/>' for key, y, x in rows)
    return f'<cnml version="0.1"><network><zone>{nodes}</zone></network></cnml>'.encode()


def meshviewer(rows):
    nodes = [{"node_id": key, "hostname": key, "location": {"latitude": y, "longitude": x}} for key, y, x in rows]
    return json.dumps({"nodes": nodes, "links": []}).encode()


def nyc(rows):
    nodes = [{"id": key, "status": "Installed", "coordinates": [x, y, 3]} for key, y, x in rows]
    return json.dumps(nodes).encode()


OURS = {"csv": csv, "xlsx": xlsx, "geojson": geojson, "cnml": cnml, "meshviewer": meshviewer, "nyc": nyc}
BESIDE = {"kml": kml, "gpx": gpx}  # read in a process of its own, half a second each
ALL = {**OURS, **BESIDE}


def read(tmp_path, data, **choices):
    path = tmp_path / "list.dat"  # what counts is what is in it
    path.write_bytes(data)
    return import_file(PLAN, path, "sites", choices=Choices(**choices))


def refused(tmp_path, data, says, kind=PlannerError, **choices):
    with pytest.raises(kind) as caught:
        read(tmp_path, data, **choices)
    assert says in str(caught.value)
    assert "list.dat" in str(caught.value)


@pytest.mark.parametrize("form", ALL)
def test_a_whole_file_is_read_and_an_empty_or_cut_one_is_said(tmp_path, form):
    data = ALL[form](HERE)
    assert len(read(tmp_path, data).things) == 3
    refused(tmp_path, b"", "empty", FileError)
    if form == "csv":  # cut within the last row
        refused(tmp_path, data[:-8], "it may be cut off", InputError)
    else:
        cut = {"xlsx": "archive", "geojson": "not JSON", "meshviewer": "not JSON", "nyc": "not JSON"}
        refused(tmp_path, data[: len(data) - 30], cut.get(form, "damaged or cut short"), FileError)


@pytest.mark.parametrize("form", OURS)
def test_places_that_cannot_be_are_named_or_counted(tmp_path, form):
    rows = [*HERE, ("d", 95.0, 1.8), ("e", 42.1, 500.0)]
    refused(tmp_path, OURS[form](rows), "2 rows cannot be used, and nothing was imported", InputError)
    found = read(tmp_path, OURS[form](rows), skip_bad=True)
    assert (len(found.things), found.left_out_count) == (3, 2)
    assert sorted(one.count for one in found.bad_reasons) == [1, 1]
    assert all("is not between" in str(one.left_out) for one in found.bad_reasons)


@pytest.mark.parametrize("form", OURS)
def test_places_turned_round_are_said_of_all_or_of_some(tmp_path, form):
    refused(tmp_path, OURS[form]([(key, x, y) for key, y, x in HERE]), "turned round", InputError)
    found = read(tmp_path, OURS[form]([*HERE, ("d", 1.83, 42.13)]))
    assert [(str(one.why), one.count) for one in found.doubts] == [
        ("latitude and longitude seem to be turned round.", 1)
    ]


@pytest.mark.parametrize("form", OURS)
def test_repetitions_are_counted_and_left_out_when_asked(tmp_path, form):
    rows = [*HERE, ("d", 42.10001, 1.80)]
    assert [one.count for one in read(tmp_path, OURS[form](rows)).repeats] == [1]
    found = read(tmp_path, OURS[form](rows), repeats=Repeats.SKIP)
    assert len(found.things) == 3
    assert [str(one.why) for one in found.unwanted] == ["one of a row before lies within 10 m."]
    refused(tmp_path, OURS[form]([*HERE, HERE[0]]), "stands in row", InputError)


@pytest.mark.parametrize("form", ["csv", "cnml"])
def test_fifty_thousand_rows_are_read(tmp_path, form):
    rows = [(f"n{n}", 42.0 + n % 250 / 1000, 1.6 + n // 250 / 1000) for n in range(50_000)]
    assert len(read(tmp_path, OURS[form](rows)).things) == 50_000


@pytest.mark.parametrize("form", ["kml", "gpx", "cnml"])
def test_texts_that_stand_for_others_are_refused(tmp_path, form):
    refused(tmp_path, b'<!DOCTYPE x [<!ENTITY a "b">]>' + ALL[form](HERE), "no map needs", FileError)
    refused(tmp_path, gzip.compress(b'<!DOCTYPE x [<!ENTITY a "b">]>' + cnml(HERE)), "no map needs", FileError)


@pytest.mark.parametrize(
    ("data", "says"),
    [
        (csv(HERE).replace(b"a,", b"\xff\xfe\x00,"), "no text"),
        (b"\xff\xfe" + csv(HERE), "No column holds latitude"),
        (b"%PDF-1.7 " + bytes(50), "a PDF"),
        (b"\x89PNG\r\n\x1a\n" + bytes(50), "a picture"),
        (b'{"nodes": [{"node_id": 1}, ' + b"[" * 9000, "not JSON"),
        (b'{"nodes": {"a": 3}}', "nor a list of nodes"),
        (b'{"nodes": []}', "nor a list of nodes"),
        (b"<cnml><network/></cnml>", "no rows"),
        (b"<cnml><node lat='42' lon='1'></cnml>", "damaged or cut short"),
        (gzip.compress(gzip.compress(csv(HERE))), "archive within an archive"),
        (gzip.compress(csv(HERE))[:-9], "damaged or cut short"),
    ],
    ids=["binary", "utf-16", "pdf", "png", "deep", "no nodes", "no node", "empty cnml", "open tag", "nested", "cut gz"],
)  # fmt: skip
def test_what_is_no_list_says_what_it_is(tmp_path, data, says):
    refused(tmp_path, data, says)


def test_an_archive_within_an_archive_is_not_unpacked(tmp_path):
    inner, outer = io.BytesIO(), io.BytesIO()
    with zipfile.ZipFile(inner, "w") as archive:
        archive.writestr("doc.kml", kml(HERE))
    with zipfile.ZipFile(outer, "w") as archive:
        archive.writestr("inner.kmz", inner.getvalue())
    refused(tmp_path, outer.getvalue(), "zip", FileError)


def changed(part, change):
    """A workbook of three homes with one part of its archive changed."""
    before, out = zipfile.ZipFile(io.BytesIO(xlsx(HERE))), io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as after:
        for name in before.namelist():
            data = before.read(name)
            after.writestr(name, change(data) if name == part else data)
    return out.getvalue()


SHEET, LINKS = "xl/worksheets/sheet1.xml", "xl/_rels/workbook.xml.rels"
DEFINES = b'<!DOCTYPE x [<!ENTITY a "bbbbbbbb"><!ENTITY c "&a;&a;&a;">]>'
CELLS, ROWS, LONG = b"<c><v>1</v></c>" * 2_100_000, b"<row/>" * 100_000, b"<c><v>" + b"1" * (65 << 20) + b"</v></c>"


@pytest.mark.parametrize(
    ("part", "change", "says"),
    [
        (SHEET, lambda data: data.replace(b"</row></sheetData>", CELLS + b"</row></sheetData>"), "too large"),
        (SHEET, lambda data: data.replace(b"</row></sheetData>", LONG + b"</row></sheetData>"), "too large"),
        (SHEET, lambda data: data.replace(b"</sheetData>", ROWS + b"</sheetData>"), "too many rows"),
        (SHEET, lambda data: DEFINES + data, "defines texts"),
        (SHEET, lambda data: data[:-40], "cannot be read"),
        (SHEET, lambda data: data.replace(b"<v>42.1</v>", b"<v>high</v>"), "cannot be read"),
        (LINKS, lambda data: data.replace(b"rId1", b"rId9"), "cannot be read"),
        (LINKS, lambda data: data.replace(b"sheet1.xml", b"sheet7.xml"), "cannot be read"),
    ],
    ids=["cells", "long", "rows", "entities", "cut", "number", "unlinked", "nowhere"],
)
def test_a_spreadsheet_that_grows_or_lies_is_refused_before_it_fills_the_memory(tmp_path, part, change, says):
    data = changed(part, change)
    tracemalloc.start()
    try:
        refused(tmp_path, data, says, FileError)
        assert tracemalloc.get_traced_memory()[1] < 80 << 20
    finally:
        tracemalloc.stop()


@pytest.mark.parametrize(("place", "byte"), [(4, 255), (8, 12), (6, 1)], ids=["version", "method", "password"])
def test_a_spreadsheet_packed_in_another_way_is_refused(tmp_path, place, byte):
    data = bytearray(xlsx(HERE))
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        names = archive.namelist()
    at = -1
    for _ in names:  # the list at the end, which readers go by
        at = data.index(b"PK\x01\x02", at + 1)
        data[at + place + 2] = byte
    refused(tmp_path, bytes(data), "", FileError)


def test_a_damaged_spreadsheet_is_refused(tmp_path):
    data = bytearray(xlsx(HERE))
    at = data.index(SHEET.encode()) + len(SHEET)
    data[at : at + 4] = b"\xff\xff\xff\xff"
    refused(tmp_path, bytes(data), "cannot be read", FileError)


def test_how_a_name_is_spoken_is_no_part_of_it(tmp_path):
    spoken = b'<is><r><t>To</t></r><r><t>kyo</t></r><rPh sb="0" eb="1"><t>tokyo</t></rPh></is>'
    data = changed(SHEET, lambda data: data.replace(b"<is><t>a</t></is>", spoken))
    assert sorted(one.id for one in read(tmp_path, data).things) == ["Tokyo", "b", "c"]
