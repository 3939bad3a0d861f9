"""The way from a kit to the pattern of its antenna: drawn, and replaced by a measured one."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtWidgets import QPushButton

from cn_planner.gui.dialogs.catalogue import PatternDialog
from cn_planner.gui.words import tr
from cn_planner.message import msg

if TYPE_CHECKING:
    from PySide6.QtWidgets import QWidget

    from cn_planner.gui.panels.panel_context import PanelContext

PATTERN = msg("Measured pattern…")


def show_pattern(parent: QWidget, context: PanelContext, kit: str) -> None:
    """Show the pattern of a kit's antenna; nothing where the kit is not on the shelf any more."""
    project = context.state.project
    if project is not None and kit in project.catalogue.kits:
        PatternDialog(parent.window(), context.state, project.catalogue.kits[kit].antenna).show()


class PatternButton(QPushButton):
    """A button that shows the pattern of a kit's antenna."""

    def __init__(self, context: PanelContext) -> None:
        super().__init__(tr(PATTERN))
        self.setAccessibleName(self.text())
        self.setAutoDefault(False)
        self._context, self._kit = context, ""
        self.clicked.connect(lambda: show_pattern(self, self._context, self._kit))

    def show_kit(self, kit: str) -> None:
        """Say of which kit."""
        self._kit = kit
        project = self._context.state.project
        self.setEnabled(project is not None and kit in project.catalogue.kits)
