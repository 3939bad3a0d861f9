"""People with a phone in the window: asked once it is known who is connected, and held for map and panels alike."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal

from cn_planner.jobs import run_on
from cn_planner.message import msg
from cn_planner.model.clients import hotspots_on

if TYPE_CHECKING:
    from cn_planner.gui.state import AppState
    from cn_planner.jobs import Report
    from cn_planner.progress import CancelToken
    from cn_planner.service.hotspots import HotspotReach
    from cn_planner.service.now import ServiceNow
    from cn_planner.session.hotspots import PeopleNow
    from cn_planner.session.workspace import Snapshot


class PeopleOnFoot(QObject):
    """Who reaches the network on foot, as the plan stands; nothing where hotspots are no part of it."""

    changed = Signal()

    def __init__(self, state: AppState) -> None:
        super().__init__(state)
        self._state = state
        self.found: PeopleNow | None = None
        state.serviceChanged.connect(self._service)
        state.projectChanged.connect(lambda: self._take(None))

    @classmethod
    def of(cls, state: AppState) -> PeopleOnFoot:
        """Return the one of a state."""
        return state.findChild(cls) or cls(state)

    def of_place(self, key: str) -> HotspotReach | None:
        """Return what the hotspot of a public place reaches; None where there is none, or not yet."""
        spots = () if self.found is None else self.found.found.hotspots
        return next((one for one in spots if one.hotspot.id == key and not one.hotspot.on_tower), None)

    def _service(self, now: ServiceNow | None) -> None:
        if now is None or not hotspots_on(self._state.plan):
            self._take(None)
            return

        def work(snapshot: Snapshot, report: Report, cancel: CancelToken) -> PeopleNow:
            from cn_planner.session.hotspots import people_now

            return people_now(snapshot, now, run=run_on(report, cancel))

        self._state.ask("people", msg("Looking who reaches a hotspot on foot"), work, self._take)

    def _take(self, found: PeopleNow | None) -> None:
        if found is not None or self.found is not None:
            self.found = found
            self.changed.emit()
