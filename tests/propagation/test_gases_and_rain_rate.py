"""What a user would miss: what the air takes of a long or high-frequency link, and how hard it rains at a place."""

from __future__ import annotations

import csv
import math

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from cn_planner.errors import InputError
from cn_planner.propagation.kernel import compiled
from cn_planner.propagation.p676 import dry_pressure_hpa, gas_attenuation, gas_kernel, standard_pressure_hpa
from cn_planner.propagation.p837 import (
    ZONE_RATES_MM_H,
    rain_probability_pct,
    rain_rate_mm_h,
    zone_rain_rate_mm_h,
)


def numbers(text):
    return [float(one) for one in text.split()]


# The ITU's validation examples of P.837-7 (CG-3M3J-13): monthly rain and temperatures of five places, with the
# probability of rain that they give; the rain rates are in the ITU's table.
PLACES = {
    (3.133, 101.7): (
        numbers(
            "152.763416 149.898704 221.929184 263.519096 211.805984 129.48012 "
            "140.308016 158.009704 195.683696 268.214608 282.333768 236.404568"
        ),
        numbers(
            "25.9582781 26.4754069 26.793256 26.9734941 27.123524 26.9777653 "
            "26.5016453 26.3638464 26.2731144 26.2296664 26.0075176 25.803972"
        ),
        4.53654368,
    ),
    (22.9, -43.23): (
        numbers(
            "59.598962 36.7802 42.961966 36.475464 31.429894 18.750096 "
            "21.15719 34.66356 63.197052 94.937566 103.11694 83.85467"
        ),
        numbers(
            "22.7885627 22.380848 22.4719707 22.75624 23.594776 24.834576 "
            "25.5370187 26.135736 26.425832 25.97856 24.9148187 23.7084533"
        ),
        1.41773353,
    ),
    (33.94, 18.43): (
        numbers(
            "57.9861528 37.143206 23.3665352 10.4798612 6.2422652 1.6069328 "
            "0.8997292 2.5183316 15.2594936 36.8104436 50.3583452 65.4305276"
        ),
        numbers(
            "15.0418073 14.6263755 15.4108475 16.9806219 19.5857006 23.0811993 "
            "25.8078354 26.7154039 25.3908882 23.1098571 19.8604997 16.6729701"
        ),
        1.27567391,
    ),
    (41.9, 12.49): (
        numbers(
            "72.619568 69.507974 65.024072 67.981612 48.1683 33.43756 "
            "20.54738 34.4276 72.2045 98.50464 112.239674 94.121074"
        ),
        numbers(
            "6.87120889 7.26154044 9.76435289 12.5607191 17.0685253 21.1408587 "
            "24.0412444 24.1227253 20.2295244 16.3049422 11.4519147 7.96033778"
        ),
        5.26971907,
    ),
    (51.5, -0.14): (
        numbers(
            "56.09048 39.23571 46.99091 47.42768 51.38205 52.4694 49.1301 55.873 59.6174 62.3452 64.58521 62.14263"
        ),
        numbers(
            "4.76207556 4.72777778 6.63464889 8.79631556 11.9751733 14.9459022 "
            "17.1709467 16.9950978 14.5910978 11.3721067 7.74769778 5.43826667"
        ),
        5.3615096,
    ),
}


def itu_table(path):
    with path.open(encoding="latin-1", newline="") as file:
        return [[float(value) for value in line] for line in list(csv.reader(file))[2:]]


def test_gases_are_those_of_the_itu_s_own_table(shared_data):
    table = itu_table(shared_data / "propagation/itu_tables/676/ITURP676-13_gamma.csv")
    assert len(table) == 350
    for ghz, dry_hpa, kelvin, vapour, oxygen, water, total in table:
        found = gas_attenuation(ghz * 1e3, dry_hpa, kelvin - 273.15, vapour)
        assert found.dry_air_db_per_km == pytest.approx(oxygen, abs=1e-9)
        assert found.water_vapour_db_per_km == pytest.approx(water, abs=1e-9)
        assert found.total_db_per_km == pytest.approx(total, abs=1e-9)


def test_gases_at_other_temperatures_and_humidities_lead_to_the_itu_s_slant_paths(shared_data):
    # The ITU has no table of specific attenuation but at 15 degrees; its paths to space (P.676-13, Annex 2) are
    # specific attenuations times equivalent heights, whose coefficients at these two frequencies are the ITU's.
    heights = {
        38.5: (-2.540595, 2.858191e-2, -6.404764e-4, -1.265134e-3, 1.8473385619700282),
        39.5: (-2.549964, 2.86276e-2, -6.430543e-4, -1.296508e-3, 1.8462800035408293),
    }
    for ghz, elevation, vapour, dry_hpa, kelvin, total in itu_table(
        shared_data / "propagation/itu_tables/676/ITURP676-13_A_gas.csv"
    ):
        found = gas_attenuation(ghz * 1e3, dry_hpa, kelvin - 273.15, vapour)
        a, b, c, d, water_km = heights[ghz]
        oxygen_km = a + b * kelvin + c * (dry_hpa + vapour * kelvin / 216.7) + d * vapour
        zenith = found.dry_air_db_per_km * oxygen_km + found.water_vapour_db_per_km * water_km
        assert zenith / math.sin(math.radians(elevation)) == pytest.approx(total, abs=1e-9)


def test_gases_high_up_are_those_of_the_itu_s_layers():
    # Layers of the ITU's worked slant path at 28 GHz: near the ground, at 1.5 km and at 11 km.
    for dry_hpa, kelvin, vapour, oxygen, water in (
        (1003.271365225303, 288.14967500000256, 7.4998125023437305, 1.8331839318012747e-2, 8.2511608234405662e-2),
        (843.66330123216153, 278.56996151077925, 3.5887576453789061, 1.4225155046194171e-2, 3.5171156401792907e-2),
        (228.52428917831031, 217.05546422911678, 3.1325167755046367e-2, 2.1215929167079654e-3, 1.301688979227903e-4),
    ):
        found = gas_attenuation(28_000.0, dry_hpa, kelvin - 273.15, vapour)
        assert found == pytest.approx((oxygen, water), rel=1e-9)


def test_gases_compiled_are_gases_plain():
    for ghz in (1.0, 24.0, 60.0, 183.31):
        assert compiled(gas_kernel)(ghz, 1003.3, 288.15, 7.5) == pytest.approx(
            gas_kernel(ghz, 1003.3, 288.15, 7.5), rel=1e-12
        )


_ONE_MOLECULE_G_M3 = 18.015 / 6.022e23


@given(st.floats(1e3, 1e6), st.floats(300.0, 1050.0), st.floats(-40.0, 50.0), st.floats(0.0, 40.0))
@example(freq_mhz=1000.0, dry_hpa=300.0, celsius=0.0, vapour=5e-324)
@example(freq_mhz=1000.0, dry_hpa=300.0, celsius=0.0, vapour=1e-22)
def test_gases_never_amplify_and_dry_air_has_no_water(freq_mhz, dry_hpa, celsius, vapour):
    found = gas_attenuation(freq_mhz, dry_hpa, celsius, vapour)
    assert found.dry_air_db_per_km > 0.0
    assert found.water_vapour_db_per_km >= 0.0
    # Less than a molecule in a cubic metre is lost in the last digit of a number, and is none.
    if vapour == 0.0 or vapour > _ONE_MOLECULE_G_M3:
        assert (found.water_vapour_db_per_km > 0.0) == (vapour > 0.0)


def test_the_pressure_of_dry_air_is_that_of_the_air_less_its_vapour():
    assert dry_pressure_hpa(1013.25, 15.0, 7.5) == pytest.approx(1013.25 - 7.5 * 288.15 / 216.7)
    assert standard_pressure_hpa(0.0) == 1013.25
    # The ITU's worked slant path has 848.2767 hPa at 1.4742 km.
    assert standard_pressure_hpa(1474.1938754352331) == pytest.approx(848.27668415391838, abs=1e-6)


def test_rain_rates_are_those_of_the_itu_s_own_table(shared_data):
    table = itu_table(shared_data / "propagation/itu_tables/837/ITURP837-7_rainfall_rate.csv")
    known = [line for line in table if tuple(line[:2]) in PLACES]
    assert len(known) == 25
    for latitude, longitude, time_pct, rate in known:
        rain, temperature, _ = PLACES[latitude, longitude]
        # The ITU stops within 0.001 % of the percentage.
        assert rain_rate_mm_h(rain, temperature, time_pct) == pytest.approx(rate, rel=1e-5)


def test_the_probability_of_rain_is_that_of_the_itu_s_own_table(shared_data):
    table = itu_table(shared_data / "propagation/itu_tables/837/ITURP837-7_rainfall_rate_probability.csv")
    found = 0
    for latitude, longitude, probability in table:
        if (latitude, longitude) in PLACES:
            rain, temperature, stated = PLACES[latitude, longitude]
            assert stated == pytest.approx(probability, abs=1e-7)
            assert rain_probability_pct(rain, temperature) == pytest.approx(probability, abs=1e-7)
            found += 1
    assert found == len(PLACES)


def test_where_it_never_rains_the_rate_is_nothing_and_in_a_deluge_the_method_keeps_its_limit():
    assert rain_rate_mm_h([0.0] * 12, [20.0] * 12) == 0.0
    assert rain_rate_mm_h([0.05] * 12, [30.0] * 12, 0.01) == 0.0
    # 70 % of the time is the most that it rains.
    assert rain_probability_pct([4000.0] * 12, [0.0] * 12) == pytest.approx(70.0)
    assert rain_rate_mm_h([100.0] * 12, [-20.0] * 12) == rain_rate_mm_h([100.0] * 12, [0.0] * 12)


@given(
    st.lists(st.floats(0.0, 900.0), min_size=12, max_size=12),
    st.lists(st.floats(-30.0, 40.0), min_size=12, max_size=12),
    st.floats(1e-3, 5.0),
    st.floats(1.01, 3.0),
)
def test_more_rain_is_a_higher_rate_and_rarer_rain_is_harder(rain, temperature, time_pct, factor):
    rate = rain_rate_mm_h(rain, temperature, time_pct)
    assert rate >= 0.0
    assert rain_rate_mm_h([factor * one for one in rain], temperature, time_pct) >= rate * (1.0 - 1e-9)
    assert rain_rate_mm_h(rain, temperature, time_pct / factor) >= rate * (1.0 - 1e-9)


def test_zones_are_the_fifteen_of_the_recommendation():
    assert "".join(ZONE_RATES_MM_H) == "ABCDEFGHJKLMNPQ"
    assert zone_rain_rate_mm_h("K") == 42.0
    assert max(ZONE_RATES_MM_H, key=ZONE_RATES_MM_H.get) == "P"


@pytest.mark.parametrize(
    ("call", "said"),
    [
        (lambda: gas_attenuation(500.0), r"gas attenuation, GHz, is 0\.5; it must be 1\.0 to 1000\.0"),
        (lambda: gas_attenuation(math.nan), "frequency"),
        (lambda: gas_attenuation(5e3, 0.0), r"pressure of dry air, hPa, is 0\.0; it must be 1\.0 to 1100\.0"),
        (lambda: gas_attenuation(5e3, 1000.0, 300.0), "temperature"),
        (lambda: gas_attenuation(5e3, 1000.0, 15.0, -1.0), r"water vapour, g/m³, is -1\.0; it must be 0\.0 to 60\.0"),
        (lambda: standard_pressure_hpa(20_000.0), "height above sea level"),
        (lambda: rain_rate_mm_h([10.0] * 11, [10.0] * 12), "11 figures of monthly rain and 12"),
        (lambda: rain_rate_mm_h([10.0] * 12, []), "0 of monthly temperature"),
        (lambda: rain_rate_mm_h([10.0] * 11 + [-1.0], [10.0] * 12), r"rain of a month, mm, is -1\.0"),
        (lambda: rain_rate_mm_h([10.0] * 12, [99.0] * 12), r"temperature of a month, °C, is 99\.0; it must be -60"),
        (lambda: rain_rate_mm_h([10.0] * 12, [10.0] * 12, 0.0), "percentage of time"),
        (lambda: zone_rain_rate_mm_h("I"), "no rain zone I"),
    ],
)
def test_what_has_no_answer_is_refused_by_name_value_and_range(call, said):
    with pytest.raises(InputError, match=said):
        call()
