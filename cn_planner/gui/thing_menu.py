"""What the right button, or the menu key, offers on the map: for a thing, for several, and for the bare ground."""

from __future__ import annotations

import json
from functools import partial
from math import cos, radians
from typing import TYPE_CHECKING

from PySide6.QtWidgets import QMenu

from cn_planner.geo import geodesic
from cn_planner.gui.kinds import (
    HOUSEHOLD,
    LINK,
    PUBLIC,
    SEVERAL,
    SITE,
    SUGGESTION,
    THINGS,
    Thing,
    fresh_id,
    in_plan,
    name_of,
    of_several,
    rounded,
)
from cn_planner.gui.panels import plan_edits
from cn_planner.gui.panels.formatters import CHOICE_WORDS, capitalised
from cn_planner.gui.panels.parts import head_menu, menu_of, offer
from cn_planner.gui.words import tr
from cn_planner.message import counted, msg
from cn_planner.report.words import STATUS_WORDS

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from PySide6.QtCore import QPoint
    from PySide6.QtWidgets import QWidget

    from cn_planner.gui.kinds import LatLon
    from cn_planner.gui.state import AppState
    from cn_planner.model.history import Edit
    from cn_planner.model.plan import Link, Plan

_HERE = msg("What can be done here")
_BAND, _LOOK, _SEEN = msg("The band here…"), msg("Stand here and look…"), msg("What did you see?…")


def share_along(plan: Plan, link: Link, place: LatLon) -> float:
    """Return where on a link a place lies, as a part of its length from its first end: the nearest point of it."""
    a, b = plan.sites[link.from_site], plan.sites[link.to_site]
    whole = geodesic(a.latitude, a.longitude, b.latitude, b.longitude)
    here = geodesic(a.latitude, a.longitude, *place)
    if not whole.distance_m > 0.0:
        return 0.0
    along = here.distance_m * cos(radians(here.azimuth_deg - whole.azimuth_deg))
    return min(max(along / whole.distance_m, 0.0), 1.0)


class ThingMenu:
    """Makes the menu of what lies under the right button.

    Parameters
    ----------
    window : QWidget
    state : AppState
    do : callable of str
        Does a command.
    """

    def __init__(self, window: QWidget, state: AppState, do: Callable[[str], object]) -> None:
        self._window, self._state, self._do = window, state, do
        self.menu: QMenu | None = None
        """The last one."""

    def ask(self, thing: Thing | None, latitude: float, longitude: float, at: QPoint) -> None:
        """Offer what can be done with what lies there."""
        plan, place, selected = self._state.plan, (latitude, longitude), self._state.selection
        if thing is not None and thing.kind == SUGGESTION and thing.id in plan.sites:
            thing = Thing(SITE, thing.id)  # the place is the plan's: only the mast on it is suggested
        menu = menu_of(self._window, _HERE)
        if thing is None:
            self._ground(menu, place)
        elif selected is not None and selected.kind == SEVERAL and thing in of_several(selected.id):
            self._several(menu, of_several(selected.id))
        elif in_plan(plan, thing) is None:
            menu.deleteLater()
            return  # what is only proposed has its panel
        else:
            self._state.select(*thing)
            head_menu(menu, name_of(plan, thing))
            self._thing(menu, thing, place)
        self.menu = menu
        menu.popup(at)

    def _ground(self, menu: QMenu, place: LatLon) -> None:
        spot = f"@{place[0]:.6f},{place[1]:.6f}"
        for kind in THINGS.values():
            if kind.hand is not None:
                offer(menu, kind.hand.title, partial(self._put, kind.key, place))
        menu.addSeparator()
        offer(menu, _LOOK, lambda: self._do(f"look:{spot}"))
        offer(menu, _BAND, lambda: self._do(f"band:{spot}"))

    def _put(self, key: str, place: LatLon) -> None:
        kind = THINGS[key]
        if kind.hand is None:
            return
        hand, new = kind.hand, fresh_id(kind.rows(self._state.plan), kind.hand.prefix)
        if self._state.make(lambda plan: hand.make(plan, new, rounded(place))):
            self._state.select(key, new)

    def _thing(self, menu: QMenu, thing: Thing, place: LatLon) -> None:
        kind, plan, key = THINGS[thing.kind], self._state.plan, thing.id
        row = in_plan(plan, thing)
        if thing.kind in (SITE, HOUSEHOLD, LINK):
            offer(menu, _SEEN, lambda: self._do("what_seen"))
        if thing.kind in (SITE, HOUSEHOLD, PUBLIC):
            offer(menu, _LOOK, lambda: self._do("look_round"))
        if thing.kind in (SITE, HOUSEHOLD, LINK):
            offer(menu, msg("See it in 3D"), lambda: self._do(f"see_3d:{key}"))
        if thing.kind in (SITE, LINK):
            offer(menu, _BAND, lambda: self._do("band"))
        if thing.kind == SITE:
            add = offer(menu, msg("Add a sector"), partial(self._edit, partial(plan_edits.add_sector, key=key)))
            add.setEnabled(len(row.sectors) < plan.rules.max_sectors)
        if thing.kind == LINK and {row.from_site, row.to_site} <= plan.sites.keys():
            share = share_along(plan, row, place)
            ends = json.dumps([row.from_site, row.to_site])
            offer(menu, msg("Split the link here"), lambda: self._do(f"split:{key}:{share:.6f}"))
            offer(menu, msg("Find a relay…"), lambda: self._do(f"relay:{ends}"))
        if hasattr(row, "status"):
            self._choices(menu, {kind.table: [key]}, row.choice, row.status)
        menu.addSeparator()
        if kind.copies:
            offer(menu, msg("Copy it"), partial(self._copy, thing))
        offer(menu, kind.remove, partial(self._edit, lambda plan: plan_edits.remove_thing(plan, kind, key)))

    def _several(self, menu: QMenu, things: Sequence[Thing]) -> None:
        chosen = plan_edits.by_table(self._state.plan, things)
        head_menu(menu, counted("{count} thing selected", "{count} things selected", len(things)))
        both = {table: keys for table, keys in chosen.items() if table in ("sites", "links")}
        if both:
            self._choices(menu, both, None, None)
        menu.addSeparator()
        offer(menu, msg("Remove all of them"), partial(self._edit, lambda plan: plan_edits.remove_things(plan, chosen)))

    def _choices(self, menu: QMenu, chosen: dict[str, list[str]], choice: object, status: object) -> None:
        """Offer what the planner may do with them, and their state."""
        for field, words, options, now in (
            ("choice", msg("Planner"), CHOICE_WORDS, choice),
            ("status", msg("State"), STATUS_WORDS, status),
        ):
            sub = QMenu(tr(words), menu)
            sub.setAccessibleName(tr(words))
            for value, said in options.items():
                edit = partial(plan_edits.set_field, chosen=chosen, field=field, value=value)
                offer(sub, capitalised(tr(said)), partial(self._edit, edit), chosen=value == now)
            menu.addMenu(sub)

    def _copy(self, thing: Thing) -> None:
        new: tuple[str, ...] = ()

        def make(plan: Plan) -> Edit:
            nonlocal new
            edit, new = plan_edits.duplicate(plan, THINGS[thing.kind].table, [thing.id])
            return edit

        if self._state.make(make):
            self._state.select(thing.kind, new[0])

    def _edit(self, make: Callable[[Plan], Edit]) -> None:
        self._state.make(make)
