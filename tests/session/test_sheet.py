"""What a user would miss: what stands in the way, read as people write it in each language of the window."""

from __future__ import annotations

import pytest

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


@pytest.mark.parametrize("text", ["", "tall trees", "13 m", "2.1 km", "13, 2.1"])
def test_half_of_it_is_not_made_up(text: str) -> None:
    assert read_obstacle(text) is None


def _residual_db(network: Project, key: str, towards: str, level_dbm: float, basis: LevelBasis) -> float:
    """Keep a sheet with the level that it shows, and return what the calibration would learn of it."""
    answers = SheetAnswers(date="2026-11-03", levels={towards: SheetLevel(level_dbm, 5500.0, basis)})
    plan = network.plan
    (row,) = sheet_edit(plan, visit_sheet(plan, key), answers).plan.measurements.values()
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
