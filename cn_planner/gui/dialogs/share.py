"""Share: which files are written, where, and how much they tell of the homes."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtWidgets import QCheckBox, QComboBox, QFileDialog, QHBoxLayout, QWidget

from cn_planner.export.formats import FORMATS
from cn_planner.gui.dialogs.dialog import Dialog
from cn_planner.gui.panels.parts import Elided, button, label
from cn_planner.gui.words import tr
from cn_planner.message import msg

if TYPE_CHECKING:
    from collections.abc import Callable

    from cn_planner.gui.settings import Settings

_BLURS = (
    (0, msg("Show homes where they are: for the people of the village")),
    (150, msg("Move homes by up to 150 m: for the public")),
    (500, msg("Move homes by up to 500 m: for the public")),
)


class ShareDialog(Dialog):
    """The dialog.

    Parameters
    ----------
    parent : QWidget
    settings : Settings
        Remember what was written last.
    folder : Path
        Where the files go unless another one was chosen.
    write : callable of (folder, formats, blur in m or None)
        Writes them.
    formats : tuple of str, optional
        What is ticked; what was written last where not given.
    """

    def __init__(
        self,
        parent: QWidget,
        settings: Settings,
        folder: Path,
        write: Callable[[Path, tuple[str, ...], float | None], None],
        formats: tuple[str, ...] | None = None,
    ) -> None:
        super().__init__(parent, msg("Share"), width=560, height=700)
        self._settings, self._write, self._folder = settings, write, folder
        self.column.addWidget(label(tr(msg("Files")), "head"))
        ticked = formats or settings.get("share_formats")
        self.boxes: dict[str, QCheckBox] = {}
        for key, one in FORMATS.all().items():
            box = QCheckBox(tr(one.words))
            box.setAccessibleName(tr(one.words))
            box.setChecked(key in ticked)
            box.toggled.connect(self._changed)
            self.boxes[key] = box
            self.column.addWidget(box)
        self.column.addSpacing(16)
        self.column.addWidget(label(tr(msg("Homes in these files")), "head"))
        self.blur = QComboBox()
        self.blur.setAccessibleName(tr(msg("Homes in these files")))
        kept = settings.get("blur_homes_m")
        for metres, words in _BLURS:
            self.blur.addItem(tr(words), metres)
        if self.blur.findData(kept) < 0:
            self.blur.addItem(tr(msg("Move homes by up to {metres} m", metres=kept)), kept)
        self.blur.setCurrentIndex(self.blur.findData(kept))
        self.column.addWidget(self.blur)
        self.column.addSpacing(16)
        self.column.addWidget(label(tr(msg("Folder")), "head"))
        row = QHBoxLayout()
        self._where = Elided(str(folder))
        row.addWidget(self._where, 1)
        other = button(tr(msg("Other folder…")))
        other.clicked.connect(self._choose)
        row.addWidget(other)
        self.column.addLayout(row)
        self.column.addWidget(label(tr(msg("Files of the same name are replaced, each whole or not at all.")), "label"))
        self.column.addStretch(1)
        self.add_button(msg("Cancel"), self.close)
        self._go = self.add_button(msg("Write the files"), self._begin, "primary")
        self._changed()

    def _chosen(self) -> tuple[str, ...]:
        return tuple(key for key, box in self.boxes.items() if box.isChecked())

    def _changed(self) -> None:
        if hasattr(self, "_go"):
            self._go.setEnabled(bool(self._chosen()))

    def _choose(self) -> None:
        dialog = QFileDialog(self, tr(msg("Folder of shared files")), str(self._folder))
        dialog.setFileMode(QFileDialog.FileMode.Directory)

        def take(texts: list[str]) -> None:
            self._folder = Path(texts[0])
            self._where.say(texts[0])

        dialog.filesSelected.connect(take)
        dialog.open()

    def _begin(self) -> None:
        metres = int(self.blur.currentData())
        self._settings.set("share_formats", self._chosen())
        self._settings.set("share_folder", str(self._folder))
        self._write(self._folder, self._chosen(), float(metres) if metres else None)
        self.close()
