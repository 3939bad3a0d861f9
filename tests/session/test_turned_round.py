"""Latitude and longitude turned round within what both may be: nobody finds an African valley in Algeria again."""

from __future__ import annotations

import math
import re
from typing import TYPE_CHECKING

import pytest
from typer.testing import CliRunner

from cn_planner.cli.main import app

if TYPE_CHECKING:
    from pathlib import Path

TURNED = "Latitude and longitude of the homes seem to be turned round."
UGANDA, CEDERBERG = (2.81, 32.33), (-32.39, 18.84)


@pytest.fixture
def checked(tmp_path: Path):
    """Make a plan of homes at places, and return what the check says of it."""

    def run(country: str, places: list[tuple[float, float]], *terrain: Path) -> str:
        plan, homes, runner = tmp_path / "a.cnplan.gpkg", tmp_path / "homes.csv", CliRunner()
        rows = [f"h{n},{lat},{lon}" for n, (lat, lon) in enumerate(places)]
        homes.write_text("\n".join(["id,latitude,longitude", *rows]) + "\n", encoding="utf-8")
        for words in (["new", str(plan), "--name", "A", "--country", country],
                      ["import", str(plan), str(homes), "--as", "households"],
                      *([["terrain", str(plan), str(one)] for one in terrain])):  # fmt: skip
            done = runner.invoke(app, words)
            assert done.exit_code == 0, done.output
        return runner.invoke(app, ["check", str(plan)]).output

    return run


def test_homes_that_turned_round_lie_in_the_country_are_told(checked) -> None:
    said = checked("UG", [UGANDA[::-1], (UGANDA[1] + 0.001, UGANDA[0])])
    assert TURNED in said
    assert "--map latitude=COLUMN --map longitude=COLUMN" in said
    assert "The places lie in" not in said


def test_homes_that_turned_round_lie_on_the_terrain_are_told(checked, shared_data: Path) -> None:
    # Its own country is not said right: the ground alone tells.
    assert TURNED in checked("NA", [CEDERBERG[::-1]], shared_data / "terrain" / "S33E018.hgt.zip")


@pytest.mark.parametrize(("country", "place"), [("UG", UGANDA), ("ZA", CEDERBERG), ("DZ", UGANDA[::-1]),
                                                ("KE", UGANDA[::-1])])  # fmt: skip
def test_homes_that_lie_where_they_are_meant_or_nowhere_of_the_plan_are_not(checked, country, place) -> None:
    assert TURNED not in checked(country, [place])


@pytest.mark.parametrize(
    ("start", "end", "told"),
    [
        # By the haversine formula on a sphere of 6371 km: 7,857 km, within half a percent of the ellipsoid.
        ("18.84,-32.39,10", "-32.32,18.92,10", "Latitude and longitude of 18.84, -32.39 seem to be turned round"),
        ("-32.32,18.92,10", "18.84,-32.39,10", "Latitude and longitude of 18.84, -32.39 seem to be turned round"),
        ("-32.32,18.92,10", "2.81,32.33,10", "Correct one of the two positions: latitude comes first."),
    ],
)
def test_ends_a_continent_apart_are_a_slip_and_no_path(shared_data: Path, start: str, end: str, told: str) -> None:
    terrain = str(shared_data / "terrain" / "S33E018.hgt.zip")
    words = ["link", "--dem", terrain, "--from", start, "--to", end, "--freq-mhz", "5600"]
    done = CliRunner().invoke(app, words)
    assert done.exit_code != 0
    said = " ".join(done.output.split())
    assert told in said
    assert "N18" not in said, "no tiles are asked for"
    (a, b), (c, d) = ([math.radians(float(v)) for v in one.split(",")[:2]] for one in (start, end))
    half = math.sin((c - a) / 2) ** 2 + math.cos(a) * math.cos(c) * math.sin((d - b) / 2) ** 2
    far = re.search(r"ends are ([\d,]+) km apart", said)
    assert far is not None
    assert float(far[1].replace(",", "")) == pytest.approx(2 * 6371.0 * math.asin(math.sqrt(half)), rel=0.006)
