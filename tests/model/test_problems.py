"""Every problem says in words what settles it, and carries what the window and the command line do about it."""

from __future__ import annotations

import ast
from dataclasses import replace
from pathlib import Path

import pytest

import cn_planner
from cn_planner.cli.remedies import command
from cn_planner.message import msg
from cn_planner.model.checks import Action, PlanProblem, Severity, problems
from cn_planner.model.edits import put
from cn_planner.model.evidence import Evidence, Visit
from cn_planner.model.plan import (
    Choice,
    HomeKind,
    Household,
    Link,
    Outcome,
    PlaceKind,
    Plan,
    PlanStatus,
    Priority,
    PublicPlace,
    Rules,
    Site,
    SiteRole,
    Status,
    Uplink,
)
from cn_planner.model.settings import PLAN_SETTINGS

PACKAGE = Path(cn_planner.__file__).parent
OF_A_THING = {
    "sites.consent",
    "sites.power",
    "sites.role",
    "sites.status",
    "sites.choice",
    "sites.uplink_choice",
    "sites.uplink.offer",
    "sites.uplink",
    "sites",
    "links",
    "households",
    "places",
    "places.people",
    "places.must",
}


@pytest.fixture
def bad_plan() -> Plan:
    """A plan with one problem of nearly each kind."""
    rows = [
        Site("A", "Alto", 42.0, 1.8, SiteRole.GATEWAY, mast_height_m=12.0),
        Site("B", "", 42.0, 1.8, status=Status.REJECTED, choice=Choice.LOCKED),
        Site("C", "", 42.1, 1.8, mast_height_m=60.0, max_height_m=30.0),
        Link("L1", "A", "C", freq_mhz=5500.0),
        Link("L2", "C", "A"),
        Household("h1", "", 42.05, 1.8, priority=Priority.MUST),
        Household("h2", "", 42.05, 1.8, server="B"),
        Household("old-school", "", 42.3, 1.8, kind=HomeKind.SCHOOL),
        PublicPlace("p1", "Well", 43.0, 1.8, PlaceKind.WATER, must=True),
        PublicPlace("p2", "School", 42.3, 1.8001, PlaceKind.SCHOOL, server="B"),
    ]
    plan = put(Plan(), rows).plan
    return replace(plan, outcome=Outcome(PlanStatus.FEASIBLE, 3.0, 1.0, 3.0, 10.0, None, None))


def test_no_text_of_the_core_or_of_the_window_asks_for_a_command() -> None:
    # It is read in the window and on paper, where nobody can type it.
    bad = []
    for path in PACKAGE.rglob("*.py"):
        if "cli" in path.parts or path == PACKAGE / "model/settings.py":
            continue  # settings are named by text on the command line alone
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in {"msg", "counted"}:
                said = [one.value for one in node.args if isinstance(one, ast.Constant)]
                bad += [f"{path.name}: {text}" for text in said if isinstance(text, str) and "cn-planner " in text]
    assert not bad


def test_each_problem_can_be_settled_by_a_command_or_by_looking(bad_plan: Plan) -> None:
    found = [*problems(bad_plan), *problems(Plan())]
    assert {one.action for one in found} == set(Action)
    for one in found:
        assert (command(one) == "") is (one.action is Action.LOOK), one
        if one.action is Action.ANSWER:
            assert one.answer in OF_A_THING or one.answer in PLAN_SETTINGS, one.answer
        if one.action is Action.REMOVE:
            assert one.where in getattr(bad_plan, one.answer)
            assert command(one) == f"cn-planner remove PLAN {one.answer} {one.where}"


def test_a_command_names_the_thing_that_it_is_about(bad_plan: Plan) -> None:
    commands = {command(one) for one in problems(bad_plan)}
    assert "cn-planner set PLAN sites.A.uplink.mbps=MBIT sites.A.uplink.monthly_cost=MONEY" in commands
    assert "cn-planner set PLAN canopy_m=HEIGHT" in commands
    kit = PlanProblem(Severity.ERROR, msg("There is no kit {kit}.", kit="x"), msg("Choose one of {kits}.", kits="y"),
                  answer="kits.access", action=Action.ANSWER)  # fmt: skip
    assert command(kit) == "cn-planner set PLAN kits.access=VALUE"


def test_one_doubled_home_is_one_home(bad_plan: Plan) -> None:
    said = [str(one.what) for one in problems(bad_plan)]
    assert "1 home lies where another one does already: h2." in said
    more = put(bad_plan, [Household("h3", "", 42.05, 1.8)]).plan
    assert "2 homes lie where another one does already, h2 for one." in [str(one.what) for one in problems(more)]


def _said_of(plan: Plan, key: str) -> list[str]:
    return [str(one.what) for one in problems(plan) if one.where == key]


def test_what_is_wrong_with_public_places_is_told(bad_plan: Plan) -> None:
    assert _said_of(bad_plan, "p1") == [
        "Well must be connected, and no tower of the plan does.",
        "A hotspot at Well would reach nobody: no home is within 1100 m, and no people are counted there.",
    ]
    assert _said_of(bad_plan, "p2") == [
        "School is served by B, where no mast is planned.",
        "School is a public place and stands among the homes too, as old-school.",
    ]
    somebody = put(bad_plan, [replace(bad_plan.places["p1"], people=3.0, must=False)]).plan
    assert _said_of(somebody, "p1") == []
    near = put(bad_plan, [Household("h9", "", 43.0, 1.8134), replace(bad_plan.places["p1"], must=False)]).plan
    assert _said_of(near, "p1") == [], "a home 1093 m away walks there"


def test_a_hotspot_on_a_tower_of_a_plan_that_has_none_is_a_contradiction(bad_plan: Plan) -> None:
    with_one = put(bad_plan, [replace(bad_plan.sites["A"], hotspot=True)]).plan
    words = "Alto has a hotspot, and the plan has none: its rules allow none, or it has no public place."
    assert words not in _said_of(with_one, "A")
    assert words in _said_of(replace(with_one, rules=Rules(hotspots=False)), "A")


def test_a_connection_at_a_place_that_is_no_gateway_is_told(bad_plan: Plan) -> None:
    elsewhere = put(bad_plan, [replace(bad_plan.sites["B"], uplink=Uplink(mbps=50.0))]).plan
    assert "An Internet connection is written at B, which is no gateway: it does not count." in _said_of(elsewhere, "B")


@pytest.mark.parametrize(
    ("barred", "field", "told"),
    [
        ({"choice": Choice.FORBIDDEN}, "choice=free", "Gateway Alto is forbidden."),
        ({"status": Status.REJECTED}, "status=idea", "Gateway Alto was rejected."),
        ({"uplink_choice": Choice.FORBIDDEN}, "uplink_choice=free", "The Internet connection at Alto is forbidden."),
        ({"role": SiteRole.GATEWAY_OPTION}, "uplink.mbps=MBIT",
         "Nobody said what the Internet connection at Alto would cost."),
    ],
)  # fmt: skip
def test_a_plan_whose_gateways_may_not_be_used_is_in_error_and_says_what_settles_it(
    bad_plan: Plan, barred: dict[str, object], field: str, told: str
) -> None:
    assert not [one for one in problems(bad_plan) if "may be used" in str(one.what)]
    shut = put(bad_plan, [replace(bad_plan.sites["A"], **barred)]).plan
    [said] = [one for one in problems(shut) if "may be used" in str(one.what)]
    assert said.severity is Severity.ERROR
    assert str(said.what) == f"{told} No site that may be used is a gateway, where the Internet enters."
    assert f"sites.A.{field}" in command(said)
    # Another gateway that may be used is enough: then nothing keeps the plan from being made.
    other = put(shut, [Site("D", "", 42.2, 1.8, SiteRole.GATEWAY)]).plan
    assert not [one for one in problems(other) if "may be used" in str(one.what)]


def test_who_refused_and_was_visited_again_is_asked_after() -> None:
    """The home counted for none for good, and was said to be left out for its price."""
    home = Household("H1", "", 42.05, 1.8)
    refused = Evidence("a", "H1", visit=Visit.REFUSED, date="2026-11-20")
    again = Evidence("b", "H1", date="2026-11-25")
    look = Evidence("c", "H1", "S1", date="2026-11-26")
    plan = put(Plan(), [replace(home, weight=0.0), refused, look]).plan

    def asked(of: Plan) -> list[str]:
        return [one.where for one in problems(of) if "counts for no home" in str(one.what)]

    assert asked(plan) == []
    seen = put(plan, [again]).plan
    assert asked(seen) == ["H1"]
    assert asked(put(seen, [home]).plan) == [], "it was answered"
    assert asked(put(seen, [Evidence("d", "H1", visit=Visit.REFUSED, date="2026-12-01")]).plan) == []
    assert asked(put(Plan(), [replace(home, weight=0.0), again]).plan) == [], "it never refused"
