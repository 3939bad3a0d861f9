"""More homes than are planned one by one: points for neighbours, and each home of them on its own path."""

from __future__ import annotations

import math

import pytest

from cn_planner.area.sample import make_sample
from cn_planner.errors import CancelledError
from cn_planner.model.plan import Priority
from cn_planner.planning.as_many import bound_basis, bounded_for_as_many, least_for_as_many
from cn_planner.planning.design import always
from cn_planner.planning.grouped import bounded, design_for, problem_for
from cn_planner.planning.home_points import as_points, points_of
from cn_planner.planning.tradeoff import tradeoff
from cn_planner.progress import CancelToken, Run
from cn_planner.session.project import Project
from cn_planner.session.sample import open_sample
from tests.plan_file_checker import faults


def test_points_hold_every_home_once_and_none_that_must_be_reached_with_others():
    plan = make_sample().plan
    homes = plan.households
    points = points_of(plan, few=50, most=30)
    assert points is not None
    assert sorted(home.id for group in points.members.values() for home in group) == sorted(homes)
    assert len([group for group in points.members.values() if group[0].priority is not Priority.MUST]) <= 30
    for key, group in points.members.items():
        assert key in {home.id for home in group}
        assert len(group) == 1 or all(home.priority is Priority.NORMAL for home in group)
        assert len({(home.kind, home.antenna_height_m, home.on_pole) for home in group}) == 1
        north = [home.latitude * 111_195.0 for home in group]
        assert max(north) - min(north) <= points.side_m
    whole = as_points(plan, points)
    assert sum(home.weight for home in whole.households.values()) == sum(home.weight for home in homes.values())
    assert points_of(plan) is None


@pytest.fixture
def valley(tmp_path, monkeypatch):
    """The sample valley, whose homes are too many here."""
    monkeypatch.setattr(points_of, "__defaults__", (100, 60))
    with open_sample(tmp_path) as project:
        yield project


def test_a_plan_of_points_keeps_every_rule_for_each_of_its_homes(valley: Project):
    """No home is promised what its own path or its sector does not give, and the notes say what the points cost."""
    found = valley.make_plan()
    said = " ".join(str(note) for note in found.notes)
    assert "Looked at one by one" in said
    assert "planning points in place of homes" in said
    assert 0.0 < found.lower_bound <= found.capex
    assert found.gap == pytest.approx(1.0 - found.lower_bound / found.capex)
    outcome = valley.plan.outcome
    assert (outcome.lower_bound, outcome.gap) == (found.lower_bound, found.gap)
    # Home by home no plan that serves as many is known to cost less than the bound.
    assert found.lower_bound > 0.8 * found.capex
    assert found.served == sum(home.weight for home in valley.plan.households.values() if home.server is not None)
    assert found.served > 90
    assert len(found.unserved) + len([one for one in found.links if one.kind == "access"]) == 150
    assert faults(valley.path, channels=True) == []


def test_a_cancel_ends_each_stage_of_a_plan_of_points(valley: Project):
    """Nobody waits for 100,000 homes after pressing Cancel, and no plan stays whose homes nobody has looked at."""
    at = valley.snapshot()
    problem, homes = problem_for(at.study, cover=0.5)
    assert homes is not None
    jobs = (
        lambda run: problem_for(at.study, run=run),
        lambda run: tradeoff(at.study, points=2, run=run),
    )
    for job in jobs:
        with pytest.raises(CancelledError):
            job(_cancelled_at_once())
    # Once there is a plan of points it is kept, and is one of homes.
    stop = CancelToken()

    def once_found(_done: float, doing: object = None) -> None:
        if "Writing" in str(doing):
            stop.cancel()

    kept = design_for(problem, homes, run=Run(progress=once_found, cancel=stop))
    assert stop.cancelled
    assert 0.0 < kept.served == sum(one.weight for one in kept.edit.plan.households.values() if one.server is not None)
    assert kept.lower_bound is None
    of_points = design_for(problem, None)
    with pytest.raises(CancelledError):
        homes.seen(of_points, 0.5, run=_cancelled_at_once())
    found = homes.seen(of_points, 0.5)
    # A plan that is there already comes back without a bound.
    assert bounded(found, of_points, homes, run=_cancelled_at_once()).lower_bound is None
    assert bounded(found, of_points, homes).lower_bound is not None


def test_homes_of_points_are_bounded_for_as_many_as_a_plan_reaches(valley: Project):
    """Each by itself, in its own direction: with no programme it is as good as that of groups, or nearly."""
    problem, homes = problem_for(valley.snapshot().study, cover=0.6)
    found = design_for(problem, homes, prove=False, fixes=False)
    assert found.lower_bound is None
    basis = bound_basis(problem, homes)
    told = bounded_for_as_many(found, basis, math.inf)
    proven = bounded(found, found, homes)
    assert 0.8 * proven.lower_bound < told.lower_bound <= found.value
    assert told.gap == pytest.approx(1.0 - told.lower_bound / found.value)
    served = [key for key, home in found.edit.plan.households.items() if home.server is not None]
    half = least_for_as_many(basis, set(served[::2]))
    assert 0.0 < half < told.lower_bound - always(problem)


def _cancelled_at_once():
    """Return a run that is cancelled as soon as it is told anything."""
    stop = CancelToken()
    return Run(progress=lambda _done, _doing=None: stop.cancel(), cancel=stop)


def test_cost_against_homes_of_points_counts_homes(valley: Project):
    at = valley.snapshot()
    found = tradeoff(at.study, points=2)
    assert found.complete
    assert [one.served for one in found.points] == sorted(one.served for one in found.points)
    for one in found.points:
        homes = one.design.edit.plan.households
        assert len(homes) == 150
        assert one.served == sum(home.weight for home in homes.values() if home.server is not None)
    assert found.points[0].served >= 0.5 * found.coverable
