"""What people saw outranks what is predicted, in lists, single paths and the planner's tables alike, and it ages."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from cn_planner.coverage.matrix import pair_matrix
from cn_planner.geo import destination
from cn_planner.links.budget import link_budget
from cn_planner.links.conditions import home_conditions_of, link_conditions_of
from cn_planner.links.radio import standard_end
from cn_planner.links.seen import lines_seen
from cn_planner.links.verdict import Verdict
from cn_planner.model import edits
from cn_planner.model.clients import who_refused
from cn_planner.model.evidence import Evidence, Seen, Visit, evidence_id, line_seen, newest
from cn_planner.model.plan import Household, Link, Plan, Sector, Site, Status
from cn_planner.planning.home_rows import home_rows
from cn_planner.service.homes import HomeService, service
from cn_planner.session.check import _seen_long_ago
from cn_planner.session.check_seen import links_seen_closed
from cn_planner.session.project import Project
from cn_planner.session.sheet import SheetAnswers, sheet_edit, visit_sheet
from cn_planner.study import Study
from cn_planner.terrain.profile import path_profile

if TYPE_CHECKING:
    from pathlib import Path

KIT = "village-sector-5ghz"
MAST_M = 24.0


@pytest.fixture(scope="module")
def study(sample_folder: Path) -> Study:
    """The gateway of the sample as its only tower, no trees assumed, and its homes; the ground is the sample's."""
    with Project.open(next(sample_folder.glob("*.cnplan.gpkg"))) as project:
        snapshot = project.snapshot()
        plan = snapshot.plan
        top = plan.sites["G01"]
        sectors = tuple(Sector(f"s{n}", KIT, float(azimuth)) for n, azimuth in enumerate((0, 90, 180, 270)))
        plan = edits.put(plan, [replace(top, mast_height_m=MAST_M, sectors=sectors)]).plan
        rules = replace(plan.rules, max_access_km=6.0)
        area = replace(plan.area, canopy_m=0.0)
        plan = replace(plan, rules=rules, area=area, info=replace(plan.info, name=top.id))
        return replace(snapshot.study, plan=plan)


def tower(study: Study) -> Site:
    return study.plan.sites[study.plan.info.name]


def judged(study: Study, plan: Plan, home: str) -> HomeService:
    return service(replace(study, plan=plan), only=[home])[0]


@pytest.fixture(scope="module")
def by_verdict(study: Study) -> dict[Verdict, Household]:
    """A home of each verdict, as predicted."""
    found: dict[Verdict, Household] = {}
    for one in service(study, only=list(study.plan.households)):
        if one.verdict is not None and one.budget is not None and one.budget.distance_m > 500.0:
            found.setdefault(one.verdict, study.plan.households[one.home])
    return found


def saw(
    plan: Plan, about: str, towards: str, seen: Seen, *, day: str = "2026-11-03", height_m: float | None = None
) -> Plan:
    here = plan.sites.get(about) or plan.households[about]
    there = plan.sites.get(towards) or plan.households[towards]
    row = Evidence(
        evidence_id(about, towards, day), about, towards, seen, who="A. Vega", date=day, from_height_m=height_m,
        from_latitude=here.latitude, from_longitude=here.longitude, to_latitude=there.latitude,
        to_longitude=there.longitude,
    )  # fmt: skip
    return edits.put(plan, [row]).plan


def test_a_home_that_was_seen_hidden_or_behind_trees_is_not_promised(
    study: Study, by_verdict: dict[Verdict, Household]
) -> None:
    home = by_verdict[Verdict.LIKELY].id
    assert judged(study, study.plan, home).works
    for seen, verdict in ((Seen.HIDDEN, Verdict.BLOCKED), (Seen.TREES, Verdict.CHECK_ON_SITE)):
        for ends in ((home, tower(study).id), (tower(study).id, home)):
            now = judged(study, saw(study.plan, *ends, seen), home)
            assert now.verdict is verdict
            assert not now.works
            assert now.budget is not None
            assert now.budget.verdict is verdict, "the list and the single path say the same"
            assert "A. Vega, 2026-11-03" in str(now.reason)
            assert "The map says" in str(now.reason)


def test_a_path_that_was_seen_clear_counts_as_clear(study: Study, by_verdict: dict[Verdict, Household]) -> None:
    home = next(by_verdict[one] for one in (Verdict.CHECK_ON_SITE, Verdict.BLOCKED) if one in by_verdict)
    assert not judged(study, study.plan, home.id).works
    plan = saw(study.plan, home.id, tower(study).id, Seen.CLEAR)
    now = judged(study, plan, home.id)
    assert now.verdict is Verdict.LIKELY
    assert now.works
    # No loss but that of free space, by the formula of P.525 written out here.
    before = judged(study, study.plan, home.id)
    assert now.budget is not None
    assert before.budget is not None
    assert now.level_dbm is not None
    assert before.level_dbm is not None
    free = 32.45 + 20 * np.log10(now.budget.distance_m / 1000.0) + 20 * np.log10(5560.0)
    assert before.budget.losses.total_db is not None
    assert before.budget.losses.total_db > free
    assert now.level_dbm > before.level_dbm


def test_the_newest_look_counts_whoever_looked_from_where(study: Study, by_verdict: dict[Verdict, Household]) -> None:
    home = by_verdict[Verdict.LIKELY].id
    plan = saw(study.plan, home, tower(study).id, Seen.HIDDEN, day="2026-11-03")
    plan = saw(plan, tower(study).id, home, Seen.CLEAR, day="2026-12-01")
    assert judged(study, plan, home).works
    assert not judged(study, saw(plan, home, tower(study).id, Seen.HIDDEN, day="2027-01-01"), home).works


def test_a_look_from_the_ground_says_nothing_bad_of_a_mast_and_nothing_good_of_what_is_lower(
    study: Study, by_verdict: dict[Verdict, Household]
) -> None:
    home = by_verdict[Verdict.LIKELY].id
    assert judged(study, saw(study.plan, tower(study).id, home, Seen.HIDDEN, height_m=2.0), home).works
    assert not judged(study, saw(study.plan, tower(study).id, home, Seen.HIDDEN, height_m=MAST_M), home).works
    bad = next(by_verdict[one] for one in (Verdict.CHECK_ON_SITE, Verdict.BLOCKED) if one in by_verdict).id
    assert not judged(study, saw(study.plan, tower(study).id, bad, Seen.CLEAR, height_m=30.0), bad).works
    assert judged(study, saw(study.plan, tower(study).id, bad, Seen.CLEAR, height_m=2.0), bad).works


def test_what_was_seen_of_another_place_does_not_count(study: Study, by_verdict: dict[Verdict, Household]) -> None:
    home = by_verdict[Verdict.LIKELY]
    plan = saw(study.plan, home.id, tower(study).id, Seen.HIDDEN)
    for metres, counts in ((30.0, True), (80.0, False)):
        place = destination(home.latitude, home.longitude, 90.0, metres)
        moved = replace(home, latitude=place[0], longitude=place[1])
        now = judged(study, edits.put(plan, [moved]).plan, home.id)
        assert ("A. Vega" in str(now.reason)) == counts


def test_links_between_towers_and_the_planners_table_take_it_too(study: Study) -> None:
    plan, here = study.plan, tower(study)
    other = next(one for one in plan.sites.values() if one.id != here.id)
    profile = path_profile(study.surface, (here.latitude, here.longitude), (other.latitude, other.longitude))
    for seen, chance in ((Seen.HIDDEN, 0.0), (Seen.CLEAR, 0.97)):
        now = saw(plan, other.id, here.id, seen)
        one = link_budget(profile, MAST_M, MAST_M, None, None, 5560.0, conditions=link_conditions_of(now))
        assert one.verdict is (Verdict.BLOCKED if seen is Seen.HIDDEN else Verdict.LIKELY)
        assert one.seen is not None
        table = pair_matrix(
            study.surface, ([here.latitude], [here.longitude]), ([other.latitude], [other.longitude]), [6.0, MAST_M],
            [MAST_M], 5560.0, home_conditions_of(now), pairs=(np.array([0]), np.array([0])),
        )  # fmt: skip
        assert table.chance[0, :, 0].sum(axis=-1) == pytest.approx([chance, chance], abs=0.031)


def test_the_words_are_the_maps_own_the_fix_is_there_and_the_figures_add_up(
    study: Study, by_verdict: dict[Verdict, Household]
) -> None:
    home = by_verdict[Verdict.LIKELY].id
    before = judged(study, study.plan, home).budget
    assert before is not None
    for seen in (Seen.TREES, Seen.HIDDEN):
        now = judged(study, saw(study.plan, home, tower(study).id, seen), home).budget
        assert now is not None
        assert str(now.explanation).endswith(f"The map says: {before.explanation}")
        assert now.fix is not None
        assert now.probability_clear == 0.0
    bad = next(by_verdict[one] for one in (Verdict.CHECK_ON_SITE, Verdict.BLOCKED) if one in by_verdict).id
    before = judged(study, study.plan, bad).budget
    now = judged(study, saw(study.plan, bad, tower(study).id, Seen.CLEAR), bad).budget
    assert now is not None
    assert before is not None
    assert str(now.explanation).endswith(f"The map says: {before.explanation}")
    assert now.fix is None
    loss = now.losses
    parts = (loss.free_space_db, loss.diffraction_db, loss.vegetation_db, loss.gas_db, loss.rain_db)
    assert loss.total_db == pytest.approx(sum(one or 0.0 for one in parts), abs=0.01)
    assert now.rsl_to_dbm is not None
    assert before.rsl_to_dbm is not None
    assert before.losses.total_db is not None
    assert now.power_from_dbm is not None
    assert before.power_from_dbm is not None
    radios = [one.rsl_to_dbm - one.power_from_dbm + one.losses.total_db for one in (now, before)]
    assert radios[0] == pytest.approx(radios[1], abs=1e-6)


def test_a_look_does_not_clear_the_air(study: Study) -> None:
    """At 60 GHz oxygen takes some 15 dB a kilometre (P.676, figure 5): no eye sees it."""
    plan, here = study.plan, tower(study)
    other = next(one for one in plan.sites.values() if one.id != here.id)
    ends = (here.latitude, here.longitude), (other.latitude, other.longitude)
    profile, now = path_profile(study.surface, *ends), saw(plan, other.id, here.id, Seen.CLEAR)
    ((loss,),) = pair_matrix(
        study.surface, *(([lat], [lon]) for lat, lon in ends), [MAST_M], [MAST_M], 60480.0, home_conditions_of(now),
        pairs=(np.array([0]), np.array([0])),
    ).loss_db[0]  # fmt: skip
    km = profile.length_m / 1000.0
    free = 32.45 + 20 * np.log10(km) + 20 * np.log10(60480.0)
    assert 12.0 < (loss - free) / km < 18.0
    radio = standard_end(20.0, 40.0)
    one = link_budget(profile, MAST_M, MAST_M, radio, radio, 60480.0, conditions=link_conditions_of(now))
    assert one.seen is not None
    assert one.rsl_to_dbm == pytest.approx(100.0 - loss, abs=0.2)


def test_nothing_is_to_be_bought_for_who_refused(study: Study, by_verdict: dict[Verdict, Household]) -> None:
    home = next(by_verdict[one] for one in (Verdict.CHECK_ON_SITE, Verdict.BLOCKED) if one in by_verdict)
    assert home_rows(study, [home.id])[0].fix is not None
    visit = Evidence("e", home.id, visit=Visit.REFUSED, date="2026-11-03")
    plan = edits.put(study.plan, [who_refused(home), visit]).plan
    (row,) = home_rows(replace(study, plan=plan), [home.id])
    assert row.fix is None
    assert row.fix_cost is None
    assert str(row.reason) == "It is planned without it."
    agreed = edits.put(plan, [home, replace(visit, id="f", visit=Visit.VISITED, date="2026-12-03")]).plan
    assert home_rows(replace(study, plan=agreed), [home.id])[0].fix is not None


def test_it_is_asked_again_after_so_many_months() -> None:
    row = Evidence("a", "T1", "T2", Seen.CLEAR, date="2026-11-30")
    assert row.look_again(24.0) == date(2028, 11, 28)
    assert row.look_again(3.0) == date(2027, 2, 28)
    assert replace(row, date="yesterday").look_again(24.0) is None


def test_what_was_seen_long_ago_is_asked_again_and_counts_until_then() -> None:
    rows = [
        Evidence("a", "T1", "T2", Seen.CLEAR, date="2024-01-01"),
        Evidence("b", "T3", "T2", Seen.TREES, date="2024-06-01"),
        Evidence("c", "T2", "T3", Seen.CLEAR, date="2026-01-01"),
        Evidence("d", "T1", "T3", date="2020-01-01"),
    ]
    sites = [Site(f"T{n}", "", 1.0 + n, 36.0) for n in (1, 2, 3)]
    plan = edits.put(Plan(), [*rows, *sites]).plan
    for day, said in ((date(2025, 12, 31), 0), (date(2026, 1, 1), 1), (date(2028, 2, 1), 2)):
        found = list(_seen_long_ago(plan, day))
        assert len(found) == min(said, 1)
        assert all("T1 – T2, 2024-01-01" in str(one.what) for one in found)
        assert said < 2 or "2 lines" in str(found[0].what)


def test_a_link_that_was_seen_closed_is_a_problem_of_the_plan() -> None:
    """All homes behind it stayed reached, and only the papers spoke of it."""
    ends = [Site(f"T{n}", f"Hill {n}", 1.0 + n / 50, 36.0, mast_height_m=6.0 + n) for n in (1, 2)]
    plan = edits.put(Plan(), [*ends, Link("L", "T1", "T2")]).plan
    look = Evidence("e", "T2", "T1", Seen.HIDDEN, who="Ana", date="2026-11-20")

    def told(*rows: Any) -> list[str]:
        return [str(one.what) for one in links_seen_closed(edits.put(plan, rows).plan)]

    assert told() == []
    hidden = (
        "The link Hill 1–Hill 2 was seen hidden on site (Ana, 2026-11-20): homes with no other way do not count as "
    )
    assert told(look) == [hidden + "reached."]
    (trees,) = told(replace(look, seen=Seen.TREES, about_id="T1", towards="T2"))
    assert trees == "Trees were seen along the link Hill 1–Hill 2 (Ana, 2026-11-20): measure before it is built."
    assert told(replace(look, from_height_m=8.0)), "its antenna stands no higher than the eye"
    assert told(replace(look, from_height_m=7.5)) == [], "from above it may be clear"
    assert told(replace(look, seen=Seen.CLEAR)) == []
    assert told(look, replace(look, id="f", seen=Seen.CLEAR, date="2026-12-01")) == [], "the newest counts"
    assert told(look, replace(ends[0], mast_height_m=None)) == [], "it is not in the network"
    assert told(look, Link("L", "T1", "T2", status=Status.BUILT)) == [], "it is in use"


def test_it_is_not_asked_again_of_what_counts_for_nothing() -> None:
    row = Evidence("a", "T1", "T2", Seen.CLEAR, date="2024-01-01", from_latitude=1.0, from_longitude=36.0)
    towers = [Site("T1", "", 1.0, 36.0), Site("T2", "", 1.1, 36.0)]
    day = date(2028, 1, 1)
    assert list(_seen_long_ago(edits.put(Plan(), [row, *towers]).plan, day))
    assert not list(_seen_long_ago(edits.put(Plan(), [row, towers[0]]).plan, day)), "T2 is gone"
    moved = replace(towers[0], latitude=1.01)
    assert not list(_seen_long_ago(edits.put(Plan(), [row, moved, towers[1]]).plan, day)), "it was seen elsewhere"


def test_a_home_and_a_site_of_one_id_are_two_things() -> None:
    home, site, far = Household("7", "", 1.0, 36.0), Site("7", "", 1.05, 36.0), Site("T", "", 1.1, 36.0)
    plan = edits.put(Plan(), [home, site, far]).plan
    assert visit_sheet(plan, home).thing is home
    assert visit_sheet(plan, site).thing is site
    for thing, seen in ((home, Seen.HIDDEN), (site, Seen.CLEAR)):
        answers = SheetAnswers(date="2026-11-03", looks={"T": (seen, "")})
        plan = sheet_edit(plan, visit_sheet(plan, thing), answers).plan
    lines = {line.first: line.seen for line in lines_seen(plan)}
    assert lines == {(1.0, 36.0): "hidden", (1.05, 36.0): "clear"}


def test_of_a_place_the_newest_of_each_line_stands() -> None:
    old = Evidence("a", "T1", "T2", Seen.CLEAR, date="2026-01-01")
    new = Evidence("b", "T1", "T2", Seen.TREES, date="2026-02-01")
    back = Evidence("c", "T2", "T1", Seen.HIDDEN, date="2026-03-01")
    unsure = Evidence("d", "T1", "T2", date="2026-04-01")
    assert newest([new, old, back], "T1") == {"T2": new}
    assert line_seen([old, new, back, unsure], "T1", "T2") is back
