"""Whoever reads an amount in JSON is told of what: every command that prints money names the plan's currency."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from cn_planner.cli.main import app


def _run(*words: object) -> Result:
    return CliRunner().invoke(app, [str(word) for word in words])


@pytest.fixture(scope="module")
def plan(shared_data: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """One home, and a gateway that reaches it only as far as its ground is known."""
    folder = tmp_path_factory.mktemp("one")
    plan, sites, homes = folder / "one.cnplan.gpkg", folder / "sites.csv", folder / "homes.csv"
    sites.write_text("id,latitude,longitude,role\nG,42.0932,1.8082,gateway\n", encoding="utf-8")
    homes.write_text("id,latitude,longitude\nH,42.0931,1.8250\n", encoding="utf-8")
    for words in (
        ("new", plan, "--name", "One", "--country", "ES"),
        ("terrain", plan, shared_data / "terrain/N42E001.hgt.zip"),
        ("import", plan, sites, "--as", "sites"),
        ("import", plan, homes, "--as", "households"),
        ("set", plan, "currency=EUR", "exchange_rate=0.9", "exchange_date=2026-11-20", "canopy_m=0"),
    ):
        assert _run(*words).exit_code == 0
    return plan


@pytest.mark.parametrize("command", ["plan", "dishes", "resilience", "phases", "power", "homes", "suggest", "tradeoff"])
def test_money_in_json_has_its_currency(command: str, plan: Path) -> None:
    done = _run(command, plan, "--json")
    assert done.exit_code == 0, done.output
    assert json.loads(done.stdout)["currency"] == "EUR"


def test_money_saved_has_its_currency(plan: Path) -> None:
    assert _run("savings", plan, "--json").exit_code == 1  # nothing is reached
    done = _run("savings", plan, "--set", "serve_on_check=yes", "--json")
    assert done.exit_code == 0, done.output
    assert json.loads(done.stdout)["currency"] == "EUR"
