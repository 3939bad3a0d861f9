"""What a user would miss: `link` by every model on real ground, quick, with what the models disagree about."""

from __future__ import annotations

import json

import pytest
from typer.testing import CliRunner

from cn_planner.cli.main import app

RIDGE = ("42.09322,1.8082,10", "41.92,1.75,10")


@pytest.fixture
def link(shared_data):
    dems = [shared_data / "terrain" / name for name in ("N41E001.hgt.zip", "N42E001.hgt.zip")]

    def run(*words, start=RIDGE[0], end=RIDGE[1], freq="2400"):
        files = [word for dem in dems for word in ("--dem", str(dem))]
        return CliRunner().invoke(app, ["link", *files, "--from", start, "--to", end, "--freq-mhz", freq, *words])

    return run


@pytest.mark.parametrize("model", ["p526", "p1812", "itm", "free-space"])
def test_each_model_answers_with_its_losses_by_cause(link, model):
    done = link("--model", model, "--json")
    answer = json.loads(done.stdout)
    parts = answer["loss_db"]
    assert answer["model"] == model
    assert parts["total"] == pytest.approx(sum(parts[name] or 0.0 for name in parts if name != "total"), abs=1e-9)
    assert "The models differ by" in answer["explanation"]


@pytest.mark.parametrize("model", ["p526", "p1812", "itm", "free-space"])
def test_on_a_clear_link_with_radios_every_key_is_filled(link, model):
    radio = ("--tx-power-dbm", "20", "--tx-gain-dbi", "25", "--rx-gain-dbi", "25", "--model", model)
    done = link(*radio, "--json", start="42.05,1.85,30", end="42.052,1.852,30", freq="5500")
    answer = json.loads(done.stdout)
    assert [key for key, value in answer.items() if value is None] == []
    unknown = {key for key, value in answer["loss_db"].items() if value is None}
    # Free space knows no ground; ITM cannot tell trees from it.
    assert unknown == {"free-space": {"diffraction", "vegetation"}, "itm": {"vegetation"}}.get(model, set())
    assert answer["verdict"] == "likely"


def test_a_sensor_s_link_says_what_the_law_lets_it_send(link):
    near = {"start": "42.05,1.85,30", "end": "42.052,1.852,3"}
    said = link("--kit", "sensor-gateway-lora", "--country", "ES", **near, freq="868.1").stdout
    assert "rate there: 2.0 kbit/s" in said
    assert "A message of 20 bytes takes 0.07 s of the air, with SF7." in said
    assert "The law's 1 % of each hour are 500 such messages" in said
    assert "No rule was read" in link("--kit", "sensor-gateway-lora", **near, freq="868.1").stdout
    wifi = link("--kit", "long-link-5ghz", **near, freq="5510").stdout
    assert "wait for an answer (ACK timeout of Wi-Fi): 47 µs" in wifi


def test_a_kit_is_judged_on_the_frequency_that_is_asked_for(link):
    """The law is another from channel to channel: what is open on the kit's own may be closed here."""
    near = {"start": "42.05,1.85,30", "end": "42.052,1.852,30"}
    kit = ("--kit", "long-link-5ghz", "--country", "ES", "--json")
    own, indoors = (json.loads(link(*kit, **near, freq=freq).stdout) for freq in ("5510", "5200"))
    assert (own["verdict"], indoors["verdict"]) == ("likely", "blocked")
    assert "no sending outdoors at 5200 MHz" in indoors["explanation"]
    weak = json.loads(link(*kit, **near, freq="5755").stdout)  # 25 mW by EN 300 440 where the other has 500 mW
    assert weak["rsl_to_dbm"] < own["rsl_to_dbm"] - 10.0
    other = link(*kit, **near, freq="900")
    assert (other.exit_code, other.stdout) == (1, "")
    assert "Give a frequency from 5170 to 5855 MHz" in other.stderr


def test_in_words_the_reasons_stand_below_the_figures(link):
    said = link().stdout
    assert "  ! The models differ by" in said
    assert "P.526 bends the ray" in said
    assert "P.530: the whole Fresnel zone clear in ordinary weather" in said


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


RADIO = ("--tx-power-dbm", "20", "--tx-gain-dbi", "23", "--rx-gain-dbi", "16")


def test_antennas_at_both_ends_count_with_their_patterns_aim_and_polarisation(link, shared_data):
    patterns = shared_data / "equipment" / "antenna_patterns"

    def levels(*words):
        answer = json.loads(link(*RADIO, *words, "--json", freq="5500").stdout)
        return answer["rsl_to_dbm"], answer["rsl_from_dbm"], answer

    there, back, straight = levels()
    azimuth, back_azimuth = straight["azimuth_deg"], straight["back_azimuth_deg"]
    # Aimed where they point anyhow nothing changes; beside it both directions lose the same.
    assert levels("--aim-from", f"{azimuth},{straight['tilt_from_deg']}")[0] == pytest.approx(there, abs=0.01)
    dish = levels("--aim-from", f"{(azimuth + 15.0) % 360.0},0")
    assert dish[0] < there - 9.0
    assert dish[0] - dish[1] == pytest.approx(there - back)
    assert "The antenna of A gives" in dish[2]["explanation"]
    # A sector of 120 degrees, half of that beside its middle: 6 dB, and 4 for the tilt that its maker built in.
    sector = ("--pattern-to", str(patterns / "AM-5G19-120-Hpol.ant"))
    edge, behind = (levels(*sector, "--aim-to", f"{(back_azimuth + off) % 360.0},0")[0] for off in (60.0, 180.0))
    assert there - 13.0 < edge < there - 4.0
    assert behind < there - 15.0
    crossed = levels("--pol", "V", "--pol-to", "H")
    assert crossed[0] == pytest.approx(there - 25.0)
    assert "crossed" in crossed[2]["explanation"]
    assert levels("--pol-to", "V")[0] == there


def test_an_aim_that_is_none_or_of_no_antenna_is_said(link):
    assert link(*RADIO, "--aim-from", "400,0").exit_code == 2
    assert link(*RADIO, "--aim-from", "north").exit_code == 2
    done = link("--aim-from", "10,0")
    assert done.exit_code == 1
    assert "Name a kit" in done.stderr
    assert link("--kit", "long-link-5ghz", "--aim-from", "10,0", "--json", freq="5500").exit_code == 0


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
