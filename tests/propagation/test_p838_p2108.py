"""What a user would miss: rain and clutter as the Recommendations' own figures have them."""

from __future__ import annotations

import csv
import math

import pytest

from cn_planner.errors import InputError
from cn_planner.propagation.kernel import compiled
from cn_planner.propagation.p838 import rain_coefficients, rain_coefficients_kernel
from cn_planner.validation.p2108 import (
    Clutter,
    gain_in_clutter_kernel,
    height_gain_loss_db,
    terrestrial_kernel,
    terrestrial_loss_db,
)

WORDS = {
    "WaterSea": Clutter.WATER,
    "OpenRural": Clutter.OPEN,
    "Suburban": Clutter.SUBURBAN,
    "Urban": Clutter.URBAN,
    "TreesForest": Clutter.TREES,
    "DenseUrban": Clutter.DENSE_URBAN,
}


def rows(path, encoding="utf-8", skip=0):
    with path.open(encoding=encoding, newline="") as file:
        table = list(csv.DictReader(file))
    return [{name: float(v) if name != "clutter" else v for name, v in row.items()} for row in table[skip:]]


def test_rain_coefficients_are_the_golden_ones(shared_data):
    cases = rows(shared_data / "propagation/p530_18/p838_3_k_alpha.csv")
    assert len(cases) == 113
    for case in cases:
        found = rain_coefficients(case["freq_hz"] / 1e6, case["elev_deg"], case["pol_tilt_deg"])
        assert found.k == pytest.approx(case["k"], rel=1e-9)
        assert found.alpha == pytest.approx(case["alpha"], rel=1e-9)


def test_rain_coefficients_are_those_of_the_itu_s_own_table(shared_data):
    path = shared_data / "propagation/itu_tables/838/ITURP838-3_rain_specific_attenuation.csv"
    with path.open(encoding="latin-1", newline="") as file:
        table = list(csv.reader(file))
    for line in table[2:]:
        elevation, freq, rain, tilt, k, alpha, gamma = map(float, line)
        found = rain_coefficients(freq * 1e3, elevation, tilt)
        assert found.k == pytest.approx(k, abs=1e-6)
        assert found.alpha == pytest.approx(alpha, abs=1e-6)
        assert found.k * rain**found.alpha == pytest.approx(gamma, abs=1e-6)


def test_rain_compiled_is_rain_plain():
    assert compiled(rain_coefficients_kernel)(38.0, 5.0, 45.0) == pytest.approx(
        rain_coefficients(38e3, 5.0, 45.0), abs=1e-12
    )


def test_height_gain_is_the_golden_one(shared_data):
    for case in rows(shared_data / "propagation/p2108_1/height_gain.csv"):
        loss = height_gain_loss_db(
            case["freq_hz"] / 1e6,
            case["antenna_height_m"],
            case["clutter_height_m"],
            case["street_width_m"],
            WORDS[case["clutter"]],
        )
        assert loss == pytest.approx(case["loss_db"], abs=1e-6), case


def test_terrestrial_clutter_is_the_golden_one(shared_data):
    for case in rows(shared_data / "propagation/p2108_1/terrestrial_statistical.csv"):
        loss = terrestrial_loss_db(case["freq_hz"] / 1e6, case["dist_m"], case["location_pct"])
        assert loss == pytest.approx(case["loss_db"], abs=0.01), case


def test_clutter_compiled_is_clutter_plain():
    assert compiled(gain_in_clutter_kernel)(0.6, 2.0, 27.0, 15.0, False) == pytest.approx(
        height_gain_loss_db(600.0, 2.0, 15.0, 27.0, Clutter.URBAN), abs=1e-12
    )
    assert compiled(terrestrial_kernel)(5.8, 1.2, 0.0) == pytest.approx(
        terrestrial_loss_db(5800.0, 1200.0, 50.0), abs=1e-9
    )


@pytest.mark.parametrize(
    ("call", "said"),
    [
        (lambda: rain_coefficients(900.0), r"0\.9 GHz"),
        (lambda: rain_coefficients(math.nan), "frequency"),
        (lambda: rain_coefficients(38e3, 91.0), "91"),
        (lambda: height_gain_loss_db(5000.0, 2.0, 10.0, 27.0, Clutter.OPEN), r"5\.0; it must be 0\.03 to 3\.0"),
        (lambda: height_gain_loss_db(600.0, 0.0, 10.0, 27.0, Clutter.OPEN), "height of the antenna"),
        (lambda: height_gain_loss_db(600.0, 2.0, -1.0, 27.0, Clutter.OPEN), "height of the clutter"),
        (lambda: height_gain_loss_db(600.0, 2.0, 10.0, math.nan, Clutter.OPEN), "street"),
        (lambda: terrestrial_loss_db(400.0, 500.0, 50.0), r"0\.4; it must be 0\.5 to 67\.0"),
        (lambda: terrestrial_loss_db(600.0, 100.0, 50.0), "length of the path"),
        (lambda: terrestrial_loss_db(600.0, 500.0, 100.0), "locations"),
    ],
)
def test_what_has_no_answer_is_refused_by_name_value_and_range(call, said):
    with pytest.raises(InputError, match=said):
        call()
