"""Coverage beside its bars and its peers, in one run.

    python benchmarks/coverage.py [DATA_FOLDER] [--path FOLDER] [--no-peers] [--slow] [--write]

DATA_FOLDER (shared/data beside the project where not given) holds bench/. The peers are `coverage_peers.NAMES`: looked
for in the folder of `--path`, then on PATH; one that is not installed is named as absent. `--slow` also runs those that
take a minute and more. `--lock` names a file that this and other benchmarks of the machine lock while they measure, so
that they wait for each other; each work takes it anew. `--only` runs one work. `--write` puts what was measured into
docs/benchmarks.md, in place of the section between its marks. A further work is one more function in `WORKS`.
"""

from __future__ import annotations

import argparse
import csv
import importlib
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
import tracemalloc
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

HERE = Path(__file__).resolve().parent
if __name__ != "__main__":
    # numba, in whatever script of this folder, looks for a package of that name and goes on without one.
    raise ImportError("a benchmark, not a package")

import coverage_peers as peer  # noqa: E402
import numpy as np  # noqa: E402
from coverage_table import Beside, Found, Row, locked, others_noted, seconds, section, write  # noqa: E402

from cn_planner.coverage.coverage_map import map_ground  # noqa: E402
from cn_planner.coverage.grid import CoverageSite, Ground, lay_ground  # noqa: E402
from cn_planner.coverage.map_models import GroundMap  # noqa: E402
from cn_planner.coverage.masks import seen_masks  # noqa: E402
from cn_planner.coverage.matrix import pair_matrix  # noqa: E402
from cn_planner.coverage.progressive import progressive_map  # noqa: E402
from cn_planner.geo import WGS84, destination, transform  # noqa: E402
from cn_planner.gis.raster import read_elevation  # noqa: E402
from cn_planner.jobs import tile_pool  # noqa: E402
from cn_planner.model.items import Items  # noqa: E402
from cn_planner.model.plan import Area, Household, Info, Plan, Site  # noqa: E402
from cn_planner.progress import Run  # noqa: E402
from cn_planner.session.live import live_coverage  # noqa: E402
from cn_planner.session.project import Project  # noqa: E402
from cn_planner.terrain.surface import Surface  # noqa: E402

if TYPE_CHECKING:
    from collections.abc import Callable

TOWER = CoverageSite("P", 44.5337828802817, -71.438886047362, 30.0)
EASTING, NORTHING = 306_225.0, 4_934_055.0
ASKED = 100_000
"""So many cells are held against the slow definition."""
SPENT_S = 4.0
"""Quick works are timed again for so long: other programs disturb some rounds and spare others."""
STEPS = 40
NEAR_M = 1_000.0
"""Losses of a peer's map are compared beyond: nearer, a pixel's width changes them."""


class Rounds(NamedTuple):
    """Least and median seconds of a work, processor seconds of a round, and its result."""

    best_s: float
    middle_s: float
    processor_s: float
    result: Any


@dataclass(frozen=True)
class Bench:
    """What every work needs."""

    data: Path
    peers: peer.Peers
    rounds: int
    slow: bool

    @property
    def dem(self) -> Path:
        """The terrain."""
        return self.data / "bench" / "utm30.tif"

    @property
    def arcsecond(self) -> Path:
        """That of 1 arc-second."""
        return self.data / "bench" / "1arcsec" / "N44W072.hgt.zip"

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

    def times(self, work: Callable[[], Any], rounds: int = 0) -> Rounds:
        """Time some rounds after one that warms up: so many, and quick ones for as long as `SPENT_S`."""
        result = work()
        taken: list[float] = []
        before = sum(os.times()[:4])
        while len(taken) < (rounds or self.rounds) or sum(taken) < min(SPENT_S, 20 * taken[0]):
            start = time.perf_counter()
            result = work()
            taken.append(time.perf_counter() - start)
        processor = (sum(os.times()[:4]) - before) / len(taken)
        return Rounds(min(taken), statistics.median(taken), processor, result)

    def row(
        self, work: str, sweep: Callable[[Any], Any], bar: float | None = None, stretch: float | None = None,
        rounds: int = 0,
    ) -> tuple[Row, Any]:  # fmt: skip
        """Time a work with all threads and with one; return its row and its result."""
        pool, single = tile_pool(), tile_pool(1)
        best, middle, processor, result = self.times(lambda: sweep(pool), rounds)
        one = self.times(lambda: sweep(single), max(1, (rounds or self.rounds) // 2)).best_s
        return Row(work, best, bar, stretch, one_thread=one, middle=middle, processor_s=processor), result


def definition() -> Callable[..., Any]:
    """Return the slow definition that the tests hold the kernels against: plain numpy, no code of the program."""
    sys.path.append(str(HERE.parent / "tests"))
    return importlib.import_module("coverage_exact").slow  # type: ignore[no-any-return]


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


def command(
    bench: Bench,
    work: str,
    dem: list[Path],
    words: list[object],
    bar: float | None = None,
    stretch: float | None = None,
) -> Row:
    """Return the row of a whole process, and of where its time goes what it tells itself."""
    with tempfile.TemporaryDirectory() as name:
        start = [sys.executable, "-c"]
        asked = [*start, "from cn_planner.cli.main import main; main()", "coverage", "--dem", *dem, "--site",
                 f"{TOWER.latitude},{TOWER.longitude},30", "--rx-height", 6, *words, "--out",
                 Path(name) / "o.tif"]  # fmt: skip
        whole = bench.times(lambda: peer.run(asked, cwd=HERE.parent))
        told = [
            subprocess.run([str(word) for word in (*asked, "--json")], cwd=HERE.parent, check=True,
                           capture_output=True, text=True).stdout
            for _ in range(bench.rounds)
        ]  # fmt: skip
        parts = min((json.loads(one)["seconds"] for one in told), key=lambda one: sum(one.values()))
        imports = "import cn_planner.cli.main, cn_planner.coverage.coverage_map, cn_planner.terrain.surface"
        loaded = bench.times(lambda: peer.run([*start, imports], cwd=HERE.parent)).best_s
    profile = f"Python, libraries and the program's own modules load in {seconds(loaded)}; by its own clock it then "
    profile += ", ".join(f"{does} for {seconds(parts[part])}" for part, does in
                         (("read", "reads"), ("compute", "computes"), ("write", "writes")))  # fmt: skip
    return Row(work, whole.best_s, bar, stretch, middle=whole.middle_s, processor_s=whole.processor_s, profile=profile)


def line_of_sight(bench: Bench) -> Found:
    """W1: one tower, 30 km, in process and by the command; how exact, also of cells within 2 m of grazing."""
    ground = bench.ground([TOWER], 30_000.0)
    what = "W1 line of sight, R 30 km"
    row, result = bench.row(what, lambda pool: map_ground(ground, rx_height_m=6.0, run=Run(pool)), 0.100, 0.060,
                            2 * bench.rounds)  # fmt: skip
    (at,) = ground.cells
    rows, cols = np.indices(ground.grid.shape)
    cells = np.argwhere(np.hypot(rows - at[0], cols - at[1]) * 30.0 <= 30_000.0)
    cells = cells[np.random.default_rng(1).permutation(len(cells))[:ASKED]]
    want = definition()(ground.heights_m, at, cells, 30.0, 30.0, 30.0, 6.0)
    grazing = np.abs(want.clearance_m) < 2.0

    def exact(answers: np.ndarray) -> tuple[float, float]:
        same = answers == want.seen
        return 100.0 * same.mean(), 100.0 * same[grazing].mean()

    def answer(file: Path) -> str:
        of_all, of_grazing = exact(on_ground(file, ground, cells))
        return f"{of_all:.2f} % of cells exact, {of_grazing:.1f} % of those within 2 m of grazing"

    found = Found([row])
    of_all, of_grazing = exact(result.bands[0][cells[:, 0], cells[:, 1]])
    above = memory_mb(lambda: map_ground(ground, rx_height_m=6.0, run=Run(tile_pool())))
    found.exact += [
        Row("W1, cells exact", of_all, 99.95, unit="%", more=True),
        Row("W1, those within 2 m of grazing", of_grazing, 95.0, unit="%", more=True),
        Row("W1, memory above the terrain", above, 150.0, unit="MB"),
    ]
    whole = command(bench, "W1 by the command, whole process", [bench.dem],
                    ["--radius-km", 30, "--model", "los"], 0.9, 0.5)  # fmt: skip
    found.speed.append(whole)
    place = (EASTING, NORTHING, 30.0)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        if program := bench.peers.program("GDAL"):
            out = folder / "gdal.tif"
            taken = bench.times(partial(peer.gdal, program, bench.dem, out, place, 30_000.0)).best_s
            found.beside.append(Beside(what, "gdal_viewshed", row.figure, taken, answer(out), 0.126, whole.figure))
        if program := bench.peers.program("GRASS"):
            taken, out = peer.grass(program, bench.dem, folder, [place], 30_000.0)
            found.beside.append(Beside(what, "GRASS r.viewshed", row.figure, taken, answer(out), 8.2, whole.figure))
        program = bench.peers.program("SPLAT! HD") if bench.slow else None
        if program:
            peer.splat_data(bench.peers, [bench.arcsecond], folder, antenna(), hd=True)
            taken = peer.splat_sight(program, folder, 30.0)
            found.beside.append(
                Beside(what, "SPLAT! HD, its 1 arc-second", row.figure, taken, "a picture only", 65.0, whole.figure)
            )
    return found


def antenna() -> peer.Tower:
    """Return the tower as the peers take it."""
    return peer.Tower(TOWER.latitude, TOWER.longitude, TOWER.height_m)


def many_towers(bench: Bench) -> Found:
    """W3: twenty towers, 15 km, counted, a bit mask of each kept; then one switched off."""
    towers = bench.towers()
    ground = bench.ground([site for site, _, _ in towers], 15_000.0)

    def count(pool: Any) -> Any:
        masks = seen_masks(ground, 6.0, run=Run(pool))
        return masks, masks.count()

    what = "W3 20 towers, R 15 km, count, masks kept"
    row, (masks, _) = bench.row(what, count, 0.300, 0.150, 2 * bench.rounds)
    counted = bench.times(masks.count).best_s
    row.profile = f"counting the bits {seconds(counted)}, the rest sweeps, retests and sets them"
    found = Found([
        row,
        Row("W3, one switched off and counted again", bench.times(lambda: masks.switched(3, False).count()).best_s),
        Row("W3, what the failure of each loses", bench.times(masks.lost_if_fails).best_s),
    ])  # fmt: skip
    places = [(east, north, site.height_m) for site, east, north in towers]
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        if program := bench.peers.program("GDAL"):
            taken = min(
                sum(peer.gdal(program, bench.dem, folder / "o.tif", place, 15_000.0) for place in places)
                for _ in range(2)
            )
            found.beside.append(Beside(what, "gdal_viewshed", row.figure, taken, "20 maps, not counted", 1.70))
        if program := bench.peers.program("GRASS"):
            taken, _ = peer.grass(program, bench.dem, folder, places, 15_000.0)
            found.beside.append(Beside(what, "GRASS r.viewshed", row.figure, taken, "20 maps, not counted", 39.0))
    return found


def pull(snapshot: Any, start: Site) -> list[float]:
    """Return the seconds of each coverage while a tower is dragged along a spiral."""
    taken = []
    for step in range(STEPS):
        lat, lon = destination(start.latitude, start.longitude, 9.0 * step, 40.0 * step)
        moved = Site("S", "Hill", lat, lon, mast_height_m=30.0)
        begun = time.perf_counter()
        live_coverage(snapshot, moved)
        taken.append(time.perf_counter() - begun)
    return taken


def drag(bench: Bench) -> Found:
    """One tower under the hand, R 15 km, 5,000 homes within it, every one judged."""
    start = Site("S", "Hill", TOWER.latitude, TOWER.longitude, mast_height_m=30.0)
    homes = [
        Household(f"h{n:05d}", "", *destination(start.latitude, start.longitude, n * 137.5 % 360.0, 210.0 * n**0.5))
        for n in range(1, 5_001)
    ]
    plan = Plan(info=Info(name="drag"), area=Area(canopy_m=8.0), sites=Items([start]), households=Items(homes))
    rows = []
    with tempfile.TemporaryDirectory() as name:
        for km in (15.0, 8.0):
            one = replace(plan, rules=replace(plan.rules, max_access_km=km))
            with Project.create(Path(name) / f"{km:g}.cnplan.gpkg", one) as project:
                project.add_terrain([bench.dem])
                snapshot = project.snapshot()
                live_coverage(snapshot, start)
                before = sum(os.times()[:2])
                rates = [1.0 / statistics.median(pull(snapshot, start)) for _ in range(bench.rounds)]
                processor = (sum(os.times()[:2]) - before) / (STEPS * len(rates))
            what = f"drag: one tower, R 15 km, 5,000 homes, links up to {km:g} km"
            rows.append(Row(what, max(rates), 25.0, 60.0, "a second", more=True, middle=statistics.median(rates),
                            processor_s=processor))  # fmt: skip
    return Found(rows)


def matrix(bench: Bench) -> Found:
    """200 sites and 5,000 homes in a square of 30 km: clearance of every pair, and of those within 15 km."""
    rng = np.random.default_rng(4)
    surface = Surface.open([bench.dem])

    def places(count: int) -> tuple[np.ndarray, np.ndarray]:
        east, north = (middle + rng.uniform(-15_000.0, 15_000.0, count) for middle in (EASTING, NORTHING))
        lon, lat = transform("EPSG:32619", WGS84, east, north)
        return np.asarray(lat), np.asarray(lon)

    first, second = places(200), places(5_000)
    rows = []
    for km, which in ((60.0, "every pair"), (15.0, "pairs within 15 km")):

        def pairs(pool: Any, km: float = km) -> Any:
            return pair_matrix(surface, first, second, [20.0], [5.0], 5800.0, max_km=km, loss=False, needs=False,
                               run=Run(pool))  # fmt: skip

        row, result = bench.row("matrix", pairs, 3.0, 1.0, bench.rounds)
        row.work = f"matrix 200 sites x 5,000 homes, clearance, {which} ({len(result):,})"
        rows.append(row)
    return Found(rows)


def first_picture(bench: Bench) -> Found:
    """The coarse picture of a map that is still being made, R 20 km, cells of 30 m, with the heights read."""
    surface, rows = Surface.open([bench.dem]), []
    for model in (GroundMap.LOS, "itm"):

        def once(model: str = model) -> float:
            seen: list[float] = []
            begun = time.perf_counter()
            progressive_map(
                surface, [TOWER], coarse=lambda _: seen.append(time.perf_counter() - begun), rx_height_m=6.0,
                radius_m=20_000.0, model=model, freq_mhz=5800.0, cell_m=30.0, run=Run(tile_pool()),
            )  # fmt: skip
            return seen[0]

        once()
        taken = [once() for _ in range(bench.rounds)]
        what = f"first picture of a map, {model}, R 20 km"
        rows.append(Row(what, min(taken), 0.300, middle=statistics.median(taken)))
    return Found(rows)


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


class Case(NamedTuple):
    """A map of one tower: what it is called, its model, terrain, radius, cell, bars, peers' resolution."""

    what: str
    model: str
    files: list[Path]
    km: float
    cell_m: float | None = None
    bar: float | None = None
    stretch: float | None = None
    hd: bool | None = None


def clear_maps(bench: Bench) -> Found:
    """W1f, and the map of least heights, which no bar is set for."""
    found = model_map(bench, Case("W1f Fresnel clearance, R 30 km", "fresnel", [bench.dem], 30.0, None, 0.300, 0.150))
    found.add(model_map(bench, Case("least receiver height, R 30 km", "min-height", [bench.dem], 30.0)))
    return found


def itm_fine(bench: Bench) -> Found:
    """W2a."""
    case = Case("W2a ITM, R 20 km, 1 arc-second", "itm", [bench.arcsecond], 20.0, 30.0, 3.0, 1.0, True)
    return model_map(bench, case)


def itm_coarse(bench: Bench) -> Found:
    """W2b."""
    with tempfile.TemporaryDirectory() as name:
        files = mirrored(bench.data / "bench" / "N44W072.hgt", Path(name))
        return model_map(bench, Case("W2b ITM, R 50 km, 3 arc-seconds", "itm", files, 50.0, 90.0, 2.0, 0.8, False))


def itu_maps(bench: Bench) -> Found:
    """W2c."""
    fine = [bench.arcsecond]
    found = model_map(bench, Case("W2c P.1812, R 20 km, 1 arc-second", "p1812", fine, 20.0, 30.0, 4.0, 1.5))
    found.add(model_map(bench, Case("W2c P.526, R 20 km, 1 arc-second", "p526", fine, 20.0, 30.0, 0.7, 0.3)))
    return found


def model_map(bench: Bench, case: Case) -> Found:
    """Return one map's time, how exact it is, and the peers' runs."""
    ground = lay_ground(Surface.open(case.files), [TOWER], case.km * 1e3, case.cell_m)

    def draw(pool: Any, **more: Any) -> Any:
        return map_ground(ground, rx_height_m=6.0, model=case.model, freq_mhz=5800.0, run=Run(pool), **more)

    row, result = bench.row(case.what, draw, case.bar, case.stretch)
    found = Found([row])
    ours, own = result.bands[0], draw(tile_pool(), exact=True).bands[0]
    known, short = np.isfinite(own), case.what.split(",", 1)[0]
    if case.model in {"fresnel", "min-height"}:
        limit = 0.6 if case.model == "fresnel" else 6.0
        right = ((ours >= limit) == (own >= limit))[known].mean()
        side = "of 0.6 F1" if case.model == "fresnel" else "of 6 m"
        found.exact.append(Row(f"{short}, cells on the right side {side}", 100.0 * right, unit="%", more=True))
        return found
    off = np.abs(ours - own)[known]
    found.exact += [
        Row(f"{short}, cells within 1 dB", 100.0 * (off <= 1.0).mean(), 95.0, unit="%", more=True),
        Row(f"{short}, rms", float(np.sqrt((off**2).mean())), 1.2, unit="dB"),
    ]
    if case.hd is not None:
        words: list[object] = ["--radius-km", case.km, "--model", case.model, "--freq-mhz", 5800, "--cell-m",
                               case.cell_m]  # fmt: skip
        whole = command(bench, f"{short} by the command, whole process", case.files, words)
        found.speed.append(whole)
        found.beside += loss_peers(bench, case, ground, ours, (row.figure, whole.figure))
    return found


def loss_peers(bench: Bench, case: Case, ground: Ground, ours: np.ndarray, ours_s: tuple[float, float]) -> list[Beside]:
    """Run SPLAT! and Signal-Server on a loss map, and hold their losses against ours."""
    end = " HD" if case.hd else ""
    found, rounds = [], max(1, bench.rounds // 2)
    if bench.peers.program(f"SPLAT!{end}") is None:
        return []  # Signal-Server's terrain is made by a tool that comes with it
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        peer.splat_data(bench.peers, case.files, folder, antenna(), hd=bool(case.hd))
        if program := bench.peers.program(f"SPLAT!{end}"):
            taken, losses = peer.splat(program, folder, case.km, rounds)
            answer = compared(losses, ground, ours, 3.0)
            found.append(
                Beside(case.what, f"SPLAT!{end}", ours_s[0], taken, answer, 10.8 if case.hd else 8.9, ours_s[1])
            )
        if program := bench.peers.program(f"Signal-Server{end}"):
            points = 3600 if case.hd else 1200
            best, told, painted = peer.signal_server(program, folder, antenna(), case.km, points, rounds)
            if painted is not None:
                told += f"; {compared(painted, ground, ours, 8.0)} (it paints steps of 10 dB)"
            set_s = 7.8 if case.hd else 5.1
            found.append(Beside(case.what, f"Signal-Server{end}", ours_s[0], best, told, set_s, ours_s[1]))
    return found


def compared(theirs: peer.Losses, ground: Ground, ours: np.ndarray, within_db: float) -> str:
    """Say how our losses differ from a peer's, at its places."""
    x, y = transform(WGS84, ground.grid.crs, theirs.longitude, theirs.latitude)
    row, col = (np.rint(at).astype(int) for at in ground.grid.to_cell(np.asarray(x), np.asarray(y)))
    inside = (row >= 0) & (row < ours.shape[0]) & (col >= 0) & (col < ours.shape[1])
    row, col, loss = row[inside], col[inside], theirs.loss_db[inside]
    far = np.hypot(row - ground.cells[0][0], col - ground.cells[0][1]) * ground.grid.cell_m >= NEAR_M
    off = ours[row, col] - loss
    off = off[far & np.isfinite(off)]
    share = 100.0 * (np.abs(off) <= within_db).mean()
    return f"ours less its losses: median {np.median(off):+.1f} dB, {share:.0f} % within {within_db:g} dB"


WORKS: tuple[Callable[[Bench], Found], ...] = (
    line_of_sight, clear_maps, itm_fine, itm_coarse, itu_maps, many_towers, drag, matrix, first_picture,
)  # fmt: skip


def main() -> None:
    words = argparse.ArgumentParser()
    words.add_argument("data", nargs="?", type=Path, default=HERE.parent.parent / "shared" / "data")
    words.add_argument("--path", default="", help="a folder to look for peers' programs in, before PATH")
    words.add_argument("--no-peers", action="store_true")
    words.add_argument("--slow", action="store_true", help="peers that take a minute and more, too")
    words.add_argument("--lock", type=Path, help="a file to lock while a work is measured")
    words.add_argument("--rounds", type=int, default=5)
    words.add_argument("--only", choices=[one.__name__ for one in WORKS])
    words.add_argument("--write", action="store_true", help="into docs/benchmarks.md")
    given = words.parse_args()
    if given.write and given.only:
        words.error("--write takes the place of the whole section, so it needs every work: leave --only out")
    peers = peer.Peers(given.path, not given.no_peers)
    bench = Bench(given.data, peers, given.rounds, given.slow)
    found = Found()
    for work in WORKS:
        if given.only in {None, work.__name__}:
            part = Found()
            with locked(given.lock), others_noted(part):
                part.add(work(bench))
            found.add(part)
            print(work.__name__, "done", file=sys.stderr, flush=True)
    text = section(found, peers.versions(), peers.absent())
    print(text)
    if given.write:
        write(text, HERE.parent / "docs" / "benchmarks.md")


if __name__ == "__main__":
    main()
