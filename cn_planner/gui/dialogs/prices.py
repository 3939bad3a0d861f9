"""A price list before it is taken: which prices it changes, which it leaves, and which of its rows cannot be used."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QHeaderView, QListWidget, QTableWidget, QTableWidgetItem, QWidget

from cn_planner.gui import theme
from cn_planner.gui.dialogs.dialog import Dialog
from cn_planner.gui.panels.fields import ChoiceField
from cn_planner.gui.panels.parts import caption, fill_box, text_table
from cn_planner.gui.values import told_of
from cn_planner.gui.words import tr
from cn_planner.jobs import Slot
from cn_planner.message import Message, counted, msg
from cn_planner.session.own_entries import find_prices, price_changes, price_words, take_prices

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from cn_planner.gui.state import AppState
    from cn_planner.importers.price_list import PriceList
    from cn_planner.jobs import Failure
    from cn_planner.session.own_entries import PriceChange

MERGE, REPLACE = "merge", "replace"
_WAYS = {MERGE: msg("Add them to my prices"), REPLACE: msg("In place of all my prices")}
_MEANS = {
    MERGE: msg("Prices that the list does not have stay as they are."),
    REPLACE: msg("Prices that the list does not have fall back to the program's examples."),
}


class PricesDialog(Dialog):
    """The dialog.

    Parameters
    ----------
    parent : QWidget
    state : AppState
    path : Path
        The list.
    """

    taken = Signal(str)
    """What was done, in words."""

    def __init__(self, parent: QWidget, state: AppState, path: Path) -> None:
        super().__init__(parent, msg("Read a price list"), width=760, height=680)
        self._state, self._path = state, path
        self.found: PriceList | None = None
        self.column.addWidget(caption(path.name, "label"))
        self.way = ChoiceField(msg("What happens to my prices"), list(_WAYS.items()))
        self.way.show_value(MERGE)
        self.way.committed.connect(lambda _: self._show())
        self.add_field(msg("What happens to my prices"), self.way)
        self.means = caption(_MEANS[MERGE], "label")
        self.said = caption(msg("Reading {file}", file=path.name))
        self.said.setAccessibleName(tr(msg("What the list does")))
        self.table = _table()
        self.problems = QListWidget()
        self.problems.setAccessibleName(tr(msg("Rows that cannot be used")))
        self.problems.setWordWrap(True)
        self.problems.setMinimumHeight(theme.px(72))
        self.problems.hide()
        self.rest = QWidget()  # takes the room where there is no table
        self.rest.hide()
        fill_box(self.column, self.means, self.said, (self.table, 3), (self.problems, 1), (self.rest, 1))
        self.add_button(msg("Cancel"), self.close)
        self._go = self.add_button(msg("Take these prices"), self.keep, "primary")
        self._go.setEnabled(False)
        state.projectChanged.connect(self.close)
        state.planChanged.connect(self._read)  # the plan may have got prices or items meanwhile
        self._read()

    def end(self) -> None:
        """Stop reading."""
        super().end()
        self._state.jobs.cancel_all("price list")

    def _read(self, _changes: object = None) -> None:
        if self.ended:
            return
        path = self._path
        self._go.setEnabled(False)
        self._state.ask(
            "price list", msg("Reading {file}", file=path.name),
            lambda snapshot, _report, _cancel: find_prices(snapshot.plan, snapshot.catalogue, path), self._take,
            slot=Slot.IO, on_error=self._failed,
        )  # fmt: skip

    def _failed(self, failure: Failure) -> None:
        self.found = None
        self._lay(failed=True)
        self.said.setText(told_of(failure.error, place=False))

    def _lay(self, *, failed: bool) -> None:
        theme.mark(self.said, "bad" if failed else "")
        self.table.setHidden(failed)
        self.rest.setVisible(failed)
        self.way.setEnabled(not failed)
        if failed:
            self.problems.hide()

    def _take(self, found: PriceList) -> None:
        self.found = found
        self._lay(failed=False)
        self._show()

    def _replaces(self) -> bool:
        return bool(self.way.currentData() == REPLACE)

    def changes(self) -> tuple[PriceChange, ...]:
        """Return what the list would change, the way that is chosen."""
        project = self._state.project
        if project is None or self.found is None:
            return ()
        edit = take_prices(project.plan, self.found, replace_all=self._replaces())
        return price_changes(project.catalogue, project.workspace.catalogue_of(edit.plan))

    def _show(self) -> None:
        self.means.setText(tr(_MEANS[str(self.way.currentData())]))
        if self.found is None:
            return
        changes = self.changes()
        listed = {row.item for row in self.found.prices}
        self.said.setText(" ".join(tr(one) for one in _summary(self.found, changes, listed)))
        self.table.setRowCount(len(changes))
        for number, one in enumerate(changes):
            for place, text in enumerate((one.item.name, tr(price_words(one.before)), tr(price_words(one.after)))):
                cell = QTableWidgetItem(text)
                cell.setToolTip(text if place else f"{text} ({one.item.id})")
                self.table.setItem(number, place, cell)
        self.problems.clear()
        for row in self.found.left_out:
            self.problems.addItem(f"{tr(msg('Row {row}', row=row.row))}: {told_of(row, place=False)}")
        self.problems.setVisible(bool(self.found.left_out))
        self._go.setEnabled(bool(changes))

    def keep(self) -> None:
        """Put the prices into the plan."""
        found, replaces = self.found, self._replaces()
        if found is None:
            return
        words = [tr(counted("{count} price is taken.", "{count} prices are taken.", len(found.prices)))]
        words += [tr(one) for one in found.warnings]
        self.ended = True
        if self._state.make(lambda plan: take_prices(plan, found, replace_all=replaces)):
            self.taken.emit("\n".join(words))
            self.close()
        else:
            self.ended = False


def _summary(found: PriceList, changes: Sequence[PriceChange], listed: set[str]) -> list[Message]:
    """Return what a list does, in sentences."""
    taken = sum(one.item.id in listed for one in changes)
    lost = len(changes) - taken
    same = len(found.prices) - taken
    said = [counted("{count} price changes.", "{count} prices change.", taken)]
    if same:
        said.append(counted("{count} price is what it was.", "{count} prices are what they were.", same))
    if found.items:
        said.append(counted("{count} item is new.", "{count} items are new.", len(found.items)))
    if lost:
        said.append(counted("{count} price of your own goes.", "{count} prices of your own go.", lost))
    if found.left_out:
        said.append(counted("{count} row was left out.", "{count} rows were left out.", len(found.left_out)))
    return [*said, *found.warnings]


def _table() -> QTableWidget:
    titles = msg("Item"), msg("Price now"), msg("Price after")
    table = text_table(msg("Prices that change"), [tr(one) for one in titles])
    table.setMinimumHeight(theme.px(144))
    header = table.horizontalHeader()
    header.setSectionResizeMode(0, QHeaderView.ResizeMode.Stretch)
    for place in (1, 2):
        header.setSectionResizeMode(place, QHeaderView.ResizeMode.ResizeToContents)
    return table
