"""The regions that others fill: the map, the side panel, the profile; and what ties them to the shared state."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QRect, Qt, QTimer, Signal
from PySide6.QtGui import QKeySequence, QShortcut
from PySide6.QtWidgets import QApplication, QStackedWidget, QVBoxLayout, QWidget

from cn_planner import paths
from cn_planner.gui import theme
from cn_planner.gui.area_data import AreaData
from cn_planner.gui.coverage_maps import CoverageMaps
from cn_planner.gui.coverage_view import CoverageView
from cn_planner.gui.in_hand import InHand
from cn_planner.gui.kinds import SUGGESTION
from cn_planner.gui.map.canvas import MapCanvas
from cn_planner.gui.map_binding import MapBinding
from cn_planner.gui.map_tools import Legend, MapTools
from cn_planner.gui.overview import comma_list, homes_in_all
from cn_planner.gui.panels.higher_ground import HigherGroundCard
from cn_planner.gui.panels.panel_context import PanelContext
from cn_planner.gui.panels.parts import let_go, vbox
from cn_planner.gui.panels.profile import ProfilePanel
from cn_planner.gui.panels.side import SidePanel
from cn_planner.gui.panels.suggestions import SuggestionCard
from cn_planner.gui.scroll import Resized, ScrollColumn
from cn_planner.gui.words import tr
from cn_planner.message import Message, counted, msg

if TYPE_CHECKING:
    from collections.abc import Callable

    from PySide6.QtCore import QSize

    from cn_planner.gui.kinds import Thing
    from cn_planner.gui.panels.proposal import ProposalBar, ProposalPanel
    from cn_planner.gui.panels.tables import Tables
    from cn_planner.gui.quantities import Quantities
    from cn_planner.gui.settings import Settings
    from cn_planner.gui.state import AppState
    from cn_planner.gui.view3d.view import GroundView
    from cn_planner.session.proposal import Proposal


_SIDE_PX, _SIDE_LEAST_PX, _SIDE_SHARE = 320, 288, 0.42
"""What the side panel needs, and where the window is narrow."""
_LAID_OUT_MS = 50
_LATER_MS = 1_000


def _places_of(found: Proposal) -> list[tuple[float, float]]:
    """Return where the towers are that come, move or go, and those that they are linked to."""
    plans = found.before, found.edit.plan
    keys = {one.id for one in found.parts}
    for key in (link for one in found.parts for link in one.links):
        keys |= {end for plan in plans if (link := plan.links.get(key)) for end in (link.from_site, link.to_site)}
    return [(row.latitude, row.longitude) for plan in plans for key in keys if (row := plan.sites.get(key))]


class Regions(QObject):
    """Map, side panel and profile."""

    place_moved = Signal(object)

    def __init__(self, state: AppState, settings: Settings, parent: QWidget) -> None:
        super().__init__(parent)
        self._state, self._settings = state, settings
        self.canvas = MapCanvas(tile_cache=paths.cache() / "tiles")
        self.map_region = QWidget()
        column = QVBoxLayout(self.map_region)
        column.setContentsMargins(0, 0, 0, 0)
        column.addWidget(self.canvas)
        self.map_side = QWidget()
        """The map, below the bar of a proposal."""
        self._column = vbox(self.map_region, on=self.map_side, gap=0)
        self.proposal: tuple[ProposalPanel, ProposalBar] | None = None
        self.view3d: GroundView | None = None
        self._turned_for: Proposal | None = None
        self._view_keys: list[QShortcut] = []
        state.proposals.changed.connect(self._show_proposal)
        state.proposals.ticked.connect(self._mark_proposal)
        self.binding = MapBinding(state, self.canvas, settings)
        self.binding.placeMoved.connect(self.place_moved)
        self.tools = MapTools(self.map_region, self.canvas)
        self.tools.searched.connect(self.binding.go_to)
        self.maps = CoverageMaps(state, self)
        self.legend = Legend(self.map_region, self.canvas, self.maps)
        self.legend.above = self._tools_end
        self.canvas.floats = self._floats
        self.coverage = CoverageView(state, self.canvas, self.maps)
        self.context = PanelContext(state, settings, self)
        self.context.goTo.connect(self.binding.show)
        self.in_hand = InHand(state, self.canvas, self.context.quantities, self)
        self.context.linksChanged.connect(lambda: self.binding.show_links(self.context.links))
        self.side = QStackedWidget()
        self.panel = SidePanel(state, settings, self.context, self.side, whole=False)
        self.side.addWidget(self.panel)
        self._layers: QWidget | None = None
        self._area: QWidget | None = None
        self.ground: ScrollColumn | None = None
        self.suggestion = SuggestionCard(self.context, self.map_region)
        self.suggestion.closed.connect(self.suggestion.hide)
        self.suggestion.hide()
        self.higher = HigherGroundCard(self.context, self.map_region)
        self.higher.asked.connect(self._place_cards)
        for card in (self.suggestion, self.higher):  # answered: the keys are the map's again, such as Escape
            card.closed.connect(self.canvas.setFocus)
        Resized(self, self.map_region, self._place_cards)
        state.selectionChanged.connect(self._show_suggestion)
        state.suggestionsChanged.connect(lambda _: self._show_suggestion(state.selection))
        self.bottom = QStackedWidget()
        self.profile = self._make_profile()
        self.bottom.addWidget(self.profile)
        self._tables: Tables | None = None
        self._rest = QTimer(self, singleShot=True)
        self._rest.timeout.connect(self._make_bit_by_bit)
        state.projectChanged.connect(self._make_rest_later)

    def _make_profile(self) -> ProfilePanel:
        return ProfilePanel(self._state, self._settings)

    def retitle(self) -> None:
        """Say everything anew in the window's language."""
        self.map_region.setAccessibleName(tr(msg("Map")))
        self.bottom.setAccessibleName(tr(msg("Profile and tables")))
        self._fit_bottom()
        self.binding.retitle()
        if self.proposal is not None:  # its words are said when it is made
            for keys in self._view_keys:
                keys.setEnabled(False)
                keys.deleteLater()
            self._view_keys = []
            if self.side.currentWidget() is self.proposal[0]:
                self._turned_for = None
            let_go(self.proposal[0])
            let_go(self.proposal[1])
            self.proposal = None
            self._show_proposal()
        self.tools.retitle()
        self.legend.retitle()
        if self.view3d is not None:
            self.view3d.retitle()

    def take_room(self, window: QSize) -> None:
        """Ask for no more than a small window has: side panel, profile and tables take a share of it there."""
        self.side.setMinimumWidth(max(_SIDE_LEAST_PX, min(_SIDE_PX, round(_SIDE_SHARE * window.width()))))
        self.profile.window_px = window.height()
        self._fit_bottom()

    def _fit_bottom(self) -> None:
        self.profile.fit_height()
        self.bottom.setMinimumHeight(self.profile.minimumHeight())

    def show_tables(self, shown: bool) -> None:
        """Show the tables in place of the profile, or the profile again."""
        while shown and self._make_tables():
            pass
        self.bottom.setCurrentWidget(self._tables if shown and self._tables is not None else self.profile)

    def _make_rest_later(self) -> None:
        """Make panels and tables bit by bit while nobody waits: all at once keep the window for longer than a frame."""
        if self._state.project is not None:
            self._rest.start(_LATER_MS)

    def _make_bit_by_bit(self) -> None:
        busy = bool(self._state.jobs.active()) or QApplication.mouseButtons() != Qt.MouseButton.NoButton
        if busy or self.panel.make_next() or self._make_tables():
            self._rest.start(_LATER_MS // 10)

    def _make_tables(self) -> bool:
        """Make the next part of the tables; return whether there was one."""
        if self._tables is None:
            from cn_planner.gui.panels.tables import Tables

            self._tables = Tables(self._state, self._settings, self.context, whole=False)
            self.bottom.addWidget(self._tables)
            return True
        return self._tables.make_next()

    def show_layers(self, shown: bool) -> None:
        """Show the layers in place of what is selected, or that again; they are made when first looked at."""
        if shown and self._layers is None:
            from cn_planner.gui.panels.layers import LayersPanel

            self._layers = ScrollColumn(LayersPanel(self.canvas.layers), msg("Layers"))
            self.side.addWidget(self._layers)
        if shown and self._layers is not None:
            self.side.setCurrentWidget(self._layers)
        else:
            self._turn_back()

    def _turn_back(self) -> None:
        """Show what is selected again. The keys are the map's where they were those of what goes.

        Qt would give them to the first field of the panel: the next letter would change the name of the plan.
        """
        at, page = QApplication.focusWidget(), self.side.currentWidget()
        left = at is not None and page is not None and page is not self.panel and page.isAncestorOf(at)
        self.side.setCurrentWidget(self.panel)
        if left:
            self.canvas.setFocus()

    def show_area(self, shown: bool, quantities: Quantities) -> None:
        """Show what an area needs in place of what is selected, with the tool that draws its box; or that again."""
        if shown and self._area is None:
            from cn_planner.gui.panels.area import AreaPanel

            panel = AreaPanel(
                AreaData(self._state, self._settings, self), self._state, self.canvas, quantities,
                lambda: self.show_area(False, quantities),
            )  # fmt: skip
            self._area = ScrollColumn(panel, msg("Get data for an area"))
            self.side.addWidget(self._area)
        if shown:
            self.take_tool("area")
            if self._area is not None:
                self.side.setCurrentWidget(self._area)
        elif self.side.currentWidget() is self._area:
            self.canvas.use_tool("select")
            self._turn_back()

    def show_ground(self, shown: bool, make: Callable[[], QWidget]) -> None:
        """Show the four answers of a new plan in place of what is selected, or that again."""
        if shown and self.ground is None:
            self.ground = ScrollColumn(make(), msg("Start from the ground"))
            self.side.addWidget(self.ground)
        if shown and self.ground is not None:
            self.side.setCurrentWidget(self.ground)
        elif self.ground is not None and self.side.currentWidget() is self.ground:
            self._turn_back()

    def show_3d(self, shown: bool, thing: Thing | None = None) -> GroundView | None:
        """Show the ground in three dimensions in the map's place, going to a thing of it; or the map again."""
        if shown and self.view3d is None:
            from cn_planner.gui.view3d.view import GroundView

            self.view3d = GroundView(self._state, self.canvas, self.map_side)
            self._column.addWidget(self.view3d, 1)
        if self.view3d is None:
            return None
        self.map_region.setVisible(not shown)
        self.view3d.setVisible(shown)
        if shown:
            self.view3d.open(thing)
            self.view3d.setFocus(Qt.FocusReason.OtherFocusReason)
        else:
            self.view3d.forget()
            self.canvas.setFocus(Qt.FocusReason.OtherFocusReason)
        return self.view3d

    def _show_proposal(self) -> None:
        """Show what would change, beside the map and on it; or no longer."""
        proposals = self._state.proposals
        shown = proposals.now is not None and proposals.shown
        if shown and self.proposal is None:
            from cn_planner.gui.panels.proposal import ProposalBar, ProposalPanel

            panel, bar = ProposalPanel(self.context), ProposalBar(self.context)
            panel.looked.connect(self._look_at_part)
            bar.viewed.connect(self._view_proposal)
            self.side.addWidget(panel)
            self._column.insertWidget(0, bar)
            for key, name in enumerate(bar.views, start=1):
                for where in (self.map_side, panel):
                    keys = QShortcut(QKeySequence(str(key)), where)
                    keys.setContext(Qt.ShortcutContext.WidgetWithChildrenShortcut)
                    keys.activated.connect(partial(bar.show_view, name))
                    self._view_keys.append(keys)
            self.proposal = panel, bar
            bar.refresh()
        if self.proposal is not None:
            turned_for, self._turned_for = self._turned_for, proposals.now if shown else None
            if shown and turned_for is not proposals.now:  # an edit meanwhile leaves what is under the hand
                self.side.setCurrentWidget(self.proposal[0])
            elif not shown and self.side.currentWidget() is self.proposal[0]:
                self._turn_back()
            self._view_proposal(self.proposal[1].view if shown else "")
            if shown and turned_for is not proposals.now:
                QTimer.singleShot(_LAID_OUT_MS, self, self._come_to_proposal)  # the map has its room by then
        self._mark_proposal()

    def _come_to_proposal(self) -> None:
        """Show all of a proposal that has just come, where some of it is not seen."""
        now = self._state.proposals.now
        if now is None or not self._state.proposals.shown:
            return
        places = _places_of(now)
        if places and not self.canvas.shows(places):
            self.canvas.show_places([*places, *self.canvas.content.extent()])

    def _mark_proposal(self) -> None:
        proposals = self._state.proposals
        now = proposals.now if proposals.shown else None
        self.canvas.content.proposal.set_proposal(now, proposals.chosen)
        if now is not None:
            self.canvas.content.labels.set_first([one.id for one in now.parts])
            if self.proposal is not None:
                self.proposal[0].show_legend(self.canvas.content.proposal.legend())

    def _view_proposal(self, view: str) -> None:
        """Show the plan now, both, or the plan as proposed."""
        proposals = self._state.proposals
        found = proposals.now if proposals.shown else None
        self.canvas.content.proposal.set_visible(view == "both")
        whole = found is not None and view == "proposed"
        self.binding.preview(found.edit.plan if found is not None and whole else None,
                             found.reached_after if found is not None and whole else frozenset())  # fmt: skip

    def _look_at_part(self, key: str) -> None:
        layer, found = self.canvas.content.proposal, self._state.proposals.now
        layer.set_focus(key.removeprefix("go:"))
        if key.startswith("go:") and found is not None:
            key = key.removeprefix("go:")
            site = found.edit.plan.sites.get(key) or found.before.sites.get(key)
            if site is not None:
                self.canvas.go_to(site.latitude, site.longitude)

    def keeps_proposal(self, one: Thing) -> bool:
        """Show the part of the proposal that a thing belongs to; return whether there is one."""
        proposals = self._state.proposals
        return self.proposal is not None and proposals.shown and self.proposal[0].show_part(one.id)

    def _show_suggestion(self, selection: Thing | None) -> None:
        chosen = selection is not None and selection.kind == SUGGESTION
        there = selection is not None and chosen and self.suggestion.show_suggestion(selection.id)
        self.suggestion.setVisible(there)
        self._place_cards()

    def _tools_end(self) -> int:
        return self.tools.box.bottom()

    def _floats(self) -> list[QRect]:
        """Return what stands on the map for as long as it is shown."""
        boxes = [self.tools.box, self.canvas.controls.box]
        return [*boxes, self.legend.geometry()] if self.legend.isVisibleTo(self.map_region) else boxes

    def _place_cards(self) -> None:
        """Let the cards stand in the middle over the lower edge of the map, one above the other."""
        bottom = self.map_region.height() - 16
        for card in (self.higher, self.suggestion):
            if card.isVisibleTo(self.map_region):
                # Fixed: the layout's own least height is that of wrapped texts at their least width.
                card.setFixedHeight(card.lines.totalHeightForWidth(card.width()))
                card.move((self.map_region.width() - card.width()) // 2, bottom - card.height())
                if card is self.higher:
                    self._clear_of(card, self.higher.places())
                card.raise_()
                bottom = card.y() - 8

    def _clear_of(self, card: QWidget, places: list[tuple[float, float]]) -> None:
        """Move a card off the places that it speaks of: beside them, or above them where there is no room."""
        ratio, seen, air = self.canvas.ratio, QRect(), theme.px(32)
        for place in places:
            x, y = (round(float(one) / ratio) for one in self.canvas.view.to_screen(*place))
            seen |= QRect(x - air, y - air, 2 * air, 2 * air)
        if not card.geometry().intersects(seen):
            return
        edge = theme.px(16)
        for x in (seen.right() + 1, seen.left() - card.width()):
            if edge <= x and x + card.width() <= self.map_region.width() - edge:
                card.move(x, card.y())
                return
        if (y := seen.top() - card.height()) >= edge:
            card.move(card.x(), y)

    @property
    def seen_3d(self) -> GroundView | None:
        """The ground in three dimensions, where it stands in the map's place."""
        return self.view3d if self.view3d is not None and self.view3d.active else None

    def focus(self) -> None:
        """Give the keys to the map, or to what stands in its place."""
        (self.seen_3d or self.canvas).setFocus(Qt.FocusReason.OtherFocusReason)

    def show_all(self) -> None:
        """Show the whole plan."""
        self.canvas.show_all()
        if self.seen_3d is not None:
            self.seen_3d.show_all()

    def zoom_by(self, levels: float) -> None:
        """Go nearer by so many levels, each twice as near."""
        if self.seen_3d is not None:
            self.seen_3d.zoom(2.0**levels)
        else:
            self.canvas.zoom_by(levels)

    def take_tool(self, key: str) -> None:
        """Take a tool of the map in hand, and have the map to use it on."""
        if self.seen_3d is not None:
            self.seen_3d.closed.emit()
        self.canvas.use_tool(key)
        self.focus()

    def data_words(self, quantities: Quantities) -> tuple[Message, str, bool]:
        """Return which data the window shows: in short, at length, and whether something is missing."""
        plan = self._state.plan
        rows = plan.elevation
        if not rows:
            return msg("No terrain yet"), tr(msg("Add an elevation file: .hgt or GeoTIFF.")), True
        finest = min(rows, key=lambda row: row.cell_m)
        cell = quantities.height(finest.cell_m)
        ground = msg("Terrain {cell}", cell=cell)
        if finest.source:
            ground = msg("Terrain {source} {cell}", source=finest.source[:40], cell=cell)
        trees = (
            msg("trees not known, {height} assumed", height=quantities.height(plan.area.assumed_canopy_m))
            if plan.area.canopy_m is None
            else msg("trees {height}", height=quantities.height(plan.area.canopy_m))
        )
        others = len(plan.terrain) - len(rows)
        if others:
            trees = counted("trees by {count} file", "trees by {count} files", others)
        homes = counted("{count:,g} home", "{count:,g} homes", homes_in_all(plan.households))
        parts = [msg("{first} · {second} · {third}", first=ground, second=trees, third=homes)]
        if plan.info.invented:
            parts.insert(0, msg("Invented place"))
        long = "\n".join(
            tr(msg("{file}: {cell}, {source} {date}", file=row.id, cell=quantities.height(row.cell_m),
                   source=row.source, date=row.date)).strip(" ,")
            for row in plan.terrain.values()
        )  # fmt: skip
        return comma_list(parts), long, plan.area.canopy_m is None and not others

    def shutdown(self) -> None:
        """End threads and requests."""
        if self.view3d is not None:
            self.view3d.forget()
        self.canvas.shutdown()
