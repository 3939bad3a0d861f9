"""Comparing plans: equal ones say nothing, each change has its sentence, the log is against what was held in hands."""

from __future__ import annotations

import json
from dataclasses import fields, replace
from typing import TYPE_CHECKING

import openpyxl
import pytest
from small_network import small_network
from typer.testing import CliRunner

from cn_planner.cli.main import app
from cn_planner.message import msg
from cn_planner.model import edits
from cn_planner.model.history import Edit
from cn_planner.model.plan import Household, Link, Note, Outcome, PlanStatus, Site, Status
from cn_planner.report.build import build_report
from cn_planner.report.changes import plan_changes
from cn_planner.report.privacy import for_public
from cn_planner.report.tables import tables
from cn_planner.report.words import FIELD_HEADS
from cn_planner.session.compare import compare_plans
from cn_planner.session.project import Project
from cn_planner.storage.catalogue import load_catalogue
from cn_planner.study import Study
from cn_planner.terrain.surface import NO_TERRAIN

if TYPE_CHECKING:
    from pathlib import Path

    from cn_planner.model.plan import Plan

OUTCOME = Outcome(PlanStatus.FEASIBLE, 10.0, 9.0, 10.0, 1e4, None, None)


def changed() -> Plan:
    """The small network a season later."""
    plan = small_network()
    a, b, c = (plan.sites[key] for key in "ABC")
    plan = edits.remove(plan, "sites", ["B"]).plan
    return edits.put(
        plan,
        [replace(a, mast_height_m=12.0, status=Status.AGREED, owner="Ms Rojas"),
         replace(c, latitude=c.latitude + 0.001, sectors=(replace(c.sectors[0], azimuth_deg=40.0),)),
         Site("E", "=Elm|<i>", -1.52, 36.52, mast_height_m=9.0, sectors=b.sectors), Link("E-G", "E", "G"),
         replace(plan.households["A1"], server="E"), replace(plan.households["C3"], server=None),
         Household("new", "", -1.5, 36.5, server="G"), Note("n", "ask")],
    ).plan  # fmt: skip


def test_equal_plans_say_that_nothing_changed_also_on_the_command_line(tmp_path: Path):
    plan = small_network()
    assert plan_changes(plan, plan) == ()
    assert plan_changes(plan, small_network()) == ()
    paths = [tmp_path / f"{name}.cnplan.gpkg" for name in ("one", "two")]
    for path in paths:
        Project.create(path, plan).close()
    done = CliRunner().invoke(app, ["compare", *map(str, paths)])
    assert done.exit_code == 0, done.output
    assert "Nothing changed." in done.output
    said = json.loads(CliRunner().invoke(app, ["compare", *map(str, paths), "--json"]).stdout)
    assert said["changes"] == []
    assert {k: v for k, v in said["before"].items() if k != "label"} == {
        k: v for k, v in said["now"].items() if k != "label"
    }


def test_each_change_has_its_sentence():
    texts = [str(one.text) for one in plan_changes(small_network(), changed())]
    for wanted in (
        "Ash <b>hill</b>: a mast of 12 m instead of 18 m.", "Ash <b>hill</b>: agreed; before: idea.",
        "Ash <b>hill</b>: Owner.", "No tower any more: Birch.", "Cedar: moved by 111 m.",
        "Cedar: its sectors are turned",
        "New tower: =Elm|<i>, 9 m.", "New link: =Elm|<i> – Town.", "No link any more: Ash <b>hill</b> – Birch.",
        "1 home is new.", "1 home is newly served.",
        "1 home is served by another tower.", "3 homes are no longer served.", "Notes: new: 1, gone: 0, changed: 0.",
    ):  # fmt: skip
        assert any(one.startswith(wanted) for one in texts), (wanted, texts)
    back = [str(one.text) for one in plan_changes(changed(), small_network())]
    assert "New tower: Birch, 6 m." in back
    assert "No tower any more: =Elm|<i>." in back


@pytest.mark.parametrize(("weight", "said"), [(5.0, "6 homes are"), (2.5, "3.5 homes are"), (0.0, "1 home is")])
def test_homes_are_counted_as_the_figures_count_them(weight: float, said: str):
    """Beside "1 of 121, now 112" stood that 96 homes are newly served: a row may stand for five."""
    plan = small_network()
    ends = [replace(plan.households["A1"], server=None, weight=weight), replace(plan.households["C3"], server=None)]
    before = edits.put(plan, ends).plan
    now = edits.put(plan, [replace(ends[0], server="A"), replace(ends[1], server="C")]).plan
    texts = [str(one.text) for one in plan_changes(before, now)]
    assert f"{said} newly served." in texts
    assert [one.which for one in plan_changes(before, now)] == ["A1, C3"]


def test_what_differs_of_a_place_or_a_link_is_named_in_words():
    """It said "max_height_m", in every language."""
    plan = small_network()
    a = replace(plan.sites["A"], max_height_m=21.0, access="a track", hazard="bees")
    said = [str(one.text) for one in plan_changes(plan, edits.put(plan, [a]).plan)]
    assert said == ["Ash <b>hill</b>: Greatest mast, Access, Hazard."]
    told = {"id", "latitude", "longitude", "from_site", "to_site"}
    assert {one.name for kind in (Site, Link) for one in fields(kind)} - told <= FIELD_HEADS.keys()


def test_settings_say_what_they_are_now_and_were():
    plan = small_network()
    dearer = replace(plan, costs=replace(plan.costs, labour_day=30.0), rules=replace(plan.rules, keep_limits=False))
    texts = {one.id: str(one.text) for one in plan_changes(plan, dearer)}
    assert texts["costs.labour_day"] == (
        "Wage of one person for one day; empty: not said, an example counts. Now 30; before: unknown."
    )
    assert texts["rules.keep_limits"].endswith("Now no; before: yes.")
    planned = replace(plan, outcome=OUTCOME)
    assert plan_changes(plan, planned) == ()  # what the planner said is no change of the plan


def test_figures_are_those_of_each_plan(network: Project):
    now = network.snapshot()
    fewer = edits.remove(now.plan, "links", ["L2"]).plan
    found = compare_plans(network.workspace.snapshot(fewer), msg("then"), now, msg("now"))
    assert found.now.weakest_db is not None
    assert found.before.towers == found.now.towers
    assert found.before.cost < found.now.cost
    # C02 hangs on C01 by L2: with it, without C01 another falls silent.
    assert found.now.single_points == found.before.single_points + 1
    assert str(found.changes[0].text).startswith("New link")


def test_the_log_is_against_what_was_handed_out_last_and_the_same_files_come_again(tmp_path: Path):
    with Project.create(tmp_path / "plan.cnplan.gpkg", small_network()) as project:
        assert project.version_before() is None
        out = [tmp_path / name for name in "abc"]
        project.export(out[0], ("xlsx", "csv"), date="2026-11-01")
        assert [tuple(one) for one in project.versions()] == [("0", "2026-11-01")]
        assert project.version_before() is None  # it is the plan as it stands
        project.apply(Edit(msg("a season"), changed()))
        project.export(out[1], ("xlsx", "csv"), date="2026-12-01")
        assert [one.name for one in project.versions()] == ["0", "1"]
        project.export(out[2], ("xlsx", "csv"), date="2026-12-01")
        assert [one.name for one in project.versions()] == ["0", "1"]
        for file in ("small.xlsx", "small-csv/changes.csv"):
            assert (out[1] / file).read_bytes() == (out[2] / file).read_bytes()
        log = openpyxl.load_workbook(out[1] / "small.xlsx")["What changed"]
        said = [str(row[2].value) for row in log.iter_rows(min_row=5)]
        assert any("New tower: =Elm|<i>, 9 m." in one for one in said)
    done = CliRunner().invoke(app, ["compare", str(tmp_path / "plan.cnplan.gpkg"), "--version", "0"])
    assert done.exit_code == 0, done.output
    assert "version 0, 2026-11-01" in done.output
    assert "New tower: =Elm|<i>, 9 m." in done.output
    none = CliRunner().invoke(app, ["compare", str(tmp_path / "plan.cnplan.gpkg"), "--version", "7"])
    assert none.exit_code == 1
    assert "Version 7 was not handed out." in none.output
    assert "There are: 0, 1." in none.output


def test_where_nothing_was_handed_out_it_is_against_the_plan_before_it_was_planned(tmp_path: Path):
    plan = small_network()
    with Project.create(tmp_path / "plan.cnplan.gpkg", plan) as project:
        project.apply(Edit(msg("plan for least cost"), replace(changed(), outcome=OUTCOME)))
        project.apply(edits.put(project.plan, [Note("later", "x")]))
        before = project.version_before()
        assert before is not None
        assert before.plan == plan
        bare = edits.put(plan, [replace(site, mast_height_m=None) for site in plan.sites.values()]).plan
    with Project.create(tmp_path / "first.cnplan.gpkg", bare) as project:
        project.apply(Edit(msg("plan for least cost"), replace(plan, outcome=OUTCOME)))
        assert project.version_before() is None  # there was no network before


def test_public_files_do_not_name_the_homes_that_changed(tmp_path: Path):
    with Project.create(tmp_path / "plan.cnplan.gpkg", changed()) as project:
        snapshot = project.snapshot()
        log = compare_plans(project.workspace.snapshot(small_network()), msg("then"), snapshot, msg("now"))
        report = build_report(
            Study(snapshot.plan, NO_TERRAIN, load_catalogue(), None), version=2, date="2026-11-26", log=log
        )
    table = next(one for one in tables(report) if one.key == "changes")
    assert any("3 homes are no longer served. B1, B2, C3" in str(row[table.column("text")]) for row in table.rows)
    public = next(one for one in tables(for_public(report, 200.0)) if one.key == "changes")
    assert len(public.rows) == len(table.rows)
    assert not any("C3" in str(row[public.column("text")]) for row in public.rows)
