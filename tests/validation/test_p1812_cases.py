"""What a user would miss: a table of cases predicted as the reference does, and the case named that cannot be."""

from __future__ import annotations

import csv

import numpy as np
import pytest

from cn_planner.errors import FileError, InputError
from cn_planner.validation.batch import predict
from cn_planner.validation.p833 import woodland_loss_db


def rows(path):
    with path.open(newline="") as file:
        return list(csv.DictReader(file))


def write(path, table):
    with path.open("w", newline="") as file:
        writer = csv.DictWriter(file, list(table[0]))
        writer.writeheader()
        writer.writerows(table)
    return path


@pytest.fixture
def folder(shared_data):
    return shared_data / "propagation"


@pytest.fixture
def few(folder):
    return rows(folder / "p1812_py1812.csv")[:12]


def run(folder, tmp_path, table, *, clutter="p1812_clutter.npz", tell=None):
    out = tmp_path / "out.csv"
    cases = write(tmp_path / "cases.csv", table)
    files = {"profiles": folder / "profiles.npz", "clutter": folder / clutter if clutter else None}
    predict("p1812", cases, out, tell=tell, **files)
    return rows(out)


def test_p1812_by_the_table_is_the_reference(folder, tmp_path, few):
    found = run(folder, tmp_path, few)
    assert list(found[0]) == ["case_id", "loss_db", "field_strength_dbuvm_1kw_erp"]
    for one, case in zip(found, few, strict=True):
        assert one["case_id"] == case["case_id"]
        for column in ("loss_db", "field_strength_dbuvm_1kw_erp"):
            assert float(one[column]) == pytest.approx(float(case[column]), abs=1e-6)


def test_the_case_that_cannot_be_predicted_is_named_by_its_line(folder, tmp_path, few):
    with pytest.raises(InputError, match=r"line 4.*percentage of time is 80\.0; it must be 1\.0 to 50\.0"):
        run(folder, tmp_path, [*few[:2], {**few[2], "time_pct": "80"}, *few[3:]])
    with pytest.raises(InputError, match=r"line 2.*Zone 2"):
        run(folder, tmp_path, [{**few[0], "zone": "2"}])
    with pytest.raises(InputError, match=r"line 2.*no profile 99999"):
        run(folder, tmp_path, [{**few[0], "profile_id": "99999"}])


def test_clutter_that_is_spoken_of_must_be_given_and_must_fit(folder, tmp_path, few):
    bare = [case for case in few if case["clutter_kind"] == "0"]
    wooded = next(case for case in rows(folder / "p1812_py1812.csv") if case["clutter_kind"] == "1")
    assert len(run(folder, tmp_path, bare, clutter=None)) == len(bare)
    with pytest.raises(InputError, match=r"clutter on its profile.*--clutter"):
        run(folder, tmp_path, [wooded], clutter=None)
    with pytest.raises(InputError, match="no clutter for case 99999"):
        run(folder, tmp_path, [{**wooded, "case_id": "99999"}])
    with pytest.raises(InputError, match=r"line 2.*points, its profile"):
        run(folder, tmp_path, [{**wooded, "profile_id": "582"}])
    with pytest.raises(FileError, match="clutter_height_m"):
        run(folder, tmp_path, [wooded], clutter="profiles.npz")
    with pytest.raises(InputError, match="stands on profiles"):
        predict("p1812", tmp_path / "cases.csv", tmp_path / "o.csv", clutter=folder / "p1812_clutter.npz")


def test_what_is_outside_the_validity_is_told_once(folder, tmp_path, few):
    told = []
    run(folder, tmp_path, [{**case, "location_pct": "99.5"} for case in few], tell=told.append)
    assert [str(message) for message in told] == ["P.1812 holds for 1 to 99 % of locations; it says little for 99.5 %."]


def test_a_frequency_that_the_model_does_not_hold_for_is_an_error_that_names_the_line(folder, tmp_path, few):
    with pytest.raises(InputError, match=r"line 3.*24000\.0; it must be 30\.0 to 6000\.0"):
        run(folder, tmp_path, [few[0], {**few[1], "freq_hz": "24e9"}])


def test_a_missing_height_leaves_the_loss_empty(folder, tmp_path, few):
    with np.load(folder / "profiles.npz") as arrays:
        values = {name: arrays[name] for name in arrays.files}
    values["elevation_m"][5] = np.nan
    np.savez(tmp_path / "holes.npz", **values)
    out = tmp_path / "out.csv"
    two = [
        few[0],
        next(case for case in few if case["clutter_kind"] == "0" and case["profile_id"] != few[0]["profile_id"]),
    ]
    predict("p1812", write(tmp_path / "cases.csv", two), out, profiles=tmp_path / "holes.npz")
    found = rows(out)
    assert found[0]["loss_db"] == ""
    assert float(found[1]["loss_db"]) > 60.0


@pytest.mark.parametrize(
    ("model", "file", "within"),
    [
        ("p838", "p530_18/p838_3_k_alpha.csv", 1e-9),
        ("p2108-height-gain", "p2108_1/height_gain.csv", 1e-6),
        ("p2108-terrestrial", "p2108_1/terrestrial_statistical.csv", 0.01),
    ],
)
def test_single_figures_by_the_table_are_the_golden_ones(folder, tmp_path, model, file, within):
    out = tmp_path / "out.csv"
    assert predict(model, folder / file, out) == len(rows(folder / file))
    for number, (one, case) in enumerate(zip(rows(out), rows(folder / file), strict=True)):
        assert one.pop("case_id") == str(number)
        for column, value in one.items():
            assert float(value) == pytest.approx(float(case[column]), abs=within)


def test_woods_and_two_rays_by_the_table(tmp_path):
    out = tmp_path / "out.csv"
    predict("p833-woodland", write(tmp_path / "cases.csv", [{"depth_m": "80", "freq_hz": "9e8"}]), out)
    assert float(rows(out)[0]["loss_db"]) == pytest.approx(woodland_loss_db(80.0, 900.0))
    ground = {"a_eff_m": "8.5e6", "epsilon_r": "80", "sigma_s_per_m": "5", "roughness_m": "0"}
    lake = {"dist_m": "9000", "h_tx_m": "20", "h_rx_m": "12", "freq_hz": "2.4e9", "pol": "H", **ground}
    predict("two-ray", write(tmp_path / "cases.csv", [lake]), out)
    found = rows(out)[0]
    assert float(found["breakpoint_m"]) == pytest.approx(4.0 * 20.0 * 12.0 * 2.4e9 / 299_792_458.0)
    swing = float(found["loss_db"]) - float(found["free_space_db"])
    assert -6.1 < swing != 0.0
    with pytest.raises(InputError, match=r"line 2.*earth itself is in the way"):
        predict("two-ray", write(tmp_path / "cases.csv", [{**lake, "dist_m": "90000"}]), out)


def test_a_figure_that_cannot_be_had_is_named_by_its_line(tmp_path):
    table = [{"freq_hz": "5e8", "elev_deg": "0", "pol_tilt_deg": "0"}]
    with pytest.raises(InputError, match=r"line 2.*0\.5 GHz"):
        predict("p838", write(tmp_path / "cases.csv", table), tmp_path / "out.csv")
    table = [dict.fromkeys(("freq_hz", "antenna_height_m", "clutter_height_m", "street_width_m"), "5e8")]
    with pytest.raises(InputError, match=r"line 2.*Swamp"):
        predict(
            "p2108-height-gain", write(tmp_path / "cases.csv", [{**table[0], "clutter": "Swamp"}]), tmp_path / "out.csv"
        )
