"""The CSV files as a program and as a spreadsheet take them."""

from __future__ import annotations

import csv
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from deployment_example import example_deployment
from export_hostile import TEXTS, hostile_deployment

from cn_planner.export.csv_files import write_csv
from cn_planner.export.text import xml_safe

if TYPE_CHECKING:
    from pathlib import Path

    from cn_planner.report.deployment import DeploymentPlan


def rows(plan: DeploymentPlan, folder: Path, name: str) -> list[dict[str, str]]:
    write_csv(plan, folder)
    with (folder / f"{name}.csv").open(encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file))


def test_sites_can_be_imported_again_from_their_columns(tmp_path: Path) -> None:
    plan = example_deployment()
    found = rows(plan, tmp_path, "sites")
    assert [one["id"] for one in found] == [one.id for one in plan.sites]
    assert [float(one["latitude"]) for one in found] == [one.latitude for one in plan.sites]
    assert found[1]["mast_height_m"] == ""  # not known is empty, never 0
    assert found[0]["cost_EUR"] == "2150.40"


def test_the_sum_of_the_budget_file_is_the_capital(tmp_path: Path) -> None:
    plan = example_deployment()
    assert sum(float(one["amount_EUR"]) for one in rows(plan, tmp_path, "budget")) == pytest.approx(plan.headline.capex)


def test_half_a_home_is_not_rounded_to_a_whole_one(tmp_path: Path) -> None:
    plan = example_deployment()
    whole = [one["homes"] for one in rows(plan, tmp_path, "sites")]
    assert whole == [f"{one.homes:.0f}" for one in plan.sites]
    sites = tuple(replace(one, homes=one.homes + part) for one, part in zip(plan.sites, (0.5, 0.0, 1.25), strict=False))
    homes = tuple(replace(one, weight=0.25) for one in plan.homes)
    found = replace(plan, sites=sites, homes=homes)
    assert [float(one["homes"]) for one in rows(found, tmp_path, "sites")] == [one.homes for one in sites]
    assert {one["weight"] for one in rows(found, tmp_path, "homes")} == {"0.25"}


def test_the_folder_names_plan_version_date_sources_and_caution_beside_the_tables(tmp_path: Path) -> None:
    paths = write_csv(example_deployment(), tmp_path)
    assert tmp_path / "about.csv" in paths
    said = (tmp_path / "about.csv").read_text(encoding="utf-8-sig")
    for word in ("Valle Alto", "2026-11-12", "Estimate", "public domain", "ODbL"):
        assert word in said


def test_headers_are_keys_alone_for_spreadsheets_and_programs(tmp_path: Path) -> None:
    for path in write_csv(example_deployment(), tmp_path):
        if path.suffix == ".csv":
            with path.open(encoding="utf-8-sig", newline="") as file:
                header, *others = csv.reader(file)
            assert all(0 < len(one) < 40 and " " not in one for one in header)
            assert all(len(row) == len(header) for row in others)


@pytest.mark.parametrize("text", TEXTS, ids=[text[:12].encode("ascii", "replace").decode() for text in TEXTS])
def test_no_cell_is_taken_for_a_formula(text: str, tmp_path: Path) -> None:
    plan = hostile_deployment(text)
    found = rows(plan, tmp_path, "sites")
    name = found[0]["name"]
    assert name.removeprefix("'") == xml_safe(text)
    for one in found:
        for key in ("name", "owner", "note", "access"):
            assert one[key][:1] not in {"=", "+", "-", "@", "\t", "\r", "\n"}
