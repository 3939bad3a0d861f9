"""Speed of the map: frames of a pan and a zoom, painted in software without a screen.

Run: QT_QPA_PLATFORM=offscreen python benchmarks/map_canvas.py [--json] [--cpu]

With --cpu the time is that of the window's own thread, which says the same where other programs run beside.

The bars: with 5,000 homes, 200 links and an overlay of 3000 x 3000 cells the median frame of a pan under 8 ms at 1:1,
under 16 ms zoomed out, none over 50 ms; with 100,000 homes the median under 25 ms.
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import statistics
import sys
import time
from pathlib import Path

import numpy as np

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from cn_planner.geo import local_transverse_mercator
from cn_planner.gui.map.canvas import MapCanvas
from cn_planner.gui.map.layers.overlay import build_overlay
from cn_planner.model.items import Items
from cn_planner.model.plan import Household, Link, Plan, Site
from cn_planner.service.path_view import PathState
from cn_planner.terrain.surface import Surface

SHARED = Path(__file__).resolve().parents[2] / "shared" / "data" / "terrain"
MIDDLE = (42.05, 1.55)
SIZE = (1440, 900)
clock = time.perf_counter


def plan_of(homes: int, links: int, seed: int = 7) -> Plan:
    """Return towers on a ring of hills, homes scattered in villages, links between neighbours."""
    rng = np.random.default_rng(seed)
    villages = rng.normal(0.0, 0.12, (40, 2))
    at = villages[rng.integers(0, 40, homes)] + rng.normal(0.0, 0.015, (homes, 2))
    count = links // 2 + 1
    hills = rng.uniform(-0.3, 0.3, (count, 2))
    sites = [
        Site(f"S{i}", f"Tower {i}", MIDDLE[0] + a, MIDDLE[1] + b, mast_height_m=12.0) for i, (a, b) in enumerate(hills)
    ]
    households = [
        Household(f"H{i}", "", MIDDLE[0] + a, MIDDLE[1] + b, server="S0" if i % 3 else None)
        for i, (a, b) in enumerate(at.tolist())
    ]
    # Each tower with its nearest ones, as networks are built.
    nearest = np.argsort(np.hypot(*(hills[:, None] - hills[None]).transpose(2, 0, 1)), axis=1)
    rows = [Link(f"L{i}", f"S{i % count}", f"S{nearest[i % count, 1 + i // count]}") for i in range(links)]
    return Plan(
        sites=Items(sites),
        households=Items(households),
        links=Items(row for row in rows if row.from_site != row.to_site),
    )


def overlay(cells: int, turn_deg: float = 8.0):
    """Return an overlay of 30 m cells on a grid that stands askew."""
    values = np.zeros((cells, cells), np.uint8)
    column = np.arange(cells, dtype=np.float32)
    for row in range(cells):  # row by row: the whole in floats would be the most memory that the benchmark holds
        away = np.hypot(row - cells / 2, column - cells / 2) / (cells / 2)
        ripple = np.sin(row / 37.0) + np.sin(column / 53.0) + np.sin((row + column) / 101.0)
        values[row] = np.where((away < 1) & (ripple > -0.4), 3 - (away * 3).astype(int), 0)
    turn = np.radians(turn_deg)
    a, b = 30 * np.cos(turn), 30 * np.sin(turn)
    half = cells / 2
    grid = (a, b, -(a + b) * half, b, -a, (a - b) * half)
    return build_overlay(values, local_transverse_mercator(*MIDDLE), tuple(float(v) for v in grid))


def wait_for_tiles(app: QApplication, canvas: MapCanvas) -> None:
    """Let the terrain and the base map of the view be painted."""
    stores = canvas.content.tiles, canvas.content.drawn
    end = time.perf_counter() + 30
    canvas.repaint()
    while time.perf_counter() < end:
        app.processEvents()
        time.sleep(0.002)
        if not any(store.busy for store in stores):
            canvas.repaint()
            if not any(store.busy for store in stores):
                return


def pan(canvas: MapCanvas, app: QApplication, frames: int) -> list[float]:
    """Drag the map about by the mouse, and return the time of each frame, ms: event, layout and painting."""
    times = []
    at = QPoint(SIZE[0] // 2, SIZE[1] // 2)
    # The middle of the wheel: it moves the map wherever it is pressed.
    QTest.mousePress(canvas, Qt.MouseButton.MiddleButton, Qt.KeyboardModifier.NoModifier, at)
    for k in range(frames):
        turn = 2 * np.pi * k / 120
        at = QPoint(int(SIZE[0] / 2 + 420 * np.sin(turn)), int(SIZE[1] / 2 + 300 * np.sin(2 * turn)))
        start, begun = time.perf_counter(), clock()
        QTest.mouseMove(canvas, at)
        canvas.repaint()
        times.append((clock() - begun) * 1000)
        app.processEvents()
        # As a screen would: the next frame is not asked for before its time.
        time.sleep(max(0.0, 1 / 60 - (time.perf_counter() - start)))
    QTest.mouseRelease(canvas, Qt.MouseButton.MiddleButton, Qt.KeyboardModifier.NoModifier, at)
    return times


def zoom(canvas: MapCanvas, app: QApplication, frames: int) -> list[float]:
    """Zoom step by step, each frame painted anew, and return the time of each, ms."""
    times = []
    for k in range(frames):
        start = clock()
        canvas.zoom_by(0.02 if k < frames / 2 else -0.02, QPointF(500, 400), animated=False)
        canvas.repaint()
        times.append((clock() - start) * 1000)
        app.processEvents()
    return times


def whole(canvas: MapCanvas, frames: int) -> list[float]:
    """Paint everything anew, as after each edit, and return the time of each frame, ms."""
    times = []
    for _ in range(frames):
        start = clock()
        canvas.content.homes.changed.emit()
        canvas.repaint()
        times.append((clock() - start) * 1000)
    return times


def figures(times: list[float]) -> dict[str, float]:
    """Return median, 95th percentile and greatest."""
    ordered = sorted(times)
    return {
        "median_ms": round(statistics.median(ordered), 2),
        "p95_ms": round(ordered[int(0.95 * (len(ordered) - 1))], 2),
        "max_ms": round(ordered[-1], 2),
    }


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--cpu", action="store_true")
    asked = parser.parse_args()
    if asked.cpu:
        globals()["clock"] = time.thread_time
    if not SHARED.is_dir():
        sys.exit("shared/data is not beside the project")
    app = QApplication([])
    surface = Surface.open([SHARED / "N41E001.hgt.zip", SHARED / "N42E001.hgt.zip"])
    canvas = MapCanvas()
    canvas.resize(*SIZE)
    canvas.content.set_surface(surface)
    canvas.show()
    results: dict[str, dict[str, float]] = {}
    image = overlay(3000)
    # One cell of 30 m at 42 degrees is one pixel at about this zoom.
    at_one = float(np.log2(40_075_016.7 * np.cos(np.radians(MIDDLE[0])) / 256 / 30.0))
    for homes, layers in ((5_000, 1), (100_000, 4)):
        plan = plan_of(homes, 200)
        start = clock()
        canvas.content.set_plan(plan)
        filled = (clock() - start) * 1000
        states = list(PathState)
        canvas.content.set_link_states({key: states[i % 4] for i, key in enumerate(plan.links)})
        canvas.content.coverage.set_images([image] * layers)
        one = plan.households[next(iter(plan.households))]
        for name, level in (("1:1", at_one), ("zoomed out", at_one - 2.3)):
            canvas.go_to(*MIDDLE, level, animated=False)
            wait_for_tiles(app, canvas)
            label = f"{homes} homes, {layers} overlay(s), {name}"
            results[f"pan, {label}"] = figures(pan(canvas, app, 240))
            wait_for_tiles(app, canvas)
            results[f"zoom, {label}"] = figures(zoom(canvas, app, 60))
            canvas.go_to(*MIDDLE, level, animated=False)
            wait_for_tiles(app, canvas)
            results[f"all anew, {label}"] = figures(whole(canvas, 20))
        start = clock()
        moved = Household(one.id, "", one.latitude + 0.001, one.longitude, server=None)
        canvas.content.set_plan(Plan(**{**_parts(plan), "households": plan.households.changed(put=[moved])}))
        canvas.repaint()
        results[f"edit to redrawn, {homes} homes"] = {"median_ms": round((clock() - start) * 1000, 2)}
        results[f"plan shown, {homes} homes"] = {"median_ms": round(filled, 2)}
    canvas.shutdown()
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1000
    if asked.json:
        print(json.dumps({"frames": results, "peak_mb": peak}))
        return
    for name, row in results.items():
        print(f"{name:52}", "  ".join(f"{k[:-3]} {v:7.2f}" for k, v in row.items()), "ms")
    print(f"greatest memory {peak:.0f} MB")


def _parts(plan: Plan) -> dict[str, object]:
    return {name: getattr(plan, name) for name in ("sites", "links", "zones")}


if __name__ == "__main__":
    main()
