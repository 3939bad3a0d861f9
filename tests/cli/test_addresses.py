"""``cn-planner addresses``: the table, kept numbers, and what is said where it cannot be."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest
from address_examples import chain, homes, tower, with_things
from typer.testing import CliRunner

from cn_planner.cli.main import app
from cn_planner.message import msg
from cn_planner.model.history import Edit
from cn_planner.model.plan import Plan
from cn_planner.report.addresses import address_plan
from cn_planner.report.network import network
from cn_planner.session.project import Project

if TYPE_CHECKING:
    from pathlib import Path

    from click.testing import Result


def run(*words: object) -> Result:
    return CliRunner().invoke(app, [str(word) for word in words])


@pytest.fixture
def plan(tmp_path: Path) -> Path:
    with Project.create(tmp_path / "valley.cnplan.gpkg", chain(3, 4)) as project:
        return project.path


def test_the_table_is_that_of_the_printed_plan(plan: Path) -> None:
    answer = json.loads(run("addresses", plan, "--json").stdout)
    found = address_plan(chain(3, 4), network(chain(3, 4), {}))
    assert {one["ipv4"] for one in answer["addresses"] if one["kind"] == "site"} == {
        str(one.ipv4) for one in found.towers.values()
    }
    assert {one["home"]: one["ipv6"] for one in answer["homes"]} == {one.home: str(one.ipv6) for one in found.homes}
    assert len(answer["names"]) == 4 + 6 + 6  # routers, sectors, ends of links
    lines = run("addresses", plan).stdout.splitlines()
    assert len(lines) == len(answer["addresses"]) + len(answer["names"]) + len(answer["homes"])


def test_kept_addresses_stay_and_keeping_is_undone_as_any_edit(plan: Path) -> None:
    before = run("addresses", plan, "--keep", "--json").stdout
    with Project.open(plan) as project:
        assert project.plan.addresses.kept
        new = tower("T0", "Hill 1", 5)
        project.apply(Edit(msg("more"), with_things(project.plan, [new, *homes(new, 3)])))
    after = run("addresses", plan, "--json").stdout
    for kind in ("addresses", "homes", "names"):
        rows = json.loads(after)[kind]
        assert all(one in rows for one in json.loads(before)[kind])
    assert run("undo", plan).exit_code == 0
    assert run("undo", plan).exit_code == 0
    with Project.open(plan) as project:
        assert project.plan.addresses.kept == ()


def test_what_cannot_be_is_said_with_status_1(plan: Path, tmp_path: Path) -> None:
    assert run("set", plan, "addresses.ipv4_prefix=10.0.0.0/22").exit_code == 0
    done = run("addresses", plan)
    assert (done.exit_code, "needs /21 or more" in done.output) == (1, True)
    assert run("set", plan, "addresses.ipv6_prefix=fe80::/10").exit_code == 1
    with Project.create(tmp_path / "empty.cnplan.gpkg", Plan()) as project:
        empty = project.path
    done = run("addresses", empty, "--keep")
    assert (done.exit_code, "no network yet" in done.output) == (0, True)
