"""A new plan: its name, its country, and the files to begin with; the first count of homes follows by itself."""

from __future__ import annotations

import re
from contextlib import suppress
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, QTimer
from PySide6.QtWidgets import QFileDialog, QFrame, QWidget

from cn_planner.errors import PlannerError
from cn_planner.gui import theme
from cn_planner.gui.dialogs.dialog import Dialog, file_dialog
from cn_planner.gui.intake import PLAN, TERRAIN, what_is
from cn_planner.gui.panels.fields import line_edit
from cn_planner.gui.panels.parts import STRETCH, Elided, button, caption, fill_box, hbox, let_go, vbox
from cn_planner.gui.village import CountryBox
from cn_planner.gui.words import tr
from cn_planner.message import Message, msg
from cn_planner.paths import is_device
from cn_planner.storage.plan_file import PLAN_FILE_SUFFIX

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from PySide6.QtCore import QMimeData
    from PySide6.QtGui import QDragEnterEvent, QDropEvent

    from cn_planner.area.country import Country
    from cn_planner.progress import CancelToken


def file_name(name: str) -> str:
    """Return a plan's file name: what any system takes, without spaces at its ends."""
    clean = re.sub(r'[\x00-\x1f<>:"/\\|?*]+', "-", name).strip(" .-")[:80] or "plan"
    return ("plan " if is_device(clean) else "") + clean + PLAN_FILE_SUFFIX


def fresh(folder: Path, name: str) -> Path:
    """Return a path in a folder that nothing stands at yet."""
    path = folder / file_name(name)
    number = 2
    while path.exists():
        path = folder / file_name(f"{name} {number}")
        number += 1
    return path


class NewPlanDialog(Dialog):
    """The dialog.

    Parameters
    ----------
    parent : QWidget
    folder : Path
        Where the plan goes unless another one is chosen.
    make : callable of (path, name, country, files)
        Makes the plan.
    files : iterable of Path
        What is already there, as when it was dropped.
    locate : callable of (files, callable of a Country or None), optional
        Finds out in which country the files lie, and hands it over later.
    """

    def __init__(
        self,
        parent: QWidget,
        folder: Path,
        make: Callable[[Path, str, str, list[Path]], None],
        files: Iterable[Path] = (),
        locate: Callable[[list[Path], Callable[[Country | None], None]], None] | None = None,
    ) -> None:
        super().__init__(parent, msg("New plan"), width=560, height=600)
        self._make, self._folder, self._locate = make, folder, locate
        self.setAcceptDrops(True)
        self.files: list[Path] = []
        self.name = line_edit(msg("Name"), hint=msg("Such as the name of the valley"))
        self.name.textChanged.connect(self._changed)
        self.add_field(msg("Name"), self.name)
        self.country = CountryBox()
        self.add_field(
            msg("Country"), self.country,
            msg("Its rules say how strongly a radio may send. It can be chosen later too."),
        )  # fmt: skip
        self._chosen = False
        """Whether a person chose the country: then it stays."""
        self._found: Country | None = None
        self.country.chosen.connect(self._choose_country)
        self.place = caption("", "label")
        self.place.hide()
        self.unknown = caption("", "warn")
        self.unknown.hide()
        fill_box(self.column, self.place, self.unknown)
        box = QFrame()
        theme.mark(box, "drop")
        said = msg("Terrain (.hgt, GeoTIFF), lists of homes or towers (CSV, GeoJSON). Drop them here, or choose.")
        self._list = vbox(gap=0)
        vbox(
            caption(said, "label"),
            self._list,
            (button(msg("Choose files…"), act=self._choose), Qt.AlignmentFlag.AlignLeading),
            on=box,
            margin=(16, 12, 16, 12),
        )
        self.add_field(msg("Files to begin with"), box)
        self._where = Elided("", "label")
        fill_box(
            self.column, hbox((self._where, 1), button(msg("Other folder…"), "flat", act=self._choose_folder)), STRETCH
        )
        self.add_button(msg("Cancel"), self.close)
        self._go = self.add_button(msg("Make the plan"), self._begin, "primary")
        self.add_files(files)
        self._changed()
        self.name.setFocus()

    def add_files(self, files: Iterable[Path]) -> None:
        """Take files to begin with."""
        for path in files:
            if path in self.files:
                continue
            self.files.append(path)
            piece = QWidget()
            piece.setAccessibleName(path.name)
            what = caption(_words_of(path), "label", wraps=False)
            name, act = tr(msg("Leave out {file}", file=path.name)), partial(self._leave, path, piece)
            hbox((Elided(path.name), 1), what, button(msg("Leave out"), "flat", name=name, act=act), on=piece)
            self._list.addWidget(piece)
            if not self.name.text():
                self.name.setText(re.sub(r"[_-]+", " ", path.name.split(".")[0]).strip())
        self._changed()
        self._look()

    def _look(self) -> None:
        """Find out in which country the files lie."""
        if self._locate is not None:
            self._locate(list(self.files), self.show_place)

    def _choose_country(self) -> None:
        self._chosen = True
        self.show_place(self._found)

    def show_place(self, found: Country | None) -> None:
        """Set the country that the files lie in, unless one was chosen; where it is not sure, say between which."""
        if self.ended:
            return
        self._found = found
        codes = found.candidates if found is not None else ()
        sure = len(codes) == 1
        if not self._chosen:
            self.country.choose(codes[0] if sure else "")
        names = " / ".join(self.country.name_of(code) for code in codes[:4])
        said = msg("The files lie in {country}. Choose another where that is wrong.", country=names)
        if not sure:
            said = msg("The files lie near a border: {countries}. Choose.", countries=names)
        asked = bool(codes) and (sure or self.country.code() not in codes)  # one of them is chosen: nothing is asked
        self.place.setText(tr(said) if asked else "")
        self.place.setVisible(asked)

    def _leave(self, path: Path, piece: QWidget) -> None:
        self.files.remove(path)
        let_go(piece)
        self._look()

    def _changed(self) -> None:
        name = self.name.text().strip()
        self._go.setEnabled(bool(name))
        self._where.say(str(self._folder / file_name(name)) if name else str(self._folder))

    def _choose(self) -> None:
        file_dialog(self, msg("Files to begin with"), self.add_files, mode=QFileDialog.FileMode.ExistingFiles).open()

    def _choose_folder(self) -> None:
        mode, title = QFileDialog.FileMode.Directory, msg("Folder of the plan")
        file_dialog(self, title, lambda folders: self._go_to(folders[0]), folder=self._folder, mode=mode).open()

    def _go_to(self, folder: Path) -> None:
        self._folder = folder
        self._changed()

    def _begin(self) -> None:
        name = self.name.text().strip()
        typed = self.country.unknown()
        if typed:  # a plan is without a country where somebody wants that, never because of a slip
            words = msg(
                "No country is called {text}, or several are. Choose one of the list, or empty the field.", text=typed
            )
            self.unknown.setText(tr(words))
            self.unknown.show()
            self.country.setFocus()
            return
        if name:
            self._make(fresh(self._folder, name), name, self.country.code(), list(self.files))
            self.close()

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:  # noqa: N802
        """Take files."""
        if local_files(event.mimeData()):
            event.acceptProposedAction()

    def dropEvent(self, event: QDropEvent) -> None:  # noqa: N802
        """Take the files that were dropped."""
        files = local_files(event.mimeData())
        event.acceptProposedAction()
        QTimer.singleShot(0, self, lambda: self.add_files(files))


def local_files(dropped: QMimeData) -> list[Path]:
    """Return the files of this machine that something dropped brings."""
    return [Path(url.toLocalFile()) for url in dropped.urls() if url.isLocalFile()]


def country_of_chosen(files: Iterable[Path], cancel: CancelToken) -> Country | None:
    """Return the country that files lie in, None where they do not tell; runs beside the window."""
    from cn_planner.session.country import country_of_files

    terrain: list[Path] = []
    tables: list[Path] = []
    for path in files:
        with suppress(PlannerError):
            kind = what_is(path)
            if kind != PLAN:
                (terrain if kind == TERRAIN else tables).append(path)
    return country_of_files(terrain, tables, cancel)


def _words_of(path: Path) -> Message:
    try:
        kind = what_is(path)
    except PlannerError as error:
        return error.what
    return {TERRAIN: msg("terrain"), PLAN: msg("a plan")}.get(kind, msg("a list"))
