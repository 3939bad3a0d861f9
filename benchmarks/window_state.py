"""How long the window is kept from painting: an edit of a plan of 10,000 homes, and every kind of job beside it.

    python benchmarks/window_state.py [HOMES]

A watchdog ticks every 2 ms on the window's thread; the longest gap is how long the event loop was held.
"""

from __future__ import annotations

import os
import statistics
import sys
import tempfile
import time
from dataclasses import replace
from pathlib import Path

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

from PySide6.QtCore import QCoreApplication, QElapsedTimer, Qt, QTimer

from cn_planner.geo import destination
from cn_planner.gui.app import application
from cn_planner.gui.collector import Collector
from cn_planner.gui.state import AppState
from cn_planner.model import edits
from cn_planner.model.plan import Household, Link
from cn_planner.session.sample import open_sample


class Watchdog:
    """The longest time between two ticks of the event loop."""

    def __init__(self) -> None:
        self.timer, self.clock = QTimer(), QElapsedTimer()
        self.timer.setTimerType(Qt.TimerType.PreciseTimer)
        self.timer.setInterval(2)
        self.timer.timeout.connect(self._tick)
        self.worst_ms = 0.0
        self.over = 0

    def start(self) -> None:
        self.worst_ms, self.over = 0.0, 0
        self.clock.start()
        self.timer.start()

    def _tick(self) -> None:
        gap = self.clock.nsecsElapsed() / 1e6
        self.clock.start()
        self.worst_ms = max(self.worst_ms, gap)
        self.over += gap > 50.0


def until(app: QCoreApplication, done) -> float:
    begun = time.perf_counter()
    while not done():
        app.processEvents()
        time.sleep(0.0005)
    return time.perf_counter() - begun


def main() -> None:
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 10_000
    app = application()
    state, dog = AppState(), Watchdog()
    collector = Collector(state)
    state.follow = False
    state.message.connect(lambda notice: print(f"  {notice.level}: {notice.what} {notice.details[-400:]}"))
    with tempfile.TemporaryDirectory() as name:
        with open_sample(Path(name)) as project:
            plan = project.plan
            middle = plan.sites["C01"]
            homes = [
                Household(
                    f"h{n:06d}", "", *destination(middle.latitude, middle.longitude, n * 137.5 % 360, 60 * n**0.5)
                )
                for n in range(1, count + 1)
            ]
            towers = [replace(plan.sites[key], mast_height_m=18.0) for key in ("G01", "C01", "C02", "C05")]
            links = [Link("L1", "G01", "C01"), Link("L2", "C01", "C02"), Link("L3", "C02", "C05")]
            project.apply(edits.put(plan, [*homes, *towers, *links]))

        def job(what: str, ask) -> None:
            dog.start()
            asked = ask()
            seconds = until(app, lambda: asked.ended)
            print(
                f"{what}: {seconds:.2f} s, event loop held {dog.worst_ms:.0f} ms at most, {dog.over} times over 50 ms"
            )

        job("open", lambda: state.open(next(Path(name).glob("*.cnplan.gpkg"))))
        job("engine", state.request_engine)
        job("service", state.request_service)
        job("coverage", state.request_coverage)
        job("suggestions", state.request_suggestions)
        job("scenarios", state.request_scenarios)
        seconds = []
        for step in range(40):
            site = state.plan.sites["C02"]
            begun = time.perf_counter()
            state.apply(edits.put(state.plan, [replace(site, latitude=site.latitude + 0.0001 * (-1) ** step)]))
            seconds.append(time.perf_counter() - begun)
            app.processEvents()
        print(f"edit: median {statistics.median(seconds) * 1e3:.1f} ms, worst {max(seconds) * 1e3:.1f} ms")
        state.follow = True
        dog.start()
        shown = []
        state.coverageChanged.connect(shown.append)
        begun = time.perf_counter()
        step = 0
        while time.perf_counter() - begun < 5.0:
            site = state.plan.sites["C02"]
            step += 1
            state.live_site(replace(site, latitude=site.latitude + 0.00005 * step))
            if step % 60 == 0:
                state.apply(edits.put(state.plan, [replace(site, latitude=site.latitude + 0.0001)]))
            until_next = time.perf_counter() + 0.016
            while time.perf_counter() < until_next:
                app.processEvents()
                time.sleep(0.0005)
        rate = sum(one is not None and one.live for one in shown) / 5.0
        print(f"dragging at 60 Hz with edits between, all jobs beside: {rate:.1f} live updates a second, "
              f"event loop held {dog.worst_ms:.0f} ms at most, {dog.over} times over 50 ms")  # fmt: skip
        collector.end()
        state.shutdown()


if __name__ == "__main__":
    main()
