"""After a tower is placed or moved: is there higher ground a few steps away? Asked, never done in silence."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from PySide6.QtCore import Signal

from cn_planner.gui.panels import formatters
from cn_planner.gui.panels.parts import QuestionCard, button
from cn_planner.gui.words import tr
from cn_planner.message import msg
from cn_planner.model import edits
from cn_planner.model.plan import Status

if TYPE_CHECKING:
    from collections.abc import Sequence

    from PySide6.QtWidgets import QWidget

    from cn_planner.gui.panels.panel_context import PanelContext
    from cn_planner.model.history import Change
    from cn_planner.terrain.nearby import HigherGround

_RADIUS_M = 150.0
_WORTH_M = 3.0
"""Less than this is not worth a question: it is within what elevation files are wrong by."""


class HigherGroundCard(QuestionCard):
    """The question: "12 m higher, 80 m to the north: move there?"."""

    asked = Signal()

    def __init__(self, context: PanelContext, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.context = context
        self.site_id = ""
        self.found: HigherGround | None = None
        self._moving = False
        self.yes = button(msg("Move there"), "primary", act=self._move)
        self.no = button(msg("Leave it here"), act=self._close)
        self.add_answers(self.yes, self.no)
        self.hide()
        context.state.planChanged.connect(self._plan_changed)
        context.state.projectChanged.connect(self._close)

    def _plan_changed(self, changes: Sequence[Change]) -> None:
        """Ask for one site that was placed or moved by hand; an undo, an import, a whole plan ask nothing."""
        if self.isVisible():
            self._close()
        project = self.context.state.project
        if self._moving or project is None or project.history.redo_label is not None:
            return
        sites = [one for one in changes if one.part == "sites" and one.after is not None]
        if len(sites) != 1 or sites[0].after.status is Status.BUILT or not self.context.plan.terrain:
            return
        before, after = sites[0].before, sites[0].after
        if before is None or (before.latitude, before.longitude) != (after.latitude, after.longitude):
            self._look(after.id, after.latitude, after.longitude)

    def _look(self, key: str, latitude: float, longitude: float) -> None:
        from cn_planner.terrain.nearby import highest_nearby

        def done(found: HigherGround | None) -> None:
            if found is not None and found.gain_m >= _WORTH_M and key in self.context.plan.sites:
                self.ask(key, found)

        self.context.state.ask(
            "higher ground", msg("Looking for higher ground"),
            lambda snapshot, _report, _cancel: highest_nearby(snapshot.surface, latitude, longitude, _RADIUS_M), done,
        )  # fmt: skip

    def ask(self, key: str, found: HigherGround) -> None:
        """Ask for a site."""
        self.site_id, self.found = key, found
        name = self.context.plan.sites[key].name or key
        gain, far = self.context.height(found.gain_m), self.context.distance(found.distance_m)
        self.head.setText(tr(msg("Higher ground beside {site}", site=name)))
        way = formatters.compass_point(found.azimuth_deg)
        self.words.setText(tr(msg("{gain} higher, {far} to the {way}: move there?", gain=gain, far=far, way=way)))
        self.setAccessibleName(self.words.text())
        self.adjustSize()
        self.show()
        self.asked.emit()

    def places(self) -> list[tuple[float, float]]:
        """Return where the site stands and where it could, as latitude and longitude."""
        site, found = self.context.plan.sites.get(self.site_id), self.found
        here = [] if site is None else [(site.latitude, site.longitude)]
        return here if found is None else [*here, (found.latitude, found.longitude)]

    def _move(self) -> None:
        site, found = self.context.plan.sites.get(self.site_id), self.found
        self._close()
        if site is None or found is None:
            return
        moved = replace(site, latitude=round(found.latitude, 6), longitude=round(found.longitude, 6))
        label = msg("move {name} to higher ground", name=site.name or site.id)
        self._moving = True
        self.context.edit(lambda plan: edits.put(plan, [moved], label))
        self._moving = False

    def _close(self) -> None:
        if self.isVisible():
            self.hide()
            self.closed.emit()
