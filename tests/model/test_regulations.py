"""The law as a plan keeps it: what would be lost if a limit were read wrongly, or what people wrote down got lost."""

from __future__ import annotations

from dataclasses import replace

import pytest

from cn_planner.errors import InputError
from cn_planner.links.radio import radio_end
from cn_planner.model.equipment import Source, Task
from cn_planner.model.law import CountryRules, PowerLimit, Use
from cn_planner.model.plan import Info, Plan, Rules
from cn_planner.model.regulations import (
    check_limit,
    conditions,
    contradictions,
    less_words,
    limit_words,
    merged,
    own_limits,
    regulations_of,
    source_words,
)
from cn_planner.storage.catalogue import load_catalogue

SOURCE = Source("Rule 1", "Regulator", "2026-01-02")


def limit(low: float = 5470.0, high: float = 5725.0, dbm: float = 30.0, **more: object) -> PowerLimit:
    values = {"eirp": True, "max_width_mhz": 80.0, "dfs": False, "indoor_only": False, **more}
    return PowerLimit(low, high, dbm, **values)  # type: ignore[arg-type]


def test_a_conducted_limit_falls_with_the_antenna_as_its_rule_says() -> None:
    many = limit(dbm=30.0, eirp=False, free_gain_dbi=6.0)
    assert many.eirp_dbm(6.0, 20.0) == 36.0
    assert many.eirp_dbm(24.0, 20.0) == 36.0
    third = limit(dbm=30.0, eirp=False, free_gain_dbi=6.0, less_per_db=1 / 3)  # 1 dB for every 3 dB
    assert third.eirp_dbm(24.0, 20.0) == pytest.approx(48.0)
    assert limit(dbm=30.0, eirp=False).eirp_dbm(30.0, 20.0) == 60.0


def test_a_limit_on_what_is_radiated_may_fall_with_the_gain_that_is_lacking() -> None:
    dish = limit(dbm=82.0, full_gain_dbi=51.0, less_per_db=2.0)
    assert dish.eirp_dbm(51.0, 20.0) == dish.eirp_dbm(60.0, 20.0) == 82.0
    assert dish.eirp_dbm(38.0, 20.0) == 56.0
    assert [str(one) for one in less_words(dish)] == ["2 dB less for each dB that the antenna gains less than 51 dBi."]
    check_limit(dish)
    for wrong in ({"eirp": False}, {"free_gain_dbi": 6.0}, {"less_per_db": 4.0}):
        with pytest.raises(InputError):
            check_limit(replace(dish, **wrong))  # type: ignore[arg-type]


def test_a_limit_on_density_holds_back_narrow_channels() -> None:
    one = limit(dbm=30.0, density_dbm_mhz=17.0)
    assert one.power_dbm(20.0, 20.0) == pytest.approx(30.0, abs=0.02)
    assert one.power_dbm(20.0, 5.0) == pytest.approx(24.0, abs=0.02)


def test_links_between_towers_may_take_the_rule_for_two_points_and_homes_may_not() -> None:
    regulations = CountryRules("US", (limit(dbm=36.0), limit(dbm=53.0, use=Use.POINT_TO_POINT)), SOURCE)
    access, link = (regulations.limit(5600.0, 20.0, task=task) for task in (Task.ACCESS, Task.BACKHAUL))
    assert access is not None
    assert link is not None
    assert (access.limit_dbm, link.limit_dbm) == (36.0, 53.0)


def test_a_band_for_licences_is_closed_until_one_is_held() -> None:
    regulations = CountryRules("XX", (limit(dbm=50.0, licence=True),), SOURCE)
    kit = load_catalogue().kits["village-sector-5ghz"]
    assert not radio_end(load_catalogue(), kit, regulations).allowed
    assert radio_end(load_catalogue(), kit, replace(regulations, licence_held=True)).allowed
    both = replace(regulations, limits=(*regulations.limits, limit(dbm=20.0)))
    free = both.limit(5600.0, 20.0)
    assert free is not None
    assert free.limit_dbm == 20.0
    held = replace(both, licence_held=True).limit(5600.0, 20.0)
    assert held is not None
    assert held.limit_dbm == 50.0


def test_power_is_lowered_only_where_people_wish_it() -> None:
    catalogue = load_catalogue()
    kit = catalogue.kits["long-link-5ghz"]
    regulations = CountryRules("XX", (limit(dbm=20.0),), SOURCE)
    capped, free = radio_end(catalogue, kit, regulations), radio_end(catalogue, kit, replace(regulations, caps=False))
    assert max(capped.eirp_dbm(mode) for mode in capped.modes) <= 20.0
    assert free.eirp_cap_dbm is None
    assert max(free.eirp_dbm(mode) for mode in free.modes) > 40.0


def test_limits_are_read_as_people_write_them() -> None:
    found = own_limits(
        "5470-5725 MHz 30 dBm EIRP 40 wide DFS; 5.725-5.85 GHz 1 W conducted point-to-point; 470-694 100 mW ERP "
        "licence white space; 868-868.6 25 mW ERP duty 1 % ; 5150-5250 MHz 200 mW EIRP indoor",
        "UCC, letter of 2026-10-01",
    )
    band5, upper, tv, lora, inside = found
    assert (band5.limit_dbm, band5.eirp, band5.max_width_mhz, band5.dfs) == (30.0, True, 40.0, True)
    assert (upper.low_mhz, upper.high_mhz, upper.limit_dbm, upper.eirp) == (5725.0, 5850.0, 30.0, False)
    assert upper.use is Use.POINT_TO_POINT
    assert (tv.limit_dbm, tv.licence, tv.database) == (22.15, True, True)
    assert (lora.limit_dbm, lora.duty_pct) == (16.13, 1.0)
    assert inside.indoor_only
    assert source_words(band5, CountryRules("UG", found, SOURCE)) == "UCC, letter of 2026-10-01"
    assert [str(one) for one in conditions(tv)] == [
        "Only with a licence of the regulator.",
        "Only on the channels that a data base of white spaces gives out for this place.",
    ]
    assert str(limit_words(band5)) == "5470 to 5725 MHz, 30 dBm EIRP"


@pytest.mark.parametrize(
    "text",
    [
        "30 dBm", "5470-5725 30 dBm", "5725-5470 30 dBm EIRP", "5470-5725 MHz 90 dBm EIRP", "5470-5725 MHz 0 W EIRP",
        "5470-5725 MHz 30 dBm EIRP duty 0 %", "5470-5725 MHz 30 dBm EIRP quickly", "5470-5725 MHz -5 mW EIRP",
        "5470-5725 MHz 30 EIRP", "5470-5725 MHz 30 dBm EIRP 0 wide", "nan-inf MHz 30 dBm EIRP",
    ],
)  # fmt: skip
def test_what_is_no_limit_is_refused_with_how_to_write_one(text: str) -> None:
    with pytest.raises(InputError):
        own_limits(text, typed=True)


def test_a_limit_without_a_unit_in_a_plan_of_before_is_in_dbm() -> None:
    plan = Plan(info=Info(country="UG"), rules=Rules(own_limits="5725-5850 MHz 30 EIRP; 5470-5725 MHz 20 dBm EIRP DFS"))
    found = regulations_of(plan, None)
    assert found is not None
    assert [one.limit_dbm for one in found.limits] == [30.0, 20.0]


def test_two_own_limits_that_contradict_are_both_named() -> None:
    with pytest.raises(InputError) as caught:
        own_limits("5470-5725 MHz 30 dBm EIRP; 5500-5600 MHz 27 dBm EIRP")
    assert "5470" in str(caught.value.what)
    assert "5500" in str(caught.value.what)


def test_what_people_were_told_goes_first_and_the_other_source_is_named() -> None:
    shipped = CountryRules("UG", (limit(2400.0, 2483.5, 20.0), limit(dbm=27.0)), SOURCE)
    plan = Plan(info=Info(country="UG"), rules=Rules(own_limits="5470-5725 MHz 30 dBm EIRP", keep_limits=False))
    regulations = regulations_of(plan, shipped)
    assert regulations is not None
    assert not regulations.caps
    mine = regulations.limit(5600.0, 20.0)
    assert mine is not None
    assert mine.limit_dbm == 30.0
    assert regulations.limit(2440.0, 20.0) is not None
    (pair,) = regulations.contradictions
    assert (pair.kept.limit_dbm, pair.other.limit_dbm) == (30.0, 27.0)
    assert regulations_of(Plan(info=Info(country="SS")), None) is None


def test_of_two_limits_on_the_same_terms_the_strictest_holds() -> None:
    regulations = CountryRules("XX", (limit(dbm=30.0), limit(5500.0, 5600.0, 27.0)), SOURCE)
    (pair,) = contradictions(regulations.limits)
    assert pair.kept.limit_dbm == 27.0
    inside = regulations.limit(5550.0, 20.0)
    assert inside is not None
    assert inside.limit_dbm == 27.0


def test_one_text_may_allow_narrow_channels_less_than_wide_ones() -> None:
    wide, narrow = own_limits("915-928 MHz 30 dBm conducted; 915-928 MHz -1.25 dBm EIRP 0.49 wide", "a letter")
    rules = CountryRules("XX", (wide, narrow), SOURCE)
    assert rules.limit(920.0, 0.125) == narrow
    assert rules.limit(920.0, 1.0) == wide


def test_a_second_source_fills_only_the_bands_between() -> None:
    first = CountryRules("XX", (limit(5500.0, 5600.0, 30.0),), SOURCE)
    both = merged(first, CountryRules("XX", (limit(5470.0, 5725.0, 30.0, dfs=True),), SOURCE))
    assert [(one.low_mhz, one.high_mhz, one.dfs) for one in both.limits] == [
        (5470.0, 5500.0, True), (5500.0, 5600.0, False), (5600.0, 5725.0, True),
    ]  # fmt: skip
    assert len(both.contradictions) == 1
