"""What a user would miss: what stands in the way, read as people write it in each language of the window."""

from __future__ import annotations

import math

import pytest

from cn_planner.model import edits
from cn_planner.model.evidence import Seen
from cn_planner.model.plan import Plan, Site
from cn_planner.service.measured import measured_paths, without_calibration
from cn_planner.session.details import link_budget_of
from cn_planner.session.project import Project
from cn_planner.session.service import service_now
from cn_planner.session.sheet import SheetAnswers, SheetLevel, read_obstacle, sheet_edit, visit_sheet
from cn_planner.session.sheet_levels import LevelBasis, home_basis, link_basis


@pytest.mark.parametrize(
    ("text", "height_m", "away_m"),
    [
        ("eucalyptus, 13 m, 2.1 km", 13.0, 2100.0),
        ("13 m at 850 m", 13.0, 850.0),
        ("13m, 2,1km", 13.0, 2100.0),
        ("13 م، 2.1 كم", 13.0, 2100.0),
        ("١٣ م، ٢٫١ كم", 13.0, 2100.0),
        ("13 मी, 2.1 किमी", 13.0, 2100.0),
        ("१३ मी., 850 मी.", 13.0, 850.0),
    ],
)
def test_what_stands_in_the_way_is_read_in_each_language(text: str, height_m: float, away_m: float) -> None:
    assert read_obstacle(text) == (height_m, away_m)


@pytest.mark.parametrize("text", ["", "tall trees", "13 m", "2.1 km", "13, 2.1", "13 m, 2,100 m", "13 m, 1.250 km"])
def test_half_of_it_is_not_made_up(text: str) -> None:
    assert read_obstacle(text) is None


def _residual_db(network: Project, key: str, towards: str, level_dbm: float, basis: LevelBasis) -> float:
    """Keep a sheet with the level that it shows, and return what the calibration would learn of it."""
    answers = SheetAnswers(date="2026-11-03", levels={towards: SheetLevel(level_dbm, 5500.0, basis)})
    plan = network.plan
    (row,) = sheet_edit(
        plan, visit_sheet(plan, plan.sites.get(key) or plan.households[key]), answers
    ).plan.measurements.values()
    return row.level_dbm - float(measured_paths(without_calibration(network.snapshot().study), [row]).level_dbm[0])


def test_the_level_that_the_sheet_shows_teaches_nothing(network: Project) -> None:
    snapshot = network.snapshot()
    now = service_now(snapshot)
    homes = [key for key, number in now.homes.number.items() if now.works[number]][::40]
    assert len(homes) > 1
    for home in homes:
        level, site = float(now.level_dbm[now.homes.number[home]]), now.site_of(home)
        assert site is not None
        basis = home_basis(snapshot.study, now, network.plan.households[home])
        assert _residual_db(network, home, site, level, basis) == pytest.approx(0.0, abs=0.1)
    for link in network.plan.links.values():
        budget = link_budget_of(snapshot, link)
        assert budget is not None
        ends = (link.from_site, link.to_site, budget.rsl_from_dbm), (link.to_site, link.from_site, budget.rsl_to_dbm)
        for here, there, shown in ends:
            assert shown is not None
            basis = link_basis(snapshot.study, link, budget, here)
            assert _residual_db(network, here, there, shown, basis) == pytest.approx(0.0, abs=0.1)


HERE, TOWER = Site("A", "", -1.4, 36.5), Site("T", "", -1.3, 36.5)


def test_a_second_sheet_of_a_day_adds_to_the_first() -> None:
    plan = edits.put(Plan(), [HERE, TOWER]).plan
    one = SheetAnswers(who="Asha", date="2026-11-03", looks={"T": (Seen.TREES, "tall")}, photos={"T": ("a", "b")},
                       from_height_m=4.0, note="dogs")  # fmt: skip
    two = SheetAnswers(date="2026-11-03", photos={"T": ("b", "c")})
    for answers in (one, two):
        plan = sheet_edit(plan, visit_sheet(plan, HERE), answers).plan
    line, own = plan.evidence["seen:A:T:2026-11-03"], plan.evidence["seen:A:2026-11-03"]
    assert (line.seen, line.what, line.who, line.from_height_m) == (Seen.TREES, "tall", "Asha", 4.0)
    assert line.photos == "a b c"
    assert own.note == "dogs"
    three = SheetAnswers(date="2026-11-03", looks={"T": (Seen.CLEAR, "felled")})
    line = sheet_edit(plan, visit_sheet(plan, HERE), three).plan.evidence[line.id]
    assert (line.seen, line.what, line.who) == (Seen.CLEAR, "felled", "Asha")


def test_a_tree_stands_in_the_line_from_where_somebody_stood() -> None:
    plan = edits.put(Plan(), [HERE, TOWER]).plan
    answers = SheetAnswers(date="2026-11-03", place=(-1.4, 36.52), looks={"T": (Seen.TREES, "13 m, 2 km")})
    (tree,) = sheet_edit(plan, visit_sheet(plan, HERE), answers).plan.obstacles.values()
    # On a map of equal angles so near the equator the line is straight.
    share = 2000.0 / math.hypot(0.1 * 110_574.0, 0.02 * 111_290.0)
    assert (tree.latitude, tree.longitude) == pytest.approx((-1.4 + 0.1 * share, 36.52 - 0.02 * share), abs=2e-5)
