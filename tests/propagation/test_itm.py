"""What a user would miss: ITM as the reference implementation gives it, fast and plain alike, and refusals in words."""

from __future__ import annotations

import csv
import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cn_planner.errors import InputError
from cn_planner.propagation import itm_reference as codes
from cn_planner.propagation.itm import (
    Surroundings,
    Variability,
    equal_spacing_m,
    itm_area_loss,
    itm_area_losses,
    itm_loss,
    itm_losses,
)
from cn_planner.propagation.itm_kernels import ItmProfiles, itm_many_kernel
from cn_planner.propagation.itm_terrain import SCRATCH_SIZE, EqualProfile, delta_h_kernel, horizons_kernel
from cn_planner.propagation.itm_words import MODES, warnings_in_words
from cn_planner.propagation.kernel import compiled

# Columns of the golden files beside our fields, and half a unit of their last digit.
GOLDEN = {
    "loss_db": ("loss_db", 1e-6),
    "free_space_db": ("free_space_db", 1e-6),
    "a_ref_db": ("a_ref_db", 1e-6),
    "delta_h_m": ("delta_h_m", 1e-6),
    "n_s": ("n_s", 1e-6),
    "theta_hzn_a_rad": ("theta_hzn_tx_rad", 1e-9),
    "theta_hzn_b_rad": ("theta_hzn_rx_rad", 1e-9),
    "d_hzn_a_m": ("d_hzn_tx_m", 1e-5),
    "d_hzn_b_m": ("d_hzn_rx_m", 1e-5),
    "h_eff_a_m": ("h_eff_tx_m", 1e-6),
    "h_eff_b_m": ("h_eff_rx_m", 1e-6),
}
FLAT = np.full(200, 100.0)


def read(path):
    with path.open(newline="") as file:
        return list(csv.DictReader(file))


def column(rows, name):
    return np.array([float(row[name]) for row in rows])


def radio(rows):
    """The inputs that both kinds of case have in common, as keywords."""
    by_time = [row["variant"] == "TLS" for row in rows]
    percentages = [
        [float(row["time_pct" if tls else "reliability_pct"]) for row, tls in zip(rows, by_time, strict=True)],
        [float(row["location_pct"]) if tls else 50.0 for row, tls in zip(rows, by_time, strict=True)],
        [float(row["situation_pct" if tls else "confidence_pct"]) for row, tls in zip(rows, by_time, strict=True)],
    ]
    return {
        "vertical": [row["pol"] == "V" for row in rows],
        "surroundings": Surroundings(*(column(rows, c) for c in ("climate", "n0", "epsilon_r", "sigma_s_per_m"))),
        "variability": Variability(*percentages, column(rows, "mdvar")),
    }


@pytest.fixture(scope="module")
def profiles(shared_data):
    with np.load(shared_data / "propagation/profiles.npz") as arrays:
        return {name: arrays[name] for name in arrays.files}


@pytest.fixture(scope="module")
def cases(shared_data, profiles):
    rows = read(shared_data / "propagation/itm_p2p.csv")
    index = {str(name): k for k, name in enumerate(profiles["profile_id"])}
    return rows, np.array([index[row["profile_id"]] for row in rows])


@pytest.fixture(scope="module")
def found(cases, profiles):
    rows, profile = cases
    return itm_losses(
        ItmProfiles(profiles["elevation_m"], profiles["offset"], profiles["spacing_m"], profile),
        column(rows, "h_tx_m"),
        column(rows, "h_rx_m"),
        column(rows, "freq_hz") / 1e6,
        **radio(rows),
    )


def test_every_case_over_a_profile_is_that_of_the_reference(cases, found):
    rows, _ = cases
    assert len(rows) == 2336
    unstable = column(rows, "instability_db")
    stable = unstable < 1e-6
    assert np.all(np.abs(found.loss_db - column(rows, "loss_db")) < np.where(stable, 1e-6, unstable))
    for name, (theirs, within) in GOLDEN.items():
        error = np.abs(getattr(found, name) - column(rows, theirs))
        assert error[stable].max() < within, name
    for name in ("mode", "warnings", "return_code"):
        assert np.array_equal(getattr(found, name), column(rows, name)), name


def test_compiled_and_plain_agree(cases, profiles, found):
    rows, profile = cases
    offset = profiles["offset"]
    for p in range(0, len(rows), 7):
        row, k = rows[p], profile[p]
        common = radio([row])
        one = itm_loss(
            profiles["elevation_m"][offset[k] : offset[k + 1]],
            profiles["spacing_m"][k],
            float(row["h_tx_m"]),
            float(row["h_rx_m"]),
            float(row["freq_hz"]) / 1e6,
            **common,
        )
        many = [field[p] for field in found]
        assert np.abs(np.array(one) - np.array(many)).max() < 1e-9, p
        assert (one.mode, one.warnings, one.return_code) == (many[5], many[2], many[1])


def test_every_case_over_an_area_is_that_of_the_reference(shared_data):
    rows = read(shared_data / "propagation/itm_area.csv")
    assert len(rows) == 200
    inputs = [column(rows, c) for c in ("dist_m", "delta_h_m", "h_tx_m", "h_rx_m")]
    siting = column(rows, "tx_siting"), column(rows, "rx_siting")
    many = itm_area_losses(*inputs, column(rows, "freq_hz") / 1e6, siting=siting, **radio(rows))
    for name in ("loss_db", "free_space_db", "a_ref_db"):
        assert np.abs(getattr(many, name) - column(rows, name)).max() < 1e-6
    for name in ("mode", "warnings", "return_code"):
        assert np.array_equal(getattr(many, name), column(rows, name)), name
    for p in range(0, len(rows), 7):
        one = itm_area_loss(
            *(float(values[p]) for values in inputs),
            float(rows[p]["freq_hz"]) / 1e6,
            siting=(int(rows[p]["tx_siting"]), int(rows[p]["rx_siting"])),
            **radio([rows[p]]),
        )
        assert np.abs(np.array(one) - np.array([field[p] for field in many])).max() < 1e-9


def published_radio(row):
    return {
        "vertical": row["pol"] == "1",
        "surroundings": Surroundings(
            int(row["climate"]), float(row["N_0"]), float(row["epsilon"]), float(row["sigma"])
        ),
        "variability": Variability(
            float(row["time"]), float(row["location"]), float(row["situation"]), int(row["mdvar"])
        ),
    }


def test_the_cases_that_ntia_publishes(shared_data):
    folder = shared_data / "propagation/itm_ntia_published"
    # The last profile has no line of its own in the file where its end is not marked.
    lines = (folder / "pfls.csv").read_text().splitlines()
    rows = read(folder / "p2p.csv")
    assert len(lines) == len(rows) == 5
    for row, line in zip(rows, lines, strict=True):
        steps, spacing, *heights = map(float, line.split(","))
        assert len(heights) == steps + 1
        loss = itm_loss(
            heights,
            spacing,
            float(row["h_tx__meter"]),
            float(row["h_rx__meter"]),
            float(row["f__mhz"]),
            **published_radio(row),
        )
        assert loss.loss_db == pytest.approx(float(row["A__db"]), abs=0.00501)
    areas = read(folder / "area.csv")
    assert len(areas) == 5
    for row in areas:
        loss = itm_area_loss(
            1000.0 * float(row["d__km"]),
            float(row["delta_h__meter"]),
            float(row["h_tx__meter"]),
            float(row["h_rx__meter"]),
            float(row["f__mhz"]),
            siting=(int(row["tx_siting_criteria"]), int(row["rx_siting_criteria"])),
            **published_radio(row),
        )
        assert loss.loss_db == pytest.approx(float(row["A__db"]), abs=0.0501)


def test_ntia_s_example_of_confidence_and_reliability(shared_data):
    text = (shared_data / "propagation/itm_ntia_published/cmd_examples/pfl.txt").read_text()
    _steps, spacing, *heights = map(float, text.split(","))
    table = {
        (10, 10): 110.9,
        (60, 10): 117.2,
        (90, 10): 129.1,
        (10, 65): 110.9,
        (60, 65): 117.4,
        (90, 65): 129.2,
        (60, 90): 117.5,
        (90, 90): 129.3,
    }
    for (confidence, reliability), expected in table.items():
        loss = itm_loss(
            heights, spacing, 15.0, 3.0, 3500.0, variability=Variability.of_confidence(confidence, reliability, 1)
        )
        assert loss.loss_db == pytest.approx(expected, abs=0.0501)
        assert (loss.return_code, loss.said, MODES[loss.mode].key) == (0, (), "line of sight")
        assert loss.theta_hzn_a_rad == pytest.approx(-1.949e-3, abs=5.01e-7)
        assert loss.delta_h_m == pytest.approx(3.2, abs=0.0501)


def test_ntia_s_example_over_an_area_to_1000_km():
    expected = {10: 155.9, 40: 221.0, 100: 232.7, 500: 266.6, 1000: 302.2}
    loss = itm_area_losses(
        [1000.0 * km for km in expected],
        0.0,
        3.0,
        3.0,
        10_000.0,
        variability=Variability.of_confidence(90.0, 90.0, 3),
    )
    assert np.abs(loss.loss_db - np.array(list(expected.values()))).max() < 0.0501


def test_the_roughness_is_the_one_that_sorting_gives():
    rng = np.random.default_rng(3)
    for points in (5, 12, 60, 250, 400, 1000):
        for ground in (rng.normal(0.0, 30.0, points), np.round(rng.normal(0.0, 1.0, points)), rng.random(points) ** 40):
            found = delta_h_kernel(
                EqualProfile(ground.tolist(), 0, points, 10.0), 0.0, 10.0 * (points - 1), [0.0] * SCRATCH_SIZE
            )
            decile = min(max(4, int(0.1 * (points - 1 + 8.0))), 25)
            count = 10 * decile - 5
            heights = np.interp(np.linspace(0, points - 1, count), np.arange(points), ground)
            place = np.arange(count) - (count - 1) / 2
            # The model's own least squares, with half weight at both ends.
            weight = np.ones(count)
            weight[[0, -1]] = 0.5
            span = count - 1
            line = (weight * heights).sum() / span + place * (
                (weight * heights * place).sum() * 12.0 / ((span * span + 2.0) * span)
            )
            ordered = np.sort(heights - line)[::-1]
            expected = (ordered[decile - 1] - ordered[count - decile]) / (
                1.0 - 0.8 * math.exp(-10.0 * (points - 1) / 50e3)
            )
            assert found == pytest.approx(expected, abs=1e-9)


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"height_a_m": 0.4}, r"first antenna is 0\.4 m .* 0\.5 to 3000"),
        ({"height_b_m": 3001.0}, r"second antenna is 3001 m .* 0\.5 to 3000"),
        ({"height_a_m": -5.0}, "first antenna is -5 m"),
        ({"height_b_m": math.nan}, "second antenna is nan m"),
        ({"freq_mhz": 19.0}, "frequency is 19 MHz; ITM takes 20 to 20000"),
        ({"freq_mhz": 20_001.0}, "frequency is 20001 MHz"),
        ({"freq_mhz": math.nan}, "frequency is nan MHz"),
        ({"surroundings": Surroundings(climate=8)}, "climate is 8; ITM knows 1 to 7"),
        ({"surroundings": Surroundings(climate=5.5)}, "climate is 5.5; it must be a whole number"),
        ({"surroundings": Surroundings(n0=249.0)}, "refractivity is 249 N-units; ITM takes 250 to 400"),
        ({"surroundings": Surroundings(epsilon_r=0.9)}, r"permittivity is 0\.9"),
        ({"surroundings": Surroundings(sigma_s_per_m=0.0)}, "conductivity is 0 S/m"),
        ({"variability": Variability(time_pct=0.0)}, "time percentage is 0;"),
        ({"variability": Variability(location_pct=100.0)}, "location percentage is 100;"),
        ({"variability": Variability(situation_pct=math.nan)}, "situation percentage is nan;"),
        ({"variability": Variability.of_confidence(confidence_pct=100.0)}, "confidence is 100 %"),
        ({"variability": Variability.of_confidence(reliability_pct=0.0)}, "reliability is 0 %"),
        ({"variability": Variability(mdvar=4)}, "mode of variability is 4"),
        ({"spacing_m": 0.0}, r"points of the profile are 0\.0 m apart"),
        ({"spacing_m": -10.0}, "points of the profile"),
        ({"spacing_m": math.nan}, "points of the profile"),
        ({"ground_m": []}, "A profile has 0 points; it needs two"),
        ({"ground_m": [1.0]}, "A profile has 1 points; it needs two"),
        ({"ground_m": [1.0, math.nan, 1.0]}, "no height at point 1"),
        ({"ground_m": np.full(50, 12_000.0), "surroundings": Surroundings(n0=301.0)}, "too high for ITM"),
        ({"ground_m": np.full(50, -4000.0)}, "too far below sea level"),
    ],
)
def test_what_the_model_cannot_take_is_refused_with_its_value_and_range(change, said):
    inputs = {"ground_m": FLAT, "spacing_m": 30.0, "height_a_m": 10.0, "height_b_m": 10.0, "freq_mhz": 2400.0}
    inputs |= change
    first = [inputs.pop(name) for name in ("ground_m", "spacing_m", "height_a_m", "height_b_m", "freq_mhz")]
    with pytest.raises(InputError, match=said):
        itm_loss(*first, **inputs)


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"distance_m": 0.0}, "distance is 0 m"),
        ({"delta_h_m": -1.0}, "irregularity is -1 m"),
        ({"siting": (3, 0)}, "siting of the first antenna is 3"),
        ({"siting": (0, -1)}, "siting of the second antenna is -1"),
    ],
)
def test_what_no_area_is_is_refused(change, said):
    inputs = {"distance_m": 10e3, "delta_h_m": 90.0, "height_a_m": 10.0, "height_b_m": 10.0, "freq_mhz": 900.0}
    with pytest.raises(InputError, match=said):
        itm_area_loss(**inputs | change)


def test_of_many_paths_the_bad_one_is_named_or_left_nan_with_its_code():
    ground = np.tile(FLAT, 3)
    offsets = [0, 200, 400, 600]
    with pytest.raises(InputError, match=r"path 1: The first antenna is 0\.2 m"):
        itm_losses(ItmProfiles(ground, offsets, 30.0), [10.0, 0.2, 10.0], 10.0, 2400.0)
    ground[450] = math.nan
    with pytest.raises(InputError, match="no height at point 450"):
        itm_losses(ItmProfiles(ground, offsets, 30.0), 10.0, 10.0, 2400.0)
    found = itm_losses(ItmProfiles(ground, offsets, 30.0), [10.0, 0.2, 10.0], 10.0, 2400.0, refuse=False)
    assert found.return_code.tolist() == [0, codes.BAD_HEIGHT_A, codes.NO_HEIGHT]
    assert np.isfinite(found.loss_db).tolist() == [True, False, False]


@pytest.mark.parametrize(
    ("inputs", "said"),
    [
        ({"height_a_m": [1.0, 2.0]}, "height_a_m has the shape"),
        ({"profile": [0, 3]}, "not there"),
        ({"offsets": [0, 200, 1000]}, "offsets"),
        ({"offsets": [0, 1, 200]}, "A profile has 1 points"),
    ],
)
def test_arrays_that_do_not_fit_are_refused(inputs, said):
    profiles = ItmProfiles(np.tile(FLAT, 3), [0, 200, 400, 600], 30.0)
    changed = {name: inputs[name] for name in inputs if name in ItmProfiles._fields}
    height = inputs.get("height_a_m", 10.0)
    with pytest.raises(InputError, match=said):
        itm_losses(profiles._replace(**changed), height, 10.0, 2400.0)


def test_the_spacing_of_distances():
    assert equal_spacing_m(np.arange(50) * 31.7) == 31.7
    assert equal_spacing_m(np.linspace(0.0, 10_000.0, 334)) == pytest.approx(10_000.0 / 333, rel=1e-15)
    with pytest.raises(InputError, match="not equally spaced"):
        equal_spacing_m([0.0, 10.0, 21.0, 30.0])
    for bad in ([0.0], [0.0, 20.0, 10.0], [0.0, 0.0], [0.0, math.nan]):
        with pytest.raises(InputError, match="profile"):
            equal_spacing_m(bad)


def test_warnings_are_said_in_words_one_a_bit():
    loss = itm_loss(FLAT[:20], 30.0, 0.9, 100.0, 15_000.0)
    assert loss.return_code == codes.DONE_WITH_WARNINGS
    said = [str(one) for one in loss.said]
    assert len(said) == loss.warnings.bit_count() >= 3
    assert "under 1 m" in said[0]
    assert any("shorter than 1 km" in one for one in said)
    assert len(warnings_in_words(0x7FFF)) == 15


def test_two_points_and_a_hundred_thousand_are_no_trouble():
    assert math.isfinite(itm_loss([10.0, 12.0], 3000.0, 10.0, 10.0, 900.0).loss_db)
    distance = np.linspace(0.0, 90_000.0, 100_000)
    found = itm_losses(ItmProfiles(50.0 + 20.0 * np.sin(distance / 900.0), [0, 100_000], 0.9), 30.0, 30.0, 900.0)
    assert np.isfinite(found.loss_db).all()


def test_numbers_and_arrays_of_whoever_made_them_are_one_kind_of_path_to_the_compiler():
    """Each mixture of arrays that may be written and that may not was compiled anew, a second or two each time."""
    ground, offsets = np.tile(FLAT, 3), [0, 200, 400, 600]
    plain = itm_losses(ItmProfiles(ground, offsets, 30.0), 10.0, 10.0, 2400.0)
    known = set(compiled(itm_many_kernel).signatures)
    closed, each = ground.copy(), np.full(3, 10.0)
    closed.flags.writeable = each.flags.writeable = False
    found = itm_losses(ItmProfiles(closed, offsets, np.full(3, 30.0)), np.full(3, 10.0), each, [2400.0] * 3)
    assert set(compiled(itm_many_kernel).signatures) == known
    assert found.loss_db.tolist() == plain.loss_db.tolist()


def test_no_path_gives_no_answer_and_no_error():
    assert itm_losses(ItmProfiles([], [0], 30.0), 10.0, 10.0, 900.0).loss_db.shape == (0,)


grounds = st.lists(st.floats(0.0, 600.0), min_size=2, max_size=80)
heights = st.floats(0.5, 3000.0)
freqs = st.floats(20.0, 20_000.0)


@given(
    grounds,
    st.floats(1.0, 3000.0),
    heights,
    heights,
    freqs,
    st.booleans(),
    st.floats(1.0, 90.0),
    st.floats(1e-4, 20.0),
    st.sampled_from([0, 1, 2, 3, 10, 13, 21, 32]),
)
@settings(max_examples=300, deadline=None)
def test_whatever_is_within_the_limits_has_a_loss_or_a_refusal_in_words(
    ground, spacing, height_a, height_b, freq, vertical, epsilon, sigma, mdvar
):
    path = {
        "vertical": vertical,
        "surroundings": Surroundings(epsilon_r=epsilon, sigma_s_per_m=sigma),
        "variability": Variability(30.0, 60.0, 80.0, mdvar),
    }
    found = itm_losses(ItmProfiles(ground, [0, len(ground)], spacing), height_a, height_b, freq, **path, refuse=False)
    if found.return_code[0] > codes.DONE_WITH_WARNINGS:
        with pytest.raises(InputError, match="ITM"):
            itm_loss(ground, spacing, height_a, height_b, freq, **path)
    else:
        loss = itm_loss(ground, spacing, height_a, height_b, freq, **path)
        assert math.isfinite(loss.loss_db)
        assert loss.a_ref_db >= 0.0
        assert loss.mode in MODES


@given(grounds, st.floats(10.0, 500.0), st.floats(1.0, 100.0), st.floats(1.0, 100.0), st.sampled_from([450.0, 5500.0]))
@settings(max_examples=100, deadline=None)
def test_more_of_the_time_never_costs_less(ground, spacing, height_a, height_b, freq):
    losses = [
        itm_loss(ground, spacing, height_a, height_b, freq, variability=Variability(50.0, 50.0, pct, 1)).loss_db
        for pct in (1.0, 10.0, 50.0, 90.0, 99.0)
    ]
    assert losses == sorted(losses)


@given(st.floats(0.5, 60.0), st.floats(0.5, 60.0), st.floats(1.0, 40.0), st.floats(2e3, 60e3))
@settings(max_examples=100, deadline=None)
def test_over_flat_land_a_higher_mast_never_loses_more_beyond_the_horizon(height_a, height_b, more, length):
    flat = [50.0] * 120
    low = itm_loss(flat, length / 119, height_a, height_b, 900.0)
    high = itm_loss(flat, length / 119, height_a + more, height_b, 900.0)
    if low.mode != codes.LINE_OF_SIGHT:
        assert high.a_ref_db <= low.a_ref_db + 1e-9


@given(grounds, st.floats(10.0, 500.0), st.floats(1.0, 100.0), st.floats(1.0, 100.0))
@settings(max_examples=100, deadline=None)
def test_either_end_s_horizon_is_the_other_s_on_the_way_back(ground, spacing, height_a, height_b):
    # Of the loss this cannot be said: the model cuts distances down to whole points counted from the first end.
    there = horizons_kernel(EqualProfile(ground, 0, len(ground), spacing), height_a, height_b, 8.5e6)
    back = horizons_kernel(EqualProfile(ground[::-1], 0, len(ground), spacing), height_b, height_a, 8.5e6)
    assert there[:2] == pytest.approx((back[1], back[0]), abs=1e-9)
