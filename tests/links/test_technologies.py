"""What a user would miss: Wi-Fi, 60 GHz, LoRa and LTE looked at in one way, each with what its kind needs."""

from __future__ import annotations

import csv
import math
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from link_paths import sighted

from cn_planner.errors import InputError
from cn_planner.links.budget import budget_arrays
from cn_planner.links.lora import lora_modes
from cn_planner.links.lte import lte_modes
from cn_planner.links.noise import (
    NoiseEnvironment,
    man_made_noise_db,
    noise_floor_dbm,
    noise_rise_db,
    thermal_noise_dbm,
)
from cn_planner.links.radio import RadioEnd, direction, modes_from_snr, radio_end, standard_end
from cn_planner.links.throughput import sector_capacity_mbps
from cn_planner.links.wifi import wifi_modes
from cn_planner.model.equipment import Task
from cn_planner.model.plan import Rules
from cn_planner.storage.catalogue import load_catalogue

BASE_NOISE_FIGURE_DB, USER_NOISE_FIGURE_DB = 5.0, 9.0  # what 3GPP assumes


def lora(gain_dbi: float = 2.0, *, external_noise_db: float | None = None) -> RadioEnd:
    return RadioEnd(
        lora_modes(14.0),
        gain_dbi,
        0.0,
        1.0,
        name="LoRa",
        technology="lora",
        noise_figure_db=6.0,
        external_noise_db=external_noise_db,
    )


def cell() -> RadioEnd:
    modes = lte_modes(10.0, 37.0, BASE_NOISE_FIGURE_DB, base_station=True)
    return RadioEnd(modes, 15.0, 1.0, 0.9, name="cell", technology="lte", noise_figure_db=BASE_NOISE_FIGURE_DB)


def terminal() -> RadioEnd:
    modes = lte_modes(10.0, 23.0, USER_NOISE_FIGURE_DB, base_station=False)
    return RadioEnd(modes, 8.0, 0.0, 0.9, name="terminal", technology="lte", noise_figure_db=USER_NOISE_FIGURE_DB)


def test_every_technology_has_ratio_level_and_rate_by_the_same_door() -> None:
    wifi = standard_end(20.0, 16.0)
    for sender, receiver in ((wifi, wifi), (lora(), lora(6.0)), (cell(), terminal()), (terminal(), cell())):
        way = direction(sender, receiver)
        assert way.robust == 0
        assert len(way.mcs) == len(way.rate_mbps) == len(way.required_snr_db) == len(way.noise_dbm)
        assert (np.diff(way.rate_mbps) > 0.0).all()
        assert (np.diff(way.required_snr_db) >= -1e-9).all()
        # What is left over the ratio that is needed is what is left over the level that is needed.
        spare = way.level_dbm - 120.0 - way.sensitivity_dbm
        ratios = np.array([float(way.snr_db(120.0, mode)) for mode in range(len(way.mcs))])
        assert ratios - way.required_snr_db == pytest.approx(spare)


def test_lora_needs_what_its_data_sheet_says() -> None:
    way = direction(lora(), lora())
    assert dict(zip(way.mcs, way.required_snr_db.tolist(), strict=True)) == pytest.approx(
        {"SF12": -20.0, "SF11": -17.5, "SF10": -15.0, "SF9": -12.5, "SF8": -10.0, "SF7": -7.5}
    )
    # AN1200.13: -137 dBm at SF12 in 125 kHz; 14 + 2 + 2 dBm reach it through 155 dB.
    assert float(way.snr_db(155.0)) == pytest.approx(-20.0, abs=0.1)


def test_lte_gets_through_what_tr_36_942_says_at_the_ratio_of_the_link() -> None:
    """The steps stand on the bound of TR 36.942: the rate of the best step is the bound's, less than a step below."""
    down = direction(cell(), terminal())
    for loss in range(110, 145, 5):
        ratio = float(down.snr_db(float(loss)))
        fits = [n for n in range(len(down.mcs)) if float(down.snr_db(float(loss), n)) >= down.required_snr_db[n]]
        best = float(down.rate_mbps[fits[-1]]) if fits else 0.0
        # TR 36.942, A.1, of 50 blocks of 180 kHz.
        bound = 9.0 * min(4.4, 0.6 * math.log2(1.0 + 10.0 ** (ratio / 10.0))) if ratio >= -10.0 else 0.0
        assert best <= bound * 1.001 + 1e-9
        if fits and fits[-1] + 1 < len(down.mcs):
            assert down.rate_mbps[fits[-1] + 1] > bound * 0.999


def test_a_cell_does_not_hear_the_steps_that_only_it_sends() -> None:
    up, down = direction(terminal(), cell()), direction(cell(), terminal())
    assert len(up.mcs) < len(down.mcs) == 15
    assert np.isfinite(up.sensitivity_dbm).all()
    # The uplink is the weaker way: 14 dB less power, an ear that is 4 dB better.
    budget = budget_arrays([130.0], sighted([1.0]), cell(), terminal(), Rules())
    assert budget.level_up_dbm[0] - up.sensitivity_dbm[up.robust] == budget.fallback_db[0]
    assert budget.fallback_db[0] < budget.level_down_dbm[0] - down.sensitivity_dbm[down.robust]
    assert np.isfinite(budget.rate_up_mbps).all()


def test_radios_of_different_kinds_do_not_hear_each_other_whatever_their_modes_are_called() -> None:
    modes = wifi_modes("802.11ac", 20.0, 20.0)
    wifi = RadioEnd(modes, 16.0, 0.0, 0.6, name="Wi-Fi", technology="802.11ac")
    other = RadioEnd(modes, 16.0, 0.0, 0.6, name="other", technology="tvws")
    with pytest.raises(InputError, match="no mode in common"):
        direction(wifi, other)
    older = RadioEnd(wifi_modes("802.11n", 20.0, 20.0), 16.0, 0.0, 0.6, name="older", technology="802.11n")
    assert direction(wifi, older).mcs[0] == "MCS0"
    unknown = RadioEnd(modes, 16.0, 0.0, 0.6, name="unknown")
    assert direction(wifi, unknown).mcs[0] == "MCS0"


def test_the_planner_s_table_of_60_ghz_makes_a_radio(shared_data: Path) -> None:
    """Terragraph Planner: ratio, rate and power below the greatest, by MCS; SNR = level - k T B - noise figure."""
    with (shared_data / "equipment" / "mcs_60ghz.csv").open(encoding="utf-8") as file:
        rows = [{key.strip(): float(value) for key, value in row.items()} for row in csv.DictReader(file)]
    table = [(f"MCS{row['mcs']:.0f}", row["snr"], row["mbps"], row["tx_backoff"]) for row in rows]
    end = RadioEnd(modes_from_snr(table, 2160.0, 16.0, 7.0), 30.0, 0.0, 1.0, name="60 GHz", technology="802.11ad")
    way = direction(end, end)
    assert way.mcs == tuple(f"MCS{n}" for n in range(4, 13))  # MCS 3 carries nothing
    assert way.required_snr_db == pytest.approx([row["snr"] for row in rows[1:]])
    floor = noise_floor_dbm(2160.0, 7.0)
    for row in rows[1:]:
        n = way.mcs.index(f"MCS{row['mcs']:.0f}")
        loss = 16.0 - row["tx_backoff"] + 60.0 - floor - row["snr"]  # leaves just the ratio that it needs
        rules = Rules()
        at_edge = budget_arrays([loss - 1e-6, loss + 1e-6], sighted([1.0, 1.0]), end, end, rules, rate_margin_db=0.0)
        assert at_edge.rate_down_mbps[0] >= row["mbps"]
        assert float(way.snr_db(loss, n)) == pytest.approx(row["snr"])
    best = budget_arrays([100.0], sighted([1.0]), end, end, Rules(), rate_margin_db=0.0)
    assert best.rate_down_mbps[0] == 1800.0


def test_where_a_noise_figure_is_not_known_the_ratio_is_over_heat_alone() -> None:
    catalogue = load_catalogue()
    way = direction(radio_end(catalogue, "long-link-5ghz"), radio_end(catalogue, "long-link-5ghz"))
    assert way.noise_dbm == pytest.approx(thermal_noise_dbm(40.0))
    known = direction(standard_end(20.0, 16.0), standard_end(20.0, 16.0))
    assert known.noise_dbm == pytest.approx(thermal_noise_dbm(20.0) + 10.0)
    # IEEE Std 802.11-2020, 17.3.10.2: -82 dBm is 4 dB over a noise figure of 10 dB and 5 dB of other losses.
    assert known.required_snr_db[0] - 5.0 == pytest.approx(4.0, abs=0.05)


def test_a_noisy_place_asks_for_more_level() -> None:
    city = man_made_noise_db(868.0, NoiseEnvironment.CITY)
    quiet, noisy = direction(lora(), lora()), direction(lora(), lora(external_noise_db=city))
    rise = noise_rise_db(6.0, city)
    assert 2.0 < rise < 5.0
    assert noisy.sensitivity_dbm - quiet.sensitivity_dbm == pytest.approx(rise)
    assert noisy.required_snr_db == pytest.approx(quiet.required_snr_db)
    assert float(quiet.snr_db(140.0)) - float(noisy.snr_db(140.0)) == pytest.approx(rise)
    # The noise is where the receiver stands: the other way hears as before.
    assert direction(lora(external_noise_db=city), lora()).sensitivity_dbm == pytest.approx(quiet.sensitivity_dbm)


def test_noise_from_outside_asks_for_a_noise_figure() -> None:
    with pytest.raises(InputError, match="noise figure of sensor is not known"):
        RadioEnd(lora_modes(14.0), 2.0, 0.0, 1.0, name="sensor", external_noise_db=8.0)


def test_kits_of_lora_and_lte_have_the_modes_of_their_technology() -> None:
    catalogue = load_catalogue()
    gateway, sensor = radio_end(catalogue, "sensor-gateway-lora"), radio_end(catalogue, "sensor-lora")
    assert direction(sensor, gateway).mcs == ("SF12", "SF11", "SF10", "SF9", "SF8", "SF7")
    # The data sheet gives SF12 alone: without the others a near sensor would be as slow as a far one.
    rates = budget_arrays(np.array([100.0, 160.0]), sighted(np.ones(2)), gateway, sensor, Rules()).rate_up_mbps
    assert rates[0] > 5.0 * rates[1] > 0.0
    like = catalogue.kits["village-sector-5ghz"]
    kit = replace(like, id="cell", radio="baicells-nova-233", freq_mhz=3600.0, width_mhz=10.0)
    cell, terminal = radio_end(catalogue, kit), radio_end(catalogue, replace(kit, task=Task.CLIENT))
    assert len(direction(cell, terminal).mcs) == 15
    assert len(direction(terminal, cell).mcs) == 10


def test_an_unknown_loss_has_an_unknown_ratio() -> None:
    ratios = direction(lora(), lora()).snr_db([120.0, math.nan])
    assert np.isfinite(ratios[0])
    assert np.isnan(ratios[1])


def test_a_table_that_cannot_be_is_refused_by_name() -> None:
    for row, said in (
        (("MCS1", 5.0, -10.0, 0.0), "Rate"),
        (("MCS1", 500.0, 10.0, 0.0), "Signal to noise ratio"),
        (("MCS1", 5.0, 10.0, -1.0), "Power below the greatest"),
    ):
        with pytest.raises(InputError, match=said):
            modes_from_snr([row], 2160.0, 16.0, 7.0)
    with pytest.raises(InputError, match="Channel width"):
        modes_from_snr([("MCS1", 5.0, 10.0, 0.0)], 0.0, 16.0, 7.0)


def test_a_sector_of_the_shelf_s_radios_is_as_full_as_their_rates_say() -> None:
    catalogue = load_catalogue()
    tower, roof = radio_end(catalogue, "village-sector-5ghz"), radio_end(catalogue, "roof-client-5ghz")
    rates = budget_arrays(np.array([100.0, 125.0, 132.0]), sighted(np.ones(3)), tower, roof, Rules()).rate_down_mbps
    together = sector_capacity_mbps(rates)
    assert rates.min() < together < rates.max()


@pytest.mark.parametrize("width_mhz", [0.0, -20.0, math.nan, math.inf])
def test_a_radio_by_its_figures_has_a_real_width(width_mhz: float) -> None:
    with pytest.raises(InputError, match="channel width"):
        standard_end(20.0, 16.0, width_mhz=width_mhz)
