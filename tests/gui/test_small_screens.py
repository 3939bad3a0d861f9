"""A screen of few points, as where everything is drawn twice as large: buttons at the foot stay on it."""

from __future__ import annotations

from types import SimpleNamespace

from PySide6.QtCore import QSize
from PySide6.QtWidgets import QWidget

from cn_planner.gui.app import make_window
from cn_planner.gui.dialogs.dialog import Dialog
from cn_planner.gui.window import MainWindow
from cn_planner.message import msg


def test_a_dialog_is_no_higher_than_the_screen_though_its_window_is(qtbot):
    owner = QWidget()
    qtbot.addWidget(owner)
    room = owner.screen().availableVirtualSize()
    owner.resize(2 * room)
    dialog = Dialog(owner, msg("Share"), width=2 * room.width(), height=2 * room.height())
    assert dialog.height() < room.height()


def test_the_window_may_be_as_low_as_the_screen(qtbot, settings, monkeypatch):
    small = QSize(720, 450)
    monkeypatch.setattr(MainWindow, "screen", lambda _self: SimpleNamespace(availableSize=lambda: small))
    window = make_window(settings)
    qtbot.addWidget(window)
    assert window.minimumSize() == QSize(800, 450)  # narrower its words would be cut
    window.shutdown()
