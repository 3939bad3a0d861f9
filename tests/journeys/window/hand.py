"""A hand at mouse and keyboard: real events of the X server, given where a person would click.

The hand looks before it clicks: what is to be clicked must be on the screen, not covered, and the pointer must have
arrived. It never sleeps for a time; it waits until what it waits for is so, and says what that was where it is not.
"""

from __future__ import annotations

import re
import subprocess
import time
from typing import TYPE_CHECKING

from PySide6.QtCore import QEventLoop, QPoint, QRect
from PySide6.QtGui import QCursor
from PySide6.QtWidgets import QAbstractScrollArea, QApplication, QFileDialog, QLineEdit, QWidget

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

PATIENCE_S = 30.0
QUICK = 80
"""Of a picture: packed little. Packed well each takes a seventh of a second."""
_READ_S = 5.0
"""So long a person looks at what they wrote before they write it anew."""


class Hand:
    """The hand.

    Parameters
    ----------
    app : QApplication
        On the platform xcb.
    """

    def __init__(self, app: QApplication) -> None:
        self.app = app
        self.clicks = 0

    # Waiting

    def spin(self, waited_s: float = 0.0) -> None:
        """Let the window work for a moment; who waits for long looks seldom."""
        self.app.processEvents(QEventLoop.ProcessEventsFlag.AllEvents, 10)
        time.sleep(0.002 if waited_s < 1.0 else 0.02)

    def until(self, so: Callable[[], object], what: str, patience_s: float = PATIENCE_S) -> None:
        """Wait until something is so."""
        begun = time.monotonic()
        while not so():
            waited_s = time.monotonic() - begun
            if waited_s > patience_s:
                raise AssertionError(f"it did not come to pass within {patience_s:g} s: {what}")
            self.spin(waited_s)

    def _send(self, *words: object) -> None:
        done = subprocess.Popen(["xdotool", *map(str, words)])
        self.until(lambda: done.poll() is not None, f"xdotool {words}")
        assert done.returncode == 0, words

    # The pointer

    def go(self, place: QPoint) -> None:
        """Move the pointer to a place of the screen, in the layout's pixels, and wait until it is there."""
        ratio = self.app.primaryScreen().devicePixelRatio()
        self._send("mousemove", round(place.x() * ratio), round(place.y() * ratio))
        near = 1 if ratio == 1 else 2
        self.until(lambda: (QCursor.pos() - place).manhattanLength() <= near, f"the pointer is at {place}")

    def reach(self, widget: QWidget, at: QPoint | None = None) -> QPoint:
        """Return where a widget is on the screen; what lies outside of its column is scrolled to, by the wheel."""
        self.until(lambda: widget.isVisible() and widget.width() > 0, f"{name_of(widget)} is there")
        inner = at if at is not None else widget.rect().center()

        def there() -> bool:
            found = self.app.widgetAt(widget.mapToGlobal(inner))
            return found is not None and (found is widget or widget.isAncestorOf(found))

        area = _column_of(widget)
        for _ in range(60):
            seen = widget.visibleRegion().boundingRect().adjusted(0, 4, 0, -4)
            if area is None or (seen.contains(inner) and there()):
                break
            middle = area.viewport().mapToGlobal(area.viewport().rect().center())
            self.go(middle)
            bar = area.verticalScrollBar()
            before = bar.value()
            down = widget.mapToGlobal(inner).y() > middle.y()
            if before == (bar.maximum() if down else bar.minimum()):
                break
            self._send("click", 5 if down else 4)
            self.until(lambda bar=bar, before=before: bar.value() != before, f"the column of {name_of(widget)} scrolls")
        self.until(there, f"{name_of(widget)} can be clicked, nothing lies over it", 10)
        return widget.mapToGlobal(inner)

    def click(self, widget: QWidget, at: QPoint | None = None, *, modifier: str = "") -> None:
        """Click a widget once."""
        self.until(widget.isEnabled, f"{name_of(widget)} is enabled")
        self.go(self.reach(widget, at))
        self.clicks += 1
        held = ("keydown", modifier) if modifier else ()
        self._send(*held, "click", 1, *(("keyup", modifier) if modifier else ()))

    def wheel(self, widget: QWidget, at: QPoint, notches: int) -> None:
        """Turn the wheel over a place; up is positive."""
        self.go(self.reach(widget, at))
        self._send("click", "--repeat", abs(notches), "--delay", 20, 4 if notches > 0 else 5)

    def drag(
        self,
        widget: QWidget,
        start: QPoint,
        end: QPoint,
        *,
        steps: int = 8,
        on_the_way: Callable[[], None] | None = None,
    ) -> None:
        """Press, carry in steps, and let go; ``on_the_way`` is called before the hand lets go."""
        a, b = self.reach(widget, start), widget.mapToGlobal(end)
        self.go(a)
        self._send("mousedown", 1)
        for k in range(1, steps + 1):
            self.go(QPoint(round(a.x() + (b.x() - a.x()) * k / steps), round(a.y() + (b.y() - a.y()) * k / steps)))
        if on_the_way is not None:
            on_the_way()
        self._send("mouseup", 1)

    # The keys

    def key(self, *names: str) -> None:
        """Press keys, such as ``ctrl+z``."""
        self._send("key", "--delay", 4, *names)

    def write(self, field: QLineEdit, text: str) -> None:
        """Write into the field that has the cursor; where letters were lost, as to a list that opened, once more."""
        self.until(field.hasFocus, f"{name_of(field)} has the cursor")
        for _ in range(3):
            if field.text():
                self.key("ctrl+a")
            for letters in re.findall(r"[ -~]+|[^ -~]", text):
                # A letter that no key has is put on a spare one for a moment: long enough for the window to see it.
                self._send("type", "--delay", 2 if letters.isascii() else 250, letters)
            try:
                self.until(lambda: field.text() == text, f"{text!r} stands in {name_of(field)}", _READ_S)
            except AssertionError:
                continue
            return
        raise AssertionError(f"{text!r} does not stand in {name_of(field)}, but {field.text()!r}")

    # Windows

    def active(self, window: QWidget) -> None:
        """Wait until a window is in front and takes the keys."""
        self.until(lambda: window.isVisible() and window.isActiveWindow(), f"{name_of(window)} is in front")

    def find(self, root: QWidget, name: str, kind: type = QWidget, patience_s: float = PATIENCE_S) -> QWidget:
        """Return the control of an accessible name; its text where it has none."""
        found: list[QWidget] = []

        def look() -> bool:
            found[:] = [one for one in root.findChildren(kind) if one.isVisible() and name_of(one) == name]
            return bool(found)

        self.until(look, f"{name!r} is on the screen", patience_s)
        return found[-1]

    def top(self, kind: type, patience_s: float = PATIENCE_S) -> QWidget:
        """Return the window of a kind that is in front."""
        found: list[QWidget] = []

        def look() -> bool:
            found[:] = [one for one in self.app.topLevelWidgets() if isinstance(one, kind) and one.isVisible()]
            return bool(found)

        self.until(look, f"a {kind.__name__} is shown", patience_s)
        self.active(found[0])
        return found[0]

    def choose_files(self, *paths: Path) -> None:
        """Name files in the dialog that is in front, by the keys alone."""
        dialog = self.top(QFileDialog)
        field = dialog.findChild(QLineEdit, "fileNameEdit")
        field_text = str(paths[0]) if len(paths) == 1 else " ".join(f'"{path}"' for path in paths)
        if not field.hasFocus():
            self.key("alt+n")
        self.write(field, field_text)

        def gone() -> bool:
            try:
                return not dialog.isVisible()
            except RuntimeError:  # deleted as it closed
                return True

        for _ in range(3):
            self.key("Return")  # the list of names that opens while one writes may take the first for itself
            try:
                self.until(gone, "the dialog closes", _READ_S)
            except AssertionError:
                continue
            return
        raise AssertionError(f"the dialog does not take {field_text}")

    def picture(self, path: Path, window: QWidget) -> None:
        """Keep what is on the screen now, as far as the window reaches."""
        self.spin()
        screen = window.screen()
        whole = screen.grabWindow(0)
        box: QRect = window.frameGeometry().intersected(screen.geometry())
        ratio = whole.devicePixelRatio()
        cut = QRect(*(round(v * ratio) for v in (box.x(), box.y(), box.width(), box.height())))
        assert whole.copy(cut).save(str(path), quality=QUICK), path


def name_of(widget: QWidget) -> str:
    """Return what a person would call a widget."""
    text = getattr(widget, "text", None)
    return widget.accessibleName() or (text() if callable(text) else "") or type(widget).__name__


def _column_of(widget: QWidget) -> QAbstractScrollArea | None:
    parent = widget.parentWidget()
    while parent is not None:
        if isinstance(parent, QAbstractScrollArea):
            return parent
        parent = parent.parentWidget()
    return None
