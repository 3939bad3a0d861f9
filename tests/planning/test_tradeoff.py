"""Cost against homes: every point is a plan that keeps what it says, and no point beats another."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise

import pytest

from cn_planner.economics.costs import capital
from cn_planner.economics.opex import monthly_cost
from cn_planner.errors import CancelledError, InputError
from cn_planner.message import msg
from cn_planner.model.items import Items
from cn_planner.planning.design import design
from cn_planner.planning.kept_choices import keep_choices
from cn_planner.planning.result import Design, inputs_of, most_saved_pct
from cn_planner.planning.tradeoff import prove_point, tradeoff
from cn_planner.progress import CancelToken, Run
from cn_planner.storage.catalogue import load_catalogue
from cn_planner.study import Study


@pytest.fixture(scope="module")
def valley(sample_ground):
    """The sample valley with a third of its homes, all of its hamlets: twelve plans of it take a few seconds."""
    plan, surface = sample_ground
    some = [home for n, home in enumerate(plan.households.values()) if n % 3 == 0]
    return replace(plan, households=Items(some)), surface, load_catalogue()


@pytest.fixture(scope="module")
def curve(valley):
    handed = []
    found = tradeoff(Study(*valley), partial=handed.append)
    return found, handed


def test_there_are_ten_points_and_more_homes_always_cost_more(curve):
    found, _ = curve
    assert found.complete
    assert len(found.points) >= 10
    served, capex = [one.served for one in found.points], [one.capex for one in found.points]
    assert served == sorted(set(served))
    assert capex == sorted(set(capex))
    assert served[-1] == found.coverable


def test_every_point_is_a_whole_plan_with_that_cost_and_those_homes(valley, curve):
    for one in curve[0].points:
        plan = one.design.edit.plan
        assert capital(plan, valley[2]).total.total == pytest.approx(one.capex)
        assert sum(home.weight for home in plan.households.values() if home.server) == one.served
        assert one.lower_bound <= one.capex + 1e-6
        assert one.sites == len(plan.used_sites)


def test_what_a_further_home_costs_is_the_slope(curve):
    points = curve[0].points
    assert points[0].more_each is None
    for before, one in pairwise(points):
        assert one.more_each == pytest.approx((one.capex - before.capex) / (one.served - before.served))


def test_the_last_point_is_what_the_planner_finds_for_all(valley, curve):
    """The curve and `plan --cover 1` are one planner: the same cost, and the bound of either holds for the other."""
    whole = design(Study(*valley), cover=1.0)
    assert curve[0].points[-1].capex == pytest.approx(whole.capex)
    assert whole.lower_bound <= curve[0].points[-1].capex + 1e-6


def test_points_are_handed_over_as_they_are_found(curve):
    found, handed = curve
    assert [len(one.points) for one in handed] == sorted(len(one.points) for one in handed)
    assert not handed[0].complete
    assert handed[0].points[0].capex == found.points[0].capex


def test_a_cancel_keeps_the_points_so_far_and_says_that_they_are_not_all(valley):
    cancel = CancelToken()
    found = tradeoff(
        Study(*valley), partial=lambda one: cancel.cancel() if len(one.points) == 3 else None, run=Run(cancel=cancel)
    )
    assert len(found.points) == 3
    assert not found.complete


def test_a_cancel_before_the_first_point_is_one(valley):
    cancel = CancelToken()
    cancel.cancel()
    with pytest.raises(CancelledError):
        tradeoff(Study(*valley), run=Run(cancel=cancel))


@pytest.mark.parametrize("cut", [False, True])
def test_a_point_is_proven_further_and_a_cancel_keeps_what_was_known(valley, curve, cut):
    """Here the point has no bound yet, and the plan of the next one: dearer than need be."""
    points, token = curve[0].points, CancelToken()
    dear = replace(points[4].design, lower_bound=None, gap=None)
    before = replace(points[3], capex=dear.capex, served=dear.served, lower_bound=None, gap=None, design=dear)
    given = replace(curve[0], points=(*points[:3], before, *points[5:]))

    def watch(done: float, _doing: object = None) -> None:
        if cut and done > 0.2:  # paths have been looked at
            token.cancel()

    found = prove_point(Study(*valley, None), given, 3, run=Run(progress=watch, cancel=token))
    assert [one.capex for one in found.points if one.share != before.share] == [
        one.capex for one in given.points if one.share != before.share
    ]
    one = next(one for one in found.points if one.share == before.share)
    if cut:
        assert one.design is dear
    else:
        assert one.capex == pytest.approx(points[3].capex)
        assert one.lower_bound == pytest.approx(points[3].lower_bound)
        assert one.design.edit.plan.outcome.lower_bound == one.lower_bound


def test_a_bound_that_is_found_goes_to_the_cheaper_plan_that_was_there(valley, curve):
    point = curve[0].points[3]
    plain = replace(point, lower_bound=None, gap=None, design=replace(point.design, lower_bound=None, gap=None))
    found = prove_point(Study(*valley, None), replace(curve[0], points=(plain,)), 0).points[0]
    assert found.design.sites == point.design.sites
    assert (found.lower_bound, found.gap) == (point.lower_bound, point.gap)
    assert found.design.edit.plan.outcome.gap == found.gap


@pytest.mark.parametrize("points", [-1, 0, 1, 101])
def test_a_number_of_points_that_is_no_curve_is_refused(valley, points):
    with pytest.raises(InputError, match="no curve"):
        tradeoff(Study(*valley), points=points)


def test_what_is_kept_for_papers_is_the_curve_with_what_its_networks_cost_a_month(valley, curve):
    plan = valley[0]
    edit = keep_choices(plan, valley[2], curve[0])
    kept = edit.plan.choices
    assert [(one.homes, one.towers, one.cost) for one in kept.rows] == [
        (one.served, one.sites, one.capex) for one in curve[0].points
    ]
    for row, point in zip(kept.rows, curve[0].points, strict=True):
        whole = point.design.edit.plan
        assert row.month == pytest.approx(monthly_cost(whole, valley[2], point.capex).total)
        with_homes = {home.server for home in whole.households.values() if home.server is not None}
        assert row.months == plan.costs.phase_months * min(plan.costs.phases, len(with_homes))
    assert kept.basis == inputs_of(plan) == inputs_of(curve[0].points[-1].design.edit.plan)
    with pytest.raises(InputError, match="No plan was found"):
        keep_choices(plan, valley[2], replace(curve[0], points=()))


@pytest.mark.parametrize(
    ("gap", "pct"), [(0.0, 0.0), (1e-9, 0.0), (0.0003, 0.1), (0.001, 0.1), (0.047, 4.7), (0.0474, 4.8), (1.0, 100.0)]
)
def test_what_could_be_saved_at_most_is_never_said_to_be_less(gap: float, pct: float) -> None:
    assert most_saved_pct(gap) == pytest.approx(pct)


def test_a_clock_that_ends_the_first_plan_leaves_a_curve_without_points(valley) -> None:
    def no_time(_share: float, _run: Run) -> Design:
        raise CancelledError(msg("Ended."))

    found = tradeoff(Study(*valley), points=3, plan_at=no_time)
    assert (found.points, found.complete) == ((), False)
