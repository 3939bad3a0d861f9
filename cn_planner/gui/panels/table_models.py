"""Homes, sites and links as tables over the plan and what was computed; no object is kept for a cell."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from PySide6.QtCore import QAbstractTableModel, QModelIndex, Qt

from cn_planner.geo import geodesic
from cn_planner.gui.kinds import HOUSEHOLD, LINK, PUBLIC, SITE, THINGS, Thing, ThingKind, name_of, site_name
from cn_planner.gui.panels import formatters, plan_edits
from cn_planner.gui.words import tr
from cn_planner.links.verdict import VERDICTS
from cn_planner.message import Message, msg
from cn_planner.report.words import HOME_KINDS, NO, PLACE_KINDS, PRIORITY_WORDS, STATUS_WORDS, YES
from cn_planner.service.judge import Why

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from cn_planner.gui.panels.panel_context import PanelContext
    from cn_planner.gui.values import AnyIndex

IdRole = int(Qt.ItemDataRole.UserRole) + 1
_SAID = {
    Why.NO_TOWER: msg("No tower near"),
    Why.FAR: msg("Too far"),
    Why.NO_BEAM: msg("No antenna points there"),
    Why.MARGIN: msg("Too little spare signal"),
    Why.SLOW: msg("Too slow"),
    Why.UNSURE: msg("Not certain enough"),
    Why.CUT_OFF: msg("No way to a gateway"),
    Why.UNHEARD: msg("Nothing left on its channel"),
}


@dataclass(frozen=True, slots=True)
class ThingColumn:
    """One column.

    Attributes
    ----------
    key : str
    title : Message
    text : callable
        From a key to what is shown.
    order : callable, optional
        From a key to what it is sorted by; what is shown where not given.
    field : str
        The plan's field that is edited in place; empty where it is only shown.
    choices : mapping, optional
        The words of the values that it may have.
    number : (low, high), optional
        Limits of a number that is edited.
    """

    key: str
    title: Message
    text: Callable[[str], str]
    order: Callable[[str], Any] | None = None
    field: str = ""
    choices: dict[Any, Message] | None = None
    number: tuple[float, float] | None = None

    @property
    def right(self) -> bool:
        """Whether it holds numbers, which stand at the trailing edge."""
        return self.number is not None or self.key in {"margin", "rate", "needed", "km", "homes", "spare"}


class ThingTable(QAbstractTableModel):
    """Rows of one table of the plan, in an order that the model keeps itself: sorting is one pass over keys."""

    kind: ThingKind

    def __init__(self, context: PanelContext) -> None:
        super().__init__(context)
        self.context = context
        self.columns: tuple[ThingColumn, ...] = ()
        self._keys: list[str] = []
        self._row_of: dict[str, int] = {}
        self._needle = ""
        self._sorted: tuple[int, Qt.SortOrder] | None = None
        self._asleep = self._stale = False
        context.state.projectChanged.connect(self.reload)
        context.state.planChanged.connect(self._plan_changed)

    # What rows there are

    def sleep(self) -> None:
        """Follow no changes: nobody looks. Of many homes each order takes longer than a frame."""
        self._asleep = True

    def wake(self) -> None:
        """Follow changes again, and catch up."""
        self._asleep = False
        if self._stale:
            self.reload()

    @property
    def asleep(self) -> bool:
        """Whether it follows no changes."""
        return self._asleep

    def _misses_it(self) -> bool:
        """Return whether nobody looks, and remember that something was missed."""
        self._stale |= self._asleep
        return self._asleep

    def reload(self) -> None:
        """Read the rows again, in their order."""
        if self._misses_it():
            return
        self._stale = False
        self.beginResetModel()
        self._arrange()
        self.endResetModel()

    def _rows(self) -> Any:
        return self.kind.rows(self.context.plan)

    def _arrange(self) -> None:
        rows = self._rows()
        needle = self._needle
        keys = [key for key in rows if not needle or needle in self.words(key)]
        if self._sorted is None:
            order = self.weakness()
            keys.sort(key=lambda key: (order(key), key))
        else:
            number, direction = self._sorted
            column = self.columns[number]
            keys.sort(
                key=column.order or (lambda key: column.text(key).casefold()),
                reverse=direction is Qt.SortOrder.DescendingOrder,
            )
        self._keys = keys
        self._row_of = {key: row for row, key in enumerate(keys)}

    def words(self, key: str) -> str:
        """Return what the filter looks in, in small letters."""
        thing = self._rows()[key]
        return f"{key} {getattr(thing, 'name', '')} {thing.note}".casefold()

    def weakness(self) -> Callable[[str], tuple[Any, ...]]:
        """Return what orders the weakest first."""
        return lambda key: (key,)

    def set_filter(self, text: str) -> None:
        """Show only rows that hold a text."""
        if text.casefold().strip() != self._needle:
            self._needle = text.casefold().strip()
            self.reload()

    def sort(self, column: int, order: Qt.SortOrder = Qt.SortOrder.AscendingOrder) -> None:
        """Sort by a column; by -1 the weakest come first."""
        self._sorted = None if column < 0 else (column, order)
        self.reload()

    def _plan_changed(self, changes: Any) -> None:
        if self._misses_it():
            return
        parts = {change.part for change in changes}
        mine = [change for change in changes if change.part == self.kind.table]
        same = all(change.before is not None and change.after is not None for change in mine)
        if mine and not same:
            self.reload()
        elif mine and len(mine) < 100:
            for change in mine:
                row = self._row_of.get(change.id)
                if row is not None:
                    self.dataChanged.emit(self.index(row, 0), self.index(row, len(self.columns) - 1))
        elif mine or parts & {"sites", "rules", "demand", "info"}:
            self._all_changed()

    def _all_changed(self) -> None:
        if self._keys and not self._misses_it():
            self.dataChanged.emit(self.index(0, 0), self.index(len(self._keys) - 1, len(self.columns) - 1))

    def key_at(self, row: int) -> str:
        """Return the id of a row."""
        return self._keys[row]

    def row_of(self, key: str) -> int | None:
        """Return the row of an id; None where it is not shown."""
        return self._row_of.get(key)

    # What Qt asks

    def rowCount(self, parent: AnyIndex | None = None) -> int:  # noqa: N802
        """Return how many rows are shown."""
        return 0 if parent is not None and parent.isValid() else len(self._keys)

    def columnCount(self, parent: AnyIndex | None = None) -> int:  # noqa: N802
        """Return how many columns there are."""
        return 0 if parent is not None and parent.isValid() else len(self.columns)

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole) -> Any:  # noqa: N802
        """Return the titles of columns."""
        if orientation is Qt.Orientation.Horizontal:
            if role == Qt.ItemDataRole.DisplayRole:
                return tr(self.columns[section].title)
            if role == Qt.ItemDataRole.TextAlignmentRole and self.columns[section].right:
                return Qt.AlignmentFlag.AlignTrailing | Qt.AlignmentFlag.AlignVCenter
        return None

    def data(self, index: AnyIndex, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        """Return what is shown, edited or read aloud."""
        if not index.isValid() or index.row() >= len(self._keys) or self._stale:
            return None
        key, column = self._keys[index.row()], self.columns[index.column()]
        match role:
            case Qt.ItemDataRole.DisplayRole | Qt.ItemDataRole.ToolTipRole:
                return column.text(key)
            case Qt.ItemDataRole.EditRole:
                return self.value(key, column)
            case Qt.ItemDataRole.TextAlignmentRole:
                leading = Qt.AlignmentFlag.AlignTrailing if column.right else Qt.AlignmentFlag.AlignLeading
                return leading | Qt.AlignmentFlag.AlignVCenter
            case Qt.ItemDataRole.AccessibleTextRole:
                return f"{tr(column.title)}: {column.text(key)}"
            case _:
                return key if role == IdRole else None

    def value(self, key: str, column: ThingColumn) -> Any:
        """Return the plan's own value of a cell that can be edited."""
        return getattr(self._rows()[key], column.field) if column.field else column.text(key)

    def setData(self, index: AnyIndex, value: Any, role: int = Qt.ItemDataRole.EditRole) -> bool:  # noqa: N802
        """Edit a cell: one edit of the plan."""
        column = self.columns[index.column()]
        if role != Qt.ItemDataRole.EditRole or not column.field:
            return False
        key = self._keys[index.row()]
        if value == self.value(key, column):
            return True
        return self.context.edit(lambda plan: plan_edits.change_field(plan, self.kind.table, key, column.field, value))

    def flags(self, index: AnyIndex) -> Qt.ItemFlag:
        """Return whether a cell can be edited."""
        flags = super().flags(index)
        if index.isValid() and self.columns[index.column()].field:
            flags |= Qt.ItemFlag.ItemIsEditable
        return flags

    def texts(self, keys: Sequence[str]) -> str:
        """Return rows as text with tabs between, with titles above."""
        lines = ["\t".join(["id", *(tr(one.title) for one in self.columns)])]
        for key in keys:
            cells = [key, *(one.text(key) for one in self.columns)]
            lines.append("\t".join(cell.replace("\t", " ").replace("\n", " ") for cell in cells))
        return "\n".join(lines)

    def _choice(self, field: str, title: Message, words: dict[Any, Message]) -> ThingColumn:
        """Return a column of a field that has one of few values."""

        def said(key: str) -> str:
            return formatters.capitalised(tr(words[getattr(self._rows()[key], field)]))

        return ThingColumn(field, title, said, None, field, words)

    def _text(self, field: str, title: Message) -> ThingColumn:
        """Return a column of a field that is a text."""
        return ThingColumn(field, title, lambda key: str(getattr(self._rows()[key], field)), None, field)

    def _called(self, title: Message) -> ThingColumn:
        """Return the column of names; what has none goes by its id."""

        def name(key: str) -> str:
            return str(self._rows()[key].name or key)

        return ThingColumn("name", title, name, lambda key: name(key).casefold(), "name")


class HomeTable(ThingTable):
    """The homes: those that are not reached first, then the least spare signal."""

    kind = THINGS[HOUSEHOLD]

    def __init__(self, context: PanelContext) -> None:
        super().__init__(context)
        home = self._home
        self.columns = (
            self._called(msg("Home")),
            ThingColumn("state", msg("State"), self._state, self._order),
            ThingColumn("server", msg("Tower"), self._tower),
            self._text("hamlet", msg("Hamlet")),
            ThingColumn(
                "margin",
                msg("Spare"),
                lambda k: self._number("margin_db", k, "dB"),
                lambda k: self._sort("margin_db", k),
            ),
            ThingColumn(
                "rate",
                msg("Speed"),
                lambda k: "" if (r := self._value("rate_mbps", k)) != r else formatters.data_rate(r),
                lambda k: self._sort("rate_mbps", k),
            ),
            ThingColumn("needed", msg("Height needed at the roof"), self._needed, lambda k: self._sort("needed_m", k)),
            ThingColumn(
                "weight",
                msg("Counts for"),
                lambda k: formatters.plain(home(k).weight),
                lambda k: home(k).weight,
                "weight",
                number=(0, 1e6),
            ),
            ThingColumn("antenna", msg("Antenna"), self._antenna, self._antenna_m, "antenna_height_m", number=(0, 50)),
            self._choice("kind", msg("Kind"), HOME_KINDS),
            self._choice("priority", msg("Priority"), PRIORITY_WORDS),
        )
        context.state.serviceChanged.connect(lambda _now: self._service_changed())
        self.reload()

    def _home(self, key: str) -> Any:
        return self.context.plan.households[key]

    def _at(self, key: str) -> tuple[Any, int] | None:
        now = self.context.state.computed.service
        number = None if now is None else now.homes.number.get(key)
        return None if now is None or number is None else (now, number)

    def weakness(self) -> Callable[[str], tuple[Any, ...]]:
        """Return what orders those not reached first, then the least spare signal."""
        now = self.context.state.computed.service
        if now is None:
            return lambda _key: (0,)
        number, reached = now.homes.number, now.works.tolist()
        margin = np.nan_to_num(now.fallback_db, nan=-1e9, posinf=1e9).tolist()

        def order(key: str) -> tuple[Any, ...]:
            at = number.get(key)
            return (False, -1e9) if at is None else (reached[at], margin[at])

        return order

    def _service_changed(self) -> None:
        if self._misses_it():
            return
        if self._sorted is None or self.columns[self._sorted[0]].key in {"state", "server", "margin", "rate", "needed"}:
            self.layoutAboutToBeChanged.emit()
            before = [self.key_at(index.row()) for index in self.persistentIndexList()]
            old = self.persistentIndexList()
            self._arrange()
            new = [
                self.index(self._row_of[key], index.column()) if key in self._row_of else QModelIndex()
                for key, index in zip(before, old, strict=True)
            ]
            self.changePersistentIndexList(old, new)
            self.layoutChanged.emit()
        else:
            self._all_changed()

    def _state(self, key: str) -> str:
        at = self._at(key)
        if at is None:
            return tr(msg("Not computed yet"))
        now, number = at
        if now.connected[number]:
            return "✓ " + tr(msg("Connected"))
        if now.works[number]:
            return "✓ " + tr(msg("Can be reached"))
        why = Why(int(now.why[number]))
        if why in _SAID:
            return "✕ " + tr(_SAID[why])
        symbol, word, _ = formatters.verdict(VERDICTS[int(now.verdict[number])])
        return f"{symbol} {word}"

    def _order(self, key: str) -> tuple[Any, ...]:
        at = self._at(key)
        if at is None:
            return (0, 0)
        now, number = at
        return bool(now.works[number]), formatters.WEAKEST_FIRST[VERDICTS[int(now.verdict[number])]]

    def _tower(self, key: str) -> str:
        at = self._at(key)
        site = self._home(key).server
        if site is None and at is not None and at[0].site[at[1]] >= 0:
            site = at[0].sites[int(at[0].site[at[1]])]
        return "" if site is None else site_name(self.context.plan, site)

    def _value(self, name: str, key: str) -> float:
        at = self._at(key)
        return float("nan") if at is None else float(getattr(at[0], name)[at[1]])

    def _number(self, name: str, key: str, unit: str) -> str:
        value = self._value(name, key)
        return "" if value != value or abs(value) == float("inf") else formatters.with_unit(value, unit)

    def _sort(self, name: str, key: str) -> float:
        value = self._value(name, key)
        return float("-inf") if value != value else value

    def _needed(self, key: str) -> str:
        value = self._value("needed_m", key)
        return "" if value != value else self.context.height_needed(value)

    def _antenna_m(self, key: str) -> float:
        given = self._home(key).antenna_height_m
        return self.context.plan.demand.antenna_height_m if given is None else given

    def _antenna(self, key: str) -> str:
        return self.context.set_height(self._antenna_m(key))

    def value(self, key: str, column: ThingColumn) -> Any:
        """Return what an editor starts from: the usual height where none is given."""
        return self._antenna_m(key) if column.key == "antenna" else super().value(key, column)


class SiteTable(ThingTable):
    """The sites: those of the network first, those that reach the fewest homes before the others."""

    kind = THINGS[SITE]

    def __init__(self, context: PanelContext) -> None:
        super().__init__(context)
        site = self._site
        self.columns = (
            self._called(msg("Site")),
            self._choice("role", msg("Role"), formatters.SITE_ROLE_WORDS),
            self._choice("status", msg("State"), STATUS_WORDS),
            ThingColumn(
                "mast",
                msg("Mast"),
                self._mast,
                lambda k: site(k).mast_height_m or -1.0,
                "mast_height_m",
                number=(0, 150),
            ),
            ThingColumn("homes", msg("Homes"), self._homes, self._homes_number),
            ThingColumn(
                "most",
                msg("Greatest mast"),
                lambda k: self.context.set_height(site(k).max_height_m),
                lambda k: site(k).max_height_m,
                "max_height_m",
                number=(0, 150),
            ),
            self._choice("power", msg("Power"), formatters.SITE_POWER_WORDS),
            self._text("owner", msg("Owner")),
            self._text("consent", msg("Consent")),
        )
        context.state.serviceChanged.connect(
            lambda _now: self.reload() if self._sorted is None else self._all_changed()
        )
        self.reload()

    def _site(self, key: str) -> Any:
        return self.context.plan.sites[key]

    def weakness(self) -> Callable[[str], tuple[Any, ...]]:
        """Return what orders towers before ideas, and those that reach the fewest homes first."""
        return lambda key: (not self._site(key).in_network, self._homes_number(key))

    def _mast(self, key: str) -> str:
        height = self._site(key).mast_height_m
        return "–" if height is None else self.context.set_height(height)

    def _homes_number(self, key: str) -> float:
        now = self.context.state.computed.service
        return -1.0 if now is None or key not in now.sites else now.weight_of(self.context.plan, key)

    def _homes(self, key: str) -> str:
        number = self._homes_number(key)
        return "" if number < 0 else formatters.with_unit(number)

    def value(self, key: str, column: ThingColumn) -> Any:
        """Return what an editor starts from."""
        return super().value(key, column) or 0.0 if column.key == "mast" else super().value(key, column)


class PublicTable(ThingTable):
    """The public places: those that must be connected and are not first."""

    kind = THINGS[PUBLIC]

    def __init__(self, context: PanelContext) -> None:
        super().__init__(context)
        self.columns = (
            self._called(msg("Public place")),
            self._choice("kind", msg("Kind"), PLACE_KINDS),
            ThingColumn("server", msg("Tower"), self._tower),
            ThingColumn(
                "people",
                msg("People"),
                lambda k: "" if (p := self._place(k).people) is None else formatters.plain(p),
                lambda k: self._place(k).people or 0.0,
                "people",
                number=(0, 1e6),
            ),
            self._choice("must", msg("Must be connected"), {True: YES, False: NO}),
            self._text("note", msg("Note")),
        )
        context.state.serviceChanged.connect(lambda _now: self.reload() if self._sorted is None else None)
        self.reload()

    def _place(self, key: str) -> Any:
        return self.context.plan.places[key]

    def weakness(self) -> Callable[[str], tuple[Any, ...]]:
        """Return what orders those first that must be connected and are not."""
        now = self.context.state.computed.service
        off = frozenset[str]() if now is None else now.off_network

        def order(key: str) -> tuple[Any, ...]:
            server = self._place(key).server
            return server is not None and server not in off, not self._place(key).must

        return order

    def _tower(self, key: str) -> str:
        server = self._place(key).server
        return "" if server is None else site_name(self.context.plan, server)


class LinkTable(ThingTable):
    """The links, the weakest first."""

    kind = THINGS[LINK]

    def __init__(self, context: PanelContext) -> None:
        super().__init__(context)
        self.columns = (
            ThingColumn("name", msg("Link"), self._name, lambda k: self._name(k).casefold()),
            ThingColumn("verdict", msg("Verdict"), self._verdict, self._strength),
            ThingColumn(
                "spare",
                msg("Spare"),
                lambda k: self._number(k, "fade_margin_db", "dB"),
                lambda k: self._order(k, "fade_margin_db"),
            ),
            ThingColumn(
                "rate",
                msg("Speed"),
                lambda k: "" if (r := self._get(k, "rate_mbps")) is None else formatters.data_rate(r),
                lambda k: self._order(k, "rate_mbps"),
            ),
            ThingColumn("km", msg("Length"), lambda k: self.context.distance(self._length(k)), self._length),
            self._choice("status", msg("State"), STATUS_WORDS),
            self._text("note", msg("Note")),
        )
        context.linksChanged.connect(lambda: self.reload() if self._sorted is None else self._all_changed())
        self.reload()

    def _name(self, key: str) -> str:
        return name_of(self.context.plan, Thing(LINK, key))

    def words(self, key: str) -> str:
        """Return what the filter looks in: the names of both ends too."""
        return f"{super().words(key)} {self._name(key).casefold()}"

    def weakness(self) -> Callable[[str], tuple[Any, ...]]:
        """Return what orders by verdict, then spare signal."""
        return self._strength

    def _strength(self, key: str) -> tuple[Any, ...]:
        return formatters.link_strength(self.context.links.get(key))

    def _verdict(self, key: str) -> str:
        budget = self.context.links.get(key)
        symbol, word, _ = formatters.verdict(budget.verdict if budget is not None else None)
        return f"{symbol} {word}"

    def _get(self, key: str, name: str) -> float | None:
        budget = self.context.links.get(key)
        return None if budget is None else getattr(budget, name)

    def _number(self, key: str, name: str, unit: str) -> str:
        value = self._get(key, name)
        return "" if value is None else formatters.with_unit(value, unit)

    def _order(self, key: str, name: str) -> float:
        value = self._get(key, name)
        return float("-inf") if value is None else value

    def _length(self, key: str) -> float:
        link, sites = self.context.plan.links[key], self.context.plan.sites
        a, b = sites[link.from_site], sites[link.to_site]
        return geodesic(a.latitude, a.longitude, b.latitude, b.longitude).distance_m
