"""Which data the plan stands on: sources of ground and trees, how they agree, the base map, homes and places."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from cn_planner.errors import InputError
from cn_planner.gui.dialogs.dialog import Dialog
from cn_planner.gui.overview import comma_list, homes_in_all
from cn_planner.gui.panels.fields import ChoiceField, line_edit
from cn_planner.gui.panels.parts import STRETCH, button, caption, empty, fill_box, hbox, vbox
from cn_planner.gui.words import tr
from cn_planner.message import Message, counted, msg

if TYPE_CHECKING:
    from collections.abc import Callable

    from PySide6.QtWidgets import QVBoxLayout, QWidget

    from cn_planner.gui.map.content import MapContent
    from cn_planner.gui.quantities import Quantities
    from cn_planner.gui.state import AppState
    from cn_planner.session.workspace import Snapshot
    from cn_planner.terrain.overview import DataRow, GroundData


class DataDialog(Dialog):
    """Which data the plan stands on, and where it has holes; the order, and what heights stand for, may be changed."""

    def __init__(
        self,
        parent: QWidget,
        state: AppState,
        quantities: Quantities,
        act: Callable[[str], object],
        content: MapContent,
    ) -> None:
        super().__init__(parent, msg("Data used"), width=640, height=680)
        self._state, self._quantities, self._content = state, quantities, content
        self._ground, self._rest = vbox(), vbox()
        self.wrong = caption("", "warn")
        self.wrong.hide()
        fill_box(self.column, self._ground, self._rest, STRETCH, self.wrong)
        for words, key in (
            (msg("Add terrain…"), "add_terrain"), (msg("Add tree heights…"), "add_trees"),
            (msg("Add land cover…"), "add_land_cover"),
        ):  # fmt: skip
            self.add_button(words, partial(act, key), "flat")
        self.add_button(msg("Show on the map"), self._show_on_map)
        self.add_close()
        state.projectChanged.connect(self.close)
        state.planChanged.connect(self._refresh)
        self._refresh()

    def end(self) -> None:
        """Look for no holes any more."""
        super().end()
        self._state.jobs.cancel_all("holes")

    def _show_on_map(self) -> None:
        self._content.sources.set_visible(True)
        self._content.trees.set_visible(True)
        self.close()

    def _refresh(self, *_: object) -> None:
        plan = self._state.plan
        empty(self._ground)
        empty(self._rest)
        self._head(self._ground, msg("Terrain"))
        if plan.elevation:
            self._ground.addWidget(caption(msg("Looking for holes and seams…"), "label"))
            self._state.ask("holes", msg("Looking for holes in the terrain"), _look, self._show)
        else:
            self._ground.addWidget(caption(msg("None yet. Add an elevation file: .hgt or GeoTIFF.")))
            self._trees(self._rest, None)
        self._others()

    def _show(self, found: tuple[GroundData, tuple[str, ...]]) -> None:
        data, missing = found
        empty(self._ground)
        self._head(self._ground, msg("Terrain"))
        elevation = [one for one in data.rows if one.kind == "elevation"]
        for number, one in enumerate(elevation):
            self._row(one, first=number == 0)
        words = (
            msg("Terrain is missing: {tiles}", tiles=", ".join(missing))
            if missing
            else msg("No holes under towers and homes.")
        )
        self._say(self._ground, words, warn=bool(missing))
        self._seams(data)
        self._trees(self._ground, data)

    def _row(self, one: DataRow, *, first: bool) -> None:
        unknown = tr(msg("not said by the file"))
        line = hbox((caption(one.name if isinstance(one.name, str) else tr(one.name), "value"), 1))
        if not first and one.id in self._state.plan.terrain:
            name = tr(msg("Let {file} answer first", file=one.id))
            line.addWidget(button(msg("Let it answer first"), "flat", name=name, act=lambda: self._first(one.id)))
        self._ground.addLayout(line)
        self._say(self._ground, _sentence(one.said))
        self._say(
            self._ground,
            msg("Source: {source}. Date: {date}. Licence: {licence}.", source=one.source or unknown,
                date=one.date or unknown, licence=one.licence or unknown),
        )  # fmt: skip
        if one.kind == "elevation":
            self._holds(one)
        elif one.kind == "land-cover":
            self._classes(one)

    def _holds(self, one: DataRow) -> None:
        from cn_planner.terrain.overview import HOLDS_WORDS

        name = tr(msg("What the heights of {file} stand for", file=one.id))
        field = ChoiceField(name, list(HOLDS_WORDS.items()))
        field.show_value(one.holds)
        field.committed.connect(lambda value: self._set(f"terrain.{one.id}.holds", str(value)))
        self._ground.addWidget(field)

    def _classes(self, one: DataRow) -> None:
        from cn_planner.terrain.overview import classes_of

        known = classes_of(self._state.plan.terrain[one.id])
        shown = "; ".join(
            tr(msg("{number} {what} {height:g} m", number=number, what=what or "", height=height))
            for number, what, height, _own in known
        )
        self._ground.addWidget(caption(shown, "label"))
        name = tr(msg("Heights that you know better, by class"))
        field = line_edit(name, self._state.plan.terrain[one.id].class_heights, hint="10=12; 50=4")
        field.setToolTip(name)
        field.editingFinished.connect(lambda: self._set(f"terrain.{one.id}.class_heights", field.text()))
        self._ground.addWidget(field)

    def _seams(self, data: GroundData) -> None:
        from cn_planner.terrain.overview import LARGE_SEAM_M, seam_words

        for seam in data.seams:
            self._say(self._ground, seam_words(seam), warn=seam.most_m >= LARGE_SEAM_M)
        for note in data.notes:
            self._say(self._ground, note)

    def _trees(self, lines: QVBoxLayout, data: GroundData | None) -> None:
        plan = self._state.plan
        lines.addSpacing(16)
        self._head(lines, msg("Trees"))
        rows = [one for one in data.rows if one.kind != "elevation"] if data is not None else []
        for number, one in enumerate(rows):
            self._row(one, first=number == 0)
        high = self._quantities.height(plan.area.assumed_canopy_m)
        if plan.area.canopy_m is None:
            words = msg("Not known yet: {height} are assumed away from both ends of a path.", height=high)
        else:
            words = msg("{height}, as the village says.", height=high)
        if rows:
            words = msg("Where none of these knows the trees: {words}", words=words)
        self._say(lines, words)

    def _others(self) -> None:
        plan, lines = self._state.plan, self._rest
        lines.addSpacing(16)
        self._head(lines, msg("Base map"))
        self._say(lines, msg("{file}", file=plan.area.base_map) if plan.area.base_map else msg("None."))
        lines.addSpacing(16)
        self._head(lines, msg("Homes and places"))
        self._say(lines, comma_list([
            counted("{count:,g} home", "{count:,g} homes", homes_in_all(plan.households)),
            counted("{count} place", "{count} places", len(plan.sites)),
            counted("{count} tree or building seen", "{count} trees and buildings seen", len(plan.obstacles)),
            counted("{count} measurement", "{count} measurements", len(plan.measurements)),
        ]))  # fmt: skip
        if plan.info.invented:
            self._say(lines, msg("This place is invented. Nothing of it is real."), warn=True)

    def _head(self, lines: QVBoxLayout, words: Message) -> None:
        lines.addWidget(caption(words, "head"))

    def _say(self, lines: QVBoxLayout, words: Message, *, warn: bool = False) -> None:
        lines.addWidget(caption(words, "warn" if warn else "label"))

    def _first(self, file: str) -> None:
        from cn_planner.terrain.files import put_first

        self._state.apply(put_first(self._state.plan, file))

    def _set(self, key: str, value: str) -> None:
        from cn_planner.model.settings import change_setting

        try:
            edit = change_setting(self._state.plan, {key: value})
        except InputError as problem:
            self.wrong.setText(tr(problem.what))
            self.wrong.show()
            return
        self.wrong.hide()
        if edit.plan != self._state.plan:
            self._state.apply(edit)


def _sentence(parts: tuple[Message, ...]) -> Message:
    return msg("{first}.", first=", ".join(tr(one) for one in parts))


def _look(snapshot: Snapshot, _report: object, _cancel: object) -> tuple[GroundData, tuple[str, ...]]:
    import numpy as np

    from cn_planner.terrain.overview import data_of

    surface, plan = snapshot.surface, snapshot.plan
    places = [(one.latitude, one.longitude) for one in plan.sites.values()]
    places += [(one.latitude, one.longitude) for one in plan.households.values()]
    latitude, longitude = np.array(places, np.float64).reshape(-1, 2).T
    missing = np.isnan(surface.heights(latitude, longitude))
    tiles = tuple(surface.missing_tiles(latitude[missing], longitude[missing])) if missing.any() else ()
    return data_of(plan, surface), tiles
