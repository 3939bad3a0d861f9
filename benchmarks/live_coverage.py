"""How often a second coverage and homes follow the hand: one tower, 15 km, 30 m cells, dragged across its valley.

    python benchmarks/live_coverage.py [PLAN]

Without a plan it takes the sample valley and, where shared/data is beside the project, a window of Bergueda.
"""

from __future__ import annotations

import statistics
import sys
import tempfile
import time
from dataclasses import replace
from pathlib import Path

from cn_planner.geo import destination
from cn_planner.model.items import Items
from cn_planner.model.plan import Area, Household, Info, Plan, Site
from cn_planner.session.live import live_coverage, warm_up
from cn_planner.session.project import Project
from cn_planner.session.sample import open_sample

STEPS = 40
SHARED = Path(__file__).resolve().parents[2] / "shared" / "data"


def drag(name: str, project: Project, start: Site) -> None:
    snapshot = project.snapshot()
    begun = time.perf_counter()
    live_coverage(snapshot, start)
    first = time.perf_counter() - begun
    for what in ("place", "mast height", "azimuth"):
        seconds = []
        cells = homes = 0
        for step in range(STEPS):
            site = start
            if what == "place":
                lat, lon = destination(start.latitude, start.longitude, 9.0 * step, 40.0 * step)
                site = replace(start, latitude=lat, longitude=lon)
            elif what == "mast height":
                site = replace(start, mast_height_m=6.0 + 0.5 * step)
            elif site.sectors:
                site = replace(
                    start,
                    sectors=tuple(replace(one, azimuth_deg=(one.azimuth_deg + 3 * step) % 360) for one in site.sectors),
                )
            begun = time.perf_counter()
            found = live_coverage(snapshot, site)
            seconds.append(time.perf_counter() - begun)
            cells, homes = found.classes.size, len(found.homes)
        middle = statistics.median(seconds)
        print(
            f"{name}, {what}: {cells / 1e6:.2f} million cells, {len(snapshot.homes)} homes, {homes} reached; "
            f"first {first * 1000:.0f} ms, then median {middle * 1000:.0f} ms, worst {max(seconds) * 1000:.0f} ms: "
            f"{1 / middle:.0f} updates a second"
        )


def bergueda(folder: Path) -> Project | None:
    tiles = [file for name in ("N41E001", "N42E001") for file in (SHARED / "terrain").glob(f"{name}*")]
    if not tiles:
        return None
    site = Site("S", "Hill", 42.0975, 1.8452, mast_height_m=18.0)
    homes = [
        Household(f"h{n:05d}", "", *destination(site.latitude, site.longitude, n * 137.5 % 360.0, 60.0 * n**0.55))
        for n in range(1, 10_001)
    ]
    plan = Plan(info=Info(name="Bergueda"), area=Area(canopy_m=8.0), sites=Items([site]), households=Items(homes))
    project = Project.create(folder / "bergueda.cnplan.gpkg", plan)
    project.add_terrain(tiles)
    return project


def main() -> None:
    begun = time.perf_counter()
    warm_up()
    print(f"engine ready in {time.perf_counter() - begun:.1f} s")
    if len(sys.argv) > 1:
        with Project.open(Path(sys.argv[1])) as project:
            sites = project.plan.sites.values()
            drag("the plan", project, max(sites, key=lambda one: (len(one.sectors), one.id)))
        return
    with tempfile.TemporaryDirectory() as name:
        with open_sample(Path(name)) as project:
            drag("sample valley", project, replace(next(iter(project.plan.sites.values())), mast_height_m=18.0))
        project = bergueda(Path(name))
        if project is not None:
            with project:
                drag("Bergueda", project, project.plan.sites["S"])


if __name__ == "__main__":
    main()
