"""Dialogs that only show: the keys, the log, what the program is."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QGridLayout, QPlainTextEdit, QWidget

from cn_planner.faults import log_end, log_path
from cn_planner.gui.commands import COMMANDS, MAP_KEYS, MENUS, sequences
from cn_planner.gui.dialogs.dialog import Dialog
from cn_planner.gui.panels.parts import caption, fill_box
from cn_planner.gui.words import tr
from cn_planner.message import msg
from cn_planner.version import __version__


class KeysDialog(Dialog):
    """Every key, by menu; then what the map takes."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent, msg("Keyboard shortcuts"), width=560, height=680)
        for menu, words in MENUS:
            rows = [
                (tr(one.words).rstrip("…"), keys[0].toString(keys[0].SequenceFormat.NativeText))
                for one in COMMANDS
                if one.menu == menu and (keys := sequences(one))
            ]
            if rows:
                self._table(tr(words).replace("&", ""), rows)
        self._table(tr(msg("On the map")), [(tr(words), keys) for keys, words in MAP_KEYS])
        self.column.addStretch(1)
        self.add_close()

    def _table(self, title: str, rows: list[tuple[str, str]]) -> None:
        self.column.addWidget(caption(title, "head"))
        grid = QGridLayout()
        grid.setHorizontalSpacing(16)
        grid.setVerticalSpacing(4)
        grid.setColumnStretch(0, 1)
        for number, (what, keys) in enumerate(rows):
            grid.addWidget(caption(what), number, 0)
            pressed = caption(keys, "label")
            pressed.setAlignment(Qt.AlignmentFlag.AlignTrailing | Qt.AlignmentFlag.AlignVCenter)
            grid.addWidget(pressed, number, 1)
        fill_box(self.column, grid, 16)


class LogDialog(Dialog):
    """What went wrong and nobody foresaw: the end of the log, to be read and copied before it is sent."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent, msg("Log of faults"), width=720, height=560)
        self.text = QPlainTextEdit(log_end())
        self.text.setReadOnly(True)
        self.text.setLineWrapMode(QPlainTextEdit.LineWrapMode.NoWrap)
        self.text.setAccessibleName(tr(msg("Log of faults")))
        what = (
            msg("It stands in {log}. It may hold names of files: read it before you send it.", log=str(log_path()))
            if self.text.toPlainText()
            else msg("Nothing has gone wrong that was not said where it happened. The log would be {log}.",
                     log=str(log_path()))
        )  # fmt: skip
        fill_box(self.column, caption(what), (self.text, 1))
        self.add_button(msg("Copy"), lambda: QGuiApplication.clipboard().setText(self.text.toPlainText()))
        self.add_close()


class AboutDialog(Dialog):
    """What the program is."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent, msg("About CN Planner"), width=480, height=320)
        for words in (
            msg("Version {version}", version=__version__),
            msg("Plan a community network: homes, towers, line of sight, cost, and the plan to build from. Offline."),
            msg("Free software under the Apache Licence 2.0. It uses Qt under the LGPL."),
            msg("Every result is an estimate. Check on site before you build."),
        ):
            self.column.addWidget(caption(words))
        self.column.addStretch(1)
        self.add_close()
