"""What people and tools write of measured levels is read; what cannot be is said, and nothing is taken for another."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from openpyxl import Workbook
from openpyxl.utils.datetime import CALENDAR_MAC_1904, CALENDAR_WINDOWS_1900
from plan_examples import village

from cn_planner.errors import InputError
from cn_planner.importers.choices import Choices
from cn_planner.importers.files import import_file
from cn_planner.importers.result import ImportResult
from cn_planner.model import edits
from cn_planner.model.measurement import Quantity
from cn_planner.model.plan import Household, Plan, Site
from cn_planner.model.public_place import PublicPlace

Write = Callable[[str], Path]


@pytest.fixture
def write(tmp_path: Path) -> Write:
    def writes(content: str) -> Path:
        path = tmp_path / "levels.csv"
        path.write_text(content, encoding="utf-8")
        return path

    return writes


def test_every_field_of_a_measurement_is_read(write: Write) -> None:
    path = write(
        "id,site,lat,lon,height_m,freq_mhz,level_dbm,tx_height_m,eirp_dbm,rx_gain_dbi,floor_dbm,quantity,date,who,note\n"
        "m1,hill,-1.41,36.51,3,415,-100,18,36,2.1,-100,RSRP,2026-11-20,Asha,by the well\n"
    )
    (one,) = import_file(Plan(), path, "measurements").things
    assert (one.site, one.height_m, one.freq_mhz, one.level_dbm, one.tx_height_m) == ("hill", 3.0, 415.0, -100.0, 18.0)
    assert (one.eirp_dbm, one.rx_gain_dbi, one.floor_dbm, one.quantity) == (36.0, 2.1, -100.0, Quantity.RSRP)
    assert (one.date, one.who, one.note) == ("2026-11-20", "Asha", "by the well")
    assert one.censored


@pytest.mark.parametrize("epoch", [CALENDAR_WINDOWS_1900, CALENDAR_MAC_1904])
def test_days_of_a_workbook_are_days_whatever_it_counts_from(tmp_path: Path, epoch: datetime) -> None:
    book, path = Workbook(), tmp_path / "levels.xlsx"
    book.epoch = epoch
    book.active.append(["lat", "lon", "rssi", "freq", "date"])
    days = (
        date(2026, 3, 4),
        datetime(2026, 3, 4, 15, 30, tzinfo=UTC).replace(tzinfo=None),
        "2026-03-05",
        2026,
        date(1999, 1, 1),
    )
    for n, day in enumerate(days):
        book.active.append([-1.4 - n / 100, 36.5, -80, 415, day])
    book.save(path)
    found = import_file(Plan(), path, "measurements")
    assert [one.date for one in found.things] == ["2026-03-04", "2026-03-04 15:30:00", "2026-03-05", "2026", ""]


def test_what_the_file_does_not_say_is_filled_in_columns_and_in_empty_cells(write: Write) -> None:
    path = write("lat,lon,rssi,height_m\n-1.4,36.5,-80,\n-1.41,36.5,-81,4\n")
    fill = Choices(fill={"freq_mhz": "415", "site": "hill", "height_m": "2.5"})
    first, second = import_file(Plan(), path, "measurements", choices=fill).things
    assert [first.freq_mhz, first.site, first.height_m, second.height_m] == [415.0, "hill", 2.5, 4.0]


@pytest.mark.parametrize(
    ("fill", "says"),
    [({"colour": "red"}, "no field colour to fill"), ({"freq_mhz": "fast"}, "not a number"),
     ({"freq_mhz": "0.4"}, "between 30 and"), ({"date": "1970-01-01"}, "means nothing as date")],
)  # fmt: skip
def test_a_fill_that_cannot_be_is_said(write: Write, fill: dict[str, str], says: str) -> None:
    path = write("lat,lon,rssi,freq\n-1.4,36.5,-80,415\n")
    with pytest.raises(InputError, match=says):
        import_file(Plan(), path, "measurements", choices=Choices(fill=fill))


@pytest.mark.parametrize("column", ["height_ft", "Height (feet)", "antenna_height_ft"])
def test_heights_in_feet_are_metres(write: Write, column: str) -> None:
    """They were not used, and 2 m taken; or, named by --map, taken as so many metres."""
    path = write(f'lat,lon,freq,rssi,"{column}"\n-1.4,36.5,415,-80,20\n')
    for mapping in ({}, {"height_m": column}):
        found = import_file(Plan(), path, "measurements", mapping)
        assert found.things[0].height_m == pytest.approx(6.096)
        assert found.warnings == ()


def test_a_height_in_feet_is_within_the_limits_of_metres(write: Write) -> None:
    """150 ft are 45.7 m, within the 50 m that a roof's antenna may have; 200 ft are not."""
    homes = import_file(Plan(), write("id,lat,lon,antenna_height_ft\nh,-1.4,36.5,150\n"), "households").things
    assert homes[0].antenna_height_m == pytest.approx(45.72)
    with pytest.raises(InputError, match="is not between 0 and 50 m"):
        import_file(Plan(), write("id,lat,lon,antenna_height_ft\nh,-1.4,36.5,200\n"), "households")


@pytest.mark.parametrize(
    ("level", "says"),
    [("85", "Is the sign missing"), ("3", "bars, percent"), ("0.000001", "mW"), ("-900", "weaker than any radio"),
     ("strong", "not a number")],
)  # fmt: skip
def test_levels_of_another_sign_or_unit_are_left_out_with_the_reason(write: Write, level: str, says: str) -> None:
    path = write(f"id,lat,lon,freq,rssi\na,-1.4,36.5,415,{level}\nb,-1.4,36.5,415,-90 dBm\n")
    with pytest.raises(InputError, match=says):
        import_file(Plan(), path, "measurements")
    found = import_file(Plan(), path, "measurements", choices=Choices(skip_bad=True))
    assert [one.id for one in found.things] == ["b"]
    assert found.things[0].level_dbm == -90.0
    assert says in str(found.reasons[0].left_out)


@pytest.mark.parametrize("column", ["rsrp", "RSRP (dBm)", "rsrp_dbm"])
def test_a_column_that_is_called_rsrp_holds_that(write: Write, column: str) -> None:
    """It is some 28 dB below the power in the channel: taken for that it would be an offset of the whole place."""
    path = write(f"lat,lon,freq,{column}\n-1.4,36.5,850,-101\n")
    (one,) = import_file(Plan(), path, "measurements").things
    assert one.quantity is Quantity.RSRP
    (one,) = import_file(Plan(), path, "measurements", choices=Choices(fill={"quantity": "rssi"})).things
    assert one.quantity is Quantity.RSSI
    path = write(f"lat,lon,freq,{column},quantity\n-1.4,36.5,850,-101,rssi\n-1.41,36.5,850,-101,\n")
    first, second = import_file(Plan(), path, "measurements").things
    assert [first.quantity, second.quantity] == [Quantity.RSSI, Quantity.RSRP]
    path = write(f"lat,lon,freq,rssi,{column}\n-1.4,36.5,850,-71,-101\n")
    (one,) = import_file(Plan(), path, "measurements").things
    assert (one.level_dbm, one.quantity) == (-71.0, Quantity.RSSI)


def test_a_telephone_that_changes_between_networks_fills_one_column_or_the_other(write: Write) -> None:
    rows = ("-1.4,36.5,850,-71,", "-1.41,36.5,850,,-101", "-1.42,36.5,850, ,", "-1.43,36.5,850,,9",
            "-1.44,36.5,850,-72,2147483647")  # fmt: skip
    path = write("\n".join(("lat,lon,freq,rssi,rsrp", *rows, "")))
    found = import_file(Plan(), path, "measurements", choices=Choices(skip_bad=True))
    assert [(one.level_dbm, one.quantity.value) for one in found.things] == [
        (-71.0, "rssi"), (-101.0, "rsrp"), (-72.0, "rssi")
    ]  # fmt: skip
    assert found.left_out_count == 2
    path = write("lat,lon,freq,rssi,snr\n-1.4,36.5,868,,-5\n")
    (one,) = import_file(Plan(), path, "measurements").things
    assert one.level_dbm == pytest.approx(-119.0, abs=0.1)


def test_a_row_without_any_level_is_told_and_no_mistake_of_the_program(write: Write) -> None:
    """A range test has rows without a ratio: packets that came by another way."""
    path = write("lat,lon,freq,snr\n-1.4,36.5,868,-5\n-1.41,36.5,868,\n")
    found = import_file(Plan(), path, "measurements", choices=Choices(skip_bad=True))
    assert len(found.things) == found.left_out_count == 1
    assert "empty" in str(found.reasons[0].left_out)
    (one,) = import_file(Plan(), write("lat,lon,freq\n-1.4,36.5,868\n"), "measurements",
                         choices=Choices(fill={"snr": "-5"})).things  # fmt: skip
    assert one.level_dbm == pytest.approx(-119.0, abs=0.1)


@pytest.mark.parametrize("columns", ["rsrp,snr", "rssi,rsrp,snr"])
def test_the_ratio_of_a_telephone_is_no_level(write: Write, columns: str) -> None:
    """A row of LTE without a level was taken for LoRa's: 5 dB above the noise was -109 dBm."""
    rest = "," * columns.count(",")
    path = write(f"lat,lon,freq,{columns}\n-1.4,36.5,850,{rest[1:]}-101,21\n-1.41,36.5,850,{rest}5\n")
    found = import_file(Plan(), path, "measurements", choices=Choices(skip_bad=True))
    assert [(one.level_dbm, one.quantity) for one in found.things] == [(-101.0, Quantity.RSRP)]
    assert found.left_out_count == 1
    assert any("snr" in str(one) for one in found.warnings)


@pytest.mark.parametrize(
    ("level", "dbm"), [("<-95", -95.0), ("< -95 dBm", -95.0), ("\u2264 -101", -101.0), ("<=-101dBm@6Mbps", -101.0)]
)
def test_a_level_that_was_only_weaker_is_a_bound(write: Write, level: str, dbm: float) -> None:
    path = write(f"latitude,longitude,freq_mhz,level\n42,1.8,5500,{level}\n42.1,1.8,5500,-80\n")
    weaker, heard = import_file(Plan(), path, "measurements").things
    assert (weaker.level_dbm, weaker.floor_dbm, weaker.censored) == (dbm, dbm, True)
    assert type(weaker.level_dbm) is float
    assert (heard.level_dbm, heard.floor_dbm, heard.censored) == (-80.0, None, False)


@pytest.mark.parametrize("floor", ["0", "20", "-300"])
def test_a_floor_that_no_radio_has_is_refused_and_does_not_censor_all(write: Write, floor: str) -> None:
    path = write(f"id,lat,lon,freq,rssi,floor\na,-1.4,36.5,415,-80,{floor}\nb,-1.4,36.5,415,-81,-95\n")
    found = import_file(Plan(), path, "measurements", choices=Choices(skip_bad=True))
    assert [(one.id, one.censored) for one in found.things] == [("b", False)]
    assert "floor" in str(found.reasons[0].left_out)


def test_a_clock_that_was_never_set_loses_its_day_and_not_the_level(write: Write) -> None:
    path = write(
        "id,lat,lon,freq,rssi,timestamp\na,-1.4,36.5,415,-80,0\nb,-1.4,36.5,415,-81,1970-01-01T00:03:10\n"
        "c,-1.4,36.5,415,-82,1764000000000\nd,-1.4,36.5,415,-83,86400\n"
    )
    found = import_file(Plan(), path, "measurements")
    assert [one.date for one in found.things] == ["", "", "2025-11-24 16:00:00", "86400"]
    assert [one.level_dbm for one in found.things] == [-80.0, -81.0, -82.0, -83.0]
    assert any("1970-01-01" in str(warning) for warning in found.warnings)


@pytest.mark.parametrize(
    ("day", "kept"),
    [("01/01/1970 00:00", ""), ("1.1.1970", ""), ("Thu Jan 1 03:00:00 1970", ""), ("31-12-1969 23:59", ""),
     ("03/11/2026 19:59", "03/11/2026 19:59"), ("Tue Nov 3 19:59:00 2026", "Tue Nov 3 19:59:00 2026"),
     ("Dec 1 2026 1930", "Dec 1 2026 1930")],
)  # fmt: skip
def test_a_clock_that_was_never_set_is_known_in_other_orders_too(write: Write, day: str, kept: str) -> None:
    (one,) = import_file(Plan(), write(f"lat,lon,freq,rssi,date\n-1.4,36.5,415,-80,{day}\n"), "measurements").things
    assert (one.date, one.level_dbm) == (kept, -80.0)


def test_a_name_that_two_towers_have_is_not_taken_for_the_id_of_one(write: Write) -> None:
    """Measured at the first of two towers called Hill, it was kept as measured at the second."""
    plan = edits.put(
        Plan(), [Site(key, name, -1.4, 36.5) for key, name in (("A", "Hill"), ("B", "Hill"), ("C", "Ford"))]
    )
    path = write("lat,lon,freq,rssi,site\n-1.4,36.5,415,-80,hill\n-1.4,36.5,415,-80,ford\n")
    assert [one.site for one in import_file(plan.plan, path, "measurements").things] == ["hill", "C"]


def test_what_stands_twice_counts_once_and_a_second_import_adds_nothing(write: Write) -> None:
    path = write("lat,lon,freq,rssi,date\n-1.4,36.5,415,-80,2026-11-20\n-1.4,36.5,415,-80,2026-11-20\n"
                 "-1.4,36.5,415,-80,2026-11-21\n")  # fmt: skip
    first = import_file(Plan(), path, "measurements")
    assert first.added == 2
    assert "same site, place, time and level" in str(first.reasons[0].left_out)
    assert not any("twice" in str(one) for one in first.warnings), "a second import adds nothing"
    again = import_file(first.edit.plan, path, "measurements")
    assert again.added == 0
    assert again.edit.plan.measurements == first.edit.plan.measurements


def test_two_people_who_number_their_own_do_not_overwrite_each_other(write: Write) -> None:
    """The second file's 1 and 2 had taken the place of the first's; who corrects a level or a place still does."""

    def read(plan: Plan, rows: str) -> ImportResult:
        return import_file(plan, write("id,lat,lon,freq,rssi,who,date\n" + rows), "measurements")

    ana = read(Plan(), "1,-1.40,36.5,415,-80,Ana,2026-11-20\n2,-1.41,36.5,415,-81,Ana,2026-11-20\n").edit.plan
    his = "1,-1.42,36.6,415,-90,Ben,2026-11-20\n2,-1.41,36.5,415,-91,Ben,2026-11-20\n"
    both = read(ana, his)
    assert {key: one.level_dbm for key, one in both.edit.plan.measurements.items()} == {
        "1": -80.0, "2": -81.0, "1-2": -90.0, "2-2": -91.0,
    }  # fmt: skip
    assert any("2 have the numbers of other readings" in str(one) for one in both.warnings)
    assert (both.added, both.updated) == (2, 0)
    again = read(both.edit.plan, his)
    assert again.edit.plan.measurements == both.edit.plan.measurements
    assert not any("other readings" in str(one) for one in again.warnings)
    corrected = read(both.edit.plan, "2,-1.41,36.5,415,-71,Ben,2026-11-20\n1,-1.43,36.5,415,-80,Ana,2026-11-20\n")
    rows = corrected.edit.plan.measurements
    assert (len(rows), rows["2-2"].level_dbm, rows["2"].level_dbm, rows["1"].latitude) == (4, -71.0, -81.0, -1.43)


def test_numbers_without_a_name_are_told_apart_by_where_was_read(write: Write) -> None:
    """50 m and more apart are two readings; a number that the file has itself is not given twice."""
    plan = import_file(Plan(), write("id,lat,lon,freq,rssi\n1,-1.40,36.5,415,-80\n"), "measurements").edit.plan
    found = import_file(
        plan, write("id,lat,lon,freq,rssi\n1-2,-1.45,36.5,415,-70\n1,-1.41,36.5,415,-85\n"), "measurements"
    )
    assert {key: one.level_dbm for key, one in found.edit.plan.measurements.items()} == {
        "1": -80.0, "1-2": -70.0, "1-3": -85.0,
    }  # fmt: skip
    near = import_file(plan, write("id,lat,lon,freq,rssi\n1,-1.4001,36.5,415,-85\n"), "measurements").edit.plan
    assert [one.level_dbm for one in near.measurements.values()] == [-85.0], "corrected"


def test_a_tower_is_kept_by_its_id_and_one_reading_under_both_is_one(write: Write) -> None:
    """What refers to a tower, and who removes it elsewhere, go by its id."""
    plan = edits.put(Plan(), [Site("S1", "Upper Hill", -1.4, 36.5), Site("S2", "x", -1.5, 36.5)]).plan
    rows = "lat,lon,freq,rssi,site\n-1.41,36.5,415,-80,upper hill\n-1.42,36.5,415,-81,nowhere\n-1.41,36.5,415,-80,S1\n"
    found = import_file(plan, write(rows), "measurements")
    assert [one.site for one in found.things] == ["S1", "nowhere"]
    older = edits.put(plan, [replace(found.things[0], site="Upper Hill")]).plan
    assert [one.site for one in import_file(older, write(rows), "measurements").things] == ["nowhere"]


def test_a_range_test_of_meshtastic(write: Write) -> None:
    path = write(
        '"date","time","from","sender name","sender lat","sender long","rx lat","rx long","rx elevation","rx snr",'
        '"distance","hop limit","payload"\n'
        '"2026-11-20","10:11:12","-1468","hill","-1.40","36.50","-1.41","36.51","80","-10.5","1500","3","seq 4"\n'
    )
    (one,) = import_file(Plan(), path, "measurements", choices=Choices(fill={"freq_mhz": "869.525"})).things
    assert (one.latitude, one.longitude, one.site) == (-1.41, 36.51, "hill")
    assert one.level_dbm == pytest.approx(-174.0 + 54.0 + 6.0 - 10.5, abs=0.1)  # kT B F, and the ratio


def stations(home: str) -> dict[str, str]:
    return {
        "airos": json.dumps(
            [{"mac": "00:11", "name": home, "signal": -71, "remote": {"hostname": "x", "signal": -68}}]
        ),
        "routeros rest": json.dumps([{"radio-name": home, "signal-strength": "-68dBm@6Mbps", "mac-address": "00:11"}]),
        "routeros text": f'Flags: A - ACTIVE\n 0 A  interface=wlan1 radio-name="{home}" mac-address=00:11 ap=no\n'
        "      signal-strength=-68dBm@6Mbps signal-to-noise=30dB\n",
    }


@pytest.mark.parametrize("form", stations(""))
def test_stations_of_access_points_stand_at_the_homes_of_their_names(write: Write, form: str) -> None:
    plan = village()
    home = next(iter(plan.households.values()))
    path = write(stations(home.name or home.id)[form])
    found = import_file(plan, path, "measurements", choices=Choices(fill={"freq_mhz": "5500", "site": "hill"}))
    (one,) = found.things
    assert (one.latitude, one.longitude, one.level_dbm) == (home.latitude, home.longitude, -68.0)
    assert any("rx_gain_dbi" in str(warning) for warning in found.warnings)


def test_a_station_hangs_as_high_as_its_roof_and_may_be_a_school(write: Write) -> None:
    """A level of a roof taken for one of a hand would say that the whole place is stronger than it is."""
    plan = edits.put(
        village(), [PublicPlace("sch", "Escuela", -1.4, 36.52), Household("own", "", -1.41, 36.5, 1.0, 9.0)]
    )
    plan = replace(plan.plan, demand=replace(plan.plan.demand, antenna_height_m=6.5))
    home = next(one for one in plan.households.values() if one.antenna_height_m is None)
    path = write(json.dumps([{"name": name, "signal": -70 - n} for n, name in enumerate((home.id, "escuela", "own"))]))
    found = import_file(plan, path, "measurements", choices=Choices(fill={"freq_mhz": "5500", "site": "hill"})).things
    assert [one.height_m for one in found] == [6.5, 6.5, 9.0]
    assert (found[1].latitude, found[1].longitude) == (-1.4, 36.52)


@pytest.mark.parametrize(
    ("form", "level"),
    [
        (' 0 A ;;; Mama Asha\n     radio-name="4C5E" signal-strength=-68dBm@6Mbps\n 1 A ;;; b=1\n', -68.0),
        (" 0 A comment=Mama Asha interface=wlan1 mac-address=00:11 signal-strength=-68dBm@6Mbps\n", -68.0),
        (" 0 A radio-name=Mama Asha mac-address=00:11 tx-signal-strength=-66 signal-strength=-68dBm\n", -66.0),
        (' 0 A  ;;; Mama Asha\n      interface=wifi1 ssid="x y" mac-address=00:11 uptime=1h signal=-67\n', -67.0),
        (' 0 interface=cap1 comment="Mama Asha" mac-address=00:11 tx-signal=-64 rx-signal=-69\n', -64.0),
    ],
)  # fmt: skip
def test_names_of_several_words_of_each_kind_of_router_list(write: Write, form: str, level: float) -> None:
    plan = edits.put(village(), [Household("asha", "Mama Asha", -1.41, 36.5)]).plan
    fill = Choices(fill={"freq_mhz": "5500", "site": "hill"}, skip_bad=True)
    (one,) = import_file(plan, write(form), "measurements", choices=fill).things
    assert (one.latitude, one.level_dbm) == (-1.41, level)


def test_a_table_in_which_somebody_wrote_of_a_signal_is_no_router_list(write: Write) -> None:
    path = write("lat,lon,freq,rssi,note\n-1.4,36.5,5500,-80,poor signal=rain\n")
    (one,) = import_file(village(), path, "measurements").things
    assert one.note == "poor signal=rain"


def test_a_station_that_no_home_is_called_after_is_named(write: Write) -> None:
    path = write(stations("nobody")["airos"])
    with pytest.raises(InputError, match="called nobody"):
        import_file(village(), path, "measurements", choices=Choices(fill={"freq_mhz": "5500"}))


def test_a_list_whose_values_are_no_words_or_numbers_is_refused_in_words(write: Write) -> None:
    home = next(iter(village().households.values()))
    odd = [{"name": home.name or home.id, "signal": [1]}, {"name": {"a": 1}, "signal": -70}]
    with pytest.raises(InputError, match="2 rows cannot be used"):
        import_file(village(), write(json.dumps(odd)), "measurements", choices=Choices(fill={"freq_mhz": "5500"}))
