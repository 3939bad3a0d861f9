"""The pictures of docs/new-user.md: a first plan, from an empty one to what is proposed, without a screen.

Usage: new_user_pictures.py DATA_FOLDER [--to docs/images]

Takes the way of tests/journeys/window/newcomer.py, with real terrain and homes of the data folder and no net. Pictures
are kept small: 960 pixels wide, as JPEG.
"""

from __future__ import annotations

import argparse
import csv
import os
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

from PySide6.QtCore import QEventLoop, QPointF, Qt

from cn_planner.gui.app import application, make_window
from cn_planner.gui.settings import Settings
from cn_planner.jobs import close_pools

if TYPE_CHECKING:
    from collections.abc import Callable

    from cn_planner.gui.window import MainWindow

SIZE, WIDTH = (1280, 760), 960
PATIENCE_S = 900.0
INTERNET = 42.0932, 1.8082


def until(so: Callable[[], object]) -> None:
    """Let the window work until something is so."""
    end = time.monotonic() + PATIENCE_S
    while not so():
        if time.monotonic() > end:
            raise TimeoutError
        application().processEvents(QEventLoop.ProcessEventsFlag.AllEvents, 10)
        time.sleep(0.002)


def rest(window: MainWindow) -> None:
    """Wait until nothing is computed and the ground is painted."""
    content = window.regions.canvas.content
    until(lambda: not window.state.jobs.active() and not window.state.counting)
    until(lambda: content.surface is None or not content.tiles.busy)
    still = time.monotonic() + 1.0  # the map glides to its place
    until(lambda: time.monotonic() > still)


def keep(window: MainWindow, path: Path) -> None:
    """Keep what the window shows."""
    picture = window.grab().toImage().scaledToWidth(WIDTH, Qt.TransformationMode.SmoothTransformation)
    if not picture.save(str(path), None, 85):
        raise OSError(path)


def homes_of(data: Path, path: Path) -> Path:
    """Write the homes of a valley as people have them."""
    with (data / "networks/bergueda_nodes.csv").open(encoding="utf-8") as stream:
        rows = [
            row for row in csv.DictReader(stream)
            if 42.03 < float(row["latitude_deg"]) < 42.14 and 1.72 < float(row["longitude_deg"]) < 1.92
            and row["kind"] != "Supernode" and row["status"] == "Working"
        ]  # fmt: skip
    with path.open("w", encoding="utf-8", newline="") as stream:
        lines = [[row["id"], row["latitude_deg"], row["longitude_deg"]] for row in rows]
        csv.writer(stream).writerows([["id", "latitude", "longitude"], *lines])
    return path


def main() -> None:
    """Take the way."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("data", type=Path)
    parser.add_argument("--to", type=Path, default=Path("docs/images"))
    asked = parser.parse_args()
    application()
    with tempfile.TemporaryDirectory() as text:
        folder = Path(text)
        settings = Settings(folder / "window.ini")
        for key, value in (("look", "light"), ("language", "en"), ("tour_seen", True)):
            settings.set(key, value)
        window = make_window(settings)
        window.resize(*SIZE)
        window.show()
        state, canvas = window.state, window.regions.canvas
        state.create(folder / "Bergueda.cnplan.gpkg", name="Berguedà")
        until(lambda: state.project is not None)
        rest(window)
        window.flow.take_place(*INTERNET)
        rest(window)
        window.regions.ground.widget().open_step("where")
        window.touring.begin()
        rest(window)
        keep(window, asked.to / "start-where.jpg")
        files = [asked.data / "terrain" / name for name in ("N41E001.hgt.zip", "N42E001.hgt.zip")]
        window.do.take_files([*files, homes_of(asked.data, folder / "homes.csv")])
        until(lambda: len(state.plan.households) > 0)
        rest(window)
        panel = window.regions.ground.widget()
        panel.open_step("where")
        window.touring.leave()
        rest(window)
        x, y = canvas.view.to_screen(*INTERNET)
        canvas.use_tool("gateway")
        window.messages.clear()
        keep(window, asked.to / "start-internet.jpg")
        canvas.tool_click(QPointF(float(x), float(y)))
        rest(window)
        panel.go.click()
        until(lambda: state.proposals.now is not None)
        rest(window)
        window.messages.clear()
        keep(window, asked.to / "start-plan.jpg")
        window.close()
    close_pools()


if __name__ == "__main__":
    main()
