"""How long the tables hold the window: filling, sorting and filtering 10,000 homes.

    python benchmarks/window_tables.py [HOMES]

The bar: the event loop is never held longer than 50 ms. The time is that of the window's own thread.
"""

from __future__ import annotations

import os
import sys
import tempfile
import time
from pathlib import Path

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication

from cn_planner.geo import destination
from cn_planner.gui import theme
from cn_planner.gui.panels.tables import Tables
from cn_planner.gui.settings import Settings
from cn_planner.gui.state import AppState
from cn_planner.model import edits
from cn_planner.model.plan import Household
from cn_planner.session.sample import open_sample


def main() -> None:
    """Measure and print."""
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 10_000
    app = QApplication([])
    theme.apply_look("light", 100.0)
    state = AppState()
    state.follow = False
    with tempfile.TemporaryDirectory() as name:
        with open_sample(Path(name)) as project:
            middle = project.plan.sites["C01"]
            places = [
                destination(middle.latitude, middle.longitude, n * 137.5 % 360, 30 * n**0.5) for n in range(count)
            ]
            project.apply(edits.put(project.plan, [Household(f"h{n:06d}", "", *at) for n, at in enumerate(places)]))
        state.open(next(Path(name).glob("*.cnplan.gpkg")))
        while state.project is None or state.jobs.active():
            app.processEvents()
        job = state.request_service()
        tables = Tables(state, Settings(Path(name) / "window.ini"))
        tables.resize(1200, 400)
        tables.show()
        while not job.ended:
            app.processEvents()
        view = tables.views["household"]

        def measure(what: str, act) -> None:
            begun = time.thread_time()
            act()
            acted = time.thread_time()
            for _ in range(5):
                app.processEvents()
            print(
                f"{what:28} {(acted - begun) * 1e3:7.1f} ms, then painted {(time.thread_time() - acted) * 1e3:6.1f} ms"
            )

        measure("filled", view.things.reload)
        for number, column in enumerate(view.things.columns):
            measure(f"sorted by {column.key}", lambda n=number: view.sortByColumn(n, Qt.SortOrder.AscendingOrder))
        measure("the weakest first", lambda: view.sortByColumn(-1, Qt.SortOrder.AscendingOrder))
        measure("filtered", lambda: tables.filters["household"].setText("h0012"))
        measure("filter taken away", tables.filters["household"].clear)
        measure("service has changed", lambda: state.serviceChanged.emit(state.computed.service))
        measure("all rows chosen", view.selectAll)
        measure("all rows copied", view.copy)
        state.shutdown()


if __name__ == "__main__":
    main()
