"""Makes the example plans of the start page from open data: ``python tools/examples.py ../shared/data``.

Each is a folder of ``resources/examples``: homes and places without a network yet, and the ground round them. Whose
data it is stands in the plan, and so on all that is printed of it.
"""

from __future__ import annotations

import csv
import sys
import tempfile
from collections import Counter
from pathlib import Path

import numpy as np

from cn_planner import new_plan, open_plan, open_surface
from cn_planner.gis.raster_write import write_geotiff
from cn_planner.model.edits import change_section

OUT = Path(__file__).resolve().parents[1] / "resources" / "examples"
_GUIFI = "Places: guifi.net, 2015, without names (licence: Comuns Sensefils)"
_SRTM = "Terrain: SRTM, NASA/USGS, public domain"
_ROUND_DEG, _CELL_DEG, _NO_DATA = 0.02, 1.0 / 1200.0, -32768
_MOST_HOMES = 150

Row = dict[str, str]


def rows(path: Path) -> list[Row]:
    """Read a list."""
    with path.open(encoding="utf-8") as stream:
        return list(csv.DictReader(stream))


def ground(files: list[Path], places: list[tuple[float, float]], out: Path) -> None:
    """Cut the ground round some places, in the samples of three seconds as they are."""
    latitudes, longitudes = zip(*places, strict=True)
    south, north = min(latitudes) - _ROUND_DEG, max(latitudes) + _ROUND_DEG
    west, east = min(longitudes) - _ROUND_DEG, max(longitudes) + _ROUND_DEG
    south, north, west, east = (round(value / _CELL_DEG) * _CELL_DEG for value in (south, north, west, east))
    lats = np.arange(north, south, -_CELL_DEG)
    lons = np.arange(west, east, _CELL_DEG)
    heights = open_surface(*files).heights(*np.meshgrid(lats, lons, indexing="ij"))
    whole = np.where(np.isfinite(heights), np.rint(heights), _NO_DATA).astype(np.int16)
    write_geotiff(out, whole, "EPSG:4326", (_CELL_DEG, 0.0, west, 0.0, -_CELL_DEG, north), nodata=_NO_DATA)


def make(key: str, name: str, country: str, dems: list[Path], towers: list[Row], homes: list[Row], whose: str) -> None:
    """Make one example anew: the plan that it was, so that copies of before can be brought together with it."""
    folder = OUT / key
    folder.mkdir(parents=True, exist_ok=True)
    plan = folder / f"{key}.cnplan.gpkg"
    secret = ""
    if plan.exists():
        with open_plan(plan) as before:
            secret = before.plan.info.secret
    for old in folder.iterdir():
        old.unlink()
    places = [(float(one["latitude_deg"]), float(one["longitude_deg"])) for one in (*towers, *homes)]
    ground(dems, places, folder / f"{key}-terrain.tif")
    with new_plan(plan, name=name, country=country) as project, tempfile.TemporaryDirectory() as kept:
        if secret:
            project.apply(change_section(project.plan, "info", secret=secret))
        project.add_terrain([folder / f"{key}-terrain.tif"])
        for kind, listed in (("sites", towers), ("households", homes)):
            path = Path(kept, f"{kind}.csv")
            columns = ["id", "latitude_deg", "longitude_deg", *(["role"] if kind == "sites" else [])]
            with path.open("w", encoding="utf-8", newline="") as stream:
                table = csv.DictWriter(stream, columns, extrasaction="ignore")
                table.writeheader()
                table.writerows(listed)
            project.import_file(path, kind, {})
        project.apply(change_section(project.plan, "info", data_sources=whose))


def bergueda(data: Path) -> None:
    """Make the plan of a valley of guifi.net's: its supernodes are the places, its working nodes the homes."""
    near = [
        one for one in rows(data / "networks/bergueda_nodes.csv")
        if 42.03 < float(one["latitude_deg"]) < 42.14 and 1.72 < float(one["longitude_deg"]) < 1.92
    ]  # fmt: skip
    links = [one for one in rows(data / "networks/bergueda_links.csv") if one["status"] == "Working"]
    joined = Counter(end for link in links for end in (link["from"], link["to"]))
    towers = [one for one in near if one["kind"] == "Supernode"]
    gateway = max(towers, key=lambda one: (joined[one["id"]], one["id"]))
    towers = [one | {"role": "gateway" if one is gateway else "candidate"} for one in towers]
    homes = [one for one in near if one["kind"] != "Supernode" and one["status"] == "Working"][:_MOST_HOMES]
    dems = [data / "terrain" / one for one in ("N41E001.hgt.zip", "N42E001.hgt.zip")]
    make("bergueda", "Berguedà, Catalonia", "ES", dems, towers, homes, f"{_GUIFI}; {_SRTM}")


def andoain(data: Path) -> None:
    """Make the plan of a small town's network: the nodes with the highest antennas are the places."""
    nodes = rows(data / "networks/andoain_nodes.csv")
    nodes.sort(key=lambda one: (-float(one["antenna_height_m"] or 0), one["id"]))
    towers = [one | {"role": "candidate" if at else "gateway"} for at, one in enumerate(nodes[:8])]
    dems = [data / "terrain/N43W003.hgt.zip"]
    make("andoain", "Andoain, Basque Country", "ES", dems, towers, nodes[8:], f"{_GUIFI}; {_SRTM}")


def gulu(data: Path) -> None:
    """Make the plan of some buildings west of a town; the places are the highest ground in each square of them."""
    every = rows(data / "households/gulu_buildings.csv")
    dem = data / "terrain/gulu_elevation_155m.tif"
    surface = open_surface(dem)
    places = np.array([[float(one["latitude_deg"]), float(one["longitude_deg"])] for one in every])
    known = np.ones(len(every), dtype=bool)
    for north, east in ((0.0, 0.0), (0.005, 0.0), (-0.005, 0.0), (0.0, 0.005), (0.0, -0.005)):  # ground all round
        known &= np.isfinite(surface.heights(places[:, 0] + north, places[:, 1] + east))
    every = [one for one, there in zip(every, known, strict=True) if there]
    homes = every[:: len(every) // _MOST_HOMES][:_MOST_HOMES]
    squares = Counter(
        tuple(int(float(one[axis]) / 0.05) for axis in ("latitude_deg", "longitude_deg")) for one in homes
    )
    towers: list[Row] = []
    for (row, column), _ in squares.most_common(12):
        fine = (np.arange(40) + 0.5) / 40.0 * 0.05
        lats, lons = np.meshgrid(row * 0.05 + fine, column * 0.05 + fine, indexing="ij")
        top = int(np.argmax(np.nan_to_num(surface.heights(lats, lons), nan=-1.0)))
        place = {"latitude_deg": f"{lats.flat[top]:.6f}", "longitude_deg": f"{lons.flat[top]:.6f}"}
        name, role = (f"Hill {len(towers)}", "candidate") if towers else ("Town", "gateway")
        towers.append({"id": name, "role": role, **place})
    whose = "Buildings and terrain: open data of Gulu (licence: MIT)"
    make("gulu", "Gulu, Uganda", "UG", [dem], towers, homes, whose)


if __name__ == "__main__":
    for place in (bergueda, andoain, gulu):
        place(Path(sys.argv[1]))
