"""What the program promises of an area: a base map drawn, buildings imported, a pack opened, frames of a pan.

Run: QT_QPA_PLATFORM=offscreen python benchmarks/area.py [--rows 1000000]

The bars: andorra.osm.pbf to a drawn map under 5 s; 1,000,000 rows of Open Buildings filtered and imported under 15 s
and 1 GB; the median frame of a pan over the drawn map under 16 ms; a pack of 100 x 100 km at 30 m open in under 1 s.
Beside the clock stands the time of the processor, which says the same where other programs run.
"""

from __future__ import annotations

import argparse
import os
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

from map_canvas import pan, wait_for_tiles
from PySide6.QtWidgets import QApplication

from cn_planner.gis.base_map import read_base_map
from cn_planner.gis.pack import write_pack
from cn_planner.gis.pack_facts import read_facts
from cn_planner.gis.raster import RasterGrid, read_elevation, read_gridded
from cn_planner.gui.map.canvas import MapCanvas
from cn_planner.gui.map.layers.base_drawing import shapes_of
from cn_planner.gui.map.layers.drawn_tiles import TilesSource
from cn_planner.terrain.surface import Surface

SHARED = Path(__file__).resolve().parents[2] / "shared" / "data"
SIDE = 3334  # cells of 30 m on 100 km


def used_s() -> float:
    """Return the processor's time of this process and of those that it waited for."""
    both = (resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    return sum(one.ru_utime + one.ru_stime for one in both)


def report(what: str, seconds: float, cpu_s: float, more: str = "") -> None:
    """Print one line."""
    print(f"| {what} | {seconds:.2f} s | {cpu_s:.2f} s | {more} |")


def base_map(app: QApplication) -> None:
    """Read, draw, and pan."""
    canvas = MapCanvas()
    canvas.resize(1440, 900)
    canvas.content.set_surface(Surface.open([SHARED / "terrain/N42E001.hgt.zip"]))
    canvas.go_to(42.507, 1.525, zoom=13.0, animated=False)
    canvas.show()
    wait_for_tiles(app, canvas)
    start, cpu = time.perf_counter(), used_s()
    layers = read_base_map(SHARED / "osm/andorra.osm.pbf")
    canvas.content.base_map.set_shapes(shapes_of(layers), "")
    canvas.content.place_names.set_places(layers["places"])
    canvas.grab()
    things = sum(len(one) for one in layers.values())
    report("andorra.osm.pbf to a drawn map", time.perf_counter() - start, used_s() - cpu, f"{things:,} things")
    for zoom in (12.0, 14.5):
        canvas.go_to(42.507, 1.525, zoom=zoom, animated=False)
        wait_for_tiles(app, canvas)
        times = pan(canvas, app, 120)
        print(
            f"| frame of a pan, zoom {zoom:g} | median {statistics.median(times):.1f} ms | | most {max(times):.0f} ms |"
        )
    canvas.content.base_map.set_shapes({}, "")
    path = SHARED / "basemap/protomaps_firenze.pmtiles"
    canvas.content.drawn.set_source(TilesSource(path, ""))
    for zoom in (12.0, 14.5):
        canvas.go_to(43.7696, 11.2558, zoom=zoom, animated=False)
        start = time.perf_counter()
        while not canvas.content.drawn.busy and time.perf_counter() < start + 5.0:
            app.processEvents()  # tiles are asked for once the view stands still
        wait_for_tiles(app, canvas)
        seconds = time.perf_counter() - start
        times = pan(canvas, app, 120)
        print(
            f"| the same over a town in vector tiles, zoom {zoom:g} | median {statistics.median(times):.1f} ms | | "
            f"most {max(times):.0f} ms; all tiles painted in {seconds:.1f} s |"
        )
    canvas.shutdown()


def buildings(rows: int, folder: Path) -> None:
    """Import a list of buildings by the command line."""
    draw = np.random.default_rng(1)
    path, plan = folder / "buildings.csv", folder / "b.cnplan.gpkg"
    with path.open("w", encoding="utf-8") as out:
        out.write("latitude,longitude,area_in_meters,confidence,geometry,full_plus_code\n")
        for row in range(rows):
            y, x = 2.5 + draw.random() * 0.9, 32.0 + draw.random() * 0.9
            ring = ", ".join(
                f"{x + a:.10f} {y + b:.10f}" for a, b in ((0, 0), (1e-4, 0), (1e-4, 1e-4), (0, 1e-4), (0, 0))
            )
            sure = 0.65 + draw.random() * 0.3
            out.write(f'{y:.8f},{x:.8f},{draw.random() * 200:.4f},{sure:.4f},"POLYGON(({ring}))",6GGJ{row:07d}+XX\n')
    program = [sys.executable, "-m", "cn_planner.cli.main"]
    subprocess.run([*program, "new", str(plan), "--name", "B", "--country", "UG"], check=True, capture_output=True)
    words = ["import", str(plan), str(path), "--as", "households", "--least", "confidence=0.75"]
    start, cpu = time.perf_counter(), used_s()
    subprocess.run([*program, *words], check=True, capture_output=True)
    most = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024
    report(f"{rows:,} buildings filtered and imported", time.perf_counter() - start, used_s() - cpu, f"{most:.0f} MB")


def pack(folder: Path) -> None:
    """Open a pack of 100 x 100 km."""
    tile = read_elevation(SHARED / "terrain/N42E001.hgt.zip").values
    at = np.linspace(0, 1199, SIDE)
    rough = np.random.default_rng(1).normal(0.0, 1.0, (SIDE, SIDE))
    values = (tile[np.ix_(at.astype(int), at.astype(int))] + rough).astype(np.float32)
    path = folder / "a.cnpack.gpkg"
    cell = 30.0 / 111_195.0
    grid = RasterGrid("a", values, "EPSG:4326", (cell, 0.0, 1.0, 0.0, -cell, 43.0), "EGM2008", "made up", "CC0")
    write_pack(path, grid, {}, {"name": "a"}, date="2026-11-26")
    start, cpu = time.perf_counter(), used_s()
    read_gridded(path, read_facts(path))
    size = f"{path.stat().st_size / 1e6:.0f} MB, {SIDE} x {SIDE} cells"
    report("a pack of 100 x 100 km opened whole", time.perf_counter() - start, used_s() - cpu, size)


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=1_000_000)
    rows = parser.parse_args().rows
    app = QApplication([])
    print("| work | clock | processor | |\n|---|---|---|---|")
    with tempfile.TemporaryDirectory() as name:
        pack(Path(name))
        buildings(rows, Path(name))
    base_map(app)


if __name__ == "__main__":
    main()
