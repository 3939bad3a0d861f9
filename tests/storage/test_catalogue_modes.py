"""What a user would miss: radios other than Wi-Fi on the shelf, by the modes of their own data sheets."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from cn_planner import paths
from cn_planner.errors import InputError
from cn_planner.model.equipment import AccessMethod
from cn_planner.storage.catalogue import load_catalogue, read_catalogue

SENSOR = """
[[radio]]
id = "sensor"
name = "Sensor"
maker = "Nobody"
technology = "lora"
band_mhz = [862.0, 928.0]
max_power_w = 0.5
noise_figure_db = 6.0
source = { title = "A data sheet made up for this test", publisher = "nobody" }
price_usd = 10.0
[[radio.mode]]
mcs = "SF12"
width_mhz = 0.125
tx_power_dbm = 14.0
sensitivity_dbm = -137.0
rate_mbps = 0.00025
snr_db = -20.0
[[radio.mode]]
mcs = "SF7"
width_mhz = 0.125
tx_power_dbm = 14.0
sensitivity_dbm = -124.0
rate_mbps = 0.00547
[radio.antenna]
gain_dbi = 2.0
beamwidth_az_deg = 360.0
beamwidth_el_deg = 80.0
source = { title = "A data sheet made up for this test", publisher = "nobody" }
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    target = tmp_path / "equipment"
    shutil.copytree(paths.resources() / "equipment", target)
    return target


def put(folder: Path, entry: str) -> None:
    radios = folder / "radios.toml"
    radios.write_text(radios.read_text(encoding="utf-8") + entry, encoding="utf-8")


def test_a_radio_may_list_its_modes_one_by_one(folder: Path) -> None:
    put(folder, SENSOR)
    radio = read_catalogue(folder).radios["sensor"]
    assert [mode.mcs for mode in radio.modes] == ["SF12", "SF7"]
    assert (radio.modes[0].snr_db, radio.modes[1].snr_db) == (-20.0, None)
    assert (radio.noise_figure_db, radio.streams, radio.efficiency) == (6.0, 1, 0.36)


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("width_mhz = 0.125", "width_mhz = 0.0", "width_mhz"),
        ("width_mhz = 0.125", "width_mhz = nan", "width_mhz"),
        ("rate_mbps = 0.00547", "rate_mbps = 0.0001", "not faster"),
        ("sensitivity_dbm = -124.0", "sensitivity_dbm = -224.0", "sensitivity"),
        ("sensitivity_dbm = -124.0", "sensitivity_dbm = nan", "sensitivity"),
        ("tx_power_dbm = 14.0", "tx_power_dbm = 50.0", "power"),
        ("snr_db = -20.0", "snr_db = -200.0", "ratio"),
        ('mcs = "SF12"', 'mcs = " "', "no name"),
        ("noise_figure_db = 6.0", "noise_figure_db = -6.0", "noise figure"),
        ("max_power_w = 0.5", "max_power_w = 0.5\nstreams = 9", "streams"),
        ("max_power_w = 0.5", "max_power_w = 0.5\ntx_power_dbm = [14]", "one by one"),
    ],
)
def test_a_slip_in_a_listed_mode_is_named(folder: Path, old: str, new: str, said: str) -> None:
    assert old in SENSOR
    put(folder, SENSOR.replace(old, new, 1))
    with pytest.raises(InputError, match=said) as caught:
        read_catalogue(folder)
    assert caught.value.where.startswith("radios.toml: sensor")


def test_streams_that_a_rate_rests_on_are_not_guessed(folder: Path) -> None:
    radios = folder / "radios.toml"
    text = radios.read_text(encoding="utf-8")
    radios.write_text(text.replace("streams = 2\n", "", 1), encoding="utf-8")
    with pytest.raises(InputError, match="streams is 0"):
        read_catalogue(folder)


def test_each_technology_says_how_its_radios_take_turns_and_where_its_efficiency_comes_from() -> None:
    technologies = load_catalogue().technologies
    assert technologies["802.11ac"].access is AccessMethod.TDMA
    assert technologies["lora"].access is AccessMethod.ALOHA
    assert all(one.source and 0.0 < one.efficiency < 1.0 for one in technologies.values())
