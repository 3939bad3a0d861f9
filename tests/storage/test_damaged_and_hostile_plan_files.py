"""A plan file that is damaged, locked, read-only or made to do harm: a clear word, and nothing changed or lost."""

from __future__ import annotations

import random
import signal
import sqlite3
import subprocess
import sys
import zlib
from contextlib import closing, contextmanager

import pytest
from plan_examples import many_homes, village
from rights import plain_rights

from cn_planner.errors import PlanFileError
from cn_planner.model import edits
from cn_planner.model.plan import Note, Plan
from cn_planner.storage.plan_file import PlanFile


@pytest.fixture
def path(tmp_path):
    path = tmp_path / "village.cnplan.gpkg"
    with PlanFile.create(path, village()) as file:
        file.commit(edits.put(file.plan, many_homes(300)))
    return path


def refused(path, words):
    """The file is refused with these words, a place and a fix, and is the same to the last byte."""
    before = {one: one.read_bytes() for one in path.parent.iterdir() if one.is_file()}
    with pytest.raises(PlanFileError, match=words) as caught:
        PlanFile.open(path)
    assert caught.value.where == str(path)
    assert caught.value.fix is not None
    assert {one: one.read_bytes() for one in path.parent.iterdir() if one.is_file()} == before


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "empty"),
        (b"PK\x03\x04" + b"x" * 500, "not a plan file"),
        (b"id,latitude,longitude\n1,2,3\n", "not a plan file"),
        (b"<OGRVRTDataSource/>", "not a plan file"),
        (b"SQLite format 3\x00", "not a GeoPackage"),
    ],
)
def test_the_wrong_kind_of_file_under_the_right_name(tmp_path, content, words):
    path = tmp_path / "x.cnplan.gpkg"
    path.write_bytes(content)
    refused(path, words)


def test_no_file_and_a_folder(tmp_path):
    refused(tmp_path / "none.cnplan.gpkg", "no such file")
    refused(tmp_path, "not a file")


def test_another_database_and_another_geopackage(tmp_path):
    path = tmp_path / "x.cnplan.gpkg"
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("CREATE TABLE letters (text)")
    refused(path, "not a GeoPackage")
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("PRAGMA application_id = 0x47504B47")
    refused(path, "not a plan")


@pytest.mark.parametrize("share", [0.01, 0.3, 0.7, 0.999])
def test_a_file_cut_short(path, share):
    path.write_bytes(path.read_bytes()[: int(path.stat().st_size * share)])
    refused(path, "cut short|damaged|not a")


def test_random_bytes_in_the_file_are_found_or_do_no_harm(path):
    whole = path.read_bytes()
    with PlanFile.open(path) as file:
        plan = file.plan
    chance = random.Random(7)
    said = 0
    for _ in range(60):
        broken = bytearray(whole)
        at = chance.randrange(len(whole) // 4096) * 4096 + chance.choice([0, chance.randrange(4096)])
        broken[at : at + 64] = chance.randbytes(len(broken[at : at + 64]))
        path.write_bytes(broken)
        try:
            with PlanFile.open(path) as file:
                # Text of a row may have become another text: that is a change by another program, to be undone.
                assert file.plan == plan or file.external_edit is not None or file.notices
        except PlanFileError:
            assert path.read_bytes() == broken
            said += 1
    assert said > 30


def test_a_page_of_zeros_is_found_at_opening_or_where_it_is_first_read(path):
    whole = path.read_bytes()
    with PlanFile.open(path) as file:
        plan = file.plan
    in_history = 0
    for page in range(len(whole) // 4096):
        broken = bytearray(whole)
        broken[page * 4096 : page * 4096 + 4096] = bytes(4096)
        path.write_bytes(broken)
        try:
            with PlanFile.open(path) as file:
                assert file.plan == plan
                with pytest.raises(PlanFileError, match="history cannot be read"):
                    file.undo()
                in_history += 1
        except PlanFileError:
            assert path.read_bytes() == broken
    assert in_history <= 2  # the pages in which the large step overflows


@pytest.mark.parametrize(
    ("statement", "values"),
    [
        ("UPDATE cnplan_mirror SET data = '{' WHERE part = 'sites'", ()),
        ("UPDATE cnplan_mirror SET data = '{\"id\": 5}' WHERE part = 'sites' AND fid = 1", ()),
        ("UPDATE cnplan_mirror SET data = ? WHERE part = 'sites' AND fid = 1", ("[" * 100_000,)),
        ('UPDATE cnplan_mirror SET data = replace(data, \'"id":"hill"\', \'"id":"gw"\') WHERE part = \'sites\'', ()),
        ("UPDATE cnplan_mirror SET part = 'os.system' WHERE part = 'notes'", ()),
        ("UPDATE cnplan_meta SET value = 'many' WHERE key = 'done'", ()),
        ("UPDATE cnplan_meta SET value = 99 WHERE key = 'done'", ()),
        ("DELETE FROM cnplan_meta WHERE key = 'format'", ()),
        ("UPDATE cnplan_meta SET value = x'00' WHERE key = 'format'", ()),
        ("UPDATE cnplan_meta SET value = ? WHERE key = 'format'", ("1" * 5000 + ".0",)),
        ("UPDATE cnplan_mirror SET fid = 'first' WHERE part = 'sites' AND fid = 1", ()),
        ("UPDATE cnplan_history SET step = 5", ()),
        ("UPDATE cnplan_history SET label = '{}'", ()),
        ("DROP TABLE cnplan_versions", ()),
        ("DROP TABLE cnplan_meta", ()),
    ],
)
def test_the_programs_own_tables_damaged(path, statement, values):
    with closing(sqlite3.connect(path)) as connection:
        connection.execute(statement, values)
        connection.commit()
    refused(path, "cannot be read|damaged|not a part|not as CN Planner|does not say|stored twice")


def test_a_version_that_is_no_packed_plan_is_said_when_it_is_asked_for(path):
    with PlanFile.open(path) as file:
        file.save_version("spring", "2026-03-01")
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("UPDATE cnplan_versions SET plan = 5")
        connection.commit()
    with PlanFile.open(path) as file, pytest.raises(PlanFileError, match="version spring cannot be read"):
        file.load_version("spring")


def test_a_step_that_unpacks_to_nonsense_is_said_when_it_is_undone_and_the_plan_stands(path):
    for blob in (b"\x80\x04cos\nsystem\n", zlib.compress(b"[[1,2]]"), zlib.compress(bytes(1000))):
        with closing(sqlite3.connect(path)) as connection:
            connection.execute("UPDATE cnplan_history SET changes = ?", (blob,))
            connection.commit()
        with PlanFile.open(path) as file:
            plan = file.plan
            with pytest.raises(PlanFileError, match="history cannot be read"):
                file.undo()
            assert file.plan == plan
            assert len(plan.households) == 302


def test_triggers_of_others_do_not_run_and_are_taken_out(path):
    with closing(sqlite3.connect(path)) as connection:
        for table in ("sites", "cnplan_mirror", "cnplan_history", "cnplan_meta", "gpkg_contents"):
            for event in ("INSERT", "UPDATE", "DELETE"):
                name = f'"evil\'{table} {event}""; DROP TABLE sites; --"'
                trigger = f"TRIGGER {name} BEFORE {event} ON {table} BEGIN"
                connection.execute(f"CREATE {trigger} SELECT zeroblob(1000000000); END")
        connection.execute("CREATE TRIGGER later AFTER INSERT ON SITES BEGIN SELECT randomblob(1000000000); END")
        connection.execute("CREATE TEMP TABLE t (x)")
        connection.commit()
    with PlanFile.open(path) as file:
        assert "taken out" in str(file.notices[0])
        file.commit(edits.put(file.plan, [village().sites["gw"], Note("new", "x")]))
        file.undo()
    with PlanFile.open(path) as file:
        assert file.external_edit is None
        assert file.notices == ()
        assert "n1" in file.plan.notes


def test_a_view_or_a_virtual_table_in_place_of_a_table_is_refused(path):
    whole = path.read_bytes()
    for statements in (
        ("ALTER TABLE sites RENAME TO hidden", "CREATE VIEW sites AS SELECT * FROM hidden"),
        ("ALTER TABLE cnplan_mirror RENAME TO hidden", "CREATE VIEW cnplan_mirror AS SELECT * FROM hidden"),
        ("DROP TABLE notes", "CREATE VIRTUAL TABLE notes USING fts5(id, text, about_id, date)"),
        (
            "DROP TABLE notes",
            "CREATE TABLE notes (fid INTEGER PRIMARY KEY, id AS (upper(text)), text, about_id, date)",
        ),
    ):
        path.write_bytes(whole)
        with closing(sqlite3.connect(path)) as connection:
            for statement in statements:
                connection.execute(statement)
            connection.commit()
        refused(path, "not as CN Planner writes it")


def test_functions_in_a_files_constraints_do_not_run(path):
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("DROP TABLE notes")
        connection.execute(
            "CREATE TABLE notes (fid INTEGER PRIMARY KEY, id TEXT CHECK (length(randomblob(1000000000)) > 0), "
            "text TEXT, about_id TEXT, date TEXT)"
        )
        connection.commit()
    refused(path, "not as CN Planner writes it")
    hidden = (
        """id TEXT DEFAULT '/*' CHECK (length(id) > 0), text TEXT DEFAULT '*/'""",
        """"i'd" TEXT CHECK (length("i'd") > 0), id TEXT, text TEXT""",
        """`i'd` TEXT, id TEXT /* ' */ CHECK -- (
        (length(id) > 0), text TEXT""",
        """[i"d] TEXT CHECK/**/(length([i"d]) > 0), id TEXT, text TEXT""",
        "id TEXT CHECK \ufeff(length(id) > 0), text TEXT",
    )
    for columns in hidden:
        with closing(sqlite3.connect(path)) as connection:
            connection.execute("DROP TABLE notes")
            connection.execute(f"CREATE TABLE notes (fid INTEGER PRIMARY KEY, {columns}, about_id TEXT, date TEXT)")
            connection.commit()
        refused(path, "not as CN Planner writes it")
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("DROP TABLE notes")
        # Forty comments had two to the fortieth readings: the plan never opened, the window stood.
        comments = "/**/" * 40
        connection.execute(
            f'CREATE TABLE notes (fid INTEGER PRIMARY KEY, id TEXT, "CHECK{comments}x" TEXT, '
            "text TEXT, /* CHECK ( */ about_id TEXT, date TEXT)"
        )
        connection.commit()
    with PlanFile.open(path) as file:
        file.undo()
        assert "n1" in file.plan.notes
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("DROP TABLE notes")
        connection.execute("CREATE TABLE notes (fid INTEGER PRIMARY KEY, id TEXT, text TEXT, about_id TEXT, date TEXT)")
        connection.execute("CREATE INDEX slow ON notes (length(zeroblob(1000000000)))")
        connection.commit()
    with PlanFile.open(path) as file:
        assert "slow" in str(file.notices[0])
        file.undo()
        assert "n1" in file.plan.notes


def test_a_plan_that_qgis_has_locked(path):
    before = path.read_bytes()
    with closing(sqlite3.connect(path, isolation_level=None)) as theirs:
        theirs.execute("BEGIN EXCLUSIVE")
        with pytest.raises(PlanFileError, match="Another program is using the plan"):
            PlanFile.open(path)
        theirs.execute("ROLLBACK")
        with PlanFile.open(path) as file:
            plan = file.plan
            theirs.execute("BEGIN IMMEDIATE")
            with pytest.raises(PlanFileError, match="Another program is using the plan"):
                file.commit(edits.put(file.plan, [Note("x", "y")]))
            theirs.execute("ROLLBACK")
            assert file.plan == plan
            file.commit(edits.put(file.plan, [Note("x", "y")]))
    assert path.read_bytes() != before


def test_a_plan_that_another_process_has_locked(path):
    script = (
        "import sqlite3, sys; c = sqlite3.connect(sys.argv[1]); c.execute('BEGIN EXCLUSIVE'); "
        "print('ready', flush=True); input()"
    )
    with subprocess.Popen(
        [sys.executable, "-c", script, str(path)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as other:
        assert other.stdout.readline() == "ready\n"
        with pytest.raises(PlanFileError, match="Another program"):
            PlanFile.open(path)
        other.communicate("\n")
    PlanFile.open(path).close()


def test_a_plan_left_in_wal_mode_by_another_program_becomes_one_file_again(path):
    with closing(sqlite3.connect(path)) as theirs:
        theirs.execute("PRAGMA journal_mode = WAL")
        theirs.execute("UPDATE notes SET text = 'from the other'")
        theirs.commit()
    with PlanFile.open(path) as file:
        assert file.plan.notes["n1"].text == "from the other"
        file.commit(edits.put(file.plan, [Note("x", "y")]))
        assert [one.name for one in path.parent.iterdir()] == [path.name]


def test_a_read_only_file_is_opened_and_says_that_it_cannot_be_changed(path):
    path.chmod(0o444)
    before = path.read_bytes()
    with plain_rights(), PlanFile.open(path) as file:
        assert file.read_only
        assert "read-only" in str(file.notices[0])
        plan = file.plan
        with pytest.raises(PlanFileError, match="read-only"):
            file.commit(edits.put(file.plan, [Note("x", "y")]))
        assert file.plan == plan
    assert path.read_bytes() == before


def test_a_read_only_file_that_another_program_changed_shows_the_change(path):
    with closing(sqlite3.connect(path)) as theirs:
        theirs.execute("UPDATE notes SET text = 'from the other'")
        theirs.commit()
    path.chmod(0o444)
    before = path.read_bytes()
    with plain_rights(), PlanFile.open(path) as file:
        assert file.plan.notes["n1"].text == "from the other"
        assert file.external_edit is not None
    assert path.read_bytes() == before


def test_a_read_only_folder(path):
    path.chmod(0o666)
    path.parent.chmod(0o555)
    before = path.read_bytes()
    with plain_rights():
        with PlanFile.open(path) as file:
            plan = file.plan
            assert file.read_only
            with pytest.raises(PlanFileError, match="read-only"):
                file.commit(edits.put(file.plan, [Note("x", "y")]))
            assert file.plan == plan
        with pytest.raises(PlanFileError, match="cannot be written"):
            PlanFile.create(path.parent / "new.cnplan.gpkg", Plan())
    assert [one.name for one in path.parent.iterdir()] == [path.name]
    assert path.read_bytes() == before


@contextmanager
def no_file_larger_than(size):
    """Let writing fail as on a full disk."""
    resource = pytest.importorskip("resource", reason="the size of files is limited in the POSIX way")
    sys.dont_write_bytecode = True  # half a file of Python's own would stay for good
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    handler = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
        signal.signal(signal.SIGXFSZ, handler)


def test_a_full_disk_leaves_the_plan_as_it_was(path):
    with PlanFile.open(path) as file:
        plan, history = file.plan, file.history
        for room in (0, 4096, path.stat().st_size, path.stat().st_size + 8192):
            with no_file_larger_than(room), pytest.raises(PlanFileError, match="disk"):
                file.commit(edits.put(file.plan, many_homes(5000)))
            assert (file.plan, file.history) == (plan, history)
        with no_file_larger_than(4096), pytest.raises(PlanFileError, match="disk"):
            file.undo()
        file.commit(edits.put(file.plan, [Note("x", "y")]))  # there is room again
        assert "x" in file.plan.notes
        file.undo()
    with PlanFile.open(path) as file:
        assert file.plan == plan
    with no_file_larger_than(8192), pytest.raises(PlanFileError):
        PlanFile.create(path, Plan(), overwrite=True)
    assert [one.name for one in path.parent.iterdir()] == [path.name]
    with PlanFile.open(path) as file:
        assert file.plan == plan
