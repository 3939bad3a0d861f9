"""Fixtures for the window's tests: without a screen, and without anything left behind.

A test fails on a warning of Qt, on a thread that still runs when it is over, and on a timer that still ticks.
"""

from __future__ import annotations

import gc
import os
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

import pytest
from PySide6.QtCore import QEvent, QSettings, QTimer, QtMsgType, qInstallMessageHandler
from PySide6.QtWidgets import QApplication

# What Qt says of this machine and not of the program.
_OF_THE_MACHINE = ("This plugin does not support", "Could not find the Qt platform plugin", "propagateSizeHints")


@pytest.fixture(autouse=True)
def qt_is_silent():
    """Fail on any warning that Qt gives while a test runs."""
    said: list[str] = []

    def take(kind: QtMsgType, _context: object, text: str) -> None:
        bad = kind in (QtMsgType.QtWarningMsg, QtMsgType.QtCriticalMsg, QtMsgType.QtFatalMsg)
        if bad and not any(part in text for part in _OF_THE_MACHINE):
            said.append(text)

    before = qInstallMessageHandler(take)
    yield said
    qInstallMessageHandler(before)
    assert not said, f"Qt warned: {said}"


def ticking(qapp) -> list[QTimer]:
    return [
        timer
        for widget in qapp.topLevelWidgets()
        if widget.isVisible()
        for timer in widget.findChildren(QTimer)
        if timer.isActive() and not timer.isSingleShot()
    ]


@contextmanager
def nothing_left(qapp) -> Iterator[None]:
    """Fail on threads and timers that what is done meanwhile leaves running. The pools of the process may stay."""
    # What the test before made goes, as a window that nobody holds: else the first change of looks dresses thousands of
    # widgets that only wait for their end. What is loaded by now stays, and is not gone over again: that would take
    # 0.1 s and more each time.
    qapp.sendPostedEvents(None, QEvent.Type.DeferredDelete)
    gc.collect()
    gc.freeze()
    before = set(threading.enumerate())
    yield
    for t in threading.enumerate():
        if t.name == "apart":  # a solver that nobody waits for any more ends at its next look
            t.join(timeout=60.0)
    left = [
        t
        for t in threading.enumerate()
        if t not in before and t.is_alive() and not t.name.startswith(("tile", "hand", "jobs"))
    ]
    assert not left, f"threads left: {[t.name for t in left]}"
    if ticking(qapp):
        gc.collect()
    left_ticking = ticking(qapp)
    assert not left_ticking, f"timers left: {left_ticking}"


@pytest.fixture(autouse=True)
def nothing_left_behind(qapp):
    """Fail on threads and timers that a test leaves running."""
    with nothing_left(qapp):
        yield


@pytest.fixture(scope="module")
def nothing_left_by_module(qapp):
    """Fail on threads and timers that a module leaves running whose tests share one window.

    Such a module has a fixture `nothing_left_behind` of its own, which asks for this one.
    """
    with nothing_left(qapp):
        yield


@pytest.fixture(scope="module")
def window_of(nothing_left_by_module, tmp_path_factory):
    """Give a window with a plan open, which the tests of a module share."""
    from PySide6.QtTest import QTest

    from cn_planner.gui.app import make_window
    from cn_planner.gui.settings import Settings
    from cn_planner.jobs import close_pools

    made = []

    def give(plan: Path):
        settings = Settings(tmp_path_factory.mktemp("window") / "window.ini")
        settings.set("language", "en")
        settings.set("tour_seen", True)
        window = make_window(settings)
        made.append(window)
        window.resize(1440, 900)
        window.show()
        window.state.follow = False
        window.state.open(plan)
        end = time.monotonic() + 300.0
        while window.state.project is None or window.state.jobs.active():
            assert time.monotonic() < end, "the plan does not open"
            QTest.qWait(10)
        return window

    yield give
    for window in made:
        window.close()
        window.shutdown()
        window.deleteLater()
    QApplication.processEvents()
    close_pools()


@pytest.fixture(autouse=True)
def own_settings(tmp_path: Path):
    """Keep the settings of the test to itself."""
    for scope in (QSettings.Scope.UserScope, QSettings.Scope.SystemScope):
        for form in (QSettings.Format.NativeFormat, QSettings.Format.IniFormat):
            QSettings.setPath(form, scope, str(tmp_path / "settings"))


@pytest.fixture(autouse=True, scope="session")
def engine():
    """Have machine code made before a window is opened, as the program does; where it is in the cache, load it."""
    from cn_planner.session.engine import make_engine_ready

    make_engine_ready()


@pytest.fixture(scope="session")
def qapp(qapp):
    """The application with the program's own type, so that pictures do not depend on the machine's."""
    from cn_planner.gui import theme

    theme.add_fonts()
    return qapp


@pytest.fixture
def state(valley_folder: Path, qtbot):
    """The sample valley with two masts and a link between them, open."""
    from dataclasses import replace

    from cn_planner.gui.state import AppState
    from cn_planner.model import edits
    from cn_planner.model.plan import Link
    from cn_planner.session.sample import open_sample

    project = open_sample(valley_folder)
    masts = [replace(project.plan.sites[key], mast_height_m=12.0) for key in ("C01", "G01")]
    project.apply(edits.put(project.plan, [*masts, Link("L1", "C01", "G01")]))
    made = AppState()
    made.follow = False
    made.take(project)
    yield made
    made.shutdown()
    made.deleteLater()  # what listens to it holds it, and would stay


@pytest.fixture
def window(qtbot):
    """An empty window, for what opens over one; files that want the program's own have a fixture of that name."""
    from PySide6.QtWidgets import QWidget

    made = QWidget()
    qtbot.addWidget(made)
    made.resize(1280, 720)
    made.show()
    return made


@pytest.fixture
def settings(tmp_path: Path):
    """Settings of the test's own."""
    from cn_planner.gui.settings import Settings

    return Settings(tmp_path / "window.ini")


@pytest.fixture
def settled(qtbot):
    """Wait until a state's jobs have ended and what they found is shown."""

    def wait(state) -> None:
        qtbot.waitUntil(lambda: not state.jobs.active(), timeout=300_000)
        qtbot.wait(20)

    return wait


@pytest.fixture
def regions(state, settings, qtbot):
    """The map with its panel and tables, without the window round it."""
    from PySide6.QtWidgets import QWidget

    from cn_planner.gui.regions import Regions

    parent = QWidget()
    qtbot.addWidget(parent)
    made = Regions(state, settings, parent)
    made.map_region.setParent(parent)
    made.map_region.resize(800, 600)
    yield made
    made.shutdown()
