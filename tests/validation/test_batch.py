"""What a user would miss: the batch command's columns, ITM's codes beside its losses, a bad case named."""

from __future__ import annotations

import csv

import numpy as np
import pytest

from cn_planner.errors import InputError
from cn_planner.validation.batch import predict

HEAD = (
    "case_id,profile_id,variant,h_tx_m,h_rx_m,freq_hz,pol,climate,n0,epsilon_r,sigma_s_per_m,mdvar,time_pct,"
    "location_pct,situation_pct,confidence_pct,reliability_pct\n"
)
GOOD = "a,p,TLS,10,3,2412e6,V,5,301,15,0.005,12,50,50,50,,\n"


def written(path):
    with path.open(newline="") as file:
        return list(csv.DictReader(file))


@pytest.fixture
def profiles(tmp_path):
    def make(**spacing):
        path = tmp_path / "profiles.npz"
        ground = 100.0 + 30.0 * np.sin(np.arange(200) / 11.0)
        np.savez(path, elevation_m=ground, offset=[0, 200], profile_id=["p"], **spacing)
        return path

    return make


@pytest.fixture
def cases(tmp_path):
    def make(text):
        path = tmp_path / "cases.csv"
        path.write_text(text)
        return path

    return make


def test_all_of_the_golden_cases_of_itm(shared_data, tmp_path):
    folder = shared_data / "propagation"
    out = tmp_path / "out.csv"
    assert predict("itm", folder / "itm_p2p.csv", out, profiles=folder / "profiles.npz") == 2336
    rows, golden = written(out), written(folder / "itm_p2p.csv")
    assert list(rows[0]) == [
        "case_id",
        "loss_db",
        "return_code",
        "warnings",
        "free_space_db",
        "a_ref_db",
        "mode",
        "delta_h_m",
    ]
    for row, theirs in zip(rows, golden, strict=True):
        within = max(1e-6, float(theirs["instability_db"]))
        assert float(row["loss_db"]) == pytest.approx(float(theirs["loss_db"]), abs=within)
        assert all(row[name] == theirs[name] for name in ("case_id", "return_code", "warnings", "mode"))


def test_all_of_the_golden_cases_of_itm_over_areas(shared_data, tmp_path):
    golden = shared_data / "propagation/itm_area.csv"
    out = tmp_path / "out.csv"
    assert predict("itm-area", golden, out) == 200
    rows = written(out)
    assert list(rows[0]) == ["case_id", "loss_db", "return_code", "warnings", "free_space_db", "a_ref_db", "mode"]
    for row, theirs in zip(rows, written(golden), strict=True):
        assert float(row["loss_db"]) == pytest.approx(float(theirs["loss_db"]), abs=1e-6)
        assert all(row[name] == theirs[name] for name in ("case_id", "return_code", "warnings", "mode"))


def test_profiles_by_distance_give_the_same_as_by_spacing(profiles, cases, tmp_path):
    file = cases(HEAD + GOOD)
    predict("itm", file, tmp_path / "one.csv", profiles=profiles(spacing_m=[31.7]))
    predict("itm", file, tmp_path / "two.csv", profiles=profiles(dist_m=np.arange(200) * 31.7))
    assert written(tmp_path / "one.csv") == written(tmp_path / "two.csv")


def test_a_case_that_itm_does_not_hold_for_has_a_code_and_no_loss(profiles, cases, tmp_path):
    bad = GOOD.replace("a,p", "b,p").replace("2412e6", "25e9")
    by_confidence = "c,p,CR,10,3,2412e6,V,5,301,15,0.005,12,,,,100,50\n"
    out = tmp_path / "out.csv"
    told = []
    predict("itm", cases(HEAD + GOOD + bad + by_confidence), out, profiles=profiles(spacing_m=[30.0]), tell=told.append)
    said = [str(one) for one in told]
    assert "The frequency is 25000 MHz; ITM takes 20 to 20000." in said
    assert "The confidence is 100 %; it must be between 0 and 100." in said
    good, *others = written(out)
    assert good["return_code"] == "1"
    assert float(good["loss_db"]) > 0.0
    assert [(row["return_code"], row["loss_db"], row["mode"]) for row in others] == [
        ("1009", "", "0"),
        ("1006", "", "0"),
    ]


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (("a,p", "a,q"), "line 2: There is no profile q"),
        (("TLS", "XYZ"), "line 2: Variant XYZ is neither TLS nor CR"),
        (("0.005,12", "0.005,1.5"), "line 2: 1.5 is not a whole number, in column mdvar"),
        (("a,p,TLS,10", "a,p,TLS,ten"), "line 2: ten is not a number, in column h_tx_m"),
    ],
)
def test_a_case_that_cannot_be_read_is_named(profiles, cases, tmp_path, change, said):
    with pytest.raises(InputError, match=said):
        predict("itm", cases(HEAD + GOOD.replace(*change)), tmp_path / "out.csv", profiles=profiles(spacing_m=[30.0]))


def test_itm_without_profiles_or_over_uneven_ones_is_refused(profiles, cases, tmp_path):
    with pytest.raises(InputError, match="needs profiles"):
        predict("itm", cases(HEAD + GOOD), tmp_path / "out.csv")
    with pytest.raises(InputError, match="not equally spaced"):
        predict("itm", cases(HEAD + GOOD), tmp_path / "out.csv", profiles=profiles(dist_m=np.arange(200) ** 1.1))


def test_itm_s_warnings_are_told_once_in_words(profiles, cases, tmp_path):
    high = GOOD.replace("a,p,TLS,10", "b,p,TLS,2000")
    told = []
    predict("itm", cases(HEAD + high + high), tmp_path / "o.csv", profiles=profiles(spacing_m=[30.0]), tell=told.append)
    said = [str(one) for one in told]
    assert "The first antenna is under 1 m or over 1000 m high: near the limits of ITM." in said
    assert len(said) == len(set(said))


@pytest.mark.parametrize(
    ("model", "line", "said"),
    [
        (
            "delta-bullington",
            "p,-3,10,2e9,8.5e6,V",
            "line 2: The height of an antenna above ground, m, is -3.0; it must",
        ),
        ("delta-bullington", "p,3,1e30,2e9,8.5e6,V", "line 2: The height of an antenna above ground, m, is 1e"),
        ("delta-bullington", "p,3,nan,2e9,8.5e6,V", "line 2: The height of an antenna above ground, m, is nan"),
        ("knife-edge", "nan", "line 2: The diffraction parameter nu is nan"),
    ],
)
def test_a_figure_that_is_none_is_an_error_with_its_range(profiles, cases, tmp_path, model, line, said):
    head = "nu" if model == "knife-edge" else "profile,htg_m,hrg_m,freq_hz,a_eff_m,pol"
    with pytest.raises(InputError, match=said):
        predict(model, cases(f"{head}\n{line}\n"), tmp_path / "o.csv", profiles=profiles(spacing_m=[30.0]))


def test_models_that_go_case_by_case_number_rows_without_a_name(cases, tmp_path):
    out = tmp_path / "out.csv"
    predict("knife-edge", cases("nu\n" + "0.5\n" * 700), out)
    assert [row["case_id"] for row in written(out)] == [str(i) for i in range(700)]
