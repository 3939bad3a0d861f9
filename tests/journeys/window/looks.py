"""The window in shapes and looks, with the plan that the journey left: pictures, and what does not fit.

Writes one JSON object a shape: its name, and for each scene the words that are cut.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
import time
from pathlib import Path

parser = argparse.ArgumentParser(description=__doc__)
parser.add_argument("--plan", type=Path, required=True)
parser.add_argument("--pictures", type=Path, required=True)
parser.add_argument("--scale", default="1", help="one a process: Qt reads it as it starts")
parser.add_argument("shapes", nargs="+", metavar="NAME:SIZE:LOOK:LANGUAGE", help="one window after the other")
asked = parser.parse_args()
os.environ["QT_QPA_PLATFORM"] = "offscreen"
os.environ["QT_SCALE_FACTOR"] = asked.scale

from PySide6.QtCore import QEventLoop, QRect, Qt  # noqa: E402
from PySide6.QtGui import QFontMetrics  # noqa: E402
from PySide6.QtWidgets import QAbstractButton, QApplication, QCheckBox, QLabel, QRadioButton, QWidget  # noqa: E402

from cn_planner.gui.app import application, make_window  # noqa: E402
from cn_planner.gui.settings import Settings  # noqa: E402
from cn_planner.jobs import close_pools  # noqa: E402
from cn_planner.service.path_view import PathEnd  # noqa: E402

PATIENCE_S = 60.0


def cut(root: QWidget) -> list[str]:
    """Return the words that are longer than the room they have."""
    found = []
    for one in root.findChildren(QWidget):
        if not one.isVisible() or not isinstance(one, (QLabel, QAbstractButton)) or not one.text():
            continue
        if type(one).__name__ in {"Elided", "TaskButton"} or (isinstance(one, QLabel) and one.hasScaledContents()):
            continue
        words, metrics = one.text().replace("&", ""), QFontMetrics(one.font())
        room = one.contentsRect()
        if isinstance(one, QLabel) and one.wordWrap():
            need = metrics.boundingRect(QRect(0, 0, room.width(), 10_000), int(Qt.TextFlag.TextWordWrap), words).size()
            if need.height() > room.height() + 2 or need.width() > room.width() + 2:
                found.append(f"{words!r} needs {need.width()} x {need.height()}, has {room.width()} x {room.height()}")
            continue
        lines = words.split("\n")
        wide = max(metrics.horizontalAdvance(line) for line in lines)
        beside = 24 if isinstance(one, (QCheckBox, QRadioButton)) else 0
        if wide + beside > room.width() + 1 or metrics.height() * len(lines) > one.height() + 2:
            found.append(f"{words!r} needs {wide + beside} x {metrics.height() * len(lines)}, "
                         f"has {room.width()} x {one.height()}")  # fmt: skip
    return found


def main() -> int:
    """Go through the shapes."""
    app = application()
    for shape in asked.shapes:
        go_through(app, *shape.split(":"))
    close_pools()
    return 0


def go_through(app: QApplication, name: str, size: str, look: str, language: str) -> None:
    """Go through the scenes in one shape, with a window of its own."""
    settings = Settings()
    settings.set("look", look)
    settings.set("language", language)
    settings.set("tour_seen", True)
    window = make_window(settings)
    width, height = (int(v) for v in size.split("x"))
    window.resize(width, height)
    window.show()
    state = window.state
    told: dict[str, object] = {}

    def until(so) -> None:
        end = time.monotonic() + PATIENCE_S
        while not so():
            assert time.monotonic() < end, "it takes too long"
            app.processEvents(QEventLoop.ProcessEventsFlag.AllEvents, 10)
            time.sleep(0.002)

    def rest() -> None:
        content = window.regions.canvas.content
        until(lambda: not state.jobs.active() and not state._rest.isActive())
        until(lambda: content.surface is None or not content.tiles.busy)
        for _ in range(5):
            app.processEvents()

    def keep(scene: str, widget: QWidget) -> None:
        rest()
        picture = widget.grab()
        picture.save(str(asked.pictures / f"{name} {scene}.png"))
        told[scene] = cut(widget)

    keep("first page", window)
    state.open(asked.plan)
    until(lambda: state.project is not None)
    rest()
    window.messages.clear()
    keep("plan", window)
    built = [key for key, site in state.plan.sites.items() if site.in_network]
    state.select("site", built[0])
    keep("tower", window)
    state.select("household", next(iter(state.plan.households)))
    keep("home", window)
    a, b = (state.plan.sites[key] for key in built[:2])
    state.live_path(
        PathEnd(a.latitude, a.longitude, kind="site", id=a.id), PathEnd(b.latitude, b.longitude, kind="site", id=b.id)
    )
    state.select("link", next(iter(state.plan.links)))
    keep("path", window)
    window.show_tables(True)
    window.show_layers(True)
    keep("tables and layers", window)
    window.do("ground")
    panel = window.regions.ground.widget()
    for key in panel.bodies:
        panel.open_step(key)
        keep(f"ground {key}", window)
    for dialog in ("share", "settings", "plan_settings", "new", "data"):
        window.do("new" if dialog == "new" else dialog)
        rest()
        shown = window.do._dialogs[dialog]
        keep(f"sheet {dialog}", shown)
        shown.close()
    fits = window.width() <= width and window.height() <= height
    window.close()
    print(json.dumps({"name": name, "cut": told, "fits": fits}), flush=True)


if __name__ == "__main__":
    sys.exit(main())
