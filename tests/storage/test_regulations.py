"""The law by country: what a village would miss if the program allowed too much, or guessed where it does not know."""

from __future__ import annotations

import json
import math
import re
from typing import TYPE_CHECKING

import pytest

from cn_planner import paths
from cn_planner.errors import FileError, InputError
from cn_planner.model.equipment import Task
from cn_planner.model.regulations import source_words
from cn_planner.storage.catalogue import load_catalogue
from cn_planner.storage.regulations import load_country_rules, read_rules

if TYPE_CHECKING:
    from pathlib import Path


def test_spain_limits_5_ghz_outdoors_and_wants_radar_detection() -> None:
    rules = load_country_rules("ES")
    assert rules is not None
    limit = rules.limit(5560.0, 20.0)
    assert limit is not None
    assert limit.limit_dbm == pytest.approx(26.99, abs=0.01)  # 500 mW
    assert limit.eirp
    assert limit.dfs
    assert not limit.indoor_only
    indoors = rules.limit(5200.0, 20.0)
    assert indoors is not None
    assert indoors.indoor_only


def test_uganda_has_its_own_limits_in_either_case() -> None:
    rules = load_country_rules("ug")
    assert rules is not None
    assert rules.country == "UG"
    upper = rules.limit(5785.0, 20.0)
    assert upper is not None
    assert upper.limit_dbm == 30.0
    assert upper.source is not None
    assert upper.source.date == "2026-05-30"


@pytest.mark.parametrize("country", ["", "00", "XX", "SS", "Spain"])
def test_a_country_without_an_entry_is_unknown(country: str) -> None:
    assert load_country_rules(country) is None


def test_a_channel_across_two_limits_or_too_wide_is_not_allowed() -> None:
    rules = load_country_rules("US")
    assert rules is not None
    assert rules.limit(5470.0, 20.0) is None  # half below the band
    assert rules.limit(903.0, 1.0) is not None
    assert rules.limit(924.0, 8.0) is not None
    assert rules.limit(912.0, 16.0) is not None
    assert rules.limit(5500.0, 320.0) is None


def test_all_of_the_database_is_there_but_the_world_default(shared_data: Path) -> None:
    text = (shared_data / "regulatory" / "db.txt").read_text(encoding="utf-8")
    countries = {line.split()[1].rstrip(":") for line in text.splitlines() if line.startswith("country ")}
    rules = read_rules(paths.resources() / "rules")
    assert set(rules) == countries - {"00"}
    rows = [row.split("#")[0].strip() for row in text.splitlines()]
    world = text.split("country 00:")[1].split("country AD")[0]
    sent = sum(row.startswith("(") and "NO-IR" not in row and "NO-OFDM" not in row for row in rows)
    sent -= sum(row.strip().startswith("(") and "NO-IR" not in row for row in world.splitlines())
    file = json.loads((paths.resources() / "rules" / "wireless-regdb.json").read_text(encoding="utf-8"))
    assert sum(len(rows) for rows in file["countries"].values()) == sent


_ROW = re.compile(
    r"\((?P<low>[\d.]+) - (?P<high>[\d.]+) @ ?(?P<width>[\d.]+)\), \((?P<power>[\d.]+)(?P<mw> ?mW)?\)(?P<rest>.*)"
)


def test_every_limit_of_the_database_is_the_one_of_its_text(shared_data: Path) -> None:
    """Each of the limits is read from the text again, by other means than those that made the file."""
    text = (shared_data / "regulatory" / "db.txt").read_text(encoding="utf-8")
    file = json.loads((paths.resources() / "rules" / "wireless-regdb.json").read_text(encoding="utf-8"))
    country, found = "", {}
    for line in text.splitlines():
        row = line.split("#")[0].strip()
        if row.startswith("country "):
            country = row.split()[1].rstrip(":")
            found[country] = []
        elif row.startswith("(") and "NO-IR" not in row and "NO-OFDM" not in row:
            one = _ROW.fullmatch(row)
            assert one is not None, row
            power = float(one["power"])
            dbm = 10.0 * math.log10(power) if one["mw"] else power
            words = one["rest"].replace(",", " ").split()
            found[country].append(
                (float(one["low"]), float(one["high"]), float(one["width"]), round(dbm, 2), "DFS" in words,
                 "NO-OUTDOOR" in words)
            )  # fmt: skip
    del found["00"]
    names = ("low_mhz", "high_mhz", "max_width_mhz", "limit_dbm", "dfs", "indoor_only")
    kept = {key: [tuple(one[name] for name in names) for one in rows] for key, rows in file["countries"].items()}
    assert len(kept) == 181
    assert kept == found
    assert all(one["eirp"] for rows in file["countries"].values() for one in rows)


def test_the_kits_are_legal_outdoors_in_the_places_that_we_show() -> None:
    # 5 GHz is open in all of them; of the other bands a regulator's text was read for one country each.
    read_for = {
        "forest-link-tvws": ("US",), "sensor-gateway-lora": ("ES",), "sensor-lora": ("ES",),
        "forest-link-900mhz": ("US",), "forest-sector-900mhz": ("US",), "forest-home-900mhz": ("US",),
        "halow-sector-900mhz": ("US",), "halow-home-900mhz": ("US",), "short-fast-24ghz": ("NL",),
        "licensed-link-3ghz": (),  # for who holds a licence: own limits say what it allows
    }  # fmt: skip
    for kit in load_catalogue().kits.values():
        for country in read_for.get(kit.id, ("ES", "UG", "ZA", "US")):
            rules = load_country_rules(country)
            assert rules is not None
            limit = rules.limit(kit.freq_mhz, kit.width_mhz)
            assert limit is not None, (kit.id, country)
            assert not limit.indoor_only


def entry(**changes: object) -> str:
    limit: dict[str, object] = {
        "low_mhz": 5470.0,
        "high_mhz": 5725.0,
        "max_width_mhz": 160.0,
        "limit_dbm": 30.0,
        "eirp": False,
        "dfs": True,
        "indoor_only": False,
    }
    return json.dumps(
        {"source": {"title": "T", "publisher": "P", "date": "2026-01-01"}, "countries": {"ES": [limit | changes]}}
    )


@pytest.mark.parametrize(
    "text",
    [
        "",
        "[]",
        entry()[:-4],
        entry(low_mhz=6000.0),
        entry(limit_dbm=500.0),
        entry(limit_dbm="30"),
        entry(max_width_mhz=0.0),
        entry().replace('"ES"', '"Spain"'),
    ],
)
def test_a_slip_in_a_file_of_rules_is_named(tmp_path: Path, text: str) -> None:
    (tmp_path / "a.json").write_text(text, encoding="utf-8")
    with pytest.raises(InputError) as caught:
        read_rules(tmp_path)
    assert caught.value.where.startswith("a.json")


def test_a_file_that_comes_first_holds_and_says_conducted(tmp_path: Path) -> None:
    (tmp_path / "a.json").write_text(entry(), encoding="utf-8")
    (tmp_path / "b.json").write_text(entry(limit_dbm=27.0, eirp=True), encoding="utf-8")
    (limit,) = read_rules(tmp_path)["ES"].limits
    assert (limit.limit_dbm, limit.eirp) == (30.0, False)


def test_missing_rules_are_said(tmp_path: Path) -> None:
    with pytest.raises(FileError):
        read_rules(tmp_path)


def test_texts_of_regulators_go_before_the_database_and_say_conducted() -> None:
    rules = load_country_rules("US")
    assert rules is not None
    link = rules.limit(2440.0, 20.0, gain_dbi=24.0, task=Task.BACKHAUL, outdoors=True)
    home = rules.limit(2440.0, 20.0, gain_dbi=24.0, task=Task.CLIENT, outdoors=True)
    assert link is not None
    assert home is not None
    # 1 W, less by 1 dB for every 3 dB over 6 dBi between two points; by all of it else.
    assert link.eirp_dbm(24.0, 20.0) == pytest.approx(48.0)
    assert home.eirp_dbm(24.0, 20.0) == pytest.approx(36.0)
    assert not link.eirp
    assert "47 CFR 15.247" in source_words(link, rules)
    other = rules.limit(6000.0, 20.0)
    assert other is None or "regdb" in source_words(other, rules)
    assert rules.contradictions


def test_radar_bands_of_the_usa_are_conducted_and_narrow_channels_get_less() -> None:
    rules = load_country_rules("US")
    assert rules is not None
    for low in (5300.0, 5560.0):
        limit = rules.limit(low, 20.0, gain_dbi=16.0, task=Task.ACCESS, outdoors=True)
        assert limit is not None
        assert limit.dfs
        assert not limit.eirp
        assert limit.eirp_dbm(16.0, 20.0) == pytest.approx(29.98, abs=0.01)  # 250 mW and 6 dBi
        assert limit.eirp_dbm(16.0, 10.0) == pytest.approx(27.0)  # 11 dBm in 1 MHz


def test_dishes_between_two_points_may_radiate_more_at_60_ghz_in_the_usa() -> None:
    rules = load_country_rules("US")
    assert rules is not None
    most = {}
    for task, gain in ((Task.BACKHAUL, 38.0), (Task.BACKHAUL, 20.0), (Task.CLIENT, 38.0)):
        limit = rules.limit(60_480.0, 2160.0, gain_dbi=gain, task=task, outdoors=True)
        assert limit is not None
        most[task, gain] = limit.eirp_dbm(gain, 2160.0)
    # 82 dBm less 2 dB for each dB under 51 dBi, never under 40 dBm.
    assert most == {(Task.BACKHAUL, 38.0): 56.0, (Task.BACKHAUL, 20.0): 40.0, (Task.CLIENT, 38.0): 40.0}


def test_24_ghz_in_the_netherlands_is_100_mw() -> None:
    rules = load_country_rules("NL")
    assert rules is not None
    limit = rules.limit(24_125.0, 100.0, gain_dbi=33.0, task=Task.BACKHAUL, outdoors=True)
    assert limit is not None
    assert limit.eirp_dbm(33.0, 100.0) == 20.0


def test_a_home_may_send_less_than_the_access_point_that_it_speaks_to() -> None:
    rules = load_country_rules("US")
    assert rules is not None
    most = {}
    for task in Task:
        limit = rules.limit(5200.0, 20.0, gain_dbi=16.0, task=task, outdoors=True)
        assert limit is not None
        most[task] = round(limit.eirp_dbm(16.0, 20.0), 1)
    assert most == {Task.ACCESS: 36.0, Task.CLIENT: 30.0, Task.BACKHAUL: 46.0}


@pytest.mark.parametrize(
    ("country", "freq_mhz", "dbm", "duty_pct"),
    [("NL", 868.3, 16.13, 1.0), ("NL", 864.0, 16.13, 0.1), ("NL", 869.525, 29.14, 10.0), ("NL", 433.9, 12.15, 10.0),
]
)  # fmt: skip
def test_lora_by_its_parts_of_the_band(country: str, freq_mhz: float, dbm: float, duty_pct: float) -> None:
    rules = load_country_rules(country)
    assert rules is not None
    limit = rules.limit(freq_mhz, 0.125, outdoors=True)
    assert limit is not None
    assert (limit.limit_dbm, limit.duty_pct, limit.eirp) == (dbm, duty_pct, True)
    assert rules.limit(868.65, 0.125, outdoors=True) is None  # between two parts: for alarms


def test_white_space_and_lora_have_their_conditions() -> None:
    us, es = load_country_rules("US"), load_country_rules("ES")
    assert us is not None
    assert es is not None
    tv = us.limit(600.0, 6.0, outdoors=True)
    assert tv is not None
    assert tv.database
    duties = {one.duty_pct for f in (868.3, 868.9, 869.5) if (one := es.limit(f, 0.125)) is not None}
    assert duties == {1.0, 0.1, 10.0}


def test_every_limit_names_a_text_and_its_date() -> None:
    for rules in read_rules(paths.resources() / "rules").values():
        for limit in rules.limits:
            assert limit.source is not None
            assert limit.source.title
            assert limit.source.date or limit.source.day
