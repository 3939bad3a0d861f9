"""What a user would miss: P.1812-8 to the last digit, alike compiled and plain, and honest about where it ends."""

from __future__ import annotations

import csv
import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cn_planner.errors import InputError
from cn_planner.propagation.kernel import compiled
from cn_planner.propagation.p1812 import (
    centre_latitude_deg,
    location_sigma_db,
    p1812_loss,
    p1812_losses,
)
from cn_planner.propagation.p1812_kernels import P1812Profiles, P1812Steps, p1812_kernel
from cn_planner.propagation.p1812_path import (
    AmslAntennas,
    CoveredProfile,
    P1812Path,
    P1812Terms,
    p1812_path_kernel,
)

AIR = {"n0": 325.0, "delta_n": 45.0, "latitude_deg": 45.0}
# The columns of the ITU's logs, by our names. Its program overwrites "Lbd" with "Lbda" before it writes it.
STEPS = {
    "fi": "Fi",
    "fj": "Fj",
    "fk": "Fk",
    "lbfs": "Lbfs",
    "lb0p": "Lb0p",
    "lb0b": "Lb0b",
    "lbulla": "Lbulla (dB)",
    "lbulls": "Lbulls (dB)",
    "ldsph": "Ldsph (dB)",
    "ld50": "Ld50 (dB)",
    "ldb": "Ldb (dB)",
    "ldp": "Ldp (dB)",
    "lbd50": "Lbd50 (dB)",
    "lminb0p": "Lminb0p (dB)",
    "lba": "Lba (dB)",
    "lminbap": "Lminbap (dB)",
    "lbda": "Lbda (dB)",
    "lbam": "Lbam (dB)",
    "lbs": "Lbs (dB)",
    "lbc": "Lbc (dB)",
    "lb": "Lb (dB)",
}
PATH = {
    "length_km": "d (km)",
    "sea": "w",
    "land_km": "dtm (km)",
    "inland_km": "dlm (km)",
    "beta0_pct": "b0 (%)",
    "earth_radius_km": "ae (km)",
    "horizon_a_km": "dlt (km)",
    "horizon_b_km": "dlr (km)",
    "theta_a_mrad": "th_t (mrad)",
    "theta_b_mrad": "th_r (mrad)",
    "theta_mrad": "th (mrad)",
    "smooth_a_m": "hst (m)__2",
    "smooth_b_m": "hsr (m)__2",
    "effective_a_m": "hte (m)",
    "effective_b_m": "hre (m)",
    "diffraction_a_m": "htc (m)__2",
    "diffraction_b_m": "hrc (m)__2",
    "roughness_m": "hm (m)",
}


def loss_of(*path, **words):
    """`p1812_loss` with its terms among the other words."""
    terms = P1812Terms(**{name: words.pop(name) for name in P1812Terms._fields if name in words})
    return p1812_loss(*path, terms=terms, **words)


def losses_of(distance_m, ground_m, offsets, *ends, surface_m=None, zone=None, **words):
    """`p1812_losses` with its terms among the other words."""
    terms = P1812Terms(**{name: words.pop(name) for name in P1812Terms._fields if name in words})
    profiles = P1812Profiles(distance_m, ground_m, offsets, surface_m, zone)
    return p1812_losses(profiles, *ends, terms=terms, **words)


def itu_profile(path):
    lines = path.read_text(encoding="latin-1").splitlines()
    begin = next(i for i, line in enumerate(lines) if line.startswith("Number of Points"))
    count = int(lines[begin].split(",")[1])
    return np.array([line.split(",")[:5] for line in lines[begin + 1 : begin + 1 + count]], dtype=np.float64)


def itu_case(folder, case):
    """Return distances, ground, surface, zones, and the rest of the words of `loss_of`."""

    def number(column):
        return float(case[column])

    rows = itu_profile(folder / "profiles" / case["profile"])
    distance, ground, surface = rows[:, 0] * 1e3, rows[:, 1], rows[:, 1] + rows[:, 3]
    ends = [number(f"{angle} (deg)") for angle in ("phi_t", "lam_t", "phi_r", "lam_r")]
    latitude = float(centre_latitude_deg(*ends, distance[-1]))
    assert latitude == pytest.approx(number("phi (deg)"), abs=1e-7)
    words = {
        "amsl_a_m": ground[0] + number("htg (m)"),
        "amsl_b_m": ground[-1] + number("hrg (m)"),
        "freq_mhz": number("f (GHz)") * 1e3,
        "n0": number("N0"),
        "delta_n": number("DN"),
        "latitude_deg": latitude,
        "vertical": case["pol"] == "2",
        "time_pct": number("p (%)"),
        "location_pct": number("pL (%)"),
        "location_sigma_db": number("sigmaL (dB)"),
        "coast_a_m": number("dct (km)") * 1e3,
        "coast_b_m": number("dcr (km)") * 1e3,
    }
    return distance, ground, surface, rows[:, 4].astype(int), words


@pytest.fixture(scope="module")
def itu_cases(shared_data):
    with (shared_data / "propagation/p1812_8_itu/cases_flat.csv").open(newline="") as file:
        return list(csv.DictReader(file))


def test_every_step_of_all_cases_of_the_itu(shared_data, itu_cases):
    assert len(itu_cases) == 63
    for case in itu_cases:
        distance, ground, surface, zone, words = itu_case(shared_data / "propagation/p1812_8_itu", case)
        found = loss_of(distance, ground, surface_m=surface, zone=zone, **words)
        for values, columns in ((found.path, PATH), (found.steps, STEPS)):
            for name, column in columns.items():
                assert getattr(values, name) == pytest.approx(float(case[column]), abs=1e-6, rel=1e-9), (
                    case["case"],
                    name,
                )
        assert found.steps.lbd == pytest.approx(found.steps.lb0p + found.steps.ldp, abs=1e-9)
        assert found.field_strength_dbuvm_1kw_erp == pytest.approx(float(case["Ep (dBuV/m)"]), abs=1e-6)
        assert found.loss_db == found.steps.lb
        assert found.warnings == ()


def test_compiled_steps_are_the_plain_ones_over_land_and_sea(shared_data, itu_cases):
    for case in itu_cases[::5]:
        distance, ground, surface, zone, words = itu_case(shared_data / "propagation/p1812_8_itu", case)
        slow = loss_of(distance, ground, surface_m=surface, zone=zone, **words)
        profile = CoveredProfile(distance, ground, surface, zone.astype(np.int8), 0, len(distance))
        antennas = AmslAntennas(*(words[name] for name in AmslAntennas._fields))
        terms = P1812Terms(*(words[name] for name in P1812Terms._fields))
        path = compiled(p1812_path_kernel)(profile, *antennas[:2], terms.delta_n, terms.latitude_deg)
        assert np.abs(np.array(path) - np.array(slow.path)).max() < 1e-9
        steps = compiled(p1812_kernel)(profile, antennas, terms)
        assert np.abs(np.array(steps) - np.array(slow.steps)).max() < 1e-9
        assert (path._fields, steps._fields) == (P1812Path._fields, P1812Steps._fields)


@pytest.fixture(scope="module")
def golden(shared_data):
    """All cases of the Python reference, end to end."""
    folder = shared_data / "propagation"
    with (folder / "p1812_py1812.csv").open(newline="") as file:
        cases = list(csv.DictReader(file))
    profiles, clutter = np.load(folder / "profiles.npz"), np.load(folder / "p1812_clutter.npz")
    index = {str(name): i for i, name in enumerate(profiles["profile_id"])}
    elevation, offset, spacing = profiles["elevation_m"], profiles["offset"], profiles["spacing_m"]
    cover, begins = clutter["clutter_height_m"].astype(np.float64), clutter["offset"]
    distances, grounds, surfaces = [], [], []
    for case in cases:
        k, n = index[case["profile_id"]], int(case["case_id"])
        ground = elevation[offset[k] : offset[k + 1]]
        distances.append(np.arange(len(ground)) * spacing[k])
        grounds.append(ground)
        surfaces.append(ground + cover[begins[n] : begins[n + 1]])

    def column(name):
        return np.array([float(case[name]) for case in cases])

    ends = (column(name) for name in ("lat_tx_deg", "lon_tx_deg", "lat_rx_deg", "lon_rx_deg"))
    words = {
        "amsl_a_m": np.array([ground[0] for ground in grounds]) + column("h_tx_m"),
        "amsl_b_m": np.array([ground[-1] for ground in grounds]) + column("h_rx_m"),
        "freq_mhz": column("freq_hz") / 1e6,
        "n0": column("n0"),
        "delta_n": column("delta_n"),
        "latitude_deg": centre_latitude_deg(*ends, [distance[-1] for distance in distances]),
        "vertical": np.array([case["pol"] == "V" for case in cases]),
        "time_pct": column("time_pct"),
        "location_pct": column("location_pct"),
        "location_sigma_db": column("sigma_l_db"),
    }
    return distances, grounds, surfaces, words, column("loss_db"), column("field_strength_dbuvm_1kw_erp")


def joined(profiles):
    return np.concatenate(profiles), np.concatenate([[0], np.cumsum([len(one) for one in profiles])])


def test_all_cases_of_the_reference_compiled_and_plain(golden):
    distances, grounds, surfaces, words, loss, field = golden
    distance, offsets = joined(distances)
    fast = losses_of(distance, joined(grounds)[0], offsets, surface_m=joined(surfaces)[0], **words)
    assert len(loss) == 876
    assert np.abs(fast.loss_db - loss).max() < 1e-6
    assert np.abs(fast.field_strength_dbuvm_1kw_erp - field).max() < 1e-6
    for p in range(0, len(loss), 7):
        own = {name: values[p].item() for name, values in words.items()}
        slow = loss_of(distances[p], grounds[p], surface_m=surfaces[p], **own)
        assert slow.loss_db == pytest.approx(fast.loss_db[p], abs=1e-9)


def test_inland_zones_are_what_no_zones_are(golden):
    distances, grounds, surfaces, words, loss, _field = golden
    own = {name: values[3].item() for name, values in words.items()}
    zoned = loss_of(distances[3], grounds[3], surface_m=surfaces[3], zone=np.full(len(distances[3]), 4), **own)
    assert zoned.loss_db == pytest.approx(loss[3], abs=1e-6)


def test_a_missing_height_is_a_missing_loss_for_its_own_path_only():
    distance = np.tile(np.linspace(0.0, 9000.0, 61), 3)
    ground = np.full(183, 100.0)
    ground[70] = math.nan
    losses = losses_of(distance, ground, np.array([0, 61, 122, 183]), 130.0, 130.0, 600.0, **AIR)
    assert np.isnan(losses.loss_db).tolist() == [False, True, False]
    ground[70], ground[121] = 100.0, math.nan
    losses = losses_of(distance, ground, np.array([0, 61, 122, 183]), 130.0, 130.0, 600.0, **AIR)
    assert np.isnan(losses.loss_db).tolist() == [False, True, False]
    with pytest.raises(InputError, match="no height"):
        loss_of(distance[:61], ground[61:122], 130.0, 130.0, 600.0, **AIR)


LEVEL = np.linspace(0.0, 9000.0, 61), np.full(61, 100.0)


@pytest.mark.parametrize(
    ("word", "value", "said"),
    [
        ("time_pct", 60.0, "percentage of time is 60.0; it must be 1.0 to 50.0"),
        ("time_pct", 0.1, "percentage of time"),
        ("time_pct", math.nan, "percentage of time"),
        ("location_pct", 100.0, "percentage of locations is 100.0"),
        ("location_sigma_db", -1.0, "from place to place"),
        ("n0", 3000.0, "N0"),
        ("delta_n", 157.0, "lapse of the refractivity, N-units/km, is 157.0"),
        ("latitude_deg", 91.0, "latitude"),
        ("coast_a_m", -1.0, "transmitter from the coast"),
        ("coast_b_m", math.nan, "receiver from the coast"),
        ("freq_mhz", 29.0, r"frequency of P\.1812, MHz, is 29\.0; it must be 30\.0 to 6000\.0"),
        ("freq_mhz", 6001.0, r"frequency of P\.1812, MHz, is 6001\.0; it must be 30\.0 to 6000\.0"),
        ("amsl_a_m", 100.0, "height of the transmitter above ground, m, is 0.0; it must be above 0.0"),
        ("amsl_b_m", 90.0, "height of the receiver above ground"),
        ("zone", np.full(61, 2), "zone is 2"),
        ("zone", [4], "zones for 61 points"),
    ],
)
def test_what_the_model_cannot_take_is_refused_by_name_value_and_range(word, value, said):
    words = {"amsl_a_m": 130.0, "amsl_b_m": 130.0, "freq_mhz": 600.0, **AIR, word: value}
    with pytest.raises(InputError, match=said):
        loss_of(*LEVEL, **words)
    with pytest.raises(InputError, match=said):
        losses_of(*LEVEL, np.array([0, 61]), **words)


def test_of_many_paths_the_wrong_one_is_named():
    distance, ground = np.tile(LEVEL[0], 3), np.tile(LEVEL[1], 3)
    offsets = np.array([0, 61, 122, 183])
    with pytest.raises(InputError, match="path 2"):
        losses_of(distance, ground, offsets, 130.0, [130.0, 130.0, 90.0], 600.0, **AIR)
    distance[80] = distance[81]
    with pytest.raises(InputError, match=r"path 1.*rise"):
        losses_of(distance, ground, offsets, 130.0, 130.0, 600.0, **AIR)
    with pytest.raises(InputError, match=r"path 0.*three"):
        losses_of(distance, ground, np.array([0, 2, 60]), 130.0, 130.0, 600.0, **AIR)
    with pytest.raises(InputError, match="offsets"):
        losses_of(distance, ground, np.array([0, 61, 999]), 130.0, 130.0, 600.0, **AIR)
    with pytest.raises(InputError, match="three"):
        loss_of(LEVEL[0][:2], LEVEL[1][:2], 130.0, 130.0, 600.0, **AIR)


def test_no_paths_are_no_losses():
    assert losses_of(*LEVEL, np.array([0]), [], [], [], **AIR).loss_db.shape == (0,)


@pytest.mark.parametrize(
    ("words", "scale", "said"),
    [
        ({"freq_mhz": 600.0}, 0.02, "0.25 to 3000 km"),
        ({"freq_mhz": 600.0, "location_pct": 99.5}, 1.0, "1 to 99 %"),
        ({"freq_mhz": 600.0, "amsl_b_m": 100.5}, 1.0, "0.5 m"),
    ],
)
def test_outside_its_validity_the_answer_carries_a_warning(words, scale, said):
    words = {"amsl_a_m": 130.0, "amsl_b_m": 130.0, **AIR, **words}
    one = loss_of(LEVEL[0] * scale, LEVEL[1], **words)
    many = losses_of(LEVEL[0] * scale, LEVEL[1], np.array([0, 61]), **words)
    assert math.isfinite(one.loss_db)
    assert said in str(one.warnings[0])
    assert many.warnings == one.warnings


heights = st.lists(st.floats(0.0, 400.0), min_size=4, max_size=40)


@settings(max_examples=60, deadline=None)
@given(
    heights,
    st.floats(2.0, 60.0),
    st.floats(2.0, 60.0),
    st.sampled_from([150.0, 600.0, 2400.0, 5800.0]),
    st.floats(300.0, 200_000.0),
    st.booleans(),
)
def test_over_land_both_directions_cost_the_same(ground, up_a, up_b, freq, length, vertical):
    # The rays to both horizons are found alike from either end, and so is the rest of the model.
    distance = np.linspace(0.0, length, len(ground))
    there = loss_of(
        distance, ground, ground[0] + up_a, ground[-1] + up_b, freq, vertical=vertical, time_pct=10.0, **AIR
    )
    back = loss_of(
        distance, ground[::-1], ground[-1] + up_b, ground[0] + up_a, freq, vertical=vertical, time_pct=10.0, **AIR
    )
    assert math.isfinite(there.loss_db)
    if there.path.horizon_a_km == pytest.approx(back.path.horizon_b_km, abs=1e-6):  # not two horizons at once
        assert back.loss_db == pytest.approx(there.loss_db, abs=1e-6)


@settings(max_examples=40, deadline=None)
@given(heights, st.floats(2.0, 60.0), st.sampled_from([150.0, 2400.0]), st.floats(1000.0, 100_000.0))
def test_more_time_and_more_places_cost_more(ground, up, freq, length):
    distance = np.linspace(0.0, length, len(ground))
    ends = ground[0] + up, ground[-1] + up

    def loss(**words):
        return loss_of(distance, ground, *ends, freq, location_sigma_db=5.5, **AIR, **words).loss_db

    assert loss(time_pct=50.0) >= loss(time_pct=10.0) - 1e-6 >= loss(time_pct=1.0) - 2e-6
    assert loss(location_pct=90.0) >= loss(location_pct=50.0) >= loss(location_pct=10.0)


def test_a_wood_on_the_way_costs_and_one_at_the_ends_does_not():
    distance, ground = LEVEL
    ends = 120.0, 110.0
    bare = loss_of(distance, ground, *ends, 600.0, **AIR).loss_db
    wood = ground.copy()
    wood[25:35] += 20.0
    assert loss_of(distance, ground, *ends, 600.0, surface_m=wood, **AIR).loss_db > bare + 3.0
    ends_only = ground.copy()
    ends_only[[0, -1]] += 20.0
    assert loss_of(distance, ground, *ends, 600.0, surface_m=ends_only, **AIR).loss_db == bare


def test_locations_differ_among_clutter_and_not_above_it():
    assert location_sigma_db(600.0, 100.0, 1.5, 15.0) == pytest.approx((0.52 + 0.0144) * 100.0**0.28)
    assert location_sigma_db(600.0, 100.0, 20.0, 15.0) == pytest.approx(0.5 * (0.52 + 0.0144) * 100.0**0.28)
    assert location_sigma_db(600.0, 100.0, 25.0, 15.0) == 0.0
    with pytest.raises(InputError, match="square"):
        location_sigma_db(600.0, 0.0, 1.5, 15.0)
