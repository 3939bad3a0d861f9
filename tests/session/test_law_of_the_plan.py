"""What the law allows a plan's kits: by command, in the check, and where the country is not known."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import TYPE_CHECKING

from typer.testing import CliRunner

from cn_planner.cli.main import app
from cn_planner.message import msg
from cn_planner.model import edits
from cn_planner.model.history import Edit
from cn_planner.model.plan import Household, Link, Sector, Site
from cn_planner.planning.design import design_of
from cn_planner.planning.dishes import room_notes
from cn_planner.planning.problem import build_problem
from cn_planner.session.check import check_project
from cn_planner.session.network import plan_network
from cn_planner.session.project import Project
from cn_planner.session.sample import open_sample
from cn_planner.spectrum.channels import plan_channels

if TYPE_CHECKING:
    from pathlib import Path


def run(*words: str) -> tuple[int, str]:
    result = CliRunner().invoke(app, list(words))
    return result.exit_code, result.stdout


def make(tmp_path: Path, country: str) -> str:
    path = tmp_path / "a.cnplan.gpkg"
    with Project.new(path, name="A", country=country):
        pass
    return str(path)


def test_each_kit_has_its_eirp_limit_margin_and_text(tmp_path: Path) -> None:
    path = make(tmp_path, "ES")
    code, text = run("rules", path, "--json", "--all")
    found = json.loads(text)
    assert code == 0
    assert found["known"]
    for kit in found["kits"]:
        assert kit["margin_db"] >= 0.0  # capped
        assert kit["limit"]["kind"] == "eirp"
        assert kit["limit"]["dfs"]
        assert "2026-05-30" in kit["limit"]["source"]
    assert any(one["duty_pct"] == 1.0 for one in found["limits"])
    assert "not legal advice" in found["note"]
    assert run("set", path, "rules.keep_limits=no")[0] == 0
    free = json.loads(run("rules", path, "--json")[1])
    assert min(kit["margin_db"] for kit in free["kits"]) < -10.0
    assert "over the limit" in run("rules", path)[1]


def test_a_kit_whose_channel_is_closed_is_changed_where_it_was_chosen_and_open_channels_are_named(tmp_path) -> None:
    path = make(tmp_path, "CL")
    with Project.open(path) as project:  # the program's own kits start on a channel that is open there
        assert not [one for one in check_project(project) if "does not open outdoors" in str(one.what)]
    for kit, name in (("village-sector-5ghz", "Ours"), ("roof-client-5ghz", "Roof of ours")):
        assert run("shelf", "copy", path, kit, f"name={name}", "freq_mhz=5560")[0] == 0
    assert run("set", path, "kits.access=own-ours", "kits.client=own-roof-of-ours")[0] == 0
    with Project.open(path) as project:
        closed = [one for one in check_project(project) if "does not open outdoors" in str(one.what)]
    assert [one.answer for one in closed] == ["kits.access", "kits.client"]
    assert all("5735–5835 MHz" in str(one.fix) for one in closed)


def test_every_antenna_has_its_margin_on_its_own_channel_and_every_limit_its_terms(tmp_path: Path) -> None:
    path = make(tmp_path, "US")
    with Project.open(path) as project:
        hill = Site("A", "A", latitude=1.0, longitude=30.0, mast_height_m=12.0,
                    sectors=(Sector("A-S1", "village-sector-5ghz", 0.0, freq_mhz=5180.0),))  # fmt: skip
        far = Site("B", "B", latitude=1.05, longitude=30.0, mast_height_m=12.0)
        project.apply(edits.put(project.plan, [hill, far, Link("L", "A", "B", freq_mhz=5795.0)]))
    found = json.loads(run("rules", path, "--json")[1])["antennas"]
    assert [(one["site"], one["id"], one["task"]) for one in found] == [
        ("A", "A-S1", "access"), ("A", "A-S1", "client"), ("A", "L", "backhaul"), ("B", "L", "backhaul"),
    ]  # fmt: skip
    # 5180 MHz: 1 W and 6 dBi for the middle, 250 mW and 6 dBi for homes; 5795 MHz: 1 W and all of 29 dBi.
    assert [round(one["limit_eirp_dbm"], 1) for one in found] == [36.0, 30.0, 59.0, 59.0]
    assert all(one["margin_db"] >= 0.0 and one["allowed"] for one in found)
    text = run("rules", path, "--all")[1]
    assert "A A-S1 (roofs that hear it): 5180 MHz, 29.0 dBm EIRP: 1.0 dB under the limit" in text
    assert "Only for the antenna that many homes speak to." in text
    assert "0.333 dB less for each dB that the antenna gains over 6 dBi." in text
    assert "more than is allowed" not in run("check", path)[1]
    assert run("set", path, "rules.keep_limits=no")[0] == 0
    # 48 dBm from the roofs, of which 30 are allowed; the sector has 41 of 36, the link 53 of 59.
    assert "2 antennas radiate more than is allowed; the worst is A-S1, by 18 dB." in run("check", path)[1]
    found = json.loads(run("rules", path, "--json")[1])["antennas"]
    assert [one["allowed"] for one in found] == [False, False, True, True]
    with Project.open(path) as project:
        sector = Sector("A-S1", "village-sector-5ghz", 0.0, freq_mhz=5870.0)
        project.apply(edits.put(project.plan, [replace(hill, sectors=(sector,))]))
    assert run("check", path)[1].count("A-S1 sends at 5870 MHz, which US does not open outdoors") == 1


def test_a_country_without_an_entry_is_asked_for_and_answered(tmp_path: Path) -> None:
    path = make(tmp_path, "SS")
    found = json.loads(run("rules", path, "--json")[1])
    assert not found["known"]
    assert all(kit["limit_eirp_dbm"] is None and kit["allowed"] is None for kit in found["kits"])  # nobody knows
    assert "rules.own_limits" in run("check", path)[1]
    bad = CliRunner().invoke(app, ["set", path, "rules.own_limits=5470-5725 MHz 30 dBm EIRP; 5500-5600 20 dBm EIRP"])
    assert bad.exit_code == 1
    assert "contradict" in bad.stderr
    told = "rules.own_limits=5470-5725 MHz 33 dBm EIRP DFS; 5725-5875 MHz 36 dBm EIRP licence"
    assert run("set", path, told, "rules.own_limits_source=NCA, letter of 2026-11-02")[0] == 0
    answered = json.loads(run("rules", path, "--json")[1])
    assert {kit["limit_eirp_dbm"] for kit in answered["kits"]} == {33.0}
    assert answered["kits"][0]["limit"]["source"] == "NCA, letter of 2026-11-02"
    assert run("undo", path)[0] == 0
    assert not json.loads(run("rules", path, "--json")[1])["known"]


def test_two_texts_that_do_not_agree_are_named_where_the_plan_stands_on_them(tmp_path: Path) -> None:
    path = make(tmp_path, "ES")
    run("set", path, "rules.own_limits=5470-5725 MHz 1 W EIRP DFS", "rules.own_limits_source=a friend")
    with Project.open(tmp_path / "a.cnplan.gpkg") as project:
        said = [str(one.what) for one in check_project(project) if "do not agree" in str(one.what)]
    assert len(said) == 1
    assert "a friend" in said[0]
    assert "regdb" in said[0]


def test_texts_of_one_power_say_what_one_of_them_asks_for_beside_it(tmp_path: Path) -> None:
    path = make(tmp_path, "ZA")
    with Project.open(path) as project:
        (asked,) = [str(one.what) for one in check_project(project) if "do not agree" in str(one.what)]
    assert "look for radars" in asked
    assert "Nothing beside the power." in asked
    (radars, powers) = [line for line in run("rules", path, "--all")[1].splitlines() if line.startswith("Not agreed")]
    assert "what is asked for at 5490 to 5710 MHz, 30 dBm EIRP" in radars
    assert "14 dBm EIRP" in powers
    assert "23 dBm EIRP" in powers


def test_the_country_of_the_places_is_said_and_taken(tmp_path: Path) -> None:
    path = make(tmp_path, "UG")
    with Project.open(tmp_path / "a.cnplan.gpkg") as project:
        project.apply(edits.put(project.plan, [Site("B", "Berga", 42.1, 1.85), Household("H", "", 42.11, 1.84)]))
    assert json.loads(run("country", path, "--json")[1]) == {"country": "ES", "sure": True, "others": []}
    assert "The places lie in ES" in run("check", path)[1]
    assert run("country", path, "--set")[0] == 0
    assert "The places lie in" not in run("check", path)[1]
    assert run("undo", path)[0] == 0
    assert "The places lie in ES" in run("check", path)[1]


def test_a_plan_without_places_has_no_country(tmp_path: Path) -> None:
    found = json.loads(run("country", make(tmp_path, ""), "--json")[1])
    assert found == {"country": None, "sure": False, "others": []}


def test_limits_that_another_program_spoiled_are_named_and_the_plan_still_opens(tmp_path: Path) -> None:
    make(tmp_path, "ES")
    with Project.open(tmp_path / "a.cnplan.gpkg") as project:
        project.apply(edits.change_section(project.plan, "rules", own_limits="as you like"))
        assert project.country_rules is not None
        assert any("as you like" in str(one.what) for one in check_project(project))


def test_a_valley_with_two_channels_for_links_is_planned_with_fewer_radios_not_for_fewer_homes(tmp_path: Path) -> None:
    """In Argentina 100 MHz are open at 30 dBm: 102 homes were promised where three radios on a mast serve all of 142.

    Half of them are planned here.
    The plan of three radios is not heard as a whole either: what its channels show of links and homes is told to the
    next.
    """
    with open_sample(tmp_path) as project:
        plan = edits.remove(project.plan, "households", [key for n, key in enumerate(project.plan.households) if n % 2])
        project.apply(Edit(msg("country"), replace(plan.plan, info=replace(plan.plan.info, country="AR"))))
        study = project.snapshot().study
        deaf = design_of(build_problem(study), fixes=False)
        silenced = plan_channels(replace(study, plan=deaf.edit.plan)).not_served
        assert len(silenced) > 0.5 * deaf.served, "else there is nothing to mend here"
        found = plan_network(project.snapshot())
        assert found.edit is not None
        assert found.served > 69.0
        plan = found.edit.plan
        assert found.served == sum(home.weight for home in plan.households.values() if home.server)
        kept = plan_channels(replace(project.snapshot().study, plan=plan), keep=True)
        assert not kept.not_served
        (note,) = room_notes(replace(project.snapshot().study, plan=plan))
        assert "8 channels in place of 2 where they send 6 dB less" in str(note)
