"""The small window that asks for one line: its title is read whole, its buttons look like all others."""

from __future__ import annotations

from PySide6.QtGui import QFontMetrics
from PySide6.QtWidgets import QDialogButtonBox, QInputDialog, QLabel, QLineEdit, QStyle

from cn_planner.gui.app import make_window


def test_the_name_of_a_scenario_is_asked_for_in_a_window_that_holds_its_title(qtbot, settings):
    window = make_window(settings)
    qtbot.addWidget(window)
    window.top.ask_new()
    (dialog,) = window.findChildren(QInputDialog)
    frame = 120  # sign and three buttons beside the title
    assert QFontMetrics(dialog.font()).horizontalAdvance(dialog.windowTitle()) + frame <= dialog.sizeHint().width()
    told = dialog.findChild(QLabel).text()
    assert told.startswith("New scenario")
    assert dialog.findChild(QLineEdit).accessibleName() == told
    box = dialog.findChild(QDialogButtonBox)
    signs = QStyle.StyleHint.SH_DialogButtonBox_ButtonsHaveIcons
    assert not box.style().styleHint(signs, None, box)  # those of the desktop are of another set, in colours
    dialog.close()
    window.shutdown()
