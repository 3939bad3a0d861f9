"""`homes` says of each home who serves it or what would, and does it for the money that it says."""

from __future__ import annotations

import json
import re
import shutil
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from small_network import flat_ground, small_network
from typer.testing import CliRunner, Result

from cn_planner.cli.main import app
from cn_planner.economics.costs import capital
from cn_planner.model import edits
from cn_planner.model.plan import Household
from cn_planner.planning.home_rows import home_rows
from cn_planner.session.project import Project
from cn_planner.session.sample import open_sample
from cn_planner.storage.catalogue import load_catalogue
from cn_planner.study import Study

KEYS = {
    "id", "name", "hamlet", "served", "served_by", "judged", "verdict", "margin_db", "rate_down_mbps", "rate_up_mbps",
    "height_needed_m", "second", "second_margin_db", "reason", "fix", "fix_cost", "fix_unpriced",
    "client_kit",
}  # fmt: skip


@pytest.fixture(scope="module")
def village(planned_sample: Callable[[float], Path], tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The sample with its network for a part of the homes; one of them stands on the gateway's place."""
    folder = tmp_path_factory.mktemp("village") / "valley"
    shutil.copytree(planned_sample(0.5), folder)
    with Project.open(next(folder.glob("*.cnplan.gpkg"))) as project:
        gateway = project.plan.sites["G01"]
        project.apply(edits.put(project.plan, [Household("at-mast", "", gateway.latitude, gateway.longitude)]))
        return project.path


def _run(*words: str) -> Result:
    return CliRunner().invoke(app, ["homes", *words])


def _said(*words: str) -> dict:
    done = _run(*words, "--json")
    assert done.exit_code == 0, done.output
    return json.loads(done.stdout)


@pytest.fixture(scope="module")
def said(village: Path) -> dict:
    """All homes of the village, as it stands between the tests."""
    return _said(str(village))


@pytest.fixture(scope="module")
def left(village: Path) -> list[dict]:
    """Those left out, asked for alone."""
    return _said(str(village), "--left-out")["homes"]


def test_every_home_is_there_with_every_key(said: dict) -> None:
    assert said["currency"] == "USD"
    assert len(said["homes"]) == 151
    assert all(set(home) == KEYS for home in said["homes"])
    for home in said["homes"]:
        assert home["served"] == (home["reason"] is None) == (home["fix"] is None)
        assert home["served"] or home["served_by"] is None
        assert (home["fix_cost"] is None) or home["fix_cost"] >= 0.0
    served = [home for home in said["homes"] if home["served"]]
    assert served
    assert all(home["margin_db"] is not None and home["served_by"] for home in served)
    assert any(home["second"] and home["second_margin_db"] is not None for home in served)


def test_the_kit_of_each_home_that_is_served_stands_at_the_end(village: Path, said: dict) -> None:
    with Project.open(village) as project:
        usual = project.plan.kits.client
        own = {key: home.client_kit for key, home in project.plan.households.items()}
    assert {home["served"] for home in said["homes"]} == {True, False}
    for home in said["homes"]:
        assert list(home)[-1] == "client_kit"
        assert home["client_kit"] == ((own[home["id"]] or usual) if home["served"] else "")


def test_a_home_with_a_kit_of_its_own_says_that_one() -> None:
    home = Household("far", "", -1.444, 36.55, client_kit="far-home-5ghz", server="A")
    rows = home_rows(Study(edits.put(small_network(), [home]).plan, flat_ground(), load_catalogue()))
    kits = {row.home: row.client_kit for row in rows if row.served}
    assert kits.pop("far") == "far-home-5ghz"
    assert set(kits.values()) == {small_network().kits.client}


def test_only_those_left_out_and_those_that_are_named(village: Path, said: dict, left: list[dict]) -> None:
    every = said["homes"]
    assert [home for home in every if not home["served"]] == left
    named = _said(str(village), left[0]["id"], every[0]["id"])["homes"]
    assert {home["id"] for home in named} == {left[0]["id"], every[0]["id"]}
    ways = next(home for home in named if home["id"] == left[0]["id"])["ways"]
    assert ways[0]["fix"] == left[0]["fix"]
    assert [way["fix_cost"] for way in ways] == sorted(way["fix_cost"] for way in ways)


def test_a_fix_is_done_for_the_money_that_it_says(village: Path, left: list[dict]) -> None:
    home = next(one for one in left if one["fix_cost"])
    with Project.open(village) as project:
        before = capital(project.plan, project.snapshot().catalogue).total.total
    after = next(one for one in _said(str(village), home["id"], "--fix", home["id"])["homes"])
    assert after["served"]
    with Project.open(village) as project:
        now = capital(project.plan, project.snapshot().catalogue).total.total
        assert now - before == pytest.approx(home["fix_cost"], abs=1e-6)
        assert home["name"] in str(project.undo_label)
        project.undo()
    again = _run(str(village), home["id"], "--fix", "at-mast")
    assert again.exit_code == 0


def test_it_is_said_in_a_line_a_home(village: Path) -> None:
    lines = _run(str(village)).stdout.splitlines()
    hamlets = [line for line in lines if "\t" not in line]
    assert len(lines) - len(hamlets) == 151
    assert [line for line in hamlets if not re.fullmatch(r"[^:]+: \d+ of \d+ homes? reached\.", line)] == []
    assert any(line.startswith("Boca: ") and line.endswith(" of 15 homes reached.") for line in lines)
    assert any("not served\t" in line and "USD" in line for line in lines)
    assert any("dB to spare\t" in line for line in lines)


def test_what_cannot_be_done_is_said_in_one_message(village: Path, valley_folder: Path, tmp_path: Path) -> None:
    done = _run(str(village), "nobody")
    assert done.exit_code == 1
    assert "nobody" in done.output
    with open_sample(valley_folder) as project:
        path, plan = project.path, project.plan
        project.apply(edits.change_section(plan, "kits", client="none-such"))
    done = _run(str(path))
    assert done.exit_code == 1
    assert "none-such" in done.output
    assert "Traceback" not in done.output
    bare = tmp_path / "bare.cnplan.gpkg"
    CliRunner().invoke(app, ["new", str(bare), "--name", "Bare"])
    done = _run(str(bare))
    assert done.exit_code in (0, 1)
    assert "Traceback" not in done.output


def test_a_home_whose_tower_hangs_on_no_gateway_is_told_so(village: Path, tmp_path: Path) -> None:
    with Project.open(village) as project:
        plan = project.plan
        if not plan.links:
            pytest.skip("the plan has one tower")
        project.apply(edits.remove(plan, "links", list(plan.links)))
    said = _said(str(village), "--left-out")["homes"]
    cut = [home for home in said if home["reason"] is not None and "no links lead" in home["reason"]]
    assert cut
    assert all(home["served_by"] is not None and not home["served"] for home in cut)
    assert any("link" in home["fix"] and home["fix_cost"] > 0.0 for home in cut)
    with Project.open(village) as project:
        project.undo()


def test_a_home_on_a_void_is_told_that_terrain_is_missing(village: Path) -> None:
    with Project.open(village) as project:
        home = replace(next(iter(project.plan.households.values())), server=None)
        far = replace(home, id="void", latitude=home.latitude + 0.5)
        mast = project.plan.sites["G01"]
        near = replace(mast, id="V1", latitude=home.latitude + 0.48, longitude=home.longitude)
        project.apply(edits.put(project.plan, [near, far]))
    said = _said(str(village), "void")["homes"][0]
    assert said["fix_cost"] is None
    assert "Elevation files" in said["fix"]
    with Project.open(village) as project:
        project.undo()


def test_what_carries_too_little_for_those_who_are_counted_is_said_with_them(village: Path, said: dict) -> None:
    """The plan as it was made has room for all; once the connection is slower than its homes want, it is told."""
    assert said["too_full"] == []
    with Project.open(village) as project:
        gate = project.plan.sites["G01"]
        assert gate.uplink is not None
        project.apply(edits.put(project.plan, [replace(gate, uplink=replace(gate.uplink, mbps=2.0))]))
    (full,) = _said(str(village))["too_full"]
    assert "carries 2 Mbit/s; its homes want " in full
    done = _run(str(village))
    assert f"{full} Plan again: " in done.stderr
    with Project.open(village) as project:
        project.undo()
