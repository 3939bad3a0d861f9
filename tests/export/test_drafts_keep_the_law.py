"""What a user would miss: a draft that tells a radio to send more than the law of the country allows."""

from __future__ import annotations

import math
import random
from dataclasses import replace
from functools import cache

import pytest
from router_readers import read_rsc, read_uci

from cn_planner.export.openwrt_drafts import lime_node, uci
from cn_planner.export.routeros_drafts import script as rsc
from cn_planner.links.channels import WIFI_CENTRES_MHZ
from cn_planner.links.radio import radio_end
from cn_planner.message import msg
from cn_planner.model.equipment import Antenna, Kit, Radio, Task
from cn_planner.model.law import CountryRules
from cn_planner.model.radio_figures import TotalDbm, chain_power
from cn_planner.paths import resources
from cn_planner.report.address_records import DeviceSettings, RadioSettings
from cn_planner.storage.catalogue import load_catalogue
from cn_planner.storage.regulations import load_country_rules, read_rules

COUNTRIES = ["UG", "KE", "TZ", "ZA", "NG", "ZW", "IN", "NP", "ID", "PH", "BR", "AR", "MX", "CO", "ES", "DE", "GB", "US"]
"""Of the list of countries with community networks; of DR Congo no table was found."""
SHELF = load_catalogue()
ANTENNAS = ("ubiquiti-rd-5g30", "ubiquiti-am-5g19-120", "ubiquiti-rd-2g24", "ubiquiti-am-2g15-120")
DEVICE = DeviceSettings(
    "hill", "sector", "T1", "The Hill", "Some radio", "image", "", "KE", "10.64.0.9/24", "fd01:0:0:99::9/64",
    "10.64.0.1", "fd01:0:0:99::1", "10.64.0.1", 99, ("10.64.0.0/16",), ("fd01::/16",),
    mesh_cloud="hill", mesh_ipv4="10.64.0.9/21", mesh_ipv6="fd01::9/64", mesh_pool_start=16, mesh_pool_size=64,
)  # fmt: skip


@cache
def drafted_dbm(key: str, power: TotalDbm) -> tuple[float, ...]:
    """Return what all chains together send by each draft that the radio has, read back from its text."""
    radio = SHELF.radios[key]
    five, ac = radio.band_mhz[0] > 3000.0, radio.technology == "802.11ac"
    settings = RadioSettings(
        "ap", "5g" if five else "2g", 36, 5180 if five else 2437, "", 20, "HT20", ac, power,
        chain_power(power, radio.streams), 1300, 2, "Hill", False, False, msg("The law allows it."),
    )  # fmt: skip
    found = []
    menu = SHELF.systems.menus.get(radio.id)
    if menu is not None:
        rows = [row for _, row in read_rsc(rsc(replace(DEVICE, routeros=str(menu), radio=settings), [], str))]
        (typed,) = [float(row[key]) for row in rows for key in ("tx-power", "configuration.tx-power") if key in row]
        # MikroTik, Wireless Interface, "Transmit Power representation": 802.11n is per chain, 802.11ac the total.
        a_chain = menu == "wireless" and not ac
        found.append(typed + (10.0 * math.log10(radio.streams) if a_chain else 0.0))
    if radio.id in SHELF.systems.images:
        packages = read_uci(uci(replace(DEVICE, radio=settings), [], str))
        found += [float(one["txpower"][0]) for kind, _, one in packages["wireless"] if kind == "wifi-device"]
        packages = read_uci(lime_node(replace(DEVICE, radio=settings), [], str))
        (mesh,) = [float(one["txpower"][0]) for _, _, one in packages[""] if "txpower" in one]
        found.append(mesh)
    return tuple(found)


def allowed_dbm(
    rules: CountryRules, freq_mhz: float, task: Task, gain_dbi: float, width_mhz: float = 20.0
) -> float | None:
    """Return the most that may be radiated outdoors on a channel, by the country's own table, without its methods."""
    half = width_mhz / 2.0
    most = None
    for one in rules.limits:
        fits = one.low_mhz <= freq_mhz - half and freq_mhz + half <= one.high_mhz and one.max_width_mhz >= width_mhz
        use = {"any": True, "point-to-point": task is Task.BACKHAUL, "access-point": task is Task.ACCESS}[one.use]
        if not fits or not use or one.indoor_only or one.licence or one.duty_pct or one.database:
            continue
        dbm = min(
            one.limit_dbm,
            math.inf if one.density_dbm_mhz is None else one.density_dbm_mhz + 10.0 * math.log10(width_mhz),
        )
        if one.eirp:
            dbm -= one.less_per_db * max(0.0, (one.full_gain_dbi or -99.0) - gain_dbi)
        else:
            over = 0.0 if one.free_gain_dbi is None else max(0.0, gain_dbi - one.free_gain_dbi)
            dbm += gain_dbi - one.less_per_db * over
        dbm -= one.less_without_tpc_db
        most = dbm if most is None else max(most, dbm)
    return most


def antennas_of(radio: Radio) -> list[Antenna]:
    if radio.antenna:
        return [SHELF.antennas[radio.antenna]]
    reach = [SHELF.antennas[key] for key in ANTENNAS]
    return [one for one in reach if one.band_mhz[0] < radio.band_mhz[1] and radio.band_mhz[0] < one.band_mhz[1]]


RADIOS = [one for key, one in SHELF.radios.items() if key in {*SHELF.systems.menus, *SHELF.systems.images}]


@pytest.mark.parametrize("country", COUNTRIES)
def test_no_draft_is_over_the_law_by_the_country_s_own_table(country: str) -> None:
    rules = load_country_rules(country)
    assert rules is not None
    tried = 0
    for radio in RADIOS:
        low, high = radio.band_mhz
        centres = [one for one in WIFI_CENTRES_MHZ[20.0] if low <= one - 10.0 and one + 10.0 <= high]
        for antenna in antennas_of(radio):
            for task in (Task.ACCESS, Task.BACKHAUL):
                for freq in centres:
                    kit = Kit("kit", "Kit", task, radio.id, antenna.id, freq, 20.0, 0.0, ())
                    most = allowed_dbm(rules, freq, task, antenna.gain_dbi)
                    end = radio_end(SHELF, kit, rules)
                    assert end.allowed == (most is not None), (radio.id, freq)
                    if most is None:
                        continue
                    power = TotalDbm(max(end.tx_power_dbm(mode) for mode in end.modes))
                    for dbm in drafted_dbm(radio.id, power):
                        assert dbm + antenna.gain_dbi <= most + 0.02, (radio.id, antenna.id, task, freq)
                        tried += 1
    assert tried > 300


EVERYWHERE = sorted(read_rules(resources() / "rules"))


@pytest.mark.parametrize("width", [20.0, 40.0, 80.0])
def test_no_radio_is_set_over_the_law_of_any_country_on_any_width(width: float) -> None:
    """Of all countries of the tables, radios, dishes, channels and tasks: 4,000 drawn."""
    draw, tried = random.Random(int(width)), 0
    for _ in range(4000):
        rules = load_country_rules(draw.choice(EVERYWHERE))
        radio, task = draw.choice(RADIOS), draw.choice(list(Task))
        assert rules is not None
        centres = [one for one in WIFI_CENTRES_MHZ[width] if radio.band_mhz[0] < one < radio.band_mhz[1]]
        if not centres or not radio.modes_at(width):
            continue
        freq, antenna = draw.choice(centres), draw.choice(antennas_of(radio))
        end = radio_end(SHELF, Kit("kit", "Kit", task, radio.id, antenna.id, freq, width, 0.0, ()), rules)
        most = allowed_dbm(rules, freq, task, antenna.gain_dbi, width)
        assert end.allowed == (most is not None), (rules.country, radio.id, freq)
        if most is not None:
            tried += 1
            assert max(end.eirp_dbm(mode) for mode in end.modes) <= most + 0.02, (rules.country, radio.id, freq, task)
    assert tried > 300


def test_a_draft_of_a_radio_of_two_chains_sets_each_to_half() -> None:
    # 27 dBm together are 24 a chain on 802.11n of RouterOS, and 27 where the menu asks for the total.
    radio = SHELF.radios["mikrotik-lhg-hp5"]
    assert radio.streams == 2
    (by_routeros, by_openwrt, by_libremesh) = drafted_dbm(radio.id, TotalDbm(27.0))
    assert by_routeros == pytest.approx(23.0 + 10.0 * math.log10(2.0))  # 23.99 a chain, in whole dB
    assert by_openwrt == by_libremesh == 27.0
    assert drafted_dbm("mikrotik-lhg-xl-5-ac", TotalDbm(24.0)) == (24.0, 24.0, 24.0)
