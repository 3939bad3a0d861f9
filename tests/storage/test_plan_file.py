"""The plan file as people use it: nothing that was done is lost, and QGIS opens it."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import numpy as np
import pyogrio
import pytest
import shapely
from plan_examples import VILLAGE, many_homes, village

from cn_planner.errors import InputError, PlanFileError
from cn_planner.message import msg
from cn_planner.model import edits
from cn_planner.model.history import Edit
from cn_planner.model.plan import Household, Note, Outcome, Plan, PlanStatus, Site
from cn_planner.storage.plan_file import PlanFile
from cn_planner.storage.schema import PHOTOS


@pytest.fixture
def path(tmp_path):
    return tmp_path / "Ünser Dorf #1?.cnplan.gpkg"


def test_everything_is_there_again_after_closing(path):
    plan = replace(village(), outcome=Outcome(PlanStatus.FEASIBLE, 2, 1, 2, 1234.5, None, None))
    with PlanFile.create(path, plan):
        pass
    with PlanFile.open(path) as opened:
        assert opened.plan == plan
        assert opened.external_edit is None
        assert opened.notices == ()
        assert opened.version == 0


def test_undo_and_redo_survive_closing(path):
    with PlanFile.create(path, Plan()) as file:
        file.commit(edits.put(file.plan, VILLAGE[:3], msg("the first places")))
        file.commit(edits.put(file.plan, [replace(VILLAGE[0], latitude=-1.6)]))
        file.undo()
        plan, history, version = file.plan, file.history, file.version
    with PlanFile.open(path) as file:
        assert (file.plan, file.history, file.version) == (plan, history, version)
        assert file.history.undo_label == msg("the first places")
        assert file.history.redo_label == msg("move {kind} {name}", kind=msg("site"), name="Town")
        file.redo()
        assert file.plan.sites["gw"].latitude == -1.6
        file.undo()
        file.undo()
        assert file.plan == Plan()
        with pytest.raises(InputError, match="nothing to undo"):
            file.undo()
        file.commit(edits.put(file.plan, [Note("n", "other way")]))
        with pytest.raises(InputError, match="nothing to redo"):
            file.redo()
    with PlanFile.open(path) as file:
        assert len(file.history.steps) == 1
        assert list(file.plan.notes) == ["n"]


def test_the_version_number_never_comes_back_so_that_a_late_result_is_not_taken(path):
    with PlanFile.create(path, Plan()) as file:
        seen = [file.version]
        file.commit(edits.put(file.plan, VILLAGE[:1]))
        seen.append(file.version)
        file.undo()
        seen.append(file.version)
        file.commit(edits.put(file.plan, VILLAGE[1:2]))
        seen.append(file.version)
    assert seen == sorted(set(seen))


def test_an_edit_that_changes_nothing_is_no_step(path):
    with PlanFile.create(path, village()) as file:
        file.commit(edits.put(file.plan, [VILLAGE[0]]))
        file.commit(Edit(msg("look"), file.plan))
        assert file.history.steps == ()


def test_named_versions_are_kept_inside(path):
    with PlanFile.create(path, village()) as file:
        file.save_version("For the assembly", "2025-03-01")
        file.commit(edits.remove(file.plan, "sites", ["hill"]))
        file.save_version("Without the hill", "2025-03-02")
        with pytest.raises(InputError, match="already"):
            file.save_version("For the assembly", "2025-03-03")
        with pytest.raises(InputError, match="needs a name"):
            file.save_version(" ", "2025-03-03")
    with PlanFile.open(path) as file:
        assert [tuple(one) for one in file.versions()] == [
            ("For the assembly", "2025-03-01"),
            ("Without the hill", "2025-03-02"),
        ]
        assert file.load_version("For the assembly") == village()
        with pytest.raises(InputError, match="no version nowhere"):
            file.load_version("nowhere")
        file.commit(Edit(msg("go back"), file.load_version("For the assembly")))
        assert file.plan == village()
        file.undo()
        assert "hill" not in file.plan.sites


def test_an_existing_file_is_replaced_only_when_asked_and_then_whole(path):
    path.write_bytes(b"somebody's letter")
    with pytest.raises(PlanFileError, match="file of this name already"):
        PlanFile.create(path, village())
    assert path.read_bytes() == b"somebody's letter"
    stale = path.with_name(path.name + "-journal")
    stale.write_bytes(b"of the file before")
    with PlanFile.create(path, village(), overwrite=True) as file:
        assert file.plan == village()
    assert sorted(one.name for one in path.parent.iterdir()) == [path.name]


@pytest.fixture
def no_room(path, monkeypatch):
    """A disk that lets nothing take the plan's place."""
    real = Path.replace

    def full(self, target):
        if Path(target) == path:
            raise OSError(28, "No space left on device")
        return real(self, target)

    monkeypatch.setattr(Path, "replace", full)


@pytest.mark.usefixtures("no_room")
def test_a_replacement_that_fails_leaves_what_stands_beside_the_old_file(path):
    path.write_bytes(b"somebody's letter")
    journal = path.with_name(path.name + "-journal")
    journal.write_bytes(b"and what belongs to it")
    with pytest.raises(PlanFileError, match="No space left"):
        PlanFile.create(path, Plan(), overwrite=True)
    assert journal.read_bytes() == b"and what belongs to it"
    assert sorted(one.name for one in path.parent.iterdir()) == [path.name, journal.name]


def test_a_replacement_that_fails_does_not_take_a_torn_plan_its_journal(path, request):
    """Where a writer was killed, only the journal makes the old file whole again."""
    PlanFile.create(path, village()).close()
    journal = path.with_name(path.name + "-journal")
    connection = sqlite3.connect(path, isolation_level=None)
    connection.execute("PRAGMA cache_size = 1")  # pages go to the file before the end
    connection.execute("BEGIN IMMEDIATE")
    connection.execute("CREATE TABLE rubbish (x)")
    connection.executemany("INSERT INTO rubbish VALUES (?)", [("x" * 500,)] * 5000)
    torn, hot = path.read_bytes(), journal.read_bytes()
    connection.execute("ROLLBACK")
    connection.close()
    path.write_bytes(torn)
    journal.write_bytes(hot)
    request.getfixturevalue("no_room")
    with pytest.raises(PlanFileError, match="No space left"):
        PlanFile.create(path, Plan(), overwrite=True)
    with PlanFile.open(path) as file:
        assert file.plan == village()


def test_a_plan_that_cannot_be_written_leaves_nothing_behind(path):
    with pytest.raises(InputError, match="not finite"):
        PlanFile.create(
            path,
            Plan(
                notes=village().notes,
                zones=village().zones.changed(put=[replace(village().zones["grove"], ring=((float("nan"), 1.0),))]),
            ),
        )
    with pytest.raises(PlanFileError, match="no such folder"):
        PlanFile.create(path.parent / "no folder" / "x.cnplan.gpkg", Plan())
    assert list(path.parent.iterdir()) == []


@pytest.mark.parametrize(
    "thing",
    [
        Site("x", "\ud800", 0.0, 0.0),
        Household("x", "X", 0.0, 0.0, weight=float("nan")),
        Household("x", 5, 0.0, 0.0),  # type: ignore[arg-type]
        Household("x", "X", "north", 0.0),  # type: ignore[arg-type]
    ],
)
def test_a_value_that_would_not_come_back_is_refused_and_the_plan_is_as_it_was(path, thing):
    table = "sites" if isinstance(thing, Site) else "households"
    with PlanFile.create(path, village()) as file:
        broken = replace(file.plan, **{table: getattr(file.plan, table).changed(put=[thing])})
        with pytest.raises(InputError):
            file.commit(Edit(msg("break it"), broken))
        assert file.plan == village()
        file.commit(edits.put(file.plan, [Note("after", "still works")]))
    with PlanFile.open(path) as file:
        assert "after" in file.plan.notes
        assert "x" not in getattr(file.plan, table)


def test_numbers_of_numpy_are_stored_as_numbers(path):
    home = Household("x", "X", np.float64(1.25), np.float32(2.5), weight=np.int64(3))
    with PlanFile.create(path, village()) as file:
        file.commit(edits.put(file.plan, [home]))
    with PlanFile.open(path) as file:
        assert file.plan.households["x"] == Household("x", "X", 1.25, 2.5, 3.0)


def test_gdal_and_qgis_see_real_geometries_and_plain_columns(path):
    PlanFile.create(path, village()).close()
    kinds = dict(pyogrio.list_layers(path))
    assert kinds == {
        "sites": "Point",
        "households": "Point",
        "links": "LineString",
        "zones": "Polygon",
        "obstacles": "Point",
        "measurements": "Point",
        "places": "Point",
        "terrain": None,
        "notes": None,
        "evidence": None,
        "set_aside": None,
    }
    meta, _, shapes, columns = pyogrio.raw.read(path, layer="sites")
    row = dict(zip(meta["fields"], (column[0] for column in columns), strict=True))
    assert meta["crs"] == "EPSG:4326"
    assert shapely.from_wkb(shapes[0]) == shapely.Point(36.5, -1.5)
    assert (row["id"], row["name"], row["role"], row["mast_height_m"]) == ("gw", "Town", "gateway", 12.0)
    assert row["uplink"] == '{"kind":"fibre","mbps":200.0,"monthly_cost":90.0,"open_cost":0.0}'
    lines = shapely.from_wkb(pyogrio.raw.read(path, layer="links")[2])
    assert lines[0] == shapely.LineString([(36.5, -1.5), (36.55, -1.45)])
    zone = shapely.from_wkb(pyogrio.raw.read(path, layer="zones")[2])[0]
    assert zone.is_valid
    assert zone.area == pytest.approx(0.005)


def test_a_link_follows_its_sites_on_the_map(path):
    with PlanFile.create(path, village()) as file:
        file.commit(edits.put(file.plan, [replace(file.plan.sites["hill"], longitude=36.7)]))
    lines = shapely.from_wkb(pyogrio.raw.read(path, layer="links")[2])
    assert [line.coords[1 - at][0] for at, line in enumerate(lines)] == [36.7, 36.7]
    with PlanFile.open(path) as file:
        assert file.external_edit is None
        file.undo()
    assert shapely.from_wkb(pyogrio.raw.read(path, layer="links")[2])[0].coords[1][0] == 36.55


def test_the_file_is_one_file_without_triggers(path):
    with PlanFile.create(path, village()) as file:
        file.commit(edits.put(file.plan, [Note("x", "y")]))
        assert [one.name for one in path.parent.iterdir()] == [path.name]
    with closing(sqlite3.connect(path)) as connection, connection:
        assert connection.execute("PRAGMA journal_mode").fetchone() == ("delete",)
        assert connection.execute(
            "SELECT count(*) FROM sqlite_master WHERE type != 'table' AND sql NOTNULL"
        ).fetchone() == (0,)
        assert connection.execute("PRAGMA foreign_key_check").fetchall() == []


def test_the_same_plan_gives_the_same_file(path, tmp_path):
    PlanFile.create(path, village()).close()
    other = tmp_path / "other.cnplan.gpkg"
    PlanFile.create(other, village()).close()
    assert path.read_bytes() == other.read_bytes()


def test_a_bulk_import_is_undone_and_takes_little_room(path):
    homes = many_homes(26_946)
    with PlanFile.create(path, village()) as file:
        file.commit(edits.put(file.plan, homes))
        bytes_each = path.stat().st_size / len(homes)
        assert bytes_each < 400  # mirror 145, layer 100, step 25, and slack
        file.undo()
        assert file.plan == village()
    with PlanFile.open(path) as file:
        assert file.plan == village()
        file.redo()
        assert len(file.plan.households) == len(homes) + 2


def test_two_programs_do_not_overwrite_each_other(path):
    with PlanFile.create(path, village()) as mine, PlanFile.open(path) as theirs:
        theirs.commit(edits.put(theirs.plan, [Note("theirs", "first")]))
        with pytest.raises(PlanFileError, match="changed the plan since it was opened"):
            mine.commit(edits.put(mine.plan, [Note("mine", "second")]))
        assert "mine" not in mine.plan.notes
    with PlanFile.open(path) as file:
        assert "theirs" in file.plan.notes
        file.commit(edits.put(file.plan, [Note("mine", "second")]))
        assert set(file.plan.notes) == {"n1", "theirs", "mine"}


def test_a_closed_file_says_so(path):
    file = PlanFile.create(path, village())
    file.close()
    file.close()
    with pytest.raises(PlanFileError, match="closed"):
        file.commit(edits.put(file.plan, [Note("x", "y")]))


def test_of_a_long_day_only_the_steps_near_the_newest_stay_in_memory_as_they_are(path):
    def as_they_are() -> int:
        return sum(step.changes._changes is not None for step in file.history.steps)

    with PlanFile.create(path, Plan()) as file:
        for number in range(90):
            file.commit(edits.put(file.plan, [Note(f"n{number:02}", "seen")]))
        last = file.plan
        assert 1 <= as_they_are() <= 20
        while file.history.done:
            file.undo()
        assert file.plan == Plan()
        assert as_they_are() <= 41
        while file.history.done < 90:
            file.redo()
        assert file.plan == last
        assert as_they_are() <= 41
        history = file.history
    with PlanFile.open(path) as file:
        assert file.history == history


def test_a_photograph_that_this_program_would_not_have_kept_is_given_to_nobody(path):
    """A plan file may be a stranger's: what is decoded in the window is a JPEG of its own name and of sane size."""
    jpeg = b"\xff\xd8\xff\xe0" + bytes(2000)
    file = PlanFile.create(path, Plan())
    good, other, vast = file.keep_photos([jpeg, b"GIF89a" + bytes(2000), jpeg + bytes(900 << 10)])
    assert file.photo(good) == jpeg
    assert file.photo(other) is None
    assert file.photo(vast) is None
    file.close()
    with closing(sqlite3.connect(path)) as stranger, stranger:
        stranger.execute(f"UPDATE {PHOTOS} SET jpeg = ? WHERE name = ?", (jpeg + b"else", good))  # noqa: S608
    file = PlanFile.open(path)
    assert file.photo(good) is None, "another picture under the name of one"
    file.close()
