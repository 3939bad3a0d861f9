"""The window in shapes and looks, with the plan that the journey left: pictures, and what does not fit.

Writes one JSON object a shape: its name, and for each scene the words that are cut.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
import time
from collections.abc import Iterable, Sequence
from pathlib import Path

parser = argparse.ArgumentParser(description=__doc__)
parser.add_argument("--plan", type=Path, required=True)
parser.add_argument("--pictures", type=Path, required=True)
parser.add_argument("--scale", default="1", help="one a process: Qt reads it as it starts")
parser.add_argument("shapes", nargs="+", metavar="NAME:SIZE:LOOK:LANGUAGE", help="one window after the other")
asked = parser.parse_args()
os.environ["QT_QPA_PLATFORM"] = "offscreen"
os.environ["QT_SCALE_FACTOR"] = asked.scale

from hand import QUICK  # noqa: E402
from PySide6.QtCore import QEventLoop, QRect, Qt  # noqa: E402
from PySide6.QtGui import QFontMetrics, QImage  # noqa: E402
from PySide6.QtWidgets import (  # noqa: E402
    QAbstractButton,
    QApplication,
    QCheckBox,
    QComboBox,
    QLabel,
    QLineEdit,
    QRadioButton,
    QScrollArea,
    QStyle,
    QStyleOptionComboBox,
    QStyleOptionFrame,
    QWidget,
)

from cn_planner.gui.app import application, make_window  # noqa: E402
from cn_planner.gui.settings import Settings  # noqa: E402
from cn_planner.jobs import close_pools  # noqa: E402
from cn_planner.service.path_view import PathEnd  # noqa: E402

PATIENCE_S = 60.0


def cut(root: QWidget) -> list[str]:
    """Return the words that are longer than the room they have, or that are not seen.

    What ends in an ellipsis and is said whole in its tip is not cut.
    """
    found = []
    for one in root.findChildren(QWidget):
        if not one.isVisible():
            continue
        if isinstance(one, QComboBox):
            found += cut_in_choice(one)
        elif isinstance(one, QLineEdit):
            found += cut_in_line(one)
        elif isinstance(one, QScrollArea) and isinstance(one.widget(), QLabel):
            found += cut_in_scrolled(one, one.widget())
        elif type(one).__name__ == "TaskButton":
            found += cut_in_task(one)
        elif isinstance(one, (QLabel, QAbstractButton)) and one.text():
            found += cut_in_words(one)
    return found


def cut_in_choice(one: QComboBox) -> list[str]:
    """Return what is chosen where it is longer than the room beside the arrow."""
    option = QStyleOptionComboBox()
    one.initStyleOption(option)
    field = QStyle.SubControl.SC_ComboBoxEditField
    room = one.style().subControlRect(QStyle.ComplexControl.CC_ComboBox, option, field, one).width()
    said = one.placeholderText() if one.currentIndex() < 0 else one.currentText()
    wide = one.fontMetrics().horizontalAdvance(said)
    return [f"{said!r} needs {wide}, has {room}"] if wide > room and one.toolTip() != said else []


def cut_in_line(one: QLineEdit) -> list[str]:
    """Return what an empty field asks for where it is not all seen; what was typed can be scrolled."""
    asks = one.placeholderText()
    if one.text() or not asks:
        return []
    option = QStyleOptionFrame()
    one.initStyleOption(option)
    beside = 2 * 2  # Qt keeps two pixels at each side
    room = one.style().subElementRect(QStyle.SubElement.SE_LineEditContents, option, one).width() - beside
    wide = one.fontMetrics().horizontalAdvance(asks)
    return [f"{asks!r} needs {wide}, has {room}"] if wide > room and one.toolTip() != asks else []


def cut_in_scrolled(area: QScrollArea, one: QLabel) -> list[str]:
    """Return a text to be scrolled where none of its lines is seen, or its last one only in part."""
    picture = area.viewport().grab().toImage()
    if not one.text() or one.height() <= picture.height() + 1:
        return []
    rows = [_has_ink(picture, range(picture.width()), [y]) for y in range(picture.height())]
    if not any(rows):
        return [f"{one.text()!r} is not seen at all"]
    return [f"{one.text()!r} is cut within a line"] if rows[-1] else []


def cut_in_task(one: QWidget) -> list[str]:
    """Return a task whose words run over the edge at which its lines end."""
    picture = one.grab().toImage()
    end = 0 if one.layoutDirection() is Qt.LayoutDirection.RightToLeft else picture.width() - 1
    marked = one.hasFocus() or one.underMouse()
    ran_over = not marked and _has_ink(picture, [end], range(picture.height()))
    return [f"{one.accessibleName()!r} runs over its edge"] if ran_over else []


def _has_ink(picture: QImage, columns: Iterable[int], rows: Sequence[int]) -> bool:
    """Return whether anything is drawn in a part of a picture: it is of more than one colour."""
    return len({picture.pixel(x, y) for x in columns for y in rows}) > 1


def cut_in_words(one: QLabel | QAbstractButton) -> list[str]:
    """Return the words of a label or button where they need more room than it has."""
    if type(one).__name__ == "Elided" or (isinstance(one, QLabel) and one.hasScaledContents()):
        return []
    words, metrics = one.text().replace("&", ""), QFontMetrics(one.font())
    room = one.contentsRect()
    if isinstance(one, QLabel) and one.wordWrap():
        need = metrics.boundingRect(QRect(0, 0, room.width(), 10_000), int(Qt.TextFlag.TextWordWrap), words).size()
        if need.height() > room.height() + 2 or need.width() > room.width() + 2:
            return [f"{words!r} needs {need.width()} x {need.height()}, has {room.width()} x {room.height()}"]
        return []
    lines = words.split("\n")
    wide = max(metrics.horizontalAdvance(line) for line in lines)
    beside = 24 if isinstance(one, (QCheckBox, QRadioButton)) else 0
    if wide + beside > room.width() + 1 or metrics.height() * len(lines) > one.height() + 2:
        need_px, room_px = f"{wide + beside} x {metrics.height() * len(lines)}", f"{room.width()} x {one.height()}"
        return [f"{words!r} needs {need_px}, has {room_px}"]
    return []


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
        picture.save(str(asked.pictures / f"{name} {scene}.png"), quality=QUICK)
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
