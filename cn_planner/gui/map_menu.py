"""The list by the legend: what the colours show, whose it is, by which model, and a way to keep it as a file."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

from PySide6.QtGui import QActionGroup
from PySide6.QtWidgets import QFileDialog, QMenu

from cn_planner.gui.coverage_maps import VIEW_WORDS
from cn_planner.gui.dialogs.dialog import file_dialog
from cn_planner.gui.panels.parts import offer
from cn_planner.gui.words import tr
from cn_planner.message import msg
from cn_planner.session.map_views import SIGNALS, View, models

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from PySide6.QtGui import QAction
    from PySide6.QtWidgets import QWidget

    from cn_planner.gui.coverage_maps import CoverageMaps
    from cn_planner.message import Message

_OF_ONE = frozenset(View) - {View.COUNT}


class MapMenu(QMenu):
    """Made anew whenever it opens: what can be chosen depends on the plan and on what is selected."""

    def __init__(self, maps: CoverageMaps, parent: QWidget) -> None:
        super().__init__(parent)
        self._maps = maps
        self.aboutToShow.connect(self.fill)

    def fill(self) -> None:
        """Offer what can be chosen now."""
        maps = self._maps
        self.clear()
        self.setAccessibleName(tr(msg("What the colours show")))
        views = QActionGroup(self)
        for view, words in VIEW_WORDS.items():
            self._choice(self, views, words, view, maps.view, maps.choose)
        if maps.view in _OF_ONE:
            self.addSeparator()
            whose = QActionGroup(self)
            self._choice(self, whose, msg("All towers"), None, maps.site, maps.choose_site)
            one = maps.selected or maps.site
            words = msg("Only {name}", name=maps.name_of(one)) if one else msg("Only the tower that you select")
            only = self._choice(self, whose, words, one, maps.site, maps.choose_site)
            only.setEnabled(one is not None)
            only.setChecked(maps.site is not None)
        if maps.view in SIGNALS:
            self.addSeparator()
            by = QActionGroup(self)
            for model, words in models().items():
                self._choice(self, by, msg("By {model}", model=words), model, maps.model, maps.choose_model)
            maps.say_left_out()
        if maps.view is not None:
            self.addSeparator()
            save = self.addAction(tr(msg("Save this map…")))
            save.setEnabled(maps.shown is not None)
            save.triggered.connect(lambda: ask_file(maps, self))

    def _choice(
        self, menu: QMenu, group: QActionGroup, words: Message, value: Any, now: Any, take: Callable[[Any], None]
    ) -> QAction:
        action = offer(menu, words, partial(take, value), chosen=value == now)
        action.setActionGroup(group)
        return action


def ask_file(maps: CoverageMaps, parent: QWidget) -> QFileDialog:
    """Ask where the map that is shown is to be kept, and as what; it is written beside the window."""
    kinds = {
        tr(msg("Picture with its legend and place")) + " (*.png)": ".png",
        tr(msg("Figures for a GIS: GeoTIFF")) + " (*.tif)": ".tif",
        tr(msg("Areas of the classes: GeoJSON")) + " (*.geojson)": ".geojson",
    }

    def take(files: list[Path]) -> None:
        out, suffix = files[0], kinds.get(dialog.selectedNameFilter(), ".png")
        maps.save(out if out.suffix.lower() in kinds.values() else out.with_name(out.name + suffix))

    mode = QFileDialog.FileMode.AnyFile
    dialog = file_dialog(parent, msg("Save this map"), take, folder=maps.folder(), kinds=";;".join(kinds), mode=mode)
    dialog.open()
    return dialog
