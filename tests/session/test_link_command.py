"""What a user would miss: `link` by every model on real ground, quick, with what the models disagree about."""

from __future__ import annotations

import json

import pytest
from typer.testing import CliRunner

from cn_planner.cli.main import app
from cn_planner.links.conditions import Model

RIDGE = ("42.09322,1.8082,10", "41.92,1.75,10")


@pytest.fixture
def link(shared_data):
    dems = [shared_data / "terrain" / name for name in ("N41E001.hgt.zip", "N42E001.hgt.zip")]

    def run(*words, start=RIDGE[0], end=RIDGE[1], freq="2400"):
        files = [word for dem in dems for word in ("--dem", str(dem))]
        return CliRunner().invoke(app, ["link", *files, "--from", start, "--to", end, "--freq-mhz", freq, *words])

    return run


@pytest.mark.parametrize("model", list(Model))
def test_each_model_answers_with_its_losses_by_cause(link, model):
    done = link("--model", model.value, "--json")
    answer = json.loads(done.stdout)
    parts = answer["loss_db"]
    assert answer["model"] == model.value
    assert parts["total"] == pytest.approx(sum(parts[name] or 0.0 for name in parts if name != "total"), abs=1e-9)
    assert "The models differ by" in answer["explanation"]


def test_in_words_the_reasons_stand_below_the_figures(link):
    said = link().stdout
    assert "  ! The models differ by" in said
    assert "P.526 bends the ray" in said


@pytest.mark.parametrize(
    ("words", "freq", "said"),
    [
        (("--model", "p1812"), "7000", "7000.0; it must be 30.0 to 6000.0"),
        (("--model", "p1812", "--time-pct", "90"), "2400", "percentage of time is 90.0; it must be 1.0 to 50.0"),
        (("--model", "itm", "--n0", "410"), "2400", "410 N-units; ITM takes 250 to 400"),
        (("--model", "itm"), "24000", "24000 MHz; ITM takes 20 to 20000"),
    ],
)
def test_outside_a_model_s_validity_the_command_ends_with_the_reason(link, words, freq, said):
    done = link(*words, freq=freq)
    assert done.exit_code == 1
    assert said in done.stderr
    assert done.stdout == ""


def test_air_and_percentages_reach_the_models(link):
    def total(*words):
        return json.loads(link(*words, "--json").stdout)["loss_db"]["total"]

    itm, p1812 = total("--model", "itm"), total("--model", "p1812")
    assert total("--model", "itm", "--time-pct", "99") > itm + 1.0
    assert total("--model", "itm", "--location-pct", "90") > itm + 1.0
    assert total("--model", "itm", "--n0", "380") != itm
    assert total("--model", "itm", "--climate", "1", "--time-pct", "99") != total("--model", "itm", "--time-pct", "99")
    assert total("--model", "p1812", "--time-pct", "1") != p1812
    assert total("--model", "p1812", "--delta-n", "80") != p1812
    assert total("--k", "1") != total()
    assert "knows the median alone" in json.loads(link("--time-pct", "10", "--json").stdout)["explanation"]
