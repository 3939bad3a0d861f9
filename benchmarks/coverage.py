"""Coverage beside its peers, in one run: what each takes, how exact it is, and ours as a ratio.

    python benchmarks/coverage.py [DATA_FOLDER] [--no-peers] [--write]

DATA_FOLDER (shared/data beside the project where not given) holds bench/utm30.tif and bench/towers.csv. A peer that is
not installed is named as absent. `--write` puts the table into docs/benchmarks.md, between the marks of its section.

A further row is one more function in `WORKS`: it returns its `Row`.
"""

from __future__ import annotations

import argparse
import csv
import importlib.util
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
import tracemalloc
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

HERE = Path(__file__).resolve().parent
if __name__ != "__main__":
    # numba, in whatever script of this folder, looks for a package of that name and goes on without one.
    raise ImportError("a benchmark, not a package")

import numpy as np  # noqa: E402

from cn_planner.coverage.coverage_map import map_ground  # noqa: E402
from cn_planner.coverage.grid import CoverageSite, Ground, lay_ground  # noqa: E402
from cn_planner.coverage.masks import seen_masks  # noqa: E402
from cn_planner.coverage.matrix import pair_matrix  # noqa: E402
from cn_planner.geo import WGS84, destination, transform  # noqa: E402
from cn_planner.gis.raster import read_elevation  # noqa: E402
from cn_planner.jobs import tile_pool  # noqa: E402
from cn_planner.model.items import Items  # noqa: E402
from cn_planner.model.plan import Area, Household, Info, Plan, Site  # noqa: E402
from cn_planner.session.live import live_coverage  # noqa: E402
from cn_planner.session.project import Project  # noqa: E402
from cn_planner.terrain.surface import Surface  # noqa: E402

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

TOWER = CoverageSite("P", 44.5337828802817, -71.438886047362, 30.0)
EASTING, NORTHING = 306_225.0, 4_934_055.0
ASKED = 100_000
"""So many cells are held against the slow definition."""
BEGIN, END = "<!-- coverage: begin -->", "<!-- coverage: end -->"


@dataclass(frozen=True)
class Row:
    """One work: seconds of ours and of each peer, and what is asked for."""

    work: str
    ours_s: float
    bar: str
    stretch: str
    note: str = ""
    peers_s: dict[str, float] = field(default_factory=dict)

    def line(self) -> str:
        """Return it as a line of the table."""
        peers = "; ".join(f"{name} {s:.3g} s ({s / self.ours_s:.1f} times ours)" for name, s in self.peers_s.items())
        return f"| {self.work} | {self.ours_s:.3g} s | {self.bar} | {self.stretch} | {peers or '-'} | {self.note} |"


@dataclass(frozen=True)
class Bench:
    """What every work needs."""

    data: Path
    peers: bool

    @property
    def dem(self) -> Path:
        """The terrain."""
        return self.data / "bench" / "utm30.tif"

    def ground(self, sites: list[CoverageSite], radius_m: float) -> Ground:
        """Return it laid out for towers."""
        return lay_ground(Surface.open([self.dem]), sites, radius_m)

    def towers(self) -> list[tuple[CoverageSite, float, float]]:
        """Return the twenty towers, with easting and northing."""
        with (self.data / "bench" / "towers.csv").open(encoding="utf-8") as file:
            rows = list(csv.DictReader(file))
        east, north = ([float(row[name]) for row in rows] for name in ("easting", "northing"))
        lon, lat = transform("EPSG:32619", WGS84, east, north)
        return [
            (CoverageSite(row["id"], float(a), float(b), float(row["height_m"])), e, n)
            for row, a, b, e, n in zip(rows, lat, lon, east, north, strict=True)
        ]


def times_of(count: int, work: Callable[[], Any]) -> tuple[list[float], Any]:
    """Return seconds of some runs after one that warms up, least first, and the result."""
    result = work()
    seconds = []
    for _ in range(count):
        start = time.perf_counter()
        result = work()
        seconds.append(time.perf_counter() - start)
    return sorted(seconds), result


def run(words: Iterable[object], **more: Any) -> float:
    """Return the seconds of a process that must succeed."""
    start = time.perf_counter()
    subprocess.run([str(word) for word in words], check=True, stdout=subprocess.DEVNULL, **more)
    return time.perf_counter() - start


def gdal_words(dem: Path, out: Path, east: float, north: float, height_m: float, radius_m: float) -> list[object]:
    """Return the words of gdal_viewshed; 0.75 is its way to say k = 4/3."""
    return ["gdal_viewshed", "-q", "-ox", east, "-oy", north, "-oz", height_m, "-tz", 6, "-md", radius_m, "-cc", 0.75,
            dem, out]  # fmt: skip


def grass(dem: Path, folder: Path, places: list[tuple[float, float, float]], radius_m: float) -> tuple[float, Path]:
    """Return the seconds of r.viewshed, summed over towers, without reading the file, and the first one's raster."""
    out, clock = folder / "grass.tif", folder / "seconds.txt"
    lines = ["set -e", f"r.in.gdal -o input={dem} output=dem --quiet --overwrite", "g.region raster=dem",
             f"date +%s.%N > {clock}"]  # fmt: skip
    lines += [
        f"r.viewshed -c -r -b input=dem output=v{n} coordinates={east},{north} observer_elevation={height} "
        f"target_elevation=6 max_distance={radius_m} refraction_coeff=0.25 memory=2000 --quiet --overwrite"
        for n, (east, north, height) in enumerate(places)
    ]
    lines += [f"date +%s.%N >> {clock}", f"r.out.gdal input=v0 output={out} type=Int16 --quiet --overwrite"]
    script = folder / "viewshed.sh"
    script.write_text("\n".join(lines) + "\n", encoding="utf-8")
    env = {**os.environ, "GRASS_BATCH_JOB": "1"}
    run(["grass", "--text", "-c", "EPSG:32619", folder / "location", "--exec", "bash", script],
        stderr=subprocess.DEVNULL, env=env)  # fmt: skip
    begun, ended = map(float, clock.read_text(encoding="utf-8").split())
    return ended - begun, out


def definition() -> Callable[..., Any]:
    """Return the slow definition that the tests hold the kernels against: plain numpy, no code of the program."""
    path = HERE.parent / "tests" / "coverage_maps" / "conftest.py"
    spec = importlib.util.spec_from_file_location("slow_definition", path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module.slow  # type: ignore[no-any-return]


def on_ground(file: Path, ground: Ground, cells: np.ndarray) -> np.ndarray:
    """Return a peer's answers at cells: 1 where it says seen."""
    grid = read_elevation(file)
    a, _, c, _, e, f = grid.transform
    ga, _, gc, _, ge, gf = ground.grid.transform
    row = np.rint((ge * cells[:, 0] + gf - f) / e).astype(int)
    col = np.rint((ga * cells[:, 1] + gc - c) / a).astype(int)
    inside = (row >= 0) & (row < grid.values.shape[0]) & (col >= 0) & (col < grid.values.shape[1])
    found = np.zeros(len(cells), int)
    found[inside] = np.nan_to_num(grid.values[row[inside], col[inside]]) > 0
    return found


def memory_mb(work: Callable[[], Any]) -> float:
    """Return how much memory the arrays of a work take at most, MB."""
    tracemalloc.start()
    try:
        work()
        return tracemalloc.get_traced_memory()[1] / 1e6
    finally:
        tracemalloc.stop()


def line_of_sight(bench: Bench) -> list[Row]:
    """W1: one tower, 30 km, in process and by the command; how exact, also of cells within 2 m of grazing."""
    ground, pool = bench.ground([TOWER], 30_000.0), tile_pool()

    def sweep() -> Any:
        return map_ground(ground, rx_height_m=6.0, pool=pool)

    seconds, found = times_of(7, sweep)
    (at,) = ground.cells
    rows, cols = np.indices(ground.grid.shape)
    cells = np.argwhere(np.hypot(rows - at[0], cols - at[1]) * 30.0 <= 30_000.0)
    cells = cells[np.random.default_rng(1).permutation(len(cells))[:ASKED]]
    want = definition()(ground.heights_m, at, cells, 30.0, 30.0, 30.0, 6.0)
    grazing = np.abs(want.clearance_m) < 2.0

    def exact(answers: np.ndarray) -> str:
        same = answers == want.seen
        return f"{100 * same.mean():.2f} % of all, {100 * same[grazing].mean():.1f} % of grazing cells exact"

    note = f"{exact(found.bands[0][cells[:, 0], cells[:, 1]])}; {memory_mb(sweep):.0f} MB above the terrain"
    peers: dict[str, float] = {}
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        if bench.peers and shutil.which("gdal_viewshed"):
            out = folder / "gdal.tif"
            words = gdal_words(bench.dem, out, EASTING, NORTHING, 30.0, 30_000.0)
            peers["gdal_viewshed"] = times_of(3, lambda: run(words))[0][0]
            note += f"; GDAL {exact(on_ground(out, ground, cells))}"
        if bench.peers and shutil.which("grass"):
            peers["GRASS r.viewshed"], out = grass(bench.dem, folder, [(EASTING, NORTHING, 30.0)], 30_000.0)
            note += f"; GRASS {exact(on_ground(out, ground, cells))}"
        command = [
            sys.executable, "-c", "from cn_planner.cli.main import main; main()", "coverage", "--dem", bench.dem,
            "--site", f"{TOWER.latitude},{TOWER.longitude},30", "--rx-height", 6, "--radius-km", 30, "--model", "los",
            "--out", folder / "o.tif",
        ]  # fmt: skip
        whole = times_of(3, lambda: run(command, cwd=HERE.parent, stderr=subprocess.DEVNULL))[0][0]
    return [
        Row("W1 line of sight, R 30 km, in process", seconds[0], "0.100 s", "0.060 s", note, peers),
        Row("W1 by the command, whole process", whole, "0.9 s", "0.5 s", "", peers),
    ]


def many_towers(bench: Bench) -> list[Row]:
    """W3: twenty towers, 15 km, counted, a bit mask of each kept; then one switched off."""
    towers = bench.towers()
    ground, pool = bench.ground([site for site, _, _ in towers], 15_000.0), tile_pool()

    def count() -> Any:
        masks = seen_masks(ground, 6.0, pool=pool)
        return masks, masks.count()

    seconds, (masks, _) = times_of(5, count)
    switched = times_of(5, lambda: masks.switched(3, False).count())[0][0]
    failed = times_of(5, masks.lost_if_fails)[0][0]
    peers: dict[str, float] = {}
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        if bench.peers and shutil.which("gdal_viewshed"):
            peers["gdal_viewshed"] = sum(
                run(gdal_words(bench.dem, folder / "o.tif", east, north, site.height_m, 15_000.0))
                for site, east, north in towers
            )
        if bench.peers and shutil.which("grass"):
            places = [(east, north, site.height_m) for site, east, north in towers]
            peers["GRASS r.viewshed"], _ = grass(bench.dem, folder, places, 15_000.0)
    note = f"one switched off and counted again {1e3 * switched:.0f} ms; what each one's failure loses "
    note += f"{1e3 * failed:.0f} ms"
    return [Row("W3 20 towers, R 15 km, count, masks kept", seconds[0], "0.300 s", "0.150 s", note, peers)]


def drag(bench: Bench) -> list[Row]:
    """One tower under the hand, R 15 km, 5,000 homes within it, every one judged."""
    start = Site("S", "Hill", TOWER.latitude, TOWER.longitude, mast_height_m=30.0)
    homes = [
        Household(f"h{n:05d}", "", *destination(start.latitude, start.longitude, n * 137.5 % 360.0, 210.0 * n**0.5))
        for n in range(1, 5_001)
    ]
    plan = Plan(info=Info(name="drag"), area=Area(canopy_m=8.0), sites=Items([start]), households=Items(homes))
    rows = []
    with tempfile.TemporaryDirectory() as name:
        for km in (plan.rules.max_access_km, 15.0):
            one = replace(plan, rules=replace(plan.rules, max_access_km=km))
            with Project.create(Path(name) / f"{km:g}.cnplan.gpkg", one) as project:
                project.add_terrain([bench.dem])
                snapshot = project.snapshot()
                live_coverage(snapshot, start)
                seconds = []
                for step in range(40):
                    lat, lon = destination(start.latitude, start.longitude, 9.0 * step, 40.0 * step)
                    moved = Site("S", "Hill", lat, lon, mast_height_m=30.0)
                    begun = time.perf_counter()
                    live_coverage(snapshot, moved)
                    seconds.append(time.perf_counter() - begun)
            middle = statistics.median(seconds)
            what = f"drag: one tower, R 15 km, 5,000 homes, links up to {km:g} km"
            rows.append(Row(what, middle, "25 a second", "60 a second", f"{1 / middle:.0f} a second"))
    return rows


def matrix(bench: Bench) -> list[Row]:
    """200 sites and 5,000 homes in a square of 30 km: clearance of every pair, and of those within 15 km."""
    rng = np.random.default_rng(4)
    surface, pool = Surface.open([bench.dem]), tile_pool()

    def places(count: int) -> tuple[np.ndarray, np.ndarray]:
        east, north = (middle + rng.uniform(-15_000.0, 15_000.0, count) for middle in (EASTING, NORTHING))
        lon, lat = transform("EPSG:32619", WGS84, east, north)
        return np.asarray(lat), np.asarray(lon)

    first, second = places(200), places(5_000)
    rows = []
    for km, which in ((15.0, "within 15 km"), (60.0, "all")):
        seconds, found = times_of(
            1,
            lambda km=km: pair_matrix(  # type: ignore[misc]
                surface, first, second, [20.0], [5.0], 5800.0, max_km=km, loss=False, needs=False, pool=pool
            ),
        )
        note = f"{len(found):,} pairs of {found.distance_m.mean() / 1e3:.1f} km"
        rows.append(Row(f"matrix 200 x 5,000, clearance, {which}", seconds[0], "3 s", "1 s", note))
    return rows


def mirrored(tile: Path, folder: Path) -> list[Path]:
    """Write a 3 arc-second tile and its mirror images round it, nine in all, so that edges meet; return the files."""
    heights = np.fromfile(tile, ">i2").reshape(1201, 1201)
    files = []
    for north in (-1, 0, 1):
        for east in (-1, 0, 1):
            image = heights[:: -1 if north else 1, :: -1 if east else 1]
            files.append(folder / f"N{44 + north}W{72 - east:03d}.hgt")
            image.tofile(files[-1])
    return files


def models(bench: Bench) -> list[Row]:
    """Fresnel clearance, least height and loss maps of one tower; losses against each cell's own profile."""
    pool, rows = tile_pool(), []
    with tempfile.TemporaryDirectory() as name:
        coarse = mirrored(bench.data / "bench" / "N44W072.hgt", Path(name))
        arcsecond = bench.data / "bench" / "1arcsec" / "N44W072.hgt.zip"
        for what, model, files, km, cell_m, bar, stretch, peers in (
            ("W1f Fresnel clearance, R 30 km", "fresnel", [bench.dem], 30.0, None, "0.300 s", "0.150 s", {}),
            ("least receiver height, R 30 km", "min-height", [bench.dem], 30.0, None, "-", "-", {}),
            ("W2a ITM, R 20 km, 1 arc-second", "itm", [arcsecond], 20.0, 30.0, "3 s", "1 s", W2A_PEERS),
            ("W2b ITM, R 50 km, 3 arc-seconds", "itm", coarse, 50.0, 90.0, "2 s", "0.8 s", W2B_PEERS),
            ("W2c P.1812, R 20 km, 1 arc-second", "p1812", [arcsecond], 20.0, 30.0, "4 s", "1.5 s", {}),
            ("W2c P.526, R 20 km, 1 arc-second", "p526", [arcsecond], 20.0, 30.0, "0.7 s", "0.3 s", {}),
        ):
            ground = lay_ground(Surface.open(files), [TOWER], km * 1e3, cell_m)
            options: dict[str, Any] = {"rx_height_m": 6.0, "model": model, "freq_mhz": 5800.0, "pool": pool}
            begun = time.process_time()
            seconds, found = times_of(4, lambda g=ground, o=options: map_ground(g, **o))  # type: ignore[misc]
            processor = (time.process_time() - begun) / 5.0
            own = map_ground(ground, exact=True, **options).bands[0]
            off = np.abs(found.bands[0] - own)[np.isfinite(own)]
            if model in {"fresnel", "min-height"}:
                limit = 0.6 if model == "fresnel" else 6.0
                wrong = ((found.bands[0] >= limit) != (own >= limit))[np.isfinite(own)].mean()
                exact = f"{100 * wrong:.2f} % on the wrong side of {limit:g}"
            else:
                exact = f"{100 * (off <= 1.0).mean():.1f} % within 1 dB, {np.sqrt((off**2).mean()):.2f} dB rms"
            note = f"{found.cells:,} cells; {exact}; {processor:.2f} s of processor"
            rows.append(Row(what, seconds[0], bar, stretch, note, peers))
    return rows


W2A_PEERS = {"SPLAT! HD (measured apart)": 10.8, "Signal-Server (measured apart)": 7.8}
W2B_PEERS = {"SPLAT! (measured apart)": 8.9, "Signal-Server (measured apart)": 5.1}
WORKS: tuple[Callable[[Bench], list[Row]], ...] = (line_of_sight, models, many_towers, drag, matrix)


def section(rows: list[Row], peers: bool) -> str:
    """Return the section of docs/benchmarks.md."""
    absent = [name for name in ("gdal_viewshed", "grass") if peers and shutil.which(name) is None]
    lines = [
        BEGIN,
        "## Coverage",
        "",
        "    python benchmarks/coverage.py --write",
        "",
        f"Two cores, Python {sys.version_info.major}.{sys.version_info.minor}; ours and the peers in one run, each",
        "the best of some rounds. Exactness is against the slow definition in plain numpy on",
        f"{ASKED:,} cells. SPLAT! was measured apart on the same view: 65 s.",
        *([f"Not installed, so not run: {', '.join(absent)}."] if absent else []),
        "",
        "| work | ours | at most | better | peers | |",
        "|---|---|---|---|---|---|",
        *(row.line() for row in rows),
        END,
    ]
    return "\n".join(lines)


def write(text: str, path: Path) -> None:
    """Put the section in place of the one between its marks, or at the end."""
    whole = path.read_text(encoding="utf-8") if path.exists() else "# Benchmarks\n"
    if BEGIN in whole and END in whole:
        before, after = whole[: whole.index(BEGIN)], whole[whole.index(END) + len(END) :]
        path.write_text(before + text + after, encoding="utf-8")
    else:
        path.write_text(f"{whole.rstrip()}\n\n{text}\n", encoding="utf-8")


def main() -> None:
    words = argparse.ArgumentParser()
    words.add_argument("data", nargs="?", type=Path, default=HERE.parent.parent / "shared" / "data")
    words.add_argument("--no-peers", action="store_true")
    words.add_argument("--only", choices=[one.__name__ for one in WORKS])
    words.add_argument("--write", action="store_true")
    given = words.parse_args()
    bench = Bench(given.data, not given.no_peers)
    rows = []
    for one in WORKS:
        if given.only in {None, one.__name__}:
            found = one(bench)
            rows += found
            print("\n".join(row.line() for row in found), flush=True)
    if given.write:
        write(section(rows, bench.peers), HERE.parent / "docs" / "benchmarks.md")


if __name__ == "__main__":
    main()
