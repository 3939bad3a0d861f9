"""Each file dialog begins where the last one ended: reading and writing apart, also after a restart."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from PySide6.QtWidgets import QFileDialog, QWidget

import cn_planner.gui
from cn_planner.gui.dialogs.dialog import FILE_FOLDERS, file_dialog
from cn_planner.gui.settings import Settings
from cn_planner.message import msg

MODE = QFileDialog.FileMode


@pytest.fixture
def parent(qtbot, settings):
    made = QWidget()
    qtbot.addWidget(made)
    FILE_FOLDERS.use(settings)
    yield made
    FILE_FOLDERS.use(None)


def begins(parent: QWidget, mode: QFileDialog.FileMode, folder: Path | str = "") -> Path:
    dialog = file_dialog(parent, msg("Open a plan"), lambda _files: None, folder=folder, mode=mode)
    return Path(dialog.directory().absolutePath())


def choose(parent: QWidget, mode: QFileDialog.FileMode, path: Path) -> list[Path]:
    taken: list[Path] = []
    file_dialog(parent, msg("Open a plan"), taken.extend, mode=mode).filesSelected.emit([str(path)])
    return taken


def test_what_was_read_last_is_where_the_next_begins_and_writing_goes_its_own_way(parent, tmp_path: Path) -> None:
    stick, out, plans = (tmp_path / name for name in ("stick", "out", "plans"))
    for folder in (stick, out, plans):
        folder.mkdir()
    assert begins(parent, MODE.ExistingFile, plans) == plans
    assert choose(parent, MODE.ExistingFiles, stick / "N42.hgt") == [stick / "N42.hgt"]
    assert begins(parent, MODE.ExistingFile, plans) == stick
    assert begins(parent, MODE.AnyFile, plans) == plans  # nothing was written yet
    choose(parent, MODE.AnyFile, out / "map.png")
    assert begins(parent, MODE.AnyFile, plans) == out
    assert begins(parent, MODE.ExistingFiles) == stick
    assert begins(parent, MODE.Directory, plans) == plans  # which folder it is stands in the dialog that asks
    FILE_FOLDERS.use(Settings(tmp_path / "window.ini"))  # another start
    assert begins(parent, MODE.ExistingFile, plans) == stick


def test_a_stick_that_is_gone_is_no_place_to_begin(parent, tmp_path: Path) -> None:
    stick, plans = tmp_path / "stick", tmp_path / "plans"
    plans.mkdir()
    stick.mkdir()
    choose(parent, MODE.ExistingFile, stick / "a.csv")
    stick.rmdir()
    assert begins(parent, MODE.ExistingFile, plans) == plans


def test_every_dialog_for_files_is_made_by_the_one_that_remembers() -> None:
    folder = Path(cn_planner.gui.__file__).parent
    makers = [
        path.name for path in folder.rglob("*.py")
        if re.search(r"QFileDialog\(|getOpenFileName|getSaveFileName|getExistingDirectory", path.read_text("utf-8"))
    ]  # fmt: skip
    assert makers == ["dialog.py"]
