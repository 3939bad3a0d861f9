"""A first plan by real mouse and keys, on a screen with a window manager; the window in other shapes and looks.

The pictures of each step are kept in the folder that the environment variable ``CN_PLANNER_PICTURES`` names, else in
the test's own.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE))

from screen import missing, screen  # noqa: E402
from walk_steps import STEPS  # noqa: E402

from cn_planner.session.engine import make_engine_ready  # noqa: E402

MOST_CLICKS = 5
CLICKS_TO_A_PLAN = 6  # as docs/new-user.md says
SHAPES = {
    "1": ["small:1280x720:contrast:en", "arabic:1440x900:dark:ar"],
    "2": ["double:1600x900:light:en"],
}  # fmt: skip
"""By the scale of the screen: one process each, a window after the other. Each size, look and direction comes once."""

pytestmark = pytest.mark.skipif(
    not sys.platform.startswith("linux") or bool(missing()), reason=f"programs that are missing: {', '.join(missing())}"
)


class Walk:
    """What the walk told, step by step."""

    def __init__(self, lines: list[str], log: str) -> None:
        told = [json.loads(line) for line in lines if line.startswith("{")]
        self.steps = {row["step"]: row for row in told if "step" in row}
        last = told[-1] if told else {}
        self.facts: dict[str, Any] = last.get("facts", {})
        self.warned: list[str] = last.get("warned", [f"it did not come to its end:\n{log}"])


@pytest.fixture
def pictures(tmp_path: Path) -> Path:
    """The folder of the pictures."""
    named = os.environ.get("CN_PLANNER_PICTURES")
    folder = Path(named) if named else tmp_path / "pictures"
    folder.mkdir(parents=True, exist_ok=True)
    return folder


def person(folder: Path) -> dict[str, str]:
    """Return the environment of a person who has never run the program, with a home of their own."""
    home = folder / "home"
    home.mkdir(exist_ok=True)
    kept = {key: value for key, value in os.environ.items() if not key.startswith(("QT_", "XDG_"))}
    # What was compiled once is kept, as it is at a person's second start.
    cache = os.environ.get("XDG_CACHE_HOME", str(Path.home() / ".cache"))
    return kept | {
        "HOME": str(home),
        "XDG_CONFIG_HOME": str(home / ".config"),
        "XDG_CACHE_HOME": cache,
        "LC_ALL": "C.UTF-8",
    }


def run(program: str, folder: Path, words: list[str], environment: dict[str, str]) -> tuple[list[str], str]:
    """Run one of the programs beside this file; return what it told, and its complaints."""
    done = subprocess.run(
        [sys.executable, str(HERE / program), *words],
        cwd=folder, env=environment, capture_output=True, text=True, check=False, timeout=900,
    )  # fmt: skip
    return done.stdout.splitlines(), done.stderr


def test_a_first_plan_by_hand(tmp_path: Path, shared_data: Path, pictures: Path) -> None:
    make_engine_ready()  # as at a second start: the hand waits for what is computed, not for the compiler
    with screen(tmp_path) as shown:
        words = ["--data", str(shared_data), "--pictures", str(pictures), "--folder", str(tmp_path)]
        lines, log = run("walk.py", tmp_path, words, person(tmp_path) | shown)
    walk = Walk(lines, log)
    for step in STEPS:
        assert step in walk.steps, f"{step} was not come to:\n{log}"
        assert not walk.steps[step]["error"], f"{step}: {walk.steps[step]['error']}"
    assert not walk.warned, "\n".join(walk.warned)
    assert walk.facts["clicks to the first served count"] <= MOST_CLICKS
    names = walk.facts["undone"]
    assert len(names) >= 12
    assert all(name.startswith("Undo: ") and len(name) > 10 for name in names), names
    assert len(list(pictures.glob("[0-9]*.png"))) >= len(STEPS)
    plan = next(tmp_path.rglob("*.cnplan.gpkg"))

    # The plan that the journey left, in other shapes and looks, with the same person's settings.
    not_fitting = []
    for scale, shapes in SHAPES.items():
        home = tmp_path / f"scale {scale}"
        home.mkdir()
        asked = ["--plan", str(plan), "--pictures", str(pictures), "--scale", scale, *shapes]
        lines, log = run("looks.py", home, asked, person(tmp_path))
        seen = [json.loads(line) for line in lines if line.startswith("{")]
        assert [told["name"] for told in seen] == [shape.split(":")[0] for shape in shapes], log
        for told in seen:
            if not told["fits"]:
                not_fitting.append(f"{told['name']}: the window is larger than asked")
            not_fitting += [f"{told['name']}, {scene}: {one}" for scene, found in told["cut"].items() for one in found]
    assert not not_fitting, "\n".join(not_fitting)


def test_a_newcomer_comes_to_a_plan_in_six_clicks(
    tmp_path: Path, shared_data: Path, pictures: Path, record_property
) -> None:
    """With terrain and a list of homes at hand and no net."""
    make_engine_ready()
    with screen(tmp_path) as shown:
        words = ["--data", str(shared_data), "--pictures", str(pictures), "--folder", str(tmp_path)]
        words += ["--first-plan-s", "10"]  # 60 in the program: the way of the hand is the same
        lines, log = run("newcomer.py", tmp_path, words, person(tmp_path) | shown)
    told = [json.loads(line)["facts"] for line in lines if line.startswith('{"facts"')]
    assert told, log
    (facts,) = told
    assert not facts["error"], facts["error"]
    for key, value in facts.items():
        record_property(key, value)
    print(f"a newcomer's first plan: {facts['clicks']} clicks, {facts['seconds']} s")
    assert facts["clicks"] == CLICKS_TO_A_PLAN
    # A clock ends the first plan, so how far it comes depends on the machine: all that can be reached where it is idle.
    assert facts["served"] > 0.5 * facts["coverable"]
    assert facts["towers"] >= 2
