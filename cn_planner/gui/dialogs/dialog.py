"""A dialog beside the window: a title, a column, buttons at its foot. It never stops the window."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QSize, Qt
from PySide6.QtWidgets import QDialog, QFileDialog, QFrame, QInputDialog, QLineEdit, QPushButton, QWidget
from shiboken6 import isValid

from cn_planner.gui import theme
from cn_planner.gui.panels.parts import button, caption, fill_box, hbox, vbox
from cn_planner.gui.scroll import ScrollColumn
from cn_planner.gui.words import tr
from cn_planner.message import Message, msg

if TYPE_CHECKING:
    from collections.abc import Callable

    from cn_planner.gui.settings import Settings


class Dialog(QDialog):
    """A dialog.

    Parameters
    ----------
    parent : QWidget
        The window.
    title : Message
    width : int
        At letters of 100 %.
    height : int
        Where the column is longer it scrolls.
    """

    def __init__(self, parent: QWidget, title: Message, *, width: int = 560, height: int = 480) -> None:
        super().__init__(parent)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setWindowTitle(tr(title))
        self.setAccessibleName(tr(title))
        self.ended = False
        """Whether it was closed: what is found later has no place to be shown."""
        self.finished.connect(self._finish)
        head = caption(title, "title")
        head.setContentsMargins(24, 24, 24, 8)
        self.body = QWidget()
        self.body.setAccessibleName(tr(title))
        self.column = vbox(on=self.body, margin=(24, 8, 24, 16))
        self.scrolled = ScrollColumn(self.body, title)
        outer = vbox(head, (self.scrolled, 1), on=self, gap=0)
        self.footer = QFrame()
        theme.mark(self.footer, "footer")
        self._buttons = hbox(on=self.footer, margin=(24, 12, 24, 12))
        self._buttons.addStretch(1)
        outer.addWidget(self.footer)
        room, owner = self.screen().availableSize(), self.parentWidget()
        if owner:  # over two screens a window is larger than one; none has its foot below all of them
            most = QSize(_ANY_PX, self.screen().availableVirtualSize().height())
            room = room.expandedTo(owner.window().size().boundedTo(most))
        room -= QSize(_EDGE_PX, _EDGE_PX)
        self.resize(QSize(theme.px(width), theme.px(height)).boundedTo(room))

    def _finish(self, _result: int) -> None:
        self.end()

    def end(self) -> None:
        """Leave what is under way: the dialog was closed."""
        self.ended = True

    def add_button(self, words: Message, act: Callable[[], object], kind: str = "") -> QPushButton:
        """Add a button at the foot; the one that goes on is ``primary`` and takes Enter."""
        made = button(words, kind, act=act)
        if kind == "primary":
            made.setDefault(True)
        self._buttons.addWidget(made)
        return made

    def add_close(self) -> None:
        """Add the button that closes."""
        self.add_button(msg("Close"), self.close)

    def add_field(self, words: Message, field: QWidget, meaning: Message | None = None) -> None:
        """Add a field below its name, with a sentence on it where one is needed."""
        name = caption(words)
        name.setBuddy(field)
        self.column.addWidget(name)
        if not field.accessibleName():
            field.setAccessibleName(tr(words))
        if meaning is not None:
            field.setAccessibleDescription(tr(meaning))
            self.column.addWidget(caption(meaning, "label"))
        fill_box(self.column, field, 8)


class FileFolders:
    """Where files were read and written last: each dialog begins there, also at the next start."""

    def __init__(self) -> None:
        self._settings: Settings | None = None

    def use(self, settings: Settings | None) -> None:
        """Keep them in a person's settings, as long as there are these."""
        self._settings = settings

    def last(self, mode: QFileDialog.FileMode) -> str:
        """Return the folder that a dialog begins in; empty where there is none yet, or it is gone."""
        key, settings = _FOLDER_KEYS.get(mode), self._kept()
        kept = str(settings.get(key)) if key is not None and settings is not None else ""
        return kept if kept and Path(kept).is_dir() else ""

    def keep(self, mode: QFileDialog.FileMode, folder: Path) -> None:
        """Remember the folder that was chosen in."""
        key, settings = _FOLDER_KEYS.get(mode), self._kept()
        if key is not None and settings is not None:
            settings.set(key, str(folder))

    def _kept(self) -> Settings | None:
        return self._settings if isValid(self._settings) else None


_ANY_PX = 1 << 20
_EDGE_PX = 48
"""So much of the screen is left beside a dialog, for its frame too."""
_FOLDER_KEYS = {
    QFileDialog.FileMode.ExistingFile: "read_folder",
    QFileDialog.FileMode.ExistingFiles: "read_folder",
    QFileDialog.FileMode.AnyFile: "write_folder",
}
FILE_FOLDERS = FileFolders()
"""Of this program: there is one window, and one person before it."""


def file_dialog(
    parent: QWidget, title: Message, take: Callable[[list[Path]], object], *, folder: str | Path = "", kinds: str = "",
    mode: QFileDialog.FileMode = QFileDialog.FileMode.ExistingFile,
) -> QFileDialog:  # fmt: skip
    """Return a dialog that asks for files or a folder; it stops nothing, and begins where the last one ended.

    Parameters
    ----------
    take : callable
        Gets what was chosen.
    folder : str or Path
        Where it begins as long as nothing was read, or written, yet; by default at home. A dialog for a folder always
        begins there.
    kinds : str
        As Qt writes them: ``Lists (*.csv *.xlsx);;All files (*)``.
    mode : QFileDialog.FileMode
        ``AnyFile`` where a file is to be written.
    """
    begin = FILE_FOLDERS.last(mode) or str(folder or Path.home())
    dialog = QFileDialog(parent.window(), tr(title), begin, kinds)
    dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
    dialog.setAccessibleName(tr(title))
    dialog.setModal(False)
    dialog.setFileMode(mode)
    if mode is QFileDialog.FileMode.AnyFile:
        dialog.setAcceptMode(QFileDialog.AcceptMode.AcceptSave)

    def chosen(texts: list[str]) -> None:
        paths = [Path(text) for text in texts]
        FILE_FOLDERS.keep(mode, paths[0].parent)
        take(paths)

    dialog.filesSelected.connect(chosen)
    return dialog


def ask_text(
    parent: QWidget, title: Message, field: Message, go: Message, act: Callable[[str], object], *, text: str = ""
) -> QInputDialog:
    """Return a dialog that asks for one line of text; `act` gets it where it is not empty."""
    dialog = QInputDialog(parent)
    dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
    dialog.setWindowTitle(tr(title))
    dialog.setAccessibleName(tr(title))
    dialog.setLabelText(tr(field))
    dialog.setTextValue(text)
    dialog.setOkButtonText(tr(go))
    dialog.setCancelButtonText(tr(msg("Cancel")))
    for line in dialog.findChildren(QLineEdit):
        line.setAccessibleName(tr(field))
    for made in dialog.findChildren(QPushButton):
        made.setAccessibleName(made.text().replace("&", ""))
    dialog.textValueSelected.connect(lambda words: act(words.strip()) if words.strip() else None)
    return dialog
