"""The tables below the map: homes, sites, links; the weakest first; a click goes to the place; edited in place."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QItemSelection, QItemSelectionModel, QModelIndex, Qt
from PySide6.QtGui import QContextMenuEvent, QGuiApplication, QKeySequence, QShortcut
from PySide6.QtWidgets import (
    QAbstractItemView,
    QComboBox,
    QHeaderView,
    QLineEdit,
    QStyledItemDelegate,
    QTableView,
    QTabWidget,
    QWidget,
)

from cn_planner.gui import theme
from cn_planner.gui.kinds import SEVERAL, Thing, of_several, several
from cn_planner.gui.panels import formatters, plan_edits
from cn_planner.gui.panels.fields import line_edit
from cn_planner.gui.panels.panel_context import PanelContext
from cn_planner.gui.panels.parts import Elided, button, dress_table, hbox, retext, vbox
from cn_planner.gui.panels.table_models import HomeTable, LinkTable, PublicTable, SiteTable, ThingColumn, ThingTable
from cn_planner.gui.panels.typed_number import TypedNumber
from cn_planner.gui.values import Level, Notice
from cn_planner.gui.words import WORDS, tr, unit
from cn_planner.message import Message, counted, msg
from cn_planner.model import edits

if TYPE_CHECKING:
    from collections.abc import Iterable

    from PySide6.QtCore import QAbstractItemModel
    from PySide6.QtGui import QHideEvent, QShowEvent

    from cn_planner.gui.settings import Settings
    from cn_planner.gui.state import AppState
    from cn_planner.gui.values import AnyIndex

_WIDTHS = {"name": 168, "state": 184, "verdict": 184, "priority": 136, "owner": 144, "consent": 144, "note": 200,
           "needed": 144, "most": 112}  # fmt: skip
_WIDTH = 96
_FEW_ROWS = 500
"""More rows are not chosen again after an edit: that would take longer than a frame."""


class CellEditor(QStyledItemDelegate):
    """Edits a cell as what it is: a choice, a number, or a text."""

    def __init__(self, things: ThingTable, parent: QWidget) -> None:
        super().__init__(parent)
        self._things = things

    def createEditor(self, parent: QWidget, _option: Any, index: AnyIndex) -> QWidget:  # noqa: N802
        """Return the editor of a cell."""
        one = self._things.columns[index.column()]
        if one.choices is not None:
            box = QComboBox(parent)
            for value, words in one.choices.items():
                box.addItem(formatters.capitalised(tr(words)), value)
            box.activated.connect(lambda _n: self._end(box))
            made: QWidget = box
        elif one.number is not None:
            metres, sign = self._unit(one)
            spin = TypedNumber(parent)
            spin.setRange(one.number[0] / metres, one.number[1] / metres)
            spin.setSuffix(sign)
            spin.setDecimals(1)
            spin.setStyleSheet("QDoubleSpinBox::up-button, QDoubleSpinBox::down-button { width: 0; border: none; }")
            made = spin
        else:
            made = line = QLineEdit(parent)
            line.setMaxLength(200)
        made.setAccessibleName(tr(one.title))
        return made

    def _end(self, box: QComboBox) -> None:
        self.commitData.emit(box)
        self.closeEditor.emit(box)

    def _unit(self, one: ThingColumn) -> tuple[float, str]:
        """Return the unit in which a number is typed: what it is stored in to one of it, and its sign."""
        if one.key not in {"mast", "most", "antenna"}:
            return 1.0, ""
        metres, sign = self._things.context.quantities.height_unit()
        return metres, f" {unit(sign)}"

    def setEditorData(self, editor: QWidget, index: AnyIndex) -> None:  # noqa: N802
        """Show what the plan says."""
        value = index.data(Qt.ItemDataRole.EditRole)
        if isinstance(editor, QComboBox):
            editor.setCurrentIndex(next((n for n in range(editor.count()) if editor.itemData(n) == value), -1))
        elif isinstance(editor, TypedNumber):
            editor.setValue(float(value or 0.0) / self._unit(self._things.columns[index.column()])[0])
            editor.setProperty("begun", editor.value())
            editor.selectAll()
        elif isinstance(editor, QLineEdit):
            editor.setText(str(value))

    def setModelData(self, editor: QWidget, model: QAbstractItemModel, index: AnyIndex) -> None:  # noqa: N802
        """Make the edit."""
        value: Any = None
        one = self._things.columns[index.column()]
        if isinstance(editor, QComboBox):
            value = editor.currentData()
            # Enums of text come back as text.
            value = next((choice for choice in one.choices or () if choice == value), value)
        elif isinstance(editor, TypedNumber):
            editor.interpretText()
            if editor.refused is not None:  # the field is gone before anyone could read it there
                self._things.context.state.say(Notice(Level.WARNING, editor.refused, tr(one.title)))
            if editor.value() == editor.property("begun"):
                return  # a height that is read in feet is not rounded to them
            most = one.number[1] if one.number is not None else float("inf")
            value = min(editor.value() * self._unit(one)[0], most)
        elif isinstance(editor, QLineEdit):
            value = editor.text().strip()
        model.setData(index, value)


class ThingView(QTableView):
    """One table: a click goes to the place; copy, duplicate, delete by keys."""

    def __init__(self, context: PanelContext, model: ThingTable, name: str) -> None:
        super().__init__()
        self.context, self.things = context, model
        self.setAccessibleName(name)
        self.setModel(model)
        self.setItemDelegate(CellEditor(model, self))
        self.setSelectionMode(QAbstractItemView.SelectionMode.ExtendedSelection)
        self.setEditTriggers(QAbstractItemView.EditTrigger.DoubleClicked | QAbstractItemView.EditTrigger.EditKeyPressed)
        # Qt itself keeps three pixels more: with them the text stands under that of its title.
        dress_table(self, 32, 5)
        self.setWordWrap(False)
        self.setTextElideMode(Qt.TextElideMode.ElideRight)
        self.verticalHeader().setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
        head = self.horizontalHeader()
        head.setDefaultAlignment(Qt.AlignmentFlag.AlignLeading | Qt.AlignmentFlag.AlignVCenter)
        head.setHighlightSections(False)
        # A title asks at each painting, cell by cell, whether its column is chosen: let it see a choice of its own.
        head.setSelectionModel(QItemSelectionModel(model, head))
        head.setSectionsMovable(True)
        head.setAccessibleName(name)
        # Qt would sort by the first column at once; the weakest come first until someone asks for another order.
        head.setSortIndicator(-1, Qt.SortOrder.AscendingOrder)
        head.setSortIndicatorClearable(True)
        self.setSortingEnabled(True)
        for number, one in enumerate(model.columns):
            titled = head.sectionSizeHint(number)  # a title is read whole, in whatever language
            self.setColumnWidth(number, max(theme.px(_WIDTHS.get(one.key, _WIDTH)), titled))
        head.setStretchLastSection(True)
        self._kept: tuple[list[str], str, int] = ([], "", 0)
        model.modelAboutToBeReset.connect(self._remember)
        model.modelReset.connect(self._choose_again)
        self.clicked.connect(self._go)
        self.activated.connect(self._go)
        for keys, act in (
            (QKeySequence.StandardKey.Copy, self.copy),
            (QKeySequence.StandardKey.Paste, self.paste),
            (QKeySequence.StandardKey.Delete, self.delete),
            (QKeySequence("Ctrl+D"), self.duplicate),
        ):
            shortcut = QShortcut(QKeySequence(keys), self)
            shortcut.setContext(Qt.ShortcutContext.WidgetWithChildrenShortcut)
            shortcut.activated.connect(act)

    def chosen(self) -> list[str]:
        """Return the ids of the chosen rows, as they stand."""
        return [self.things.key_at(one) for one in sorted(self.chosen_rows())]

    def chosen_rows(self) -> set[int]:
        """Return the numbers of the chosen rows, by ranges: Qt's list of 10,000 takes a quarter of a second."""
        ranges = self.selectionModel().selection().toList()
        return {row for one in ranges for row in range(one.top(), one.bottom() + 1)}

    def _go(self, index: QModelIndex) -> None:
        if QGuiApplication.keyboardModifiers() & (
            Qt.KeyboardModifier.ShiftModifier | Qt.KeyboardModifier.ControlModifier
        ):
            self._take_together()  # several are being chosen
            return
        self.context.go(self.things.kind.key, self.things.key_at(index.row()))

    def _take_together(self) -> None:
        """Select all that are chosen, where they are more than one: the panel has what can be done with them."""
        chosen = self.chosen()
        if len(chosen) > 1:
            self.context.state.select(SEVERAL, several(Thing(self.things.kind.key, one) for one in chosen))

    def _remember(self) -> None:
        """Keep which rows are chosen: an edit, and what is computed of it, may bring them into another order."""
        at, chosen = self.currentIndex(), self.chosen()
        self._kept = chosen if len(chosen) <= _FEW_ROWS else [], "", 0
        if at.isValid():
            self._kept = self._kept[0], self.things.key_at(at.row()), at.column()

    def _choose_again(self) -> None:
        chosen, key, column = self._kept
        self._choose(row for one in chosen if (row := self.things.row_of(one)) is not None)
        row = self.things.row_of(key)
        if row is not None:
            self.selectionModel().setCurrentIndex(
                self.things.index(row, column), QItemSelectionModel.SelectionFlag.NoUpdate
            )

    def _choose(self, rows: Iterable[int]) -> None:
        """Choose these rows beside those that are chosen."""
        choice = QItemSelection()
        for row in rows:
            choice.select(self.things.index(row, 0), self.things.index(row, self.things.columnCount() - 1))
        self.selectionModel().select(choice, QItemSelectionModel.SelectionFlag.Select)

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:  # noqa: N802
        """Ask what can be done with the row, or with all that are chosen."""
        keyboard = event.reason() is QContextMenuEvent.Reason.Keyboard
        index = self.currentIndex() if keyboard else self.indexAt(event.pos())
        if not index.isValid():
            return
        kind, plan, key = self.things.kind, self.context.plan, self.things.key_at(index.row())
        row = kind.rows(plan).get(key)
        if row is None:
            return
        if key in self.chosen():
            self._take_together()
        spots = kind.places(plan, row)
        middle = (sum(one[0] for one in spots) / len(spots), sum(one[1] for one in spots) / len(spots))
        at = self.viewport().mapToGlobal(self.visualRect(index).center()) if keyboard else event.globalPos()
        self.context.menuAsked.emit(Thing(kind.key, key), *middle, at)

    def showEvent(self, event: QShowEvent) -> None:  # noqa: N802
        """Catch up with the plan, and with what is selected."""
        self.things.wake()
        super().showEvent(event)
        self.show_selection(self.context.state.selection)

    def hideEvent(self, event: QHideEvent) -> None:  # noqa: N802
        """Follow nothing meanwhile."""
        super().hideEvent(event)
        self.things.sleep()

    def show_selection(self, selection: Thing | None) -> None:
        """Choose the rows of what is selected, and no others: keys and buttons take all that are chosen."""
        things = of_several(selection.id) if selection is not None and selection.kind == SEVERAL else (selection,)
        keys = {one.id for one in things if one is not None and one.kind == self.things.kind.key}
        if keys == set(self.chosen()):
            return
        self.clearSelection()
        rows = sorted(row for one in keys if (row := self.things.row_of(one)) is not None)
        if rows and len(rows) <= _FEW_ROWS:
            self._choose(rows)
            self.selectionModel().setCurrentIndex(
                self.things.index(rows[0], 0), QItemSelectionModel.SelectionFlag.NoUpdate
            )
            self.scrollTo(self.currentIndex())

    def copy(self) -> None:
        """Copy the chosen rows, for a spreadsheet."""
        keys = self.chosen()
        if keys:
            QGuiApplication.clipboard().setText(self.things.texts(keys))

    def paste(self) -> None:
        """Take cells from a spreadsheet, as one edit: from the chosen cell on, or by their ids; one fills all rows."""
        from cn_planner.gui.panels.table_paste import pasted

        text, at = QGuiApplication.clipboard().text(), self.currentIndex()
        if text.strip() and at.isValid():
            rows = sorted(self.chosen_rows()) or [at.row()]
            self.context.edit(lambda plan: pasted(self.things, plan, text, at.column(), rows))

    def delete(self) -> None:
        """Delete the chosen rows, as one edit that can be undone."""
        keys = self.chosen()
        if keys:
            self.context.edit(lambda plan: edits.remove(plan, self.things.kind.table, keys))

    def duplicate(self) -> None:
        """Copy the chosen things of the plan, a few steps beside."""
        keys = self.chosen()
        if not keys or not self.things.kind.copies:
            return
        new: tuple[str, ...] = ()

        def make(plan: Any) -> Any:
            nonlocal new
            edit, new = plan_edits.duplicate(plan, self.things.kind.table, keys)
            return edit

        if self.context.edit(make) and new:
            self.context.state.select(self.things.kind.key, new[0])


_TABLES: tuple[tuple[type[ThingTable], Message], ...] = (
    (HomeTable, msg("Homes")), (SiteTable, msg("Sites")), (LinkTable, msg("Links")),
    (PublicTable, msg("Public places")),
)  # fmt: skip


class Tables(QTabWidget):
    """Homes, sites and links, one tab each, with a box that filters and what can be done with the chosen rows.

    Parameters
    ----------
    whole : bool
        Whether all are made at once, which takes longer than a frame; else one at each call of `make_next`.
    """

    def __init__(
        self, state: AppState, settings: Settings, context: PanelContext | None = None, *, whole: bool = True
    ) -> None:
        super().__init__()
        self.state, self._whole = state, whole
        self.context = context if context is not None else PanelContext(state, settings, self)
        self.setAccessibleName(tr(msg("Tables")))
        self.tabBar().setAccessibleName(tr(msg("Tables")))
        self.setDocumentMode(True)
        self.views: dict[str, ThingView] = {}
        self.filters: dict[str, QLineEdit] = {}
        self._counts: dict[str, Elided] = {}
        self._buttons: dict[str, tuple[Any, ...]] = {}
        state.selectionChanged.connect(self._selected)
        WORDS.changed.connect(self._retitle)
        while whole and self.make_next():
            pass

    def make_next(self) -> bool:
        """Make the next table that is not there yet; return whether there was one."""
        if len(self.views) == len(_TABLES):
            return False
        make, words = _TABLES[len(self.views)]
        model = make(self.context)
        self.addTab(self._page(model, tr(words)), tr(words))
        if not self._whole and not self.isVisible():
            model.sleep()
        return True

    def _page(self, model: ThingTable, name: str) -> QWidget:
        kind = model.kind.key
        page = QWidget()
        box = line_edit(msg("Filter {table}", table=name), hint=msg("Filter"))
        box.setClearButtonEnabled(True)
        box.setMaximumWidth(theme.px(240))
        box.textChanged.connect(model.set_filter)
        count = Elided(kind="label")
        view = ThingView(self.context, model, name)
        copy = button(msg("Copy"), act=view.copy)
        paste = button(
            msg("Paste"), act=view.paste, tip=msg("From a spreadsheet: what was copied here, or cells for these rows.")
        )
        duplicate = button(msg("Duplicate"), act=view.duplicate)
        delete = button(msg("Delete"), "danger", act=view.delete)
        line = hbox((box, 1), (count, 1), copy, paste, duplicate, delete, margin=(16, 0, 16, 0))
        vbox(line, (view, 1), on=page, margin=(0, 8, 0, 0))
        duplicate.setVisible(model.kind.copies)
        self.views[kind], self.filters[kind], self._counts[kind] = view, box, count
        self._buttons[kind] = (copy, paste, duplicate, delete)
        view.selectionModel().selectionChanged.connect(lambda *_: self._count(kind))
        for signal in (model.modelReset, model.layoutChanged):
            signal.connect(lambda *_: self._count(kind))
        self._count(kind)
        return page

    def _count(self, kind: str) -> None:
        view = self.views[kind]
        total, chosen = view.things.rowCount(), len(view.chosen_rows())
        words = counted("{count} row", "{count} rows", total)
        if chosen:
            words = counted("{chosen} of {count} row chosen", "{chosen} of {count} rows chosen", total, chosen=chosen)
        self._counts[kind].say(tr(words))
        for one in self._buttons[kind]:
            one.setEnabled(chosen > 0)
        theme.mark(self._buttons[kind][-1], "danger" if chosen else "")

    def _selected(self, selection: Thing | None) -> None:
        for view in self.views.values():
            if not view.things.asleep:
                view.show_selection(selection)

    def _retitle(self) -> None:
        self.setAccessibleName(tr(msg("Tables")))
        self.tabBar().setAccessibleName(tr(msg("Tables")))
        for number in range(self.count()):
            self.setTabText(number, tr(_TABLES[number][1]))
        for kind, view in self.views.items():
            view.things.reload()
            self.filters[kind].setPlaceholderText(tr(msg("Filter")))
            name = self.tabText(list(self.views).index(kind))
            self.filters[kind].setAccessibleName(tr(msg("Filter {table}", table=name)))
            view.setAccessibleName(name)
            view.horizontalHeader().setAccessibleName(name)
            words = msg("Copy"), msg("Paste"), msg("Duplicate"), msg("Delete")
            for one, said in zip(self._buttons[kind], words, strict=True):
                retext(one, said)
