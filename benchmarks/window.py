"""The window: its start with the sample, an edit, a drag, a pan, and the memory that it holds.

    python benchmarks/window.py [--rounds 5] [--homes 100000]

The bars: started in 1.0 s (median); from an edit to the redrawn window 50 ms; 10 coverages a second under the hand,
with a job beside as well; under 400 MB with the sample; with 100,000 homes and four overlays a median frame of 25 ms,
under 1 GB.
"""

from __future__ import annotations

import argparse
import os
import statistics
import subprocess
import sys
import tempfile
import time
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

from map_canvas import figures, overlay, pan, wait_for_tiles
from window_watchdog import many_homes, memory_mb

from cn_planner.gui.app import application, make_window
from cn_planner.gui.collector import Collector
from cn_planner.gui.settings import Settings
from cn_planner.jobs import close_pools
from cn_planner.model.edits import put
from cn_planner.session.coverage import peak_mb
from cn_planner.session.sample import open_sample

if TYPE_CHECKING:
    from PySide6.QtWidgets import QApplication

    from cn_planner.gui.window import MainWindow

_CHILD = """
import sys, time
from pathlib import Path
from cn_planner.gui.app import application, make_window
from cn_planner.gui.settings import Settings
app = application()
window = make_window(Settings(Path(sys.argv[2])))
window.show()
window.state.open(Path(sys.argv[1]))
while window.state.project is None or window.regions.canvas.content.surface is None:
    app.processEvents()
window.repaint()
app.processEvents()
print(time.time())
window.close()
"""


def start_up(plan: Path, folder: Path, rounds: int) -> list[float]:
    """Return seconds from the start of the process to the plan drawn on its terrain."""
    times = []
    for _ in range(rounds):
        begun = time.time()
        done = subprocess.run(
            [sys.executable, "-c", _CHILD, str(plan), str(folder / "window.ini")],
            capture_output=True, text=True, check=True,
        )  # fmt: skip
        times.append(float(done.stdout.split()[-1]) - begun)
    return times


def settle(app: QApplication, window: MainWindow) -> None:
    """Wait until nothing is under way."""
    for _ in range(200):
        app.processEvents()
    while window.state.jobs.active():
        app.processEvents()
        time.sleep(0.002)
    for _ in range(200):
        app.processEvents()


def edit(app: QApplication, window: MainWindow) -> None:
    """Move a tower to and fro, and print how long it takes until the window is painted."""
    took = []
    for number in range(60):
        site = window.state.plan.sites["C01"]
        moved = replace(site, latitude=site.latitude + (0.001 if number % 2 else -0.001))
        begun = time.perf_counter()
        window.state.apply(put(window.state.plan, [moved]))
        window.repaint()
        app.sendPostedEvents()
        took.append((time.perf_counter() - begun) * 1e3)
    print(f"  edit to the redrawn window: median {statistics.median(took):.1f} ms, worst {max(took):.1f} ms")


def drag(app: QApplication, window: MainWindow, busy: str, seconds: float = 6.0) -> None:
    """Move a tower at 60 Hz as a hand does, with a job beside, and print how often its coverage comes."""
    state, shown, jobs = window.state, [], 0
    state.coverageChanged.connect(shown.append)
    start = state.plan.sites["C01"]
    begun = last = time.perf_counter()
    holds, step = [], 0
    while time.perf_counter() - begun < seconds:
        step += 1
        state.live_site(replace(start, mast_height_m=18.0, latitude=start.latitude + 0.00005 * step))
        if busy and not any(job.key == busy for job in state.jobs.active()):
            state.project.workspace.cache.clear()  # else it would know the answer
            getattr(state, f"request_{busy}")()
            jobs += 1
        then = time.perf_counter() + 1 / 60
        while time.perf_counter() < then:
            app.processEvents()
            now = time.perf_counter()
            holds.append((now - last) * 1e3)
            last = now
            time.sleep(0.0005)
    state.coverageChanged.disconnect(shown.append)
    state.end_live()
    rate = sum(one is not None and one.live for one in shown) / seconds
    beside = f", {jobs} times {busy} beside" if busy else ""
    print(f"  tower dragged{beside}: {rate:.1f} coverages a second; longest turn of the loop {max(holds):.0f} ms")
    settle(app, window)


def move(app: QApplication, window: MainWindow) -> None:
    """Pan the window's map under four coverages of 3000 x 3000 cells, and print the frames."""
    canvas = window.regions.canvas
    canvas.content.coverage.set_images([overlay(3000, turn_deg=2.0 * n) for n in range(4)])
    for name, zoom in (("1:1", 12.0), ("zoomed out", 9.7)):
        one = next(iter(window.state.plan.sites.values()))
        canvas.go_to(one.latitude, one.longitude, zoom, animated=False)
        wait_for_tiles(app, canvas)
        row = figures(pan(canvas, app, 240))
        print(f"  pan, four overlays, {name}: median {row['median_ms']:.1f} ms, worst {row['max_ms']:.1f} ms")


def use(app: QApplication, folder: Path, settings: Settings, homes: int) -> None:
    """Open the sample, with so many homes more, use it, and print what is measured."""
    project = open_sample(folder)
    plan = project.path
    if homes:
        project.apply(put(project.plan, many_homes(project.plan, homes)))
    project.close()
    window = make_window(settings)
    window.resize(1440, 900)
    window.show()
    collector = Collector(window.state)
    window.state.open(plan)
    window.state.request_engine()
    while window.state.project is None or window.regions.canvas.content.surface is None:
        app.processEvents()
    settle(app, window)
    collector.collect()  # as it does by itself every few seconds
    print(f"sample with {len(window.state.plan.households)} homes: {memory_mb()} MB with all of it computed")
    edit(app, window)
    settle(app, window)
    drag(app, window, "")
    drag(app, window, "suggestions")
    collector.collect()
    print(f"  {memory_mb()} MB after that")
    move(app, window)
    settle(app, window)
    collector.collect()
    print(f"  {memory_mb()} MB with the four overlays, {peak_mb() or 0:.0f} MB at the most so far")
    collector.end()
    window.close()


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--homes", type=int, default=0, help="so many more than the sample has")
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        project = open_sample(folder / "start")
        plan = project.path
        project.close()
        settings = Settings(folder / "window.ini")
        settings.set("tour_seen", True)
        settings.sync()
        if asked.rounds:
            times = start_up(plan, folder, asked.rounds)
            print(
                f"start to the sample on its terrain: median {statistics.median(times):.2f} s, worst {max(times):.2f} s"
            )
        use(application(), folder, settings, asked.homes)
        close_pools()


if __name__ == "__main__":
    main()
