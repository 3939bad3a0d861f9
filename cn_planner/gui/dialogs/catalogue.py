"""The shelf: what there is, one's own entries beside it, prices, and measured patterns of antennas."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QPainter
from PySide6.QtWidgets import QFileDialog, QListWidget, QListWidgetItem, QPushButton, QWidget

from cn_planner.errors import PlannerError
from cn_planner.gui import theme
from cn_planner.gui.dialogs.catalogue_words import KIND_TITLES
from cn_planner.gui.dialogs.confirm import ConfirmDialog
from cn_planner.gui.dialogs.dialog import Dialog, file_dialog
from cn_planner.gui.dialogs.entry import EntryDialog
from cn_planner.gui.dialogs.prices import PricesDialog
from cn_planner.gui.paint import paint
from cn_planner.gui.panels.fields import ChoiceField, line_edit
from cn_planner.gui.panels.parts import button, caption, fill_box, hbox
from cn_planner.gui.values import Offer, told_of
from cn_planner.gui.words import language, tr
from cn_planner.message import Message, msg
from cn_planner.model.own_entries import is_own
from cn_planner.session.antenna_pattern import draw_pattern, pattern_preview, without_pattern, write_plot
from cn_planner.session.own_entries import drop_entry, said_of, write_prices

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from PySide6.QtGui import QPaintEvent

    from cn_planner.drawing.display import DisplayList
    from cn_planner.gui.state import AppState
    from cn_planner.model.own_entries import Entry

_PATTERNS = "*.msi *.pln *.pla *.ant *.az *.el *.csv *.txt"
_LISTS = "*.csv *.xlsx"


class CatalogueDialog(Dialog):
    """What can be bought, by kind; the program's entries are copied, one's own are changed and removed."""

    def __init__(self, parent: QWidget, state: AppState) -> None:
        super().__init__(parent, msg("The shelf"), width=620, height=680)
        self._state = state
        self.kind = ChoiceField(msg("Kind"), list(KIND_TITLES.items()))
        self.kind.show_value("kit")
        self.kind.committed.connect(lambda _: self._fill())
        self.add_field(msg("Kind"), self.kind)
        finds = tr(msg("Find by name or maker"))
        self.needle = line_edit(finds, hint=finds)
        self.needle.setClearButtonEnabled(True)
        self.needle.textChanged.connect(self._fill)
        self.column.addWidget(self.needle)
        self.list = QListWidget()
        self.list.setAccessibleName(tr(msg("What the shelf has")))
        self.list.setMinimumHeight(theme.px(280))
        self.list.currentItemChanged.connect(lambda *_: self._chosen())
        self.list.itemActivated.connect(lambda _: self._open(as_copy=False))
        self.said = caption("", "label")
        fill_box(self.column, (self.list, 1), self.said)
        self._copy = self._row(
            (msg("New…"), self._new), (msg("Copy…"), lambda: self._open(as_copy=True)),
            (msg("Change…"), lambda: self._open(as_copy=False)), (msg("Remove"), self._remove),
            (msg("Confirm…"), self._confirm), (msg("Pattern…"), self._pattern),
        )  # fmt: skip
        self._row((msg("Read a price list…"), self._read_prices), (msg("Write the price list…"), self._write_prices))
        self.add_close()
        state.planChanged.connect(self._fill)
        state.projectChanged.connect(self.close)
        self._fill()

    def _row(self, *offers: Offer) -> list[QPushButton]:
        line = hbox()
        made = [button(words, act=act) for words, act in offers]
        for one in made:
            line.addWidget(one)
        line.addStretch(1)
        self.column.addLayout(line)
        return made

    def _kind(self) -> str:
        return str(self.kind.currentData())

    def key(self) -> str | None:
        """Return the id of the entry that is chosen."""
        item = self.list.currentItem()
        return None if item is None else str(item.data(Qt.ItemDataRole.UserRole))

    def _fill(self, _changes: object = None) -> None:
        project = self._state.project
        if project is None:
            return
        kept = self.key()
        rows = [(one, _called(one)) for one in getattr(project.catalogue, f"{self._kind()}s").values()]
        wanted = self.needle.text().casefold().split()
        self.list.clear()
        for one, name in sorted(rows, key=lambda row: (not is_own(row[0]), row[1].casefold(), row[0].id)):
            if not all(word in f"{name} {one.id}".casefold() for word in wanted):
                continue
            text = tr(msg("{name} · your own", name=name)) if is_own(one) else name
            item = QListWidgetItem(text)
            item.setData(Qt.ItemDataRole.UserRole, one.id)
            self.list.addItem(item)
            if one.id == kept:
                self.list.setCurrentItem(item)
        self._chosen()

    def _chosen(self) -> None:
        project, key = self._state.project, self.key()
        _, copy, change, remove, confirm, pattern = self._copy
        own = key is not None and key.startswith("own-")
        copy.setEnabled(key is not None)
        change.setEnabled(own)
        remove.setEnabled(own)
        confirm.setVisible(self._kind() in ("radio", "antenna"))
        confirm.setEnabled(key is not None)
        pattern.setVisible(self._kind() == "antenna")
        pattern.setEnabled(key is not None)
        rows = {} if project is None else getattr(project.catalogue, f"{self._kind()}s")
        self.said.setText("\n".join(tr(one) for one in said_of(rows[key])) if key in rows else "")

    def _new(self) -> None:
        EntryDialog(self, self._state, self._kind()).show()

    def _open(self, *, as_copy: bool) -> None:
        key = self.key()
        if key is not None:
            EntryDialog(self, self._state, self._kind(), key, as_copy=as_copy).show()

    def _confirm(self) -> None:
        key = self.key()
        if key is not None:
            ConfirmDialog(self, self._state, key).show()

    def _remove(self) -> None:
        key, project = self.key(), self._state.project
        if key is not None and project is not None:
            self._tried(lambda: self._state.apply(drop_entry(project.plan, project.catalogue, key)))

    def _tried(self, act: Callable[[], object]) -> None:
        try:
            act()
        except PlannerError as error:
            self.said.setText(told_of(error))

    def _pattern(self) -> None:
        key = self.key()
        if key is not None:
            PatternDialog(self, self._state, key).show()

    def _read_prices(self) -> None:
        choose(self, msg("Read a price list"), _LISTS, self.take_prices)

    def take_prices(self, path: Path) -> PricesDialog:
        """Show what a file would do to the prices, before anything is done."""
        dialog = PricesDialog(self, self._state, path)
        dialog.taken.connect(self.said.setText)
        dialog.show()
        return dialog

    def _write_prices(self) -> None:
        choose(self, msg("Write the price list"), _LISTS, self.give_prices, save="prices.xlsx")

    def give_prices(self, path: Path) -> None:
        """Write the price list."""
        project = self._state.project

        def act() -> None:
            if project is None:
                return
            write_prices(project.catalogue, path)
            self.said.setText(tr(msg("Written: {file}", file=path.name)))

        self._tried(act)


def _called(entry: Entry) -> str:
    """Return the name of an entry, with its maker where the name does not say it."""
    maker = getattr(entry, "maker", "")
    return entry.name if maker.casefold() in entry.name.casefold() else f"{maker} {entry.name}"


def choose(parent: QWidget, title: Message, pattern: str, take: Callable[[Path], object], *, save: str = "") -> None:
    """Ask for a file without stopping the window."""
    every = tr(msg("All files"))
    kinds = f"{pattern} ({pattern});;{every} (*)"
    mode = QFileDialog.FileMode.AnyFile if save else QFileDialog.FileMode.ExistingFile
    dialog = file_dialog(parent, title, lambda files: take(files[0]), kinds=kinds, mode=mode)
    if save:
        dialog.selectFile(save)
    dialog.open()


class Plot(QWidget):
    """A drawing at the width that there is."""

    def __init__(self) -> None:
        super().__init__()
        self.drawing: DisplayList | None = None
        self.setMinimumHeight(theme.px(360))

    def show_drawing(self, drawing: DisplayList) -> None:
        """Show a drawing; who cannot see it is told its description."""
        self.drawing = drawing
        self.setAccessibleName(drawing.title)
        self.setAccessibleDescription(drawing.description)
        self.update()

    def paintEvent(self, _event: QPaintEvent) -> None:  # noqa: N802
        """Paint the drawing as large as it fits."""
        if self.drawing is None:
            return
        scale = min(self.width() / self.drawing.width, self.height() / self.drawing.height)
        painter = QPainter(self)
        target = QRectF(0.0, 0.0, self.width(), self.drawing.height * scale)
        paint(painter, self.drawing, target, theme.current().drawing)
        painter.end()


class PatternDialog(Dialog):
    """The pattern of an antenna: drawn, held against what is stated of it, replaced by a measured one."""

    def __init__(self, parent: QWidget, state: AppState, antenna: str) -> None:
        super().__init__(parent, msg("Pattern of the antenna"), width=620, height=640)
        self._state, self._antenna = state, antenna
        self._path: Path | None = None
        self.plot = Plot()
        self.said = caption("", "label")
        fill_box(self.column, (self.plot, 1), self.said)
        self.add_button(msg("Maker's file…"), lambda: choose(self, msg("Maker's file"), _PATTERNS, self.look_at))
        self.add_button(msg("Save the picture…"), self._save)
        self._drop = self.add_button(msg("Take the pattern away"), self._remove)
        self._keep = self.add_button(msg("Keep it"), self.keep, "primary")
        self._keep.setEnabled(False)
        self.add_close()
        state.projectChanged.connect(self.close)
        self._show()

    def _show(self) -> None:
        if (project := self._state.project) is not None:
            catalogue = project.catalogue
            self.plot.show_drawing(draw_pattern(catalogue, self._antenna, language=language()))
            self._drop.setEnabled(catalogue.antennas[self._antenna].pattern is not None)

    def look_at(self, path: Path) -> None:
        """Show a maker's file before it is taken; what is wrong with it is said."""
        project = self._state.project
        if project is None:
            return
        try:
            found = pattern_preview(project.plan, project.catalogue, self._antenna, path)
            drawing = draw_pattern(project.catalogue, self._antenna, found.pattern, language())
        except PlannerError as error:
            self.said.setText(told_of(error))
            self._keep.setEnabled(False)
            return
        self._path = path
        self.plot.show_drawing(drawing)
        self.said.setText("\n".join(tr(one) for one in found.warnings))
        self._keep.setEnabled(True)

    def keep(self) -> None:
        """Give the antenna the pattern that is shown."""
        path, project = self._path, self._state.project
        if path is not None and project is not None:
            catalogue = project.catalogue
            if self._state.make(lambda plan: pattern_preview(plan, catalogue, self._antenna, path).edit):
                self.close()

    def _remove(self) -> None:
        if self._state.make(lambda plan: without_pattern(plan, self._antenna)):
            self.said.setText("")
            self._show()

    def _save(self) -> None:
        choose(self, msg("Save the picture"), "*.svg", self.save, save=f"{self._antenna}.svg")

    def save(self, path: Path) -> None:
        """Write the plots as SVG."""
        if self.plot.drawing is None:
            return
        try:
            write_plot(self.plot.drawing, path)
        except PlannerError as error:
            self.said.setText(told_of(error))
