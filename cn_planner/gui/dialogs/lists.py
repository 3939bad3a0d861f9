"""Sheets that only show: the keys, which data the plan stands on, what the program is."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QGridLayout, QLabel, QWidget

from cn_planner import __version__
from cn_planner.gui import theme
from cn_planner.gui.commands import COMMANDS, MAP_KEYS, MENUS, sequences
from cn_planner.gui.dialogs.sheet import Sheet
from cn_planner.gui.overview import joined
from cn_planner.gui.panels.parts import label
from cn_planner.gui.words import tr
from cn_planner.message import counted, msg

if TYPE_CHECKING:
    from cn_planner.gui.quantities import Quantities
    from cn_planner.gui.state import AppState


class KeysSheet(Sheet):
    """Every key, by menu; then what the map takes."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent, msg("Keys"), width=560, height=680)
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
        self.column.addWidget(label(title, "head"))
        grid = QGridLayout()
        grid.setHorizontalSpacing(16)
        grid.setVerticalSpacing(4)
        grid.setColumnStretch(0, 1)
        for number, (what, keys) in enumerate(rows):
            grid.addWidget(label(what), number, 0)
            pressed = QLabel(keys)
            theme.mark(pressed, "label")
            pressed.setAlignment(Qt.AlignmentFlag.AlignTrailing | Qt.AlignmentFlag.AlignVCenter)
            grid.addWidget(pressed, number, 1)
        self.column.addLayout(grid)
        self.column.addSpacing(16)


class DataSheet(Sheet):
    """Which data the plan stands on, and where it has holes."""

    def __init__(self, parent: QWidget, state: AppState, quantities: Quantities) -> None:
        super().__init__(parent, msg("Which data"), width=560, height=560)
        plan = state.plan
        self.column.addWidget(label(tr(msg("Terrain")), "head"))
        if not plan.terrain:
            self.column.addWidget(label(tr(msg("None yet. Add an elevation file: .hgt or GeoTIFF."))))
        for row in plan.terrain.values():
            self.column.addWidget(label(row.id, "value"))
            unknown = tr(msg("not said by the file"))
            for words in (
                msg("Samples every {cell}", cell=quantities.height(row.cell_m)),
                msg("Source: {source}", source=row.source or unknown),
                msg("Licence: {licence}", licence=row.licence or unknown),
                msg("Date: {date}", date=row.date or unknown),
                msg("Heights above: {datum}", datum=row.vertical_datum or unknown),
            ):
                self.column.addWidget(label(tr(words), "label"))
        self._holes = label(tr(msg("Looking for holes under towers and homes…")) if plan.terrain else "", "label")
        self.column.addWidget(self._holes)
        self.column.addSpacing(16)
        self.column.addWidget(label(tr(msg("Trees")), "head"))
        trees = (
            msg("Not known yet: {height} are assumed away from both ends of a path.",
                height=quantities.height(plan.area.assumed_canopy_m))
            if plan.area.canopy_m is None
            else msg("{height}, as the village says.", height=quantities.height(plan.area.canopy_m))
        )  # fmt: skip
        self.column.addWidget(label(tr(trees)))
        self.column.addSpacing(16)
        self.column.addWidget(label(tr(msg("Homes and places")), "head"))
        self.column.addWidget(
            label(tr(joined([
                counted("{count} home", "{count} homes", len(plan.households)),
                counted("{count} place", "{count} places", len(plan.sites)),
                counted("{count} tree or building seen", "{count} trees and buildings seen", len(plan.obstacles)),
                counted("{count} measurement", "{count} measurements", len(plan.measurements)),
            ])))
        )  # fmt: skip
        if plan.info.invented:
            self.column.addWidget(label(tr(msg("This place is invented. Nothing of it is real.")), "warn"))
        self.column.addStretch(1)
        self.add_close()
        state.projectChanged.connect(self.close)
        # What is found after the sheet was closed has no place to be shown.
        self.finished.connect(lambda _: state.jobs.cancel_all("holes"))
        if plan.terrain:
            state.ask("holes", msg("Looking for holes in the terrain"), _holes, self._show_holes)

    def _show_holes(self, found: tuple[str, ...]) -> None:
        if found:
            self._holes.setText(tr(msg("Terrain is missing: {tiles}", tiles=", ".join(found))))
            theme.mark(self._holes, "warn")
        else:
            self._holes.setText(tr(msg("No holes under towers and homes.")))


def _holes(snapshot, _report, _cancel) -> tuple[str, ...]:
    import numpy as np

    things = [*snapshot.plan.sites.values(), *snapshot.plan.households.values()]
    latitude = np.array([thing.latitude for thing in things])
    longitude = np.array([thing.longitude for thing in things])
    missing = np.isnan(snapshot.surface.heights(latitude, longitude))
    return tuple(snapshot.surface.missing_tiles(latitude[missing], longitude[missing])) if missing.any() else ()


class AboutSheet(Sheet):
    """What the program is."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent, msg("About CN Planner"), width=480, height=320)
        for words in (
            msg("Version {version}", version=__version__),
            msg("Plan a community network: homes, towers, line of sight, cost, and the plan to build from. Offline."),
            msg("Free software under the Apache Licence 2.0. It uses Qt under the LGPL."),
            msg("Every result is an estimate. Check on site before you build."),
        ):
            self.column.addWidget(label(tr(words)))
        self.column.addStretch(1)
        self.add_close()
