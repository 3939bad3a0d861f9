"""What a user would miss: the fading of a table of links, by the command that anyone can check us with."""

from __future__ import annotations

import csv

import pytest

from cn_planner.errors import InputError
from cn_planner.validation.batch import predict


def rows(path):
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def write(path, table):
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, list(table[0]))
        writer.writeheader()
        writer.writerows(table)
    return path


@pytest.mark.parametrize("name", ["multipath", "rain"])
def test_tables_of_fading_are_the_golden_ones(shared_data, tmp_path, name):
    cases = shared_data / f"propagation/p530_18/{name}.csv"
    out = tmp_path / "out.csv"
    golden = rows(cases)
    assert predict(f"p530-{name}", cases, out) == len(golden)
    for found, case in zip(rows(out), golden, strict=True):
        assert found.pop("case_id") == case["case_id"]
        if case.get("r_gt_2p5") == "1":
            assert found["r_factor"] == "2.5"
            continue
        assert found
        for column, value in found.items():
            assert float(value) == pytest.approx(float(case[column]), rel=1e-9)


def test_a_path_unlike_those_measured_is_told_once(tmp_path):
    case = {
        "geoclimatic_k": 1e-4,
        "dn75": 20,
        "lat_deg": 10,
        "dist_m": 12_000,
        "freq_hz": 6e8,
        "h_tx_amsl_m": 200,
        "h_rx_amsl_m": 200,
        "h_terrain_mean_amsl_m": 100,
        "fade_depth_db": 20,
    }
    told = []
    assert (
        predict("p530-multipath", write(tmp_path / "cases.csv", [case, case]), tmp_path / "o.csv", tell=told.append)
        == 2
    )
    assert [str(one) for one in told] == [
        "Multipath fading is predicted from 1.25 GHz upwards on 12.0 km; here it is a guess."
    ]


@pytest.mark.parametrize(
    ("model", "case", "said"),
    [
        ("p530-rain", {"rain_r001_mm_per_h": -1}, r"line 2.*rain rate, mm/h, is -1\.0; it must be 0\.0 to 250\.0"),
        ("p530-rain", {"time_pct": "often"}, r"line 2.*often is not a number, in column time_pct"),
        ("p530-rain", {"time_pct": 3}, r"line 2.*percentage of time is 3\.0; it must be 0\.001 to 1\.0"),
        ("p530-multipath", {"dist_m": 1e4}, "line 2: There is no column h_tx_amsl_m among"),
    ],
)
def test_a_case_that_cannot_be_predicted_is_named_by_its_line(tmp_path, model, case, said):
    rain = {
        "rain_r001_mm_per_h": 30,
        "dist_m": 5000,
        "freq_hz": 1.8e10,
        "elev_deg": 0,
        "pol_tilt_deg": 0,
        "time_pct": 0.01,
    }
    with pytest.raises(InputError, match=said):
        predict(model, write(tmp_path / "cases.csv", [{**rain, **case}]), tmp_path / "out.csv")
