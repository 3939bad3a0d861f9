"""What a user would miss: a plan that starts on a channel where the country allows it a quarter of the range."""

from __future__ import annotations

import pytest

from cn_planner.links.channels import WIFI_CENTRES_MHZ
from cn_planner.links.country_channels import more_room, with_country_channels
from cn_planner.model.law import CountryRules, PowerLimit
from cn_planner.storage.catalogue import load_catalogue
from cn_planner.storage.regulations import load_country_rules

SHELF = load_catalogue()
LISTED = ["UG", "KE", "TZ", "ZA", "NG", "ZW", "IN", "NP", "ID", "PH", "BR", "AR", "MX", "CO", "ES", "DE", "GB", "US"]


def sent_dbm(rules: CountryRules, freq: float, width: float) -> tuple[float, bool] | None:
    """Return what the sector radiates at most by the table on a channel, and whether with radar detection."""
    gain, power = 16.0, 25.0
    best = None
    for one in rules.limits:
        whole = one.low_mhz <= freq - width / 2 and freq + width / 2 <= one.high_mhz and width <= one.max_width_mhz
        if not whole or one.indoor_only or one.licence or one.database or one.use == "point-to-point":
            continue
        dbm = min(one.eirp_dbm(gain, width), power + gain)
        if best is None or dbm > best[0]:
            best = dbm, one.dfs
    return best


@pytest.mark.parametrize("country", LISTED)
def test_sectors_start_on_the_best_channel_without_radars_or_one_that_gives_far_more(country: str) -> None:
    rules = load_country_rules(country)
    assert rules is not None
    shelf = with_country_channels(SHELF, rules)
    kit, roof = shelf.kits["village-sector-5ghz"], shelf.kits["roof-client-5ghz"]
    assert kit.freq_mhz == roof.freq_mhz
    table = {freq: sent_dbm(rules, freq, 20.0) for freq in WIFI_CENTRES_MHZ[20.0] if freq > 5000.0}
    calm = max((one[0] for one in table.values() if one is not None and not one[1]), default=-99.0)
    radar = max((one[0] for one in table.values() if one is not None and one[1]), default=-99.0)
    got = table[kit.freq_mhz]
    if calm == radar == -99.0:
        assert kit.freq_mhz == SHELF.kits[kit.id].freq_mhz  # nothing is open: it stays, and the check says why
        return
    assert got is not None
    if got[1]:
        assert got[0] > calm + 2.0
    else:
        assert got[0] >= max(calm, radar - 4.0) - 1.0


@pytest.mark.parametrize(
    ("country", "sector", "link"),
    [
        ("UG", 5745.0, 5795.0),  # 30 dBm without radars, and not 5560
        ("IN", 5745.0, 5795.0),
        ("ES", 5560.0, 5510.0),  # 27 dBm with radars; without, 14
        ("ZA", 5560.0, 5510.0),  # 30 dBm with radars; without, 20
        ("KE", 5745.0, 5795.0),  # 36 dBm with radars; without, 23
        ("NG", 5745.0, 5795.0),  # 5430 to 5725 MHz is licensed
        ("US", 5745.0, 5795.0),
    ],
)
def test_where_the_kits_start_in_countries_that_we_show(country: str, sector: float, link: float) -> None:
    shelf = with_country_channels(SHELF, load_country_rules(country))
    assert shelf.kits["village-sector-5ghz"].freq_mhz == sector
    assert shelf.kits["long-link-5ghz"].freq_mhz == shelf.kits["relay-sun-5ghz"].freq_mhz == link
    assert abs(sector - link) >= 30.0  # clear of each other


def test_what_is_not_wi_fi_and_where_nothing_is_known_stays() -> None:
    assert with_country_channels(SHELF, None) is SHELF
    shelf = with_country_channels(SHELF, load_country_rules("UG"))
    for key in ("forest-link-tvws", "sensor-gateway-lora", "sensor-lora"):
        assert shelf.kits[key] == SHELF.kits[key]


def test_no_kit_starts_among_weather_radars() -> None:
    only = PowerLimit(5600.0, 5725.0, 30.0, True, 160.0, True, False, source=SHELF.radios["rocket-m5"].source)
    rules = CountryRules("XX", (only,), SHELF.radios["rocket-m5"].source)
    assert with_country_channels(SHELF, rules).kits["village-sector-5ghz"].freq_mhz == 5660.0


def test_where_the_law_opens_no_wide_channel_a_link_is_set_to_a_narrow_one() -> None:
    # Indonesia opens 5725 to 5825 MHz outdoors in channels of 20 MHz: a link of 40 MHz would have none at all.
    rules = load_country_rules("ID")
    assert rules is not None
    shelf = with_country_channels(SHELF, rules)
    sector, link = shelf.kits["village-sector-5ghz"], shelf.kits["long-link-5ghz"]
    assert (SHELF.kits[link.id].width_mhz, link.width_mhz, sector.width_mhz) == (40.0, 20.0, 20.0)
    assert rules.open(rules.limit_of(link, shelf.antennas[link.antenna]))
    assert abs(link.freq_mhz - sector.freq_mhz) >= 20.0
    for country in ("UG", "DE", "US"):
        known = load_country_rules(country)
        assert with_country_channels(SHELF, known).kits[link.id].width_mhz == 40.0


@pytest.mark.parametrize("country", ["AR", "MX", "KE", "BR"])
def test_where_100_mhz_are_open_at_full_power_more_room_at_less_is_named(country: str) -> None:
    """By the table alone: so many channels of 40 MHz does the law leave a dish of 29 dBi that power at least."""
    rules = load_country_rules(country)
    assert rules is not None
    shelf = with_country_channels(SHELF, rules)
    kit = shelf.kits["long-link-5ghz"]
    found = more_room(shelf, kit, rules)
    assert found is not None
    assert found.dfs
    own = lawful_dbm(rules, kit.freq_mhz)
    least = lawful_dbm(rules, found.freq_mhz)
    assert own is not None
    assert least is not None
    assert own - least == pytest.approx(found.less_db, abs=1.1)  # radios are set in whole dB
    strong = [freq for freq in WIFI_CENTRES_MHZ[40.0] if (lawful_dbm(rules, freq) or -99.0) >= least - 0.1]
    assert found.channels == len(strong) >= 2 * found.now
    assert not 5580.0 < found.freq_mhz < 5670.0  # weather radars


def lawful_dbm(rules: CountryRules, freq: float) -> float | None:
    """Return the most that the table leaves a dish of 29 dBi in 40 MHz, outdoors and without a licence."""
    low, high = freq - 20.0, freq + 20.0
    for one in rules.limits:
        closed = one.licence and not (high <= one.low_mhz or one.high_mhz <= low)
        if closed:
            return None
    fits = [
        one.eirp_dbm(29.0, 40.0)
        for one in rules.limits
        if one.low_mhz <= low and high <= one.high_mhz and one.max_width_mhz >= 40.0
        and not (one.indoor_only or one.licence or one.database or one.use not in ("any", "point-to-point"))
    ]  # fmt: skip
    return max(fits, default=None)


@pytest.mark.parametrize("country", ["ES", "ID", "UG"])
def test_where_the_law_has_no_such_room_none_is_named(country: str) -> None:
    rules = load_country_rules(country)
    shelf = with_country_channels(SHELF, rules)
    assert more_room(shelf, shelf.kits["long-link-5ghz"], rules) is None
    assert more_room(SHELF, SHELF.kits["long-link-5ghz"], None) is None
