"""Data for an area, through the window: drawn, asked for, fetched, cut, cancelled, packed for a stick, and refused."""

from __future__ import annotations

import resource
import shutil
import sqlite3
import sys
from contextlib import closing, contextmanager

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtWidgets import QApplication
from terrain_server import glo30, serving

from cn_planner.area import web
from cn_planner.area.elevation_sources import GeoBox
from cn_planner.gis import worker
from cn_planner.gis.pack import read_pack
from cn_planner.gis.raster import read_elevation
from cn_planner.gui.app import make_window
from cn_planner.gui.values import Level
from cn_planner.jobs import close_pools
from cn_planner.model.edits import put
from cn_planner.model.plan import Household

BOX = GeoBox(42.45, 1.45, 42.55, 1.6)
OVER_THE_EDGE = "42.45, 1.9, 42.5, 2.1"  # into a square that the server does not have


@pytest.fixture(scope="module")
def tile(shared_data):
    return glo30(read_elevation(shared_data / "terrain/N42E001.hgt.zip").values[:1200, :1200], 42, 1)


@pytest.fixture
def catalogue(monkeypatch, tile):
    monkeypatch.setattr(web, "FIRST_WAIT_S", 0.001)
    with serving() as made:
        made.files[tile[0]] = tile[1]
        yield made


@pytest.fixture
def window(qtbot, settings, catalogue, tmp_path):
    for key, value in {
        "look": "light",
        "language": "en",
        "tour_seen": True,
        "terrain_server": catalogue.address,
    }.items():
        settings.set(key, value)
    made = make_window(settings)
    made.resize(1280, 720)
    made.show()
    made.state.create(tmp_path / "v.cnplan.gpkg", name="V", country="AD")
    qtbot.waitUntil(lambda: made.state.project is not None and not made.state.jobs.active(), timeout=20_000)
    yield made
    made.close()
    made.deleteLater()
    QApplication.processEvents()
    close_pools()


def opened(window, text=""):
    """Open the panel, with a box where one is given; return the panel and what it shows."""
    window.do("get_area")
    panel = window.regions.side.currentWidget().widget()
    if text:
        panel.given.setText(text)
        panel.given.editingFinished.emit()
    return panel, panel._data


def ended(qtbot, window, data):
    qtbot.waitUntil(lambda: data.job is None and not window.state.jobs.active(), timeout=20_000)


def looked(qtbot, window, panel, data):
    panel.go.click()
    ended(qtbot, window, data)
    assert data.cost is not None, data.said


@contextmanager
def no_room(count):
    """Let no file grow beyond so many bytes, of any process: what a full disk does to a program."""
    sys.dont_write_bytecode = True  # half a file of Python's own would stay for good
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (count, before[1]))
    worker.end_idle()  # those that are started now have the limit too
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
        worker.end_idle()


def test_a_box_is_drawn_looked_at_fetched_after_a_cut_and_undone(window, qtbot, catalogue, tile):
    canvas = window.regions.canvas
    canvas.go_to(42.48, 2.0, zoom=10.0, animated=False)
    panel, data = opened(window)
    assert canvas.tool.key == "area"
    assert not panel.go.isEnabled()
    x, y = canvas.width() // 2, canvas.height() // 2
    qtbot.mousePress(canvas, Qt.MouseButton.LeftButton, pos=QPoint(x + 60, y + 40))
    for step in range(6):
        qtbot.mouseMove(canvas, QPoint(x + 60 - 20 * step, y + 40 - 10 * step))
    qtbot.mouseRelease(canvas, Qt.MouseButton.LeftButton, pos=QPoint(x - 40, y - 10))
    assert data.box.south < data.box.north
    assert data.box.west < 2.0 < data.box.east
    assert "km" in panel.extent.text()
    assert "N42E001, N42E002" in panel.squares.text()
    assert not catalogue.asked  # nothing is asked of the server before the click
    looked(qtbot, window, panel, data)
    assert "MB come from" in panel.cost.text()
    assert "Not to be had: N42E002" in panel.cost.text()
    catalogue.faults[tile[0]] = ["503"] * web.TRIES
    panel.go.click()
    home = Household("H1", "Home", 42.46, 1.95)
    window.state.make(lambda plan: put(plan, [home]))  # people go on planning while it comes
    ended(qtbot, window, data)
    assert data.said.level is Level.ERROR
    assert "Try again later" in panel.said.text()
    catalogue.faults[tile[0]] = ["", "cut"]
    panel.go.click()
    ended(qtbot, window, data)
    assert "1 square came" in panel.said.text()
    assert "Not to be had: N42E002" in panel.said.text()
    plan = window.state.plan
    assert [row.vertical_datum for row in plan.terrain.values()] == ["EGM2008"]
    assert "H1" in plan.households
    window.state.undo()
    assert not window.state.plan.terrain
    canvas.setFocus()
    qtbot.keyClick(canvas, Qt.Key.Key_Escape)
    assert data.box is None


def test_a_pack_is_made_cancelled_full_and_used_in_another_plan(window, qtbot, catalogue, shared_data, tmp_path, tile):
    panel, data = opened(window, f"{BOX.south}, {BOX.west}, {BOX.north}, {BOX.east}")
    assert not panel.pack.isEnabled()
    looked(qtbot, window, panel, data)
    data.set_extract(shared_data / "osm/andorra.osm.pbf")
    target = tmp_path / "stick" / "north.cnpack.gpkg"
    target.parent.mkdir()

    web.FIRST_WAIT_S = 60.0  # as the fixture puts it back
    catalogue.faults[tile[0]] = ["503"]
    data.save_pack(target)
    qtbot.waitUntil(lambda: not catalogue.faults[tile[0]], timeout=20_000)
    assert panel.job.stop.isVisible()
    assert panel.job.doing.text()
    panel.job.stop.click()
    ended(qtbot, window, data)
    assert "Cancelled" in panel.said.text()
    web.FIRST_WAIT_S = 0.001

    with no_room(20_000):
        data.save_pack(target)
        ended(qtbot, window, data)
    assert data.said.level is Level.ERROR
    assert "space on the disk" in panel.said.text()
    assert not target.exists()

    data.save_pack(target.with_name("north"))  # the name is completed
    ended(qtbot, window, data)
    assert "The pack is written" in panel.said.text()
    grid, layers, _ = read_pack(target)
    assert grid.values.size > 10_000
    assert {"roads", "places"} <= set(layers)
    assert [one.name for one in target.parent.iterdir()] == [target.name]

    before = dict(catalogue.asked)
    window.do.take_files([target])
    qtbot.waitUntil(lambda: bool(window.state.plan.terrain), timeout=30_000)
    ended(qtbot, window, data)
    assert window.state.plan.area.base_map.endswith("north.cnpack.gpkg")
    assert window.regions.canvas.content.base_map.attribution()
    assert dict(catalogue.asked) == before  # without any net

    for what, words in {
        "newer": "of a newer version", "cut": "not an area pack, or it is damaged", "sums": "its sums do not agree",
    }.items():  # fmt: skip
        bad = tmp_path / f"{what}.cnpack.gpkg"
        shutil.copyfile(target, bad)
        if what == "cut":
            bad.write_bytes(bad.read_bytes()[: bad.stat().st_size // 2])
        else:
            with closing(sqlite3.connect(bad, isolation_level=None)) as database:
                database.execute(
                    "UPDATE cn_pack SET value = '99' WHERE key = 'format'"
                    if what == "newer"
                    else "UPDATE base_roads SET name = 'elsewhere' WHERE fid = 3"
                )
        terrain = window.state.plan.terrain
        window.do.take_files([bad])
        ended(qtbot, window, data)
        assert any(words in str(card.notice.what) for card in window.messages.cards), window.messages.cards[-1].notice
        assert window.state.plan.terrain == terrain


def test_what_is_no_box_or_too_large_is_said_and_a_full_disk_keeps_the_plan(window, qtbot, catalogue, tmp_path):
    panel, data = opened(window, "42.5, 1.5, 42.4, 1.6")
    assert data.box is None
    assert "This is no box" in str(window.messages.cards[-1].notice.what)
    panel.given.setText("somewhere")
    panel.given.editingFinished.emit()
    assert data.box is None
    panel.given.setText("0, 0, 20, 20")
    panel.given.editingFinished.emit()
    assert "the limit is 64" in panel.squares.text()
    panel.go.click()
    ended(qtbot, window, data)
    assert "Choose a smaller box" in panel.said.text()
    assert not catalogue.asked
    panel.given.setText(OVER_THE_EDGE)
    panel.given.editingFinished.emit()
    looked(qtbot, window, panel, data)
    with no_room(4_000):
        panel.go.click()
        ended(qtbot, window, data)
    assert data.said.level is Level.ERROR
    assert "space on the disk" in panel.said.text()
    assert not window.state.plan.terrain
    panel.go.click()
    ended(qtbot, window, data)
    assert len(window.state.plan.terrain) == 1
