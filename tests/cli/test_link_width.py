"""`link` with a kit that is set to another channel width than its own."""

from __future__ import annotations

import json
import math

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
