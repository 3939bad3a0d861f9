"""The power goes: no edit that was said to be done is lost, at any write of any kind of edit."""

from __future__ import annotations

import math
import random
import shutil
import sqlite3
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, contextmanager
from pathlib import Path

import pytest

from cn_planner.errors import PlanFileError
from cn_planner.model import edits
from cn_planner.model.plan import Household, Plan, Site
from cn_planner.storage import database, migrations
from cn_planner.storage.migrations import FormatVersion, Migration
from cn_planner.storage.plan_file import PlanFile

from .power import Disk, Note, Recorder, noted

CUTS_AT_A_WRITE = 2


def homes(count: int, start: int = 0) -> list[Household]:
    return [Household(f"h{n}", f"home {n}", -1.0, 36.0 + n * 1e-5) for n in range(start, start + count)]


def edit(file: PlanFile) -> None:
    file.commit(edits.put(file.plan, homes(1, 7)))


def undo(file: PlanFile) -> None:
    file.undo()


def redo(file: PlanFile) -> None:
    file.redo()


def bring_in(file: PlanFile) -> None:
    """An import of two thousand homes: one edit over many pages."""
    file.commit(edits.put(file.plan, homes(2000, 100)))


def keep_version(file: PlanFile) -> None:
    file.save_version("first", "2026-03-01")


ACTS: list[Callable[[PlanFile], None]] = [edit, undo, redo, bring_in, keep_version]


@pytest.fixture
def recorder(tmp_path: Path) -> Recorder:
    try:
        with noted() as found:
            yield found
    except LookupError:
        pytest.skip("Python's SQLite cannot be reached from here")


def village(folder: Path) -> Path:
    path = folder / "village.cnplan.gpkg"
    plan = Plan(households=Plan().households.changed(put=homes(5)))
    with PlanFile.create(path, plan) as file:
        file.commit(edits.put(file.plan, [Site("S", "Hill", -1.0, 36.0)]))
        file.commit(edits.put(file.plan, homes(3, 20)))
        file.undo()
    return path


def state(path: Path) -> tuple[int, Plan, int, tuple[str, ...]]:
    with PlanFile.open(path) as file:
        assert file.external_edit is None
        return file.version, file.plan, file.history.done, tuple(one.name for one in file.versions())


def cuts(act: Callable[[PlanFile], None], folder: Path, recorder: Recorder, turns: int) -> list[bool]:
    """Cut the power so many times after every write of an act; return whether the act stood each time.

    What is found is what was before, or what is after; once the act was said to be done, that.
    """
    disk_folder = folder / "disk"
    disk_folder.mkdir()
    path = village(disk_folder)
    chance = random.Random(act.__name__)
    with PlanFile.open(path) as file:
        if act is undo or act is redo:
            file.redo()
        if act is redo:
            file.undo()
        before = state_of(file)
        disk = Disk(disk_folder)
        recorder.notes.clear()
        act(file)
        notes, after = tuple(recorder.notes), state_of(file)
    assert before != after
    assert len(notes) > 5
    return each_cut(disk, notes, folder, turns, chance, path.name, before, after)


def each_cut(
    disk: Disk,
    notes: Sequence[Note],
    folder: Path,
    turns: int,
    chance: random.Random,
    name: str,
    before: object,
    after: object,
) -> list[bool]:
    outcomes = []
    for number in range(len(notes) + 1):
        if number:
            disk.take(notes[number - 1])
        if len(notes) > 60 and 20 < number < len(notes) - 20 and number % (len(notes) // 20):
            continue  # in the midst of a large write one moment is as another
        for turn in range(turns):
            left = folder / f"left-{number}-{turn}"
            left.mkdir()
            disk.cut(left, chance)
            found = state(left / name)
            assert found in (before, after), f"cut after {number} of {len(notes)} writes"
            if number == len(notes):
                assert found == after, "an edit that was said to be done is lost"
            outcomes.append(found == after)
            shutil.rmtree(left)
    return outcomes


def cuts_of_a_migration(folder: Path, recorder: Recorder, turns: int) -> list[bool]:
    """Cut the power after every write of the opening of a plan of an older format; return whether it had migrated.

    The plan is there in either format, and opens.
    """
    disk_folder = folder / "disk"
    disk_folder.mkdir()
    path = village(disk_folder)
    before = state(path)
    disk = Disk(disk_folder)
    with later_program():
        recorder.notes.clear()
        PlanFile.open(path).close()
        notes = tuple(recorder.notes)
        assert len(notes) > 5
        outcomes, chance = [], random.Random("migration")
        for number in range(len(notes) + 1):
            if number:
                disk.take(notes[number - 1])
            for turn in range(turns):
                left = folder / f"left-{number}-{turn}"
                left.mkdir()
                disk.cut(left, chance)
                with PlanFile.open(left / path.name) as file:
                    migrated = not file.notices
                    assert state_of(file) == before
                with closing(sqlite3.connect(left / path.name)) as found:
                    assert found.execute("SELECT count(*) FROM cnplan_more").fetchone()[0] == 400
                assert migrated or number < len(notes), "a migration that was said to be done is lost"
                outcomes.append(migrated)
                shutil.rmtree(left)
    return outcomes


@contextmanager
def later_program() -> Iterator[None]:
    """A program one format on, whose step writes several pages."""

    def step(connection: sqlite3.Connection) -> None:
        connection.execute("CREATE TABLE cnplan_more (text TEXT)")
        connection.executemany("INSERT INTO cnplan_more VALUES (?)", [("x" * 100,)] * 400)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(migrations, "CURRENT", FormatVersion(2, 0))
        patch.setitem(migrations.MIGRATIONS, FormatVersion(1, 0), Migration(FormatVersion(2, 0), step))
        yield


@pytest.mark.parametrize("act", ACTS, ids=lambda act: act.__name__)
def test_an_acknowledged_edit_survives_a_power_cut_at_every_write(
    act: Callable[[PlanFile], None], tmp_path: Path, recorder: Recorder
) -> None:
    outcomes = cuts(act, tmp_path, recorder, CUTS_AT_A_WRITE)
    assert not all(outcomes)
    assert any(outcomes)


def test_a_power_cut_at_any_write_of_a_migration_leaves_a_plan_that_opens(tmp_path: Path, recorder: Recorder) -> None:
    outcomes = cuts_of_a_migration(tmp_path, recorder, 1)
    assert not all(outcomes)
    assert any(outcomes)


def state_of(file: PlanFile) -> tuple[int, Plan, int, tuple[str, ...]]:
    return file.version, file.plan, file.history.done, tuple(one.name for one in file.versions())


def test_the_disk_of_this_test_takes_an_edit_back_where_the_folder_is_not_synced(
    tmp_path: Path, recorder: Recorder, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With synchronous = FULL the journal may come back, and with it what stood before."""
    folder = tmp_path / "disk"
    folder.mkdir()
    path = folder / "plain.db"
    with closing(sqlite3.connect(path, isolation_level=None)) as connection, connection:
        connection.execute("PRAGMA synchronous = FULL")
        connection.execute("CREATE TABLE t (x)")
        connection.execute("INSERT INTO t VALUES (1)")
        disk = Disk(folder)
        recorder.notes.clear()
        connection.execute("UPDATE t SET x = 2")
    for note in recorder.notes:
        disk.take(note)
    left = set()
    for turn in range(20):
        there = tmp_path / f"left-{turn}"
        there.mkdir()
        disk.cut(there, random.Random(turn))
        with closing(sqlite3.connect(there / "plain.db")) as connection, connection:
            left.add(connection.execute("SELECT x FROM t").fetchone()[0])
    assert left == {1, 2}


@pytest.mark.parametrize("act", ["write", "sync", "remove"])
def test_after_an_error_of_the_disk_the_next_edit_works(act: str, tmp_path: Path, recorder: Recorder) -> None:
    path = village(tmp_path)
    with PlanFile.open(path) as file:
        before = state_of(file)
        recorder.fails.add(act)
        try:
            with pytest.raises(PlanFileError):
                edit(file)
        finally:
            recorder.fails.clear()
        assert state_of(file) == before
        edit(file)
        bring_in(file)
        after = state_of(file)
    assert state(path) == after


@pytest.mark.parametrize("act", [edit, bring_in], ids=lambda act: act.__name__)
def test_after_the_disk_was_full_at_any_write_the_next_edit_works(
    act: Callable[[PlanFile], None], tmp_path: Path, recorder: Recorder
) -> None:
    path = village(tmp_path)
    with PlanFile.open(path) as file:
        edit(file)
        file.undo()
        recorder.notes.clear()
        act(file)  # as in the tries below: what was undone is kept beside it
        sizes = [len(note.data) for note in recorder.notes if note.act == "write"]
        file.undo()
        step = max(1, len(sizes) // 15)
        for number in range(0, len(sizes), step):
            before = state_of(file)
            recorder.room = sum(sizes[:number]) + sizes[number] // 2
            try:
                with pytest.raises(PlanFileError, match="disk"):
                    act(file)
            finally:
                recorder.room = math.inf
            assert state_of(file) == before
            edit(file)
            file.undo()
        act(file)
        after = state_of(file)
    assert state(path) == after


def test_what_another_program_changed_is_still_noticed_after_an_error_of_the_disk(
    tmp_path: Path, recorder: Recorder
) -> None:
    path = village(tmp_path)
    with PlanFile.open(path) as file:
        recorder.fails.add("write")
        with pytest.raises(PlanFileError):
            edit(file)
        recorder.fails.clear()
        with closing(sqlite3.connect(path)) as other, other:
            other.execute("UPDATE households SET name = 'another' WHERE id = 'h1'")
        with pytest.raises(PlanFileError, match="Another program"):
            edit(file)


def test_edits_are_written_through_to_the_folder(tmp_path: Path) -> None:
    connection = database.connect(village(tmp_path))
    assert connection.execute("PRAGMA synchronous").fetchone()[0] == 3
    connection.close()
