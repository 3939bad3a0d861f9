"""The window: how long it takes to open with the sample, from an edit to the redrawn map, and the memory it holds.

Run by hand, without a screen as well: QT_QPA_PLATFORM=offscreen python benchmarks/window.py
"""

from __future__ import annotations

import argparse
import os
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
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


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=5)
    rounds = parser.parse_args().rounds

    from dataclasses import replace

    from cn_planner.gui.app import application, make_window
    from cn_planner.gui.settings import Settings
    from cn_planner.jobs import close_pools
    from cn_planner.model.edits import put
    from cn_planner.session.coverage import peak_mb
    from cn_planner.session.sample import open_sample

    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        project = open_sample(folder)
        plan = project.path
        project.close()
        settings = Settings(folder / "window.ini")
        settings.set("tour_seen", True)
        settings.sync()
        times = start_up(plan, folder, rounds)
        print(f"start to the sample on its terrain: median {statistics.median(times):.2f} s, worst {max(times):.2f} s")

        app = application()
        window = make_window(settings)
        window.resize(1440, 900)
        window.show()
        window.state.open(plan)
        while window.state.project is None or window.regions.canvas.content.surface is None:
            app.processEvents()
        for _ in range(200):
            app.processEvents()
        edits = []
        for number in range(60):
            site = window.state.plan.sites["C01"]
            moved = replace(site, latitude=site.latitude + (0.001 if number % 2 else -0.001))
            begun = time.perf_counter()
            window.state.apply(put(window.state.plan, [moved]))
            window.repaint()
            app.sendPostedEvents()
            edits.append((time.perf_counter() - begun) * 1e3)
        print(f"edit to the redrawn window: median {statistics.median(edits):.1f} ms, worst {max(edits):.1f} ms")
        window.state.follow = True
        window.state.refresh()
        while window.state.jobs.active():
            app.processEvents()
            time.sleep(0.005)
        print(f"memory with service, coverage, suggestions computed: {peak_mb() or 0:.0f} MB at its most")
        window.close()
        close_pools()


if __name__ == "__main__":
    main()
