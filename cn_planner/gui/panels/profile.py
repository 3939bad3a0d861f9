"""The profile panel: the verdict in words, the profile with antennas that can be dragged, the budget both ways."""

from __future__ import annotations

import json
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING

import numpy as np
from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QFrame, QStackedLayout, QWidget

from cn_planner.economics.costs import UnitCosts
from cn_planner.errors import PlannerError
from cn_planner.gui import theme
from cn_planner.gui.kinds import HOUSEHOLD, LINK, SITE, Thing, fresh_id, in_plan, rounded, seen_on_site
from cn_planner.gui.panels import profile_edits, profile_scene
from cn_planner.gui.panels.budget_bars import BudgetBars
from cn_planner.gui.panels.parts import caption, fill_box, hbox, menu_of, offer
from cn_planner.gui.panels.profile_view import ProfileView
from cn_planner.gui.panels.verdict_card import ObstacleDialog, VerdictCard
from cn_planner.gui.quantities import distance, height, money_words
from cn_planner.gui.values import notice_about
from cn_planner.gui.words import WORDS, tr
from cn_planner.message import counted, msg
from cn_planner.model.plan import Household, Link, Site
from cn_planner.service.path_terms import terms
from cn_planner.service.path_view import PathEnd, at_heights

if TYPE_CHECKING:
    from PySide6.QtCore import QPoint
    from PySide6.QtGui import QResizeEvent

    from cn_planner.gui.panels.profile_edits import Raise
    from cn_planner.gui.settings import Settings
    from cn_planner.gui.state import AppState
    from cn_planner.model.plan import Plan
    from cn_planner.service.path_view import LinkView

_CARD_PX, _BARS_PX = 336, 320
_NARROW_PX, _EDGES_PX, _LOW_PX, _SHARE = 1100, 32, 170, 0.4
_NEAR_SHARE = 0.03
"""The cursor of the map counts as on the path within this share of its length."""


class ProfilePanel(QFrame):
    """Shows the path of the shared state, and turns what a hand does there into edits."""

    asked = Signal(str)
    """A command of the window."""

    def __init__(self, state: AppState, settings: Settings, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        theme.mark(self, "panel")
        self._state, self._settings = state, settings
        self.view: LinkView | None = None
        """The path as it is shown: under the hand, not yet that of the state."""
        self._kept: LinkView | None = None
        self.window_px = 900
        """How high the window is."""
        self._homes: float | None = None
        self._pointed = False
        self._stack = QStackedLayout(self)
        self._hint = caption("", "label")
        self._hint.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self._hint.setMargin(24)
        self._stack.addWidget(self._hint)
        shown = QWidget()
        line = hbox(on=shown, gap=24)
        line.setContentsMargins(16, 8, 16, 8)
        self.card, self.profile, self.bars = VerdictCard(), ProfileView(), BudgetBars()
        fill_box(line, self.card, (self.profile, 1), self.bars)
        self._line = line
        self._stack.addWidget(shown)
        self.dialog = ObstacleDialog(self)
        self.profile.moving.connect(self._moving)
        self.profile.chosen.connect(self._chosen)
        self.profile.given_up.connect(self._given_up)
        self.profile.cursorChanged.connect(self._cursor_from_here)
        self.profile.menuAsked.connect(self._menu)
        self.card.clear_chosen.connect(self._raise)
        self.card.obstacle.connect(self._ask_obstacle)
        self.card.keep.connect(self.keep_link)
        self.dialog.added.connect(self._add_obstacle)
        state.pathChanged.connect(self._path)
        state.planChanged.connect(lambda _: self._plan_changed())
        state.projectChanged.connect(lambda: self._path(None))
        state.selectionChanged.connect(self._selected)
        state.cursorMoved.connect(self._cursor_from_map)
        state.profileCursorMoved.connect(self.profile.set_cursor)
        state.coverageChanged.connect(self._coverage)
        settings.changed.connect(self._setting)
        WORDS.changed.connect(self.retitle)
        self._setting("units")
        self.retitle()
        self._path(state.computed.path)

    def retitle(self) -> None:
        """Say everything anew in the window's language."""
        self.fit_height()
        self.setAccessibleName(tr(msg("Profile of a path")))
        self._hint.setText(
            tr(msg("Take the link tool and drag from one place to any other: here is what stands between."))
        )
        self.card.retitle()
        self._share_width()
        self.profile.retitle()
        self.bars.retitle()
        self._show()

    def fit_height(self) -> None:
        """Ask for the height that the letters need; of a low window for no more than its share."""
        self.setMinimumHeight(min(max(200, theme.px(_LOW_PX)), round(_SHARE * self.window_px)))

    def _setting(self, key: str) -> None:
        if key == "units":
            self.profile.set_units(self._settings.get("units"))
            self._show()

    def resizeEvent(self, event: QResizeEvent) -> None:  # noqa: N802
        """Share the width: the profile has the most of it."""
        super().resizeEvent(event)
        self._share_width()

    def _share_width(self) -> None:
        narrow = self.width() < theme.px(_NARROW_PX)
        self._line.setSpacing(16 if narrow else 24)
        self.card.setFixedWidth(max(theme.px(280 if narrow else _CARD_PX), self.card.row_px))
        self.bars.setFixedWidth(theme.px(248 if narrow else _BARS_PX))
        # Large letters on a small screen: the profile itself is what has no other place.
        rest = self.width() - self.card.width() - self.bars.width() - 2 * self._line.spacing() - _EDGES_PX
        self.bars.setVisible(rest >= self.profile.minimumWidth())

    # From the state

    def _path(self, view: LinkView | None) -> None:
        if view is not None and self.profile.dragging and self._kept is not None and _same_ends(view, self._kept):
            self._kept = view  # what is under the hand stays
            return
        if view is None or self._kept is None or not _same_ends(view, self._kept):
            self.profile.stop()
        self._kept = self.view = view
        self._show()

    def _selected(self, selection: Thing | None) -> None:
        """Show the path of a link or of a home and its tower when one is chosen."""
        plan = self._state.plan
        one = in_plan(plan, selection) if plan.elevation else None
        if isinstance(one, Link):
            ends = (_at(plan, one.from_site, one.from_height_m), _at(plan, one.to_site, one.to_height_m))
            self._state.live_path(*ends, link=one)
        elif isinstance(one, Household) and one.server is not None and one.server in plan.sites:
            roof = PathEnd(one.latitude, one.longitude, None, HOUSEHOLD, one.id)
            self._state.live_path(_at(plan, one.server, None), roof)

    def _plan_changed(self) -> None:
        """Look along the path again: the ground, a mast or a rule may be another."""
        if self._kept is not None:
            self._look(self._kept.a, self._kept.b)

    def _look(self, a: PathEnd, b: PathEnd) -> None:
        """Ask for a path; what stands in the plan says how high it is."""
        view, plan = self._kept, self._state.plan
        ends = []
        for end in (a, b):
            if end.kind and in_plan(plan, Thing(end.kind, end.id)) is None:
                self._state.clear_path()
                return
            ends.append(replace(end, height_m=None) if end.kind else end)
        link = None
        if view is not None:
            link = profile_edits.link_of(plan, replace(view, a=ends[0], b=ends[1]))
        if link is not None:
            heights = {link.from_site: link.from_height_m, link.to_site: link.to_height_m}
            ends = [replace(end, height_m=heights[end.id]) for end in ends]
            self._state.live_path(ends[0], ends[1], link=link)
        else:
            self._state.live_path(ends[0], ends[1])

    def _coverage(self, _found: object) -> None:
        live = self._state.computed.live
        weight = live.weight if live is not None else None
        if weight != self._homes:
            self._homes = weight
            self._say_money()

    def _show(self) -> None:
        view = self.view
        self._stack.setCurrentIndex(0 if view is None else 1)
        plan = self._state.plan
        if view is None:
            self.profile.show_path(None)
            return
        self.profile.share = plan.rules.clearance_f1
        most = profile_edits.greatest_m(plan, view.a), profile_edits.greatest_m(plan, view.b)
        self.profile.show_path(view, tuple(plan.obstacles.values()), most)
        clear = view.budget.clearance_f1 is None or view.budget.clearance_f1 >= plan.rules.clearance_f1 - 1e-9
        self.card.show_path(
            view, profile_edits.ways(plan, view), profile_edits.can_keep(plan, view), clear=clear,
            units=self._settings.get("units"),
        )  # fmt: skip
        known = view.budget.losses.total_db is not None
        self.card.tree.setEnabled(known)
        self.card.house.setEnabled(known)
        project = self._state.project
        self.bars.show_budget(view.budget, terms(project.snapshot().bare_study, view) if project else None, view.names)
        self._say_money()

    # Antennas under the hand

    def _moving(self, end: int, height_m: float) -> None:
        project, kept = self._state.project, self._kept
        if project is None or kept is None or self.view is None:
            return
        heights = [self.view.a.height_m or 0.0, self.view.b.height_m or 0.0]
        heights[end] = height_m
        try:
            self.view = at_heights(project.snapshot().bare_study, self.view, heights[0], heights[1])
        except PlannerError as error:
            self._state.say(notice_about(error))
            return
        self._show()
        one = (kept.a, kept.b)[end]
        site = in_plan(self._state.plan, Thing(one.kind, one.id))
        if isinstance(site, Site) and site.in_network:
            self._state.live_site(replace(site, mast_height_m=height_m))

    def _chosen(self, end: int, height_m: float) -> None:
        heights: list[float | None] = [None, None]
        heights[end] = height_m
        self._set_heights((heights[0], heights[1]))
        self._state.end_live()

    def _given_up(self) -> None:
        self._state.end_live()
        self.view = self._kept
        self._show()

    def _raise(self, way: Raise) -> None:
        self._set_heights(tuple(way.heights_m[end] if end in way.ends else None for end in range(2)))  # type: ignore[arg-type]

    def _set_heights(self, heights_m: tuple[float | None, float | None]) -> None:
        """Make the edit, one for both ends; bare ends only change what is shown."""
        kept = self._kept
        if kept is None:
            return
        for_plan, bare = list(heights_m), False
        ends = [kept.a, kept.b]
        for n, height_m in enumerate(heights_m):
            if height_m is not None and not ends[n].kind:
                ends[n], for_plan[n], bare = replace(ends[n], height_m=height_m), None, True
        project = self._state.project
        if project is None:
            return
        new = [one if one is not None else end.height_m or 0.0 for one, end in zip(heights_m, ends, strict=True)]
        self._kept = self.view = at_heights(project.snapshot().bare_study, kept, new[0], new[1])
        edit = profile_edits.heights(self._state.plan, kept, (for_plan[0], for_plan[1]))
        if edit is not None and not self._state.apply(edit):
            self._kept = self.view = kept
        elif edit is None and bare:
            self._look(ends[0], ends[1])
        self._show()

    def _say_money(self) -> None:
        """Say what the height under the hand costs, and how many homes the tower reaches from it."""
        view, kept, project = self.view, self._kept, self._state.project
        parts: list[str] = []
        if view is not None and kept is not None and project is not None and self.profile.dragging:
            costs = UnitCosts(self._state.plan, project.catalogue)
            for now, before in ((view.a, kept.a), (view.b, kept.b)):
                site = in_plan(self._state.plan, Thing(now.kind, now.id))
                if not isinstance(site, Site) or now.height_m == before.height_m:
                    continue
                said = [tr(height(now.height_m or 0.0, self._settings.get("units")))]
                new, old = costs.site(site, now.height_m or 0.0), costs.site(site, before.height_m or 0.0)
                if new is None:
                    said.append(tr(msg("no mast of that height on the shelf")))
                elif old is not None:
                    more = new.total - old.total
                    amount = money_words(abs(more), self._state.plan.info.currency)
                    sign = msg("+{amount}", amount=amount) if more >= 0 else msg("−{amount}", amount=amount)
                    said.append(tr(sign if abs(more) >= 0.5 else msg("same cost")))
                if self._homes is not None:
                    said.append(tr(counted("reaches {count:,g} home", "reaches {count:,g} homes", float(self._homes))))
                parts.append(" · ".join(said))
        self.card.show_money("; ".join(parts))

    # The cursor that map and profile share

    def _cursor_from_here(self, distance_m: float | None) -> None:
        self._state.set_profile_cursor(distance_m)

    def _cursor_from_map(self, place: tuple[float, float] | None) -> None:
        view = self.view
        if view is None or place is None or self.profile.dragging:
            return
        along, away = profile_scene.sample_at(view, *place)
        if away <= _NEAR_SHARE * view.profile.length_m:
            self._pointed = True
            self._state.set_profile_cursor(along)
        elif self._pointed:
            self._pointed = False
            self._state.set_profile_cursor(None)

    # Trees and houses seen on site

    def _at(self) -> float | None:
        """Return the place that is meant: the cursor's, else the worst one."""
        view = self.view
        if view is None:
            return None
        if self.profile.cursor_m is not None:
            return self.profile.cursor_m
        at = view.budget.clearance_at_m
        return at if at is not None else view.profile.length_m / 2.0

    def _ask_obstacle(self, kind: str) -> None:
        at, view = self._at(), self.view
        if at is None or view is None:
            return
        self.profile.set_cursor(at)
        self._state.set_profile_cursor(at)
        where = distance(at, self._settings.get("units"))
        words = tr(msg("{distance} from {name}, where the cursor is", distance=where, name=view.names[0]))
        beside = self.card.tree if kind == "tree" else self.card.house
        self.dialog.ask(kind, words, self._settings.get("units"), beside)

    def _add_obstacle(self, kind: str, height_m: float, radius_m: float) -> None:
        at, view = self._at(), self.view
        if at is None or view is None:
            return
        along = view.profile.distance_m
        place = (
            float(np.interp(at, along, view.profile.latitude)),
            float(np.interp(at, along, view.profile.longitude)),
        )
        key = fresh_id(self._state.plan.obstacles, "O")
        self._state.make(lambda plan: seen_on_site(plan, key, rounded(place), kind, height_m, radius_m))

    def _menu(self, distance_m: float, at: QPoint) -> None:
        """Offer what can be done with a place on the path."""
        view = self.view
        if view is None:
            return
        self.profile.set_cursor(distance_m)
        self._state.set_profile_cursor(distance_m)
        menu = menu_of(self, msg("What can be done here"))
        link = profile_edits.link_of(self._state.plan, view)
        if link is not None:
            share = distance_m / view.profile.length_m
            share = share if view.a.id == link.from_site else 1.0 - share
            offer(menu, msg("Split the link here"), partial(self.asked.emit, f"split:{link.id}:{share:.6f}"))
        if view.a.kind == view.b.kind == SITE:
            ends = json.dumps([view.a.id, view.b.id])
            offer(menu, msg("Find a relay…"), partial(self.asked.emit, f"relay:{ends}"))
        offer(menu, msg("A tree stands here…"), partial(self._ask_obstacle, "tree"))
        offer(menu, msg("A house stands here…"), partial(self._ask_obstacle, "house"))
        menu.popup(at)

    # Keeping it

    def keep_link(self) -> None:
        """Keep this path as a link; a bare end becomes a tower."""
        view = self._kept
        if view is None or profile_edits.can_keep(self._state.plan, view) is not None:
            return
        count = len(self._state.plan.sites)
        names = []
        for end, name in zip((view.a, view.b), view.names, strict=True):
            if not end.kind:
                count += 1
                name = tr(msg("Tower {number}", number=count))
            names.append(name)
        edit, link, ends = profile_edits.keep_path(self._state.plan, view, (names[0], names[1]))
        self._kept = replace(view, a=ends[0], b=ends[1])
        if self._state.apply(edit):
            self._state.select(LINK, link)
        else:
            self._kept = view


def _at(plan: Plan, key: str, height_m: float | None) -> PathEnd:
    site = plan.sites[key]
    return PathEnd(site.latitude, site.longitude, height_m, SITE, key)


def _same_ends(one: LinkView, other: LinkView) -> bool:
    return all(
        (a.kind, a.id, a.latitude, a.longitude) == (b.kind, b.id, b.latitude, b.longitude)
        for a, b in ((one.a, other.a), (one.b, other.b))
    )
