"""From homes and hills to a decision, by command: what more homes cost, what to build next, which channels."""

from __future__ import annotations

import re
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from cn_planner.model import edits
from cn_planner.session.project import Project
from tests.journeys.conftest import CommandLineHere


@pytest.fixture
def run(tmp_path: Path) -> CommandLineHere:
    return CommandLineHere(tmp_path)


@pytest.fixture(scope="module")
def planned_folder(planned_sample: Callable[[float], Path]) -> Path:
    """The sample plan with the network for half of its homes, computed once for all files that ask for it."""
    return planned_sample(0.5)


@pytest.fixture
def planned(run: CommandLineHere, planned_folder: Path) -> Path:
    """A network of the test's own."""
    shutil.copytree(planned_folder, run.folder, dirs_exist_ok=True)
    (path,) = run.folder.glob("*.cnplan.gpkg")
    return path


@pytest.fixture
def few(plan: Path) -> Path:
    """The sample plan with a fifth of its homes: the points of a curve are looked for sooner."""
    with Project.open(plan) as project:
        gone = [key for n, key in enumerate(project.plan.households) if n % 5]
        project.apply(edits.remove(project.plan, "households", gone))
    return plan


def test_the_assembly_sees_what_more_homes_cost_and_takes_a_plan(run, few):
    plan = few
    curve = run("tradeoff", plan, "--points", 3, "--json").json
    assert curve["complete"]
    costs = [one["capex"] for one in curve["points"]]
    assert costs == sorted(costs)
    second = curve["points"][1]
    words = run("tradeoff", plan, "--points", 3, "--keep", "--take", second["served"]).out
    assert f"{second['capex']:,.0f} USD" in words
    with Project.open(plan) as project:  # what was kept for the papers outlives the plan that is taken
        assert [row.homes for row in project.plan.choices.rows] == [one["served"] for one in curve["points"]]
    # What was taken is in the plan, and one step back it is gone.
    given = run("channels", plan, "--keep", "--json").json["channels"]
    assert len({one["freq_mhz"] for one in given}) > 1
    assert "plan for least cost" in run("undo", plan).err
    assert run("channels", plan, "--keep", "--json").json["channels"] == []


def test_more_homes_than_can_be_reached_are_refused_with_the_most_that_can(run, few):
    answer = run("tradeoff", few, "--points", 2, "--take", 10_000, status=1)
    assert "at most 33 can be" in answer.err


def test_what_could_be_built_next_is_said_with_cost_and_homes_and_taken(run, planned):
    plan = planned
    before = run("suggest", plan, "--json").json
    costs = [one["cost"] / one["homes"] for one in before["suggestions"]]
    assert costs == sorted(costs)
    assert len(costs) >= 3
    first = before["suggestions"][0]
    assert first["id"] in run("suggest", plan, "--accept", first["id"]).out
    after = run("suggest", plan, "--json").json
    assert first["id"] not in [one["id"] for one in after["suggestions"]]
    refused = after["suggestions"][0]["id"]
    run("suggest", plan, "--reject", refused)
    assert refused not in [one["id"] for one in run("suggest", plan, "--json").json["suggestions"]]
    assert "There is no suggestion nowhere" in run("suggest", plan, "--accept", "nowhere", status=1).err


def test_a_plan_has_channels_and_they_are_judged_and_given_anew(run, planned):
    found = run("channels", planned, "--keep", "--json").json
    assert all(one["freq_mhz"] > 5000 for one in found["channels"])
    assert len({one["freq_mhz"] for one in found["channels"]}) > 1
    assert found["lost"] < 0.2
    # A hand-made choice stays; --fresh gives it up.
    link = next(one["id"] for one in found["channels"] if one["kind"] == "link")
    run("set", planned, f"links.{link}.freq_mhz=5550")
    kept = run("channels", planned, "--json").json["channels"]
    assert next(one["freq_mhz"] for one in kept if one["id"] == link) == 5550
    run("channels", planned, "--fresh", "--keep", status=2)


def test_a_second_way_is_found_taken_and_then_safe(run, planned):
    found = run("resilience", planned, "--json").json
    worst = found["failures"][0]
    assert worst["homes_lost"] == max(one["homes_lost"] for one in found["failures"]) > 0
    way = found["second_ways"][0]
    words = run("resilience", planned, "--site", way["site"], "--take", way["site"])
    assert "A second way for" in words.out
    now = run("resilience", planned, "--json").json["failures"]
    lost = [f"{one['id']}\thomes lost: {one['homes_lost']:g}" for one in now]
    assert ["\t".join(line.split("\t")[:2]) for line in words.out.splitlines()[: len(lost)]] == lost  # as taken
    channels = run("channels", planned, "--json").json["channels"]
    choices = {one["id"]: one["choices"] for one in channels if one["kind"] == "link"}
    assert all(choices[f"L-{a}-{b}"] == 1 for a, b in way["links"])  # the new link has its channel already
    again = run("resilience", planned, "--site", way["site"], "--json").json
    assert again["two_ways_already"] == [way["site"]]
    assert "second way for" in run("undo", planned).err
    assert "G01" in run("resilience", planned, "--site", "G01", status=1).err


def _served(run: CommandLineHere, plan: Path) -> set[str]:
    return {one["id"] for one in run("homes", plan, "--json").json["homes"] if one["served"]}


def test_a_second_way_silences_nobody_who_is_heard(run, planned):
    """What has a channel kept it: the new link drowned the old one, and the homes behind both were cut off."""
    run("set", planned, "rules.own_limits=5470-5690 MHz 30 dBm EIRP 40 wide")
    run("channels", planned, "--fresh")
    before = _served(run, planned)
    (way,) = run("resilience", planned, "--json").json["second_ways"]
    assert way["on_the_air"]
    assert "all radios on new channels" in way["text"]
    assert way["text"] in run("resilience", planned, "--take", way["site"]).out
    heard = run("channels", planned, "--keep", "--json").json
    assert not heard["short"]
    assert not heard["silent"]
    assert _served(run, planned) == before


def test_a_second_way_for_which_no_channel_is_left_is_not_taken(run, planned):
    """It was listed as one that keeps its homes, then bought; the homes that it was for heard nothing any more."""
    run("set", planned, "rules.own_limits=5470-5650 MHz 30 dBm EIRP 40 wide")
    run("channels", planned, "--fresh")
    before, links = _served(run, planned), run("channels", planned, "--keep", "--json").json["channels"]
    (way,) = run("resilience", planned, "--json").json["second_ways"]
    assert not way["on_the_air"]
    assert "no channel is left for it" in way["text"]
    told = run("resilience", planned, "--take", way["site"], status=1).err
    assert "no channel is left for it" in told
    assert f"sites.{way['site']}.two_ways=yes" in told
    assert run("channels", planned, "--keep", "--json").json["channels"] == links
    assert _served(run, planned) == before


def test_who_hears_nothing_is_not_lost_with_a_tower(run, planned):
    """Homes whose link a sector on its mast drowns were told to be lost with each tower on their way."""
    uses = run("channels", planned, "--keep", "--json").json["channels"]
    (link,) = [one["id"] for one in uses if one["kind"] == "link"]
    near = next(one for one in uses if one["kind"] == "sector" and one["site"] in link)
    served = _served(run, planned)
    run("set", planned, f"links.{link}.freq_mhz={near['freq_mhz']:g}")
    left = [one for one in run("homes", planned, "--json").json["homes"] if one["served"]]
    assert 0 < len(left) < len(served)
    with Project.open(planned) as project:
        weight = {key: home.weight for key, home in project.plan.households.items()}
    by_tower: dict[str, float] = {}
    for one in left:
        by_tower[one["served_by"]] = by_tower.get(one["served_by"], 0.0) + weight[one["id"]]
    for one in run("resilience", planned, "--json").json["failures"]:
        gone = {one["id"], *one["sites_lost"]} if one["kind"] == "site" else set(one["sites_lost"])
        assert one["homes_lost"] == pytest.approx(sum(by_tower.get(key, 0.0) for key in gone))


def test_a_tower_whose_only_link_was_removed_is_named_by_check(run, planned):
    """Homes and papers knew that nobody there is reached; `check` found nothing."""
    uses = run("channels", planned, "--keep", "--json").json["channels"]
    (link,) = [one["id"] for one in uses if one["kind"] == "link"]
    assert "reach no gateway" not in run("check", planned).out
    run("remove", planned, "links", link)
    (one,) = [row for row in run("check", planned, "--json").json["problems"] if "reach no gateway" in row["what"]]
    assert one["severity"] == "warning"
    assert one["where"] in link


def test_a_plan_of_which_fewer_homes_hold_among_trees_than_must_says_so(run, few):
    """Of 43 homes 42 had to hold and 9 did; the plan was given without a word on it."""
    wish = ("plan", few, "--cover", 0.3, "--json", "--trees")
    found = run(*wish, "0:50,40:50", "--hold", 0.9).json
    assert found["trees"]["certain"] < 0.9 * found["served"]
    (said,) = [one for one in found["notes"] if "must hold among trees" in one]
    assert f"Of {found['served']:g} homes 90 % must hold" in said
    assert f"{found['trees']['certain']:g} do" in said
    enough = run(*wish, "0:95,40:5", "--hold", 0.9).json
    assert enough["trees"]["certain"] >= 0.9 * enough["served"]
    assert not [one for one in enough["notes"] if "must hold among trees" in one]


def test_places_are_found_in_the_terrain_and_planned_with(run, plan):
    """Who knows no place for a tower yet gets a network from homes, hills and the gateway alone."""
    run("remove", plan, "sites", *(f"C{number:02d}" for number in range(1, 11)))
    run("set", plan, "rules.max_backhaul_km=6")  # a tenth of the paths between places
    looked = run("candidates", plan, "--look", "--most", 12, "--json").json
    assert len(looked["kept"]) == 12
    assert all(one["reason"] for one in (*looked["kept"], *looked["removed"]))
    assert "T01" in run("candidates", plan, "--most", 12).out
    answer = run("plan", plan, "--cover", 0.8, "--json").json
    assert answer["served"] > 80
    assert {site["id"] for site in answer["sites"]} <= {"G01", *(one["id"] for one in looked["kept"])}
    run("undo", plan)
    assert "places for towers" in run("undo", plan).err
    run("candidates", plan, "--most", 0, status=2)


def test_what_is_built_first_is_said(run, planned):
    found = run("phases", planned, "--count", 2, "--json").json["phases"]
    assert [one["phase"] for one in found] == [1, 2]
    assert "G01" in found[0]["sites"]
    assert f"{found[1]['cost']:,.0f} USD" in run("phases", planned, "--count", 2).out
    run("phases", planned, "--count", 2, "--budget", 100, status=2)


def test_a_plan_stays_within_what_links_and_the_connection_carry(run, plan):
    """The cheapest network for quiet evenings overloads links and a connection on busy ones; planned again it does not.

    Its short links send no more than the far ends bear: no sector hears so much of them that it carries less.
    """

    def too_full() -> list[str]:
        return [one["what"] for one in run("check", plan, "--json").json["problems"] if "busy hour" in one["what"]]

    run("plan", plan)
    run("set", plan, "demand.contention=4")
    full = too_full()
    assert {what.split(" ")[1] for what in full} == {"Internet", "link", "sector"}
    wanted = r"carries (\d+) Mbit/s; its homes want (\d+) at the busy hour"
    said = [re.findall(wanted, what)[0] for what in full if "sector" not in what]
    assert all(float(carries) < float(wants) for carries, wants in said)
    run("set", plan, "sites.G01.uplink.mbps=900")
    run("plan", plan)
    assert too_full() == []
