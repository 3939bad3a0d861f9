"""What a user would miss: a budget without customs, or being asked for them again in every plan."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest
from small_network import small_network

from cn_planner import paths
from cn_planner.economics.costs import capital
from cn_planner.economics.opex import load_w
from cn_planner.economics.tower_gear import by_satellite_w
from cn_planner.i18n import say
from cn_planner.model import edits
from cn_planner.model.plan import Costs, Info, Plan, PowerSource, Site, SiteRole, Uplink
from cn_planner.session.check import check_project
from cn_planner.session.country import set_country
from cn_planner.session.customs import duties_of, remember_duties, with_known_duties
from cn_planner.session.project import Project
from cn_planner.storage.catalogue import load_catalogue

ASKED = "What customs and taxes take on goods is not said"


@pytest.fixture(autouse=True)
def own_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(paths, "config", lambda: tmp_path / "config")


def test_customs_are_asked_until_they_are_said_and_then_offered_to_the_next_plan(tmp_path: Path) -> None:
    with Project.create(tmp_path / "one.cnplan.gpkg", small_network(country="UG")) as project:
        (asked,) = [one for one in check_project(project) if ASKED in say(one.what)]
        assert (asked.answer, asked.severity) == ("costs.customs_pct", "question")
        project.change_settings({"costs.customs_pct": "38", "costs.customs_source": "broker in Mbarara, 2026-11-20"})
        assert not [one for one in check_project(project) if ASKED in say(one.what)]
    assert duties_of("ug") == duties_of("UG")
    with Project.new(tmp_path / "two.cnplan.gpkg", name="Two", country="UG") as project:
        assert (project.plan.costs.customs_pct, project.plan.costs.customs_source) == (
            38.0, "broker in Mbarara, 2026-11-20",
        )  # fmt: skip
    with Project.new(tmp_path / "three.cnplan.gpkg", name="Three", country="KE") as project:
        assert project.plan.costs.customs_pct is None
        project.change_settings({"info.country": "UG"})
        assert project.plan.costs.customs_pct == 38.0
        assert project.undo()
        assert project.plan.costs.customs_pct is None


def test_what_a_plan_says_itself_is_not_overwritten_and_a_country_given_later_brings_what_is_known() -> None:
    remember_duties(Plan(info=Info(country="UG"), costs=Costs(customs_pct=38.0, transport_pct=12.0)))
    own = Plan(info=Info(country="UG"), costs=Costs(customs_pct=0.0))
    assert with_known_duties(own).plan == own
    later = set_country(Plan(), "UG").plan
    assert (later.costs.customs_pct, later.costs.transport_pct) == (38.0, 12.0)


def test_a_file_that_is_damaged_is_as_if_nothing_was_said(tmp_path: Path) -> None:
    for text in (
        "",
        "[]",
        '{"UG": {"transport_pct": 1}}',
        json.dumps({"UG": {"transport_pct": 1, "customs_pct": 9999}}),
    ):
        (tmp_path / "config").mkdir(exist_ok=True)
        (tmp_path / "config" / "customs.json").write_text(text, encoding="utf-8")
        assert duties_of("UG") is None
    remember_duties(Plan(info=Info(country="UG"), costs=Costs(customs_pct=5.0)))
    assert duties_of("UG") is not None


def test_customs_that_are_not_said_cost_nothing_and_those_that_are_said_do() -> None:
    plan, shelf = small_network(), load_catalogue()
    unsaid = capital(plan, shelf).total
    assert unsaid == capital(replace(plan, costs=replace(plan.costs, customs_pct=0.0)), shelf).total
    said = capital(replace(plan, costs=replace(plan.costs, customs_pct=40.0)), shelf).total
    # On goods and spares alike, before what nobody foresaw.
    moved = said.goods_cents + said.spares_cents
    assert said.customs_cents == pytest.approx(0.4 * moved, abs=30)
    assert unsaid.customs_cents == 0


def test_a_satellite_terminal_is_fed_where_the_internet_comes_from_the_sky() -> None:
    shelf = load_catalogue()
    terminal = shelf.items["starlink-standard-4"]
    assert terminal.power_w == Plan().power.satellite_w == 100.0
    plan = small_network()
    gate = replace(plan.sites["G"], uplink=Uplink("Satellite (Starlink)", 100.0, 60.0), power=PowerSource.SOLAR)
    sky = edits.put(plan, [gate]).plan
    fibre = edits.put(plan, [replace(gate, uplink=Uplink("fibre", 100.0, 60.0))]).plan
    assert load_w(sky, shelf, "G") - load_w(fibre, shelf, "G") == pytest.approx(100.0)
    mini = replace(sky, power=replace(sky.power, satellite_w=40.0))
    assert by_satellite_w(mini, gate) == 40.0
    for role in (SiteRole.CANDIDATE, SiteRole.GATEWAY_OPTION):
        assert by_satellite_w(mini, Site("x", "", 0.0, 0.0, role=role, uplink=gate.uplink)) == 0.0
    bought = Site("x", "", 0.0, 0.0, role=SiteRole.GATEWAY_OPTION, uplink=gate.uplink, uplink_bought=True)
    assert by_satellite_w(mini, bought) == 40.0
