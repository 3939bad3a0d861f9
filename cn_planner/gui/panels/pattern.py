"""The way from a kit to the pattern of its antenna: drawn, and replaced by a measured one."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtWidgets import QPushButton

from cn_planner.gui.dialogs.catalogue import PatternSheet
from cn_planner.gui.words import tr
from cn_planner.message import msg

if TYPE_CHECKING:
    from PySide6.QtWidgets import QWidget

    from cn_planner.gui.panels.desk import Desk

PATTERN = msg("Measured pattern…")


def show_pattern(parent: QWidget, desk: Desk, kit: str) -> None:
    """Show the pattern of a kit's antenna; nothing where the kit is not on the shelf any more."""
    project = desk.state.project
    if project is not None and kit in project.catalogue.kits:
        PatternSheet(parent.window(), desk.state, project.catalogue.kits[kit].antenna).show()


class PatternButton(QPushButton):
    """A button that shows the pattern of a kit's antenna."""

    def __init__(self, desk: Desk) -> None:
        super().__init__(tr(PATTERN))
        self.setAccessibleName(self.text())
        self.setAutoDefault(False)
        self._desk, self._kit = desk, ""
        self.clicked.connect(lambda: show_pattern(self, self._desk, self._kit))

    def show_kit(self, kit: str) -> None:
        """Say of which kit."""
        self._kit = kit
        project = self._desk.state.project
        self.setEnabled(project is not None and kit in project.catalogue.kits)
