"""The pictures of the papers: both pages for the assembly, the proposal's budget, two links of the network book.

All of the invented valley.

Usage: paper_pictures.py [--to docs/images] [--work FOLDER]

The valley is planned, what only people know is answered as an example, and the papers are written by the command line.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from pathlib import Path

from readme_pictures import keep_page, run

from cn_planner.area.sample import make_sample
from cn_planner.gis.raster_write import write_geotiff
from cn_planner.jobs import close_pools
from cn_planner.session.project import Project

DATE = "2026-11-28"
PPI = 80.0
ANSWERS = (
    "costs.fee_month=8", "costs.uptake_pct=60", "costs.income_month=250", "costs.grant=40000", "costs.loan=10000",
    "costs.loan_interest_pct=9", "costs.wages_month=120", "costs.site_rent_month=10", "work.volunteer_pct=30",
    "purpose.aim=Lessons, a doctor by video, and work for young people who stay.", "purpose.start=2027-01-04",
    "purpose.body=Vila cooperative", "purpose.keepers=2", "purpose.keepers_women=1", "purpose.repair_days=2",
    "purpose.grant_from=Regional fund", "purpose.grant_state=applied", "purpose.loan_from=Savings bank",
    "purpose.loan_state=offered", "purpose.no_climb_months=11,12",
)  # fmt: skip
PAGES = (
    ("assembly", 1, "assembly-1"), ("assembly", 2, "assembly-2"), ("proposal", 3, "proposal-budget"),
    ("network", 2, "network-links"),
)  # fmt: skip


def planned(folder: Path) -> Path:
    """Return the plan of the valley, with its answers and its comparison of cost against homes."""
    plan = folder / "papers.cnplan.gpkg"
    if plan.exists():
        return plan
    valley, ground = make_sample(), folder / "papers-terrain.tif"
    write_geotiff(ground, valley.elevation_m, valley.crs, valley.transform, nodata=float("nan"))
    with Project.create(plan, valley.plan) as project:
        project.add_terrain([ground])
        project.make_plan()
    run("set", plan, *ANSWERS)
    run("tradeoff", plan, "--points", 8, "--keep")
    return plan


def main() -> int:
    """Make the pictures."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--to", type=Path, default=Path("docs/images"))
    parser.add_argument("--work", type=Path, help="where the plan stays; it is made where it is not there yet")
    words = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        folder = words.work or Path(name)
        folder.mkdir(parents=True, exist_ok=True)
        out = folder / "out"
        run("export", planned(folder), "--to", out, "--date", DATE, "--formats", "assembly,proposal,network")
        for key, page, picture in PAGES:
            keep_page(next(out.glob(f"*-{key}.pdf")), page, words.to / f"{picture}.png", ppi=PPI)
        close_pools()
    return 0


if __name__ == "__main__":
    sys.exit(main())
