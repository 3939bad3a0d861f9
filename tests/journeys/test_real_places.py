"""Whole journeys on real data, by the command line, from people's files to the plan's files.

The first is walked as its user walks it, each command a process; the others ask what the commands do, here.
"""

from __future__ import annotations

import csv
from collections import Counter
from typing import TYPE_CHECKING

import pyogrio
import pypdf
import pytest

from cn_planner.report.build import build_report
from cn_planner.session.project import Project
from tests.plan_file_checker import faults, price_of
from tests.plan_file_radio import PlanFile
from tests.walked_bill import lacking

if TYPE_CHECKING:
    from pathlib import Path

    from tests.journeys.conftest import CommandLine, CommandLineHere


def rows(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8") as stream:
        return list(csv.DictReader(stream))


def write(path: Path, columns: list[str], lines: list[list[str]]) -> None:
    with path.open("w", encoding="utf-8", newline="") as stream:
        csv.writer(stream).writerows([columns, *lines])


def test_bergueda_from_its_nodes_to_its_files(run: CommandLine, tmp_path: Path, shared_data: Path) -> None:
    nodes = rows(shared_data / "networks/bergueda_nodes.csv")
    links = [row for row in rows(shared_data / "networks/bergueda_links.csv") if row["status"] == "Working"]
    joined = Counter(end for link in links for end in (link["from"], link["to"]))
    gateway = max(joined, key=lambda node: (joined[node], node))
    place = ["id", "latitude", "longitude"]
    of = {row["id"]: [row["id"], row["latitude_deg"], row["longitude_deg"]] for row in nodes}
    supernodes = [row["id"] for row in nodes if row["kind"] == "Supernode"]
    # Every third home: the journey is the same, and the search, which has no clock, is shorter.
    homes = [row["id"] for row in nodes if row["kind"] != "Supernode" and row["status"] == "Working"][::3]
    write(
        tmp_path / "sites.csv",
        [*place, "role", "uplink_kind", "uplink_mbps", "uplink_month"],
        [[*of[node], *(["gateway", "fibre", "400", "90"] if node == gateway else ["candidate", "", "", ""])]
         for node in supernodes],
    )  # fmt: skip
    write(tmp_path / "homes.csv", place, [of[node] for node in homes])

    run("new", "bergueda.cnplan.gpkg", "--name", "Berguedà", "--country", "ES")
    plan = tmp_path / "bergueda.cnplan.gpkg"
    run("terrain", plan, *(shared_data / "terrain" / name for name in ("N41E001.hgt.zip", "N42E001.hgt.zip")))
    run("import", plan, "sites.csv", "--as", "sites")
    run("import", plan, "homes.csv", "--as", "households")
    # NASA Surface Meteorology and Solar Energy, 22-year average at 42.075 north, 1.821 east.
    run("set", plan, "canopy_m=0",
        "sun.monthly_kwh_m2_day=1.81,2.77,3.92,4.66,5.44,6.28,6.56,5.67,4.51,2.96,2.00,1.56")  # fmt: skip
    answer = run("plan", plan, "--json").json

    assert answer["status"] in {"optimal", "feasible"}
    assert answer["households"] == len(homes)
    assert 0.94 * answer["coverable"] <= answer["served"] <= answer["coverable"]
    assert answer["served"] + len(answer["unserved"]) == len(homes)
    assert answer["lower_bound"] <= answer["capex"]
    assert {site["id"] for site in answer["sites"]} <= set(supernodes)
    assert gateway in {site["id"] for site in answer["sites"]}
    backhaul = [link for link in answer["links"] if link["kind"] == "backhaul"]
    assert len(backhaul) == len(answer["sites"]) - sum(site["role"] == "gateway" for site in answer["sites"])
    assert all(link["fade_margin_db"] >= 6.0 for link in answer["links"])
    assert all(home["reason"] for home in answer["unserved"])
    assert faults(plan, channels=True) == []
    price, _ = price_of(PlanFile(plan))
    assert answer["price"]["build"] == answer["capex"]
    assert answer["price"] == pytest.approx(price, abs=2.0)
    assert answer["gateways"] == [{"id": gateway, "kind": "fibre", "month": 90.0, "mbps": 400.0}]
    with Project.open(plan) as project:
        told = build_report(project.snapshot().study, version=1, date="2026-11-25")
        assert lacking(project.plan, told) == []
    assert (answer["objective"], answer["hotspots"]) == ("capital", [])
    # Spain's law eats the gain of large dishes; small ones would be heard all over the valley, and homes cut off.
    assert sum(one["homes_cut_off"] for one in run("channels", plan, "--json").json["short"]) == 0.0

    power = run("power", plan, "--json").json
    assert {one["site"] for one in power["sites"]} == {site["id"] for site in answer["sites"]}
    for one in power["sites"]:
        assert one["uptime_pct"] >= 99.5
        assert one["cost"] > 0.0
        assert one["worst_month"] in {"November", "December", "January"}

    run("export", plan, "--to", "out", "--date", "2026-11-25")
    out = tmp_path / "out"
    files = {path.suffix for path in out.rglob("*.*")}
    assert files >= {".pdf", ".html", ".xlsx", ".kmz", ".geojson", ".gpx", ".csv", ".gpkg", ".uci", ".rsc"}
    pdf = next(path for path in out.glob("*.pdf") if not path.stem.endswith("-cards"))
    text = "".join(page.extract_text() for page in pypdf.PdfReader(pdf).pages)
    for site in answer["sites"]:
        assert site["id"] in text
    layers = dict(pyogrio.list_layers(next(out.glob("*.gpkg"))))
    assert {"sites", "links"} <= set(layers)


def test_gulu_buildings_become_homes(here: CommandLineHere, tmp_path: Path, shared_data: Path) -> None:
    here("new", "gulu.cnplan.gpkg", "--name", "Gulu", "--country", "UG")
    plan = tmp_path / "gulu.cnplan.gpkg"
    here("terrain", plan, shared_data / "terrain/gulu_elevation_155m.tif")
    said = here("import", plan, shared_data / "households/gulu_buildings.csv", "--as", "households")
    assert "26946" in said.err.replace(",", "")
    assert "sea" not in said.err
    listed = here("terrain", plan).out
    assert "41.4 % without height" in listed
    assert "its zeros are taken for missing" in listed
    assert pyogrio.read_info(plan, layer="households")["features"] == 26_946


def test_an_import_with_latitude_and_longitude_swapped_says_so_and_how_to_mend_it(
    here: CommandLineHere, tmp_path: Path, shared_data: Path
) -> None:
    here("new", "p.cnplan.gpkg", "--name", "p", "--country", "ES")
    here("terrain", "p.cnplan.gpkg", shared_data / "terrain/N41E001.hgt.zip")
    write(tmp_path / "homes.csv", ["id", "latitude", "longitude"], [["h1", "1.7", "41.6"], ["h2", "1.71", "41.61"]])
    failed = here("import", "p.cnplan.gpkg", "homes.csv", "--as", "households", status=1)
    assert "turned round" in failed.err
    words = failed.err[failed.err.index("--map") :].rstrip(".\n").split()
    here("import", "p.cnplan.gpkg", "homes.csv", "--as", "households", *words)
    assert pyogrio.read_info(tmp_path / "p.cnplan.gpkg", layer="households")["features"] == 2
