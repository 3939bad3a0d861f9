"""The report says of each hamlet how many homes are reached, those with most left out first, and why."""

from __future__ import annotations

from dataclasses import replace

from deployment_example import example_deployment

from cn_planner.message import msg
from cn_planner.report.privacy import for_public
from cn_planner.report.tables import plan_table


def test_hamlets_are_counted_and_stay_out_of_what_is_public():
    plan = example_deployment()
    assert plan_table(plan, "hamlets").rows == ()
    home = plan.homes[0]
    far, near = msg("A hill stands in between."), msg("Too far.")
    homes = [replace(home, id=f"a{n}", hamlet="Dalt", reached=n < 2, weight=2.0, reason=None if n < 2 else far)
             for n in range(5)]  # fmt: skip
    homes += [replace(home, id="b0", hamlet="", reached=False, weight=1.0, reason=near)]
    rows = plan_table(replace(plan, homes=tuple(homes)), "hamlets").rows
    assert [(str(row[0]), *row[1:4], str(row[4])) for row in rows] == [
        ("Dalt", 10.0, 4.0, 6.0, str(far)),
        ("Outside of hamlets", 1.0, 0.0, 1.0, str(near)),
    ]
    assert plan_table(for_public(replace(plan, homes=tuple(homes)), 200.0), "hamlets").rows == ()
