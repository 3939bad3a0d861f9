"""The report says of each hamlet how many homes are reached, those with most left out first, and why."""

from __future__ import annotations

import csv
from dataclasses import replace
from pathlib import Path

from deployment_example import example_deployment

from cn_planner.export.csv_files import write_csv
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


def test_half_a_home_of_a_hamlet_is_half_a_home(tmp_path: Path):
    """A hamlet of 3.5 homes had "4" reached and "0" left out in tables and spreadsheets."""
    home = example_deployment().homes[0]
    homes = (replace(home, id="a", hamlet="Dalt", reached=True, weight=3.0),
             replace(home, id="b", hamlet="Dalt", reached=False, weight=0.5))  # fmt: skip
    plan = replace(example_deployment(), homes=homes)
    write_csv(plan, tmp_path)
    with (tmp_path / "hamlets.csv").open(encoding="utf-8-sig", newline="") as file:
        (row,) = csv.DictReader(file)
    assert [float(row[name]) for name in ("weight", "reached", "left_out")] == [3.5, 3.0, 0.5]
