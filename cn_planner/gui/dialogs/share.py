"""Share: which files are written, where, and how much they tell of the homes."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtWidgets import QFileDialog, QWidget

from cn_planner.export.formats import FORMATS, READERS
from cn_planner.gui.dialogs.dialog import Dialog, file_dialog
from cn_planner.gui.panels.fields import CheckField, ChoiceField
from cn_planner.gui.panels.parts import STRETCH, Elided, button, caption, fill_box, hbox
from cn_planner.message import msg

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

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
        super().__init__(parent, msg("Share"), width=640, height=700)
        self._settings, self._write, self._folder = settings, write, folder
        ticked = formats or settings.get("share_formats")
        self.boxes: dict[str, CheckField] = {}
        for reader, words in READERS.items():
            ours = {key: one for key, one in FORMATS.all().items() if one.reader is reader}
            if not ours:
                continue
            self.column.addWidget(caption(words, "head"))
            for key, one in ours.items():
                self.boxes[key] = box = CheckField(one.words)
                box.setChecked(key in ticked)
                box.toggled.connect(lambda _on: self._changed())
                self.column.addWidget(box)
        kept = settings.get("blur_homes_m")
        blurs = dict(_BLURS)
        blurs.setdefault(kept, msg("Move homes by up to {metres} m", metres=kept))
        self.blur = ChoiceField(msg("Homes in these files"), list(blurs.items()))
        self.blur.show_value(kept)
        self._where = Elided(str(folder))
        fill_box(
            self.column,
            16,
            caption(msg("Homes in these files"), "head"),
            self.blur,
            16,
            caption(msg("Folder"), "head"),
            hbox((self._where, 1), button(msg("Other folder…"), act=self._choose)),
            caption(msg("Files of the same name are replaced, each whole or not at all."), "label"),
            STRETCH,
        )
        self.add_button(msg("Cancel"), self.close)
        self._go = self.add_button(msg("Write the files"), self._begin, "primary")
        self._changed()

    def _chosen(self) -> tuple[str, ...]:
        return tuple(key for key, box in self.boxes.items() if box.isChecked())

    def _changed(self) -> None:
        self._go.setEnabled(bool(self._chosen()))

    def _choose(self) -> None:
        mode, title = QFileDialog.FileMode.Directory, msg("Folder of shared files")
        file_dialog(self, title, lambda folders: self._take(folders[0]), folder=self._folder, mode=mode).open()

    def _take(self, folder: Path) -> None:
        self._folder = folder
        self._where.say(str(folder))

    def _begin(self) -> None:
        metres = int(self.blur.currentData())
        self._settings.set("share_formats", self._chosen())
        self._settings.set("share_folder", str(self._folder))
        self._write(self._folder, self._chosen(), float(metres) if metres else None)
        self.close()
