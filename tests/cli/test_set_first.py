"""Commands that plan change settings first where they are told to: one edit, made only when all words were right."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from cn_planner.cli.main import app
from cn_planner.session.project import Project

EXAMPLE = Path(__file__).resolve().parents[2] / "resources" / "examples" / "andoain"


@pytest.fixture
def plan(tmp_path: Path) -> Path:
    shutil.copytree(EXAMPLE, tmp_path, dirs_exist_ok=True)
    return tmp_path / "andoain.cnplan.gpkg"


def run(*words: object) -> Result:
    return CliRunner().invoke(app, [str(word) for word in words])


def edits_of(plan: Path) -> int:
    """Return how many edits can be undone."""
    with Project.open(plan) as project:
        return project.history.done


@pytest.mark.parametrize("command", ["plan", "tradeoff", "savings", "growth"])
def test_each_command_that_plans_takes_settings_and_says_so(command: str, plan: Path) -> None:
    before = edits_of(plan)
    assert "--set" in run(command, "--help").output
    for words, status, said in (
        (["--set", "canopy_m"], 2, "not KEY=VALUE"),
        (["--set", "canpy_m=3"], 1, "There is no setting canpy_m"),
        (["--set", "canopy_m=tall"], 1, "tall"),
        (["--set", "sites.N999.choice=locked"], 1, "N999"),
    ):
        done = run(command, plan, *words)
        assert (done.exit_code, said in done.output) == (status, True), done.output
    assert edits_of(plan) == before


def test_settings_are_one_edit_before_the_plan_and_none_where_the_words_are_wrong(plan: Path) -> None:
    wrong = run("plan", plan, "--cover", "0.9", "--budget", "5000", "--set", "canopy_m=0")
    assert wrong.exit_code == 2
    with Project.open(plan) as project:
        assert project.plan.area.canopy_m is None
    done = run("plan", plan, "--set", "canopy_m=0", "--set", "sites.N016.choice=forbidden", "--cover", "0.5")
    assert done.exit_code == 0, done.output
    assert "Done: set canopy_m, sites.N016.choice." in done.output
    with Project.open(plan) as project:
        assert project.plan.area.canopy_m == 0.0
        assert project.plan.sites["N016"].choice.value == "forbidden"
        project.undo()
        project.undo()
        assert project.plan.area.canopy_m is None
        assert project.plan.sites["N016"].choice.value == "free"
