"""Why homes are left out: `plan`, `homes`, papers and window say the same of a plan, after closing and undoing too."""

from __future__ import annotations

import json
import sqlite3
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest

from cn_planner.message import msg
from cn_planner.model import edits
from cn_planner.model.left_out import LeftOut, UnservedKind
from cn_planner.model.plan import PublicPlace
from cn_planner.planning.home_rows import home_rows
from cn_planner.planning.left_out import reasons_kept
from cn_planner.progress import ALONE
from cn_planner.report.build import build_report
from cn_planner.report.privacy import redacted
from cn_planner.session.own_figures import with_own_figures
from cn_planner.session.project import Project
from cn_planner.session.sample import open_sample
from cn_planner.session.service import fixes_of_home, home_now, service_now
from cn_planner.storage.plan_file import PlanFile

FALSE = ("money, or the goal", "share or the money")


@pytest.fixture(scope="module")
def planned(tmp_path_factory: pytest.TempPathFactory):
    """The valley with an Internet connection that carries far fewer homes than are asked for: plan, what was said."""
    project = open_sample(tmp_path_factory.mktemp("valley"))
    (gate,) = (one for one in project.plan.sites.values() if one.uplink is not None)
    slow = replace(gate, uplink=replace(gate.uplink, mbps=30.0))
    demand = replace(project.plan.demand, school_mbps=None, clinic_mbps=None, shop_mbps=None)
    project.apply(edits.put(replace(project.plan, demand=demand), [slow]))
    found = project.make_plan()
    path = project.path
    project.close()
    return path, found


def _report(project: Project):
    return build_report(project.snapshot().study, version=1, date="2026-01-01")


def test_plan_lists_papers_and_window_give_one_reason(planned) -> None:
    path, found = planned
    asked = 0.95 * found.coverable
    assert 0.0 < found.served < asked - 1.0, "else nothing is short"
    told = {one.id: (str(one.reason), one.fix and str(one.fix), one.fix_cost) for one in found.unserved}
    with Project.open(path) as project:
        rows = {row.home: row for row in home_rows(project.snapshot().study) if not row.served}
        assert {key: (str(row.reason), row.fix and str(row.fix), row.fix_cost) for key, row in rows.items()} == told
        for key in sorted(told)[:3]:
            assert str(home_now(project.snapshot(), key).reason) == told[key][0]
            one = fixes_of_home(project.snapshot(), key)
            assert (one.words and str(one.words), one.cost) == told[key][1:]
        report = _report(project)
    assert {home.id: str(home.reason) for home in report.homes if not home.reached} == {
        key: why for key, (why, *_) in told.items()
    }
    said = [str(one.reason) for one in (*report.unserved, *report.papers.left_out)]
    assert not [one for one in said if any(words in one for words in FALSE)]
    assert str(found.reason) in said
    assert "The Internet connection carries no more homes" in said
    assert any(one.kind is UnservedKind.SHORT_DOORS for one in found.unserved)


def test_the_range_is_that_of_window_and_paper(planned) -> None:
    path, found = planned
    with Project.open(path) as project:
        assert found.homes_range == service_now(project.snapshot()).connected_range


def test_margins_and_rates_of_a_plan_are_those_of_its_homes_and_papers_on_its_own_channels(planned) -> None:
    path, found = planned
    with Project.open(path) as project:
        report = _report(project)
        assert any(one.freq_mhz is not None for one in project.plan.links.values()), "else no link has a channel"
    homes = {one.id: one for one in report.homes}
    links = {frozenset((one.a.site, one.b.site)): one for one in report.links}
    compared = 0
    for one in found.links:
        if one.kind == "backhaul":
            told = links[frozenset((one.from_id, one.to_id))]
            rates = (
                (told.b.rate_mbps, told.a.rate_mbps)
                if told.a.site == one.from_id
                else (told.a.rate_mbps, told.b.rate_mbps)
            )
        elif one.fade_margin_db is None:
            continue
        else:
            told = homes[one.to_id]
            rates = told.rate_down_mbps, told.rate_up_mbps
        assert (one.rate_down_mbps, one.rate_up_mbps) == pytest.approx(rates), one
        assert one.fade_margin_db == pytest.approx(told.margin_db, abs=0.01), one
        compared += 1
    assert compared > 20


def test_a_public_place_that_has_a_homes_id_keeps_its_own_figures(planned) -> None:
    path, found = planned
    home = next(one for one in found.links if one.kind == "access" and one.fade_margin_db is not None)
    place = replace(home, distance_m=home.distance_m + 500.0, fade_margin_db=1.0)
    with Project.open(path) as project:
        here, now = project.snapshot().study, service_now(project.snapshot())
    there = replace(here, plan=edits.put(here.plan, [PublicPlace(home.to_id, "School", 0.0, 0.0)]).plan)
    told = with_own_figures(replace(found, links=(home, place)), there, now, run=ALONE)
    assert told.links[1] == place
    assert told.links[0].fade_margin_db == pytest.approx(home.fade_margin_db)


def test_of_a_plan_that_was_changed_only_what_is_known_is_said(planned, tmp_path: Path) -> None:
    path, found = planned
    with Project.open(path) as project:
        plan = project.plan
        assert reasons_kept(plan)
        served = next(home for home in plan.households.values() if home.server is not None)
        project.apply(edits.put(plan, [replace(served, server=None)]))
        assert not reasons_kept(project.plan)
        rows = [row for row in home_rows(project.snapshot().study) if not row.served]
        assert str(found.reason) not in {str(row.reason) for row in rows}
        report = _report(project)
        said = " ".join(str(one.reason) for one in (*report.unserved, *report.papers.left_out, *report.homes))
        assert not [words for words in FALSE if words in said]
        assert "They can be reached, but the plan leaves them out" in said
        project.undo()
        assert reasons_kept(project.plan) == reasons_kept(plan)


def test_whom_the_channels_silence_the_towers_of_the_plan_do_not_help(planned) -> None:
    path, _ = planned
    with Project.open(path) as project:
        plan, snapshot = project.plan, project.snapshot()
        of_tower = next(row.home for row in home_rows(snapshot.study) if not row.served)
        drowned, help_them = msg("They drown each other."), msg("Another band.")
        kept = tuple(
            replace(one, homes=tuple(key for key in one.homes if key != of_tower)) for one in plan.outcome.left_out
        )
        silent = LeftOut(UnservedKind.SILENT, drowned, (of_tower,), help_them)
        outcome = replace(plan.outcome, left_out=(*kept, silent))
        of = project.workspace.snapshot(replace(plan, outcome=outcome))
        (row,) = home_rows(of.study, [of_tower])
        assert (row.reason, row.fix, row.fix_cost) == (drowned, help_them, None)
        one = fixes_of_home(of, of_tower)
        assert (one.fixes, one.advice) == ((), help_them)


def _outcome_in(path: Path, change) -> None:
    with closing(sqlite3.connect(path)) as file, file:
        (data,) = file.execute("SELECT data FROM cnplan_mirror WHERE part = 'outcome'").fetchone()
        content = json.loads(data)
        change(content)
        file.execute("UPDATE cnplan_mirror SET data = ? WHERE part = 'outcome'", (json.dumps(content),))


def test_a_plan_of_before_opens_and_says_what_it_knows(planned, tmp_path: Path) -> None:
    old = tmp_path / "old.cnplan.gpkg"
    old.write_bytes(planned[0].read_bytes())
    _outcome_in(old, lambda content: content.pop("left_out"))
    with Project.open(planned[0]) as new, Project.open(old) as project:
        assert project.plan.outcome == replace(new.plan.outcome, left_out=())
        assert reasons_kept(project.plan) == {}


def test_a_sentence_that_would_take_a_gigabyte_is_not_read(planned, tmp_path: Path) -> None:
    bad = tmp_path / "bad.cnplan.gpkg"
    bad.write_bytes(planned[0].read_bytes())

    def change(content) -> None:
        content["left_out"][0]["reason"] = {"key": "{name:999999999}", "values": [["name", "x"]], "many": ""}

    _outcome_in(bad, change)
    with Project.open(bad) as project:  # of the reasons alone nothing is known
        assert project.plan.outcome is not None
        assert project.plan.outcome.left_out == ()
        assert reasons_kept(project.plan) == {}


def test_a_copy_for_the_public_names_nobody_who_is_left_out(planned, tmp_path: Path) -> None:
    with Project.open(planned[0]) as project:
        left = [key for one in project.plan.outcome.left_out for key in one.homes]
        assert left
        for metres in (None, 200.0):
            copy = tmp_path / f"{metres}.cnplan.gpkg"
            PlanFile.create(copy, redacted(project.plan, metres)).close()
            data = copy.read_bytes()
            assert not [key for key in left if f'"{key}"'.encode() in data]


def test_where_there_is_no_plan_it_is_said_what_would_reach_each_home(tmp_path: Path) -> None:
    with open_sample(tmp_path) as project:
        found = project.make_plan(budget=100.0)
    assert found.edit is None
    assert len(found.unserved) > 100
    assert all(one.fix is not None for one in found.unserved)
    assert any(one.fix_cost is not None for one in found.unserved)
