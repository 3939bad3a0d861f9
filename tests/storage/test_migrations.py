"""Older plans open, newer ones are refused with words, and nobody loses the file as it was."""

from __future__ import annotations

import json
import sqlite3
from contextlib import closing
from dataclasses import replace

import pytest
from plan_examples import village

from cn_planner.errors import NewerPlanError, PlanFileError
from cn_planner.model import edits
from cn_planner.model.plan import Note
from cn_planner.storage import migrations
from cn_planner.storage.migrations import FormatVersion, Migration
from cn_planner.storage.plan_file import PlanFile


@pytest.fixture
def path(tmp_path):
    path = tmp_path / "village.cnplan.gpkg"
    PlanFile.create(path, village()).close()
    return path


def stated_format(path):
    with closing(sqlite3.connect(path)) as connection:
        return connection.execute("SELECT value FROM cnplan_meta WHERE key = 'format'").fetchone()[0]


def state(path, version):
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("UPDATE cnplan_meta SET value = ? WHERE key = 'format'", (version,))
        connection.commit()


def test_a_plan_of_a_newer_program_is_refused_and_left_as_it_is(path):
    state(path, "2.0")
    before = path.read_bytes()
    with pytest.raises(NewerPlanError, match="newer CN Planner") as caught:
        PlanFile.open(path)
    assert "format 2.0; this one reads up to 1.0" in str(caught.value)
    assert "Install the newer version" in str(caught.value)
    assert path.read_bytes() == before
    assert [one.name for one in path.parent.iterdir()] == [path.name]


def test_a_newer_minor_format_opens_and_stays_of_its_format(path):
    state(path, "1.7")
    with PlanFile.open(path) as file:
        assert file.plan == village()
        file.commit(edits.put(file.plan, [Note("x", "y")]))
    assert stated_format(path) == "1.7"


@pytest.fixture
def later_program(monkeypatch):
    """A program two steps on: one step renames a site's owner column, the next marks the file."""

    def to_1_1(connection):
        connection.execute("UPDATE cnplan_mirror SET data = ? WHERE part = 'notes'", ('{"id":"n1","text":"migrated"}',))

    def to_2_0(connection):
        connection.execute("INSERT INTO cnplan_meta VALUES ('seen', 'both steps')")

    monkeypatch.setattr(migrations, "CURRENT", FormatVersion(2, 0))
    steps = {
        FormatVersion(1, 0): Migration(FormatVersion(1, 1), to_1_1),
        FormatVersion(1, 1): Migration(FormatVersion(2, 0), to_2_0),
    }
    monkeypatch.setattr(migrations, "MIGRATIONS", steps)
    return steps


def test_an_older_plan_goes_through_every_step_and_a_copy_of_it_is_kept(path, later_program):
    before = path.read_bytes()
    with PlanFile.open(path) as file:
        assert "A copy is kept" in str(file.notices[0]) or "a copy is kept" in str(file.notices[0])
        assert file.plan.sites == village().sites
    kept = path.with_name("village.format-1.0.cnplan.gpkg")
    assert kept.read_bytes() == before
    assert stated_format(path) == "2.0"
    with closing(sqlite3.connect(path)) as connection:
        assert connection.execute("SELECT value FROM cnplan_meta WHERE key = 'seen'").fetchone() == ("both steps",)
    with PlanFile.open(path) as file:
        assert file.notices == ()
    assert len(list(path.parent.iterdir())) == 2


def test_a_second_older_plan_of_the_same_name_does_not_replace_the_first_copy(path, later_program):
    kept = path.with_name("village.format-1.0.cnplan.gpkg")
    kept.write_bytes(b"kept before")
    PlanFile.open(path).close()
    assert kept.read_bytes() == b"kept before"
    assert path.with_name("village.format-1.0-2.cnplan.gpkg").exists()


def test_a_step_that_fails_leaves_the_plan_as_it_was(path, later_program):
    def fails(connection):
        connection.execute("DELETE FROM cnplan_mirror")
        connection.execute("INSERT INTO no_such_table VALUES (1)")

    later_program[FormatVersion(1, 1)] = Migration(FormatVersion(2, 0), fails)
    before = path.read_bytes()
    with pytest.raises(PlanFileError):
        PlanFile.open(path)
    assert path.read_bytes() == before


def test_a_format_with_no_step_from_it_is_said(path, later_program):
    state(path, "0.9")
    with pytest.raises(PlanFileError, match=r"Format 0\.9 cannot be read any more"):
        PlanFile.open(path)


def test_a_plan_from_before_links_and_sectors_had_widths_opens_unchanged(path):
    """Its layers lack the column and its rows the word; nothing is an edit, and a width can then be given and kept."""
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("ALTER TABLE links DROP COLUMN width_mhz")
        connection.execute("""UPDATE cnplan_mirror SET data = replace(data, ',"width_mhz":null', '')""")
        connection.execute("""UPDATE sites SET sectors = replace(sectors, ',"width_mhz":null', '')""")
        connection.commit()
    with PlanFile.open(path) as file:
        assert file.plan == village()
        assert file.notices == ()
        assert file.external_edit is None
        link = next(iter(file.plan.links.values()))
        file.commit(edits.put(file.plan, [replace(link, width_mhz=20.0)]))
    with PlanFile.open(path) as file:
        assert file.plan.links[link.id].width_mhz == 20.0
        assert file.notices == ()


def test_a_plan_without_measurements_from_before_they_said_more_takes_some(path):
    with PlanFile.open(path) as file:
        (measured, *_) = file.plan.measurements.values()
        file.commit(edits.remove(file.plan, "measurements", list(file.plan.measurements)))
    with closing(sqlite3.connect(path)) as connection:
        for name in ("tx_height_m", "eirp_dbm", "rx_gain_dbi", "floor_dbm", "quantity", "who"):
            connection.execute(f"ALTER TABLE measurements DROP COLUMN {name}")
        connection.commit()
    with PlanFile.open(path) as file:
        assert file.notices == ()
        assert file.external_edit is None
        file.commit(edits.put(file.plan, [replace(measured, floor_dbm=-100.0)]))
    with PlanFile.open(path) as file:
        assert file.plan.measurements[measured.id].floor_dbm == -100.0


def test_a_plan_from_before_measurements_said_more_opens_unchanged(path):
    gone = ("tx_height_m", "eirp_dbm", "rx_gain_dbi", "floor_dbm", "quantity", "who")
    with closing(sqlite3.connect(path)) as connection:
        for name in gone:
            connection.execute(f"ALTER TABLE measurements DROP COLUMN {name}")
        rows = connection.execute("SELECT fid, data FROM cnplan_mirror WHERE part = 'measurements'").fetchall()
        assert rows
        for fid, data in rows:
            kept = {key: value for key, value in json.loads(data).items() if key not in gone}
            connection.execute("UPDATE cnplan_mirror SET data = ? WHERE fid = ? AND part = 'measurements'",
                               (json.dumps(kept, separators=(",", ":")), fid))  # fmt: skip
        connection.execute("DELETE FROM cnplan_mirror WHERE part = 'calibration'")
        connection.commit()
    with PlanFile.open(path) as file:
        assert file.plan == village()
        assert file.notices == ()
        assert file.external_edit is None
        measured = next(iter(file.plan.measurements.values()))
        file.commit(edits.put(file.plan, [replace(measured, floor_dbm=-100.0, who="Asha")]))
    with PlanFile.open(path) as file:
        assert file.plan.measurements[measured.id].floor_dbm == -100.0
        assert file.notices == ()
