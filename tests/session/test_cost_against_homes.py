"""Cost against homes: a point is what its plan is once it is taken, on its own channels and with its second ways."""

from __future__ import annotations

from dataclasses import replace

import pytest

from cn_planner.model import edits
from cn_planner.session.cost_against_homes import cost_against_homes, proven_point
from cn_planner.session.network import completed
from cn_planner.session.project import Project


def test_no_point_counts_homes_that_the_channels_of_its_plan_silence(valley: Project) -> None:
    """Indonesia opens five channels: the search for a point knows nothing of them, and its radios drown each other."""
    plan = valley.plan
    plan = edits.remove(plan, "households", [key for n, key in enumerate(plan.households) if n % 6]).plan
    plan = replace(plan, info=replace(plan.info, country="ID"))
    snapshot = valley.workspace.snapshot(plan)
    curve = cost_against_homes(snapshot, points=2)
    assert curve.points
    assert [one.served for one in curve.points] == sorted(one.served for one in curve.points)
    for one in curve.points:
        taken = completed(snapshot, one.design)
        assert (taken.served, taken.capex) == (one.served, pytest.approx(one.capex, abs=0.005))
        assert one.served == sum(home.weight for home in taken.edit.plan.households.values() if home.server)
        assert one.lower_bound is None or one.lower_bound <= one.capex
    proven = proven_point(snapshot, curve, 0, time_limit_s=5.0)
    assert proven.points[0].capex <= curve.points[0].capex
    assert completed(snapshot, proven.points[0].design).served == proven.points[0].served
