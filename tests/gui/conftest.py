"""Fixtures for the window's tests: without a screen, and without anything left behind.

A test fails on a warning of Qt, on a thread that still runs when it is over, and on a timer that still ticks.
"""

from __future__ import annotations

import gc
import os
import threading
from pathlib import Path

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

import pytest
from PySide6.QtCore import QSettings, QTimer, QtMsgType, qInstallMessageHandler

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


@pytest.fixture(autouse=True)
def nothing_left_behind(qapp):
    """Fail on threads and timers that a test leaves running. The pools of the process may stay."""
    before = set(threading.enumerate())
    yield
    left = [
        t
        for t in threading.enumerate()
        if t not in before and t.is_alive() and not t.name.startswith(("tile", "hand", "jobs"))
    ]
    assert not left, f"threads left: {[t.name for t in left]}"
    gc.collect()
    ticking = [
        timer
        for widget in qapp.topLevelWidgets()
        if widget.isVisible()
        for timer in widget.findChildren(QTimer)
        if timer.isActive() and not timer.isSingleShot()
    ]
    assert not ticking, f"timers left: {ticking}"


@pytest.fixture(autouse=True)
def own_settings(tmp_path: Path):
    """Keep the settings of the test to itself."""
    for scope in (QSettings.Scope.UserScope, QSettings.Scope.SystemScope):
        for form in (QSettings.Format.NativeFormat, QSettings.Format.IniFormat):
            QSettings.setPath(form, scope, str(tmp_path / "settings"))


@pytest.fixture(scope="session")
def qapp(qapp):
    """The application with the program's own type, so that pictures do not depend on the machine's."""
    from cn_planner.gui import theme

    theme.add_fonts()
    return qapp
