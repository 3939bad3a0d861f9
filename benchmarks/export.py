"""What the files of a large plan take: 50 sites, 500 homes, 60 links on 40 km of made-up hills, every format.

Run: ``python benchmarks/export.py [--keep DIR] [--rounds N]``. Bars: the whole export within 20 s, no process over
700 MB, the PDF under 10 MB. The first round of a fresh installation compiles, which is not counted: one export goes
before. It runs on as many threads as the command gives it. Seconds are those of the clock and of the processors. What
the program and the process that sets the pages take together is told beside the larger of them.
"""

from __future__ import annotations

import argparse
import os
import resource
import sys
import tempfile
import threading
import time
from pathlib import Path

import numpy as np

from cn_planner.export.files import FORMATS
from cn_planner.geo import WGS84, transform
from cn_planner.gis.raster_write import write_geotiff
from cn_planner.jobs import run_on
from cn_planner.model.items import Items
from cn_planner.model.plan import Area, Household, Info, Link, Plan, PowerSource, Sector, Site, SiteRole, Uplink
from cn_planner.session.project import SUFFIX, Project

SITES, HOMES, LINKS = 50, 500, 60
MOST_S, MOST_MB, MOST_PDF_MB = 20.0, 700.0, 10.0
CRS, CELL_M, SIDE = "EPSG:32636", 30.0, 1400
WEST_M, NORTH_M = 480_000.0, 340_000.0


def hills() -> np.ndarray:
    """Return made-up ground: waves of falling length, the same each time."""
    y, x = np.mgrid[0:SIDE, 0:SIDE] * CELL_M
    rng, ground = np.random.default_rng(8), np.full((SIDE, SIDE), 1100.0)
    for length_m, height_m in ((16_000, 160), (6_000, 70), (2_200, 25), (700, 7), (230, 2)):
        for _ in range(3):
            turn, phase = rng.uniform(0, np.pi), rng.uniform(0, 2 * np.pi)
            ground += height_m * np.sin((x * np.cos(turn) + y * np.sin(turn)) * 2 * np.pi / length_m + phase)
    return ground.astype(np.float32)


def made_up(ground: np.ndarray) -> Plan:
    """Return a plan of towers on hilltops, each linked to its nearest that stand already, homes round them."""
    rng = np.random.default_rng(50)
    spots = []
    for row in range(7):
        for column in range(8):
            top, left = 60 + row * 185, 60 + column * 162
            block = ground[top : top + 120, left : left + 110]
            r, c = np.unravel_index(int(block.argmax()), block.shape)
            spots.append((WEST_M + (left + c) * CELL_M, NORTH_M - (top + r) * CELL_M))
    places = np.array(spots[:SITES])
    longitude, latitude = transform(CRS, WGS84, places[:, 0], places[:, 1])
    sites = [
        Site(
            f"T{i:02d}", f"Hill {i}", float(latitude[i]), float(longitude[i]), mast_height_m=18.0 + 6.0 * (i % 3),
            role=SiteRole.GATEWAY if i in {20, 36} else SiteRole.CANDIDATE, power=PowerSource.SOLAR,
            uplink=Uplink() if i in {20, 36} else None,
            sectors=tuple(Sector(f"T{i:02d}-{n}", "village-sector-5ghz", 120.0 * n) for n in range(3)),
        )
        for i in range(SITES)
    ]  # fmt: skip
    away = np.hypot(*(places[:, None] - places[None]).transpose(2, 0, 1))
    pairs = {
        tuple(sorted((i, int(np.argmin(np.where(np.arange(SITES) < i, away[i], np.inf)))))) for i in range(1, SITES)
    }
    nearest = sorted(
        ((away[i, j], i, j) for i in range(SITES) for j in range(i + 1, SITES) if (i, j) not in pairs),
    )
    pairs |= {(i, j) for _, i, j in nearest[: LINKS - len(pairs)]}
    links = [Link(f"L{i:02d}-{j:02d}", f"T{i:02d}", f"T{j:02d}") for i, j in sorted(pairs)]
    turn, far = rng.uniform(0.0, 2.0 * np.pi, HOMES), rng.uniform(800.0, 3000.0, HOMES)
    around = places[np.arange(HOMES) % SITES] + np.column_stack([far * np.cos(turn), far * np.sin(turn)])
    home_longitude, home_latitude = transform(CRS, WGS84, around[:, 0], around[:, 1])
    homes = [
        Household(f"H{n:03d}", f"House {n}", float(a), float(o), server=f"T{n % SITES:02d}")
        for n, (a, o) in enumerate(zip(home_latitude, home_longitude, strict=True))
    ]
    info = Info(name="Fifty towers", currency="UGX", country="UG", invented=True, secret="0" * 32)
    return Plan(info=info, area=Area(canopy_m=3.0), sites=Items(sites), households=Items(homes), links=Items(links))


class Memory(threading.Thread):
    """Looks every 20 ms what the program and the processes that it started take together (Linux)."""

    def __init__(self) -> None:
        super().__init__(daemon=True)
        self.peak_mb = self.together_mb = 0.0
        self.over = threading.Event()

    def run(self) -> None:
        """Look until told to stop."""
        own = os.getpid()
        while not self.over.wait(0.02):
            children = [
                one for path in Path(f"/proc/{own}/task").glob("*/children") for one in self._read(path).split()
            ]
            each = [self._mb(process) for process in (str(own), *children)]
            self.peak_mb, self.together_mb = max(self.peak_mb, *each), max(self.together_mb, sum(each))

    @staticmethod
    def _read(path: Path) -> str:
        try:
            return path.read_text()
        except OSError:  # it has ended
            return ""

    @classmethod
    def _mb(cls, process: str) -> float:
        text = cls._read(Path(f"/proc/{process}/status"))
        return next((int(line.split()[1]) / 1024 for line in text.splitlines() if line.startswith("VmRSS")), 0.0)


def _started() -> float:
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def main() -> int:
    """Print the figures; return 1 where a bar is not kept."""
    words = argparse.ArgumentParser(description=__doc__)
    words.add_argument("--keep", type=Path, metavar="DIR", help="where the files stay")
    words.add_argument("--rounds", type=int, default=1)
    asked = words.parse_args()
    with tempfile.TemporaryDirectory() as name:
        folder = asked.keep or Path(name)
        folder.mkdir(parents=True, exist_ok=True)
        ground = hills()
        dem, plan_path = folder / "hills.tif", folder / f"fifty{SUFFIX}"
        write_geotiff(dem, ground, CRS, (CELL_M, 0.0, WEST_M, 0.0, -CELL_M, NORTH_M), None)
        plan_path.unlink(missing_ok=True)
        with Project.create(plan_path, made_up(ground)) as project:
            project.add_terrain([dem])
            project.export(folder, ("csv",), date="2026-11-12", run=run_on())
            kept = True
            memory = Memory()
            memory.start()
            for _ in range(asked.rounds):
                clock, processor, others = time.perf_counter(), time.process_time(), _started()
                written = project.export(folder, date="2026-11-12", run=run_on())
                clock, processor = time.perf_counter() - clock, time.process_time() - processor
                kept &= clock <= MOST_S
                print(f"all {len(FORMATS.names())} formats: {clock:5.1f} s (at most {MOST_S:.0f} s)")
                print(f"  processors: {processor:.1f} s, and {_started() - others:.1f} s of what was started")
            memory.over.set()
        for path in written:
            if path.parent == folder:
                print(f"  {path.stat().st_size / 1e6:6.2f} MB  {path.name}")
        pdf_mb = max(path.stat().st_size for path in written if path.suffix == ".pdf") / 1e6
        print(f"memory {memory.peak_mb:.0f} MB (at most {MOST_MB:.0f} MB), together {memory.together_mb:.0f} MB")
        print(f"PDF {pdf_mb:.1f} MB (under {MOST_PDF_MB:.0f} MB)")
    return 0 if kept and memory.peak_mb <= MOST_MB and pdf_mb < MOST_PDF_MB else 1


if __name__ == "__main__":
    sys.exit(main())
