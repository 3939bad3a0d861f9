"""Who is silent on the channels that a plan has is not reached: in window, list, scenarios and papers alike.

Which links drown is worked out by code that shares nothing with the program (`tests/plan_file_air.py`).
"""

from __future__ import annotations

import shutil
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from cn_planner.model import edits
from cn_planner.model.checks import has_channels
from cn_planner.model.evidence import Evidence, Seen
from cn_planner.model.plan import HomeKind, Link, PlaceKind, Priority, PublicPlace
from cn_planner.planning.home_rows import home_rows
from cn_planner.report.build import build_report
from cn_planner.service.judge import Standing, Why
from cn_planner.session.details import unheard_now
from cn_planner.session.figures_in_hand import CarriedTower
from cn_planner.session.hotspots import people_now
from cn_planner.session.project import Project
from cn_planner.session.scenarios import scenario_figures
from cn_planner.session.service import fixes_of_home, home_now, service_in_steps, service_now
from cn_planner.session.suggestions import suggest
from cn_planner.session.tasks import give_channels
from tests.plan_file_air import drowned
from tests.plan_file_radio import PlanFile


@pytest.fixture(scope="module")
def on_one_channel(planned_sample, tmp_path_factory) -> Path:
    """The sample valley as it is planned, all of its links on one channel."""
    (planned,) = planned_sample(None).glob("*.cnplan.gpkg")
    folder = tmp_path_factory.mktemp("one-channel")
    for file in planned.parent.iterdir():
        shutil.copy(file, folder)
    with Project.open(folder / planned.name) as project:
        links = list(project.plan.standing_links.values())
        project.apply(edits.put(project.plan, [replace(link, freq_mhz=links[0].freq_mhz) for link in links]))
    return folder / planned.name


@pytest.fixture
def one_channel(on_one_channel: Path, tmp_path: Path) -> Path:
    """A copy of it, to change."""
    for file in on_one_channel.parent.iterdir():
        shutil.copy(file, tmp_path)
    return tmp_path / on_one_channel.name


def still_reached(plan, links: set[str]) -> set[str]:
    """Return the towers to which a way leads without these links."""
    near = {site for site in plan.used_sites if plan.sites[site].role == "gateway"}
    for _ in plan.sites:
        for key, link in plan.links.items():
            ends = {link.from_site, link.to_site}
            if key not in links and ends & near:
                near |= ends
    return near


def behind(plan, links: set[str]) -> set[str]:
    """Return the homes to whose tower no way leads without these links."""
    near = still_reached(plan, links)
    return {home.id for home in plan.households.values() if home.server is not None and home.server not in near}


def planned_weight(project: Project) -> float:
    return sum(home.weight for home in project.plan.households.values() if home.server is not None)


def test_who_is_drowned_is_reached_nowhere(one_channel: Path) -> None:
    dead = {words.split()[0] for words in drowned(PlanFile(one_channel))}
    with Project.open(one_channel) as project:
        snapshot, plan = project.snapshot(), project.plan
        silent = behind(plan, dead)
        assert dead, "links of one mast on one channel drown each other"
        assert len(silent) > 10
        steps: list = []
        now = service_in_steps(snapshot, partial=steps.append)
        (by_path,) = steps
        ids = np.array(now.homes.ids)
        reached = set(ids[now.connected].tolist())
        assert silent <= set(ids[by_path.connected].tolist()), "the paths of all of them work"
        assert not silent & reached
        said = give_channels(snapshot, keep=True)
        assert set(now.unheard) == said.not_served
        assert set(ids[by_path.connected].tolist()) - reached == said.not_served
        rows = {row.home: row for row in home_rows(snapshot.study)}
        assert {key for key, row in rows.items() if row.served} == reached
        assert {str(rows[key].reason) for key in said.silent} == {str(said.unheard.homes[key]) for key in said.silent}
        assert all(rows[key].fix_cost is None and "channels anew" in str(rows[key].fix) for key in silent)
        report = build_report(snapshot.study, version=1, date="2026-12-02")
        assert {home.id for home in report.homes if home.reached} == reached
        assert report.headline.homes_reached == scenario_figures(snapshot).homes == now.connected_weight
        assert {one for group in report.unserved for one in group.homes} >= silent
        panel = home_now(snapshot, min(silent))
        assert (panel.served, panel.standing, panel.why) == (False, Standing.SEEN, Why.UNHEARD)
        assert "drown each other" in str(panel.reason)
        assert not fixes_of_home(snapshot, min(silent)).fixes, "no tower and no pole helps"
        project.apply(give_channels(snapshot, fresh=True).edit)
        assert not service_now(project.snapshot()).unheard, "as it is told: channels that are given anew do"


def with_schools(plan, towers) -> dict[str, PublicPlace]:
    """Return a school of 40 people beside each of these towers, which connects it."""
    sites = [plan.sites[key] for key in towers]
    return {
        f"school {one.id}": PublicPlace(f"school {one.id}", one.id, one.latitude + 0.0004, one.longitude,
                                        PlaceKind.SCHOOL, people=40.0, server=one.id)
        for one in sites
    }  # fmt: skip


def test_a_school_and_a_hotspot_behind_what_drowns_reach_nobody(one_channel: Path) -> None:
    """Homes of such a tower were left out, while its school was connected and people came to its hotspot on foot."""
    dead = {words.split()[0] for words in drowned(PlanFile(one_channel))}
    with Project.open(one_channel) as project:
        silent = project.plan.used_sites.keys() - still_reached(project.plan, dead)  # for certain
        assert silent
        schools = with_schools(project.plan, project.plan.used_sites)
        spots = [replace(project.plan.sites[key], hotspot=True) for key in silent]
        project.apply(edits.put(project.plan, [*schools.values(), *spots]))
        snapshot = project.snapshot()
        now = service_now(snapshot)
        assert silent <= now.off_network == now.silenced < project.plan.used_sites.keys()
        assert now.nothing_over >= dead
        found = people_now(snapshot, now)
        spots_found = {one.hotspot.id for one in found.found.hotspots}
        assert spots_found == {f"school {key}" for key in project.plan.used_sites.keys() - now.silenced}
        assert found.counts == people_now(snapshot).counts
        report = build_report(snapshot.study, version=1, date="2026-12-02")
        assert {one.id for one in report.places if one.reached} == spots_found
        assert {one.id for one in report.phones.hotspots} == spots_found
        assert report.phones.counts == found.counts


def test_a_plan_of_schools_alone_knows_which_of_them_are_on_the_network(one_channel: Path) -> None:
    with Project.open(one_channel) as project:
        plan = project.plan
        gate = next(key for key in plan.used_sites if plan.sites[key].role == "gateway")
        link = next(one for one in plan.standing_links.values() if gate in (one.from_site, one.to_site))
        schools = with_schools(plan, plan.used_sites)
        bare = edits.remove(plan, "households", list(plan.households)).plan
        tuned = [replace(one, freq_mhz=5500.0 + 80.0 * n) for n, one in enumerate(plan.standing_links.values())]
        look = Evidence("seen", link.from_site, link.to_site, Seen.HIDDEN, date="2026-12-01")
        project.apply(edits.put(bare, [*schools.values(), *tuned, look]))
        behind_it = plan.used_sites.keys() - still_reached(plan, {link.id})
        snapshot = project.snapshot()
        now = service_now(snapshot)
        assert behind_it
        assert behind_it <= now.off_network
        assert gate not in now.off_network
        spots = {one.hotspot.id for one in people_now(snapshot).found.hotspots}
        assert f"school {gate}" in spots
        assert not spots & {f"school {key}" for key in behind_it}
        report = build_report(snapshot.study, version=1, date="2026-12-02")
        assert {one.id for one in report.places if one.reached} == spots


def test_a_blocked_link_is_no_way_round_one_that_is_drowned(one_channel: Path) -> None:
    """Each alone left the other's way, so that homes with no way that works counted."""
    dead = {words.split()[0] for words in drowned(PlanFile(one_channel))}
    with Project.open(one_channel) as project:
        plan = project.plan
        gate = next(key for key in plan.used_sites if plan.sites[key].role == "gateway")
        silent = behind(plan, dead)
        # Channels of its own: nothing drowns it.
        free = max(link.freq_mhz for link in plan.standing_links.values()) + 200.0

        ends = [{link.from_site, link.to_site} for link in plan.links.values()]
        far = ""
        for far in sorted({str(plan.households[home].server) for home in silent}):
            if {gate, far} in ends:
                continue
            look = Evidence("seen", gate, far, Seen.HIDDEN, date="2026-12-01")
            there = edits.put(plan, [look, Link("new", gate, far, freq_mhz=free)]).plan
            snapshot = project.workspace.snapshot(there)
            now = service_now(snapshot)
            assert now.down == {"new"}
            mine = {home.id for home in plan.households.values() if home.server == far}
            assert not mine & set(np.array(now.homes.ids)[now.connected].tolist()), far
            assert mine <= set(now.unheard)
        carried = CarriedTower(snapshot, now, far)
        seen = [key for key in mine if now.works[now.homes.number[key]]]
        assert carried.at(plan.sites[far], seen).homes == now.connected_weight, "picked up and not moved"
        assert now.left_out_weight < now.unheard_weight
        assert now.unheard_weight == sum(plan.households[key].weight for key in now.unheard)
        offered = {home.id for one in suggest(snapshot) for home in one.edit.plan.households.values()
                   if home.server != plan.households[home.id].server}  # fmt: skip
        assert not offered & set(now.unheard), "a mast does not help whom channels silence"


def test_where_a_radio_has_no_channel_yet_nobody_is_silent(one_channel: Path) -> None:
    """Nobody knows then who hears whom: that is told, and channels are given."""
    with Project.open(one_channel) as project:
        link = next(iter(project.plan.standing_links.values()))
        project.apply(edits.put(project.plan, [replace(link, freq_mhz=None)]))
        assert not has_channels(project.plan)
        steps: list = []
        now = service_in_steps(project.snapshot(), partial=steps.append)
        assert not steps
        assert not now.unheard
        assert now.connected_weight == planned_weight(project)


def test_only_what_is_on_the_air_is_listened_to_anew(planned_sample) -> None:
    """A note on a home took as long as a tower that is moved: of thousands of homes many seconds."""
    (planned,) = planned_sample(None).glob("*.cnplan.gpkg")
    with Project.open(planned) as project:
        plan = project.plan
        known = unheard_now(project.snapshot())
        home = next(one for one in plan.households.values() if one.server is not None)
        other = next(key for key in plan.used_sites if key != home.server)
        for says in ({"name": "Ana"}, {"note": "dog"}, {"people": 7.0}, {"hamlet": "Coro"}):
            there = project.workspace.snapshot(edits.put(plan, [replace(home, **says)]).plan)
            assert unheard_now(there) is known, says
        for says in ({"server": other}, {"server": None}, {"weight": 9.0}, {"priority": Priority.MUST},
                     {"latitude": home.latitude + 1e-4}, {"antenna_height_m": 9.5}, {"client_kit": plan.kits.client},
                     {"kind": HomeKind.SCHOOL, "weight": 2.0}):  # fmt: skip
            there = project.workspace.snapshot(edits.put(plan, [replace(home, **says)]).plan)
            assert unheard_now(there) is not known, says


def test_as_planned_all_are_heard(planned_sample) -> None:
    (planned,) = planned_sample(None).glob("*.cnplan.gpkg")
    with Project.open(planned) as project:
        assert has_channels(project.plan)
        now = service_now(project.snapshot())
        assert not now.unheard
        assert now.connected_weight == planned_weight(project)
