"""`merge`: two copies edited apart are brought together in one edit, and strangers are refused."""

from __future__ import annotations

import json
import shutil
import sqlite3
import sys
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest
from merge_rounds import hold_rounds
from plan_examples import village
from typer.testing import CliRunner, Result

from cn_planner.cli.main import app
from cn_planner.model import edits
from cn_planner.model.evidence import Evidence, Seen, evidence_id
from cn_planner.model.plan import Note, Plan
from cn_planner.session.project import Project
from cn_planner.storage.plan_file import PlanFile
from cn_planner.storage.scenarios import delete_scenario, new_scenario, switch_scenario, unfold


def run(*words: object) -> Result:
    return CliRunner().invoke(app, ["merge", *map(str, words)])


@pytest.fixture
def pair(tmp_path: Path) -> tuple[Path, Path]:
    """Two copies of one plan that has some history."""
    mine, theirs = tmp_path / "mine.cnplan.gpkg", tmp_path / "theirs.cnplan.gpkg"
    plan = replace(village(), info=replace(village().info, secret="a1"))  # noqa: S106 - of an example
    with Project.create(mine, plan) as project:
        project.apply(edits.put(project.plan, [Note("before", "both know this")]))
        project.apply(edits.put(project.plan, [Note("undone", "one of both takes this back")]))
    shutil.copyfile(mine, theirs)
    return mine, theirs


def edited(path: Path, **note: str) -> None:
    with Project.open(path) as project:
        for key, text in note.items():
            project.apply(edits.put(project.plan, [Note(key, text)]))


def test_two_copies_come_together_in_one_edit_and_theirs_stays(pair: tuple[Path, Path]) -> None:
    mine, theirs = pair
    edited(mine, one="mine")
    edited(theirs, two="theirs", three="theirs as well")
    bytes_before = theirs.read_bytes()
    done = run(mine, theirs, "--json")
    assert done.exit_code == 0, done.output
    assert json.loads(done.stdout) == {"from_mine": 1, "from_theirs": 2, "both_alike": 0, "conflicts": []}
    assert theirs.read_bytes() == bytes_before
    with Project.open(mine) as project:
        assert {"before", "undone", "one", "two", "three"} <= project.plan.notes.keys()
        assert project.notices == ()
        assert len(project.history.steps) == 4
        project.undo()
        assert not {"two", "three"} & project.plan.notes.keys()
        assert "one" in project.plan.notes
        project.redo()
    with PlanFile.open(mine) as file:
        beside = file.edits_beside()
    (run_of_theirs,) = beside
    assert (run_of_theirs.done, run_of_theirs.whose) == (3, theirs.name)
    assert [change.after.id for step in run_of_theirs.steps for change in step.changes] == ["two", "three"]
    again = run(mine, theirs)
    assert again.exit_code == 0
    assert "Nothing new" in again.output


def test_the_order_does_not_matter(pair: tuple[Path, Path], tmp_path: Path) -> None:
    mine, theirs = pair
    edited(mine, one="mine")
    edited(theirs, two="theirs")
    copy = tmp_path / "copy.cnplan.gpkg"
    shutil.copyfile(mine, copy)
    assert run(mine, theirs).exit_code == run(theirs, copy).exit_code == 0
    with Project.open(mine) as one, Project.open(theirs) as two:
        assert one.plan == two.plan
    assert run(mine, theirs).exit_code == 0


def test_what_one_took_back_stays_taken_back(pair: tuple[Path, Path]) -> None:
    mine, theirs = pair
    with Project.open(mine) as project:
        project.undo()
    edited(theirs, two="theirs")
    assert run(mine, theirs).exit_code == 0
    with Project.open(mine) as project:
        assert "undone" not in project.plan.notes
        assert "two" in project.plan.notes


def test_a_conflict_changes_nothing_until_somebody_says_whose_word_counts(pair: tuple[Path, Path]) -> None:
    mine, theirs = pair
    edited(mine, before="mine says so")
    edited(theirs, before="theirs says so", two="theirs")
    before = mine.read_bytes()
    done = run(mine, theirs, "--json")
    assert done.exit_code == 1
    said = json.loads(done.stdout)
    assert [(one["mine"], one["theirs"], one["taken"]) for one in said["conflicts"]] == [
        ("mine says so", "theirs says so", None)
    ]
    assert mine.read_bytes() == before
    done = run(mine, theirs, "--take", "theirs", "--json")
    assert done.exit_code == 0
    assert json.loads(done.stdout)["conflicts"][0]["taken"] == "theirs"
    with Project.open(mine) as project:
        assert project.plan.notes["before"].text == "theirs says so"
        assert "two" in project.plan.notes


def test_a_conflict_in_which_mine_counted_is_not_asked_again(pair: tuple[Path, Path]) -> None:
    """Also where nothing else is new, so that the plan is as it was."""
    mine, theirs = pair
    edited(mine, before="mine says so")
    edited(theirs, before="theirs says so")
    assert run(mine, theirs).exit_code == 1
    assert "Done" in run(mine, theirs, "--take", "mine").output
    again = run(mine, theirs, "--json")
    assert (again.exit_code, json.loads(again.stdout)["conflicts"]) == (0, [])
    assert "Nothing new" in run(mine, theirs, "--take", "mine").output
    edited(theirs, two="later")
    assert run(mine, theirs).exit_code == 0
    copy = theirs.with_name("copy.cnplan.gpkg")
    shutil.copyfile(mine, copy)
    assert run(theirs, mine).exit_code == 0
    for path in pair:
        with Project.open(path) as project:
            assert (project.plan.notes["before"].text, project.plan.notes["two"].text) == ("mine says so", "later")
    with Project.open(copy) as project:
        project.undo()
        project.undo()
        assert project.plan.notes["before"].text == "mine says so"
        assert project.undo_label is not None
    assert run(copy, theirs, "--json").exit_code == 0
    with Project.open(copy) as project:  # who undid the decision is told what the other made of it
        assert project.plan.notes["before"].text == "mine says so"


def test_what_one_took_back_and_went_on_stays_taken_back_with_both(pair: tuple[Path, Path]) -> None:
    mine, theirs = pair
    with Project.open(mine) as project:
        project.undo()
        project.apply(edits.put(project.plan, [Note("other", "in its place")]))
    edited(theirs, two="theirs")
    copy = mine.with_name("copy.cnplan.gpkg")
    shutil.copyfile(mine, copy)
    assert run(mine, theirs).exit_code == run(theirs, copy).exit_code == 0
    for path in (mine, theirs):
        with Project.open(path) as project:
            assert {"before", "other", "two"} == {key for key in project.plan.notes if key in {
                "before", "undone", "other", "two"}}  # fmt: skip


def test_who_meets_again_is_asked_of_nothing_twice(pair: tuple[Path, Path]) -> None:
    mine, theirs = pair
    for week in ("first", "second", "third"):
        edited(theirs, before=f"{week} week")
        done = run(mine, theirs, "--json")
        assert done.exit_code == 0, done.output
        assert json.loads(done.stdout)["conflicts"] == []
    with Project.open(mine) as project:
        assert project.plan.notes["before"].text == "third week"
    edited(mine, before="mine now")
    assert run(theirs, mine).exit_code == 0
    with Project.open(theirs) as project:
        assert project.plan.notes["before"].text == "mine now"


def test_who_undoes_a_bringing_together_takes_nothing_from_the_other(pair: tuple[Path, Path]) -> None:
    mine, theirs = pair
    edited(theirs, two="theirs")
    assert run(mine, theirs).exit_code == 0
    assert run(theirs, mine).exit_code == 0
    with Project.open(mine) as project:
        project.undo()
        assert "two" not in project.plan.notes
    assert run(theirs, mine).exit_code == 0
    edited(mine, one="mine")
    for path, other in ((theirs, mine), (mine, theirs)):
        assert run(path, other).exit_code == 0
        with Project.open(path) as project:
            assert {"one", "two"} <= project.plan.notes.keys()


@pytest.mark.parametrize("seed", range(12))
def test_weeks_of_two_people_who_meet_now_and_then(seed: int, tmp_path: Path) -> None:
    hold_rounds(tmp_path, seed)


def test_scenarios_come_together_each_with_the_same_one(pair: tuple[Path, Path]) -> None:
    mine, theirs = pair
    for path in pair:  # both make one, and both are "2"
        with Project.open(path) as project:
            project.apply(new_scenario(project.plan, "hills" if path is mine else "valley"))
    with Project.open(mine) as project:
        project.apply(edits.change_section(project.plan, "rules", max_hops=2))
    with Project.open(theirs) as project:
        project.apply(edits.change_section(project.plan, "rules", max_hops=3))
        project.apply(edits.put(project.plan, [Note("seen", "by both")]))
        project.apply(switch_scenario(project.plan, "1"))
        project.apply(edits.change_section(project.plan, "rules", max_hops=5))
    copy = mine.with_name("copy.cnplan.gpkg")
    shutil.copyfile(mine, copy)
    done = run(mine, theirs, "--json")
    assert done.exit_code == 0, done.output
    assert run(theirs, copy).exit_code == 0
    hops = []
    for path in (mine, theirs):
        with Project.open(path) as project:
            own = project.plan.scenarios
            names = {one.name: one.id for one in own.others} | {own.name: own.id}
            assert set(names) == {"", "hills", "valley"}
            plans = {name: unfold(project.plan, key) for name, key in names.items()}
            assert all("seen" in plan.notes for plan in plans.values())
            hops.append({name: plan.rules.max_hops for name, plan in plans.items()})
    assert hops == [{"": 5, "hills": 2, "valley": 3}] * 2


def test_a_scenario_that_got_another_number_is_known_when_both_meet_again(pair: tuple[Path, Path]) -> None:
    mine, theirs = pair
    for path, name, hops in ((mine, "hills", 2), (theirs, "valley", 3)):
        with Project.open(path) as project:
            project.apply(new_scenario(project.plan, name))
            project.apply(edits.change_section(project.plan, "rules", max_hops=hops))
    assert run(mine, theirs).exit_code == 0
    with Project.open(theirs) as project:
        project.apply(edits.change_section(project.plan, "rules", max_hops=4))
    done = run(mine, theirs, "--json")
    assert done.exit_code == 0, done.output
    with Project.open(mine) as project:
        own = project.plan.scenarios
        names = {one.name: one.id for one in own.others} | {own.name: own.id}
        assert {name: unfold(project.plan, names[name]).rules.max_hops for name in ("hills", "valley")} == {
            "hills": 2, "valley": 4
        }  # fmt: skip


def test_one_removed_a_scenario_that_the_other_changed(pair: tuple[Path, Path]) -> None:
    mine, theirs = pair
    with Project.open(mine) as project:
        project.apply(new_scenario(project.plan, "hills"))
    shutil.copyfile(mine, theirs)
    with Project.open(mine) as project:
        project.apply(delete_scenario(project.plan, "2"))
    with Project.open(theirs) as project:
        project.apply(edits.change_section(project.plan, "rules", max_hops=3))
    clash = run(mine, theirs, "--json")
    assert clash.exit_code == 1
    assert [one["what"] for one in json.loads(clash.stdout)["conflicts"]] == ["scenario hills"]
    assert run(mine, theirs, "--take", "theirs").exit_code == 0
    with Project.open(mine) as project:
        assert unfold(project.plan, "2").rules.max_hops == 3


def test_strangers_the_same_file_and_what_is_no_plan_are_refused_in_words(pair: tuple[Path, Path]) -> None:
    mine, _ = pair
    stranger = mine.with_name("stranger.cnplan.gpkg")
    Project.create(stranger, Plan()).close()
    text = mine.with_name("text.cnplan.gpkg")
    text.write_text("no plan")
    before = mine.read_bytes()
    for other, says in ((stranger, "did not begin as one"), (mine, "the same file"), (text, "text.cnplan.gpkg"),
                        (mine.with_name("none.cnplan.gpkg"), "none.cnplan.gpkg")):  # fmt: skip
        done = run(mine, other)
        assert done.exit_code == 1
        assert says in done.output
        assert "cn-planner-" not in done.output  # no copy that nobody knows of
    assert mine.read_bytes() == before


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no devices among files")
def test_what_lies_beside_a_stranger_s_plan_and_may_never_end_is_not_copied(pair: tuple[Path, Path]) -> None:
    """As a link to a device that gives without end would be, until the disk is full."""
    mine, theirs = pair
    edited(theirs, two="theirs")
    theirs.with_name(f"{theirs.name}-wal").symlink_to("/dev/null")
    done = run(mine, theirs)
    assert done.exit_code == 1
    assert "pipe or a device" in done.output


@pytest.mark.parametrize("mode", ["DELETE", "WAL"])
def test_a_plan_that_a_power_cut_left_with_a_file_beside_it_is_read_with_that(
    pair: tuple[Path, Path], mode: str
) -> None:
    """Half an edit lies in the file and what was there in its journal; or a whole one beside it, as QGIS leaves it."""
    mine, theirs = pair
    edited(theirs, two="theirs")
    stick = theirs.with_name("stick")
    stick.mkdir()
    with closing(sqlite3.connect(theirs, isolation_level=None)) as base:
        base.execute(f"PRAGMA journal_mode = {mode}")
        base.execute("PRAGMA cache_size = 2")
        base.execute("BEGIN IMMEDIATE")
        if mode == "WAL":
            base.execute("UPDATE notes SET text = 'elsewhere' WHERE id = 'two'")
            base.execute("COMMIT")
        else:
            base.execute("CREATE TABLE torn (word TEXT)")
            base.executemany("INSERT INTO torn VALUES (?)", [("z" * 3000,) for _ in range(300)])
            base.execute("UPDATE notes SET text = text || printf('%3000d', 1)")
        for one in theirs.parent.glob(f"{theirs.name}*"):
            shutil.copyfile(one, stick / one.name)
        if mode == "DELETE":
            base.execute("ROLLBACK")
    left = {one.name: one.read_bytes() for one in stick.iterdir()}
    assert len(left) > 1
    done = run(mine, stick / theirs.name)
    assert done.exit_code == 0, done.output
    with Project.open(mine) as project:
        assert project.plan.notes["two"].text == ("elsewhere" if mode == "WAL" else "theirs")
    assert {one.name: one.read_bytes() for one in stick.iterdir()} == left, "theirs stays as it is"


def test_what_both_saw_comes_together_with_its_photographs(pair: tuple[Path, Path]) -> None:
    mine, theirs = pair

    def saw(path: Path, day: str, seen: Seen, jpeg: bytes) -> None:
        with Project.open(path) as project:
            (name,) = project.keep_photos([jpeg])
            row = Evidence(evidence_id("hill", "gw", day), "hill", "gw", seen, date=day, photos=name)
            project.apply(edits.put(project.plan, [row]))

    saw(mine, "2026-11-03", Seen.CLEAR, b"\xff\xd8mine")
    saw(theirs, "2026-11-04", Seen.TREES, b"\xff\xd8theirs")
    assert run(mine, theirs).exit_code == 0
    with Project.open(mine) as project:
        rows = project.plan.evidence
        assert {one.date: project.photo(one.photos) for one in rows.values()} == {
            "2026-11-03": b"\xff\xd8mine", "2026-11-04": b"\xff\xd8theirs",
        }  # fmt: skip
    saw(mine, "2026-11-05", Seen.CLEAR, b"again")
    saw(theirs, "2026-11-05", Seen.HIDDEN, b"other")
    clash = run(mine, theirs, "--json")
    assert clash.exit_code == 1, "one line, one day, seen otherwise: people say which"
    said = json.loads(clash.stdout)["conflicts"]
    assert {("clear", "hidden")} <= {(one["mine"], one["theirs"]) for one in said}
