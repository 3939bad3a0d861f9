"""Coverage: what one tower and twenty take, beside gdal_viewshed where it is installed.

    python benchmarks/coverage_maps.py DATA_FOLDER

DATA_FOLDER holds bench/utm30.tif and bench/towers.csv.
"""

from __future__ import annotations

import csv
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

from cn_planner.coverage.coverage_map import map_ground
from cn_planner.coverage.grid import CoverageSite, lay_ground
from cn_planner.geo import WGS84, transform
from cn_planner.jobs import tile_pool
from cn_planner.terrain.surface import Surface

if TYPE_CHECKING:
    from collections.abc import Callable

TOWER = CoverageSite("P", 44.5337828802817, -71.438886047362, 30.0)


def best_of(count: int, work: Callable[[], Any]) -> tuple[float, Any]:
    """Return the least seconds of some runs after one that warms up, and the result."""
    result = work()
    times = []
    for _ in range(count):
        start = time.perf_counter()
        result = work()
        times.append(time.perf_counter() - start)
    return min(times), result


def main() -> None:
    # numba looks for a package called coverage, and would take this file for it.
    sys.path[:] = [p for p in sys.path if Path(p).resolve() != Path(__file__).resolve().parent]
    data = Path(sys.argv[1]) / "bench"
    pool = tile_pool()
    surface = Surface.open([data / "utm30.tif"])
    ground = lay_ground(surface, [TOWER], 30_000.0)
    seconds, swept = best_of(5, lambda: map_ground(ground, rx_height_m=6.0, pool=pool))
    exact = map_ground(ground, rx_height_m=6.0, exact=True, pool=pool)
    same = 1.0 - (swept.bands != exact.bands).sum() / swept.cells
    print(f"W1 line of sight, {swept.cells} cells: {seconds:.3f} s (bar 0.100), {100 * same:.3f} % exact")
    for model in ("fresnel", "min-height", "p526"):
        near = lay_ground(surface, [TOWER], 15_000.0)
        seconds, _ = best_of(
            1, lambda m=model, g=near: map_ground(g, rx_height_m=6.0, model=m, freq_mhz=5800.0, pool=pool)
        )
        print(f"{model}, R 15 km: {seconds:.3f} s")
    with (data / "towers.csv").open() as file:
        rows = list(csv.DictReader(file))
    lon, lat = transform("EPSG:32619", WGS84, [float(r["easting"]) for r in rows], [float(r["northing"]) for r in rows])
    towers = [CoverageSite(r["id"], a, b, float(r["height_m"])) for r, a, b in zip(rows, lat, lon, strict=True)]
    many = lay_ground(surface, towers, 15_000.0)
    seconds, _ = best_of(3, lambda: map_ground(many, rx_height_m=6.0, combine="count", pool=pool))
    print(f"W3 20 towers, count: {seconds:.3f} s (bar 0.300)")
    peer = shutil.which("gdal_viewshed")
    if peer is None:
        print("gdal_viewshed is not installed: no peer was run")
        return
    with tempfile.TemporaryDirectory() as folder:
        words = [peer, "-q", "-ox", "306225", "-oy", "4934055", "-oz", "30", "-tz", "6", "-md", "30000", "-cc", "0.75"]
        seconds, _ = best_of(3, lambda: subprocess.run([*words, data / "utm30.tif", f"{folder}/o.tif"], check=True))
        print(f"gdal_viewshed, whole process: {seconds:.3f} s")


if __name__ == "__main__":
    main()
