"""The sidebar of tasks tells where a plan stands, and leads to the one next thing."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from cn_planner.gui.commands import COMMANDS
from cn_planner.gui.figures import _weakest
from cn_planner.gui.overview import Stage, homes_reached, next_task, questions, tasks
from cn_planner.gui.quantities import Quantities
from cn_planner.gui.settings import Settings
from cn_planner.i18n import say
from cn_planner.links.verdict import Verdict
from cn_planner.model import edits
from cn_planner.model.items import Items
from cn_planner.model.plan import Info, Plan, PowerSource, SiteRole, TerrainFile
from cn_planner.planning.scenario_figures import WeakLink
from cn_planner.session.details import link_budgets

VERBS = ["area", "people", "places", "connect", "power", "check", "share"]


@pytest.fixture
def quantities(tmp_path: Path) -> Quantities:
    return Quantities(Settings(tmp_path / "window.ini"))


@pytest.fixture(scope="module")
def valley(sample_ground) -> Plan:
    return replace(sample_ground[0], terrain=Items([TerrainFile("t.tif", "t.tif", "0", 30.0)]))


def by_key(plan: Plan | None, quantities: Quantities, served: frozenset[str] | None = None):
    return {task.key: task for task in tasks(plan, quantities, served)}


def test_every_next_action_is_a_command_of_the_window(valley: Plan, quantities: Quantities) -> None:
    known = {command.key for command in COMMANDS}
    for plan in (None, Plan(), valley):
        for task in tasks(plan, quantities):
            assert task.command in known or task.command.startswith(("answer:", "show:")), task


def test_an_empty_plan_begins_with_the_question_where_it_is(quantities: Quantities) -> None:
    found = tasks(None, quantities)
    assert [task.key for task in found] == VERBS
    assert next_task(found) == "area"
    assert found[0].command == "ground"


def test_connect_waits_for_what_it_needs_and_then_plans(valley: Plan, quantities: Quantities) -> None:
    assert by_key(replace(valley, households=Items()), quantities)["connect"].command == "import_homes"
    assert by_key(replace(valley, sites=Items(), terrain=Items()), quantities)["connect"].command == "add_terrain"
    assert by_key(valley, quantities)["connect"].command == "make_plan"


def test_homes_are_counted_by_weight_as_the_report_counts_them(valley: Plan, quantities: Quantities) -> None:
    total = sum(home.weight for home in valley.households.values())
    most = frozenset(list(valley.households)[:-5])
    counted = homes_reached(valley, most)
    assert counted.homes == total
    assert counted.left == sum(valley.households[key].weight for key in valley.households if key not in most)
    task = by_key(valley, quantities, most)["connect"]
    assert task.stage is Stage.ATTENTION
    assert task.count == f"{counted.left:.0f}"
    assert by_key(valley, quantities, frozenset(valley.households))["connect"].stage is Stage.DONE
    left = next(key for key in valley.households if key not in most)
    half = edits.put(valley, [replace(valley.households[left], weight=0.5)]).plan
    task = by_key(half, quantities, frozenset(half.households) - {left})["connect"]
    assert (task.stage, task.count) == (Stage.ATTENTION, "1")  # whoever counts for a half is left out as well


def test_what_is_wrong_with_a_plan_is_said_where_it_belongs(valley: Plan, quantities: Quantities) -> None:
    gateway = next(site for site in valley.sites.values() if site.role is SiteRole.GATEWAY)
    plan = replace(valley, sites=valley.sites.changed([replace(gateway, uplink=None)]))
    task = by_key(plan, quantities)["places"]
    assert task.stage is Stage.ATTENTION
    assert task.command == f"fill:uplink:{gateway.id}"


def test_power_that_is_not_known_is_asked_for(valley: Plan, quantities: Quantities) -> None:
    built = [replace(site, mast_height_m=12.0, power=PowerSource.UNKNOWN) for site in list(valley.sites.values())[:2]]
    plan = replace(valley, sites=valley.sites.changed(built))
    task = by_key(plan, quantities)["power"]
    assert task.command == "answer:sites.power"
    assert "2" in say(task.state)
    assert {one.answer for one in questions(plan)} >= {"sites.power"}


def test_no_law_is_asked_for_in_a_place_that_is_made_up(valley: Plan) -> None:
    assert all(one.answer != "info.country" for one in questions(valley))
    real = replace(valley, info=Info(name="Real"))
    assert any(one.answer == "info.country" for one in questions(real))


def test_the_weakest_link_of_the_bar_is_that_of_the_panel_with_its_sign(state, settled) -> None:
    """What was seen on site is in the verdict of a path, not in its signal."""
    settled(state)
    budgets = link_budgets(state.project.snapshot())
    weak = WeakLink("L1", "C01", "G01", 20.0, 30.0)
    for verdict, sign in ((Verdict.LIKELY, "✓"), (Verdict.CHECK_ON_SITE, "▲"), (Verdict.BLOCKED, "✕")):
        links = {"L1": replace(budgets["L1"], verdict=verdict, fade_margin_db=12.4, fallback_margin_db=40.0)}
        shown = _weakest(state.plan, weak, links)
        assert (shown.sign, "+12 dB" in shown.value) == (sign, True)
        soon = {"L1": replace(links["L1"], fallback_margin_db=12.4)}  # little more than the rules ask for
        assert _weakest(state.plan, weak, soon).sign == sign
    assert "+20 dB" in _weakest(state.plan, weak, {}).value  # as long as links are not looked at one by one
