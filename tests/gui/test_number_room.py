"""A number with buttons keeps off the edge of its field."""

from __future__ import annotations

from PySide6.QtWidgets import QAbstractSpinBox

from cn_planner.gui.dialogs.settings import SettingsDialog
from cn_planner.gui.village import Village


def test_numbers_keep_off_the_edge(state, settings, qtbot):
    village, dialog = Village(state, settings), SettingsDialog(None, settings)
    for one in (village, dialog):
        qtbot.addWidget(one)
        one.show()
    village.ask("area.canopy_m")
    found = village.findChildren(QAbstractSpinBox) + dialog.findChildren(QAbstractSpinBox)
    assert len(found) >= 2
    assert all(one.lineEdit().textMargins().left() >= 6 for one in found)
