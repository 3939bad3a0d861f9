"""The pictures of README.md and docs, from the same two plans: window, first page of the report, a tower's pack.

Usage: readme_pictures.py DATA_FOLDER [--to docs/images] [--work FOLDER] [--only towers]

Builds both plans by the command line from the real places of the data folder, as a person would, looks at each in the
window without a screen, and prints it. What a window says and what its page says are of one plan, for there is one.
"""

from __future__ import annotations

import argparse
import csv
import os
import subprocess
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

import numpy as np
import typst
from PySide6.QtCore import QEventLoop

from cn_planner.gui.app import application, make_window
from cn_planner.gui.settings import Settings
from cn_planner.jobs import close_pools
from cn_planner.service.path_view import PathEnd
from cn_planner.terrain.surface import Surface

if TYPE_CHECKING:
    from collections.abc import Callable

    from cn_planner.gui.window import MainWindow

PATIENCE_S = 300.0
SIZE = 1440, 900
DATE = "2026-11-26"
SQUARE_DEG = 0.05  # one hill in each square of 5.5 km
LEAST_HOMES = 10
SECONDS = 60


def run(*words: object) -> None:
    """Run one command of the program."""
    command = [sys.executable, "-m", "cn_planner.cli.main", *map(str, words)]
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL)  # noqa: S603 - our own words


def write(path: Path, columns: list[str], lines: list[list[object]]) -> Path:
    """Write a list as people have them."""
    with path.open("w", encoding="utf-8", newline="") as stream:
        csv.writer(stream).writerows([columns, *lines])
    return path


def rows(path: Path) -> list[dict[str, str]]:
    """Read a list."""
    with path.open(encoding="utf-8") as stream:
        return list(csv.DictReader(stream))


# NASA Surface Meteorology and Solar Energy, 22-year average at 42.075 north, 1.821 east.
SUN = (
    "sun.monthly_kwh_m2_day=1.81,2.77,3.92,4.66,5.44,6.28,6.56,5.67,4.51,2.96,2.00,1.56",
    "sun.source=NASA Surface Meteorology and Solar Energy, 42.075 1.821", "sun.date=22-year average",
)  # fmt: skip


def bergueda(data: Path, plan: Path) -> None:
    """Plan for the working nodes of Guifi.net's Berguedà, on its supernodes."""
    nodes = rows(data / "networks/bergueda_nodes.csv")
    links = [row for row in rows(data / "networks/bergueda_links.csv") if row["status"] == "Working"]
    joined = Counter(end for link in links for end in (link["from"], link["to"]))
    gateway = max(joined, key=lambda node: (joined[node], node))
    towers, homes = [], []
    for row in nodes:
        place: list[object] = [row["id"], row["latitude_deg"], row["longitude_deg"]]
        if row["kind"] == "Supernode":
            towers.append([*place, "gateway" if row["id"] == gateway else "candidate"])
        elif row["status"] == "Working":
            homes.append(place)
    dems = [data / "terrain" / name for name in ("N41E001.hgt.zip", "N42E001.hgt.zip")]
    planned(plan, ("Berguedà", "ES"), dems, towers, homes, ["canopy_m=0", *SUN])


def gulu(data: Path, plan: Path) -> None:
    """Plan for one building in forty of Gulu, on the highest ground of each square with homes, from the fullest one."""
    dem = data / "terrain/gulu_elevation_155m.tif"
    every = rows(data / "households/gulu_buildings.csv")[::40]
    places = np.array([[float(row["latitude_deg"]), float(row["longitude_deg"])] for row in every])
    homes: list[list[object]] = [[row["id"], *place] for row, place in zip(every, places.tolist(), strict=True)]
    surface = Surface.open([dem])
    squares = Counter(map(tuple, np.floor(places / SQUARE_DEG).astype(int).tolist()))
    most = max(squares, key=lambda key: (squares[key], key))
    towers: list[list[object]] = []
    for row, column in sorted(key for key, count in squares.items() if count >= LEAST_HOMES):
        fine = (np.arange(40) + 0.5) / 40.0 * SQUARE_DEG
        lats, lons = np.meshgrid(row * SQUARE_DEG + fine, column * SQUARE_DEG + fine, indexing="ij")
        height = np.nan_to_num(surface.heights(lats, lons), nan=-1.0)
        top = np.unravel_index(int(np.argmax(height)), height.shape)
        gateway = (row, column) == most
        name = "Town" if gateway else f"Hill {len(towers) + 1}"
        towers.append([name, float(lats[top]), float(lons[top]), "gateway" if gateway else "candidate"])
    name = "Gulu, one home in forty", "UG"
    planned(plan, name, [dem], towers, homes, ["canopy_m=8"])


def planned(
    plan: Path, name: tuple[str, str], dems: list[Path], towers: list[list[object]], homes: list[list[object]],
    settings: list[str],
) -> None:  # fmt: skip
    """Make a plan of these things by the command line."""
    place = ["id", "latitude", "longitude"]
    run("new", plan, "--name", name[0], "--country", name[1])
    run("terrain", plan, *dems)
    run("import", plan, write(plan.with_suffix(".sites.csv"), [*place, "role"], towers), "--as", "sites")
    run("import", plan, write(plan.with_suffix(".homes.csv"), place, homes), "--as", "households")
    if settings:
        run("set", plan, *settings)
    run("plan", plan, "--time-limit", SECONDS)


def page_one(plan: Path, picture: Path) -> None:
    """Print a plan, and keep its first page as it looks."""
    out = plan.parent / f"{plan.stem}-out"
    run("export", plan, "--to", out, "--date", DATE)
    report = min(out.glob("*.pdf"), key=lambda path: len(path.name))  # the cards and the tables say so behind its name
    keep_page(report, 1, picture)


def keep_page(document: Path, page: int, picture: Path, ppi: float = 96.0) -> None:
    """Keep one page of a document as it looks."""
    root = document.parent
    sheet = root / "page.typ"
    words = f'#set page("a4", margin: 0pt)\n#image("{document.name}", page: {page}, width: 100%)\n'
    sheet.write_text(words, encoding="utf-8")
    typst.compile(str(sheet), output=str(picture), root=str(root), format="png", ppi=ppi)


def tower_pages(plan: Path, folder: Path) -> None:
    """Keep two pages of the first tower's pack: its mast, and how its antennas are pointed."""
    out = plan.parent / f"{plan.stem}-towers"
    run("export", plan, "--to", out, "--date", DATE, "--formats", "towers")
    (document,) = out.glob("*-towers.pdf")
    for page, name in ((1, "tower-mast.png"), (3, "tower-align.png")):
        keep_page(document, page, folder / name, ppi=80.0)


def until(so: Callable[[], bool]) -> None:
    """Let the window work until something is so."""
    app, end = application(), time.monotonic() + PATIENCE_S
    while not so():
        if time.monotonic() > end:
            raise SystemExit("it takes too long")
        app.processEvents(QEventLoop.ProcessEventsFlag.AllEvents, 10)
    for _ in range(20):
        app.processEvents()


def opened(plan: Path, look: str) -> tuple[MainWindow, Callable[[], bool]]:
    """Return the window with a plan, and what says whether all is there that it shows of it."""
    application()
    settings = Settings(plan.with_suffix(".ini"))
    settings.set("look", look)
    settings.set("language", "en")
    settings.set("tour_seen", True)
    window = make_window(settings)
    window.resize(*SIZE)
    window.show()
    state = window.state

    def computed() -> bool:
        """Return whether everything that the window shows of the plan is there."""
        found, content = state.computed, window.regions.canvas.content
        built = {key for key, site in state.plan.sites.items() if site.in_network}
        return (
            found.service is not None
            and built <= set(found.coverage)
            and not (state.counting or state.jobs.active())
            and not (content.surface is None or content.tiles.busy)
        )

    state.open(plan)
    until(lambda: state.project is not None)
    until(computed)
    window.messages.clear()
    return window, computed


def proposed(folder: Path, picture: Path) -> None:
    """Keep a picture of the sample valley, planned for four homes in five, with a proposal that reaches them all."""
    from cn_planner.session.sample import open_sample

    with open_sample(folder) as project:
        if not project.plan.used_sites:
            project.make_plan(cover=0.8)
        plan = project.path
    window, computed = opened(plan, "light")
    window.state.proposals.plan(cover=1.0)
    until(lambda: window.state.proposals.now is not None)
    until(computed)
    window.regions.canvas.show_all(animated=False)
    until(computed)
    window.grab().save(str(picture))
    window.close()


def looked_at(plan: Path, picture: Path, look: str, *, link: bool) -> None:
    """Keep a picture of the window with a plan, a link of it selected where that is asked."""
    window, computed = opened(plan, look)
    state = window.state
    if link:
        one = max(state.plan.links.values(), key=lambda each: (each.to_site, each.from_site))
        a, b = (state.plan.sites[key] for key in (one.from_site, one.to_site))
        state.select("link", one.id)
        state.live_path(
            PathEnd(a.latitude, a.longitude, kind="site", id=a.id),
            PathEnd(b.latitude, b.longitude, kind="site", id=b.id),
        )
        until(computed)  # the profile has come, and the map is as high as it stays
        built = [site for site in state.plan.sites.values() if site.in_network]
        window.regions.canvas.show_places([(site.latitude, site.longitude) for site in built], animated=False)
    until(computed)
    window.grab().save(str(picture))
    window.close()


def main() -> int:
    """Make the pictures."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("data", type=Path)
    parser.add_argument("--to", type=Path, default=Path("docs/images"))
    parser.add_argument("--work", type=Path, help="where the plans stay; they are built where they are not there yet")
    parser.add_argument("--only", choices=["towers", "proposal"], help="these pictures alone")
    words = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        folder = words.work or Path(name)
        folder.mkdir(parents=True, exist_ok=True)
        if words.only in (None, "proposal"):
            proposed(folder / "sample", words.to / "proposal.png")
        plans = ((bergueda, "light", True), (gulu, "dark", False))
        for build, look, link in () if words.only == "proposal" else plans:
            plan = folder / f"{build.__name__}.cnplan.gpkg"
            if not plan.exists():
                build(words.data, plan)
            if link:
                tower_pages(plan, words.to)
            if words.only:
                break
            page_one(plan, words.to / f"{build.__name__}-page-1.png")
            looked_at(plan, words.to / f"window-{build.__name__}.png", look, link=link)
        close_pools()
    return 0


if __name__ == "__main__":
    sys.exit(main())
