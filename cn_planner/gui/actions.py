"""What the window's commands do."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QStandardPaths
from PySide6.QtWidgets import QFileDialog

from cn_planner.gui.words import tr
from cn_planner.message import Message, msg

if TYPE_CHECKING:
    from cn_planner.gui.window import MainWindow

_TOOLS = {
    "tool_select": "select", "place_tower": "site", "place_home": "household", "place_obstacle": "obstacle",
    "draw_link": "link", "draw_zone": "zone", "draw_no_build": "no_build", "measure": "measure",
}  # fmt: skip


class Actions:
    """Does commands by name, for menus, keys, buttons of the rail and the first page alike."""

    def __init__(self, window: MainWindow) -> None:
        self._window = window

    def __call__(self, key: str) -> None:
        """Do a command."""
        if key.startswith("answer:"):
            self._window.village.ask(key.removeprefix("answer:"))
        elif key in _TOOLS:
            canvas = self._window.regions.canvas
            canvas.use_tool(_TOOLS[key])
            canvas.setFocus()
        else:
            getattr(self, f"do_{key}")()

    def plan_opened(self) -> None:
        """Begin what follows the opening of a plan."""

    def close(self) -> None:
        """Close what is open beside the window."""

    def take_files(self, files: list[Path]) -> None:
        """Take files that were dropped."""
        self._window.intake.take(files)

    def do_sample(self) -> None:
        self._window.state.open_sample(documents() / "sample-valley")

    def do_open(self) -> None:
        files = self._choose(msg("Open a plan"), "*.cnplan.gpkg")
        if files:
            self._window.state.open(files[0])

    def do_undo(self) -> None:
        self._window.state.undo()

    def do_redo(self) -> None:
        self._window.state.redo()

    def do_quit(self) -> None:
        self._window.close()

    def _choose(self, title: Message, pattern: str, *, several: bool = False) -> list[Path]:
        folder = self._window.settings.get("folder") or str(documents())
        dialog = QFileDialog(self._window, tr(title), folder, f"{tr(title)} ({pattern});;{tr(msg('All files'))} (*)")
        dialog.setFileMode(QFileDialog.FileMode.ExistingFiles if several else QFileDialog.FileMode.ExistingFile)
        return [Path(text) for text in dialog.selectedFiles()] if dialog.exec() else []


def documents() -> Path:
    """Return the folder for plans."""
    return Path(QStandardPaths.writableLocation(QStandardPaths.StandardLocation.DocumentsLocation)) / "CN Planner"
