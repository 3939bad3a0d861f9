"""Good files that the program reads, made here: what the fuzzer begins with. Nothing is kept or fetched."""

from __future__ import annotations

import gzip
import io
import json
import re
import sqlite3
import struct
import zipfile
from collections.abc import Mapping
from contextlib import closing
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np

from cn_planner import paths

Seeds = Mapping[str, bytes]
"""Files by their names: a reader may go by how a name ends."""

MONTHS = ("JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC")
PLACES = (("H1", "Akello's", 1.801, 42.101), ("H2", "<b>École</b>", 1.802, 42.102), ("H3", "=1+1", 1.8, 42.11))


def zipped(members: Mapping[str, bytes]) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in members.items():
            archive.writestr(zipfile.ZipInfo(name), data)
    return out.getvalue()


# Tables


def stations() -> dict[str, bytes]:
    """Lists of stations of airOS and RouterOS, one of which is a home."""
    return {
        "airos.json": b'[{"mac": "00:11", "name": "Asha", "signal": -71, "remote": {"hostname": "x", "signal": -68}}]',
        "routeros.txt": b' 0 interface=wlan1 radio-name="Asha" mac-address=00:11\n   signal-strength=-68dBm@6Mbps\n',
    }


def answers() -> dict[str, bytes]:
    """What ODK sends back of a survey: its table, and the ZIP of it with a photograph."""
    table = b"kind,place-Latitude,place-Longitude,tree_height_m,photo,KEY\ntree,42.1,1.8,12,1.jpg,uuid:1\n"
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr("survey.csv", table)
        archive.writestr("media/1.jpg", b"\xff\xd8\xff" + bytes(500))
    return {"answers.csv": table, "answers.zip": packed.getvalue()}


def tables() -> dict[str, bytes]:
    rows = "".join(f"{key},{name},{y},{x},{n + 1},home\n" for n, (key, name, x, y) in enumerate(PLACES))
    return {
        "homes.csv": ("id,name,latitude,longitude,weight,kind\n" + rows).encode(),
        "sites.csv": b"id;name;lat;lon;mast_height_m;role;status\ng;Town;42,1;1,8;12;gateway;built\ns;Hill;42,12;1,82;;;idea\n",
        "surveyor.csv": b"id,easting,northing,zone\na,412345.5,4660123,31N\nb,412900,4660500,31T\nc,1,2,36 Sur\n",
        "places.csv": b'id,coordinates,note\na,"42.1, 1.8",x\nb,31TDG0143260584,y\nc,8FVC9G8F+6X,z\n',
        "levels.csv": b"latitude,longitude,freq_mhz,level_dbm,site,date\n42.1,1.8,5500,-71.5,hill,2026-01-02\n42.1,1.81,868,-99,,\n",
        "degrees.tsv": "name\tlat\tlon\nÀ\t42°06'01\"N\t1°48'00\"E\nB\t42.1\t1.8\n".encode(),
        "packed.csv.gz": gzip.compress(
            b"latitude,longitude,area_in_meters,confidence\n42.1,1.8,50,0.9\n42.2,1.8,20,0.6\n"
        ),
    }


def workbooks() -> dict[str, bytes]:
    import xlsxwriter

    out = io.BytesIO()
    with xlsxwriter.Workbook(out, {"in_memory": True}) as book:
        sheet = book.add_worksheet("homes")
        for row, cells in enumerate(
            [("id", "name", "latitude", "longitude", "weight", "day")]
            + [(key, name, y, x, 1, 45000 + n) for n, (key, name, x, y) in enumerate(PLACES)]
        ):
            for column, cell in enumerate(cells):
                sheet.write_string(row, column, cell) if isinstance(cell, str) else sheet.write_number(
                    row, column, cell
                )
        book.add_worksheet("prices").write_row(0, 0, ("id", "price"))
    own = (
        b'<?xml version="1.0"?><worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData>'
        b'<row r="1"><c r="A1" t="inlineStr"><is><t>id</t></is></c><c r="B1" t="inlineStr"><is><t>price</t></is></c>'
        b'<c r="C1" t="str"><v>name</v></c></row><row r="2"><c r="A2" t="inlineStr"><is><t>outdoor-cable</t></is></c>'
        b'<c r="B2"><v>1.5</v></c><c r="C2" t="b"><v>1</v></c></row></sheetData></worksheet>'
    )
    book_xml = (
        b'<workbook xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main" xmlns:r="http://schemas.openxmlformats'
        b'.org/officeDocument/2006/relationships"><sheets><sheet name="a" sheetId="1" r:id="rId1"/></sheets></workbook>'
    )
    relations = (
        b'<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="rId1" '
        b'Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/worksheet" Target="worksheets/sheet1.xml"/>'
        b"</Relationships>"
    )
    small = {"xl/workbook.xml": book_xml, "xl/_rels/workbook.xml.rels": relations, "xl/worksheets/sheet1.xml": own}
    return {"homes.xlsx": out.getvalue(), "prices.xlsx": zipped(small)}


def price_lists() -> dict[str, bytes]:
    return {
        "prices.csv": b"id,name,price,currency,unit,class,source,date\noutdoor-cable,Cable,1.20,USD,m,cable,shop,2026-01-01\n"
        b',A new thing,12,EUR,piece,other,shop,2026-02-03\nrope,,"1,5",USD,,,,\n',
        "prices.txt": b"id;price\noutdoor-cable;1,20\nsteel-tube-3m;3.000,50\n",
    }


def json_lists() -> dict[str, bytes]:
    features = [
        {
            "type": "Feature",
            "id": key,
            "geometry": {"type": "Point", "coordinates": [x, y, 700]},
            "properties": {"name": name},
        }
        for key, name, x, y in PLACES
    ]
    features.append({"type": "Feature", "id": "H9", "properties": {"name": "a"}, "geometry": {
        "type": "Polygon", "coordinates": [[[1.8, 42.1], [1.81, 42.1], [1.81, 42.11], [1.8, 42.1]]]}})  # fmt: skip
    return {
        "homes.geojson": json.dumps({"type": "FeatureCollection", "features": features}).encode(),
        "rows.json": json.dumps([{"id": key, "lat": y, "lon": x, "name": name} for key, name, x, y in PLACES]).encode(),
    }


def node_lists() -> dict[str, bytes]:
    nodes = [
        {"node_id": f"a{n}", "hostname": f"n{n}", "is_online": True, "location": {"latitude": 50.1 + n / 9, "longitude": 7.1},
         "owner": "x"} for n in range(3)
    ]  # fmt: skip
    links = [{"source": "a0", "target": "a1", "type": "wifi"}, {"source": "a1", "target": "a2", "type": "vpn"}]
    old = {
        one["node_id"]: {"nodeinfo": {**one, "owner": {"contact": "x"}}, "flags": {"online": False}} for one in nodes
    }
    nyc = [
        {"id": n, "name": f"N{n}", "status": status, "coordinates": [-73.9, 40.7 + n / 9, 10.0], "notes": "x"}
        for n, status in enumerate(("Installed", "NN assigned", "Abandoned", ""))
    ]
    listed = [{"id": "a", "name": "a", "position": {"lat": 50.1, "long": 7.1}, "status": {"online": True}}]
    return {
        "meshviewer.json": json.dumps({"timestamp": "2026", "nodes": nodes, "links": links}).encode(),
        "nodes.json": json.dumps({"version": 1, "nodes": old}).encode(),
        "nyc.json": json.dumps(nyc).encode(),
        "nodelist.json": json.dumps({"version": "1.0.0", "nodes": listed}).encode(),
    }


CNML = b"""<?xml version="1.0"?>
<cnml version="0.1" server_url="http://guifi.net"><class network_description="detail"/><network><zone id="1">
<node id="10" title="Vila &lt;b&gt;" lat="42.10" lon="1.80" antenna_elevation="12" status="Working">Pau
 <device><radio antenna_gain="20" antenna_angle="90" antenna_azimuth="45"><interface>
  <link linked_node_id="11" link_type="wds" link_status="Working"/>
  <link linked_node_id="99" link_type="cable" link_status="Planned"/></interface></radio></device></node>
<node id="11" title="Mas" lat="42.12" lon="1.82" antenna_elevation="700" status="Building"/></zone></network></cnml>"""


def cnml() -> dict[str, bytes]:
    return {"zone.cnml": CNML, "zone.cnml.gz": gzip.compress(CNML)}


def sun() -> dict[str, bytes]:
    figures = {month: 2.0 + n / 4 for n, month in enumerate(MONTHS)}
    power = {
        "type": "Feature", "geometry": {"type": "Point", "coordinates": [1.8, 42.1, 700.0]},
        "properties": {"parameter": {"ALLSKY_SFC_SW_DWN": {**figures, "ANN": 4.0}}},
        "header": {"title": "NASA/POWER (January 2001 - December 2020)", "fill_value": -999.0},
        "parameters": {"ALLSKY_SFC_SW_DWN": {"units": "kW-hr/m^2/day"}},
    }  # fmt: skip
    days = {f"2021{m:02}{d:02}": 3.0 for m in range(1, 13) for d in (1, 2)}
    daily = {**power, "properties": {"parameter": {"ALLSKY_SFC_SW_DWN": days}}}
    rows = [{"year": 2019, "month": m, "H(i_opt)_m": 90.0} for m in range(1, 13)]
    pvgis = {
        "inputs": {"location": {"latitude": 42.1, "longitude": 1.8},
                   "meteo_data": {"radiation_db": "PVGIS-SARAH3", "year_min": 2019, "year_max": 2019},
                   "plane": {"fixed_inclined_optimal": {"slope": {"value": 35}, "azimuth": {"value": 0}}}},
        "outputs": {"monthly": rows},
    }  # fmt: skip
    head = "-BEGIN HEADER-\nNASA/POWER\nLocation: latitude  42.1   longitude 1.8 \n" \
           "ALLSKY_SFC_SW_DWN     CERES (kW-hr/m^2/day) \n-END HEADER-\n"  # fmt: skip
    table = f"PARAMETER,YEAR,{','.join(MONTHS)},ANN\nALLSKY_SFC_SW_DWN,2021,{','.join(['3.1'] * 13)}\n"
    by_day = "YEAR,MO,DY,ALLSKY_SFC_SW_DWN\n" + "".join(f"2021,{m},1,3.5\n" for m in range(1, 13))
    months = "Latitude (decimal degrees):\t42.1\nLongitude (decimal degrees):\t1.8\nRadiation database:\tPVGIS\n\n" \
             "Optimal slope angle (deg.):\t35\nyear\t\tmonth\t\tH(i_opt)_m\n" + "".join(
                 f"2019\t\t{m.title()}\t\t95.5\n" for m in MONTHS) + "\nPVGIS (c) European Union, 2001-2026\n"  # fmt: skip
    return {
        "power.json": json.dumps(power).encode(), "daily.json": json.dumps(daily).encode(),
        "pvgis.json": json.dumps(pvgis).encode(), "power.csv": (head + table).encode(),
        "days.csv": (head + by_day).encode(), "pvgis.csv": months.encode(),
    }  # fmt: skip


def patterns() -> dict[str, bytes]:
    def loss(angle: float, width: float) -> float:
        return min(12.0 * (min(angle % 360.0, 360.0 - angle % 360.0) / width) ** 2, 30.0)

    cuts = {word: [f"{a} {loss(a, width):.2f}" for a in range(0, 360, 5)] for word, width in (("H", 60.0), ("V", 10.0))}
    msi = ["NAME A sector", "FREQUENCY 5.5 GHz", "GAIN 17 dBi", "TILT ELECTRICAL", f"HORIZONTAL {len(cuts['H'])}", *cuts["H"],
           f"VERTICAL {len(cuts['V'])}", *cuts["V"]]  # fmt: skip
    ant = [f"{-loss(angle, 60.0):.1f}" for angle in range(360)]
    az = ["0.0", *(f"{angle}\t{10 ** (-loss(angle, 60.0) / 20):.4f}" for angle in range(0, 360, 5))]
    two = ["angle,gain", *(f"{angle},{-loss(angle, 60.0):.2f}" for angle in range(0, 360, 5))]
    return {
        "a.msi": "\n".join(msi).encode(), "a.ant": "\n".join(ant).encode(), "a.az": "\n".join(az).encode(),
        "a.csv": "\n".join(two).encode(),
    }  # fmt: skip


# Maps


def _points(path: Path, driver: str) -> bytes:
    import pyogrio.raw
    import shapely

    columns: dict[str, list[Any]] = {
        "id": [p[0] for p in PLACES],
        "name": [p[1] for p in PLACES],
        "weight": [1.0, 2.5, 3.0],
    }
    if driver in {"KML", "GPX"}:
        columns = {"name": columns["name"]}
    pyogrio.raw.write(
        path, shapely.to_wkb(shapely.points([p[2] for p in PLACES], [p[3] for p in PLACES])),
        [np.array(values) for values in columns.values()], np.array(list(columns), dtype=object), driver=driver,
        geometry_type="Point", crs="EPSG:4326", layer="waypoints" if driver == "GPX" else "homes",
        **({"encoding": "UTF-8"} if driver == "ESRI Shapefile" else {}),
    )  # fmt: skip
    return path.read_bytes()


KML = (
    b'<?xml version="1.0" encoding="UTF-8"?><kml xmlns="http://www.opengis.net/kml/2.2"><Document><Folder><name>a</name>'
    b'<Placemark><name>A</name><ExtendedData><Data name="weight"><value>2</value></Data></ExtendedData><Point><coordinates>'
    b"1.8,42.1,7</coordinates></Point></Placemark></Folder><Folder><name>b</name><Placemark><name>B</name><Polygon>"
    b"<outerBoundaryIs><LinearRing><coordinates>1.8,42.1 1.81,42.1 1.81,42.11 1.8,42.1</coordinates></LinearRing>"
    b"</outerBoundaryIs></Polygon></Placemark><Placemark><LineString><coordinates>1.8,42 1.9,42</coordinates></LineString>"
    b"</Placemark></Folder></Document></kml>"
)


def kml(folder: Path) -> dict[str, bytes]:
    return {"a.kml": KML, "b.kml": _points(folder / "b.kml", "KML")}


def kmz(_folder: Path) -> dict[str, bytes]:
    return {"a.kmz": zipped({"doc.kml": KML, "files/icon.svg": b"<svg/>"})}


def gpx(folder: Path) -> dict[str, bytes]:
    own = (
        b'<?xml version="1.0"?><gpx version="1.1" creator="x" xmlns="http://www.topografix.com/GPX/1/1"><wpt lat="42.1" lon="1.8">'
        b'<ele>700</ele><time>2026-01-01T10:00:00Z</time><name>A</name><desc>b</desc></wpt><trk><trkseg><trkpt lat="42" lon="1"/>'
        b"</trkseg></trk></gpx>"
    )
    return {"a.gpx": own, "b.gpx": _points(folder / "b.gpx", "GPX")}


def geopackages(folder: Path) -> dict[str, bytes]:
    return {"a.gpkg": _points(folder / "a.gpkg", "GPKG")}


def flatgeobufs(folder: Path) -> dict[str, bytes]:
    return {"a.fgb": _points(folder / "a.fgb", "FlatGeobuf")}


def shapefiles(folder: Path) -> dict[str, bytes]:
    _points(folder / "a.shp", "ESRI Shapefile")
    return {
        "a.zip": zipped({f"a.{end}": (folder / f"a.{end}").read_bytes() for end in ("shp", "shx", "dbf", "prj", "cpg")})
    }


OSM = (
    b'<?xml version="1.0"?><osm version="0.6"><node id="1" lat="42.1" lon="1.8"/><node id="2" lat="42.1" lon="1.8002"/>'
    b'<node id="3" lat="42.1001" lon="1.8002"/><node id="4" lat="42.1001" lon="1.8"/><node id="5" lat="42.2" lon="1.9">'
    b'<tag k="man_made" v="mast"/><tag k="height" v="30"/></node><node id="6" lat="42.3" lon="1.9"><tag k="natural" v="peak"/>'
    b'<tag k="name" v="Pic"/></node><node id="7" lat="42.3" lon="1.8"><tag k="place" v="village"/><tag k="name" v="Vila"/></node>'
    b'<way id="10"><nd ref="1"/><nd ref="2"/><nd ref="3"/><nd ref="4"/><nd ref="1"/><tag k="building" v="house"/></way>'
    b'<way id="11"><nd ref="1"/><nd ref="3"/><tag k="highway" v="track"/></way><way id="12"><nd ref="2"/><nd ref="4"/>'
    b'<tag k="waterway" v="river"/></way><relation id="20"><member type="way" ref="10" role="outer"/>'
    b'<tag k="type" v="multipolygon"/><tag k="natural" v="wood"/></relation></osm>'
)


def osm_xml(_folder: Path) -> dict[str, bytes]:
    return {"a.osm": OSM, "a.osm.gz": gzip.compress(OSM)}


def varint(number: int) -> bytes:
    out = bytearray()
    while number > 0x7F:
        out.append(number & 0x7F | 0x80)
        number >>= 7
    return bytes([*out, number])


def _field(number: int, data: bytes | int) -> bytes:
    if isinstance(data, int):
        return varint(number << 3) + varint(data)
    return varint(number << 3 | 2) + varint(len(data)) + data


def _signed(numbers: list[int]) -> bytes:
    steps = [b - a for a, b in zip([0, *numbers], numbers, strict=False)]
    return b"".join(varint((step << 1) ^ (step >> 63)) for step in steps)


def osm_pbf(_folder: Path) -> dict[str, bytes]:
    """An extract after the OpenStreetMap wiki's PBF format: dense nodes and two ways, blocks not packed."""
    words = [b"", b"building", b"house", b"man_made", b"mast", b"highway", b"track"]
    table = b"".join(_field(1, word) for word in words)
    places = [(42.1, 1.8), (42.1, 1.8002), (42.1001, 1.8002), (42.1001, 1.8), (42.2, 1.9)]
    dense = (
        _field(1, _signed([1, 2, 3, 4, 5])) + _field(8, _signed([round(y * 1e7) for y, _ in places]))
        + _field(9, _signed([round(x * 1e7) for _, x in places])) + _field(10, bytes([0, 0, 0, 0, 3, 4, 0]))
    )  # fmt: skip
    house = _field(1, 10) + _field(2, bytes([1])) + _field(3, bytes([2])) + _field(8, _signed([1, 2, 3, 4, 1]))
    track = _field(1, 11) + _field(2, bytes([5])) + _field(3, bytes([6])) + _field(8, _signed([1, 3]))
    block = _field(1, table) + _field(2, _field(2, dense)) + _field(2, _field(3, house) + _field(3, track))
    header = _field(4, b"OsmSchema-V0.6") + _field(4, b"DenseNodes")
    out = b""
    for kind, data in ((b"OSMHeader", header), (b"OSMData", block)):
        blob = _field(1, data) + _field(2, len(data))
        head = _field(1, kind) + _field(3, len(blob))
        out += struct.pack(">I", len(head)) + head + blob
    return {"a.osm.pbf": out}


# What the program keeps


def plans(folder: Path) -> dict[str, bytes]:
    from plan_examples import village

    from cn_planner.model import edits
    from cn_planner.model.plan import Household
    from cn_planner.storage.plan_file import PlanFile

    path, found = folder / "a.cnplan.gpkg", {}
    with PlanFile.create(path, village()) as file:
        file.commit(edits.put(file.plan, [Household("h9", "Nine", -1.4, 36.5)]))
        file.save_version("1", "2026-01-01")
        file.commit(edits.remove(file.plan, "households", ["h2"]))
        file.commit(edits.change_section(file.plan, "info", name="Vila"))
        file.undo()
    found["a.cnplan.gpkg"] = path.read_bytes()
    # As another program leaves it: a home moved, one added.
    with closing(sqlite3.connect(path)) as database:
        database.execute("UPDATE households SET name = 'another' WHERE id = 'h1'")
        database.commit()
    found["b.cnplan.gpkg"] = path.read_bytes()
    return found


def shelf(_folder: Path) -> dict[str, bytes]:
    """The program's own with four kits and what these need: an input takes 10 ms where the whole takes 70."""
    return dict(_small_shelf())


@cache
def _small_shelf() -> tuple[tuple[str, bytes], ...]:
    folder = paths.resources() / "equipment"
    parts = {
        path.name: re.split(r"(?m)^(?=\[\[(?:kit|mast|radio|antenna)\]\])", path.read_text("utf-8"))
        for path in sorted(folder.glob("*.toml"))
    }
    kits, masts = ([p for p in parts["shelf.toml"] if p.startswith(f"[[{kind}]]")] for kind in ("kit", "mast"))
    kept = {*kits[:4], *masts, *(some[1] for name, some in parts.items() if len(some) > 1 and name != "shelf.toml")}
    while True:  # with what they name
        named = set(re.findall(r'"?([\w.-]+)"?', "".join(kept)))
        more = {part for name, some in parts.items() if name != "shelf.toml" for part in some[1:] if _id(part) in named}
        if more <= kept:
            break
        kept |= more
    files = {name: "".join([some[0], *(part for part in some[1:] if part in kept)]) for name, some in parts.items()}
    for part in {part for some in parts.values() for part in some[1:]} - kept:
        name = re.escape(_id(part))
        files["systems.toml"] = re.sub(rf'(?m)^{name} = .*\n|"{name}",? ?', "", files["systems.toml"])
    return tuple((name, text.encode()) for name, text in files.items())


def _id(part: str) -> str:
    found = re.search(r'(?m)^id = "([^"]+)"', part)
    return found[1] if found is not None else ""


def rules(_folder: Path) -> dict[str, bytes]:
    source = {
        "title": "A law",
        "publisher": "A regulator",
        "year": 2026,
        "url": "",
        "licence": "",
        "read": "2026-01-01",
    }
    whole = json.loads((paths.resources() / "rules" / "regulators.json").read_bytes())
    texts, countries = whole.get("texts", {}), whole["countries"]
    some = {country: countries[country][:3] for country in list(countries)[:2]}
    used = {limit.get("text") for limits in some.values() for limit in limits}
    return {"rules.json": json.dumps({"source": whole.get("source", source), "countries": some,
                                      "texts": {key: text for key, text in texts.items() if key in used}}).encode()}  # fmt: skip


def instances(_folder: Path) -> dict[str, bytes]:
    good = {
        "name": "a", "heights_m": [6, 12], "homes": [{"id": "h", "weight": 1, "latitude": 42.1, "longitude": 1.8}],
        "sites": [{"id": "g", "role": "gateway", "cost": [1, None], "carries": 90},
                  {"id": "c", "role": "candidate", "cost": [None, 5], "must": False}],
        "serve": [[0, 0, 0]], "links": [[0, 1, 0, 1, 2], [0, 1, 0, 1, 2, 50]],
        "sector": {"cost": 1, "homes": 5, "max_per_site": 2}, "max_hops": 2, "cover": 0.5,
    }  # fmt: skip
    return {"a.json": json.dumps(good).encode(), "a.json.gz": gzip.compress(json.dumps(good).encode(), mtime=0)}


def translations(_folder: Path) -> dict[str, bytes]:
    head = (
        'msgid ""\nmsgstr ""\n"Language: es\\n"\n"Content-Type: text/plain; charset=utf-8\\n"\n'
        '"Plural-Forms: nplurals=2; plural=(n != 1);\\n"\n\n'
    )
    some = (
        'msgid "There is no such file."\nmsgstr "No existe."\n\n#, fuzzy\nmsgid "{count} row"\nmsgid_plural "{count} rows"\n'
        'msgstr[0] "{count} fila"\nmsgstr[1] "{count} filas"\n\n#~ msgid "old"\n#~ msgstr "viejo"\n'
    )
    return {"es.po": (head + some).encode()}


def profiles(_folder: Path) -> dict[str, bytes]:
    found = {}
    for name, more in (("a.npz", {"spacing_m": np.array([100.0, 50.0])}), ("b.npz", {"dist_m": np.arange(9) * 100.0})):
        out = io.BytesIO()
        np.savez(out, elevation_m=np.arange(9.0), offset=np.array([0, 5, 9]), profile_id=np.array(["a", "b"]), **more)
        found[name] = out.getvalue()
    out = io.BytesIO()
    np.savez_compressed(out, clutter_height_m=np.arange(9.0), offset=np.array([0, 5, 9]))
    found["clutter.npz"] = out.getvalue()
    return found


def cases(_folder: Path) -> dict[str, bytes]:
    return {
        "knife.csv": b"case_id,nu\n0,0.5\n1,-1\n2,3e0\n",
        "p838.csv": b"case_id,freq_hz,elev_deg,pol_tilt_deg\n0,20e9,0,0\n1,5.8e9,10,45\n",
        "two-ray.csv": b"case_id;freq_hz;dist_m;h_tx_m;h_rx_m;pol;a_eff_m;epsilon_r;sigma_s_per_m;roughness_m\n"
        b"0;868e6;1000;10;1,5;V;8500000;15;0,005;0\n",
        "p833-woodland.csv": b"case_id,depth_m,freq_hz\n0,50,868e6\n1,20,5e9\n",
    }


def settings(_folder: Path) -> dict[str, bytes]:
    return {
        "window.ini": b'[General]\ntheme="\\"dark\\""\nlanguage="\\"es\\""\nrecent="[\\"/a.cnplan.gpkg\\"]"\nzoom=1.25\n'
        b'geometry="\\"abc\\""\nshare_formats="[\\"pdf\\"]"\n'
    }


def own_words(_folder: Path) -> dict[str, bytes]:
    """Settings of a plan as they are typed: a key and a value a line."""
    lines = ["info.name=Vila", "info.country=ES", "area.canopy_m=12", "costs.currency=EUR", "demand.mbps=4/3",
             "rules.max_hops=3", "area.forest_m=yes", "info.language=sw", "costs.exchange_date=2026-01-01"]  # fmt: skip
    return {
        "settings.txt": "\n".join(lines).encode(),
        "places.txt": "42°06'N 1°48'E\n31TCG8962\n42.1 1.8\n-1.5; 36.5".encode(),
    }


def orders(_folder: Path) -> dict[str, bytes]:
    """What an export that was killed leaves behind."""
    return {".order.json": json.dumps({"full": ["a.csv", "b"], "gone": ["c.pdf"]}).encode()}


def lists_of_files(_folder: Path) -> dict[str, bytes]:
    return {"terrain-files.json": json.dumps(["/home/x/N42E001.hgt", "/media/a.tif"]).encode()}
