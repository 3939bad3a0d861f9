"""The shared state: edits, jobs and their results reach the window in order, and never for another plan."""

from __future__ import annotations

import shutil
import sqlite3
import threading
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest
import shiboken6
from PySide6.QtWidgets import QLabel
from pytestqt.qtbot import QtBot

from cn_planner.gui.kinds import Thing, several
from cn_planner.gui.problems import remedy_of_error
from cn_planner.gui.state import AppState
from cn_planner.gui.values import Level, Notice
from cn_planner.jobs import Slot, close_pools
from cn_planner.message import msg
from cn_planner.model import edits
from cn_planner.model.plan import Link, Plan
from cn_planner.service.path_view import PathEnd
from cn_planner.session.project import Project
from cn_planner.session.sample import open_sample

LONG_MS = 60_000


@pytest.fixture(scope="module")
def sample(sample_folder: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("state") / "valley"
    shutil.copytree(sample_folder, folder)
    with open_sample(folder) as project:
        plan = project.plan
        towers = [replace(plan.sites[key], mast_height_m=12.0) for key in ("G01", "C01")]
        project.apply(edits.put(plan, [*towers, Link("L1", "G01", "C01")]))
    return folder


@pytest.fixture
def state(qtbot: QtBot) -> Iterator[AppState]:
    before = set(threading.enumerate())
    state = AppState()
    state.follow = False
    state.notices = []  # type: ignore[attr-defined]
    state.message.connect(state.notices.append)  # type: ignore[attr-defined]
    yield state
    state.shutdown()
    close_pools()
    assert set(threading.enumerate()) <= before


@pytest.fixture
def valley(state: AppState, sample: Path, tmp_path: Path, qtbot: QtBot) -> AppState:
    folder = tmp_path / "valley"
    shutil.copytree(sample, folder)
    with qtbot.waitSignal(state.projectChanged, timeout=LONG_MS):
        state.open_sample(folder)
    return state


def notices(state: AppState) -> list[Notice]:
    return state.notices  # type: ignore[attr-defined]


def moved(plan: Plan, key: str, north: float = 0.001):
    site = plan.sites[key]
    return edits.put(plan, [replace(site, latitude=site.latitude + north)])


def test_opening_a_plan_keeps_the_window_alive_and_tells_it(valley: AppState) -> None:
    assert valley.project is not None
    assert len(valley.plan.households) == 150
    assert notices(valley) == []


def test_an_edit_says_what_changed_and_undo_says_it_back(valley: AppState, qtbot: QtBot) -> None:
    before = valley.plan
    with qtbot.waitSignal(valley.planChanged) as told:
        assert valley.apply(moved(valley.plan, "C01"))
    [[change]] = told.args
    assert (change.part, change.id) == ("sites", "C01")
    assert str(valley.undo_label) == f"move site {before.sites['C01'].name}"
    with qtbot.waitSignal(valley.planChanged) as back:
        assert valley.undo()
    [[other]] = back.args
    assert (other.before, other.after) == (change.after, change.before)
    assert valley.plan == before
    assert valley.redo()
    assert not valley.redo()  # nothing left, and nothing is said
    assert notices(valley) == []


def test_an_edit_that_is_refused_is_said_and_changes_nothing(valley: AppState) -> None:
    before = valley.plan
    too_high = replace(before.sites["C01"], mast_height_m=9999.0)
    assert not valley.make(lambda plan: edits.put(plan, [too_high]))
    assert valley.plan is before
    [notice] = notices(valley)
    assert notice.level is Level.ERROR
    assert notice.details  # what can be copied


def test_what_is_removed_is_not_selected_any_more(valley: AppState) -> None:
    valley.select("site", "C05")
    valley.apply(edits.remove(valley.plan, "sites", ["C05"]))
    assert valley.selection is None


def test_of_many_that_are_selected_those_that_are_left_stay_selected(valley: AppState) -> None:
    """A table that removed all of them left a panel of "0 things selected" whose button did nothing."""
    several_of = [Thing("site", key) for key in ("C03", "C04", "C05")]
    valley.select("several", several(several_of))
    valley.apply(edits.remove(valley.plan, "sites", ["C05"]))
    assert valley.selection == Thing("several", several(several_of[:2]))
    valley.apply(edits.remove(valley.plan, "sites", ["C04"]))
    assert valley.selection == several_of[0]
    valley.select("several", several(several_of[:1]))
    valley.apply(edits.remove(valley.plan, "sites", ["C03"]))
    assert valley.selection is None


def test_selecting_the_same_again_is_not_news(valley: AppState) -> None:
    heard: list[Thing | None] = []
    valley.selectionChanged.connect(heard.append)
    valley.select("site", "C05")
    valley.select("site", "C05")
    valley.select(None)
    assert heard == [Thing("site", "C05"), None]


def test_who_is_reached_comes_by_itself_after_an_edit(valley: AppState, qtbot: QtBot) -> None:
    valley.follow = True
    with qtbot.waitSignals(
        [valley.serviceChanged, valley.suggestionsChanged, valley.scenariosChanged], timeout=LONG_MS
    ):
        valley.apply(edits.put(valley.plan, [replace(valley.plan.sites["C02"], mast_height_m=18.0)]))
    assert valley.computed.service is not None
    assert "C02" in valley.computed.service.sites
    assert valley.computed.suggestions
    assert valley.computed.scenarios[0].figures is not None


def test_a_result_for_a_plan_that_changed_meanwhile_is_not_shown(valley: AppState, qtbot: QtBot) -> None:
    gate = threading.Event()
    shown: list[object] = []

    def work(snapshot, report, cancel):
        gate.wait(60)
        return snapshot.plan.sites["C01"].latitude

    job = valley.ask("test", msg("A test"), work, shown.append, said=True)
    valley.apply(moved(valley.plan, "C01"))
    gate.set()
    assert job is not None
    qtbot.waitUntil(lambda: job.ended, timeout=LONG_MS)
    assert shown == []
    assert "changed meanwhile" in str(notices(valley)[0].what)


def test_a_result_of_a_plan_that_was_closed_is_not_shown_in_the_next(
    valley: AppState, sample: Path, tmp_path: Path, qtbot: QtBot
) -> None:
    gate = threading.Event()
    shown: list[object] = []
    job = valley.ask("test", msg("A test"), lambda _snapshot, _report, _cancel: gate.wait(60), shown.append)
    other = tmp_path / "other"
    shutil.copytree(sample, other)
    with qtbot.waitSignal(valley.projectChanged, timeout=LONG_MS):
        valley.take(open_sample(other))
    gate.set()
    assert job is not None
    qtbot.waitUntil(lambda: job.ended, timeout=LONG_MS)
    assert shown == []


def test_coverage_follows_the_hand_and_goes_when_it_lets_go(valley: AppState, qtbot: QtBot) -> None:
    seen: list[object] = []
    valley.coverageChanged.connect(seen.append)
    start = valley.plan.sites["C01"]
    for step in range(6):
        valley.live_site(replace(start, latitude=start.latitude + step * 0.0005))
    qtbot.waitUntil(lambda: not valley.jobs.active() and bool(seen), timeout=LONG_MS)
    last = valley.computed.live
    assert last is not None
    assert last.live
    assert last.homes
    assert 1 <= len(seen) <= 6
    valley.end_live()
    assert valley.computed.live is None
    assert seen[-1] is None


def test_a_path_follows_the_hand(valley: AppState, qtbot: QtBot) -> None:
    with qtbot.waitSignal(valley.pathChanged, timeout=LONG_MS) as told:
        valley.live_path(PathEnd(0, 0, kind="site", id="C01"), PathEnd(0, 0, kind="site", id="G01"))
    [view] = told.args
    assert view.segments[0].start == 0.0
    assert view.segments[-1].end == 1.0
    with qtbot.waitSignal(valley.pathChanged):
        valley.clear_path()


def test_a_hand_beyond_the_terrain_is_told_once(valley: AppState, qtbot: QtBot) -> None:
    site = replace(valley.plan.sites["C01"], latitude=10.0)
    for _ in range(3):
        valley.live_site(site)
        qtbot.waitUntil(lambda: not valley.jobs.active(), timeout=LONG_MS)
    [notice] = notices(valley)
    assert "no terrain" in str(notice.what)
    assert notice.fix is not None


def test_coverage_of_the_network_comes_tower_by_tower(valley: AppState, qtbot: QtBot) -> None:
    seen: list[str] = []
    valley.coverageChanged.connect(lambda found: seen.append(found.site) if found is not None else None)
    job = valley.request_coverage()
    assert job is not None
    qtbot.waitUntil(lambda: job.ended, timeout=LONG_MS)
    assert sorted(seen) == ["C01", "G01"]
    assert set(valley.computed.coverage) == {"C01", "G01"}


def test_a_suggestion_is_taken_and_rejected(valley: AppState, qtbot: QtBot) -> None:
    with qtbot.waitSignal(valley.suggestionsChanged, timeout=LONG_MS):
        valley.request_suggestions()
    first, second = valley.computed.suggestions[:2]
    assert not valley.accept(first)  # shown first
    qtbot.waitUntil(lambda: valley.proposals.shown, timeout=LONG_MS)
    assert valley.proposals.accept()
    assert valley.plan.sites[first.site].mast_height_m == first.mast_height_m
    assert valley.reject(second)
    with qtbot.waitSignal(valley.suggestionsChanged, timeout=LONG_MS):
        valley.request_suggestions()
    assert not {first.site, second.site} & {one.site for one in valley.computed.suggestions if one.kind == "mast"}


def test_scenarios_are_edits_of_the_window(valley: AppState) -> None:
    before = valley.plan
    assert valley.new_scenario("cheap")
    assert valley.switch_scenario("1")
    assert valley.rename_scenario("2", "cheaper")
    assert valley.delete_scenario("2")
    assert not valley.delete_scenario("1")
    assert "only scenario" in str(notices(valley)[-1].what)
    for _ in range(4):
        valley.undo()
    assert valley.plan == before


# Faults: each is said in words with what to do, and the plan is as it was


def _fails(state: AppState, qtbot: QtBot, act: Callable[[], object]) -> Notice:
    with qtbot.waitSignal(state.message, timeout=LONG_MS) as told:
        act()
    [notice] = told.args
    return notice


def test_a_file_that_is_no_plan(valley: AppState, tmp_path: Path, qtbot: QtBot) -> None:
    path = tmp_path / "letter.cnplan.gpkg"
    path.write_text("Dear all,")
    before = valley.project
    notice = _fails(valley, qtbot, lambda: valley.open(path))
    assert (notice.level, notice.where) == (Level.ERROR, str(path))
    assert valley.project is before


def test_the_same_plan_again(valley: AppState, qtbot: QtBot) -> None:
    assert valley.project is not None
    before = valley.project
    path = valley.project.path
    notice = _fails(valley, qtbot, lambda: valley.open(path))
    assert "open already" in str(notice.what)
    assert valley.project is before


def test_the_plan_changed_by_another_window(valley: AppState, qtbot: QtBot) -> None:
    assert valley.project is not None
    with Project.open(valley.project.path) as other:
        other.apply(moved(other.plan, "C02"))
    before = valley.plan
    notice = _fails(valley, qtbot, lambda: valley.apply(moved(valley.plan, "C01")))
    assert "Another program" in str(notice.what)
    assert notice.fix is not None
    assert valley.plan is before
    words, command = remedy_of_error(notice.what, notice.where) or ("", "")
    assert str(words) == f"Open {valley.project.path.name.removesuffix('.cnplan.gpkg')}"
    assert command == f"open:{valley.project.path}"
    with qtbot.waitSignal(valley.projectChanged, timeout=LONG_MS):  # opened again, as was asked for
        valley.open(valley.project.path)
    qtbot.waitUntil(lambda: valley.project is not None, timeout=LONG_MS)
    assert valley.plan.sites["C02"] != before.sites["C02"]
    assert valley.apply(moved(valley.plan, "C01"))


def test_a_full_disk(valley: AppState, qtbot: QtBot) -> None:
    """SQLite is told that the file may not grow: what it then says is what it says on a full disk."""
    assert valley.project is not None
    connection: sqlite3.Connection = valley.project._file._open_connection
    connection.set_authorizer(None)
    [pages] = connection.execute("PRAGMA page_count").fetchone()
    connection.execute(f"PRAGMA max_page_count = {pages}")
    before, path = valley.plan, valley.project.path
    homes = [replace(home, note="x" * 5000) for home in before.households.values()]
    notice = _fails(valley, qtbot, lambda: valley.apply(edits.put(before, homes)))
    assert notice.level is Level.ERROR
    assert notice.fix is not None
    assert valley.plan is before
    with Project.open(path) as again:
        assert again.plan == before


def test_a_terrain_file_that_is_gone(valley: AppState, qtbot: QtBot) -> None:
    assert valley.project is not None
    next(valley.project.path.parent.glob("*.tif")).unlink()
    notice = _fails(valley, qtbot, valley.request_service)
    assert ".tif" in f"{notice.what} {notice.where}"
    assert notice.fix is not None


def test_a_job_that_breaks(valley: AppState, qtbot: QtBot) -> None:
    def work(snapshot, report, cancel):
        raise ZeroDivisionError("deep inside")

    before = valley.plan
    notice = _fails(valley, qtbot, lambda: valley.ask("test", msg("A test"), work, lambda _found: None, slot=Slot.IO))
    assert "ZeroDivisionError" in notice.details
    assert "deep inside" not in notice.details  # a message may hold names and places
    assert "plan is as it was" in str(notice.fix)
    assert valley.plan is before


def test_what_comes_for_a_widget_that_is_gone_is_dropped(valley: AppState, qtbot: QtBot) -> None:
    gate, label = threading.Event(), QLabel()
    job = valley.ask("test", msg("A test"), lambda *_: str(gate.wait(60)), label.setText)
    assert job is not None
    shiboken6.delete(label)
    gate.set()
    qtbot.waitUntil(lambda: job.ended, timeout=LONG_MS)
    assert notices(valley) == []


def test_an_import_that_cannot_be_read_imports_nothing(valley: AppState, tmp_path: Path, qtbot: QtBot) -> None:
    path = tmp_path / "homes.csv"
    path.write_text("name,where\nAna,there\n")
    before = valley.plan
    notice = _fails(valley, qtbot, lambda: valley.request_import(path, "households"))
    assert notice.level is Level.ERROR
    assert valley.plan is before


def test_jobs_that_run_are_listed_and_can_be_cancelled(valley: AppState, qtbot: QtBot) -> None:
    running = threading.Event()

    def work(snapshot, report, cancel):
        running.set()
        while True:
            cancel.check()

    with qtbot.waitSignal(valley.jobsChanged, timeout=LONG_MS):
        job = valley.ask("test", msg("A test"), work, lambda _found: None)
    assert job is not None
    qtbot.waitUntil(running.is_set, timeout=LONG_MS)
    assert [str(one.title) for one in valley.jobs.active()] == ["A test"]
    valley.cancel(job.id)
    qtbot.waitUntil(lambda: job.ended, timeout=LONG_MS)
    assert notices(valley) == []
