"""Faults as a person meets them in the window: each is a message in words with what to do, and the plan as it was."""

from __future__ import annotations

import contextlib
import os
import shutil
import subprocess
import threading
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from PySide6.QtCore import QEvent, QObject
from PySide6.QtWidgets import QApplication

from cn_planner.gui.app import make_window
from cn_planner.gui.dialogs.share import ShareDialog
from cn_planner.gui.settings import Settings
from cn_planner.gui.values import Level
from cn_planner.gui.window import MainWindow
from cn_planner.jobs import close_pools
from cn_planner.message import msg
from cn_planner.model.edits import put
from cn_planner.session.project import Project


@pytest.fixture
def window(qtbot, tmp_path: Path) -> Iterator[MainWindow]:
    settings = Settings(tmp_path / "window.ini")
    settings.set("language", "en")
    settings.set("tour_seen", True)
    made = make_window(settings)
    made.state.follow = False
    made.show()
    qtbot.waitExposed(made)
    yield made
    made.close()
    made.shutdown()
    made.deleteLater()
    QApplication.processEvents()
    close_pools()


def opened(window: MainWindow, qtbot, path: Path) -> None:
    window.state.open(path)
    qtbot.waitUntil(lambda: window.state.project is not None, timeout=20_000)
    qtbot.waitUntil(lambda: not window.state.jobs.active(), timeout=60_000)


def sample_in(window: MainWindow, qtbot, folder: Path) -> None:
    window.state.open_sample(folder)
    qtbot.waitUntil(lambda: window.state.project is not None, timeout=20_000)
    qtbot.waitUntil(lambda: not window.state.jobs.active(), timeout=60_000)


def said(window: MainWindow, qtbot) -> str:
    """Return the words of the last card that is no mere note: what, where, what to do."""
    bad: list[object] = []

    def there() -> bool:
        bad[:] = [card for card in window.messages.cards if card.notice.level is not Level.INFO]
        return bool(bad)

    qtbot.waitUntil(there, timeout=20_000)
    notice = bad[-1].notice
    assert notice.fix is not None, f"{notice.what}: nothing is said of what to do"
    words = f"{notice.what} {notice.where} {notice.fix}"
    assert "Traceback" not in words
    assert "Error" not in words, words
    assert bad[-1].isVisible()
    return words


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A disk of its own, of a few megabytes."""
    folder = tmp_path / "disk"
    folder.mkdir()
    mount, umount = shutil.which("mount"), shutil.which("umount")
    if mount is None or umount is None or not hasattr(os, "geteuid") or os.geteuid() != 0:
        pytest.skip("only root can make a small disk")
    done = subprocess.run([mount, "-t", "tmpfs", "-o", "size=6m", "tmpfs", str(folder)], check=False)
    if done.returncode != 0:
        pytest.skip("a small disk cannot be made here")
    yield folder
    subprocess.run([umount, "-l", str(folder)], check=False)


def fill(folder: Path) -> None:
    """Leave no byte free."""
    with (folder / "filler").open("wb", buffering=0) as stream, contextlib.suppress(OSError):
        while True:
            stream.write(b"x" * 4096)


def test_an_edit_on_a_full_disk_is_refused_and_the_plan_is_as_it_was(window, qtbot, tmp_path, small_disk) -> None:
    made = Project.new(small_disk / "p.cnplan.gpkg", name="Small", country="ES")
    made.close()
    opened(window, qtbot, small_disk / "p.cnplan.gpkg")
    fill(small_disk)
    before = window.state.plan
    window.regions.canvas.placed.emit("site", 42.0, 1.5)
    words = said(window, qtbot)
    assert "full" in words or "space" in words, words
    assert window.state.plan == before
    assert window.state.undo_label is None
    (small_disk / "filler").unlink()
    window.regions.canvas.placed.emit("site", 42.0, 1.5)  # with room again it goes on
    assert len(window.state.plan.sites) == 1


def test_files_that_do_not_fit_on_the_disk_are_said_and_none_is_left_half(
    window, qtbot, valley_folder, small_disk
) -> None:
    sample_in(window, qtbot, valley_folder)
    fill(small_disk)
    before = window.state.plan
    window.state.request_export(small_disk, ("xlsx", "kmz"), date="2026-11-25")
    words = said(window, qtbot)
    assert "full" in words or "space" in words, words
    qtbot.waitUntil(lambda: not window.state.jobs.active(), timeout=60_000)
    assert [path.name for path in small_disk.iterdir()] == ["filler"]
    assert window.state.plan == before


def test_who_closes_while_something_is_computed_sees_the_window_go_at_once(window, qtbot, valley_folder) -> None:
    sample_in(window, qtbot, valley_folder)
    gone, seen = threading.Event(), []

    class Watch(QObject):
        def eventFilter(self, _watched: QObject, event: QEvent) -> bool:  # noqa: N802
            if event.type() is QEvent.Type.Hide:
                gone.set()
            return False

    watch = Watch()
    window.installEventFilter(watch)
    begun = threading.Event()

    def work(_snapshot, _report, _cancel) -> None:  # a step that hears nothing before its end
        begun.set()
        seen.append(gone.wait(20.0))

    window.state.ask("slow", msg("Computing coverage"), work, lambda _found: None)
    assert begun.wait(20.0)
    window.close()
    assert seen == [True], "the window was seen until the step had ended"
    assert not window.state.jobs.active()
    assert window.state.project is None


def test_files_that_are_written_anew_and_cancelled_leave_no_word_of_those_before(
    window, qtbot, tmp_path, valley_folder
) -> None:
    sample_in(window, qtbot, valley_folder)
    window.settings.set("share_folder", str(tmp_path))

    def write() -> None:
        window.do("share")
        dialog = next(one for one in window.findChildren(ShareDialog) if one.isVisible())
        for name, box in dialog.boxes.items():
            box.setChecked(name == "gpx")
        dialog._go.click()

    def written() -> list[str]:
        return [str(card.notice.what) for card in window.messages.cards if card.notice.where == str(tmp_path)]

    write()
    qtbot.waitUntil(lambda: bool(written()), timeout=60_000)
    write()
    window.state.jobs.cancel_all("export")
    qtbot.waitUntil(lambda: not window.state.jobs.active(), timeout=60_000)
    assert written() == []
    write()
    qtbot.waitUntil(lambda: bool(written()), timeout=60_000)
    window.messages.clear()  # by hand
    write()
    qtbot.waitUntil(lambda: bool(written()), timeout=60_000)


@pytest.mark.parametrize("kind", ["noise", "empty", "cut", "folder"])
def test_a_plan_that_cannot_be_read_leaves_the_open_one_open(window, qtbot, tmp_path, valley_folder, kind: str) -> None:
    sample_in(window, qtbot, valley_folder)
    good = window.state.project.path
    bad = tmp_path / "bad.cnplan.gpkg"
    if kind == "folder":
        bad.mkdir()
    else:
        bad.write_bytes({"noise": os.urandom(5000), "empty": b"", "cut": good.read_bytes()[:30_000]}[kind])
    before = window.state.plan
    window.state.open(bad)
    assert "bad.cnplan.gpkg" in said(window, qtbot)
    assert window.state.project.path == good
    assert window.state.plan is before


def test_elevation_that_cannot_be_read_is_said_and_none_of_the_files_goes_in(
    window, qtbot, tmp_path, valley_folder
) -> None:
    sample_in(window, qtbot, valley_folder)
    before = window.state.plan
    bad = tmp_path / "N42E001.hgt"
    bad.write_bytes(b"\x00" * 1000)
    window.do.take_files([bad])
    words = said(window, qtbot)
    assert "N42E001.hgt" in words
    qtbot.waitUntil(lambda: not window.state.jobs.active(), timeout=60_000)
    assert window.state.plan == before


def test_terrain_that_is_gone_is_named_and_the_plan_can_still_be_worked_on(window, qtbot, valley_folder) -> None:
    sample_in(window, qtbot, valley_folder)
    path = window.state.project.path
    row = next(iter(window.state.plan.terrain.values()))
    window.state.close()
    gone = next(one for one in path.parent.rglob("*") if one.name == Path(row.path).name)
    gone.unlink()
    opened(window, qtbot, path)
    assert gone.name in said(window, qtbot)
    site = next(iter(window.state.plan.sites.values()))
    assert window.state.make(lambda plan: put(plan, [replace(site, name="Other")]))
    assert window.state.plan.sites[site.id].name == "Other"


def test_a_tile_that_is_missing_under_a_tower_is_said_where_it_is_looked_from(window, qtbot, valley_folder) -> None:
    sample_in(window, qtbot, valley_folder)
    site = next(iter(window.state.plan.sites.values()))
    far = replace(site, latitude=site.latitude + 3.0, mast_height_m=12.0)
    assert window.state.make(lambda plan: put(plan, [far]))
    before = window.state.plan
    window.state.live_site(far)
    qtbot.waitUntil(lambda: not window.state.jobs.active(), timeout=60_000)
    assert window.state.plan is before
    live = window.state.computed.live
    if live is None:
        said(window, qtbot)
    else:
        assert not live.weight, "homes are reached from where no ground is known"


def test_the_same_plan_in_two_windows_is_said_in_the_second(window, qtbot, valley_folder) -> None:
    sample_in(window, qtbot, valley_folder)
    path = window.state.project.path
    window.state.close()
    first = Project.open(path)
    opened(window, qtbot, path)
    before = first.plan
    if window.state.project.read_only:
        assert window.messages.cards, "nothing says that it can only be looked at"
        assert not window.commands["undo"].isEnabled()
    site = next(iter(window.state.plan.sites.values()))
    went = window.state.make(lambda plan: put(plan, [replace(site, name="Second")]))
    if not went:
        said(window, qtbot)
    assert first.plan is before
    first.close()


def test_the_open_plan_opened_again_is_the_same_plan(window, qtbot, valley_folder) -> None:
    sample_in(window, qtbot, valley_folder)
    project = window.state.project
    assert window.state.open(project.path) is None
    assert window.state.project is project
    assert any("open already" in str(card.notice.what) for card in window.messages.cards)
