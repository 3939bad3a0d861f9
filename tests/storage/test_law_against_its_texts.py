"""The law that was read, against its words: figures typed here once more from the quotations, not from the files."""

from __future__ import annotations

import pytest

from cn_planner.i18n import say
from cn_planner.model.equipment import SourceKind, Task
from cn_planner.model.law import DutyKind
from cn_planner.model.regulations import conditions, duty_words, stricter_words
from cn_planner.storage.regulations import load_country_duties, load_country_rules

LISTED = ["UG", "KE", "TZ", "ZA", "NG", "ZW", "IN", "NP", "ID", "PH", "BR", "AR", "MX", "CO", "ES", "DE", "GB", "US"]

# Country, channel, width, gain; what the quoted text allows outdoors at most, dBm EIRP; None: nothing, or a licence.
QUOTED = [
    ("UG", 5180.0, 20.0, 23.0, 23.01),  # 200 mW
    ("UG", 5180.0, 10.0, 23.0, 20.0),  # 10 mW in any 1 MHz
    ("UG", 5560.0, 20.0, 23.0, 30.0),  # 1 W
    ("UG", 5560.0, 10.0, 23.0, 26.99),  # 50 mW in any 1 MHz
    ("UG", 5560.0, 20.0, 2.0, 26.0),  # the transmitter 250 mW
    ("KE", 2437.0, 20.0, 8.5, 33.01),  # 2 W
    ("KE", 5560.0, 20.0, 23.0, 30.0),
    ("KE", 5785.0, 20.0, 23.0, 36.02),  # 2 W in any 10 MHz
    ("KE", 5785.0, 10.0, 23.0, 33.01),
    ("TZ", 5560.0, 20.0, 23.0, 23.98),  # 250 mW
    ("TZ", 5785.0, 20.0, 23.0, 30.0),  # 1 W
    ("TZ", 5180.0, 20.0, 23.0, None),  # indoors
    ("NG", 5560.0, 20.0, 23.0, None),  # licensed
    ("ID", 5785.0, 20.0, 23.0, 36.02),  # 4 W
    ("ID", 5785.0, 40.0, 23.0, None),  # in channels of 20 MHz
    ("ID", 5180.0, 20.0, 23.0, None),  # indoors
    ("ID", 6105.0, 20.0, 8.0, None),  # 25 mW outdoors are said by one of two
    ("IN", 6105.0, 20.0, 8.0, 14.0),
    ("IN", 2437.0, 20.0, 8.5, 36.0),  # 36 dBm ERP, or EIRP: 30 are kept
    ("BR", 5785.0, 20.0, 23.0, 36.02),  # 1 W and 6 dBi
    ("BR", 5785.0, 20.0, 3.0, 33.0),
    ("BR", 5560.0, 20.0, 23.0, 30.0),  # 27 without TPC
    ("BR", 5180.0, 20.0, 23.0, None),
    ("DE", 5560.0, 20.0, 23.0, 30.0),
    ("DE", 5785.0, 20.0, 23.0, 13.98),  # 25 mW
    ("GB", 5560.0, 20.0, 23.0, 30.0),
    ("GB", 5785.0, 20.0, 23.0, None),  # a licence
    ("ES", 5745.0, 20.0, 23.0, 13.98),
    ("AR", 5620.0, 20.0, 23.0, None),  # in no list of shared bands
    ("MX", 5620.0, 20.0, 23.0, None),  # 5470 to 5600 and 5650 to 5725 are free
    ("AR", 5610.0, 40.0, 23.0, None),  # reaches into it
    ("ZW", 5785.0, 20.0, 23.0, None),  # in no list of the notice
    ("NP", 5785.0, 20.0, 23.0, 36.02),  # 4 W
    ("NP", 5785.0, 20.0, 2.0, 32.0),  # 1 W from the transmitter
    ("NP", 5560.0, 20.0, 23.0, 36.02),
    ("NP", 5680.0, 20.0, 23.0, None),  # over 5650 nothing
    ("NP", 5835.0, 20.0, 23.0, None),  # over 5825 nothing
    ("NP", 5830.0, 10.0, 23.0, None),
    ("UG", 5830.0, 10.0, 23.0, None),  # 5725 to 5825 MHz is named
    ("UG", 5825.0, 20.0, 23.0, None),
    ("NP", 2437.0, 20.0, 8.5, 36.02),
    ("ZA", 6105.0, 20.0, 8.0, 14.0),  # very low power; 23 dBm are for indoors
    ("ZA", 5785.0, 20.0, 23.0, None),  # free of a licence, its figure not read
    ("MX", 6105.0, 20.0, 8.0, 14.0),  # very low power; 1 dBm in any 1 MHz
    ("MX", 6105.0, 10.0, 8.0, 11.0),
    ("MX", 915.0, 20.0, 8.0, 36.0),  # 1 W into the antenna, less by what it gains over 6 dBi
    ("MX", 915.0, 20.0, 13.0, 36.0),
    ("MX", 915.0, 20.0, 3.0, 33.0),
    ("CO", 6105.0, 20.0, 8.0, None),  # indoors alone
    ("AR", 6105.0, 20.0, 8.0, None),  # indoors alone
    ("PH", 6105.0, 20.0, 8.0, 13.98),  # 25 mW; 250 mW are for indoors
    ("CO", 921.0, 10.0, 8.0, 36.0),  # 1 W into the antenna, less by what it gains over 6 dBi
    ("CO", 921.0, 1.0, 3.0, 33.0),
    ("CO", 921.0, 0.125, 3.0, -1.25),  # 50 mV/m at 3 m: one narrow channel that does not hop
    ("CO", 915.0, 1.0, 8.0, None),  # reaches below 915 MHz
    ("CO", 908.0, 1.0, 8.0, None),  # not free
]


@pytest.mark.parametrize(("country", "freq", "width", "gain", "text_dbm"), QUOTED)
def test_never_laxer_than_the_text_and_3_db_stricter_only_with_a_reason(
    country: str, freq: float, width: float, gain: float, text_dbm: float | None
) -> None:
    rules = load_country_rules(country)
    assert rules is not None
    limit = rules.limit(freq, width, gain_dbi=gain, outdoors=True)
    if text_dbm is None:
        assert not rules.open(limit)
        return
    assert limit is not None
    kept = limit.eirp_dbm(gain, width)
    assert kept <= text_dbm + 0.02
    if kept < text_dbm - 2.9:
        (why,) = stricter_words(limit, gain, width)
        assert "ask the regulator" in say(why)


@pytest.mark.parametrize("country", LISTED)
def test_each_listed_country_has_a_text_or_says_which_was_not_read(country: str) -> None:
    rules = load_country_rules(country)
    assert rules is not None
    kinds = {(limit.source or rules.source).kind for limit in rules.limits if 5150.0 <= limit.low_mhz <= 5875.0}
    assert kinds <= {SourceKind.REGULATOR, SourceKind.QUOTATION, SourceKind.DRIVER}
    if SourceKind.DRIVER in kinds and not kinds & {SourceKind.REGULATOR, SourceKind.QUOTATION}:
        assert rules.not_reached
    for limit in rules.limits:
        source = limit.source or rules.source
        assert source.kind is SourceKind.DRIVER or source.read or source.day or source.date, (country, limit)
        if source.kind is SourceKind.DRIVER:
            assert "not the law" in source.title


def test_half_the_range_is_6_db_and_said_so() -> None:
    rules = load_country_rules("BR")
    assert rules is not None
    limit = rules.limit(5560.0, 20.0, gain_dbi=23.0, outdoors=True)
    assert limit is not None
    (said,) = stricter_words(limit, 23.0, 20.0)
    assert "3 dB more, 1.4 times the range" in say(said)


def test_what_a_country_asks_for_is_said_with_where_it_was_read() -> None:
    uganda, kenya = load_country_rules("UG"), load_country_rules("KE")
    assert uganda is not None
    assert kenya is not None
    assert [one.kind for one in uganda.duties] == [DutyKind.REGISTRATION]
    assert [one.kind for one in kenya.duties] == [DutyKind.COMMUNITY]
    assert "jbatgroup.com" in say(duty_words(uganda.duties[0]))
    limit = uganda.limit(5560.0, 20.0, gain_dbi=23.0, outdoors=True)
    assert limit is not None
    assert "Whoever sends must register with the regulator first." in [say(one) for one in conditions(limit)]


def test_what_is_asked_beside_power_is_said_where_the_powers_were_not_read() -> None:
    asked = {key: load_country_rules(key) for key in ("AR", "MX", "PH", "ZW")}
    kinds = {key: [one.kind for one in rules.duties] for key, rules in asked.items() if rules is not None}
    assert kinds == {
        "AR": [DutyKind.LICENCE], "MX": [DutyKind.APPROVAL] * 3, "PH": [DutyKind.REGISTRATION],
        "ZW": [DutyKind.REGISTRATION],
    }  # fmt: skip
    assert all(rules is not None and "drivers' table" in rules.not_reached for rules in asked.values())


def test_what_a_country_asks_for_is_said_where_its_limits_are_unknown() -> None:
    assert load_country_rules("CD") is None
    approval, *frequencies = load_country_duties("cd")
    assert [approval.kind, *(one.kind for one in frequencies)] == [
        DutyKind.APPROVAL, DutyKind.LICENCE, DutyKind.LICENCE,
    ]  # fmt: skip
    assert "065/ARPTC/CLG/2019" in approval.source.title
    assert load_country_rules("ZM") is None
    (guidelines,) = load_country_duties("ZM")
    assert "the power was not read" in say(duty_words(guidelines))
    assert load_country_duties("XX") == ()
    kenya = load_country_rules("KE")
    assert kenya is not None
    assert load_country_duties("KE") == kenya.duties


def test_spain_wants_radar_detection_in_parts_of_5_8_ghz() -> None:
    rules = load_country_rules("ES")
    assert rules is not None
    found = {freq: rules.limit(freq, 20.0, outdoors=True) for freq in (5745.0, 5765.0, 5805.0, 5835.0)}
    assert {freq: one is not None and one.dfs for freq, one in found.items()} == {
        5745.0: True, 5765.0: True, 5805.0: False, 5835.0: True,
    }  # fmt: skip


def test_south_africa_looks_for_radars_at_the_drivers_power() -> None:
    rules = load_country_rules("ZA")
    assert rules is not None
    limit = rules.limit(5560.0, 20.0, outdoors=True)
    assert limit is not None
    assert limit.dfs
    assert limit.eirp_dbm(23.0, 20.0) == 30.0


def test_what_a_text_says_of_narrow_channels_is_no_contradiction_with_what_it_says_of_wide_ones() -> None:
    rules = load_country_rules("CO")
    assert rules is not None
    assert not [one for one in rules.contradictions if one.kept.low_mhz < 1000.0]
    limit = rules.limit(921.0, 0.125, gain_dbi=3.0, outdoors=True)
    assert limit is not None
    (why,) = stricter_words(limit, 3.0, 0.125)
    assert "hop over 50 channels" in say(why)
    assert [one.kind for one in rules.duties] == [DutyKind.LICENCE, DutyKind.APPROVAL]


@pytest.mark.parametrize(("country", "high_mhz"), [("MX", 6425.0), ("CO", 7125.0), ("AR", 7125.0)])
def test_indoors_at_6_ghz_clients_have_6_db_less_than_what_they_speak_to(country: str, high_mhz: float) -> None:
    rules = load_country_rules(country)
    assert rules is not None
    freq = high_mhz - 40.0
    client, middle = rules.limit(freq, 80.0), rules.limit(freq, 80.0, task=Task.ACCESS)
    assert client is not None
    assert middle is not None
    assert client.eirp_dbm(5.0, 80.0) == pytest.approx(-1.0 + 19.03, abs=0.01)
    assert middle.eirp_dbm(5.0, 80.0) == pytest.approx(5.0 + 19.03, abs=0.01)
    assert rules.limit(high_mhz + 10.0, 20.0) is None
