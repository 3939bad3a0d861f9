"""Real networks: what the program says of links that work, held against a second, slow calculation."""

from __future__ import annotations

import csv
import importlib.util
import random
import sys
from pathlib import Path

import pytest

from cn_planner.links.budget import LinkBudget, link_budget
from cn_planner.terrain.profile import path_profile
from cn_planner.terrain.surface import Surface

_SPEC = importlib.util.spec_from_file_location("slow_reference", Path(__file__).with_name("slow_reference.py"))
assert _SPEC is not None
assert _SPEC.loader is not None
slow = importlib.util.module_from_spec(_SPEC)
sys.modules["slow_reference"] = slow  # dataclasses look their module up by name
_SPEC.loader.exec_module(slow)

GRAZING_M = 1.0


def rows(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8") as stream:
        return list(csv.DictReader(stream))


def place(node: dict[str, str]) -> tuple[float, float]:
    return float(node["latitude_deg"]), float(node["longitude_deg"])


def budget(surface: Surface, a: tuple[float, float], b: tuple[float, float], h_a: float, h_b: float) -> LinkBudget:
    return link_budget(path_profile(surface, a, b), h_a, h_b, None, None, 5500.0)


def test_bergueda_links_without_line_of_sight_are_those_of_the_reference(shared_data: Path) -> None:
    dems = [shared_data / "terrain" / name for name in ("N41E001.hgt.zip", "N42E001.hgt.zip")]
    tiles, surface = slow.Tiles(*dems), Surface.open(dems)
    nodes = {row["id"]: place(row) for row in rows(shared_data / "networks/bergueda_nodes.csv")}
    links = [row for row in rows(shared_data / "networks/bergueda_links.csv") if row["status"] == "Working"]
    ours: set[str] = set()
    theirs: set[str] = set()
    across = judged = 0
    for link in links:
        a, b = nodes[link["from"]], nodes[link["to"]]
        reference = slow.sight(tiles, a, b, 10.0, 10.0)
        if reference.distance_m < 1000.0 or reference.clearance_m is None or abs(reference.clearance_m) <= GRAZING_M:
            continue
        judged += 1
        across += (a[0] < 42.0) != (b[0] < 42.0)
        if reference.clearance_m < 0.0:
            theirs.add(link["id"])
        if not budget(surface, a, b, 10.0, 10.0).line_of_sight:
            ours.add(link["id"])
    assert judged >= 150
    assert across >= 10, "the links must cross the seam between the tiles"
    assert ours == theirs
    assert len(theirs) >= 5, "a reference that blocks nothing proves nothing"


def test_andoain_working_links_are_clear_at_their_antenna_heights(shared_data: Path) -> None:
    surface = Surface.open([shared_data / "terrain/N43W003.hgt.zip"])
    nodes = {row["id"]: row for row in rows(shared_data / "networks/andoain_nodes.csv")}
    links = [row for row in rows(shared_data / "networks/andoain_links.csv") if row["status"] == "Working"]
    assert len(links) == 23
    blocked = []
    for link in links:
        a, b = nodes[link["from"]], nodes[link["to"]]
        answer = budget(surface, place(a), place(b), float(a["antenna_height_m"]), float(b["antenna_height_m"]))
        if not answer.line_of_sight:
            blocked.append(f"{link['from']}-{link['to']} {answer.clearance_m:.1f} m")
    assert blocked == []


@pytest.mark.parametrize(
    ("tile", "south", "west"),
    [("S33E018.hgt.zip", -33, 18), ("S29W072.hgt.zip", -29, -72)],
)
def test_south_of_the_equator_the_answers_are_those_of_the_reference(
    shared_data: Path, tile: str, south: int, west: int
) -> None:
    dems = [shared_data / "terrain" / tile]
    tiles, surface = slow.Tiles(*dems), Surface.open(dems)
    rng = random.Random(7)
    blocked = clear = 0
    while blocked < 25 or clear < 25:
        a = (south + rng.uniform(0.05, 0.95), west + rng.uniform(0.05, 0.95))
        b = (a[0] + rng.uniform(-0.04, 0.04), a[1] + rng.uniform(-0.04, 0.04))
        reference = slow.sight(tiles, a, b, 20.0, 10.0)
        if reference.clearance_m is None or abs(reference.clearance_m) <= GRAZING_M:
            continue
        answer = budget(surface, a, b, 20.0, 10.0)
        assert answer.line_of_sight == (reference.clearance_m > 0.0)
        assert answer.clearance_m == pytest.approx(min(reference.clearance_m, 10.0), abs=3.0)  # samples differ
        blocked += reference.clearance_m < 0.0
        clear += reference.clearance_m > 0.0
