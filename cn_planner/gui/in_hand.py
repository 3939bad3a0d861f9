"""What follows a tower under the hand: its links as they would stand, the homes it sees, its ground; homes and cost."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal

from cn_planner.gui.kinds import moved_to
from cn_planner.gui.map.things import HeldTower, PathLine
from cn_planner.gui.words import tr
from cn_planner.jobs import Slot
from cn_planner.message import counted, msg
from cn_planner.model.plan import Site

if TYPE_CHECKING:
    from cn_planner.gui.kinds import Thing
    from cn_planner.gui.map.canvas import MapCanvas
    from cn_planner.gui.quantities import Quantities
    from cn_planner.gui.state import AppState
    from cn_planner.jobs import Report
    from cn_planner.message import Message
    from cn_planner.progress import CancelToken
    from cn_planner.service.path_view import LinkView
    from cn_planner.session.figures_in_hand import CarriedTower, FiguresInHand
    from cn_planner.session.workspace import Snapshot

_KEY, _FIGURES = "live links", "live figures"


class InHand(QObject):
    """Tells the map what goes with the tower that is carried.

    Parameters
    ----------
    state : AppState
    canvas : MapCanvas
    quantities : Quantities
    parent : QObject
    """

    counted = Signal()
    """Homes and cost of the plan are others with the tower where the hand is; or as before, as it let go."""

    def __init__(self, state: AppState, canvas: MapCanvas, quantities: Quantities, parent: QObject) -> None:
        super().__init__(parent)
        self._state, self._canvas, self._quantities = state, canvas, quantities
        self._site: Site | None = None
        self._links: dict[str, PathLine] = {}
        self._carried: CarriedTower | None = None
        canvas.moving.connect(self._moving)
        canvas.moved.connect(lambda *_: self._end())
        canvas.moveCancelled.connect(lambda _: self._end())
        state.coverageChanged.connect(lambda _: self._follow())

    def _moving(self, thing: Thing, latitude: float, longitude: float) -> None:
        site = moved_to(self._state.plan, thing, (latitude, longitude))
        if not isinstance(site, Site) or not site.in_network or not self._state.plan.terrain:
            return
        self._site = site
        self._tell()

        def work(snapshot: Snapshot, _report: Report, cancel: CancelToken) -> dict[str, LinkView]:
            from cn_planner.session.links_in_hand import links_in_hand

            return links_in_hand(snapshot, site, cancel)

        # Where it cannot be computed the coverage says why; the lines follow all the same.
        self._state.ask(
            _KEY, msg("Looking along the links while it is moved"), work, self._take,
            slot=Slot.LIVE, let_running_finish=True, on_error=lambda _failure: None,
        )  # fmt: skip

    def _take(self, found: dict[str, LinkView]) -> None:
        if self._site is not None:
            self._links = {
                key: PathLine((one.a.latitude, one.a.longitude), (one.b.latitude, one.b.longitude), one.segments)
                for key, one in found.items()
            }
            self._tell()

    def _follow(self) -> None:
        self._tell()
        site, live, now = self._site, self._state.computed.live, self._state.computed.service
        if site is None or live is None or now is None or site.id not in now.sites or live.site != site.id:
            return
        carried = self._carried

        def work(snapshot: Snapshot, _report: Report, _cancel: CancelToken) -> tuple[CarriedTower, FiguresInHand]:
            from cn_planner.session.figures_in_hand import CarriedTower

            tower = carried or CarriedTower(snapshot, now, site.id)
            return tower, tower.at(site, live.homes)

        # Where the bill cannot be made the overview says why.
        self._state.ask(
            _FIGURES, msg("Counting homes and money while it is moved"), work, self._take_figures,
            slot=Slot.LIVE, let_running_finish=True, on_error=lambda _failure: None,
        )  # fmt: skip

    def _take_figures(self, found: tuple[CarriedTower, FiguresInHand]) -> None:
        if self._site is not None:
            self._carried, self._state.computed.in_hand = found
            self.counted.emit()

    def _tell(self) -> None:
        site = self._site
        if site is None:
            return
        live, homes = self._state.computed.live, self._state.plan.households
        mine = live if live is not None and live.site == site.id else None
        words: list[Message] = []
        if mine is not None:
            words.append(counted("sees {count:,g} home", "sees {count:,g} homes", mine.weight))
            given = [one for one in homes.values() if one.server == site.id]
            if given:
                seen_now = set(mine.homes)
                kept = sum(one.weight for one in given if one.id in seen_now)
                words.append(msg("{kept:,g} of its {all:,g}", kept=kept, all=sum(one.weight for one in given)))
        ground = self._canvas.content.ground_m(site.latitude, site.longitude)
        if ground is not None:
            words.append(msg("ground {height}", height=self._quantities.height(ground)))
        seen = () if mine is None else mine.homes
        places = tuple((homes[key].latitude, homes[key].longitude) for key in seen if key in homes)
        self._canvas.held = HeldTower(tuple(tr(one) for one in words), places, self._links)
        self._canvas.update()

    def _end(self) -> None:
        self._state.jobs.cancel_all(_KEY)
        self._state.jobs.cancel_all(_FIGURES)
        self._site, self._links, self._canvas.held, self._carried = None, {}, None, None
        if self._state.computed.in_hand is not None:
            self._state.computed.in_hand = None
            self.counted.emit()
        self._canvas.update()
