"""More homes than are planned one by one: points for neighbours, and each home of them on its own path."""

from __future__ import annotations

import pytest

from cn_planner.area.sample import make_sample
from cn_planner.model.plan import Priority
from cn_planner.planning import grouped
from cn_planner.planning.grouped import as_points, points_of
from cn_planner.session.project import Project
from cn_planner.session.sample import open_sample
from tests.plan_file_checker import faults


def test_points_hold_every_home_once_and_none_that_must_be_reached_with_others():
    homes = make_sample().plan.households
    points = points_of(homes, few=50, most=30)
    assert points is not None
    assert sorted(home.id for group in points.members.values() for home in group) == sorted(homes)
    assert len([group for group in points.members.values() if group[0].priority is not Priority.MUST]) <= 30
    for key, group in points.members.items():
        assert key in {home.id for home in group}
        assert len(group) == 1 or all(home.priority is Priority.NORMAL for home in group)
        assert len({(home.kind, home.antenna_height_m, home.on_pole) for home in group}) == 1
        north = [home.latitude * 111_195.0 for home in group]
        assert max(north) - min(north) <= points.side_m
    whole = as_points(make_sample().plan, points)
    assert sum(home.weight for home in whole.households.values()) == sum(home.weight for home in homes.values())
    assert points_of(homes) is None


@pytest.fixture
def valley(tmp_path, monkeypatch):
    """The sample valley, whose homes are too many here."""
    monkeypatch.setattr(grouped, "_MOST_HOMES", 100)
    monkeypatch.setattr(points_of, "__defaults__", (100, 60))
    with open_sample(tmp_path) as project:
        yield project


def test_a_plan_of_points_keeps_every_rule_for_each_of_its_homes(valley: Project):
    """No home is promised what its own path or its sector does not give, and the notes say what the points cost."""
    found = valley.make_plan()
    said = " ".join(str(note) for note in found.notes)
    assert "looked at one by one" in said
    assert found.lower_bound is None
    assert found.served == sum(home.weight for home in valley.plan.households.values() if home.server is not None)
    assert found.served > 90
    assert len(found.unserved) + len([one for one in found.links if one.kind == "access"]) == 150
    assert faults(valley.path, channels=True) == []
