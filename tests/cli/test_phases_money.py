"""Money for a phase that no phase can keep is said, and so is which one."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path

from typer.testing import CliRunner, Result

from cn_planner.cli.main import app
from cn_planner.model import edits
from cn_planner.session.project import Project


def _phases(plan: Path, budget: float) -> tuple[Result, list[float]]:
    done = CliRunner().invoke(app, ["phases", str(plan), "--budget", f"{budget:.2f}", "--json"])
    assert done.exit_code == 0, done.output
    return done, [one["cost"] for one in json.loads(done.stdout)["phases"]]


def test_a_phase_that_takes_more_than_its_money_is_named(planned_sample: Callable[[float | None], Path]) -> None:
    (plan,) = planned_sample(None).glob("*.cnplan.gpkg")
    done, costs = _phases(plan, 1000.0)
    over = [n for n, cost in enumerate(costs, start=1) if cost > 1000.0]
    assert over
    assert [f"Phase {n} takes more than 1,000" in done.stderr for n in range(1, len(costs) + 1)] == [
        n in over for n in range(1, len(costs) + 1)
    ]
    assert "takes more" not in _phases(plan, sum(costs))[0].stderr


def test_a_phase_that_nothing_joins_to_a_gateway_is_named(
    planned_sample: Callable[[float | None], Path], tmp_path: Path
) -> None:
    (plan,) = shutil.copytree(planned_sample(None), tmp_path / "cut").glob("*.cnplan.gpkg")
    assert "reaches nobody" not in _phases(plan, 1e6)[0].stderr
    with Project.open(plan) as project:
        project.apply(edits.remove(project.plan, "links", [next(iter(project.plan.standing_links))]))
    done, costs = _phases(plan, 1e6)
    assert f"Phase {len(costs)} reaches nobody: nothing joins it to a gateway." in done.stderr
    assert [one["joined"] for one in json.loads(done.stdout)["phases"]] == [True] * (len(costs) - 1) + [False]
