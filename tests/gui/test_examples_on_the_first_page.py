"""The first page: a real place with one click; and the places that the bundle's journey by mouse clicks on."""

from __future__ import annotations

import sys
from pathlib import Path

from PySide6.QtCore import QPoint, Qt
from PySide6.QtWidgets import QAbstractButton, QApplication

from cn_planner.gui import actions
from cn_planner.gui.app import make_window
from cn_planner.gui.settings import Settings
from cn_planner.jobs import close_pools
from cn_planner.session.examples import EXAMPLES

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "packaging"))

import by_mouse


def test_an_example_opens_with_one_click_in_a_folder_of_its_own(qtbot, tmp_path: Path, monkeypatch) -> None:
    monkeypatch.setattr(actions, "documents", lambda: tmp_path / "plans")
    settings = Settings(tmp_path / "window.ini")
    settings.set("language", "en")
    window = make_window(settings)
    window.state.follow = False
    try:
        window.resize(1440, 900)
        window.show()
        qtbot.waitExposed(window)
        QApplication.processEvents()
        under = window.childAt(QPoint(*by_mouse.SAMPLE))
        assert isinstance(under, QAbstractButton), (
            under,
            [(b.text(), b.mapTo(window, b.rect().center())) for b in window.start.findChildren(QAbstractButton)],
        )
        assert under.text() == "Open the sample valley"
        offered = {b.text(): b for b in window.start.findChildren(QAbstractButton)}
        assert offered.keys() >= set(EXAMPLES.values())
        qtbot.mouseClick(offered[EXAMPLES["andoain"]], Qt.MouseButton.LeftButton)
        qtbot.waitUntil(lambda: window.state.project is not None, timeout=60_000)
        assert window.state.plan.info.name == EXAMPLES["andoain"]
        assert (tmp_path / "plans" / "Examples" / "andoain" / "andoain-terrain.tif").is_file()
        qtbot.waitUntil(lambda: not window.state.jobs.active(), timeout=60_000)
    finally:
        window.close()
        window.shutdown()
        window.deleteLater()
        QApplication.processEvents()
        close_pools()
