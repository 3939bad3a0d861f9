"""What a map or a slot of the window does wrong is said; the window, the next plan and the end go on."""

from __future__ import annotations

import os
import signal
import sqlite3
import sys
import time
from contextlib import closing
from pathlib import Path

import platformdirs
import pytest
from PySide6.QtCore import QTimer
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QPushButton

from cn_planner import faults
from cn_planner.gis.worker import Limits
from cn_planner.gui import app
from cn_planner.gui.base_map import choose_base_map
from cn_planner.gui.dialogs.lists import LogDialog
from cn_planner.gui.map.layers.drawn_tiles import TilesSource
from cn_planner.gui.values import Level
from cn_planner.jobs import close_pools
from cn_planner.model.edits import change_section


@pytest.fixture
def window(qtbot, tmp_path, monkeypatch):
    monkeypatch.setattr(platformdirs, "user_log_dir", lambda *_, **__: str(tmp_path))
    settings = app.Settings(tmp_path / "window.ini")
    settings.set("language", "en")
    settings.set("tour_seen", True)
    made = app.make_window(settings)
    made.state.follow = False
    made.show()
    qtbot.waitExposed(made)
    yield made
    made.close()
    made.deleteLater()
    close_pools()


def opened(window, qtbot, path):
    window.state.open(path)
    qtbot.waitUntil(lambda: window.state.project is not None and window.state.project.path == path, timeout=20_000)
    qtbot.waitUntil(lambda: not window.state.jobs.active(), timeout=60_000)


def endless(path: Path) -> Path:
    """Write a map whose tiles are asked for without end."""
    with closing(sqlite3.connect(path)) as database:
        database.execute("CREATE TABLE metadata (name TEXT, value TEXT)")
        database.execute(
            "CREATE VIEW tiles AS WITH RECURSIVE n(z) AS (SELECT 1 UNION ALL SELECT z + 1 FROM n)"
            " SELECT z AS zoom_level, z AS tile_column, z AS tile_row, x'00' AS tile_data FROM n"
        )
        database.commit()
    return path


def asked(source: TilesSource) -> bool:
    return source._process._process is not None


def pid_of(source: TilesSource) -> int:
    process = source._process._process
    assert process is not None
    return process._process.pid


def test_a_map_without_an_end_is_said_and_the_next_plan_opens(window, qtbot, valley_folder):
    plan, path = valley_folder / "sample-valley.cnplan.gpkg", endless(valley_folder / "map.mbtiles")
    opened(window, qtbot, plan)
    choose_base_map(window.state, path)
    qtbot.waitUntil(lambda: any(card.notice.level is Level.ERROR for card in window.messages.cards), timeout=10_000)
    assert "map.mbtiles" in window.messages.cards[-1].notice.where
    assert not window.state.plan.area.base_map
    window.messages.clear()
    window.state.make(lambda it: change_section(it, "area", base_map="map.mbtiles"))
    qtbot.waitUntil(lambda: bool(window.messages.cards), timeout=10_000)
    assert "map.mbtiles" in window.messages.cards[-1].notice.where
    if hasattr(os, "mkfifo"):
        path.unlink()
        os.mkfifo(path)
        choose_base_map(window.state, path)
        qtbot.waitUntil(lambda: "pipe" in str(window.messages.cards[-1].notice.what), timeout=10_000)
    begun = time.monotonic()
    opened(window, qtbot, plan)
    window.close()
    assert time.monotonic() - begun < 20.0


@pytest.mark.skipif(not hasattr(signal, "SIGSTOP"), reason="processes are not stopped there")
def test_a_map_that_hangs_holds_neither_window_nor_plan_nor_end(window, qtbot, shared_data, valley_folder):
    source = TilesSource(shared_data / "basemap/osm_catalonia_z7-11.mbtiles", "", Limits(1.5, 768.0))
    canvas = window.regions.canvas
    plan = valley_folder / "sample-valley.cnplan.gpkg"
    opened(window, qtbot, plan)
    canvas.content.drawn.set_source(source)
    canvas.go_to(42.1, 1.6, zoom=9.0, animated=False)
    canvas.grab()
    qtbot.waitUntil(lambda: asked(source) and not canvas.content.drawn.busy, timeout=20_000)
    os.kill(pid_of(source), signal.SIGSTOP)  # as a network drive does that is gone
    canvas.go_to(42.1, 1.6, zoom=10.0, animated=False)
    canvas.grab()
    longest, until = 0.0, time.monotonic() + 1.0
    while time.monotonic() < until:
        begun = time.monotonic()
        QGuiApplication.processEvents()
        longest = max(longest, time.monotonic() - begun)
    assert longest < 0.5  # the window goes on
    qtbot.waitUntil(lambda: source.problem is not None, timeout=10_000)
    qtbot.waitUntil(lambda: any("took longer" in str(card.notice.what) for card in window.messages.cards))
    assert canvas.content.drawn.any_damaged

    another = TilesSource(shared_data / "basemap/osm_catalonia_z7-11.mbtiles", "")
    canvas.content.drawn.set_source(another)
    canvas.grab()
    qtbot.waitUntil(lambda: asked(another) and not canvas.content.drawn.busy, timeout=20_000)
    os.kill(pid_of(another), signal.SIGSTOP)
    canvas.go_to(42.1, 1.6, zoom=11.0, animated=False)
    canvas.grab()
    opened(window, qtbot, plan)  # the next plan opens
    canvas.grab()
    begun = time.monotonic()
    window.close()
    close_pools()
    assert time.monotonic() - begun < 5.0


@pytest.mark.qt_no_exception_capture
def test_a_fault_in_a_slot_is_said_with_the_log_and_the_window_goes_on(window, qtbot, monkeypatch, capsys):
    monkeypatch.setattr(sys, "excepthook", app._said_by(window))

    def fault() -> None:
        raise KeyError("a tower that is gone")

    for _ in range(5):
        QTimer.singleShot(0, window, fault)
    qtbot.waitUntil(lambda: bool(window.messages.cards), timeout=5_000)
    qtbot.wait(50)
    cards = window.messages.cards
    assert len(cards) == 1
    assert "made a mistake: KeyError" in str(cards[0].notice.what)
    assert str(faults.log_path().parent / "report-") in str(cards[0].notice.fix)
    assert "a tower that is gone" in faults.log_path().read_text(encoding="utf-8")
    capsys.readouterr()
    window.do("show_log")
    dialog = next(one for one in window.findChildren(LogDialog))
    assert "a tower that is gone" in dialog.text.toPlainText()
    next(one for one in dialog.findChildren(QPushButton) if one.text() == "Copy").click()
    assert "a tower that is gone" in QGuiApplication.clipboard().text()
    dialog.close()


def test_a_link_to_a_tower_that_is_gone_is_said(window, qtbot, valley_folder):
    opened(window, qtbot, valley_folder / "sample-valley.cnplan.gpkg")
    plan, some = window.state.plan, next(iter(window.state.plan.sites))
    window.regions.binding.keep_link(some, "gone")
    window.regions.binding.keep_link("gone", some)
    assert window.state.plan == plan
    assert "no longer in the plan" in str(window.messages.cards[-1].notice.what)
