"""The map's objects in the accessibility tree: towers, homes, links, read out one by one, with what they are and do.

Qt knows widgets alone; the map is one widget. This tells it of what is drawn on it: each object has a name, a place on
the screen, and is chosen by its action. Objects that are looked at are made, and no others: a plan has 100,000 homes.
Qt keeps pointers to what it was given, past the end of the map: with the map's end all of it is taken out of Qt's
register, as else it would ask, and delete, what Python has freed.
Qt's stubs do not say that there may be no interface; so what may be none is `Any`.
"""

from __future__ import annotations

import weakref
from functools import cache, partial
from typing import TYPE_CHECKING, Any

import shiboken6
from PySide6.QtCore import QObject, QPoint, QRect
from PySide6.QtGui import QAccessible, QAccessibleInterface
from PySide6.QtWidgets import QWidget

from cn_planner.gui.kinds import HOUSEHOLD, LINK, OBSTACLE, PUBLIC, SITE, THINGS, ZONE, Thing
from cn_planner.gui.words import tr
from cn_planner.message import Message, counted, msg

if TYPE_CHECKING:
    from PySide6.QtCore import QPointF

    from cn_planner.gui.map.content import MapContent
    from cn_planner.gui.map.mercator import Viewport
    from cn_planner.model.plan import Plan

_KINDS = (SITE, PUBLIC, HOUSEHOLD, LINK, ZONE, OBSTACLE)
_HALF_PX = 12


class HeardMap(QWidget):
    """A map whose objects stand in the tree: what is known of them, and where they are seen."""

    content: MapContent
    view: Viewport
    language: str

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.accessible_order: tuple[Plan, tuple[Thing, ...], dict[Thing, int]] | None = None
        _tell_qt()

    @property
    def ratio(self) -> float:
        """Pixels of the device to one of the layout."""
        return self.devicePixelRatioF()

    @property
    def selection(self) -> frozenset[Thing]:
        """What is selected."""
        return self.content.selection.things

    def device(self, at: QPointF) -> QPointF:
        """Return a place of the layout in device pixels."""
        return at * self.ratio

    def pick(self, at: QPointF) -> Thing | None:
        """Return the thing at a device pixel: towers before homes before links before areas."""
        return self.content.pick(self.view, at.x(), at.y())


def things_in_order(view: HeardMap) -> tuple[Thing, ...]:
    """Return the objects of the map as they are walked: kind by kind, from north to south and from west to east."""
    return _order(view)[0]


def place_in_order(view: HeardMap, thing: Thing) -> int:
    """Return which object of the map one is, from 0; -1 where it is none."""
    return _order(view)[1].get(thing, -1)


def _order(view: HeardMap) -> tuple[tuple[Thing, ...], dict[Thing, int]]:
    plan = view.content.plan
    cached = view.accessible_order
    if cached is not None and cached[0] is plan:
        return cached[1:]
    found: list[Thing] = []
    for kind in _KINDS:
        layer = view.content.things.get(kind)
        keys = THINGS[kind].rows(plan)
        found += sorted(
            (Thing(kind, key) for key in keys),
            key=lambda thing: (*_middle(() if layer is None else layer.places(thing.id)), thing.id),
        )
    order = tuple(found), {thing: number for number, thing in enumerate(found)}
    view.accessible_order = plan, *order
    return order


def _middle(places: tuple[tuple[float, float], ...]) -> tuple[float, float]:
    """Return how far south and how far east the middle of places is."""
    if not places:
        return 90.0, 180.0
    return -sum(one[0] for one in places) / len(places), sum(one[1] for one in places) / len(places)


def told(view: HeardMap, thing: Thing) -> Message:
    """Return what is read out of an object: "Tower 1, tower with a mast of 12 m, 14 homes, 3 links"."""
    words, plan = view.content.words(thing), view.content.plan
    if thing.kind != SITE or thing.id not in plan.used_sites:
        return words
    reached = view.content.reached
    homes = sum(
        home.weight
        for home in plan.households.values()
        if home.server == thing.id and (reached is None or home.id in reached)
    )
    links = sum(thing.id in (one.from_site, one.to_site) for one in plan.standing_links.values())
    return msg(
        "{tower}, {homes}, {links}",
        tower=words,
        homes=counted("{count:,g} home", "{count:,g} homes", homes),
        links=counted("{count} link", "{count} links", links),
    )


class AccessibleMap(QAccessibleInterface):
    """The map as those meet it who hear it: a canvas whose children are its objects."""

    def __init__(self, view: HeardMap) -> None:
        super().__init__()
        self._seen = weakref.ref(view)  # what is to be done at the view's end holds this, and must not hold the view
        self._made: dict[Thing, _AccessibleThing] = {}

    @property
    def view(self) -> HeardMap:
        """The map, while it is there."""
        view: HeardMap | None = self.object()
        if view is None:
            raise RuntimeError("the map is gone: who asks looks first whether this is valid")
        return view

    def made(self) -> tuple[_AccessibleThing, ...]:
        """Return the objects that were looked at."""
        return tuple(self._made.values())

    def isValid(self) -> bool:  # noqa: N802
        """Return whether it is there still."""
        return self.object() is not None

    def object(self) -> Any:
        """Return the widget; None where it is gone."""
        view = self._seen()
        return view if view is not None and shiboken6.isValid(view) else None

    def parent(self) -> Any:
        """Return what holds the map."""
        above = self.view.parentWidget()
        return None if above is None else QAccessible.queryAccessibleInterface(above)

    def childCount(self) -> int:  # noqa: N802
        """Return how many objects there are."""
        return len(things_in_order(self.view))

    def child(self, index: int) -> Any:
        """Return an object by its place in the order."""
        things = things_in_order(self.view)
        return self.of(things[index]) if 0 <= index < len(things) else None

    def of(self, thing: Thing) -> _AccessibleThing:
        """Return an object; made when it is first looked at."""
        if thing not in self._made:
            self._made[thing] = _AccessibleThing(self, thing)
        return self._made[thing]

    def indexOfChild(self, child: QAccessibleInterface) -> int:  # noqa: N802
        """Return the place of an object in the order."""
        return place_in_order(self.view, child.thing) if isinstance(child, _AccessibleThing) else -1

    def childAt(self, x: int, y: int) -> Any:  # noqa: N802
        """Return the object at a place of the screen."""
        at = self.view.mapFromGlobal(QPoint(x, y))
        thing = self.view.pick(self.view.device(at.toPointF()))
        return self.of(thing) if thing is not None and place_in_order(self.view, thing) >= 0 else None

    def focusChild(self) -> Any:  # noqa: N802
        """Return what is selected."""
        chosen = sorted(self.view.selection)
        return self.of(chosen[0]) if chosen and self.view.hasFocus() else None

    def role(self) -> QAccessible.Role:
        """Return that it is a list of things drawn."""
        return QAccessible.Role.List

    def state(self) -> Any:
        """Return whether it has the keyboard."""
        state = QAccessible.State()
        state.focusable, state.focused = True, self.view.hasFocus()
        state.invisible = not self.view.isVisible()
        return state

    def rect(self) -> QRect:
        """Return where it is on the screen."""
        return QRect(self.view.mapToGlobal(QPoint(0, 0)), self.view.size())

    def text(self, kind: QAccessible.Text) -> str:
        """Return its name, or what it shows."""
        if kind == QAccessible.Text.Name:
            return self.view.accessibleName()
        return self.view.accessibleDescription() if kind == QAccessible.Text.Description else ""

    def setText(self, _kind: QAccessible.Text, _text: str) -> None:  # noqa: N802
        """Take no text."""


class _AccessibleThing(QAccessibleInterface):
    """One object of the map."""

    def __init__(self, above: AccessibleMap, thing: Thing) -> None:
        super().__init__()
        self._above, self.thing = above, thing

    @property
    def _view(self) -> HeardMap:
        return self._above.view

    def isValid(self) -> bool:  # noqa: N802
        """Return whether the plan has it still."""
        return self._above.isValid() and place_in_order(self._view, self.thing) >= 0

    def object(self) -> Any:
        """Return no widget: it is drawn."""
        return None

    def parent(self) -> QAccessibleInterface:
        """Return the map."""
        return self._above

    def childCount(self) -> int:  # noqa: N802
        """Return that nothing is within it."""
        return 0

    def child(self, _index: int) -> Any:
        """Return nothing."""
        return None

    def indexOfChild(self, _child: QAccessibleInterface) -> int:  # noqa: N802
        """Return that there is none."""
        return -1

    def childAt(self, _x: int, _y: int) -> Any:  # noqa: N802
        """Return nothing."""
        return None

    def role(self) -> QAccessible.Role:
        """Return that it is one of a list."""
        return QAccessible.Role.ListItem

    def state(self) -> Any:
        """Return whether it is selected, and whether the view shows it."""
        state = QAccessible.State()
        state.selectable = state.focusable = True
        state.selected = state.focused = self.thing in self._view.selection
        state.offscreen = not self._view.rect().intersects(self._box())
        return state

    def _box(self) -> QRect:
        places = self._view.content.places(self.thing)
        if not places:
            return QRect()
        points = [self._view.view.to_screen(*place) for place in places]
        ratio = self._view.ratio
        xs, ys = [float(x) / ratio for x, _ in points], [float(y) / ratio for _, y in points]
        box = QRect(QPoint(int(min(xs)), int(min(ys))), QPoint(int(max(xs)), int(max(ys))))
        return box.adjusted(-_HALF_PX, -_HALF_PX, _HALF_PX, _HALF_PX)

    def rect(self) -> QRect:
        """Return where it is on the screen."""
        return self._box().translated(self._view.mapToGlobal(QPoint(0, 0)))

    def text(self, kind: QAccessible.Text) -> str:
        """Return what it is."""
        return tr(told(self._view, self.thing), self._view.language) if kind == QAccessible.Text.Name else ""

    def setText(self, _kind: QAccessible.Text, _text: str) -> None:  # noqa: N802
        """Take no text."""


def _forget(heard: AccessibleMap) -> None:
    """Take a map that is gone, and its objects, out of Qt's register, where Qt has not done it."""
    for one in filter(shiboken6.isValid, (*heard.made(), heard)):
        QAccessible.deleteAccessibleInterface(QAccessible.uniqueId(one))


@cache
def _tell_qt() -> None:
    """Let Qt ask here for what a map is to those who hear it; once."""

    def made_for(_class: str, what: QObject) -> Any:
        if not isinstance(what, HeardMap):
            return None
        # A new one whenever Qt asks, which it does again once the view's class has got another slot: of two entries of
        # its register for one both would be deleted.
        heard = AccessibleMap(what)
        what.destroyed.connect(partial(_forget, heard))
        return heard

    QAccessible.installFactory(made_for)
