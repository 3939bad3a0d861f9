"""`link`: radios set to another width, or that no radio is; ends that are one place, or as high as no mast."""

from __future__ import annotations

import json
import math
from pathlib import Path

import pytest
from typer.testing import CliRunner

from cn_planner.cli.main import app

_KIT = ["--kit", "short-link-5ghz"]


@pytest.fixture
def flat(tmp_path):
    """A tile of level ground, 100 m high."""
    tile = tmp_path / "N41E001.hgt"
    tile.write_bytes(b"\0\x64" * 1201**2)
    return ["link", "--dem", str(tile), "--from", "41.5,1.5,30", "--to", "41.53,1.5,30", "--freq-mhz", "5500"]


def _run(words):
    return CliRunner().invoke(app, words)


def test_a_kit_takes_the_width_that_is_asked_for(flat):
    wide, narrow = (json.loads(_run([*flat, *_KIT, "--width-mhz", width, "--json"]).stdout) for width in ("40", "20"))
    own = json.loads(_run([*flat, *_KIT, "--json"]).stdout)
    assert own["rate_down_mbps"] in (wide["rate_down_mbps"], narrow["rate_down_mbps"])
    # Half the subcarriers and a bit: 108 of 40 MHz, 52 of 20 (IEEE 802.11-2020, 19.3.6).
    assert wide["rate_down_mbps"] / narrow["rate_down_mbps"] == pytest.approx(108 / 52, rel=0.15)
    assert math.isclose(wide["loss_db"]["total"], narrow["loss_db"]["total"])


def test_a_width_that_the_radio_has_not_is_named_with_those_that_it_has(flat):
    done = _run([*flat, *_KIT, "--width-mhz", "33"])
    assert done.exit_code == 1
    assert "33 MHz" in done.stderr
    assert "20, 40" in done.stderr


def test_cable_beside_a_kit_is_refused_as_its_other_figures_are(flat):
    done = _run([*flat, *_KIT, "--cable-loss-db", "1"])
    assert done.exit_code == 2
    assert "not both" in done.stderr


def test_heights_of_classes_without_their_file_are_refused_not_left_out(flat, tmp_path):
    done = _run([*flat, "--heights", "10=12"])
    assert done.exit_code == 2
    assert "give its file too" in " ".join(done.stderr.replace("│", " ").split())
    assert _run(["terrain", str(tmp_path / "a.cnplan.gpkg"), flat[2], "--heights", "10=12"]).exit_code == 2


_FIGURES = {"--tx-power-dbm": "20", "--tx-gain-dbi": "23", "--rx-gain-dbi": "23", "--cable-loss-db": "1"}


def _with_figures(**more):
    return [word for pair in {**_FIGURES, **more}.items() for word in pair]


@pytest.mark.parametrize(
    ("name", "value"),
    [("--tx-power-dbm", "200"), ("--tx-power-dbm", "1e6"), ("--tx-power-dbm", "-41"), ("--tx-gain-dbi", "81"),
     ("--rx-gain-dbi", "1e9"), ("--rx-gain-dbi", "-51"), ("--cable-loss-db", "31")],
)  # fmt: skip
def test_what_no_radio_could_be_is_refused(flat, name, value):
    done = _run([*flat, *_with_figures(**{name: value})])
    assert done.exit_code == 2
    assert name in done.stderr
    assert _run([*flat, *_with_figures()]).exit_code == 0


@pytest.mark.parametrize("height", ["5000", "3000.1", "1e308"])
def test_a_height_above_the_sea_is_no_height_above_ground(flat, height):
    high = [f"41.53,1.5,{height}" if word.startswith("41.53") else word for word in flat]
    done = _run([*high, *_KIT, "--json"])
    assert (done.exit_code, done.stdout) == (1, "")
    assert "above ground, not above the sea" in done.stderr
    assert _run([f"41.53,1.5,{3000}" if word.startswith("41.53") else word for word in flat]).exit_code == 0
    dem = flat[1:3]
    for words in (
        ["--site", f"41.5,1.5,{height}", "--rx-height", "4"],
        ["--site", "41.5,1.5,4", "--rx-height", height],
    ):
        mapped = _run(["coverage", *dem, *words, "--radius-km", "1", "--model", "los", "--out", "map.tif"])
        assert (mapped.exit_code, mapped.stdout) == (1, "")
        assert "above ground, not above the sea" in mapped.stderr
    assert not Path("map.tif").exists()


@pytest.mark.parametrize("k", ["1e300", "1e-9", "0.09", "1e10"])
def test_air_that_no_sky_has_is_refused_alike_by_link_and_map(flat, k):
    words = (flat, ["coverage", *flat[1:3], "--site", "41.5,1.5,9", "--rx-height", "4", "--radius-km", "1",
                    "--model", "los", "--out", "map.tif"])  # fmt: skip
    for done in (_run([*one, "--k", k]) for one in words):
        assert (done.exit_code, done.stdout) == (1, "")
        assert "factor k of" in done.stderr
    assert not Path("map.tif").exists()


def test_over_a_flat_earth_the_ground_does_not_bulge(flat):
    """Both ends 30 m above level ground: the least clearance is 30 m, at any k that bends nothing."""
    found = [json.loads(_run([*flat, "--json", "--k", k]).stdout) for k in ("1e6", "1e9")]
    assert [one["clearance_m"] for one in found] == pytest.approx([30.0, 30.0], abs=1e-3)


@pytest.mark.parametrize("away_deg", [0.0, 1e-7, 5e-6])
def test_two_antennas_at_one_place_are_no_path(flat, away_deg):
    there = [f"{41.5 + away_deg:.7f},1.5,12" if word.startswith("41.53") else word for word in flat]
    done = _run([*there, *_KIT, "--json"])
    assert done.exit_code == 1
    assert done.stdout == ""
    assert "one place" in done.stderr


@pytest.mark.parametrize("radio", [_KIT, []])
def test_a_few_metres_are_told_without_numbers_that_are_none(flat, radio):
    near = ["41.50003,1.5,12" if word.startswith("41.53") else word for word in flat]
    for words in (near, [*near, "--json"]):
        said = _run([*words, *radio]).stdout
        assert not {"inf", "nan", "99.0"} & set(said.lower().replace(":", " ").replace(",", " ").split())
    found = json.loads(_run([*near, *radio, "--json"]).stdout)
    assert found["clearance_f1"] is None
    assert found["explanation"].startswith("The path is clear")
