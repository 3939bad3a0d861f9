"""Files of NASA POWER and PVGIS, as the services lay them out, and every way in which one can be wrong."""

from __future__ import annotations

import json
import math
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cn_planner.errors import FileError, InputError, PlannerError
from cn_planner.importers import sun as sun_files
from cn_planner.importers.sun import read_sun
from cn_planner.model.plan import Plan, Site
from cn_planner.session.sun import import_sun

# NASA POWER, climatology API v2.5.9, community RE, at 48.066 N 7.923 E.
FIGURES = (1.0, 1.76, 3.04, 4.46, 5.21, 5.87, 5.67, 4.83, 3.72, 2.2, 1.15, 0.81)
NAMES = ("JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC")
DAYS = (31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31)
UNIT = "kW-hr/m^2/day"


def write(folder: Path, text: str, name: str = "sun.txt") -> Path:
    path = folder / name
    path.write_text(text, encoding="utf-8")
    return path


def power_json(figures: dict[str, float], *, unit: str = UNIT, at: tuple[float, float] = (48.0662, 7.9226)) -> str:
    return json.dumps({
        "type": "Feature",
        "geometry": {"type": "Point", "coordinates": [at[1], at[0], 702.23]},
        "properties": {"parameter": {"ALLSKY_SFC_SW_DWN": figures}},
        "header": {
            "title": "NASA/POWER CERES/MERRA2 Native Resolution Climatology Climatologies",
            "api": {"version": "v2.5.9", "name": "POWER Climatology API"},
            "sources": ["syn1deg", "ceres"],
            "fill_value": -999.0,
            "range": "20-year Meteorological and Solar Monthly & Annual Climatologies (January 2001 - December 2020)",
        },
        "messages": [],
        "parameters": {"ALLSKY_SFC_SW_DWN": {"units": unit, "longname": "All Sky Surface Shortwave Downward"}},
        "times": {"data": 1.671, "process": 0.13},
    })  # fmt: skip


def power_csv(rows: list[str], columns: str, *, unit: str = UNIT, name: str = "ALLSKY_SFC_SW_DWN") -> str:
    return "\n".join([
        "-BEGIN HEADER-",
        "NASA/POWER Source Native Resolution Monthly and Annual ",
        "Dates (month/day/year): 01/01/2021 through 12/31/2022 in LST ",
        "Location: latitude  48.0662   longitude 7.9226 ",
        "elevation from MERRA-2: Average for 0.5 x 0.625 degree lat/lon region = 702.23 meters",
        "The value for missing source data that cannot be computed or is outside of the range: -999 ",
        "parameter(s): ",
        f"{name}     CERES SYN1deg All Sky Surface Shortwave Downward Irradiance ({unit}) ",
        "T2M                   MERRA-2 Temperature at 2 Meters (C) ",
        "-END HEADER-",
        columns,
        *rows,
        "",
    ])  # fmt: skip


def pvgis_json(outputs: dict[str, Any], plane: dict[str, Any], key: str = "plane", latitude: float = 45.809) -> str:
    return json.dumps({
        "inputs": {
            "location": {"latitude": latitude, "longitude": 8.632, "elevation": 250.0},
            "meteo_data": {"radiation_db": "PVGIS-SARAH3", "meteo_db": "ERA5", "year_min": 2019, "year_max": 2020,
                           "use_horizon": True, "horizon_db": None, "horizon_data": "DEM-calculated"},
            key: plane,
        },
        "outputs": outputs,
        "meta": {},
    })  # fmt: skip


def sloped(value: float, azimuth: float = 0.0) -> dict[str, Any]:
    return {"slope": {"value": value, "optimal": True}, "azimuth": {"value": azimuth, "optimal": False}}


def test_nasa_power_climatology_json_is_read_to_the_letter(tmp_path: Path) -> None:
    figures = dict(zip(NAMES, FIGURES, strict=True)) | {"ANN": 3.32}
    found = read_sun(write(tmp_path, power_json(figures), "POWER.json"))
    assert found.sun.monthly_kwh_m2_day == FIGURES
    assert (found.sun.tilt_deg, found.sun.date) == (0.0, "2001-2020")
    assert (found.latitude, found.longitude) == (48.0662, 7.9226)
    assert "NASA POWER" in found.sun.source
    assert found.warnings == ()


@pytest.mark.parametrize("kind", ["months", "days", "hours"])
def test_series_of_nasa_power_become_the_mean_of_each_month(tmp_path: Path, kind: str) -> None:
    """Two years, one a tenth above and one a tenth below: their mean is what stood first. AG gives megajoule."""
    figures: dict[str, float] = {}
    for year, factor in ((2021, 1.1), (2022, 0.9)):
        for month, value in enumerate(FIGURES, start=1):
            day = round(value * factor * 3.6, 6)  # MJ
            if kind == "months":
                figures[f"{year}{month:02}"] = day
            for number in range(1, DAYS[month - 1] + 1) if kind != "months" else ():
                if kind == "days":
                    figures[f"{year}{month:02}{number:02}"] = day
                else:
                    figures |= {f"{year}{month:02}{number:02}{hour:02}": 2.0 * day / 24 if hour >= 12 else 0.0
                                for hour in range(24)}  # fmt: skip
        if kind == "months":
            figures[f"{year}13"] = 99.0  # the year's mean
    unit = "MJ/hr" if kind == "hours" else "MJ/m^2/day"
    found = read_sun(write(tmp_path, power_json(figures, unit=unit)))
    assert found.sun.monthly_kwh_m2_day == pytest.approx(FIGURES, abs=1e-3)
    assert found.sun.date == "2021-2022"


def test_nasa_power_csv_by_month_by_day_and_as_climatology(tmp_path: Path) -> None:
    row = ",".join(str(one) for one in FIGURES)
    monthly = power_csv([f"T2M,2021,{row},9.0", *(f"ALLSKY_SFC_SW_DWN,{year},{row},3.3" for year in (2021, 2022))],
                        f"PARAMETER,YEAR,{','.join(NAMES)},ANN")  # fmt: skip
    climatology = power_csv([f"ALLSKY_SFC_SW_DWN,{row},3.32"], f"PARAMETER,{','.join(NAMES)},ANN")
    by_number = [f"2020,{day},{FIGURES[month]},1.0" for day, month in
                 enumerate((m for m in range(12) for _ in range(DAYS[m] + (m == 1))), start=1)]  # fmt: skip
    days = power_csv(by_number, "YEAR,DOY,ALLSKY_SFC_SW_DWN,T2M")
    hours = power_csv(
        [f"2021,{m + 1},{d + 1},{h},{FIGURES[m] / 0.024}" for m in range(12) for d in range(DAYS[m]) for h in (0, 12)],
        "YEAR,MO,DY,HR,ALLSKY_SFC_SW_DWN", unit="Wh/m^2",
    )  # fmt: skip
    for text in (monthly, climatology, days, hours, monthly.replace("\n", "\r\n")):
        found = read_sun(write(tmp_path, text))
        assert found.sun.monthly_kwh_m2_day == pytest.approx(FIGURES, abs=1e-4)
        assert (found.latitude, found.longitude) == (48.0662, 7.9226)


def test_pvgis_monthly_radiation_divides_by_the_days_of_each_month(tmp_path: Path) -> None:
    def rows(name: str) -> list[dict[str, Any]]:
        return [
            {"year": year, "month": month, name: FIGURES[month - 1] * (DAYS[month - 1] + (month == 2 and year == 2020)),
             "T2m": 9.0} for year in (2019, 2020) for month in range(1, 13)
        ]  # fmt: skip

    plane = {"fixed_inclined_optimal": sloped(38.0), "fixed_inclined": sloped(20.0)}
    level = read_sun(write(tmp_path, pvgis_json({"monthly": rows("H(h)_m")}, plane)))
    assert level.sun.monthly_kwh_m2_day == pytest.approx(FIGURES, abs=1e-4)
    assert (level.sun.tilt_deg, level.sun.date) == (0.0, "2019-2020")
    assert level.sun.source.startswith("PVGIS-SARAH3")
    best = read_sun(write(tmp_path, pvgis_json({"monthly": rows("H(i_opt)_m")}, plane)))
    assert best.sun.tilt_deg == 38.0
    own = read_sun(write(tmp_path, pvgis_json({"monthly": rows("H(i)_m")}, plane)))
    assert own.sun.tilt_deg == 20.0
    # In the south the equator is north: 180 degrees from PVGIS's south.
    south = {"fixed_inclined_optimal": sloped(14.0, -180.0)}
    found = read_sun(write(tmp_path, pvgis_json({"monthly": rows("H(i_opt)_m")}, south, latitude=-18.283)))
    assert found.sun.tilt_deg == 14.0


def test_pvgis_csv_of_monthly_radiation_and_of_a_pv_system(tmp_path: Path) -> None:
    words = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
    head = ["Latitude (decimal degrees):\t45.809", "Longitude (decimal degrees):\t8.632"]
    radiation = [*head, "Radiation database:\tPVGIS-SARAH2", "Optimal slope angle (deg.): 38", "",
                 "year\t\tmonth\t\tH(h)_m\t\tH(i_opt)_m", *(
                     f"2019\t\t{word}\t\t{value * days:.4f}\t\t99.9" for word, value, days in
                     zip(words, FIGURES, DAYS, strict=True)
                 ), "", "H(h)_m: Irradiation on horizontal plane (kWh/m2/mo)", "", "",
                 "PVGIS (c) European Union, 2001-2022"]  # fmt: skip
    found = read_sun(write(tmp_path, "\r\n".join(radiation), "monthdata.csv"))
    assert found.sun.monthly_kwh_m2_day == pytest.approx(FIGURES, abs=1e-4)
    assert (found.sun.tilt_deg, found.latitude, found.longitude) == (0.0, 45.809, 8.632)
    system = [*head, "Radiation database:\tPVGIS-SARAH2", "Nominal power of the PV system (c-Si) (kWp):\t1.0",
              "System losses(%):\t14.0", "Fixed slope of modules (deg.):\t35",
              "Orientation (azimuth) of modules (deg.):\t0",
              "", "\t\tFixed angle", "Month\t\tE_d\t\tE_m\t\tH(i)_d\t\tH(i)_m\t\tSD_m", *(
                  f"{n}\t\t2.1\t\t65.3\t\t{value}\t\t{value * 30}\t\t12.9" for n, value in enumerate(FIGURES, start=1)
              ), "Year\t\t3.12\t\t94.78\t\t4.04\t\t122.8\t\t3.53",
              "\t\tAOI loss (%)\t\tSpectral effects (%)", "Fixed angle:\t\t-3.95\t\t0.92", "",
              "H(i)_d: Average daily sum of global irradiation per square meter (kWh/m2/d)", "", "",
              "PVGIS (c) European Union, 2001-2021"]  # fmt: skip
    found = read_sun(write(tmp_path, "\r\n".join(system), "PVdata.csv"))
    assert found.sun.monthly_kwh_m2_day == FIGURES
    assert found.sun.tilt_deg == 35.0


def test_pvgis_hours_of_a_tilted_surface_and_of_a_typical_year(tmp_path: Path) -> None:
    rows = [f"2016{m + 1:02}{d + 1:02}:{h:02}10,{FIGURES[m] / 0.024 / 2},{FIGURES[m] / 0.024 / 2},0.0,8.0,3.4,1.4,0.0"
            for m in range(12) for d in range(DAYS[m]) for h in range(24)]  # fmt: skip
    text = ["Latitude (decimal degrees):\t45.000", "Longitude (decimal degrees):\t8.000", "Elevation (m):\t250",
            "Radiation database:\tPVGIS-SARAH", "", "", "Slope: 30 deg. ", "Azimuth: 0 deg. ",
            "time,Gb(i),Gd(i),Gr(i),H_sun,T2m,WS10m,Int", *rows, "",
            "Gb(i): Beam (direct) irradiance on the inclined plane (plane of the array) (W/m2)", "", "",
            "PVGIS (c) European Union, 2001-2021"]  # fmt: skip
    found = read_sun(write(tmp_path, "\n".join(text), "Timeseries.csv"))
    assert found.sun.monthly_kwh_m2_day == pytest.approx(FIGURES, abs=1e-4)
    assert (found.sun.tilt_deg, found.sun.date) == (30.0, "2016-2016")
    hours = [{"time(UTC)": f"20{10 + m}{m + 1:02}{d + 1:02}:{h:02}00", "T2m": 1.0, "G(h)": FIGURES[m] / 0.024}
             for m in range(12) for d in range(DAYS[m]) for h in range(24)]  # fmt: skip
    typical = read_sun(write(tmp_path, pvgis_json({"tmy_hourly": hours}, {}, "nothing")))
    assert typical.sun.monthly_kwh_m2_day == pytest.approx(FIGURES, abs=1e-4)


GOOD = dict(zip(NAMES, FIGURES, strict=True))
ROW = ",".join(str(one) for one in FIGURES)
MONTHS = f"PARAMETER,YEAR,{','.join(NAMES)},ANN"
ONE = [{"year": 2019, "month": m, "H(i_opt)_m": 90.0} for m in range(1, 13)]
BAD: dict[str, tuple[str, type[PlannerError], str]] = {
    "empty": ("", FileError, "empty"),
    "blank": (" \n\n", FileError, "empty"),
    "another csv": ("id,latitude,longitude\nA,1,2\n", FileError, "neither from NASA POWER nor from PVGIS"),
    "another json": ('{"type": "FeatureCollection", "features": []}', FileError, "neither from NASA POWER"),
    "a list": ("[1, 2]", FileError, "neither from NASA POWER"),
    "a web page": ("<html>429 Too Many Requests</html>", FileError, "web page"),
    "cut json": (power_json(GOOD)[:-90], FileError, "cut off"),
    "broken json": ('{"a": 1,, }', FileError, "damaged"),
    "an error of the service": (
        '{"header": "x", "messages": ["Please provide a longitude between -180 and 180."]}', InputError, "longitude",
    ),
    "another parameter": (power_json(GOOD).replace("ALLSKY_SFC_SW_DWN", "T2M"), InputError, "no ALLSKY_SFC_SW_DWN"),
    "another parameter, csv": (power_csv([f"T2M,2021,{ROW},1"], MONTHS), InputError, "T2M"),
    "unknown unit": (power_json(GOOD, unit="kcal/m^2"), InputError, "kcal"),
    "no unit": (power_json(GOOD, unit=""), InputError, "unit"),
    "no sun at all": (power_json(dict.fromkeys(NAMES, 0.0)), InputError, "no sun"),
    "a month missing": (power_json({key: GOOD[key] for key in NAMES[:-1]}), InputError, "DEC"),
    "half a year of days": (
        power_json({f"2021{m:02}{d:02}": 3.0 for m in range(1, 7) for d in range(1, 29)}), InputError, "JUL",
    ),
    "fill values only": (power_json(GOOD | {"JUN": -999.0}), InputError, "JUN"),
    "too many fill values": (
        power_json({f"2021{m:02}{d:02}": -999.0 if m == 5 and d < 9 else 3.0 for m in range(1, 13)
                    for d in range(1, 29)}), InputError, "MAY",
    ),
    "negative": (power_json(GOOD | {"JUN": -3.0}), InputError, "amount of sun"),
    "not a number": (power_json({**GOOD, "JUN": "five"}), InputError, "five"),  # type: ignore[dict-item]
    "null": (power_json({**GOOD, "JUN": None}), InputError, "None"),  # type: ignore[dict-item]
    "watts said to be kilowatt hours": (power_json({key: 41.7 * GOOD[key] for key in NAMES}), InputError, "unit"),
    "csv cut in its head": (power_csv([], MONTHS).split("-END")[0], FileError, "cut off"),
    "csv cut in a row": (power_csv([f"ALLSKY_SFC_SW_DWN,2021,{ROW},1"], MONTHS)[:-9], FileError, "cut off"),
    "csv with a short row": (power_csv(["ALLSKY_SFC_SW_DWN,2021,1,2"], MONTHS), InputError, "cells"),
    "csv of days without a month": (power_csv(["2021,400,1.0"], "YEAR,DOY,ALLSKY_SFC_SW_DWN"), InputError, "month"),
    "pvgis without its end": (
        "Latitude (decimal degrees):\t45\nLongitude (decimal degrees):\t8\n\nyear\tmonth\tH(h)_m\n2019\tJan\t40.1\n",
        FileError, "cut off",
    ),
    "pvgis without figures": (pvgis_json({"totals": {}}, {}), InputError, "no figures"),
    "pvgis without radiation": (
        pvgis_json({"monthly": [{"year": 2019, "month": 1, "T2m": 3.0}]}, {}), InputError, "T2m",
    ),
    "pvgis without its tilt": (pvgis_json({"monthly": ONE}, {}), InputError, "tilted"),
    "pvgis that looks east": (
        pvgis_json({"monthly": ONE}, {"fixed_inclined_optimal": sloped(38.0, -90.0)}), InputError, "equator",
    ),
    "pvgis in the south that looks south": (
        pvgis_json({"monthly": ONE}, {"fixed_inclined_optimal": sloped(38.0)}, latitude=-30.0), InputError, "equator",
    ),
    "pvgis with a month 13": (
        pvgis_json({"monthly": [{"year": 2019, "month": 13, "H(h)_m": 3.0}]}, {}), InputError, "month",
    ),
    "pvgis with no time": (
        pvgis_json({"hourly": [{"time": "yesterday", "G(h)": 3.0}]}, {}), InputError, "yesterday",
    ),
}  # fmt: skip


@pytest.mark.parametrize("case", list(BAD))
def test_what_is_wrong_with_a_file_is_said(tmp_path: Path, case: str) -> None:
    text, kind, words = BAD[case]
    with pytest.raises(kind, match=words) as caught:
        read_sun(write(tmp_path, text))
    assert "sun.txt" in str(caught.value)


def test_a_file_too_large_or_not_there_is_not_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sun_files, "_MOST_BYTES", 100)
    with pytest.raises(FileError, match="MB are read"):
        read_sun(write(tmp_path, power_json(GOOD)))
    with pytest.raises(FileError, match="no such file"):
        read_sun(tmp_path / "gone.json")


def test_a_few_fill_values_are_said_and_the_rest_of_the_month_stands_for_them(tmp_path: Path) -> None:
    figures = {f"2021{m:02}{d:02}": FIGURES[m - 1] for m in range(1, 13) for d in range(1, 29)} | {"20210503": -999.0}
    found = read_sun(write(tmp_path, power_json(figures)))
    assert found.sun.monthly_kwh_m2_day == pytest.approx(FIGURES)
    assert len(found.warnings) == 1
    assert "1 figure is missing" in str(found.warnings[0])


def test_the_place_of_a_file_is_held_against_the_plan(tmp_path: Path) -> None:
    def plan(latitude: float, longitude: float) -> Plan:
        site = Site("S", "Site", latitude, longitude)
        return Plan(sites=Plan().sites.changed(put=[site]))

    path = write(tmp_path, power_json(GOOD))
    assert import_sun(plan(48.2, 8.1), path).warnings == ()
    near = import_sun(plan(48.9, 7.9), path)
    assert "93 km" in str(near.warnings[0])
    assert near.edit.plan.sun.monthly_kwh_m2_day == FIGURES
    for latitude, longitude in ((-48.07, 7.92), (48.07, -7.92), (7.92, 48.07)):  # another hemisphere; turned round
        with pytest.raises(InputError, match="km from the plan"):
            import_sun(plan(latitude, longitude), path)
    no_place = json.loads(power_json(GOOD))
    del no_place["geometry"]
    said = import_sun(plan(-48.07, 7.92), write(tmp_path, json.dumps(no_place))).warnings
    assert "does not say for which place" in str(said[0])
    assert "clear sky" in str(said[1])  # summer where it is winter


@given(
    st.binary(max_size=300)
    | st.text(max_size=200).map(lambda text: ("-BEGIN HEADER-\n" + text).encode("utf-8", "replace"))
)
@settings(max_examples=120, deadline=None)
def test_bytes_of_any_kind_are_refused_in_words(tmp_path_factory: pytest.TempPathFactory, data: bytes) -> None:
    path = tmp_path_factory.getbasetemp() / "any.bin"
    path.write_bytes(data)
    with pytest.raises(PlannerError):
        read_sun(path)


@given(cut=st.floats(0.0, 0.999))
@settings(max_examples=60, deadline=None)
def test_a_file_cut_anywhere_is_never_taken(tmp_path_factory: pytest.TempPathFactory, cut: float) -> None:
    path = tmp_path_factory.getbasetemp() / "cut.txt"
    rows = [f"ALLSKY_SFC_SW_DWN,{year},{ROW},3.3" for year in range(2001, 2005)]
    whole = power_csv(rows, MONTHS)
    path.write_text(whole[: math.floor(cut * len(whole))], "utf-8")
    try:
        found = read_sun(path)
    except PlannerError:
        return
    assert found.sun.monthly_kwh_m2_day == FIGURES  # cut between two years: the others are whole
