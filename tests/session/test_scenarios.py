"""Scenarios: each keeps its own decisions, the world is the same in all, everything can be undone and survives."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest

from cn_planner.errors import InputError
from cn_planner.model import edits
from cn_planner.model.plan import Household, Scenarios, SiteRole
from cn_planner.service.now import connect_homes
from cn_planner.session.project import Project
from cn_planner.session.scenarios import scenario_figures, scenarios, scenarios_of
from cn_planner.session.service import service_now
from cn_planner.storage.scenarios import delete_scenario, new_scenario, rename_scenario, switch_scenario


def without(plan, key: str):
    return edits.put(edits.remove(plan, "links", ["L2"]).plan, [replace(plan.sites[key], mast_height_m=None)])


def test_each_scenario_keeps_its_own_towers(network: Project) -> None:
    network.apply(new_scenario(network.plan, "cheap"))
    network.apply(without(network.plan, "C02"))
    network.apply(switch_scenario(network.plan, "1"))
    assert network.plan.sites["C02"].mast_height_m == 18.0
    assert "L2" in network.plan.links
    network.apply(switch_scenario(network.plan, "2"))
    assert network.plan.sites["C02"].mast_height_m is None
    assert [(str(one.title), one.active) for one in scenarios_of(network.plan)] == [("Plan A", False), ("cheap", True)]


def test_homes_are_the_same_in_all(network: Project) -> None:
    now = service_now(network.snapshot())
    network.apply(connect_homes(network.plan, now))
    served = {key for key, home in network.plan.households.items() if home.server}
    network.apply(new_scenario(network.plan))
    place = network.plan.sites["C01"]
    network.apply(edits.put(network.plan, [Household("new", "New", place.latitude, place.longitude)]))
    network.apply(switch_scenario(network.plan, "1"))
    assert "new" in network.plan.households
    assert {key for key, home in network.plan.households.items() if home.server} == served


def test_everything_is_undone_and_redone_and_survives_a_restart(network: Project) -> None:
    begin, before = network.history.done, network.plan
    network.apply(new_scenario(network.plan, "two"))
    network.apply(without(network.plan, "C02"))
    network.apply(rename_scenario(network.plan, "1", "one"))
    network.apply(switch_scenario(network.plan, "1"))
    network.apply(new_scenario(network.plan, "three"))
    network.apply(delete_scenario(network.plan, "1"))
    end = network.plan
    with Project.open(network.path) as again:
        assert again.plan == end
        while again.history.done > begin:
            again.undo()
        assert again.plan == before
        while again.history.redo_label:
            again.redo()
        assert again.plan == end
        assert str(again.history.undo_label) == "delete scenario one"


def test_deleting_the_one_shown_shows_the_one_before(network: Project) -> None:
    network.apply(new_scenario(network.plan, "b"))
    network.apply(new_scenario(network.plan, "c"))
    network.apply(delete_scenario(network.plan, "3"))
    assert [(one.id, one.active) for one in scenarios_of(network.plan)] == [("1", False), ("2", True)]
    network.apply(delete_scenario(network.plan, "1"))
    with pytest.raises(InputError, match="only scenario"):
        delete_scenario(network.plan, "2")


@pytest.mark.parametrize("act", [lambda plan: switch_scenario(plan, "9"), lambda plan: rename_scenario(plan, "9", "x")])
def test_a_scenario_that_is_not_there_is_said(network: Project, act) -> None:
    with pytest.raises(InputError):
        act(network.plan)


def test_the_bar_compares(network: Project) -> None:
    network.apply(new_scenario(network.plan, "cheap"))
    network.apply(without(network.plan, "C02"))
    first, second = (one.figures for one in scenarios(network.snapshot()))
    assert first is not None
    assert second is not None
    assert first.homes > second.homes > 0
    assert first.cost > second.cost > 0
    assert first.homes_total == second.homes_total
    assert first.weakest is not None
    assert first.weakest.id in network.workspace.snapshot(switch_scenario(network.plan, "1").plan).plan.links
    assert first.cost_a_home == pytest.approx(first.cost / first.homes)


def test_the_tower_that_carries_others_is_the_one_whose_failure_counts(network: Project) -> None:
    """C02 hangs on C01: where C01 fails the homes of both are lost."""
    now = service_now(network.snapshot())
    found = scenario_figures(network.snapshot(), now)
    assert found.lost_with == "C01"
    assert found.lost == sum(now.weight_of(network.plan, key) for key in ("C01", "C02"))
    all_gateways = [replace(site, role=SiteRole.GATEWAY) for site in network.plan.used_sites.values()]
    network.apply(edits.put(network.plan, all_gateways))
    assert scenario_figures(network.snapshot()).lost_with == ""  # a gateway is none of these


def test_a_plan_from_before_scenarios_has_one(network: Project) -> None:
    path = network.path
    network.close()
    with closing(sqlite3.connect(path)) as connection, connection:
        [table] = [row[0] for row in connection.execute("SELECT name FROM sqlite_master WHERE name LIKE '%mirror%'")]
        assert connection.execute(f"DELETE FROM {table} WHERE part = 'scenarios'").rowcount == 1  # noqa: S608
    with Project.open(path) as again:
        assert again.plan.scenarios == Scenarios()


def test_a_plan_without_terrain_is_compared_while_no_link_asks_for_it(tmp_path: Path) -> None:
    with Project.new(tmp_path / "new.cnplan.gpkg", name="New", country="") as project:
        project.apply(edits.put(project.plan, [Household("a", "A", 42.0, 1.8)]))
        (only,) = scenarios(project.snapshot())
        assert only.figures is not None
        assert (only.figures.homes, only.figures.homes_total, only.figures.weakest) == (0.0, 1.0, None)
