"""Plan files held against a checker that shares nothing with the program, and the checker against spoiled plans."""

from __future__ import annotations

import gzip
import json
import shutil
import sqlite3
from collections.abc import Callable
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from cn_planner.model import edits
from cn_planner.model.items import Items
from cn_planner.model.plan import Area, Choice, Household, Info, Plan, Priority, Rules, Site, SiteRole, Status, Uplink
from cn_planner.session.project import Project
from cn_planner.session.tasks import resilience_of
from tests.plan_file_checker import faults


@pytest.fixture(scope="module")
def planned(planned_sample):
    """The sample valley as the planner makes it."""
    return next(planned_sample(None).glob("*.cnplan.gpkg"))


@pytest.fixture
def valley(planned, tmp_path):
    """A copy of it to spoil or to go on with."""
    for file in planned.parent.iterdir():
        shutil.copy(file, tmp_path)
    return tmp_path / planned.name


def test_the_plan_of_the_sample_keeps_every_rule(planned):
    assert faults(planned, channels=True, coverable=True) == []


def test_a_plan_for_a_budget_keeps_every_rule(valley):
    with Project.open(valley) as project:
        project.apply(edits.remove(project.plan, "households", list(project.plan.households)[1::2]))
        design = project.make_plan(budget=18_000.0)
    assert 0 < design.served < design.coverable
    assert faults(valley, channels=True) == []


def test_a_second_way_and_edits_by_hand_keep_every_rule_when_planned_again(valley):
    """Accepted by hand, then locked, forbidden, refused, zoned and compulsory things that the planner works round."""
    with Project.open(valley) as project:
        way = next(iter(resilience_of(project.snapshot()).paths.values()))
        project.apply(way.edit)
        by_hand = replace(project.plan.sites[way.site], two_ways=True)
        project.apply(edits.put(project.plan, [by_hand]))
    assert faults(valley, as_planned=False) == []
    with Project.open(valley) as project:
        plan = project.plan
        far = next(site for site in plan.sites.values() if site.mast_height_m is None)
        left = next(
            site for site in plan.used_sites.values() if site.role is SiteRole.CANDIDATE and site.id != way.site
        )
        unserved = next(home for home in plan.households.values() if home.server is None)
        project.apply(
            edits.put(
                plan,
                [
                    replace(far, choice=Choice.LOCKED, mast_height_m=24.0),
                    replace(left, status=Status.REJECTED),
                    replace(unserved, priority=Priority.MUST),
                ],
            )
        )
        project.make_plan()
        assert far.id in project.plan.used_sites
        assert left.id not in project.plan.used_sites
    assert faults(valley, channels=True, coverable=True) == []


def test_a_real_place_south_of_the_equator_keeps_every_rule(shared_data, tmp_path):
    """Cederberg in South Africa, whose law caps what is radiated; some trees, an obstacle seen, a zone."""
    with gzip.open(shared_data / "planning" / "village-3-cederberg.json.gz") as stream:
        place = json.load(stream)
    rows = [row for row in place["sites"] if row["role"] == "gateway"][:1]
    rows += [row for row in place["sites"] if row["role"] != "gateway"][:14]
    plan = Plan(
        info=Info(name="Cederberg", country="ZA"),
        area=Area(canopy_m=3.0),
        rules=Rules(cover=0.9),
        sites=Items(
            Site(row["id"], row["id"], row["latitude"], row["longitude"], SiteRole(row["role"]),
                 uplink=Uplink() if row["role"] == "gateway" else None)
            for row in rows
        ),
        households=Items(
            Household(row["id"], row["id"], row["latitude"], row["longitude"]) for row in place["homes"][:90]
        ),
    )  # fmt: skip
    path = tmp_path / "cederberg.cnplan.gpkg"
    with Project.create(path, plan) as project:
        project.add_terrain([shared_data / "terrain" / "S33E018.hgt.zip"])
        design = project.make_plan()
    assert design.served > 50
    assert len(design.sites) > 3
    assert faults(path, channels=True, coverable=True) == []


def _change(path: Path, table: str, sql: str, *values: Any) -> None:
    with closing(sqlite3.connect(path)) as file, file:
        assert file.execute(f"UPDATE {table} SET {sql}", values).rowcount > 0  # noqa: S608  # words of these tests


def _outcome(path: Path, **changed: Any) -> None:
    with closing(sqlite3.connect(path)) as file, file:
        (data,) = file.execute("SELECT data FROM cnplan_mirror WHERE part = 'outcome'").fetchone()
        text = json.dumps({**json.loads(data), **changed})
        file.execute("UPDATE cnplan_mirror SET data = ? WHERE part = 'outcome'", (text,))


def _rule(path: Path, part: str, **changed: Any) -> None:
    with closing(sqlite3.connect(path)) as file, file:
        (data,) = file.execute("SELECT data FROM cnplan_mirror WHERE part = ?", (part,)).fetchone()
        text = json.dumps({**json.loads(data), **changed})
        file.execute("UPDATE cnplan_mirror SET data = ? WHERE part = ?", (text, part))


def _sectors(path: Path, change: Callable[[dict[str, Any]], None]) -> None:
    """Change every sector of the plan."""
    with closing(sqlite3.connect(path)) as file, file:
        for key, text in file.execute("SELECT id, sectors FROM sites").fetchall():
            rows = json.loads(text)
            for row in rows:
                change(row)
            file.execute("UPDATE sites SET sectors = ? WHERE id = ?", (json.dumps(rows), key))


_SPOILED = {
    "a mast lowered": (lambda p: _change(p, "sites", "mast_height_m = 1 WHERE mast_height_m > 6"),
                      "none to choose from"),
    "masts of other heights": (lambda p: _change(p, "sites", "mast_height_m = 6 WHERE mast_height_m > 6"),
                               "F1 clear"),
    "a mast too high": (lambda p: _change(p, "sites", "max_height_m = 3 WHERE id = 'G01'"), "where 3 m are allowed"),
    "a link gone": (lambda p: _change(p, "links", "status = 'rejected' WHERE from_site = 'G01' OR to_site = 'G01'"),
                    "hangs on no gateway"),
    "a tower forbidden": (lambda p: _change(p, "sites", "choice = 'forbidden' WHERE sectors != '[]'"), "is no tower"),
    "more hops": (lambda p: _rule(p, "rules", max_hops=1), "hops from its gateway"),
    "more sectors": (lambda p: _rule(p, "rules", max_sectors=1), "sectors"),
    "a home elsewhere": (lambda p: _change(p, "households", "server = 'G01' WHERE server != 'G01'"), "at G01"),
    "a sector full": (lambda p: _rule(p, "demand", contention=1.0), "is full to"),
    "more asked of a link": (lambda p: _rule(p, "demand", contention=2.0), "that its homes want"),
    "a sector turned": (lambda p: _sectors(p, lambda row: row.update(azimuth_deg=row["azimuth_deg"] + 180)),
                        "lies in no beam"),
    "more asked by a home": (lambda p: _rule(p, "demand", mbps_per_home=200.0), "gets"),
    "equal channels": (lambda p: _change(p, "links", "freq_mhz = 5310"), "share a channel"),
    "a channel of nobody": (lambda p: _change(p, "links", "freq_mhz = 4900"), "has no channel"),
    "another price": (lambda p: _outcome(p, capex=59_500.0), "it costs"),
    "a cost of less": (lambda p: _change(p, "sites", "build_cost = build_cost - 200"), "it costs"),
    "more homes": (lambda p: _outcome(p, served=150.0), "homes are served"),
    "fewer coverable": (lambda p: _outcome(p, coverable=140.0), "homes are coverable"),
    "a bound above": (lambda p: _outcome(p, lower_bound=70_000.0), "less than its bound"),
    "over the budget": (lambda p: _outcome(p, budget=20_000.0), "it costs more"),
    "no second way": (lambda p: _change(p, "sites", "two_ways = 1"), "falls silent with"),
    "a lock broken": (lambda p: _change(p, "sites", "choice = 'locked' WHERE mast_height_m IS NULL"),
                      "locked or built"),
    "trees": (lambda p: _rule(p, "area", canopy_m=30.0), "F1 clear"),
    "a wanted home": (lambda p: _change(p, "households", "priority = 'must' WHERE server IS NULL"),
                      "must be reached"),
}  # fmt: skip


@pytest.mark.parametrize("name", _SPOILED)
def test_the_checker_finds_what_is_wrong(valley, name):
    spoil, words = _SPOILED[name]
    spoil(valley)
    found = faults(valley, channels=True, coverable="coverable" in words or "must" in words)
    assert any(words in one for one in found), found
