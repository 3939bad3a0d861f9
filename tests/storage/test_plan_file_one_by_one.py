"""What the plan file owes to the disk, to the folder that it lies in, and to programs beside it."""

from __future__ import annotations

import os
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
from plan_examples import village

from cn_planner.errors import InputError, PlanFileError
from cn_planner.model import edits
from cn_planner.model.plan import Note, Plan
from cn_planner.storage import database, migrations
from cn_planner.storage.migrations import FormatVersion, Migration
from cn_planner.storage.plan_file import PlanFile


@pytest.fixture
def path(tmp_path):
    return tmp_path / "village.cnplan.gpkg"


@pytest.fixture
def synced(monkeypatch):
    """The places that are brought to the disk, with the moments at which a file takes its name among them."""
    told: list[str] = []
    fsync, replace = os.fsync, Path.replace

    def watched(handle: int) -> None:
        told.append(f"sync {Path(f'/proc/self/fd/{handle}').resolve().name}")
        fsync(handle)

    def named(self: Path, target: Path) -> Path:
        told.append(f"name {Path(target).name}")
        return replace(self, target)

    monkeypatch.setattr(os, "fsync", watched)
    monkeypatch.setattr(Path, "replace", named)
    return told


@pytest.mark.skipif(not Path("/proc/self/fd").is_dir(), reason="who a handle belongs to is read from /proc")
def test_a_new_plan_is_on_the_disk_before_it_has_its_name_and_its_name_before_it_is_told(path, synced):
    PlanFile.create(path, village()).close()
    part, name, folder = synced
    assert part.startswith(f"sync .{path.name}.")
    assert part.endswith(".part")
    assert (name, folder) == (f"name {path.name}", f"sync {path.parent.name}")


@pytest.mark.skipif(not Path("/proc/self/fd").is_dir(), reason="who a handle belongs to is read from /proc")
def test_the_copy_of_an_older_plan_is_on_the_disk_before_the_plan_is_changed(path, synced, monkeypatch):
    PlanFile.create(path, village()).close()
    synced.clear()
    newer = FormatVersion(1, 1)
    monkeypatch.setattr(migrations, "CURRENT", newer)
    monkeypatch.setattr(migrations, "MIGRATIONS", {FormatVersion(1, 0): Migration(newer, lambda _: None)})
    PlanFile.open(path).close()
    kept = "village.format-1.0.cnplan.gpkg"
    assert synced[:3] == [f"sync .{kept}.part", f"name {kept}", f"sync {path.parent.name}"]


@pytest.mark.parametrize(
    ("name", "kept"),
    [
        ("village.cnplan.gpkg", "village.format-1.0.cnplan.gpkg"),
        ("village.old.gpkg", "village.old.format-1.0.gpkg"),
        ("village", "village.format-1.0"),
    ],
)
def test_the_copy_of_an_older_plan_is_called_after_it(tmp_path, monkeypatch, name, kept):
    path = tmp_path / name
    PlanFile.create(path, village()).close()
    before = path.read_bytes()
    newer = FormatVersion(1, 1)
    monkeypatch.setattr(migrations, "CURRENT", newer)
    monkeypatch.setattr(migrations, "MIGRATIONS", {FormatVersion(1, 0): Migration(newer, lambda _: None)})
    (tmp_path / kept.replace("1.0", "1.0-2")).write_bytes(b"another")
    with PlanFile.open(path) as file:
        assert kept in str(file.notices[0])
    assert (tmp_path / kept).read_bytes() == before
    assert len(list(tmp_path.iterdir())) == 3


@pytest.mark.skipif(os.name == "nt", reason="Windows has no such rights")
@pytest.mark.parametrize(("mask", "rights"), [(0o022, 0o644), (0o027, 0o640), (0o077, 0o600), (0o002, 0o664)])
def test_a_plan_is_as_open_to_others_as_every_new_file(path, mask, rights):
    before = os.umask(mask)
    try:
        PlanFile.create(path, Plan()).close()
        assert os.umask(mask) == mask, "asking for the mask does not change it"
    finally:
        os.umask(before)
    assert path.stat().st_mode & 0o777 == rights


def test_where_no_file_can_be_is_said(path):
    with pytest.raises(PlanFileError, match="There is no such folder") as refused:
        PlanFile.create(path.parent / "nowhere" / path.name, Plan())
    assert "Make the folder" in str(refused.value.fix)
    (path.parent / "letter").write_bytes(b"")
    with pytest.raises(PlanFileError, match="The file cannot be written: Not a directory") as refused:
        PlanFile.create(path.parent / "letter" / path.name, Plan())
    assert "Choose a folder of yours" in str(refused.value.fix)


@pytest.mark.parametrize("suffix", ["-journal", "-wal", "-shm"])
def test_what_stands_beside_a_file_that_is_replaced_does_not_become_the_new_ones(path, suffix):
    path.write_bytes(b"somebody's letter")
    Path(f"{path}{suffix}").write_bytes(b"of the file before")
    with PlanFile.create(path, village(), overwrite=True) as file:
        assert file.plan == village()
    assert [one.name for one in path.parent.iterdir()] == [path.name]


def test_what_a_program_left_in_its_side_file_is_in_the_plan_that_is_replaced_when_replacing_fails(path, monkeypatch):
    PlanFile.create(path, village()).close()
    theirs = sqlite3.connect(path)
    theirs.execute("PRAGMA journal_mode = WAL")
    theirs.execute("UPDATE notes SET text = 'from the other'")
    theirs.commit()
    saved = {suffix: Path(f"{path}{suffix}").read_bytes() for suffix in ("-wal", "-shm")}
    whole = path.read_bytes()
    theirs.close()
    # As if it had been killed: its edit stands beside the file alone.
    path.write_bytes(whole)
    Path(f"{path}-wal").write_bytes(saved["-wal"])

    def full(self, target):
        if Path(target) == path:
            alone.write_bytes(path.read_bytes())  # as it lies there if the program is killed now
            raise OSError(28, "No space left on device")
        return real(self, target)

    real, alone = Path.replace, path.with_name("alone.cnplan.gpkg")
    monkeypatch.setattr(Path, "replace", full)
    with pytest.raises(PlanFileError, match="No space left on device"):
        PlanFile.create(path, Plan(), overwrite=True)
    monkeypatch.undo()
    with PlanFile.open(alone) as file:
        assert file.plan.notes["n1"].text == "from the other"
    with PlanFile.open(path) as file:
        assert file.plan.notes["n1"].text == "from the other"
    assert [one.name for one in path.parent.iterdir() if one.name.endswith(".part")] == []


def test_nobody_may_write_between_the_look_at_a_plan_and_the_answer(path):
    PlanFile.create(path, village()).close()
    with closing(sqlite3.connect(path, isolation_level=None)) as theirs:
        theirs.execute("BEGIN IMMEDIATE")
        with pytest.raises(PlanFileError, match="Another program is using the plan"):
            PlanFile.open(path)
        theirs.execute("ROLLBACK")
    PlanFile.open(path).close()


def test_a_plan_that_may_only_be_read_is_read_while_others_write_theirs(path, monkeypatch):
    PlanFile.create(path, village()).close()
    monkeypatch.setattr(database, "is_read_only", lambda _: True)  # the tests may run as one who may write all
    with closing(sqlite3.connect(path, isolation_level=None)) as theirs:
        theirs.execute("BEGIN IMMEDIATE")
        with PlanFile.open(path) as file:
            assert file.read_only
            assert file.plan == village()
            assert [str(one) for one in file.notices] == [
                "The file is read-only: changes cannot be kept. Copy it to a folder of yours."
            ]
        theirs.execute("ROLLBACK")


def test_a_change_of_others_in_a_plan_that_may_only_be_read_is_shown_and_not_written(path, monkeypatch):
    PlanFile.create(path, village()).close()
    with closing(sqlite3.connect(path)) as theirs:
        theirs.execute("UPDATE notes SET text = 'from the other'")
        theirs.execute("CREATE TRIGGER evil AFTER INSERT ON notes BEGIN SELECT 1; END")
        theirs.commit()
    before = path.read_bytes()
    monkeypatch.setattr(database, "is_read_only", lambda _: True)
    with PlanFile.open(path) as file:
        assert file.plan.notes["n1"].text == "from the other"
        assert (file.version, file.history.done) == (1, 1)
        assert file.external_edit is not None
        assert not any("Triggers" in str(one) for one in file.notices)
    assert path.read_bytes() == before


def test_a_change_of_others_is_one_step_of_a_version_of_its_own(path):
    PlanFile.create(path, village()).close()
    with closing(sqlite3.connect(path)) as theirs:
        theirs.execute("UPDATE notes SET text = 'from the other'")
        theirs.execute("CREATE TRIGGER evil AFTER INSERT ON notes BEGIN SELECT 1; END")
        theirs.commit()
    with PlanFile.open(path) as file:
        assert (file.version, file.history.done, len(file.history.steps)) == (1, 1, 1)
        assert file.external_edit == file.history.steps[0]
        assert any("Triggers and indexes of another program were taken out: evil" in str(one) for one in file.notices)
    with PlanFile.open(path) as file:
        assert (file.version, file.history.done, file.external_edit, file.notices) == (1, 1, None, ())
        file.undo()
        assert file.plan == village()
        assert file.version == 2


def test_who_touches_a_plan_and_changes_nothing_is_in_nobodys_way(path):
    with PlanFile.create(path, village()) as file:
        for round_, text in enumerate(("first", "second"), 1):
            with closing(sqlite3.connect(path)) as theirs:
                theirs.execute("UPDATE notes SET text = text")
                theirs.commit()
            file.commit(edits.put(file.plan, [Note("x", text)]))
            assert file.version == round_
        with closing(sqlite3.connect(path)) as theirs:
            theirs.execute("UPDATE notes SET text = 'else' WHERE id = 'n1'")
            theirs.commit()
        with pytest.raises(PlanFileError, match="changed the plan since it was opened") as refused:
            file.commit(edits.put(file.plan, [Note("x", "third")]))
        assert "Nothing of either is lost" in str(refused.value.fix)
        assert file.plan.notes["x"].text == "second"
        assert file.version == 2


def test_every_step_has_a_version_and_history_ends_at_its_ends(path):
    with PlanFile.create(path, village()) as file:
        assert file.version == 0
        with pytest.raises(InputError, match="nothing to undo"):
            file.undo()
        with pytest.raises(InputError, match="nothing to redo"):
            file.redo()
        for text in ("first", "second"):
            file.commit(edits.put(file.plan, [Note("x", text)]))
        file.undo()
        assert (file.version, file.history.done, file.plan.notes["x"].text) == (3, 1, "first")
        file.redo()
        assert (file.version, file.history.done, file.plan.notes["x"].text) == (4, 2, "second")
        with pytest.raises(InputError, match="nothing to redo"):
            file.redo()
        file.undo()
        file.undo()
        assert "x" not in file.plan.notes
    with PlanFile.open(path) as file:
        assert (file.version, file.history.done, len(file.history.steps)) == (6, 0, 2)
        file.redo()
        file.commit(edits.put(file.plan, [Note("y", "in place of the second")]))
        assert [str(step.label) for step in file.history.steps] == ["add note x", "add note y"]
    with PlanFile.open(path) as file:
        assert [str(step.label) for step in file.history.steps] == ["add note x", "add note y"]


def test_a_version_of_a_moment_ago_is_kept_as_it_was(path):
    with PlanFile.create(path, village()) as file:
        before = file.plan
        file.commit(edits.put(file.plan, [Note("x", "later")]))
        file.save_version("before", "2026-01-01", before)
        file.save_version("now", "2026-01-02")
        assert file.load_version("before") == village()
        assert file.load_version("now") == file.plan
        with pytest.raises(InputError, match="There is a version now already"):
            file.save_version("now", "2026-01-03")
        for blank in ("", "  ", "\t"):
            with pytest.raises(InputError, match="A version needs a name"):
                file.save_version(blank, "2026-01-03")
    file.close()
    with pytest.raises(PlanFileError, match="The plan file is closed"):
        file.commit(edits.put(file.plan, [Note("z", "z")]))


def test_what_a_killed_process_left_of_a_new_plan_goes_with_the_next_one(tmp_path):
    path = tmp_path / "a[1].cnplan.gpkg"
    old, young, other = (tmp_path / name for name in (f".{path.name}.x1.part", f".{path.name}.x2.part", ".b.x3.part"))
    for one in (old, young, other):
        one.write_bytes(b"half")
    for one in (old, other):
        os.utime(one, (0, 0))
    PlanFile.create(path, Plan()).close()
    assert {one.name for one in tmp_path.iterdir()} == {path.name, young.name, other.name}
