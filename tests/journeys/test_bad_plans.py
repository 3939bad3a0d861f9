"""What cannot be planned is said in one message: what, where, what to do."""

from __future__ import annotations

from pathlib import Path

import pytest

from cn_planner.model import edits
from cn_planner.model.plan import Zone
from cn_planner.session.sample import open_sample
from tests.journeys.conftest import CommandLineHere


@pytest.fixture
def run(tmp_path: Path) -> CommandLineHere:
    return CommandLineHere(tmp_path)


def test_locks_that_contradict_are_each_named(run, plan):
    with open_sample(run.folder) as project:
        at = project.plan.sites["C02"]
        corners = ((-1, -1), (-1, 1), (1, 1), (1, -1))
        ring = tuple((at.latitude + 1e-3 * y, at.longitude + 1e-3 * x) for y, x in corners)
        project.apply(edits.put(project.plan, [Zone("z", "Sacred grove", ring)]))
    run("set", plan, "sites.C01.choice=locked", "sites.C01.status=rejected", "sites.C02.choice=locked")
    said = run("plan", plan, status=1).err
    assert "Alto" in said
    assert "Sacred grove" in said
    assert "Unlock" in said


def test_no_gateway_and_homes_beside_the_terrain_are_said(run, plan):
    run("set", plan, "sites.G01.role=candidate")
    assert "gateway" in run("plan", plan, status=1).err
    run("undo", plan)
    (run.folder / "homes.csv").write_text("id,latitude,longitude\nH1,10.5,10.5\n", encoding="utf-8")
    with open_sample(run.folder) as project:
        project.apply(edits.remove(project.plan, "households", list(project.plan.households)))
    run("import", plan, "homes.csv", "--as", "households")
    said = run("plan", plan, status=1).err
    assert "terrain is missing under every home" in said
    assert "Add elevation files" in said


def test_one_home_out_of_reach_is_no_plan_and_says_why(run, plan):
    run("set", plan, "rules.max_access_km=0.1", "sites.G01.status=rejected", "sites.C01.role=gateway")
    found = run("plan", plan, "--json").json
    assert found["status"] == "infeasible"
    assert found["served"] == 0
    assert "None of the homes can be reached" in found["reason"]
    assert all(home["reason"] for home in found["unserved"])


def test_the_same_home_twice_in_a_file_is_named_and_sites_at_one_place_are_warned_of(run, plan):
    (run.folder / "homes.csv").write_text("id,latitude,longitude\na,-8.19,-20.99\na,-8.2,-20.99\n", encoding="utf-8")
    said = run("import", plan, "homes.csv", "--as", "households", status=1).err
    assert "a" in said
    assert "3" in said
    with open_sample(run.folder) as project:
        gate = project.plan.sites["G01"]
    (run.folder / "sites.csv").write_text(
        f"id,latitude,longitude,role\ntwin,{gate.latitude!r},{gate.longitude!r},candidate\n", encoding="utf-8"
    )
    run("import", plan, "sites.csv", "--as", "sites")
    assert "stand at the same place" in run("check", plan).out
